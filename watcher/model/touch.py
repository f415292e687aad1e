"""The touch index: the contracts on one dataset by the paths that they rely on, so that a change finds its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from watcher.model.change import (
    AliasesChanged,
    Change,
    CompatibilityLowered,
    CompatibilityRaised,
    DefaultAdded,
    DefaultChanged,
    DefaultRemoved,
    EnumDefaultChanged,
    EnumValueAdded,
    EnumValueRemoved,
    FieldRenamed,
    FieldsReordered,
    NameChanged,
)
from watcher.model.contract import ClosedShape, Exists, Expectation, HasType, ReadsWith, Required, Subscription, Values
from watcher.model.path import ROOT, Branch, Step, steps

_SHALLOW = (
    AliasesChanged
    | CompatibilityLowered
    | CompatibilityRaised
    | DefaultAdded
    | DefaultChanged
    | DefaultRemoved
    | EnumDefaultChanged
    | EnumValueAdded
    | EnumValueRemoved
    | FieldsReordered
)
"""Changes that leave everything below their path as it was."""


class _Node:
    __slots__ = ("children", "here", "wide")

    def __init__(self) -> None:
        self.children: dict[Step, _Node] = {}
        self.here: list[int] = []  # those with a clause at this very path
        self.wide: list[int] = []  # those with a clause here that a change further down can flip


class TouchIndex:
    """A tree of paths. Union branches are left out of it on both sides: contracts may leave them out too."""

    __slots__ = ("_root", "_subscriptions")

    def __init__(self, subscriptions: Sequence[Subscription]) -> None:
        self._subscriptions = subscriptions
        self._root = _Node()
        for number, subscription in enumerate(subscriptions):
            for clause in subscription.expectations or subscription.clauses:
                self._put(number, clause)

    def touching(self, changes: Sequence[Change]) -> tuple[Subscription, ...]:
        """Those with a clause at, below, or (where it looks down) above the path of a change, in their own order."""
        found: set[int] = set()
        for change in changes:
            self._collect(change.path, found, deep=_is_deep(change))
            if isinstance(change, FieldRenamed):
                self._collect(change.before, found, deep=True)
            if len(found) == len(self._subscriptions):
                break
        return tuple(self._subscriptions[number] for number in sorted(found))

    def _put(self, number: int, clause: Expectation) -> None:
        node = self._root
        for step in _marked(clause.path):
            node = node.children.setdefault(step, _Node())
        those = node.wide if _looks_down(clause) else node.here
        if not those or those[-1] != number:
            those.append(number)

    def _collect(self, path: str, found: set[int], *, deep: bool) -> None:
        node: _Node | None = self._root
        for step in _marked(path):
            if node is None:
                return
            found.update(node.wide)
            node = node.children.get(step)
        if node is None:
            return
        found.update(node.here, node.wide)
        stack = list(node.children.values()) if deep else []
        while stack:
            below = stack.pop()
            found.update(below.here, below.wide)
            stack.extend(below.children.values())


def _is_deep(change: Change) -> bool:
    if isinstance(change, NameChanged):
        return change.path != ROOT  # a path may name a union's branch, but never the root by its name
    return not isinstance(change, _SHALLOW)


def _marked(path: str) -> Iterator[Step]:
    return (step for step in steps(path) if not isinstance(step, Branch))


def _looks_down(clause: Expectation) -> bool:
    match clause:
        case ClosedShape() | ReadsWith() | HasType():
            return True
        case Exists() | Required() | Values():
            return False
        case _:
            assert_never(clause)
