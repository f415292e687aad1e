"""Stories of shared schemas: what changes in one shows in all that refer to it, at any depth, in every format."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.story.world import CHECKOUT, World, record, reliance

LATEST = -1


@dataclass(frozen=True)
class Language:
    """How a format writes a schema with these fields (`""` is a text), of which some are other schemas."""

    kind: str
    suffix: str
    text: Callable[[str, Mapping[str, str]], str]

    def references(self, *pairs: tuple[str, int]) -> list[dict[str, Any]]:
        return [{"name": one + self.suffix, "subject": one, "version": version} for one, version in pairs]


def _avro(name: str, fields: Mapping[str, str]) -> str:
    return record({field: type_ or "string" for field, type_ in fields.items()}, name=name)


def _json(_name: str, fields: Mapping[str, str]) -> str:
    return json.dumps(
        {"properties": {field: {"$ref": f"{of}.json"} if of else {"type": "string"} for field, of in fields.items()}}
    )


def _protobuf(name: str, fields: Mapping[str, str]) -> str:
    imports = "".join(f'import "{of}.proto"; ' for of in dict.fromkeys(filter(None, fields.values())))
    members = " ".join(f"{of or 'string'} {field} = {at};" for at, (field, of) in enumerate(fields.items(), 1))
    return f'syntax = "proto3"; {imports}message {name} {{ {members} }}'


AVRO, JSON, PROTOBUF = (
    Language("AVRO", "", _avro),
    Language("JSON", ".json", _json),
    Language("PROTOBUF", ".proto", _protobuf),
)
LANGUAGES = pytest.mark.parametrize("language", [AVRO, JSON, PROTOBUF], ids=lambda one: one.kind)
MONEY = {"units": "", "currency": ""}
SHOP = """
kind: Domain
name: shop
owns: ["kafka://prod/*"]
"""


class Shared(World):
    """A world of schemas that refer to each other."""

    language: Language = AVRO

    def put(self, subject: str, name: str, fields: Mapping[str, str], version: int = LATEST) -> None:
        """Register a schema; it refers to the subjects of its fields' types, by this version of theirs."""
        below = list(dict.fromkeys(filter(None, fields.values())))
        references = self.language.references(*((one, version) for one in below))
        self.schema(subject, self.language.text(name, fields), schemaType=self.language.kind, references=references)


def shared(folder: Path, language: Language, *contracts: str) -> Shared:
    world = Shared(folder, SHOP, CHECKOUT, *contracts)
    world.language = language
    return world


def verdicts(world: World) -> dict[str, dict[str, str]]:
    """By dataset, the last verdict on each contract."""
    return {
        one["dataset"]: {verdict["subscription"]: verdict["outcome"] for verdict in one["verdicts"]}
        for one in world.show("changes")
    }


@LANGUAGES
def test_a_shared_schema_breaks_the_consumers_of_all_that_refer_to_it(tmp_path: Path, language: Language) -> None:
    """Orders refer to bills, and bills to money: who reads the currency in either breaks, and nobody else."""
    world = shared(
        tmp_path,
        language,
        reliance("orders", "bill.total.currency"),
        reliance("bills", "total.currency", dataset="kafka://prod/Bill"),
        reliance("units", "bill.total.units"),
    )
    world.put("Money", "Money", MONEY)
    world.put("Bill", "Bill", {"total": "Money"})
    world.put("orders-value", "Order", {"bill": "Bill"})
    world.live()

    world.put("Money", "Money", {"units": ""})

    found = verdicts(world)
    assert found["kafka://prod/orders"] == {"orders": "broken", "units": "holds"}
    assert found["kafka://prod/Bill"] == {"bills": "broken"}
    assert sorted(one["dataset"] for one in world.show("tickets")) == ["kafka://prod/Bill", "kafka://prod/orders"]
    paths = {one["subscription"]: one["path"] for one in world.show("violations")}
    assert paths == {"orders": "bill.total.currency", "bills": "total.currency"}
    rippled = [one for one in world.show("changes") if one["dataset"] != "kafka://prod/Money"]
    assert {one["registry"]["reason"] for one in rippled} == {"no version was registered"}
    assert {one["agreement"] for one in rippled} == {"unchecked-yet-breaking"}

    world.put("Money", "Money", MONEY)

    assert [one["state"] for one in world.show("tickets")] == ["resolved", "resolved"]


@LANGUAGES
def test_a_pinned_version_stays_as_it_is(tmp_path: Path, language: Language) -> None:
    """Who refers to version 1 hears nothing of version 2, nor of its deletion."""
    world = shared(tmp_path, language, reliance("orders", "total.currency"))
    world.put("Money", "Money", MONEY)
    world.put("orders-value", "Order", {"total": "Money"}, version=1)
    world.live()

    world.put("Money", "Money", {"units": ""})
    world.delete("Money", 2)

    assert "kafka://prod/orders" not in verdicts(world)
    assert world.show("tickets") == []


@LANGUAGES
def test_what_comes_to_be_missing_is_unknown_and_heals(tmp_path: Path, language: Language) -> None:
    """A shared schema that is deleted for good leaves all above it undecided, with the cause; its return heals them."""
    world = shared(tmp_path, language, reliance("orders", "bill.total.currency"))
    world.put("Money", "Money", MONEY)
    world.put("Bill", "Bill", {"total": "Money"}, version=1)
    world.put("orders-value", "Order", {"bill": "Bill"}, version=1)
    world.live()

    world.delete("Money", 1)

    assert verdicts(world)["kafka://prod/orders"] == {"orders": "unknown"}
    assert "Bill version 1, cannot be read" in world.show("violations")[-1]["message"]

    world._versions["Money"] = 0
    world.put("Money", "Money", MONEY)

    assert {one["state"] for one in world.show("tickets")} == {"resolved"}


@LANGUAGES
def test_a_circle_is_named(tmp_path: Path, language: Language) -> None:
    """Schemas that refer to each other in a ring can never be put together: that is unknown, and names the ring."""
    world = shared(tmp_path, language, reliance("orders", "bill"))
    world.put("Money", "Money", {"units": ""})
    world.put("Bill", "Bill", {"total": "Money"})
    world.put("orders-value", "Order", {"bill": "Bill"})
    world.live()

    world.put("Money", "Money", {"units": "Bill"})

    ring = "Bill version 1 → Money version 2 → Bill version 1"
    assert verdicts(world)["kafka://prod/orders"] == {"orders": "unknown"}
    [violation] = world.show("violations")
    assert f"its references form a circle, {ring}: it can never be put together" in violation["message"]
    [unreadable] = world.show("unreadable")
    assert (unreadable["kind"], unreadable["subject"]) == ("reference-circle", "Money")
    assert ring in unreadable["reason"]

    world.put("Money", "Money", {"units": ""})

    assert {one["state"] for one in world.show("tickets")} == {"resolved"}


@LANGUAGES
def test_a_schema_that_is_reached_on_two_ways_is_there_once(tmp_path: Path, language: Language) -> None:
    """Bills and refunds both refer to money, and orders to both and to money itself."""
    world = shared(
        tmp_path, language, reliance("orders", "bill.total.currency", "refund.total.currency", "tip.currency")
    )
    world.put("Money", "Money", MONEY)
    world.put("Bill", "Bill", {"total": "Money"})
    world.put("Refund", "Refund", {"total": "Money"})
    world.put("orders-value", "Order", {"bill": "Bill", "refund": "Refund", "tip": "Money"})
    world.live()

    world.put("Money", "Money", {"units": ""})

    assert {one["path"] for one in world.show("violations")} == {
        "bill.total.currency",
        "refund.total.currency",
        "tip.currency",
    }


@LANGUAGES
def test_a_deep_chain_ripples_to_its_top(tmp_path: Path, language: Language) -> None:
    """A hundred schemas, each of which refers to the one below it: the foot changes, and the top's consumer breaks."""
    depth = 100
    world = shared(tmp_path, language, reliance("orders", ".".join(["n"] * depth) + ".currency"))
    world.put("T0", "T0", MONEY)
    for at in range(1, depth):
        world.put(f"T{at}", f"T{at}", {"n": f"T{at - 1}"})
    world.put("orders-value", "Order", {"n": f"T{depth - 1}"})
    world.live()

    world.put("T0", "T0", {"units": ""})

    assert verdicts(world)["kafka://prod/orders"] == {"orders": "broken"}
    assert world.show("unreadable") == []


@LANGUAGES
def test_a_fault_in_a_text_with_references_is_unreadable(tmp_path: Path, language: Language) -> None:
    """What cannot be read once its references are there is listed, with its subject and the reason."""
    world = shared(tmp_path, language)
    world.put("Money", "Money", MONEY)
    world.live()
    broken = {
        "AVRO": record({"total": "Money", "rest": "Missing"}),
        "JSON": json.dumps({"properties": {"total": {"$ref": "Money.json"}, "rest": {"$ref": "missing.json"}}}),
        "PROTOBUF": 'syntax = "proto3"; import "Money.proto"; message Order { Money total = 1; Missing rest = 2; }',
    }[language.kind]
    world.schema("orders-value", broken, schemaType=language.kind, references=language.references(("Money", 1)))

    [unreadable] = world.show("unreadable")
    assert unreadable["subject"] == "orders-value"
    assert unreadable["kind"] in {"invalid-schema", "unknown-reference"}
    assert "issing" in unreadable["reason"]


def test_one_text_under_two_names(tmp_path: Path) -> None:
    """Two imports of the same text are two files: each is found by its own name."""
    world = shared(tmp_path, JSON, reliance("orders", "net.currency", "gross.currency"))
    world.put("Money", "Money", MONEY)
    properties = {"net": {"$ref": "net.json"}, "gross": {"$ref": "gross.json"}}
    references = [{"name": f"{one}.json", "subject": "Money", "version": LATEST} for one in properties]
    world.schema("orders-value", json.dumps({"properties": properties}), schemaType="JSON", references=references)
    world.live()

    world.put("Money", "Money", {"units": ""})

    assert world.show("unreadable") == []
    assert {one["path"] for one in world.show("violations")} == {"net.currency", "gross.currency"}


@pytest.mark.parametrize(
    ("base", "own", "used"),
    [
        (None, None, "money.json"),
        (None, "https://acme.example/schemas/money.json", "https://acme.example/schemas/money.json"),
        ("https://acme.example/schemas/order.json", None, "money.json"),
        ("https://acme.example/schemas/order.json", None, "https://acme.example/schemas/money.json"),
        ("https://acme.example/schemas/order.json", "/other/money.json", "../other/money.json"),
        ("https://acme.example/schemas/order.json", None, "./money.json#/definitions/money"),
        (None, None, "money.json#money"),
    ],
)
def test_a_json_schema_finds_what_it_refers_to_by_name_and_by_id(
    tmp_path: Path, base: str | None, own: str | None, used: str
) -> None:
    """A reference is meant by the registry's name for it or by its own `$id`, either relative or absolute."""
    world = shared(tmp_path, JSON, reliance("orders", "total.currency"))

    def money(*names: str) -> str:
        fields = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
        inner = {"definitions": {"money": {"$anchor": "money", **fields}}, **fields}
        head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        return json.dumps({**head, **({"$id": own} if own else {}), **inner})

    world.schema("Money", money("units", "currency"), schemaType="JSON")
    order = {"properties": {"total": {"$ref": used}}, **({"$id": base} if base else {})}
    order["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    reference = {"name": "money.json", "subject": "Money", "version": LATEST}
    world.schema("orders-value", json.dumps(order), schemaType="JSON", references=[reference])
    world.live()

    world.schema("Money", money("units"), schemaType="JSON")

    assert world.show("unreadable") == []
    assert {one["path"] for one in world.show("violations")} == {"total.currency"}


def test_a_protobuf_file_may_use_well_known_types_and_what_an_import_passes_on(tmp_path: Path) -> None:
    """The well-known types need no reference; a public import is seen through the file that has it."""
    world = shared(tmp_path, PROTOBUF, reliance("orders", "total.currency", "placed_at"))
    kind: dict[str, Any] = {"schemaType": "PROTOBUF"}
    money = 'syntax = "proto3"; message Money {{ int64 units = 1; {} }}'
    facade = 'syntax = "proto3"; import public "Money.proto"; message Bill { Money total = 1; }'
    order = """syntax = "proto3"; import "Bill.proto"; import "google/protobuf/timestamp.proto";
        message Order { Money total = 1; google.protobuf.Timestamp placed_at = 2; }"""
    world.schema("Money", money.format("string currency = 2;"), **kind)
    world.schema("Bill", facade, references=PROTOBUF.references(("Money", LATEST)), **kind)
    world.schema("orders-value", order, references=PROTOBUF.references(("Bill", LATEST)), **kind)
    world.live()

    world.schema("Money", money.format(""), **kind)

    assert world.show("unreadable") == []
    assert [one["path"] for one in world.show("violations")] == ["total.currency"]


def test_a_default_that_a_registry_let_pass_is_read(tmp_path: Path) -> None:
    """Registries check defaults when a schema is registered, and older ones not at all: what they hold is read."""
    world = shared(tmp_path, AVRO, reliance("orders", "amount", "total.units"))
    world.put("Money", "Money", MONEY)
    text = json.loads(record({"amount": "long", "total": "Money"}))
    text["fields"][0]["default"] = "none"
    plain = json.dumps({**text, "fields": text["fields"][:1]})
    references: Sequence[dict[str, Any]] = AVRO.references(("Money", 1))
    world.live()
    world.schema("orders-value", json.dumps(text), references=references)
    world.schema("plain-value", plain)

    assert world.show("unreadable") == []
    assert verdicts(world)["kafka://prod/orders"] == {"orders": "holds"}
