"""Deadlines: by when a ticket is to be acknowledged and fixed, in the hours of the domain that answers for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from watcher.followup.calendar import NEVER, add, clock_of
from watcher.model.contract import Criticality
from watcher.model.domain import Calendar, Deadline, DomainRecord, Span

_HOUR = dt.timedelta(hours=1)

DEFAULT_DEADLINES: Mapping[Criticality, Deadline] = MappingProxyType(
    {
        Criticality.CRITICAL: Deadline(Span(time=_HOUR), Span(days=1)),
        Criticality.HIGH: Deadline(Span(time=4 * _HOUR), Span(days=3)),
        Criticality.NORMAL: Deadline(Span(days=1), Span(days=10)),
        Criticality.LOW: Deadline(Span(days=3), Span(days=30)),
    }
)
"""What holds where a domain says nothing of a severity."""


@dataclass(frozen=True, slots=True)
class Due:
    """The two moments that were promised; None where the calendar has no working time left for it."""

    acknowledge_by: dt.datetime | None
    fix_by: dt.datetime | None


def deadlines_of(domain: DomainRecord | None, severity: Criticality) -> Deadline:
    """What the domain promises for a severity: its own word, else the default; never that of another severity."""
    own = {} if domain is None else dict(domain.deadlines)
    return own.get(severity.value) or DEFAULT_DEADLINES[severity]


def due(domain: DomainRecord | None, severity: Criticality, begun: dt.datetime) -> Due:
    """By when a ticket of this severity is to be acknowledged and fixed, from the beginning of its episode."""
    promised = deadlines_of(domain, severity)
    clock = clock_of(Calendar() if domain is None else domain.calendar, severity)
    acknowledge, fix = add(clock, begun, promised.acknowledge), add(clock, begun, promised.fix)
    return Due(None if acknowledge == NEVER else acknowledge, None if fix == NEVER else fix)
