"""What a comparison of two nodes found: changes with places relative to the pair, and those of pairs inside it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias

from watcher.model.json_schema import Node

MAX_TOLD = 1_000
"""Changes that are told one by one. Shared definitions multiply the places of one change beyond any number."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A change as the registry names it, and where it is: `#/properties/x`."""

    kind: str
    path: str


class Found:
    """Changes of one pair; `bad` tells whether any of them is incompatible."""

    __slots__ = ("_compatible", "bad", "items")

    def __init__(self, compatible: frozenset[str]) -> None:
        self._compatible = compatible
        self.items: list[tuple[str, str | Found]] = []
        self.bad = False

    def add(self, kind: str, path: str = "") -> None:
        """One change, at a place below the pair."""
        self.items.append((path, kind))
        if kind not in self._compatible:
            self.bad = True

    def nest(self, path: str, inner: Found) -> None:
        """What an inner pair found, at a place below this one."""
        if inner.items:
            self.items.append((path, inner))
        self.bad = self.bad or inner.bad

    def told(self, *, all_kinds: bool) -> tuple[Difference, ...]:
        """The changes with their whole paths: the incompatible ones, or all kinds."""
        told: list[Difference] = []
        stack: list[tuple[str, Found, int]] = [("", self, 0)]
        while stack and len(told) < MAX_TOLD:
            here, found, at = stack.pop()
            if at == len(found.items):
                continue
            stack.append((here, found, at + 1))
            path, item = found.items[at]
            if not isinstance(item, str):
                if all_kinds or item.bad:
                    stack.append((path, item, 0))
            elif all_kinds or item not in self._compatible:
                steps = [step for step, _, _ in stack] + [path]
                told.append(Difference(item, "#/" + "/".join(filter(None, steps))))
        return tuple(told)


Pair: TypeAlias = tuple[Node | None, Node | None]
Comparison: TypeAlias = Generator[Pair, Found, None]
"""A comparison that asks for those of inner pairs instead of calling them: depth costs no frames of the stack."""
