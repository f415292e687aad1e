"""Snowflake, from a database's own INFORMATION_SCHEMA; types are put together from their parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import URL

from watcher.feeds.snapshots.defaults import plain_default
from watcher.feeds.snapshots.images import NOT_TOLD, Listed, Shared, gathered
from watcher.feeds.snapshots.platform import Place, Platform, Session
from watcher.feeds.warehouse.facts import ColumnImage, Image
from watcher.model.errors import ConfigurationError

_SCHEMAS = """
SELECT SCHEMA_NAME FROM INFORMATION_SCHEMA.SCHEMATA
WHERE SCHEMA_NAME <> 'INFORMATION_SCHEMA' ORDER BY SCHEMA_NAME
"""
_COLUMNS = """
SELECT c.TABLE_NAME, t.TABLE_TYPE, c.COLUMN_NAME, c.DATA_TYPE, c.CHARACTER_MAXIMUM_LENGTH, c.CHARACTER_OCTET_LENGTH,
       c.NUMERIC_PRECISION, c.NUMERIC_SCALE, c.DATETIME_PRECISION, c.IS_NULLABLE, c.COLUMN_DEFAULT, c.IS_IDENTITY,
       c.COMMENT
  FROM INFORMATION_SCHEMA.COLUMNS c
  JOIN INFORMATION_SCHEMA.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
 WHERE c.TABLE_SCHEMA = :within AND t.TABLE_SCHEMA = :within
   AND t.TABLE_TYPE NOT IN ('LOCAL TEMPORARY', 'TEMPORARY TABLE') {only}
 ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION
"""


class Snowflake(Platform):
    """One database of an account. Keys are not told: `SHOW PRIMARY KEYS` is cut after ten thousand rows."""

    called = "Snowflake"
    driver = "snowflake"
    extra = "snowflake"
    form = "snowflake://user:password@account/DATABASE?warehouse=W&role=R"
    grant = "USAGE on the warehouse, the database and its schemas, and REFERENCES or SELECT on their tables"

    def url(self, url: URL, database: str | None) -> URL:
        """The database is part of the URL, or the one that is given."""
        named = (url.database or "").partition("/")[0]
        meant = self.one(named, database, "database")
        return url if named else url.set(database=meant)

    def begin(self, session: Session, timeout: float) -> None:
        """No statement runs for longer."""
        session.first(f"ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = {max(1, int(timeout))}")

    def database(self, session: Session, url: URL, wanted: str | None) -> str:
        """The one that we are in, as Snowflake writes it."""
        del url, wanted
        found = session.first("SELECT CURRENT_DATABASE()")
        if not found:
            raise ConfigurationError(f"Snowflake does not know the database, or does not show it; grant {self.grant}")
        return str(found)

    def schemas(self, session: Session, database: str) -> list[str]:
        """Those that this role sees."""
        del database
        return [str(row[0]) for row in session.rows(_SCHEMAS)]

    def images(self, session: Session, place: Place) -> Iterator[Image]:
        """Tables, external and materialised ones, views."""
        shared = Shared()
        sql = _COLUMNS.format(only=place.only("AND c.TABLE_NAME IN :named"))
        rows = (_listed(row, shared) for row in session.rows(sql, **place.values()))
        yield from gathered(rows, self.prefix(place), NOT_TOLD, shared)


def _listed(row: Any, shared: Shared) -> Listed:
    table, kind, name, word, *sizes, nullable, default, identity, comment = row
    view = "VIEW" in kind
    column = ColumnImage(
        shared.text(name),
        shared.text(_type_text(word, *sizes)),
        nullable=None if view else nullable == "YES",
        default=None if view or identity == "YES" else plain_default(default),
        comment=comment or None,
    )
    return Listed(table, column, view)


def _type_text(word: str, *sizes: int | None) -> str:
    """The word that it shows (TEXT, NUMBER) with what stands beside it."""
    length, octets, precision, scale, digits = sizes
    if word == "TEXT":
        return "VARCHAR" if length is None else f"VARCHAR({length})"
    if word == "BINARY":
        size = octets if octets is not None else length
        return "BINARY" if size is None else f"BINARY({size})"
    if word == "NUMBER" and precision is not None:
        return f"NUMBER({precision},{scale or 0})"
    if (word == "TIME" or word.startswith("TIMESTAMP_")) and digits is not None:
        return f"{word}({digits})"
    return word
