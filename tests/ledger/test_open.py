"""Opening: one daemon to a file, clear words for what is wrong, foreign errors in our own tree."""

import os
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.ledger.build import a_dataset, an_event, begun
from watcher.ledger import SqlLedger, open_ledger
from watcher.ledger.engine import make_engine, parsed
from watcher.ledger.foreign import translate
from watcher.model.errors import ConfigurationError, Fatal, Transient
from watcher.ports import Transaction

_HOLD = """
import sys, time
from watcher.ledger import open_ledger
ledger = open_ledger(sys.argv[1])
print("open", file=sys.stderr, flush=True)
sys.stdin.read()
"""


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


def test_a_second_daemon_on_one_file_is_refused(file_url: str) -> None:
    """It is told which file, and whose process; when that one is killed, the file is free at once."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, file_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as first:
        try:
            assert first.stderr is not None
            assert first.stderr.readline() == b"open\n"
            with pytest.raises(ConfigurationError, match=rf"ledger\.db is in use .*process {first.pid}\)"):
                open_ledger(file_url)
            with closing(open_ledger(file_url, exclusive=False)) as view, view.look() as views:
                assert views.counts()["events"] == 0
        finally:
            first.kill()
            first.wait(10)
    with closing(open_ledger(file_url)) as ledger, ledger.begin() as tx:
        begun(tx)


def test_a_closed_ledger_can_be_opened_again(file_url: str) -> None:
    """In the same process as well; while it is open, not."""
    with closing(open_ledger(file_url)), pytest.raises(ConfigurationError, match=f"process {os.getpid()}"):
        open_ledger(file_url)
    open_ledger(file_url).close()


def test_a_failed_opening_holds_nothing(file_url: str) -> None:
    """Neither the lock nor a connection: the next try is free."""
    file_of(file_url).write_bytes(b"this is no database, but a text of more than a hundred bytes " * 4)
    with pytest.raises(ConfigurationError, match="no ledger"):
        open_ledger(file_url)
    file_of(file_url).unlink()
    open_ledger(file_url).close()


@pytest.mark.postgres
def test_workers_share_a_server(pair: tuple[SqlLedger, SqlLedger]) -> None:
    """Two daemons on one PostgreSQL are what it is for."""
    one, two = pair
    with one.begin() as tx:
        begun(tx, 7)
    with two.begin() as tx:
        assert tx.advance("registry", 0, expected=7, next_offset=8)


def test_a_view_makes_no_file(file_url: str) -> None:
    """A command beside the daemon, called in the wrong folder, says so instead of making an empty ledger."""
    with pytest.raises(ConfigurationError, match="there is no ledger"):
        open_ledger(file_url, exclusive=False)

    assert not file_of(file_url).exists()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ledger.db", "cannot be read; write `sqlite:///file`"),
        ("mysql://host/db", "begins with 'mysql'"),
        ("sqlite://", "in memory forgets"),
        ("sqlite:///:memory:", "in memory forgets"),
        ("sqlite:////nowhere/at/all/ledger.db", "/nowhere/at/all"),
        ("postgresql://user:secret@127.0.0.1:notaport/db", "cannot be read"),
    ],
)
def test_an_unusable_url_is_refused_in_words(url: str, told: str) -> None:
    """Which forms there are, or what is not there; never a password."""
    with pytest.raises(ConfigurationError, match=told) as caught:
        open_ledger(url)

    assert "secret" not in str(caught.value)


def test_a_folder_that_is_not_ours_is_told(tmp_path: Path) -> None:
    """A directory where a file should be cannot be opened."""
    with pytest.raises(ConfigurationError, match="check that file and folder"):
        open_ledger(f"sqlite:///{tmp_path}")


def test_an_absent_server_is_transient() -> None:
    """It may come back, and the message names it without the password."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"postgresql://watcher:secret@127.0.0.1:{held.getsockname()[1]}/ledger"
        with pytest.raises(Transient, match="cannot be reached") as caught:
            open_ledger(url)

    assert "secret" not in str(caught.value)


@pytest.mark.postgres
def test_an_unknown_database_is_a_matter_of_configuration(postgres_url: str) -> None:
    """Waiting would not bring it."""
    with pytest.raises(ConfigurationError, match="database"):
        open_ledger(f"{postgres_url}_not_there")


def test_missing_tables_are_a_matter_of_migration(ledger: SqlLedger, ledger_url: str) -> None:
    """Whoever took them away, the message says what brings them back."""
    engine = make_engine(parsed(ledger_url))
    with engine.begin() as connection:
        connection.execute(text("drop table events"))
    engine.dispose()
    with pytest.raises(ConfigurationError, match="watcher migrate"), ledger.begin() as tx:
        tx.add_events([an_event()])


@pytest.mark.postgres
def test_a_lost_connection_is_transient_and_replaced(pair: tuple[SqlLedger, SqlLedger], server_url: str) -> None:
    """The transaction that it hits is lost as a whole; the next one has a new connection."""
    ledger, _ = pair

    def cut(tx: Transaction) -> None:
        tx.put_datasets([a_dataset()])
        with psycopg.connect(server_url, autocommit=True) as other:
            other.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        tx.put_datasets([a_dataset("another")])

    with pytest.raises(Transient), ledger.begin() as tx:
        cut(tx)
    with ledger.begin() as tx:
        assert list(tx.list_datasets()) == []


def test_a_writer_that_waits_too_long_is_transient(file_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process holds the file: the call may be made again."""
    monkeypatch.setattr("watcher.ledger.engine._PATIENCE", 0.05)
    with closing(open_ledger(file_url)) as ledger:
        with closing(sqlite3.connect(file_of(file_url), isolation_level=None)) as other:
            other.execute("begin immediate")
            with pytest.raises(Transient, match="locked"), ledger.begin():
                pass
            with ledger.look() as views:
                assert views.counts()["events"] == 0
        with ledger.begin() as tx:
            begun(tx)


def test_a_damaged_file_is_fatal(file_url: str) -> None:
    """Going on could lose or double something."""
    with closing(open_ledger(file_url)) as ledger, ledger.begin() as tx:
        tx.put_entries("registry", [(f"key-{number}", bytes(500)) for number in range(2000)])
    file = file_of(file_url)
    content = bytearray(file.read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    file.write_bytes(content)

    def read() -> None:
        with closing(open_ledger(file_url)) as ledger, ledger.begin() as tx:
            list(tx.entries("registry"))

    with pytest.raises(Fatal, match="integrity_check"):
        read()


def test_an_error_of_the_caller_passes_unchanged(ledger: SqlLedger) -> None:
    """Only the database's errors are translated; the transaction is rolled back all the same."""

    def fail(tx: Transaction) -> None:
        begun(tx)
        raise KeyError("theirs")

    with pytest.raises(KeyError), ledger.begin() as tx:
        fail(tx)
    with ledger.begin() as tx:
        assert tx.read_position("registry", 0) is None


@pytest.mark.parametrize("then", ["goes on", "ends", "fails in its own way"])
def test_a_failed_statement_fails_the_transaction(ledger: SqlLedger, ledger_url: str, then: str) -> None:
    """Whoever catches the error in between: nothing is committed, and the first error is the one that is told."""
    engine = make_engine(parsed(ledger_url))
    with engine.begin() as connection:
        connection.execute(text("drop table events"))
    engine.dispose()

    def work(tx: Transaction) -> None:
        begun(tx)
        with suppress(Exception):
            tx.add_events([an_event()])
        match then:
            case "goes on":
                tx.put_datasets([a_dataset()])
            case "fails in its own way":
                raise KeyError("theirs")

    with pytest.raises(ConfigurationError, match="watcher migrate"), ledger.begin() as tx:
        work(tx)
    with ledger.begin() as tx:
        assert tx.read_position("registry", 0) is None


@pytest.mark.postgres
@pytest.mark.parametrize("then", ["goes on", "ends"])
def test_a_connection_lost_in_silence_is_transient(
    pair: tuple[SqlLedger, SqlLedger], server_url: str, then: str
) -> None:
    """As above: who goes on with what is lost is told that it is lost, and nothing else."""
    ledger, _ = pair

    def work(tx: Transaction) -> None:
        tx.put_datasets([a_dataset()])
        with psycopg.connect(server_url, autocommit=True) as other:
            other.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        with suppress(Exception):
            tx.put_datasets([a_dataset("another")])
        if then == "goes on":
            tx.put_datasets([a_dataset("a third")])

    with pytest.raises(Transient, match="terminating connection"), ledger.begin() as tx:
        work(tx)
    with ledger.begin() as tx:
        assert list(tx.list_datasets()) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("08006", Transient),
        ("40001", Transient),
        ("40P01", Transient),
        ("53300", Transient),
        ("55P03", Transient),
        ("57P01", Transient),
        ("25006", Transient),
        ("23505", Transient),
        ("42P01", ConfigurationError),
        ("42501", ConfigurationError),
        ("28P01", ConfigurationError),
        ("3D000", ConfigurationError),
        ("XX001", Fatal),
        ("23502", Fatal),
    ],
)
def test_a_servers_code_says_what_can_be_done(code: str, kind: type[Exception]) -> None:
    """Wait, mend the configuration, or stop."""
    cause = psycopg.errors.lookup(code)("said")
    error = translate(DBAPIError("select", {}, cause), "postgresql://host/ledger")

    assert type(error) is kind


def test_a_look_may_be_taken_from_several_threads(ledger: SqlLedger) -> None:
    """Pages and commands read while the ledger's thread writes."""
    seen: list[int] = []

    def look() -> None:
        with ledger.look() as views:
            seen.append(views.counts()["events"])

    with ledger.begin() as tx:
        tx.add_events([an_event()])
        thread = threading.Thread(target=look)
        thread.start()
        thread.join(20)
    look()

    assert seen == [0, 1]
