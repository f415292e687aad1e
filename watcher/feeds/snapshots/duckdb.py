"""DuckDB, from its `duckdb_columns()` and neighbours, which list types as a definition would write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import URL

from watcher.feeds.snapshots.defaults import plain_default
from watcher.feeds.snapshots.images import Keys, Listed, Shared, gathered
from watcher.feeds.snapshots.platform import Place, Platform, Session
from watcher.feeds.warehouse.facts import ColumnImage, Image
from watcher.model.errors import ConfigurationError

_SCHEMAS = """
SELECT DISTINCT schema_name FROM duckdb_schemas()
WHERE database_name = :database AND NOT internal OR (database_name = :database AND schema_name = 'main')
ORDER BY schema_name
"""
_COLUMNS = """
SELECT c.table_name, v.view_name IS NOT NULL, c.column_name, c.data_type, c.is_nullable, c.column_default,
       c.is_generated, c.comment
  FROM duckdb_columns() c
  LEFT JOIN duckdb_views() v ON v.database_name = c.database_name AND v.schema_name = c.schema_name
                            AND v.view_name = c.table_name
 WHERE c.database_name = :database AND c.schema_name = :within {only}
 ORDER BY c.table_name, c.column_index
"""
_KEYS = """
SELECT c.table_name, c.constraint_type = 'PRIMARY KEY', c.constraint_column_names
  FROM duckdb_constraints() c
 WHERE c.database_name = :database AND c.schema_name = :within
   AND c.constraint_type IN ('PRIMARY KEY', 'UNIQUE') {only}
"""
_INDEXES = """
SELECT c.table_name, c.expressions
  FROM duckdb_indexes() c
 WHERE c.database_name = :database AND c.schema_name = :within AND c.is_unique AND NOT c.is_primary {only}
"""


class DuckDb(Platform):
    """A file of DuckDB, opened for the look alone: while it is open nobody can write to it."""

    called = "DuckDB"
    driver = "duckdb"
    extra = "duckdb"
    form = "duckdb:////path/to/file.db"
    grant = "a file that this user may read, and that no other process holds open for writing"
    whole = True

    def url(self, url: URL, database: str | None) -> URL:
        """A file: what is in another process's memory cannot be seen from here."""
        if url.database in (None, "", ":memory:"):
            raise ConfigurationError(f"a DuckDB in memory cannot be looked at from here; give its file: {self.form}")
        return super().url(url, database)

    def arguments(self, url: URL, timeout: float) -> Mapping[str, Any]:
        """Nothing is written, and no extension fetched on the way."""
        del timeout
        if str(url.database).startswith("md:"):
            return {}
        return {"read_only": True, "config": {"autoinstall_known_extensions": "false"}}

    def database(self, session: Session, url: URL, wanted: str | None) -> str:
        """The file's name without its ending, as DuckDB calls it."""
        del url, wanted
        return str(session.first("SELECT current_database()"))

    def schemas(self, session: Session, database: str) -> list[str]:
        """All but DuckDB's own."""
        return [str(row[0]) for row in session.rows(_SCHEMAS, database=database)]

    def images(self, session: Session, place: Place) -> Iterator[Image]:
        """Tables and views; temporary ones live in a database of their own."""
        only = place.only("AND c.table_name IN :named")
        values = {"database": place.database, **place.values()}
        keys = Keys()
        for table, primary, members in session.rows(_KEYS.format(only=only), **values):
            keys.add(table, tuple(members), primary=primary)
        for table, expressions in session.rows(_INDEXES.format(only=only), **values):
            keys.add(table, _members(expressions), primary=False)
        shared = Shared()
        rows = (_listed(row, shared) for row in session.rows(_COLUMNS.format(only=only), **values))
        yield from gathered(rows, self.prefix(place), keys, shared)


def _listed(row: Any, shared: Shared) -> Listed:
    table, view, name, text, nullable, default, generated, comment = row
    column = ColumnImage(
        shared.text(name),
        shared.text(text),
        nullable=None if view else bool(nullable),
        default=None if view or generated else plain_default(default),
        comment=comment or None,
    )
    return Listed(table, column, bool(view))


def _members(expressions: str) -> tuple[str, ...]:
    """An index's columns, of `[a, b]` or `['"a"', b]`; one over an expression has none that a table has."""
    inner = expressions.strip().removeprefix("[").removesuffix("]")
    return tuple(one.strip().strip("'").replace('""', '"').strip('"') for one in inner.split(","))
