"""The types that a script made, CREATE TYPE and CREATE DOMAIN, in the texts of others: arrays, domains, structs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

MAX_TEXT = 20_000
"""Characters of a type that names are put in for; what is longer is read by nobody."""

_TURNS = 16
_QUOTED = re.compile(r"('(?:[^']|'')*+')")
_NAME = re.compile(
    r"(?<![\w\"'.])(?:(?:\"[^\"]*\"|\w+)\.)*+(?:\"([^\"]*)\"|(\w++))(?=\s*(?:[\[,)]|\Z|array\b))", re.IGNORECASE
)
"""A type's name, with its schema; a member's own name in a struct has its type behind it."""


def resolved(text: str, types: Mapping[str, str]) -> str:
    """A type's text with what it names put in; the text itself where it names nothing that was made."""
    for _ in range(_TURNS if types else 0):
        new = _replaced(text, types.get)
        if new == text or len(new) > MAX_TEXT:
            return new
        text = new
    return text


def renamed(text: str, old: str, new: str) -> str:
    """A type's text after a type that it names got another name."""
    return _replaced(text, lambda name: new if name == old.casefold() else None)


def names(text: str, wanted: str) -> bool:
    """Whether a type's text names this type."""
    return renamed(text, wanted, "\0") != text


def _replaced(text: str, by: Callable[[str], str | None]) -> str:
    def one(match: re.Match[str]) -> str:
        found = by((match.group(1) or match.group(2) or "").casefold())
        return match.group() if found is None else found

    if "'" not in text:
        return _NAME.sub(one, text)
    parts = _QUOTED.split(text)
    return "".join(part if part.startswith("'") else _NAME.sub(one, part) for part in parts)
