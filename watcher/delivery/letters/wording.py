"""Wording: bodies' values as the words of letters: names set apart, times in two zones, lists that stop in time."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from watcher.delivery.letters.letter import Line, Words

Body: TypeAlias = Mapping[str, Any]
"""A message's data, as `handlers/telling/messages.py` makes it."""

MOST_NAMED = 5
"""So many consumers, fields or reasons are named in one sentence; how many more there are is said."""

LONGEST_VALUE = 200
"""Characters of one value in a sentence."""

LONGEST_TEXT = 2_000
"""Characters of one text or name: what a stranger wrote without end is read to here, and rendered in bounded time."""

_NAMED = re.compile(r"(?<!`)`([^`]+)`(?!`)")


def said(text: object) -> Line:
    """A sentence of ours, in which backticks set names apart."""
    parts = _NAMED.split(_cut(str(text)))
    runs = [Words(part, "code" if odd % 2 else "plain") for odd, part in enumerate(parts) if part]
    return tuple(runs)


def line(*parts: str | Words | Line) -> Line:
    """One line of several parts; a text is as it stands, and reads no backticks."""
    runs: list[Any] = []
    for part in parts:
        if isinstance(part, str):
            runs.append(Words(_cut(part)))
        elif isinstance(part, Words):
            runs.append(part)
        else:
            runs += part
    return tuple(one for one in runs if one.text)


def code(text: object) -> Words:
    """A name or value of a schema."""
    return Words(_cut(str(text)), "code")


def strong(text: object) -> Words:
    """What is to be seen first."""
    return Words(_cut(str(text)), "strong")


def plain(one: Line) -> str:
    """A line's text alone."""
    return "".join(run.text for run in one)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def count(number: int, one: str, many: str = "") -> str:
    """`1 consumer`, `3 consumers`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(names: Iterable[str], most: int = MOST_NAMED) -> str:
    """`a, b and c`; of many the first, and how many more."""
    known = list(dict.fromkeys(str(one) for one in names if one))
    if len(known) > most:
        return f"{', '.join(known[:most])} and {len(known) - most} more"
    if len(known) < 2:
        return "".join(known)
    return f"{', '.join(known[:-1])} and {known[-1]}"


def value(one: Any, longest: int = LONGEST_VALUE) -> str:
    """A value of a schema or a record, on one line, cut where it is long."""
    text = one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def declared(one: Any) -> str:
    """What stood or stands at a place, as people write it: a member's type, a list's items, a value."""
    if isinstance(one, Mapping) and "type" in one:
        more = f", default {value(one['default'])}" if "default" in one else ""
        optional = ", may be absent" if one.get("required") is False else ""
        return value(f"{one['type']}{more}{optional}")
    if isinstance(one, Sequence) and not isinstance(one, str):
        return value(", ".join(declared(each) if isinstance(each, Mapping) else value(each) for each in one))
    return value(one)


def zone_of(body: Mapping[str, Any]) -> str:
    """The time zone in which the domain lives, as far as the body tells it."""
    deadlines = body.get("deadlines")
    return str((deadlines or {}).get("timezone") or "UTC") if isinstance(deadlines, Mapping) else "UTC"


def when(written: object, zone: str = "UTC") -> str:
    """A moment as people read it: `Mon 2 Nov 2026, 12:00 Europe/Berlin (11:00 UTC)`; what is none stays as it is."""
    try:
        at = dt.datetime.fromisoformat(str(written))
        at = at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return str(written)
    if zone == "UTC":
        return f"{_day(at)}, {at:%H:%M} UTC"
    try:
        local = at.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError, OverflowError):
        return f"{_day(at)}, {at:%H:%M} UTC"
    other = f"{at:%H:%M} UTC" if local.date() == at.date() else f"{_day(at)}, {at:%H:%M} UTC"
    return f"{_day(local)}, {local:%H:%M} {zone} ({other})"


_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")


def timed(text: object, zone: str = "UTC") -> str:
    """A sentence whose moments are written as people read them."""
    return _MOMENT.sub(lambda found: when(found[0], zone), str(text))


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _day(at: dt.datetime) -> str:
    return f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year}"


def consumer_name(one: Any) -> str:
    """A consumer as its own people say it: `finance/revenue`."""
    if not isinstance(one, Mapping):
        return str(one)
    return f"{one.get('domain')}/{one['team']}" if one.get("team") else str(one.get("domain", ""))
