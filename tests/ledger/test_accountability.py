"""Following up in the ledger: mirrors are reserved, the chain holds, chores are done by one, addresses die."""

import datetime as dt
import threading
from contextlib import suppress
from dataclasses import replace

from sqlalchemy import update

from tests.ledger.build import NOW, ORDERS, SECOND, a_delivery, a_move, a_ticket, an_attempt, open_ticket
from watcher.handlers.hindsight.audit import verify
from watcher.ledger import SqlLedger
from watcher.ledger.tables import ticket_standings, tickets
from watcher.model.contract import Criticality
from watcher.model.delivery import Delivery, DeliveryState, Remote
from watcher.model.errors import UsageError
from watcher.model.record import BEGINNING
from watcher.model.ticket import TicketId, TicketState
from watcher.model.waiver import Waiver, WaiverKind
from watcher.ports import MirrorRow, StaleAddressRow, Transaction

T_1 = TicketId("T-1")
LEASE = dt.timedelta(seconds=60)
ROUTE = {"project": "CHK"}


def about(id_: str = "delivery-1", **told: object) -> Delivery:
    """A delivery of news of T-1."""
    given = {"channel": "jira", "key": "orders", "route": ROUTE, "ticket": "T-1", **told}
    return replace(a_delivery(id_), **given)  # type: ignore[arg-type]


def claimed(tx: Transaction, now: dt.datetime = NOW, worker: str = "one") -> list[Delivery]:
    """What a worker gets to send."""
    return list(tx.claim_deliveries(now, worker=worker, lease=LEASE, limit=10))


def test_a_place_is_reserved_before_anything_is_sent(ledger: SqlLedger) -> None:
    """The first claim knows of no item and has no doubt; whoever finds the place reserved and empty has."""
    with ledger.begin() as tx:
        open_ticket(tx)
        tx.add_deliveries([about()], NOW)
        [first] = claimed(tx)
    with ledger.begin() as tx:  # the worker died: its lease runs out
        [second] = claimed(tx, NOW + 2 * LEASE, "two")

    assert (first.remote, first.doubtful, first.route) == (None, False, ROUTE)
    assert (second.remote, second.doubtful) == (None, True)


def test_a_known_item_comes_with_each_delivery(ledger: SqlLedger) -> None:
    """Of the same place; another project is another place."""
    remote = Remote("10001", "https://jira.example/browse/CHK-1", {"key": "CHK-1"})
    with ledger.begin() as tx:
        open_ticket(tx)
        tx.put_mirror(MirrorRow(T_1, "jira", ROUTE, remote, NOW))
        tx.add_deliveries([about(), about("delivery-2", key="other", route={"project": "DATA"})], NOW)
        same, other = claimed(tx)

    assert (same.remote, same.doubtful) == (remote, False)
    assert (other.remote, other.doubtful) == (None, False)
    with ledger.begin() as tx:
        found = tx.ticket_by_remote("jira", "10001")
        assert found is not None
        assert found.id == T_1
        assert tx.ticket_by_remote("github", "10001") is None
        assert [one.remote for one in tx.mirrors(T_1)] == [remote, None]


def test_what_is_about_no_ticket_reserves_nothing(ledger: SqlLedger) -> None:
    """A notice, or an event, has no item."""
    with ledger.begin() as tx:
        tx.add_deliveries([about(ticket=None)], NOW)
        [one] = claimed(tx)
        tx.settle_delivery(an_attempt(one.id), DeliveryState.DELIVERED)

        assert not one.doubtful
        assert list(tx.mirrors(T_1)) == []


def test_each_move_is_a_link(ledger: SqlLedger) -> None:
    """Numbered without a gap, each holding on to the one before it."""
    with ledger.begin() as tx:
        open_ticket(tx)
        tx.add_move(a_move("T-1", TicketState.OPEN, TicketState.ACKNOWLEDGED, NOW + SECOND))
        tx.record("note", "anything", {"text": "\x00 \ud800 é"}, NOW)
        links = list(tx.records())
        head = tx.chain_head()

    assert [one.number for one in links] == [1, 2, 3]
    assert [one.previous for one in links] == [BEGINNING, links[0].hash, links[1].hash]
    assert head == (3, links[2].hash)
    assert [one.kind for one in links] == ["ticket.moved", "ticket.moved", "note"]


def test_a_transaction_that_fails_leaves_no_link(ledger: SqlLedger) -> None:
    """The head goes back with it."""
    with suppress(UsageError), ledger.begin() as tx:
        tx.record("note", "anything", {}, NOW)
        tx.add_move(a_move("T-404", TicketState.OPEN, TicketState.RESOLVED))
    with ledger.begin() as tx:
        assert tx.chain_head() == (0, BEGINNING)


def test_links_of_several_workers_make_one_chain(server_url: str) -> None:
    """Whoever adds a link waits for the one before: no number twice, no hash left out."""
    from contextlib import closing  # noqa: PLC0415

    from watcher.ledger import open_ledger  # noqa: PLC0415

    together = threading.Barrier(4)

    def work(who: int) -> None:
        with closing(open_ledger(server_url)) as mine:
            together.wait()
            for number in range(25):
                with mine.begin() as tx:
                    tx.record("note", f"{who}", {"number": number}, NOW)

    threads = [threading.Thread(target=work, args=(who,)) for who in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    with closing(open_ledger(server_url)) as opened, opened.begin() as tx:
        links = list(tx.records())

    assert [one.number for one in links] == list(range(1, 101))
    assert [one.previous for one in links[1:]] == [one.hash for one in links[:-1]]


def test_a_tickets_weight_and_when_it_is_looked_at(ledger: SqlLedger) -> None:
    """Set by a move, and in its link; the clock finds what is due, oldest first."""
    soon, later = NOW + SECOND, NOW + 60 * SECOND
    with ledger.begin() as tx:
        ticket = open_ticket(tx)
        graver = replace(ticket, severity=Criticality.CRITICAL, fix_by=later)
        tx.add_move(a_move("T-1", TicketState.OPEN, TicketState.ACKNOWLEDGED), graver)
        tx.look_at(T_1, soon)
        rated = tx.ticket(T_1)
        assert rated is not None
        assert (rated.severity, rated.fix_by, rated.look_at) == (Criticality.CRITICAL, later, soon)
        assert tx.next_due_ticket() == soon
        assert list(tx.due_tickets(NOW, 10)) == []
        assert [one.id for one in tx.due_tickets(soon, 10)] == [T_1]
        tx.look_at(T_1, None)
        assert tx.next_due_ticket() is None


def test_an_edited_standing_is_named_by_an_audit(ledger: SqlLedger) -> None:
    """On either database what a link says of a ticket reads as its row does, until somebody edits the row."""
    with ledger.begin() as tx:
        ticket = open_ticket(tx, fix_by=NOW + SECOND)
        again = a_move("T-1", TicketState.OPEN, TicketState.ACKNOWLEDGED, NOW + SECOND)
        tx.add_move(again, replace(ticket, acknowledge_by=NOW + SECOND))
        open_ticket(tx, "T-2", dataset="other", follows="T-1")
    with ledger.begin() as tx:
        assert verify(tx).faults == ["ticket T-1: its deadline to acknowledge was none by link 1, and " + _SAID]
        edits = update(ticket_standings).where(ticket_standings.c.ticket == "T-2")
        tx._connection.execute(edits.values(severity="low", domain="another"))  # type: ignore[attr-defined]
        tx._connection.execute(update(tickets).where(tickets.c.id == "T-2").values(domain="another"))  # type: ignore[attr-defined]
        found = verify(tx).faults

    assert found[1:] == [
        "ticket T-2: its domain is another; link 3 says checkout",
        "ticket T-2: its severity is low; link 3 says normal",
    ]


_SAID = "2026-03-29T01:30:01.123456+00:00 when link 2 was written: no move changed it"


def test_waivers_in_force_and_over(ledger: SqlLedger) -> None:
    """One with an end, one that was ended, a precedent: what counts at a moment."""
    end = NOW + dt.timedelta(days=1)
    with ledger.begin() as tx:
        for id_, kind, until in (
            ("W-1", WaiverKind.WAIVER, end),
            ("W-2", WaiverKind.WAIVER, end),
            ("W-3", WaiverKind.PRECEDENT, None),
        ):
            tx.add_waiver(Waiver(id_, kind, ORDERS, "head-of-finance", "fine", NOW, until, T_1, ("f1",)))
        tx.end_waiver("W-2", NOW, "changed their mind")
        now = [one.id for one in tx.waivers_on(ORDERS, NOW)]
        after = [one.id for one in tx.waivers_on(ORDERS, end)]
        [last, *_] = tx.waivers(ticket=T_1)

    assert (now, after) == (["W-1", "W-3"], ["W-3"])
    assert last.fingerprints == ("f1",)


def test_a_message_from_outside_is_taken_once(ledger: SqlLedger) -> None:
    """By channel and id; what is old is forgotten."""
    with ledger.begin() as tx:
        assert tx.take_hook("github", "d-1", NOW)
        assert not tx.take_hook("github", "d-1", NOW)
        assert tx.take_hook("gitlab", "d-1", NOW + SECOND)
        assert tx.forget_hooks(NOW + SECOND) == 1
        assert tx.take_hook("github", "d-1", NOW)


def test_a_chore_is_done_by_one(ledger: SqlLedger) -> None:
    """Who looked at the same state as another comes too late."""
    with ledger.begin() as tx:
        assert tx.do_chore("digest", NOW, before=None)
        assert not tx.do_chore("digest", NOW + SECOND, before=None)
        assert tx.do_chore("digest", NOW + SECOND, before=NOW)
        assert not tx.do_chore("digest", NOW + 2 * SECOND, before=NOW)
        assert tx.chore_done("digest") == NOW + SECOND


def test_a_dead_address_is_counted_until_something_arrives(ledger: SqlLedger) -> None:
    """Since when is kept, the last reason is told."""
    with ledger.begin() as tx:
        tx.put_stale_address(StaleAddressRow("mail", "lead@acme.example", "550", NOW))
        tx.put_stale_address(StaleAddressRow("mail", "lead@acme.example", "551", NOW + SECOND))
        [one] = tx.stale_addresses()
        assert (one.since, one.reason, one.times) == (NOW, "551", 2)
        tx.clear_stale_address("mail", "lead@acme.example")
        assert list(tx.stale_addresses()) == []


def test_an_episode_begins_anew(ledger: SqlLedger) -> None:
    """What opens a settled ticket again takes back that it was acknowledged."""
    with ledger.begin() as tx:
        open_ticket(tx)
        for number, (before, after) in enumerate(
            [
                (TicketState.OPEN, TicketState.ACKNOWLEDGED),
                (TicketState.ACKNOWLEDGED, TicketState.RESOLVED),
                (TicketState.RESOLVED, TicketState.OPEN),
            ],
            1,
        ):
            tx.add_move(a_move("T-1", before, after, NOW + number * SECOND))
        ticket = tx.ticket(T_1)

    assert ticket == a_ticket(changed_at=NOW + 3 * SECOND, reopened=1, episode_at=NOW + 3 * SECOND)
