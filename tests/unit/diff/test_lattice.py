"""The order of types, over all formats' types."""

import itertools

import pytest

from watcher.diff.lattice import Order, holds, order, reinterprets
from watcher.model.types import (
    NULL,
    Array,
    Binary,
    Boolean,
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

UNRELATED: list[tuple[Type, Type]] = [
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
