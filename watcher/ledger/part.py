"""What each part of a transaction stands on: one connection, and one way to write rows, be it one or thousands.

A catch-up writes tens of thousands of rows a second, and SQLAlchemy's own executemany spends most of its time on a
dictionary a row. So the statement is built once from the table, values are converted by the table's own column types,
and the driver gets plain tuples (SQLite) or one array a column (PostgreSQL, where a batch is then one round trip).
An array holds one type only, so what is a kind of `str` (a `StrEnum`) goes there as the plain one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Table
from sqlalchemy.types import TypeDecorator, TypeEngine

from watcher.ledger.columns import Words

Row = Sequence[Any]

_CHUNK = 1000
"""Names asked for in one statement; SQLite takes 32,766 values, but a plan for each length is not worth keeping."""


class Part:
    """Queries over one connection, within its transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _add(self, table: Table, rows: Sequence[Row]) -> int:
        """Insert rows (each in the order of the table's columns, without `number`); how many were not known already."""
        return self._write(table, rows, "DO NOTHING")

    def _put(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows, or replace those of the same primary key; no key may be there twice."""
        keys = {column.name for column in table.primary_key}
        quote = self._connection.dialect.identifier_preparer.quote
        edits = ", ".join(
            f"{quote(column.name)} = excluded.{quote(column.name)}"
            for column in table.columns
            if column.name not in keys
        )
        target = ", ".join(quote(column.name) for column in table.primary_key)
        self._write(table, rows, f"({target}) DO UPDATE SET {edits}")

    def _write(self, table: Table, rows: Sequence[Row], conflict: str) -> int:
        if not rows:
            return 0
        dialect = self._connection.dialect
        statement = _statement(table, conflict, dialect)
        values = [
            _converted(type_, column, dialect)
            for type_, column in zip(_types(table), zip(*rows, strict=True), strict=True)
        ]
        if dialect.name == "postgresql":
            arrays = tuple([str(one) if isinstance(one, str) else one for one in column] for column in values)
            return self._connection.exec_driver_sql(statement, arrays).rowcount
        return self._connection.exec_driver_sql(statement, list(zip(*values, strict=True))).rowcount


def chunks(names: Sequence[Any]) -> Sequence[Sequence[Any]]:
    """The names in pieces that fit into one statement."""
    return [names[start : start + _CHUNK] for start in range(0, len(names), _CHUNK)]


@lru_cache(maxsize=128)
def _statement(table: Table, conflict: str, dialect: Dialect) -> str:
    quote = dialect.identifier_preparer.quote
    columns = _written(table)
    names = ", ".join(quote(column.name) for column in columns)
    if dialect.name == "postgresql":
        # `%b`: binary. The driver writes an array as text eight times more slowly.
        arrays = ", ".join(f"%b::{column.type.dialect_impl(dialect).compile(dialect)}[]" for column in columns)
        source = f"SELECT * FROM unnest({arrays})"  # noqa: S608 - names of our own tables, no values
    else:
        source = f"VALUES ({', '.join('?' * len(columns))})"
    return f"INSERT INTO {quote(table.name)} ({names}) {source} ON CONFLICT {conflict}"


def _converted(type_: TypeEngine[Any], column: Sequence[Any], dialect: Dialect) -> Sequence[Any]:
    """A column's values in the form that the driver takes."""
    if not isinstance(type_, TypeDecorator) or (isinstance(type_, Words) and type_.takes(column)):
        return column
    return [type_.process_bind_param(value, dialect) for value in column]


@lru_cache(maxsize=32)
def _types(table: Table) -> Sequence[TypeEngine[Any]]:
    return [column.type for column in _written(table)]


def _written(table: Table) -> list[Column[Any]]:
    """The columns that we give: all but the number that the database counts."""
    return [column for column in table.columns if column is not table.autoincrement_column]
