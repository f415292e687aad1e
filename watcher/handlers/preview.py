"""Preview: a schema that somebody means to register, checked against what stands in the ledger at this moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from watcher.handlers.check import check
from watcher.handlers.judgement import Judgement
from watcher.model.compatibility import Level
from watcher.model.dataset import DatasetName
from watcher.model.errors import UsageError
from watcher.model.schema import Format, SchemaText
from watcher.ports import Transaction


def proposal(format_: str, text: str, references: Sequence[tuple[str, str]]) -> SchemaText:
    """A schema as somebody wrote it; raises UsageError for a format that no registry has."""
    if format_.upper() not in set(Format):
        raise UsageError(f"{format_!r} is no schema format: it is one of {', '.join(Format)}")
    return SchemaText(Format(format_.upper()), text, tuple(references))


def preview(
    tx: Transaction, judgement: Judgement, dataset: str, proposed: SchemaText, now: dt.datetime
) -> dict[str, Any]:
    """Who would break if the dataset had this schema next; nothing is recorded. Raises SchemaError."""
    after = judgement.parse(proposed)
    catalogue = judgement.catalogue()
    # A feed may name its datasets by the alias or by the namespace that it stands for.
    names = [DatasetName(dataset), catalogue.canonical(dataset)]
    row = next(iter(tx.datasets(names).values()), None)
    state = judgement.state(tx, row.current, row.blocked, row.last) if row is not None else None
    before = (state.schema or state.last) if state is not None else None
    level = Level(row.level) if row is not None and row.level in set(Level) else None
    result = check(
        catalogue,
        dataset,
        before,
        after,
        today=now.date(),
        reads=judgement.reads,
        level=level,
    )
    return result.document()
