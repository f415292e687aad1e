"""Keys put on a table and taken off it, with what a primary key says of null on each platform."""

from __future__ import annotations

from dataclasses import replace

from watcher.formats.sql.catalogue import Catalogue, DdlError, Table
from watcher.formats.sql.key_text import Key

_LOOSE = frozenset({"bigquery", "clickhouse", "sqlite"})
"""Where a primary key says nothing of null: it is not enforced, or a fault of old is kept."""


def keyed(table: Table, key: Key, catalogue: Catalogue) -> Table:
    """The table with one more key."""
    names = {catalogue.column_key(one.name): one.name for one in table.columns}
    members = tuple(names.get(catalogue.column_key(one), one) for one in key.members)
    if not table.partial and not key.primary and any(catalogue.column_key(one) not in names for one in key.members):
        return table  # Over an expression: it says nothing of a column.
    missing = [one for one in key.members if catalogue.column_key(one) not in names]
    if missing and not table.partial:
        raise DdlError(f"the primary key names the column {missing[0]}, which the table does not have")
    if not key.primary:
        return replace(table, keys=(*table.keys, (key.name or "_".join(members), members)))
    loose = catalogue.lexis.name in _LOOSE
    columns = tuple(
        replace(one, nullable=False)
        if one.name in members and (not loose or _is_rowid(table, one.text, members, catalogue))
        else one
        for one in table.columns
    )
    return replace(table, columns=columns, primary_key=members, primary_name=key.name)


def _is_rowid(table: Table, text: str, members: tuple[str, ...], catalogue: Catalogue) -> bool:
    del table
    return catalogue.lexis.name == "sqlite" and text == "integer" and len(members) == 1


def unkeyed(table: Table, name: str, catalogue: Catalogue) -> Table:
    """The table without the key of that name; the same where it has none."""
    key = catalogue.lexis.key
    if table.primary_name is not None and key(table.primary_name) == key(name):
        return replace(table, primary_key=(), primary_name=None)
    implied = f"{table.name[-1]}_pkey"
    if (
        table.primary_name is None
        and table.primary_key
        and catalogue.lexis.name in ("postgres", "redshift")
        and name == implied
    ):
        return replace(table, primary_key=())
    return replace(table, keys=tuple(one for one in table.keys if key(one[0]) != key(name)))
