"""What keywords ask beyond the type, as constraints of the canonical type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watcher.model.json_schema import Composite, Listing
from watcher.model.types import Constraint


def asks(given: Mapping[str, Any]) -> tuple[Constraint, ...]:
    """The constraints that are given, in the order of their names; whole numbers are written as such."""
    return tuple(
        Constraint(name, int(value) if isinstance(value, float) and value.is_integer() else value)
        for name, value in sorted(given.items())
        if value is not None
    )


def asked_of_items(node: Listing) -> tuple[Constraint, ...]:
    """How many items there are, and whether one may stand twice."""
    return asks(
        {"minItems": node.min_items or None, "maxItems": node.max_items, "uniqueItems": True if node.unique else None}
    )


def asked_of_members(node: Composite) -> tuple[Constraint, ...]:
    """How many members there are, and which come together."""
    needs = tuple((name, tuple(sorted(others))) for name, others in sorted(node.needs.items()))
    return asks(
        {
            "minProperties": node.min_properties or None,
            "maxProperties": node.max_properties,
            "dependentRequired": needs or None,
        }
    )


def cost(constraints: tuple[Constraint, ...]) -> int:
    """What constraints cost to compare: one each, more for long lists."""
    return sum(1 + len(one.value) // 16 if isinstance(one.value, tuple) else 1 for one in constraints)
