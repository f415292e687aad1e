"""Renames: which member that is gone goes by another name now. One judge an evidence, the surest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


Members: TypeAlias = Mapping[str, Field]
"""Members of one side that the other side lacks, by name, in their order."""

Judge: TypeAlias = Callable[[Members, Members], tuple[Rename, ...]]


def by_alias(gone: Members, come: Members) -> tuple[Rename, ...]:
    """The new member names the old one as its alias: its producer says so."""
    found: dict[str, Rename] = {}
    for field in come.values():
        alias = next((alias for alias in field.aliases if alias in gone and alias not in found), None)
        if alias is not None:
            found[alias] = Rename(gone[alias], field, "alias", 1.0)
    return tuple(found.values())


JUDGES: tuple[Judge, ...] = (by_alias,)
"""In the order of their certainty: what one has recognised is not asked of the next."""


def renames(gone: Members, come: Members) -> tuple[Rename, ...]:
    """The renames among members that only stood before and members that only stand after."""
    found: tuple[Rename, ...] = ()
    for judge in JUDGES:
        if not gone or not come:
            break
        recognised = judge(gone, come)
        found += recognised
        taken = {rename.before.name for rename in recognised}, {rename.after.name for rename in recognised}
        gone = {name: field for name, field in gone.items() if name not in taken[0]}
        come = {name: field for name, field in come.items() if name not in taken[1]}
    return found
