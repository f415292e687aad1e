"""Business time: how far a span of a domain's working hours reaches, and how much of it lies between two moments.

A working day is the hours of one day as the calendar writes them, so `1d` from Tuesday 15:00 is Wednesday 15:00. A
local hour begins at the first moment at which the clock on the wall shows it or a later one: one that is skipped in
spring begins when the clock has jumped, one that comes twice in autumn begins the first time. Moments are UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from watcher.model.contract import Criticality
from watcher.model.domain import MIDNIGHT, Calendar, Span

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

AROUND_THE_CLOCK = Calendar("UTC", (MIDNIGHT, MIDNIGHT), WEEK)
"""The calendar that never closes: the wall clock."""

NEVER = dt.datetime(9900, 1, 1, tzinfo=dt.UTC)
"""What does not come: the calendar has not that much working time ahead of it."""

HORIZON = dt.timedelta(days=7_305)
"""How far is looked: twenty years. What lies beyond is not counted, and does not come."""

_DAY = dt.timedelta(days=1)
_NOTHING = dt.timedelta(0)
_FIRST = dt.datetime(2, 1, 1, tzinfo=dt.UTC)
_SECOND = dt.timedelta(seconds=1)


def clock_of(calendar: Calendar, severity: Criticality) -> Calendar:
    """The calendar by which a severity's time is counted: the domain's, or the wall clock."""
    return AROUND_THE_CLOCK if severity in calendar.around_the_clock else calendar


def working_day(calendar: Calendar) -> dt.timedelta:
    """How long one working day is, as the hours are written; nothing where they end before they begin."""
    begins, ends = (dt.timedelta(hours=one.hour, minutes=one.minute, seconds=one.second) for one in calendar.hours)
    return max((ends or _DAY) - begins, _NOTHING)


def length(calendar: Calendar, span: Span) -> dt.timedelta:
    """How much working time a span is for those who work by this calendar; never below nothing."""
    days = max(0, span.days + span.weeks * len(set(calendar.days)))
    return max(min(days, HORIZON.days + 1) * working_day(calendar) + min(span.time, HORIZON), _NOTHING)


def add(calendar: Calendar, start: dt.datetime, span: Span | dt.timedelta) -> dt.datetime:
    """The first moment at which a span of working time has passed since `start`; NEVER where there is not as much.

    That is within the hours, or the moment at which they end. A span of nothing has passed at once.
    """
    rest = length(calendar, span) if isinstance(span, Span) else span
    if rest <= _NOTHING or start >= NEVER:
        return min(start, NEVER)
    if _never_closes(calendar):
        return min(start + rest, NEVER) if rest <= HORIZON else NEVER
    for opens, closes in _windows(calendar, start, start + HORIZON):
        there = closes - opens
        if there >= rest:
            return opens + rest
        rest -= there
    return NEVER


def between(calendar: Calendar, begin: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """The working time from one moment to another; none where the second is the earlier one."""
    if end <= begin:
        return _NOTHING
    if _never_closes(calendar):
        return end - begin
    return sum((closes - opens for opens, closes in _windows(calendar, begin, end)), _NOTHING)


def is_open(calendar: Calendar, at: dt.datetime) -> bool:
    """Whether the domain works at this moment; at the one at which its hours end it does not."""
    return next_open(calendar, at) == at


def next_open(calendar: Calendar, at: dt.datetime) -> dt.datetime:
    """This moment where the domain works, else the next at which it begins to; NEVER where it does not."""
    if _never_closes(calendar) or at >= NEVER:
        return min(at, NEVER)
    return next((opens for opens, _ in _windows(calendar, at, at + HORIZON)), NEVER)


def zone_of(calendar: Calendar) -> dt.tzinfo:
    """The calendar's time zone; UTC where this machine does not know it."""
    try:
        return ZoneInfo(calendar.timezone)
    except (ValueError, OSError, LookupError):
        return dt.UTC


def first_at(zone: dt.tzinfo, day: dt.date, at: dt.time) -> dt.datetime:
    """The first moment at which a clock in this zone shows this time of this day, or a later one."""
    before = dt.datetime.combine(day, at, zone).utcoffset() or _NOTHING
    after = dt.datetime.combine(day, at.replace(fold=1), zone).utcoffset() or _NOTHING
    shown = dt.datetime.combine(day, at, dt.UTC)
    return shown - before if after <= before else _jump(zone, shown, before, after)


def _jump(zone: dt.tzinfo, shown: dt.datetime, before: dt.timedelta, after: dt.timedelta) -> dt.datetime:
    """The moment at which the clock jumps over a time that it never shows; to the second."""
    early, late = shown - after, shown - before
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        if middle.astimezone(zone).replace(tzinfo=dt.UTC) < shown:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def is_working_day(calendar: Calendar, day: dt.date) -> bool:
    """Whether the domain works on this day at all."""
    return WEEK[day.weekday()] in calendar.days and day not in calendar.holidays


def _windows(calendar: Calendar, begin: dt.datetime, end: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The hours of each working day that lie between two moments, cut to them; at most those of twenty years."""
    begin = min(max(begin.astimezone(dt.UTC), _FIRST), NEVER)
    end = min(end.astimezone(dt.UTC), begin + HORIZON, NEVER)
    zone, (opening, closing) = zone_of(calendar), calendar.hours
    weekdays = {WEEK.index(one) for one in calendar.days if one in WEEK}
    # A day early and a day late: a clock that goes back at midnight shows yesterday's hours again.
    first = begin.astimezone(zone).date().toordinal() - 1
    last = end.astimezone(zone).date().toordinal() + 1
    for number in range(first, last + 1):
        if (number + 6) % 7 not in weekdays:
            continue
        day = dt.date.fromordinal(number)
        if day in calendar.holidays:
            continue
        opens = first_at(zone, day, opening)
        closes = first_at(zone, day + _DAY if closing == MIDNIGHT else day, closing)
        opens, closes = max(opens, begin), min(closes, end)
        if opens < closes:
            yield opens, closes


def _never_closes(calendar: Calendar) -> bool:
    return calendar.hours == (MIDNIGHT, MIDNIGHT) and not calendar.holidays and set(calendar.days) >= set(WEEK)
