"""Types as contracts write them: `decimal(12,2)`, `timestamp(ms)`, `array<string>`, read into canonical types.

What is left out is left open: `string` is text of any length, `timestamp` one of any unit and zone, `record` one with
any members. `Unknown("any")` stands for any type at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches

from watcher.model.errors import UsageError
from watcher.model.types import (
    Array,
    Binary,
    Boolean,
    Date,
    Decimal,
    Duration,
    Enum,
    Fixed,
    Float,
    Integer,
    Map,
    Record,
    String,
    Time,
    Timestamp,
    Type,
    Unknown,
    Uuid,
)

ANY = Unknown("any")
UNITS = {"s": "s", "ms": "ms", "us": "us", "ns": "ns", "millis": "ms", "micros": "us", "nanos": "ns"}
MAX_TEXT = 500
MAX_NESTING = 32

_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Za-z_][A-Za-z0-9_-]*)|(?P<number>[0-9]{1,9})|(?P<mark>[<>(),]))")
_ZONES = {
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp_ntz",
    "timestamp with local time zone": "timestamptz",
    "local timestamp": "timestamp_ntz",
    "double precision": "double",
}

_PLAIN: dict[str, Type] = {
    "any": ANY,
    "boolean": Boolean(),
    "bool": Boolean(),
    "tinyint": Integer(8),
    "int8": Integer(8),
    "smallint": Integer(16),
    "int16": Integer(16),
    "int": Integer(32),
    "int32": Integer(32),
    "integer": Integer(32),
    "long": Integer(64),
    "int64": Integer(64),
    "bigint": Integer(64),
    "uint8": Integer(8, signed=False),
    "uint16": Integer(16, signed=False),
    "uint32": Integer(32, signed=False),
    "uint64": Integer(64, signed=False),
    "float": Float(32),
    "float32": Float(32),
    "real": Float(32),
    "double": Float(64),
    "float64": Float(64),
    "date": Date(),
    "uuid": Uuid(),
    "duration": Duration(),
    "record": Record(()),
    "struct": Record(()),
    "enum": Enum(()),
    "text": String(),
    "timestamp-millis": Timestamp("ms", zoned=True),
    "timestamp-micros": Timestamp("us", zoned=True),
    "timestamp-nanos": Timestamp("ns", zoned=True),
    "local-timestamp-millis": Timestamp("ms", zoned=False),
    "local-timestamp-micros": Timestamp("us", zoned=False),
    "local-timestamp-nanos": Timestamp("ns", zoned=False),
    "time-millis": Time("ms"),
    "time-micros": Time("us"),
}
_SIZED: dict[str, Callable[[int | None], Type]] = {
    "string": String,
    "varchar": String,
    "char": String,
    "bytes": Binary,
    "binary": Binary,
    "varbinary": Binary,
    "fixed": lambda size: Binary() if size is None else Fixed(size),
}
_TIMED: dict[str, Callable[[str | None], Type]] = {
    "time": Time,
    "timestamp": lambda unit: Timestamp(unit, zoned=None),
    "timestamptz": lambda unit: Timestamp(unit, zoned=True),
    "timestamp_tz": lambda unit: Timestamp(unit, zoned=True),
    "timestamp_ntz": lambda unit: Timestamp(unit, zoned=False),
    "local-timestamp": lambda unit: Timestamp(unit, zoned=False),
    "datetime": lambda unit: Timestamp(unit, zoned=None),
}
_DECIMALS = ("decimal", "numeric", "number")
_HOLDERS: dict[str, tuple[int, Callable[[list[Type]], Type]]] = {
    "array": (1, lambda inner: Array(inner[0] if inner else ANY)),
    "list": (1, lambda inner: Array(inner[0] if inner else ANY)),
    # `map<string, T>` is written by those who come from SQL: keys are text in every format that we read.
    "map": (2, lambda inner: Map(inner[-1] if inner else ANY)),
}
WORDS = (*_PLAIN, *_SIZED, *_TIMED, *_DECIMALS, *_HOLDERS)
"""Every word that a type's text may begin with."""


def type_from(text: str, *, unit: str | None = None) -> Type:
    """The canonical type; `unit` is for a time or timestamp that does not say it itself. Raises UsageError."""
    if len(text) > MAX_TEXT:
        raise UsageError(f"a type's text is {MAX_TEXT} characters at most")
    parser = _Parser(text)
    found = parser.type(0)
    parser.end()
    if unit is None:
        return found
    if unit not in UNITS:
        raise UsageError(f"`{unit}` is no unit of time: write s, ms, us or ns")
    if isinstance(found, Time) and found.unit in (None, UNITS[unit]):
        return Time(UNITS[unit])
    if isinstance(found, Timestamp) and found.unit in (None, UNITS[unit]):
        return Timestamp(UNITS[unit], zoned=found.zoned)
    raise UsageError(f"the unit `{unit}` does not go with the type `{text}`")


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        normal = " ".join(text.split())
        for long, short in _ZONES.items():
            normal = re.sub(re.escape(long) + r"(?![\w-])", short, normal, flags=re.IGNORECASE)
        self._tokens = list(_tokens(normal, text))
        self._at = 0

    def type(self, depth: int) -> Type:
        if depth > MAX_NESTING:
            raise self._off(f"is nested more than {MAX_NESTING} deep")
        word = self._next("a type").lower()
        if word in _PLAIN:
            return _PLAIN[word]
        if word in _SIZED:
            sizes = self._arguments(1)
            return _SIZED[word](self._number(sizes[0]) if sizes else None)
        if word in _TIMED:
            return self._timed(word)
        if word in _DECIMALS:
            return self._decimal()
        if word in _HOLDERS:
            most, build = _HOLDERS[word]
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
            unit = {"0": "s", "3": "ms", "6": "us", "9": "ns"}.get(units[0])
        else:
            unit = UNITS.get(units[0].lower()) if units else None
        if units and unit is None:
            raise self._off(f"has no unit `{units[0]}`: write s, ms, us or ns")
        return _TIMED[word](unit)

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
