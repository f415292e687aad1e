"""Until: the end that somebody names of a waiver or a snooze, read alike from a command line, a page and a tracker."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from watcher.formats.contracts.scalars import span
from watcher.model.errors import UsageError

_LAST = dt.time(23, 59, 59)
_UNITS = frozenset("smhdw")


def read_until(written: object, now: dt.datetime, zone: str = "UTC") -> dt.datetime:
    """A day (to its last second), a moment, or a span from now (`3d`), in UTC; what names no zone is in `zone`.

    Raises UsageError, which shows how each is written.
    """
    text = written.isoformat() if isinstance(written, dt.date) else str(written).strip()
    try:
        return now + span(text.lower())
    except OverflowError:
        return dt.datetime.max.replace(tzinfo=dt.UTC)
    except UsageError:
        if text[:1].isdigit() and text[-1:].lower() in _UNITS:
            raise
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        pass
    else:
        return _in(dt.datetime.combine(day, _LAST), zone)
    try:
        return _in(dt.datetime.fromisoformat(text), zone)
    except ValueError:
        raise UsageError(f"{text[:40]!r} is no day (2027-03-31), no moment and no span (3d)") from None


def _in(at: dt.datetime, zone: str) -> dt.datetime:
    local = at.replace(tzinfo=ZoneInfo(zone)) if at.tzinfo is None else at
    try:
        return local.astimezone(dt.UTC)
    except OverflowError:
        return dt.datetime.max.replace(tzinfo=dt.UTC)
