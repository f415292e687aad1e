"""Any canonical types, values of theirs, and what it means to be a value of one: the order of types told by values."""

import re
import struct
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from watcher.model.types import (
    NULL,
    UNITS,
    Array,
    Binary,
    Boolean,
    Constraint,
    Date,
    Decimal,
    Duration,
    Enum,
    Field,
    Fixed,
    Float,
    Integer,
    Map,
    Record,
    Ref,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Unknown,
    Uuid,
)

SYMBOLS = ("", "a", "ab", "b@b", "abc")
PATTERNS = ("^a", "b$")
PACKED = {16: "e", 32: "f", 64: "d"}

_BOUNDS = st.sampled_from([-(2**60), -130, -3, -0.5, 0, 0.5, 1, 2, 5, 100, 127, 300, 2**24, 2**53, 2**60])
_NUMERIC = st.fixed_dictionaries(
    {},
    optional={
        "minimum": _BOUNDS,
        "exclusiveMinimum": _BOUNDS,
        "maximum": _BOUNDS,
        "exclusiveMaximum": _BOUNDS,
        "multipleOf": st.sampled_from([0.25, 0.5, 1, 2, 3, 4, 6, 0.01, 0]),
        "enum": st.lists(st.sampled_from([0, 1, 2, 3, 0.5]), max_size=3, unique=True).map(tuple),
        "unit": st.sampled_from(["kg", "g"]),
    },
)
_LENGTHS = st.fixed_dictionaries(
    {},
    optional={
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(0, 3),
        "pattern": st.sampled_from(PATTERNS),
        "format": st.sampled_from(["email", "uri"]),
    },
)
_ITEMS = st.fixed_dictionaries(
    {}, optional={"minItems": st.integers(0, 2), "maxItems": st.integers(0, 3), "uniqueItems": st.booleans()}
)
_MEMBERS = st.fixed_dictionaries({}, optional={"minProperties": st.integers(0, 2), "maxProperties": st.integers(0, 3)})


def _asked(given: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[tuple[Constraint, ...]]:
    some = given.map(lambda found: tuple(Constraint(name, value) for name, value in found.items()))
    return st.just(()) | some


_SIZES = st.none() | st.integers(0, 4)
_UNITS = st.none() | st.sampled_from(UNITS)
_DIGITS = st.integers(1, 20).flatmap(lambda whole: st.tuples(st.just(whole), st.integers(0, whole)))
_CARRIED = st.none() | st.just(String()) | st.just(Integer(64))

NUMBERS: st.SearchStrategy[Type] = (
    st.builds(Integer, st.sampled_from([0, 8, 16, 24, 32, 64, 128]), st.booleans(), _asked(_NUMERIC))
    | st.builds(Float, st.sampled_from([16, 32, 64]), _asked(_NUMERIC))
    | st.builds(lambda digits, asked: Decimal(digits[0], digits[1], None, asked), _DIGITS, _asked(_NUMERIC))
    | st.builds(Decimal, st.none(), st.none() | st.integers(0, 3))
)
TEXTS: st.SearchStrategy[Type] = (
    st.builds(String, _SIZES, _asked(_LENGTHS))
    | st.lists(st.sampled_from(SYMBOLS), unique=True, max_size=3).map(lambda symbols: Enum(tuple(symbols)))
    | st.builds(Binary, _SIZES)
    | st.builds(Fixed, st.integers(0, 4), st.none() | st.just("F"))
)
MOMENTS: st.SearchStrategy[Type] = (
    st.builds(Time, _UNITS, _CARRIED)
    | st.builds(Timestamp, _UNITS, st.sampled_from([True, False, None]), _CARRIED)
    | st.builds(Date, _CARRIED)
    | st.builds(Duration, _CARRIED)
    | st.builds(Uuid, _CARRIED)
)
OTHERS: st.SearchStrategy[Type] = (
    st.just(NULL)
    | st.just(Boolean())
    | st.builds(Unknown, st.sampled_from(["any", "json"]))
    | st.builds(Ref, st.sampled_from(["A", "B"]))
)


def _holders(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    field = st.builds(Field, st.sampled_from(["a", "b"]), inner, required=st.booleans())
    fields = st.lists(field, max_size=2, unique_by=lambda one: one.name).map(tuple)
    return (
        st.builds(Array, inner, _asked(_ITEMS))
        | st.builds(Map, inner, _asked(_MEMBERS))
        | st.builds(lambda some, content: Record(some, content=content), fields, st.sampled_from([None, "closed"]))
        | st.lists(inner, max_size=3).map(lambda branches: Union(tuple(branches)))
    )


TYPES: st.SearchStrategy[Type] = st.recursive(NUMBERS | TEXTS | MOMENTS | OTHERS, _holders, max_leaves=4)
ALIKE: st.SearchStrategy[st.SearchStrategy[Type]] = st.sampled_from(
    [NUMBERS, TEXTS, MOMENTS, TYPES, _holders(NUMBERS), _holders(TEXTS), _holders(NUMBERS | TEXTS | OTHERS)]
)
"""Types of one kind: among those, one often holds another."""

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from([-(2**63), -129, -128, -3, 0, 1, 2, 3, 4, 5, 100, 127, 128, 255, 256, 2**24 + 1, 2**53 + 1]).map(
        Fraction
    )
    | st.sampled_from(["0.5", "0.25", "1.5", "0.01", "-0.75", "99.99", "1234567.125", "1e-3"]).map(Fraction)
    | st.sampled_from([*SYMBOLS, "abcde"])
    | st.binary(max_size=5)
    | st.builds(lambda digits: ("time", Fraction(3, 10**digits)), st.integers(0, 12))
    | st.builds(lambda digits, zone: ("stamp", Fraction(3, 10**digits), zone), st.integers(0, 12), st.booleans())
    | st.sampled_from([("date",), ("duration",), ("uuid",)]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3).map(lambda members: ("record", members))
    ),
    max_leaves=4,
)


def is_value(value: Any, type_: Type) -> bool | None:  # noqa: PLR0912 - one branch a kind of type
    """Whether a value is one of the type's; None where the model of values says nothing about the type."""
    match type_:
        case Union(branches):
            found = [is_value(value, one) for one in branches]
            return True if True in found else None if None in found else False
        case Integer() | Float() | Decimal():
            return isinstance(value, Fraction) and _is_number(value, type_) and _meets_number(value, type_.constraints)
        case String(most, asked):
            return isinstance(value, str) and (most is None or len(value) <= most) and _meets_text(value, asked)
        case Enum(symbols):
            return isinstance(value, str) and value in symbols
        case Binary(most):
            return isinstance(value, bytes) and (most is None or len(value) <= most)
        case Fixed(size):
            return isinstance(value, bytes) and len(value) == size
        case Time(unit):
            return None if unit is None else _is_moment(value, "time", unit)
        case Timestamp(unit, zoned):
            if unit is None or zoned is None:
                return None
            return _is_moment(value, "stamp", unit) and value[2] is zoned
        case Date() | Duration() | Uuid():
            return isinstance(value, tuple) and value == (type(type_).__name__.lower(),)
        case Array(items, asked):
            return isinstance(value, list) and _all(is_value(one, items) for one in value) and _counts(value, asked)
        case Map(values, asked):
            inner = value.values() if isinstance(value, dict) else ()
            return isinstance(value, dict) and _all(is_value(one, values) for one in inner) and _counts(value, asked)
        case Record(fields):
            if not isinstance(value, tuple) or value[0] != "record":
                return False
            members = value[1]
            if type_.content == "closed" and not members.keys() <= {one.name for one in fields}:
                return False
            return _all(
                is_value(members[one.name], one.type) if one.name in members else not one.required for one in fields
            )
        case Boolean():
            return isinstance(value, bool)
    return value is None if type_ == NULL else None


def _all(found: Any) -> bool | None:
    answers = list(found)
    return False if False in answers else None if None in answers else True


def _is_number(value: Fraction, type_: Integer | Float | Decimal) -> bool:
    match type_:
        case Integer(bits, signed):
            low = -(2 ** (bits - 1)) if signed else 0
            whole = value.denominator == 1 and (signed or value >= 0)
            return whole and (not bits or low <= value < 2 ** (bits - signed))
        case Float(bits):
            try:
                near = struct.unpack(PACKED[bits], struct.pack(PACKED[bits], float(value)))[0]
            except OverflowError:
                return False
            return near not in (float("inf"), float("-inf")) and Fraction(near) == value
        case Decimal(precision, scale):
            if scale is None and precision is None:
                return True
            scaled = abs(value * 10 ** (scale or 0))
            return scaled.denominator == 1 and (precision is None or scaled < 10**precision)


def _meets_number(value: Fraction, asked: tuple[Constraint, ...]) -> bool:
    for one in asked:
        bound = Fraction(repr(one.value)) if isinstance(one.value, int | float) else Fraction(0)
        met = {
            "minimum": value >= bound,
            "exclusiveMinimum": value > bound,
            "maximum": value <= bound,
            "exclusiveMaximum": value < bound,
            "multipleOf": not bound or not value % bound,
            "enum": isinstance(one.value, tuple) and value in [Fraction(repr(listed)) for listed in one.value],
            "unit": one.value == "kg",
        }
        if not met[one.name]:
            return False
    return True


def _meets_text(value: str, asked: tuple[Constraint, ...]) -> bool:
    for one in asked:
        met = {
            "minLength": isinstance(one.value, int) and len(value) >= one.value,
            "maxLength": isinstance(one.value, int) and len(value) <= one.value,
            "pattern": isinstance(one.value, str) and re.search(one.value, value) is not None,
            "format": ("@" in value) is (one.value == "email"),
        }
        if not met[one.name]:
            return False
    return True


def _counts(value: Any, asked: tuple[Constraint, ...]) -> bool:
    for one in asked:
        if one.name == "uniqueItems":
            met = not one.value or all(mine not in value[:at] for at, mine in enumerate(value))
        else:
            met = len(value) >= one.value if one.name.startswith("min") else len(value) <= one.value
        if not met:
            return False
    return True


def _is_moment(value: Any, word: str, unit: str) -> bool:
    known = isinstance(value, tuple) and value[0] == word
    return known and (value[1] * 10 ** UNITS.index(unit)).denominator == 1
