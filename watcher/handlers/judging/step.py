"""One judged step of a dataset, with all that was found: what stood, what stands, who breaks, whose work it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from watcher.model.domain import DomainRecord
from watcher.model.ownership import Decision
from watcher.model.verdict import DatasetState, Violation
from watcher.ports import ChangeRow, DatasetRow

BASELINE = "baseline"
"""The key of a violation's document for the shape before the break, against which some clauses are measured."""


@dataclass(frozen=True, slots=True)
class Step:
    """One judged step of a dataset: what stood, what stands, the facts between them, and who breaks.

    `asked` is how many contracts in force there were on the dataset. `excused` are the violations that are held against
    nobody, by fingerprint: a waiver, a precedent or an agreed announcement covers them. `aggravated` says why it
    weighs more than what was broken: it came unannounced, or too early. `announced` says by subscription how the change
    stands to what was announced.
    """

    row: DatasetRow
    before: DatasetState
    after: DatasetState
    change: ChangeRow
    violations: tuple[Violation, ...]
    ownership: Decision
    asked: int
    excused: Mapping[str, str] = field(default_factory=dict)
    aggravated: Sequence[str] = ()
    announced: Mapping[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> DomainRecord | None:
        """The domain that answers for the change; None: nobody."""
        return self.ownership.domain
