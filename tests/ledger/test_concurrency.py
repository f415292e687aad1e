"""Several at one ledger: workers on PostgreSQL, threads and commands on a file; nothing is given or moved twice."""

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from tests.ledger.build import NOW, a_dataset, a_delivery, a_move, a_schema, an_event, begun, open_ticket
from watcher.ledger import SqlLedger
from watcher.model.errors import Transient
from watcher.model.ticket import TicketId, TicketState
from watcher.ports import ReadPosition, Transaction

LEASE = dt.timedelta(minutes=1)
PATIENCE = 30
T = TypeVar("T")


class LostError(Exception):
    """Another was quicker."""


def read(tx: Transaction, next_offset: int) -> None:
    """One batch, as a worker writes it that read up to 0."""
    tx.add_events([an_event(next_offset)])
    if not tx.advance("registry", 0, expected=0, next_offset=next_offset):
        raise LostError


def at_once(*works: Callable[[], T]) -> list[T]:
    """What each gives, all started together."""
    together = threading.Barrier(len(works))

    def started(work: Callable[[], T]) -> T:
        together.wait(PATIENCE)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [one.result(PATIENCE) for one in [pool.submit(started, work) for work in works]]


def test_no_delivery_is_given_to_two(ledger: SqlLedger, beside: SqlLedger) -> None:
    """Claimers that race each other share the lot between them: each one once, none left."""
    ids = [f"delivery-{number}" for number in range(300)]
    with ledger.begin() as tx:
        tx.add_deliveries([a_delivery(id_, key=id_) for id_ in ids], NOW)

    def claimer(at: SqlLedger, worker: str) -> Callable[[], list[str]]:
        def work() -> list[str]:
            got: list[str] = []
            while True:
                with at.begin() as tx:
                    given = tx.claim_deliveries(NOW, worker=worker, lease=LEASE, limit=7)
                if not given:
                    # Rows that another held at that moment were passed over; they are claimed by now.
                    return got
                got += [one.id for one in given]

        return work

    one, two, three = at_once(claimer(ledger, "one"), claimer(beside, "two"), claimer(beside, "three"))

    assert sorted(one + two + three) == sorted(ids)


def test_of_two_who_read_the_same_one_advances(ledger: SqlLedger, beside: SqlLedger) -> None:
    """The fence holds under a race, too: who comes second is told, and its facts are gone with its transaction."""
    with ledger.begin() as tx:
        begun(tx)

    def reader(at: SqlLedger, next_offset: int) -> Callable[[], bool]:
        def work() -> bool:
            try:
                with at.begin() as tx:
                    read(tx, next_offset)
            except LostError:
                return False
            return True

        return work

    won = at_once(reader(ledger, 1), reader(beside, 2), reader(beside, 3))
    with ledger.look() as views:
        (_, _, position), events = views.list_positions()[0], views.counts()["events"]

    assert sorted(won) == [False, False, True]
    assert (position, events) == (ReadPosition(won.index(True) + 1, 0), 1)


def test_of_two_who_move_a_ticket_one_does(ledger: SqlLedger, beside: SqlLedger) -> None:
    """The other is told to look again, and no move is lost or doubled."""
    with ledger.begin() as tx:
        open_ticket(tx)

    def mover(at: SqlLedger, after: TicketState) -> Callable[[], bool]:
        def work() -> bool:
            try:
                with at.begin() as tx:
                    tx.add_move(a_move("T-1", TicketState.OPEN, after))
            except Transient:
                return False
            return True

        return work

    won = at_once(mover(ledger, TicketState.RESOLVED), mover(beside, TicketState.WAIVED))
    with ledger.look() as views:
        moves = views.ticket_moves(TicketId("T-1"))

    assert (sorted(won), len(moves)) == ([False, True], 2)


def test_who_writes_the_same_in_another_order_does_not_wait_for_ever(ledger: SqlLedger, beside: SqlLedger) -> None:
    """Two feeds may carry the same schemas and datasets: rows are taken in one order, so there is no ring."""
    names = [f"{number:04}" for number in range(500)]

    def writer(at: SqlLedger, order: list[str]) -> Callable[[], None]:
        def work() -> None:
            for _ in range(5):
                with at.begin() as tx:
                    tx.add_schemas([a_schema(name) for name in order])
                    tx.put_datasets([a_dataset(name) for name in order])
                    tx.datasets({a_dataset(name).dataset for name in order})

        return work

    at_once(writer(ledger, names), writer(beside, names[::-1]))
    with ledger.look() as views:
        assert views.counts()["datasets"] == 500


@pytest.mark.postgres
def test_what_another_has_in_hand_is_passed_over(pair: tuple[SqlLedger, SqlLedger]) -> None:
    """Deliveries and due datasets that an open transaction has taken are left to it, without a wait."""
    ledger, beside = pair
    with ledger.begin() as tx:
        tx.add_deliveries([a_delivery("a", key="a"), a_delivery("b", key="b")], NOW)
        tx.put_datasets([a_dataset("a", due_at=NOW), a_dataset("b", due_at=NOW)])
    with ledger.begin() as first, beside.begin() as second:
        mine = first.claim_deliveries(NOW, worker="first", lease=LEASE, limit=1)
        theirs = second.claim_deliveries(NOW, worker="second", lease=LEASE, limit=9)
        due = [row.dataset for row in first.due_datasets(NOW, 1)]
        due_too = [row.dataset for row in second.due_datasets(NOW, 9)]

    assert ([one.id for one in mine], [one.id for one in theirs]) == (["a"], ["b"])
    assert (due, due_too) == (["a"], ["b"])
