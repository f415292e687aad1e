"""Renames: which member that is gone goes by another name now. One judge an evidence, the surest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from watcher.model.types import Field


@dataclass(frozen=True, slots=True)
class Rename:
    """A member before and after; `confidence` is 0 to 1, `evidence` says whence."""

    before: Field
    after: Field
    evidence: str
    confidence: float


Judge: TypeAlias = Callable[[Sequence[Field], Sequence[Field]], Sequence[Rename]]
"""Members that are gone and members that have come, each in its order, to those that are the same."""


def by_alias(gone: Sequence[Field], come: Sequence[Field]) -> Sequence[Rename]:
    """The new member names the old one as its alias: its producer says so."""
    left = {field.name: field for field in gone}
    found: list[Rename] = []
    for field in come:
        alias = next((alias for alias in field.aliases if alias in left), None)
        if alias is not None:
            found.append(Rename(left.pop(alias), field, "alias", 1.0))
    return found


def by_tag(gone: Sequence[Field], come: Sequence[Field]) -> Sequence[Rename]:
    """The new member has the old one's number in the data: who reads the data by number takes it for the same."""
    left = {field.tag: field for field in gone if field.tag is not None}
    return [Rename(left.pop(field.tag), field, "same tag", 0.9) for field in come if field.tag in left]


JUDGES: tuple[Judge, ...] = (by_alias, by_tag)
"""In the order of their certainty: what one has recognised is not asked of the next."""


def renames(gone: Sequence[Field], come: Sequence[Field]) -> dict[str, Rename]:
    """The renames, by the name after, among members that only stood before and members that only stand after."""
    found: dict[str, Rename] = {}
    for judge in JUDGES:
        taken = {rename.before.name for rename in found.values()}
        left = (
            [field for field in gone if field.name not in taken],
            [field for field in come if field.name not in found],
        )
        found |= {rename.after.name: rename for rename in judge(*left)}
    return found
