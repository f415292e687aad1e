"""What each part of a transaction stands on: one connection, and one way to write rows, be it one or thousands.

A catch-up writes tens of thousands of rows a second, and SQLAlchemy's own executemany spends most of its time on a
dictionary a row. So the statement is built once from the table, values are converted by the table's own column types,
and the driver gets plain tuples (SQLite) or one array a column (PostgreSQL, where a batch is then one round trip).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Table

Row = Sequence[Any]

_CHUNK = 1000
"""Names asked for in one statement; SQLite takes 32,766 values, but a plan for each length is not worth keeping."""


class Part:
    """Queries over one connection, within its transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def _postgres(self) -> bool:
        return self._connection.dialect.name == "postgresql"

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
            list(map(convert, column)) if convert else column
            for convert, column in zip(_converters(table, dialect), zip(*rows, strict=True), strict=True)
        ]
        if self._postgres:
            return self._connection.exec_driver_sql(statement, tuple(list(column) for column in values)).rowcount
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
        arrays = ", ".join(f"%s::{column.type.dialect_impl(dialect).compile(dialect)}[]" for column in columns)
        source = f"SELECT * FROM unnest({arrays})"  # noqa: S608 - names of our own tables, no values
    else:
        source = f"VALUES ({', '.join('?' * len(columns))})"
    return f"INSERT INTO {quote(table.name)} ({names}) {source} ON CONFLICT {conflict}"


@lru_cache(maxsize=128)
def _converters(table: Table, dialect: Dialect) -> tuple[Callable[[Any], Any] | None, ...]:
    """What brings a value of each column into the form that the driver takes; None where it is that already."""
    return tuple(column.type.dialect_impl(dialect).bind_processor(dialect) for column in _written(table))


def _written(table: Table) -> list[Column[Any]]:
    """The columns that we give: all but the number that the database counts."""
    return [column for column in table.columns if column is not table.autoincrement_column]
