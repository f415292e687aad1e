"""The small languages within a document: spans of time, days, dataset names."""

from __future__ import annotations

import datetime as dt
import re

from watcher.model.errors import UsageError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(?:[0-9]{1,6}[smhdw])+")
_PART = re.compile(r"([0-9]+)([smhdw])")

SPAN_PATTERN = r"^([0-9]{1,6}[smhdw])+$"
DATASET_PATTERN = r"^[^\s*]+$"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def span(text: str) -> dt.timedelta:
    """`14d`, `4h`, `2w`, `30m`, `90s`, or several in one: `1d12h`."""
    if not _SPAN.fullmatch(text):
        raise UsageError(f"`{text}` is no span of time: write a number and s, m, h, d or w, as in `30m`, `4h`, `14d`")
    return sum((dt.timedelta(**{_UNITS[unit]: int(count)}) for count, unit in _PART.findall(text)), dt.timedelta())


def day(text: str) -> dt.date:
    """A calendar day, `2027-06-30`."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise UsageError(f"`{text}` is no date: write it as year-month-day, as in `2027-06-30`")
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"`{text}` is no date: {error}") from None


def hours(text: str) -> tuple[dt.time, dt.time]:
    """The hours between which somebody works, `09:00-17:00`."""
    begin_text, _, end_text = text.partition("-")
    try:
        begin, end = dt.time.fromisoformat(begin_text), dt.time.fromisoformat(end_text)
    except ValueError:
        raise UsageError(f"`{text}` are no hours: write them as in `09:00-17:00`") from None
    if begin >= end:
        raise UsageError(f"`{text}` end before they begin")
    return begin, end


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
