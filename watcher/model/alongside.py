"""Alongside: two lists that are nearly the same, walked side by side at the cost of what differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress, count
from typing import Any


def alongside(
    mine: Sequence[Any], at: int, its: Sequence[Any], place: int, differ: Callable[[Any, Any], object]
) -> int:
    """How many members the two have in common, from `at` in the one and `place` in the other on."""
    if at or place:
        mine, its = mine[at:], its[place:]
    return next(compress(count(), map(differ, mine, its)), min(len(mine), len(its)))
