"""Debezium's schema-change topic: each record has the tables as they stand after a statement, and its text beside them.

Where the documentation and what the connectors write differ, both are read: a rename's two ids or its one, a table's
attributes or none, ids with quotes or without, two parts or three.
Longer than 300 lines: one record is read by one class, and what its names and its key are made of belongs beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import orjson

from watcher.feeds.warehouse.facts import Blind, Fact, Gone, Image, Memory, Name, Ran, Reading, Renamed, Touched
from watcher.feeds.warehouse.sources.debezium_text import renames, spoken, unlisted, views
from watcher.feeds.warehouse.sources.debezium_types import column
from watcher.feeds.warehouse.sources.opened import opened, shown
from watcher.model.dataset import RawRecord
from watcher.model.observation import Unreadable

KIND = "schema-change"
MAX_CHANGES = 20_000
MAX_COLUMNS = 20_000
MAX_ID = 4_000
MAX_PARTS = 4
MAX_BEFORE = 8
"""Names that a table may have had before, as one text tells it."""
_LAST = 253_402_300_799_999
"""Milliseconds of the last moment of the year 9999."""

Document = Mapping[str, Any]

_PLACES: Mapping[str, tuple[str, ...]] = {
    "mysql": ("server_id", "gtid", "file", "pos", "row"),
    "mariadb": ("server_id", "gtid", "file", "pos", "row"),
    "sqlserver": ("commit_lsn", "change_lsn", "event_serial_no"),
    "db2": ("commit_lsn", "change_lsn"),
    "informix": ("commit_lsn", "change_lsn", "begin_lsn", "txId"),
    "oracle": ("commit_scn", "scn", "rs_id", "ssn", "redo_thread", "txId", "lcr_position"),
    "yashandb": ("scn", "position_scn", "group_lsn", "group_offset", "txId", "instance_id"),
}
"""Where a connector's record stands in its database's log: what of `source` is the same when it comes again."""
_ANY_PLACE = ("commit_lsn", "change_lsn", "lsn", "commit_scn", "scn", "gtid", "file", "pos", "row", "txId")
_PARTS: Mapping[str, int] = {"mysql": 2, "mariadb": 2}
"""Parts of a table's name; three on all others."""
_SNAPSHOT = frozenset({"true", "first", "first_in_data_collection", "last_in_data_collection", "last", "incremental"})


def decode(record: RawRecord, memory: Memory) -> Reading:
    """What one record of the topic says."""
    document = opened(record)
    if document is None:
        return Reading("ignored")
    if isinstance(document, Unreadable):
        return Reading("unreadable", unreadable=document)
    payload = document.get("payload") if _is_envelope(document) else document
    if payload is None:
        return Reading("ignored")
    if not isinstance(payload, dict):
        return _unread("not-an-object", f"the payload is {shown(payload)}, not an object")
    if "position" in payload and "tableChanges" in payload:
        reason = (
            "this is the connector's own schema history, which is no interface: read the topic named `topic.prefix`"
        )
        return _unread("schema-history", reason)
    if "tableChanges" in payload or ("ddl" in payload and "databaseName" in payload):
        return _Change(payload, memory).reading()
    return _other(payload, memory)


def _is_envelope(document: Document) -> bool:
    """Whether a converter wrote the schema beside it."""
    return "payload" in document and document.keys() <= {"schema", "payload"}


def _unread(kind: str, reason: str) -> Reading:
    return Reading("unreadable", unreadable=Unreadable(kind, reason))


def _other(payload: Document, memory: Memory) -> Reading:
    """What else Debezium writes, and topics that hold several things: told once where it is a mistake."""
    if payload.keys() <= {"ts_ms", "ts_us", "ts_ns"} or {"status", "id"} <= payload.keys():
        return Reading("ignored")  # a heartbeat, a transaction's begin or end
    if "op" not in payload or not ("after" in payload or "before" in payload):
        return _unread(
            "not-a-schema-change", "the record is no schema change as Debezium writes one: is the topic right?"
        )
    if "told|data-change" in memory:
        return Reading("data-change")
    memory["told|data-change"] = b"1"
    reason = (
        "the topic has changes of data, not of schemas: set `topic` to the connector's `topic.prefix`, or leave it "
        "where both are meant to share a topic (this is said once)"
    )
    return _unread("data-change", reason)


class _Change:
    """One schema-change record."""

    def __init__(self, payload: Document, memory: Memory) -> None:
        self._payload = payload
        self._memory = memory
        source = payload.get("source")
        self._source: Document = source if isinstance(source, dict) else {}
        self._connector = _text(self._source, "connector") or ""
        self._database = _text(payload, "databaseName") or _text(self._source, "db")
        self._schema = _text(payload, "schemaName") or _text(self._source, "schema")
        self._ddl = _text(payload, "ddl") or ""
        word = _text(self._source, "snapshot") or ""
        self._snapshot = self._source.get("snapshot") is True or word.lower() in _SNAPSHOT
        self._renamed: dict[str, list[str]] | None = None

    def reading(self) -> Reading:
        """What it says."""
        changes = self._payload.get("tableChanges")
        if changes is not None and not isinstance(changes, list):
            return _unread("invalid-record", f"`tableChanges` is {shown(changes)}, not a list")
        if changes is not None and len(changes) > MAX_CHANGES:
            return _unread("too-large", f"`tableChanges` has {len(changes):,} items; {MAX_CHANGES:,} are read at most")
        facts = tuple(self._facts(changes or []))
        return Reading(
            KIND if facts else "ignored",
            facts,
            id=None if self._snapshot else self._key(changes or []),
            at=self._at(),
            by=_text(self._source, "user_name"),
            query=self._query(),
        )

    def _facts(self, changes: list[Any]) -> Iterator[Fact]:
        for number, change in enumerate(changes):
            yield from self._change(change, number)
        if self._snapshot or not self._ddl:
            return  # a snapshot drops and makes databases anew: only what stands counts
        lexis = spoken(self._connector)
        texts = views(self._ddl, lexis) if changes else unlisted(self._ddl, lexis, concerns=self._concerns)
        for text in texts:
            yield Ran(text, self._place())

    def _change(self, change: Any, number: int) -> Iterator[Fact]:
        where = f"tableChanges[{number}]"
        names = _names(change.get("id")) if isinstance(change, dict) else []
        if not names:
            told = shown(change.get("id")) if isinstance(change, dict) else shown(change)
            yield Blind("invalid-record", f"{where} names no table: its id is {told}")
            return
        kind, table, name = change.get("type"), change.get("table"), self._complete(names[-1])
        if kind == "DROP":
            self._forget(name)
            yield Gone(name, baseline=self._snapshot)
            return
        if kind not in ("CREATE", "ALTER"):
            yield Blind("invalid-record", f"{where}.type is {shown(kind)}: CREATE, ALTER and DROP are known", name)
            return
        before = self._before(names, name) if kind == "ALTER" else None
        if before is not None:
            self._forget(before)
            yield Renamed(before, name)
        self._remember(name)
        yield self._image(table, name, where)

    def _image(self, table: Any, name: Name, where: str) -> Fact:
        listed = table.get("columns") if isinstance(table, dict) else None
        if not isinstance(table, dict) or not isinstance(listed, list) or not listed:
            return Touched(name, f"the record says that it changed, and lists no columns of it ({where})")
        if len(listed) > MAX_COLUMNS:
            return Blind("too-large", f"{where} has {len(listed):,} columns; {MAX_COLUMNS:,} are read at most", name)
        columns = [column(one, self._connector) for one in sorted(listed, key=_position)]
        if any(one is None for one in columns):
            number = columns.index(None)
            return Blind("invalid-record", f"{where}: column {number + 1} has no name or no type", name)
        primary = table.get("primaryKeyColumnNames")
        known = isinstance(primary, list) and all(isinstance(one, str) for one in primary)
        return Image(
            name,
            tuple(one for one in columns if one is not None),
            tuple(primary or ()) if known else None,
            baseline=self._snapshot,
        )

    # Names.

    def _complete(self, name: Name) -> Name:
        """A name with the record's database and schema before it, as far as it lacks them."""
        place = self._place()
        if len(name) > 1 and (self._connector not in _PLACES or name[0] == self._database):
            return name
        missing = max(0, len(place) + 1 - len(name))
        return (*place[:missing], *name)

    def _place(self) -> Name:
        place = (self._database,) if _PARTS.get(self._connector) == 2 else (self._database, self._schema)
        return tuple(one for one in place if one)

    def _before(self, names: list[Name], after: Name) -> Name | None:
        """The name that a table had before this record; None where it had this one, or was not known."""
        if len(names) == 2 and names[0] != names[1]:
            return self._complete(names[0])
        if self._renamed is None:
            self._renamed = self._renames()
        known = [self._memory[one] for one in self._renamed.get(_held(after), ()) if one in self._memory]
        return tuple(orjson.loads(known[0])) if known else None

    def _renames(self) -> dict[str, list[str]]:
        """The keys of tables that the text gives another name, by the key that they have then."""
        found: dict[str, list[str]] = {}
        for old, new in renames(self._ddl, spoken(self._connector)):
            before = self._complete(old)
            # A bare new name is in the current database on MySQL, and beside the old one elsewhere.
            for meant in (self._complete(new), (*before[:-1], *new)):
                many = found.setdefault(_held(meant), [])
                if not _same(before, meant) and len(many) < MAX_BEFORE:
                    many.append(_held(before))
        return found

    def _concerns(self, verb: str, name: Name) -> bool:
        """Whether a statement is about a table that the connector captures, or that was made before our eyes."""
        key = _held(self._complete(name))
        known = key in self._memory
        if verb == "CREATE":
            self._remember(self._complete(name))
        elif verb == "DROP":
            self._memory.pop(key, None)
        return known or verb == "CREATE"

    def _remember(self, name: Name) -> None:
        self._memory[_held(name)] = orjson.dumps(list(name))

    def _forget(self, name: Name) -> None:
        self._memory.pop(_held(name), None)

    # The record itself.

    def _key(self, changes: list[Any]) -> str | None:
        """Where the record stands in the database's log, and what it says: one statement may give several."""
        place = [_plain(self._source.get(one)) for one in _PLACES.get(self._connector, _ANY_PLACE)]
        if all(one in (None, "", 0, "0") for one in place):
            return None
        said = [[_plain(one.get("type")), _plain(one.get("id"))] if isinstance(one, dict) else None for one in changes]
        text = orjson.dumps([self._database, self._ddl, said])
        name = _text(self._source, "name") or ""
        return "|".join([self._connector, name, *map(str, place), hashlib.sha256(text).hexdigest()[:16]])

    def _at(self) -> int | None:
        """When the database did it; the connector's own clock where that is not said."""
        found = (one.get("ts_ms") for one in (self._source, self._payload))
        return next((one for one in found if type(one) is int and 0 < one <= _LAST), None)

    def _query(self) -> str | None:
        """Where to look it up in the database's log."""
        if _text(self._source, "file") and not _text(self._source, "gtid"):
            return f"{self._source['file']}:{_plain(self._source.get('pos'))}"
        places = map(partial(_text, self._source), ("gtid", "commit_lsn", "scn"))
        return next((one for one in places if one), None)


_HELD = "t|"
"""Before the names of tables that records have shown: a rename of another says nothing here."""


def _held(name: Name) -> str:
    return _HELD + orjson.dumps([part.casefold() for part in name]).decode()


def _same(one: Name, other: Name) -> bool:
    """Whether a statement's name, which may have another case, is the listed one."""
    return _held(one) == _held(other)


def _plain(value: Any) -> str | int | None:
    """A value that stands for itself; what is nested says nothing here."""
    return value if isinstance(value, str | int) else None


def _text(document: Document, key: str) -> str | None:
    value = document.get(key)
    return value if isinstance(value, str) and value else None


def _position(listed: Any) -> int:
    position = listed.get("position") if isinstance(listed, dict) else None
    return position if type(position) is int else 0


def _names(given: Any) -> list[Name]:
    """The tables of an id: one, or the old and the new with a comma between; quotes may be there or not."""
    if not isinstance(given, str) or not 0 < len(given) <= MAX_ID:
        return []
    names: list[list[str]] = [[]]
    at = 0
    while at < len(given):
        if given[at] in ".,":
            if given[at] == ",":
                names.append([])
            at += 1
            continue
        part, at = _part(given, at)
        if part:
            names[-1].append(part)
    return (
        [tuple(one) for one in names if one] if len(names) <= 2 and all(0 < len(n) <= MAX_PARTS for n in names) else []
    )


def _part(text: str, at: int) -> tuple[str, int]:
    if text[at] != '"':
        end = next((end for end in range(at, len(text)) if text[end] in ".,"), len(text))
        return text[at:end].strip(), end
    end = at + 1
    while end < len(text) and (text[end] != '"' or text[end + 1 : end + 2] == '"'):
        end += 2 if text[end] == '"' else 1
    return text[at + 1 : end].replace('""', '"'), end + 1
