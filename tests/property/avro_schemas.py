"""Any Avro schemas, pairs of them that are near each other, and records of them."""

import copy
import json
from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import strategies as st

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
NAMES = ("a", "b", "c", "d")
LOGICAL = (
    {"type": "int", "logicalType": "date"},
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
    {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2},
    {"type": "string", "logicalType": "uuid"},
)

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(PRIMITIVES),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "name", "fields", "items", "values", "symbols", "size", "default", "logicalType", "x"]
            )
            | st.text(max_size=3),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)

DEFAULTS: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "int": 1,
    "long": 1,
    "float": 1.5,
    "double": 1.5,
    "bytes": "x",
    "string": "x",
}


@st.composite
def schemas(draw: st.DrawFn, *, logical: bool = True) -> Any:
    """A record with anything in it; named types may be used again, and records may hold themselves."""
    known: list[str] = []
    return _record(draw, known, 0, logical=logical)


@st.composite
def pairs(draw: st.DrawFn, *, logical: bool = True) -> tuple[Any, Any]:
    """A schema, and one that came of it by a few changes."""
    before = draw(schemas(logical=logical))
    after = copy.deepcopy(before)
    for _ in range(draw(st.integers(0, 3))):
        _change(draw, after)
    return before, after


Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]


def shuffled(draw: Draw, schema: Any, *, fields: bool) -> Any:
    """The schema with its keys in another order, and its fields too."""
    if isinstance(schema, list):
        return [shuffled(draw, one, fields=fields) for one in schema]
    if not isinstance(schema, dict):
        return schema
    keys = draw(st.permutations(sorted(schema)))
    mixed = {key: shuffled(draw, schema[key], fields=fields) for key in keys}
    if fields and isinstance(mixed.get("fields"), list):
        mixed["fields"] = draw(st.permutations(mixed["fields"]))
    return mixed


def value(draw: Draw, schema: Any, named: dict[str, Any], depth: int = 0) -> Any:
    """A value of the schema, as fastavro takes it; `named` collects definitions in the order of their text."""
    if isinstance(schema, list):
        short = [one for one in schema if one == "null"] or schema
        return value(draw, draw(st.sampled_from(short if depth > 3 else schema)), named, depth + 1)
    if isinstance(schema, str) and schema in named:
        schema = named[schema]
    word = schema if isinstance(schema, str) else schema["type"]
    match word:
        case "record":
            return {one["name"]: value(draw, one["type"], named, depth + 1) for one in schema["fields"]}
        case "enum":
            return draw(st.sampled_from(schema["symbols"]))
        case "fixed":
            return b"x" * int(schema["size"])
        case "array":
            return [
                value(draw, schema["items"], named, depth + 1)
                for _ in range(draw(st.integers(0, 2)) if depth < 3 else 0)
            ]
        case "map":
            return {key: value(draw, schema["values"], named, depth + 1) for key in ("k" if depth < 3 else "")}
        case _:
            return draw(_PLAIN[word])


def definitions(schema: Any, found: dict[str, Any] | None = None) -> dict[str, Any]:
    """The named types of a schema, by name."""
    found = {} if found is None else found
    if isinstance(schema, list):
        for one in schema:
            definitions(one, found)
    elif isinstance(schema, dict):
        if "name" in schema and schema.get("type") in ("record", "enum", "fixed"):
            found[schema["name"]] = schema
        for key in ("fields", "type", "items", "values"):
            definitions(schema.get(key), found)
    return found


def text(schema: Any) -> str:
    return json.dumps(schema)


_PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "bytes": st.sampled_from(
        [b"", b"x"]
    ),  # bytes that are no text are promoted to string all the same: Avro's own hole
    "string": st.text(max_size=3),
}


def _record(draw: st.DrawFn, known: list[str], depth: int, *, logical: bool) -> Any:
    name = f"R{len(known)}"
    known.append(name)
    count = draw(st.integers(0, 4 if depth == 0 else 2))
    fields = []
    for field_name in NAMES[:count]:
        type_ = _type(draw, known, depth + 1, logical=logical)
        fields.append({"name": field_name, "type": type_, **_default(draw, type_)})
    return {"type": "record", "name": name, "fields": fields}


def _default(draw: st.DrawFn, type_: Any) -> dict[str, Any]:
    first = type_[0] if isinstance(type_, list) and type_ else type_
    if isinstance(first, str) and first in DEFAULTS and draw(st.booleans()):
        return {"default": DEFAULTS[first]}
    return {}


def _type(draw: st.DrawFn, known: list[str], depth: int, *, logical: bool, union: bool = True) -> Any:
    kinds = ["plain", "plain", "known"]
    if logical:
        kinds.append("logical")
    if depth < 4:
        kinds += ["array", "map", "enum", "fixed", "record"] + ["union", "union"] * union
    match draw(st.sampled_from(kinds)):
        case "logical":
            return dict(draw(st.sampled_from(LOGICAL)))
        case "known":
            return ["null", draw(st.sampled_from(known))] if union else draw(st.sampled_from(PRIMITIVES))
        case "array":
            return {"type": "array", "items": _type(draw, known, depth + 1, logical=logical)}
        case "map":
            return {"type": "map", "values": _type(draw, known, depth + 1, logical=logical)}
        case "enum":
            known.append(f"R{len(known)}")
            symbols = draw(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=4, unique=True))
            default = {"default": symbols[0]} if draw(st.booleans()) else {}
            return {"type": "enum", "name": known[-1], "symbols": symbols, **default}
        case "fixed":
            known.append(f"R{len(known)}")
            return {"type": "fixed", "name": known[-1], "size": draw(st.integers(1, 3))}
        case "record":
            return _record(draw, known, depth, logical=logical)
        case "union":
            branches: dict[str, Any] = {}
            for _ in range(draw(st.integers(1, 3))):
                before = len(known)
                branch = _type(draw, known, depth + 1, logical=logical, union=False)
                key = branch if isinstance(branch, str) else branch.get("name", branch["type"])
                if key in branches:
                    del known[before:]  # with the branch goes what it defines
                branches.setdefault(key, branch)
            return list(branches.values())
    return draw(st.sampled_from(PRIMITIVES))


def _change(draw: st.DrawFn, schema: Any) -> None:  # noqa: PLR0912 - one case a change
    """One change to the schema, in place, that leaves it one."""
    records = [one for one in definitions(schema).values() if one["type"] == "record"]
    record = draw(st.sampled_from(records))
    fields = record["fields"]
    match draw(st.sampled_from(["add", "drop", "type", "null", "symbols", "size", "default", "rename", "move"])):
        case "add":
            names = [name for name in (*NAMES, "e", "f") if name not in {one["name"] for one in fields}]
            if names:
                type_ = draw(st.sampled_from(PRIMITIVES))
                fields.insert(
                    draw(st.integers(0, len(fields))), {"name": names[0], "type": type_, **_default(draw, type_)}
                )
        case "drop":
            plain = [one for one in fields if isinstance(one["type"], str)]
            if plain:
                fields.remove(draw(st.sampled_from(plain)))
        case "type":
            plain = [one for one in fields if one["type"] in PRIMITIVES]
            if plain:
                chosen = draw(st.sampled_from(plain))
                chosen["type"] = draw(st.sampled_from(PRIMITIVES))
                chosen.pop("default", None)
        case "null":
            plain = [one for one in fields if not isinstance(one["type"], list) and one["type"] != "null"]
            if plain:
                chosen = draw(st.sampled_from(plain))
                chosen["type"] = ["null", chosen["type"]]
                chosen.pop("default", None)
        case "symbols" | "size" as what:
            for one in definitions(schema).values():
                if what == "symbols" and one["type"] == "enum":
                    one["symbols"] = draw(st.lists(st.sampled_from("ABCDE"), min_size=1, max_size=4, unique=True))
                    one.pop("default", None)
                if what == "size" and one["type"] == "fixed":
                    one["size"] = draw(st.integers(1, 3))
        case "default":
            for one in fields:
                one.pop("default", None)
        case "rename":
            if fields and not any(one["name"] == "z" for one in fields):
                draw(st.sampled_from(fields))["name"] = "z"
        case "move":
            record["fields"] = draw(st.permutations(fields))
