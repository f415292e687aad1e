"""The outbox: wishes, claims with leases, lines that keep their order, dead letters."""

import datetime as dt
from collections.abc import Collection
from typing import Any

import pytest

from tests.ledger.build import NOW, SECOND, a_delivery, an_attempt
from watcher.ledger import SqlLedger
from watcher.model.dataset import DatasetName
from watcher.model.delivery import Delivery, DeliveryId, DeliveryState, MessageType
from watcher.model.errors import UsageError
from watcher.ports import Transaction

MINUTE = dt.timedelta(minutes=1)
PENDING, DELIVERED, DEAD = DeliveryState.PENDING, DeliveryState.DELIVERED, DeliveryState.DEAD


def wished(tx: Transaction, *ids: str, **told: Any) -> None:
    """Deliveries of these ids, each about a dataset of its own unless told."""
    tx.add_deliveries([a_delivery(id_, **({"key": DatasetName(id_)} | told)) for id_ in ids], NOW)


def claimed(
    tx: Transaction, now: dt.datetime = NOW, *, worker: str = "w", limit: int = 10, busy: Collection[str] = ()
) -> list[str]:
    """The ids that are given, on a lease of a minute."""
    given = tx.claim_deliveries(now, worker=worker, lease=MINUTE, limit=limit, busy=busy)
    return [one.id for one in given]


def test_a_delivery_is_given_as_it_was_wished(ledger: SqlLedger) -> None:
    """Whole, and only once while its lease runs; a repeat of its id is left out."""
    delivery = a_delivery(type=MessageType.CONSUMER_NOTICE, body={"a": [1.5, True, None], "é": "\x00"})
    with ledger.begin() as tx:
        tx.add_deliveries([delivery, a_delivery(body={})], NOW)
        tx.add_deliveries([a_delivery(body={})], NOW)
        given: list[Delivery] = list(tx.claim_deliveries(NOW, worker="w", lease=MINUTE, limit=10))
        again = claimed(tx)

    assert ([delivery], []) == (given, again)


def test_the_oldest_are_given_first(ledger: SqlLedger) -> None:
    """As many as are asked for, the rest later."""
    with ledger.begin() as tx:
        wished(tx, "c", "a", "b")
        first = claimed(tx, limit=2)
        rest = claimed(tx)

    assert (first, rest) == (["c", "a"], ["b"])


def test_a_delivery_that_is_not_due_waits(ledger: SqlLedger) -> None:
    """To the microsecond."""
    with ledger.begin() as tx:
        wished(tx, "a")
        early = claimed(tx, NOW - dt.timedelta(microseconds=1))
        due = tx.next_due_delivery()

    assert (early, due) == ([], NOW)


def test_a_lease_that_ran_out_is_given_again(ledger: SqlLedger) -> None:
    """To any worker: the first may be dead."""
    with ledger.begin() as tx:
        wished(tx, "a")
        claimed(tx, worker="first")
        due = tx.next_due_delivery()
        before = claimed(tx, NOW + MINUTE - SECOND, worker="second")
        after = claimed(tx, NOW + MINUTE, worker="second")

    assert (due, before, after) == (NOW + MINUTE, [], ["a"])


def test_a_line_is_given_one_at_a_time(ledger: SqlLedger) -> None:
    """Of one channel and key only the oldest unsettled one; another channel, or another key, is another line."""
    with ledger.begin() as tx:
        wished(tx, "1", "2", key="orders")
        wished(tx, "3", key="orders", channel="mail")
        wished(tx, "4", key="invoices")
        first = claimed(tx)
        blocked = claimed(tx)
        tx.settle_delivery(an_attempt("1"), DELIVERED)
        freed = claimed(tx)

    assert (first, blocked, freed) == (["1", "3", "4"], [], ["2"])


def test_a_line_waits_for_its_head_to_be_tried_again(ledger: SqlLedger) -> None:
    """What stands behind a postponed delivery is not due before it."""
    with ledger.begin() as tx:
        wished(tx, "1", "2", key="orders")
        claimed(tx)
        tx.settle_delivery(an_attempt("1"), PENDING, due_at=NOW + MINUTE)
        early = claimed(tx, NOW + SECOND)
        due = tx.next_due_delivery()
        again = claimed(tx, NOW + MINUTE)

    assert (early, due, again) == ([], NOW + MINUTE, ["1"])


def test_a_dead_letter_lets_its_line_go_on(ledger: SqlLedger) -> None:
    """One that will never arrive does not hold up the others."""
    with ledger.begin() as tx:
        wished(tx, "1", "2", key="orders")
        claimed(tx)
        tx.settle_delivery(an_attempt("1"), DEAD)

        assert claimed(tx) == ["2"]


def test_busy_channels_are_left_out(ledger: SqlLedger) -> None:
    """Theirs wait, others go on; nothing pending at all is nothing due."""
    with ledger.begin() as tx:
        nothing = tx.next_due_delivery()
        wished(tx, "a", channel="hook")
        wished(tx, "b", channel="mail")
        wished(tx, "c", channel="chat")
        others = claimed(tx, busy=frozenset({"hook", "mail"}))
        rest = claimed(tx)

    assert (nothing, others, rest) == (None, ["c"], ["a", "b"])


def test_a_settled_delivery_shows_what_became_of_it(ledger: SqlLedger) -> None:
    """State, moments, number of attempts and the last error; each attempt is kept as it was."""
    tries = [
        an_attempt("a", 1, outcome="postponed", detail="503 Service Unavailable"),
        an_attempt("a", 2, outcome="delivered", detail="204 No Content", at=NOW + MINUTE),
    ]
    with ledger.begin() as tx:
        wished(tx, "a")
        claimed(tx)
        tx.settle_delivery(tries[0], PENDING, due_at=NOW + MINUTE)
        (waiting,) = tx.list_deliveries()
        claimed(tx, NOW + MINUTE)
        tx.settle_delivery(tries[1], DELIVERED)
        (settled,) = tx.list_deliveries()
        kept = tx.list_attempts(DeliveryId("a"))

    assert (
        waiting.state,
        waiting.due_at,
        waiting.settled_at,
        waiting.last_error,
        waiting.delivery.attempts,
    ) == (PENDING, NOW + MINUTE, None, "503 Service Unavailable", 1)
    assert (
        settled.state,
        settled.settled_at,
        settled.last_error,
        settled.delivery.attempts,
    ) == (DELIVERED, NOW + MINUTE, None, 2)
    assert tries == list(kept)


def test_who_settles_late_changes_no_success(ledger: SqlLedger) -> None:
    """A lease ran out, another delivered: the late failure is kept as an attempt of its own number, no more."""
    with ledger.begin() as tx:
        wished(tx, "a")
        claimed(tx, worker="slow")
        claimed(tx, NOW + MINUTE, worker="quick")
        tx.settle_delivery(an_attempt("a", 1), DELIVERED)
        tx.settle_delivery(an_attempt("a", 1, outcome="refused", detail="410 Gone"), DEAD)
        (row,) = tx.list_deliveries()
        kept = [(one.number, one.outcome) for one in tx.list_attempts(DeliveryId("a"))]

    assert (row.state, row.last_error) == (DELIVERED, None)
    assert kept == [(1, "delivered"), (2, "refused")]


def test_who_delivers_late_has_delivered(ledger: SqlLedger) -> None:
    """A success counts even where another gave up meanwhile."""
    with ledger.begin() as tx:
        wished(tx, "a")
        claimed(tx)
        tx.settle_delivery(an_attempt("a", 1, detail="410 Gone"), DEAD)
        tx.settle_delivery(an_attempt("a", 1), DELIVERED)
        (row,) = tx.list_deliveries()

    assert (row.state, row.last_error) == (DELIVERED, None)


def test_an_attempt_of_no_delivery_is_refused(ledger: SqlLedger) -> None:
    """An id that is mistyped is said to be."""
    with pytest.raises(UsageError, match="no delivery nothing"), ledger.begin() as tx:
        tx.settle_delivery(an_attempt("nothing"), DELIVERED)


def test_a_worker_gives_up_its_own_leases(ledger: SqlLedger) -> None:
    """Others keep theirs, and so it does what it names, until all are given up."""
    with ledger.begin() as tx:
        wished(tx, "a", "b", "c")
        claimed(tx, worker="first", limit=2)
        claimed(tx, worker="second")
        kept = tx.release_deliveries("first", [DeliveryId("a"), DeliveryId("b")])
        released = tx.release_deliveries("first")
        free = claimed(tx, worker="third")
        every = tx.release_deliveries(None)
        nothing = tx.release_deliveries(None)

    assert (kept, released, free, every, nothing) == (0, 2, ["a", "b"], 3, 0)


def test_dead_letters_are_redriven(ledger: SqlLedger) -> None:
    """These or all; they are due again, and their attempts go on counting."""
    with ledger.begin() as tx:
        wished(tx, "a", "b", "c", "d")
        claimed(tx)
        for id_ in "abc":
            tx.settle_delivery(an_attempt(id_, detail="410 Gone"), DEAD)
        dead = [row.delivery.id for row in tx.list_deliveries(state=DEAD)]
        one = tx.redrive(NOW + MINUTE, [DeliveryId("b"), DeliveryId("d"), DeliveryId("nothing")])
        rest = tx.redrive(NOW + MINUTE)
        counts = tx.counts()
        again = tx.claim_deliveries(NOW + MINUTE, worker="w", lease=MINUTE, limit=9)

    assert (dead, list(one), list(rest)) == (["c", "b", "a"], ["b"], ["a", "c"])
    assert (counts["deliveries"], counts["pending"], counts["dead"]) == (4, 4, 0)
    found = [(each.id, each.attempts, each.forgiven) for each in again]
    assert found == [("a", 1, 1), ("b", 1, 1), ("c", 1, 1), ("d", 0, 0)]


def test_deliveries_are_listed_newest_first(ledger: SqlLedger) -> None:
    """Of any state, or of one."""
    with ledger.begin() as tx:
        wished(tx, "a", "b", "c")
        tx.settle_delivery(an_attempt("b"), DELIVERED)

        assert [row.delivery.id for row in tx.list_deliveries(2)] == ["c", "b"]
        assert [row.delivery.id for row in tx.list_deliveries(state=PENDING)] == ["c", "a"]
        assert [row.delivery.id for row in tx.list_deliveries(state=DELIVERED)] == ["b"]
