"""Known fields and types: those that mean the same wherever they stand, kept so that equal ones are one object.

Versions of a record share nearly all of their fields, and subjects share many. The next version is read beside the last
one, where a field costs a comparison; others are looked up by their text. Two schemas that hold the same object are
then seen to agree there at a glance. Nothing with a named type in it is kept: what a name means depends on its schema.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import ne
from typing import Any

import orjson

from watcher.model.alongside import alongside
from watcher.model.types import Binary, Boolean, Field, Float, Integer, String, Type

MAX_KNOWN = 8_192
MAX_TEXT = 512
MAX_BRACKETS = 64
"""So many fields are kept, and types; the characters of each, and how deeply its object may be nested."""

MAX_VERSIONS = 64
MAX_FIELDS = 512
"""So many records are kept, and fields of each, mostly the very same ones as above: some megabytes, tens at worst."""

FIELDS: dict[bytes, Field] = {}
"""Fields by their own text."""

TYPES: dict[bytes, Type] = {}
"""Types that are more than a word, by their own text."""

USELESS = object()
"""Stands for an object that is not compared again: it equals nothing, as `null` does not."""

_LOOSE = re.compile(rb"[:,\[][-0-9tf]")
_WORDS = frozenset({Boolean, Integer, Float, String, Binary})
"""Types that have no attributes."""


@dataclass(slots=True)
class Version:
    """A record's fields as they were read last, with the objects that they were read from (`USELESS`: of no use again).

    `loose` are places whose object may equal one of another meaning, with their texts: to Python `1`, `1.0` and `true`
    are equal, to Avro not.
    """

    nodes: list[Any]
    fields: list[Field]
    loose: dict[int, bytes]
    names: list[str]
    _places: dict[str, int] | None = None

    def alongside(self, nodes: Sequence[Any], number: int, at: int) -> int:
        """How many of the objects from `number` on are those from `at` on."""
        if at >= len(self.nodes) or number >= len(nodes) or self.nodes[at] != nodes[number]:
            return 0
        run = alongside(nodes, number, self.nodes, at, ne)
        for place, text in self.loose.items():
            if at <= place < at + run and text_of(nodes[number + place - at]) != text:
                return place - at
        return run

    def following(self, name: str, at: int) -> int:
        """Where to go on after the field of this name was met at `at`: behind it, if it is there."""
        fields, last = self.fields, len(self.fields)
        if at >= last or fields[at].name == name:
            return at + 1
        if at + 1 < last and fields[at + 1].name == name:
            return at + 2
        if self._places is None:
            self._places = {field.name: place for place, field in enumerate(fields, 1)}
        return self._places.get(name, at)


VERSIONS: dict[str, Version] = {}
"""By record its last version."""

NO_VERSION = Version([], [], {}, [])


def keep_version(name: str, version: Version) -> None:
    """Keep the last version of the record of this full name."""
    if len(version.fields) <= MAX_FIELDS:
        _keep(VERSIONS, name, version, MAX_VERSIONS)


def keep_field(text: bytes, field: Field) -> bool:
    """Keep a field that is written as `text`; whether it was."""
    if small := _is_small(text):
        _keep(FIELDS, text, field, MAX_KNOWN)
    return small


def keep_type(text: bytes, type_: Type) -> None:
    """Keep a type that is written as `text`."""
    if _is_small(text):
        _keep(TYPES, text, type_, MAX_KNOWN)


def text_of(node: Any) -> bytes:
    """How a node is written, without the white space; nothing where it is nested too deeply to be kept."""
    try:
        return orjson.dumps(node)
    except TypeError:
        return b""


def _is_small(text: bytes) -> bool:
    return 0 < len(text) <= MAX_TEXT and text.count(b"[") + text.count(b"{") <= MAX_BRACKETS


def is_loose(field: Field, text: bytes) -> bool:
    """Whether there may be numbers or truth values in it that matter."""
    if field.default is None and type(field.type) in _WORDS:
        return False
    return _LOOSE.search(text) is not None


def _keep(kept: dict[Any, Any], key: object, value: object, most: int) -> None:
    if len(kept) >= most:
        kept.clear()
    kept[key] = value
