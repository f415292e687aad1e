"""JSON as commands write it: whatever came in with a schema or a request goes out again, odd numbers and texts too."""

from __future__ import annotations

import json
from typing import Any

import orjson


def line(value: Any) -> bytes:
    """One line, without its end."""
    try:
        return orjson.dumps(value)
    except TypeError:  # half a surrogate pair, or a number beyond 64 bits: only the slow one writes them
        return json.dumps(value, separators=(",", ":"), default=str).encode()


def page(value: Any) -> str:
    """Several lines, for people and for files."""
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    except TypeError:
        return json.dumps(value, indent=2, default=str)
