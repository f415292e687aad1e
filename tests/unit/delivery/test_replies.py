"""What a receiver's status means for a delivery."""

from __future__ import annotations

import datetime as dt
import email.utils

import pytest

from watcher.delivery.replies import LONGEST_WAIT, PATIENCE, Reply, answer, redacted, redacted_headers, retry_after
from watcher.model.delivery import Delivered, Delivery, DeliveryId, MessageType, Postponed, Refused

NOW = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)


def _delivery(attempts: int = 0) -> Delivery:
    return Delivery(DeliveryId("msg_1"), "hook", MessageType.TICKET_OPENED, "kafka://prod/orders", {}, NOW, attempts)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_only_2xx_is_success(status: int) -> None:
    """Any 2xx says that the receiver has it."""
    assert isinstance(answer(Reply(status, {}), _delivery(), NOW), Delivered)


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308])
def test_a_redirect_is_a_failure_that_may_pass(status: int) -> None:
    """A redirect is not followed, and says so."""
    told = answer(Reply(status, {"location": "https://elsewhere.example/secret"}), _delivery(), NOW)

    assert isinstance(told, Postponed)
    assert "not followed" in told.reason
    assert "elsewhere" not in told.reason


def test_410_is_final() -> None:
    """410 Gone says that the receiver will never be back: the address is stale."""
    told = answer(Reply(410, {}), _delivery(), NOW)
    assert isinstance(told, Refused)
    assert told.stale


@pytest.mark.parametrize("status", [401, 403, 404, 405, 408, 425, 429, 500, 502, 503, 504, 599])
@pytest.mark.parametrize("attempts", [0, PATIENCE + 3])
def test_what_may_be_mended_is_tried_to_the_end(status: int, attempts: int) -> None:
    """A wrong token, a missing route, an overload: none of them ever makes a dead letter before the schedule ends."""
    assert isinstance(answer(Reply(status, {}), _delivery(attempts), NOW), Postponed)


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_judgement_on_the_message_is_believed_at_last(status: int) -> None:
    """A receiver that calls the message wrong is asked again for a while, then believed."""
    assert isinstance(answer(Reply(status, {}), _delivery(PATIENCE - 2), NOW), Postponed)
    assert isinstance(answer(Reply(status, {}), _delivery(PATIENCE - 1), NOW), Refused)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 120 ", 120),
        ("0", 0),
        ("99999999", LONGEST_WAIT.total_seconds()),
        (email.utils.format_datetime(NOW + dt.timedelta(seconds=90), usegmt=True), 90),
        (email.utils.format_datetime(NOW - dt.timedelta(hours=1), usegmt=True), 0),
        (email.utils.format_datetime(NOW + dt.timedelta(days=400), usegmt=True), LONGEST_WAIT.total_seconds()),
    ],
)
def test_retry_after_is_read_in_both_forms_and_capped(value: str, seconds: float) -> None:
    """Seconds or a date of HTTP; never negative, never beyond a day."""
    assert retry_after(value, NOW) == dt.timedelta(seconds=seconds)


@pytest.mark.parametrize("value", [None, "", "soon", "-5", "Fri, 99 Foo 2026", "1e9", "٣"])
def test_an_unreadable_retry_after_is_no_wish(value: str | None) -> None:
    """What cannot be read is as if it had not been said."""
    assert retry_after(value, NOW) is None


def test_an_overloaded_receivers_wish_is_passed_on() -> None:
    """429 and 503 carry their Retry-After."""
    for status in (429, 503):
        told = answer(Reply(status, {"retry-after": "33"}), _delivery(), NOW)

        assert told == Postponed(f"HTTP {status}", dt.timedelta(seconds=33))


def test_the_reason_quotes_a_bounded_printable_beginning() -> None:
    """A page of HTML, control characters and an echoed credential do not get into the ledger."""
    body = b"\x1b[31mno\r\n\x00way whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw " + b"x" * 10_000
    told = answer(Reply(500, {}, body), _delivery(), NOW)

    assert isinstance(told, Postponed)
    assert len(told.reason) < 300
    assert "MfKQ" not in told.reason
    assert told.reason.isprintable()


def test_headers_are_logged_without_credentials() -> None:
    """Names that carry credentials are masked, whatever their case."""
    shown = redacted_headers({"Authorization": "Basic abc", "set-cookie": "s=1", "X-Api-Key": "k", "server": "nginx"})

    assert shown == {"Authorization": "***", "set-cookie": "***", "X-Api-Key": "***", "server": "nginx"}
    assert redacted("Authorization: Bearer abcdefgh123") == "Authorization: Bearer ***"
