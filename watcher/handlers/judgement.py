"""Judgement: what judging needs to know of the world, and one judged step with all that was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from watcher.handlers.shelf import Shelf
from watcher.model.catalogue import Catalogue
from watcher.model.compatibility import Incompatibility
from watcher.model.contract import ReadsWith
from watcher.model.domain import DomainRecord
from watcher.model.errors import SchemaError
from watcher.model.schema import Fingerprint, Schema, SchemaText
from watcher.model.verdict import DatasetState, Violation
from watcher.ports import ChangeRow, DatasetRow, Transaction


@dataclass(frozen=True, slots=True)
class Judgement:
    """What judging needs to know: the contracts in force at this moment, how to read schemas, and the policy.

    `settle` is the window in which a burst is let come to rest; zero judges each record by itself. `events` is the
    channel for breaking-change events, `fallback` the one for domains that name none.
    """

    catalogue: Callable[[], Catalogue]
    shelf: Shelf
    parse: Callable[[SchemaText], Schema]
    check: Callable[[Schema, Schema], tuple[Incompatibility, ...]]
    settle: dt.timedelta = dt.timedelta(0)
    reopen_within: dt.timedelta = dt.timedelta(days=14)
    events: str | None = None
    fallback: str | None = None

    def state(self, tx: Transaction, fingerprint: Fingerprint | None, blocked: str | None) -> DatasetState:
        """The dataset with this schema, as the rules see it."""
        if blocked is not None:
            return DatasetState(None, unreadable=blocked)
        if fingerprint is None:
            return DatasetState(None)
        try:
            schema = self.shelf.schema(tx, fingerprint)
        except SchemaError as cause:
            return DatasetState(None, unreadable=str(cause))
        return DatasetState(schema, reads=lambda expectation: self._reads(expectation, schema))

    def _reads(self, expectation: ReadsWith, writer: Schema) -> tuple[Incompatibility, ...]:
        return self.check(self.parse(expectation.reader), writer)


@dataclass(frozen=True, slots=True)
class Step:
    """One judged step of a dataset: what stood, what stands, the facts between them, and who breaks.

    `registry` is the registry's own verdict as a document: level, compatible (None: cannot be told), incompatibilities.
    `asked` is how many contracts in force there were on the dataset.
    """

    row: DatasetRow
    before: DatasetState
    after: DatasetState
    change: ChangeRow
    violations: tuple[Violation, ...]
    owner: DomainRecord | None
    registry: dict[str, Any]
    asked: int
