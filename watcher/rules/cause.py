"""Cause: the change that brought a flip about."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.model.change import Change, FieldRenamed
from watcher.model.contract import At, ClosedShape, Expectation, ReadsVersion, ReadsWith
from watcher.model.path import Branch, Member, Step, steps
from watcher.rules.rule import Rule

_WHOLE = ("dataset-dropped", "dataset-created")


def cause_of(rule: Rule, clause: Expectation, changes: Sequence[Change]) -> Change | None:
    """The likeliest cause: of the kinds that the rule names, the nearest to the clause's path; else the nearest of all.

    None where no change lies on the path: a schema that became unreadable has no known changes.
    """
    wanted = _unmarked(clause.path)
    looks_down = isinstance(clause, ClosedShape | ReadsWith | ReadsVersion)
    if isinstance(clause, At):  # a member is moved by what comes and goes beside it
        wanted, looks_down = wanted[:-1], True
    for distance_of in (_distance, _echo):
        best: tuple[tuple[bool, int, int, int], Change] | None = None
        for number, change in enumerate(changes):
            distance = distance_of(change, wanted, looks_down=looks_down)
            if distance is None:
                continue
            known = change.kind in rule.causes
            rank = rule.causes.index(change.kind) if known else 0
            # For a clause about a whole record each change in it is as near: the likelier kind comes first.
            order = (rank, distance) if looks_down else (distance, rank)
            key = (not known, *order, number)
            if best is None or key < best[0]:
                best = (key, change)
        if best is not None:
            return best[1]
    return None


def _distance(change: Change, wanted: tuple[Step, ...], *, looks_down: bool) -> int | None:
    """How far a change lies from a path, in steps; None where it is not on it."""
    if change.kind in _WHOLE:
        return len(wanted)
    found = []
    for path in _paths(change):
        taken = _unmarked(path)
        if wanted[: len(taken)] == taken:
            found.append(len(wanted) - len(taken))
        elif looks_down and taken[: len(wanted)] == wanted:
            found.append(len(taken) - len(wanted))
    return min(found, default=None)


def _echo(change: Change, wanted: tuple[Step, ...], *, looks_down: bool) -> int | None:
    """As `_distance`, for a path within a recursive type: a change in it is told at its outermost path only."""
    found = []
    for path in _paths(change):
        last = next((step for step in reversed(_unmarked(path)) if isinstance(step, Member)), None)
        if last in wanted:
            found.append(len(wanted) - 1 - max(at for at, step in enumerate(wanted) if step == last))
        elif looks_down:
            found.append(len(wanted) + 1)
    return min(found, default=None)


def _paths(change: Change) -> tuple[str, ...]:
    return (change.before, change.path) if isinstance(change, FieldRenamed) else (change.path,)


def _unmarked(path: str) -> tuple[Step, ...]:
    """The steps of a path without the names of union branches, which contracts may leave out."""
    return tuple(step for step in steps(path) if not isinstance(step, Branch))
