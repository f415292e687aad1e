"""Whether a decoded value is one of a type: the question of a consumer that puts it into a variable of that type."""

from __future__ import annotations

import datetime as dt
import math
import struct
from decimal import Decimal as Number
from typing import Any
from uuid import UUID

from watcher.model.schema import Format
from watcher.model.types import (
    Array,
    Binary,
    Boolean,
    Date,
    Decimal,
    Enum,
    Fixed,
    Float,
    Integer,
    Map,
    Null,
    Record,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Uuid,
)
from watcher.witness.plain import bare

_WHOLE = 2**53
"""Whole numbers up to here are floating-point numbers too."""


def is_of(value: Any, type_: Type, format_: Format) -> bool:  # noqa: PLR0912 - one case a type
    """Whether the value is one of the type's; what the type leaves open is not asked. JSON has text for many types."""
    value = bare(value)
    text = isinstance(value, str) and format_ is not Format.AVRO
    match type_:
        case Null():
            return value is None
        case Boolean():
            return isinstance(value, bool)
        case Integer(bits, signed):
            return _whole(value, bits, signed=signed, loose=format_ is Format.JSON)
        case Float(bits):
            return _float(value, bits)
        case Decimal(precision, scale):
            return _decimal(value, precision, scale, loose=format_ is not Format.AVRO)
        case String(length):
            return isinstance(value, str) and (length is None or len(value) <= length)
        case Binary(length):
            return text or (isinstance(value, bytes) and (length is None or len(value) <= length))
        case Date():
            return text or (isinstance(value, dt.date) and not isinstance(value, dt.datetime))
        case Time(unit):
            return text or (isinstance(value, dt.time) and _fits(value.microsecond, unit))
        case Timestamp(unit):
            open_ = text or (isinstance(value, dict) and format_ is Format.PROTOBUF)
            return open_ or (isinstance(value, dt.datetime) and _fits(value.microsecond, unit))
        case Uuid():
            return text or isinstance(value, UUID)
        case Enum(symbols):
            return isinstance(value, str) and (not symbols or value in symbols)
        case Fixed(size):
            return text or (isinstance(value, bytes) and len(value) == size)
        case Array(items):
            return isinstance(value, list) and all(is_of(one, items, format_) for one in value)
        case Map(values):
            return isinstance(value, dict) and all(is_of(one, values, format_) for one in value.values())
        case Record(fields):
            return isinstance(value, dict) and all(
                one.name in value and is_of(value[one.name], one.type, format_) for one in fields
            )
        case Union(branches):
            return any(is_of(value, one, format_) for one in branches)
    return True


def digits(value: Any, facet: str) -> int | None:
    """A value's length, or how many digits it has in all or after the point; None where that means nothing."""
    if facet == "length":
        return len(value) if isinstance(value, str | bytes | list) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Number):
        return None
    number = value if isinstance(value, Number) else Number(str(value))
    if not number.is_finite():
        return None
    _, figures, exponent = number.normalize().as_tuple()
    exponent = int(exponent)
    return max(0, -exponent) if facet == "scale" else max(len(figures) + max(0, exponent), -exponent)


def _whole(value: Any, bits: int, *, signed: bool, loose: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(value, float) and not (loose and value.is_integer()):
        return False
    if not bits:
        return True
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)
    return low <= value < high


def _float(value: Any, bits: int) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(value, int):
        return abs(value) <= _WHOLE
    if bits > 32 or not math.isfinite(value):
        return True
    try:
        return bool(struct.unpack("f", struct.pack("f", value))[0] == value)
    except OverflowError:
        return False


def _decimal(value: Any, precision: int | None, scale: int | None, *, loose: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Number):
        return loose and isinstance(value, str)
    if isinstance(value, float) and not loose:
        return False
    after, whole = digits(value, "scale"), digits(value, "precision")
    if after is None or whole is None:
        return False
    before = max(0, whole - after)
    return (scale is None or after <= scale) and (precision is None or before <= precision - (scale or 0))


def _fits(microsecond: int, unit: str | None) -> bool:
    return not microsecond % {"s": 1_000_000, "ms": 1000}.get(unit or "", 1)
