"""Values as libraries give them, and as a ticket shows them: JSON, in which bytes are `0x` and hexadecimal digits."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal
from typing import Any
from uuid import UUID

LONGEST = 60
"""Characters of a value in a sentence."""


def to_json(value: Any) -> Any:
    """The value as a JSON document; a pair that names a union's branch becomes an object with that one member."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case dict():
            return {str(key): to_json(one) for key, one in value.items()}
        case tuple() if len(value) == 2 and isinstance(value[0], str):
            return {value[0]: to_json(value[1])}
        case list() | tuple():
            return [to_json(one) for one in value]
        case bytes() | bytearray():
            return f"0x{value.hex()}"
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case Decimal() | UUID() | dt.timedelta():
            return str(value)
        case _:
            return repr(value)


def bare(value: Any) -> Any:
    """The value without the name of the union's branch that it was written as."""
    return value[1] if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) else value


def words(value: Any) -> str:
    """The value in a sentence, cut where it is long."""
    text = json.dumps(to_json(bare(value)), ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def nodes(value: Any) -> int:
    """How many values a value is made of: the measure of what is smallest."""
    count = 0
    stack = [value]
    while stack:
        one = bare(stack.pop())
        count += 1
        if isinstance(one, dict):
            stack.extend(one.values())
        elif isinstance(one, list):
            stack.extend(one)
    return count


def extent(value: Any) -> int:
    """About how many bytes a value takes: of equally many nodes, fewer of these are smaller."""
    total = 0
    stack = [value]
    while stack:
        one = bare(stack.pop())
        if isinstance(one, dict):
            stack.extend(one.values())
            total += sum(map(len, one))
        elif isinstance(one, list):
            stack.extend(one)
        elif isinstance(one, str | bytes):
            total += 1 + len(one)
        elif isinstance(one, int):
            total += 1 + one.bit_length() // 7
        elif one is not None:
            total += 4
    return total
