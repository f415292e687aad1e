"""The small languages within a document: spans of time, days, dataset names."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from watcher.model.domain import MIDNIGHT, Span
from watcher.model.errors import UsageError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(?:[0-9]{1,6}[smhdw])+")
_PART = re.compile(r"([0-9]+)([smhdw])")

_LONGEST = dt.timedelta(days=36_525)

SPAN_PATTERN = r"^([0-9]{1,6}[smhdw])+$"
HOURS_PATTERN = r"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$"
TIME_PATTERN = r"^[0-9]{2}:[0-9]{2}$"
DAYS_PATTERN = r"^[A-Za-z, -]+$"
HOLIDAY_PATTERN = r"^([0-9]{4}-[0-9]{2}-[0-9]{2}|[A-Z]{2}(-\S+)?)$"
DATASET_PATTERN = r"^[^\s*]+$"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def span(text: str) -> dt.timedelta:
    """`14d`, `4h`, `2w`, `30m`, `90s`, or several in one: `1d12h`."""
    try:
        found = sum((dt.timedelta(**{_UNITS[unit]: count}) for count, unit in _parts(text)), dt.timedelta())
    except OverflowError:
        found = dt.timedelta.max
    if found > _LONGEST:
        raise UsageError(f"`{text[:40]}` is more than a hundred years: nobody will wait for it")
    return found


def working_span(text: str) -> Span:
    """The same as working time: days and weeks are those that somebody works, and stay apart from hours."""
    span(text)
    counted = {unit: sum(count for count, its in _parts(text) if its == unit) for unit in _UNITS}
    time = dt.timedelta(hours=counted["h"], minutes=counted["m"], seconds=counted["s"])
    return Span(counted["w"], counted["d"], time)


def _parts(text: str) -> list[tuple[int, str]]:
    if not _SPAN.fullmatch(text):
        raise UsageError(f"`{text}` is no span of time: write a number and s, m, h, d or w, as in `30m`, `4h`, `14d`")
    return [(int(count), unit) for count, unit in _PART.findall(text)]


def day(text: str) -> dt.date:
    """A calendar day, `2027-06-30`."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise UsageError(f"`{text}` is no date: write it as year-month-day, as in `2027-06-30`")
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"`{text}` is no date: {error}") from None


def clock_time(text: str) -> dt.time:
    """A time of the day, `09:00`."""
    if not re.fullmatch(r"[0-9]{2}:[0-9]{2}", text):
        raise UsageError(f"`{text}` is no time of the day: write it as in `09:00`")
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        raise UsageError(f"`{text}` is no time of the day: it is between `00:00` and `23:59`") from None


def hours(text: str) -> tuple[dt.time, dt.time]:
    """The hours between which somebody works, `09:00-17:00`, within one day; `00:00-24:00` is the whole of it."""
    begin, end = _two_times(text)
    if end == MIDNIGHT and text.endswith("24:00"):
        return begin, MIDNIGHT
    if begin >= end:
        raise UsageError(
            f"`{text}` end before they begin: hours lie within one day, from `00:00` to `24:00`; "
            "a shift over midnight is not read"
        )
    return begin, end


def quiet_hours(text: str) -> tuple[dt.time, dt.time]:
    """The hours in which nobody is told, `20:00-08:00`: over midnight where they end before they begin."""
    begin, end = _two_times(text)
    if begin == end:
        raise UsageError(f"`{text}` is no time of quiet: it ends when it begins; write it as in `20:00-08:00`")
    return begin, end


def _two_times(text: str) -> tuple[dt.time, dt.time]:
    begin_text, _, end_text = text.partition("-")
    try:
        return clock_time(begin_text), MIDNIGHT if end_text == "24:00" else clock_time(end_text)
    except UsageError:
        raise UsageError(f"`{text}` are no hours: write them as in `09:00-17:00`") from None


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    for known in (name, "Europe/London"):
        try:
            ZoneInfo(known)
        except (ValueError, OSError, LookupError):
            continue
        return known == name
    return True  # this machine has no table of zones at all: the name cannot be judged here


def days(text: str) -> tuple[str, ...]:
    """Days of the week: `mon-fri`, `sun-thu`, or a list `mon,wed,fri`."""
    found: list[str] = []
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        last = last or first
        if first not in DAYS or last not in DAYS:
            raise UsageError(f"`{text}` are no days: write them as in `mon-fri` or `mon,wed,fri`, of {', '.join(DAYS)}")
        at, count = DAYS.index(first), (DAYS.index(last) - DAYS.index(first)) % 7 + 1
        found.extend(DAYS[(at + offset) % 7] for offset in range(count))
    return tuple(dict.fromkeys(found))
