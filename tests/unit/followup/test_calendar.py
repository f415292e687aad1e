"""Business time: working days, summer time, holidays, and calendars without any of it."""

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest

from watcher.followup.calendar import (
    AROUND_THE_CLOCK,
    NEVER,
    WEEK,
    add,
    between,
    clock_of,
    first_at,
    is_open,
    length,
    next_open,
)
from watcher.model.contract import Criticality
from watcher.model.domain import MIDNIGHT, Calendar, Span

BERLIN = Calendar("Europe/Berlin")
HOUR = dt.timedelta(hours=1)
DAY = Span(days=1)


def local(text: str, zone: str = "Europe/Berlin") -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-11-24T15:00", DAY, "2026-11-25T15:00"),
        ("2026-11-27T15:00", DAY, "2026-11-30T15:00"),
        ("2026-11-24T15:00", Span(time=24 * HOUR), "2026-11-27T15:00"),
        ("2026-11-24T15:00", Span(time=4 * HOUR), "2026-11-25T11:00"),
        ("2026-11-24T15:00", Span(weeks=1), "2026-12-01T15:00"),
        ("2026-11-24T09:00", DAY, "2026-11-24T17:00"),
        ("2026-11-28T12:00", Span(time=HOUR), "2026-11-30T10:00"),
        ("2026-11-24T03:00", Span(time=HOUR), "2026-11-24T10:00"),
        ("2026-11-24T03:00", Span(), "2026-11-24T03:00"),
        ("2026-03-27T16:00", Span(time=2 * HOUR), "2026-03-30T10:00"),
        ("2026-10-23T16:00", DAY, "2026-10-26T16:00"),
    ],
)
def test_spans_are_counted_in_working_time(start: str, span: Span, end: str) -> None:
    """A day is a working day, an hour an hour of work; nights, weekends and the change of clocks count nothing."""
    assert add(BERLIN, local(start), span) == local(end)


def test_holidays_are_no_working_days() -> None:
    """What falls on a holiday falls on the day after."""
    calendar = Calendar("Europe/Berlin", holidays=frozenset({dt.date(2026, 12, 24), dt.date(2026, 12, 25)}))

    assert add(calendar, local("2026-12-23T16:00"), Span(time=2 * HOUR)) == local("2026-12-28T10:00")
    assert not is_open(calendar, local("2026-12-24T12:00"))
    assert next_open(calendar, local("2026-12-24T12:00")) == local("2026-12-28T09:00")


def test_the_last_moment_of_the_day_is_not_open() -> None:
    """Hours begin with their first moment and end before their last."""
    assert is_open(BERLIN, local("2026-11-24T09:00"))
    assert not is_open(BERLIN, local("2026-11-24T17:00"))
    assert next_open(BERLIN, local("2026-11-24T17:00")) == local("2026-11-25T09:00")


def test_hours_that_the_clock_skips_are_not_worked() -> None:
    """On the night in spring when 3:00 follows on 2:00, one to four are two hours, and half past two is three."""
    night = Calendar("Europe/Berlin", (dt.time(1), dt.time(4)), WEEK)
    gone = Calendar("Europe/Berlin", (dt.time(2, 15), dt.time(2, 45)), WEEK)

    assert between(night, local("2026-03-29T00:00"), local("2026-03-30T00:00")) == 2 * HOUR
    assert between(gone, local("2026-03-29T00:00"), local("2026-03-30T00:00")) == dt.timedelta(0)
    assert first_at(ZoneInfo("Europe/Berlin"), dt.date(2026, 3, 29), dt.time(2, 30)) == local("2026-03-29T03:00")


def test_hours_that_come_twice_are_worked_twice() -> None:
    """On the night in autumn when 2:00 follows on 3:00, one to four are four hours."""
    night = Calendar("Europe/Berlin", (dt.time(1), dt.time(4)), WEEK)

    assert between(night, local("2026-10-25T00:00"), local("2026-10-26T00:00")) == 4 * HOUR


def test_the_day_may_end_at_midnight() -> None:
    """Hours to midnight are whole ones, on the days on which the clocks change too."""
    whole = Calendar("Europe/Berlin", (MIDNIGHT, MIDNIGHT), ("sun",))

    assert length(whole, DAY) == 24 * HOUR
    assert between(whole, local("2026-03-29T00:00"), local("2026-03-30T00:00")) == 23 * HOUR
    assert between(whole, local("2026-10-25T00:00"), local("2026-10-26T00:00")) == 25 * HOUR


def test_a_day_that_a_zone_left_out_is_not_worked() -> None:
    """Samoa had no 30 December 2011, and nobody worked on it."""
    samoa = Calendar("Pacific/Apia", days=WEEK)

    worked = between(samoa, local("2011-12-29T00:00", "Pacific/Apia"), local("2012-01-01T00:00", "Pacific/Apia"))

    assert worked == 16 * HOUR


@pytest.mark.parametrize(
    "calendar",
    [
        Calendar(days=()),
        Calendar(hours=(dt.time(17), dt.time(9))),
        Calendar(holidays=frozenset(dt.date(2026, 1, 1) + dt.timedelta(days=one) for one in range(9000))),
    ],
)
def test_a_calendar_without_working_time_comes_to_an_end(calendar: Calendar) -> None:
    """Where nobody ever works, nothing is ever due; it is said soon, and no time has passed."""
    start = local("2026-11-24T12:00")

    assert add(calendar, start, Span(time=HOUR)) == NEVER
    assert next_open(calendar, start) == NEVER
    assert between(calendar, start, NEVER) == dt.timedelta(0)
    assert not is_open(calendar, start)


def test_ten_years_are_counted_at_once() -> None:
    """A span of ten years takes no time to speak of; the bound is wide, for a busy machine."""
    begun = time.perf_counter()

    end = add(BERLIN, local("2026-11-24T12:00"), Span(days=2600))

    assert end.year == 2036
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize("at", ["0001-01-01", "0001-06-01", "9899-12-31", "9999-12-31T23:59:59"])
@pytest.mark.parametrize("calendar", [BERLIN, AROUND_THE_CLOCK, Calendar("Pacific/Apia", (MIDNIGHT, MIDNIGHT))])
def test_the_ends_of_time_are_no_end_of_the_program(calendar: Calendar, at: str) -> None:
    """A clock that shows nonsense gets an answer, and never one beyond what can be counted."""
    moment = local(at, "UTC")

    assert add(calendar, moment, Span(days=10**9, time=dt.timedelta.max)) == NEVER
    assert next_open(calendar, moment) <= NEVER
    assert between(calendar, moment, local("9999-12-31T23:59:59", "UTC")) >= dt.timedelta(0)


def test_a_clock_that_goes_back_counts_nothing() -> None:
    """Between a moment and an earlier one no time has passed."""
    assert between(BERLIN, local("2026-11-25T12:00"), local("2026-11-24T12:00")) == dt.timedelta(0)


def test_some_severities_go_around_the_clock() -> None:
    """A severity that the domain lists is counted by the wall clock: its day has 24 hours, its week seven days."""
    calendar = Calendar("Europe/Berlin", around_the_clock=frozenset({Criticality.CRITICAL}))
    saturday = local("2026-11-28T12:00")

    assert clock_of(calendar, Criticality.HIGH) is calendar
    assert add(clock_of(calendar, Criticality.CRITICAL), saturday, DAY) == saturday + 24 * HOUR
    assert add(clock_of(calendar, Criticality.CRITICAL), saturday, Span(weeks=1)) == saturday + 168 * HOUR


def test_an_unknown_zone_is_utc() -> None:
    """A zone that this machine does not know counts as UTC: deadlines are off by hours, but there."""
    assert is_open(Calendar("Mars/Olympus"), dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (Span(1, 2, dt.timedelta(hours=3, minutes=4, seconds=5)), "1w2d3h4m5s"),
        (Span(), "0s"),
        (Span(time=24 * HOUR), "24h"),
    ],
)
def test_a_span_says_what_was_written(span: Span, text: str) -> None:
    """A span reads as in a document; hours do not become days."""
    assert str(span) == text
