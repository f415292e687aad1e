"""A ticket's page: what broke, for whom, how to mend it and all that happened, as it stands at this moment."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.story.world import CHECKOUT, ORDER, World, reliance, without
from watcher.delivery.letters.page import page
from watcher.handlers.telling.standing import shown
from watcher.handlers.ticketing.act import Order, act
from watcher.model.ticket import TicketId, Verb


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """One consumer, one break."""
    made = World(tmp_path, CHECKOUT, reliance("finance", "amount", "note"))
    with closing(made.ledger):
        made.orders(ORDER)
        made.live()
        made.orders(without(ORDER, "amount"))
        yield made


def opened(world: World, ticket: str | None = None) -> str:
    """The page of a ticket; of the only one, unless another is named."""
    id_ = TicketId(ticket or world.show("tickets")[0]["id"])
    with world.ledger.begin() as tx:
        body = shown(tx, world.judgement, id_, world.now)
    return "" if body is None else page(body)


def test_the_page_says_what_broke_and_how_to_mend_it(world: World) -> None:
    """All that a letter says, and what happened."""
    text = opened(world)
    assert "<title>kafka://prod/orders: amount is gone (breaks 1 consumer)</title>" in text
    for part in ("What changed", "Who breaks, and why", "How to fix it", "Proof", "Step by step", "What happened"):
        assert f">{part}</h3>" in text, part
    assert "finance" in text
    assert "<script" not in text


def test_the_page_follows_the_ticket(world: World) -> None:
    """Each move stands in it, with who and why; a word from outside is text and no more."""
    [ticket] = world.show("tickets")
    with world.ledger.begin() as tx:
        order = Order(
            TicketId(ticket["id"]), Verb.ACKNOWLEDGE, "em-<b>checkout", "cli", "<script>alert(1)</script>", {}
        )
        act(tx, world.judgement, order, world.now)
    text = opened(world)
    assert "acknowledged by em-&lt;b&gt;checkout" in text
    assert "<script" not in text
    world.orders(ORDER)
    assert "every expectation holds again" in opened(world)


def moved(world: World, verb: Verb, reason: str, **details: object) -> None:
    """Somebody of the domain does something with the only ticket."""
    [ticket] = world.show("tickets")
    with world.ledger.begin() as tx:
        act(tx, world.judgement, Order(TicketId(ticket["id"]), verb, "em-checkout", "cli", reason, details), world.now)


def test_the_page_has_all_that_the_first_letter_had(world: World) -> None:
    """Where the change stands, the registry's verdict, fragments ready for use: also long after, and a letter later."""
    [first] = [body for _, what, body in world.bodies() if what == "ticket.opened"]
    for number in range(60):  # more than anybody would look through
        world.orders(without(ORDER, "amount") | {f"more_{number}": ["null", "string"]})
    moved(world, Verb.ACKNOWLEDGE, "we are on it")
    text = opened(world)
    assert "registry/0@1" in text
    assert ", version 2 after 1, " in text
    assert "The registry&#x27;s verdict</h3>" in text
    assert html.escape('{"name": "amount", "type": "long", "default": 0}') in text
    after = [body for _, what, body in world.bodies() if what == "ticket.moved"][-1]
    for part in ("change", "source", "registry", "remedies", "violations"):
        assert after[part] == first[part], part


def test_the_page_lists_them_all(tmp_path: Path) -> None:
    """A letter names thirty and the last fifty moves; its page is where the others are."""
    world = World(tmp_path, CHECKOUT, *(reliance(f"team-{number}", "amount") for number in range(120)))
    with closing(world.ledger):
        world.orders(ORDER)
        world.live()
        world.orders(without(ORDER, "amount"))
        for number in range(70):
            moved(world, Verb.COMMENT, f"word {number}.")
        text = opened(world)
    assert all(f"<strong>team-{number}</strong>" in text for number in range(120))
    assert all(f"word {number}." in text for number in range(70))
    assert "more</li>" not in text


def test_a_settled_page_says_what_settled_it(world: World) -> None:
    """A word that came later is no reason for the closing; what broke stands there still."""
    world.orders(ORDER)
    moved(world, Verb.COMMENT, "thanks to all")
    text = opened(world)
    assert "amount is gone (broke 1 consumer)" in text
    assert "<p>Resolved, " in text
    assert "every expectation holds again" in text
    assert "closed it: thanks" not in text
    assert [text.index(f">{one}</h3>") for one in ("Whom it broke, and why", "What closed it", "What happened")]
    assert "registry/0@2" in text
    assert "commented on by em-checkout: thanks to all" in text


def test_a_snooze_that_ended_is_history(world: World) -> None:
    """The page tells of this moment, not of the last move's."""
    moved(world, Verb.SNOOZE, "the release is out of hours", until=(world.now + dt.timedelta(days=2)).isoformat())
    assert "<td>by <strong>em-checkout" in opened(world)
    assert ">Snoozed</td>" in opened(world)
    world.pass_time(days=3)
    assert ">Snoozed</td>" not in opened(world)


def test_there_is_no_page_of_no_ticket(world: World) -> None:
    """The interface answers 404."""
    assert not opened(world, "T-nothing")
