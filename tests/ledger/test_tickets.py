"""Tickets: append-only moves, the standing that sums them up, violations and their healing."""

import datetime as dt
from itertools import pairwise

import pytest

from tests.ledger.build import (
    CHECKOUT,
    NOW,
    ORDERS,
    SECOND,
    a_dataset,
    a_healing,
    a_move,
    a_ticket,
    a_violation,
    open_ticket,
)
from watcher.ledger import SqlLedger
from watcher.model.dataset import DatasetName, Domain
from watcher.model.errors import Transient, UsageError
from watcher.model.ticket import TicketId, TicketMove, TicketState, Verb
from watcher.ports import Transaction

OPEN, ACKNOWLEDGED, DISPUTED = TicketState.OPEN, TicketState.ACKNOWLEDGED, TicketState.DISPUTED
WAIVED, RESOLVED = TicketState.WAIVED, TicketState.RESOLVED


def moved(tx: Transaction, *states: TicketState) -> None:
    """T-1 goes from state to state, a second each."""
    for number, (before, after) in enumerate(pairwise(states), 1):
        tx.add_move(a_move("T-1", before, after, NOW + number * SECOND))


def test_a_ticket_stands_where_its_last_move_left_it(ledger: SqlLedger) -> None:
    """State, moment and number of reopenings follow from the moves."""
    with ledger.begin() as tx:
        open_ticket(tx)
        moved(tx, OPEN, ACKNOWLEDGED, RESOLVED, OPEN, DISPUTED, ACKNOWLEDGED, WAIVED, OPEN)
        ticket = tx.ticket(TicketId("T-1"))
        moves = tx.ticket_moves(TicketId("T-1"))

    since = NOW + 7 * SECOND
    assert a_ticket(state=OPEN, changed_at=since, reopened=2, episode_at=since) == ticket
    assert a_move() == moves[0]
    assert [move.after for move in moves] == [OPEN, ACKNOWLEDGED, RESOLVED, OPEN, DISPUTED, ACKNOWLEDGED, WAIVED, OPEN]
    assert [None, *(move.after for move in moves[:-1])] == [move.before for move in moves]


def test_a_move_comes_back_as_it_was_recorded(ledger: SqlLedger) -> None:
    """With a proof, or without."""
    bare = TicketMove(TicketId("T-1"), OPEN, WAIVED, NOW, "head-of-finance", "we can live with it", verb=Verb.WAIVE)
    with ledger.begin() as tx:
        open_ticket(tx)
        tx.add_move(bare)

        assert list(tx.ticket_moves(TicketId("T-1"))) == [a_move(), bare]


def test_a_move_from_where_the_ticket_does_not_stand_is_refused(ledger: SqlLedger) -> None:
    """Whoever looked at it before another moved it is to look again: passing, not final."""
    with ledger.begin() as tx:
        open_ticket(tx)
        moved(tx, OPEN, ACKNOWLEDGED)
    with pytest.raises(Transient, match="acknowledged by now"), ledger.begin() as tx:
        tx.add_move(a_move("T-1", OPEN, RESOLVED))
    with ledger.look() as views:
        assert len(views.ticket_moves(TicketId("T-1"))) == 2


def test_an_illegal_move_is_refused(ledger: SqlLedger) -> None:
    """The ledger holds to the state table, whoever calls."""
    with ledger.begin() as tx:
        open_ticket(tx)
        moved(tx, OPEN, RESOLVED)
    with pytest.raises(UsageError, match="cannot be moved by `waive`"), ledger.begin() as tx:
        tx.add_move(a_move("T-1", RESOLVED, WAIVED))


def test_a_move_of_no_ticket_is_refused(ledger: SqlLedger) -> None:
    """An id that is mistyped is said to be."""
    with pytest.raises(UsageError, match="no ticket T-404"), ledger.begin() as tx:
        tx.add_move(a_move("T-404", OPEN, RESOLVED))


def test_a_domain_has_one_unsettled_ticket_about_a_dataset(ledger: SqlLedger) -> None:
    """A second one is refused, be it opened or reopened; another domain's is not."""
    with ledger.begin() as tx:
        open_ticket(tx, "T-1")
        moved(tx, OPEN, RESOLVED)
        open_ticket(tx, "T-2")
        open_ticket(tx, "T-3", domain=Domain("logistics"))
    with pytest.raises(UsageError, match="T-2 of checkout"), ledger.begin() as tx:
        tx.add_move(a_move("T-1", RESOLVED, OPEN))
    with pytest.raises(UsageError, match="T-2 of checkout"), ledger.begin() as tx:
        open_ticket(tx, "T-4")


def test_unsettled_tickets_are_found_by_dataset(ledger: SqlLedger) -> None:
    """Open, acknowledged and disputed ones; not waived or resolved ones, nor those of another dataset."""
    ends = {"a": OPEN, "b": ACKNOWLEDGED, "c": DISPUTED, "d": WAIVED, "e": RESOLVED}
    with ledger.begin() as tx:
        for domain, end in ends.items():
            open_ticket(tx, f"T-{domain}", domain=Domain(domain))
            if end is not OPEN:
                tx.add_move(a_move(f"T-{domain}", OPEN, end))
        open_ticket(tx, "T-other", dataset=DatasetName("kafka://prod/other"))
        found = [ticket.id for ticket in tx.unsettled_tickets(ORDERS)]
        by_domain = {domain: tx.unsettled_ticket(Domain(domain), ORDERS) for domain in ends}

    assert found == ["T-a", "T-b", "T-c"]
    assert {domain: ticket and ticket.id for domain, ticket in by_domain.items()} == {
        "a": "T-a",
        "b": "T-b",
        "c": "T-c",
        "d": None,
        "e": None,
    }


def test_the_latest_resolved_ticket_is_found_within_the_window(ledger: SqlLedger) -> None:
    """At or after `since`; one that is open again is none."""
    with ledger.begin() as tx:
        for number in (1, 2, 3):
            open_ticket(tx, f"T-{number}")
            tx.add_move(a_move(f"T-{number}", OPEN, RESOLVED, NOW + number * SECOND))
        latest = tx.resolved_ticket(CHECKOUT, ORDERS, NOW + 3 * SECOND)
        too_late = tx.resolved_ticket(CHECKOUT, ORDERS, NOW + 3 * SECOND + dt.timedelta(microseconds=1))
        tx.add_move(a_move("T-3", RESOLVED, OPEN, NOW + 4 * SECOND))
        before = tx.resolved_ticket(CHECKOUT, ORDERS, NOW)
        others = tx.resolved_ticket(Domain("logistics"), ORDERS, NOW)

    assert (latest and latest.id, too_late, before and before.id, others) == ("T-3", None, "T-2", None)


def test_tickets_are_listed_newest_first(ledger: SqlLedger) -> None:
    """Of all domains or one, settled or not."""
    with ledger.begin() as tx:
        open_ticket(tx, "T-1")
        moved(tx, OPEN, RESOLVED)
        open_ticket(tx, "T-2")
        open_ticket(tx, "T-3", domain=Domain("logistics"))
        listed = [ticket.id for ticket in tx.list_tickets()]
        unsettled = [ticket.id for ticket in tx.list_tickets(unsettled_only=True)]
        of_domain = [ticket.id for ticket in tx.list_tickets(domain="checkout")]
        fewer = [ticket.id for ticket in tx.list_tickets(1)]

    assert (listed, unsettled, of_domain, fewer) == (["T-3", "T-2", "T-1"], ["T-3", "T-2"], ["T-2", "T-1"], ["T-3"])


def test_an_unknown_ticket_is_none(ledger: SqlLedger) -> None:
    """Nothing to show is no error."""
    with ledger.look() as views:
        assert views.ticket(TicketId("T-404")) is None
        assert list(views.ticket_moves(TicketId("T-404"))) == []


def test_a_violation_stays_until_it_is_healed(ledger: SqlLedger) -> None:
    """Open ones are those without a healing; the ticket keeps all, in the order in which they came."""
    second = a_violation("violation-2", document={"nested": [1, None, {"é": "\x00"}]})
    with ledger.begin() as tx:
        open_ticket(tx)
        tx.add_violations([a_violation(), second])
        tx.add_violations([a_violation(rule="another")])
        before = tx.open_violations(TicketId("T-1"))
        tx.add_healings([a_healing()])
        tx.add_healings([a_healing(change="another")])
        after = tx.open_violations(TicketId("T-1"))
        ever = tx.ticket_violations(TicketId("T-1"))
        listed = tx.list_violations()
        fewer = tx.list_violations(1)

    assert [a_violation(), second] == list(before) == list(ever)
    assert [second] == list(after)
    assert [(second, None), (a_violation(), a_healing())] == list(listed)
    assert [(second, None)] == list(fewer)


def test_facts_may_come_in_any_order_within_a_transaction(ledger: SqlLedger) -> None:
    """References are checked when the transaction ends."""
    with ledger.begin() as tx:
        tx.add_healings([a_healing()])
        tx.add_violations([a_violation()])
        open_ticket(tx)
    with ledger.look() as views:
        assert list(views.list_violations()) == [(a_violation(), a_healing())]


def test_the_counts_tell_what_there_is(ledger: SqlLedger) -> None:
    """Settled tickets are counted among all, not among the unsettled."""
    with ledger.begin() as tx:
        open_ticket(tx)
        moved(tx, OPEN, RESOLVED)
        open_ticket(tx, "T-2")
        tx.put_datasets([a_dataset()])
    with ledger.look() as views:
        counts = views.counts()

    assert (counts["tickets"], counts["unsettled_tickets"], counts["datasets"]) == (2, 1, 1)
