"""Branches: which branch of a union before is which one after. Null is never among them: it is told as nullability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from watcher.diff.lattice import Order, order
from watcher.model.types import Enum, Fixed, Record, Type


@dataclass(frozen=True, slots=True)
class Pairing:
    """The branches that are the same one before and after, those that are gone, and those that have come."""

    matched: list[tuple[Type, Type]] = field(default_factory=list)
    gone: list[Type] = field(default_factory=list)
    come: list[Type] = field(default_factory=list)


def pair_branches(before: Sequence[Type], after: Sequence[Type]) -> Pairing:
    """Pair resolved branches: equal ones; then by full name, simple name, alias; by kind; by width.

    Where one is left on each side and nothing else stands in the union, it is one type for another.
    """
    pairing = Pairing(gone=list(before), come=list(after))
    for alike in (_equal, _same_name, _same_simple_name, _alias, _same_holder, _related):
        for one in list(pairing.gone):
            its = next((other for other in pairing.come if alike(one, other)), None)
            if its is not None:
                _match(pairing, one, its)
    if len(pairing.gone) == len(pairing.come) == 1 and not pairing.matched:
        _match(pairing, pairing.gone[0], pairing.come[0])
    pairing.matched.sort(key=lambda pair: _position(after, pair[1]))
    return pairing


def branch_name(type_: Type, branches: Sequence[Type]) -> str:
    """How a path names the branch: the simple name, the full one where two share it, or the kind's own word."""
    name = _name(type_)
    if name is None:
        return type(type_).__name__.lower()
    simple = _simple(name)
    shared = sum(_simple(_name(one) or "") == simple for one in branches)
    return simple if shared == 1 else name


def _match(pairing: Pairing, one: Type, its: Type) -> None:
    pairing.matched.append((one, its))
    del pairing.gone[_position(pairing.gone, one)]
    del pairing.come[_position(pairing.come, its)]


def _position(types: Sequence[Type], type_: Type) -> int:
    return next(number for number, one in enumerate(types) if one is type_)


def _name(type_: Type) -> str | None:
    return type_.name if isinstance(type_, Record | Enum | Fixed) else None


def _simple(name: str) -> str:
    return name.rpartition(".")[2]


def _equal(one: Type, its: Type) -> bool:
    return one == its


def _same_name(one: Type, its: Type) -> bool:
    return _name(one) is not None and _name(one) == _name(its)


def _same_simple_name(one: Type, its: Type) -> bool:
    mine, theirs = _name(one), _name(its)
    return mine is not None and theirs is not None and type(one) is type(its) and _simple(mine) == _simple(theirs)


def _alias(one: Type, its: Type) -> bool:
    return isinstance(its, Record | Enum | Fixed) and type(one) is type(its) and _name(one) in its.aliases


def _same_holder(one: Type, its: Type) -> bool:
    return type(one) is type(its) and _name(one) is None


def _related(one: Type, its: Type) -> bool:
    return order(one, its) is not Order.UNRELATED
