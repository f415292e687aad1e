"""DROP, and where unqualified names live: USE, SET search_path."""

from __future__ import annotations

from watcher.formats.sql import shape
from watcher.formats.sql.catalogue import Catalogue, DdlError, Table
from watcher.formats.sql.containers import container, is_outermost
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.effects import Effect
from watcher.formats.sql.keys import unkeyed
from watcher.formats.sql.lexis import value
from watcher.formats.sql.named_types import names as names_type

_KINDS = "TEMPORARY|TEMP|EXTERNAL|ICEBERG|DYNAMIC|HYBRID|MATERIALIZED|FOREIGN|TRANSIENT|STREAMING|LIVE|SNAPSHOT|EVENT"


def drop(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """One DROP, of as many as it names."""
    if cursor.sees("MATERIALIZED", "VIEW", "LOG", "ON"):
        return []
    while cursor.sees(_KINDS, "TABLE|VIEW|" + _KINDS):
        cursor.next()
    if cursor.take("TABLE|VIEW"):
        return _drop_tables(cursor, catalogue)
    if cursor.take("CATALOG|SCHEMA|DATABASE|NAMESPACE"):
        effects = []
        whole = is_outermost(cursor)
        while True:
            within = container(cursor, catalogue, whole=whole)
            tables = catalogue.within(within)
            catalogue.gone(tables, within)
            effects += [Effect(one.name, one, None) for one in tables]
            if not cursor.take(","):
                return effects
    if cursor.take("INDEX"):
        return _drop_index(cursor, catalogue)
    if cursor.take("TYPE|DOMAIN"):
        cursor.take("IF", "EXISTS")
        return _drop_types(cursor, catalogue)
    return []


def _drop_types(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """DROP TYPE, DROP DOMAIN: CASCADE takes the columns of the type with it."""
    names = [cursor.qualified()[-1].casefold()]
    while cursor.take(","):
        names.append(cursor.qualified()[-1].casefold())
    effects: list[Effect] = []
    for table in list(catalogue) if cursor.take("CASCADE") else ():
        after = table
        for one in table.columns:
            if any(names_type(one.text, name) for name in names):
                after = shape.dropped(after, one.name, catalogue)
        if after != table:
            effects.append(Effect(table.name, table, catalogue.put(after)))
    for name in names:
        catalogue.types.pop(name, None)
    return effects


def _drop_tables(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    exists = cursor.take("IF", "EXISTS")
    gone: list[Table] = []
    while True:
        name = cursor.qualified()
        exists_here = cursor.take("IF", "EXISTS") or exists
        found = catalogue.find(name)
        if found is not None:
            gone.append(found)
        elif not exists_here:
            raise DdlError(f"the table {catalogue.called(name)} is not known here", kind="not-known")
        if not cursor.take(","):
            break
    while cursor.take("CASCADE|CONSTRAINTS|RESTRICT"):
        pass
    for one in gone:
        catalogue.drop(one) if cursor.sees("PURGE") else catalogue.gone([one])
    return [Effect(one.name, one, None) for one in gone]


def _drop_index(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    cursor.take("CONCURRENTLY")
    cursor.take("IF", "EXISTS")
    name = cursor.qualified()
    if cursor.take("ON"):
        found = catalogue.find(cursor.qualified())
        tables = [found] if found else []
    else:
        tables = [one for one in catalogue if any(key == name[-1] for key, _ in one.keys)]
    effects = []
    for table in tables:
        after = unkeyed(table, name[-1], catalogue)
        if after != table:
            effects.append(Effect(table.name, table, catalogue.put(after)))
    return effects


def use(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """USE: where unqualified names live from here on."""
    if cursor.take("ROLE|WAREHOUSE|SECONDARY"):
        return []
    inner = cursor.take("SCHEMA") and cursor.lexis.name in ("snowflake", "databricks", "trino")
    cursor.take("DATABASE|CATALOG")
    name = cursor.qualified()
    if inner and len(name) == 1 and catalogue.place[:-1]:
        name = (*catalogue.place[:-1], *name)
    catalogue.place = name
    if cursor.lexis.name in ("snowflake", "sqlserver") and not inner and len(name) == 1:
        catalogue.place = (*name, catalogue.lexis.schema)
    return []


def set_place(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """SET search_path, SET SCHEMA: the first schema is where tables are made."""
    cursor.take("SESSION|LOCAL")
    if cursor.take("SEARCH_PATH"):
        cursor.take("TO") or cursor.take("=")
    elif not cursor.take("SCHEMA"):
        return []
    cursor.take("=")
    if cursor.done or cursor.take("DEFAULT"):
        catalogue.place = ()
        return []
    token = cursor.peek()
    name = value(cursor.next()) if token.kind == "text" else cursor.name()
    catalogue.place = (
        (*catalogue.place[:-1], name) if name.strip() and not name.startswith("$") and name != "pg_catalog" else ()
    )
    return []
