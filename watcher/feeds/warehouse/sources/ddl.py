"""Our own DDL event: for every platform that has no feed of its own, for scripts, and for pipelines that know best.

What is published of it is in `schemas/ddl-change.v1.*`. Our own event is checked strictly: a member that is not known
is a mistake of its writer, and each mistake is named with its place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from itertools import islice
from typing import Any

from watcher.feeds.warehouse.facts import ColumnImage, Fact, Gone, Image, Memory, Name, Ran, Reading, Renamed, Touched
from watcher.feeds.warehouse.sources.ddl_event import EVENT, Member, Plain, Record
from watcher.feeds.warehouse.sources.opened import opened, shown
from watcher.formats.sql.dialects import PLATFORMS, platform
from watcher.model.dataset import RawRecord
from watcher.model.observation import Unreadable

KIND = "ddl"
MAX_TOLD = 20
"""Mistakes that are told of one event."""
MAX_PARTS = 8
MAX_PART = 1_000
_LAST = 253_402_300_799_999
"""Milliseconds of the last moment of the year 9999."""

Document = dict[str, Any]


def decode(record: RawRecord, memory: Memory) -> Reading:
    """What one event says."""
    del memory  # each event stands for itself
    document = opened(record)
    if document is None:
        return Reading("ignored")
    if isinstance(document, Unreadable):
        return Reading("unreadable", unreadable=document)
    mistakes = list(islice(_mistakes(document), MAX_TOLD + 1))
    if mistakes:
        more = "; and more" if len(mistakes) > MAX_TOLD else ""
        return Reading("unreadable", unreadable=Unreadable("invalid-event", "; ".join(mistakes[:MAX_TOLD]) + more))
    return _reading({key: value for key, value in document.items() if value is not None})


def _reading(event: Document) -> Reading:
    at = event.get("at")
    return Reading(
        KIND,
        tuple(_facts(event)),
        id=event.get("id"),
        at=at if at is None or isinstance(at, int) else _milliseconds(at),
        by=event.get("by"),
        query=event.get("query") or event.get("commit"),
        baseline=bool(event.get("baseline")),
    )


def _facts(event: Document) -> Iterator[Fact]:
    place = tuple(event[one] for one in ("database", "schema") if event.get(one))
    dialect = event.get("dialect")
    if event.get("sql"):
        yield Ran(event["sql"], place, dialect)
    for table in event.get("tables", ()):
        for fact in _table({key: value for key, value in table.items() if value is not None}, place):
            yield replace(fact, dialect=dialect, baseline=bool(event.get("baseline"))) if type(fact) is Image else fact
    for name in event.get("touched", ()):
        yield Touched(_full(name, place), "the event says that it changed, and not how")


def _table(table: Document, place: Name) -> Iterator[Fact]:
    name = _full(table["name"], place)
    if "renamed_from" in table:
        yield Renamed(_full(table["renamed_from"], place), name)
    if table.get("gone"):
        yield Gone(name, id=table.get("id"))
    elif "columns" in table:
        yield Image(
            name,
            tuple(map(_column, table["columns"])),
            tuple(table["primary_key"]) if "primary_key" in table else None,
            tuple(map(tuple, table["unique"])) if "unique" in table else None,
            view=bool(table.get("view")),
            partial=bool(table.get("partial")),
            id=table.get("id"),
        )


def _column(column: Document) -> ColumnImage:
    tags = column.get("tags")
    return ColumnImage(
        column["name"],
        column["type"],
        column.get("nullable"),
        column.get("default"),
        column.get("id"),
        column.get("comment"),
        None if tags is None else tuple(tags),
    )


# Names.


def _full(name: str | list[str], place: Name) -> Name:
    """A name with what the event says of where names live before it."""
    parts = tuple(name) if isinstance(name, list) else tuple(_parts(name))
    missing = max(0, len(place) + 1 - len(parts))
    return (*place[:missing], *parts)


def _parts(text: str) -> Iterator[str]:
    """The parts of a name with dots; one in double quotes may have dots of its own, and `""` is a quote in it."""
    at = 0
    while at <= len(text):
        if text[at : at + 1] == '"':
            end = at + 1
            while end < len(text) and (text[end] != '"' or text[end + 1 : end + 2] == '"'):
                end += 2 if text[end] == '"' else 1
            yield text[at + 1 : end].replace('""', '"')
            end += 1
        else:
            end = text.find(".", at)
            end = len(text) if end < 0 else end
            yield text[at:end]
        at = end + 1


# Mistakes.


def _mistakes(event: Document) -> Iterator[str]:
    yield from _object(event, EVENT, "")
    said = [one for one in ("sql", "tables", "touched") if event.get(one) is not None]
    if not said:
        yield "the event says nothing: send `sql`, `tables` or `touched`"
    if "sql" in said and "tables" in said:
        yield "`sql` and `tables` say the same in two ways: send one of them"
    if isinstance(event.get("sql"), str) and not event["sql"].strip():
        yield "sql is empty: send statements"
    dialect = event.get("dialect")
    if isinstance(dialect, str) and platform(dialect) is None:
        yield f"dialect: {shown(dialect)} is not known: known are {', '.join(sorted(PLATFORMS))}"
    tables = event.get("tables")
    for at, table in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(table, dict):
            yield from _table_mistakes(table, f"tables[{at}]")


def _table_mistakes(table: Document, where: str) -> Iterator[str]:
    gone, columns = table.get("gone") is True, table.get("columns")
    if gone and (columns or table.get("renamed_from") is not None):
        yield f"{where}: a table that is gone has neither `columns` nor `renamed_from`"
    elif columns == [] and table.get("partial") is not True:
        yield f"{where}.columns is empty: a table has columns; one that only changed belongs into `touched`"
    elif columns is None and not gone and table.get("renamed_from") is None:
        yield f"{where}.columns is missing: list them, or say `gone`, or `renamed_from`; or name it in `touched`"


def _object(given: Any, record: Record, where: str) -> Iterator[str]:
    if not isinstance(given, dict):
        yield f"{where} is {shown(given)}, not an object"
        return
    dot = f"{where}." if where else ""
    known = [member.name for member in record.members]
    for key in given:
        if key not in known:
            near = get_close_matches(key[:60], known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            yield f"{dot}{key[:60]} is not known: {hint}"
    for member in record.members:
        value = given.get(member.name)
        if value is not None:
            yield from _value(value, member, f"{dot}{member.name}")
        elif member.needed:
            yield f"{dot}{member.name} is missing"


def _value(value: Any, member: Member, where: str) -> Iterator[str]:
    if isinstance(value, str | list) and len(value) > member.longest:
        what = "characters" if isinstance(value, str) else "items"
        yield f"{where} has {len(value):,} {what}: {member.longest:,} are read at most"
    elif isinstance(member.kind, Record):
        yield from _each(value, where, lambda one, at: _object(one, _record(member), at))
    else:
        yield from _CHECKS[member.kind](value, where, member)


def _record(member: Member) -> Record:
    assert isinstance(member.kind, Record)  # noqa: S101 - asked just before
    return member.kind


def _each(value: Any, where: str, check: Callable[[Any, str], Iterator[str]]) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{where} is {shown(value)}, not a list"
        return
    for at, one in enumerate(value):
        yield from check(one, f"{where}[{at}]")


def _text(value: Any, where: str, member: Member) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{where} is {shown(value)}, not a text"
    elif member.needed and not value:
        yield f"{where} is empty"
    elif "\0" in value:
        yield f"{where} holds NUL"


def _boolean(value: Any, where: str, _member: Member) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{where} is {shown(value)}, neither true nor false"


def _moment(value: Any, where: str, _member: Member) -> Iterator[str]:
    if isinstance(value, str):
        if _milliseconds(value) is None:
            yield f"{where} is {shown(value)}: write RFC 3339 with its offset, such as 2026-03-01T12:00:00Z"
    elif not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LAST:
        yield f"{where} is {shown(value)}: write RFC 3339, or milliseconds since the epoch"


def _milliseconds(text: str) -> int | None:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    since = moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return max(0, since // dt.timedelta(milliseconds=1))


def _name(value: Any, where: str, member: Member) -> Iterator[str]:
    if isinstance(value, str) and len(value) <= MAX_PART * MAX_PARTS:
        value = list(_parts(value))
    elif not isinstance(value, list):
        yield f"{where} is {shown(value)}: write the parts of the name, or one text with dots"
        return
    if not 0 < len(value) <= MAX_PARTS:
        yield f"{where} has {len(value)} parts: a name has 1 to {MAX_PARTS}"
        return
    for at, part in enumerate(value):
        if not isinstance(part, str) or not 0 < len(part) <= MAX_PART:
            yield f"{where}[{at}] is {shown(part)}: a part of a name has 1 to {MAX_PART} characters"
        else:
            yield from _text(part, f"{where}[{at}]", member)


def _names(value: Any, where: str, member: Member) -> Iterator[str]:
    yield from _each(value, where, lambda one, at: _name(one, at, member))


def _texts(value: Any, where: str, member: Member) -> Iterator[str]:
    yield from _each(value, where, lambda one, at: _text(one, at, member))


def _keys(value: Any, where: str, member: Member) -> Iterator[str]:
    yield from _each(value, where, lambda one, at: _texts(one, at, member))


_CHECKS: Mapping[Plain, Callable[[Any, str, Member], Iterator[str]]] = {
    "text": _text,
    "boolean": _boolean,
    "moment": _moment,
    "name": _name,
    "names": _names,
    "texts": _texts,
    "keys": _keys,
}
