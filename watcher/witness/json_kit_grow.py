"""Growing JSON values from a schema's tree: the smallest that it allows, and at one path every form of them.

A place is what several schemas say of it at once: what `allOf`, references, patterns of names and conditions add up to.
Choices (`anyOf`, `oneOf`, the two ways of a condition) are taken one after the other. Each value, at each depth, is
held against its schemas by the validator, so what stands here need only propose; what it never proposes is not found.

Longer than 300 lines: values, arrays and objects grow out of each other, on one budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, product
from typing import Any, TypeAlias

from watcher.formats.jsonschema.keywords import Draft, groups
from watcher.model.path import Branch, Item, Member, Step, Value
from watcher.witness.json_kit_judge import Judge, Spent, Spot
from watcher.witness.json_kit_text import numbers, spelled, texts
from watcher.witness.json_kit_words import (
    KINDS,
    count,
    items_of,
    kinds_of,
    listed,
    occurs,
    one_of,
    ordered,
    table,
    written,
)

MAX_FORMS = 500
"""Values that are given for one path."""

MAX_GROWN = 20_000
"""Schemas that are looked at for one path."""

MAX_KEYWORDS = 120_000
"""Keywords that the validator may look at for one path: a second or so."""

_MAX_DEPTH = 24
_MAX_WAYS = 64
_MAX_ITEMS = 60
_FEW = 8
_SIZES = (3, 4, 9, 17, 33, 57)
_SPARE = ("further", "a", "b", "c", "x1", "S_x")

Place: TypeAlias = tuple[Spot, ...]
Path: TypeAlias = tuple[Step, ...] | None
"""The steps that are left; empty where every form is wanted, None beside the path, where one will do."""


def grow(judge: Judge, path: Sequence[Step]) -> Iterator[Any]:
    """Values that the schema allows, those of the first choices first; as many as the bounds let through."""
    grower = _Grower(judge)
    steps = tuple(step for step in path if not isinstance(step, Branch))
    try:
        yield from islice(grower.forms((judge.root,), steps, 0), MAX_FORMS)
    except (Spent, RecursionError):
        return


class _Grower:
    """One growing; `_least` are the smallest values of places that were met, `_open` places that are under way."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._left = [MAX_KEYWORDS]
        self._steps = MAX_GROWN
        self._least: dict[tuple[tuple[int, ...], int], list[Any]] = {}
        self._open: set[tuple[int, ...]] = set()

    def forms(self, place: Place, path: Path, depth: int) -> Iterator[Any]:
        """Values of a place, each once, each valid for all that is said there."""
        if depth > _MAX_DEPTH:
            return
        seen: set[str] = set()
        for trees in self._ways(place):
            for value in self._values(trees, path, depth):
                text = written(value)
                if text not in seen:
                    seen.add(text)
                    if all(self._judge.takes(spot, value, self._left) for spot in place):
                        yield value

    def least(self, place: Place, depth: int, want: int = 1) -> list[Any]:
        """The first values of a place, at most so many; none where it leads into itself."""
        place = tuple(spot for spot in place if spot.tree is not True)
        key = tuple(id(spot.tree) for spot in place)
        known = self._least.get((key, want))
        if known is not None:
            return known
        if key and key in self._open:
            return []
        self._open.add(key)
        try:
            found = list(islice(self.forms(place, None, depth), want))
        finally:
            self._open.discard(key)
        if found:
            self._least[key, want] = found
        return found

    def _ways(self, place: Place) -> Iterator[Place]:
        """The place without combinations: once for each way to choose from them."""
        stack: list[tuple[Place, Place, frozenset[int]]] = [(place, (), frozenset())]
        found = 0
        while stack and found < _MAX_WAYS:
            self._spend()
            todo, done, seen = stack.pop()
            if not todo:
                found += 1
                yield done
                continue
            spot, rest = todo[0], todo[1:]
            if spot.tree is False:
                continue
            if not isinstance(spot.tree, dict) or id(spot.tree) in seen:
                stack.append((rest, done, seen))
                continue
            more, choices, keep = self._parts(spot)
            known = seen | {id(spot.tree)}
            after = (*done, spot) if keep else done
            ways = list(islice(product(*choices), _MAX_WAYS))
            stack.extend(((*more, *chain.from_iterable(way), *rest), after, known) for way in reversed(ways))

    def _parts(self, spot: Spot) -> tuple[list[Spot], list[list[Place]], bool]:
        """What a schema adds to its place, what it leaves to choose from, and whether it says something itself."""
        tree, inside = spot.tree, self._judge.inside
        more: list[Spot] = []
        for word in ("$ref", "$dynamicRef", "$recursiveRef"):
            if word in tree:
                target = self._judge.referred(spot, tree[word])
                more += [target] if target is not None else []
                if self._judge.draft <= Draft.D7 and word == "$ref":
                    return more, [], False
        more += [inside(spot, one) for one in listed(tree, "allOf")]
        choices: list[list[Place]] = []
        for word in ("anyOf", "oneOf"):
            members: list[Place] = [(inside(spot, one),) for one in listed(tree, word)]
            choices += [members] if word in tree else []
        if self._judge.draft >= Draft.D7 and "if" in tree:
            then, otherwise = ([inside(spot, tree[word])] if word in tree else [] for word in ("then", "else"))
            ways: list[Place] = [(inside(spot, tree["if"]), *then), tuple(otherwise)]
            choices.append(ways)
        return more, choices, True

    def _values(self, place: Place, path: Path, depth: int) -> Iterator[Any]:
        trees = [spot.tree for spot in place]
        closed = next((tree for tree in trees if "const" in tree or "enum" in tree), None)
        if closed is not None:
            values = [closed["const"]] if "const" in closed else closed["enum"]
            yield from values if isinstance(values, list) else ()
            return
        allowed = kinds_of(trees)
        for kind in self._ordered(trees):
            if kind not in allowed and not (kind == "number" and "integer" in allowed):
                continue
            values_ = self._of_kind(kind, place, path, depth)
            wanted = {Item: "array", Member: "object", Value: "object"}.get(type(path[0])) if path else kind
            yield from values_ if kind == wanted else islice(values_, 1)

    def _ordered(self, trees: Sequence[Mapping[str, Any]]) -> list[str]:
        """The kinds, those first that a keyword speaks of."""
        spoken = groups(self._judge.draft)
        return sorted(KINDS, key=lambda kind: all(spoken.get(kind, frozenset()).isdisjoint(tree) for tree in trees))

    def _of_kind(self, kind: str, place: Place, path: Path, depth: int) -> Iterator[Any]:
        trees = [spot.tree for spot in place]
        match kind:
            case "null":
                yield None
            case "boolean":
                yield from (False, True)
            case "number":
                yield from numbers(trees, whole="number" not in kinds_of(trees))
            case "string":
                yield from texts(trees)
            case "array":
                yield from self._arrays(place, path, depth + 1)
            case _:
                yield from self._objects(place, path, depth + 1)

    # Arrays

    def _arrays(self, place: Place, path: Path, depth: int) -> Iterator[Any]:
        trees = [spot.tree for spot in place]
        least = max((count(tree, "minItems", 0) for tree in trees), default=0)
        width = max((len(items_of(tree)) for tree in trees), default=0)
        holding = max((count(tree, "minContains", 1) for tree in trees if "contains" in tree), default=0)
        sizes = [least, least + 1, least + 2, width + holding]
        sizes += [*(count(tree, "maxItems", 0) for tree in trees), *_SIZES] if path == () else []
        unique = any(tree.get("uniqueItems") is True for tree in trees)
        for size in sizes:
            yield from self._filled(place, size, depth, unique=unique)
            if path is not None and size > 1:
                yield from self._filled(place, size, depth, unique=not unique)
        if path is None:
            return
        for at in range(max(1, min(_FEW, width))):
            sizes = [max(least, at + 1), max(least, width + holding), at]
            bases = [base for size in sizes for base in self._filled(place, size, depth, unique=unique)]
            forms = islice(self.forms(self._item(place, at), path[1:], depth), MAX_FORMS if path else _FEW)
            for form, base in product(forms, bases[:2]):
                yield [*base[:at], form, *base[at + 1 :]]

    def _filled(self, place: Place, size: int, depth: int, *, unique: bool) -> Iterator[list[Any]]:
        """An array of this size, if there is one that the items allow."""
        if size > _MAX_ITEMS:
            return
        found: list[Any] = []
        seen: set[str] = set()
        width = max((len(items_of(spot.tree)) for spot in place), default=0)
        for at in range(size):
            item = self._item(place, at, at - width if size > width else at)
            options = self.least(item, depth, size if unique else 1)
            fresh = next((one for one in options if not unique or written(one) not in seen), _NONE)
            if fresh is _NONE:
                return
            found.append(fresh)
            seen.add(written(fresh))
        yield found

    def _item(self, place: Place, at: int, held: int = -1) -> Place:
        """What is said of the item at this index, and of the `held`-th of those that an array must contain."""
        found: list[Spot] = []
        for spot in place:
            tree = spot.tree
            first = items_of(tree)
            if at < len(first):
                found.append(self._judge.inside(spot, first[at]))
            else:
                word = "additionalItems" if first and isinstance(tree.get("items"), list) else "items"
                if isinstance(tree.get(word), dict | bool):
                    found.append(self._judge.inside(spot, tree[word]))
            if "contains" in tree and 0 <= held < count(tree, "minContains", 1):
                found.append(self._judge.inside(spot, tree["contains"]))
        return tuple(found)

    # Objects

    def _objects(self, place: Place, path: Path, depth: int) -> Iterator[Any]:
        names = list(dict.fromkeys(name for spot in place for name in table(spot.tree, "properties")))
        wanted = [name for spot in place for name in listed(spot.tree, "required") if isinstance(name, str)]
        here = path[0].name if path and isinstance(path[0], Member) else None
        small = self._built(place, wanted, names, depth)
        if path and here is not None:
            yield from self._with_member(place, here, (wanted, names), path[1:], depth)
            return
        if small is not None:
            yield small
        if path and isinstance(path[0], Value):
            yield from self._with_values(place, (small or {}, names), path[1:], depth)
            return
        yield from self._wider(place, small, (wanted, names), path, depth)

    def _wider(
        self, place: Place, small: dict[str, Any] | None, words: tuple[list[str], list[str]], path: Path, depth: int
    ) -> Iterator[Any]:
        """The object with one more of the optional members, with all, and with one that no keyword names."""
        wanted, names = words
        for name in names:
            if small is None or name not in small:
                yield from one_of(self._built(place, [*wanted, name], names, depth))
        yield from one_of(self._built(place, [*wanted, *names], names, depth))
        if path is None or small is None:
            return
        free: dict[str, Any] = {}
        for name in dict.fromkeys(self._spare(place, names)):
            forms = list(islice(self.forms(self._member(place, name), None, depth), 1 if free else 3))
            yield from ({**small, **free, name: form} for form in forms)
            free |= {name: forms[0]} if forms else {}

    def _with_member(
        self, place: Place, name: str, words: tuple[list[str], list[str]], path: tuple[Step, ...], depth: int
    ) -> Iterator[Any]:
        """The object without the member, and with each form of it; beside no other member, and beside all."""
        wanted, names = words
        others = [one for one in names if one != name]
        if name not in wanted:
            yield from one_of(self._built(place, wanted, others, depth))
            yield from one_of(self._built(place, [*wanted, *others], others, depth))
        member = self._member(place, name)
        beside = [one for one in wanted if one != name]
        bare = self._built(place, [*beside, *self._needed(place, name)], others, depth, without=name)
        full = self._built(place, [*beside, *self._needed(place, name), *others], others, depth, without=name)
        held: list[Any] = []
        for form in islice(self.forms(member, path, depth), MAX_FORMS):
            held += [form] if len(held) < _FEW else []
            if bare is not None:
                yield ordered({**bare, name: form}, names)
        for form in held:
            if full is not None:
                yield ordered({**full, name: form}, names)

    def _with_values(
        self, place: Place, words: tuple[dict[str, Any], list[str]], path: tuple[Step, ...], depth: int
    ) -> Iterator[Any]:
        """The map with each form of one value, under the first name that it takes."""
        small, names = words
        for name in self._spare(place, names):
            taken = False
            for form in islice(self.forms(self._member(place, name), path, depth), MAX_FORMS):
                taken = True
                yield {**small, name: form}
            if taken:
                return

    def _built(
        self, place: Place, wanted: Sequence[str], names: Sequence[str], depth: int, *, without: str | None = None
    ) -> dict[str, Any] | None:
        """An object with these members and those that they need, as small as they can be; None where there is none."""
        found: dict[str, Any] = {}
        todo = list(dict.fromkeys(wanted))[::-1]
        while todo:
            name = todo.pop()
            if name in found or name == without:
                continue
            values = self.least(self._member(place, name), depth)
            if not values:
                return None
            found[name] = values[0]
            todo += self._needed(place, name)
        least = max((count(spot.tree, "minProperties", 0) for spot in place), default=0)
        for name in chain(names, self._spare(place, names)) if least > len(found) else ():
            if len(found) + (without is not None) >= least:
                break
            values = self.least(self._member(place, name), depth) if name not in found and name != without else []
            if values:
                found[name] = values[0]
        return ordered(found, names)

    def _needed(self, place: Place, name: str) -> list[str]:
        """Members that must stand beside this one."""
        found: list[str] = []
        for spot in place:
            for word in ("dependentRequired", "dependentSchemas", "dependencies"):
                said = table(spot.tree, word).get(name)
                said = listed(said, "required") if isinstance(said, dict) else said
                found += [one for one in said if isinstance(one, str)] if isinstance(said, list) else []
        return found

    def _member(self, place: Place, name: str) -> Place:
        """What is said of the member of this name."""
        found: list[Spot] = []
        for spot in place:
            tree = spot.tree
            own = [table(tree, "properties")[name]] if name in table(tree, "properties") else []
            own += [one for pattern, one in table(tree, "patternProperties").items() if occurs(pattern, name)]
            rest = next((word for word in ("additionalProperties", "unevaluatedProperties") if word in tree), None)
            if not own and rest is not None and (rest == "additionalProperties" or len(place) == 1):
                own = [tree[rest]]
            found += [self._judge.inside(spot, one) for one in own]
        return tuple(found)

    def _spare(self, place: Place, names: Sequence[str]) -> Iterator[str]:
        """Names that are not among the properties: those that a pattern or a schema of names asks for first."""
        for spot in place:
            for pattern in table(spot.tree, "patternProperties"):
                near = (one + end for end in ("", *_SPARE) for one in islice(spelled(pattern), _FEW))
                yield from (one for one in near if one not in names and occurs(pattern, one))
            if isinstance(spot.tree.get("propertyNames"), dict):
                asked = self.least((self._judge.inside(spot, spot.tree["propertyNames"]),), 1, _FEW)
                yield from (one for one in asked if isinstance(one, str) and one not in names)
        yield from (one for one in _SPARE if one not in names)

    def _spend(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            raise Spent


_NONE = object()
