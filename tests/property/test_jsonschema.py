"""JSON Schema under whatever comes: parsing is total, compatibility reflexive, and verdicts hold for values."""

import json
import re
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from watcher.compat.jsonschema import check, differences
from watcher.compat.jsonschema.pattern import matches
from watcher.diff.walker import diff
from watcher.formats.jsonschema import parse
from watcher.model.compatibility import Policy
from watcher.model.errors import SchemaError
from watcher.model.schema import Schema

NAMES = st.sampled_from(["a", "b", "c", "S_x"])
SMALL = st.integers(0, 4)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 6) | st.sampled_from([0.5, 2.5, "", "a", "ab", "abcde"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
WORDS = st.sampled_from(
    [
        *("type", "properties", "items", "$ref", "allOf", "anyOf", "oneOf", "not", "enum", "const", "$id", "$anchor"),
        *(
            "required",
            "additionalProperties",
            "patternProperties",
            "definitions",
            "$defs",
            "maxLength",
            "minimum",
            "if",
        ),
        *("dependencies", "$schema", "prefixItems", "unevaluatedProperties", "default", "format", "minimum"),
        *("string", "object", "array", "a", "#", "#/definitions/a", "http://[", "http://[#a"),
        *("https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-04/schema#"),
    ]
)
ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=30,
)


def strings() -> st.SearchStrategy[dict[str, Any]]:
    bounds = {"maxLength": SMALL, "minLength": SMALL, "pattern": st.sampled_from(["^a", "b"])}
    return st.fixed_dictionaries({"type": st.just("string")}, optional=bounds)


def numbers() -> st.SearchStrategy[dict[str, Any]]:
    bounds: dict[str, st.SearchStrategy[Any]] = {
        "maximum": SMALL,
        "minimum": SMALL,
        "multipleOf": st.sampled_from([1, 2, 3]),
    }
    return st.fixed_dictionaries({"type": st.sampled_from(["integer", "number"])}, optional=bounds)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Closed ones: what an open one takes is left out by the registry's own rules."""
    return st.fixed_dictionaries(
        {
            "type": st.just("object"),
            "properties": st.dictionaries(NAMES, inner, max_size=3),
            "additionalProperties": st.just(False),
        },
        optional={"required": st.lists(NAMES, max_size=2, unique=True), "maxProperties": SMALL},
    ).map(declared)


def declared(document: dict[str, Any]) -> dict[str, Any]:
    """Only declared properties are required: the registry does not compare the others."""
    if "required" in document:
        document = {**document, "required": [name for name in document["required"] if name in document["properties"]]}
    return document


def compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    arrays = st.fixed_dictionaries(
        {"type": st.just("array"), "items": inner}, optional={"maxItems": SMALL, "uniqueItems": st.booleans()}
    )
    sums = st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)})
    nots = st.fixed_dictionaries({"not": inner})
    return objects(inner) | arrays | sums | nots


LEAVES = (
    strings()
    | numbers()
    | st.fixed_dictionaries({"type": st.sampled_from(["boolean", "null"])})
    | st.fixed_dictionaries(
        {"enum": st.lists(st.sampled_from(["a", "b", 1, None]), min_size=1, max_size=3, unique=True)}
    )
    | st.fixed_dictionaries({"const": st.sampled_from(["a", 1, None])})
    | st.fixed_dictionaries({"type": st.just(["string", "null"])}, optional={"maxLength": SMALL})
)
SCHEMAS: st.SearchStrategy[dict[str, Any]] = st.recursive(LEAVES, compound, max_leaves=5)


@st.composite
def widened(draw: st.DrawFn, document: Any) -> Any:
    """A schema that takes all that the other one takes, by one step or by none."""
    steps = ["none", "nullable", "any"]
    steps += [
        key for key in ("maxLength", "pattern", "maximum", "multipleOf", "maxItems", "maxProperties") if key in document
    ]
    steps += ["integer"] if document.get("type") == "integer" else []
    steps += ["required"] if document.get("required") else []
    steps += ["enum"] if "enum" in document else []
    steps += ["property"] if "properties" in document else []
    step = draw(st.sampled_from(steps))
    match step:
        case "none":
            return document
        case "nullable":
            return {"anyOf": [{"type": "null"}, document]} if "anyOf" not in document else document
        case "any":
            return {}
        case "integer":
            return {**document, "type": "number"}
        case "required":
            return {**document, "required": document["required"][1:]}
        case "enum":
            return {"enum": [*document["enum"], "further"]}
        case "property":
            return {**document, "properties": {"further": {"type": "string"}, **document["properties"]}}
    return {key: value for key, value in document.items() if key != step}


def reordered(tree: Any) -> Any:
    """The same with its keys the other way round, and with a word about itself."""
    if isinstance(tree, list):
        return [reordered(one) for one in tree]
    if not isinstance(tree, dict):
        return tree
    turned = {key: reordered(value) for key, value in reversed(tree.items())}
    return {**turned, "title": "a word"} if "type" in tree else turned


def read(document: Any) -> Schema:
    return parse(json.dumps(document))


@given(st.binary(max_size=200) | st.text(max_size=200))
@settings(deadline=None)
def test_any_bytes(text: bytes | str) -> None:
    """Whatever the bytes, there is a schema or a SchemaError."""
    try:
        parse(text)
    except SchemaError:
        return


@given(ANY_JSON, ANY_JSON)
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_any_json(one: Any, other: Any) -> None:
    """Whatever the JSON, both parsing and comparing end with an answer or a SchemaError."""
    schemas = []
    for document in (one, other):
        wrapped = document if isinstance(document, dict) else {"properties": {"x": document}}
        try:
            schemas.append(parse(json.dumps(wrapped), [("a", json.dumps(one))]))
        except SchemaError:
            event("refused")
            return
    try:
        check(schemas[0], schemas[1])
    except SchemaError:
        event("not compared")


@given(SCHEMAS)
@settings(deadline=None)
def test_reflexive(document: Any) -> None:
    """A schema is compatible with itself, read anew, and nothing but what is ruled out is told of it."""
    one, other = read(document), read(document)

    assert one == other
    for policy in Policy:
        assert check(one, other, policy) == ()
    assert {difference.kind for difference in differences(one, other)} <= {"NOT_TYPE_NARROWED"}


@given(SCHEMAS)
@settings(deadline=None)
def test_noise(document: Any) -> None:
    """The order of keys, and words, are no change, and read the same."""
    shuffled = reordered(document)

    assert diff(read(document), read(shuffled)) == ()
    assert check(read(document), read(shuffled)) == ()


@given(SCHEMAS, SCHEMAS)
@settings(deadline=None)
def test_changes(before: Any, after: Any) -> None:
    """Any two schemas can be told apart, and equal ones are not."""
    one, other = read({"properties": {"x": before}}), read({"properties": {"x": after}})

    assert diff(one, other) == () or one != other
    assert diff(one, one) == ()


@given(st.data(), SCHEMAS)
@settings(deadline=None)
def test_widening(data: st.DataObject, document: Any) -> None:
    """What takes more is compatible."""
    wider = data.draw(widened(document))

    assert check(read(wider), read(document)) == (), (document, wider)


@given(st.data(), SCHEMAS, st.lists(VALUES, min_size=3, max_size=10))
@settings(deadline=None, max_examples=300)
def test_the_verdict_holds(data: st.DataObject, writer: Any, values: list[Any]) -> None:
    """What is compatible under STRICT reads every value that is valid for the writer, as the validator sees it."""
    reader = data.draw(widened(writer) | SCHEMAS)
    assume(not check(read(reader), read(writer)))
    event("compatible")

    for value in values:
        if jsonschema.Draft7Validator(writer).is_valid(value):
            event("a value that the writer writes")
            assert jsonschema.Draft7Validator(reader).is_valid(value), (writer, reader, value)


@pytest.mark.parametrize(
    "pattern", ["^a", "a$", "^(a|b)*c$", "[^a-c]+", r"\d{2,3}x?", "^$", "a.b", "(ab)?c", "a{0}", "(a+)+$", "[ab]*?c"]
)
@given(name=st.text(alphabet="abcx012 ", max_size=8))
@settings(deadline=None, max_examples=60)
def test_patterns(pattern: str, name: str) -> None:
    """The linear matcher says what Python's own says."""
    assert matches(pattern, name) is bool(re.search(pattern, name))


@pytest.mark.parametrize("pattern", [r"\bword", "(?i)a", "(?=a)b", r"(a)\1", "a{1,100000}", "[", "x" * 2000])
def test_patterns_that_cannot_be_judged(pattern: str) -> None:
    """What no finite machine follows, or is too much of it, is refused."""
    with pytest.raises(SchemaError):
        matches(pattern, "a word")


def test_hostile_patterns() -> None:
    """What takes Python's own engine longer than anyone waits is decided at once."""
    assert not matches("^(a+)+$", "a" * 900 + "!")
    assert matches("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 900 + "Bc")
