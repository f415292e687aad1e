"""MySQL and MariaDB, from `information_schema`; its `COLUMN_TYPE` is a type as a definition would write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import URL

from watcher.feeds.snapshots.defaults import mariadb_default, mysql_default
from watcher.feeds.snapshots.images import Keys, Listed, Shared, gathered
from watcher.feeds.snapshots.platform import Place, Platform, Session
from watcher.feeds.warehouse.facts import ColumnImage, Image, Name
from watcher.model.errors import ConfigurationError

_SYSTEM = frozenset({"information_schema", "mysql", "performance_schema", "sys"})
_KINDS = ("BASE TABLE", "SYSTEM VERSIONED", "VIEW")

# Names are ordered byte by byte: `Orders` and `orders` may be two tables, and must not come mixed.
_OURS = " WHERE TABLE_SCHEMA = :within {only}"
_TABLES = f"""
SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES {_OURS}
 ORDER BY CAST(TABLE_NAME AS BINARY)
"""  # noqa: S608 - put together from the constants above
_COLUMNS = f"""
SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, DATA_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLUMN_COMMENT
  FROM information_schema.COLUMNS {_OURS}
 ORDER BY CAST(TABLE_NAME AS BINARY), ORDINAL_POSITION
"""  # noqa: S608 - put together from the constants above
# A part of an index over an expression has no column's name.
_KEYS = f"""
SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS {_OURS}
   AND NON_UNIQUE = 0
 ORDER BY CAST(TABLE_NAME AS BINARY), INDEX_NAME, SEQ_IN_INDEX
"""  # noqa: S608 - put together from the constants above
_RIGHTS = """
SELECT COUNT(*) FROM (
  SELECT 1 FROM information_schema.USER_PRIVILEGES
   WHERE PRIVILEGE_TYPE IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
  UNION ALL
  SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES
   WHERE :within LIKE TABLE_SCHEMA AND PRIVILEGE_TYPE IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
) seen
"""


class MySql(Platform):
    """MySQL 5.7 and later, MariaDB 10.3 and later."""

    called = "MySQL and MariaDB"
    driver = "mysql+pymysql"
    extra = "mysql"
    form = "mysql://user:password@host/database"
    grant = "SELECT on the whole database (GRANT SELECT ON `db`.* TO …): a table that is not granted is not listed"
    depth = 2

    def __init__(self) -> None:
        self._mariadb = self._roles = False
        self._wanted: str | None = None

    def url(self, url: URL, database: str | None) -> URL:
        """The database need not be named: a connection sees all."""
        self._wanted = database or url.database
        return url

    def arguments(self, url: URL, timeout: float) -> Mapping[str, Any]:
        """Bounds for a server that does not answer."""
        del url
        patience = max(1, int(timeout))
        return {"connect_timeout": min(10, patience), "read_timeout": patience + 10, "charset": "utf8mb4"}

    def begin(self, session: Session, timeout: float) -> None:
        """Nothing is written, and no statement runs for longer."""
        version = str(session.first("SELECT VERSION()"))
        self._mariadb = "mariadb" in version.lower()
        self._roles = self._mariadb or not version.startswith("5.")
        session.first("SET SESSION TRANSACTION READ ONLY")
        if self._mariadb:
            session.first("SET SESSION max_statement_time = :bound", bound=float(timeout))
        else:
            session.first("SET SESSION max_execution_time = :bound", bound=max(1, int(timeout * 1000)))

    def database(self, session: Session, url: URL, wanted: str | None) -> str:
        """A database is what other platforms call a schema; there is nothing above it."""
        del session, url, wanted
        return ""

    def schemas(self, session: Session, database: str) -> list[str]:
        """The database that is meant; all but the server's own where none is."""
        del database
        found = [str(row[0]) for row in session.rows("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA")]
        return sorted(one for one in found if one.lower() not in _SYSTEM)

    def now(self, session: Session) -> int:
        """By the server's clock."""
        return int(session.first("SELECT FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000)"))

    def meant(self) -> tuple[str, ...]:
        """The database of the settings or the URL, which is read where no `schemas` are named."""
        return () if self._wanted is None else (self._wanted,)

    def prefix(self, place: Place) -> Name:
        """A table's name has two parts."""
        return (place.schema,)

    def require(self, session: Session, schema: str) -> None:
        """Of a database that is granted table by table, or by column, only those are listed: that is no whole look."""
        if session.first(_RIGHTS, within=schema):
            return
        if self._roles and session.first("SELECT CURRENT_ROLE()") not in (None, "NONE", ""):
            return  # what a role brings is not in these views
        raise ConfigurationError(
            f"this user of {self.called} sees only parts of the database {schema}; "
            f"as an administrator: GRANT SELECT, SHOW VIEW ON `{schema}`.* TO the watcher's user"
        )

    def images(self, session: Session, place: Place) -> Iterator[Image]:
        """Tables and views; a sequence of MariaDB is none."""
        only = place.only("AND TABLE_NAME IN :named")
        keys = Keys()
        keys.add_rows(
            (table, index, index == "PRIMARY", column)
            for table, index, column in session.rows(_KEYS.format(only=only), **place.values())
        )
        tables = {row[0]: row[1] for row in session.rows(_TABLES.format(only=only), **place.values())}
        shared = Shared()
        columns = session.rows(_COLUMNS.format(only=only), **place.values())
        seen: set[str] = set()

        def listed() -> Iterator[Listed]:
            for row in columns:
                kind = tables.get(row[0])
                if kind in _KINDS:
                    seen.add(row[0])
                    yield Listed(row[0], self._column(row, shared, view=kind == "VIEW"), kind == "VIEW")

        yield from gathered(listed(), self.prefix(place), keys, shared)
        # A view over a table that is gone is listed without columns.
        empty = (Listed(name, None, view=True) for name, kind in tables.items() if kind == "VIEW" and name not in seen)
        yield from gathered(empty, self.prefix(place), keys, shared)

    def _column(self, row: Any, shared: Shared, *, view: bool) -> ColumnImage:
        _, name, text, kind, nullable, default, extra, comment = row
        # pymysql gives some of these as bytes where the server calls them blobs.
        text, default, extra = _text(text) or "", _text(default), _text(extra) or ""
        generated = "GENERATED" in extra.upper().replace("DEFAULT_GENERATED", "")
        counted = "auto_increment" in extra.lower()
        shown = mariadb_default(default) if self._mariadb else mysql_default(default, kind, extra)
        return ColumnImage(
            shared.text(name),
            shared.text(text),
            nullable=nullable == "YES",
            default=None if view or generated or counted else shown,
            comment=comment or None,
        )


def _text(value: str | bytes | None) -> str | None:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
