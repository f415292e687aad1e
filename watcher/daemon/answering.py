"""Answering: the daemon's own HTTP interface, its readiness and its metrics, beside its work and never in its way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import structlog
import uvicorn
from prometheus_client import generate_latest

from watcher.bootstrap import Parts
from watcher.daemon.accounting import Accounting
from watcher.daemon.ears import Ear
from watcher.daemon.inbox import forms, inbox
from watcher.daemon.ledger_thread import LedgerThread, LookThread
from watcher.daemon.planning import Planning
from watcher.daemon.sending import Sending
from watcher.handlers.planning.preview import preview, proposal
from watcher.model.errors import ConfigurationError, Transient
from watcher.web.api import Backstage, build_app
from watcher.web.status import FeedStatus, Status

log = structlog.get_logger(__name__)

PROBE_S = 2.0
"""How long the ledger may take to answer the readiness probe."""
OPEN_S = 2
"""How long a request under way may take once the daemon stops."""


class Answering:
    """The HTTP interface; `phase` says whether the daemon has started, and whether it is stopping."""

    def __init__(  # noqa: PLR0913 - what is asked of it, and what can answer
        self,
        parts: Parts,
        in_ledger: LedgerThread,
        ears: Sequence[Ear],
        sending: Sending,
        *,
        problems: Callable[[], tuple[str, ...]],
        phase: Callable[[], tuple[bool, bool]],
    ) -> None:
        self._parts = parts
        self._in_ledger = in_ledger
        self._look = LookThread(parts.ledger)
        self._ears = ears
        self._problems = problems
        self._phase = phase
        http = parts.settings.http
        self._inbox = inbox(parts, in_ledger)
        plans = Planning(parts, in_ledger)
        backstage = Backstage(
            status=self.status,
            metrics=self._metrics,
            look=self._look,
            check=self._check,
            send=sending.send,
            plans=plans,
            followed=Accounting(parts, in_ledger),
            hook=self._inbox,
            forms=forms(parts, in_ledger, plans),
        )
        config = uvicorn.Config(
            build_app(backstage),
            host=http.host,
            port=http.port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=OPEN_S,
        )
        self._server = uvicorn.Server(config)
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment] # ours are set

    async def run(self) -> None:
        """Answer until stopped; raises ConfigurationError where the port cannot be had."""
        try:
            await self._server.serve()
            await self._inbox.settle()
        except SystemExit as error:  # uvicorn's way to say that the port is taken
            http = self._parts.settings.http
            raise ConfigurationError(
                f"the HTTP interface cannot listen on {http.host}:{http.port}: another program, or another watcher, "
                "has that port, or the address is not this machine's; set http.host and http.port"
            ) from error

    async def listening(self, running: asyncio.Task[None]) -> None:
        """Return when requests are answered; raises what `run` raised where they never will be."""
        while not self._server.started:
            if running.done():
                await running
            await asyncio.sleep(0.01)
        for server in self._server.servers:
            for socket in server.sockets:
                log.info("http.listening", address="{}:{}".format(*socket.getsockname()[:2]))

    def stop(self) -> None:
        """Take no more requests."""
        self._server.should_exit = True

    async def status(self) -> Status:
        """What is true at this moment."""
        started, stopping = self._phase()
        ledger = await self._look.answers(PROBE_S)
        feeds = tuple(FeedStatus(**one.report()) for one in self._ears)
        return Status(started, stopping, ledger, feeds, self._problems())

    async def _metrics(self) -> bytes:
        metrics = self._parts.metrics
        for ear in self._ears:
            metrics.lag.labels(source=ear.name).set(ear.report()["lag"])
        metrics.ready.set((await self.status()).ready)
        with contextlib.suppress(Transient, TimeoutError):  # a ledger that is away has no say: what it last said stays
            async with asyncio.timeout(PROBE_S):
                for kind, number in (await self._look(lambda views: views.counts())).items():
                    metrics.rows.labels(kind=kind).set(number)
        return generate_latest(metrics.registry)

    async def _check(
        self, dataset: str, format_: str, schema: str, references: list[tuple[str, str]]
    ) -> dict[str, Any]:
        # In the ledger's thread, as everything that judges: the shelf of parsed schemas is shared with it.
        proposed, now = proposal(format_, schema, references), self._parts.clock.now()
        return await self._in_ledger(lambda tx: preview(tx, self._parts.judgement, dataset, proposed, now))
