"""Schemas of any format for properties: tables with all that the model can say, pairs of JSON Schemas, plain forms."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from watcher.model.schema import Format, Schema
from watcher.model.types import (
    NULL,
    Array,
    Boolean,
    Constraint,
    Decimal,
    Default,
    Enum,
    Field,
    Integer,
    Key,
    Map,
    Null,
    Record,
    Ref,
    String,
    Timestamp,
    Type,
    Union,
)

NAMES = ("id", "amount", "total_amount", "totalAmount", "note", "notes", "cust_id", "customer_id")
BOUNDS = st.lists(
    st.sampled_from([Constraint("minimum", 1), Constraint("maximum", 9), Constraint("maximum", 8)]),
    max_size=2,
    unique_by=lambda one: one.name,
).map(tuple)
SCALARS: st.SearchStrategy[Type] = st.one_of(
    st.sampled_from(
        [String(), String(5), Integer(32), Boolean(), NULL, Decimal(10, 2), Timestamp("ms"), Enum(("x", "y"))]
    ),
    st.builds(Integer, st.just(64), st.just(True), BOUNDS),
)


def _within(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    sized = st.sampled_from([(), (Constraint("minItems", 1),), (Constraint("minItems", 2),)])
    several = st.lists(inner.filter(lambda one: not isinstance(one, Union)), min_size=2, max_size=3, unique=True)
    return st.one_of(
        st.builds(Array, inner, sized),
        st.builds(Map, inner, sized),
        several.map(lambda those: Union(tuple(those))),
        inner.map(lambda one: one if isinstance(one, Union | Null) else Union((NULL, one))),
        records(inner),
    )


@st.composite
def _fields(draw: st.DrawFn, types: st.SearchStrategy[Type], most: int = 5) -> tuple[Field, ...]:
    names = draw(st.lists(st.sampled_from(NAMES), max_size=most, unique=True))
    ids = draw(st.permutations(range(8))) if draw(st.booleans()) else None
    return tuple(
        Field(
            name,
            draw(types),
            draw(st.sampled_from([None, Default(None), Default(1)])),
            required=draw(st.booleans()),
            classes=tuple(sorted(draw(st.sets(st.sampled_from(["PII", "SECRET"]))))),
            id=None if ids is None else str(ids[number]),
        )
        for number, name in enumerate(names)
    )


@st.composite
def records(draw: st.DrawFn, types: st.SearchStrategy[Type]) -> Record:
    """A record with keys, content and bounds."""
    fields = draw(_fields(types))
    names = [one.name for one in fields]
    keys: list[Key] = []
    if names:
        members = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)
        keys = draw(st.lists(st.builds(Key, members, st.booleans()), max_size=2, unique_by=_key))
    return Record(
        fields,
        content=draw(st.sampled_from([None, "open", "closed"])),
        keys=tuple(sorted(keys, key=lambda one: (one.members, one.primary))),
        constraints=draw(st.sampled_from([(), (Constraint("maxProperties", 3),)])),
    )


MAX_FOLDED = 4
"""So deep references are followed: how a recursion is cut into definitions is no part of what it says."""


def _key(key: Key) -> Any:
    return frozenset(key.members), key.primary


TYPES = st.recursive(SCALARS, _within, max_leaves=5)


@st.composite
def rich_pairs(draw: st.DrawFn) -> tuple[Schema, Schema]:
    """A table, and another that shares some of its columns."""
    before = draw(records(TYPES))
    after = draw(records(TYPES))
    if draw(st.booleans()):
        kept = {one.name: one for one in before.fields}
        after = replace(after, fields=tuple(kept.get(one.name, one) for one in after.fields))
    if draw(st.booleans()):  # the members trade their names
        names = draw(st.permutations([one.name for one in before.fields]))
        after = replace(
            after,
            fields=tuple(replace(one, name=name) for one, name in zip(before.fields, names, strict=True)),
        )
    names_after = {one.name for one in after.fields}
    valid = tuple(key for key in after.keys or () if names_after.issuperset(key.members))
    return Schema(Format.SQL, before), Schema(Format.SQL, replace(after, keys=valid))


@st.composite
def json_pairs(draw: st.DrawFn, schemas: st.SearchStrategy[Any]) -> tuple[str, str]:
    """The texts of two JSON Schemas with members of the same names, and a definition that may hold itself."""
    texts = []
    for _ in range(2):
        properties = {name: draw(schemas) for name in draw(st.sets(st.sampled_from("abc"), max_size=3))}
        node: dict[str, Any] = {"type": "object", "properties": {"x": draw(schemas)}}
        if draw(st.booleans()):
            node["properties"]["next"] = {"$ref": "#/definitions/node"}
            properties["list"] = {"type": "array", "items": {"$ref": "#/definitions/node"}}
        if draw(st.booleans()):
            properties["node"] = {"$ref": "#/definitions/node"}
        texts.append(json.dumps({"type": "object", "properties": properties, "definitions": {"node": node}}))
    return texts[0], texts[1]


def plain(schema: Schema) -> Any:
    """The schema as a tree, without what is no change: the order of enum values, branches, aliases and constraints."""
    return _plain(schema, schema.root, ())


def _plain(schema: Schema, type_: Any, inside: tuple[str, ...]) -> Any:
    match type_:
        case Ref(name):
            if len(inside) > MAX_FOLDED:
                return "and so on", schema.named[name].name
            return _plain(schema, schema.named[name], (*inside, name))
        case Union(branches):
            parts = {repr(_plain(schema, one, inside)) for one in branches}
            return ("union", tuple(sorted(parts))) if len(parts) > 1 else _plain(schema, branches[0], inside)
        case Record():
            fields = [(one, _plain(schema, one.type, inside)) for one in type_.fields]
            bare = replace(
                type_, fields=tuple(replace(one, type=NULL, id=None, aliases=_set(one.aliases)) for one, _ in fields)
            )
            keys = None if bare.keys is None else tuple(sorted((sorted(one.members), one.primary) for one in bare.keys))
            bare = replace(bare, keys=None, aliases=_set(bare.aliases), constraints=_bounds(bare))
            return bare, keys, tuple(one for _, one in fields)
        case Array(inner) | Map(inner):
            return type(type_), _bounds(type_), _plain(schema, inner, inside)
        case Enum():
            numbers = tuple(sorted(type_.numbers))
            return replace(type_, symbols=_set(type_.symbols), aliases=_set(type_.aliases), numbers=()), numbers
    if getattr(type_, "base", None) is not None:
        return replace(type_, base=None), _plain(schema, type_.base, inside)
    return replace(type_, constraints=_bounds(type_)) if hasattr(type_, "constraints") else type_


def _set(those: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(those))


def _bounds(type_: Any) -> tuple[Constraint, ...]:
    return tuple(sorted(type_.constraints, key=lambda one: one.name))
