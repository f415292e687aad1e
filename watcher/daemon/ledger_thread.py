"""The ledger's own thread: one transaction after another, none of them cut by whatever happens on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from watcher.ledger.connect import SqlLedger
from watcher.model.errors import Transient
from watcher.ports import Ledger, Transaction, Views

log = structlog.get_logger(__name__)

T = TypeVar("T")


class LedgerThread:
    """Runs work in one transaction; a caller that is cancelled leaves the transaction to end by itself."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")

    async def __call__(self, work: Callable[[Transaction], T], /) -> T:
        """What the work gave, once it is committed; raises Transient when the ledger is away."""
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._executor, self._transaction, work))

    async def steadily(self, work: Callable[[Transaction], T]) -> T:
        """The same, tried until the ledger is there again: for intake, which must not go on without it."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Transient),
            wait=wait_exponential_jitter(initial=0.2, max=5),
            before_sleep=lambda state: log.warning(
                "ledger.away", attempt=state.attempt_number, reason=str(state.outcome and state.outcome.exception())
            ),
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                return await self(work)
        raise AssertionError("tried without end")  # pragma: no cover - the loop above never runs dry

    def _transaction(self, work: Callable[[Transaction], T]) -> T:
        with self._ledger.begin() as tx:
            return work(tx)

    def close(self) -> None:
        """Let the transaction at hand end, and take no more."""
        self._executor.shutdown(wait=True, cancel_futures=True)


class LookThread:
    """Looks at the ledger beside its transactions: what people and probes ask never holds up what is heard."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-look")
        self._probe: asyncio.Future[Sequence[object]] | None = None

    async def __call__(self, work: Callable[[Views], T], /) -> T:
        """What the work saw in one consistent look; raises Transient when the ledger is away."""
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._executor, self._look, work))

    async def answers(self, seconds: float) -> bool:
        """Whether the ledger answers within this time; of several who ask at once, one asks for all."""
        probe = self._probe
        if probe is None or probe.done():
            probe = self._probe = asyncio.ensure_future(self(_positions))
        done, _ = await asyncio.wait({probe}, timeout=seconds)
        return bool(done) and probe.exception() is None

    def _look(self, work: Callable[[Views], T]) -> T:
        with self._ledger.look() as views:
            return work(views)


def _positions(views: Views) -> Sequence[object]:
    return views.list_positions()
