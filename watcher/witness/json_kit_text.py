"""Strings and numbers by construction: the edges of what the keywords of a schema let through.

What is made here is a proposal: the validator has the last word on each. So a format that nobody checks still gets a
string that has it, and a pattern with something in it that cannot be spelled out gets what comes near.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from re import _constants as _op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

MAX_LENGTH = 5_000
"""Characters of a string."""

_LENGTHS = (0, 1, 2, 17, 65, 257, 1025, 4097)
"""Where nothing bounds a string: one character more than what columns are often made for."""

_EDGES = (0, 1, -1, 2**7, 2**15, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63))
"""Where nothing bounds a number: what the widths of integers stop at."""

_FORMATS: Mapping[str, tuple[str, ...]] = {
    "date": ("2000-01-01", "1999-12-31"),
    "date-time": ("2000-01-01T00:00:00Z", "2000-01-01T00:00:00.123456+02:00"),
    "time": ("00:00:00Z", "12:30:45.5+02:00"),
    "duration": ("P1D", "PT1S"),
    "email": ("a@b.cd",),
    "idn-email": ("a@b.cd",),
    "hostname": ("a", "a.bc"),
    "idn-hostname": ("a", "a.bc"),
    "ipv4": ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - a value, no address that is bound
    "ipv6": ("::", "::1"),
    "uri": ("a:b", "https://a.bc/"),
    "uri-reference": ("a", "a:b"),
    "iri": ("a:b",),
    "iri-reference": ("a",),
    "uri-template": ("a", "{a}"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "00000000-0000-4000-8000-000000000001"),
    "json-pointer": ("", "/a"),
    "relative-json-pointer": ("0",),
    "regex": ("a",),
    "byte": ("", "AA=="),
    "binary": ("", "AA=="),
}

_CLASSES = {
    _op.CATEGORY_DIGIT: "09",
    _op.CATEGORY_NOT_DIGIT: "a ",
    _op.CATEGORY_SPACE: " \t",
    _op.CATEGORY_NOT_SPACE: "a0",
    _op.CATEGORY_WORD: "a0_",
    _op.CATEGORY_NOT_WORD: " -",
}
_PLAIN = "a0A_- .,:/zZ9b1@é\n\t~!"


class _TooLongError(Exception):
    """What a pattern asks for is longer than a witness may be."""


def texts(trees: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Strings at the edges of lengths, patterns and formats, the short ones mostly first."""
    least = max((one["minLength"] for one in trees if _counts(one.get("minLength"))), default=0)
    most = min((one["maxLength"] for one in trees if _counts(one.get("maxLength"))), default=math.inf)
    formats = [one for tree in trees for one in _FORMATS.get(_text(tree.get("format")), ())]
    patterns = [tree["pattern"] for tree in trees if isinstance(tree.get("pattern"), str)]
    yield from formats
    edges = {int(least), int(least) + 1, *_LENGTHS, *((int(most),) if most < MAX_LENGTH else ())}
    lengths = [length for length in sorted(edges) if least <= length <= min(most, MAX_LENGTH)]
    for pattern in patterns:
        yield from spelled(pattern, lengths)
    if patterns or formats:
        return
    for length in lengths:
        yield "a" * length
        if length == max(1, least):
            yield "0" * length


def spelled(pattern: str, lengths: Sequence[int] = (0,)) -> Iterator[str]:
    """Strings in which a pattern occurs, as far as it can be spelled out: short ones, and some at least so long."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        return
    seen: set[str] = set()
    turns = [(0, extra, way) for extra in (0, 1, 2) for way in range(4)]
    turns += [(length, extra, 0) for length in lengths for extra in (0, length)]
    for length, extra, way in turns:
        try:
            text = _Speller(extra, way).spell(tree)
        except (_TooLongError, RecursionError):
            continue
        padding = "a" * max(0, length - len(text))
        for one in (text, text + padding, padding + text):
            if one not in seen:
                seen.add(one)
                yield one


class _Speller:
    """One way through a pattern: so many repeats more than it asks for, the `way`-th of its choices."""

    def __init__(self, extra: int, way: int) -> None:
        self._extra = extra
        self._way = way
        self._groups: dict[int, str] = {}

    def spell(self, tree: Any) -> str:
        found = ""
        for op, value in tree:
            found += self._one(op, value)
            if len(found) > MAX_LENGTH:
                raise _TooLongError
        return found

    def _one(self, op: Any, value: Any) -> str:
        if op is _op.SUBPATTERN:
            group, _, _, inner = value
            text = self.spell(inner)
            if group is not None:
                self._groups[group] = text
            return text
        if op is _op.BRANCH:
            return self.spell(value[1][self._way % len(value[1])])
        if op in (_op.MAX_REPEAT, _op.MIN_REPEAT):
            least, most, inner = value
            text, times = self.spell(inner), min(int(least) + self._extra, int(most))
            if len(text) * times > MAX_LENGTH:
                raise _TooLongError
            return text * times
        if op is _op.GROUPREF:
            return self._groups.get(value, "")
        return self._character(op, value)

    def _character(self, op: Any, value: Any) -> str:
        if op is _op.LITERAL:
            return chr(value)
        if op is _op.NOT_LITERAL:
            return self._pick([one for one in _PLAIN if ord(one) != value])
        if op is _op.ANY:
            return "a"
        if op is not _op.IN:
            return ""  # an anchor or a look-around: the validator says whether what comes out will do
        if value and value[0][0] is _op.NEGATE:
            return self._pick([one for one in _PLAIN if not any(_fits(each, one) for each in value[1:])])
        return self._pick([one for each in value for one in _members(each)])

    def _pick(self, from_: Sequence[str]) -> str:
        return from_[self._way % len(from_)] if from_ else ""


def _members(each: tuple[Any, Any]) -> Sequence[str]:
    op, value = each
    if op is _op.LITERAL:
        return chr(value)
    if op is _op.RANGE:
        return chr(value[0]) + (chr(value[1]) if value[1] != value[0] else "")
    return _CLASSES.get(value, "") if op is _op.CATEGORY else ""


def _fits(each: tuple[Any, Any], char: str) -> bool:
    op, value = each
    if op is _op.RANGE:
        return bool(value[0] <= ord(char) <= value[1])
    return char in _members(each)


def numbers(trees: Sequence[Mapping[str, Any]], *, whole: bool) -> Iterator[int | float]:
    """Numbers at the edges of bounds, multiples and widths, small ones first."""
    low = max((one for tree in trees for one in _bounds(tree, "minimum", "exclusiveMinimum")), default=None)
    high = min((one for tree in trees for one in _bounds(tree, "maximum", "exclusiveMaximum")), default=None)
    units = [one for tree in trees for one in _fractions(tree.get("multipleOf")) if one > 0]
    unit = max(units, default=Fraction(1) if whole else None)
    if unit is not None and whole and unit.denominator != 1:
        unit = Fraction(unit.numerator)
    found: dict[Fraction, None] = {}
    for anchor in (*(Fraction(one) for one in _EDGES), low, high):
        if anchor is None:
            continue
        if unit is None:
            near = [anchor + one for one in (0, Fraction(1, 2), Fraction(-1, 2), 1, -1)]
            near += [anchor + Fraction(1, 10**places) for places in (1, 2, 3, 7)]
        else:
            near = [(anchor // unit + one) * unit for one in (0, 1, -1)]
        for one in near:
            if (low is None or one >= low) and (high is None or one <= high):
                found[one] = None
    for one in sorted(found, key=lambda number: (abs(number), number < 0)):
        number = _number(one)
        if number is not None:
            yield number


def _number(value: Fraction) -> int | float | None:
    if value.denominator == 1:
        return int(value)
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if number % 1 else None


def _bounds(tree: Mapping[str, Any], *words: str) -> Iterator[Fraction]:
    for word in words:
        yield from _fractions(tree.get(word))


def _fractions(value: Any) -> Iterator[Fraction]:
    """The number as it is written, exactly; none for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return
    yield Fraction(str(value))


def _counts(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
