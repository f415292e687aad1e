"""Pairs of JSON Schemas by chance: one, and what a producer may have made of it by a step or two."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

Words = dict[str, st.SearchStrategy[Any]]

NAMES = st.sampled_from(["a", "b", "x_a"])
SMALL = st.integers(0, 3)
PATTERNS = st.sampled_from(["^a", "b", "^[ab]{1,2}$"])
SCALARS = st.sampled_from(["string", "integer", "number", "boolean", "null"]).map(lambda name: {"type": name})
VALUES = st.sampled_from(["a", "ab", "", 1, 2, None, True])

TEXT: Words = {"maxLength": SMALL, "minLength": SMALL, "pattern": PATTERNS, "format": st.sampled_from(["date", "ipv4"])}
NUMBER: Words = {
    **dict.fromkeys(("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"), SMALL),
    "multipleOf": st.sampled_from([1, 2, 0.5]),
}
ARRAY: Words = {
    "items": SCALARS,
    "maxItems": SMALL,
    "minItems": SMALL,
    "uniqueItems": st.booleans(),
    "contains": SCALARS,
}
OBJECT: Words = {
    "additionalProperties": st.just(False) | st.just(False) | SCALARS,
    "required": st.lists(NAMES, max_size=2, unique=True),
    "maxProperties": SMALL,
    "minProperties": SMALL,
    "patternProperties": st.dictionaries(st.just("^x_"), SCALARS, min_size=1, max_size=1),
    "propertyNames": st.builds(lambda: {"maxLength": 1}),
    "dependencies": st.dictionaries(NAMES, st.lists(NAMES, max_size=2, unique=True), min_size=1, max_size=1),
}
OTHERS: Words = {
    "default": VALUES,
    "enum": st.lists(VALUES, min_size=1, max_size=3, unique_by=repr),
    "const": VALUES,
    "not": SCALARS,
}

ALONE: dict[str, Words] = {
    "string": {"maxLength": st.integers(1, 3), "minLength": st.integers(1, 3), "pattern": PATTERNS},
    "number": {
        **dict.fromkeys(("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"), SMALL),
        "multipleOf": st.sampled_from([0.5, 1.5]),
    },
    "integer": {"maximum": SMALL, "minimum": SMALL, "multipleOf": st.sampled_from([2, 3])},
    "array": {"maxItems": st.integers(1, 3), "minItems": st.integers(1, 3), "uniqueItems": st.just(True)},
    "object": {
        "additionalProperties": st.just(False) | SCALARS,
        "required": st.lists(NAMES, min_size=1, max_size=2, unique=True),
        "maxProperties": st.integers(2, 3),
        "minProperties": st.integers(1, 3),
        "dependencies": st.just({"a": ["b"]}).map(copy.deepcopy) | st.just({"b": ["x_a", "a"]}).map(copy.deepcopy),
    },
}
"""Keywords that bind something wherever they stand alone."""

STEPS: dict[str, dict[str, list[Any]]] = {
    "string": {"maxLength": [1, 2], "minLength": [1, 2], "pattern": ["^a", "b"]},
    "number": {
        **{word: [0, 2] for word in ("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum")},
        "multipleOf": [0.5, 1.5],
    },
    "integer": {"maximum": [0, 2], "minimum": [0, 2], "multipleOf": [2, 4]},
    "array": {"maxItems": [1, 2], "minItems": [1, 2], "uniqueItems": [True]},
    "object": {
        "additionalProperties": [False, {"type": "string"}],
        "required": [["a"], ["a", "b"]],
        "maxProperties": [2, 3],
        "minProperties": [1, 2],
        "dependencies": [{"a": ["b"]}, {"b": ["x_a", "a"]}],
    },
}
"""What such a keyword is moved to."""


def _kind(name: str, words: Words, most: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    chosen = st.lists(st.sampled_from(sorted(words)), max_size=most, unique=True)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({"type": st.just(name), **{n: words[n] for n in names}}))


def _objects(inner: st.SearchStrategy[Any], words: Words, most: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(_kind("object", words, most), st.dictionaries(NAMES, inner, max_size=2)).map(
        lambda pair: {**pair[0], "properties": pair[1]}
    )


def _arrays(inner: st.SearchStrategy[Any], words: Words, most: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(_kind("array", words, most), inner).map(lambda pair: {**pair[0], "items": pair[1]})


def _compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    listed = st.lists(inner, min_size=1, max_size=3)
    tuples = listed.map(lambda items: {"type": "array", "items": items})
    sums = st.tuples(st.sampled_from(["anyOf", "oneOf", "allOf"]), listed).map(lambda pair: {pair[0]: pair[1]})
    objects = _objects(inner, OBJECT, 2)
    return objects | objects | _arrays(inner, ARRAY, 2) | tuples | sums


SCHEMAS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    _kind("string", TEXT)
    | _kind("integer", NUMBER)
    | _kind("number", NUMBER)
    | SCALARS
    | st.builds(lambda: {"type": ["string", "null"]})
    | OTHERS["enum"].map(lambda values: {"enum": values})
    | OTHERS["const"].map(lambda value: {"const": value}),
    _compound,
    max_leaves=4,
)
"""Anything: keywords beside each other, which may rule each other out, or everything."""


def _sums() -> st.SearchStrategy[dict[str, Any]]:
    """One of several types that have no value in common."""
    members = st.lists(st.sampled_from(["string", "integer", "boolean", "null"]), min_size=1, max_size=3, unique=True)
    return st.tuples(st.sampled_from(["anyOf", "oneOf"]), members).map(
        lambda pair: {pair[0]: [{"type": name} for name in pair[1]]}
    )


PLAIN: st.SearchStrategy[dict[str, Any]] = st.recursive(
    _kind("string", ALONE["string"], 1)
    | _kind("integer", ALONE["integer"], 1)
    | _kind("number", ALONE["number"], 1)
    | st.sampled_from(["boolean", "null"]).map(lambda name: {"type": name})
    | st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3, unique=True).map(lambda all_: {"enum": all_}),
    lambda inner: _objects(inner, ALONE["object"], 1) | _arrays(inner, ALONE["array"], 1) | _sums(),
    max_leaves=3,
)
"""One keyword at a place, beside its type: each of them binds something."""


def places(tree: Any) -> list[dict[str, Any]]:
    """All schemas inside a schema, itself included."""
    found = [tree] if isinstance(tree, dict) else []
    for one in found:
        for word in ("properties", "patternProperties", "definitions"):
            found += [inner for inner in one.get(word, {}).values() if isinstance(inner, dict)]
        for word in ("items", "anyOf", "oneOf", "allOf", "not", "contains", "additionalProperties", "propertyNames"):
            inner = one.get(word)
            found += [each for each in (inner if isinstance(inner, list) else [inner]) if isinstance(each, dict)]
    return found


def paths(tree: Any, at: str = "", depth: int = 3) -> list[str]:
    """The field paths of a schema, as far down as that."""
    found = [at]
    if not isinstance(tree, dict) or depth == 0:
        return found
    for name, inner in tree.get("properties", {}).items():
        found += paths(inner, f"{at}.{name}" if at else name, depth - 1)
    if "items" in tree:
        items = tree["items"]
        found += paths(items[0] if isinstance(items, list) else items, f"{at}[]", depth - 1)
    if isinstance(tree.get("additionalProperties"), dict):
        found += paths(tree["additionalProperties"], f"{at}{{}}", depth - 1)
    for word in ("anyOf", "oneOf", "allOf"):
        for inner in tree.get(word, []):
            found += paths(inner, at, depth)
    return list(dict.fromkeys(found))


@st.composite
def changed(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """The schema after a step or two."""
    tree = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.sampled_from(places(tree)))
        draw(st.sampled_from(_STEPS))(draw, place)
    return tree


def every_step(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema after each single step, at each place, that leaves one keyword there."""
    for at in range(len(places(document))):
        for replaced in _replaced(places(document)[at]):
            tree = copy.deepcopy(document)
            place = places(tree)[at]
            place.clear()
            place |= copy.deepcopy(replaced)
            yield tree


@st.composite
def hoisted(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """The same, one of its places referred to where it has been written out, or none."""
    tree = copy.deepcopy(document)
    inner = places(tree)[1:]
    if not inner or draw(st.booleans()):
        return tree
    place = draw(st.sampled_from(inner))
    definition = dict(place)
    place.clear()
    place["$ref"] = "#/definitions/d"
    return {**tree, "definitions": {"d": definition}}


def _put(draw: st.DrawFn, place: dict[str, Any]) -> None:
    """A keyword that fits the kind of value comes, or moves."""
    fitting = {"string": TEXT, "integer": NUMBER, "number": NUMBER, "array": ARRAY, "object": OBJECT}
    words = fitting.get(str(place.get("type")), OTHERS)
    word = draw(st.sampled_from(sorted(words)))
    place[word] = copy.deepcopy(draw(words[word]))


def _replaced(place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a place may become: its keyword moves or goes, or one comes; a member or type comes or goes."""
    kind = str(place.get("type"))
    words = STEPS.get(kind, {})
    there = words.keys() & place.keys()
    for word in sorted(there or words):
        yield from ({**place, word: value} for value in words[word] if place.get(word) != value)
    for word in sorted(there):
        yield {key: value for key, value in place.items() if key != word}
    if "enum" in place:
        yield {"enum": [*place["enum"], "further"]}
        yield from ({"enum": place["enum"][1:]} for _ in place["enum"][1:2])
    for word in place.keys() & {"anyOf", "oneOf"}:
        yield {word: [*place[word], {"type": "array"}]}
        yield from ({word: place[word][1:]} for _ in place[word][1:2])
    if "type" in place:
        near = {"integer": "number", "number": "integer", "null": "boolean"}.get(kind, "null")
        yield from ({"type": other} for other in (near, [kind, near]))
    if kind == "object":
        members = place["properties"]
        for name in ("a", "b"):
            rest = {key: value for key, value in members.items() if key != name}
            come = ({**members, name: value} for value in ({"type": "string"}, {}))
            yield from ({**place, "properties": one} for one in ([rest] if name in members else come))


def _drop(draw: st.DrawFn, place: dict[str, Any]) -> None:
    if place:
        del place[draw(st.sampled_from(sorted(place)))]


def _property(draw: st.DrawFn, place: dict[str, Any]) -> None:
    if place.get("type") == "object":
        members = place.setdefault("properties", {})
        name = draw(NAMES)
        if name in members:
            del members[name]
        else:
            members[name] = draw(SCALARS | st.builds(dict))


def _retype(draw: st.DrawFn, place: dict[str, Any]) -> None:
    if isinstance(place.get("type"), str):
        near = {"integer": ["number"], "number": ["integer"]}.get(place["type"], [])
        other = "boolean" if place["type"] == "null" else "null"
        place["type"] = draw(st.sampled_from([*near, [place["type"], other], "string"]))


def _wrap(draw: st.DrawFn, place: dict[str, Any]) -> None:
    inner = dict(place)
    place.clear()
    place[draw(st.sampled_from(["anyOf", "oneOf", "allOf"]))] = draw(
        st.sampled_from([[inner], [inner, {"type": "null"}], [{"type": "string"}, inner]])
    )


_STEPS: list[Callable[[st.DrawFn, dict[str, Any]], None]] = [_put, _put, _drop, _property, _retype, _wrap]
