"""Doubts of a ticket's life: owners that change meanwhile, borrowed names, words without end, clocks that jump."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.story.doing import do, tick
from tests.story.world import ORDER, World, reliance, without
from watcher.handlers.hindsight.audit import verify
from watcher.handlers.judging.policy import Policy
from watcher.handlers.scoring.scores import quarter, scores
from watcher.handlers.ticketing.act import LONGEST_REASON, Order, act
from watcher.model.errors import UsageError
from watcher.model.ticket import TicketId, Verb

FINANCE = reliance("finance", "amount", criticality="high")
SEARCH = reliance("search", "note")


def domain(name: str, *owns: str) -> str:
    patterns = ", ".join(f'"kafka://prod/{one}"' for one in owns)
    return (
        f"kind: Domain\nname: {name}\nowns: [{patterns}]\ntickets: [{{channel: {name}-hook}}]\n"
        'ladder: [{after: 4h, to: "chat:#' + name + '"}, {after: 2d, to: "mail:lead@acme.example"}]\n'
        "deadlines: {normal: {acknowledge: 4h, fix: 2d}, high: {acknowledge: 1h, fix: 1d}}\n"
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Checkout owns the orders; two consumers; it is Monday, nine o'clock."""
    made = World(tmp_path, domain("checkout", "orders*"), domain("platform", "other"), FINANCE, SEARCH)
    channels = frozenset({"checkout-hook", "platform-hook", "chat", "mail"})
    made.judgement = replace(made.judgement, policy=Policy(channels=channels))
    made._observer._judgement = made.judgement
    with closing(made.ledger):
        made.orders(ORDER)
        made.live()
        yield made


def tickets(world: World) -> list[tuple[str, str]]:
    return [(one["domain"], one["state"]) for one in world.show("tickets")]


def told(world: World) -> list[tuple[str, str]]:
    with world.ledger.begin() as tx:
        rows = [row.delivery for row in tx.list_deliveries(1_000)][::-1]
    return [(one.channel, one.type.value) for one in rows if one.channel not in {"events", "office-hook"}]


def moves_to_platform(world: World) -> None:
    world.contract(domain("checkout", "carts"), domain("platform", "orders*"), FINANCE, SEARCH)
    world.contracts_changed()


def test_a_ticket_stays_with_whom_it_was_addressed_to_and_new_breaks_go_to_the_new_owner(world: World) -> None:
    """Nothing is told twice, and the repair closes both, each where it was told."""
    world.orders(without(ORDER, "amount"))
    moves_to_platform(world)
    world.orders(without(ORDER, "amount", "note"))
    assert tickets(world) == [("checkout", "open"), ("platform", "open")]
    assert [len(world.ticket(one["id"])["violations"]) for one in world.show("tickets")] == [1, 1]

    world.orders(ORDER)
    assert tickets(world) == [("checkout", "resolved"), ("platform", "resolved")]
    assert told(world) == [
        ("checkout-hook", "ticket.opened"),
        ("platform-hook", "ticket.opened"),
        ("checkout-hook", "ticket.resolved"),
        ("platform-hook", "ticket.resolved"),
    ]


def test_the_same_break_after_the_owner_changed_is_the_new_owners_ticket(world: World) -> None:
    """The old one is settled, and stays so."""
    world.orders(without(ORDER, "amount"))
    world.orders(ORDER)
    moves_to_platform(world)
    world.orders(without(ORDER, "amount"))
    assert tickets(world) == [("checkout", "resolved"), ("platform", "open")]


def test_a_domain_that_is_dissolved_leaves_its_ticket_to_the_fallback(world: World) -> None:
    """It is followed up, and closes; nothing vanishes."""
    world.orders(without(ORDER, "amount"))
    world.contract(FINANCE, SEARCH)
    world.contracts_changed()
    world.orders(ORDER)
    assert tickets(world) == [("checkout", "resolved")]
    with world.ledger.begin() as tx:
        last = [row.delivery for row in tx.list_deliveries(10) if row.delivery.type.value == "ticket.resolved"]
    assert [one.channel for one in last] == ["office-hook"]


@pytest.mark.parametrize(
    "name", ["watcher", " Watcher ", "WATCHER", "system", "wat\u200bcher", "\uff57\uff41\uff54\uff43\uff48\uff45\uff52"]
)
def test_nobody_acts_under_the_programs_own_name(world: World, name: str) -> None:
    """What the record says the watcher did, the watcher did."""
    world.orders(without(ORDER, "amount"))
    [ticket] = world.show("tickets")
    with pytest.raises(UsageError, match="say who you are"):
        do(world, ticket["id"], Verb.ACKNOWLEDGE, by=name)
    assert tickets(world) == [("checkout", "open")]


def test_a_reason_without_end_is_refused_with_what_to_do(world: World) -> None:
    """It would stand in every letter from then on; at the bound it is taken, whatever letters it is made of."""
    world.orders(without(ORDER, "amount"))
    [ticket] = world.show("tickets")
    with pytest.raises(UsageError, match="say it shorter"):
        do(world, ticket["id"], Verb.COMMENT, reason="x" * 1_000_000)
    strange = ("\u202e\x00\x1b[31m\ud800é" * LONGEST_REASON)[:LONGEST_REASON]
    do(world, ticket["id"], Verb.COMMENT, reason=strange)
    assert world.ticket(ticket["id"])["moves"][-1]["reason"] == strange
    with world.ledger.begin() as tx:
        assert not verify(tx).faults


def test_a_heavier_break_shortens_what_is_left_and_never_tells_a_step_twice(world: World) -> None:
    """Normal at first; after the first step was told a critical consumer breaks too: no burst of what is past."""
    world.contract(domain("checkout", "orders*"), FINANCE, SEARCH)
    world.orders(without(ORDER, "note"))
    tick(world, hours=5)
    assert told(world).count(("chat", "ticket.escalated")) == 1
    world.orders(without(ORDER, "note", "amount"))
    tick(world, hours=0.1)
    tick(world, hours=0.1)
    assert told(world).count(("chat", "ticket.escalated")) == 1
    assert world.show("tickets")[0]["severity"] == "high"
    with world.ledger.begin() as tx:
        assert verify(tx).faults == []


def test_a_clock_that_jumps_back_breaks_neither_record_nor_figures(world: World) -> None:
    """A move that is stamped before the one that it follows: the chain holds, and no time is negative."""
    world.orders(without(ORDER, "amount"))
    [ticket] = world.show("tickets")
    world.now -= dt.timedelta(hours=3)
    do(world, ticket["id"], Verb.ACKNOWLEDGE)
    world.now -= dt.timedelta(days=400)
    world.orders(ORDER)
    world.now += dt.timedelta(days=500)
    with world.ledger.begin() as tx:
        assert not verify(tx).faults
        found = scores(tx, world.catalogue, *quarter("2026-Q4", world.now))
    for card in found.domains:
        for one in (card.acknowledged, card.fixed):
            assert one.longest is None or one.longest >= dt.timedelta(0)
    assert tickets(world) == [("checkout", "resolved")]


def test_forty_fields_of_one_release_are_one_ticket(tmp_path: Path) -> None:
    """With every clause in it; what breaks next is added to it."""
    fields = {f"field_{number:02}": "string" for number in range(41)}
    everything = reliance("finance", *fields)
    world = World(tmp_path, domain("checkout", "orders*"), everything)
    with closing(world.ledger):
        world.orders(fields)
        world.live()
        world.orders({"field_40": "string"})
        world.orders({"other": "string"})
        [ticket] = world.show("tickets")
        assert len(world.ticket(ticket["id"])["violations"]) == 41
        assert told(world) == [("checkout-hook", "ticket.opened"), ("checkout-hook", "ticket.updated")]


def test_whoever_breaks_its_own_promise_is_told_like_anyone(tmp_path: Path) -> None:
    """Producer and consumer are one domain: one ticket."""
    world = World(tmp_path, domain("checkout", "orders*"), reliance("checkout", "amount"))
    with closing(world.ledger):
        world.orders(ORDER)
        world.live()
        world.orders(without(ORDER, "amount"))
        assert tickets(world) == [("checkout", "open")]


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\u202e\x00", "x" * 201])
def test_who_cannot_be_read_acts_not(world: World, name: str) -> None:
    """A name that shows nothing, or never ends."""
    world.orders(without(ORDER, "amount"))
    [ticket] = world.show("tickets")
    with pytest.raises(UsageError, match=r"say who you are|say it shorter"):
        do(world, ticket["id"], Verb.ACKNOWLEDGE, by=name)


def test_a_comment_lengthens_no_window(world: World) -> None:
    """The window in which a ticket is opened again begins when it was resolved."""
    world.orders(without(ORDER, "amount"))
    world.orders(ORDER)
    [first] = world.show("tickets")
    world.now += dt.timedelta(days=13, hours=23)
    do(world, first["id"], Verb.COMMENT, reason="what was this about?")
    world.now += dt.timedelta(hours=2)
    world.orders(without(ORDER, "amount"))
    assert [state for _, state in tickets(world)] == ["resolved", "open"]
    assert world.show("tickets")[1]["follows"] == first["id"]


def test_nobody_decides_their_own_dispute(world: World) -> None:
    """Arbiter or not; another one does."""
    world.judgement = replace(
        world.judgement, policy=replace(world.judgement.policy, arbiters=("architect-one", "architect-two"))
    )
    world.orders(without(ORDER, "amount"))
    [ticket] = world.show("tickets")
    do(world, ticket["id"], Verb.DISPUTE, by="architect-one")
    for verb in (Verb.UPHOLD, Verb.REJECT):
        with pytest.raises(UsageError, match="raised this dispute"):
            do(world, ticket["id"], verb, by="architect-one")
    do(world, ticket["id"], Verb.REJECT, by="architect-two")
    assert tickets(world) == [("checkout", "acknowledged")]


def test_an_automation_that_closes_again_and_again_is_answered_so_often_a_day(tmp_path: Path) -> None:
    """Five times it is opened again there, with the last it is said; the ticket stays open all the while."""
    world = World(tmp_path, domain("checkout", "orders*").replace("checkout-hook", "jira"), FINANCE)
    with closing(world.ledger):
        world.orders(ORDER)
        world.live()
        world.orders(without(ORDER, "amount"))
        [ticket] = world.show("tickets")

        def closed() -> None:
            world.now += dt.timedelta(seconds=20)
            with world.ledger.begin() as tx:
                order = Order(TicketId(ticket["id"]), Verb.RESOLVE, "automation", "jira", "done", {})
                assert act(tx, world.judgement, order, world.now).rejected

        for _ in range(50):
            closed()
        assert told(world).count(("jira", "ticket.reopened")) == 5
        assert "not opened again here today" in world.ticket(ticket["id"])["moves"][-1]["reason"]
        assert tickets(world) == [("checkout", "open")]
        world.now += dt.timedelta(days=1)
        closed()
        assert told(world).count(("jira", "ticket.reopened")) == 6


@pytest.mark.parametrize("how", ["upheld", "not-breaking"])
def test_what_an_arbiter_decided_is_opened_again_by_nobody(world: World, how: str) -> None:
    """Neither by a consumer nor by the arbiter: there would be a ticket in which nothing is broken."""
    world.judgement = replace(world.judgement, policy=replace(world.judgement.policy, arbiters=("architect-one",)))
    world.orders(without(ORDER, "amount"))
    [ticket] = world.show("tickets")
    if how == "upheld":
        do(world, ticket["id"], Verb.DISPUTE)
        do(world, ticket["id"], Verb.UPHOLD, by="architect-one")
    else:
        do(world, ticket["id"], Verb.RESOLVE, by="architect-one", **{"as": "not-breaking"})
    for by in ("finance", "architect-one"):
        with pytest.raises(UsageError, match="decided that it is no break"):
            do(world, ticket["id"], Verb.REOPEN, by=by)
    assert tickets(world) == [("checkout", "resolved")]
