"""Stories of noise: what says nothing of the data is no event, in any format, all the way through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.story.world import CHECKOUT, World, reliance

FINANCE = reliance("finance", {"amount": {"type": "long", "required": True}}, "lines[].sku", notify=["finance-hook"])
SHIPPING = reliance("shipping", {"status": {"values": ["PLACED", "PAID"]}})


def avro(*, namespace: str = "shop", doc: bool = False, fields: str = "asl", **more: Any) -> str:
    """An order as Avro."""
    said = {"doc": "words", "x-owner": "me"} if doc else {}
    status = {"type": "enum", "name": "Status", "symbols": ["PLACED", "PAID"], **said}
    line = {"type": "record", "name": "Line", "fields": [{"name": "sku", "type": "string", **said}], **said}
    known = {
        "a": {"name": "amount", "type": "long", **said, **({"order": "ignore"} if doc else {})},
        "s": {"name": "status", "type": status, **said},
        "l": {"name": "lines", "type": {"type": "array", "items": line, **said}},
    }
    listed = [known[letter] for letter in fields]
    return json.dumps({"type": "record", "name": "Order", "namespace": namespace, "fields": listed, **said, **more})


def turned(text: str) -> str:
    """The same JSON with the keys of each object in the opposite order, and other white space."""
    return json.dumps(json.loads(text, object_pairs_hook=lambda pairs: dict(reversed(pairs))), indent=3)


ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "amount": {"type": "integer"},
        "status": {"enum": ["PLACED", "PAID"]},
        "lines": {"type": "array", "items": {"$ref": "#/definitions/line"}},
    },
    "required": ["amount", "status"],
    "definitions": {"line": {"type": "object", "properties": {"sku": {"type": "string"}}}},
}
WORDS = {"title": "t", "description": "d", "$comment": "c", "examples": [1], "deprecated": True, "x-owner": "me"}


def wordy(node: Any) -> Any:
    """A JSON Schema with words in every place that takes some."""
    if not isinstance(node, dict):
        return node
    places = ("properties", "definitions")
    inner = {
        key: {name: wordy(one) for name, one in value.items()} if key in places else wordy(value)
        for key, value in node.items()
    }
    return inner if "$ref" in node else {**inner, **WORDS}


PROTO = """syntax = "proto3"; package shop;
message Order { int64 amount = 1; Status status = 2; repeated Line lines = 3; }
message Line { string sku = 1; }
enum Status { PLACED = 0; PAID = 1; }
"""
PROTO_TURNED = """// an order
syntax = "proto3";
package shop;
option java_package = "org.shop";
option optimize_for = SPEED;
message Order {
  reserved 9;
  repeated Line lines = 3;  // what was bought
  Status status = 2 [deprecated = true];
  /* in cents */ int64 amount = 1;
}
enum Status { PLACED = 0; /* first */ PAID = 1; }
enum Status2 { ANY = 0; }
message Line { option deprecated = true; string sku = 1; }
"""

NOISE: dict[str, tuple[str, str, str]] = {
    "avro-doc-order-and-properties": ("AVRO", avro(), avro(doc=True)),
    "avro-keys-and-white-space": ("AVRO", avro(), turned(avro())),
    "avro-namespace": ("AVRO", avro(), avro(namespace="org.shop.v2")),
    "avro-order-of-fields": ("AVRO", avro(), avro(fields="lsa")),
    "avro-aliases-of-the-record": ("AVRO", avro(), avro(aliases=["OldOrder"])),
    "json-words": ("JSON", json.dumps(ORDER), json.dumps(wordy(ORDER))),
    "json-keys-and-white-space": ("JSON", json.dumps(ORDER), turned(json.dumps(ORDER))),
    "json-order-of-lists": (
        "JSON",
        json.dumps(ORDER),
        json.dumps(
            {
                **ORDER,
                "required": ["status", "amount"],
                "$id": "https://a.example/order",
                "definitions": ORDER["definitions"],
            }
        ),
    ),
    "protobuf-comments-options-and-order": ("PROTOBUF", PROTO, PROTO_TURNED),
    "protobuf-package": ("PROTOBUF", PROTO, PROTO.replace("package shop", "package org.shop.v2")),
}


def silent(world: World) -> bool:
    """Whether nothing came of what was written."""
    return not any(world.show(name) for name in ("changes", "violations", "tickets", "deliveries"))


@pytest.mark.parametrize("kind", NOISE)
def test_noise_is_no_event(tmp_path: Path, kind: str) -> None:
    """Words, options, white space, the order of what has none, a namespace: no change, no ticket, no delivery."""
    format_, before, after = NOISE[kind]
    world = World(tmp_path, CHECKOUT, FINANCE, SHIPPING)
    world.schema("orders-value", before, schemaType=format_)
    world.live()
    world.schema("orders-value", after, schemaType=format_)

    assert silent(world)
    assert [row["version"] for row in world.show("datasets")] == [2]


@pytest.mark.parametrize(
    "said", [{"metadata": {"properties": {"owner": "me"}}}, {"ruleSet": {"domainRules": [{"name": "r"}]}}, {}]
)
def test_what_is_said_about_a_schema_is_no_event(tmp_path: Path, said: dict[str, Any]) -> None:
    """A version that differs in metadata or rules alone, or in nothing, is no change of the data."""
    world = World(tmp_path, CHECKOUT, FINANCE, SHIPPING)
    world.schema("orders-value", avro())
    world.live()
    world.schema("orders-value", avro(), **said)

    assert silent(world)


def test_who_relies_on_order_hears_of_it(tmp_path: Path) -> None:
    """Who reads by position breaks when members trade places; the others hold."""
    world = World(tmp_path, CHECKOUT, FINANCE, reliance("export", "amount", shape="closed"))
    world.schema("orders-value", avro())
    world.live()
    world.schema("orders-value", avro(fields="lsa"))

    [change] = world.show("changes")
    assert [fact["kind"] for fact in change["changes"]] == ["fields-reordered"]
    assert {one["subscription"]: one["outcome"] for one in change["verdicts"]} == {
        "finance": "holds",
        "export": "broken",
    }


def test_who_reads_with_a_schema_hears_of_a_name(tmp_path: Path) -> None:
    """Avro resolves by name: for who reads with a schema of their own, another namespace is an event, if no break."""
    reader = {"format": "avro", "schema": json.loads(avro())}
    world = World(tmp_path, CHECKOUT, FINANCE, reliance("lake", "amount", reads_with=reader))
    world.schema("orders-value", avro())
    world.live()
    world.schema("orders-value", avro(namespace="org.shop.v2"))

    [change] = world.show("changes")
    assert {fact["kind"] for fact in change["changes"]} == {"name-changed"}


def test_noise_beside_a_change_hides_nothing(tmp_path: Path) -> None:
    """A step with noise in it and a break is a break."""
    world = World(tmp_path, CHECKOUT, FINANCE, SHIPPING)
    world.schema("orders-value", avro())
    world.live()
    world.schema("orders-value", avro(namespace="org.shop.v2", fields="sl", doc=True))

    assert [one["rule"] for one in world.show("violations")] == ["field-removed"]


def test_a_rename_is_told_as_one(tmp_path: Path) -> None:
    """A field that goes by a similar name is broken, and its ticket says how sure we are and why."""
    world = World(tmp_path, CHECKOUT, FINANCE)
    world.schema("orders-value", avro())
    world.live()
    world.schema("orders-value", avro().replace('"amount"', '"amount_cents"'))

    [violation] = world.show("violations")
    assert violation["rule"] == "field-renamed"
    assert "looks renamed to `amount_cents` (0.6: similar name, same type)" in violation["message"]


def test_a_rename_within_a_rename_is_told_whole(tmp_path: Path) -> None:
    """Where a record goes by another name and a member in it does too, the ticket names the place where it is now."""
    members = {name: {"type": "string"} for name in ("zipCode", "city", "street", "country")}
    inner = {"type": "object", "properties": members}
    before = json.dumps({"type": "object", "properties": {"shipTo": inner}})
    world = World(tmp_path, CHECKOUT, reliance("finance", "shipTo.zipCode"))
    world.schema("orders-value", before, schemaType="JSON")
    world.live()
    world.schema("orders-value", before.replace("shipTo", "ship_to").replace("zipCode", "zip_code"), schemaType="JSON")

    [violation] = world.show("violations")
    assert "looks renamed to `ship_to.zip_code` (0.8: similar name" in violation["message"]
