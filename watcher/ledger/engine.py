"""Connections to either database, set up for what the watcher promises of its ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from watcher.model.errors import ConfigurationError

_PATIENCE = 10
"""Seconds to wait for another writer, or for a free connection, before a call fails as Transient."""

_POSTGRES = {
    "connect_timeout": str(_PATIENCE),
    "application_name": "watcher",
    # A worker that is frozen or cut off must not hold its locks for ever: the others wait for its datasets.
    "options": "-c lock_timeout=60s -c idle_in_transaction_session_timeout=120s",
    "tcp_user_timeout": "30000",
}
"""What the URL's own query may override (behind a pooler that takes no `options`, say: `?options=`)."""

_SQLITE = (
    "PRAGMA journal_mode=WAL",
    # FULL, not NORMAL: what was acknowledged to Kafka, or told to a receiver, is not forgotten when the power fails.
    # It costs one flush a transaction, and a catch-up makes one transaction of a thousand events.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-32768",
    # A quarter more speed in a catch-up: each checkpoint writes the index pages that every batch touches anew.
    "PRAGMA wal_autocheckpoint=16000",
    "PRAGMA journal_size_limit=67108864",
)

_LOOK = "watcher_look"


def parsed(url: str) -> URL:
    """The ledger's URL with its driver named; raises ConfigurationError where it is none of ours."""
    forms = "`sqlite:///file` or `postgresql://user:password@host/database`"
    try:
        found = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError(f"the ledger's URL cannot be read; write {forms}") from error
    match found.drivername:
        case "sqlite" | "sqlite+pysqlite":
            if found.database in (None, "", ":memory:"):
                raise ConfigurationError(f"a ledger in memory forgets what it has read; give it a file: {forms}")
            return found.set(drivername="sqlite+pysqlite")
        case "postgresql" | "postgres" | "postgresql+psycopg":
            return found.set(drivername="postgresql+psycopg").update_query_dict(
                {key: value for key, value in _POSTGRES.items() if key not in found.query}
            )
        case other:
            raise ConfigurationError(f"the ledger's URL begins with {other!r}; write {forms}")


def shown(url: URL) -> str:
    """The URL as messages may show it: without password and connection options."""
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)


def file_of(url: URL) -> Path | None:
    """The SQLite file; None for a server."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def make_engine(url: URL) -> Engine:
    """Connections on demand; nothing is connected yet."""
    if url.get_backend_name() == "postgresql":
        # Pre-ping: a connection that the server or a firewall cut in a quiet night is replaced, not handed out.
        return create_engine(
            url, pool_size=4, max_overflow=4, pool_pre_ping=True, pool_timeout=_PATIENCE, hide_parameters=True
        )
    # The driver's own transactions begin late and never immediately; `_begin` does it instead.
    arguments = {"isolation_level": None, "timeout": _PATIENCE}
    engine = create_engine(url, connect_args=arguments, pool_timeout=_PATIENCE, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def looking(connection: Connection) -> Connection:
    """The connection, its next transaction reading one snapshot and writing nothing."""
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return connection.execution_options(**{_LOOK: True})


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    try:
        for statement in _SQLITE:
            cursor.execute(statement)
    finally:
        cursor.close()


def _begin(connection: Connection) -> None:
    # Immediate: a transaction that reads first and writes later would fail where another wrote in between.
    looks = connection.get_execution_options().get(_LOOK, False)
    connection.exec_driver_sql("BEGIN" if looks else "BEGIN IMMEDIATE")
