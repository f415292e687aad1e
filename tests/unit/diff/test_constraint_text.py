"""Constraints, as they stand behind a type in messages."""

import pytest

from watcher.diff.render import type_text
from watcher.model.types import Array, Constraint, Date, Decimal, Float, Integer, Map, Record, String, Type


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        (Integer(64, True, (Constraint("minimum", 0),)), "long >= 0"),
        (Integer(8, True, (Constraint("maximum", 100), Constraint("minimum", 0))), "int8 0..100"),
        (Integer(64, True, (Constraint("enum", (1, 2)),)), "long in [1, 2]"),
        (Integer(64, True, (Constraint("minimum", 0), Constraint("minimum", 1))), "long >= 0, >= 1"),
        (
            Float(64, (Constraint("exclusiveMaximum", 1.0), Constraint("multipleOf", 0.1))),
            "double < 1, multiple of 0.1",
        ),
        (Decimal(5, 2, None, (Constraint("exclusiveMinimum", 0),)), "decimal(5,2) > 0"),
        (String(9, (Constraint("minLength", 1), Constraint("pattern", "^a"))), "string(9) minLength 1, ~ ^a"),
        (String(None, (Constraint("format", "email"),)), "string email"),
        (String(None, (Constraint("pattern", "a" * 100),)), "string ~ " + "a" * 59 + "…"),
        (
            Array(String(), (Constraint("maxItems", 2), Constraint("uniqueItems", True))),
            "array<string> maxItems 2, unique",
        ),
        (Map(String(), (Constraint("keys", "int"),)), "map<string> keys int"),
        (Record((), "a.B", constraints=(Constraint("minProperties", 1),)), "record(B) minProperties 1"),
        (Date(String(None, (Constraint("pattern", "^2"),))), "date ~ ^2"),
    ],
)
def test_constraints_stand_behind_the_type(type_: Type, expected: str) -> None:
    """Bounds are told short, in signs where people have signs."""
    assert type_text(type_) == expected
