"""Whether a pattern occurs in a name, in time that is linear in both: schemas come from anyone, and may be hostile.

Python's own engine tries paths one by one, exponentially many for some patterns. Here its parser reads the pattern,
and all paths are followed at once.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from re import _constants as _op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from watcher.model.errors import SchemaError

MAX_PATTERN = 1_000
"""Characters of a pattern."""

MAX_STATES = 5_000
"""States of a machine; repetitions such as `{1000}` are written out."""

MAX_NAME = 1_000
"""Characters of a name."""

_CATEGORIES = {
    _op.CATEGORY_DIGIT: lambda char: char in "0123456789",
    _op.CATEGORY_NOT_DIGIT: lambda char: char not in "0123456789",
    _op.CATEGORY_SPACE: lambda char: char in " \t\n\r\f\v",
    _op.CATEGORY_NOT_SPACE: lambda char: char not in " \t\n\r\f\v",
    _op.CATEGORY_WORD: lambda char: char == "_" or (char.isascii() and char.isalnum()),
    _op.CATEGORY_NOT_WORD: lambda char: not (char == "_" or (char.isascii() and char.isalnum())),
}
"""As Java means them: plain ASCII."""


def matches(pattern: str, name: str) -> bool:
    """Whether the pattern occurs in the name. Raises SchemaError for a pattern that we cannot read."""
    if len(name) > MAX_NAME:
        raise SchemaError(
            f"a name has {len(name)} characters: {MAX_NAME} at most are held against a pattern", kind="too-large"
        )
    return _machine(pattern).occurs(name)


@lru_cache(maxsize=256)
def _machine(pattern: str) -> _Machine:
    if len(pattern) > MAX_PATTERN:
        raise SchemaError(
            f"a pattern has {len(pattern)} characters, and {MAX_PATTERN} are read at most", kind="too-large"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _parser.parse(pattern)
        return _Machine(tree)
    except (re.error, OverflowError, RecursionError, _UnreadableError):
        raise SchemaError(f"the pattern `{pattern[:80]}` is none that can be judged", kind="too-complex") from None


class _UnreadableError(Exception):
    """The pattern has something that no finite machine can follow, or too much of it."""


class _Machine:
    """States are numbers; `_eats` are those that eat a character, `_leaps` those that go on for free."""

    def __init__(self, tree: Any) -> None:
        if tree.state.flags & ~re.UNICODE:
            raise _UnreadableError
        self._eats: dict[int, tuple[Any, int]] = {}
        self._leaps: dict[int, list[tuple[Any, int]]] = {}
        self._states = 0
        self._end = self._state()
        self._start = self._sequence(tree, self._end)

    def occurs(self, name: str) -> bool:
        """Whether any part of the name is matched."""
        now: set[int] = set()
        for at in range(len(name) + 1):
            now = self._closed(now | {self._start}, at, len(name))
            if self._end in now:
                return True
            if at < len(name):
                char = name[at]
                now = {self._eats[state][1] for state in now if state in self._eats and self._eats[state][0](char)}
        return False

    def _closed(self, states: set[int], at: int, size: int) -> set[int]:
        seen = set(states)
        stack = list(states)
        while stack:
            for condition, state in self._leaps.get(stack.pop(), ()):
                if state not in seen and (condition is None or condition(at, size)):
                    seen.add(state)
                    stack.append(state)
        return seen

    def _state(self) -> int:
        self._states += 1
        if self._states > MAX_STATES:
            raise _UnreadableError
        return self._states

    def _sequence(self, tree: Any, end: int) -> int:
        """The state from which the tree leads to `end`; built from behind."""
        for op, value in reversed(list(tree)):
            end = self._one(op, value, end)
        return end

    def _one(self, op: Any, value: Any, end: int) -> int:
        if op is _op.SUBPATTERN:
            _, added, removed, tree = value
            if added or removed:
                raise _UnreadableError
            return self._sequence(tree, end)
        if op is _op.BRANCH:
            return self._fork([self._sequence(tree, end) for tree in value[1]])
        if op in (_op.MAX_REPEAT, _op.MIN_REPEAT):
            least, most, tree = value
            return self._repeat(least, most, tree, end)
        start = self._state()
        if op is _op.AT:
            self._leaps[start] = [(_place(value), end)]
        else:
            self._eats[start] = (_eater(op, value), end)
        return start

    def _fork(self, ways: list[int]) -> int:
        start = self._state()
        self._leaps[start] = [(None, way) for way in ways]
        return start

    def _repeat(self, least: int, most: Any, tree: Any, end: int) -> int:
        if most is _op.MAXREPEAT:
            loop = self._fork([end])
            self._leaps[loop].append((None, self._sequence(tree, loop)))
            end = loop
        else:
            last = end
            for _ in range(int(most) - least):
                end = self._fork([self._sequence(tree, end), last])
        for _ in range(least):
            self._state()  # also what repeats nothing counts
            end = self._sequence(tree, end)
        return end


def _place(where: Any) -> Any:
    if where in (_op.AT_BEGINNING, _op.AT_BEGINNING_STRING):
        return lambda at, _: at == 0
    if where in (_op.AT_END, _op.AT_END_STRING):
        return lambda at, size: at == size
    raise _UnreadableError


def _eater(op: Any, value: Any) -> Any:
    """What tells whether one character fits."""
    if op is _op.LITERAL:
        return lambda char: ord(char) == value
    if op is _op.NOT_LITERAL:
        return lambda char: ord(char) != value
    if op is _op.ANY:
        return lambda char: char != "\n"
    if op is _op.RANGE:
        low, high = value
        return lambda char: low <= ord(char) <= high
    if op is _op.CATEGORY and value in _CATEGORIES:
        return _CATEGORIES[value]
    if op is not _op.IN:
        raise _UnreadableError
    negated = bool(value) and value[0][0] is _op.NEGATE
    ones = [_eater(inner, its) for inner, its in (value[1:] if negated else value)]
    return lambda char: any(one(char) for one in ones) is not negated
