"""Domains: who produces a dataset and answers for it, when they work, and whom to tell when nothing happens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from watcher.model.contract import Criticality
from watcher.model.dataset import Domain
from watcher.model.errors import UsageError

UNOWNED = Domain("unowned")
"""Where a dataset without an owner goes: it never vanishes."""

MIDNIGHT = dt.time(0)
"""As the end of hours: the midnight at which the day ends."""


@dataclass(frozen=True, slots=True)
class TicketRoute:
    """One channel on which the domain is told; `options` are the channel's own (a Jira project, say)."""

    channel: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A span of working time as it was written; whoever's calendar counts says how long it is.

    A day is one working day of that calendar, a week as many as it has in a week, and the rest are hours as they are:
    `1d` is 8 hours for those who work from nine to five, and `24h` are three of their days.
    """

    weeks: int = 0
    days: int = 0
    time: dt.timedelta = dt.timedelta(0)

    @classmethod
    def of(cls, plain: dt.timedelta) -> Span:
        """A span of which only the length is known: its whole days are days."""
        return cls(0, plain.days, plain - dt.timedelta(days=plain.days))

    def __str__(self) -> str:
        seconds = int(self.time.total_seconds())
        parts = (
            (self.weeks, "w"),
            (self.days, "d"),
            (seconds // 3600, "h"),
            (seconds // 60 % 60, "m"),
            (seconds % 60, "s"),
        )
        return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


@dataclass(frozen=True, slots=True)
class Address:
    """Whom to tell: a channel of the settings, and who is meant in it."""

    channel: str
    to: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.to}"


def parse_address(text: str) -> Address:
    """`slack:#checkout` is channel and address; raises UsageError where there is no channel.

    What stands after the colon may be empty: whether that names anybody is the channel's to say.
    """
    channel, colon, to = text.partition(":")
    if not colon or not channel.strip():
        raise UsageError(
            f"`{text}` names no channel: write a channel of the settings and who is meant in it, "
            "as in `slack:#checkout` or `mail:lead@acme.example`"
        )
    return Address(channel.strip(), to.strip())


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: whom to tell when nothing happened for `after`.

    `when` is `always`, or only while nobody acknowledged (`unacknowledged`), or only once the time to fix is over
    (`unfixed`).
    """

    after: Span
    to: str
    when: str = "always"


@dataclass(frozen=True, slots=True)
class Deadline:
    """How soon a ticket of one criticality is to be acknowledged and fixed."""

    acknowledge: Span
    fix: Span


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the domain works; `hours` are local and within one day, `days` three-letter names.

    Hours that end at midnight end with the day. `quiet` are local hours in which people are not told, over midnight
    where they end before they begin. `around_the_clock` are the severities for which neither holds: their time is the
    wall clock's, and they break the quiet.
    """

    timezone: str = "UTC"
    hours: tuple[dt.time, dt.time] = (dt.time(9), dt.time(17))
    days: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")
    holidays: frozenset[dt.date] = field(default=frozenset(), repr=False)
    quiet: tuple[dt.time, dt.time] | None = None
    around_the_clock: frozenset[Criticality] = frozenset()


@dataclass(frozen=True, slots=True)
class Budget:
    """An error budget for promises: so many breaking changes in such a time.

    `when_spent` is `escalate`, `go-token` (`check` then asks for one) or `report`.
    """

    breaking_changes: int
    per: dt.timedelta
    when_spent: str = "escalate"


@dataclass(frozen=True, slots=True)
class Digest:
    """What is told together, once a day, in place of one by one: which severities, when, and on which days."""

    severities: frozenset[Criticality] = frozenset({Criticality.LOW})
    at: dt.time = dt.time(9)
    days: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")


@dataclass(frozen=True, slots=True)
class DomainRecord:
    """A domain as its document describes it; `owns` are dataset patterns with `*`, the most specific wins.

    `owns_unclaimed` are patterns of datasets that nobody else claims, no imported catalogue either. `also_known_as` is
    how other systems write the team's name. What is not `said`, by the keys of the document, is taken from the domain
    that it is `part_of`.
    """

    name: Domain
    owns: tuple[str, ...]
    accountable: str | None = None
    oncall: str | None = None
    tickets: tuple[TicketRoute, ...] = ()
    ladder: tuple[Rung, ...] = ()
    deadlines: tuple[tuple[str, Deadline], ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    budget: Budget | None = None
    source: str = ""
    digest: Digest | None = None
    owns_unclaimed: tuple[str, ...] = ()
    also_known_as: tuple[str, ...] = ()
    part_of: Domain | None = None
    said: frozenset[str] = frozenset()
    lines: tuple[tuple[str, str, int, int], ...] = field(default=(), compare=False, repr=False)
    """Where a key's value stands in `source`: key, value, line and column; for messages alone."""
    made_of: str = ""
    """The team of another system that it was made of; empty where it has a document of its own."""


def place_of(one: DomainRecord, key: str, value: str) -> tuple[int, int]:
    """The line and column at which a value of the domain's document stands; its beginning where that is not known."""
    return next(((line, column) for at, was, line, column in one.lines if (at, was) == (key, value)), (1, 1))


def inherited(one: DomainRecord, parents: Sequence[DomainRecord]) -> DomainRecord:
    """The domain with what it does not say itself, from the nearest of its parents that says it.

    Severities' deadlines and the two owners are taken one by one; what a domain owns is its own.
    """
    deadlines, taken = dict(one.deadlines), one
    for parent in parents:
        deadlines = {**dict(parent.deadlines), **deadlines}
        taken = replace(
            taken,
            accountable=taken.accountable or parent.accountable,
            oncall=taken.oncall or parent.oncall,
            **{key: getattr(parent, key) for key in INHERITED if key in parent.said and key not in taken.said},
            said=taken.said | parent.said,
        )
    return replace(taken, deadlines=tuple(deadlines.items()), said=one.said)


INHERITED = ("tickets", "ladder", "calendar", "budget", "digest")
"""Keys of a domain's document that are taken from the larger domain as a whole; a budget is each one's own to spend."""
