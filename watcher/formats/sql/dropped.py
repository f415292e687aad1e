"""Tables that were dropped, and that the platform can bring back: the newest of them, by what took them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

Name: TypeAlias = tuple[str, ...]
T = TypeVar("T")

MAX_DROPPED = 1_000
"""Tables that are kept; the oldest are forgotten first."""

RESTORING = frozenset({"snowflake", "databricks", "oracle", "bigquery", "clickhouse"})
"""Platforms that bring back what was dropped."""


@dataclass(frozen=True, slots=True)
class Drop(Generic[T]):
    """Tables that went at once; `within` is the schema or database that went with them."""

    tables: tuple[T, ...]
    within: Name | None = None


class Dropped(Generic[T]):
    """What was dropped, by a number that grows."""

    def __init__(self) -> None:
        self._drops: dict[int, Drop[T]] = {}
        self._size = 0
        self._next = 1
        self._changed: set[int] = set()

    def keep(self, tables: Iterable[T], within: Name | None = None) -> None:
        """Keep what one statement dropped, in place of the oldest if that is too much."""
        self.restore(self._next, Drop(tuple(tables), within))
        while self._size > MAX_DROPPED:
            self._forget(next(iter(self._drops)))

    def table(self, fits: Callable[[T], bool]) -> T | None:
        """The table that was dropped last of those that fit; it is kept no longer."""
        for number, drop in reversed(self._drops.items()):
            found = next((one for one in drop.tables if drop.within is None and fits(one)), None)
            if found is not None:
                rest = tuple(one for one in drop.tables if one is not found)
                self._forget(number)
                if rest:
                    self._put(number, Drop(rest))
                return found
        return None

    def container(self, name: Callable[[Name], bool]) -> Drop[T] | None:
        """The schema or database that was dropped last of those whose name fits; it is kept no longer."""
        for number, drop in reversed(self._drops.items()):
            if drop.within is not None and name(drop.within):
                self._forget(number)
                return drop
        return None

    def restore(self, number: int, drop: Drop[T]) -> None:
        """Take in a drop under its number."""
        self._put(number, drop)
        self._next = max(self._next, number + 1)

    def drain(self) -> Iterator[tuple[int, Drop[T] | None]]:
        """What changed since the last call; None where it is kept no longer."""
        for number in sorted(self._changed):
            yield number, self._drops.get(number)
        self._changed.clear()

    def _put(self, number: int, drop: Drop[T]) -> None:
        self._drops[number] = drop
        if len(self._drops) > 1 and next(reversed(self._drops)) != max(self._drops):
            self._drops = dict(sorted(self._drops.items()))
        self._size += len(drop.tables) or 1
        self._changed.add(number)

    def _forget(self, number: int) -> None:
        drop = self._drops.pop(number)
        self._size -= len(drop.tables) or 1
        self._changed.add(number)
