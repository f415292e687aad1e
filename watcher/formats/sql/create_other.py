"""CREATE UNIQUE INDEX and CREATE TYPE: what they say of the columns of other tables."""

from __future__ import annotations

from watcher.formats.sql.catalogue import Catalogue
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.effects import Effect
from watcher.formats.sql.key_text import Key
from watcher.formats.sql.keys import keyed


def unique_index(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """CREATE UNIQUE INDEX: a key, where it holds for every row and stands on columns alone."""
    cursor.take("CLUSTERED|NONCLUSTERED")
    cursor.need("INDEX")
    cursor.take("CONCURRENTLY")
    cursor.take("IF", "NOT", "EXISTS")
    name = None if cursor.sees("ON") else cursor.qualified()[-1]
    cursor.take("USING") and cursor.next()
    cursor.need("ON")
    cursor.take("ONLY")
    before = catalogue.need(cursor.qualified())
    cursor.take("USING") and cursor.next()
    members = cursor.names()
    if cursor.until("WHERE") is not None and cursor.sees("WHERE"):
        return []  # A key of some rows only tells no record from all others.
    known = {catalogue.column_key(one.name) for one in before.columns}
    if any(catalogue.column_key(one) not in known for one in members):
        return []  # Over an expression: it says nothing of a column.
    after = catalogue.put(keyed(before, Key(members, primary=False, name=name), catalogue))
    return [Effect(after.name, before, after)]


def new_domain(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """CREATE DOMAIN: another name for a type, whose values it may bound."""
    name = cursor.qualified()
    cursor.take("AS")
    catalogue.types[name[-1].casefold()] = cursor.until("CHECK", "NOT", "NULL", "DEFAULT", "CONSTRAINT", "COLLATE")
    return []


def new_type(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """CREATE TYPE: what a column of it is read as."""
    cursor.take("IF", "NOT", "EXISTS")
    name = cursor.qualified()
    if cursor.take("AS", "ENUM"):
        catalogue.types[name[-1].casefold()] = f"ENUM{cursor.group()}"
    elif cursor.take("AS") and not cursor.sees("(|RANGE|TABLE|OBJECT|VARRAY|VARYING") and cursor.lexis.name == "duckdb":
        catalogue.types[name[-1].casefold()] = cursor.while_(lambda _: True)
    elif cursor.take("FROM"):
        catalogue.types[name[-1].casefold()] = cursor.until("NOT", "NULL")
    return []
