"""Foreign errors, translated at the door: what the database libraries raise becomes the watcher's own error tree."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import Connection, Engine, ExceptionContext, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from watcher.model.errors import ConfigurationError, Fatal, Transient, WatcherError

_SQLITE_AWAY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_NOMEM", "SQLITE_INTERRUPT")
_SQLITE_CLOSED = ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")

_POSTGRES_AWAY = ("08", "40", "53", "57", "58030", "55P03", "25006", "25P03", "23505")
"""Connection, serialisation and deadlock, resources, operator's hand, input/output, lock timeout, a standby, idle for
too long; and 23505: each insert passes over rows that are known, so a double key says that another worker came between.
"""
_POSTGRES_SCHEMA = ("42P01", "42703", "3F000")
_POSTGRES_CLOSED = ("28", "3D000", "42501")
_LIBPQ_CLOSED = ("authentication failed", "no pg_hba.conf entry", "does not exist", "no password supplied")
"""A refused connection carries no code, only the server's words."""


class Faults:
    """The first error of each transaction: it fails the whole, and whatever comes after it is its consequence.

    Without this, who catches an error between two statements commits a part, or fails with the driver's complaint that
    the transaction is over, which says nothing of a server that has gone, and would not be waited for.
    """

    def __init__(self, engine: Engine) -> None:
        self._first: WeakKeyDictionary[Connection, SQLAlchemyError] = WeakKeyDictionary()
        event.listen(engine, "handle_error", self._remember)

    @contextmanager
    def counted(self, connection: Connection) -> Iterator[None]:
        """Raise the first error of what is done with the connection, whatever else was raised, or nothing."""
        try:
            yield
        except Exception as later:
            first = self._first.pop(connection, None)
            if first is None or first is later:
                raise
            raise first from later
        first = self._first.pop(connection, None)
        if first is not None:
            raise first

    def _remember(self, context: ExceptionContext) -> None:
        if context.connection is not None and context.sqlalchemy_exception is not None:
            self._first.setdefault(context.connection, context.sqlalchemy_exception)


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raise the watcher's own error for each of the database's; `where` names the ledger, without its password."""
    try:
        yield
    except SQLAlchemyError as error:
        raise translate(error, where) from error


def translate(error: SQLAlchemyError, where: str) -> WatcherError:
    """The error that says what the reader can do."""
    if isinstance(error, PoolTimeout):
        return Transient(f"the ledger {where} has no free connection: all are in use; the call is retried")
    cause = error.orig if isinstance(error, DBAPIError) else None
    said = " ".join(str(cause or error).split())
    if isinstance(cause, sqlite3.Error):
        return _sqlite(cause, f"the ledger {where}: {said}", where)
    if isinstance(cause, psycopg.Error):
        return _postgres(cause, f"the ledger {where}: {said}", where)
    return Fatal(f"the ledger {where} failed in a way it never should: {said}; report this")


def _sqlite(cause: sqlite3.Error, said: str, where: str) -> WatcherError:
    name = getattr(cause, "sqlite_errorname", "") or ""
    if name.startswith(_SQLITE_AWAY):
        return Transient(f"{said}; another process may be writing, or the disk be full: the call is retried")
    if name.startswith(_SQLITE_CLOSED):
        return ConfigurationError(f"{said}; check that file and folder exist and may be written by this user")
    if name == "SQLITE_NOTADB":
        return ConfigurationError(f"{said}; {where} names a file that is no ledger")
    if str(cause).startswith(("no such table", "no such column", "table ")):
        return _unmigrated(said)
    return Fatal(f"{said}; check the file with `PRAGMA integrity_check`, and restore a backup if it is damaged")


def _postgres(cause: psycopg.Error, said: str, where: str) -> WatcherError:
    code = cause.sqlstate
    if code is None:
        if any(words in said for words in _LIBPQ_CLOSED):
            return ConfigurationError(f"{said}; check user, password and database in the ledger's URL")
        if isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError)):
            return Transient(f"{said}; the server cannot be reached: the call is retried")
        return Fatal(f"{said}; report this")
    if code.startswith(_POSTGRES_AWAY):
        return Transient(f"{said}; the call is retried")
    if code in _POSTGRES_SCHEMA:
        return _unmigrated(said)
    if code.startswith(_POSTGRES_CLOSED):
        return ConfigurationError(f"{said}; check user, rights and database of {where}")
    return Fatal(f"{said} ({code}); look into the server's log, and report this")


def _unmigrated(said: str) -> ConfigurationError:
    return ConfigurationError(f"{said}; its tables are not those of this version: run `watcher migrate`")
