"""Domains: who produces a dataset and answers for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from watcher.model.dataset import Domain

UNOWNED = Domain("unowned")
"""Where a dataset without an owner goes: it never vanishes."""


@dataclass(frozen=True, slots=True)
class TicketRoute:
    """One channel on which the domain is told; `options` are the channel's own (a Jira project, say)."""

    channel: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: whom to tell when nothing happened for `after`."""

    after: dt.timedelta
    to: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """How soon a ticket of one criticality is to be acknowledged and fixed."""

    acknowledge: dt.timedelta
    fix: dt.timedelta


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the domain works; `hours` are local, `days` three-letter names."""

    timezone: str = "UTC"
    hours: tuple[dt.time, dt.time] = (dt.time(9), dt.time(17))
    days: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")


@dataclass(frozen=True, slots=True)
class Budget:
    """An error budget for promises: so many breaking changes in such a time."""

    breaking_changes: int
    per: dt.timedelta
    when_spent: str = "escalate"


@dataclass(frozen=True, slots=True)
class DomainRecord:
    """A domain as its document describes it; `owns` are dataset patterns with `*`, the most specific wins."""

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
