"""Who sent it: signatures over the raw bytes and shared secrets, compared in constant time, any of several secrets.

A message is read only after it has been verified; what is refused says nothing of why it does not fit.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qs

from watcher.web.hooks.wish import HookRequest, HookSource, Refuse

TOKEN = "x-watcher-token"  # noqa: S105 - a header's name
"""The header for services that sign nothing and can send one of our choice."""

_MOST_SIGNATURES = 10
_WRONG = "the signature does not fit this body and any of the secrets: is the same secret set on both sides?"


def digest(request: HookRequest) -> str:
    """An id of the message by its own bytes: where an id in a header is not signed, this is what cannot be changed."""
    return "sha256:" + hashlib.sha256(request.body).hexdigest()


def ids(request: HookRequest, *headers: str) -> tuple[str, ...]:
    """The ids of a message: the one that stays the same over its retries, and that of its bytes."""
    named = [found[:200] for one in headers if (found := request.headers.get(one, "").strip())]
    return (*named, digest(request))


def hex_signed(  # noqa: PLR0913 - how one scheme differs from the next
    request: HookRequest, source: HookSource, header: str, prefix: str = "", *, before: str = "", several: bool = False
) -> None:
    """Raises Refuse unless the header holds the hex HMAC-SHA256 of `before` and the body; `several`: any of a list."""
    written = request.headers.get(header, "")
    if not written:
        raise Refuse(401, f"it is not signed: the header {header} is missing")
    given = [one.strip() for one in written.split(",")[:_MOST_SIGNATURES]] if several else [written.strip()]
    signed = [one.removeprefix(prefix) for one in given if one.startswith(prefix)]
    message = before.encode() + request.body
    expected = [hmac.new(_key(one), message, hashlib.sha256).hexdigest() for one in source.secrets]
    if not _any_same(signed, expected):
        raise Refuse(401, _WRONG)


def standard(request: HookRequest, source: HookSource, *, tolerance: dt.timedelta = dt.timedelta(minutes=5)) -> None:
    """Raises Refuse unless it is signed as Standard Webhooks 1.0, now."""
    headers = request.headers
    name, at, written = (headers.get(f"webhook-{one}", "") for one in ("id", "timestamp", "signature"))
    if not (name and at and written):
        raise Refuse(401, "it is not signed: webhook-id, webhook-timestamp and webhook-signature belong together")
    recent(seconds(at), request.received_at, tolerance)
    given = [one.removeprefix("v1,") for one in written.split(" ")[:_MOST_SIGNATURES] if one.startswith("v1,")]
    message = f"{name}.{at}.".encode(errors="backslashreplace") + request.body
    keys = [key for one in source.secrets if (key := _decoded(one))]
    expected = [base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode() for key in keys]
    if not _any_same(given, expected):
        raise Refuse(401, _WRONG)


def shared(request: HookRequest, source: HookSource, *headers: str) -> None:
    """Raises Refuse unless the secret itself came with it: in a header, as Basic's password, a bearer, or `?token=`."""
    given = [request.headers.get(one, "") for one in (*headers, TOKEN)]
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        given.append(rest.strip())
    if scheme.lower() == "basic":
        given.append(_password(rest))
    given.append(request.query.get("token", ""))
    given = [one for one in given if one]
    if not given:
        raise Refuse(401, f"it does not say the secret: send it as the header {TOKEN}, or as Basic's password")
    if not _any_same(given, source.secrets):
        raise Refuse(401, "the secret that it says is none of ours: is the same one set on both sides?")


def recent(at: dt.datetime | None, now: dt.datetime, tolerance: dt.timedelta) -> None:
    """Raises Refuse unless the moment is now, within the tolerance."""
    if at is None:
        raise Refuse(401, "it does not say when it was sent")
    if abs(now - at) > tolerance:
        apart = int((now - at).total_seconds())
        raise Refuse(
            401, f"it was sent {apart} s ago by its own clock: set the clocks, or it is an old one played again"
        )


def seconds(written: str) -> dt.datetime | None:
    """A moment in seconds since the epoch, as a header has it."""
    if not (written.isascii() and written.isdigit() and len(written) <= 11):
        return None
    return dt.datetime.fromtimestamp(int(written), dt.UTC)


def document(body: bytes | str) -> dict[str, Any]:
    """The body's JSON object; raises Refuse where it is none."""
    try:
        found = json.loads(body.decode() if isinstance(body, bytes) else body)
    except (ValueError, RecursionError):
        raise Refuse(400, "the body is no JSON that can be read") from None
    if not isinstance(found, dict):
        raise Refuse(400, "the body is no JSON object")
    return found


def form(request: HookRequest) -> dict[str, str]:
    """The fields of a form; raises Refuse where it is none."""
    try:
        fields = parse_qs(request.body.decode(), max_num_fields=50)
    except ValueError:
        raise Refuse(400, "the body is no form that can be read") from None
    return {key: values[0] for key, values in fields.items()}


def _any_same(given: Sequence[str], expected: Iterable[str]) -> bool:
    # All are compared, in constant time each: neither which fits nor how far one fits can be told from the time taken.
    same = [hmac.compare_digest(_key(one), _key(other)) for other in expected for one in given]
    return any(same)


def _key(words: str) -> bytes:
    return words.encode(errors="backslashreplace")


def _decoded(secret: str) -> bytes | None:
    text = secret.removeprefix("whsec_").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _password(written: str) -> str:
    try:
        return base64.b64decode(written.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
