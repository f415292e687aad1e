"""Stories of JSON Schema subjects: judged per consumer as every other format is, from the registry's record on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.story.world import CHECKOUT, World, reliance

STRING = {"type": "string"}
ORDER: dict[str, Any] = {
    "order_id": STRING,
    "amount": {"type": "integer"},
    "status": {"enum": ["placed", "paid"]},
    "placed_at": {"type": "string", "format": "date-time"},
    "total": {"$ref": "money.json"},
}
MONEY: dict[str, Any] = {"properties": {"value": {"type": "number"}, "currency": STRING}}
FINANCE = reliance("finance", {"amount": {"type": "long", "required": True}}, "total.currency")
SHIPPING = reliance("shipping", {"status": {"values": ["placed", "paid"]}}, {"placed_at": {"type": "string"}})


class JsonWorld(World):
    """A world whose orders are described by JSON Schema."""

    def order(self, properties: dict[str, Any], money: int = 1, **more: Any) -> None:
        """Register the next version of `orders-value`, by a version of the shared `money`."""
        document = {"type": "object", "properties": properties, "required": ["amount"], **more}
        references = [{"name": "money.json", "subject": "money", "version": money}]
        self.schema("orders-value", json.dumps(document), schemaType="JSON", references=references)


@pytest.fixture
def world(tmp_path: Path) -> JsonWorld:
    made = JsonWorld(tmp_path, CHECKOUT, FINANCE, SHIPPING)
    made.schema("money", json.dumps(MONEY), schemaType="JSON")
    made.order(ORDER)
    made.live()
    return made


def verdicts(world: World) -> dict[str, str]:
    return {one["subscription"]: one["outcome"] for one in world.show("changes")[-1]["verdicts"]}


def test_the_registry_says_compatible_and_one_consumer_breaks(world: JsonWorld) -> None:
    """An open object may lose a property, says the registry; who reads it breaks."""
    world.order({name: one for name, one in ORDER.items() if name != "amount"}, required=[])

    [change] = world.show("changes")
    assert change["registry"]["compatible"] is True
    assert verdicts(world) == {"finance": "broken", "shipping": "holds"}
    assert [one["rule"] for one in world.show("violations")] == ["field-removed"]


def test_the_registry_refuses_what_breaks_nobody(world: JsonWorld) -> None:
    """A new optional property is incompatible to the registry (STRICT), and breaks no consumer."""
    world.order({**ORDER, "coupon": STRING})

    [change] = world.show("changes")
    kinds = [one["kind"] for one in change["registry"]["incompatibilities"]]
    assert kinds == ["OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"]
    assert set(verdicts(world).values()) == {"holds"}
    assert world.show("tickets") == []


def test_a_value_that_comes_breaks_a_closed_set(world: JsonWorld) -> None:
    """Enums are closed sets in JSON Schema, too; a date that is text is read as text."""
    world.order({**ORDER, "status": {"type": "string", "enum": ["placed", "paid", "lost"]}})

    assert verdicts(world) == {"finance": "holds", "shipping": "broken"}
    assert [one["path"] for one in world.show("violations")] == ["status"]


def test_a_shared_schema_changes(world: JsonWorld) -> None:
    """A new version of what is referred to is a change where it shows."""
    world.schema("money", json.dumps({"properties": {"value": {"type": "number"}}}), schemaType="JSON")
    world.order(ORDER, money=2)

    assert verdicts(world) == {"finance": "broken", "shipping": "holds"}
    assert [one["path"] for one in world.show("violations")] == ["total.currency"]


def test_noise(world: JsonWorld) -> None:
    """Words and the order of keys are no change."""
    world.order({**ORDER, "order_id": {"description": "The order's own.", "type": "string"}}, title="Order")

    assert [one["changes"] for one in world.show("changes") if one["changes"]] == []
    assert world.show("tickets") == []


def test_a_bound_that_nobody_relies_on(world: JsonWorld) -> None:
    """A bound is a fact that is recorded; who named the type only is not told of it."""
    world.order({**ORDER, "order_id": {"type": "string", "minLength": 1}})

    kinds = [change["kind"] for one in world.show("changes") for change in one["changes"]]
    assert kinds == ["type-narrowed"]
    assert world.show("tickets") == []


def test_what_cannot_be_read_is_unknown(world: JsonWorld) -> None:
    """A type that JSON Schema does not have is no "ok"."""
    world.order({**ORDER, "amount": {"type": "money"}})

    assert set(verdicts(world).values()) == {"unknown"}


def test_what_is_required_and_not_described_is_unknown(world: JsonWorld) -> None:
    """A name that is required without a property is there, and may hold anything."""
    world.order({name: one for name, one in ORDER.items() if name != "amount"})

    assert verdicts(world) == {"finance": "unknown", "shipping": "holds"}
