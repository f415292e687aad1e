"""Known fields and types: those that mean the same wherever they stand, kept so that equal ones are one object.

Versions of a subject share nearly all of their fields, and subjects share many. A field that is read again costs a
comparison, and two schemas that hold the same object are seen to agree there at a glance. Nothing with a named type in
it is kept: what a name means depends on its schema.
"""

from __future__ import annotations

from typing import Any

import orjson

from watcher.model.types import Field, Type

MAX_KNOWN = 16_384
MAX_KNOWN_TEXT = 512
"""Fields that are kept, and the characters of each: together they bound what is kept to some megabytes."""

BY_TEXT: dict[bytes, Field] = {}
"""Fields by their own text."""

BY_NAME: dict[str, tuple[dict[str, Any], Field]] = {}
"""One field a name, with the object that it was read from, for those of which an equal object means the same."""

TYPES: dict[bytes, Type] = {}
"""Types that are more than a word, by their own text."""


def keep_field(node: dict[str, Any], text: bytes, field: Field) -> None:
    """Keep a field that was read from `node`, which is written as `text`."""
    if len(text) > MAX_KNOWN_TEXT:
        return
    if len(BY_TEXT) >= MAX_KNOWN:
        BY_TEXT.clear()
        BY_NAME.clear()
    BY_TEXT[text] = field
    if field.name not in BY_NAME and _is_exact(node):
        BY_NAME[field.name] = (node, field)


def keep_type(text: bytes, type_: Type) -> None:
    """Keep a type that is written as `text`."""
    if len(text) > MAX_KNOWN_TEXT:
        return
    if len(TYPES) >= MAX_KNOWN:
        TYPES.clear()
    TYPES[text] = type_


def text_of(node: Any) -> bytes:
    """How a node is written, without the white space; nothing where it is nested too deeply to be kept."""
    try:
        return orjson.dumps(node)
    except TypeError:
        return b""


def _is_exact(node: dict[str, Any]) -> bool:
    """Whether what matters in the object is text and null: to Python `1`, `1.0` and `true` are equal, to Avro not."""
    type_, default = node["type"], node.get("default")
    if default is not None and not isinstance(default, str):
        return False
    inner = type_ if isinstance(type_, list) else type_.values() if isinstance(type_, dict) else ()
    return all(isinstance(one, str) for one in inner)
