"""Tailing: PostgreSQL's outbox of DDL, from its rows to the ledger."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import structlog

from watcher.bootstrap import Parts
from watcher.daemon.ledger_thread import LedgerThread
from watcher.daemon.taking import Taking
from watcher.feeds.postgres.tail import OutboxTail
from watcher.feeds.warehouse.snapshot import Snapshot
from watcher.model.dataset import LOOKED, RawRecord
from watcher.model.errors import Transient
from watcher.ports import ReadPosition, Transaction
from watcher.settings import secret
from watcher.settings.feeds import PostgresFeedSettings

log = structlog.get_logger(__name__)

PARTITION = 0
AGAIN_S = 1.0
LONGEST_S = 30.0
LOOKED_AT = "m|look"
CURSOR = "m|cursor"
"""Where the decoder's own memory of the last row, and of the last look, stands among the feed's entries."""


class Tailing:
    """One database's outbox."""

    def __init__(self, parts: Parts, feed: PostgresFeedSettings, taking: Taking, in_ledger: LedgerThread) -> None:
        self._feed = feed
        self._warehouse = parts.warehouses[feed.name]
        self._taking = taking
        self._in_ledger = in_ledger
        self._tail = OutboxTail(secret(feed.url), feed.name)
        self._kept: bytes | None = None
        self._stopping = asyncio.Event()
        self._trouble: str | None = None

    @property
    def name(self) -> str:
        """The feed's name."""
        return self._feed.name

    async def run(self) -> None:
        """Read until stopped; raises as the tail does."""
        await self._begin()
        await self._tail.run(self._take, self._cursor)

    async def _begin(self) -> None:
        """What stands before the first row is heard: a look, whose own snapshot says which rows it has seen."""
        pause = AGAIN_S
        while not self._stopping.is_set() and await self._in_ledger(lambda tx: tx.entry(self.name, LOOKED_AT)) is None:
            try:
                await self._taking.own(LOOKED, (await asyncio.to_thread(self._look)).to_bytes())
                self._trouble = None
                log.info("outbox.begun", feed=self.name)
            except Transient as error:
                self._trouble = str(error)
                log.warning("look.failed", feed=self.name, reason=str(error), again_in=pause)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)
                pause = min(LONGEST_S, pause * 2)

    def _look(self) -> Snapshot:
        snapshots = self._warehouse.open_snapshots()
        try:
            return snapshots.read_all()
        finally:
            snapshots.close()

    async def stop(self) -> None:
        """Let the batch in flight finish."""
        self._stopping.set()
        await self._tail.stop()

    async def _take(self, records: Sequence[RawRecord]) -> None:
        """A batch, unless another worker has read on meanwhile: it may have made other records of the same rows."""
        kept = self._kept

        def still(tx: Transaction) -> bool:
            tx.read_position(self.name, PARTITION)  # whoever reads on holds it until the end of the transaction
            return tx.entry(self.name, CURSOR) == kept

        await self._taking.take(records, still=still)

    async def _cursor(self) -> tuple[int, bytes | None]:
        """Where the ledger reads on, and the row that it has read last."""

        def read(tx: Transaction) -> tuple[int, bytes | None]:
            known = tx.read_position(self.name, PARTITION)
            known = known or tx.begin_reading(self.name, PARTITION, ReadPosition(0, 0))
            return known.next_offset, tx.entry(self.name, CURSOR)

        found = await self._in_ledger(read)
        self._kept = found[1]
        return found

    def report(self) -> dict[str, Any]:
        """How it stands, in the words of readiness."""
        told = self._tail.status()
        return {"name": self.name, **told, "detail": self._trouble or told["detail"]}
