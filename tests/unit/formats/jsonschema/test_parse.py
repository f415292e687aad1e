"""JSON Schema texts of every draft, read into the canonical model."""

import json
from typing import Any

import pytest

from watcher.compat.jsonschema import check
from watcher.diff.lattice import Order, order
from watcher.formats.jsonschema import parse
from watcher.model.errors import SchemaError
from watcher.model.schema import Format, Schema
from watcher.model.types import (
    NULL,
    Array,
    Binary,
    Boolean,
    Constraint,
    Date,
    Decimal,
    Default,
    Duration,
    Enum,
    Field,
    Float,
    Integer,
    Map,
    Record,
    Ref,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Unknown,
    Uuid,
)

ANY = Unknown("any")
STRING = String()
DRAFTS = {
    4: "http://json-schema.org/draft-04/schema#",
    6: "http://json-schema.org/draft-06/schema#",
    7: "http://json-schema.org/draft-07/schema#",
    2019: "https://json-schema.org/draft/2019-09/schema",
    2020: "https://json-schema.org/draft/2020-12/schema",
}


def read(document: Any, *references: tuple[str, Any]) -> Schema:
    return parse(json.dumps(document), [(name, json.dumps(one)) for name, one in references])


def type_of(document: Any) -> Type:
    return read(document).root


def record(*fields: Field, **said: Any) -> Record:
    return Record(fields, **{"content": "open", **said})


def asks(**given: Any) -> tuple[Constraint, ...]:
    return tuple(Constraint(name, value) for name, value in sorted(given.items()))


BOUNDED = Integer(64, True, asks(minimum=2, maximum=9))
DECIMAL = Decimal(5, 2, None, asks(minimum=0, maximum=999))


def optional(name: str, type_: Type) -> Field:
    return Field(name, type_, required=False)


SCALARS: list[tuple[Any, Type]] = [
    ({"type": "string"}, STRING),
    ({"type": "string", "maxLength": 3}, String(3)),
    ({"type": "string", "format": "date"}, Date(STRING)),
    ({"type": "string", "format": "time"}, Time(None, STRING)),
    ({"type": "string", "format": "date-time"}, Timestamp(None, True, STRING)),
    ({"type": "string", "format": "duration"}, Duration(STRING)),
    ({"type": "string", "format": "uuid"}, Uuid(STRING)),
    ({"type": "string", "format": "email"}, String(None, asks(format="email"))),
    ({"type": "string", "minLength": 0}, STRING),
    ({"type": "string", "minLength": 1, "pattern": "^a", "maxLength": 9}, String(9, asks(minLength=1, pattern="^a"))),
    ({"type": "string", "format": "date", "pattern": "^2"}, Date(String(None, asks(pattern="^2")))),
    ({"type": "string", "format": "date", "maxLength": 10}, Date(String(10))),
    ({"allOf": [{"type": "string", "format": "date"}, {"pattern": "^2"}]}, Date(String(None, asks(pattern="^2")))),
    ({"type": "string", "contentEncoding": "base64"}, Binary()),
    ({"type": "string", "connect.type": "bytes"}, Binary()),
    ({"type": "boolean"}, Boolean()),
    ({"type": "null"}, NULL),
    ({"type": "integer"}, Integer(64)),
    ({"type": "integer", "minimum": 0, "maximum": 100}, Integer(8, True, asks(minimum=0, maximum=100))),
    ({"type": "integer", "minimum": 0}, Integer(64, True, asks(minimum=0))),
    ({"type": "integer", "multipleOf": 1}, Integer(64)),
    ({"type": "integer", "exclusiveMinimum": 0, "minimum": 0.5}, Integer(64, True, asks(minimum=1))),
    ({"type": "integer", "exclusiveMaximum": 0}, Integer(64, True, asks(maximum=-1))),
    ({"type": "number", "exclusiveMinimum": 0, "minimum": 0}, Float(64, asks(exclusiveMinimum=0))),
    ({"type": "number", "exclusiveMaximum": 5, "maximum": 4}, Float(64, asks(maximum=4))),
    ({"type": "integer", "multipleOf": 5}, Integer(64, True, asks(multipleOf=5))),
    (
        {"type": "integer", "minimum": -40_000, "exclusiveMaximum": 40_000},
        Integer(32, True, asks(minimum=-40_000, maximum=39_999)),
    ),
    (
        {"type": "integer", "minimum": 0, "maximum": 2**64 - 2048},
        Integer(64, signed=False, constraints=asks(minimum=0, maximum=2**64 - 2048)),
    ),
    (
        {"type": "integer", "minimum": -1e30, "maximum": 1e30},
        Integer(0, True, asks(minimum=int(-1e30), maximum=int(1e30))),
    ),
    ({"allOf": [{"type": "integer", "minimum": 1}, {"minimum": 2, "maximum": 9}]}, BOUNDED),
    ({"type": "integer", "connect.type": "int16"}, Integer(16)),
    ({"type": "integer", "format": "int32"}, Integer(32)),
    ({"type": "number"}, Float(64)),
    ({"type": "number", "connect.type": "float32"}, Float(32)),
    ({"type": "number", "multipleOf": 0.01}, Decimal(None, 2)),
    ({"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 999}, DECIMAL),
    ({"type": "number", "multipleOf": 5}, Float(64, asks(multipleOf=5))),
    ({"enum": ["a", "b"]}, Enum(("a", "b"))),
    ({"type": "string", "enum": ["a", "b"]}, Enum(("a", "b"))),
    ({"enum": ["a", None]}, Union((NULL, Enum(("a",))))),
    ({"enum": [2, 1]}, Integer(64, True, asks(enum=(1, 2)))),
    ({"type": "integer", "enum": [1, 2]}, Integer(64, True, asks(enum=(1, 2)))),
    ({"enum": [1, True, 1.5]}, Union((Integer(64, True, asks(enum=(1,))), Boolean(), Float(64, asks(enum=(1.5,)))))),
    ({"const": "a"}, Enum(("a",))),
    ({"type": "array", "items": {"type": "string"}}, Array(STRING)),
    ({"type": "array"}, Array(ANY)),
    ({"type": "array", "minItems": 0, "uniqueItems": False}, Array(ANY)),
    ({"type": "array", "maxItems": 2, "uniqueItems": True}, Array(ANY, asks(maxItems=2, uniqueItems=True))),
    ({"items": [{"type": "string"}, {"type": "integer"}]}, Array(Union((STRING, Integer(64))))),
    ({"items": [{"type": "string"}], "additionalItems": {"type": "null"}}, Array(Union((NULL, STRING)))),
    ({"type": "object"}, Map(ANY)),
    ({"type": "object", "minProperties": 1}, Map(ANY, asks(minProperties=1))),
    (
        {"type": "object", "properties": {}, "maxProperties": 3, "dependencies": {"a": ["c", "b"]}},
        record(constraints=asks(maxProperties=3, dependentRequired=(("a", ("b", "c")),))),
    ),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, Map(Integer(64))),
    ({"type": "object", "patternProperties": {"^a": {"type": "integer"}}}, Map(Integer(64))),
    ({"type": "object", "properties": {}}, record()),
    ({"type": "object", "additionalProperties": False}, record(content="closed")),
    ({}, ANY),
    (True, ANY),
    (False, Unknown("nothing")),
    ({"not": {"type": "string"}}, ANY),
    ({"type": "string", "not": {"const": "a"}}, STRING),
    ({"type": ["string", "null"], "maxLength": 3}, Union((NULL, String(3)))),
    ({"type": ["integer", "null"], "maxLength": 3}, Union((NULL, Integer(64)))),
    ({"oneOf": [{"type": "null"}, {"type": "string"}]}, Union((NULL, STRING))),
    ({"anyOf": [{"type": "string"}, {"type": "string"}]}, STRING),
    ({"anyOf": [{"type": ["string", "null"]}, {"type": "integer"}]}, Union((NULL, STRING, Integer(64)))),
    ({"allOf": [{"type": "string"}, {"maxLength": 3}]}, String(3)),
    ({"allOf": [{"type": "number"}, {"type": "integer"}]}, Integer(64)),
    ({"allOf": [{"type": "string"}, {"type": "boolean"}]}, Unknown("a combination that nothing satisfies")),
    (
        {"type": "number", "title": "org.apache.kafka.connect.data.Decimal", "connect.parameters": {"scale": "2"}},
        Decimal(None, 2),
    ),
    ({"type": "integer", "title": "org.apache.kafka.connect.data.Timestamp"}, Timestamp("ms", True, Integer(64))),
]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"type": "integer", "maximum": 100}, {"type": "integer", "maximum": 50}, Order.NARROWER),
        ({"type": "integer", "minimum": 0, "maximum": 100}, {"type": "integer", "minimum": 0}, Order.WIDER),
        ({"type": "integer", "minimum": 1}, {"type": "integer", "exclusiveMinimum": 0}, Order.EQUAL),
        ({"type": "string"}, {"type": "string", "pattern": "^a"}, Order.NARROWER),
        ({"type": "string", "format": "email"}, {"type": "string", "format": "uri"}, Order.UNRELATED),
        ({"enum": [1, 2]}, {"enum": [1, 2, 3]}, Order.WIDER),
        ({"type": "array", "maxItems": 9}, {"type": "array", "maxItems": 3, "minItems": 1}, Order.NARROWER),
        ({"type": "number", "title": "A", "examples": [1]}, {"type": "number", "$comment": "b"}, Order.EQUAL),
    ],
)
def test_bounds_are_compared(before: Any, after: Any, expected: Order) -> None:
    """A bound, a pattern, a format or a closed list that changed is a wider, a narrower or another type."""
    assert order(type_of(before), type_of(after)) is expected


def test_draft_4_has_exclusive_bounds_by_a_word() -> None:
    """The boolean of draft 4 makes the bound beside it an exclusive one."""
    document = {"$schema": DRAFTS[4], "type": "integer", "minimum": 0, "exclusiveMinimum": True}

    assert type_of(document) == Integer(64, True, asks(minimum=1))
    assert type_of({**document, "type": "number"}) == Float(64, asks(exclusiveMinimum=0))


@pytest.mark.parametrize(("document", "expected"), SCALARS, ids=[json.dumps(one)[:70] for one, _ in SCALARS])
def test_types(document: Any, expected: Type) -> None:
    """Each way to write a type has its canonical one."""
    assert type_of(document) == expected


def test_a_record() -> None:
    """Properties become fields: required, defaults, null; what is required without a property is there all the same."""
    document = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "note": {"type": ["string", "null"], "default": None},
            "never": False,
        },
        "required": ["id", "other"],
        "additionalProperties": {"type": "string"},
    }

    assert type_of(document) == record(
        Field("id", STRING),
        Field("note", Union((NULL, STRING)), Default(None), required=False),
        Field("other", ANY),
        content="partial",
    )


@pytest.mark.parametrize(
    ("keywords", "content"),
    [
        ({}, "open"),
        ({"additionalProperties": True}, "open"),
        ({"additionalProperties": False}, "closed"),
        ({"additionalProperties": {"type": "string"}}, "partial"),
        ({"patternProperties": {"^x": True}, "additionalProperties": False}, "partial"),
        ({"$schema": DRAFTS[2020], "unevaluatedProperties": False}, "closed"),
        ({"$schema": DRAFTS[2020], "unevaluatedProperties": {"type": "string"}}, "partial"),
        ({"unevaluatedProperties": False}, "open"),
    ],
)
def test_content_model(keywords: dict[str, Any], content: str) -> None:
    """What else an object may hold is kept; draft 7 knows nothing of what is not evaluated."""
    assert type_of({"properties": {"a": {"type": "string"}}, **keywords}) == record(
        optional("a", STRING), content=content
    )


@pytest.mark.parametrize("draft", [4, 6, 7])
def test_products_of_records(draft: int) -> None:
    """`allOf` merges what is plain: members of both, the stricter of each."""
    document = {
        "$schema": DRAFTS[draft],
        "definitions": {"Base": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}},
        "allOf": [{"$ref": "#/definitions/Base"}, {"properties": {"x": {"type": "number"}, "id": {"maxLength": 3}}}],
    }

    assert type_of(document) == record(Field("id", String(3)), optional("x", Float(64)))


def test_alternatives_of_a_record() -> None:
    """Branches that only require add nothing; variants that add members make a union of whole records."""
    base = {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    variants = [{"properties": {"c": {"type": kind}}} for kind in ("string", "integer")]
    fields = optional("a", STRING), optional("b", STRING)

    assert type_of({**base, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}) == record(*fields)
    assert type_of({**base, "oneOf": variants}) == Union(
        tuple(record(*fields, optional("c", one)) for one in (STRING, Integer(64)))
    )


def test_recursion() -> None:
    """An object that is referred to is a definition: recursive schemas are finite."""
    tree = read({"definitions": {"Node": {"properties": {"next": {"$ref": "#/definitions/Node"}}}},
                 "properties": {"root": {"$ref": "#/definitions/Node"}}})  # fmt: skip

    assert tree.root == record(optional("root", Ref("Node")))
    assert tree.named == {"Node": record(optional("next", Ref("Node")))}
    assert tree.format is Format.JSON


def test_recursion_into_the_root() -> None:
    """The root can be referred to as well."""
    schema = read({"properties": {"child": {"$ref": "#"}}})

    assert schema.root == schema.named["root"] == record(optional("child", Ref("root")))


REFERENCES: list[tuple[str, Any]] = [
    ("a pointer", {"$ref": "#/definitions/a~1b/0", "definitions": {"a/b": [{"type": "string"}]}}),
    ("a pointer, percent-encoded", {"$ref": "#/definitions/a%20b", "definitions": {"a b": {"type": "string"}}}),
    ("a chain", {"$ref": "#/definitions/a",
                 "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"type": "string"}}}),
    ("an $id", {"$id": "http://x.test/root.json", "$ref": "leaf.json",
                "definitions": {"leaf": {"$id": "http://x.test/leaf.json", "type": "string"}}}),
    ("draft 4's id", {"$schema": DRAFTS[4], "id": "http://x.test/r", "$ref": "leaf",
                      "definitions": {"leaf": {"id": "leaf", "type": "string"}}}),
    ("a name as draft 7 has it", {"$ref": "#leaf", "definitions": {"leaf": {"$id": "#leaf", "type": "string"}}}),
    ("an anchor", {"$schema": DRAFTS[2019], "$ref": "#leaf", "$defs": {"leaf": {"$anchor": "leaf", "type": "string"}}}),
    ("an anchor of another resource", {"$schema": DRAFTS[2020], "$ref": "sub#leaf", "$defs": {
        "sub": {"$id": "sub", "$defs": {"leaf": {"$anchor": "leaf", "type": "string"}}}}}),
    ("a dynamic one", {"$schema": DRAFTS[2020], "$dynamicRef": "#leaf",
                       "$defs": {"leaf": {"$dynamicAnchor": "leaf", "type": "string"}}}),
    ("a pointer within an $id", {"$ref": "#/definitions/sub/definitions/x", "definitions": {
        "sub": {"$id": "http://x.test/sub", "definitions": {
            "x": {"$ref": "#/definitions/y"}, "y": {"type": "string"}}}}}),
    ("an urn", {"$id": "urn:a:b", "$ref": "#/definitions/s", "definitions": {"s": {"type": "string"}}}),
]  # fmt: skip


@pytest.mark.parametrize("document", [one for _, one in REFERENCES], ids=[name for name, _ in REFERENCES])
def test_references(document: Any) -> None:
    """Every way to refer to a spot finds it."""
    assert type_of(document) == STRING


@pytest.mark.parametrize(
    ("root", "name"),
    [
        ({"$ref": "money.json"}, "money.json"),
        ({"$ref": "./money.json"}, "money.json"),
        ({"$ref": "money.json#/definitions/m"}, "money.json"),
        ({"$ref": "http://x.test/money.json"}, "http://x.test/money.json"),
        ({"$id": "http://x.test/a/order.json", "$ref": "../money.json"}, "http://x.test/money.json"),
        ({"$id": "http://x.test/order.json", "$ref": "money.json"}, "money.json"),
    ],
)
def test_external_references(root: Any, name: str) -> None:
    """What is given with the schema is found by its name, relative to the schema's own address or as it is written."""
    money = {"type": "string", "definitions": {"m": {"type": "string"}}}

    assert read(root, (name, money)).root == STRING


def test_references_of_references() -> None:
    """A referenced document refers to others, and to itself."""
    order = {"properties": {"total": {"$ref": "money.json"}}}
    money = {"properties": {"amount": {"$ref": "#/definitions/n"}, "currency": {"$ref": "currency.json"}},
             "definitions": {"n": {"type": "number"}}}  # fmt: skip

    schema = read(order, ("money.json", money), ("currency.json", {"enum": ["EUR"]}))

    assert schema.root == record(optional("total", Ref("money")))
    assert schema.named["money"] == record(optional("amount", Float(64)), optional("currency", Enum(("EUR",))))


def test_what_stands_beside_a_reference() -> None:
    """Up to draft 7 it counts for nothing, since 2019-09 it does."""
    document = {"$ref": "#/definitions/s", "maxLength": 3, "definitions": {"s": {"type": "string"}}}

    assert type_of(document) == STRING
    assert type_of({"$schema": DRAFTS[2019], **document}) == String(3)


def test_a_meta_schema() -> None:
    """A draft's own schema is not at hand: a value that it describes is any."""
    assert type_of({"properties": {"s": {"$ref": DRAFTS[7]}}}) == record(optional("s", ANY))


def test_recursion_without_an_object() -> None:
    """A union that is part of itself is unknown from there on, not endless."""
    schema = read({"anyOf": [{"type": "number"}, {"type": "array", "items": {"$ref": "#"}}]})

    assert schema.root == Union((Float(64), Array(Unknown("recursion"))))


WRONG: list[tuple[str, str, str]] = [
    ("", "malformed-json", "not JSON"),
    ("{", "malformed-json", "line 1"),
    ("[]", "invalid-schema", "an object, true or false"),
    ('"string"', "invalid-schema", "an object, true or false"),
    ('{"type": "text"}', "invalid-schema", "known are string"),
    ('{"type": 1}', "invalid-schema", "`type`"),
    ('{"properties": []}', "invalid-schema", "`properties` must be an object"),
    ('{"properties": {"a": {"properties": {"b": 1}}}}', "invalid-schema", "at #/properties/a/properties/b"),
    ('{"required": true}', "invalid-schema", "`required`"),
    ('{"maxLength": "3"}', "invalid-schema", "`maxLength` must be a number"),
    ('{"maxLength": 3.5}', "invalid-schema", "whole number"),
    ('{"$ref": "#/definitions/x"}', "unknown-reference", "refers to nothing"),
    ('{"$ref": "other.json"}', "unknown-reference", "other.json"),
    ('{"$ref": "#"}', "invalid-schema", "refers to itself"),
    ('{"$ref": "http://[#a"}', "unknown-reference", "no address"),
    ('{"$id": "http://[#a"}', "unknown-reference", "no address"),
    ('{"allOf": {}}', "invalid-schema", "`allOf` must be a list"),
    ('{"not": 1}', "invalid-schema", "#/not"),
]


@pytest.mark.parametrize(("text", "kind", "told"), WRONG)
def test_what_is_no_schema(text: str, kind: str, told: str) -> None:
    """Each fault has its kind, and words that name the place."""
    with pytest.raises(SchemaError, match=told) as refused:
        parse(text)

    assert refused.value.kind == kind


def test_too_much() -> None:
    """Size, depth and entanglement are bounded."""
    deep: Any = {}
    for _ in range(90):
        deep = {"properties": {"a": deep}}
    with pytest.raises(SchemaError) as too_deep:
        read(deep)
    with pytest.raises(SchemaError) as too_large:
        parse("{}", [("a", " " * 100)], limit=50)
    with pytest.raises(SchemaError) as nested:
        parse('{"a":' * 5000 + "1" + "}" * 5000)

    assert (too_deep.value.kind, too_large.value.kind, nested.value.kind) == ("too-deep", "too-large", "too-deep")


def test_entangled_unions() -> None:
    """A union that doubles at every reference is unknown where it grows out of hand; the rest is read."""

    def rung(at: int) -> dict[str, Any]:
        following = {"$ref": f"#/definitions/d{at + 1}"}
        return {"oneOf": [{"properties": {"a": following, "b": following}}, {"type": "null"}]}

    doubling = {f"d{at}": rung(at) for at in range(60)}
    schema = read(
        {"properties": {"x": {"$ref": "#/definitions/d0"}}, "definitions": {**doubling, "d60": {"const": "a"}}}
    )

    assert isinstance(schema.root, Record)


def test_equal_texts_make_equal_schemas() -> None:
    """Order of keys and whitespace are no difference, nor is a definition that is written out."""
    one = parse('{"type":"object","properties":{"a":{"type":"string"}},"title":"x"}')
    other = parse('{ "title": "y", "properties": {"a": {"type": "string"}}, "type": "object" }')

    assert one == other


@pytest.mark.parametrize(
    "rung",
    [
        lambda below: {"allOf": [below]},
        lambda below: {"anyOf": [below, {"type": "null"}]},
        lambda below: {"items": below},
        lambda below: {"additionalProperties": below},
        lambda below: {"properties": {"a": below}},
        lambda below: {"not": below},
        lambda below: below,
    ],
)
def test_long_chains_of_references(rung: Any) -> None:
    """A chain of thousands of references, whatever lies between them, is read, and compared with itself."""
    rungs = {f"d{at}": rung({"$ref": f"#/definitions/d{at + 1}"}) for at in range(3000)}
    document = {
        "$ref": "#/definitions/d0",
        "definitions": {**rungs, "d3000": {"properties": {"x": {"type": "string"}}}},
    }

    assert check(read(document), read(document)) == ()
