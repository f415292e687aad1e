"""The daemon's life: start in order, run until asked or in doubt, stop in order within ten seconds."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn

import structlog
import uvicorn
from prometheus_client import generate_latest

from watcher.bootstrap import Parts, build
from watcher.daemon.hearing import Hearing, describe
from watcher.daemon.ledger_thread import LedgerThread
from watcher.formats.contracts.problems import Problem
from watcher.handlers.dispatch import Dispatcher
from watcher.handlers.judge import judge_due, reassess
from watcher.handlers.observe import Observed
from watcher.handlers.preview import preview, proposal
from watcher.kafka.preflight import preflight
from watcher.model.catalogue import Catalogue
from watcher.model.errors import Fatal, Transient, WatcherError
from watcher.settings import Settings
from watcher.telemetry import Metrics
from watcher.web.api import Backstage, build_app
from watcher.web.status import FeedStatus
from watcher.web.status import Status as DaemonStatus

log = structlog.get_logger(__name__)

EXIT_DOUBT = 70
"""What the service manager restarts: the ledger is intact, the process is not to be trusted."""

SETTLE_POLL_S = 1.0
"""How often settle windows of other workers' datasets are looked for; our own are announced."""
PREFLIGHT_S = 20.0
PROBE_S = 2.0
"""How long the ledger may take to answer the readiness probe."""
STOP_FEEDS_S = 6.0
STOP_REST_S = 3.0


class Daemon:
    """One process of the watcher, from its parts to its end."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._settings: Settings = parts.settings
        self._in_ledger = LedgerThread(parts.ledger)
        self._dispatcher = Dispatcher(self._in_ledger, parts.channels, parts.clock, worker=parts.worker)
        self._hearings = [
            Hearing(parts, feed, self._in_ledger, committed=self._committed) for feed in parts.settings.feeds
        ]
        self._ended = asyncio.Event()
        self._settle = asyncio.Event()
        self._started = False
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._server: uvicorn.Server | None = None

    async def run(self) -> int:
        """Run until SIGTERM or SIGINT (0), or until something is in doubt (70); raises what stands in the way."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ended.set)
        starting = asyncio.create_task(self._start())
        asked = asyncio.create_task(self._ended.wait())
        await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
        else:
            await starting
        code = await self._watch(asked) if starting.done() else 0
        if code == 0:
            await self._stop()
        return code

    async def _start(self) -> None:
        parts = self._parts
        changed = await asyncio.to_thread(parts.folders.refresh)
        _tell_problems(parts.folders.problems)
        log.info("contracts.loaded", subscriptions=len(parts.folders.catalogue.subscriptions), changed=changed)
        await self._serve()
        for feed in self._settings.feeds:
            writes = [self._settings.events.topic] if self._settings.events else []
            await asyncio.to_thread(
                preflight, parts.kafka, reads=[feed.topic], writes=writes, group=feed.group, timeout=PREFLIGHT_S
            )
        for hearing in self._hearings:
            self._spawn(f"feed {hearing.name}", hearing.run())
        self._spawn("dispatch", self._dispatcher.run())
        self._spawn("settle", self._settle_windows())
        self._spawn("contracts", self._watch_contracts())
        self._started = True
        log.info("watcher.started", worker=parts.worker, feeds=[feed.name for feed in self._settings.feeds])

    def _spawn(self, name: str, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._tasks[name] = asyncio.create_task(coroutine, name=name)

    async def _watch(self, asked: asyncio.Task[Any]) -> int:
        """Wait for the end: asked for, or because a task ended that never should."""
        while True:
            await asyncio.wait({asked, *self._tasks.values()}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                log.info("watcher.stopping")
                return 0
            name, task = next((name, task) for name, task in self._tasks.items() if task.done())
            error = task.exception() if not task.cancelled() else None
            if isinstance(error, WatcherError) and not isinstance(error, Fatal | Transient):
                raise error
            log.error("watcher.doubted", task=name, reason=str(error) or "it ended", exc_info=error)
            return EXIT_DOUBT

    async def _stop(self) -> None:
        """Stop hearing first, then telling, then answering; whatever takes too long is left to the next start."""
        await _within(STOP_FEEDS_S, [hearing.stop() for hearing in self._hearings])
        self._dispatcher.stop()
        if self._server is not None:
            self._server.should_exit = True
        rest = [self._tasks[name] for name in ("dispatch", "http") if name in self._tasks]
        if rest:
            await asyncio.wait(rest, timeout=STOP_REST_S)
        log.info("watcher.stopped")

    def _committed(self, observed: Observed) -> None:
        if observed.told:
            self._dispatcher.wake()
        if self._parts.judgement.settle:
            self._settle.set()

    async def _settle_windows(self) -> None:
        """Judge what has come to rest, as soon as it has."""
        while True:
            pause = SETTLE_POLL_S
            try:
                judged, told = await self._in_ledger(
                    lambda tx: judge_due(tx, self._parts.judgement, self._parts.clock.now())
                )
                if told:
                    self._dispatcher.wake()
                due = await self._in_ledger(lambda tx: tx.next_due_dataset())
                if due is not None:
                    pause = max(0.0, min(pause, (due - self._parts.clock.now()).total_seconds()))
                if judged:
                    pause = 0.0
            except Transient as error:
                log.warning("settle.ledger_away", reason=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._settle.wait()
            self._settle.clear()

    async def _watch_contracts(self) -> None:
        from watcher.feeds.folders import watch  # noqa: PLC0415 - its library starts threads of its own

        await watch(self._parts.folders, self._contracts_changed)

    async def _contracts_changed(self, catalogue: Catalogue, problems: tuple[Problem, ...]) -> None:
        del catalogue, problems  # both stand in the folders, which judging and readiness ask
        told = await self._in_ledger.steadily(lambda tx: reassess(tx, self._parts.judgement, self._parts.clock.now()))
        if told:
            self._dispatcher.wake()

    async def _serve(self) -> None:
        http = self._settings.http
        backstage = Backstage(status=self.status, metrics=self._metrics, in_ledger=self._in_ledger, check=self._check)
        config = uvicorn.Config(
            build_app(backstage),
            host=http.host,
            port=http.port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment] # ours are set
        self._spawn("http", _serve(self._server))
        while not self._server.started:
            if self._tasks["http"].done():
                await self._tasks["http"]
            await asyncio.sleep(0.01)

    async def status(self) -> DaemonStatus:
        """What is true at this moment."""
        try:
            async with asyncio.timeout(PROBE_S):
                await self._in_ledger(lambda tx: tx.counts())
            ledger = True
        except (Transient, TimeoutError):
            ledger = False
        feeds = tuple(FeedStatus(**describe(one.name, one.status())) for one in self._hearings)
        problems = tuple(str(problem) for problem in self._parts.folders.problems)
        return DaemonStatus(self._started, self._ended.is_set(), ledger, feeds, problems)

    def _metrics(self) -> bytes:
        metrics = self._parts.metrics
        for hearing in self._hearings:
            status = hearing.status()
            metrics.lag.labels(source=hearing.name).set(sum(status.behind.values()) if status else 0)
        return generate_latest(metrics.registry)

    async def _check(
        self, dataset: str, format_: str, schema: str, references: list[tuple[str, str]]
    ) -> dict[str, Any]:
        proposed, now = proposal(format_, schema, references), self._parts.clock.now()
        return await self._in_ledger(lambda tx: preview(tx, self._parts.judgement, dataset, proposed, now))


async def _serve(server: uvicorn.Server) -> None:
    try:
        await server.serve()
    except SystemExit as error:  # uvicorn's way to say that the port is taken
        raise WatcherError("the HTTP interface cannot listen: is another watcher on the same port?") from error


async def _within(seconds: float, calls: list[Awaitable[None]]) -> None:
    tasks = [asyncio.ensure_future(call) for call in calls]
    if tasks:
        # `wait`, not `wait_for`: the client's own code may swallow a cancellation, and would then never return.
        await asyncio.wait(tasks, timeout=seconds)


def _tell_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        log.warning("contracts.refused", place=f"{problem.source}:{problem.line}", reason=problem.message)


def live(settings: Settings, metrics: Metrics, tell: Callable[[str], None]) -> NoReturn:
    """Live a daemon's life in this process and end the process with its code; `tell` says why it could not start.

    The process is ended without unwinding: Faust's consumer thread is no daemon thread and would hold it, and after a
    doubt nothing more may be committed.
    """

    async def life() -> None:
        try:
            code = await Daemon(build(settings, metrics)).run()
        except WatcherError as error:
            tell(str(error))
            code = EXIT_DOUBT if isinstance(error, Fatal) else 2
        except Exception as error:  # a fault of ours: the ledger is intact, and the manager starts us again
            log.exception("watcher.failed")
            tell(f"the watcher failed ({type(error).__name__}: {error}): please report it with the log")
            code = EXIT_DOUBT
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    asyncio.run(life())
    raise AssertionError("the process has ended")
