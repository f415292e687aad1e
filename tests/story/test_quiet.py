"""Quiet hours and digests: people are told when they may be, and in order; what cannot wait does not."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.story.world import ORDER, World, reliance, without
from watcher.handlers.judging.policy import Policy
from watcher.handlers.rounds.chores import do_chores
from watcher.handlers.ticketing.act import Order, act
from watcher.handlers.ticketing.escalate import climb
from watcher.model.ticket import TicketId, Verb

QUIET = """
kind: Domain
name: checkout
owns: ["kafka://prod/orders*"]
tickets: [{channel: jira}, {channel: chat}]
ladder: [{after: 1h, to: "mail:lead-checkout@acme.example"}]
calendar: {timezone: UTC, hours: "00:00-24:00", days: mon-sun, quiet: "22:00-07:00", around_the_clock: [critical]}
"""
DIGEST = QUIET + 'digest: {severities: [low], at: "09:00", days: mon-sun}\n'
NIGHT = dt.datetime(2026, 11, 2, 23, tzinfo=dt.UTC)
MORNING = dt.datetime(2026, 11, 3, 7, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Checkout's people sleep from ten to seven, its Jira does not; it is eleven at night."""
    made = World(tmp_path, QUIET, finance("normal"))
    policy = Policy(trackers=frozenset({"jira"}), channels=frozenset({"jira", "chat", "mail"}))
    made.judgement = replace(made.judgement, policy=policy)
    made._observer._judgement = made.judgement
    with closing(made.ledger):
        made.now = NIGHT
        made.orders({**ORDER, "tax": "long"})
        made.live()
        yield made


def finance(criticality: str) -> str:
    """Finance listens in the very chat that checkout uses."""
    return reliance("finance", "amount", "tax", criticality=criticality, notify=["chat"])


def ways(world: World) -> list[tuple[str, str, dt.datetime]]:
    """What is wished: channel, type, and from when on; oldest first."""
    with world.ledger.begin() as tx:
        rows = tx.list_deliveries(1000)
    return [(row.delivery.channel, row.delivery.type.value, row.due_at) for row in rows][::-1]


def told(world: World, now: dt.datetime) -> list[tuple[str, str]]:
    """What a dispatcher sends at this moment, line by line in order; each is delivered."""
    from watcher.model.delivery import DeliveryState  # noqa: PLC0415 - of this alone
    from watcher.ports import AttemptRow  # noqa: PLC0415

    sent = []
    with world.ledger.begin() as tx:
        while several := tx.claim_deliveries(now, worker="w", lease=HOUR, limit=100):
            for one in several:
                sent.append((one.channel, one.type.value))
                attempt = AttemptRow(one.id, one.attempts + 1, "delivered", "", now)
                tx.settle_delivery(attempt, DeliveryState.DELIVERED)
    return sent


def do(world: World, verb: Verb, **details: Any) -> None:
    ticket = TicketId(world.show("tickets")[0]["id"])
    with world.ledger.begin() as tx:
        act(tx, world.judgement, Order(ticket, verb, "em-checkout", "cli", "so it is", details), world.now)


def look(world: World, now: dt.datetime) -> None:
    world.now = now
    with world.ledger.begin() as tx:
        climb(tx, world.judgement, now)


def test_people_are_told_when_their_quiet_hours_are_over(world: World) -> None:
    """The tracker has it at once, and so has the consumer, on the same channel as the sleeping people."""
    world.orders(ORDER)

    assert set(ways(world)) == {
        ("events", "breaking_change.detected", NIGHT),
        ("jira", "ticket.opened", NIGHT),
        ("chat", "ticket.opened", MORNING),
        ("chat", "consumer.notice", NIGHT),
    }
    assert ("chat", "consumer.notice") in told(world, NIGHT)
    assert told(world, MORNING) == [("chat", "ticket.opened")]


def test_what_was_quieted_comes_in_order(world: World) -> None:
    """Opened at eleven, acknowledged at six, started at eight: people hear it in this order, from seven on."""
    world.orders(ORDER)
    world.now = MORNING - HOUR
    do(world, Verb.ACKNOWLEDGE)
    world.now = MORNING + HOUR
    do(world, Verb.START)

    chat = [(what, due) for channel, what, due in ways(world) if channel == "chat" and what.startswith("ticket")]
    assert chat == [("ticket.opened", MORNING), ("ticket.moved", MORNING), ("ticket.moved", MORNING + HOUR)]
    heard = [what for channel, what in told(world, world.now) if channel == "chat" and what.startswith("ticket")]
    assert heard == ["ticket.opened", "ticket.moved", "ticket.moved"]


def test_what_breaks_the_quiet_takes_along_what_waits_before_it(world: World) -> None:
    """A break that turns critical at night is told at once, after that which opened the ticket."""
    world.orders(ORDER)
    told(world, NIGHT)
    world.contract(QUIET, finance("critical"))
    world.orders(without(ORDER, "amount"))

    heard = [what for channel, what in told(world, NIGHT) if channel == "chat" and what.startswith("ticket")]
    assert heard == ["ticket.opened", "ticket.updated"]


def test_a_critical_break_wakes_people(world: World) -> None:
    """Its severity goes around the clock."""
    world.contract(QUIET, finance("critical"))
    world.orders(ORDER)

    assert ("chat", "ticket.opened", NIGHT) in ways(world)


def test_a_step_of_the_ladder_waits_for_the_morning_too(world: World) -> None:
    """It is told all the same; the tracker's item has it at once."""
    world.orders(ORDER)
    look(world, NIGHT + HOUR)

    rungs = [(channel, due) for channel, what, due in ways(world) if what == "ticket.escalated"]
    assert sorted(rungs) == [("jira", NIGHT + HOUR), ("mail", MORNING)]


def test_what_a_digest_gathers_is_not_told_one_by_one(world: World) -> None:
    """People hear of a low one with the next digest; trackers and consumers as ever."""
    world.contract(DIGEST, finance("low"))
    with world.ledger.begin() as tx:
        do_chores(tx, world.judgement, world.now)
    world.orders(ORDER)
    do(world, Verb.ACKNOWLEDGE)
    world.now = MORNING + 2 * HOUR
    with world.ledger.begin() as tx:
        do_chores(tx, world.judgement, world.now)

    chat = [what for channel, what, _ in ways(world) if channel == "chat"]
    assert chat == ["consumer.notice", "digest.made"]
    assert [what for channel, what, _ in ways(world) if channel == "jira"] == ["ticket.opened", "ticket.moved"]
    [line] = world.bodies()[-1][2]["tickets"]
    assert line["state"] == "acknowledged"


def test_steps_and_what_comes_back_are_told_by_themselves_however_low(world: World) -> None:
    """Nobody reads in a digest that they are asked for, or that a waiver is over."""
    world.contract(DIGEST, finance("low"))
    world.orders(ORDER)
    look(world, NIGHT + HOUR)
    do(world, Verb.WAIVE, until=(MORNING + 3 * HOUR).isoformat())
    look(world, MORNING + 4 * HOUR)

    people = [(channel, what, due) for channel, what, due in ways(world) if channel in {"chat", "mail"}]
    assert people == [
        ("chat", "consumer.notice", NIGHT),
        ("mail", "ticket.escalated", MORNING),
        ("chat", "consumer.waived", NIGHT + HOUR),
        ("chat", "ticket.reopened", MORNING + 4 * HOUR),
    ]


def test_a_domain_of_which_nothing_is_known_is_told_at_once(world: World) -> None:
    """Its news go to the fallback, at any hour."""
    world.contract(finance("normal"))
    world.orders(ORDER)

    assert ("office-hook", "ticket.opened", NIGHT) in ways(world)
