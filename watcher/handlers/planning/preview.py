"""Preview: a schema that somebody means to register, checked against what stands in the ledger at this moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import Any

from watcher.handlers.judging.beside import Guard, RegistryVerdict, ask_registry
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.naming import row_of
from watcher.handlers.planning.check import check
from watcher.handlers.planning.gate import demanding, demands_token
from watcher.handlers.scoring.scores import budget_of
from watcher.model.errors import UsageError
from watcher.model.schema import Format, Schema, SchemaText
from watcher.ports import DatasetRow, Transaction


def proposal(format_: str, text: str, references: Sequence[tuple[str, str]]) -> SchemaText:
    """A schema as somebody wrote it; raises UsageError for a format that no registry has."""
    if format_.upper() not in set(Format):
        raise UsageError(f"{format_!r} is no schema format: it is one of {', '.join(Format)}")
    return SchemaText(Format(format_.upper()), text, tuple(references))


def preview(
    tx: Transaction, judgement: Judgement, dataset: str, proposed: SchemaText, now: dt.datetime
) -> dict[str, Any]:
    """Who would break if the dataset had this schema next; nothing is recorded. Raises SchemaError."""
    catalogue = judgement.catalogue()
    row = row_of(tx, catalogue, dataset)
    state = judgement.standing(tx, row) if row is not None else None
    before = (state.schema or state.last) if state is not None else None
    after = next_shape(tx, judgement, row, catalogue.canonical(dataset), proposed)
    result = check(
        catalogue,
        dataset,
        before,
        after,
        today=now.date(),
        reads=lambda expectation, writer: judgement.reads(tx, expectation, writer, row),
        registry=_registry_verdict(tx, judgement, row, after),
        level=state.level if state is not None else None,
    )
    owner = catalogue.owner_of(dataset)
    budget = budget_of(tx, owner, now)
    return demanding(result.document(), demands_token(owner, spent=budget is not None and budget.over))


def next_shape(
    tx: Transaction, judgement: Judgement, row: DatasetRow | None, dataset: str, proposed: SchemaText
) -> Schema | None:
    """What would stand next: the schema, or the table that a script leaves; None where that drops it."""
    if proposed.format is not Format.SQL:
        return judgement.parse(proposed)
    from watcher.formats.sql.document import table_of  # noqa: PLC0415 - the parser of SQL is slow to load
    from watcher.formats.sql.proposed import after_script, dialect_for, shape  # noqa: PLC0415

    dialect = dialect_for(dataset)
    known = row.current if row is not None else None
    standing = table_of(judgement.shelf.text(tx, known).text) if known is not None else None
    return shape(after_script(proposed.text, dataset, dialect, standing), dialect)


def _registry_verdict(
    tx: Transaction, judgement: Judgement, row: DatasetRow | None, proposed: Schema | None
) -> RegistryVerdict:
    """What the registry would say if the schema were registered next: after all versions that are live now."""
    if proposed is None or proposed.format is Format.SQL:
        return RegistryVerdict(None, reason="a table is in no registry")
    if row is None:
        return RegistryVerdict(None, reason="the dataset is not known yet: nor is how it would be guarded")
    live = (
        (one.version, partial(judgement.read, tx, one))
        for one in reversed(judgement.versions(tx, row))
        if not one.deleted
    )
    return ask_registry(Guard(row.level, row.policy, row.group), live, proposed)
