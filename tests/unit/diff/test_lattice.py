"""The order of types, over all formats' types."""

import itertools
from typing import Any

import pytest

from watcher.diff.lattice import Order, holds, order, reinterprets
from watcher.model.types import (
    NULL,
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

LONG = Integer(64)

CHAINS: list[tuple[Type, ...]] = [
    (Integer(8), Integer(16), Integer(32), Integer(64), Integer(0)),
    (Integer(8, signed=False), Integer(16), Integer(32)),
    (Integer(32, signed=False), Integer(64), Integer(0)),
    (Integer(8), Float(16), Float(32), Float(64)),
    (Integer(16), Float(32)),
    (Integer(32), Float(64)),
    (Integer(32), Decimal(10, 0), Decimal(12, 2), Decimal(38, 2), Decimal()),
    (Decimal(9, 0), Integer(32)),
    (Decimal(18, 0), Integer(64), Decimal(19, 0)),
    (String(5), String(10), String()),
    (Binary(5), Binary(10), Binary()),
    (Fixed(5), Binary(5), Binary()),
    (Enum(("A",)), Enum(("B", "A")), String(1), String()),
    (Time("s"), Time("ms"), Time("us"), Time("ns")),
    (Timestamp("ms"), Timestamp("us"), Timestamp("ns")),
    (Array(Integer(32)), Array(LONG), Array(Union((NULL, LONG)))),
    (Map(String(3)), Map(String())),
    (Integer(32), Union((Integer(32), String())), Union((LONG, String(), NULL))),
    (
        Record((Field("a", LONG), Field("b", LONG))),
        Record((Field("a", LONG),)),
        Record((Field("a", LONG, required=False),)),
    ),
    (Record((Field("a", Integer(32)),)), Record((Field("a", LONG),)), Record(())),
]


def asks(**given: Any) -> tuple[Constraint, ...]:
    return tuple(Constraint(name, value) for name, value in given.items())


def bounded(low: float, high: float, **given: Any) -> Integer:
    return Integer(64, True, asks(minimum=low, maximum=high, **given))


CHAINS += [
    (bounded(1, 5), bounded(0, 5), bounded(0, 9.5), Integer(8), LONG),
    (bounded(0, 90, multipleOf=10), bounded(0, 90, multipleOf=5), bounded(0, 100)),
    (bounded(0, 9), Float(16, asks(minimum=0)), Float(16)),
    (bounded(0, 9), Decimal(1, 0), Decimal(2, 1)),
    (bounded(0, 9, enum=(1, 2)), bounded(0, 9, enum=(2, 3, 1)), bounded(0, 9)),
    (Integer(8, True, asks(multipleOf=4)), Integer(8, True, asks(multipleOf=2)), Integer(8)),
    (Integer(64, True, asks(minimum=-(2**53), maximum=2**53)), Float(64)),
    (Float(64, asks(exclusiveMinimum=0)), Float(64, asks(minimum=0)), Float(64)),
    (Float(32, asks(multipleOf=0.5)), Float(64, asks(multipleOf=0.25)), Float(64)),
    (Decimal(4, 2, None, asks(minimum=0)), Decimal(4, 2), Decimal(5, 2), Decimal(None, 2), Decimal()),
    (String(5, asks(minLength=5)), String(5), String(9)),
    (String(5, asks(minLength=2, pattern="^a")), String(9, asks(pattern="^a")), String(9)),
    (String(None, asks(pattern="^a", format="email")), String(None, asks(format="email")), String()),
    (Enum(("ab",)), String(3, asks(minLength=2)), String(3)),
    (Array(LONG, asks(minItems=1, maxItems=2, uniqueItems=True)), Array(LONG, asks(maxItems=3)), Array(LONG)),
    (Map(LONG, asks(minProperties=1)), Map(LONG, asks(minProperties=0)), Map(Integer(0))),
    (Record((), constraints=asks(minProperties=1)), Record(())),
    (Time("s"), Time("100ms"), Time("ms"), Time("100us"), Time("us"), Time("100ns"), Time("ns"), Time("ps")),
    (Timestamp("100ns"), Timestamp("ns"), Timestamp("ps")),
]

UNRELATED: list[tuple[Type, Type]] = [
    (bounded(0, 5), bounded(3, 9)),
    (bounded(0, 9, multipleOf=2), bounded(0, 9, multipleOf=3)),
    (bounded(0, 100), Integer(8, True, asks(minimum=-3, maximum=50))),
    (LONG, Float(64, asks(minimum=0))),
    (Integer(8), Float(64, asks(multipleOf=2))),
    (String(None, asks(pattern="^a")), String(None, asks(pattern="^b"))),
    (String(None, asks(format="email")), String(None, asks(format="uri"))),
    (String(None, asks(pattern="^a")), Enum(("a",))),
    (String(None, asks(minLength=2)), Enum(("a",))),
    (String(None, asks(minLength=2)), String(5)),
    (Array(LONG, asks(uniqueItems=True)), Array(LONG, asks(maxItems=3))),
    (Integer(8, True, asks(unit="kg")), Integer(8, True, asks(unit="g"))),
    (LONG, Float(64)),
    (Integer(32), Float(32)),
    (Integer(64, signed=False), LONG),
    (Float(64), Decimal(38, 10)),
    (LONG, Decimal(19, 1)),
    (Decimal(10, 2), Decimal(10, 4)),
    (String(), Binary()),
    (String(), Uuid()),
    (String(), Boolean()),
    (Timestamp("ms", zoned=True), Timestamp("ms", zoned=False)),
    (Timestamp("ms", zoned=True), Timestamp("ms", zoned=None)),
    (Timestamp(None), Timestamp("ms")),
    (Date(), Timestamp("ms")),
    (Fixed(1), Fixed(2)),
    (Array(LONG), Map(LONG)),
    (Array(String()), String()),
    (Unknown("geometry"), Unknown("geography")),
    (Unknown("geometry"), String()),
    (Ref("a.A"), Ref("a.B")),
    (NULL, String()),
    (Enum(("A",)), Enum(("B",))),
    (Date(), Duration()),
]

EQUAL: list[tuple[Type, Type]] = [
    (Integer(8), Integer(64, True, asks(minimum=-128, maximum=127))),
    (Integer(64, True, asks(minimum=1)), Integer(64, True, asks(exclusiveMinimum=0))),
    (Integer(64, True, asks(minimum=0.5)), Integer(64, True, asks(minimum=1))),
    (Integer(64, True, asks(maximum=7, multipleOf=5)), Integer(64, True, asks(maximum=5, multipleOf=5))),
    (LONG, Integer(64, True, asks(multipleOf=0.5))),
    (Integer(0), Decimal(None, 0)),
    (Float(64, asks(minimum=1)), Float(64, asks(minimum=1.0))),
    (Array(LONG, asks(minItems=0, uniqueItems=False)), Array(LONG)),
    (String(5), String(None, asks(maxLength=5))),
    (String(None, asks(format="x", pattern="y")), String(None, asks(pattern="y", format="x"))),
    (Date(Integer(32)), Date()),
    (Decimal(4, 2, Binary()), Decimal(4, 2, Ref("F"))),
    (Decimal(4), Decimal(4, 0)),
    (Fixed(4, "a.F"), Fixed(4, "b.F")),
    (Enum(("A", "B"), "E"), Enum(("B", "A"), "F", "A")),
    (Union((NULL, String())), Union((String(), NULL))),
    (Union((String(),)), String()),
    (Unknown("x"), Unknown("x")),
    (Ref("a.A"), Ref("a.A")),
]


@pytest.mark.parametrize("chain", CHAINS, ids=str)
def test_chain(chain: tuple[Type, ...]) -> None:
    """Each type of a chain holds all before it, and none after it."""
    for before, after in itertools.combinations(chain, 2):
        assert order(before, after) is Order.WIDER, (before, after)
        assert order(after, before) is Order.NARROWER, (before, after)


@pytest.mark.parametrize(("one", "other"), UNRELATED, ids=str)
def test_unrelated(one: Type, other: Type) -> None:
    """Neither holds the other."""
    assert order(one, other) is order(other, one) is Order.UNRELATED


@pytest.mark.parametrize(("one", "other"), EQUAL, ids=str)
def test_equal(one: Type, other: Type) -> None:
    """The same values, in other words."""
    assert order(one, other) is order(other, one) is Order.EQUAL


def test_partial_order() -> None:
    """The order is reflexive and transitive over all of these types."""
    types = list(dict.fromkeys([one for group in (*CHAINS, *UNRELATED, *EQUAL) for one in group]))
    below = {(one, other) for one in types for other in types if holds(other, one)}

    assert all((one, one) in below for one in types)
    broken = [
        (one, other, third)
        for one, other in below
        for third in types
        if (other, third) in below and (one, third) not in below
    ]
    assert broken == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Timestamp("ms", base=LONG), Timestamp("us", base=LONG), True),
        (Timestamp("ms"), Timestamp("us"), False),
        (Timestamp("ms", base=LONG), LONG, True),
        (Integer(32), Decimal(10, 0, Binary()), True),
        (Integer(32), Decimal(10, 0), False),
        (Decimal(10, 0, Binary()), Decimal(12, 2, Binary()), False),
        (String(), Enum(("A",), "shop.E"), True),
        (String(), Enum(("A",)), False),
        (Binary(), Fixed(4, "shop.F"), True),
        (Integer(32), LONG, False),
    ],
    ids=str,
)
def test_reinterprets(one: Type, other: Type, expected: bool) -> None:
    """Where a carrier or a name stands for the meaning, another meaning is no widening."""
    assert reinterprets(one, other) is reinterprets(other, one) is expected


def test_huge_precision() -> None:
    """A precision of any size is compared, not computed."""
    assert order(Integer(64), Decimal(2**31 - 1, 0)) is Order.WIDER


@pytest.mark.parametrize(
    "constraint",
    [
        Constraint("minimum", 10**2000),
        Constraint("minimum", float("nan")),
        Constraint("maximum", float("inf")),
        Constraint("multipleOf", 0),
        Constraint("multipleOf", -1),
        Constraint("multipleOf", 5e-324),
        Constraint("exclusiveMinimum", True),
        Constraint("minimum", "low"),
        Constraint("minimum", None),
    ],
    ids=lambda one: f"{one.name} {one.value!r}"[:40],
)
def test_what_is_no_bound_is_compared_as_it_is_written(constraint: Constraint) -> None:
    """A constraint that means nothing as a number narrows all the same, and is only equal to itself."""
    plain, asked = Float(64), Float(64, (constraint,))

    assert order(asked, plain) is Order.WIDER
    assert order(asked, Float(64, (constraint,))) is Order.EQUAL
    assert order(asked, Float(64, (Constraint(constraint.name, "other"),))) is Order.UNRELATED


def test_scales_beyond_counting() -> None:
    """Scales that are too long to compute with are never taken for one another."""
    assert order(Decimal(3000, 2000), Decimal(3000, 2500)) is Order.UNRELATED
    assert order(Decimal(3000, 0), Decimal(4000, 0)) is Order.WIDER
