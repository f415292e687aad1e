"""Types as contracts write them: `decimal(12,2)`, `timestamp(ms)`, `array<string>`, read into canonical types.

What is left out is left open: `string` is text of any length, `timestamp` one of any unit and zone, `record` one with
any members. `Unknown("any")` stands for any type at all. Of a dataset on a SQL platform the platform's own words count
first (`INT64`, `NUMBER(38,0)`, and what it takes `int` for); what they leave out is left open as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from watcher.formats.contracts.type_words import (
    ANY,
    DECIMALS,
    HOLDERS,
    PLAIN,
    REWORDED,
    SIZED,
    TIMED,
    UNITS,
    WORDS,
)
from watcher.model.errors import UsageError
from watcher.model.types import UNITS as STEPS
from watcher.model.types import Array, Decimal, Map, String, Time, Timestamp, Type, Unknown

__all__ = ["ANY", "UNITS", "WORDS", "type_from"]

MAX_TEXT = 500
MAX_NESTING = 32

_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Za-z_][A-Za-z0-9_-]*)|(?P<number>[0-9]{1,9}(?:[munp]?s)?)|(?P<mark>[<>(),]))")
_LEFT_OPEN = frozenset(
    (*SIZED, "decimal", "dec", "numeric", "number", *HOLDERS, "any", "record", "struct", "enum", "text")
)
"""Words that leave their sizes or members open where they stand alone, on every platform."""

_AFFINE = re.compile("int|char|clob|text|blob|real|floa|doub|numeric", re.IGNORECASE)


def type_from(text: str, *, unit: str | None = None, dialect: str | None = None) -> Type:
    """The canonical type; `unit` is for a time or timestamp that does not say it itself. Raises UsageError.

    `dialect` is the platform whose words come first.
    """
    if len(text) > MAX_TEXT:
        raise UsageError(f"a type's text is {MAX_TEXT} characters at most")
    found = _parsed(text) if dialect is None else _on_platform(text, dialect)
    if unit is None:
        return found
    if unit not in UNITS:
        raise UsageError(f"`{unit}` is no unit of time: write s, ms, us or ns")
    if isinstance(found, Time) and found.unit in (None, UNITS[unit]):
        return Time(UNITS[unit])
    if isinstance(found, Timestamp) and found.unit in (None, UNITS[unit]):
        return Timestamp(UNITS[unit], zoned=found.zoned)
    raise UsageError(f"the unit `{unit}` does not go with the type `{text}`")


def _parsed(text: str) -> Type:
    parser = _Parser(text)
    found = parser.type(0)
    parser.end()
    return found


def _on_platform(text: str, dialect: str) -> Type:
    """The type as the platform defines it; where it knows none, as contracts write it."""
    from watcher.formats.sql.types import recognised  # noqa: PLC0415 - the parser of SQL is loaded where SQL is meant

    word = _reworded(text).lower()
    if word in _LEFT_OPEN:
        return _parsed(text)
    if dialect == "sqlite" and not _AFFINE.search(word):
        _parsed(text)  # any word is a type there: one that we do not know is a slip of the pen
    found = recognised(text, dialect)
    if found is None or (_is_unplaced(found) and re.split(r"[^a-z0-9_]", word)[0] in WORDS):
        return _parsed(text)  # as contracts write it: timestamp(ms), map<long>
    if word not in TIMED:
        return found
    if isinstance(found, Timestamp):
        # What a bare TIMESTAMP is there is for each session of Snowflake to say.
        return Timestamp(None, None if (dialect, word) == ("snowflake", "timestamp") else found.zoned)
    return Time() if isinstance(found, Time) else found


def _is_unplaced(type_: Type) -> bool:
    while isinstance(type_, Array | Map):
        type_ = type_.items if isinstance(type_, Array) else type_.values
    return isinstance(type_, Unknown)


def _reworded(text: str) -> str:
    normal = " ".join(text.split())
    for several, one in REWORDED:
        normal = several.sub(one, normal)
    return normal


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(_reworded(text), text))
        self._at = 0

    def type(self, depth: int) -> Type:
        if depth > MAX_NESTING:
            raise self._off(f"is nested more than {MAX_NESTING} deep")
        word = self._next("a type").lower()
        if word in PLAIN:
            return PLAIN[word]
        if word in SIZED:
            sizes = self._arguments(1)
            return SIZED[word](self._number(sizes[0]) if sizes else None)
        if word in TIMED:
            return self._timed(word)
        if word in DECIMALS:
            return self._decimal()
        if word in HOLDERS:
            most, build = HOLDERS[word]
            return build(self._inner(word, most, depth))
        near = get_close_matches(word, WORDS, 1)
        hint = f" (did you mean `{near[0]}`?)" if near else f"; known are {', '.join(sorted(WORDS))}"
        raise UsageError(f"unknown type `{word}`{hint}")

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise self._off(f"goes on with `{self._tokens[self._at]}` where it should end")

    def _timed(self, word: str) -> Type:
        units = self._arguments(1)
        if units and units[0].isdigit():
            # SQL counts fractional digits: TIMESTAMP(3) is one of milliseconds.
            unit = STEPS[int(units[0])] if int(units[0]) < len(STEPS) else None
        else:
            unit = UNITS.get(units[0].lower()) if units else None
        if units and unit is None:
            raise self._off(f"has no unit `{units[0]}`: write s, ms, us or ns")
        return TIMED[word](unit)

    def _decimal(self) -> Type:
        digits = [self._number(one) for one in self._arguments(2)]
        if not digits:
            return Decimal()
        precision, scale = digits[0], digits[1] if len(digits) > 1 else 0
        if precision == 0 or scale > precision:
            raise self._off("has a scale beyond its precision" if precision else "has no digits")
        return Decimal(precision, scale)

    def _inner(self, word: str, most: int, depth: int) -> list[Type]:
        if self._peek() != "<":
            return []
        self._at += 1
        inner = [self.type(depth + 1)]
        while self._peek() == ",":
            self._at += 1
            inner.append(self.type(depth + 1))
        if self._next("`>`") != ">":
            raise self._off("lacks a `>`")
        if len(inner) > most:
            raise self._off(f"gives `{word}` too many types")
        if len(inner) == 2 and inner[0] != String():
            raise self._off("has keys that are no text: a map's keys are `string`")
        return inner

    def _arguments(self, most: int) -> list[str]:
        if self._peek() != "(":
            return []
        self._at += 1
        found = [self._next("a value")]
        while self._peek() == ",":
            self._at += 1
            found.append(self._next("a value"))
        if self._next("`)`") != ")":
            raise self._off("lacks a `)`")
        if len(found) > most:
            raise self._off("has too many values in its brackets")
        return found

    def _number(self, text: str) -> int:
        if not text.isdigit():
            raise self._off(f"has `{text}` where a number should be")
        return int(text)

    def _peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self, wanted: str) -> str:
        token = self._peek()
        if token is None:
            raise self._off(f"ends where {wanted} should follow")
        self._at += 1
        return token

    def _off(self, problem: str) -> UsageError:
        return UsageError(f"the type `{self._text}` {problem}")


def _tokens(normal: str, text: str) -> Iterator[str]:
    at = 0
    while at < len(normal):
        match = _TOKEN.match(normal, at)
        if match is None:
            raise UsageError(f"the type `{text}` cannot be read at `{normal[at:].strip()[:20]}`")
        at = match.end()
        yield match.group().strip()
