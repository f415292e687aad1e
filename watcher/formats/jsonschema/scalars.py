"""Texts, numbers and closed lists, read into canonical types: formats, bounds, and the notes of Kafka Connect."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from watcher.formats.jsonschema.asked import asks
from watcher.formats.jsonschema.meet import NOTHING
from watcher.model.json_schema import Number, Text
from watcher.model.types import (
    NULL,
    Binary,
    Boolean,
    Constraint,
    Date,
    Decimal,
    Duration,
    Enum,
    Float,
    Integer,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Unknown,
    Uuid,
)

_STRING = String()
_FORMATS: Mapping[str, Type] = {
    "date": Date(_STRING),
    "date-time": Timestamp(None, True, _STRING),
    "time": Time(None, _STRING),
    "duration": Duration(_STRING),
    "uuid": Uuid(_STRING),
    "byte": Binary(),
    "binary": Binary(),
}
"""The two last ones are OpenAPI's."""

_WIDTHS: Mapping[str, Type] = {
    "int8": Integer(8),
    "int16": Integer(16),
    "int32": Integer(32),
    "int64": Integer(64),
    "float32": Float(32),
    "float64": Float(64),
    "float": Float(32),
    "double": Float(64),
}
"""As Kafka Connect (`connect.type`) and OpenAPI (`format`) call them."""

_CONNECT = "org.apache.kafka.connect.data."
_PLACES = {10.0**-places: places for places in range(1, 19)}


def text_type(node: Text) -> Type:
    """Strings; the format says what they are, the encoding that they are bytes."""
    raw = node.notes.raw
    connect = _connected(raw)
    if connect is not None:
        return connect
    if raw.get("connect.type") == "bytes" or isinstance(raw.get("contentEncoding"), str):
        return Binary()
    named = raw.get("format")
    given: dict[str, Any] = {"minLength": node.min_length or None, "pattern": node.pattern}
    known = _FORMATS.get(named) if isinstance(named, str) else None
    if known is None and isinstance(named, str):
        given["format"] = named
    asked = asks(given)
    plain = String(node.max_length, asked) if asked or node.max_length is not None else _STRING
    if known is None or plain is _STRING or isinstance(known, Binary):
        return plain if known is None else known
    return on_text(known, plain)


def on_text(type_: Type, text: String) -> Type:
    """The type, carried by such a text: what is asked of the text is asked of how the value is written."""
    match type_:
        case Date(String()) | Duration(String()) | Uuid(String()) | Time(_, String()) | Timestamp(_, _, String()):
            return replace(type_, base=text)
    return type_


def number_type(node: Number) -> Type:
    """Numbers: width by what is noted beside them, else by the bounds; whole ones have 64 bits where nothing is said.

    Multiples of a power of ten below one make a decimal of that scale. The bounds themselves stay as constraints.
    """
    raw = node.notes.raw
    connect = _connected(raw)
    if connect is not None:
        return connect
    given, low, high = _bounds(node)
    named = raw.get("format")
    if isinstance(named, str) and named not in _WIDTHS:
        given["format"] = named
    for key in ("connect.type", "format"):
        width = _WIDTHS.get(raw[key]) if isinstance(raw.get(key), str) else None
        if isinstance(width, Integer if node.integer else Float):
            return replace(width, constraints=asks({**given, "multipleOf": node.multiple_of}))
    if node.integer:
        multiple = None if node.multiple_of == 1 else node.multiple_of
        return replace(_width(low, high), constraints=asks({**given, "multipleOf": multiple}))
    places = _PLACES.get(node.multiple_of) if node.multiple_of is not None else None
    if places is None:
        return Float(64, asks({**given, "multipleOf": node.multiple_of}))
    most = max(abs(low), abs(high))
    precision = None if math.isinf(most) else len(str(int(most))) + places
    return Decimal(precision, places, None, asks(given))


def choice_type(values: Sequence[str]) -> Type:
    """A closed list, given as JSON texts: an enum of its strings, the type of what else there is, numbers listed."""
    found: dict[Type, list[Any]] = {}
    symbols: list[str] = []
    for text in values:
        value = orjson.loads(text)
        if isinstance(value, str):
            symbols.append(value)
        else:
            found.setdefault(_type_of(value), []).append(value)
    branches = [_listed(type_, members) for type_, members in found.items()]
    branches += [Enum(tuple(symbols))] if symbols else []
    if not branches:
        return NOTHING
    return branches[0] if len(branches) == 1 else Union(tuple(branches))


def _listed(type_: Type, values: list[Any]) -> Type:
    if isinstance(type_, Integer | Float):
        return replace(type_, constraints=(Constraint("enum", tuple(sorted(set(values)))),))
    return type_


def _type_of(value: Any) -> Type:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return Boolean()
    if isinstance(value, int):
        return Integer(64)
    return Float(64) if isinstance(value, float) else Unknown("a closed list of objects or arrays")


def _bounds(node: Number) -> tuple[dict[str, Any], float, float]:
    """The bounds as constraints, and the least and the greatest number within them."""
    given: dict[str, Any] = {
        "minimum": node.minimum,
        "maximum": node.maximum,
        "exclusiveMinimum": node.exclusive_minimum,
        "exclusiveMaximum": node.exclusive_maximum,
    }
    for name, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if node.notes.raw.get(exclusive) is True and given[name] is not None:  # as draft 4 writes it
            given[exclusive], given[name] = given[name], None
        sign = 1 if name == "minimum" else -1
        bound, beyond = given[name], given[exclusive]
        if node.integer:
            # Of whole numbers, more than 0 is 1 at least: one word for both.
            bound = None if bound is None else sign * math.ceil(sign * bound)
            beyond = None if beyond is None else sign * (math.floor(sign * beyond) + 1)
            both = [sign * one for one in (bound, beyond) if one is not None]
            given[name], given[exclusive] = (sign * max(both) if both else None), None
        elif bound is not None and beyond is not None:
            given[exclusive if sign * bound > sign * beyond else name] = None  # the other one says it all
    lows = [one for one in (given["minimum"], given["exclusiveMinimum"]) if one is not None]
    highs = [one for one in (given["maximum"], given["exclusiveMaximum"]) if one is not None]
    return given, max(lows, default=-math.inf), min(highs, default=math.inf)


def _width(low: float, high: float) -> Integer:
    if math.isinf(low) or math.isinf(high):
        return Integer(64)
    for bits in (8, 16, 32, 64):
        if -(1 << bits - 1) <= low and high < 1 << bits - 1:
            return Integer(bits)
    return Integer(64, signed=False) if low >= 0 and high < 1 << 64 else Integer(0)


def _connected(raw: Mapping[str, Any]) -> Type | None:
    """A logical type of Kafka Connect's, known by its title."""
    title = raw.get("title")
    if not isinstance(title, str) or not title.startswith(_CONNECT):
        return None
    match title.removeprefix(_CONNECT):
        case "Decimal":
            parameters = raw.get("connect.parameters")
            given = parameters if isinstance(parameters, dict) else {}
            scale, precision = (_digits(given.get(key)) for key in ("scale", "connect.decimal.precision"))
            return Decimal(precision, scale, Binary() if raw.get("type") == "string" else None)
        case "Date":
            return Date(Integer(32))
        case "Time":
            return Time("ms", Integer(32))
        case "Timestamp":
            return Timestamp("ms", True, Integer(64))
    return None


def _digits(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 5 else None
