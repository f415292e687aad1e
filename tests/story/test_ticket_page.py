"""A ticket's page: what broke, for whom, how to mend it and all that happened, as it stands at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.story.world import CHECKOUT, ORDER, World, reliance, without
from watcher.delivery.letters.page import page
from watcher.handlers.ticketing.act import Order, act
from watcher.handlers.ticketing.shown import shown
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
        body = shown(tx, world.judgement, id_)
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


def test_there_is_no_page_of_no_ticket(world: World) -> None:
    """The interface answers 404."""
    assert not opened(world, "T-nothing")
