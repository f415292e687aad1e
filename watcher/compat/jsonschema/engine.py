"""The comparison of two documents: pairs of nodes, each compared once, however often both are referred to.

A pair that is met again while it is being compared is a recursion, and taken for compatible; where that turns out to be
wrong, all is compared again without it, or a member of a combination could seem to fit by what was only assumed. The
comparisons are generators that ask for inner pairs, and stand on a stack of ours: neither depth nor recursion costs
Python's. What a hostile pair of schemas can cost is bounded by `MAX_STEPS`.
"""

from __future__ import annotations

from watcher.compat.jsonschema.combined import compare_combinations
from watcher.compat.jsonschema.found import Comparison, Found
from watcher.compat.jsonschema.leaves import compare_choices, compare_constants, compare_numbers, compare_texts
from watcher.compat.jsonschema.lists import compare_lists
from watcher.compat.jsonschema.objects import compare_objects
from watcher.model.errors import SchemaError
from watcher.model.json_schema import (
    Anything,
    Choice,
    Combined,
    Composite,
    Constant,
    Criterion,
    Listing,
    Negation,
    Node,
    Nothing,
    Number,
    Reference,
    Text,
)

MAX_STEPS = 3_000_000
"""Pairs and members of pairs that are looked at: only combinations of hundreds of members on both sides come to it."""

_Key = tuple[int, int]


class Engine:
    """One comparison under one set of compatible kinds."""

    def __init__(self, compatible: frozenset[str]) -> None:
        self._compatible = compatible
        self._known: dict[_Key, Found] = {}
        self._nothing = Found(compatible)
        self._something = Found(compatible)
        self._something.bad = True
        self._assumed: set[_Key] = set()
        self._refuted: set[_Key] = set()
        self._standings: dict[int, Combined] = {}
        self._same: dict[tuple[object, ...], Combined] = {}
        self._steps = 0

    def compare(self, original: Node, update: Node) -> Found:
        """What the update changes of the original: the largest set of assumptions that bear each other out."""
        while True:
            found = self._pass(original, update)
            refuted = {key for key in self._assumed if self._known[key].bad}
            if not refuted:
                return found
            self._refuted |= refuted
            self._assumed.clear()
            self._known.clear()

    def _pass(self, original: Node, update: Node) -> Found:
        """One comparison of everything, under the assumptions that nothing has refuted yet."""
        answer: Found = self._nothing
        opened = self._open(original, update)
        if isinstance(opened, Found):
            return opened
        stack = [opened]
        asked = False  # whether the comparison on top waits for an answer
        while stack:
            comparison, found, key = stack[-1]
            try:
                pair = comparison.send(answer) if asked else next(comparison)
            except StopIteration:
                stack.pop()
                self._known[key] = answer = found
                asked = True
                continue
            opened = self._open(*pair)
            if isinstance(opened, Found):
                answer, asked = opened, True
            else:
                stack.append(opened)
                asked = False
        return answer

    def _open(self, original: Node | None, update: Node | None) -> Found | tuple[Comparison, Found, _Key]:
        """What is known of a pair, or its comparison, to be gone through."""
        if original is None or update is None:
            found = Found(self._compatible)
            if original is not update:
                found.add("SCHEMA_ADDED" if original is None else "SCHEMA_REMOVED")
            return found
        was = original.target if isinstance(original, Reference) else original
        now = update.target if isinstance(update, Reference) else update
        if isinstance(was, Combined):
            was = self._standing(was)
        if isinstance(now, Combined):
            now = self._standing(now)
        key = (id(was), id(now))
        known = self._known.get(key)
        if known is not None:
            if known is self._nothing:
                self._assumed.add(key)
            self._spend(1)
            return known
        self._spend(_weight(was) + _weight(now))
        found = Found(self._compatible)
        comparison = None if was is now else _compared(found, was, now)
        if comparison is None:
            self._known[key] = found
            return found
        # While it is under way; its end puts what it found here.
        self._known[key] = self._something if key in self._refuted else self._nothing
        return comparison, found, key

    def _standing(self, node: Combined) -> Combined:
        """The combination itself; of those that are written again and again, of the same members, the first."""
        if node.notes.default is not None:
            return node
        known = self._standings.get(id(node))
        if known is None:
            known = self._same.setdefault(_mark(node), node)
            self._standings[id(node)] = known
        return known

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise SchemaError(
                "the schemas are entangled too much for their compatibility to be judged", kind="too-complex"
            )


def _mark(node: Combined) -> tuple[object, ...]:
    """What is equal for combinations that no comparison can tell apart."""
    members, distinct = (
        tuple(id(one.target if isinstance(one, Reference) else one) for one in these)
        for these in (node.members, node.distinct)
    )
    notes = node.notes
    connected = notes.raw.get("connect.type") == "bytes"
    return node.criterion, members, distinct, notes.id, notes.title, notes.description, connected


def _compared(found: Found, was: Node, now: Node) -> Comparison | None:
    """Compare two nodes; None where that is over at once."""
    if isinstance(was, Combined) or isinstance(now, Combined):
        return _combined(found, was, now)
    return _alike(found, was, now)


def _combined(found: Found, was: Node, now: Node) -> Comparison:
    """Where one side at least is a combination: one member may do for all of it."""
    singles, kind = _singles(was, now)
    for pair in singles:
        inner = yield pair
        if not inner.bad:
            found.nest("", inner)
            if len(singles) > 1:
                found.add(kind)
            return
    rest = _alike(found, was, now)
    if rest is not None:
        yield from rest


def _singles(was: Node, now: Node) -> tuple[list[tuple[Node, Node]], str]:
    """The pairs of which one suffices, and what it is called when there are several."""
    match was, now:
        case Combined(), Combined():
            return [], ""
        case _, Combined(criterion, members):
            suffices = len(members) == 1 or criterion is not Criterion.ALL
            return [(was, one) for one in members] if suffices else [], "SUM_TYPE_EXTENDED"
        case Combined(criterion, members), _:
            suffices = len(members) == 1 or criterion is Criterion.ALL
            return [(one, now) for one in members] if suffices else [], "PRODUCT_TYPE_NARROWED"
    return [], ""


def _alike(found: Found, was: Node, now: Node) -> Comparison | None:
    """Two nodes of one kind; nodes of two kinds differ, but for what takes nothing or anything."""
    if was.notes.raw.get("connect.type") == now.notes.raw.get("connect.type") == "bytes":
        return None
    if type(was) is not type(now):
        if not isinstance(was, Nothing) and not isinstance(now, Anything):
            found.add("TYPE_CHANGED")
        return None
    _notes(found, was, now)
    match was, now:
        case Text(), Text():
            compare_texts(found, was, now)
        case Number(), Number():
            compare_numbers(found, was, now)
        case Choice(), Choice():
            compare_choices(found, was, now)
        case Constant(), Constant():
            compare_constants(found, was, now)
        case Composite(), Composite():
            return compare_objects(found, was, now)
        case Listing(), Listing():
            return compare_lists(found, was, now)
        case Combined(), Combined():
            return compare_combinations(found, was, now)
        case Negation(), Negation():
            return _negation(found, was, now)
    return None


def _negation(found: Found, was: Negation, now: Negation) -> Comparison:
    """The other way round: what is ruled out may only become less."""
    inner = yield now.inner, was.inner
    found.add("NOT_TYPE_EXTENDED" if inner.bad else "NOT_TYPE_NARROWED", "not")


def _notes(found: Found, was: Node, now: Node) -> None:
    mine, its = was.notes, now.notes
    if mine.id != its.id:
        found.add("ID_CHANGED")
    if mine.title != its.title:
        found.add("TITLE_CHANGED")
    if mine.description != its.description:
        found.add("DESCRIPTION_CHANGED")
    if mine.default != its.default:
        found.add("DEFAULT_CHANGED")


def _weight(node: Node) -> int:
    match node:
        case Composite():
            return 2 + len(node.properties) + len(node.patterns)
        case Choice():
            return 2 + len(node.values) // 64
        case Listing():
            return 2 + len(node.items)
    return 2
