"""Schemas and databases: what is made, renamed, swapped, copied or replaced with all the tables in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from watcher.formats.sql.catalogue import Catalogue, DdlError, Name, Table
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.effects import Effect
from watcher.formats.sql.rename import moved

_NO_CONTAINERS = "LINK|SCOPED|ROLE|AUDIT|ENCRYPTION|AUTHORIZATION"


def database(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """ALTER SCHEMA and ALTER DATABASE: of their forms only a rename, a swap and SQL Server's transfer move tables."""
    whole = is_outermost(cursor)
    name = container(cursor, catalogue, whole=whole)
    if cursor.take("TRANSFER"):
        cursor.take("OBJECT", ":", ":") or cursor.take("OBJECT", "::")
        if cursor.take("TYPE", "::") or cursor.take("XML"):
            return []
        table = catalogue.need(cursor.qualified())
        return [moved(catalogue, table, (*name, table.name[-1]))]
    if cursor.take("SWAP", "WITH"):
        return _swapped(catalogue, name, container(cursor, catalogue, whole=whole))
    if not (cursor.take("RENAME", "TO") or cursor.take("MODIFY", "NAME", "=")):
        return []
    new = container(cursor, catalogue, whole=whole)
    if catalogue.within(new):
        raise DdlError(f"{'.'.join(new)} is there already")
    return [moved(catalogue, one, (*new, *one.name[len(name) :])) for one in catalogue.within(name)]


def _swapped(catalogue: Catalogue, one: Name, other: Name) -> list[Effect]:
    mine, its = catalogue.within(one), catalogue.within(other)
    for table in (*mine, *its):
        catalogue.drop(table)
    made = [replace(table, name=(*other, *table.name[len(one) :])) for table in mine]
    made += [replace(table, name=(*one, *table.name[len(other) :])) for table in its]
    return _in_place(catalogue, (*mine, *its), made)


def _in_place(catalogue: Catalogue, before: Iterable[Table], after: Iterable[Table]) -> list[Effect]:
    """What stands now where other tables stood, or none."""
    stood = {table.name: table for table in before}
    made = [catalogue.put(table) for table in after]
    effects = [Effect(table.name, stood.pop(table.name, None), table) for table in made]
    return [*(Effect(name, table, None) for name, table in stood.items()), *effects]


def make_container(cursor: Cursor, catalogue: Catalogue, *, replacing: bool) -> list[Effect]:
    """CREATE SCHEMA and CREATE DATABASE: OR REPLACE drops what was in it, CLONE copies what is in another."""
    if cursor.sees(_NO_CONTAINERS) and cursor.peek(1).text:
        return []
    whole = is_outermost(cursor)
    name = container(cursor, catalogue, whole=whole)
    gone: list[Table] = []
    copies: list[Table] = []
    if cursor.take("CLONE"):
        source = container(cursor, catalogue, whole=whole)
        if cursor.sees("AT|BEFORE"):
            told = "a copy of what was there at an earlier time: its tables are not known here"
            raise DdlError(told, kind="not-inferred")
        copies = [copied(one, (*name, *one.name[len(source) :])) for one in catalogue.within(source)]
    if replacing:
        gone = catalogue.within(name)
        catalogue.gone(gone, name)
    effects = _in_place(catalogue, gone, copies)
    if cursor.lexis.name == "snowflake":  # What is created is where names live from here on.
        catalogue.place = (*name, catalogue.lexis.schema) if whole else name
    cursor.while_(lambda token: token.upper != "CREATE")
    if cursor.sees("CREATE", "TABLE|VIEW"):
        raise DdlError("tables that are created as a part of their schema are not followed: create them on their own")
    return effects


def copied(table: Table, name: Name) -> Table:
    """A table of its own with the columns and keys of another."""
    columns = tuple(replace(one, id=0) for one in table.columns)
    return replace(table, name=name, columns=columns, id=None, select=None, broken=None)


def container(cursor: Cursor, catalogue: Catalogue, *, whole: bool | None = None) -> Name:
    """The full name of a schema or database, past the word for it; `whole`: it is a database."""
    whole = is_outermost(cursor) if whole is None else whole
    cursor.take("IF", "NOT", "EXISTS") or cursor.take("IF", "EXISTS")
    name = cursor.qualified()
    return name if whole else _within(catalogue, name)


def _within(catalogue: Catalogue, name: Name) -> Name:
    return name if len(name) > 1 or not catalogue.place[:-1] else (*catalogue.place[:-1], *name)


def is_outermost(cursor: Cursor) -> bool:
    """Whether the word just taken means no schema; to Hive and its heirs DATABASE is another word for one."""
    word = cursor.peek(-1).upper
    return word == "CATALOG" or (word == "DATABASE" and cursor.lexis.name not in ("databricks", "athena"))
