"""Logical types: what a carrier means. An unknown or invalid one is ignored, as the specification wants it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

from watcher.model.types import (
    NULL,
    Binary,
    Boolean,
    Date,
    Decimal,
    Duration,
    Float,
    Integer,
    Ref,
    String,
    Time,
    Timestamp,
    Type,
    Uuid,
)

Node: TypeAlias = Mapping[str, Any]

INT, LONG, STRING, BYTES = Integer(32), Integer(64), String(), Binary()

PRIMITIVES: dict[str, Type] = {
    "null": NULL,
    "boolean": Boolean(),
    "int": INT,
    "long": LONG,
    "float": Float(32),
    "double": Float(64),
    "bytes": BYTES,
    "string": STRING,
}

_LOGICAL: dict[tuple[str, str], Type] = {
    ("int", "date"): Date(INT),
    ("int", "time-millis"): Time("ms", INT),
    ("long", "time-micros"): Time("us", LONG),
    ("long", "timestamp-millis"): Timestamp("ms", zoned=True, base=LONG),
    ("long", "timestamp-micros"): Timestamp("us", zoned=True, base=LONG),
    ("long", "timestamp-nanos"): Timestamp("ns", zoned=True, base=LONG),
    ("long", "local-timestamp-millis"): Timestamp("ms", zoned=False, base=LONG),
    ("long", "local-timestamp-micros"): Timestamp("us", zoned=False, base=LONG),
    ("long", "local-timestamp-nanos"): Timestamp("ns", zoned=False, base=LONG),
    ("string", "uuid"): Uuid(STRING),
    # Each value brings its own scale; Avro Java has it since 1.12.
    ("bytes", "big-decimal"): Decimal(base=BYTES),
}

_INT_MAX = 2**31 - 1


def primitive(word: str, node: Node) -> Type:
    """The meaning of a primitive type with this node's attributes."""
    logical = node.get("logicalType")
    if not isinstance(logical, str):
        return PRIMITIVES[word]
    if word == "bytes" and logical == "decimal":
        return _decimal(BYTES, node, _INT_MAX)
    return _LOGICAL.get((word, logical)) or PRIMITIVES[word]


def fixed(ref: Ref, size: int, node: Node) -> Type:
    """The meaning of a fixed type of `size` bytes with this node's attributes."""
    match node.get("logicalType"):
        case "decimal":
            return _decimal(ref, node, math.floor(math.log10(2) * (8 * size - 1)))
        case "uuid" if size == 16:
            return Uuid(ref)
        case "duration" if size == 12:
            return Duration(ref)
    return ref


def _decimal(base: Type, node: Node, most: int) -> Type:
    precision, scale = node.get("precision"), node.get("scale", 0)
    if type(precision) is not int or type(scale) is not int:
        return base
    if not 0 < precision <= min(most, _INT_MAX) or not 0 <= scale <= precision:
        return base
    return Decimal(precision, scale, base)
