"""From a schema's text to its JSON tree: the door through which hostile input comes."""

from __future__ import annotations

import re
from typing import Any, NoReturn

import orjson

from watcher.model.errors import SchemaError

MAX_TEXT = 5_000_000
"""Characters (or bytes) of a schema with all that it refers to. The largest in the wild have a tenth of it."""

MAX_NESTING = 1000
"""Brackets inside brackets: what the registry's own JSON parser takes."""

# Strings and comments that never end run to the end of the text: no second try, so the scan is linear.
_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\Z)'
_COMMENT = r"/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|//[^\n]*"
_BRACKETS = re.compile(rf"{_STRING}|[\[\]{{}}]", re.DOTALL)
_COMMENTS = re.compile(rf"({_STRING})|{_COMMENT}", re.DOTALL)


def read_tree(text: str | bytes) -> Any:
    """The JSON tree of a text; of a key that stands twice, the last. Raises SchemaError."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _second_look(text, error)


def _second_look(text: str | bytes, error: orjson.JSONDecodeError) -> Any:
    """Comments are no JSON, but Avro's parser takes them; for all else, the cause."""
    readable = _readable(text)
    depth = 0
    for bracket in _BRACKETS.finditer(readable):
        match bracket.group():
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
        if depth > MAX_NESTING:
            raise SchemaError(f"the schema is nested more than {MAX_NESTING} brackets deep", kind="too-deep")
    bare = _COMMENTS.sub(lambda found: found[1] or " ", readable)
    if bare == readable:
        _refuse(error)
    try:
        return orjson.loads(bare)
    except orjson.JSONDecodeError as without_comments:
        _refuse(without_comments)


def _refuse(error: orjson.JSONDecodeError) -> NoReturn:
    raise SchemaError(
        f"the schema is not JSON: {error.msg} at line {error.lineno}, character {error.colno}", kind="malformed-json"
    ) from None


def _readable(text: str | bytes) -> str:
    try:
        if isinstance(text, bytes):
            return text.decode()
        text.encode()
    except UnicodeDecodeError as error:
        raise SchemaError(f"the schema is not UTF-8 at byte {error.start + 1}", kind="not-utf-8") from None
    except UnicodeEncodeError as error:
        raise SchemaError(
            f"the schema is no Unicode text at character {error.start + 1}: half of a surrogate pair", kind="not-utf-8"
        ) from None
    return text
