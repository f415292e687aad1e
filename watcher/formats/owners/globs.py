"""Globs over the steps of a path, matched in the product of both lengths at most, whatever the pattern is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Any, TypeAlias


class Any_(Enum):  # noqa: N801 - `Any` is another's
    """What stands for any number of something."""

    STEPS = "**"
    CHARACTERS = "*"


ANY_STEPS = Any_.STEPS


@dataclass(frozen=True, slots=True)
class Range:
    """Characters between brackets, single ones or from one to another; or all but these."""

    pairs: tuple[tuple[str, str], ...]
    negated: bool = False

    def takes(self, character: str) -> bool:
        """Whether the character is meant."""
        return any(first <= character <= last for first, last in self.pairs) is not self.negated


@dataclass(frozen=True, slots=True)
class Glob:
    """One step with wildcards: a character each, None for any one, a range, or any number of any."""

    tokens: tuple[str | Range | Any_ | None, ...]


Part: TypeAlias = str | Glob | Any_
"""One step of a pattern: a name, a glob, or any number of steps."""


def literal(part: str) -> str | None:
    """The name that is meant; None where there is a wildcard in it."""
    found = glob(part, ranges=True)
    characters = [token for token in found.tokens if isinstance(token, str)]
    return "".join(characters) if len(characters) == len(found.tokens) else None


def glob(part: str, *, ranges: bool = False) -> Glob:
    """A step as it is written: `*`, `?`, a backslash before what means itself, and ranges where there are any."""
    tokens: list[str | Range | Any_ | None] = []
    at = 0
    while at < len(part):
        character = part[at]
        at += 1
        if character == "\\" and at < len(part):
            tokens.append(part[at])
            at += 1
        elif character == "*":
            if tokens[-1:] != [Any_.CHARACTERS]:
                tokens.append(Any_.CHARACTERS)
        elif character == "?":
            tokens.append(None)
        elif character == "[" and ranges and (end := part.find("]", at + 1)) > 0:
            tokens.append(_range(part[at:end]))
            at = end + 1
        else:
            tokens.append(character)
    return Glob(tuple(tokens))


def texts_of(part: Part) -> Iterator[str]:
    """The texts without a wildcard that a step must have in it."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Glob):
        for plain, run in groupby(part.tokens, key=lambda token: isinstance(token, str)):
            if plain:
                yield "".join(str(token) for token in run)


def weight_of(part: Part) -> int:
    """How many comparisons a character of a step takes at most."""
    return len(part.tokens) if isinstance(part, Glob) else 1


def _range(written: str) -> Range:
    negated = written[0] in "!^" and len(written) > 1
    rest = written[1:] if negated else written
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(rest):
        if rest[at + 1 : at + 2] == "-" and at + 2 < len(rest):
            pairs.append((rest[at], rest[at + 2]))
            at += 3
        else:
            pairs.append((rest[at], rest[at]))
            at += 1
    return Range(tuple(pairs), negated)


def matches(parts: Sequence[Part], steps: Sequence[str]) -> bool:
    """Whether the whole path fits the whole pattern."""
    return _fits(parts, steps, Any_.STEPS, _step)


def _step(part: Any, step: str) -> bool:
    return part == step if isinstance(part, str) else _fits(part.tokens, step, Any_.CHARACTERS, _character)


def _character(token: Any, character: str) -> bool:
    if isinstance(token, Range):
        return token.takes(character)
    return token is None or bool(token == character)


def _fits(pattern: Sequence[Any], text: Sequence[str], star: Any_, takes: Callable[[Any, str], bool]) -> bool:
    """Each star takes as little as it can, and only the last one is ever asked to take more."""
    here = at = 0
    last, taken = -1, 0
    while at < len(text):
        if here < len(pattern) and pattern[here] is star:
            last, taken = here, at
            here += 1
        elif here < len(pattern) and takes(pattern[here], text[at]):
            here, at = here + 1, at + 1
        elif last >= 0:
            taken += 1
            here, at = last + 1, taken
        else:
            return False
    return all(one is star for one in pattern[here:])
