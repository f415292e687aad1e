"""DROP, RENAME, USE and what moves whole schemas and databases."""

from __future__ import annotations

from dataclasses import replace

from watcher.formats.sql import shape
from watcher.formats.sql.catalogue import Catalogue, DdlError, Name, Table
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.effects import Effect
from watcher.formats.sql.keys import unkeyed
from watcher.formats.sql.lexis import lexis, value

_KINDS = "TEMPORARY|TEMP|EXTERNAL|ICEBERG|DYNAMIC|HYBRID|MATERIALIZED|FOREIGN|TRANSIENT|STREAMING|LIVE|SNAPSHOT|EVENT"


def drop(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """One DROP, of as many as it names."""
    while cursor.sees(_KINDS, "TABLE|VIEW|" + _KINDS):
        cursor.next()
    if cursor.take("TABLE|VIEW"):
        return _drop_tables(cursor, catalogue)
    if cursor.take("CATALOG|SCHEMA|DATABASE|NAMESPACE"):
        effects = []
        whole = _is_outermost(cursor)
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
        catalogue.types.pop(cursor.qualified()[-1].casefold(), None)
    return []


def _is_outermost(cursor: Cursor) -> bool:
    """Whether the word just taken means no schema; to Hive and its heirs DATABASE is another word for one."""
    word = cursor.peek(-1).upper
    return word == "CATALOG" or (word == "DATABASE" and cursor.lexis.name not in ("databricks", "athena"))


def container(cursor: Cursor, catalogue: Catalogue, *, whole: bool | None = None) -> Name:
    """The full name of a schema or database, past the word for it; `whole`: it is a database."""
    whole = _is_outermost(cursor) if whole is None else whole
    cursor.take("IF", "NOT", "EXISTS") or cursor.take("IF", "EXISTS")
    name = cursor.qualified()
    return name if whole else _within(catalogue, name)


def _within(catalogue: Catalogue, name: Name) -> Name:
    return name if len(name) > 1 or not catalogue.place[:-1] else (*catalogue.place[:-1], *name)


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


def rename(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """RENAME TABLE a TO b, c TO d; Oracle's and Teradata's RENAME a TO b."""
    cursor.take("TABLE|TABLES|VIEW")
    cursor.take("IF", "EXISTS")
    effects: list[Effect] = []
    try:
        _rename_each(cursor, catalogue, effects)
    except DdlError:
        for one in reversed(effects):  # All of them or none, as the server does it.
            if one.before is not None and one.after is not None:
                catalogue.drop(one.after)
                catalogue.put(one.before)
        raise
    return effects


def _rename_each(cursor: Cursor, catalogue: Catalogue, effects: list[Effect]) -> None:
    while True:
        old = cursor.qualified()
        if cursor.take("WAIT"):
            cursor.next()
        cursor.take("NOWAIT")
        cursor.need("TO|AS")
        new = cursor.qualified()
        effects.append(moved(catalogue, catalogue.need(old), new))
        if not cursor.take(","):
            return


def moved(catalogue: Catalogue, table: Table, new: Name) -> Effect:
    """A table under another name; in its own schema where none is said."""
    if len(new) < len(table.name):
        new = (*table.name[: len(table.name) - len(new)], *new)
    other = catalogue.find(new)
    if other is not None and other.name != table.name:
        raise DdlError(f"the table {catalogue.called(new)} is there already")
    catalogue.drop(table)
    after = catalogue.put(replace(table, name=new))
    return Effect(new, table, after)


def database(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """ALTER SCHEMA and ALTER DATABASE: of their forms only the rename and SQL Server's transfer move tables."""
    whole = _is_outermost(cursor)
    name = container(cursor, catalogue, whole=whole)
    if cursor.take("TRANSFER"):
        cursor.take("OBJECT", ":", ":") or cursor.take("OBJECT", "::")
        table = catalogue.need(cursor.qualified())
        return [moved(catalogue, table, (*name, table.name[-1]))]
    if not cursor.take("RENAME", "TO"):
        return []
    new = container(cursor, catalogue, whole=whole)
    tables = catalogue.within(name)
    return [moved(catalogue, one, (*new, *one.name[len(name) :])) for one in tables]


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


def sp_rename(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """SQL Server's rename: `EXEC sp_rename 'dbo.t.old', 'new', 'COLUMN'`."""
    given: list[str] = []
    while not cursor.done:
        if cursor.peek().text.startswith("@") and cursor.peek(1).text == "=":
            cursor.next()
            cursor.next()
        given.append(cursor.text() if cursor.peek().kind == "text" else ".".join(cursor.qualified()))
        if not cursor.take(","):
            break
    known = lexis("sqlserver")
    if known is None or len(given) < 2:
        raise cursor.lost("sp_rename needs two names")
    old = Cursor(given[0], known).qualified()
    kind = given[2].upper() if len(given) > 2 else "OBJECT"
    if kind == "COLUMN":
        table = catalogue.need(old[:-1])
        after = catalogue.put(shape.renamed(table, old[-1], given[1], catalogue))
        return [Effect(after.name, table, after)]
    if kind in ("OBJECT", "TABLE"):
        found = catalogue.find(old)
        if found is None:
            raise DdlError(f"the object {given[0]} is not known here", kind="not-known")
        return [moved(catalogue, found, (given[1],))]
    return []
