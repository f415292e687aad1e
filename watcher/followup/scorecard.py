"""Scorecards: how a domain kept its promises in a span of time, from facts alone, and fair to whoever was right.

What counts against nobody: tickets whose dispute was upheld, and those closed as not breaking. They are counted
apart, as false alarms of the watcher itself: its own precision stands on the same page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from watcher.followup.laps import Lap, acknowledgements, repairs
from watcher.model.contract import Criticality
from watcher.model.dataset import Domain
from watcher.model.domain import Budget
from watcher.model.ticket import Ticket, TicketMove, TicketState, Verb

WEIGHTS = {Criticality.LOW: 1, Criticality.NORMAL: 2, Criticality.HIGH: 4, Criticality.CRITICAL: 8}
"""What a consumer that is hit weighs, by how much hangs on it for them."""

Elapsed = Callable[[dt.datetime, dt.datetime], dt.timedelta]
"""Working time between two moments, in a domain's own calendar."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One violation, as the scorecard sees it: the change that caused it, whom it hit, and how much hangs on it."""

    change: str
    subscription: str
    criticality: Criticality
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Story:
    """One ticket with its whole life."""

    ticket: Ticket
    moves: Sequence[TicketMove]
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Planned:
    """A breaking change that came as announced: when it was announced, when it came, whom it touched."""

    change: str
    announced_at: dt.datetime
    at: dt.datetime
    hits: Sequence[Hit] = ()


@dataclass(frozen=True, slots=True)
class Spent:
    """A domain's budget at the end of the span: how many breaking changes of how many, in how long."""

    allowed: int
    spent: int
    per: dt.timedelta
    when_spent: str

    @property
    def left(self) -> int:
        """How many are left; never below zero."""
        return max(0, self.allowed - self.spent)

    @property
    def over(self) -> bool:
        """Whether there is nothing left."""
        return self.spent >= self.allowed


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took that was done, in working time: how often, the middle and the slowest.

    `late` are the promises that ran out and were not kept by then, of what was done later and of what never was.
    """

    count: int = 0
    late: int = 0
    median: dt.timedelta | None = None
    longest: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A domain's figures from `since` (inclusive) to `until` (exclusive)."""

    domain: Domain
    since: dt.datetime
    until: dt.datetime
    unannounced: int = 0
    announced: int = 0
    """Changes to which all whom they broke had agreed: one that is a ticket to somebody else counts once, as that."""
    consumers: int = 0
    weighted: int = 0
    notice: dt.timedelta | None = None
    """The middle of the notices that were given, between announcement and change."""
    acknowledged: Times = field(default_factory=Times)
    fixed: Times = field(default_factory=Times)
    unfinished: int = 0
    """Tickets that are not settled at the end of the span."""
    escalated: int = 0
    """Steps of the ladder that were climbed."""
    reopened: int = 0
    waived: int = 0
    disputed: int = 0
    upheld: int = 0
    rejected: int = 0
    false_alarms: int = 0
    dark: int = 0
    """Datasets of the domain on which no contract is known: nobody can say who reads them."""
    budget: Spent | None = None

    @property
    def breaking(self) -> int:
        """All breaking changes, announced and not."""
        return self.announced + self.unannounced


@dataclass(frozen=True, slots=True)
class Precision:
    """How often the watcher was right: of the tickets that were settled, those that were no false alarm."""

    settled: int
    false_alarms: int

    @property
    def value(self) -> float | None:
        """Between 0 and 1; None where nothing was settled yet."""
        return None if not self.settled else 1 - self.false_alarms / self.settled


def score(  # noqa: PLR0913 - what the figures are made of
    domain: Domain,
    stories: Iterable[Story],
    planned: Iterable[Planned],
    *,
    since: dt.datetime,
    until: dt.datetime,
    elapsed: Elapsed,
    budget: Budget | None = None,
    dark: int = 0,
) -> Scorecard:
    """A domain's scorecard, from its tickets' lives and its planned changes; `stories` may reach further back."""
    mine = list(stories)
    kept = [one for one in mine if not is_false_alarm(one, until)]
    came = [one for one in planned if since <= one.at < until]
    hits = [hit for one in kept for hit in one.hits if since <= hit.at < until]
    moves = [move for one in mine for move in one.moves if since <= move.at < until]
    counted = [move for one in kept for move in one.moves if since <= move.at < until]
    hit = heaviest([*hits, *(each for one in came for each in one.hits)])
    unannounced = {one.change for one in hits}
    return Scorecard(
        domain=domain,
        since=since,
        until=until,
        unannounced=len(unannounced),
        announced=len({one.change for one in came} - unannounced),
        consumers=len(hit),
        weighted=sum(WEIGHTS[one] for one in hit.values()),
        notice=_middle([one.at - one.announced_at for one in came]),
        acknowledged=_times(kept, since, until, elapsed, acknowledgements),
        fixed=_times(kept, since, until, elapsed, repairs),
        unfinished=sum(1 for one in kept if _unsettled_at(one, until)),
        escalated=_count(counted, Verb.ESCALATE),
        reopened=_count(counted, Verb.REOPEN),
        waived=_count(counted, Verb.WAIVE),
        disputed=_count(moves, Verb.DISPUTE),
        upheld=_count(moves, Verb.UPHOLD),
        rejected=_count(moves, Verb.REJECT),
        false_alarms=sum(1 for one in mine if is_false_alarm(one, until) and _settled_in(one, since, until)),
        dark=dark,
        budget=None if budget is None else spent(budget, kept, until),
    )


def spent(budget: Budget, stories: Iterable[Story], until: dt.datetime) -> Spent:
    """What of a budget is spent at a moment: the unannounced breaking changes of the time that it is for."""
    since = until - budget.per
    changes = {
        hit.change for one in stories if not is_false_alarm(one, until) for hit in one.hits if since <= hit.at < until
    }
    return Spent(budget.breaking_changes, len(changes), budget.per, budget.when_spent)


def precision(stories: Iterable[Story], since: dt.datetime, until: dt.datetime) -> Precision:
    """How often the watcher was right in a span."""
    settled = [one for one in stories if _settled_in(one, since, until)]
    return Precision(len(settled), sum(1 for one in settled if is_false_alarm(one, until)))


def is_false_alarm(story: Story, until: dt.datetime) -> bool:
    """Whether it turned out that it was no break: an upheld dispute, or an arbiter's word."""
    return any(
        move.verb is Verb.UPHOLD or (move.verb is Verb.RESOLVE and (move.details or {}).get("as") == "not-breaking")
        for move in story.moves
        if move.at < until
    )


def heaviest(hits: Iterable[Hit]) -> dict[str, Criticality]:
    """Each subscription that was hit, once, with the most that hung on it."""
    found: dict[str, Criticality] = {}
    for one in hits:
        known = found.get(one.subscription)
        if known is None or WEIGHTS[one.criticality] > WEIGHTS[known]:
            found[one.subscription] = one.criticality
    return found


def _times(
    stories: Sequence[Story],
    since: dt.datetime,
    until: dt.datetime,
    elapsed: Elapsed,
    laps: Callable[[Ticket, Sequence[TicketMove], dt.datetime], Iterable[Lap]],
) -> Times:
    """How long the laps took that ended within the span; which promises ran out in it, each in one span only."""
    known = [lap for one in stories for lap in laps(one.ticket, one.moves, until)]
    took = sorted(elapsed(lap.begun, lap.ended) for lap in known if lap.ended is not None and since <= lap.ended)
    late = sum(lap.broken(since, until) for lap in known)
    return Times(len(took), late, _middle(took), took[-1] if took else None)


def _settled_in(story: Story, since: dt.datetime, until: dt.datetime) -> bool:
    return any(
        since <= move.at < until and move.after is TicketState.RESOLVED and move.before is not TicketState.RESOLVED
        for move in story.moves
    )


def _unsettled_at(story: Story, until: dt.datetime) -> bool:
    before = [move for move in story.moves if move.at < until]
    return bool(before) and before[-1].after not in {TicketState.RESOLVED, TicketState.WAIVED}


def _count(moves: Iterable[TicketMove], verb: Verb) -> int:
    return sum(1 for move in moves if move.verb is verb)


def _middle(values: Iterable[dt.timedelta]) -> dt.timedelta | None:
    ordered = sorted(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
