"""The order of types: which of two holds every value of the other, without loss. One for all formats."""

from __future__ import annotations

import enum
import math
from functools import lru_cache

from watcher.diff.constraints import Sizes, numbers, sizes
from watcher.model.types import (
    UNITS,
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
        case (Array(mine), Array(its)):
            return _meets(wide, narrow, "Items") and holds(mine, its)
        case (Map(mine), Map(its)):
            return _meets(wide, narrow, "Properties") and holds(mine, its)
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
            return _meets(wide, narrow, "Properties") and _holds_record(wide, narrow)
    return _holds_text(wide, narrow)


def _holds_number(wide: _Number, narrow: _Number) -> bool:
    bare = not wide.constraints and not narrow.constraints
    return _holds_bare(wide, narrow) if bare else _compared(wide, narrow)


@lru_cache(maxsize=1024)
def _holds_bare(wide: _Number, narrow: _Number) -> bool:
    """The same of types without constraints: there are few such pairs, and they are asked about all the time."""
    return _compared(wide, narrow)


def _compared(wide: _Number, narrow: _Number) -> bool:
    if isinstance(narrow, Float):
        if not isinstance(wide, Float) or wide.bits < narrow.bits:
            return False
        return not wide.constraints or numbers(wide).hold(numbers(narrow))
    mine, its = numbers(wide), numbers(narrow)
    if isinstance(wide, Float) and not its.empty and not its.whole(1 << _EXACT.get(wide.bits, 0)):
        return False
    return mine.hold(its)


def _holds_text(wide: Type, narrow: Type) -> bool:
    match wide, narrow:
        case (String(mine), String(its)):
            if not wide.constraints:
                return mine is None or (its is not None and its <= mine) or _lengths(narrow).most <= mine
            return _lengths(wide).hold(_lengths(narrow))
        case (String(), Enum(symbols)):
            allowed = _lengths(wide)
            return not allowed.other and all(allowed.least <= len(symbol) <= allowed.most for symbol in symbols)
        case (Binary(mine), Binary(its)):
            return mine is None or (its is not None and its <= mine)
        case (Binary(mine), Fixed(size)):
            return mine is None or size <= mine
    return False


def _lengths(text: String) -> Sizes:
    return sizes(text.constraints, "Length", math.inf if text.max_length is None else text.max_length)


def _meets(wide: Array | Map | Record, narrow: Array | Map | Record, of: str) -> bool:
    return not wide.constraints or sizes(wide.constraints, of).hold(sizes(narrow.constraints, of))


def _holds_unit(wide: Time | Timestamp, narrow: Time | Timestamp) -> bool:
    if wide.unit == narrow.unit:
        return True
    if wide.unit not in UNITS or narrow.unit not in UNITS:
        return False
    return UNITS.index(wide.unit) > UNITS.index(narrow.unit)


def _holds_record(wide: Record, narrow: Record) -> bool:
    """A record with more members is a value of one with fewer: who reads the fewer does not see the others.

    So a member that the narrower one does not name may be there all the same, as anything, unless it is closed.
    """
    theirs = {field.name: field for field in narrow.fields}
    if wide.content == "closed" and not (
        narrow.content == "closed" and theirs.keys() <= {field.name for field in wide.fields}
    ):
        return False
    for field in wide.fields:
        its = theirs.get(field.name)
        if its is None:
            if field.required or narrow.content != "closed":
                return False
        elif (field.required and not its.required) or not holds(field.type, its.type):
            return False
    return True
