"""The registry's change kinds for JSON Schema, one by one: what is called what, where, and whether it is compatible."""

import json
import time
from typing import Any

import pytest

from watcher.compat.jsonschema import Difference, check, differences
from watcher.compat.jsonschema.found import MAX_TOLD
from watcher.compat.jsonschema.kinds import COMPATIBLE
from watcher.formats.jsonschema import parse
from watcher.model.compatibility import Policy
from watcher.model.errors import SchemaError
from watcher.model.schema import Format, Schema
from watcher.model.types import String

LATE = "https://json-schema.org/draft/2020-12/schema"


def schema(document: Any) -> Schema:
    return parse(json.dumps(document))


def told(old: Any, new: Any) -> list[str]:
    return [f"{one.kind} {one.path}" for one in differences(schema(old), schema(new))]


def late(**keywords: Any) -> dict[str, Any]:
    return {"$schema": LATE, **keywords}


STRING, NUMBER = {"type": "string"}, {"type": "number"}
A = {"properties": {"a": STRING}}
CLOSED = {**A, "additionalProperties": False}
AB = {"properties": {"a": STRING, "b": STRING}}

BOUNDS = [
    ("MAX_LENGTH", "maxLength", "string"),
    ("MIN_LENGTH", "minLength", "string"),
    ("MAXIMUM", "maximum", "number"),
    ("MINIMUM", "minimum", "number"),
    ("EXCLUSIVE_MAXIMUM", "exclusiveMaximum", "number"),
    ("EXCLUSIVE_MINIMUM", "exclusiveMinimum", "number"),
    ("MAX_PROPERTIES", "maxProperties", "object"),
    ("MIN_PROPERTIES", "minProperties", "object"),
    ("MAX_ITEMS", "maxItems", "array"),
    ("MIN_ITEMS", "minItems", "array"),
    ("MAX_CONTAINS", "maxContains", "array"),
    ("MIN_CONTAINS", "minContains", "array"),
]


@pytest.mark.parametrize(("kind", "keyword", "type_"), BOUNDS)
def test_bounds(kind: str, keyword: str, type_: str) -> None:
    """A bound that comes or tightens is incompatible, one that goes or loosens is not."""
    bare, low, high = {"type": type_}, {"type": type_, keyword: 3}, {"type": type_, keyword: 5}

    assert told(bare, low) == [f"{kind}_ADDED #/{keyword}"]
    assert told(low, bare) == [f"{kind}_REMOVED #/{keyword}"]
    assert told(low, high) == [f"{kind}_INCREASED #/{keyword}"]
    assert told(high, low) == [f"{kind}_DECREASED #/{keyword}"]
    assert told(low, {"type": type_, keyword: 3.0}) == []
    loosened = "INCREASED" if "MAX" in kind else "DECREASED"
    for policy in Policy:
        listed = {
            word for word in ("ADDED", "REMOVED", "INCREASED", "DECREASED") if f"{kind}_{word}" in COMPATIBLE[policy]
        }
        assert listed == {"REMOVED", loosened}


KINDS: list[tuple[str, Any, Any]] = [
    ("ID_CHANGED #/", {"$id": "a"}, {"$id": "b"}),
    ("TITLE_CHANGED #/", {**STRING, "title": "a"}, STRING),
    ("DESCRIPTION_CHANGED #/", {**STRING, "description": "a"}, STRING),
    ("DEFAULT_CHANGED #/", {**STRING, "default": "a"}, {**STRING, "default": "b"}),
    ("DEFAULT_CHANGED #/", {**NUMBER, "default": 1}, {**NUMBER, "default": True}),
    ("TYPE_CHANGED #/", STRING, {"type": "boolean"}),
    ("TYPE_EXTENDED #/", {"type": "integer"}, NUMBER),
    ("TYPE_NARROWED #/", NUMBER, {"type": "integer"}),
    ("SCHEMA_ADDED #/items", {"type": "array"}, {"type": "array", "items": STRING}),
    ("SCHEMA_REMOVED #/items", {"type": "array", "items": STRING}, {"type": "array"}),
    ("PATTERN_ADDED #/pattern", STRING, {**STRING, "pattern": "a"}),
    ("PATTERN_REMOVED #/pattern", {**STRING, "pattern": "a"}, STRING),
    ("PATTERN_CHANGED #/pattern", {**STRING, "pattern": "a"}, {**STRING, "pattern": "b"}),
    ("MULTIPLE_OF_ADDED #/multipleOf", NUMBER, {**NUMBER, "multipleOf": 2}),
    ("MULTIPLE_OF_REMOVED #/multipleOf", {**NUMBER, "multipleOf": 2}, NUMBER),
    ("MULTIPLE_OF_EXPANDED #/multipleOf", {**NUMBER, "multipleOf": 2}, {**NUMBER, "multipleOf": 4}),
    ("MULTIPLE_OF_REDUCED #/multipleOf", {**NUMBER, "multipleOf": 0.1}, {**NUMBER, "multipleOf": 0.01}),
    ("MULTIPLE_OF_CHANGED #/multipleOf", {**NUMBER, "multipleOf": 2}, {**NUMBER, "multipleOf": 3}),
    ("REQUIRED_ATTRIBUTE_ADDED #/required/a", A, {**A, "required": ["a"]}),
    ("REQUIRED_ATTRIBUTE_REMOVED #/required/a", {**A, "required": ["a"]}, A),
    ("ADDITIONAL_PROPERTIES_ADDED #/additionalProperties", CLOSED, A),
    ("ADDITIONAL_PROPERTIES_REMOVED #/additionalProperties", A, CLOSED),
    ("ADDITIONAL_PROPERTIES_EXTENDED #/additionalProperties", {"additionalProperties": STRING}, {"properties": {}}),
    ("ADDITIONAL_PROPERTIES_NARROWED #/additionalProperties", {"properties": {}}, {"additionalProperties": STRING}),
    ("DEPENDENCY_ARRAY_ADDED #/dependencies/a", A, {**A, "dependencies": {"a": ["b"]}}),
    ("DEPENDENCY_ARRAY_REMOVED #/dependencies/a", {**A, "dependencies": {"a": ["b"]}}, A),
    ("DEPENDENCY_ARRAY_EXTENDED #/dependencies/a", {"dependencies": {"a": ["b"]}}, {"dependencies": {"a": ["b", "c"]}}),
    ("DEPENDENCY_ARRAY_NARROWED #/dependencies/a", {"dependencies": {"a": ["b", "c"]}}, {"dependencies": {"a": ["b"]}}),
    ("DEPENDENCY_ARRAY_CHANGED #/dependencies/a", {"dependencies": {"a": ["b"]}}, {"dependencies": {"a": ["c"]}}),
    ("DEPENDENCY_SCHEMA_ADDED #/dependencies/a", A, {**A, "dependencies": {"a": A}}),
    ("DEPENDENCY_SCHEMA_REMOVED #/dependencies/a", {**A, "dependencies": {"a": A}}, A),
    ("OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/b", A, AB),
    ("REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/b", A, {**AB, "required": ["b"]}),
    (
        "PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL #/properties/b",
        A,
        {"properties": {"a": STRING, "b": {}}},
    ),
    ("OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL #/properties/b", CLOSED, {**CLOSED, **AB}),
    ("REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL #/properties/b", CLOSED, {**CLOSED, **AB, "required": ["b"]}),
    ("PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL #/properties/b", AB, A),
    ("PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/b", {**CLOSED, **AB}, CLOSED),
    (
        "PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/b",
        {**CLOSED, "properties": {"a": STRING, "b": False}},
        CLOSED,
    ),
    ("UNEVALUATED_PROPERTIES_ADDED #/unevaluatedProperties", late(**A, unevaluatedProperties=False), late(**A)),
    ("UNEVALUATED_PROPERTIES_REMOVED #/unevaluatedProperties", late(**A), late(**A, unevaluatedProperties=False)),
    ("UNEVALUATED_PROPERTIES_EXTENDED #/unevaluatedProperties", late(**A, unevaluatedProperties=STRING), late(**A)),
    ("UNEVALUATED_PROPERTIES_NARROWED #/unevaluatedProperties", late(**A), late(**A, unevaluatedProperties=STRING)),
    ("UNIQUE_ITEMS_ADDED #/uniqueItems", {"type": "array"}, {"type": "array", "uniqueItems": True}),
    ("UNIQUE_ITEMS_REMOVED #/uniqueItems", {"type": "array", "uniqueItems": True}, {"type": "array"}),
    ("ADDITIONAL_ITEMS_ADDED #/additionalItems", {"items": [STRING], "additionalItems": False}, {"items": [STRING]}),
    ("ADDITIONAL_ITEMS_REMOVED #/additionalItems", {"items": [STRING]}, {"items": [STRING], "additionalItems": False}),
    (
        "ADDITIONAL_ITEMS_EXTENDED #/additionalItems",
        {"items": [STRING], "additionalItems": NUMBER},
        {"items": [STRING]},
    ),
    (
        "ADDITIONAL_ITEMS_NARROWED #/additionalItems",
        {"items": [STRING]},
        {"items": [STRING], "additionalItems": NUMBER},
    ),
    ("UNEVALUATED_ITEMS_ADDED #/unevaluatedItems", late(type="array", unevaluatedItems=False), late(type="array")),
    ("UNEVALUATED_ITEMS_REMOVED #/unevaluatedItems", late(type="array"), late(type="array", unevaluatedItems=False)),
    ("UNEVALUATED_ITEMS_EXTENDED #/unevaluatedItems", late(type="array", unevaluatedItems=STRING), late(type="array")),
    ("UNEVALUATED_ITEMS_NARROWED #/unevaluatedItems", late(type="array"), late(type="array", unevaluatedItems=STRING)),
    ("ITEM_ADDED_TO_OPEN_CONTENT_MODEL #/items/1", {"items": [STRING]}, {"items": [STRING, NUMBER]}),
    ("ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL #/items/1", {"items": [STRING]}, {"items": [STRING, {}]}),
    (
        "ITEM_ADDED_TO_CLOSED_CONTENT_MODEL #/items/1",
        {"items": [STRING], "additionalItems": False},
        {"items": [STRING, NUMBER], "additionalItems": False},
    ),
    ("ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL #/items/1", {"items": [STRING, NUMBER]}, {"items": [STRING]}),
    (
        "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL #/items/1",
        {"items": [STRING, NUMBER], "additionalItems": False},
        {"items": [STRING], "additionalItems": False},
    ),
    (
        "ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL #/items/1",
        {"items": [STRING, False], "additionalItems": False},
        {"items": [STRING], "additionalItems": False},
    ),
    ("ENUM_ARRAY_EXTENDED #/enum", {"enum": [1]}, {"enum": [1, "1"]}),
    ("ENUM_ARRAY_NARROWED #/enum", {"enum": [1, "1"]}, {"enum": [1]}),
    ("ENUM_ARRAY_CHANGED #/enum", {"enum": [1]}, {"enum": ["1"]}),
    ("ENUM_ARRAY_CHANGED #/const", {"const": {"a": 1}}, {"const": {"a": 2}}),
    ("COMBINED_TYPE_EXTENDED #/", {"oneOf": [STRING, NUMBER]}, {"anyOf": [STRING, NUMBER]}),
    ("COMBINED_TYPE_CHANGED #/", {"anyOf": [STRING, NUMBER]}, {"oneOf": [STRING, NUMBER]}),
    ("COMBINED_TYPE_SUBSCHEMAS_CHANGED #/", {"anyOf": [STRING, NUMBER]}, {"anyOf": [STRING, {"type": "null"}]}),
    ("SUM_TYPE_EXTENDED #/", {"anyOf": [STRING, NUMBER]}, {"anyOf": [{"type": "null"}, NUMBER, STRING]}),
    ("SUM_TYPE_NARROWED #/", {"anyOf": [STRING, NUMBER]}, {"anyOf": [NUMBER]}),
    ("PRODUCT_TYPE_EXTENDED #/", {"allOf": [A]}, {"allOf": [A, {"minLength": 1}]}),
    ("PRODUCT_TYPE_NARROWED #/", {"allOf": [A, {"minLength": 1}]}, {"allOf": [A]}),
    ("NOT_TYPE_NARROWED #/not", {"not": NUMBER}, {"not": {"type": "integer"}}),
    ("NOT_TYPE_EXTENDED #/not", {"not": {"type": "integer"}}, {"not": NUMBER}),
]


@pytest.mark.parametrize(("expected", "old", "new"), KINDS)
def test_kinds(expected: str, old: Any, new: Any) -> None:
    """Each change has the registry's name and place, and is incompatible exactly where the registry says so."""
    kind = expected.split(maxsplit=1)[0]

    assert told(old, new) == [expected]
    for policy in Policy:
        assert (not check(schema(new), schema(old), policy)) is (kind in COMPATIBLE[policy])


PAIRS: list[tuple[str, Any, Any, list[str]]] = [
    (
        "a default makes a requirement harmless",
        A,
        {"properties": {"a": {**STRING, "default": ""}}, "required": ["a"]},
        ["REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED #/required/a", "DEFAULT_CHANGED #/properties/a"],
    ),
    (
        "a default beside a reference counts",
        {**CLOSED, "definitions": {"d": STRING}},
        {
            "properties": {"a": STRING, "b": {"$ref": "#/definitions/d", "default": ""}},
            "required": ["b"],
            "additionalProperties": False,
            "definitions": {"d": STRING},
        },
        ["REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_UNOPEN_CONTENT_MODEL #/properties/b"],
    ),
    (
        "a property that patterns cover",
        {"patternProperties": {"^b": STRING}},
        {"patternProperties": {"^b": STRING}, "properties": {"b1": {**STRING, "maxLength": 3}}},
        [
            "MAX_LENGTH_ADDED #/properties/b1/maxLength",
            "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/properties/b1",
            "OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL #/properties/b1",
        ],
    ),
    (
        "what is not evaluated covers, too",
        late(**AB, unevaluatedProperties=False),
        late(**A, unevaluatedProperties=STRING),
        [
            "PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/properties/b",
            "UNEVALUATED_PROPERTIES_ADDED #/unevaluatedProperties",
        ],
    ),
    ("anything takes everything", STRING, {}, []),
    ("nothing is taken by everything", {"type": "array", "items": False}, {"type": "array", "items": STRING}, []),
    ("formats are not compared", {**STRING, "format": "date"}, {**STRING, "format": "uuid"}, []),
    ("patterns are not compared", {"patternProperties": {"a": STRING}}, {"patternProperties": {"a": NUMBER}}, []),
    ("conditions are not compared", {"if": A, "then": A}, {"if": AB, "else": A}, []),
    ("the order of keys is nothing", {"type": "string", "title": "x"}, {"title": "x", "type": "string"}, []),
    ("one number, written otherwise", {**NUMBER, "maximum": 10}, {**NUMBER, "maximum": 10.0}, []),
    ("draft 4's exclusive bounds are not compared",
     {"$schema": "http://json-schema.org/draft-04/schema#", "type": "number", "maximum": 3},
     {"$schema": "http://json-schema.org/draft-04/schema#", "type": "number", "maximum": 3, "exclusiveMaximum": True},
     []),
    ("one of a kind is no sum", {"oneOf": [STRING]}, STRING, []),
    ("nor is it one on the other side", STRING, {"anyOf": [STRING]}, []),
    ("a list of types is a sum", {"type": ["string", "null"]}, {"type": ["null", "string", "integer"]},
     ["SUM_TYPE_EXTENDED #/"]),
    ("null alone is taken by a nullable", {"type": "null"}, {"type": ["string", "null"]}, ["SUM_TYPE_EXTENDED #/"]),
    ("a product gives way to one of its members", {"type": "string", "enum": ["a"]}, STRING,
     ["PRODUCT_TYPE_NARROWED #/"]),
    ("members that are written alike are one", {"oneOf": [STRING, STRING]}, {"oneOf": [STRING]}, []),
    ("connect's bytes are bytes, however they are written",
     {"type": "string", "connect.type": "bytes"}, {"type": "number", "connect.type": "bytes"}, []),
    ("a reference is what it refers to", {"$ref": "#/definitions/d", "definitions": {"d": STRING}}, STRING, []),
    ("what recurs is compared once",
     {"properties": {"next": {"$ref": "#"}, "v": STRING}}, {"properties": {"next": {"$ref": "#"}, "v": NUMBER}},
     ["TYPE_CHANGED #/properties/v"]),
    ("tuples of the latest draft",
     late(prefixItems=[STRING], items=False), late(prefixItems=[STRING, NUMBER], items=False),
     ["ITEM_ADDED_TO_CLOSED_CONTENT_MODEL #/items/1"]),
    ("dependencies of the latest drafts",
     late(dependentRequired={"a": ["b"]}), late(dependentRequired={"a": ["b", "c"]}),
     ["DEPENDENCY_ARRAY_EXTENDED #/dependencies/a"]),
    ("contains asks for one at least",
     late(type="array", contains=STRING), late(type="array", contains=STRING, minContains=2),
     ["MIN_CONTAINS_INCREASED #/minContains"]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS])
def test_pairs(old: Any, new: Any, expected: list[str]) -> None:
    """The registry's finer points, each named by its own case."""
    assert told(old, new) == expected


def test_the_matching_is_a_maximum() -> None:
    """A member gives up its first partner where another member has no other one."""
    old = {"anyOf": [{**STRING, "maxLength": 1}, {**STRING, "maxLength": 5}]}
    new = {"anyOf": [{**STRING, "maxLength": 9}, {**STRING, "maxLength": 2}]}
    chain = [{**STRING, "maxLength": number} for number in range(9, 0, -1)]

    assert told(old, new) == ["MAX_LENGTH_INCREASED #/anyOf/0/maxLength", "MAX_LENGTH_INCREASED #/anyOf/1/maxLength"]
    assert check(schema({"anyOf": chain}), schema({"anyOf": chain[::-1]})) == ()


def test_who_is_who() -> None:
    """The reader is the update: it must take what the writer wrote, and not the other way round."""
    integer, number = schema({"type": "integer"}), schema(NUMBER)

    assert check(number, integer) == ()
    assert [(one.kind, one.path) for one in check(integer, number)] == [("TYPE_NARROWED", "#/")]


def test_lenient_is_looser() -> None:
    """Whatever is compatible under STRICT is so under LENIENT, and an optional property may come to an open object."""
    assert COMPATIBLE[Policy.STRICT] < COMPATIBLE[Policy.LENIENT]
    assert check(schema(AB), schema(A), Policy.STRICT)
    assert not check(schema(AB), schema(A), Policy.LENIENT)
    assert check(schema({**AB, "required": ["b"]}), schema(A), Policy.LENIENT)


def test_only_what_was_read_can_be_compared() -> None:
    """A schema that was put together by hand has no document to compare."""
    with pytest.raises(SchemaError, match="its own text"):
        check(Schema(Format.JSON, String()), Schema(Format.JSON, String()))


def hostile_sum(first: int, count: int = 200) -> dict[str, Any]:
    members = [
        {"type": "object", "properties": {f"p{number}": {**STRING, "maxLength": number}}, "additionalProperties": False}
        for number in range(first, first + count)
    ]
    return {"anyOf": members}


@pytest.mark.parametrize("first", [0, 1000])
def test_hostile_combinations(first: int) -> None:
    """Sums of 200 objects on both sides, alike or all unlike, are decided in a moment."""
    old, new = schema(hostile_sum(0)), schema(hostile_sum(first))

    started = time.process_time()
    found = check(new, old)

    assert time.process_time() - started < 10
    assert bool(found) is bool(first)


def test_entangled_definitions() -> None:
    """Definitions that multiply paths are compared once a pair, and told a bounded number of times."""

    def ladder(leaf: str) -> Schema:
        rungs = {
            f"d{at}": {"properties": {key: {"$ref": f"#/definitions/d{at + 1}"} for key in "ab"}} for at in range(50)
        }
        return schema({"$ref": "#/definitions/d0", "definitions": {**rungs, "d50": {"type": leaf}}})

    found = check(ladder("number"), ladder("string"))

    assert len(found) == MAX_TOLD
    assert found[0].path == "#/" + "/".join(["properties/a"] * 50)


def test_beyond_all_measure() -> None:
    """What would take minutes is refused."""
    with pytest.raises(SchemaError) as refused:
        check(schema(hostile_sum(0, 700)), schema(hostile_sum(5000, 700)))

    assert refused.value.kind == "too-complex"


def linked(first: str, second: str) -> dict[str, Any]:
    """Two kinds of node behind a choice; each leads, by way of a third, back to the first."""

    def node(value: str, onward: str) -> dict[str, Any]:
        return {"properties": {"value": {"type": value}, "onward": {"oneOf": [{"$ref": f"#/definitions/{onward}"}]}}}

    return {
        "definitions": {"one": node(first, "three"), "two": node(second, "three"), "three": node("string", "one")},
        "properties": {"start": {"oneOf": [{"$ref": "#/definitions/one"}, {"$ref": "#/definitions/two"}]}},
    }


def test_what_was_assumed_of_a_recursion_is_taken_back() -> None:
    """A member of a choice does not fit because of what was assumed of another that did not hold."""
    assert told(linked("integer", "boolean"), linked("integer", "boolean")) == []
    assert told(linked("integer", "boolean"), linked("boolean", "number")) == [
        "COMBINED_TYPE_SUBSCHEMAS_CHANGED #/properties/start"
    ]


def test_a_choice_that_is_written_again_and_again() -> None:
    """Sixty kinds, each of which holds the choice of all of them, are judged as if it were written once."""
    choice = [{"$ref": f"#/definitions/kind{number}"} for number in range(60)]

    def kinds(last: str) -> dict[str, Any]:
        return {
            "definitions": {
                f"kind{number}": {
                    "properties": {"id": {"type": last if number == 59 else "string"}, "of": {"oneOf": choice}}
                }
                for number in range(60)
            },
            "oneOf": choice,
        }

    assert told(kinds("string"), kinds("string")) == []
    assert told(kinds("string"), kinds("number")) == ["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"]


def test_a_long_choice_in_another_order() -> None:
    """A thousand alternatives of which each finds itself at another place are the same choice; one may be lost."""
    members = [{"properties": {"kind": {"const": number}}, "required": ["kind"]} for number in range(1000)]

    assert told({"oneOf": members}, {"oneOf": members[500:] + members[:500]}) == []
    assert told({"oneOf": members}, {"oneOf": members[500:] + members[:499]}) == ["SUM_TYPE_NARROWED #/"]


def test_a_choice_with_other_words_beside_it_is_another() -> None:
    """Choices of the same members whose titles or defaults differ each have their own change."""
    members = [{"$ref": "#/definitions/text"}, {"type": "null"}]
    definitions = {"text": STRING}

    def titled(*titles: str) -> dict[str, Any]:
        properties = {f"p{at}": {"title": title, "oneOf": members[:1]} for at, title in enumerate(titles)}
        return {"definitions": definitions, "properties": properties}

    assert told(titled("a", "b"), titled("a", "c")) == ["TITLE_CHANGED #/properties/p1"]
    assert told(titled("b", "a"), titled("c", "a")) == ["TITLE_CHANGED #/properties/p0"]


@pytest.mark.parametrize("keyword", ["properties", "patternProperties"])
def test_a_table_without_an_entry(keyword: str) -> None:
    """Since 2019-09 it says nothing, and anything may change to it; before, it makes a schema of objects."""
    assert told(late(**STRING), late(**{keyword: {}})) == []
    assert told(STRING, {keyword: {}}) == ["TYPE_CHANGED #/"]
    assert told(late(**{keyword: {}}), late(**STRING)) == ["TYPE_CHANGED #/"]


def test_differences_are_values() -> None:
    """A difference is a plain value."""
    assert differences(schema(STRING), schema(NUMBER)) == (Difference("TYPE_CHANGED", "#/"),)
