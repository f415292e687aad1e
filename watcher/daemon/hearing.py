"""Hearing: one feed from its topic to the ledger, whichever runtime reads it; history first, then as it happens."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from watcher.bootstrap import Parts
from watcher.daemon.ledger_thread import LedgerThread
from watcher.feeds.batch import BatchRuntime
from watcher.feeds.catchup import catch_up
from watcher.feeds.intake import Runtime, Status, Take
from watcher.feeds.stream import StreamRuntime
from watcher.kafka.queries import Queries
from watcher.kafka.reader import Place
from watcher.ports import ReadPosition
from watcher.settings.feeds import TopicSettings

log = structlog.get_logger(__name__)


class Hearing:
    """One topic's intake; `take` brings its batches into the ledger."""

    def __init__(
        self,
        parts: Parts,
        topic: TopicSettings,
        in_ledger: LedgerThread,
        take: Take,
    ) -> None:
        self._parts = parts
        self._topic = topic
        self._in_ledger = in_ledger
        self._take = take
        self._runtime: Runtime | None = None
        self._stopping = asyncio.Event()

    @property
    def name(self) -> str:
        """The feed's name."""
        return self._topic.feed

    def status(self) -> Status | None:
        """How the runtime stands; None while history is read."""
        return self._runtime.status() if self._runtime is not None else None

    async def run(self) -> None:
        """Read until stopped; raises as the runtimes do."""
        kafka, feed = self._parts.kafka, self._topic
        with Queries(kafka) as queries:
            self._queries = queries
            # History, and what happened while no worker ran: in bulk, and without waiting for the group to form.
            await catch_up(
                kafka, feed.topic, feed.feed, self._take, self._position, group=feed.group, stop=self._stopping
            )
            if self._stopping.is_set():
                return
            made = BatchRuntime if feed.runtime == "confluent" else StreamRuntime
            self._runtime = made(kafka, feed.group, {feed.topic: feed.feed})
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

    def report(self) -> dict[str, Any]:
        """How it stands, in the words of readiness."""
        return {"name": self.name, **_described(self.status())}


def _described(status: Status | None) -> dict[str, Any]:
    if status is None:
        return {"assigned": False, "caught_up": False, "lag": 0, "detail": "reading history"}
    lag = sum(status.behind.values())
    owned = ", ".join(f"{place.topic}/{place.partition}" for place in status.assigned) or "no partition: standing by"
    detail = owned if status.joined else "joining the group"
    return {"assigned": status.joined, "caught_up": status.caught_up, "lag": lag, "detail": detail}
