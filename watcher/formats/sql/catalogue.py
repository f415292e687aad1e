"""The catalogue that a script builds: tables and views by name, as the platform itself would list them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from watcher.formats.sql.lexis import Lexis
from watcher.model.types import Type

Name = tuple[str, ...]
"""A name's parts, the outermost first: database, schema, table; as many as are known."""

MAX_COLUMNS = 20_000
MAX_TABLES = 200_000


class DdlError(ValueError):
    """A statement that cannot be applied; the message says why, in words for the reader of a blind spot."""

    def __init__(
        self, message: str, *, kind: Literal["not-understood", "not-known", "not-inferred"] = "not-understood"
    ) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `id` outlives a rename; `generated` says how the platform fills it, None where the writer does."""

    name: str
    text: str
    type: Type
    nullable: bool = True
    default: str | None = None
    generated: str | None = None
    comment: str | None = None
    id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view. `partial` says that columns may be missing: it was made from what could not be inferred."""

    name: Name
    columns: tuple[Column, ...] = ()
    primary_key: Name = ()
    keys: tuple[tuple[str, Name], ...] = ()
    primary_name: str | None = None
    view: bool = False
    temporary: bool = False
    partial: bool = False
    comment: str | None = None


class Catalogue:
    """Tables and views, the types that the script made, and where unqualified names live just now."""

    def __init__(self, lexis: Lexis) -> None:
        self.lexis = lexis
        self.place: Name = ()
        self.types: dict[str, str] = {}
        self._tables: dict[Name, Table] = {}
        self._places: dict[str, set[Name]] = {}
        self._ids = 0

    def __iter__(self) -> Iterator[Table]:
        return iter(self._tables.values())

    def __len__(self) -> int:
        return len(self._tables)

    def tables(self) -> Mapping[str, Table]:
        """Every table by the name that people call it."""
        return {self.called(table.name): table for table in self._tables.values()}

    def called(self, name: Name) -> str:
        """A name as people write it: the platform's own default schema is left away."""
        short = name[1:] if len(name) == 2 and self._same(name[0], self.lexis.schema) else name
        return ".".join(short)

    def full(self, name: Name) -> Name:
        """A name with the current database and schema before it, as far as they are known."""
        missing = len(self.place) + 1 - len(name)
        if missing > 0:
            return (*self.place[:missing], *name)
        return name

    def find(self, name: Name) -> Table | None:
        """The table of a name as a statement writes it, also with less or more parts than its creation had."""
        full = self.full(name)
        found = self._tables.get(self._key(full)) or self._tables.get(self._key(name))
        if found is not None:
            return found
        keys = self._places.get(self.lexis.key(name[-1]), ())
        wanted = self._key(full)
        fits = [one for one in keys if _ends(one, wanted) or _ends(wanted, one)]
        return self._tables[fits[0]] if len(fits) == 1 else None

    def need(self, name: Name) -> Table:
        """The table of a name, which must be there."""
        found = self.find(name)
        if found is None:
            raise DdlError(f"the table {self.called(name)} is not known here", kind="not-known")
        return found

    def put(self, table: Table) -> Table:
        """Hold a table, in place of the one of that name; columns without an id get theirs."""
        if len(table.columns) > MAX_COLUMNS:
            raise DdlError(f"the table has more than {MAX_COLUMNS} columns")
        if len(self._tables) >= MAX_TABLES:
            raise DdlError(f"there are more than {MAX_TABLES} tables")
        seen: set[str] = set()
        for one in table.columns:
            folded = self.column_key(one.name)
            if folded in seen:
                raise DdlError(f"the column {one.name} stands twice")
            seen.add(folded)
        table = replace(table, columns=tuple(one if one.id else replace(one, id=self._next()) for one in table.columns))
        key = self._key(table.name)
        self._tables[key] = table
        self._places.setdefault(self.lexis.key(table.name[-1]), set()).add(key)
        return table

    def drop(self, table: Table) -> None:
        """Hold it no longer."""
        key = self._key(table.name)
        self._tables.pop(key, None)
        self._places.get(self.lexis.key(table.name[-1]), set()).discard(key)

    def within(self, place: Name) -> list[Table]:
        """The tables of a schema or database."""
        wanted = self._key((*place, ""))[:-1]
        return [table for key, table in self._tables.items() if key[: len(wanted)] == wanted and len(key) > len(wanted)]

    def column_key(self, name: str) -> str:
        """What two columns of one name have in common: of the platforms only some tell case apart."""
        return name if self.lexis.exact else name.casefold()

    def _next(self) -> int:
        self._ids += 1
        return self._ids

    def _key(self, name: Name) -> Name:
        keyed = tuple(self.lexis.key(part) for part in name)
        default = self.lexis.key(self.lexis.schema)
        return keyed[1:] if len(keyed) == 2 and default and keyed[0] == default else keyed

    def _same(self, one: str, other: str) -> bool:
        return bool(other) and self.lexis.key(one) == self.lexis.key(other)


def _ends(long: Name, short: Name) -> bool:
    return len(short) <= len(long) and long[len(long) - len(short) :] == short
