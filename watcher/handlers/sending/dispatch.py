"""Dispatch: what the outbox wishes is brought to its receivers, and what became of it is settled.

A turn is one transaction: settle what came back, claim what is due, ask when more will be. Sending starts only after it
is committed. A delivery whose process dies is claimed again when its lease ends, under the same id.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

import structlog

from watcher.handlers.sending.lanes import Lanes
from watcher.handlers.sending.schedule import next_due
from watcher.handlers.sending.undelivered import arrived, keep_mirror, surface
from watcher.model.delivery import Answer, Delivered, Delivery, DeliveryId, DeliveryState, Postponed, Refused, Remote
from watcher.model.errors import Transient
from watcher.ports import AttemptRow, Channel, Clock, Transaction

log = structlog.get_logger(__name__)

T = TypeVar("T")


class InLedger(Protocol):
    """Runs work in one transaction, on the thread that owns the ledger; raises Transient when that is away."""

    def __call__(self, work: Callable[[Transaction], T], /) -> Awaitable[T]:
        """What the work gave, once it is committed."""
        ...


_GATHER = 0.005
"""Seconds in which answers are gathered before they are settled."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is done at once, and how long anything may take.

    `in_all` deliveries are in flight at most; `per_channel` is where a channel gets no more (a claim of `at_once` may
    carry it beyond). `send` bounds one try whatever the channel does, `lease` must outlast it. `poll` is how often
    others' rows are looked for; our own are announced by `wake`.
    """

    in_all: int = 256
    per_channel: int = 8
    at_once: int = 16
    send: float = 45.0
    lease: dt.timedelta = dt.timedelta(seconds=60)
    poll: float = 1.0
    grace: float = 4.0
    away: float = 1.0


@dataclass(frozen=True, slots=True)
class _Settled:
    delivery: Delivery
    attempt: AttemptRow
    state: DeliveryState
    due_at: dt.datetime | None
    remote: Remote | None = None
    stale: bool = False
    without: tuple[tuple[str, str], ...] = ()


class Dispatcher:
    """One worker's outbox run. `wake` and `stop` are called on the loop that `run` runs on."""

    def __init__(  # noqa: PLR0913 - what the composition root gives it
        self,
        in_ledger: InLedger,
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        worker: str,
        pace: Pace | None = None,
        rng: random.Random | None = None,
        fallback: str | None = None,
        rates: Mapping[str, float] | None = None,
    ) -> None:
        self._fallback = fallback
        self._in_ledger = in_ledger
        self._channels = channels
        self._clock = clock
        self._worker = worker
        self._pace = pace or Pace()
        self._rng = rng or random.Random()  # noqa: S311 - jitter is no secret
        self._lanes = Lanes(self._pace.per_channel, rates)
        self._news = asyncio.Event()
        self._stopping = False
        self._sending: dict[asyncio.Task[None], DeliveryId] = {}
        self._unsure = False  # a claim failed, and may have been committed all the same
        self._settled: list[_Settled] = []
        self._gathering = False

    def wake(self) -> None:
        """Something was wished just now: look at once."""
        self._news.set()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is in flight is through, or `grace` is over."""
        self._stopping = True
        self._news.set()

    async def run(self) -> None:
        """Dispatch until stopped. What this worker's name had leased before (it died) is taken up at once."""
        # In a task of its own: whoever cancels us must not cut off the answer of a transaction that is committed.
        turn = asyncio.create_task(self._begin())
        try:
            while not self._stopping:
                pause = await asyncio.shield(turn)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._news.wait()
                self._news.clear()
                if not self._stopping:
                    turn = asyncio.create_task(self._turn())
        finally:
            self._stopping = True
            await asyncio.wait({turn})
            await self._wind_down()

    async def _begin(self) -> float:
        with suppress(Transient):
            await self._in_ledger(lambda tx: tx.release_deliveries(self._worker))
        return 0.0

    async def _turn(self) -> float:
        """Settle, claim, send; gives the seconds to the next turn, unless there is news before."""
        now = self._clock.now()
        settled, self._settled = self._settled, []
        room = min(self._pace.in_all - len(self._sending), self._pace.at_once)
        busy = self._lanes.busy(now)
        unsure, under_way, fallback = self._unsure, list(self._sending.values()), self._fallback

        def work(tx: Transaction) -> tuple[list[Delivery], dt.datetime | None]:
            _settle(tx, settled, fallback, now)
            if unsure:  # what a lost answer leased to us would wait for its lease to end, and its line with it
                tx.release_deliveries(self._worker, under_way)
            if room <= 0:
                return [], None
            claimed = tx.claim_deliveries(now, worker=self._worker, lease=self._pace.lease, limit=room, busy=busy)
            return list(claimed), tx.next_due_delivery()

        try:
            claimed, due = await self._in_ledger(work)
        except Transient as error:
            self._settled[:0] = settled
            self._unsure = True
            log.warning("dispatch.ledger_away", reason=str(error))
            return self._pace.away
        self._unsure = False
        for delivery in claimed:
            self._start(delivery)
        return self._pause(now, more=room > 0 and len(claimed) == room, due=due)

    def _pause(self, now: dt.datetime, *, more: bool, due: dt.datetime | None) -> float:
        if more:
            return 0.0
        moments = [self._lanes.next_free(now)]
        if due is not None and due > now:  # what is due already waits for a lane, whose end is news
            moments.append(due)
        return min([self._pace.poll, *((one - now).total_seconds() for one in moments if one is not None)])

    def _start(self, delivery: Delivery) -> None:
        turn = self._lanes.entered(delivery.channel, self._clock.now())
        task = asyncio.create_task(self._send(delivery, turn), name=f"delivery {delivery.id}")
        self._sending[task] = delivery.id
        task.add_done_callback(self._sending.pop)

    async def _send(self, delivery: Delivery, turn: float) -> None:
        try:
            await asyncio.sleep(turn)
            began = asyncio.get_running_loop().time()
            answer = await self._answer(delivery)
        except asyncio.CancelledError:
            self._lanes.abandoned(delivery.channel)
            raise
        now = self._clock.now()
        wish = answer.retry_after if isinstance(answer, Postponed) else None
        self._lanes.left(delivery.channel, now, arrived=not isinstance(answer, Postponed), retry_after=wish)
        outcome = _outcome(delivery, answer, now, self._rng)
        self._settled.append(outcome)
        _tell(delivery, outcome, round(asyncio.get_running_loop().time() - began, 4))
        self._gather()

    def _gather(self) -> None:
        # Answers that come together are settled together: one transaction instead of many, for a little patience.
        if not self._gathering:
            self._gathering = True
            asyncio.get_running_loop().call_later(_GATHER, self._gathered)

    def _gathered(self) -> None:
        self._gathering = False
        self._news.set()

    async def _answer(self, delivery: Delivery) -> Answer:
        channel = self._channels.get(delivery.channel)
        if channel is None:
            log.error("delivery.channel_unknown", delivery=delivery.id, channel=delivery.channel)
            return Postponed(
                f"no channel is called {delivery.channel!r}: name it in the settings, or redirect it there"
            )
        try:
            async with asyncio.timeout(self._pace.send):
                return await channel.send(delivery)
        except TimeoutError:
            return Postponed(f"the channel gave no answer within {self._pace.send:g} s")
        except Exception as fault:
            # A channel's fault is ours, and may be mended by the next release: nothing is thrown away for it.
            log.exception("delivery.channel_failed", delivery=delivery.id, channel=delivery.channel)
            return Postponed(f"a fault of the watcher's own in this channel ({type(fault).__name__}); the log has it")

    async def _wind_down(self) -> None:
        if self._sending:
            await asyncio.wait(set(self._sending), timeout=self._pace.grace)
        broken_off = set(self._sending)
        for task in broken_off:
            task.cancel()
        await asyncio.gather(*broken_off, return_exceptions=True)
        settled, self._settled = self._settled, []
        fallback, now = self._fallback, self._clock.now()

        def work(tx: Transaction) -> int:
            _settle(tx, settled, fallback, now)
            return tx.release_deliveries(self._worker)

        try:
            released = await self._in_ledger(work)
        except Transient as error:
            log.warning("dispatch.ledger_away", reason=str(error), unsettled=len(settled))
            return
        log.info("dispatch.stopped", settled=len(settled), broken_off=len(broken_off), released=released)


def _settle(tx: Transaction, settled: list[_Settled], fallback: str | None, now: dt.datetime) -> None:
    for one in settled:
        tx.settle_delivery(one.attempt, one.state, due_at=one.due_at)
        keep_mirror(tx, one.delivery, one.remote, now)
        if one.state is DeliveryState.DELIVERED:
            arrived(tx, one.delivery, one.without)
            for whom, reason in one.without:
                surface(tx, one.delivery, reason, fallback, now, stale=True, whom=whom)
        elif one.state is DeliveryState.DEAD:
            surface(tx, one.delivery, one.attempt.detail, fallback, now, stale=one.stale)


def _outcome(delivery: Delivery, answer: Answer, now: dt.datetime, rng: random.Random) -> _Settled:
    number = delivery.attempts + 1
    match answer:
        case Delivered(detail, remote, without):
            attempt = AttemptRow(delivery.id, number, "delivered", detail, now)
            return _Settled(delivery, attempt, DeliveryState.DELIVERED, None, remote, without=without)
        case Refused(reason, stale):
            attempt = AttemptRow(delivery.id, number, "refused", reason, now)
            return _Settled(delivery, attempt, DeliveryState.DEAD, None, stale=stale)
        case Postponed(reason, retry_after, remote):
            due = next_due(number - delivery.forgiven, now, retry_after, rng)
            state = DeliveryState.DEAD if due is None else DeliveryState.PENDING
            return _Settled(delivery, AttemptRow(delivery.id, number, "postponed", reason, now), state, due, remote)


def _tell(delivery: Delivery, outcome: _Settled, seconds: float) -> None:
    attempt = outcome.attempt
    about = {
        "delivery": delivery.id,
        "channel": delivery.channel,
        "type": delivery.type.value,
        "attempt": attempt.number,
        "seconds": seconds,
    }
    match outcome.state:
        case DeliveryState.DELIVERED:
            log.info("delivery.sent", **about, detail=attempt.detail)
        case DeliveryState.PENDING:
            due = outcome.due_at.isoformat() if outcome.due_at else None
            log.warning("delivery.postponed", **about, reason=attempt.detail, due_at=due)
        case DeliveryState.DEAD:
            log.error("delivery.dead", **about, reason=attempt.detail)
