"""Renames: which member that is gone goes by another name now. One judge an evidence, the surest first.

What none of them recognises stays gone and come: a guess below 0.5 is not told. The answer does not depend on the order
of members but where order is the evidence, and is as sure backwards as it is forwards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from watcher.diff.similar import OTHER_ORDER, SAME_WORDS, Words, likeness
from watcher.model.schema import split_null
from watcher.model.types import NULL, Array, Decimal, Enum, Field, Fixed, Map, Record, Ref, Type, Union

MAX_PAIRS = 10_000
"""Pairs of names that are compared one by one in one diff; beyond it only names with the same words are found."""

ALIAS, ALIAS_BEFORE = "alias", "its alias before"
_SAME_PLACE = 0.5
_Pair: TypeAlias = tuple[Field, Field]


@dataclass(frozen=True, slots=True)
class Rename:
    """A member before and after; `confidence` is 0 to 1, `evidence` says whence."""

    before: Field
    after: Field
    evidence: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Sides:
    """All members before and after, and of them those that nobody has an explanation for yet, each in its order.

    `ordered` says whether the order of members means something in their format; `pairs` is how many pairs of names may
    be compared one by one.
    """

    before: Sequence[Field]
    after: Sequence[Field]
    gone: Sequence[Field]
    come: Sequence[Field]
    ordered: bool = True
    pairs: int = MAX_PAIRS


Judge: TypeAlias = Callable[[Sides], Iterable[Rename]]


def by_alias(sides: Sides) -> Iterable[Rename]:
    """The new member names the old one as its alias: its producer says so. Taken back, the old one names the new."""
    found = list(_aliased(sides.gone, sides.come))
    taken = {id(one) for pair in found for one in pair}
    gone, come = ([one for one in side if id(one) not in taken] for side in (sides.gone, sides.come))
    yield from (Rename(one, its, ALIAS, 1.0) for one, its in found)
    yield from (Rename(one, its, ALIAS_BEFORE, 1.0) for its, one in _aliased(come, gone))


def by_tag(sides: Sides) -> Iterable[Rename]:
    """The new member has the old one's number in the data: who reads the data by number takes it for the same."""
    left = {field.tag: field for field in sides.gone if field.tag is not None}
    for field in sides.come:
        if field.tag is not None and field.tag in left:
            yield Rename(left.pop(field.tag), field, "same tag", 0.9)


def by_name(sides: Sides) -> Iterable[Rename]:
    """A name that is like the old one, on a member of the same type, where no other is as like to either of the two."""
    groups: dict[Hashable, tuple[list[Field], list[Field]]] = defaultdict(lambda: ([], []))
    for number, side in enumerate((sides.gone, sides.come)):
        for field in side:
            groups[_weight(field.type)][number].append(field)
    alike: dict[_Ids, float] = {}
    pairs: dict[_Ids, _Pair] = {}
    for gone, come in groups.values():
        for one, its, likely in _likely(gone, come, one_by_one=len(sides.gone) * len(sides.come) <= sides.pairs):
            if _could_be(one, its) and (_same(one.type, its.type) or _same_members(one.type, its.type)):
                alike[id(one), id(its)], pairs[id(one), id(its)] = likely, (one, its)
    for key in _mutual(alike):
        one, its = pairs[key]
        what = "same type" if _same(one.type, its.type) else "similar members"
        yield Rename(one, its, f"similar name, {what}", alike[key])


def by_place(sides: Sides) -> Iterable[Rename]:
    """One is gone, one has come, at the same place between the same neighbours, and of a type that is not just any."""
    if not sides.ordered or len(sides.gone) != 1 or len(sides.come) != 1:
        return
    [one], [its] = sides.gone, sides.come
    if not (_could_be(one, its) and _same(one.type, its.type) and _tells(one.type)) or len(sides.before) != len(
        sides.after
    ):
        return
    place = next(number for number, field in enumerate(sides.before) if field is one)
    near = slice(max(place - 1, 0), place + 2)
    was = [field.name for field in sides.before[near] if field is not one]
    if sides.after[place] is its and was == [field.name for field in sides.after[near] if field is not its]:
        yield Rename(one, its, "same position and type", _SAME_PLACE)


JUDGES: tuple[Judge, ...] = (by_alias, by_tag, by_name, by_place)
"""In the order of their certainty: what one has recognised is not asked of the next."""


def renames(sides: Sides) -> dict[str, Rename]:
    """The renames, by the name after, among members that only stood before and members that only stand after."""
    found: dict[str, Rename] = {}
    for judge in JUDGES:
        if not sides.gone or not sides.come:
            break
        for rename in judge(sides):
            found[rename.after.name] = rename
        taken = {id(rename.before) for rename in found.values()}
        sides = Sides(
            sides.before,
            sides.after,
            [field for field in sides.gone if id(field) not in taken],
            [field for field in sides.come if field.name not in found],
            sides.ordered,
            sides.pairs,
        )
    return found


_Ids: TypeAlias = tuple[int, int]


def _aliased(named: Sequence[Field], naming: Sequence[Field]) -> Iterable[_Pair]:
    left = {field.name: field for field in named}
    for field in naming:
        alias = next((alias for alias in field.aliases if alias in left), None)
        if alias is not None:
            yield left.pop(alias), field


def _likely(gone: Sequence[Field], come: Sequence[Field], *, one_by_one: bool) -> Iterable[tuple[Field, Field, float]]:
    """The pairs whose names are alike, and how much."""
    mine, its = [(one, Words.of(one.name)) for one in gone], [(one, Words.of(one.name)) for one in come]
    if one_by_one:
        for one, name in mine:
            for other, new in its:
                likely = likeness(name, new)
                if likely:
                    yield one, other, likely
        return
    for key, likely in ((_joined, SAME_WORDS), (_sorted, OTHER_ORDER)):
        known: dict[Hashable, list[tuple[Field, Words]]] = defaultdict(list)
        for one, name in mine:
            known[key(name)].append((one, name))
        for other, new in its:
            those = known.get(key(new), ())
            if len(those) == 1 and new.words:  # of several none is likelier than the others
                yield those[0][0], other, likely


def _joined(name: Words) -> Hashable:
    return "".join(name.words)


def _sorted(name: Words) -> Hashable:
    return tuple(sorted(name.words))


def _mutual(alike: dict[_Ids, float]) -> list[_Ids]:
    """The pairs that are likelier than any other pair of either of the two."""
    best: dict[tuple[int, int], list[float]] = defaultdict(list)
    for pair, likely in alike.items():
        for side, one in enumerate(pair):
            best[side, one].append(likely)
    tops = {key: (max(those), those.count(max(those))) for key, those in best.items()}
    return [pair for pair, likely in alike.items() if all(tops[key] == (likely, 1) for key in enumerate(pair))]


def _could_be(one: Field, its: Field) -> bool:
    """Whether no number that their source gave them speaks against their being one."""
    if one.tag is not None and its.tag is not None and one.tag != its.tag:
        return False
    return one.id is None or its.id is None or one.id == its.id


def _same(was: Type, now: Type) -> bool:
    """Whether two types are the same, null aside."""
    one, its = split_null(was)[1], split_null(now)[1]
    return one == its or (isinstance(one, Enum) and isinstance(its, Enum) and set(one.symbols) == set(its.symbols))


def _same_members(was: Type, now: Type) -> bool:
    """Whether two records have most of their members in common, however these are written."""
    one, its = split_null(was)[1], split_null(now)[1]
    if not isinstance(one, Record) or not isinstance(its, Record) or not one.fields:
        return False
    mine, theirs = ({_joined(Words.of(field.name)) for field in record.fields} for record in (one, its))
    return 2 * len(mine & theirs) > max(len(mine), len(theirs))


def _weight(type_: Type) -> Hashable:
    """A part of what makes two types the same that is had at a glance."""
    bare = split_null(type_)[1]
    match bare:
        case Ref(name):
            return name
        case Array(inner) | Map(inner):
            return type(bare), type(inner)
        case Union(branches):
            return Union, len(branches)
        case Enum(symbols):
            return Enum, frozenset(symbols)
    return type(bare).__name__


def _tells(type_: Type) -> bool:
    """Whether a type is such that two members rarely have it by chance."""
    bare = split_null(type_)[1]
    match bare:
        case Array(inner) | Map(inner):
            return _tells(inner)
        case Record(fields) | Union(fields):
            return len(fields) > 1
        case Enum(symbols):
            return len(symbols) > 1
        case Decimal(precision):
            return precision is not None
    return bare != NULL and isinstance(bare, Ref | Fixed)
