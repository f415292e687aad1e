"""Trino, from a catalogue's information_schema; `data_type` holds a row's members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import URL

from watcher.feeds.snapshots.defaults import plain_default
from watcher.feeds.snapshots.images import NOT_TOLD, Listed, Shared, gathered
from watcher.feeds.snapshots.platform import Place, Platform, Session, quoted
from watcher.feeds.warehouse.facts import ColumnImage, Image

_SCHEMAS = """
SELECT schema_name FROM {catalog}.information_schema.schemata
WHERE schema_name <> 'information_schema' ORDER BY schema_name
"""
_COLUMNS = """
SELECT c.table_name, t.table_type, c.column_name, c.data_type, c.is_nullable, c.column_default
  FROM {catalog}.information_schema.columns c
  JOIN {catalog}.information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
 WHERE c.table_schema = :within AND t.table_schema = :within {only}
 ORDER BY c.table_name, c.ordinal_position
"""


class Trino(Platform):
    """One catalogue of a cluster. It knows no keys, and lists no comments here."""

    called = "Trino"
    driver = "trino"
    extra = "trino"
    form = "trino://user:password@host:8443/catalog"
    grant = "SELECT on the catalogue's tables: one that may not be read is not listed"

    def url(self, url: URL, database: str | None) -> URL:
        """The catalogue is part of the URL, or the database that is given."""
        named = (url.database or "").partition("/")[0]
        meant = self.one(named, database, "catalogue")
        return url if named else url.set(database=meant)

    def arguments(self, url: URL, timeout: float) -> Mapping[str, Any]:
        """No statement runs for longer."""
        del url
        return {
            "session_properties": {"query_max_run_time": f"{max(1, int(timeout))}s"},
            "request_timeout": max(1, int(timeout)),
            "source": "watcher",
        }

    def database(self, session: Session, url: URL, wanted: str | None) -> str:
        """The catalogue."""
        del session, wanted
        return str(url.database).partition("/")[0]

    def schemas(self, session: Session, database: str) -> list[str]:
        """Those that this user sees."""
        return [str(row[0]) for row in session.rows(_SCHEMAS.format(catalog=quoted(database, '"')))]

    def images(self, session: Session, place: Place) -> Iterator[Image]:
        """Tables and views."""
        shared = Shared()
        catalog = quoted(place.database, '"')
        sql = _COLUMNS.format(catalog=catalog, only=place.only("AND c.table_name IN :named"))
        rows = (_listed(row, shared) for row in session.rows(sql, **place.values()))
        yield from gathered(rows, self.prefix(place), NOT_TOLD, shared)


def _listed(row: Any, shared: Shared) -> Listed:
    table, kind, name, text, nullable, default = row
    view = kind == "VIEW"
    column = ColumnImage(
        shared.text(name),
        shared.text(text),
        nullable=None if view else nullable == "YES",
        default=None if view else plain_default(default),
    )
    return Listed(table, column, view)
