"""Deadlines: the domain's own word by severity, else the default, in the domain's hours."""

import datetime as dt

import pytest

from watcher.followup.deadlines import DEFAULT_DEADLINES, Due, deadlines_of, due
from watcher.model.contract import Criticality
from watcher.model.dataset import Domain
from watcher.model.domain import Calendar, Deadline, DomainRecord, Span

HOUR = dt.timedelta(hours=1)
OWN = Deadline(Span(time=2 * HOUR), Span(days=2))
FRIDAY = dt.datetime(2026, 11, 27, 15, tzinfo=dt.UTC)


def domain(*deadlines: tuple[str, Deadline], calendar: Calendar | None = None) -> DomainRecord:
    return DomainRecord(Domain("checkout"), ("*",), deadlines=deadlines, calendar=calendar or Calendar())


def test_every_severity_has_a_default() -> None:
    """Whatever a domain leaves out is promised all the same, sooner for what is heavier."""
    assert DEFAULT_DEADLINES.keys() == set(Criticality)
    assert due(None, Criticality.CRITICAL, FRIDAY) == Due(FRIDAY + HOUR, FRIDAY + dt.timedelta(days=3))
    assert due(None, Criticality.LOW, FRIDAY).acknowledge_by == FRIDAY + dt.timedelta(days=5)


@pytest.mark.parametrize("severity", Criticality)
def test_a_severity_takes_no_other_ones_deadline(severity: Criticality) -> None:
    """What a domain promises for `high` holds for `high` alone."""
    expected = OWN if severity is Criticality.HIGH else DEFAULT_DEADLINES[severity]

    assert deadlines_of(domain(("high", OWN)), severity) == expected


def test_deadlines_are_counted_in_the_domains_hours() -> None:
    """Two hours from Friday at three are Friday at five, and two days are Tuesday at three."""
    assert due(domain(("high", OWN)), Criticality.HIGH, FRIDAY) == Due(FRIDAY + 2 * HOUR, FRIDAY + dt.timedelta(days=4))


def test_around_the_clock_the_weekend_counts() -> None:
    """A severity for which the hours do not hold has its deadline on a Sunday."""
    calendar = Calendar(around_the_clock=frozenset({Criticality.HIGH}))

    assert due(domain(("high", OWN), calendar=calendar), Criticality.HIGH, FRIDAY).fix_by == FRIDAY + 48 * HOUR


def test_who_never_works_has_no_deadline() -> None:
    """A calendar without working time promises nothing that could pass."""
    assert due(domain(calendar=Calendar(days=())), Criticality.HIGH, FRIDAY) == Due(None, None)
