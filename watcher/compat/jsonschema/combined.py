"""Combinations: which member of the original is which one of the update, found by a maximum matching."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence

import orjson

from watcher.compat.jsonschema.found import Comparison, Found, Pair
from watcher.model.json_schema import Combined, Criterion, Node

MANY = 16
"""Members from which it pays to look for the one that is written alike, before all others are tried."""


def compare_combinations(found: Found, original: Combined, update: Combined) -> Comparison:
    """A sum may gain members and a product lose them; of the smaller side every member must have its own partner."""
    kind = _criteria(original, update)
    if kind is not None:
        found.add(kind)
        if kind == "COMBINED_TYPE_CHANGED":
            return
    before, after = len(original.distinct), len(update.distinct)
    if before != after:
        word = "PRODUCT" if update.criterion is Criterion.ALL else "SUM"
        found.add(f"{word}_TYPE_{'EXTENDED' if before < after else 'NARROWED'}")
    matching = _Matching(original.distinct, update.distinct)
    matched = yield from matching.found()
    for at, inner in sorted(matched.items()):
        found.nest(f"{original.criterion.value}/{at}", inner)
    if len(matched) < min(before, after):
        found.add("COMBINED_TYPE_SUBSCHEMAS_CHANGED")


def _criteria(original: Combined, update: Combined) -> str | None:
    """What the two criteria are to each other: any is the loosest, and one member makes all criteria the same."""
    if original.criterion is update.criterion:
        return None
    alone = len(original.members) == 1
    if update.criterion is Criterion.ANY:
        return "COMBINED_TYPE_EXTENDED"
    if update.criterion is Criterion.ONE:
        return "COMBINED_TYPE_EXTENDED" if alone else "COMBINED_TYPE_CHANGED"
    return "COMBINED_TYPE_EXTENDED" if alone and len(update.members) == 1 else "COMBINED_TYPE_CHANGED"


class _Matching:
    """A maximum matching of compatible members, by augmenting paths; members are compared when they are asked for."""

    def __init__(self, left: Sequence[Node], right: Sequence[Node]) -> None:
        self._left = left
        self._right = right
        self._of_left: dict[int, int] = {}
        self._of_right: dict[int, int] = {}
        self._partners: dict[int, list[int]] = {}
        self._worded: dict[bytes, int] | None = None

    def found(self) -> Generator[Pair, Found, dict[int, Found]]:
        """By member of the left side, what differs between it and its partner."""
        most = min(len(self._left), len(self._right))
        for at in range(len(self._left)):  # mostly members keep their places, and each finds its own at once
            yield from self._take(at)
        for at in range(len(self._left)):
            if len(self._of_left) == most:
                break
            if at not in self._of_left:
                yield from self._augment(at)
        matched: dict[int, Found] = {}
        for at, partner in self._of_left.items():
            matched[at] = yield self._left[at], self._right[partner]
        return matched

    def _take(self, at: int) -> Generator[Pair, Found, None]:
        """Give a member the first partner that is free, the likeliest first."""
        for partner in self._likely(at):
            if partner in self._of_right:
                continue
            inner = yield self._left[at], self._right[partner]
            if not inner.bad:
                self._of_left[at], self._of_right[partner] = partner, at
                return

    def _likely(self, at: int) -> Iterator[int]:
        """All places of the right side: the member's own, that of the same words, then the nearest ones."""
        size = len(self._right)
        first = [at] if at < size else []
        yield from first
        if size >= MANY:
            if self._worded is None:
                self._worded = {_words(node): place for place, node in enumerate(self._right)}
            same = self._worded.get(_words(self._left[at]), at)
            if same != at:
                first.append(same)
                yield same
        yield from (place for place in sorted(range(size), key=lambda place: abs(place - at)) if place not in first)

    def _augment(self, root: int) -> Generator[Pair, Found, None]:
        """Give `root` a partner by moving others to theirs; a breadth-first search, each member visited once."""
        came: dict[int, int] = {}  # by member of the right side, who reached it
        queue = deque([root])
        while queue:
            at = queue.popleft()
            for partner in (yield from self._compatible(at)):
                if partner in came:
                    continue
                came[partner] = at
                if partner in self._of_right:
                    queue.append(self._of_right[partner])
                    continue
                self._move(partner, came)
                return

    def _move(self, partner: int, came: dict[int, int]) -> None:
        while True:
            at = came[partner]
            left_behind = self._of_left.get(at)
            self._of_left[at], self._of_right[partner] = partner, at
            if left_behind is None:
                return
            partner = left_behind

    def _compatible(self, at: int) -> Generator[Pair, Found, list[int]]:
        known = self._partners.get(at)
        if known is None:
            known = []
            for partner, node in enumerate(self._right):
                inner = yield self._left[at], node
                if not inner.bad:
                    known.append(partner)
            self._partners[at] = known
        return known


def _words(node: Node) -> bytes:
    """How a member is written: those that are written alike mostly are alike, in whatever order they stand."""
    try:
        return orjson.dumps(dict(node.notes.raw), option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # data in it that is nested too deeply
        return b""
