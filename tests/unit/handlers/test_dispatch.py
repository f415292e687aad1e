"""The dispatcher over a small outbox in memory: claims, answers, schedules, lanes, stopping."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.handlers.sending.dispatch import Dispatcher, Pace
from watcher.handlers.sending.lanes import LONGEST_HOLD, Lanes
from watcher.handlers.sending.schedule import SCHEDULE, next_due
from watcher.handlers.sending.undelivered import arrived, surface
from watcher.model.delivery import (
    Answer,
    Delivered,
    Delivery,
    DeliveryId,
    DeliveryState,
    MessageType,
    Postponed,
    Refused,
)
from watcher.model.errors import Fatal, Transient
from watcher.ports import AttemptRow, Channel, MirrorRow, StaleAddressRow, Transaction

T = TypeVar("T")
NOW = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
DEADLINE = 5.0


class ManualClock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> dt.datetime:
        return self.time


class Outbox:
    """What the ledger promises of its outbox, in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[DeliveryId, Delivery] = {}
        self.state: dict[DeliveryId, DeliveryState] = {}
        self.due: dict[DeliveryId, dt.datetime] = {}
        self.leases: dict[DeliveryId, tuple[str, dt.datetime]] = {}
        self.attempts: list[AttemptRow] = []
        self.away = 0
        self.mute = 0
        """The first commit after which so many deliveries are leased is not told."""
        self.calls = 0
        self.mirrors: list[MirrorRow] = []
        self.stale: list[StaleAddressRow] = []

    def wish(self, *deliveries: Delivery) -> None:
        for one in deliveries:
            self.rows[one.id], self.state[one.id], self.due[one.id] = one, DeliveryState.PENDING, NOW

    async def in_ledger(self, work: Callable[[Transaction], T], /) -> T:
        self.calls += 1
        await asyncio.sleep(0)
        if self.away:
            self.away -= 1
            raise Transient("the ledger is away")
        done = work(cast("Transaction", self))
        if self.mute and len(self.leases) > self.mute - 1:
            self.mute = 0
            raise Transient("the connection was lost after the commit")
        return done

    def claim_deliveries(
        self, now: dt.datetime, *, worker: str, lease: dt.timedelta, limit: int, busy: Collection[str] = ()
    ) -> Sequence[Delivery]:
        claimed: list[Delivery] = []
        heads: set[tuple[str, str]] = set()
        for one in self.rows.values():
            if self.state[one.id] is not DeliveryState.PENDING or (one.channel, one.key) in heads:
                continue
            heads.add((one.channel, one.key))
            leased = one.id in self.leases and self.leases[one.id][1] > now
            if len(claimed) < limit and one.channel not in busy and not leased and self.due[one.id] <= now:
                self.leases[one.id] = (worker, now + lease)
                claimed.append(one)
        return claimed

    def next_due_delivery(self) -> dt.datetime | None:
        return min((self.due[key] for key, state in self.state.items() if state is DeliveryState.PENDING), default=None)

    def settle_delivery(self, attempt: AttemptRow, state: DeliveryState, *, due_at: dt.datetime | None = None) -> None:
        key = attempt.delivery
        self.attempts.append(attempt)
        self.state[key] = state
        self.due[key] = due_at or self.due[key]
        self.leases.pop(key, None)
        old = self.rows[key]
        self.rows[key] = Delivery(old.id, old.channel, old.type, old.key, old.body, old.created_at, attempt.number)

    def add_deliveries(self, deliveries: Sequence[Delivery], due_at: dt.datetime) -> None:
        self.wish(*deliveries)

    def put_mirror(self, mirror: MirrorRow) -> None:
        self.mirrors.append(mirror)

    def put_stale_address(self, row: StaleAddressRow) -> None:
        self.stale.append(row)

    def clear_stale_address(self, channel: str, address: str) -> None:
        self.stale = [one for one in self.stale if (one.channel, one.address) != (channel, address)]

    def release_deliveries(self, worker: str | None, keep: Collection[DeliveryId] = ()) -> int:
        mine = [key for key, (owner, _) in self.leases.items() if worker in {None, owner} and key not in keep]
        for key in mine:
            del self.leases[key]
        return len(mine)


def delivery(name: str, channel: str = "hook", key: str | None = None, attempts: int = 0) -> Delivery:
    return Delivery(DeliveryId(name), channel, MessageType.TICKET_OPENED, key or name, {}, NOW, attempts)


class Scripted:
    """A channel that gives answers in turn, the last for good; it counts how many it has in hand."""

    def __init__(self, *answers: Answer | Exception, gate: asyncio.Event | None = None) -> None:
        self.answers: list[Answer | Exception] = list(answers) or [Delivered()]
        self.gate = gate
        self.sent: list[Delivery] = []
        self.in_hand = self.most = 0

    async def send(self, delivery: Delivery) -> Answer:
        self.sent.append(delivery)
        self.in_hand += 1
        self.most = max(self.most, self.in_hand)
        try:
            if self.gate is not None:
                await self.gate.wait()
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        finally:
            self.in_hand -= 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    def ids(self) -> list[str]:
        return [one.id for one in self.sent]


class House:
    """A dispatcher, its outbox and its clock."""

    def __init__(self, channels: dict[str, Any], **pace: Any) -> None:
        self.outbox = Outbox()
        self.clock = ManualClock()
        quick: dict[str, Any] = {"poll": 0.02, "grace": 0.05, "away": 0.01, **pace}
        self.dispatcher = Dispatcher(
            self.outbox.in_ledger,
            cast("dict[str, Channel]", channels),
            self.clock,
            worker="w1",
            pace=Pace(**quick),
            rng=random.Random(1),
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE):
            while not condition():  # noqa: ASYNC110 - polls what has no event
                await asyncio.sleep(0.002)

    def settled(self, count: int) -> Callable[[], bool]:
        return lambda: len(self.outbox.attempts) >= count


def play(house: House, story: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        task = asyncio.create_task(house.dispatcher.run())
        try:
            await story()
        finally:
            house.dispatcher.stop()
            async with asyncio.timeout(DEADLINE):
                await task

    asyncio.run(run())


def test_what_is_due_is_sent_and_settled() -> None:
    """A due delivery goes to its channel and is recorded as delivered, with its first attempt."""
    hook = Scripted(Delivered("HTTP 200"))
    house = House({"hook": hook})
    house.outbox.wish(delivery("a"))

    async def story() -> None:
        await house.until(house.settled(1))

    play(house, story)

    assert hook.ids() == ["a"]
    assert house.outbox.attempts == [AttemptRow(DeliveryId("a"), 1, "delivered", "HTTP 200", NOW)]
    assert house.outbox.state == {"a": DeliveryState.DELIVERED}


def test_a_wake_is_quicker_than_the_poll() -> None:
    """What was wished just now is sent at once, not at the next look."""
    hook = Scripted()
    house = House({"hook": hook}, poll=60)

    async def story() -> None:
        await house.until(lambda: house.outbox.calls >= 2)
        house.outbox.wish(delivery("a"))
        house.dispatcher.wake()
        await house.until(lambda: hook.ids() == ["a"])

    play(house, story)


def test_others_rows_are_found_by_polling() -> None:
    """A row that another worker wished, and nobody announced, is found."""
    hook = Scripted()
    house = House({"hook": hook})

    async def story() -> None:
        await house.until(lambda: house.outbox.calls >= 2)
        house.outbox.wish(delivery("a"))
        await house.until(lambda: hook.ids() == ["a"])

    play(house, story)


def test_a_postponed_delivery_is_sent_again_under_its_id() -> None:
    """A failed try is recorded with its reason; when it is due it goes out again, the same."""
    hook = Scripted(Postponed("HTTP 500"), Delivered())
    house = House({"hook": hook})
    house.outbox.wish(delivery("a"))

    async def story() -> None:
        await house.until(house.settled(1))
        assert house.outbox.due[DeliveryId("a")] > NOW + dt.timedelta(seconds=3)
        house.clock.time = NOW + dt.timedelta(seconds=10)
        await house.until(house.settled(2))

    play(house, story)

    assert hook.ids() == ["a", "a"]
    assert [(one.number, one.outcome) for one in house.outbox.attempts] == [(1, "postponed"), (2, "delivered")]


def test_a_refused_delivery_is_dead_at_once() -> None:
    """What a receiver will never take is a dead letter, with its words."""
    house = House({"hook": Scripted(Refused("HTTP 410"))})
    house.outbox.wish(delivery("a"))

    async def story() -> None:
        await house.until(house.settled(1))

    play(house, story)

    assert house.outbox.state == {"a": DeliveryState.DEAD}
    assert house.outbox.attempts[0].detail == "HTTP 410"


def test_the_last_failed_try_makes_a_dead_letter() -> None:
    """When the schedule is through, a failed try is the last."""
    house = House({"hook": Scripted(Postponed("HTTP 500"))})
    house.outbox.wish(delivery("a", attempts=len(SCHEDULE)))

    async def story() -> None:
        await house.until(house.settled(1))

    play(house, story)

    assert house.outbox.state == {"a": DeliveryState.DEAD}


def test_an_unknown_channel_keeps_the_delivery() -> None:
    """A name that the settings lost may come back: nothing is thrown away for it."""
    house = House({})
    house.outbox.wish(delivery("a", channel="gone"))

    async def story() -> None:
        await house.until(house.settled(1))

    play(house, story)

    assert house.outbox.state == {"a": DeliveryState.PENDING}
    assert "'gone'" in house.outbox.attempts[0].detail


def test_a_fault_in_a_channel_is_an_attempt_that_failed() -> None:
    """A bug in one channel is recorded, tells no secret, and stops nothing."""
    house = House({"hook": Scripted(KeyError("s3cret"), Delivered())})
    house.outbox.wish(delivery("a"), delivery("b"))

    async def story() -> None:
        await house.until(house.settled(2))

    play(house, story)

    assert {one.outcome for one in house.outbox.attempts} == {"postponed", "delivered"}
    assert not any("s3cret" in one.detail for one in house.outbox.attempts)
    assert any("KeyError" in one.detail for one in house.outbox.attempts)


def test_a_dead_channel_holds_up_no_other() -> None:
    """While one channel hangs with more than it may have, another's deliveries go through."""

    async def run() -> None:
        stuck, hook = Scripted(gate=asyncio.Event()), Scripted()
        house = House({"stuck": stuck, "hook": hook}, per_channel=3, at_once=3, in_all=12)
        house.outbox.wish(*(delivery(f"s{n}", "stuck") for n in range(50)))
        house.outbox.wish(*(delivery(f"h{n}") for n in range(20)))
        task = asyncio.create_task(house.dispatcher.run())
        await house.until(lambda: len(hook.sent) == 20)
        assert stuck.most < 6
        house.dispatcher.stop()
        await task

    asyncio.run(run())


def test_a_channel_that_never_answers_is_given_up() -> None:
    """A channel's own timeouts may fail it: the dispatcher's does not."""

    async def run() -> None:
        stuck = Scripted(gate=asyncio.Event())
        house = House({"hook": stuck}, send=0.05)
        house.outbox.wish(delivery("a"))
        task = asyncio.create_task(house.dispatcher.run())
        await house.until(house.settled(1))
        assert house.outbox.attempts[0].outcome == "postponed"
        house.dispatcher.stop()
        await task

    asyncio.run(run())


def test_no_more_than_allowed_are_in_flight() -> None:
    """The bound over all channels holds."""

    async def run() -> None:
        gate = asyncio.Event()
        channels = {f"c{n}": Scripted(gate=gate) for n in range(10)}
        house = House(channels, in_all=7, at_once=3)
        house.outbox.wish(*(delivery(f"d{n}", f"c{n % 10}") for n in range(40)))
        task = asyncio.create_task(house.dispatcher.run())
        await house.until(lambda: sum(one.in_hand for one in channels.values()) == 7)
        calls = house.outbox.calls
        await house.until(lambda: house.outbox.calls > calls)
        assert sum(one.in_hand for one in channels.values()) == 7
        gate.set()
        await house.until(house.settled(40))
        house.dispatcher.stop()
        await task

    asyncio.run(run())


def test_a_failing_channel_is_left_alone_for_a_while() -> None:
    """Thousands of due deliveries to a dead receiver do not become thousands of failures in the ledger."""
    hook = Scripted(Postponed("refused"))
    house = House({"hook": hook}, at_once=4, per_channel=4)
    house.outbox.wish(*(delivery(f"d{n}") for n in range(500)))

    async def story() -> None:
        await house.until(house.settled(4))
        calls = house.outbox.calls
        await house.until(lambda: house.outbox.calls > calls + 3)
        assert len(hook.sent) <= 8
        hook.answers = [Delivered()]
        house.clock.time += dt.timedelta(minutes=2)
        await house.until(house.settled(500))

    play(house, story)


def test_a_receivers_wish_holds_for_the_whole_channel() -> None:
    """After a Retry-After the channel's other deliveries wait as well."""
    hook = Scripted(Postponed("HTTP 429", dt.timedelta(seconds=30)), Delivered())
    house = House({"hook": hook}, at_once=1)
    house.outbox.wish(delivery("a"), delivery("b"))

    async def story() -> None:
        await house.until(house.settled(1))
        calls = house.outbox.calls
        await house.until(lambda: house.outbox.calls > calls + 3)
        assert hook.ids() == ["a"]
        house.clock.time += dt.timedelta(seconds=31)
        await house.until(house.settled(2))

    play(house, story)

    assert hook.ids()[1] == "b"


def test_a_ledger_that_is_away_loses_no_outcome() -> None:
    """What came back while the ledger was away is settled when it is there again, once."""
    hook = Scripted()
    house = House({"hook": hook})
    house.outbox.wish(delivery("a"))

    async def story() -> None:
        await house.until(lambda: bool(hook.sent))
        house.outbox.away = 3
        await house.until(house.settled(1))

    play(house, story)

    assert [one.number for one in house.outbox.attempts] == [1]


def test_a_claim_whose_answer_was_lost_is_made_again() -> None:
    """What was leased to us without our knowing is given up and claimed anew; what is under way is not sent twice."""
    gate = asyncio.Event()
    slow, hook = Scripted(gate=gate), Scripted()
    house = House({"slow": slow, "hook": hook})
    house.outbox.wish(delivery("a", "slow"))

    async def story() -> None:
        await house.until(lambda: bool(slow.sent))
        house.outbox.mute = 2
        house.outbox.wish(delivery("b", "hook"))
        house.dispatcher.wake()
        await house.until(house.settled(1))
        assert (house.outbox.mute, hook.ids(), slow.ids()) == (0, ["b"], ["a"])
        gate.set()
        await house.until(house.settled(2))

    play(house, story)

    assert slow.ids() == ["a"]


def test_stopping_lets_what_is_in_flight_finish() -> None:
    """A try that ends within the grace is settled; nothing new is begun."""

    async def run() -> None:
        gate = asyncio.Event()
        hook = Scripted(gate=gate)
        house = House({"hook": hook}, grace=DEADLINE)
        house.outbox.wish(delivery("a"))
        task = asyncio.create_task(house.dispatcher.run())
        await house.until(lambda: bool(hook.sent))
        house.dispatcher.stop()
        house.outbox.wish(delivery("b"))
        gate.set()
        await task
        assert house.outbox.state == {"a": DeliveryState.DELIVERED, "b": DeliveryState.PENDING}

    asyncio.run(run())


@pytest.mark.parametrize("how", ["stop", "cancel"])
def test_what_does_not_finish_is_given_back(how: str) -> None:
    """A try that outlasts the grace is broken off, and its lease released: it goes out again under its id."""

    async def run() -> None:
        hook = Scripted(gate=asyncio.Event())
        house = House({"hook": hook})
        house.outbox.wish(delivery("a"))
        task = asyncio.create_task(house.dispatcher.run())
        await house.until(lambda: bool(hook.sent))
        if how == "stop":
            house.dispatcher.stop()
            await task
        else:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert house.outbox.leases == {}
        assert house.outbox.attempts == []
        assert house.outbox.state == {"a": DeliveryState.PENDING}

    asyncio.run(run())


def test_a_worker_takes_up_what_it_left_when_it_died() -> None:
    """Leases under the worker's own name are from before its death: they are not waited for."""
    hook = Scripted()
    house = House({"hook": hook})
    house.outbox.wish(delivery("a"))
    house.outbox.leases[DeliveryId("a")] = ("w1", NOW + dt.timedelta(hours=1))

    async def story() -> None:
        await house.until(house.settled(1))

    play(house, story)


def test_a_fault_in_the_ledger_ends_the_run() -> None:
    """Only `Transient` is waited out: anything else of the ledger's is not ours to hide."""

    async def run() -> None:
        house = House({})

        async def fail(work: Callable[[Transaction], Any], /) -> Any:
            raise Fatal("the ledger is not ours any more")

        dispatcher = Dispatcher(fail, {}, house.clock, worker="w1", pace=Pace(grace=0.01))
        with pytest.raises(Fatal):
            await dispatcher.run()

    asyncio.run(run())


def test_the_schedule_lasts_from_a_day_to_four() -> None:
    """Some ten tries over about three days, the first after seconds."""
    total = sum(SCHEDULE, dt.timedelta(0))

    assert dt.timedelta(hours=60) < total < dt.timedelta(hours=80)
    assert SCHEDULE[0] == dt.timedelta(seconds=5)
    assert list(SCHEDULE) == sorted(SCHEDULE)
    assert total * 0.8 > dt.timedelta(hours=24)


@given(
    attempt=st.integers(1, len(SCHEDULE) + 3),
    wish=st.none() | st.timedeltas(dt.timedelta(0), dt.timedelta(hours=24)),
    seed=st.integers(),
)
def test_the_next_try_is_never_before_the_receivers_wish(attempt: int, wish: dt.timedelta | None, seed: int) -> None:
    """Within a fifth of the schedule, not before Retry-After, and none after the last."""
    due = next_due(attempt, NOW, wish, random.Random(seed))

    if attempt > len(SCHEDULE):
        assert due is None
        return
    assert due is not None
    pause = due - NOW
    assert pause >= (wish or dt.timedelta(0))
    assert pause >= SCHEDULE[attempt - 1] * 0.8 - dt.timedelta(milliseconds=1)
    assert pause <= max(SCHEDULE[attempt - 1], wish or dt.timedelta(0)) * 1.2 + dt.timedelta(milliseconds=1)


def test_tries_that_failed_together_come_back_apart() -> None:
    """Jitter spreads a crowd."""
    rng = random.Random(7)

    assert len({next_due(3, NOW, None, rng) for _ in range(50)}) == 50


def test_a_failing_lane_narrows_and_recovers() -> None:
    """Two failures are nothing; from the third the lane is held, ever longer to a bound, and one success frees it."""
    lanes = Lanes(4)
    holds = []
    for _ in range(12):
        lanes.entered("hook", NOW)
        lanes.left("hook", NOW, arrived=False)
        free = lanes.next_free(NOW)
        holds.append(None if free is None else free - NOW)

    assert holds[:2] == [None, None]
    assert holds[2:5] == [dt.timedelta(seconds=one) for one in (1, 2, 4)]
    assert holds[-1] == LONGEST_HOLD
    assert lanes.busy(NOW) == {"hook"}
    assert lanes.busy(NOW + LONGEST_HOLD) == frozenset()

    lanes.entered("hook", NOW)

    assert lanes.busy(NOW + LONGEST_HOLD) == {"hook"}

    lanes.left("hook", NOW, arrived=True)

    assert lanes.busy(NOW) == frozenset()


def test_one_of_several_who_is_not_there_is_stale_and_the_others_are_not() -> None:
    """The bad address alone surfaces, and the fallback gets its news; who has the mail is not told again."""
    outbox, there, gone = Outbox(), "em@acme.example", "gone@acme.example"
    outbox.stale = [StaleAddressRow("mail", there, "550", NOW), StaleAddressRow("mail", gone, "550", NOW)]
    one = replace(delivery("a", "mail"), route={"to": f"{there}, {gone}"})

    arrived(cast("Transaction", outbox), one, [(gone, "550 no such user")])
    surface(cast("Transaction", outbox), one, "550 no such user", "hook", NOW, stale=True, whom=gone)

    assert {(row.channel, row.address) for row in outbox.stale} == {("mail", gone)}
    [instead] = outbox.rows.values()
    assert (instead.channel, instead.body["undelivered"]["address"]) == ("hook", gone)
