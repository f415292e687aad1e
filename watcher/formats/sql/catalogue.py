"""The catalogue that a script builds: tables and views by name, as the platform itself would list them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from watcher.formats.sql.dropped import RESTORING, Dropped
from watcher.formats.sql.lexis import Lexis
from watcher.formats.sql.named_types import resolved
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
    """One column. `id` outlives a rename; `generated` says how the platform fills it, None where the writer does.

    `text` is the type in the platform's words. `means` is what stands for them where they name a type that was made by
    CREATE TYPE or DOMAIN. `id` is our own number, or a text where the platform itself has one; 0 is none yet. `classes`
    are the classification tags on it.
    """

    name: str
    text: str
    type: Type
    nullable: bool = True
    default: str | None = None
    generated: str | None = None
    comment: str | None = None
    classes: tuple[str, ...] = ()
    means: str | None = field(default=None, compare=False)
    id: int | str = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Select:
    """What a view selects: the text, and the database and schema that it was made in.

    `uses` are the tables that it reads, each with the columns of it that the SELECT names; `awaits` are those that are
    not known here. `names` are the columns' names where the view lists them itself.
    """

    text: str
    place: Name = ()
    uses: tuple[tuple[Name, Name], ...] = ()
    awaits: tuple[Name, ...] = ()
    names: Name = ()

    @property
    def reads(self) -> tuple[Name, ...]:
        """Every table that it reads."""
        return (*(name for name, _ in self.uses), *self.awaits)


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view. `partial` says that columns may be missing: it was made from what could not be inferred.

    `id` is the platform's own for the table, which outlives its name. `select` is there for views that are followed.
    `broken` says why no query of a view succeeds any more; its columns are those of its last good day. `dialect` is
    that of the types, where the catalogue's is another.
    """

    name: Name
    columns: tuple[Column, ...] = ()
    primary_key: Name = ()
    keys: tuple[tuple[str, Name], ...] = ()
    primary_name: str | None = None
    view: bool = False
    temporary: bool = False
    partial: bool = False
    comment: str | None = None
    id: str | None = None
    select: Select | None = None
    broken: str | None = None
    dialect: str | None = field(default=None, compare=False)


class Catalogue:
    """Tables and views, the types that the script made, and where unqualified names live just now."""

    def __init__(self, lexis: Lexis) -> None:
        self.lexis = lexis
        self.place: Name = ()
        self.types: dict[str, str] = {}
        self.dropped: Dropped[Table] = Dropped()
        self.changed: dict[Name, None] = {}
        """Names whose table is another one, or gone, since somebody emptied this: also by a statement that failed."""
        self._tables: dict[Name, Table] = {}
        self._places: dict[str, set[Name]] = {}
        self._readers: dict[str, dict[Name, None]] = {}
        self.next_id = 1

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
        missing = max(0, len(self.place) + 1 - len(name))
        return self.lexis.table((*self.place[:missing], *name))

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

    def at(self, name: Name) -> Table | None:
        """The table of a name as the catalogue itself holds it, wherever unqualified names live just now."""
        return self._tables.get(self._key(name))

    @property
    def followed(self) -> bool:
        """Whether there is any view that reads a table."""
        return bool(self._readers)

    def readers(self, name: Name) -> list[Table]:
        """The views that read a table of that name, or may: of those that say less or more of the name's parts too."""
        wanted = self._key(name)
        found = [self._tables.get(key) for key in self._readers.get(self.lexis.key(name[-1]), ())]
        return [one for one in found if one is not None and one.select is not None and self._reads(one.select, wanted)]

    def _reads(self, select: Select, wanted: Name) -> bool:
        keys = [self._key(one) for one in select.reads]
        return any(_ends(one, wanted) or _ends(wanted, one) for one in keys)

    def need(self, name: Name) -> Table:
        """The table of a name, which must be there."""
        found = self.find(name)
        if found is None:
            raise DdlError(f"the table {self.called(name)} is not known here", kind="not-known")
        return found

    def put(self, table: Table) -> Table:
        """Hold a table, in place of the one of that name; columns keep their ids, those without one get theirs."""
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
        columns = tuple(self._held(one) for one in table.columns)
        table = replace(table, name=self.lexis.table(table.name), columns=columns)
        key = self._key(table.name)
        before = self._tables.get(key)
        self._read_no_more(before, key)
        if before is not None and before.name != table.name:
            self.changed[before.name] = None
        self.changed[table.name] = None
        self._tables[key] = table
        for name in table.select.reads if table.select else ():
            self._readers.setdefault(self.lexis.key(name[-1]), {})[key] = None
        self._places.setdefault(self.lexis.key(table.name[-1]), set()).add(key)
        return table

    def drop(self, table: Table) -> None:
        """Hold it no longer."""
        key = self._key(table.name)
        self.changed[table.name] = None
        self._read_no_more(self._tables.pop(key, None), key)
        self._places.get(self.lexis.key(table.name[-1]), set()).discard(key)

    def gone(self, tables: Iterable[Table], within: Name | None = None) -> None:
        """Hold them no longer, but keep them for the platforms that can bring them back.

        `within` is the schema or database that goes with them.
        """
        tables = list(tables)
        for one in tables:
            self.drop(one)
        if self.lexis.name in RESTORING:
            self.dropped.keep(tables, within)

    def fits(self, name: Name, wanted: Name) -> bool:
        """Whether two names are one, though either may say less of it."""
        mine, its = self._key(name), self._key(wanted)
        return _ends(mine, its) or _ends(its, mine)

    def within(self, place: Name) -> list[Table]:
        """The tables of a schema or database."""
        wanted = self._key((*place, ""))[:-1]
        return [table for key, table in self._tables.items() if key[: len(wanted)] == wanted and len(key) > len(wanted)]

    def column_key(self, name: str) -> str:
        """What two columns of one name have in common: of the platforms only some tell case apart."""
        return name if self.lexis.exact else name.casefold()

    def _read_no_more(self, table: Table | None, key: Name) -> None:
        for name in table.select.reads if table and table.select else ():
            last = self.lexis.key(name[-1])
            readers = self._readers.get(last, {})
            readers.pop(key, None)
            if not readers:
                self._readers.pop(last, None)

    def _held(self, column: Column) -> Column:
        means = self._meaning(column.text) or column.means
        if column.id and means == column.means:
            return column
        number: int | str = column.id
        if not number:
            number, self.next_id = self.next_id, self.next_id + 1
        return replace(column, id=number, means=means)

    def _meaning(self, text: str) -> str | None:
        found = resolved(text, self.types)
        return None if found == text else found

    def _key(self, name: Name) -> Name:
        keyed = tuple(self.lexis.key(part) for part in name)
        default = self.lexis.key(self.lexis.schema)
        return keyed[1:] if len(keyed) == 2 and default and keyed[0] == default else keyed

    def _same(self, one: str, other: str) -> bool:
        return bool(other) and self.lexis.key(one) == self.lexis.key(other)


def _ends(long: Name, short: Name) -> bool:
    return len(short) <= len(long) and long[len(long) - len(short) :] == short
