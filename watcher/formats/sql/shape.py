"""A table's columns put in, taken out, moved and redefined: what the actions of ALTER TABLE come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from watcher.formats.sql.catalogue import Catalogue, Column, DdlError, Table


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column goes: first, or after another; at the end where neither is said."""

    first: bool = False
    after: str | None = None


def position(table: Table, name: str, catalogue: Catalogue) -> int | None:
    """Where a column stands; None where it is not there."""
    key = catalogue.column_key(name)
    return next((at for at, one in enumerate(table.columns) if catalogue.column_key(one.name) == key), None)


def there(table: Table, name: str, catalogue: Catalogue) -> int | None:
    """Where a column stands, which must be there; None only of a table that we know in part."""
    at = position(table, name, catalogue)
    if at is None and not table.partial:
        raise DdlError(f"the table {catalogue.called(table.name)} has no column {name}", kind="not-known")
    return at


def added(table: Table, column: Column, place: Place, catalogue: Catalogue) -> Table:
    """With one more column."""
    if position(table, column.name, catalogue) is not None:
        raise DdlError(f"the table {catalogue.called(table.name)} has a column {column.name} already")
    return _placed(table, column, place, catalogue)


def dropped(table: Table, name: str, catalogue: Catalogue) -> Table:
    """Without a column, nor the keys that need it; MySQL's keys shrink instead."""
    at = there(table, name, catalogue)
    if at is None:
        return table
    name = table.columns[at].name
    columns = table.columns[:at] + table.columns[at + 1 :]
    if catalogue.lexis.name in ("mysql", "mariadb"):
        primary = tuple(one for one in table.primary_key if one != name)
        keys = tuple((key, tuple(one for one in members if one != name)) for key, members in table.keys)
        return replace(table, columns=columns, primary_key=primary, keys=tuple(one for one in keys if one[1]))
    keys = tuple(one for one in table.keys if name not in one[1])
    return replace(
        table, columns=columns, keys=keys, primary_key=() if name in table.primary_key else table.primary_key
    )


def renamed(table: Table, old: str, new: str, catalogue: Catalogue) -> Table:
    """With a column of another name, in its keys too."""
    at = there(table, old, catalogue)
    if at is None:
        return table
    taken = position(table, new, catalogue)
    if taken is not None and taken != at:
        raise DdlError(f"the table {catalogue.called(table.name)} has a column {new} already")
    old = table.columns[at].name
    columns = (*table.columns[:at], replace(table.columns[at], name=new), *table.columns[at + 1 :])
    keys = tuple((key, tuple(new if one == old else one for one in members)) for key, members in table.keys)
    primary = tuple(new if one == old else one for one in table.primary_key)
    return replace(table, columns=columns, keys=keys, primary_key=primary)


def changed(table: Table, name: str, change: Callable[[Column], Column], catalogue: Catalogue) -> Table:
    """With a column as the change makes it."""
    at = there(table, name, catalogue)
    if at is None:
        return table
    return replace(table, columns=(*table.columns[:at], change(table.columns[at]), *table.columns[at + 1 :]))


def classed(column: Column, classes: tuple[str, ...]) -> Column:
    """With these classes."""
    return replace(column, classes=classes)


def moved(table: Table, name: str, place: Place, catalogue: Catalogue) -> Table:
    """With a column at another place."""
    at = there(table, name, catalogue)
    if at is None or place == Place():
        return table
    rest = replace(table, columns=table.columns[:at] + table.columns[at + 1 :])
    return _placed(rest, table.columns[at], place, catalogue)


def _placed(table: Table, column: Column, place: Place, catalogue: Catalogue) -> Table:
    at = len(table.columns)
    if place.first:
        at = 0
    elif place.after is not None:
        after = there(table, place.after, catalogue)
        at = len(table.columns) if after is None else after + 1
    return replace(table, columns=(*table.columns[:at], column, *table.columns[at:]))
