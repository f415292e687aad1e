"""Taking: records of one feed into the ledger, one transaction at a time, whichever way they came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from watcher.bootstrap import Parts
from watcher.daemon.ledger_thread import LedgerThread
from watcher.handlers.hearing.observe import Observed
from watcher.model.dataset import Position, RawRecord
from watcher.ports import ReadPosition, Transaction

log = structlog.get_logger(__name__)


class Taking:
    """One feed's way into the ledger; `committed` is told what each batch came to, once it is there for good."""

    def __init__(
        self, parts: Parts, name: str, in_ledger: LedgerThread, *, committed: Callable[[Observed], None]
    ) -> None:
        self._parts = parts
        self._name = name
        self._in_ledger = in_ledger
        self._committed = committed
        self._observer = parts.observers[name]
        # What the ledger has confirmed is told to the observer after the transaction: no other may come between.
        self._turn = asyncio.Lock()

    async def take(
        self, records: Sequence[RawRecord], *, still: Callable[[Transaction], bool] = lambda _: True
    ) -> None:
        """One batch of one partition, one transaction; nothing where what it was read by no longer stands (`still`)."""

        def observe(tx: Transaction) -> Observed:
            if not still(tx):
                return Observed(0, 0, 0)
            return self._observer.observe(tx, records, self._parts.clock.now())

        await self._observed(observe)

    async def own(self, partition: int, value: bytes) -> Observed:
        """One record of the watcher's own making, at the partition's next offset."""

        def observe(tx: Transaction) -> Observed:
            now = self._parts.clock.now()
            known = tx.read_position(self._name, partition)
            known = known or tx.begin_reading(self._name, partition, ReadPosition(0, 0))
            position = Position(self._name, partition, known.next_offset)
            record = RawRecord(position, None, value, int(now.timestamp() * 1000))
            return self._observer.observe(tx, [record], now)

        return await self._observed(observe)

    async def _observed(self, observe: Callable[[Transaction], Observed]) -> Observed:
        async with self._turn:
            began = time.monotonic()
            try:
                observed = await self._in_ledger(observe)
            except BaseException:
                self._observer.distrust()
                raise
            self._observer.settled()
        seconds = time.monotonic() - began
        metrics = self._parts.metrics
        metrics.records.labels(source=self._name).inc(observed.records)
        metrics.transaction_seconds.observe(seconds)
        log.debug("batch.observed", feed=self._name, records=observed.records, seconds=round(seconds, 4))
        self._committed(observed)
        return observed
