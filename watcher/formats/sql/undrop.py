"""UNDROP, and Oracle's FLASHBACK TABLE … TO BEFORE DROP: what was dropped comes back as it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from watcher.formats.sql.catalogue import Catalogue, DdlError, Name, Table
from watcher.formats.sql.containers import container
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.effects import Effect

_KINDS = "EXTERNAL|ICEBERG|DYNAMIC|HYBRID|MATERIALIZED|TRANSIENT|STREAMING"
_UNKNOWN = "is not known here: its drop was not seen, or too much was dropped since"


def undrop(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """UNDROP of a table, schema or database; of anything else nothing has a shape."""
    while cursor.take(_KINDS):
        pass
    if cursor.take("TABLE|VIEW"):
        if cursor.take("WITH", "ID") or cursor.take("IDENTIFIER", "("):
            wanted = cursor.next().text.strip("'\"")
            return _back(catalogue, [_table(catalogue, f"of the id {wanted}", id_=wanted)])
        name = cursor.qualified()
        return _back(catalogue, [_table(catalogue, catalogue.called(catalogue.full(name)), name)])
    if cursor.take("SCHEMA|DATABASE|CATALOG|NAMESPACE"):
        name = container(cursor, catalogue)
        drop = catalogue.dropped.container(lambda one: catalogue.fits(one, name))
        if drop is None:
            raise DdlError(f"what was in {'.'.join(name)} {_UNKNOWN}", kind="not-known")
        return _back(catalogue, drop.tables, drop.within)
    return []


def flashback(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """FLASHBACK: tables before their drop; rows that go back to an earlier day have no shape."""
    if not cursor.take("TABLE"):
        raise DdlError("the state that a whole database goes back to is not known here", kind="not-known")
    names = [cursor.qualified()]
    while cursor.take(","):
        names.append(cursor.qualified())
    if not cursor.take("TO", "BEFORE", "DROP"):
        return []
    new = cursor.qualified() if cursor.take("RENAME", "TO") else None
    found = [_table(catalogue, catalogue.called(catalogue.full(name)), name) for name in names]
    return _back(catalogue, [replace(one, name=(*one.name[:-1], new[-1])) for one in found] if new else found)


def _table(catalogue: Catalogue, told: str, name: Name = (), *, id_: str | None = None) -> Table:
    found = catalogue.dropped.table(
        lambda one: catalogue.fits(one.name, catalogue.full(name)) if name else one.id == id_
    )
    if found is None:
        raise DdlError(f"the table {told} {_UNKNOWN}", kind="not-known")
    return found


def _back(catalogue: Catalogue, tables: Iterable[Table], within: Name | None = None) -> list[Effect]:
    tables = list(tables)
    for one in tables:
        if catalogue.at(one.name) is not None:
            catalogue.dropped.keep(tables, within)
            raise DdlError(f"the table {catalogue.called(one.name)} is there already")
    return [Effect(one.name, None, catalogue.put(one)) for one in tables]
