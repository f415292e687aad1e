"""When a domain's document changes: tickets that are open are followed up by what is in force now."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.story.world import ORDER, World, reliance, without
from watcher.handlers.judging.policy import Policy
from watcher.handlers.ticketing.act import Order, act
from watcher.handlers.ticketing.escalate import climb
from watcher.model.ticket import TicketId, Verb

MONDAY = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def checkout(after: str, calendar: str = "") -> str:
    """Checkout's document, with one rung after this time."""
    who = 'kind: Domain\nname: checkout\nowns: ["kafka://prod/orders*"]\ntickets: [{channel: jira}]\n'
    return f'{who}ladder: [{{after: {after}, to: "chat:#checkout"}}]\n{calendar}'


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A ticket opened on Monday at nine, whose only rung is due at three in the afternoon."""
    made = World(tmp_path, checkout("6h"), reliance("finance", "amount"))
    made.judgement = replace(made.judgement, policy=Policy(channels=frozenset({"jira", "chat"})))
    made._observer._judgement = made.judgement
    with closing(made.ledger):
        made.orders(ORDER)
        made.live()
        made.orders(without(ORDER, "amount"))
        yield made


def changed(world: World, text: str) -> None:
    world.contract(text, reliance("finance", "amount"))
    world.contracts_changed()


def due(world: World) -> dt.datetime | None:
    """When the clock next has something to do."""
    with world.ledger.begin() as tx:
        return tx.next_due_ticket()


def look(world: World, now: dt.datetime) -> list[str]:
    """What is told when the clock looks."""
    world.now = now
    before = len(world.bodies())
    with world.ledger.begin() as tx:
        climb(tx, world.judgement, now)
    return [channel for channel, _, _ in world.bodies()[before:]]


def test_a_rung_that_was_brought_forward_is_told_when_it_is_due_now(world: World) -> None:
    """The clock is woken for it, though it had been told to look later."""
    assert due(world) == MONDAY + 6 * HOUR

    changed(world, checkout("2h"))

    assert due(world) == MONDAY + 2 * HOUR
    assert look(world, MONDAY + 2 * HOUR) == ["chat"]


def test_a_rung_that_was_put_off_is_not_told_before(world: World) -> None:
    """The next look is the deadline that was promised, and nobody hears of it."""
    changed(world, checkout("2d"))

    assert due(world) == MONDAY + 8 * HOUR  # by then it was to be acknowledged
    assert look(world, MONDAY + 8 * HOUR) == []


def test_a_domain_that_moved_to_another_zone_is_asked_in_its_new_hours(world: World) -> None:
    """Nine to five in New York begins at two in the afternoon here: six hours are over at eight."""
    changed(world, checkout("6h", "calendar: {timezone: America/New_York}\n"))

    assert look(world, MONDAY + 6 * HOUR) == []
    with world.ledger.begin() as tx:
        [ticket] = tx.list_tickets()
    assert ticket.look_at == MONDAY + 8 * HOUR
    assert "chat" in look(world, MONDAY + 11 * HOUR)


def test_a_waived_ticket_keeps_the_end_of_its_waiver(world: World) -> None:
    """No document brings it back sooner, nor lets it be forgotten."""
    [ticket] = [one["id"] for one in world.show("tickets")]
    until = MONDAY + 100 * HOUR
    order = Order(TicketId(ticket), Verb.WAIVE, "head-of-finance", "cli", "until March", {"until": until.isoformat()})
    with world.ledger.begin() as tx:
        act(tx, world.judgement, order, world.now)

    changed(world, checkout("2h"))

    assert due(world) == until
