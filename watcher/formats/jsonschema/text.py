"""From a schema's text to its JSON tree, and back to one text for equal values."""

from __future__ import annotations

from typing import Any

import orjson

from watcher.model.errors import SchemaError

MAX_TEXT = 5_000_000
"""Characters of a schema with all that it refers to. The largest in the wild have a tenth of it."""


def read_tree(text: str | bytes) -> Any:
    """The JSON tree of a text; of a key that stands twice, the last. Raises SchemaError."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if isinstance(text, bytes):
            _require_utf8(text)
        if "recursion" in error.msg or "depth" in error.msg:
            raise SchemaError("the schema is nested too deeply", kind="too-deep") from None
        raise SchemaError(
            f"the schema is not JSON: {error.msg} at line {error.lineno}, character {error.colno}",
            kind="malformed-json",
        ) from None


def written(value: Any) -> str:
    """One text for a JSON value, whatever the order of its keys; 1 and 1.0 are two."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError:
        raise SchemaError("the schema holds values nested too deeply", kind="too-deep") from None


def _require_utf8(text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise SchemaError(f"the schema is not UTF-8 at byte {error.start + 1}", kind="not-utf-8") from None
