"""Replies: what an HTTP receiver's status means for a delivery. Pure; shared by every channel that speaks HTTP.

Only 2xx is success. A redirect is not followed: a signed message goes where it was configured to go, or nowhere. 410
says that the receiver is gone for good. 400, 413, 415 and 422 judge the message itself: that is believed only after
several tries over some hours, since a receiver under repair says it too; it is believed then, because the message holds
up whatever follows it about the same dataset. (A service that asks in so many words not to try again is believed at
once, in its own file.) Everything else may be mended at the receiver's side (a wrong token, a
route not deployed yet, an overload) and is tried until the schedule ends: a dead letter too early is news lost.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from collections.abc import Mapping
from dataclasses import dataclass

from watcher.model.delivery import Answer, Delivered, Delivery, Postponed, Refused

LONGEST_WAIT = dt.timedelta(hours=24)
"""A receiver may ask for so much patience and no more: a wrong clock on its side must not silence us for a year."""

PATIENCE = 6
"""The attempt at which a judgement on the message itself is believed: the sixth, some two and a half hours in."""

_SNIPPET = 200
_JUDGES_THE_MESSAGE = {400, 413, 415, 422}
_GONE = 410
_SECRET = re.compile(r"(?i)\b(whsec_|whsk_|bearer\s+|basic\s+|token[=:\s]+)[A-Za-z0-9+/=._~-]{6,}")
_MASKED = re.compile(r"(?i)authorization|cookie|signature|token|secret|password|api-?key|webhook-signature")


@dataclass(frozen=True, slots=True)
class Reply:
    """What an HTTP receiver said: status, headers by lower-case name, and the beginning of its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    complete: bool = True
    """Whether `body` is all of it."""


def answer(reply: Reply, delivery: Delivery, now: dt.datetime) -> Answer:
    """What becomes of a delivery that got this reply."""
    status = reply.status
    if 200 <= status < 300:
        return Delivered(f"HTTP {status}")
    if 300 <= status < 400:
        return Postponed(f"HTTP {status}: a redirect, which is not followed; configure the address that it names")
    reason = f"HTTP {status}{_said(reply.body)}"
    if status == _GONE:
        return Refused(f"{reason}; the receiver is gone for good", stale=True)
    if status in _JUDGES_THE_MESSAGE and delivery.attempts + 1 >= PATIENCE:
        return Refused(f"{reason}; said {PATIENCE} times, so it is about this message")
    return Postponed(reason, retry_after(reply.headers.get("retry-after"), now))


def retry_after(value: str | None, now: dt.datetime) -> dt.timedelta | None:
    """The receiver's wish (seconds, or a date of HTTP), between zero and LONGEST_WAIT; None where it cannot be read."""
    if value is None:
        return None
    text = value.strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        wait = dt.timedelta(seconds=min(float(text), LONGEST_WAIT.total_seconds()))
    else:
        try:
            until = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = (until if until.tzinfo else until.replace(tzinfo=dt.UTC)) - now
    return min(max(wait, dt.timedelta(0)), LONGEST_WAIT)


def _said(body: bytes) -> str:
    """The beginning of a body as one printable line, for people who look for the cause."""
    text = " ".join(body[: 4 * _SNIPPET].decode(errors="replace").split())
    text = "".join(character for character in text if character.isprintable())[:_SNIPPET]
    return f": {redacted(text)}" if text else ""


def redacted(text: str) -> str:
    """The text without what looks like a credential: a receiver may echo what it was sent."""
    return _SECRET.sub(lambda match: f"{match[1]}***", text)


def redacted_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers as they may be logged."""
    return {name: "***" if _MASKED.search(name) else redacted(value) for name, value in headers.items()}
