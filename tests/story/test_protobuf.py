"""Stories of Protobuf subjects: judged per consumer as every other format is, from the registry's record on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.story.world import CHECKOUT, World, reliance

ORDER = {
    "order_id": "string order_id = 1;",
    "amount": "int64 amount = 2;",
    "status": "Status status = 3;",
    "note": "optional string note = 4;",
    "total": "m.Money total = 5;",
    "lines": "repeated Line lines = 6;",
}
TYPES = "enum Status { PLACED = 0; PAID = 1; } message Line { string sku = 1; }"
MONEY = 'syntax = "proto3"; package m; message Money { int64 units = 1; string currency = 2; }'
FINANCE = reliance("finance", {"amount": {"type": "long"}}, "total.currency", "lines[].sku")
SHIPPING = reliance("shipping", {"status": {"values": ["PLACED", "PAID"]}})
NOTES = reliance("notes", "note")


class ProtobufWorld(World):
    """A world whose orders are described by Protobuf."""

    def order(self, fields: dict[str, str], types: str = TYPES, money: int = 1) -> None:
        """Register the next version of `orders-value`, by a version of the shared `money.proto`."""
        text = f'syntax = "proto3"; import "money.proto"; message Order {{ {" ".join(fields.values())} }} {types}'
        references = [{"name": "money.proto", "subject": "money", "version": money}]
        self.schema("orders-value", text, schemaType="PROTOBUF", references=references)


@pytest.fixture
def world(tmp_path: Path) -> ProtobufWorld:
    made = ProtobufWorld(tmp_path, CHECKOUT, FINANCE, SHIPPING, NOTES)
    made.schema("money", MONEY, schemaType="PROTOBUF")
    made.order(ORDER)
    made.live()
    return made


def verdicts(world: World) -> dict[str, str]:
    return {one["subscription"]: one["outcome"] for one in world.show("changes")[-1]["verdicts"]}


def test_the_registry_says_compatible_and_one_consumer_breaks(world: ProtobufWorld) -> None:
    """A field may go, says the registry; who reads it breaks."""
    world.order({name: one for name, one in ORDER.items() if name != "note"})

    [change] = world.show("changes")
    assert change["registry"]["compatible"] is True
    assert verdicts(world) == {"finance": "holds", "shipping": "holds", "notes": "broken"}
    assert [one["rule"] for one in world.show("violations")] == ["field-removed"]


def test_the_registry_refuses_what_consumers_would_read_wrongly(world: ProtobufWorld) -> None:
    """A number that is written in another way is a change, and incompatible to the registry."""
    world.order({**ORDER, "amount": "sint64 amount = 2;"})

    [change] = world.show("changes")
    assert [one["kind"] for one in change["registry"]["incompatibilities"]] == ["FIELD_SCALAR_KIND_CHANGED"]
    assert [one["kind"] for one in change["changes"]] == ["encoding-changed"]


def test_a_field_of_another_name_was_renamed(world: ProtobufWorld) -> None:
    """A field with the same number goes by another name: no silent drop."""
    world.order({**ORDER, "note": "optional string remark = 4;"})

    [change] = world.show("changes")
    [fact] = change["changes"]
    assert (fact["kind"], fact["path"], fact["before"]) == ("field-renamed", "remark", "note")
    assert (fact["confidence"], fact["evidence"]) == (0.9, "same tag")
    assert verdicts(world)["notes"] == "broken"


def test_a_value_that_comes_breaks_a_closed_set(world: ProtobufWorld) -> None:
    """A new value breaks who listed all of them."""
    world.order(ORDER, TYPES.replace("PAID = 1;", "PAID = 1; LOST = 2;"))

    assert verdicts(world) == {"finance": "holds", "shipping": "broken", "notes": "holds"}


def test_a_shared_file_changes(world: ProtobufWorld) -> None:
    """A new version of an imported file is a change where it shows."""
    world.schema("money", MONEY.replace("string currency = 2;", ""), schemaType="PROTOBUF")
    world.order(ORDER, money=2)

    assert verdicts(world) == {"finance": "broken", "shipping": "holds", "notes": "holds"}
    assert [one["path"] for one in world.show("violations")] == ["total.currency"]


def test_noise(world: ProtobufWorld) -> None:
    """Fields and messages in another order, and comments, are told to nobody."""
    world.order(
        dict(reversed(ORDER.items())),
        "/* Types. */ message Line { string sku = 1; } // Status follows\n" + TYPES.partition("message")[0],
    )

    assert [one["changes"] for one in world.show("changes") if one["changes"]] == []
    assert world.show("tickets") == []


def test_what_cannot_be_read_is_unknown(world: ProtobufWorld) -> None:
    """A type that is nowhere is no "ok"."""
    world.order({**ORDER, "amount": "Missing amount = 2;"})

    assert set(verdicts(world).values()) == {"unknown"}


def test_a_reader_schema(tmp_path: Path) -> None:
    """A consumer's own reader schema is compared as the registry compares."""
    reader = 'syntax = "proto3"; message Order { int64 amount = 2; }'
    world = World(tmp_path, CHECKOUT, reliance("books", "amount", reads_with={"format": "protobuf", "schema": reader}))
    world.schema("orders-value", reader, schemaType="PROTOBUF")
    world.live()
    world.schema("orders-value", reader.replace("int64", "fixed64"), schemaType="PROTOBUF")

    assert verdicts(world) == {"books": "broken"}
