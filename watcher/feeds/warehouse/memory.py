"""What a warehouse's feed remembers between records: tables, types, what was told already, what is to be read again.

All of it is entries of text to bytes, kept in the ledger with the facts; only what changed is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import orjson

from watcher.feeds.warehouse.facts import Name
from watcher.formats.sql.catalogue import Catalogue, Table
from watcher.formats.sql.dialects import dialect_of
from watcher.formats.sql.document import table_of, table_text
from watcher.formats.sql.dropped import Drop
from watcher.formats.sql.lexis import Lexis, lexis
from watcher.model.errors import SchemaError

MAX_TOLD = 20_000
"""Events whose ids are remembered: what comes again later than that is applied again, to a state that it fits."""

_ANY = "trino"
"""The dialect of types whose namespace names no platform: files and topics, as lineage events tell them."""


class Entries(MutableMapping[str, bytes]):
    """A part of the memory under one prefix; knows which of its keys changed.

    What a decoder keeps is bytes as it likes, what we keep is JSON.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._entries: dict[str, bytes] = {}
        self._changed: set[str] = set()

    def restore(self, key: str, value: bytes) -> bool:
        """Take an entry in, where it is one of ours."""
        if not key.startswith(self._prefix):
            return False
        self._entries[key[len(self._prefix) :]] = value
        return True

    def __getitem__(self, key: str) -> bytes:
        return self._entries[key]

    def __setitem__(self, key: str, value: bytes) -> None:
        self._entries[key] = value
        self._changed.add(key)

    def __delitem__(self, key: str) -> None:
        del self._entries[key]
        self._changed.add(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def load(self, key: str) -> Any:
        """The JSON value under a key; None where there is none."""
        value = self._entries.get(key)
        return None if value is None else orjson.loads(value)

    def save(self, key: str, value: Any) -> None:
        """Keep a JSON value; None forgets it."""
        if value is not None:
            self[key] = orjson.dumps(value)
        elif key in self._entries:
            del self[key]

    def drain(self) -> Iterator[tuple[str, bytes | None]]:
        """The entries that changed."""
        for key in sorted(self._changed):
            yield self._prefix + key, self._entries.get(key)
        self._changed.clear()


class WarehouseMemory:
    """All of it; `place` is the database and schema of names that say less, `dialect` that of the feed's namespace."""

    def __init__(self, namespace: str, dialect: str, place: Name) -> None:
        self._namespace = namespace
        self._dialect = dialect
        self._place = place
        self.restore(())

    def restore(self, entries: Iterable[tuple[str, bytes]]) -> None:
        """Forget everything, and remember these entries."""
        self.source = Entries("m|")
        self.blind = Entries("b|")
        """Datasets with open blind spots: their keys, and why no verdict is possible where none is."""
        self.wanted = Entries("w|")
        """Tables that are to be read again."""
        self.causes = Entries("c|")
        """Views that are broken: the dataset whose change broke them, whatever happens to them meanwhile."""
        self.looked = Entries("l|")
        """When databases and tables were last looked at, in milliseconds."""
        self._told = Entries("e|")
        self._counted = Entries("n|")
        self._types = Entries("y|")
        self._dropped = Entries("d|")
        """Tables that a statement may bring back."""
        self._catalogues: dict[str, Catalogue] = {}
        self._by_id: dict[tuple[str, str], Name] = {}
        self._moved: dict[tuple[str, Name], None] = {}
        tables: list[tuple[str, bytes]] = []
        parts = self._parts()
        for key, value in entries:
            if key.startswith("t|"):
                tables.append((key, value))
            elif not any(part.restore(key, value) for part in parts):
                raise SchemaError(f"the feed's memory holds {key[:60]!r}, of a later watcher")
        self._build(tables)

    def _build(self, tables: Sequence[tuple[str, bytes]]) -> None:
        for key in self._types:
            namespace, name = _parted(key)
            self.catalogue(namespace).types[name[0]] = self._types.load(key)
        for key, value in tables:
            self._hold(_parted(key[2:])[0], table_of(value.decode()))
        for key in self._dropped:
            namespace, (number,) = _parted(key)
            kept = self._dropped.load(key)
            within = tuple(kept["within"]) if kept["within"] is not None else None
            drop = Drop(tuple(table_of(text) for text in kept["tables"]), within)
            self.catalogue(namespace).dropped.restore(int(number), drop)
        for catalogue in self._catalogues.values():
            list(catalogue.dropped.drain())
            catalogue.changed.clear()
        for namespace in self._counted:
            self.catalogue(namespace).next_id = self._counted.load(namespace)

    def _parts(self) -> tuple[Entries, ...]:
        kept = (self._told, self._counted, self._types, self._dropped)
        return (self.source, self.blind, self.wanted, self.causes, self.looked, *kept)

    def drain(self) -> Sequence[tuple[str, bytes | None]]:
        """The entries that changed since the last call; None where one is gone."""
        found: list[tuple[str, bytes | None]] = []
        for namespace, catalogue in self._catalogues.items():
            self._moved.update(dict.fromkeys((namespace, name) for name in catalogue.changed))
            catalogue.changed.clear()
        for namespace, name in self._moved:
            table = self.table(name, namespace)
            table = table if table is not None and table.name == name else None  # kept under its name's other case
            text = None if table is None else table_text(table, self.lexis(namespace).name).encode()
            found.append((f"t|{_key(namespace, name)}", text))
        self._moved.clear()
        for namespace, catalogue in self._catalogues.items():
            if catalogue.next_id != (self._counted.load(namespace) or 1):
                self._counted.save(namespace, catalogue.next_id)
            self._drain_types(namespace, catalogue)
            self._drain_dropped(namespace, catalogue)
        for part in self._parts():
            found += part.drain()
        return found

    def _drain_types(self, namespace: str, catalogue: Catalogue) -> None:
        kept = {name[0]: key for key in self._types for where, name in [_parted(key)] if where == namespace}
        for name, text in catalogue.types.items():
            key = _key(namespace, (name,))
            if self._types.load(key) != text:
                self._types.save(key, text)
        for name in kept.keys() - catalogue.types.keys():
            self._types.save(kept[name], None)

    def _drain_dropped(self, namespace: str, catalogue: Catalogue) -> None:
        dialect = self.lexis(namespace).name
        for number, drop in catalogue.dropped.drain():
            told = drop and {"within": drop.within, "tables": [table_text(one, dialect) for one in drop.tables]}
            self._dropped.save(_key(namespace, (str(number),)), told)

    # Tables.

    def lexis(self, namespace: str) -> Lexis:
        """How names and statements are written in a namespace."""
        dialect = self._dialect if namespace == self._namespace else dialect_of(namespace)
        known = lexis(dialect) if dialect is not None else _unnamed()
        assert known is not None  # noqa: S101 - the settings were checked
        return known

    def catalogue(self, namespace: str) -> Catalogue:
        """The tables of a namespace."""
        found = self._catalogues.get(namespace)
        if found is None:
            found = self._catalogues[namespace] = Catalogue(self.lexis(namespace))
            found.place = self.place(namespace)
        return found

    def place(self, namespace: str) -> Name:
        """Where names that say less live."""
        return self._place if namespace == self._namespace else ()

    def table(self, name: Name, namespace: str) -> Table | None:
        """The table of exactly this name."""
        found = self.catalogue(namespace).find(name)
        return found if found is not None and len(found.name) == len(name) else None

    def identified(self, id_: str | None, namespace: str) -> Table | None:
        """The table that the platform itself names so."""
        name = self._by_id.get((namespace, id_)) if id_ else None
        found = self.table(name, namespace) if name else None
        return found if found is not None and found.id == id_ else None

    def put(self, table: Table, namespace: str) -> Table:
        """Hold a table."""
        held = self._hold(namespace, table)
        self._moved[namespace, held.name] = None
        return held

    def drop(self, table: Table, namespace: str) -> None:
        """Hold it no longer, under this name at least."""
        self.catalogue(namespace).drop(table)
        self._moved[namespace, table.name] = None

    def gone(self, table: Table, namespace: str) -> None:
        """It was dropped: a statement may bring it back."""
        self.catalogue(namespace).gone([table])
        self._moved[namespace, table.name] = None

    def moved(self, namespace: str, name: Name) -> None:
        """A statement changed the catalogue: the table of this name is another one, or gone."""
        self._moved[namespace, name] = None
        table = self.table(name, namespace)
        if table is not None and table.id:
            self._by_id[namespace, table.id] = table.name

    def _hold(self, namespace: str, table: Table) -> Table:
        held = self.catalogue(namespace).put(table)
        if held.id:
            self._by_id[namespace, held.id] = held.name
        return held

    # Events.

    def told(self, id_: str) -> bool:
        """Whether an event of this id came before; it is remembered from now on."""
        digest = hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        if digest in self._told:
            return True
        self._told[digest] = b"1"
        if len(self._told) > MAX_TOLD:
            for old in list(self._told)[: MAX_TOLD // 10]:
                del self._told[old]
        return False

    def tables(self, namespace: str) -> Sequence[Table]:
        """All tables of a namespace."""
        return list(self.catalogue(namespace))


@lru_cache(maxsize=1)
def _unnamed() -> Lexis | None:
    """How names are written where no platform is named: as they come."""
    known = lexis(_ANY)
    return replace(known, lowered=False) if known is not None else None


def key_of(name: Name, namespace: str) -> str:
    """What a table's entries are kept under."""
    return _key(namespace, name)


def name_of(key: str) -> tuple[str, Name]:
    """The namespace and the name of an entry's key."""
    return _parted(key)


def _key(namespace: str, name: Name) -> str:
    return orjson.dumps([namespace, *name]).decode()


def _parted(key: str) -> tuple[str, Name]:
    namespace, *name = orjson.loads(key)
    return namespace, tuple(name)
