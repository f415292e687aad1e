"""Noise: facts that matter to nobody but those who rely on just them. A step of nothing else is no event to the others.

Avro resolves a record by its name, and a positional reader counts members; for all others a name, an alias or the order
of members flips nothing, so that they need not hear of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from watcher.model.change import AliasesChanged, Change, FieldsReordered, NameChanged
from watcher.model.contract import At, ClosedShape, Expectation, ReadsVersion, ReadsWith, Subscription
from watcher.model.path import Branch, steps


def is_quiet(changes: Sequence[Change]) -> bool:
    """Whether these are facts, and such as are told only for those who rely on them."""
    return bool(changes) and all(isinstance(one, AliasesChanged | FieldsReordered | NameChanged) for one in changes)


def is_noise(changes: Sequence[Change], touched: Sequence[Subscription]) -> bool:
    """Whether quiet facts are of no concern to any of the contracts that they touch."""
    ordered = any(isinstance(one, FieldsReordered) for one in changes)
    named = any(isinstance(one, AliasesChanged | NameChanged) for one in changes)
    return is_quiet(changes) and not any(
        _concerns(clause, ordered=ordered, named=named) for one in touched for clause in one.clauses
    )


def _concerns(clause: Expectation, *, ordered: bool, named: bool) -> bool:
    if isinstance(clause, At | ClosedShape):
        return ordered
    if isinstance(clause, ReadsWith | ReadsVersion):
        return named
    return named and any(isinstance(step, Branch) for step in steps(clause.path))
