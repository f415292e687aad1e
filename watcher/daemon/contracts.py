"""Contracts in the daemon: read at the start, watched from then on, and open tickets looked at again by them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from watcher.bootstrap import Parts, unknown_channels
from watcher.daemon.ledger_thread import LedgerThread
from watcher.formats.contracts.problems import Problem
from watcher.handlers.hearing.judge import reassess
from watcher.model.catalogue import Catalogue

log = structlog.get_logger(__name__)


class Contracts:
    """What is in force, and what is wrong with it; `told` is called when a look at open tickets wished deliveries."""

    def __init__(self, parts: Parts, in_ledger: LedgerThread, *, told: Callable[[], None]) -> None:
        self._parts = parts
        self._folders = parts.folders
        self._in_ledger = in_ledger
        self._told = told
        self._unknown: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """What somebody has to mend in the documents, each with its place."""
        return (*map(str, self._folders.told), *self._unknown)

    async def load(self) -> None:
        """The first look, before anything is heard."""
        await asyncio.to_thread(self._folders.refresh)
        catalogue = self._folders.catalogue
        log.info("contracts.loaded", subscriptions=len(catalogue.subscriptions), domains=len(catalogue.domains))
        for problem in self._folders.told:
            log.warning("contracts.refused", place=f"{problem.source}:{problem.line}", reason=problem.message)
        self._look_for_channels()

    async def run(self) -> None:
        """Follow the folders; first of all, what was changed while no daemon ran takes effect."""
        from watcher.feeds.watching import watch  # noqa: PLC0415 - its library starts threads of its own

        await self._reassess()
        await watch(self._folders, self._changed)

    async def _changed(self, _catalogue: Catalogue, _problems: tuple[Problem, ...]) -> None:
        # Both stand in the folders, which judging and readiness ask.
        self._look_for_channels()
        await self._reassess()

    async def _reassess(self) -> None:
        parts = self._parts
        if await self._in_ledger.steadily(lambda tx: reassess(tx, parts.judgement, parts.clock.now())):
            self._told()

    def _look_for_channels(self) -> None:
        found = unknown_channels(self._folders.catalogue, self._parts.settings)
        for reason in found:
            if reason not in self._unknown:
                log.error("contracts.channel_unknown", reason=reason)
        self._unknown = found
