"""Judgement: what judging needs to know of the world: contracts, schemas, policy, and how a dataset stands by them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from watcher.handlers.judging.beside import Guard
from watcher.handlers.judging.effort import Effort
from watcher.handlers.judging.policy import Policy
from watcher.handlers.judging.reading import chosen, once
from watcher.handlers.judging.shelf import Shelf
from watcher.model.catalogue import Catalogue
from watcher.model.compatibility import Incompatibility
from watcher.model.contract import ReadsVersion, ReadsWith
from watcher.model.errors import SchemaError
from watcher.model.observation import VersionStands
from watcher.model.schema import Fingerprint, Schema, SchemaText
from watcher.model.verdict import DatasetState
from watcher.ports import DatasetRow, Transaction


@dataclass(frozen=True, slots=True)
class Judgement:
    """What judging needs to know: the contracts in force at this moment, how to read schemas, and the policy.

    `settle` is the window in which a burst is let come to rest; zero judges each record by itself. `events` is the
    channel for breaking-change events, `fallback` the one for domains that name none. `whole` says whether all
    documents are in force in some version: where one could not be read, its absence proves nothing. `effort` is
    what may be spent on witnesses, `policy` how tickets are followed up.
    """

    catalogue: Callable[[], Catalogue]
    shelf: Shelf
    parse: Callable[[SchemaText], Schema]
    check: Callable[[Schema, Schema], tuple[Incompatibility, ...]]
    settle: dt.timedelta = dt.timedelta(0)
    reopen_within: dt.timedelta = dt.timedelta(days=14)
    events: str | None = None
    fallback: str | None = None
    whole: Callable[[], bool] = lambda: True
    effort: Effort = field(default_factory=Effort)
    policy: Policy = field(default_factory=Policy)

    def state(  # noqa: PLR0913 - a shape, why it cannot be read, what stood before, and what else the rules ask of it
        self,
        tx: Transaction,
        fingerprint: Fingerprint | None,
        blocked: str | None,
        last: Fingerprint | None = None,
        *,
        of: DatasetRow | None = None,
        level: str | None = None,
    ) -> DatasetState:
        """The dataset with this schema, as the rules see it; `last` is the one before it went or became unreadable.

        `of` is the dataset's row, which leads to the versions that consumers read with; `level` is how it is guarded.
        """
        known, guarded = self._known(tx, last), Guard(level).known_level
        if blocked is not None:
            return DatasetState(None, unreadable=blocked, last=known, level=guarded)
        if fingerprint is None:
            return DatasetState(None, last=known, level=guarded)
        try:
            schema = self.shelf.schema(tx, fingerprint)
        except SchemaError as cause:
            return DatasetState(None, unreadable=str(cause), last=known, level=guarded)
        reads = once(lambda expectation: self.reads(tx, expectation, schema, of))
        return DatasetState(schema, reads=reads, last=known, level=guarded)

    def standing(self, tx: Transaction, row: DatasetRow) -> DatasetState:
        """The dataset as it stands now."""
        return self.state(tx, row.current, row.blocked, row.last, of=row, level=row.level)

    def judged(self, tx: Transaction, row: DatasetRow) -> DatasetState:
        """The dataset as it stood when it was last judged."""
        return self.state(tx, row.judged, row.judged_blocked, row.last, of=row, level=row.judged_level)

    def _known(self, tx: Transaction, fingerprint: Fingerprint | None) -> Schema | None:
        if fingerprint is None:
            return None
        try:
            return self.shelf.schema(tx, fingerprint)
        except SchemaError:
            return None  # history that never could be read is no measure

    def reads(
        self, tx: Transaction, expectation: ReadsWith | ReadsVersion, writer: Schema, of: DatasetRow | None
    ) -> tuple[Incompatibility, ...]:
        """Why a consumer's reader schema cannot read what a schema writes; empty where it can. Raises Undecidable."""
        if isinstance(expectation, ReadsWith):
            return self.check(self.parse(expectation.reader), writer)
        versions = () if of is None else self.versions(tx, of)
        lineage = of.lineage if of else None
        return self.check(chosen(versions, lineage, expectation.version, lambda one: self.read(tx, one)), writer)

    def versions(self, tx: Transaction, row: DatasetRow) -> Sequence[VersionStands]:
        """The versions of the subject that speaks for the dataset, deleted ones too."""
        return () if row.lineage is None else tx.versions(row.source, row.lineage)

    def read(self, tx: Transaction, version: VersionStands) -> Schema:
        """A version's schema; raises SchemaError where it cannot be put together or read."""
        if version.cause is not None or version.schema is None:
            raise SchemaError(version.cause or "it is gone", kind="unknown-reference")
        return self.shelf.schema(tx, version.schema)


def judged(row: DatasetRow, unreadable: str | None) -> DatasetRow:
    """The row once what stands now is the measure: judged, or history that is taken as it is.

    `unreadable` is the cause where what stands now cannot be read: the last shape that could be stays known.
    """
    readable = unreadable is None and row.current is not None
    return replace(
        row,
        judged=row.current,
        judged_version=row.current_version,
        judged_blocked=unreadable,
        judged_level=row.level,
        last=row.current if readable else row.last,
        due_at=None,
    )
