"""Stories of the registry's own verdict beside ours: what it asks, of which versions, and how the two agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.story.world import CHECKOUT, ORDER, World, record, reliance, without
from watcher.handlers.planning.preview import preview, proposal

NOTES = reliance("notes", "note")
STRING = {"type": "string"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, CHECKOUT, NOTES)
    made.orders(ORDER)
    made.live()
    return made


def last(world: World) -> dict[str, Any]:
    return world.show("changes")[-1]


def proposed(world: World, text: str, format_: str = "AVRO") -> dict[str, Any]:
    """What a running daemon answers to `watcher check`."""
    with world.ledger.begin() as tx:
        return preview(tx, world.judgement, "kafka://prod/orders", proposal(format_, text, ()), world.now)


def test_compatible_yet_breaking(world: World) -> None:
    """The class to look for is in the change, the event, the ticket with its violations, and the answer to a check."""
    text = record(without(ORDER, "note"))
    asked = proposed(world, text)
    world.schema("orders-value", text)

    [event] = [body for _, type_, body in world.bodies() if type_ == "breaking_change.detected"]
    [opened] = [body for _, type_, body in world.bodies() if type_ == "ticket.opened"]
    [ticket] = world.show("tickets")
    [violation] = world.ticket(ticket["id"])["violations"]
    found = (asked, last(world), event, opened["violations"][0], violation)
    assert [one["agreement"] for one in found] == ["compatible-yet-breaking"] * 5
    assert event["registry"]["compatible"] is True


def test_incompatible_yet_harmless(world: World) -> None:
    """The registry would refuse a required field; nobody relies on there being none."""
    text = record({**ORDER, "coupon": "string"})

    assert proposed(world, text)["agreement"] == "incompatible-yet-harmless"

    world.schema("orders-value", text)

    assert last(world)["agreement"] == "incompatible-yet-harmless"
    assert last(world)["registry"]["against"] == 1
    assert world.show("tickets") == []


def test_incompatible_and_breaking(world: World) -> None:
    """Both say no."""
    world.orders({**without(ORDER, "note"), "coupon": "string"})

    assert last(world)["agreement"] == "incompatible-and-breaking"


def test_compatible_and_harmless(world: World) -> None:
    """Both say yes."""
    world.orders(without(ORDER, "amount"))

    assert last(world)["agreement"] == "compatible-and-harmless"


def test_nothing_is_guarded_under_none(world: World) -> None:
    """A registry that guards nothing calls everything compatible."""
    world.guard("orders-value", "NONE")
    world.orders(without(ORDER, "note"))

    assert last(world)["registry"]["level"] == "NONE"
    assert last(world)["agreement"] == "compatible-yet-breaking"


def test_a_deletion_is_not_checked(world: World) -> None:
    """A registry checks what is registered: what is deleted passes it unseen, and may break all the same."""
    world.orders({**ORDER, "coupon": ["null", "string"]})
    world.contract(CHECKOUT, reliance("coupons", "coupon"))
    world.delete("orders-value", 2)

    assert last(world)["registry"]["compatible"] is None
    assert "deleted" in last(world)["registry"]["reason"]
    assert last(world)["agreement"] == "unchecked-yet-breaking"


def test_a_transitive_level_asks_every_live_version(world: World) -> None:
    """What reads the last version but not the one before it fails under the transitive level alone, and says which."""
    world.orders(without(ORDER, "amount"))
    # Version 1 has `amount` as a number, version 2 has none, and the next has a text with a default.
    text = json.loads(record({**without(ORDER, "amount"), "amount": "string"}))
    text["fields"][-1]["default"] = ""
    next_ = json.dumps(text)
    assert proposed(world, next_)["registry"]["compatible"] is True

    world.guard("orders-value", "BACKWARD_TRANSITIVE")
    asked = proposed(world, next_)["registry"]
    assert (asked["compatible"], asked["against"]) == (False, 1)
    assert [one["kind"] for one in asked["incompatibilities"]] == ["TYPE_MISMATCH"]

    world.schema("orders-value", next_)
    assert (last(world)["registry"]["compatible"], last(world)["registry"]["against"]) == (False, 1)

    world.delete("orders-value", 1)
    assert proposed(world, next_)["registry"]["compatible"] is True


def test_soft_deleted_versions_are_not_compared_with(world: World) -> None:
    """Only live versions count."""
    world.guard("orders-value", "FULL_TRANSITIVE")
    world.write(
        {"keytype": "DELETE_SUBJECT", "subject": "orders-value", "magic": 0}, {"subject": "orders-value", "version": 1}
    )

    assert proposed(world, record({"other": "string"}))["registry"]["compatible"] is True

    world.orders({"other": "string"})

    assert last(world)["registry"]["compatible"] is True


def test_versions_are_compared_with_what_they_refer_to(tmp_path: Path) -> None:
    """A live version is put together with the version of the shared schema that it refers to, not with a newer one."""
    world = World(tmp_path, CHECKOUT, NOTES)
    money = {"units": "long"}
    world.schema("money", record(money, name="Money"))
    world.schema("money", record({"units": "string"}, name="Money"))

    def order(version: int, *more: dict[str, Any]) -> None:
        text = json.loads(record({"total": "Money"}))
        text["fields"] += more
        references = [{"name": "Money", "subject": "money", "version": version}]
        world.schema("orders-value", json.dumps(text), references=references)

    world.guard("orders-value", "BACKWARD_TRANSITIVE")
    order(1)
    order(2)
    world.live()
    order(2, {"name": "again", "type": "string", "default": ""})

    assert last(world)["registry"]["against"] == 1
    [told] = last(world)["registry"]["incompatibilities"]
    assert "LONG" in told["message"]
    assert "STRING" in told["message"]


def test_a_version_that_cannot_be_read_leaves_it_untold(world: World) -> None:
    """Where a live version cannot be read, what the registry says cannot be told: never taken for "compatible"."""
    world.guard("orders-value", "BACKWARD_TRANSITIVE")
    world.schema("orders-value", "not a schema")
    world.orders(without(ORDER, "amount"))

    assert last(world)["registry"]["compatible"] is None
    assert "version 2" in last(world)["registry"]["reason"]
    assert last(world)["agreement"] == "unchecked-and-harmless"


def test_the_policy_is_the_registrys(tmp_path: Path) -> None:
    """Under LENIENT, as the registry's own setting says, an optional property of an open object may be added."""
    world = World(tmp_path, CHECKOUT, NOTES)
    old, new = (
        {"type": "object", "properties": names} for names in ({"note": STRING}, {"note": STRING, "new": STRING})
    )
    world.schema("orders-value", json.dumps(old), schemaType="JSON")
    world.live()

    assert proposed(world, json.dumps(new), "JSON")["registry"]["compatible"] is False

    world.guard(None, None, compatibilityPolicy="LENIENT")

    assert proposed(world, json.dumps(new), "JSON")["registry"]["compatible"] is True

    world.schema("orders-value", json.dumps(new), schemaType="JSON")

    assert last(world)["registry"]["policy"] == "LENIENT"
    assert last(world)["agreement"] == "compatible-and-harmless"


def test_compatibility_groups_leave_it_untold(world: World) -> None:
    """A registry that compares within groups only asks versions that are not known here: that is said."""
    world.guard("orders-value", "BACKWARD", compatibilityGroup="major")
    world.orders({**ORDER, "coupon": "string"})

    assert last(world)["registry"]["compatible"] is None
    assert "`major`" in last(world)["registry"]["reason"]


def test_a_subject_that_changes_its_format_is_refused(world: World) -> None:
    """Any level but NONE refuses another format."""
    world.schema("orders-value", json.dumps({"type": "object", "properties": {"note": STRING}}), schemaType="JSON")

    assert [one["kind"] for one in last(world)["registry"]["incompatibilities"]] == ["FORMAT_MISMATCH"]
