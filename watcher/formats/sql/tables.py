"""A catalogue's tables as schemas, for the comparison and the rules that every format shares."""

from __future__ import annotations

from watcher.formats.sql.catalogue import Column, Table
from watcher.formats.sql.lexis import lexis
from watcher.model.schema import Format, Schema, Spelling, split_null
from watcher.model.types import NULL, Default, Field, Key, Record, Type, Union


def schema_of(table: Table, name: str, *, traced: bool = True) -> Schema:
    """A table as a record: a column that may be null is a union with null, keys stand sorted.

    `traced`: its columns carry their ids, which tell a rename; those of two catalogues say nothing of each other.
    """
    keys = {Key(members) for _, members in table.keys}
    if table.primary_key:
        keys.add(Key(table.primary_key, primary=True))
    ordered = tuple(sorted(keys, key=lambda one: (not one.primary, one.members)))
    fields = tuple(_field(one, traced=traced) for one in table.columns)
    return Schema(Format.SQL, Record(fields, name, keys=ordered), spelling=_spelling(table.dialect))


def _spelling(dialect: str | None) -> Spelling:
    written = lexis(dialect) if dialect else None
    if written is None:
        return "exact"
    if written.case != "kept":
        return written.case
    return "exact" if written.exact else "any"


def _field(column: Column, *, traced: bool) -> Field:
    default = Default(column.default) if column.default is not None else None
    classes = tuple(sorted(column.classes))
    return Field(column.name, _type(column), default, classes=classes, id=str(column.id) if traced else None)


def _type(column: Column) -> Type:
    null, inner = split_null(column.type)
    if not column.nullable:
        return inner if null else column.type
    return column.type if null else Union((NULL, column.type))
