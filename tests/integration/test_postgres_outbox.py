"""The outbox of a real PostgreSQL, read while many sessions write to it: no row is lost, none comes twice."""

from __future__ import annotations

import asyncio
import random
import subprocess
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import orjson
import psycopg
import pytest

from tests.parts.postgres_server import PostgresServer
from watcher.feeds.postgres.tail import OutboxTail
from watcher.feeds.warehouse.facts import Image
from watcher.feeds.warehouse.sources.postgres import decode
from watcher.model.dataset import RawRecord
from watcher.model.errors import ConfigurationError, Transient

pytestmark = pytest.mark.timeout(300)
SCRIPT = Path(__file__).parents[2] / "deploy" / "postgres" / "watcher.sql"
LONG_S = 120


def install(url: str) -> None:
    done = subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", str(SCRIPT)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def url(postgres_url: str) -> str:
    """A fresh database with the watcher's ear."""
    install(postgres_url)
    return postgres_url


class Ledger:
    """What the tail sees of a ledger: it takes records, keeps the decoder's cursor, and passes over repeats."""

    def __init__(self) -> None:
        self.memory: dict[str, bytes] = {}
        self.records: list[RawRecord] = []
        self.failing = 0

    async def take(self, records: Sequence[RawRecord]) -> None:
        if self.failing:
            self.failing -= 1
            raise Transient("the ledger is away")
        for record in records:
            if record.position.offset < len(self.records):
                continue
            assert record.position.offset == len(self.records)
            decode(record, self.memory)
            self.records.append(record)

    async def cursor(self) -> tuple[int, bytes | None]:
        return len(self.records), self.memory.get("cursor")

    @property
    def names(self) -> list[str]:
        """The tables that were told of, in their order."""
        found = [fact for record in self.records for fact in decode(record, {}).facts]
        return [one.name[-1] for one in found if isinstance(one, Image)]

    @property
    def cursor_at(self) -> int:
        return int(self.memory.get("cursor", b"0"))


async def until(holds: Callable[[], bool], tail: asyncio.Future[None]) -> None:
    """Poll until it holds; the tail's own end is told first."""
    async with asyncio.timeout(LONG_S):
        while not holds():
            if tail.done():
                tail.result()
                raise AssertionError("the tail has ended")
            await asyncio.sleep(0.02)


async def tailed(
    url: str, ledger: Ledger, during: Callable[[OutboxTail, asyncio.Future[None]], Awaitable[None]]
) -> None:
    """Run a tail, and something beside it."""
    tail = OutboxTail(url, "w")
    running = asyncio.ensure_future(tail.run(ledger.take, ledger.cursor))
    try:
        await during(tail, running)
    finally:
        await tail.stop()
        async with asyncio.timeout(LONG_S):
            await running


@contextmanager
def session(url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(url) as connection:
        yield connection


def committed(url: str) -> list[int]:
    with session(url) as connection:
        return [int(str(row[0])) for row in connection.execute("SELECT id FROM schema_watcher.outbox ORDER BY id")]


async def writer(url: str, number: int, ddls: int) -> None:
    """One session's migrations: some transactions of several statements, some rolled back, some slow to commit."""
    chance = random.Random(number)
    async with await psycopg.AsyncConnection.connect(url) as connection:
        done = 0
        while done < ddls:
            several = chance.randint(1, 4)
            for _ in range(several):
                await connection.execute(f"CREATE TABLE t_{number}_{done} (a int)")
                done += 1
                await asyncio.sleep(chance.random() / 500)
            if chance.random() < 0.25:
                await connection.rollback()
            else:
                await connection.commit()


async def cutter(url: str) -> None:
    """Ends the tail's own connection now and then."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while True:
            await asyncio.sleep(1)
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'watcher' AND datname = current_database()"
            )


def test_no_row_is_lost_and_none_comes_twice(url: str) -> None:
    """2,000 statements of eight sessions that commit out of order, while the tail's connection is cut each second."""
    ledger = Ledger()

    async def during(_: OutboxTail, running: asyncio.Future[None]) -> None:
        cutting = asyncio.ensure_future(cutter(url))
        async with asyncio.timeout(LONG_S):
            await asyncio.gather(*(writer(url, number, 250) for number in range(8)))
        cutting.cancel()
        with suppress(asyncio.CancelledError):
            await cutting
        last = (await asyncio.to_thread(committed, url))[-1]
        await until(lambda: ledger.cursor_at >= last, running)

    asyncio.run(tailed(url, ledger, during))

    with session(url) as connection:
        there = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 't\\_%'"
        ).fetchall()
    assert len(there) > 1000
    assert sorted(ledger.names) == sorted(str(row[0]) for row in there)
    again = Ledger()

    async def once_more(_: OutboxTail, running: asyncio.Future[None]) -> None:
        await until(lambda: again.cursor_at >= ledger.cursor_at, running)

    asyncio.run(tailed(url, again, once_more))
    assert sorted(again.names) == sorted(ledger.names)


def test_a_row_that_commits_late_comes_first_all_the_same(url: str) -> None:
    """Rows wait behind one whose transaction has not ended, which readiness shows; then all come, in their order."""
    ledger = Ledger()

    async def during(tail: OutboxTail, running: asyncio.Future[None]) -> None:
        with session(url) as slow, session(url) as quick:
            slow.execute("CREATE TABLE first_one (a int)")
            quick.execute("CREATE TABLE second_one (a int)")
            quick.commit()
            await until(lambda: "wait behind row 1" in tail.status()["detail"], running)
            assert f"process {slow.info.backend_pid}" in tail.status()["detail"]
            assert ledger.names == []
            slow.commit()
        await until(lambda: len(ledger.names) == 2, running)

    asyncio.run(tailed(url, ledger, during))

    assert ledger.names == ["first_one", "second_one"]


def test_a_long_transaction_without_ddl_holds_nothing_up(url: str) -> None:
    """Not even behind a gap that a rolled-back statement has left."""
    ledger = Ledger()

    async def during(_: OutboxTail, running: asyncio.Future[None]) -> None:
        with session(url) as loading, session(url) as quick:
            loading.execute("SELECT pg_current_xact_id()")
            quick.execute("CREATE TABLE taken_back (a int)")
            quick.rollback()
            quick.execute("CREATE TABLE kept (a int)")
            quick.commit()
            await until(lambda: ledger.names == ["kept"], running)

    asyncio.run(tailed(url, ledger, during))


def test_a_ledger_that_is_away_is_waited_for(url: str) -> None:
    """What it did not take is read again."""
    ledger = Ledger()
    ledger.failing = 1

    async def during(_: OutboxTail, running: asyncio.Future[None]) -> None:
        with session(url) as quick:
            quick.execute("CREATE TABLE one (a int)")
        await until(lambda: ledger.names == ["one"], running)

    asyncio.run(tailed(url, ledger, during))


def test_a_server_that_was_killed_is_waited_for(own_postgres_server: PostgresServer) -> None:
    """What was committed before comes, and what is committed after."""
    url = own_postgres_server.create_database()
    install(url)
    ledger = Ledger()

    async def during(_: OutboxTail, running: asyncio.Future[None]) -> None:
        with session(url) as quick:
            quick.execute("CREATE TABLE before_it (a int)")
        await until(lambda: ledger.names == ["before_it"], running)
        own_postgres_server.kill()
        await asyncio.to_thread(own_postgres_server.restart)
        with session(url) as quick:
            quick.execute("CREATE TABLE after_it (a int)")
        await until(lambda: ledger.names == ["before_it", "after_it"], running)

    asyncio.run(tailed(url, ledger, during))


def test_what_is_to_be_mended_is_said(postgres_url: str) -> None:
    """A database without the script, and a role without the right, name what to do."""
    ledger = Ledger()

    async def during(_: OutboxTail, running: asyncio.Future[None]) -> None:
        await running

    with pytest.raises(ConfigurationError, match=r"deploy/postgres/watcher\.sql"):
        asyncio.run(tailed(postgres_url, ledger, during))
    install(postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DO $$ BEGIN CREATE ROLE watcher_reads LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
        connection.execute("REVOKE watcher_reader FROM watcher_reads")
    parts = urlsplit(postgres_url)
    other = urlunsplit(parts._replace(netloc=f"watcher_reads@{parts.hostname}:{parts.port}"))
    with pytest.raises(ConfigurationError, match="GRANT watcher_reader"):
        asyncio.run(tailed(other, ledger, during))
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("GRANT watcher_reader TO watcher_reads")
        connection.execute("CREATE TABLE one (a int)")

    async def reads(_: OutboxTail, running: asyncio.Future[None]) -> None:
        await until(lambda: ledger.names == ["one"], running)

    asyncio.run(tailed(other, ledger, reads))


def test_rows_that_are_gone_are_told(url: str) -> None:
    """A database that went back, or rows that were pruned unread, are a blind spot, and the tail goes on from there."""
    for statement, mark in (
        (
            "DELETE FROM schema_watcher.outbox WHERE id > 1; SELECT setval('schema_watcher.outbox_id_seq', 1)",
            "restored",
        ),
        ("UPDATE schema_watcher.pruned SET id = 900; SELECT setval('schema_watcher.outbox_id_seq', 900)", "pruned"),
    ):
        ledger = Ledger()
        ledger.memory["cursor"] = b"600"
        with session(url) as quick:
            for one in statement.split("; "):
                quick.execute(one.encode())

        async def during(
            _: OutboxTail, running: asyncio.Future[None], ledger: Ledger = ledger, mark: str = mark
        ) -> None:
            await until(lambda: bool(ledger.records), running)
            with session(url) as quick:
                quick.execute(f"CREATE TABLE {mark} (a int)".encode())
            await until(lambda: ledger.names == [mark], running)

        asyncio.run(tailed(url, ledger, during))
        assert mark in orjson.loads(ledger.records[0].value or b"")["lost"]


def test_a_gap_outlives_a_restart_of_its_writer_s_server(own_postgres_server: PostgresServer) -> None:
    """A prepared transaction goes by another name after it, and may still commit: rows wait behind it as before."""
    with psycopg.connect(own_postgres_server.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET max_prepared_transactions = 4")
    own_postgres_server.stop()
    own_postgres_server.restart()
    one = own_postgres_server.create_database()
    install(one)
    ledger = Ledger()

    async def during(tail: OutboxTail, running: asyncio.Future[None]) -> None:
        with psycopg.connect(one, autocommit=True) as slow, session(one) as quick:
            slow.execute("BEGIN")
            slow.execute("CREATE TABLE first_one (a int)")
            quick.execute("CREATE TABLE second_one (a int)")
            quick.commit()
            await until(lambda: "process" in tail.status()["detail"], running)
            slow.execute("PREPARE TRANSACTION 'p'")
            await until(lambda: "process" not in tail.status()["detail"], running)
        await asyncio.to_thread(own_postgres_server.kill)
        await until(lambda: not tail.status()["assigned"], running)
        await asyncio.to_thread(own_postgres_server.restart)
        await until(lambda: tail.status()["assigned"], running)
        await until(lambda: "wait behind row 1" in tail.status()["detail"], running)
        with psycopg.connect(one, autocommit=True) as other:
            other.execute("COMMIT PREPARED 'p'")
        await until(lambda: len(ledger.names) == 2, running)

    asyncio.run(tailed(one, ledger, during))

    assert ledger.names == ["first_one", "second_one"]


def test_rows_pruned_under_a_running_tail_are_told(url: str) -> None:
    """Those that waited behind a gap, and were forgotten meanwhile: a blind spot, though no connection ended."""
    ledger = Ledger()

    async def during(tail: OutboxTail, running: asyncio.Future[None]) -> None:
        with session(url) as slow, psycopg.connect(url, autocommit=True) as quick:
            slow.execute("CREATE TABLE slow_one (a int)")
            quick.execute("CREATE TABLE forgotten (a int)")
            await until(lambda: "wait behind row 1" in tail.status()["detail"], running)
            quick.execute("SELECT schema_watcher.prune('0')")
            await until(lambda: bool(ledger.records), running)
            slow.rollback()
            quick.execute("CREATE TABLE next_one (a int)")
        await until(lambda: ledger.names == ["next_one"], running)

    asyncio.run(tailed(url, ledger, during))

    assert "pruned" in orjson.loads(ledger.records[0].value or b"")["lost"]
