"""Migrations: the ledger's tables brought from any earlier version to this one, forwards only.

SQLite belongs to one daemon, which migrates it when it starts. PostgreSQL is shared, so an operator decides when:
`watcher migrate`. Several at once are safe on both: the first takes a lock, the others find nothing left to do.
"""

from __future__ import annotations

from contextlib import closing, nullcontext

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from watcher.ledger.engine import file_of, looking, make_engine, parsed, shown
from watcher.ledger.foreign import translated
from watcher.ledger.lock import LedgerLock
from watcher.model.errors import ConfigurationError

_ADVISORY_LOCK = 0x7761746368  # "watch"; any number does, as long as every version of the watcher takes the same


def migrate(url: str) -> tuple[str | None, str]:
    """Bring the ledger up to this version; its version before (None: it was empty) and after.

    Raises ConfigurationError where a daemon holds the SQLite ledger, or a later version made it.
    """
    place = parsed(url)
    file = file_of(place)
    with nullcontext() if file is None else closing(LedgerLock(file)):
        engine = make_engine(place)
        try:
            with translated(shown(place)):
                return upgrade(engine)
        finally:
            engine.dispose()


def revision(url: str) -> str | None:
    """The version of the ledger's tables; None where there are none yet."""
    place = parsed(url)
    file = file_of(place)
    if file is not None and not file.exists():
        return None
    engine = make_engine(place)
    try:
        with translated(shown(place)), engine.connect() as connection, looking(connection).begin():
            return _revision(connection)
    finally:
        engine.dispose()


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Run what is missing, all in one transaction that shuts others out."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        config = configuration(connection)
        before, head = _revision(connection), _head(config)
        _refuse_later(connection, config, before)
        if before != head:
            command.upgrade(config, head)
        return before, head


def require_head(engine: Engine) -> None:
    """Raise ConfigurationError unless the ledger's tables are those of this version."""
    with engine.connect() as connection, looking(connection).begin():
        config = configuration(connection)
        found, head = _revision(connection), _head(config)
        _refuse_later(connection, config, found)
    if found != head:
        state = "is empty" if found is None else f"is at version {found}, this watcher needs {head}"
        raise ConfigurationError(f"the ledger {shown(engine.url)} {state}: run `watcher migrate`")


def configuration(connection: Connection) -> Config:
    """What Alembic is to know: where the versions lie (in the package), and the connection to work on."""
    config = Config()
    config.set_main_option("script_location", "watcher.ledger:migrations")
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _head(config: Config) -> str:
    head = ScriptDirectory.from_config(config).get_current_head()
    if head is None:
        raise ConfigurationError("this watcher was installed without its migrations: install it again")
    return head


def _refuse_later(connection: Connection, config: Config, found: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        place = shown(connection.engine.url)
        raise ConfigurationError(f"the ledger {place} is at version {found}, of a later watcher: run that one or newer")
