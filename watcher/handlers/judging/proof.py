"""Proof: each violation's witness, sought while it is judged as far as that is cheap, and again when somebody asks.

A witness is an extra. Whatever goes wrong in seeking it is logged, and the verdict stands without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import structlog

from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.shelf import Shelf
from watcher.handlers.judging.step import Step
from watcher.model.contract import ClosedShape, Exists, Expectation, ReadsVersion, Required
from watcher.model.errors import SchemaError, Undecidable, UsageError, WatcherError
from watcher.model.path import FieldPath
from watcher.model.schema import Fingerprint, Format, SchemaText
from watcher.model.verdict import Violation
from watcher.ports import ChangeRow, DatasetRow, Transaction, ViolationRow
from watcher.witness.case import Case, Kit, Witness
from watcher.witness.kits import kit_of
from watcher.witness.recorded import clause_document, read_clause, read_side, told
from watcher.witness.search import QUICK, THOROUGH, witness
from watcher.witness.verify import disproof

log = structlog.get_logger(__name__)

CLAUSE = "clause"
"""The key of a violation's document under which its clause is kept; ours alone, and not told."""

MAX_EAGER = 5
"""So many witnesses are sought while a step is judged, one for all equal violations. The others wait for a call."""

MAX_SECONDS = 1.0
"""So long at most a step's witnesses are sought while it is judged: a thousand times what most need."""

MAX_TEXT = {Format.AVRO: 50_000, Format.JSON: 5_000, Format.PROTOBUF: 5_000}
"""Characters of a schema, with all that it refers to, whose witnesses are sought while it is judged: 50 ms each."""

MAX_CLAUSE = 100_000
"""Characters of a reader schema that is kept with a violation."""


@dataclass(frozen=True, slots=True)
class Proven:
    """One violation of a ticket, looked at again: what was told, what is found now, and why they disagree, if so."""

    violation: ViolationRow
    witness: Witness
    fault: str


def proofs(
    tx: Transaction, judgement: Judgement, step: Step, violations: Sequence[Violation]
) -> Mapping[str, dict[str, Any]]:
    """By fingerprint: the witnesses of a step's violations, as they are told. Raises what the ledger raises alone."""
    seconds = min(MAX_SECONDS, judgement.effort.left())
    if not violations or not seconds:
        return {}
    began = monotonic()
    try:
        return _proofs(tx, judgement.shelf, step, violations, began + seconds)
    finally:
        judgement.effort.spend(monotonic() - began)


def _proofs(
    tx: Transaction, shelf: Shelf, step: Step, violations: Sequence[Violation], until: float
) -> Mapping[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    known: dict[tuple[str, Expectation], dict[str, Any] | None] = {}
    try:
        texts = _texts(tx, shelf, step.row.judged or step.row.last, step.row.current)
        if any(text is not None and _size(text) > MAX_TEXT.get(text.format, 0) for text in texts):
            return found
        for one in violations:
            clause = pinned(one.expectation, one.before)
            key = (one.rule, clause)
            if key not in known and len(known) < MAX_EAGER and monotonic() < until:
                known[key] = _attempted(step.row, _case(tx, shelf, step.row, texts, clause, one.rule), until)
            proof = known.get(key)
            if proof is not None:
                found[one.fingerprint] = proof
    except SchemaError as error:
        log.warning("witness.failed", dataset=step.row.dataset, error=str(error))
    return found


def _attempted(row: DatasetRow, case: Case, until: float) -> dict[str, Any] | None:
    # A proof is an extra: without it the verdict stands. The ledger was read before: if that fails, the batch fails.
    try:
        return told(_sought(case, effort=QUICK, until=until))
    except WatcherError as error:
        log.warning("witness.failed", dataset=row.dataset, error=str(error))
    except Exception:
        log.warning("witness.failed", dataset=row.dataset, exc_info=True)
    return None


def recorded(violation: Violation) -> dict[str, Any] | None:
    """The violation's clause as the ledger keeps it; None where it is too large for that."""
    document = clause_document(pinned(violation.expectation, violation.before))
    reader = document.get("reader")
    size = 0 if reader is None else len(reader["text"]) + sum(len(text) for _, text in reader["references"])
    return document if size <= MAX_CLAUSE else None


def pinned(clause: Expectation, before: Any) -> Expectation:
    """The clause with what it was measured against: a closed shape that names no members knows those of before."""
    if isinstance(clause, ClosedShape) and clause.known is None and isinstance(before, list):
        return replace(clause, known=tuple(map(str, before)))
    return clause


def case_of(tx: Transaction, shelf: Shelf, violation: ViolationRow) -> Case | str:
    """A recorded violation as its witness is sought: schemas and clause as they were; or why that cannot be told."""
    try:
        return _recorded_case(tx, shelf, violation)
    except (UsageError, Undecidable) as cause:
        return str(cause)


def _recorded_case(tx: Transaction, shelf: Shelf, violation: ViolationRow) -> Case:
    change = _change(tx, violation)
    clause = _clause(violation)
    texts = _texts(tx, shelf, change.before or violation.document.get("baseline"), change.after)
    row = tx.datasets([violation.dataset]).get(violation.dataset) if isinstance(clause, ReadsVersion) else None
    return _case(tx, shelf, row, texts, clause, violation.rule)


def prove(case: Case | str, violation: ViolationRow) -> Proven:
    """Seek a recorded violation's witness again, thoroughly, and run the one that was told.

    It may take long, and asks no ledger: nobody waits for it with a transaction open.
    """
    if isinstance(case, str):
        absent = Witness(violation.rule, FieldPath(violation.path), "none", None, None, case)
        return Proven(violation, absent, "")
    found = _sought(case, effort=THOROUGH)
    kit = _kit(case)
    earlier = violation.document.get("witness")
    fault = ""
    if earlier is not None and earlier["after"] is not None and kit is not None:
        sides = (read_side(earlier["before"]), read_side(earlier["after"]))
        proof = replace(found, before=sides[0], after=sides[1])
        fault = disproof(case, proof, kit, found)
    return Proven(violation, found, fault)


def _sought(case: Case, *, effort: int, until: float | None = None) -> Witness:
    kit = _kit(case)
    if kit is None:
        return Witness(
            case.rule, case.expectation.path, "none", None, None, "its format has no records that can be made"
        )
    return witness(case, kit, effort=effort, until=until)


def _kit(case: Case) -> Kit | None:
    text = case.after or case.before
    if text is None or (case.before is not None and case.before.format is not text.format):
        return None
    return kit_of(text.format)


def _case(  # noqa: PLR0913, PLR0917 - a violation is known by all of these
    tx: Transaction,
    shelf: Shelf,
    row: DatasetRow | None,
    texts: tuple[SchemaText | None, SchemaText | None],
    clause: Expectation,
    rule: str,
) -> Case:
    reader = None
    if isinstance(clause, ReadsVersion) and row is not None and row.lineage is not None:
        versions = (one for one in tx.versions(row.source, row.lineage) if one.version == clause.version)
        fingerprint = next((one.schema for one in versions), None)
        reader = None if fingerprint is None else shelf.text(tx, fingerprint)
    return Case(*texts, clause, rule, reader)


def _texts(
    tx: Transaction, shelf: Shelf, before: Fingerprint | None, after: Fingerprint | None
) -> tuple[SchemaText | None, SchemaText | None]:
    first, second = (None if one is None else shelf.text(tx, one) for one in (before, after))
    return first, second


def _size(text: SchemaText) -> int:
    return len(text.text) + sum(len(one) for _, one in text.references)


def _clause(violation: ViolationRow) -> Expectation:
    """The clause as it was recorded; of violations that are older than that, what can be told of it."""
    document = violation.document.get(CLAUSE)
    if document is not None:
        return read_clause(document, str(violation.dataset))
    match violation.document["expectation"]:
        case Exists.kind:
            return Exists(FieldPath(violation.path))
        case Required.kind:
            return Required(FieldPath(violation.path))
    raise UsageError("its clause is not in the ledger: it was recorded by an earlier version, or is too large")


def _change(tx: Transaction, violation: ViolationRow) -> ChangeRow:
    found = tx.change(violation.change)
    if found is None:
        raise UsageError(f"the change {violation.change} is not in the ledger")
    return found
