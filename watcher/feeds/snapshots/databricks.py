"""Databricks, from a Unity catalogue's information_schema; `full_data_type` holds a struct's members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import URL

from watcher.feeds.snapshots.defaults import plain_default
from watcher.feeds.snapshots.images import Keys, Listed, Shared, gathered
from watcher.feeds.snapshots.platform import Place, Platform, Session, quoted
from watcher.feeds.warehouse.facts import ColumnImage, Image

_SCHEMAS = """
SELECT schema_name FROM {catalog}.information_schema.schemata
WHERE schema_name <> 'information_schema' ORDER BY schema_name
"""
_COLUMNS = """
SELECT c.table_name, t.table_type, c.column_name, c.full_data_type, c.is_nullable, c.column_default, c.comment
  FROM {catalog}.information_schema.columns c
  JOIN {catalog}.information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
 WHERE c.table_schema = :within {only}
 ORDER BY c.table_name, c.ordinal_position
"""
_KEYS = """
SELECT k.table_name, k.constraint_name, k.column_name
  FROM {catalog}.information_schema.key_column_usage k
  JOIN {catalog}.information_schema.table_constraints x
    ON x.table_schema = k.table_schema AND x.table_name = k.table_name AND x.constraint_name = k.constraint_name
 WHERE x.constraint_type = 'PRIMARY KEY' AND k.table_schema = :within {only}
 ORDER BY k.table_name, k.constraint_name, k.ordinal_position
"""


class Databricks(Platform):
    """One catalogue of a Unity metastore; the old Hive metastore has no information_schema."""

    called = "Databricks"
    driver = "databricks"
    extra = "databricks"
    form = "databricks://token:TOKEN@host?http_path=PATH&catalog=CATALOG"
    grant = "USE CATALOG, USE SCHEMA and BROWSE or SELECT on the catalogue"

    def url(self, url: URL, database: str | None) -> URL:
        """The catalogue is an option of the URL, or the database that is given."""
        named = url.query.get("catalog", "")
        return url.update_query_dict({"catalog": self.one(str(named), database, "catalogue")})

    def begin(self, session: Session, timeout: float) -> None:
        """No statement runs for longer."""
        session.first(f"SET STATEMENT_TIMEOUT = {max(1, int(timeout))}")

    def database(self, session: Session, url: URL, wanted: str | None) -> str:
        """The catalogue."""
        del session, wanted
        return str(url.query["catalog"])

    def schemas(self, session: Session, database: str) -> list[str]:
        """Those that this user sees."""
        return [str(row[0]) for row in session.rows(_SCHEMAS.format(catalog=quoted(database, "`")))]

    def images(self, session: Session, place: Place) -> Iterator[Image]:
        """Managed, external and streaming tables, views."""
        catalog = quoted(place.database, "`")
        keys = Keys()
        asked = _KEYS.format(catalog=catalog, only=place.only("AND k.table_name IN :named"))
        keys.add_rows((table, name, True, column) for table, name, column in session.rows(asked, **place.values()))
        shared = Shared()
        sql = _COLUMNS.format(catalog=catalog, only=place.only("AND c.table_name IN :named"))
        rows = (_listed(row, shared) for row in session.rows(sql, **place.values()))
        yield from gathered(rows, self.prefix(place), keys, shared)


def _listed(row: Any, shared: Shared) -> Listed:
    table, kind, name, text, nullable, default, comment = row
    view = "VIEW" in str(kind)
    column = ColumnImage(
        shared.text(name),
        shared.text(text),
        nullable=None if view else nullable == "YES",
        default=None if view else plain_default(default),
        comment=comment or None,
    )
    return Listed(table, column, view)
