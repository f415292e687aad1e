"""Migrations: what they build is what the code expects; running them twice, or twice at once, is safe."""

import importlib
import pkgutil
import re
import threading
from contextlib import closing
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from watcher.ledger import migrate, open_ledger, revision
from watcher.ledger.engine import make_engine, parsed
from watcher.ledger.migrations import versions
from watcher.ledger.tables import metadata
from watcher.model.errors import ConfigurationError

HEAD = "0003"

_POSTGRES_SHAPE = """
select 'column', table_name, column_name, concat_ws(' ', data_type, is_nullable, is_identity, column_default)
from information_schema.columns where table_schema = 'public' and table_name <> 'alembic_version'
union select 'index', tablename, indexname, indexdef from pg_indexes
where schemaname = 'public' and tablename <> 'alembic_version'
union select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
where connamespace = 'public'::regnamespace and conrelid::regclass::text <> 'alembic_version'
"""
_SQLITE_SHAPE = "select type, tbl_name, name, sql from sqlite_master where tbl_name <> 'alembic_version'"


def shape(connection: Connection) -> set[tuple[str, ...]]:
    """Every column, index and constraint, as the database itself describes it."""
    query = _POSTGRES_SHAPE if connection.dialect.name == "postgresql" else _SQLITE_SHAPE
    rows = connection.execute(text(query))
    return {tuple(_ordered(str(part)) for part in row) for row in rows}


def _ordered(description: str) -> str:
    """In one line, constraints sorted: their order in a table means nothing."""
    columns, *constraints = re.sub(r"\s+", " ", description.replace('"', "")).removesuffix(")").split(", CONSTRAINT ")
    return "; ".join([columns, *sorted(one.strip() for one in constraints)])


def test_migrations_build_what_the_code_expects(ledger_url: str) -> None:
    """Alembic finds nothing to add: each table, column, type and index of the metadata is there."""
    engine = make_engine(parsed(ledger_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        found: list[Any] = compare_metadata(context, metadata)
    engine.dispose()

    assert found == []


def test_migrated_tables_are_those_of_the_metadata(ledger_url: str) -> None:
    """Also in what Alembic does not compare: conditions of partial indexes, deferred references, rowids."""
    engine = make_engine(parsed(ledger_url))
    with engine.begin() as connection:
        migrated = shape(connection)
        metadata.drop_all(connection)
        gone = shape(connection)
        metadata.create_all(connection)
        created = shape(connection)
    engine.dispose()

    assert len(migrated) > 20
    assert set() == gone
    assert created == migrated


def test_migrating_tells_the_versions(empty_url: str) -> None:
    """From nothing to the newest; a second call finds nothing to do."""
    assert revision(empty_url) is None
    assert migrate(empty_url) == (None, HEAD)
    assert revision(empty_url) == HEAD
    assert migrate(empty_url) == (HEAD, HEAD)


def test_two_workers_may_migrate_at_once(empty_url: str) -> None:
    """One does the work, the others find it done; with a file, they may also be told to wait."""
    results: list[tuple[str | None, str] | str] = []
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        try:
            results.append(migrate(empty_url))
        except ConfigurationError as error:
            results.append("in use" if "in use" in str(error) else str(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert results.count((None, HEAD)) == 1
    assert {(None, HEAD), (HEAD, HEAD), "in use"} >= set(results)
    assert revision(empty_url) == HEAD


def test_a_ledger_of_a_later_watcher_is_refused(ledger_url: str) -> None:
    """Neither opened nor migrated: this version does not know what its tables mean."""
    engine = make_engine(parsed(ledger_url))
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()

    for call in (migrate, open_ledger):
        with pytest.raises(ConfigurationError, match="9999, of a later watcher"):
            call(ledger_url)


def test_a_failed_migration_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables and version change in one transaction, or not at all."""
    migrate_at = importlib.import_module("watcher.ledger.migrate")
    upgrade = migrate_at.command.upgrade

    def halfway(config: Any, to: str) -> None:
        upgrade(config, to)
        raise ZeroDivisionError

    monkeypatch.setattr(migrate_at.command, "upgrade", halfway)
    with pytest.raises(ZeroDivisionError):
        migrate(empty_url)
    engine = make_engine(parsed(empty_url))
    with engine.connect() as connection:
        assert shape(connection) == set()
    engine.dispose()

    assert revision(empty_url) is None


def test_the_daemon_migrates_a_file_and_asks_before_it_migrates_a_server(empty_url: str) -> None:
    """A file is the daemon's own; a server is shared with workers of another version."""
    if empty_url.startswith("sqlite"):
        with closing(open_ledger(empty_url)) as ledger, ledger.look() as views:
            assert views.counts()["events"] == 0
    else:
        with pytest.raises(ConfigurationError, match=r"is empty: run `watcher migrate`"):
            open_ledger(empty_url)


def test_each_version_says_what_may_run_beside_it() -> None:
    """`pre`: old workers may go on; `post`: only when all are new."""
    names = [module.name for module in pkgutil.iter_modules(versions.__path__)]
    modules = [importlib.import_module(f"{versions.__name__}.{name}") for name in names]

    assert modules
    for module in modules:
        assert re.search(r"^Phase: (pre|post) \(.+\)\.", module.__doc__ or "", re.MULTILINE), module.__name__
