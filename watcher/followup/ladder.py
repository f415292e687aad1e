"""The ladder: which of its rungs is due when, read from a ticket's moves; nothing is kept beside them.

Its clock counts the domain's working time (the wall clock's for severities that go around the clock). It begins with
the episode and runs while the ticket is open; it stands still while somebody has it in hand (acknowledged, in progress)
until the time to fix is over, while it is disputed, and until the end of a snooze. A settled ticket ends it; one that
comes back begins anew, with all rungs. While the clock stands nothing is due, not even what was due before. Rungs are
counted from 1.

After a rung was told, the next one has the whole time between the two still ahead of it, however late the first one
was: a daemon that was away, or a clock that jumped, never tells two of them at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from watcher.followup.calendar import NEVER, add, between, clock_of, length
from watcher.followup.deadlines import due
from watcher.model.domain import Calendar, DomainRecord, Rung, parse_address
from watcher.model.ticket import UNSETTLED, Ticket, TicketMove, TicketState, Verb

__all__ = ["LadderState", "Told", "look_at", "parse_address", "position", "snoozed_until"]

_NOTHING = dt.timedelta(0)
_IN_HAND = frozenset({TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS})
_Stretch = tuple[dt.datetime, dt.datetime]
"""A time in which the clock runs; where nobody knows its end, that is NEVER."""


@dataclass(frozen=True, slots=True)
class Told:
    """A rung that was told in this episode."""

    rung: int
    at: dt.datetime
    to: str


@dataclass(frozen=True, slots=True)
class LadderState:
    """Where a ticket stands on its domain's ladder.

    `next_rung` is the number of the rung that comes next; None where there is none left, or the ticket is settled.
    `due_at` is when it is due if nobody moves the ticket (in the past: it is overdue); None while the clock stands for
    good. `elapsed` is what the clock shows. `borrowed` says that the domain has no ladder and this is the default one.
    """

    rungs: tuple[Rung, ...]
    borrowed: bool
    told: tuple[Told, ...] = ()
    elapsed: dt.timedelta = _NOTHING
    next_rung: int | None = None
    due_at: dt.datetime | None = None

    @property
    def rung(self) -> Rung | None:
        """The rung that comes next."""
        return None if self.next_rung is None else self.rungs[self.next_rung - 1]

    def is_due(self, now: dt.datetime) -> bool:
        """Whether the next rung is to be told now."""
        return self.due_at is not None and self.due_at <= now


def position(
    domain: DomainRecord | None,
    ticket: Ticket,
    moves: Sequence[TicketMove],
    now: dt.datetime,
    *,
    default: Sequence[Rung] = (),
) -> LadderState:
    """Where the ticket stands on the ladder of its domain, or on the default one where the domain has none."""
    own = () if domain is None else domain.ladder
    rungs = own or tuple(default)
    episode = _episode(moves)
    told = tuple(_told(episode))
    state = LadderState(rungs, borrowed=not own, told=told)
    if not episode or not rungs:
        return state
    calendar = clock_of(Calendar() if domain is None else domain.calendar, ticket.severity)
    fix_by = ticket.fix_by or due(domain, ticket.severity, episode[0].at).fix_by
    clock = _Clock(calendar, _joined(_running(episode, fix_by or NEVER)))
    elapsed = clock.reading(now)
    number = _next(rungs, told, episode[-1].after)
    if number is None or episode[-1].after not in UNSETTLED:
        return LadderState(rungs, not own, told, elapsed)
    due_at = clock.shows(_needed(calendar, rungs, told, number, clock))
    if rungs[number - 1].when == "unfixed":
        due_at = max(due_at, fix_by or NEVER)
    return LadderState(rungs, not own, told, elapsed, number, None if due_at >= NEVER else due_at)


def look_at(
    domain: DomainRecord | None,
    ticket: Ticket,
    moves: Sequence[TicketMove],
    now: dt.datetime,
    *,
    default: Sequence[Rung] = (),
) -> dt.datetime | None:
    """The next moment at which the clock has something to do: a rung, a deadline, the end of a snooze; None: none.

    A rung that is overdue gives a moment that has passed. Deadlines and snoozes that have passed are over.
    """
    state = moves[-1].after if moves else ticket.state
    ahead: list[dt.datetime | None] = []
    if state is TicketState.OPEN:
        ahead.append(ticket.acknowledge_by)
    if state is TicketState.OPEN or state in _IN_HAND:
        ahead += [ticket.fix_by, _snoozed_until(_episode(moves))]
    found = [one for one in ahead if one is not None and one > now]
    rung = position(domain, ticket, moves, now, default=default).due_at
    return min([*found, *([] if rung is None else [rung])], default=None)


@dataclass(frozen=True, slots=True)
class _Clock:
    """The ladder's clock over one episode."""

    calendar: Calendar
    stretches: tuple[_Stretch, ...]

    def reading(self, at: dt.datetime) -> dt.timedelta:
        """What it shows at a moment."""
        return sum((between(self.calendar, begin, min(end, at)) for begin, end in self.stretches), _NOTHING)

    def shows(self, wanted: dt.timedelta) -> dt.datetime:
        """The first moment, of those that are not over, at which it runs and shows this or more; else NEVER."""
        if not self.stretches or self.stretches[-1][1] < NEVER:
            return NEVER
        begin, _ = self.stretches[-1]
        return add(self.calendar, begin, wanted - self.reading(begin))


def _episode(moves: Sequence[TicketMove]) -> Sequence[TicketMove]:
    """The moves of the present episode: from the last one that made the ticket somebody's work again."""
    for index in range(len(moves) - 1, -1, -1):
        if moves[index].before not in UNSETTLED and moves[index].after in UNSETTLED:
            return moves[index:]
    return ()


def _told(episode: Sequence[TicketMove]) -> Iterator[Told]:
    last = 0
    for move, at in zip(episode, _times(episode), strict=True):
        if move.verb is Verb.ESCALATE:
            details = move.details or {}
            number = details.get("rung")
            last = number if isinstance(number, int) and number > last else last + 1
            yield Told(last, at, str(details.get("to", "")))


def _times(episode: Sequence[TicketMove]) -> Iterator[dt.datetime]:
    """When the moves were made, never one before its predecessor: a clock that went back takes nothing back."""
    latest = episode[0].at
    for move in episode:
        latest = max(latest, move.at)
        yield latest


def _running(episode: Sequence[TicketMove], fix_by: dt.datetime) -> Iterator[_Stretch]:
    """The times in which the clock runs, as far as the moves tell."""
    snoozed = episode[0].at
    for (move, began), (_, ends) in pairwise([*zip(episode, _times(episode), strict=True), (None, NEVER)]):
        if move is None:
            return
        if move.verb is Verb.SNOOZE:
            snoozed = _until(move) or snoozed
        if move.after is TicketState.OPEN:
            begins = max(began, snoozed)
        elif move.after in _IN_HAND:
            begins = max(began, snoozed, fix_by)
        else:
            continue
        if begins < ends:
            yield begins, ends


def _joined(stretches: Iterable[_Stretch]) -> tuple[_Stretch, ...]:
    """The same times, with one stretch where one begins as another ends: not every move stops the clock."""
    found: list[_Stretch] = []
    for begin, end in stretches:
        if found and found[-1][1] == begin:
            begin = found.pop()[0]  # noqa: PLW2901 - it begins earlier
        found.append((begin, end))
    return tuple(found)


def _next(rungs: Sequence[Rung], told: Sequence[Told], state: TicketState) -> int | None:
    """The first rung after those that were told which can still concern the ticket."""
    last = told[-1].rung if told else 0
    for number in range(last + 1, len(rungs) + 1):
        if rungs[number - 1].when != "unacknowledged" or state is TicketState.OPEN:
            return number
    return None


def _needed(
    calendar: Calendar, rungs: Sequence[Rung], told: Sequence[Told], number: int, clock: _Clock
) -> dt.timedelta:
    """What the clock has to show for a rung: its own time, and the whole of it since the one before was told."""
    after = length(calendar, rungs[number - 1].after)
    if not told:
        return after
    last = told[-1]
    before = length(calendar, rungs[min(last.rung, len(rungs)) - 1].after)
    return max(after, clock.reading(last.at) + max(after - before, _NOTHING))


def snoozed_until(moves: Sequence[TicketMove]) -> dt.datetime | None:
    """The end of the last snooze of the present episode, passed or not; None where there was none."""
    return _snoozed_until(_episode(moves))


def _snoozed_until(episode: Sequence[TicketMove]) -> dt.datetime | None:
    return next((_until(move) for move in reversed(episode) if move.verb is Verb.SNOOZE), None)


def _until(move: TicketMove) -> dt.datetime | None:
    try:
        until = dt.datetime.fromisoformat(str((move.details or {}).get("until")))
    except ValueError:
        return None
    return until if until.tzinfo is not None else until.replace(tzinfo=dt.UTC)
