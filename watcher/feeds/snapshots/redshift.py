"""Redshift, from SVV_ALL_COLUMNS, which lists external tables too; types are put together from their parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import URL

from watcher.feeds.snapshots.images import NOT_TOLD, Listed, Shared, gathered
from watcher.feeds.snapshots.platform import Place, Platform, Session
from watcher.feeds.warehouse.facts import ColumnImage, Image
from watcher.feeds.warehouse.postgres_defaults import postgres_default

_SCHEMAS = """
SELECT DISTINCT schema_name FROM svv_all_schemas
WHERE database_name = :database AND schema_name NOT IN ('information_schema', 'catalog_history', 'pg_catalog')
  AND substring(schema_name, 1, 3) <> 'pg_'
ORDER BY schema_name
"""
_COLUMNS = """
SELECT c.table_name, t.table_type, c.column_name, c.data_type, c.character_maximum_length, c.numeric_precision,
       c.numeric_scale, c.is_nullable, c.column_default, c.remarks
  FROM svv_all_columns c
  JOIN svv_all_tables t ON t.database_name = c.database_name AND t.schema_name = c.schema_name
                       AND t.table_name = c.table_name
 WHERE c.database_name = :database AND c.schema_name = :within {only}
 ORDER BY c.table_name, c.ordinal_position
"""


class Redshift(Platform):
    """One database of a cluster or workgroup. Keys are not told: its views do not list their columns."""

    called = "Redshift"
    driver = "redshift+redshift_connector"
    extra = "redshift"
    form = "redshift://user:password@host:5439/database"
    grant = (
        "USAGE on the schemas and SELECT on their tables (GRANT SELECT ON ALL TABLES IN SCHEMA s TO …, "
        "and ALTER DEFAULT PRIVILEGES for those to come): a table that is not granted is not listed"
    )

    def url(self, url: URL, database: str | None) -> URL:
        """The database is part of the URL, or the one that is given."""
        return url.set(database=self.one(url.database or "", database, "database"))

    def begin(self, session: Session, timeout: float) -> None:
        """No statement runs for longer."""
        session.first(f"SET statement_timeout TO {max(1, int(timeout * 1000))}")

    def database(self, session: Session, url: URL, wanted: str | None) -> str:
        """The one that we are in."""
        del url, wanted
        return str(session.first("SELECT current_database()"))

    def schemas(self, session: Session, database: str) -> list[str]:
        """Those that this user sees; temporary tables live in schemas that begin with pg_."""
        return [str(row[0]) for row in session.rows(_SCHEMAS, database=database)]

    def images(self, session: Session, place: Place) -> Iterator[Image]:
        """Tables, external and shared ones, views."""
        shared = Shared()
        sql = _COLUMNS.format(only=place.only("AND c.table_name IN :named"))
        values = {"database": place.database, **place.values()}
        rows = (_listed(row, shared) for row in session.rows(sql, **values))
        yield from gathered(rows, self.prefix(place), NOT_TOLD, shared)


def _listed(row: Any, shared: Shared) -> Listed:
    table, kind, name, word, length, precision, scale, nullable, default, remarks = row
    view = "VIEW" in str(kind).upper()
    said = str(nullable or "").upper()
    column = ColumnImage(
        shared.text(name),
        shared.text(_type_text(str(word), length, precision, scale)),
        nullable=None if view or said not in ("YES", "NO") else said == "YES",
        default=None if view or str(default or "").startswith('"identity"(') else postgres_default(default or None),
        comment=remarks or None,
    )
    return Listed(table, column, view)


def _type_text(word: str, length: int | None, precision: int | None, scale: int | None) -> str:
    if "(" in word or "<" in word:
        return word  # an external table's, told in full
    if word in ("character varying", "character", "varchar", "char", "varbyte", "binary varying") and length:
        return f"{word}({length})"
    if word in ("numeric", "decimal") and precision:
        return f"{word}({precision},{scale or 0})"
    return word
