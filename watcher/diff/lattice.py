"""The order of types: which of two holds every value of the other, without loss. One for all formats."""

from __future__ import annotations

import enum

from watcher.model.types import (
    Array,
    Binary,
    Date,
    Decimal,
    Duration,
    Enum,
    Fixed,
    Float,
    Integer,
    Map,
    Record,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Uuid,
)


class Order(enum.Enum):
    """What the second of two types is to the first."""

    EQUAL = "equal"
    WIDER = "wider"
    NARROWER = "narrower"
    UNRELATED = "unrelated"


_UNITS = {"s": 0, "ms": 1, "us": 2, "ns": 3}
_Number = Integer | Float | Decimal
_EXACT = {16: 11, 32: 24, 64: 53}
"""The bits of a whole number that a float of this width holds exactly."""


def order(before: Type, after: Type) -> Order:
    """What `after` is to `before`, by their values alone: a partial order.

    Names and carriers do not matter; `reinterprets` says where they do. Named types that stand as `Ref` are equal where
    their names are: resolve them first.
    """
    widened, narrowed = holds(after, before), holds(before, after)
    if widened:
        return Order.EQUAL if narrowed else Order.WIDER
    return Order.NARROWER if narrowed else Order.UNRELATED


def reinterprets(before: Type, after: Type) -> bool:
    """Whether the same bytes are read as other values, however the values of the two compare.

    So it is where a carrier or a name stands for the meaning and the meaning changes: a bare number of milliseconds
    that is read as one of microseconds is wrong by a factor of a thousand.
    """
    if isinstance(before, Time | Timestamp) and isinstance(after, Time | Timestamp) and before.unit != after.unit:
        return bool(before.base or after.base)
    return type(before) is not type(after) and any(_is_bound(one) for one in (before, after))


def _is_bound(type_: Type) -> bool:
    """Whether its values stand for what they are only by the type's own name or carrier."""
    return getattr(type_, "base", None) is not None or (isinstance(type_, Enum | Fixed) and type_.name is not None)


def holds(wide: Type, narrow: Type) -> bool:
    """Whether every value of `narrow` is, without loss, a value of `wide`."""
    if wide is narrow or wide == narrow:
        return True
    if isinstance(wide, _Number) and isinstance(narrow, _Number):
        return _holds_number(wide, narrow)
    match wide, narrow:
        case (_, Union(branches)):
            return all(holds(wide, branch) for branch in branches)
        case (Union(branches), _):
            return any(holds(branch, narrow) for branch in branches)
        case (Array(mine), Array(its)) | (Map(mine), Map(its)):
            return holds(mine, its)
        case (Date(), Date()) | (Uuid(), Uuid()) | (Duration(), Duration()):
            return True
        case (Time(), Time()):
            return _holds_unit(wide, narrow)
        case (Timestamp(), Timestamp()):
            return wide.zoned is narrow.zoned and _holds_unit(wide, narrow)
        case (Enum(mine), Enum(its)):
            return set(mine) >= set(its)
        case (Fixed(mine), Fixed(its)):
            return mine == its
        case (Record(), Record()):
            return _holds_record(wide, narrow)
    return _holds_text(wide, narrow)


def _holds_number(wide: _Number, narrow: _Number) -> bool:
    match wide, narrow:
        case (Integer(), Integer()):
            return _lowest(wide) <= _lowest(narrow) and _highest(wide) >= _highest(narrow)
        case (Float(mine), Float(its)):
            return mine >= its
        case (Float(mine), Integer(bits, signed)) if bits:
            return bits - signed <= _EXACT.get(mine, 0)
        case (Float(mine), Decimal(precision, scale)) if precision is not None and not scale:
            return len(str(1 << _EXACT.get(mine, 0))) > precision
        case (Decimal(), Decimal()):
            return _holds_decimal(wide, narrow)
        case (Decimal(precision, scale), Integer(bits)) if bits:
            return precision is None or precision - (scale or 0) >= len(str(int(_highest(narrow))))
        case (Integer(bits), Decimal(precision, scale)) if precision is not None and not scale:
            most = 10 ** min(precision, 40) - 1  # 40 digits are beyond any width of integer
            return not bits or (_lowest(wide) <= -most and most <= _highest(wide))
    return False


def _holds_decimal(wide: Decimal, narrow: Decimal) -> bool:
    if wide.precision is None:
        return wide.scale is None or (narrow.scale is not None and narrow.scale <= wide.scale)
    if narrow.precision is None:
        return False
    mine, its = wide.scale or 0, narrow.scale or 0
    return mine >= its and wide.precision - mine >= narrow.precision - its


def _holds_text(wide: Type, narrow: Type) -> bool:
    match wide, narrow:
        case (String(mine), String(its)) | (Binary(mine), Binary(its)):
            return mine is None or (its is not None and its <= mine)
        case (Binary(mine), Fixed(size)):
            return mine is None or size <= mine
        case (String(mine), Enum(symbols)):
            return mine is None or all(len(symbol) <= mine for symbol in symbols)
    return False


def _holds_unit(wide: Time | Timestamp, narrow: Time | Timestamp) -> bool:
    if wide.unit == narrow.unit:
        return True
    if wide.unit is None or narrow.unit is None:
        return False
    return _UNITS.get(wide.unit, -1) > _UNITS.get(narrow.unit, 9)


def _holds_record(wide: Record, narrow: Record) -> bool:
    """A record with more members is a value of one with fewer: who reads the fewer does not see the others."""
    theirs = {field.name: field for field in narrow.fields}
    for field in wide.fields:
        its = theirs.get(field.name)
        if its is None:
            if field.required:
                return False
        elif (field.required and not its.required) or not holds(field.type, its.type):
            return False
    return True


def _lowest(integer: Integer) -> float:
    if not integer.bits:
        return float("-inf") if integer.signed else 0
    return -(1 << integer.bits - 1) if integer.signed else 0


def _highest(integer: Integer) -> float:
    if not integer.bits:
        return float("inf")
    return (1 << integer.bits - integer.signed) - 1
