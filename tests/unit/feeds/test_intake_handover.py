"""The handover: one transaction at a time, nothing forgiven but Transient, and a start that the topic allows."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import pytest

from watcher.feeds.handover import Handover
from watcher.feeds.intake import by_place
from watcher.feeds.watch import Watch
from watcher.kafka.reader import Place
from watcher.model.dataset import Position, RawRecord
from watcher.model.errors import ConfigurationError, Fatal, Transient

A = Place("t", 0)
T = TypeVar("T")


def records(*offsets: int, partition: int = 0) -> list[RawRecord]:
    return [RawRecord(Position("feed", partition, offset), None, None) for offset in offsets]


class Ledger:
    def __init__(self, *answers: BaseException | None, position: int | None = None) -> None:
        self.answers = list(answers)
        self.position = position
        self.taken: list[int] = []
        self.under_way = 0
        self.most_under_way = 0

    async def take(self, batch: Sequence[RawRecord]) -> None:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(0)
            answer = self.answers.pop(0) if self.answers else None
            if answer is not None:
                raise answer
            self.taken += [record.position.offset for record in batch]
        finally:
            self.under_way -= 1

    async def positions(self, place: Place) -> int | None:
        return self.position


def run(ledger: Ledger, story: Callable[[Handover], Awaitable[T]], low: int = 0, high: int = 100) -> T:
    async def play() -> T:
        async def bounds(place: Place) -> tuple[int, int]:
            return low, high

        return await asyncio.wait_for(
            _as_coroutine(story(Handover(ledger.take, ledger.positions, bounds, Watch(0)))), 5
        )

    return asyncio.run(play())


async def _as_coroutine(awaitable: Awaitable[T]) -> T:
    return await awaitable


def test_a_batch_is_in_the_ledger_when_it_is_said_to_be() -> None:
    """True means committed."""
    ledger = Ledger()

    assert run(ledger, lambda handover: handover.pass_on(A, records(1, 2)))
    assert ledger.taken == [1, 2]


def test_transient_is_tried_again_in_place() -> None:
    """The same batch, until it is taken."""
    ledger = Ledger(Transient("away"), Transient("away"))

    assert run(ledger, lambda handover: handover.pass_on(A, records(1)))
    assert ledger.taken == [1]


@pytest.mark.parametrize(
    "error", [RuntimeError("x"), Fatal("x"), ConfigurationError("x"), KeyboardInterrupt(), MemoryError()]
)
def test_anything_else_is_a_failure_that_nothing_returns_from(error: BaseException) -> None:
    """`failure` tells, with the cause; the batch is never said to be done, nor is any after it taken."""
    ledger = Ledger(error)

    async def story(handover: Handover) -> BaseException | None:
        first = asyncio.create_task(handover.pass_on(A, records(1)))
        with pytest.raises(type(error) if isinstance(error, Fatal | ConfigurationError) else Fatal) as told:
            await handover.failure
        second = asyncio.create_task(handover.pass_on(A, records(2)))
        done, _ = await asyncio.wait({first, second}, timeout=0.05)
        assert not done
        for task in (first, second):
            task.cancel()
        return told.value

    run(ledger, story)
    assert ledger.taken == []


def test_one_batch_at_a_time() -> None:
    """Batches of several partitions wait for each other."""
    ledger = Ledger()

    async def story(handover: Handover) -> None:
        await asyncio.gather(*(handover.pass_on(Place("t", n), records(n, partition=n)) for n in range(5)))

    run(ledger, story)
    assert ledger.most_under_way == 1
    assert sorted(ledger.taken) == [0, 1, 2, 3, 4]


def test_who_is_cancelled_leaves_the_transaction_to_end() -> None:
    """A rebalance cancels agents; what is under way commits, and a start that follows waits for it."""
    ledger = Ledger()
    gate = asyncio.Event()

    async def slow(batch: Sequence[RawRecord]) -> None:
        await gate.wait()
        ledger.position = 3

    ledger.take = slow  # type: ignore[method-assign]

    async def story(handover: Handover) -> dict[Place, int]:
        agent = asyncio.create_task(handover.pass_on(A, records(1, 2)))
        await asyncio.sleep(0)
        agent.cancel()
        start = asyncio.create_task(handover.begin([A]))
        done, _ = await asyncio.wait({start}, timeout=0.05)
        assert not done
        gate.set()
        return await start

    assert run(ledger, story) == {A: 3}


def test_closing_gives_up_what_waits_and_takes_nothing_more() -> None:
    """False means: not in the ledger, and not to be acknowledged."""
    ledger = Ledger(*[Transient("away")] * 1000)

    async def story(handover: Handover) -> list[bool]:
        waiting = asyncio.create_task(handover.pass_on(A, records(1)))
        await asyncio.sleep(0.02)
        handover.close()
        return [await waiting, await handover.pass_on(A, records(2))]

    assert run(ledger, story) == [False, False]
    assert ledger.taken == []


@pytest.mark.parametrize(("position", "start"), [(None, 5), (0, 5), (5, 5), (20, 20), (100, 100)])
def test_reading_starts_where_the_ledger_says(position: int | None, start: int) -> None:
    """Or at the topic's beginning, where nothing was read yet."""
    assert run(Ledger(position=position), lambda handover: handover.begin([A]), low=5) == {A: start}


@pytest.mark.parametrize(
    ("position", "words"), [(101, "the topic was made anew"), (4, "1 records were dropped unread")]
)
def test_a_position_that_the_topic_does_not_have_is_a_doubt(position: int, words: str) -> None:
    """Read on from elsewhere, and something would be missing without a word."""

    async def story(handover: Handover) -> None:
        with pytest.raises(Fatal, match=words):
            await handover.begin([A])
        with pytest.raises(Fatal, match=words):
            await handover.failure

    run(Ledger(position=position), story, low=5)


def test_records_are_parted_by_partition_in_their_order() -> None:
    """A batch is of one partition."""
    mixed = [*records(1, 2), *records(7, partition=1), *records(3)]

    parted = by_place(mixed, {"feed": "t"})

    assert [(place, [one.position.offset for one in batch]) for place, batch in parted] == [
        (Place("t", 0), [1, 2, 3]),
        (Place("t", 1), [7]),
    ]
