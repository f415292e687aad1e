"""Business time holds together for any calendar, zone and day: adding and measuring are two sides of one thing."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.followup.calendar import WEEK, add, between, is_open, length, next_open, working_day
from watcher.model.domain import MIDNIGHT, Calendar, Span

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",  # changed its clocks at midnight, until 2019
    "America/St_Johns",  # half an hour off
    "Australia/Lord_Howe",  # changes by half an hour
    "Asia/Kathmandu",
    "Pacific/Apia",  # left out a whole day, in December 2011
    "Africa/Casablanca",  # four changes a year
)
YEAR = dt.timedelta(days=366)


@st.composite
def hours(draw: st.DrawFn) -> tuple[dt.time, dt.time]:
    """A quarter of an hour at least, within one day; some of them to its end."""
    begin = draw(st.integers(0, 24 * 60 - 15))
    end = draw(st.integers(begin + 15, 24 * 60)) % (24 * 60)
    return dt.time(begin // 60, begin % 60), dt.time(end // 60, end % 60)


EPOCH = dt.datetime(2009, 1, 1, tzinfo=dt.UTC)
moments = st.timedeltas(dt.timedelta(0), 28 * YEAR).map(lambda one: EPOCH + one)
calendars = st.builds(
    Calendar,
    st.sampled_from(ZONES),
    hours(),
    st.sets(st.sampled_from(WEEK), min_size=1).map(tuple),
    st.frozensets(st.dates(dt.date(2009, 1, 1), dt.date(2037, 1, 1)), max_size=5),
)
spans = st.timedeltas(dt.timedelta(0), dt.timedelta(hours=60))


@given(calendars, moments, spans)
def test_adding_and_measuring_are_inverse(calendar: Calendar, start: dt.datetime, span: dt.timedelta) -> None:
    """Between a moment and the one that lies a span later is exactly that span."""
    end = add(calendar, start, span)

    assert between(calendar, start, end) == span


@given(calendars, moments, st.timedeltas(dt.timedelta(microseconds=1), dt.timedelta(hours=60)))
def test_it_is_the_first_such_moment(calendar: Calendar, start: dt.datetime, span: dt.timedelta) -> None:
    """A moment earlier the span has not passed yet, and the domain works up to that very moment."""
    end = add(calendar, start, span)
    before = end - dt.timedelta(microseconds=1)

    assert between(calendar, start, before) < span
    assert is_open(calendar, before)


@given(calendars, moments, moments, spans)
def test_adding_keeps_the_order(calendar: Calendar, one: dt.datetime, other: dt.datetime, span: dt.timedelta) -> None:
    """Who begins later is not done earlier."""
    begin, later = sorted((one, other))

    assert add(calendar, begin, span) <= add(calendar, later, span)


@given(calendars, moments, spans, spans)
def test_a_longer_span_ends_no_earlier(
    calendar: Calendar, start: dt.datetime, span: dt.timedelta, more: dt.timedelta
) -> None:
    """More time takes at least as long, and taking it in two parts is taking it at once."""
    middle = add(calendar, start, span)

    assert middle <= add(calendar, start, span + more) == add(calendar, middle, more)


@given(calendars, moments, st.timedeltas(dt.timedelta(0), YEAR), st.timedeltas(dt.timedelta(0), YEAR))
def test_time_adds_up(calendar: Calendar, start: dt.datetime, first: dt.timedelta, second: dt.timedelta) -> None:
    """The time from one moment to a third is that to the second and that from the second."""
    middle, end = start + first, start + first + second

    both = between(calendar, start, middle) + between(calendar, middle, end)

    assert between(calendar, start, end) == both <= end - start


@given(calendars, moments)
def test_open_is_what_the_wall_clock_says(calendar: Calendar, at: dt.datetime) -> None:
    """The domain works where day and hour are its own in its own zone; an hour that comes twice needs no more."""
    local = at.astimezone(ZoneInfo(calendar.timezone))
    opening, closing = calendar.hours
    day = WEEK[local.weekday()] in calendar.days and local.date() not in calendar.holidays
    within = day and opening <= local.time() and (closing == MIDNIGHT or local.time() < closing)
    week = dt.timedelta(days=8)
    settled = (
        at.astimezone(ZoneInfo(calendar.timezone)).utcoffset()
        == (at - week).astimezone(ZoneInfo(calendar.timezone)).utcoffset()
    )

    if settled:  # in the week after a clock went back, the same time may have been before
        assert is_open(calendar, at) == within


@given(calendars, moments)
def test_the_next_opening_is_open(calendar: Calendar, at: dt.datetime) -> None:
    """Nothing is worked until the next opening, and there it is open."""
    opening = next_open(calendar, at)

    assert is_open(calendar, opening)
    assert not between(calendar, at, opening)


@given(calendars, moments, st.integers(0, 60))
def test_working_days_are_the_days_of_the_calendar(calendar: Calendar, at: dt.datetime, count: int) -> None:
    """A span of days is so many of the calendar's own; a week is as many as it has in one."""
    assert length(calendar, Span(days=count)) == count * working_day(calendar)
    assert length(calendar, Span(weeks=count)) == count * len(calendar.days) * working_day(calendar)
    assert add(calendar, at, Span(days=count)) == add(calendar, at, count * working_day(calendar))


@given(st.sampled_from(ZONES[:3]), moments, st.integers(1, 30))
@settings(max_examples=50)
def test_days_from_nine_to_five_end_as_they_began(zone: str, at: dt.datetime, count: int) -> None:
    """From an hour of work, so many working days later the wall clock shows the same, whatever summer time did."""
    calendar = Calendar(zone)
    begin = next_open(calendar, at)
    end = add(calendar, begin, Span(days=count))
    shown = [one.astimezone(ZoneInfo(zone)).time() for one in (begin, end)]

    assert shown[0] == shown[1] or shown == [dt.time(9), dt.time(17)]
