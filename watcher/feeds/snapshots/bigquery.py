"""BigQuery, from each dataset's INFORMATION_SCHEMA; `data_type` holds a struct's members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import URL

from watcher.feeds.snapshots.defaults import plain_default
from watcher.feeds.snapshots.images import Keys, Listed, Shared, gathered
from watcher.feeds.snapshots.platform import Place, Platform, Session, quoted
from watcher.feeds.warehouse.facts import ColumnImage, Image

_COLUMNS = """
SELECT c.table_name, t.table_type, c.column_name, c.data_type, c.is_nullable, c.column_default, f.description
  FROM {place}.INFORMATION_SCHEMA.COLUMNS c
  JOIN {place}.INFORMATION_SCHEMA.TABLES t ON t.table_name = c.table_name
  LEFT JOIN {place}.INFORMATION_SCHEMA.COLUMN_FIELD_PATHS f
         ON f.table_name = c.table_name AND f.column_name = c.column_name AND f.field_path = c.column_name
 WHERE c.table_schema = :within AND c.is_system_defined = 'NO' {only}
 ORDER BY c.table_name, c.ordinal_position
"""
_KEYS = """
SELECT k.table_name, k.constraint_name, k.column_name
  FROM {place}.INFORMATION_SCHEMA.KEY_COLUMN_USAGE k
  JOIN {place}.INFORMATION_SCHEMA.TABLE_CONSTRAINTS x
    ON x.table_name = k.table_name AND x.constraint_name = k.constraint_name
 WHERE x.constraint_type = 'PRIMARY KEY' AND k.table_schema = :within {only}
 ORDER BY k.table_name, k.constraint_name, k.ordinal_position
"""


class BigQuery(Platform):
    """The datasets of a project. No session, no bound on a statement: BigQuery has none to set here."""

    called = "BigQuery"
    driver = "bigquery"
    extra = "bigquery"
    form = "bigquery://project?location=EU"
    grant = "the roles BigQuery Metadata Viewer on the datasets and BigQuery Job User on the project"

    def url(self, url: URL, database: str | None) -> URL:
        """The project is the URL's host, or the database that is given."""
        return url.set(host=self.one(url.host or "", database, "project"))

    def database(self, session: Session, url: URL, wanted: str | None) -> str:
        """The project."""
        del session, wanted
        return str(url.host)

    def schemas(self, session: Session, database: str) -> list[str]:
        """The datasets in the location that the URL names."""
        project = quoted(database, "`")
        sql = f"SELECT schema_name FROM {project}.INFORMATION_SCHEMA.SCHEMATA ORDER BY schema_name"  # noqa: S608 - checked
        return [str(row[0]) for row in session.rows(sql)]

    def images(self, session: Session, place: Place) -> Iterator[Image]:
        """Tables, external ones, snapshots, clones, views; what BigQuery adds to a table itself is no column."""
        where = f"{quoted(place.database, '`')}.{quoted(place.schema, '`')}"
        keys = Keys()
        asked = _KEYS.format(place=where, only=place.only("AND k.table_name IN UNNEST(:named)"))
        keys.add_rows((table, name, True, column) for table, name, column in session.rows(asked, **_values(place)))
        shared = Shared()
        sql = _COLUMNS.format(place=where, only=place.only("AND c.table_name IN UNNEST(:named)"))
        rows = (_listed(row, shared) for row in session.rows(sql, **_values(place)))
        yield from gathered(rows, self.prefix(place), keys, shared)


def _values(place: Place) -> dict[str, object]:
    """BigQuery binds a list as one value."""
    return {"within": place.schema} | ({} if place.tables is None else {"named": list(place.tables)})


def _listed(row: Any, shared: Shared) -> Listed:
    table, kind, name, text, nullable, default, comment = row
    view = "VIEW" in kind
    column = ColumnImage(
        shared.text(name),
        shared.text(text),
        # An array cannot be null, whatever its definition says, and is not shown alike everywhere.
        nullable=None if view or text.upper().startswith("ARRAY") else nullable == "YES",
        default=None if view else plain_default(default),
        comment=comment or None,
    )
    return Listed(table, column, view)
