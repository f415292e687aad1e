"""The JSON kit: records by construction, the validator's own words, and an end whatever the schema."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest

from watcher.model.path import FieldPath
from watcher.model.schema import Format, SchemaText
from watcher.witness.case import Kit, Refused
from watcher.witness.json_kit import JsonKit
from watcher.witness.json_kit_text import numbers, spelled

KIT = JsonKit()
LATE = "https://json-schema.org/draft/2020-12/schema"


def text(document: Any, *references: tuple[str, Any]) -> SchemaText:
    return SchemaText(Format.JSON, json.dumps(document), tuple((name, json.dumps(one)) for name, one in references))


def variants(document: Any, path: str = "", *references: tuple[str, Any]) -> list[Any]:
    return list(KIT.variants(text(document, *references), FieldPath(path)))


def told(document: Any, record: Any, *references: tuple[str, Any]) -> str:
    with pytest.raises(Refused) as refused:
        KIT.write(text(document, *references), record)
    return str(refused.value)


def closed(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "additionalProperties": False}


def test_it_is_a_kit() -> None:
    """The kit names the package that judges, with its version."""
    kit: Kit = KIT

    assert kit.library.startswith("jsonschema 4.")


def test_writing() -> None:
    """A record is written as compact JSON; one that is not valid is refused with the validator's message."""
    schema = closed(a={"type": "string"})

    assert KIT.write(text(schema), {"a": "é"}) == '{"a":"é"}'.encode()
    assert told(schema, {"a": 1}) == "1 is not of type 'string' (at $.a)"
    assert "'b' was unexpected" in told(schema, {"b": 1})


@pytest.mark.parametrize("record", [float("nan"), {1, 2}, b"a", {"a": "\ud800"}])
def test_what_is_no_json(record: Any) -> None:
    """What JSON cannot write is refused."""
    with pytest.raises(Refused, match="not JSON"):
        KIT.write(text({}), record)


def test_reading() -> None:
    """A reader gets the record if its own schema lets it pass; the writer's counts where there is none."""
    writer, reader = text({"type": "integer"}), text({"type": "integer", "maximum": 1})

    assert KIT.read(b"2", writer) == 2
    with pytest.raises(Refused, match="2 is greater than the maximum of 1"):
        KIT.read(b"2", writer, reader)
    for data in (b"", b"\xff", b"[" * 100_000, b" " * 2_000_000):
        with pytest.raises(Refused):
            KIT.read(data, writer)


def test_messages_are_one_line() -> None:
    """A message has no line breaks, and an end."""
    message = told({"type": "string"}, [f"a\n{at}" for at in range(1000)])

    assert "\n" not in message
    assert len(message) < 400


def test_drafts() -> None:
    """The draft that a schema names is the one that judges; without one it is draft 7."""
    bound = {"type": "number", "minimum": 1, "exclusiveMinimum": True}
    old = {"$schema": "http://json-schema.org/draft-04/schema#", **bound}

    assert told(old, 1)
    assert KIT.write(text(old), 2) == b"2"
    assert "must be a number" in told(bound, 2)
    assert told({"$schema": LATE, "prefixItems": [{"type": "string"}]}, [1])
    assert KIT.write(text({"prefixItems": [{"type": "string"}]}), [1]) == b"[1]"


def test_formats() -> None:
    """Formats are checked where the package can."""
    assert "is not a 'date'" in told({"type": "string", "format": "date"}, "today")
    assert variants({"type": "string", "format": "date"}) == ["2000-01-01", "1999-12-31"]


def test_references() -> None:
    """References are followed within the schema, and into those that are given with it, by name and address."""
    money = {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "number"}}}
    named = {"$schema": LATE, "$id": "https://a.bc/order.json", "$ref": "money.json"}

    assert told({"$ref": "money.json"}, {}, ("money.json", money)) == "'amount' is a required property (at $)"
    assert told({"$ref": "./money.json"}, {}, ("money.json", money))
    assert told(named, {}, ("money.json", money))
    assert variants(named, "amount", ("money.json", money))[0] == {"amount": 0}
    assert "refers to nothing" in told({"$ref": "nowhere.json"}, {})


def test_nothing_is_fetched() -> None:
    """An address that was not given with the schema is never asked for."""
    assert "refers to nothing" in told({"$ref": "https://example.org/a.json"}, 1)


def test_mixed_drafts_are_refused() -> None:
    """A reference of another draft is not judged by the wrong one."""
    other = {"$schema": LATE, "type": "string"}

    assert "mixes drafts" in told({"$ref": "a.json"}, "a", ("a.json", other))


@pytest.mark.parametrize(
    ("document", "path", "forms"),
    [
        (closed(a={"type": "string", "maxLength": 1}), "a", [{}, {"a": ""}, {"a": "a"}, {"a": "0"}]),
        (closed(a={"enum": ["x", None]}), "a", [{}, {"a": "x"}, {"a": None}]),
        (closed(a={"const": 1}), "a", [{}, {"a": 1}]),
        (closed(a={"type": ["null", "boolean"]}), "a", [{}, {"a": None}, {"a": True}, {"a": False}]),
        (closed(a={"type": "integer", "minimum": 2, "maximum": 3}), "a", [{}, {"a": 2}, {"a": 3}]),
        ({**closed(a={"type": "boolean"}), "required": ["a"]}, "a", [{"a": True}, {"a": False}]),
        (closed(a={"type": "array", "items": {"type": "null"}, "maxItems": 1}), "a[]", [{}, {"a": []}, {"a": [None]}]),
        ({"type": "object", "additionalProperties": {"type": "null"}}, "{}", [{}, {"further": None}]),
        ({"oneOf": [{"type": "null"}, {"type": "null"}, {"const": 1}]}, "", [1]),
        ({"allOf": [{"type": "integer", "minimum": 7}, {"maximum": 8, "multipleOf": 2}]}, "", [8]),
        ({"$schema": LATE, "prefixItems": [{"const": 1}], "items": False, "minItems": 1, "type": "array"}, "[]", [[1]]),
        ({"type": "array", "minItems": 2, "maxItems": 2, "uniqueItems": True, "items": {"enum": [1, 2]}}, "", [[1, 2]]),
        ({"type": "string", "pattern": "^[C]{2}\\d$", "not": {"pattern": "0"}}, "", ["CC9"]),
    ],
)  # fmt: skip
def test_forms(document: Any, path: str, forms: list[Any]) -> None:
    """What stands at the path takes each form that the schema allows, beside nothing else."""
    grown = variants(document, path)

    assert sorted(map(json.dumps, grown)) == sorted(map(json.dumps, forms))


def test_optional_members_beside() -> None:
    """A form is given beside no other member, and beside all of them."""
    grown = variants(closed(a={"type": "null"}, b={"type": "null"}), "a")

    assert grown == [{}, {"b": None}, {"a": None}, {"a": None, "b": None}]


def test_members_that_need_each_other() -> None:
    """A member comes with those that must stand beside it."""
    document = {**closed(a={"type": "null"}, b={"const": 2}), "dependencies": {"a": ["b"]}}

    assert {"a": None, "b": 2} in variants(document, "a")
    assert {"a": None} not in variants(document, "a")


def test_open_objects() -> None:
    """An open object may hold anything under a name that it does not tell of."""
    kinds = {type(record["a"]) for record in variants({"type": "object"}, "a") if "a" in record}

    assert kinds == {type(None), bool, int, float, str, list, dict}


def test_recursion() -> None:
    """A schema that leads back to itself has small records; one that must contain itself has none."""
    node = {"type": "object", "properties": {"v": {"type": "null"}, "next": {"$ref": "#"}}}

    assert {"next": {"next": {"v": None}}} in variants(node, "next.next.v")
    assert variants({**node, "required": ["next"]}) == []


def test_a_path_that_leads_nowhere() -> None:
    """Where the path leads nowhere there are still records, and none with it."""
    assert variants(closed(a={"type": "null"}), "b") == [{}, {"a": None}]
    with pytest.raises(Refused):
        variants({}, "a..b")


@pytest.mark.parametrize("pattern", ["^[a-c]+$", "a|bc", r"^\d{4}-\d{2}$", "(x)y\\1", "^$", "[^a]", "^.{3}$", "z*?q"])
def test_patterns(pattern: str) -> None:
    """Simple patterns are spelled out."""
    assert variants({"type": "string", "pattern": pattern})
    assert list(spelled(pattern))


def test_patterns_that_cannot_be_spelled() -> None:
    """What a pattern asks for may be too long, or no pattern: then nothing is proposed."""
    assert not list(spelled("(a{1000}){1000}"))
    assert not list(spelled("["))


def test_numbers() -> None:
    """Numbers stand at the edges of bounds, and are as exact as they are written."""
    assert list(numbers([{"minimum": 0.1, "multipleOf": 0.1, "maximum": 0.3}], whole=False)) == [0.1, 0.2, 0.3]
    assert 2**63 - 1 in numbers([{}], whole=True)
    assert list(numbers([{"minimum": 1e308, "maximum": 1e308}], whole=False))


def doubling(depth: int) -> dict[str, Any]:
    """Each definition refers twice to the next one: a validator takes two to the power of the depth."""
    steps = {f"d{at}": {"anyOf": [{"$ref": f"#/definitions/d{at + 1}"}] * 2} for at in range(depth)}
    return {"$ref": "#/definitions/d0", "definitions": {**steps, f"d{depth}": {"type": "null"}}}


HOSTILE: list[tuple[Any, Any]] = [
    (doubling(40), 1),
    ({"pattern": "^(a+)+$"}, "a" * 60 + "!"),
    ({"pattern": "^(a|a)*$"}, "a" * 60 + "!"),
    ({"pattern": "a*a*a*a*a*b"}, "a" * 3000),
    ({"patternProperties": {"^(a+)+$": {}}}, {"a" * 60 + "!": 1}),
    ({"$ref": "#/definitions/a", "definitions": {"a": {"allOf": [{"$ref": "#"}]}}}, 1),
    ({"pattern": "["}, "a"),
    ({"type": "nothing"}, 1),
    ({"enum": ["a" * 300_000]}, "a"),
]


@pytest.mark.parametrize(("document", "record"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_schemas(document: Any, record: Any) -> None:
    """Whatever the schema, there is an answer soon: records, or a refusal."""
    started = time.monotonic()

    assert told(document, record)
    with suppress(Refused):
        variants(document, "a")
    assert time.monotonic() - started < 20


def test_wide_schemas_are_bounded() -> None:
    """A choice out of many is cut off: so many forms, and no more."""
    wide = closed(**{f"m{at}": {"anyOf": [{"const": one} for one in range(20)]} for at in range(40)})
    started = time.monotonic()

    assert 20 <= len(variants(wide, "m3")) <= 500
    assert len(variants({"enum": list(range(3000))})) == 500
    assert time.monotonic() - started < 20
