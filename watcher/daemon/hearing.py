"""Hearing: one feed from its topic to the ledger, whichever runtime reads it; history first, then as it happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from watcher.bootstrap import Parts
from watcher.daemon.ledger_thread import LedgerThread
from watcher.feeds.batch import BatchRuntime
from watcher.feeds.catchup import catch_up
from watcher.feeds.intake import Runtime, Status
from watcher.feeds.stream import StreamRuntime
from watcher.handlers.observe import Observed
from watcher.kafka.queries import Queries
from watcher.kafka.reader import Place
from watcher.model.dataset import RawRecord
from watcher.ports import ReadPosition
from watcher.settings import FeedSettings

log = structlog.get_logger(__name__)


class Hearing:
    """One feed's intake; `told` is called when a batch wished deliveries, `waits` when one opened a settle window."""

    def __init__(
        self, parts: Parts, feed: FeedSettings, in_ledger: LedgerThread, *, committed: Callable[[Observed], None]
    ) -> None:
        self._parts = parts
        self._feed = feed
        self._in_ledger = in_ledger
        self._committed = committed
        self._observer = parts.observers[feed.name]
        self._runtime: Runtime | None = None
        self._stopping = asyncio.Event()

    @property
    def name(self) -> str:
        """The feed's name."""
        return self._feed.name

    def status(self) -> Status | None:
        """How the runtime stands; None while history is read."""
        return self._runtime.status() if self._runtime is not None else None

    async def run(self) -> None:
        """Read until stopped; raises as the runtimes do."""
        kafka, feed = self._parts.kafka, self._feed
        with Queries(kafka) as queries:
            self._queries = queries
            # History, and what happened while no worker ran: in bulk, and without waiting for the group to form.
            await catch_up(
                kafka, feed.topic, feed.name, self._take, self._position, group=feed.group, stop=self._stopping
            )
            if self._stopping.is_set():
                return
            made = BatchRuntime if feed.runtime == "confluent" else StreamRuntime
            self._runtime = made(kafka, feed.group, {feed.topic: feed.name})
            await self._runtime.run(self._take, self._position)

    async def stop(self) -> None:
        """Let the batch in flight finish, and leave the group."""
        self._stopping.set()
        if self._runtime is not None:
            await self._runtime.stop()

    async def _position(self, place: Place) -> int:
        """Where the ledger reads on; a partition that is new to it begins with all that is there as its baseline."""
        known = await self._in_ledger(lambda tx: tx.read_position(self.name, place.partition))
        if known is None:
            low, high = await asyncio.to_thread(self._queries.watermark, place.topic, place.partition)
            start = ReadPosition(low, high)
            known = await self._in_ledger(lambda tx: tx.begin_reading(self.name, place.partition, start))
            log.info("feed.begun", feed=self.name, partition=place.partition, baseline_until=known.baseline_until)
        return known.next_offset

    async def _take(self, records: Sequence[RawRecord]) -> None:
        """One batch, one transaction."""
        began = time.monotonic()
        try:
            observed = await self._in_ledger(lambda tx: self._observer.observe(tx, records, self._parts.clock.now()))
        except BaseException:
            self._observer.distrust()
            raise
        self._observer.settled()
        seconds = time.monotonic() - began
        metrics = self._parts.metrics
        metrics.records.labels(source=self.name).inc(observed.records)
        metrics.transaction_seconds.observe(seconds)
        log.debug("batch.observed", feed=self.name, records=observed.records, seconds=round(seconds, 4))
        self._committed(observed)


def describe(name: str, status: Status | None) -> dict[str, Any]:
    """A feed's status in the words of readiness."""
    if status is None:
        return {"name": name, "assigned": False, "caught_up": False, "lag": 0, "detail": "reading history"}
    lag = sum(status.behind.values())
    owned = ", ".join(f"{place.topic}/{place.partition}" for place in status.assigned) or "no partition: standing by"
    return {
        "name": name,
        "assigned": status.joined,
        "caught_up": status.caught_up,
        "lag": lag,
        "detail": owned if status.joined else "joining the group",
    }
