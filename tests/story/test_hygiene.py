"""Hygiene of contracts: what is wrong with one is told to whoever wrote it, and no producer gets a ticket for it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.story.warehouse import ORDERS, SHOP, Warehouse
from tests.story.world import CHECKOUT, ORDER, World, record, reliance, without
from watcher.handlers.planning.plan import read
from watcher.handlers.rounds import nags
from watcher.handlers.rounds.hygiene import findings
from watcher.model.announcement import Deprecation
from watcher.model.catalogue import Catalogue
from watcher.model.path import FieldPath

FINANCE = 'kind: Domain\nname: finance\nowns: ["kafka://prod/ledger"]\ntickets: [{channel: finance-hook}]\n'


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Orders had a discount once, until the second version; finance is a domain, search is none."""
    made = World(tmp_path, CHECKOUT, FINANCE)
    with closing(made.ledger):
        made.orders({**ORDER, "discount": "long"})
        made.live()
        made.orders(ORDER)
        yield made


def found(world: World) -> list[tuple[str, str, str]]:
    with world.ledger.begin() as tx:
        several = findings(tx, world.judgement, world.now)
    return [(subscription.name, one.fault.value, one.path) for subscription, one in several]


def contracts(world: World, *texts: str) -> None:
    """Put contracts in force beside the domains, as the daemon does."""
    world.contract(CHECKOUT, FINANCE, *texts)
    world.contracts_changed()


def test_a_new_contract_never_blames_a_producer_for_what_was_already_so(world: World) -> None:
    """Greedy, or unsatisfied from the start: it is listed to the consumer, and there is no ticket, also not later."""
    contracts(
        world,
        reliance("finance", "refunded_at", "discount", {"amount": {"type": "string"}}, notify=["finance-hook"]),
    )
    world.orders({**ORDER, "more": "string"})

    assert world.show("tickets") == []
    assert found(world) == [
        ("finance", "greedy", "refunded_at"),
        ("finance", "unsatisfied", "discount"),
        ("finance", "unsatisfied", "amount"),
    ]


def test_a_break_is_the_producers_and_no_fault_of_the_contract(world: World) -> None:
    """As long as it is somebody's ticket, the consumer is not told that the clause never held."""
    contracts(world, reliance("finance", "amount", notify=["finance-hook"]))
    world.orders(without(ORDER, "amount"))

    assert [one["state"] for one in world.show("tickets")] == ["open"]
    assert found(world) == []


def test_a_dataset_that_nobody_ever_produced_is_unseen(world: World) -> None:
    """Its name may be wrong; once it is there, nothing is wrong any more."""
    contracts(world, reliance("finance", "amount", dataset="kafka://prod/orders-eu", notify=["finance-hook"]))
    assert found(world) == [("finance", "unseen", "")]

    world.schema("orders-eu-value", record(ORDER))

    assert found(world) == []


def test_a_contract_past_its_end_asks_for_nothing(world: World) -> None:
    """It is listed as stale, and a break makes no ticket."""
    contracts(world, reliance("finance", "amount", until="2026-11-01", notify=["finance-hook"]))
    world.orders(without(ORDER, "amount"))

    assert world.show("tickets") == []
    assert found(world) == [("finance", "stale", "")]


def test_each_consumer_is_told_of_its_own_contracts(world: World) -> None:
    """On the channel that the contract names; without one through its domain; without that to the fallback."""
    contracts(
        world,
        reliance("finance", "refunded_at", notify=["finance-chat:#close"]),
        reliance("finance", "refunded_at").replace('"name": "finance"', '"name": "finance-report"'),
        reliance("search", "amount"),
    )
    with world.ledger.begin() as tx:
        assert nags.unsound_contracts(tx, world.judgement, world.now) == 3

    told = {body["subscription"]: (channel, body) for channel, _, body in world.bodies()}
    assert {name: channel for name, (channel, _) in told.items()} == {
        "finance": "finance-chat",
        "finance-report": "finance-hook",
        "search": "office-hook",
    }
    assert [one["fault"] for one in told["search"][1]["findings"]] == ["orphaned", "unheard"]
    assert [one["fault"] for one in told["finance"][1]["findings"]] == ["greedy"]


@pytest.mark.parametrize("written", ["snowflake://acme/raw.shop.orders", ORDERS, "wh/RAW.SHOP.ORDERS"])
def test_a_table_is_found_by_each_of_its_names(tmp_path: Path, written: str) -> None:
    """A platform that folds names has them in capitals, and a namespace may have an alias: neither is unseen."""
    contract = reliance("finance", "ID", {"AMOUNT": {"type": "string"}}, dataset=written, notify=["finance-hook"])
    world = Warehouse(tmp_path, SHOP, contract)
    with closing(world.ledger):
        known = world.catalogue
        world.catalogue = Catalogue(known.subscriptions, known.domains, aliases={"wh": "snowflake://acme"})
        world.runs("CREATE TABLE orders (id NUMBER(38,0) NOT NULL, amount NUMBER(12,2))")
        world.live()
        world.wait()

        assert [fault for _, fault, _ in found(world) if fault != "orphaned"] == ["unsatisfied"]
        plan = Deprecation((FieldPath("ID"),))
        with world.ledger.begin() as tx:
            affected = read(tx, world.judgement, written, plan, world.now).affected
        assert [one.subscription.name for one in affected] == ["finance"]
