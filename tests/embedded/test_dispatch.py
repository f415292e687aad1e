"""The dispatcher over a real SQLite ledger, with real webhooks: the outbox as a whole."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from watcher.delivery.addresses import Guard
from watcher.delivery.http import Bounds, HttpDoor
from watcher.delivery.receiver import Behaviour, Receiver
from watcher.delivery.webhook import WebhookChannel
from watcher.handlers.sending.dispatch import Dispatcher, Pace
from watcher.ledger.connect import SqlLedger, open_ledger
from watcher.model.delivery import Delivery, DeliveryId, DeliveryState, MessageType
from watcher.ports import Channel, Transaction

T = TypeVar("T")
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


class ShiftedClock:
    """The system's time, moved on by hand: hours of a schedule pass in no time."""

    def __init__(self) -> None:
        self.ahead = dt.timedelta(0)

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.ahead


class House:
    def __init__(self, ledger: SqlLedger) -> None:
        self.ledger = ledger
        self.clock = ShiftedClock()
        self.thread = ThreadPoolExecutor(1)

    async def in_ledger(self, work: Callable[[Transaction], T], /) -> T:
        def whole() -> T:
            with self.ledger.begin() as tx:
                return work(tx)

        return await asyncio.get_running_loop().run_in_executor(self.thread, whole)

    async def wish(self, *deliveries: Delivery) -> None:
        due = self.clock.now()
        await self.in_ledger(lambda tx: tx.add_deliveries(deliveries, due))

    async def states(self) -> dict[str, DeliveryState]:
        rows = await self.in_ledger(lambda tx: list(tx.list_deliveries(10_000)))
        return {row.delivery.id: row.state for row in rows}

    async def until(self, condition: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
        async with asyncio.timeout(seconds):
            while not await condition():  # noqa: ASYNC110 - polls a ledger
                await asyncio.sleep(0.01)

    @asynccontextmanager
    async def running(self, channels: dict[str, Channel], **pace: Any) -> AsyncIterator[Dispatcher]:
        bounds = Pace(**{"poll": 0.05, "grace": 0.2, **pace})
        dispatcher = Dispatcher(self.in_ledger, channels, self.clock, worker="w1", pace=bounds, rng=random.Random(1))
        task = asyncio.create_task(dispatcher.run())
        try:
            yield dispatcher
        finally:
            dispatcher.stop()
            await task


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    made = House(ledger)
    yield made
    made.thread.shutdown()
    ledger.close()


def delivery(name: str, channel: str = "hook", key: str | None = None) -> Delivery:
    at = dt.datetime(2026, 8, 1, tzinfo=dt.UTC)
    return Delivery(DeliveryId(name), channel, MessageType.TICKET_OPENED, key or name, {"n": name}, at)


def play(story: Callable[[HttpDoor, Receiver], Awaitable[None]]) -> None:
    async def run() -> None:
        async with HttpDoor(Guard(["127.0.0.1"]), Bounds(read=2, total=2)) as door, Receiver([SECRET]) as receiver:
            await story(door, receiver)

    asyncio.run(run())


def hook(house: House, door: HttpDoor, receiver: Receiver) -> WebhookChannel:
    return WebhookChannel(door, house.clock, receiver.url, [SECRET], timeout=2)


def test_wishes_reach_the_receiver_and_are_settled(house: House) -> None:
    """Fifty rows become fifty signed requests, each once, and fifty delivered rows."""

    async def story(door: HttpDoor, receiver: Receiver) -> None:
        async with house.running({"hook": hook(house, door, receiver)}) as dispatcher:
            await house.wish(*(delivery(f"msg_{n:02}") for n in range(50)))
            dispatcher.wake()
            await receiver.wait_for(50)
        assert sorted(receiver.ids()) == [f"msg_{n:02}" for n in range(50)]
        assert all(one.verified for one in receiver.received)
        assert set((await house.states()).values()) == {DeliveryState.DELIVERED}

    play(story)


def test_a_failing_receiver_gets_it_when_it_is_back(house: House) -> None:
    """Four failures of all kinds, then success: five requests with one id, and every attempt is in the ledger."""

    async def story(door: HttpDoor, receiver: Receiver) -> None:
        receiver.then.extend(
            [Behaviour(500), Behaviour(429, {"retry-after": "3600"}), Behaviour(drop=True), Behaviour(302)]
        )
        async with house.running({"hook": hook(house, door, receiver)}):
            await house.wish(delivery("msg_1"))
            for count in range(1, 6):
                await receiver.wait_for(count)

                async def attempted(count: int = count) -> bool:
                    rows = await house.in_ledger(lambda tx: list(tx.list_attempts(DeliveryId("msg_1"))))
                    return len(rows) == count

                await house.until(attempted)
                # Beyond each pause so far. The requests' times are then off for the receiver, which this is not about.
                house.clock.ahead += dt.timedelta(hours=3)
        assert receiver.ids() == ["msg_1"] * 5
        assert await house.states() == {"msg_1": DeliveryState.DELIVERED}

    play(story)


def test_one_dataset_is_told_of_in_order(house: House) -> None:
    """Messages with one key go out one after the other, even where the first needs a second try."""

    async def story(door: HttpDoor, receiver: Receiver) -> None:
        receiver.then.append(Behaviour(503))
        async with house.running({"hook": hook(house, door, receiver)}):
            await house.wish(*(delivery(f"msg_{n}", key="orders") for n in range(4)))
            await receiver.wait_for(1)

            async def postponed() -> bool:
                rows = await house.in_ledger(lambda tx: list(tx.list_attempts(DeliveryId("msg_0"))))
                return bool(rows)

            await house.until(postponed)
            house.clock.ahead += dt.timedelta(minutes=1)
            await receiver.wait_for(5)
        assert receiver.ids() == ["msg_0", "msg_0", "msg_1", "msg_2", "msg_3"]

    play(story)


def test_a_dead_letter_can_be_driven_again(house: House) -> None:
    """410 makes a dead letter; after `redrive` it goes out under its id."""

    async def story(door: HttpDoor, receiver: Receiver) -> None:
        receiver.then.append(Behaviour(410))
        async with house.running({"hook": hook(house, door, receiver)}) as dispatcher:
            await house.wish(delivery("msg_1"))

            async def dead() -> bool:
                return (await house.states()) == {"msg_1": DeliveryState.DEAD}

            await house.until(dead)
            now = house.clock.now()
            assert await house.in_ledger(lambda tx: list(tx.redrive(now))) == ["msg_1"]
            dispatcher.wake()
            await receiver.wait_for(2)
        assert await house.states() == {"msg_1": DeliveryState.DELIVERED}

    play(story)


def test_what_was_in_flight_at_the_end_goes_out_again(house: House) -> None:
    """A request that was broken off by a stop is sent again by the next run, same id, with no wait for a lease."""

    async def story(door: HttpDoor, receiver: Receiver) -> None:
        receiver.then.append(Behaviour(delay=30))
        channels: dict[str, Channel] = {"hook": hook(house, door, receiver)}
        async with house.running(channels, send=20.0):
            await house.wish(delivery("msg_1"))
            await receiver.wait_for(1)
        assert await house.states() == {"msg_1": DeliveryState.PENDING}
        async with house.running(channels):
            await receiver.wait_for(2, timeout=5)
        assert receiver.ids() == ["msg_1", "msg_1"]

    play(story)


def test_no_wish_waits_for_a_poll(house: House) -> None:
    """A hundred wishes at fifty a second, each announced: all arrive though the next poll is far."""

    async def story(door: HttpDoor, receiver: Receiver) -> None:
        async with house.running({"hook": hook(house, door, receiver)}, poll=600.0) as dispatcher:
            for n in range(100):
                await house.wish(delivery(f"msg_{n}"))
                dispatcher.wake()
                await asyncio.sleep(0.02)
            await receiver.wait_for(100)

    play(story)
