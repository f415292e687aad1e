"""The bulk reader: brings a large topic into the ledger up to its present end, before a group's member takes over.

It belongs to no group, so it must run in one worker at a time; where two do, the ledger's fence ends the later one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog

from watcher.feeds.handover import Handover, bounds
from watcher.feeds.intake import PATIENCE_S, Positions, Take, by_place
from watcher.feeds.watch import Watch
from watcher.kafka.client import Cluster
from watcher.kafka.preflight import preflight
from watcher.kafka.queries import Queries
from watcher.kafka.reader import Place, Reader
from watcher.model.dataset import RawRecord
from watcher.model.errors import Fatal

log = structlog.get_logger(__name__)

BATCH = 2000
"""Records of one transaction: large enough that its fixed cost vanishes, a few megabytes of memory."""
_READ_S = 0.5
_PREFLIGHT = 0.8  # of the patience


async def catch_up(  # noqa: PLR0913 - what to read, where to, and when to give up
    cluster: Cluster,
    topic: str,
    source: str,
    take: Take,
    positions: Positions,
    *,
    group: str | None = None,
    partitions: Sequence[int] | None = None,
    stop: asyncio.Event | None = None,
    patience: float = PATIENCE_S,
) -> Mapping[Place, int]:
    """Read the topic's partitions (None: all) from the ledger's positions up to the ends they have now.

    Gives the next offsets. `group` is only a name that the client may use: a right on it is asked for, and no member
    joins it. Returns early when `stop` is set. Raises as `intake.Runtime.run` does.
    """
    await asyncio.to_thread(preflight, cluster, reads=[topic], timeout=_PREFLIGHT * patience)
    with Queries(cluster) as queries:
        found = await asyncio.to_thread(queries.watermarks, topic)
        wanted = found if partitions is None else partitions
        targets = {Place(topic, number): found[number][1] for number in wanted}
        handover = Handover(
            take, positions, lambda place: bounds(queries, place), Watch(time.monotonic(), patience=patience)
        )
        starts = await handover.begin(sorted(targets))
    if all(starts[place] >= target for place, target in targets.items()):
        return starts
    began = time.monotonic()
    reader = Reader(cluster, group or f"{cluster.client_id}-catch-up", {topic: source})
    thread = ThreadPoolExecutor(1, "kafka-catch-up")
    bulk = _Bulk(reader, thread, handover, {source: topic})
    try:
        reader.assign(starts)
        await bulk.read_until(targets, stop or asyncio.Event(), patience)
    finally:
        handover.close()
        thread.submit(reader.close)
        thread.shutdown(wait=False)
    log.info("intake.caught_up", topic=topic, records=bulk.records, seconds=round(time.monotonic() - began, 1))
    return bulk.reached


class _Bulk:
    """Reads the next records while the last ones are on their way into the ledger."""

    def __init__(
        self, reader: Reader, thread: ThreadPoolExecutor, handover: Handover, topics: Mapping[str, str]
    ) -> None:
        self._reader = reader
        self._thread = thread
        self._handover = handover
        self._topics = topics
        self.records = 0
        self.reached: Mapping[Place, int] = reader.positions()

    async def read_until(self, targets: Mapping[Place, int], stop: asyncio.Event, patience: float) -> None:
        """Read until each partition has reached its target, or until stopped."""
        moved_at = time.monotonic()
        records, reached = await self._read()
        while not stop.is_set():
            coming = asyncio.ensure_future(self._read())
            for place, batch in by_place(records, self._topics):
                await self._pass_on(place, batch)
            if records or reached != self.reached:
                moved_at = time.monotonic()
            elif time.monotonic() - moved_at > patience:
                raise Fatal(f"the catch-up has read nothing for {patience:.0f} s: the process ends, to start anew")
            self.records += len(records)
            self.reached = reached
            following = await coming
            if all(reached[place] >= target for place, target in targets.items()):
                return
            records, reached = following

    async def _pass_on(self, place: Place, batch: Sequence[RawRecord]) -> None:
        passing = asyncio.ensure_future(self._handover.pass_on(place, batch))
        either: set[asyncio.Future[Any]] = {passing, self._handover.failure}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if self._handover.failure.done():
            passing.cancel()
            self._handover.failure.result()

    async def _read(self) -> tuple[list[RawRecord], Mapping[Place, int]]:
        def read() -> tuple[list[RawRecord], Mapping[Place, int]]:
            records = self._reader.read(BATCH, _READ_S)
            return records, self._reader.positions()

        return await asyncio.get_running_loop().run_in_executor(self._thread, read)
