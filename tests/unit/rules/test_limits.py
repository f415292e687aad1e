"""Limits: lengths, digits and constraints, each against what a type guarantees."""

import pytest

from tests.unit.rules.cases import of
from watcher.diff import diff
from watcher.model.contract import AtMost, Consumer, Meets, Subscription, SubscriptionName
from watcher.model.dataset import DatasetName, Domain
from watcher.model.path import FieldPath
from watcher.model.schema import Format, Schema
from watcher.model.types import (
    NULL,
    Array,
    Binary,
    Boolean,
    Constraint,
    Date,
    Decimal,
    Enum,
    Field,
    Fixed,
    Float,
    Integer,
    Map,
    Record,
    String,
    Timestamp,
    Type,
    Union,
    Unknown,
    Uuid,
)
from watcher.rules.evaluate import flips, heals, judge

A = FieldPath("a")


def there(type_: Type, format_: Format = Format.SQL) -> Schema:
    return Schema(format_, Record((Field("a", type_),)))


def limited(type_: type[String | Integer | Float], **those: object) -> Type:
    return type_(constraints=tuple(Constraint(name, value) for name, value in those.items()))


@pytest.mark.parametrize(
    ("facet", "most", "type_", "rule"),
    [
        ("length", 20, String(20), ""),
        ("length", 20, String(21), "length-grown"),
        ("length", 20, String(), "length-grown"),
        ("length", 20, limited(String, maxLength=20), ""),
        ("length", 20, Union((NULL, String(20))), ""),
        ("length", 20, Union((String(5), String(21))), "length-grown"),
        ("length", 16, Binary(16), ""),
        ("length", 16, Fixed(17, "F"), "length-grown"),
        ("length", 4, Enum(("paid", "new")), ""),
        ("length", 3, Enum(("paid", "new")), "length-grown"),
        ("length", 20, Integer(), "length-grown"),
        ("length", 20, Unknown("geo"), "type-unrecognised"),
        ("precision", 12, Decimal(12, 2), ""),
        ("precision", 12, Decimal(13, 2), "precision-grown"),
        ("precision", 12, Decimal(), "precision-grown"),
        ("precision", 10, Integer(32), ""),
        ("precision", 9, Integer(32), "precision-grown"),
        ("precision", 30, Integer(0), "precision-grown"),
        ("precision", 1, Boolean(), ""),
        ("precision", 30, Float(), "precision-grown"),
        ("scale", 2, Decimal(12, 2), ""),
        ("scale", 2, Decimal(12), ""),
        ("scale", 2, Decimal(12, 3), "scale-grown"),
        ("scale", 2, Decimal(), "scale-grown"),
        ("scale", 0, Integer(), ""),
        ("scale", 9, Float(), "scale-grown"),
    ],
)
def test_a_bound_is_kept_by_what_the_type_says(facet: str, most: int, type_: Type, rule: str) -> None:
    """Whatever may go beyond the bound breaks it, what has no bound first of all."""
    clause = AtMost(A, facet, most)  # type: ignore[arg-type]

    assert judge(clause, of(there(type_))).rule == rule


@pytest.mark.parametrize(
    ("name", "value", "type_", "holds"),
    [
        ("minimum", 1, limited(Integer, minimum=1), True),
        ("minimum", 1, limited(Integer, minimum=2), True),
        ("minimum", 1, limited(Integer, minimum=0), False),
        ("minimum", 1, limited(Integer, exclusiveMinimum=0), True),
        ("minimum", 1, limited(Float, exclusiveMinimum=0), False),
        ("minimum", 0, Integer(32, signed=False), True),
        ("minimum", 0, Integer(32), False),
        ("exclusiveMinimum", 0, limited(Float, minimum=0), False),
        ("exclusiveMinimum", 0, limited(Float, minimum=0.1), True),
        ("maximum", 99, Decimal(2, 0), True),
        ("maximum", 99, Decimal(3, 0), False),
        ("maximum", 32767, Integer(16), True),
        ("exclusiveMaximum", 100, limited(Integer, maximum=99), True),
        ("multipleOf", 5, limited(Integer, multipleOf=10), True),
        ("multipleOf", 10, limited(Integer, multipleOf=5), False),
        ("multipleOf", 0.1, limited(Float, multipleOf=0.3), True),
        ("multipleOf", 1, Integer(), True),
        ("minLength", 0, String(), True),
        ("minLength", 2, limited(String, minLength=3), True),
        ("minLength", 2, Enum(("ab", "abc")), True),
        ("minLength", 3, Enum(("ab", "abc")), False),
        ("pattern", "^a", limited(String, pattern="^a"), True),
        ("pattern", "^a", limited(String, pattern="^ab"), False),
        ("pattern", "^a", limited(String, pattern="^a", minLength=3), True),
        ("pattern", "^a", Enum(("a",)), False),
        ("format", "email", limited(String, format="email"), True),
        ("format", "email", String(), False),
        ("format", "date", Date(String()), True),
        ("format", "date-time", Timestamp(), True),
        ("format", "date-time", Timestamp("ms", base=Integer()), False),
        ("format", "uuid", Uuid(String()), True),
        ("minItems", 1, Array(String(), (Constraint("minItems", 2),)), True),
        ("minItems", 1, Array(String()), False),
        ("maxItems", 5, Array(String(), (Constraint("maxItems", 6),)), False),
        ("uniqueItems", True, Array(String(), (Constraint("uniqueItems", True),)), True),
        ("uniqueItems", True, Array(String()), False),
        ("minProperties", 1, Map(String(), (Constraint("minProperties", 1),)), True),
        ("minimum", 1, String(), False),
        ("minLength", 1, limited(Integer, minimum=1), False),
        ("minimum", 1, Union((NULL, limited(Integer, minimum=1))), True),
        ("minimum", 1, Union((limited(Integer, minimum=1), String())), False),
        ("minimum", 1, NULL, False),
    ],
)
def test_a_constraint_is_met_by_one_at_least_as_strict(name: str, value: object, type_: Type, holds: bool) -> None:
    """What implies the constraint meets it, and so does the type's own range; anything looser does not."""
    verdict = judge(Meets(A, Constraint(name, value)), of(there(type_)))

    assert verdict.rule == ("" if holds else "constraint-lost")


@pytest.mark.parametrize("format_", [Format.AVRO, Format.PROTOBUF])
def test_what_a_format_cannot_say_is_unknown(format_: Format) -> None:
    """Where the format has no word for a length or a constraint, nobody is blamed that it is not stated."""
    schema = there(String(), format_)

    assert judge(AtMost(A, "length", 20), of(schema)).rule == "constraint-unstated"
    assert judge(Meets(A, Constraint("pattern", "^a")), of(schema)).rule == "constraint-unstated"
    assert judge(AtMost(A, "length", 20), of(there(Fixed(30, "F"), format_))).rule == "length-grown"
    assert judge(AtMost(A, "precision", 12), of(there(Decimal(14, 2), format_))).rule == "precision-grown"


def test_what_a_type_guaranteed_before_is_lost_whatever_the_format() -> None:
    """A guarantee that the type gave before breaks when it goes, though the format could not have said it in words."""
    before, after = there(Integer(32, signed=False), Format.PROTOBUF), there(Integer(32), Format.PROTOBUF)
    fixed, text = there(Fixed(16, "F"), Format.AVRO), there(String(), Format.AVRO)

    assert judge(Meets(A, Constraint("minimum", 0)), of(after), before).rule == "constraint-lost"
    assert judge(AtMost(A, "length", 20), of(text), fixed).rule == "length-grown"


def test_two_constraints_of_one_field_are_two_violations() -> None:
    """A field that loses both its bounds is told of each, and each heals by itself."""
    one = Subscription(
        SubscriptionName("s"),
        Consumer(Domain("c")),
        DatasetName("d"),
        (Meets(A, Constraint("minimum", 1)), Meets(A, Constraint("maximum", 9))),
    )
    both, neither = there(limited(Integer, minimum=1, maximum=9)), there(Integer())
    half = there(limited(Integer, minimum=1))
    found = flips(one, one.dataset, of(both), of(neither), diff(both, neither))

    assert [violation.wants for violation in found] == ["`a` is at least 1", "`a` is at most 9"]
    assert len({violation.fingerprint for violation in found}) == 2
    assert [healing.expectation for healing in heals(one, one.dataset, of(neither), of(half))] == [one.expectations[0]]
