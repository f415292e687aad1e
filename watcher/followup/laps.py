"""Laps: how long what was promised of a ticket took, episode by episode, and whether the promise was kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watcher.model.ticket import BEGINNINGS, Ticket, TicketMove, TicketState

_SEEN = frozenset({TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS, TicketState.DISPUTED})


@dataclass(frozen=True, slots=True)
class Lap:
    """Something that was promised: when its time began, when it was done (None: not yet), by when it was promised."""

    begun: dt.datetime
    ended: dt.datetime | None
    promised: dt.datetime | None

    def broken(self, since: dt.datetime, until: dt.datetime) -> bool:
        """Whether the promise ran out within a span, and was not kept by then."""
        if self.promised is None or not since <= self.promised < until:
            return False
        return self.ended is None or self.ended > self.promised


def acknowledgements(ticket: Ticket, moves: Sequence[TicketMove], until: dt.datetime) -> Iterable[Lap]:
    """From the beginning of each episode to the first sign that somebody of the domain has seen it."""
    begun: dt.datetime | None = None
    for move in moves:
        if move.at >= until:
            break
        if move.verb in BEGINNINGS:
            begun = move.at
        elif begun is not None and move.after in _SEEN and move.after is not move.before:
            yield Lap(begun, move.at, _promise(ticket, moves, begun, "acknowledge_by"))
            begun = None
        elif move.after in {TicketState.RESOLVED, TicketState.WAIVED}:
            begun = None  # mended before anybody said a word: nothing was owed
    if begun is not None:
        yield Lap(begun, None, _promise(ticket, moves, begun, "acknowledge_by"))


def repairs(ticket: Ticket, moves: Sequence[TicketMove], until: dt.datetime) -> Iterable[Lap]:
    """From the beginning of each episode to its resolution; what was waived in time is not late any more."""
    begun: dt.datetime | None = None
    promised: dt.datetime | None = None
    for move in moves:
        if move.at >= until:
            break
        if move.verb in BEGINNINGS:
            begun, promised = move.at, _promise(ticket, moves, move.at, "fix_by")
        elif begun is not None and move.after is TicketState.RESOLVED:
            yield Lap(begun, move.at, promised)
            begun = None
        elif move.after is TicketState.WAIVED and promised is not None and move.at <= promised:
            promised = None
    if begun is not None:
        yield Lap(begun, None, promised)


def _promise(ticket: Ticket, moves: Sequence[TicketMove], begun: dt.datetime, which: str) -> dt.datetime | None:
    """What was promised for the episode that began then: known of the present one; of earlier ones by their move."""
    if ticket.episode_at == begun:
        found: dt.datetime | None = getattr(ticket, which)
        return found
    for move in moves:
        if move.at == begun and move.details and isinstance(move.details.get(which), str):
            return dt.datetime.fromisoformat(move.details[which])
    return None
