"""The webhook's signature and body, against the scheme's own vector and library."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from watcher.delivery.webhook import envelope, signed, signer
from watcher.model.delivery import Delivery, DeliveryId, MessageType
from watcher.model.errors import ConfigurationError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(bytes(range(32))).decode()
AT = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)


def _delivery(body: dict[str, Any]) -> Delivery:
    return Delivery(DeliveryId("msg_1"), "hook", MessageType.BREAKING_CHANGE, "kafka://prod/orders", body, AT)


def test_the_schemes_vector_holds() -> None:
    """The published example of Standard Webhooks comes out to the byte."""
    at = dt.datetime.fromtimestamp(1614265330, dt.UTC)
    headers = signed([signer(SECRET)], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_time_in_another_zone_is_the_same_time() -> None:
    """The library takes a time's face for UTC: what it is given is turned to UTC before."""
    at = dt.datetime.fromtimestamp(1614265330, dt.timezone(dt.timedelta(hours=9)))

    assert signed([signer(SECRET)], "m", at, b"{}")["webhook-timestamp"] == "1614265330"


def test_each_secret_signs_while_one_is_rotated() -> None:
    """A receiver that holds the old secret or the new one verifies the same request."""
    body = b'{"data":{}}'
    headers = signed([signer(OTHER), signer(SECRET)], "msg_1", dt.datetime.now(dt.UTC), body)

    assert headers["webhook-signature"].count("v1,") == 2
    assert Webhook(SECRET).verify(body, headers) == {"data": {}}
    assert Webhook(OTHER).verify(body, headers) == {"data": {}}


def test_the_body_is_type_time_of_the_event_and_data() -> None:
    """The timestamp is the event's own time, not the attempt's."""
    body = {"at": "2026-08-01T11:59:00.000Z", "dataset": "kafka://prod/orders"}

    assert json.loads(envelope(_delivery(body))) == {
        "type": "breaking_change.detected",
        "timestamp": "2026-08-01T11:59:00.000Z",
        "data": body,
    }


@pytest.mark.parametrize("text", ["Größe, 価格", "half a pair: \ud800", "\u2028", 10**40])
def test_any_text_survives(text: object) -> None:
    """Whatever a schema's text holds is signed, sent and read back as it was."""
    body = envelope(_delivery({"value": text}))
    headers = signed([signer(SECRET)], "msg_1", dt.datetime.now(dt.UTC), body)

    assert Webhook(SECRET).verify(body, headers)["data"] == {"value": text}


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_c2hvcnQ=",
        "plain words",
        "whsk_" + SECRET[6:],
        "whsec_" + "A" * 200,
        "whsec_Mf*Q9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ],
)
def test_a_secret_that_is_none_is_refused_unquoted(secret: str) -> None:
    """A short, long, asymmetric or mistyped secret is a configuration error that never repeats it."""
    with pytest.raises(ConfigurationError) as caught:
        signer(secret)

    assert not secret[6:] or secret[6:] not in str(caught.value)


def test_missing_padding_is_tolerated() -> None:
    """Secrets are often copied without their padding."""
    key = base64.b64encode(b"k" * 25).decode()
    at = dt.datetime.now(dt.UTC)

    assert signed([signer(key.rstrip("="))], "m", at, b"{}") == signed([signer("whsec_" + key)], "m", at, b"{}")
