"""A break in a dataset that only another system knows an owner of: whose ticket it is, why, and that it is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.story.world import ORDER, World, reliance, without
from watcher.delivery.letters.compose import compose
from watcher.delivery.letters.plain import render
from watcher.formats.owners.match import matched
from watcher.model.catalogue import Catalogue
from watcher.model.claim import Claim, Claims, Team
from watcher.model.delivery import MessageType

ORDERS = "kafka://prod/orders"
CATALOG = Claims(
    (
        Claim(ORDERS, "group:default/cards", "backstage", "catalog/all.yaml:7", "system:default/shop"),
        Claim(ORDERS, "@acme/platform", "codeowners", "CODEOWNERS:3"),
    ),
    (Team("group:default/cards", "Cards", "backstage", "catalog/all.yaml:30", "cards@acme.example"),),
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """No domain has a document; a catalogue names a team with an address."""
    made = World(tmp_path, reliance("finance", "amount"))
    known = matched(CATALOG, (), mail="mail")
    made.catalogue = Catalogue(made.catalogue.subscriptions, known.domains, imported=known.imported)
    with closing(made.ledger):
        made.orders(ORDER)
        made.live()
        made.orders(without(ORDER, "amount"))
        yield made


def test_the_ticket_goes_to_the_team_and_says_why(world: World) -> None:
    """By mail; the letter says which system named the team, and through what."""
    [ticket] = world.show("tickets")
    assert ticket["domain"] == "cards"
    with world.ledger.look() as views:
        [opened] = [row.delivery for row in views.list_deliveries() if row.delivery.type is MessageType.TICKET_OPENED]
    assert (opened.channel, dict(opened.route)) == ("mail", {"to": "cards@acme.example"})
    assert "cards, by Backstage, which names group:default/cards, through system:default/shop" in render(
        compose(opened)
    )


def test_the_record_of_the_opening_keeps_what_decided_and_what_was_passed_over(world: World) -> None:
    """A link of the chain: whoever asks later why it was theirs finds the file and the line."""
    [ticket] = world.show("tickets")
    with world.ledger.begin() as tx:
        [opened] = [one for one in tx.ticket_moves(ticket["id"]) if one.details and "ownership" in one.details]
    assert opened.details is not None
    assert opened.details["ownership"] == {
        "domain": "cards",
        "source": "backstage",
        "where": "catalog/all.yaml:7",
        "pattern": ORDERS,
        "owner": "group:default/cards",
        "inherited_from": "system:default/shop",
        "others": ["codeowners (CODEOWNERS:3) names `@acme/platform`"],
    }
