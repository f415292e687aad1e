"""Branches: which branch of a union before is which one after. Null is never among them: it is told as nullability."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from watcher.diff.lattice import Order, order
from watcher.model.types import Enum, Fixed, Record, Type

_Named = Record | Enum | Fixed

MAX_COMPARED = 10_000
"""Pairs of nameless branches that are compared one by one; beyond it they count as gone and come."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """The branches that are the same one before and after, those that are gone, and those that have come."""

    matched: list[tuple[Type, Type]] = field(default_factory=list)
    gone: list[Type] = field(default_factory=list)
    come: list[Type] = field(default_factory=list)


def pair_branches(before: Sequence[Type], after: Sequence[Type]) -> Pairing:
    """Pair resolved branches: named ones by full name, simple name, alias; nameless ones by value, kind, width.

    Where one is left on each side and nothing else stands in the union, it is one type for another.
    """
    pairing = Pairing(gone=list(before), come=list(after))
    for keys in (_full_names, _simple_names, _names_with_aliases):
        _match_named(pairing, keys)
    for alike in (operator.eq, _same_kind, _related):
        _match_nameless(pairing, alike)
    if len(pairing.gone) == len(pairing.come) == 1 and not pairing.matched:
        _match(pairing, pairing.gone[0], pairing.come[0])
    place = {id(one): number for number, one in enumerate(after)}
    pairing.matched.sort(key=lambda pair: place[id(pair[1])])
    return pairing


def branch_name(was: Type, now: Type, before: Sequence[Type], after: Sequence[Type]) -> str:
    """How a path names a branch that is `now` what it `was`: as it is named after, or for nameless ones by their kind.

    A name is simple, or full where two share the simple one. Of several nameless ones of a kind (`record`) the second
    that stood before is `record#2`.
    """
    name = _name(now)
    if name is None:
        kind = _kind(now)
        if _name(was) is not None or _kind(was) != kind:
            return kind
        return next(key for key, one in nameless(before).items() if one is was)
    simple = _simple(name)
    shared = sum(_simple(_name(one) or "") == simple for one in after)
    return simple if shared == 1 else name


def nameless(branches: Sequence[Type]) -> dict[str, Type]:
    """The nameless branches by how a path names them."""
    found: dict[str, Type] = {}
    numbers: dict[str, int] = {}
    for one in branches:
        if _name(one) is None:
            kind = _kind(one)
            number = numbers[kind] = numbers.get(kind, 0) + 1
            found[kind if number == 1 else f"{kind}#{number}"] = one
    return found


def _kind(type_: Type) -> str:
    return type(type_).__name__.lower()


def _match_named(pairing: Pairing, keys: Callable[[_Named], Sequence[str]]) -> None:
    """Match those of a kind whose names meet; `keys` are the names that the one after answers to."""
    answering: dict[tuple[type, str], _Named] = {
        (type(one), key): one for one in reversed(pairing.come) if isinstance(one, _Named) for key in keys(one)
    }
    taken: set[int] = set()
    for one in pairing.gone:
        name = one.name if isinstance(one, _Named) else None
        if name is None:
            continue
        its = answering.get((type(one), name)) or answering.get((type(one), f"~{_simple(name)}"))
        if its is not None and id(its) not in taken:
            taken |= {id(one), id(its)}
            pairing.matched.append((one, its))
    if taken:
        pairing.gone[:] = [one for one in pairing.gone if id(one) not in taken]
        pairing.come[:] = [one for one in pairing.come if id(one) not in taken]


def _match_nameless(pairing: Pairing, alike: Callable[[Type, Type], bool]) -> None:
    gone = [one for one in pairing.gone if _name(one) is None]
    come = [one for one in pairing.come if _name(one) is None]
    if len(gone) * len(come) > MAX_COMPARED:
        return
    for one in gone:
        its = next((other for other in come if alike(one, other)), None)
        if its is not None:
            come = [other for other in come if other is not its]
            _match(pairing, one, its)


def _match(pairing: Pairing, one: Type, its: Type) -> None:
    pairing.matched.append((one, its))
    pairing.gone[:] = [other for other in pairing.gone if other is not one]
    pairing.come[:] = [other for other in pairing.come if other is not its]


def _full_names(one: _Named) -> Sequence[str]:
    return (one.name,) if one.name else ()


def _simple_names(one: _Named) -> Sequence[str]:
    return (f"~{_simple(one.name)}",) if one.name else ()  # marked: no full name looks like it


def _names_with_aliases(one: _Named) -> Sequence[str]:
    return one.aliases if one.name else ()


def _name(type_: Type) -> str | None:
    return type_.name if isinstance(type_, _Named) else None


def _simple(name: str) -> str:
    return name.rpartition(".")[2]


def _same_kind(one: Type, its: Type) -> bool:
    return type(one) is type(its)


def _related(one: Type, its: Type) -> bool:
    return order(one, its) is not Order.UNRELATED
