"""Constraints in short words behind a type's own: `int 0..100`, `string minLength 1`, `string ~ ^[A-Z]+$`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from watcher.model.types import Constraint

MAX_VALUE = 60
"""So much of a pattern or a list is shown."""

_SIGNS = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<", "pattern": "~"}


def constraints_text(constraints: Sequence[Constraint]) -> str:
    """What stands behind the type, with a space before it; nothing where there is no constraint."""
    given = {one.name: one.value for one in constraints}
    if len(given) < len(constraints):
        given = {}  # one word twice: each is told by itself
    parts: list[str] = []
    if "minimum" in given and "maximum" in given:
        parts.append(f"{_value(given['minimum'])}..{_value(given['maximum'])}")
    for one in constraints:
        if parts and one.name in ("minimum", "maximum") and given:
            continue
        parts.append(_one(one))
    return f" {', '.join(parts)}" if parts else ""


def _one(one: Constraint) -> str:
    value = _value(one.value)
    if one.name in _SIGNS:
        return f"{_SIGNS[one.name]} {value}"
    match one.name:
        case "multipleOf":
            return f"multiple of {value}"
        case "format":
            return value
        case "uniqueItems" if one.value is True:
            return "unique"
        case "enum":
            return f"in {value}"
    return f"{one.name} {value}"


def _value(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"
