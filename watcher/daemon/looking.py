"""Looking: the safety net of a feed: now and then at all tables, at once at those that it only told to have moved."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import structlog

from watcher.bootstrap import Warehouse
from watcher.daemon.ledger_thread import LedgerThread
from watcher.daemon.taking import Taking
from watcher.feeds.snapshots import Snapshots
from watcher.feeds.warehouse.facts import Name
from watcher.feeds.warehouse.snapshot import Snapshot
from watcher.handlers.hearing.observe import Observed
from watcher.model.dataset import LOOKED
from watcher.model.errors import ConfigurationError, Transient

log = structlog.get_logger(__name__)

AGAIN_S = 5.0
"""After a look that failed; doubled each time, up to the interval between looks."""


class Looking:
    """One feed's looks at its database, one after the other."""

    def __init__(self, warehouse: Warehouse, taking: Taking, in_ledger: LedgerThread) -> None:
        assert warehouse.snapshot is not None  # noqa: S101 - made only where there is one
        self._warehouse = warehouse
        self._settings = warehouse.snapshot
        self._taking = taking
        self._in_ledger = in_ledger
        self._woken = asyncio.Event()
        self._stopping = False
        self._looked = False
        self._lost = False  # something was missed of which nobody knows what it touched: everything is looked at
        self._trouble: str | None = "no look was made yet"

    @property
    def name(self) -> str:
        """The looks' name: that of their feed, and what they are."""
        return f"{self._warehouse.name} (snapshots)"

    def heard(self, observed: Observed) -> None:
        """A batch of the feed is in the ledger: it may have asked for tables to be read again."""
        spots = [spot for one in observed.heard for spot in one.blind]
        self._lost |= any(spot.dataset is None for spot in spots)
        if spots:
            self._woken.set()

    async def run(self) -> None:
        """Look until stopped. Raises ConfigurationError where the database can never be looked at as it is set."""
        snapshots = await asyncio.to_thread(self._warehouse.open_snapshots)
        try:
            await self._look_on(snapshots)
        finally:
            await asyncio.to_thread(snapshots.close)

    async def stop(self) -> None:
        """Make no further look."""
        self._stopping = True
        self._woken.set()

    async def _look_on(self, snapshots: Snapshots) -> None:
        every = self._settings.every.total_seconds()
        whole_at, pause = time.monotonic(), AGAIN_S
        while not self._stopping:
            try:
                if self._lost or time.monotonic() >= whole_at:
                    self._lost = False
                    await self._look(snapshots, None)
                    whole_at = time.monotonic() + every
                    continue
                names = await self._in_ledger(lambda _: list(self._warehouse.feed.wanted()))
                if names:
                    await self._look(snapshots, names)
                self._trouble, pause = None, AGAIN_S
                wait = whole_at - time.monotonic()
            except (Transient, ConfigurationError) as error:
                if isinstance(error, ConfigurationError) and not self._looked:
                    raise  # it never worked: the settings are to be mended before anything is heard
                self._trouble = str(error)
                log.warning("look.failed", feed=self._warehouse.name, reason=str(error), again_in=pause)
                wait, pause = pause, min(pause * 2, max(every, AGAIN_S))
            await self._wait(wait)

    async def _look(self, snapshots: Snapshots, names: list[Name] | None) -> None:
        began = time.monotonic()
        if names is None:
            found: Snapshot = await asyncio.to_thread(snapshots.read_all)
        else:
            found = await asyncio.to_thread(snapshots.read_tables, names)
        self._looked = True
        if names is not None and not found.asked:
            return  # none of them can be looked for here: they stay blind spots
        await self._taking.own(LOOKED, found.to_bytes())
        log.info(
            "look.taken",
            feed=self._warehouse.name,
            tables=len(found.images),
            asked=None if names is None else len(names),
            seconds=round(time.monotonic() - began, 3),
        )

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._woken.wait()
        self._woken.clear()

    def report(self) -> dict[str, Any]:
        """How it stands, in the words of readiness."""
        detail = self._trouble or f"looks every {self._settings.every}"
        return {"name": self.name, "assigned": True, "caught_up": self._trouble is None, "lag": 0, "detail": detail}
