"""What constraints leave of a type: the numbers, lengths and counts that its values may have, to be compared exactly.

Numbers are told by a least and a greatest one and a step between them, whatever says so: a width, digits, `minimum`,
`multipleOf`. What has no such meaning here (`pattern`, `format`, a word that we do not know) is compared as it is
written: the narrower type must say the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

from watcher.model.types import Constraint, Decimal, Float, Integer

Number: TypeAlias = Integer | Float | Decimal

MOST_DIGITS = 1000
"""Numbers with more digits are told apart by their count of digits only: a hostile precision costs nothing."""

_LONGEST = 10**MOST_DIGITS
_INFINITE = math.inf
_BOUNDS = {"minimum": False, "exclusiveMinimum": True, "maximum": False, "exclusiveMaximum": True}

_Bound: TypeAlias = tuple[Fraction | float, bool]
"""A limit, and whether it is left out itself."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a type: between two bounds, each a multiple of `step` (None: any), in `listed` if that is given.

    `other` is what else is asked, as written.
    """

    low: _Bound
    high: _Bound
    step: Fraction | None
    listed: frozenset[str] | None
    other: frozenset[tuple[str, str]]

    def hold(self, narrow: Numbers) -> bool:
        """Whether all of the narrower ones are among these."""
        if narrow.empty or self.empty:
            return narrow.empty
        if self.listed is not None and (narrow.listed is None or not narrow.listed <= self.listed):
            return False
        if not self.other <= narrow.other or not self._between(narrow):
            return False
        return self.step is None or (narrow.step is not None and not narrow.step % self.step)

    def _between(self, narrow: Numbers) -> bool:
        (low, open_low), (its_low, its_open_low) = self.low, narrow.low
        (high, open_high), (its_high, its_open_high) = self.high, narrow.high
        below = low < its_low or (low == its_low and open_low <= its_open_low)
        return below and (its_high < high or (its_high == high and open_high <= its_open_high))

    @property
    def empty(self) -> bool:
        """Whether no number is left."""
        (low, open_low), (high, open_high) = self.low, self.high
        return low > high or (low == high and (open_low or open_high)) or self.listed == frozenset()

    def whole(self, most: int) -> bool:
        """Whether they are whole numbers, none of them further from zero than `most`."""
        whole = self.step is not None and not self.step % 1
        return whole and -most <= self.low[0] and self.high[0] <= most


def numbers(type_: Number) -> Numbers:
    """The numbers that a type has, by its width or digits and by its constraints."""
    return _stated(type_) if type_.constraints else _bare(type_)


@lru_cache(maxsize=256)
def _bare(type_: Number) -> Numbers:
    """Those of a type without constraints: there are few such types, and they are asked for all the time."""
    return _stated(type_)


def _stated(type_: Number) -> Numbers:
    low, high, step = _own(type_)
    listed: frozenset[str] | None = None
    other: set[tuple[str, str]] = set()
    if isinstance(type_, Decimal) and (type_.scale or 0) > MOST_DIGITS:
        other.add(("scale", str(type_.scale)))
    for one in type_.constraints:
        value = _fraction(one.value)
        if one.name == "enum" and isinstance(one.value, tuple):
            given = frozenset(_written(value) for value in one.value)
            listed = given if listed is None else listed & given
        elif value is not None and one.name in _BOUNDS:
            if one.name.endswith("inimum"):
                low = max(low, (value, _BOUNDS[one.name]))
            else:
                high = min(high, (value, _BOUNDS[one.name]), key=lambda bound: (bound[0], not bound[1]))
        elif value is not None and value > 0 and one.name == "multipleOf":
            step = value if step is None else _common(step, value)
        else:
            other.add((one.name, _written(one.value)))
    if step is not None:
        low, high = _onto(low, step, up=True), _onto(high, step, up=False)
    return Numbers(low, high, step, listed, frozenset(other))


def _own(type_: Number) -> tuple[_Bound, _Bound, Fraction | None]:
    everything: tuple[_Bound, _Bound] = ((-_INFINITE, False), (_INFINITE, False))
    match type_:
        case Integer(0, signed):
            return everything[0] if signed else (Fraction(0), False), everything[1], Fraction(1)
        case Integer(bits, signed):
            bits = min(bits, 2000)
            low = -(1 << bits - 1) if signed else 0
            return (Fraction(low), False), (Fraction((1 << bits - signed) - 1), False), Fraction(1)
        case Decimal(precision, scale) if scale is not None or precision is not None:
            scale = min(scale or 0, MOST_DIGITS)
            step = Fraction(1, 10**scale)
            if precision is None:
                return *everything, step
            most = _greatest(precision, type_.scale or 0)
            return (-most, False), (most, False), step
    return *everything, None


def _greatest(precision: int, scale: int) -> Fraction:
    """The number of all nines; of one with a huge count of digits, a number that stands for that count."""
    if precision > MOST_DIGITS or scale > MOST_DIGITS:
        whole = precision - scale
        return Fraction(_LONGEST * (whole - MOST_DIGITS)) if whole > MOST_DIGITS else Fraction(10 ** max(whole, 0))
    return Fraction(10**precision - 1, 10**scale)


def _onto(bound: _Bound, step: Fraction, *, up: bool) -> _Bound:
    """The nearest multiple of the step within the bound."""
    value, left_out = bound
    if isinstance(value, float):
        return bound
    whole = -(-value // step) if up else value // step
    if left_out and whole * step == value:
        whole += 1 if up else -1
    return whole * step, False


def _common(one: Fraction, other: Fraction) -> Fraction:
    """The smallest number that is a multiple of both."""
    return Fraction(
        math.lcm(one.numerator * other.denominator, other.numerator * one.denominator),
        one.denominator * other.denominator,
    )


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long or how many: between two counts; `other` is what else is asked, as written."""

    least: int
    most: float
    other: frozenset[tuple[str, str]]

    def hold(self, narrow: Sizes) -> bool:
        """Whether all that the narrower ones allow is allowed here."""
        return self.least <= narrow.least and narrow.most <= self.most and self.other <= narrow.other


def sizes(constraints: Iterable[Constraint], of: str, most: float = math.inf) -> Sizes:
    """The sizes that constraints leave; `of` is what is counted: `Length`, `Items`, `Properties`."""
    least, other = 0, set()
    for one in constraints:
        count = _count(one.value)
        if one.name == f"min{of}" and count is not None:
            least = max(least, count)
        elif one.name == f"max{of}" and count is not None:
            most = min(most, count)
        elif not (one.name == "uniqueItems" and one.value is False):
            other.add((one.name, _written(one.value)))
    return Sizes(least, most, frozenset(other))


def _count(value: Any) -> int | None:
    number = _fraction(value)
    return int(number) if number is not None and number >= 0 and number.denominator == 1 else None


def _fraction(value: Any) -> Fraction | None:
    """A number as people write it: 0.1 is a tenth. None for what is no number that we compare."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_LONGEST < value < _LONGEST:
        return None
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))


def _written(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, default=str)
