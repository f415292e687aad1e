"""Webhook: a message to any HTTP receiver, signed as Standard Webhooks 1.0 by the scheme's own library.

Headers `webhook-id` (the delivery's id, the same over all tries), `webhook-timestamp` (of this try) and
`webhook-signature` (one signature a secret, so that a receiver may hold the old or the new one while it is rotated).
The body is `{"type", "timestamp", "data"}`; what is sent are the very bytes that were signed.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import replace

from standardwebhooks.webhooks import Webhook

from watcher.delivery.api import Credential
from watcher.delivery.http import HttpDoor, check_url
from watcher.delivery.posted import secret_parts
from watcher.delivery.replies import answer
from watcher.model.delivery import Answer, Delivery, Postponed
from watcher.model.errors import ConfigurationError, Transient
from watcher.ports import Clock


class WebhookChannel:
    """One endpoint of one receiver. Secrets are the texts themselves (`whsec_` and base64), the newest first."""

    def __init__(
        self, door: HttpDoor, clock: Clock, url: str, secrets: Sequence[str], *, timeout: float = 15.0
    ) -> None:
        check_url(url)
        if not secrets:
            raise ConfigurationError("a webhook needs at least one secret: its receiver could not tell us from others")
        self._door = door
        self._clock = clock
        self._url = url
        self._signers = [signer(secret) for secret in secrets]
        self._hidden = Credential({}, [*secret_parts(url), *(one.removeprefix("whsec_") for one in secrets)])
        self._timeout = timeout

    async def send(self, delivery: Delivery) -> Answer:
        """Bring one delivery to its receiver, once."""
        now = self._clock.now()
        body = envelope(delivery)
        headers = {"content-type": "application/json", **signed(self._signers, delivery.id, now, body)}
        try:
            reply = await self._door.request("POST", self._url, headers=headers, content=body, total=self._timeout)
        except Transient as error:
            return Postponed(str(error))
        # An address may be a credential, too, and receivers quote it: "no such path".
        words = self._hidden.scrubbed(reply.body.decode(errors="replace")).encode(errors="replace")
        return answer(replace(reply, body=words), delivery, self._clock.now())


def envelope(delivery: Delivery) -> bytes:
    """The body: type, time of the event itself, data."""
    at = delivery.body.get("at") or delivery.created_at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    document = {"type": delivery.type.value, "timestamp": at, "data": delivery.body}
    # Half a surrogate pair, legal in JSON's escapes, is none in UTF-8: it goes out as the escape that it was.
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")


def signed(signers: Sequence[Webhook], message: str, at: dt.datetime, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks over exactly these bytes."""
    utc = at.astimezone(dt.UTC)  # the library takes any time's face for UTC
    text = body.decode()
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(utc.timestamp())),
        "webhook-signature": " ".join(one.sign(msg_id=message, timestamp=utc, data=text) for one in signers),
    }


def signer(secret: str) -> Webhook:
    """What signs with a secret; raises ConfigurationError, which never quotes it."""
    if re.match(r"wh[sp]k_", secret):
        raise ConfigurationError("a webhook's secret is an asymmetric key: give a shared one, whsec_ and base64")
    text = secret.removeprefix("whsec_").rstrip("=")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not 24 <= len(key) <= 64:
        raise ConfigurationError(
            "a webhook's secret is not whsec_ and the base64 of 24 to 64 random bytes: "
            "make one with python -c 'import base64, os; print(\"whsec_\" + base64.b64encode(os.urandom(32)).decode())'"
        )
    return Webhook(key)
