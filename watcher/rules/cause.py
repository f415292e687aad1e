"""Cause: the change that brought a flip about."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.model.change import Change, FieldRenamed
from watcher.model.contract import ClosedShape, Expectation, ReadsWith
from watcher.model.path import Branch, Step, steps
from watcher.rules.rule import Rule

_WHOLE = ("dataset-dropped", "dataset-created")


def cause_of(rule: Rule, clause: Expectation, changes: Sequence[Change]) -> Change | None:
    """The likeliest cause: of the kinds that the rule names, the nearest to the clause's path; else the nearest of all.

    None where no change lies on the path: a schema that became unreadable has no known changes.
    """
    wanted = _unmarked(clause.path)
    looks_down = isinstance(clause, ClosedShape | ReadsWith)
    best: tuple[tuple[bool, int, int, int], Change] | None = None
    for number, change in enumerate(changes):
        distance = _distance(change, wanted, looks_down=looks_down)
        if distance is None:
            continue
        known = change.kind in rule.causes
        rank = rule.causes.index(change.kind) if known else 0
        # For a clause about a whole record each change in it is as near: the likelier kind comes first.
        order = (rank, distance) if looks_down else (distance, rank)
        key = (not known, *order, number)
        if best is None or key < best[0]:
            best = (key, change)
    return None if best is None else best[1]


def _distance(change: Change, wanted: tuple[Step, ...], *, looks_down: bool) -> int | None:
    """How far a change lies from a path, in steps; None where it is not on it."""
    if change.kind in _WHOLE:
        return len(wanted)
    paths = (change.before, change.path) if isinstance(change, FieldRenamed) else (change.path,)
    found = []
    for path in paths:
        taken = _unmarked(path)
        if wanted[: len(taken)] == taken:
            found.append(len(wanted) - len(taken))
        elif looks_down and taken[: len(wanted)] == wanted:
            found.append(len(taken) - len(wanted))
    return min(found, default=None)


def _unmarked(path: str) -> tuple[Step, ...]:
    """The steps of a path without the names of union branches, which contracts may leave out."""
    return tuple(step for step in steps(path) if not isinstance(step, Branch))
