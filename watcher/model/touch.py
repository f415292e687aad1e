"""The touch index: the contracts on one dataset by the paths that they rely on, so that a change finds its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from watcher.model.change import (
    AliasesChanged,
    Change,
    ClassAdded,
    ClassRemoved,
    CompatibilityLowered,
    CompatibilityRaised,
    ConstraintsChanged,
    ContentChanged,
    DefaultAdded,
    DefaultChanged,
    DefaultRemoved,
    EnumDefaultChanged,
    EnumValueAdded,
    EnumValueRemoved,
    FieldRenamed,
    FieldsReordered,
    KeyAdded,
    KeyRemoved,
    NameChanged,
)
from watcher.model.contract import (
    At,
    AtMost,
    Classified,
    ClosedShape,
    Defaulted,
    Exists,
    Expectation,
    Guarded,
    HasType,
    Meets,
    PrimaryKey,
    ReadsVersion,
    ReadsWith,
    Required,
    Subscription,
    Unique,
    Values,
)
from watcher.model.path import ROOT, Branch, Member, Step, steps
from watcher.model.types import Array, Map

_SHALLOW = (
    AliasesChanged
    | ClassAdded
    | ClassRemoved
    | CompatibilityLowered
    | CompatibilityRaised
    | ConstraintsChanged
    | ContentChanged
    | DefaultAdded
    | DefaultChanged
    | DefaultRemoved
    | EnumDefaultChanged
    | EnumValueAdded
    | EnumValueRemoved
    | FieldsReordered
    | KeyAdded
    | KeyRemoved
)
"""Changes that leave everything below their path as it was; another number in the data hides what is below it."""


class _Node:
    __slots__ = ("children", "here", "wide")

    def __init__(self) -> None:
        # Nearly every node is a leaf with one list: what is empty costs nothing.
        self.children: dict[Step, _Node] | None = None
        self.here: list[int] | None = None  # those with a clause at this very path
        self.wide: list[int] | None = None  # those with a clause here that a change further down can flip

    def child(self, step: Step) -> _Node | None:
        """The node below."""
        return None if self.children is None else self.children.get(step)

    def grown(self, step: Step) -> _Node:
        """The node below, made where there is none."""
        if self.children is None:
            self.children = {}
        node = self.children.get(step)
        if node is None:
            node = self.children[step] = _Node()
        return node

    def put(self, number: int, *, wide: bool) -> None:
        """One more with a clause here; the same one comes in a row."""
        those = self.wide if wide else self.here
        if those is None:
            if wide:
                self.wide = [number]
            else:
                self.here = [number]
        elif those[-1] != number:
            those.append(number)


class TouchIndex:
    """A tree of paths. Union branches are left out of it on both sides: contracts may leave them out too.

    Within a recursive type a change is told once, at its outermost path, and shows at deeper ones as well. Nobody knows
    here which types are recursive, so whoever names the changed member further down is asked too.
    """

    __slots__ = ("_branched", "_deeper", "_inner", "_root", "_subscriptions")

    def __init__(self, subscriptions: Sequence[Subscription]) -> None:
        self._subscriptions = subscriptions
        self._root = _Node()
        self._deeper: dict[str, list[tuple[int, int]]] = {}  # member → who names it below the first step, and how deep
        self._inner: list[int] = []  # those with a clause that looks down from somewhere below the root
        self._branched: list[int] = []  # those with a path that names a union's branch
        for number, subscription in enumerate(subscriptions):
            for clause in subscription.expectations or subscription.clauses:
                self._put(number, clause)

    def touching(self, changes: Sequence[Change]) -> tuple[Subscription, ...]:
        """Those with a clause at, below, or (where it looks down) above the path of a change, in their own order."""
        found: set[int] = set()
        if changes:
            found.update(self._inner)
        for change in changes:
            self._collect(change.path, found, deep=_is_deep(change))
            if isinstance(change, FieldRenamed):
                self._collect(change.before, found, deep=True)
            if isinstance(change, NameChanged):
                found.update(self._branched)
            if len(found) == len(self._subscriptions):
                break
        return tuple(self._subscriptions[number] for number in sorted(found))

    def _put(self, number: int, clause: Expectation) -> None:
        node = self._root
        taken = steps(clause.path)
        if isinstance(clause, At):  # a matter of its neighbours too: it moves when one before it comes or goes
            taken = taken[:-1]
        marked = _marked(taken)
        for depth, step in enumerate(marked):
            node = node.grown(step)
            if depth and isinstance(step, Member):
                self._deeper.setdefault(step.name, []).append((depth, number))
        wide = _looks_down(clause)
        node.put(number, wide=wide)
        if marked and wide:
            self._inner.append(number)
        if len(marked) < len(taken):
            self._branched.append(number)

    def _collect(self, path: str, found: set[int], *, deep: bool) -> None:
        marked = _marked(steps(path))
        self._collect_deeper(marked, found)
        node: _Node | None = self._root
        for step in marked:
            if node is None:
                return
            found.update(node.wide or ())
            node = node.child(step)
        if node is None:
            return
        found.update(node.here or (), node.wide or ())
        stack = list((node.children or {}).values()) if deep else []
        while stack:
            below = stack.pop()
            found.update(below.here or (), below.wide or ())
            stack.extend((below.children or {}).values())

    def _collect_deeper(self, marked: Sequence[Step], found: set[int]) -> None:
        last = max((depth for depth, step in enumerate(marked) if isinstance(step, Member)), default=None)
        if last is not None:
            step = marked[last]
            name = step.name if isinstance(step, Member) else ""
            found.update(number for depth, number in self._deeper.get(name, ()) if depth > last)


def _marked(taken: Sequence[Step]) -> list[Step]:
    """The steps but those into a union's branch; names in one case, since some platforms fold them."""
    return [
        Member(one.name.casefold()) if isinstance(one, Member) else one for one in taken if not isinstance(one, Branch)
    ]


def _is_deep(change: Change) -> bool:
    if isinstance(change, NameChanged):
        return change.path != ROOT  # a path may name a union's branch, but never the root by its name
    return not isinstance(change, _SHALLOW)


def _looks_down(clause: Expectation) -> bool:
    match clause:
        case ClosedShape() | ReadsWith() | ReadsVersion() | At():
            return True
        case HasType(expected=expected):
            return isinstance(expected, Array | Map)
        case Exists() | Required() | Values() | AtMost() | Meets() | Defaulted() | Classified():
            return False
        case Unique() | PrimaryKey() | Guarded():
            return False
        case _:
            assert_never(clause)
