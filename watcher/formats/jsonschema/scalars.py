"""Texts, numbers and closed lists, read into canonical types: formats, bounds, and the notes of Kafka Connect."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from watcher.formats.jsonschema.meet import NOTHING
from watcher.model.json_schema import Number, Text
from watcher.model.types import (
    NULL,
    Binary,
    Boolean,
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
    if isinstance(named, str) and named in _FORMATS:
        return _FORMATS[named]
    return _STRING if node.max_length is None else String(node.max_length)


def number_type(node: Number) -> Type:
    """Numbers: width by what is noted beside them, else by the bounds; whole ones have 64 bits where nothing is said.

    Multiples of a power of ten below one make a decimal of that scale.
    """
    raw = node.notes.raw
    connect = _connected(raw)
    if connect is not None:
        return connect
    for key in ("connect.type", "format"):
        width = _WIDTHS.get(raw[key]) if isinstance(raw.get(key), str) else None
        if isinstance(width, Integer if node.integer else Float):
            return width
    low, high = _bounds(node)
    if node.integer:
        return _width(low, high)
    places = _PLACES.get(node.multiple_of) if node.multiple_of is not None else None
    if places is None:
        return Float(64)
    most = max(abs(low), abs(high))
    return Decimal(None if math.isinf(most) else len(str(int(most))) + places, places)


def choice_type(values: Sequence[str]) -> Type:
    """A closed list, given as JSON texts: an enum of its strings, the type of what else there is."""
    found: dict[Type, None] = {}
    symbols: list[str] = []
    for text in values:
        value = orjson.loads(text)
        if isinstance(value, str):
            symbols.append(value)
        else:
            found[_type_of(value)] = None
    branches = [*found, *([Enum(tuple(symbols))] if symbols else [])]
    if not branches:
        return NOTHING
    return branches[0] if len(branches) == 1 else Union(tuple(branches))


def _type_of(value: Any) -> Type:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return Boolean()
    if isinstance(value, int):
        return Integer(64)
    return Float(64) if isinstance(value, float) else Unknown("a closed list of objects or arrays")


def _bounds(node: Number) -> tuple[float, float]:
    lows = [one for one in (node.minimum, node.exclusive_minimum) if one is not None]
    highs = [one for one in (node.maximum, node.exclusive_maximum) if one is not None]
    return max(lows, default=-math.inf), min(highs, default=math.inf)


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
