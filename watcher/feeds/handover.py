"""The handover: batches go to the one transaction in order, one at a time, and nothing but `Transient` is forgiven.

Shared by both runtimes. It is also where reading positions are asked for, so that a partition that comes back is never
started before the batch that is in flight from it has ended.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeAlias, TypeVar

import structlog

from watcher.feeds.intake import Positions, Take
from watcher.feeds.watch import Watch
from watcher.kafka.queries import Queries
from watcher.kafka.reader import Place
from watcher.model.dataset import RawRecord
from watcher.model.errors import Fatal, Transient, WatcherError

log = structlog.get_logger(__name__)

LOOK_S = 1.0
"""How often the partitions' ends are looked at."""
_ASK_S = 5.0
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0

_T = TypeVar("_T")
Bounds: TypeAlias = Callable[[Place], Awaitable[tuple[int, int]]]
"""A partition's lowest offset, and the offset that its next record will get."""


class Handover:
    """The way from a client to the transaction. `failure` ends with `Fatal` when the process must end."""

    def __init__(self, take: Take, positions: Positions, bounds: Bounds, watch: Watch) -> None:
        self._take = take
        self._positions = positions
        self._bounds = bounds
        self._watch = watch
        self._turn = asyncio.Lock()
        self._closing = asyncio.Event()
        self._tasks: set[asyncio.Task[bool]] = set()
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def begin(self, places: Sequence[Place]) -> dict[Place, int]:
        """Where each partition is read on from, after what is in flight has ended. Waits while the ledger is away.

        Raises what makes it impossible, after `failure` has been told; Transient where the intake stops meanwhile.
        """
        async with self._turn:
            try:
                return {place: await self._start(place) for place in places}
            except _Closed as closed:
                raise Transient("the intake stops") from closed
            except Exception as error:
                self.fail(error)
                raise
            finally:
                self._watch.rested(time.monotonic())

    async def pass_on(self, place: Place, records: Sequence[RawRecord]) -> bool:
        """Bring a batch into the ledger. True: it is there; False: the intake stops, and it is not.

        Never raises, and never returns after a failure: who is cancelled meanwhile leaves the transaction to end.
        """
        task = asyncio.create_task(self._in_turn(place, records))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def settled(self) -> None:
        """Return when nothing is in flight."""
        async with self._turn:
            return

    def close(self) -> None:
        """Take nothing more; what waits for the ledger gives up."""
        self._closing.set()

    @property
    def closing(self) -> asyncio.Event:
        """Set when nothing more is taken."""
        return self._closing

    def fail(self, error: BaseException) -> None:
        """The process must end. The first reason counts."""
        if self.failure.done():
            return
        if not isinstance(error, WatcherError) or isinstance(error, Transient):
            fatal = Fatal(f"the intake ended unexpectedly ({type(error).__name__}: {error})")
            fatal.__cause__ = error
            error = fatal
        log.error("intake.doubted", reason=str(error))
        self.failure.set_exception(error)
        self.failure.add_done_callback(lambda future: future.exception())

    async def _start(self, place: Place) -> int:
        low, high = await self._insist(lambda: self._bounds(place), excused=False)
        position = await self._insist(lambda: self._positions(place))
        if not position:
            return low
        if position > high:
            raise Fatal(
                f"{place.topic}/{place.partition} ends at {high}, and the ledger has read up to {position}: the topic "
                "was made anew, or this is another cluster. Give the feed a new name in the settings to read it afresh"
            )
        if position < low:
            raise Fatal(
                f"{place.topic}/{place.partition} begins at {low}, and the ledger has read up to {position} only: "
                f"{low - position} records were dropped unread. Give the feed a new name in the settings to begin anew"
            )
        return position

    async def _in_turn(self, place: Place, records: Sequence[RawRecord]) -> bool:
        async with self._turn:
            if self._closing.is_set() or self.failure.done():
                return await self._give_up()
            self._watch.working(time.monotonic())
            try:
                await self._insist(lambda: self._take(records))
            except _Closed:
                return False
            except asyncio.CancelledError as error:  # the loop itself ends: whether it committed, nobody knows
                self.fail(error)
                raise
            except BaseException as error:  # noqa: BLE001 - whatever it is, nothing more may be acknowledged
                self.fail(error)
                return await self._give_up()
            finally:
                self._watch.rested(time.monotonic())
            self._watch.reached(place, records[-1].position.offset + 1, time.monotonic())
            return True

    async def _give_up(self) -> bool:
        if self.failure.done():
            await asyncio.Event().wait()  # the process is about to end; nothing may go on from here
        return False

    async def _insist(self, ask: Callable[[], Awaitable[_T]], *, excused: bool = True) -> _T:
        """Ask again, with growing pauses, as long as the answer is that something is away.

        A ledger that is away excuses any wait; a broker that is away does not excuse a start that never ends.
        """
        pause = _FIRST_PAUSE_S
        while True:
            try:
                return await ask()
            except Transient as error:
                if self._closing.is_set():
                    raise _Closed from error
                if excused:
                    self._watch.waiting()
                log.warning("intake.retried", pause=round(pause, 1), reason=str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), pause * random.uniform(0.75, 1.25))  # noqa: S311
                raise _Closed
            pause = min(2 * pause, _LONGEST_PAUSE_S)


class _Closed(Exception):  # noqa: N818 - never leaves this file
    """The intake stops while something is away."""


class Lookout:
    """Looks at the partitions' ends through a client of its own, and raises the alarm when nothing moves."""

    def __init__(self, queries: Queries, watch: Watch, handover: Handover) -> None:
        self._queries = queries
        self._watch = watch
        self._handover = handover

    async def keep(self, nudge: Callable[[list[Place]], Awaitable[None]]) -> None:
        """Look until cancelled; `nudge` may explain why partitions that are behind do not move."""
        while True:
            await self._look()
            idle = self._watch.idle(time.monotonic(), 2 * LOOK_S)
            if idle:
                await nudge(idle)
            doubt = self._watch.doubt(time.monotonic())
            if doubt is not None:
                self._handover.fail(Fatal(f"{doubt}: the process ends, to start anew from the ledger"))
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        ends = {}
        try:
            for place in self._watch.places():
                _, ends[place] = await bounds(self._queries, place)
        except WatcherError as error:
            log.warning("intake.troubled", reason=str(error))
            return
        self._watch.ended(ends, time.monotonic())


async def bounds(queries: Queries, place: Place) -> tuple[int, int]:
    """A partition's lowest offset, and the offset that its next record will get."""
    return await asyncio.to_thread(queries.watermark, place.topic, place.partition, _ASK_S)
