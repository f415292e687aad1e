"""The daemon's life: start in order, run until asked or in doubt, stop in order within ten seconds."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

import structlog

from watcher.bootstrap import Parts, build
from watcher.daemon.answering import Answering
from watcher.daemon.contracts import Contracts
from watcher.daemon.ears import open_ears
from watcher.daemon.following_up import FollowingUp
from watcher.daemon.ledger_thread import LedgerThread
from watcher.daemon.sending import Sending
from watcher.handlers.hearing.judge import judge_due
from watcher.handlers.hearing.observe import Observed
from watcher.handlers.sending.dispatch import Dispatcher, Pace
from watcher.kafka.preflight import preflight
from watcher.model.errors import Fatal, Transient, WatcherError
from watcher.settings import Settings
from watcher.settings.feeds import topic_of
from watcher.telemetry import Metrics

log = structlog.get_logger(__name__)

EXIT_DOUBT = 70
"""What the service manager restarts: the ledger is intact, the process is not to be trusted."""

SETTLE_POLL_S = 1.0
"""How often settle windows of other workers' datasets are looked for; our own are announced."""
PREFLIGHT_S = 20.0
STOP_S = 8.5
"""All of stopping; what is not done by then is done after the next start."""
STOP_FEEDS_S = 5.0
"""So long do the other parts wait for the feeds to stop first."""
GRACE_S = 3.0
"""How long deliveries under way may still take."""


class Daemon:
    """One process of the watcher, from its parts to its end; `asked` is set when it is to stop."""

    def __init__(self, parts: Parts, asked: asyncio.Event) -> None:
        self._parts = parts
        self._settings: Settings = parts.settings
        self._asked = asked
        self._in_ledger = LedgerThread(parts.ledger)
        pace = Pace(grace=GRACE_S)
        self._dispatcher = Dispatcher(
            self._in_ledger,
            parts.channels,
            parts.clock,
            worker=parts.worker,
            pace=pace,
            fallback=parts.settings.fallback,
            rates={name: rate for name, one in parts.settings.channels.items() if (rate := one.per_second)},
        )
        self._ears, takings = open_ears(parts, self._in_ledger, committed=self._committed)
        self._contracts = Contracts(parts, self._in_ledger, told=self._dispatcher.wake)
        self._answering = Answering(
            parts,
            self._in_ledger,
            self._ears,
            Sending(parts, takings),
            problems=lambda: self._contracts.problems,
            phase=lambda: (self._started, asked.is_set()),
        )
        self._settle = asyncio.Event()
        self._started = False
        self._tasks: dict[str, asyncio.Task[Any]] = {}

    async def run(self) -> int:
        """Run until asked to stop (0), or until something is in doubt (70); raises what stands in the way."""
        asked = asyncio.create_task(self._asked.wait())
        starting = asyncio.create_task(self._start())
        await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            code = await self._watch(asked)
        else:
            starting.cancel()
            code = 0
        if code == 0:
            await self._stop()
        return code

    async def _start(self) -> None:
        await self._contracts.load()
        self._spawn("http", self._answering.run())
        await self._answering.listening(self._tasks["http"])
        await self._preflight()
        if self._parts.ledger.alone:  # whoever had leased deliveries is dead: they need not wait for the leases' end
            await self._in_ledger(lambda tx: tx.release_deliveries(None))
        for ear in self._ears:
            self._spawn(ear.name, ear.run())
        self._spawn("dispatch", self._dispatcher.run())
        self._spawn("settle", self._settle_windows())
        self._spawn("contracts", self._contracts.run())
        self._spawn("clock", FollowingUp(self._parts, self._in_ledger, told=self._dispatcher.wake).run())
        self._started = True
        log.info("watcher.started", worker=self._parts.worker, feeds=[feed.name for feed in self._settings.feeds])

    async def _preflight(self) -> None:
        """Ask for every right on Kafka that will be needed, before anything is done."""
        kafka, events = self._parts.kafka, self._settings.events
        writes = [events.topic] if events else []
        topics = [topic for feed in self._settings.feeds if (topic := topic_of(feed)) is not None]
        for topic in topics:
            await asyncio.to_thread(
                preflight, kafka, reads=[topic.topic], writes=writes, group=topic.group, timeout=PREFLIGHT_S
            )
        if not topics and writes:
            await asyncio.to_thread(preflight, kafka, writes=writes, timeout=PREFLIGHT_S)

    def _spawn(self, name: str, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._tasks[name] = asyncio.create_task(coroutine, name=name)

    async def _watch(self, asked: asyncio.Task[Any]) -> int:
        """Wait for the end: asked for, or because a task ended that never should."""
        await asyncio.wait({asked, *self._tasks.values()}, return_when=asyncio.FIRST_COMPLETED)
        if asked.done():
            return 0
        name, task = next((name, task) for name, task in self._tasks.items() if task.done())
        error = task.exception() if not task.cancelled() else None
        if isinstance(error, WatcherError) and not isinstance(error, Fatal | Transient):
            raise error
        log.error("watcher.doubted", task=name, reason=str(error or "it ended"), exc_info=error)
        return EXIT_DOUBT

    async def _stop(self) -> None:
        """Stop hearing first, then telling, then answering; whatever takes too long is left to the next start."""
        log.info("watcher.stopping")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + STOP_S
        # `wait`, not `wait_for`: the client's own code may swallow a cancellation, and would then never return.
        ending: set[asyncio.Future[Any]] = {asyncio.ensure_future(ear.stop()) for ear in self._ears}
        ending |= {self._tasks[ear.name] for ear in self._ears if ear.name in self._tasks}
        await asyncio.wait(ending, timeout=STOP_FEEDS_S)
        self._dispatcher.stop()
        self._answering.stop()
        ending |= {self._tasks[name] for name in ("dispatch", "http") if name in self._tasks}
        _, late = await asyncio.wait(ending, timeout=deadline - loop.time())
        log.info("watcher.stopped", left=len(late))

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


def live(settings: Settings, metrics: Metrics, tell: Callable[[str], None]) -> NoReturn:
    """Live a daemon's life in this process and end the process with its code; `tell` says why it could not start.

    The process is ended without unwinding: Faust's consumer thread is no daemon thread and would hold it, and after a
    doubt nothing more may be committed.
    """

    async def life() -> None:
        try:
            code = await _life(settings, metrics)
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


async def _life(settings: Settings, metrics: Metrics) -> int:
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    # In a thread, for the ledger's server may be slow to refuse us: who asks us to stop meanwhile is heard.
    building = asyncio.create_task(asyncio.to_thread(build, settings, metrics))
    stopping = asyncio.create_task(asked.wait())
    await asyncio.wait({building, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not building.done():
        return 0
    return await Daemon(building.result(), asked).run()
