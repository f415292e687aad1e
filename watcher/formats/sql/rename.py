"""Other names for what is there: RENAME TABLE, EXCHANGE, SQL Server's sp_rename."""

from __future__ import annotations

from dataclasses import replace

from watcher.formats.sql import shape
from watcher.formats.sql.catalogue import Catalogue, DdlError, Name, Table
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.effects import Effect
from watcher.formats.sql.lexis import lexis

_OTHERS = "USER|ROLE|DICTIONARY|DATABASE|SEQUENCE|FUNCTION|PROCEDURE|INDEX"


def rename(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """RENAME TABLE a TO b, c TO d; Oracle's and Teradata's RENAME a TO b."""
    if cursor.sees(_OTHERS) and cursor.peek(1).upper not in ("TO", "AS"):
        if cursor.next().upper != "DATABASE":
            return []
        old = cursor.qualified()
        cursor.need("TO")
        new = cursor.qualified()
        return [moved(catalogue, one, (*new, *one.name[len(old) :])) for one in catalogue.within(old)]
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
    return Effect(after.name, table, after)


def swapped(catalogue: Catalogue, one: Table, other: Table) -> list[Effect]:
    """Two tables, each under the other's name."""
    catalogue.drop(one)
    catalogue.drop(other)
    mine = catalogue.put(replace(other, name=one.name))
    its = catalogue.put(replace(one, name=other.name))
    return [Effect(mine.name, one, mine), Effect(its.name, other, its)]


def exchange(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """ClickHouse's EXCHANGE TABLES a AND b."""
    if not cursor.take("TABLES"):
        return []
    one = catalogue.need(cursor.qualified())
    cursor.need("AND")
    return swapped(catalogue, one, catalogue.need(cursor.qualified()))


def sp_rename(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """SQL Server's rename: `EXEC sp_rename 'dbo.t.old', 'new', 'COLUMN'`."""
    old, new, kind = _given(cursor)
    if kind == "COLUMN":
        table = catalogue.need(old[:-1])
        after = catalogue.put(shape.renamed(table, old[-1], new, catalogue))
        return [Effect(after.name, table, after)]
    if kind == "INDEX":
        table = catalogue.need(old[:-1])
        return _rekeyed(catalogue, table, old[-1], new)
    if kind == "USERDATATYPE":
        if old[-1].casefold() in catalogue.types:
            catalogue.types[new.casefold()] = catalogue.types.pop(old[-1].casefold())
        return []
    if kind == "DATABASE":
        return [moved(catalogue, one, (new, *one.name[1:])) for one in catalogue.within(old)]
    if kind not in ("OBJECT", "TABLE"):
        return []
    found = catalogue.find(old)
    if found is not None:
        return [moved(catalogue, found, (new,))]
    effects = [effect for table in list(catalogue) for effect in _rekeyed(catalogue, table, old[-1], new)]
    if not effects:
        raise DdlError(f"the object {'.'.join(old)} is not known here", kind="not-known")
    return effects


def _given(cursor: Cursor) -> tuple[Name, str, str]:
    """What a call of sp_rename names: the old name, the new one, and what kind of thing it is of."""
    given: dict[str, str] = {}
    for place in ("objname", "newname", "objtype"):
        key = place
        if cursor.peek().text.startswith("@") and cursor.peek(1).text == "=":
            key = cursor.next().text[1:].lower()
            cursor.next()
        if cursor.peek().kind in ("text", "word", "name"):
            given[key] = cursor.text() if cursor.peek().kind == "text" else ".".join(cursor.qualified())
        if not cursor.take(","):
            break
    known = lexis("sqlserver")
    if known is None or not ("objname" in given and "newname" in given):
        raise cursor.lost("sp_rename needs two names")
    return Cursor(given["objname"], known).qualified(), given["newname"], given.get("objtype", "OBJECT").upper()


def _rekeyed(catalogue: Catalogue, table: Table, old: str, new: str) -> list[Effect]:
    """A key under another name."""
    key = catalogue.lexis.key
    keys = tuple((new if key(name) == key(old) else name, members) for name, members in table.keys)
    primary = table.primary_name
    after = replace(table, keys=keys, primary_name=new if primary is not None and key(primary) == key(old) else primary)
    return [Effect(table.name, table, catalogue.put(after))] if after != table else []
