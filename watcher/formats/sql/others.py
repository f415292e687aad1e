"""ALTER of what is no table, and COMMENT ON: enums, views, comments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from watcher.formats.sql import shape
from watcher.formats.sql.alter import alter
from watcher.formats.sql.catalogue import Catalogue, DdlError, Table
from watcher.formats.sql.create import create
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.effects import Effect
from watcher.formats.sql.lexis import value
from watcher.formats.sql.named_types import renamed
from watcher.formats.sql.type_text import read_column_type

_SHAPED = frozenset({"TABLE", "VIEW", "TYPE", "DOMAIN"})


def alter_other(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """ALTER VIEW and ALTER TYPE; of the rest nothing has a shape."""
    start = cursor.at
    for _ in range(16):
        if cursor.done or cursor.peek().upper in _SHAPED:
            break
        cursor.next()
    if cursor.take("TYPE|DOMAIN"):
        return _alter_type(cursor, catalogue)
    if cursor.sees("VIEW", "LOG", "ON"):
        return []
    if cursor.take("VIEW"):
        return _alter_view(cursor, catalogue)
    cursor.at = start
    return []


def _alter_view(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    here = cursor.at
    cursor.take("IF", "EXISTS")
    name = cursor.qualified()
    if cursor.sees("AS|(|WITH"):
        if catalogue.find(name) is None:
            raise DdlError(f"the view {catalogue.called(name)} is not known here", kind="not-known")
        text = f"CREATE OR REPLACE VIEW {cursor.source[cursor.peek(here - cursor.at).start :]}"
        return create(Cursor(text, catalogue.lexis).past(1), catalogue)
    cursor.at = here
    return alter(cursor, catalogue)


def _alter_type(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    name = cursor.qualified()[-1]
    key = name.casefold()
    known = catalogue.types.get(key)
    if not cursor.sees("ADD|RENAME", "VALUE"):
        if cursor.take("RENAME", "TO") and known is not None:
            new = cursor.name()
            catalogue.types[new.casefold()] = catalogue.types.pop(key)
            for other, text in catalogue.types.items():
                catalogue.types[other] = renamed(text, name, new)
            return _columns(catalogue, lambda text: renamed(text, name, new))
        return []
    if known is None:
        raise DdlError(f"the type {name} is not known here", kind="not-known")
    values = [value(one) for one in catalogue.lexis.tokens(known) if one.kind == "text"]
    if cursor.take("ADD", "VALUE"):
        unless = cursor.take("IF", "NOT", "EXISTS")
        new = cursor.text()
        if new in values:
            if unless:
                return []
            raise DdlError(f"the type {name} has the value {new!r} already")
        before = cursor.sees("BEFORE")
        at = len(values)
        if cursor.take("BEFORE|AFTER"):
            beside = cursor.text()
            if beside not in values:
                raise DdlError(f"the type {name} has no value {beside!r}")
            at = values.index(beside) + (0 if before else 1)
        values.insert(at, new)
    else:
        cursor.need("RENAME", "VALUE")
        old = cursor.text()
        cursor.need("TO")
        if old not in values:
            raise DdlError(f"the type {name} has no value {old!r}")
        values[values.index(old)] = cursor.text()
    listed = ", ".join("'" + one.replace("'", "''") + "'" for one in values)
    catalogue.types[key] = f"ENUM({listed})"
    return _columns(catalogue, lambda text: text)


def _columns(catalogue: Catalogue, text: Callable[[str], str]) -> list[Effect]:
    """Every column of a type that was made, read anew."""
    effects = []
    dialect = catalogue.lexis.name
    for table in list(catalogue):
        columns = tuple(
            replace(one, text=text(one.text), type=read_column_type(text(one.text), dialect, catalogue.types))
            if one.means is not None
            else one
            for one in table.columns
        )
        if columns != table.columns:
            effects.append(Effect(table.name, table, catalogue.put(replace(table, columns=columns))))
    return effects


def comment(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """COMMENT ON a table, view or column."""
    cursor.take("IF", "EXISTS")
    cursor.need("ON")
    column = cursor.take("COLUMN")
    if not column and not cursor.take("TABLE|VIEW") and not cursor.take("MATERIALIZED", "VIEW"):
        return []
    name = cursor.qualified()
    cursor.need("IS")
    told = None if cursor.take("NULL") else cursor.text()
    before = catalogue.need(name[:-1] if column else name)
    after: Table = replace(before, comment=told)
    if column:
        after = shape.changed(before, name[-1], lambda one: replace(one, comment=told), catalogue)
    return [Effect(before.name, before, catalogue.put(after))]
