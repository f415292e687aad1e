"""What a service's message is read into: wishes, a challenge to answer, or none of our business; or it is refused.

A message comes from outside. Its members are taken out by `dig`, `text` and `moment`, which give nothing where there is
nothing of that kind: a service that changes its fields makes a message that is passed over, never a fault.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from watcher.handlers.ticketing.wishes import Wish, Wishes
from watcher.model.errors import ConfigurationError
from watcher.model.ticket import TicketState, Verb

OLDEST = dt.timedelta(days=7)
"""A message about something older is refused: what was taken is remembered for longer, so none can be played again."""

AHEAD = dt.timedelta(minutes=10)
"""So far a service's clock may be ahead of ours."""

_VERBS = {
    TicketState.RESOLVED: Verb.RESOLVE,
    TicketState.IN_PROGRESS: Verb.START,
    TicketState.ACKNOWLEDGED: Verb.ACKNOWLEDGE,
    TicketState.OPEN: Verb.REOPEN,
}
"""What it means to be set to a state; where one name stands for several of ours, the first counts."""

_LONGEST = 8_000
_LARGEST = 10**30
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One request as it came: header names in lower case, the body as the bytes that were sent."""

    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str]
    received_at: dt.datetime


@dataclass(frozen=True, slots=True)
class HookSource:
    """What must be known of a channel to read its messages.

    `kind` is the service; any of `secrets` may have signed, so that one can be replaced. `own` is who we are there:
    where it is not said, whoever makes our items. `states` are the service's names by ours, where the channel has any.
    """

    kind: str
    secrets: tuple[str, ...] = field(repr=False)
    own: frozenset[str] = frozenset()
    states: Mapping[str, str] = field(default_factory=dict)

    def verb_for(self, name: str) -> Verb | None:
        """What it means that an item is set to a state of this name; None where the settings do not say it."""
        meant = {ours for ours, theirs in self.states.items() if theirs.casefold() == name.casefold()}
        return next((verb for state, verb in _VERBS.items() if state in meant), None)

    def __post_init__(self) -> None:
        if not all(one.strip() for one in self.secrets):
            raise ConfigurationError("a hook's secret is empty: anybody could sign with it")


@dataclass(frozen=True, slots=True)
class Challenge:
    """The service only asks whether we are here: it is given this answer, and nothing is done."""

    answer: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ignored:
    """The message is in order, and none of our business."""

    reason: str


Reading: TypeAlias = Wishes | Challenge | Ignored
Read: TypeAlias = Callable[[HookRequest, HookSource], Reading]
"""One service's language. Raises Refuse, and nothing else, whatever it is given."""


class Refuse(Exception):  # noqa: N818 - it says what is done with the message
    """The message is not taken; `reason` never quotes it, nor a secret."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def wishes(
    request: HookRequest, ids: tuple[str, ...], *said: Wish | None, reply_to: str | None = None
) -> Wishes | Ignored:
    """A message's wishes; raises Refuse where what they are about is long ago."""
    wished = tuple(_timely(one, request.received_at) for one in said if one is not None)
    for one in wished:
        if one.at is not None and request.received_at - one.at > OLDEST:
            days = (request.received_at - one.at).days
            raise Refuse(401, f"too old: it happened {days} days ago; if it is not, set this machine's clock")
    if not wished:
        return Ignored("nothing in it is for a ticket, or the watcher wrote it itself")
    return Wishes(ids, wished, reply_to)


def _timely(wish: Wish, now: dt.datetime) -> Wish:
    """The wish; where it comes from the future it counts as said now, or all that follows would be older than it."""
    ahead = wish.at is not None and wish.at - now > AHEAD
    return replace(wish, at=now) if ahead else wish


def dig(document: Any, *path: str | int) -> Any:
    """What stands at a path; None where nothing does."""
    for step in path:
        if isinstance(step, str):
            document = document.get(step) if isinstance(document, dict) else None
        else:
            document = document[step] if isinstance(document, list) and len(document) > step else None
    return document


def text(document: Any, *path: str | int) -> str:
    """The text or whole number that stands at a path, fit to be shown; empty where there is none."""
    return shown(dig(document, *path))


def shown(found: Any) -> str:
    """A text or whole number, bounded, without characters that steer a terminal or turn the reading direction."""
    if isinstance(found, str):
        return _UNSAFE.sub("", found[:_LONGEST]).strip()
    # A number of thousands of digits is refused when it is turned into text.
    return str(found) if isinstance(found, int) and not isinstance(found, bool) and abs(found) < _LARGEST else ""


def names(document: Any, *members: str) -> frozenset[str]:
    """All names and ids by which a service knows somebody."""
    return frozenset(found for one in members if (found := text(document, one)))


def moment(document: Any, *path: str | int) -> dt.datetime | None:
    """The time at a path: RFC 3339, `2026-08-01 12:00:00 UTC`, or milliseconds since the epoch; in UTC."""
    found = dig(document, *path)
    try:
        if isinstance(found, int) and not isinstance(found, bool):
            return dt.datetime.fromtimestamp(found / 1000, dt.UTC)
        if not isinstance(found, str) or len(found) > 40:
            return None
        at = dt.datetime.fromisoformat(found.strip().removesuffix(" UTC"))
        return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None


__all__ = [
    "OLDEST",
    "Challenge",
    "HookRequest",
    "HookSource",
    "Ignored",
    "Read",
    "Reading",
    "Refuse",
    "Wish",
    "Wishes",
    "dig",
    "moment",
    "names",
    "shown",
    "text",
    "wishes",
]
