"""Stories of the versions in use: consumers that read with a registered version, or with a schema of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.story.world import CHECKOUT, ORDER, World, record, reliance, without
from watcher.cli.ticket_page import page
from watcher.handlers.planning.preview import preview, proposal

OLD = reliance("old", reads_with={"version": 1})
NEW = reliance("new", reads_with={"version": 2})
OWN = reliance("own", reads_with={"format": "avro", "schema": record({"order_id": "string"})})


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Version 1 has an amount, version 2 does not."""
    made = World(tmp_path, CHECKOUT, OLD, NEW, OWN, reliance("newer", reads_with={"version": 2}))
    made.orders(ORDER)
    made.live()
    return made


def verdicts(world: World) -> dict[str, str]:
    return {one["subscription"]: one["outcome"] for one in world.show("changes")[-1]["verdicts"]}


def readable(document: dict[str, Any]) -> dict[Any, Any]:
    return {one["version"] or one["reader"]: one["readable"] for one in document["versions_in_use"]}


def proposed(world: World, text: str) -> dict[str, Any]:
    with world.ledger.begin() as tx:
        return preview(tx, world.judgement, "kafka://prod/orders", proposal("AVRO", text, ()), world.now)


def test_a_pinned_version_is_the_reader(world: World) -> None:
    """Who reads with version 1 breaks when its `amount` is written no more, whatever the registry compares with."""
    text = record(without(ORDER, "amount"))
    asked = proposed(world, text)
    world.schema("orders-value", text)

    assert verdicts(world)["old"] == "broken"
    assert [one["rule"] for one in world.show("violations")] == ["reader-broken"]
    change = world.show("changes")[-1]
    assert change["agreement"] == "compatible-yet-breaking"
    assert readable(change)[1] is False
    assert readable(change)[2] is True
    by_version = {one["version"]: one for one in change["versions_in_use"]}
    assert by_version[2]["consumers"] == ["new", "newer"]
    assert [one["kind"] for one in by_version[1]["incompatibilities"]] == ["READER_FIELD_MISSING_DEFAULT_VALUE"]
    # A check cannot know version 2 before it is registered, and says so.
    assert readable(asked) == {**readable(change), 2: None}


def test_versions_in_use_are_in_event_and_ticket(world: World) -> None:
    """Those who answer for the change see for each version in use whether it still reads."""
    world.orders(without(ORDER, "amount"))

    told = {type_: body for _, type_, body in world.bodies()}
    for type_ in ("breaking_change.detected", "ticket.opened"):
        assert readable(told[type_])[1] is False
        assert readable(told[type_])[2] is True
        assert len(told[type_]["versions_in_use"]) == 3
    [ticket] = world.show("tickets")
    shown = page(world.ticket(ticket["id"]), world.now)
    assert "    reads    version 2 (new, newer)" in shown
    assert "    FAILS    version 1 (old): READER_FIELD_MISSING_DEFAULT_VALUE at /fields/1" in shown
    assert "           the registry's verdict beside ours: compatible-yet-breaking" in shown


def test_what_is_written_again_heals(world: World) -> None:
    """The ticket closes when version 1 can read again."""
    world.orders(without(ORDER, "amount"))
    world.orders(ORDER)

    assert [one["state"] for one in world.show("tickets")] == ["resolved"]


def test_drift_breaks_the_slowest(world: World) -> None:
    """Who stays on version 1 is told at the step that leaves it behind; the next one shows it, and tells nobody."""
    world.orders({**ORDER, "amount": ["long", "string"]})
    first = verdicts(world)["old"]
    world.orders({**ORDER, "amount": "string"})

    assert (first, verdicts(world)["old"]) == ("broken", "holds")  # broken once, and told once
    assert readable(world.show("changes")[-1])[1] is False
    assert verdicts(world)["new"] == "holds"


def test_a_soft_deleted_version_can_still_be_read_with(world: World) -> None:
    """The registry hides it; its consumers still have it."""
    world.orders({**ORDER, "coupon": "string"})
    key = {"keytype": "SCHEMA", "subject": "orders-value", "version": 1, "magic": 1}
    world.write(key, {"subject": "orders-value", "version": 1, "id": 1, "schema": record(ORDER), "deleted": True})
    world.orders(without(ORDER, "amount"))

    assert verdicts(world)["old"] == "broken"


def test_an_unknown_version_is_undecided_and_says_which_there_are(world: World) -> None:
    """A version that is not there decides nothing; the verdict names those that are."""
    world.contract(CHECKOUT, reliance("far", reads_with={"version": 9}))
    world.orders({**ORDER, "coupon": "string"})

    [one] = world.show("changes")[-1]["versions_in_use"]
    assert one["readable"] is None
    assert one["reason"] == "there is no version 9 of orders-value: there are 1, 2"


def test_an_alias_reads_with_its_targets_versions(tmp_path: Path) -> None:
    """An alias has no versions of its own: the versions are those of the subject that it stands for."""
    pinned = reliance("old", reads_with={"version": 1}, dataset="kafka://prod/sales")
    world = World(tmp_path, CHECKOUT, pinned)
    world.orders(ORDER)
    world.guard("sales-value", None, alias="orders-value")
    world.live()
    world.orders(without(ORDER, "amount"))

    assert [one["rule"] for one in world.show("violations")] == ["reader-broken"]


def test_a_restart_knows_the_versions(world: World) -> None:
    """The ledger knows them, not the process."""
    world.restart()
    world.orders(without(ORDER, "amount"))

    assert verdicts(world)["old"] == "broken"
