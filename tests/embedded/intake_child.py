"""A worker for the intake's behaviour suite: a runtime over a small ledger, to be killed, stopped and misled."""

import argparse
import asyncio
import os
import random
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import structlog
from faust.transport.drivers.aiokafka import Consumer

from watcher.feeds.batch import BatchRuntime
from watcher.feeds.catchup import catch_up
from watcher.feeds.intake import Runtime
from watcher.feeds.stream import StreamRuntime
from watcher.kafka import client
from watcher.kafka.client import KafkaSettings
from watcher.kafka.reader import Place
from watcher.model.dataset import RawRecord
from watcher.model.errors import Fatal, Transient, WatcherError

SESSION_S = 4
"""The embedded broker lets each rebalance take most of a session timeout, and keeps a dead member's place for one."""


class SmallLedger:
    """Records by position, and the next offset of each partition, in one transaction: the fence of the real one."""

    def __init__(self, path: str) -> None:
        self._path = path
        with self._open() as db:
            db.execute("CREATE TABLE IF NOT EXISTS seen (part INT, off INT, value BLOB, PRIMARY KEY (part, off))")
            db.execute("CREATE TABLE IF NOT EXISTS reading (part INT PRIMARY KEY, next INT)")

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=20, isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=OFF")  # only processes die here, never the machine
        return db

    def position(self, partition: int) -> int | None:
        with self._open() as db:
            row = db.execute("SELECT next FROM reading WHERE part = ?", (partition,)).fetchone()
        return None if row is None else int(row[0])

    def take(self, records: Sequence[RawRecord], pause: float, *, whole: bool = False) -> None:
        partition = records[0].position.partition
        db = self._open()
        try:
            db.execute("BEGIN IMMEDIATE")
            row = db.execute("SELECT next FROM reading WHERE part = ?", (partition,)).fetchone()
            following = 0 if row is None else int(row[0])
            fresh = [record for record in records if record.position.offset >= following]
            if whole and fresh and fresh[0].position.offset != following:
                # This topic has no holes: what came before was passed over, and would be lost.
                raise RuntimeError(f"partition {partition} goes on at {fresh[0].position.offset}, not at {following}")
            rows = [(partition, record.position.offset, record.value) for record in fresh]
            db.executemany("INSERT INTO seen VALUES (?, ?, ?)", rows)
            if fresh:
                at = fresh[-1].position.offset + 1
                db.execute("INSERT OR REPLACE INTO reading VALUES (?, ?)", (partition, at))
            time.sleep(pause)
            db.execute("COMMIT")
        finally:
            db.close()


def drop(offset: int) -> None:
    """Faust loses one record between its client and the agent, as it may when a rebalance comes at the wrong moment."""
    through = Consumer.getmany

    async def getmany(self: Consumer, timeout: float) -> AsyncIterator[Any]:  # noqa: ASYNC109 - faust's own signature
        async for partition, message in through(self, timeout):
            if message.offset != offset:
                yield partition, message

    Consumer.getmany = getmany  # type: ignore[method-assign, assignment]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def work(options: argparse.Namespace) -> int:
    ledger = SmallLedger(options.ledger)
    calls = 0

    async def take(records: Sequence[RawRecord]) -> None:
        nonlocal calls
        calls += 1
        if options.away and calls <= options.away:
            raise Transient("the ledger is away")
        if options.raise_at and calls == options.raise_at:
            raise RuntimeError("the ledger has a fault")
        pause = random.uniform(0, options.slow)
        await asyncio.to_thread(ledger.take, records, pause, whole=options.whole)
        if calls == options.commit_then_raise:
            raise RuntimeError("the ledger fails after its commit")

    async def positions(place: Place) -> int | None:
        if options.positions_away:
            raise Transient("the ledger is away")
        return await asyncio.to_thread(ledger.position, place.partition)

    cluster = KafkaSettings(options.servers)
    if options.drop is not None:
        drop(options.drop)
    if options.runtime == "catch-up":
        await catch_up(cluster, options.topic, "suite", take, positions, patience=options.patience)
        return 0
    runtime: Runtime
    if options.runtime == "faust":
        settings = {
            "broker_session_timeout": SESSION_S,
            "broker_heartbeat_interval": SESSION_S / 4,
            "broker_check_crcs": not options.no_crc,
        }
        runtime = StreamRuntime(
            cluster, options.group, {options.topic: "suite"}, patience=options.patience, settings=settings
        )
    else:
        runtime = BatchRuntime(cluster, options.group, {options.topic: "suite"}, patience=options.patience)
    stopped: list[asyncio.Task[None]] = []
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, lambda: stopped.append(asyncio.ensure_future(runtime.stop())))
    telling = asyncio.create_task(tell(runtime))
    await runtime.run(take, positions)
    telling.cancel()
    await asyncio.gather(*stopped)
    return 0


async def tell(runtime: Runtime) -> None:
    last = ""
    while True:
        status = runtime.status()
        line = f"status joined={status.joined} assigned={len(status.assigned)} caught_up={status.caught_up}"
        if line != last:
            say(line)
            last = line
        await asyncio.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("runtime", choices=["faust", "confluent", "catch-up"])
    parser.add_argument("--servers", required=True)
    parser.add_argument("--group", default="suite")
    parser.add_argument("--topic", default="suite")
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--slow", type=float, default=0.0, help="seconds that a transaction may take")
    parser.add_argument("--away", type=int, default=0, help="so many calls of take raise Transient")
    parser.add_argument("--positions-away", action="store_true")
    parser.add_argument("--raise-at", type=int, default=0, help="this call of take raises")
    parser.add_argument("--commit-then-raise", type=int, default=0, help="this call of take raises after its commit")
    parser.add_argument("--patience", type=float, default=25.0)
    parser.add_argument("--drop", type=int, help="faust drops the records of this offset on their way")
    parser.add_argument("--whole", action="store_true", help="the topic has no holes: one in what is taken is a fault")
    parser.add_argument("--no-crc", action="store_true")
    options = parser.parse_args()
    client.SESSION_TIMEOUT_MS = SESSION_S * 1000
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        code = asyncio.run(work(options)) if options.runtime == "catch-up" else _run(options)
    except Fatal as error:
        say(f"fatal {error}")
        code = 70
    except WatcherError as error:
        say(f"refused {type(error).__name__}: {error}")
        code = 2
    except BaseException:  # noqa: BLE001 - a client's thread would keep the process, and its place in the group
        say(f"failed {traceback.format_exc()}")
        code = 1
    os._exit(code)


def _run(options: argparse.Namespace) -> int:
    # Not asyncio.run: it would wait for what must be left behind after Fatal.
    loop = asyncio.new_event_loop()
    return loop.run_until_complete(work(options))


if __name__ == "__main__":
    assert Path.cwd().joinpath("watcher").is_dir()
    main()
