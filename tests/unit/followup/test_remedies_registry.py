"""Remedies and the registry: a schema that is ready to use is one that the registry takes, or it says otherwise."""

from __future__ import annotations

import json
from typing import Any

import pytest

from watcher.compat.levels import judge
from watcher.followup.remedies.options import options
from watcher.formats import avro, jsonschema
from watcher.formats.contracts.type_text import type_from
from watcher.model.compatibility import Level
from watcher.model.contract import Exists, HasType, Required
from watcher.model.path import FieldPath
from watcher.model.schema import Format, Schema
from watcher.model.verdict import DatasetState, Outcome
from watcher.rules.evaluate import judge as keeps

LEVELS = [one for one in Level if one is not Level.READER_WRITER]
AVRO = ["int", "long", "double", "string", "bytes", "boolean", "date", "uuid", "decimal(12,2)", "timestamp(ms)"]
JSON = ["integer", "string", "boolean", "double"]


def put_back(format_: Format, level: Level, was: str, **declared: Any) -> dict[str, Any]:
    """The first way to mend a field that is gone, under a level."""
    fact = {"kind": "field-removed", "path": "x", "before": {"name": "x", "type": was, **declared}, "after": None}
    broken = {"rule": "field-removed", "path": "x", "wants": "`x` is there", "outcome": "broken", "change": fact}
    return options([broken], "kafka://p/o", format_, registry={"level": level.value, "policy": "STRICT"})[0]


def refuses(one: dict[str, Any]) -> bool:
    """Whether the option says that the registry refuses it."""
    return any("registry refuses this" in step for step in one["steps"])


def record(*fields: Any) -> Schema:
    """An Avro schema with a field of its own beside those."""
    own = {"name": "id", "type": "string"}
    return avro.parse(json.dumps({"type": "record", "name": "Order", "fields": [own, *fields]}))


@pytest.mark.parametrize("was", [*AVRO, *(f"{one} | null" for one in AVRO)])
@pytest.mark.parametrize("level", LEVELS)
def test_a_ready_avro_field_is_taken(level: Level, was: str) -> None:
    """Under each level, for each type that can be written: with a default where the level asks for one."""
    one = put_back(Format.AVRO, level, was)
    field = json.loads(one["text"])

    assert not judge(level, [record(), record()], record(field))
    assert ("default" in field) is level.backward
    assert not refuses(one)
    assert any("the default is there because" in step for step in one["steps"]) is level.backward


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("was", JSON)
@pytest.mark.parametrize("level", LEVELS)
def test_a_ready_json_property_is_taken_or_says_that_it_is_not(
    level: Level, was: str, required: bool, closed: bool
) -> None:
    """An object that allows others, and one that does not, are told apart where the registry does."""
    one = put_back(Format.JSON, level, was, required=required)
    now: dict[str, Any] = {"type": "object"} | ({"additionalProperties": False} if closed else {})
    old, new = (jsonschema.parse(json.dumps(each)) for each in (now, {**now, **json.loads(one["text"])}))

    assert not judge(level, [old], new) or refuses(one)
    said = " ".join(one["steps"])
    if judge(level, [old], new):
        assert ("where the object allows other members" not in said) or not closed
        assert ("where the object allows no other members" not in said) or closed
    assert ("required" in json.loads(one["text"])) is required


@pytest.mark.parametrize("was", AVRO)
@pytest.mark.parametrize("level", LEVELS)
def test_a_field_that_is_put_back_keeps_the_clauses(level: Level, was: str) -> None:
    """That it is there, of exactly that type, and never null: what relied on it does again, default or none."""
    path = FieldPath("x")
    clauses = (Exists(path), HasType(path, type_from(was), was, exact=True), Required(path))
    mended = DatasetState(record(json.loads(put_back(Format.AVRO, level, was)["text"])))

    assert {keeps(one, DatasetState(record())).outcome for one in clauses} == {Outcome.BROKEN}
    assert {keeps(one, mended).outcome for one in clauses} == {Outcome.HOLDS}


def test_the_default_that_was_declared_stays() -> None:
    """What consumers knew is not replaced."""
    assert json.loads(put_back(Format.AVRO, Level.BACKWARD, "long", default=7)["text"])["default"] == 7


@pytest.mark.parametrize("rule", ["type-changed", "field-renamed", "enum-value-added", "nullability-loosened"])
@pytest.mark.parametrize("format_", [Format.AVRO, Format.JSON, Format.PROTOBUF])
def test_a_way_back_without_a_schema_says_who_may_refuse_it(rule: str, format_: Format) -> None:
    """Without a schema nothing can be judged: the reader is told to try it; under NONE nobody refuses."""
    broken = {"rule": rule, "path": "x", "wants": "it", "change": {"kind": rule, "path": "x", "before": "A"}}

    def first(level: str) -> str:
        return str(options([broken], "kafka://p/o", format_, registry={"level": level})[0]["steps"])

    assert "may refuse this" in first("FULL")
    assert "refuse" not in first("NONE")


@pytest.mark.parametrize("odd", [None, [], {}, 7, "LOUD"])
def test_a_level_that_is_none_says_nothing(odd: Any) -> None:
    """What a registry says wrongly keeps nobody from the options."""
    found = options([{"rule": "type-changed", "path": "x"}], "kafka://p/o", Format.AVRO, registry={"level": odd})

    assert "refuse" not in str(found[0])


@pytest.mark.parametrize(
    ("rule", "before"),
    [("constraint-lost", {"minimum": 0}), ("constraint-lost", {"maxLength": 3}), ("shape-opened", None)],
)
@pytest.mark.parametrize(("level", "said"), [("BACKWARD", True), ("FORWARD", False), ("FULL", True), ("NONE", False)])
def test_what_narrows_again_is_refused_backward(rule: str, before: Any, level: str, said: bool) -> None:
    """A new schema that allows less does not read all that the last one wrote."""
    broken = {"rule": rule, "path": "x", "wants": "it", "change": {"kind": rule, "path": "x", "before": before}}
    one = options([broken], "kafka://p/o", Format.JSON, registry={"level": level, "policy": "STRICT"})[0]

    assert one["text"]
    assert refuses(one) is said
