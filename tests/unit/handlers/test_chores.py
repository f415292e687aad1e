"""Chores: each is done once by whoever comes first, once however long nobody was up; a new ledger begins quietly."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from tests.story.world import CHECKOUT, ORDER, World, record, reliance, without
from watcher.handlers.judging.policy import Policy
from watcher.handlers.rounds.chores import CHORES, DAY, WEEK, do_chores, turn
from watcher.handlers.ticketing.act import Order, act
from watcher.model.ticket import TicketId, Verb
from watcher.ports import Transaction
from watcher.ports.accountability import StaleAddressRow

MONDAY = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
DIGEST = """
kind: Domain
name: checkout
owns: ["kafka://prod/orders*"]
tickets: [{channel: jira}, {channel: chat, to: "#checkout"}]
calendar: {timezone: Europe/Berlin}
digest: {severities: [low], at: "09:30"}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Orders, which checkout owns, and payments, which nobody does; it is Monday, nine o'clock."""
    made = World(tmp_path, CHECKOUT, reliance("finance", "amount", notify=["finance-hook"]))
    with closing(made.ledger):
        led(made)
        made.orders(ORDER)
        made.schema("payments-value", record(ORDER))
        made.live()
        yield made


def led(world: World) -> None:
    """There is somebody who gets the weekly scorecard; Jira is a tracker."""
    policy = Policy(leadership=("mail:cto@acme.example",), trackers=frozenset({"jira"}))
    world.judgement = replace(world.judgement, policy=policy)
    world._observer._judgement = world.judgement


def work(world: World, now: dt.datetime) -> int:
    """A worker's turn."""
    world.now = now
    with world.ledger.begin() as tx:
        return do_chores(tx, world.judgement, now)


def told(world: World) -> list[tuple[str, str]]:
    return [(channel, what) for channel, what, _ in world.bodies()]


def body(world: World, what: str) -> dict[str, Any]:
    return next(body for _, one, body in reversed(world.bodies()) if one == what)


def test_a_new_ledger_begins_quietly(world: World) -> None:
    """What was due before it was there is nobody's; the next turn is the first."""
    assert work(world, MONDAY) == 0
    assert work(world, MONDAY + 6 * DAY) == 0

    assert work(world, MONDAY + WEEK) == 3
    assert told(world) == [
        ("office-hook", "datasets.unowned"),
        ("finance-hook", "contract.unsound"),
        ("mail", "scorecard.made"),
    ]


def test_missed_weeks_are_done_once(world: World) -> None:
    """After a month without anybody there is one nag of each kind, not four."""
    work(world, MONDAY)

    assert work(world, MONDAY + 4 * WEEK) == 3
    assert work(world, MONDAY + 4 * WEEK + DAY) == 0
    assert work(world, MONDAY + 5 * WEEK) == 3


class Behind:
    """A worker's transaction that read what was done before another worker did it."""

    def __init__(self, tx: Transaction, done: dict[str, dt.datetime | None]) -> None:
        self._tx = tx
        self._done = done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    def chore_done(self, name: str) -> dt.datetime | None:
        return self._done[name]


def test_of_two_workers_one_does_it(world: World) -> None:
    """Both saw that it was due; who comes second finds it done, and tells nobody."""
    work(world, MONDAY)
    now = MONDAY + WEEK
    with world.ledger.begin() as tx:
        seen = {one.name: tx.chore_done(one.name) for one in CHORES}
        first = do_chores(tx, world.judgement, now)
    with world.ledger.begin() as tx:
        second = do_chores(cast("Transaction", Behind(tx, seen)), world.judgement, now + dt.timedelta(seconds=1))

    assert (first, second) == (3, 0)
    assert len(told(world)) == 3


def test_of_two_workers_on_a_new_ledger_both_are_quiet(world: World) -> None:
    """Neither takes the other's beginning for a turn that is due."""
    unseen: dict[str, dt.datetime | None] = {one.name: None for one in CHORES}
    for _ in range(2):
        with world.ledger.begin() as tx:
            assert do_chores(cast("Transaction", Behind(tx, unseen)), world.judgement, MONDAY) == 0

    assert work(world, MONDAY + WEEK) == 3


@pytest.mark.parametrize(
    ("every", "now", "due"),
    [
        (DAY, "2026-11-04T07:00", "2026-11-04T07:00"),
        (DAY, "2026-11-04T06:59", "2026-11-03T07:00"),
        (WEEK, "2026-11-02T07:00", "2026-11-02T07:00"),
        (WEEK, "2026-11-02T06:59", "2026-10-26T07:00"),
        (WEEK, "2026-11-08T23:00", "2026-11-02T07:00"),
    ],
)
def test_a_turn_is_at_seven_daily_or_on_mondays(every: dt.timedelta, now: str, due: str) -> None:
    """In UTC; just before it, it is the one before."""
    at = dt.datetime.fromisoformat(f"{now}:00+00:00")

    assert turn(every, at) == dt.datetime.fromisoformat(f"{due}:00+00:00")


def test_unowned_datasets_are_told_with_who_relies_on_them(world: World) -> None:
    """Those on which most rely come first; once somebody owns them, nobody is nagged."""
    work(world, MONDAY)
    work(world, MONDAY + WEEK)
    found = body(world, "datasets.unowned")
    assert (found["count"], [one["dataset"] for one in found["datasets"]]) == (1, ["kafka://prod/payments"])

    world.contract(CHECKOUT.replace("orders*", "*"), reliance("finance", "amount", notify=["finance-hook"]))
    assert work(world, MONDAY + 2 * WEEK) == 2


def test_a_dispute_that_nobody_decides_is_told_week_by_week(world: World) -> None:
    """To the fallback, with those who may decide it; one of this morning has still time; a decision ends it."""
    world.judgement = replace(world.judgement, policy=Policy(arbiters=("chief-architect",)))
    work(world, MONDAY)
    world.orders(without(ORDER, "amount"))
    ticket = TicketId(world.show("tickets")[0]["id"])

    def do(verb: Verb, by: str, now: dt.datetime) -> None:
        with world.ledger.begin() as tx:
            act(tx, world.judgement, Order(ticket, verb, by, "cli", "it was never promised"), now)

    do(Verb.DISPUTE, "em-checkout", MONDAY + WEEK - dt.timedelta(minutes=1))
    work(world, MONDAY + WEEK)
    assert "disputes.undecided" not in [what for _, what in told(world)]

    for weeks in (2, 3):
        work(world, MONDAY + weeks * WEEK)
    nags = [(channel, found) for channel, what, found in world.bodies() if what == "disputes.undecided"]
    assert [channel for channel, _ in nags] == ["office-hook"] * 2
    assert nags[0][1]["arbiters"] == ["chief-architect"]
    assert [(one["ticket"], one["by"], one["reason"]) for one in nags[0][1]["disputes"]] == [
        (ticket, "em-checkout", "it was never promised")
    ]

    do(Verb.REJECT, "chief-architect", MONDAY + 3 * WEEK + DAY)
    work(world, MONDAY + 4 * WEEK)
    assert len([what for _, what in told(world) if what == "disputes.undecided"]) == 2


def test_leadership_sees_the_disputes_that_wait(world: World) -> None:
    """In the weekly scorecard."""
    work(world, MONDAY)
    world.orders(without(ORDER, "amount"))
    ticket = TicketId(world.show("tickets")[0]["id"])
    with world.ledger.begin() as tx:
        act(tx, world.judgement, Order(ticket, Verb.DISPUTE, "em-checkout", "cli", "no"), MONDAY)
    work(world, MONDAY + WEEK)

    assert [one["ticket"] for one in body(world, "scorecard.made")["disputes"]] == [ticket]


def test_dead_addresses_are_told_daily_with_the_documents_that_name_them(world: World) -> None:
    """Whoever wrote them can mend it; an address that answers again is nagged about no more."""
    work(world, MONDAY)
    with world.ledger.begin() as tx:
        tx.put_stale_address(StaleAddressRow("checkout-hook", "*", "gone (410)", MONDAY))

    assert work(world, MONDAY + DAY) == 1
    [one] = body(world, "address.stale")["addresses"]
    assert (one["address"], one["reason"], one["named_by"]) == ("*", "gone (410)", ["contract.yaml"])

    with world.ledger.begin() as tx:
        tx.clear_stale_address("checkout-hook", "*")
    assert work(world, MONDAY + 2 * DAY) == 0


def test_a_digest_tells_in_the_domains_own_time_what_was_not_told_one_by_one(world: World) -> None:
    """Half past nine in Berlin is half past eight here in winter; trackers have the tickets already."""
    world.contract(DIGEST, reliance("finance", "amount", criticality="low"))
    work(world, MONDAY)
    world.orders(without(ORDER, "amount"))

    assert work(world, MONDAY.replace(day=3, hour=8, minute=29)) == 0
    assert work(world, MONDAY.replace(day=3, hour=8, minute=30)) == 1
    assert work(world, MONDAY.replace(day=4, hour=8, minute=30)) == 0
    channel, what, found = world.bodies()[-1]
    assert (channel, what) == ("chat", "digest.made")
    assert [one["dataset"] for one in found["tickets"]] == ["kafka://prod/orders"]


def test_hooks_are_forgotten_after_a_while(world: World) -> None:
    """What came once may come again when nobody could mean the same; not before."""
    work(world, MONDAY)
    with world.ledger.begin() as tx:
        assert tx.take_hook("jira", "d-1", MONDAY)
    work(world, MONDAY + DAY)
    with world.ledger.begin() as tx:
        assert not tx.take_hook("jira", "d-1", MONDAY + DAY)
    work(world, MONDAY + 365 * DAY)

    with world.ledger.begin() as tx:
        assert tx.take_hook("jira", "d-1", MONDAY + 365 * DAY)
