"""The way into the ledger: from a URL to transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from structlog import get_logger

from watcher.ledger.engine import file_of, looking, make_engine, parsed, shown
from watcher.ledger.foreign import Faults, translated
from watcher.ledger.lock import LedgerLock
from watcher.ledger.migrate import require_head, upgrade
from watcher.ledger.transaction import SqlTransaction
from watcher.model.errors import ConfigurationError
from watcher.ports import Transaction, Views

log = get_logger(__name__)


class SqlLedger:
    """`Ledger` on SQLite or PostgreSQL; may be used from several threads, each transaction has its own connection."""

    def __init__(self, engine: Engine, lock: LedgerLock | None = None) -> None:
        self._engine = engine
        self._lock = lock
        self._where = shown(engine.url)
        self._faults = Faults(engine)

    @property
    def alone(self) -> bool:
        """Whether no other daemon can be at this ledger while we are."""
        return self._lock is not None

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """One transaction: committed when the block ends; rolled back when it raises, or a statement in it failed."""
        with translated(self._where), self._engine.begin() as connection, self._faults.counted(connection):
            yield SqlTransaction(connection)

    @contextmanager
    def look(self) -> Iterator[Views]:
        """One consistent look that neither waits for writers nor holds them up."""
        with (
            translated(self._where),
            self._engine.connect() as connection,
            looking(connection).begin(),
            self._faults.counted(connection),
        ):
            yield SqlTransaction(connection)

    def close(self) -> None:
        """Close every connection, and let another process have the ledger."""
        self._engine.dispose()
        if self._lock is not None:
            self._lock.close()


def open_ledger(url: str, *, exclusive: bool = True) -> SqlLedger:
    """The ledger at this URL; raises ConfigurationError where it cannot be used, Transient where it is away.

    `exclusive` is for the daemon: on SQLite it locks the file against a second one, and brings the tables up to this
    version. Without it (a command beside a running daemon) nothing is locked, made or migrated. PostgreSQL is shared
    either way, and is never migrated here: that is `watcher migrate`, once, before the first new worker starts.
    """
    place = parsed(url)
    file = file_of(place)
    if file is not None and not exclusive and not file.exists():
        raise ConfigurationError(f"there is no ledger {file}: start the watcher once, or correct `ledger`")
    lock = LedgerLock(file) if file is not None and exclusive else None
    engine = make_engine(place)
    try:
        with translated(shown(place)):
            if lock is None:
                require_head(engine)
            else:
                before, after = upgrade(engine)
                if before != after:
                    log.info("ledger.migrated", ledger=shown(place), before=before, after=after)
    except BaseException:
        engine.dispose()
        if lock is not None:
            lock.close()
        raise
    return SqlLedger(engine, lock)
