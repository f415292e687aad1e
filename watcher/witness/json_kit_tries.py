"""How long a pattern may keep the validator: it tries paths one by one, for some patterns exponentially many.

The shape of a pattern bounds that from above, by the length of the string. Where it may be long, nobody asks.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from re import _constants as _op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from watcher.witness.case import Refused

MAX_PATTERN = 5_000
"""Characters of a pattern."""

MAX_TRIES = 50_000_000
"""Ways in which a pattern may be tried on a string."""

_REPEATS = (_op.MAX_REPEAT, _op.MIN_REPEAT)


def patterns(tree: Any) -> Iterator[str]:
    """All patterns of a schema's tree, and a few texts that only look like it."""
    stack = [tree]
    while stack:
        one = stack.pop()
        if isinstance(one, list):
            stack += one
        elif isinstance(one, dict):
            if isinstance(one.get("pattern"), str):
                yield one["pattern"]
            named = one.get("patternProperties")
            if isinstance(named, dict):
                yield from named
            stack += one.values()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern's shape: whether repeats or choices stand inside a repeat, and how far each repeat may go."""

    nested: bool
    anchored: bool
    ranges: tuple[int, ...]

    def tries(self, length: int) -> int:
        """The ways in which it may be tried on a string of this length, at the worst."""
        tries = 1 if self.anchored else length + 1
        if self.nested:
            return tries << min(length, 64)
        for range_ in self.ranges:
            tries = min(tries * (min(range_, length) + 1), MAX_TRIES + 1)
        return tries


def shapes(written: Iterator[str]) -> list[Pattern]:
    """The shapes of patterns, equal ones once; raises Refused for what cannot be read."""
    found: dict[Pattern, None] = {}
    for pattern in written:
        if len(pattern) > MAX_PATTERN:
            raise Refused(f"a pattern has more than the {MAX_PATTERN} characters that a validator is given")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found[_shape(_parser.parse(pattern))] = None
        except (re.error, OverflowError, RecursionError):
            raise Refused(f"the validator cannot read the pattern {pattern[:80]!r}") from None
    return list(found)


def _shape(tree: Any) -> Pattern:
    nested, ranges = False, []
    stack = [(op, value, False) for op, value in tree]
    while stack:
        op, value, within = stack.pop()
        if op in _REPEATS:
            least, most, inner = value
            if least != most:
                nested = nested or within
                ranges.append(int(most) - int(least))
            stack += [(*one, within or int(most) > 1) for one in inner]
        elif op is _op.BRANCH:
            nested = nested or within
            stack += [(*one, within) for branch in value[1] for one in branch]
        else:
            stack += [(*one, within) for inner in _inner(value) for one in inner]
    first = list(tree)[:1]
    anchored = bool(first) and first[0][0] is _op.AT and first[0][1] in (_op.AT_BEGINNING, _op.AT_BEGINNING_STRING)
    return Pattern(nested, anchored, tuple(ranges))


def _inner(value: Any) -> Iterator[Any]:
    """The patterns inside a group or a look-around, wherever its parts keep them."""
    if isinstance(value, _parser.SubPattern):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _inner(one)
