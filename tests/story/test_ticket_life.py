"""The life of a ticket: who may do what with it, what it costs to claim what is not so, and what the record keeps."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.story.doing import do, tick, told
from tests.story.world import ORDER, World, reliance, without
from watcher.handlers.hindsight.audit import verify
from watcher.handlers.judging.policy import Policy
from watcher.model.errors import UsageError
from watcher.model.ticket import TicketId, TicketState, Verb

ARBITER = "chief-architect"
CHECKOUT = """
kind: Domain
name: checkout
owns: ["kafka://prod/orders*"]
tickets: [{channel: checkout-hook}]
ladder:
  - {after: 4h, to: "chat:#checkout"}
  - {after: 2d, to: "mail:lead-checkout@acme.example"}
deadlines: {normal: {acknowledge: 2h, fix: 1d}}
calendar: {timezone: UTC, hours: "09:00-17:00", days: mon-fri}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A domain with a ladder, one consumer, one schema that stands; it is Monday, nine o'clock."""
    made = World(tmp_path, CHECKOUT, reliance("finance", "amount", notify=["finance-hook"]))
    policy = Policy(arbiters=(ARBITER,), channels=frozenset({"checkout-hook", "chat", "mail", "finance-hook"}))
    made.judgement = replace(made.judgement, policy=policy)
    made._observer._judgement = made.judgement
    with closing(made.ledger):
        made.orders(ORDER)
        made.live()
        yield made


def broken(world: World) -> TicketId:
    """A ticket, just opened."""
    world.orders(without(ORDER, "amount"))
    [ticket] = world.show("tickets")[-1:]
    return TicketId(ticket["id"])


def test_a_ticket_is_acknowledged_started_and_closed_by_proof(world: World) -> None:
    """Each move is told to the domain, and the proof ends it."""
    ticket = broken(world)
    do(world, ticket, Verb.ACKNOWLEDGE)
    do(world, ticket, Verb.START)
    world.orders(ORDER)

    shown = world.ticket(ticket)
    assert [move["verb"] for move in shown["moves"]] == ["open", "acknowledge", "start", "resolve"]
    assert shown["state"] == "resolved"
    assert [body["move"]["after"] for _, body in told(world, "ticket.moved")] == ["acknowledged", "in_progress"]
    assert [channel for channel, _ in told(world, "consumer.relieved")] == ["finance-hook"]


def test_a_ticket_says_by_when(world: World) -> None:
    """Two working hours to acknowledge, one working day to fix: from Monday nine to eleven, and to its end."""
    shown = world.ticket(broken(world))

    assert shown["acknowledge_by"] == "2026-11-02T11:00:00+00:00"
    assert shown["fix_by"] == "2026-11-02T17:00:00+00:00"


def test_what_is_claimed_to_be_fixed_is_looked_at(world: World) -> None:
    """While the break persists the ticket stays as it was, and the claim is on record with the proof."""
    ticket = broken(world)

    acted = do(world, ticket, Verb.RESOLVE, reason="done")

    assert acted.rejected is not None
    assert "the break persists" in acted.rejected
    shown = world.ticket(ticket)
    assert shown["state"] == "open"
    assert shown["moves"][-1]["details"] == {"claimed": "fixed"}
    assert shown["moves"][-1]["proof"]["persists"]
    assert shown["moves"][-1]["reason"].startswith("em-checkout tried to close it (done), but the break persists: ")


def test_only_an_arbiter_says_that_it_was_no_break(world: World) -> None:
    """Whoever broke it may dispute it; its own word closes nothing."""
    ticket = broken(world)
    with pytest.raises(UsageError, match=ARBITER):
        do(world, ticket, Verb.RESOLVE, **{"as": "not-breaking"})

    do(world, ticket, Verb.RESOLVE, by=ARBITER, reason="nobody reads it", **{"as": "not-breaking"})

    assert world.ticket(ticket)["state"] == "resolved"


def test_an_upheld_dispute_never_comes_back(world: World) -> None:
    """The same break is a precedent: it makes no ticket again, and the verdict names the precedent."""
    ticket = broken(world)
    do(world, ticket, Verb.DISPUTE, reason="it was never part of the product")
    with pytest.raises(UsageError, match="third role"):
        do(world, ticket, Verb.UPHOLD)
    do(world, ticket, Verb.UPHOLD, by=ARBITER, reason="right")
    world.orders(ORDER)
    world.orders(without(ORDER, "amount"))

    assert [one["state"] for one in world.show("tickets")] == ["resolved"]
    [waiver] = world.show("waivers")
    assert (waiver["kind"], waiver["until"]) == ("precedent", None)
    verdict = world.show("changes")[-1]["verdicts"][0]
    assert (verdict["outcome"], verdict["excused"]) == ("broken", [waiver["id"]])


@pytest.mark.parametrize(
    ("side", "said"),
    [
        ("head-of-checkout", "answers for checkout"),
        ("Checkout-oncall", "answers for checkout"),
        ("#finance-data", "which is hit"),
        ("em-checkout", "raised this dispute"),
    ],
)
def test_an_arbiter_who_has_a_side_decides_nothing(tmp_path: Path, side: str, said: str) -> None:
    """Who answers for the domain, whom a consumer names, and who raised it: neither decides it, however named."""
    owners = "owners: {accountable: head-of-checkout, oncall: checkout-oncall}\n"
    finance = json.loads(reliance("finance", "amount"))
    finance["consumer"]["contact"] = "#finance-data"
    world = World(tmp_path, CHECKOUT + owners, json.dumps(finance))
    policy = Policy(arbiters=(side, ARBITER))
    world.judgement = replace(world.judgement, policy=policy)
    with closing(world.ledger):
        world.orders(ORDER)
        world.live()
        ticket = broken(world)
        do(world, ticket, Verb.DISPUTE, by="em-checkout")
        for verb in (Verb.UPHOLD, Verb.REJECT):
            with pytest.raises(UsageError, match=said):
                do(world, ticket, verb, by=side)
        do(world, ticket, Verb.REJECT, by=ARBITER)
        with pytest.raises(UsageError, match=said):
            do(world, ticket, Verb.RESOLVE, by=side, **{"as": "not-breaking"})


def test_a_rejected_dispute_is_work_again(world: World) -> None:
    """It counts as acknowledged: whoever disputes it has heard of it."""
    ticket = broken(world)
    do(world, ticket, Verb.DISPUTE)
    do(world, ticket, Verb.REJECT, by=ARBITER)

    assert world.ticket(ticket)["state"] == "acknowledged"


def test_a_waiver_that_is_over_comes_back_loudly(world: World) -> None:
    """Until then a re-break makes no ticket; then the ticket is open again, and is told so."""
    ticket = broken(world)
    do(world, ticket, Verb.WAIVE, by="head-of-finance", until="2026-11-12T00:00:00+00:00")
    assert tick(world, days=2) == 0
    assert world.ticket(ticket)["state"] == "waived"

    assert tick(world, days=9) > 0

    shown = world.ticket(ticket)
    assert (shown["state"], shown["moves"][-1]["verb"]) == ("open", "expire")
    assert told(world, "ticket.reopened")[0][1]["move"]["reason"] == "the waiver is over, and the break persists"
    assert shown["waivers"][0]["ended_at"] is not None


def test_a_waived_break_that_heals_is_resolved_by_proof(world: World) -> None:
    """Nobody has to remember it."""
    ticket = broken(world)
    do(world, ticket, Verb.WAIVE, by="head-of-finance", until="2026-11-12")
    world.orders(ORDER)

    assert world.ticket(ticket)["state"] == "resolved"


def test_a_waiver_needs_an_end_ahead(world: World) -> None:
    """None, one in the past, or one beyond a year: the message says what is meant."""
    ticket = broken(world)
    for until in (None, "2026-11-01", "2029-01-01", "soon"):
        with pytest.raises(UsageError, match="until"):
            do(world, ticket, Verb.WAIVE, until=until)

    assert world.ticket(ticket)["state"] == "open"


def test_a_silent_domain_climbs_its_ladder(world: World) -> None:
    """Each step is told once, in working hours, to whom it names; acknowledging stops it."""
    ticket = broken(world)
    assert tick(world, hours=3) == 0
    assert tick(world, hours=1) == 1
    assert tick(world, hours=1) == 0
    [(channel, body)] = told(world, "ticket.escalated")
    assert channel == "chat"
    assert body["ladder"][0]["told_at"] is not None
    assert body["ladder"][1]["told_at"] is None

    do(world, ticket, Verb.ACKNOWLEDGE)
    world.now = dt.datetime(2026, 11, 2, 16, 30, tzinfo=dt.UTC)
    assert tick(world, minutes=1) == 0


def test_a_daemon_that_was_away_tells_no_two_steps_at_once(world: World) -> None:
    """After a week both steps are long due: one is told now, the next has its whole time still ahead."""
    broken(world)
    assert tick(world, days=7) == 1
    assert tick(world, minutes=1) == 0
    assert [channel for channel, _ in told(world, "ticket.escalated")] == ["chat"]
    assert tick(world, days=2) == 1
    assert [channel for channel, _ in told(world, "ticket.escalated")] == ["chat", "mail"]


def test_a_ladder_that_names_nobody_is_told_to_the_fallback(world: World) -> None:
    """The channel is not in the settings: somebody hears of it all the same."""
    world.judgement = replace(world.judgement, policy=Policy(channels=frozenset({"mail"})))
    broken(world)
    tick(world, hours=5)

    assert [channel for channel, _ in told(world, "ticket.escalated")] == ["office-hook"]


def test_a_snooze_rests_the_ladder_until_its_end(world: World) -> None:
    """Who asked for it, and until when, is on record."""
    ticket = broken(world)
    do(world, ticket, Verb.SNOOZE, until="2026-11-04T09:00:00+00:00")
    assert tick(world, days=1, hours=5) == 0
    assert tick(world, days=1) == 1
    assert world.ticket(ticket)["moves"][1]["details"]["owner"] == "em-checkout"


def test_the_same_break_after_the_window_is_a_new_ticket_that_names_the_old_one(world: World) -> None:
    """Within the window the ticket is opened again; beyond it another one follows it."""
    first = broken(world)
    world.orders(ORDER)
    world.now += dt.timedelta(days=30)
    second = broken(world)

    assert second != first
    assert world.ticket(second)["follows"] == first
    world.orders(ORDER)
    assert broken(world) == second
    assert world.ticket(second)["reopened"] == 1


def test_every_move_is_in_the_chain_and_a_changed_one_is_found(world: World) -> None:
    """A reason rewritten, a move deleted, the end cut off: `audit verify` names each."""
    from sqlalchemy import text  # noqa: PLC0415 - tests may look behind the door

    ticket = broken(world)
    do(world, ticket, Verb.ACKNOWLEDGE)
    do(world, ticket, Verb.DISPUTE)
    with world.ledger.begin() as tx:
        whole = verify(tx)
    assert (whole.faults, whole.links) == ([], 3)

    for tampering, found in (
        ("update ticket_moves set reason = 'other' where verb = 'dispute'", "has no link, or was changed"),
        ("delete from ticket_moves where verb = 'acknowledge'", "is gone"),
        ("update records set document = replace(document, 'for a reason', 'x') where number = 2", "link 2"),
        ("delete from records where number = 3", "cut off"),
        ("update ticket_standings set state = 'resolved'", "its state is resolved; link 3 says disputed"),
        ("delete from records", "cut off"),
        (_SWAPPED, "link 2"),
    ):
        faults: list[str] = []
        with suppress(_Undone), world.ledger.begin() as tx:
            tx._connection.execute(text(tampering))  # type: ignore[attr-defined]
            faults = verify(tx).faults
            raise _Undone
        assert any(found in fault for fault in faults), (tampering, faults)


_SWAPPED = (
    "update records set kind = (select other.kind from records other where other.number = 5 - records.number), "
    "document = (select other.document from records other where other.number = 5 - records.number) "
    "where number in (2, 3)"
)


def test_what_is_waived_is_held_by_the_chain_too(world: World) -> None:
    """A waiver made longer, one that nobody granted, one that is gone, an end that was made up."""
    from sqlalchemy import text  # noqa: PLC0415 - tests may look behind the door

    do(world, broken(world), Verb.WAIVE, until="2026-12-01")
    with world.ledger.begin() as tx:
        assert not verify(tx).faults

    columns = 'kind, dataset, "by", reason, granted_at, until, ticket, fingerprints, rule, path, consumer'
    for tampering, found in (
        ("update waivers set until = until + 1000000", "has no link, or was changed"),
        ("update waivers set reason = 'because'", "has no link, or was changed"),
        (f"insert into waivers (id, {columns}) select 'W-other', {columns} from waivers", "the waiver W-other on"),
        ("delete from waivers", "is gone from the tables"),
        ("update waivers set ended_at = granted_at, ended_by = 'nobody'", "the end of the waiver"),
    ):
        faults: list[str] = []
        with suppress(_Undone), world.ledger.begin() as tx:
            tx._connection.execute(text(tampering))  # type: ignore[attr-defined]
            faults = verify(tx).faults
            raise _Undone
        assert any(found in fault for fault in faults), (tampering, faults)


class _Undone(Exception):  # noqa: N818 - ends a transaction without a trace
    pass


def test_moves_that_the_table_does_not_list_are_refused(world: World) -> None:
    """The message says what can be done instead."""
    ticket = broken(world)
    with pytest.raises(UsageError, match="what can be done is"):
        do(world, ticket, Verb.UPHOLD, by=ARBITER)
    with pytest.raises(UsageError, match="nothing that a person does"):
        do(world, ticket, Verb.EXPIRE)
    with pytest.raises(UsageError, match="needs a reason"):
        do(world, ticket, Verb.DISPUTE, reason=" ")
    with pytest.raises(UsageError, match="no ticket T-404"):
        do(world, "T-404", Verb.START)

    assert world.ticket(ticket)["state"] == TicketState.OPEN
