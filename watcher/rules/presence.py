"""Checks about being there: the dataset, and the field at a path."""

from __future__ import annotations

from watcher.model.change import FieldRenamed
from watcher.model.lookup import Gap, Obscured, Place
from watcher.model.path import Branch, FieldPath, Member, Step, canonical, steps
from watcher.model.types import Unknown
from watcher.rules.rule import Asked, Finding

_OF_ITS_TYPE = ("type", "required", "values", "shape", "at_most", "meets")


def unreadable(asked: Asked) -> Finding | None:
    """The schema is there, and cannot be read."""
    cause = asked.state.unreadable
    return None if cause is None else Finding(None, cause)


def dropped(asked: Asked) -> Finding | None:
    """The dataset is not there."""
    gone = asked.state.schema is None and asked.state.unreadable is None
    return Finding(None, "the dataset is not there") if gone else None


def unrecognised(asked: Asked) -> Finding | None:
    """A type on the way to the field, or of the field itself, cannot be placed."""
    found = asked.found
    if isinstance(found, Obscured):
        return Finding(found.text, f"the type `{found.text}` on the way to it cannot be placed")
    if isinstance(found, Place) and asked.expectation.kind in _OF_ITS_TYPE:
        text = next((one.text for one in found.types if isinstance(one, Unknown)), None)
        return None if text is None else Finding(text, f"its type `{text}` cannot be placed")
    return None


def branch_removed(asked: Asked) -> Finding | None:
    """The union's branch that the path goes through is gone."""
    found = asked.found
    if not (isinstance(found, Gap) and isinstance(found.step, Branch)):
        return None
    return Finding(None, f"there is no branch `{found.step.name}`")


def renamed(asked: Asked) -> Finding | None:
    """The field is gone under its name, and something says under which it goes on."""
    found = asked.found
    if not (isinstance(found, Gap) and isinstance(found.step, Member)):
        return None
    told = _told_rename(asked) or _aliased(asked, found, found.step.name)
    if told is None:
        return None
    path, confidence, evidence = told
    return Finding(None, f"looks renamed to `{path}` ({confidence:.1f}: {evidence})")


def removed(asked: Asked) -> Finding | None:
    """Nothing stands at the path."""
    found = asked.found
    if not isinstance(found, Gap):
        return None
    if found.depth + 1 < len(steps(asked.expectation.path)):
        above = canonical(steps(asked.expectation.path)[: found.depth + 1])
        return Finding(None, f"it is not there, nor is `{above}` above it")
    return Finding(None, "it is not there")


def _told_rename(asked: Asked) -> tuple[FieldPath, float, str] | None:
    """A rename that the diff found, of the field itself or of one above it."""
    wanted = steps(asked.expectation.path)
    told: FieldRenamed | None = None
    depth = 0
    for change in asked.changes:  # outer ones first: an inner one stands under the new name of the outer
        if isinstance(change, FieldRenamed):
            before = steps(change.before)
            if len(before) > depth and wanted[: len(before)] == before:
                wanted, depth = (*steps(change.path), *wanted[len(before) :]), len(before)
                told = change if told is None or change.confidence < told.confidence else told
    return None if told is None else (canonical(wanted), told.confidence, told.evidence)


def _aliased(asked: Asked, gap: Gap, name: str) -> tuple[FieldPath, float, str] | None:
    """A member that gives the old name as its alias, in each record where the name was sought."""
    taken = steps(asked.expectation.path)
    heirs = [next((f.name for f in record.fields if name in f.aliases), None) for record in gap.records]
    if not heirs or heirs[0] is None or len(set(heirs)) > 1:
        return None
    return _moved((*taken[: gap.depth], Member(heirs[0])), taken[gap.depth + 1 :]), 1.0, "alias"


def _moved(head: tuple[Step, ...], rest: tuple[Step, ...]) -> FieldPath:
    return canonical((*head, *rest))
