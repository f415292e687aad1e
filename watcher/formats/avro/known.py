"""Known fields and types: those that mean the same wherever they stand, kept so that equal ones are one object.

Versions of a subject share nearly all of their fields, and subjects share many. A field that is read again costs a
comparison, and two schemas that hold the same object are seen to agree there at a glance. Nothing with a named type in
it is kept: what a name means depends on its schema.
"""

from __future__ import annotations

from typing import Any

import orjson

from watcher.model.types import Field, Type

MAX_KNOWN = 8_192
MAX_TEXT = 512
"""So many fields are kept, and types, and so many characters of each: some megabytes in all."""

FIELDS: dict[str, tuple[dict[str, Any] | bytes, Field]] = {}
"""By name the field of that name that was read last, with the object that it was read from, or its text."""

TYPES: dict[bytes, Type] = {}
"""Types that are more than a word, by their own text."""


def keep_field(node: dict[str, Any], field: Field) -> None:
    """Keep a field that was read from `node`."""
    written = node if _is_exact(node) else text_of(node)
    if 0 < len(written) <= MAX_TEXT:
        _make_room(FIELDS)
        FIELDS[field.name] = (written, field)


def keep_type(text: bytes, type_: Type) -> None:
    """Keep a type that is written as `text`."""
    if 0 < len(text) <= MAX_TEXT:
        _make_room(TYPES)
        TYPES[text] = type_


def text_of(node: Any) -> bytes:
    """How a node is written, without the white space; nothing where it is nested too deeply to be kept."""
    try:
        return orjson.dumps(node)
    except TypeError:
        return b""


def _make_room(kept: dict[Any, Any]) -> None:
    if len(kept) >= MAX_KNOWN:
        kept.clear()


def _is_exact(node: dict[str, Any]) -> bool:
    """Whether an object that is equal to it means the same: to Python `1`, `1.0` and `true` are equal, to Avro not."""
    for key, one in node.items():
        if type(one) is str:
            if len(one) > MAX_TEXT:
                return False
        elif one is not None:
            inner = one if type(one) is list else one.values() if type(one) is dict else ()
            if key != "type" or not 0 < len(inner) <= 16:
                return False
            for word in inner:
                if type(word) is not str or len(word) > MAX_TEXT:
                    return False
    return True
