"""A record that is a row of a platform's own log, as JSON: its members whatever their case, its times, its texts.

For logs that somebody carries to Kafka: a query's rows through a connector, an audit trail, an event bus.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import orjson

from watcher.feeds.warehouse.facts import Reading
from watcher.feeds.warehouse.sources.opened import opened, shown
from watcher.model.dataset import RawRecord
from watcher.model.observation import Unreadable

MAX_ROW = 6_000_000
"""Bytes of a record; the largest that a platform writes by default has 5 MB (Trino)."""

Row = dict[str, object]

_YEAR_2286 = 10_000_000_000
_MAX_MILLIS = 253_402_300_799_999


def read(record: RawRecord) -> Row | Reading:
    """The record's row, out of Connect's envelope where it is in one; a Reading where there is none."""
    if record.value is None or not record.value.strip() or record.value.strip() == b"null":
        return Reading("ignored")
    if len(record.value) > MAX_ROW:
        return unreadable("too-large", f"the record has {len(record.value):,} bytes; {MAX_ROW:,} are read at most")
    row = opened(record)
    if isinstance(row, dict) and row.keys() == {"schema", "payload"}:
        row = row["payload"]
        if not isinstance(row, dict | None):
            return unreadable("not-a-row", f"the payload is {shown(row)}: write one row a record, its columns by name")
    if isinstance(row, Unreadable):
        return Reading("unreadable", unreadable=row)
    return Reading("ignored") if row is None else row


def unreadable(kind: str, reason: str) -> Reading:
    """A record that cannot be understood as a whole."""
    return Reading("unreadable", unreadable=Unreadable(kind, reason))


def lowered(row: Mapping[str, object]) -> Row:
    """The row by its columns' names in lower case: connectors do not agree on it."""
    return {name.lower(): value for name, value in row.items()}


def text(value: object) -> str | None:
    """A text that says something; a number as its digits; None for all else."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def first(row: Mapping[str, object], *names: str) -> object:
    """The first of these members that is there and not null."""
    return next((row[name] for name in names if row.get(name) is not None), None)


def inner(value: object) -> Row:
    """An object within a row, also where it was written as a text of JSON; empty where there is none."""
    found = parsed(value)
    return found if isinstance(found, dict) else {}


def parsed(value: object) -> object:
    """What a text of JSON says; None where it is none. What is no text says itself."""
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return None


def number(value: object) -> int | None:
    """A whole number, also written as a text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    if isinstance(value, str) and len(value) <= 20 and value.strip().lstrip("-").isdecimal():
        try:
            return int(value)
        except ValueError:
            return None
    return None


def millis(value: object) -> int | None:
    """A time in milliseconds since the epoch: a number of milliseconds or seconds, or a text, of UTC."""
    counted = number(value)
    if counted is not None:
        found = counted if abs(counted) >= _YEAR_2286 else counted * 1000
        return found if 0 <= found <= _MAX_MILLIS else None
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        moment = dt.datetime.fromisoformat(value.strip().removesuffix(" UTC"))
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)
        since = moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        return None
    found = since // dt.timedelta(milliseconds=1)
    return found if found >= 0 else None
