"""Whether a default is a value of its field's type, as Avro Java has it when a schema is registered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from watcher.model.errors import SchemaError
from watcher.model.types import (
    Array,
    Binary,
    Boolean,
    Date,
    Decimal,
    Default,
    Duration,
    Field,
    Float,
    Integer,
    Map,
    Named,
    Null,
    Record,
    Ref,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Uuid,
)

MAX_DEPTH = 128
"""Levels of a default: as many as a schema may have."""


class Defaults:
    """Judges defaults against types; `named` are the definitions that the types refer to.

    A union's default may be of any branch (specification 1.12). Of enum and fixed only text is asked, as Java does.
    """

    __slots__ = ("_named", "_seen")

    def __init__(self, named: Mapping[str, Named]) -> None:
        self._named = named
        self._seen: dict[tuple[str, int], bool] = {}

    def valid(self, type_: Type, value: Any, depth: int = 0) -> bool:
        """Whether the JSON value is one of the type's."""
        if depth > MAX_DEPTH:
            raise SchemaError(f"a default is nested more than {MAX_DEPTH} levels deep", kind="too-deep")
        match type_:
            case Null():
                return value is None
            case String() | Binary():
                return isinstance(value, str)
            case Boolean():
                return isinstance(value, bool)
            case Integer(bits):
                return type(value) is int and -(1 << bits - 1) <= value < 1 << bits - 1
            case Float():
                return type(value) in (int, float)
            case Union(branches):
                return any(self.valid(branch, value, depth + 1) for branch in branches)
            case Array(items):
                return isinstance(value, list) and all(self.valid(items, one, depth + 1) for one in value)
            case Map(values):
                return isinstance(value, dict) and all(self.valid(values, one, depth + 1) for one in value.values())
            case Date(base) | Time(base=base) | Timestamp(base=base) | Decimal(base=base) | Uuid(base) | Duration(base):
                return base is not None and self.valid(base, value, depth)
            case Ref(name):
                return self._of_named(name, value, depth)
        return False

    def _of_named(self, name: str, value: Any, depth: int) -> bool:
        definition = self._named[name]
        if not isinstance(definition, Record):
            return isinstance(value, str)
        if not isinstance(value, dict):
            return False
        key = (name, id(value))
        if key not in self._seen:
            # A record whose default needs the very same default again would never end: it is no value.
            self._seen[key] = False
            self._seen[key] = all(self._member(field, value, depth) for field in definition.fields)
        return self._seen[key]

    def _member(self, field: Field, value: dict[str, Any], depth: int) -> bool:
        if field.name in value:
            return self.valid(field.type, value[field.name], depth + 1)
        return field.default is not None and self.valid(field.type, field.default.value, depth + 1)


def as_written(type_: Type, value: Any) -> tuple[Default, bool]:
    """The default as the model holds it, and whether it was a number written as text.

    Of a floating-point field `1`, `1.0` and `"1"` are one default to Avro Java. Infinity is no JSON: it stays text.
    """
    if not isinstance(type_, Float) or type(value) not in (int, str):
        return Default(_bounded(value)), False
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return Default(value), False
    return Default(number if math.isfinite(number) else value), isinstance(value, str)


def _bounded(value: Any) -> Any:
    """The value, if it is not nested too deeply for whoever compares or prints it."""
    layer = [value]
    for _ in range(MAX_DEPTH):
        layer = [
            inner
            for one in layer
            if isinstance(one, list | dict)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not layer:
            return value
    raise SchemaError(f"a default is nested more than {MAX_DEPTH} levels deep", kind="too-deep")
