"""The confluent runtime: a member of a consumer group, whose client lives in a thread of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import structlog

from watcher.feeds.handover import Handover, Lookout, bounds
from watcher.feeds.intake import PATIENCE_S, STOP_S, Positions, Status, Take, by_place
from watcher.feeds.watch import Watch
from watcher.kafka.client import Cluster
from watcher.kafka.preflight import preflight
from watcher.kafka.queries import Queries
from watcher.kafka.reader import Place, Reader
from watcher.model.dataset import RawRecord
from watcher.model.errors import WatcherError

log = structlog.get_logger(__name__)

BATCH = 500
_READ_S = 0.2
_KEEPALIVE_S = 1.0
_LEFT_S = 3.0
"""A stop waits so long for a transaction that hangs; the group is left without it."""
_BULK = 2000
_PREFLIGHT = 0.8  # of the patience
_T = TypeVar("_T")


class BatchRuntime:
    """Reads `sources` (topic → feed) as a member of the group. Fits `intake.Runtime`; made for one run."""

    def __init__(
        self, cluster: Cluster, group: str, sources: Mapping[str, str], *, patience: float = PATIENCE_S
    ) -> None:
        self._cluster = cluster
        self._group = group
        self._sources = dict(sources)
        self._topics = {source: topic for topic, source in sources.items()}
        self._patience = patience
        self._watch = Watch(time.monotonic(), patience=patience)
        self._handover: Handover | None = None
        self._ended = asyncio.Event()
        self._pending: list[RawRecord] = []
        self._stopped = False

    async def run(self, take: Take, positions: Positions) -> None:
        """Read until stopped; see `intake.Runtime`."""
        self._watch = Watch(time.monotonic(), patience=self._patience)
        try:
            await asyncio.to_thread(
                preflight,
                self._cluster,
                reads=list(self._sources),
                group=self._group,
                timeout=_PREFLIGHT * self._patience,
            )
            if self._stopped:
                return
            with Queries(self._cluster, _trouble) as queries:
                handover = Handover(take, positions, lambda place: bounds(queries, place), self._watch)
                self._handover = handover
                await self._read(queries, handover)
        finally:
            self._ended.set()

    async def stop(self) -> None:
        """Let the batch in flight finish, commit, leave the group; returns within 10 s."""
        self._stopped = True
        if self._handover is not None:
            self._handover.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), STOP_S)

    def status(self) -> Status:
        """How the intake stands at this moment."""
        return self._watch.status(time.monotonic())

    async def _read(self, queries: Queries, handover: Handover) -> None:
        loop = asyncio.get_running_loop()
        member = _Member(Reader(self._cluster, self._group, self._sources, _trouble), loop)
        member.reader.join(lambda places: self._gained(places, loop), lambda places: self._lost(places, loop))
        tasks = [
            asyncio.create_task(self._go_round(member, handover)),
            asyncio.create_task(Lookout(queries, self._watch, handover).keep(_no_nudge)),
        ]
        try:
            await asyncio.wait({*tasks, handover.failure}, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done() and (error := task.exception()) is not None and not handover.closing.is_set():
                    handover.fail(error)
            if handover.failure.done():
                handover.failure.result()
            await member.leave()
        finally:
            for task in tasks:
                task.cancel()
            member.abandon()

    async def _go_round(self, member: _Member, handover: Handover) -> None:
        while not handover.closing.is_set():
            records = await member.do(lambda: member.reader.read(BATCH, _READ_S))
            # What came while a batch was under way is older than what came now.
            records, self._pending = [*self._pending, *records], []
            batches = by_place(records, self._topics)
            self._note_ends(member, {place for place, _ in batches})
            for place, batch in batches:
                if place not in member.reader.positions():
                    continue  # lost within the very call that gave it: it is read again by its next owner
                if not await self._pass_on(member, handover, place, batch):
                    return

    async def _pass_on(self, member: _Member, handover: Handover, place: Place, batch: Sequence[RawRecord]) -> bool:
        """Bring one batch into the ledger, and stay a member of the group however long that takes."""
        passing = asyncio.create_task(handover.pass_on(place, batch))
        paused = False
        patient_until: float | None = None
        while not passing.done():
            await asyncio.wait({passing}, timeout=_KEEPALIVE_S)
            if handover.closing.is_set():
                patient_until = patient_until or time.monotonic() + _LEFT_S
            if not passing.done():
                if patient_until is not None and time.monotonic() >= patient_until:
                    log.warning(
                        "intake.troubled", reason="a transaction has not ended: the next start sees what it did"
                    )
                    return False
                await member.do(member.reader.pause)
                self._pending += await member.do(lambda: member.reader.read(BATCH, 0.05))
                paused = True
        if paused:
            await member.do(member.reader.resume)
        if not passing.result():
            return False
        following = batch[-1].position.offset + 1
        await member.do(lambda: member.reader.acknowledge({place: following}))
        return True

    def _note_ends(self, member: _Member, moving: set[Place]) -> None:
        """Nothing of the other partitions is under way: where the client stands, past a gap too, all is done."""
        now = time.monotonic()
        for place, position in member.reader.positions().items():
            if place not in moving:
                self._watch.reached(place, position, now)

    # Called in the reader's thread, from within its calls.

    def _gained(self, places: Sequence[Place], loop: asyncio.AbstractEventLoop) -> Mapping[Place, int]:
        handover = self._handover
        if handover is None:
            raise RuntimeError("a partition was gained before the run began")
        self._drop(places)
        starts = asyncio.run_coroutine_threadsafe(handover.begin(places), loop).result()
        self._watch.assigned(starts, time.monotonic())
        log.info("intake.assigned", starts={f"{place.topic}/{place.partition}": at for place, at in starts.items()})
        return starts

    def _lost(self, places: Sequence[Place], loop: asyncio.AbstractEventLoop) -> None:
        self._watch.unsettled(time.monotonic())
        self._watch.lost(set(places))
        self._drop(places)
        log.info("intake.revoked", places=[f"{place.topic}/{place.partition}" for place in places])
        handover = self._handover
        # A stop has waited already, before it left the group.
        if handover is not None and not handover.failure.done() and not handover.closing.is_set():
            # The next owner starts at the ledger's position: let what is in flight get there first.
            with suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(handover.settled(), loop).result(STOP_S / 2)

    def _drop(self, places: Sequence[Place]) -> None:
        gone = set(places)
        self._pending = [
            one for one in self._pending if Place(self._topics[one.position.source], one.position.partition) not in gone
        ]


class _Member:
    """The reader in its one thread."""

    def __init__(self, reader: Reader, loop: asyncio.AbstractEventLoop) -> None:
        self.reader = reader
        self._loop = loop
        self._thread = ThreadPoolExecutor(1, "kafka-reader")

    async def do(self, call: Callable[[], _T]) -> _T:
        return await self._loop.run_in_executor(self._thread, call)

    async def leave(self) -> None:
        """Commit what is acknowledged, and leave the group; bounded, for the process ends anyway."""

        def leave() -> None:
            self.reader.commit()
            self.reader.close()

        leaving = asyncio.ensure_future(self.do(leave))
        done, _ = await asyncio.wait({leaving}, timeout=STOP_S / 2)
        if not done:
            log.warning("intake.troubled", reason="leaving the group took too long: it will notice by itself")
        elif (error := leaving.exception()) is not None:
            log.warning("intake.troubled", reason=str(error))

    def abandon(self) -> None:
        """Let go of the thread without waiting for it."""
        self._thread.shutdown(wait=False, cancel_futures=True)


async def _no_nudge(_: Sequence[Place]) -> None:
    """The client tells where it stands with each read; there is nothing to ask."""


def _trouble(error: WatcherError) -> None:
    log.warning("intake.troubled", reason=str(error))
