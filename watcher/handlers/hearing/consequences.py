"""Consequences: who breaks by what became of a dataset, what excuses it, what the registry said, whose work it is."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from watcher.diff.render import to_json
from watcher.handlers.judging.beside import Guard, RegistryVerdict, agreement, ask_registry
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.reading import in_use
from watcher.handlers.judging.step import BASELINE, Step
from watcher.handlers.planning.recognise import recognise
from watcher.model.change import Change
from watcher.model.contract import Subscription
from watcher.model.dataset import DatasetName
from watcher.model.domain import UNOWNED
from watcher.model.path import FieldPath
from watcher.model.schema import Schema
from watcher.model.verdict import DatasetState, Outcome, Violation
from watcher.ports import ChangeRow, DatasetRow, Transaction
from watcher.rules.evaluate import MEASURED, flips

MAX_NAMED = 200
"""So many consumers for whom everything still holds are named with a change; the rest are only counted."""


def consequences(  # noqa: PLR0913, PLR0917 - the two sides of a step, and what it is judged by
    tx: Transaction,
    judgement: Judgement,
    row: DatasetRow,
    before: DatasetState,
    after: DatasetState,
    changes: tuple[Change, ...],
    now: dt.datetime,
) -> Step:
    """Who breaks by what became of a dataset, what excuses it, what the registry said, and whose work it is."""
    catalogue = judgement.catalogue()
    origin = tx.origin(row.dataset, row.position)
    # What only follows another dataset's change, as a view its table's, is the work of whoever owns that one.
    ownership = catalogue.ownership(origin.because if origin is not None and origin.because else row.dataset)
    everyone = [one for one in catalogue.subscriptions_for(row.dataset) if one.in_force(now.date())]
    touched = catalogue.touching(row.dataset, changes) if after.unreadable is None else everyone
    measured = _measured_shapes(tx, judgement, row)
    violations = tuple(
        violation
        for one in touched
        if one.in_force(now.date())
        for violation in flips(one, row.dataset, before, after, changes, measured.get(one.name, {}))
    )
    facts = [to_json(fact, str(row.dataset)) for fact in changes]
    planned = recognise(tx, judgement, row, after, violations, facts, now)
    excused = {**planned.excused, **_excuses(tx, row.dataset, violations, now)}
    verdict = _registry_verdict(tx, judgement, row, after)
    outcomes = [violation.outcome for violation in violations]
    change = ChangeRow(
        id=_step_id(row),
        dataset=row.dataset,
        subject=row.subject,
        domain=ownership.domain.name if ownership.domain else UNOWNED,
        before=row.judged,
        after=row.current,
        before_version=row.judged_version,
        after_version=row.current_version,
        changes=facts,
        verdicts=_verdicts(everyone, violations, excused),
        position=row.position,
        at=row.moved_at,
        registry={**verdict.document(), "agreement": agreement(verdict.compatible, outcomes)},
        in_use=in_use((one for one in touched if one.in_force(now.date())), after.reads),
        origin=origin,
    )
    return Step(
        row,
        before,
        after,
        change,
        violations,
        ownership,
        len(everyone),
        excused,
        aggravated=planned.aggravated,
        announced=planned.sentences,
    )


def _step_id(row: DatasetRow) -> str:
    parts = (row.dataset, row.judged or "", row.current or "", row.blocked or "", str(row.position))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]


def _excuses(
    tx: Transaction, dataset: DatasetName, violations: Sequence[Violation], now: dt.datetime
) -> dict[str, str]:
    """The violations that are held against nobody, by fingerprint: the waiver or precedent that covers each."""
    if not violations:
        return {}
    granted = tx.waivers_on(dataset, now)
    found: dict[str, str] = {}
    for one in violations:
        who = str(one.subscription.consumer)
        for waiver in granted:
            if waiver.covers(fingerprint=one.fingerprint, rule=one.rule, path=str(one.path), consumer=who):
                found.setdefault(one.fingerprint, waiver.id)
    return found


def _verdicts(
    everyone: Sequence[Subscription], violations: Sequence[Violation], excused: Mapping[str, str]
) -> list[dict[str, Any]]:
    """One document a consumer that was asked; broken ones first, of those that hold at most MAX_NAMED."""
    by_name: dict[str, list[Violation]] = {}
    for violation in violations:
        by_name.setdefault(violation.subscription.name, []).append(violation)
    documents = []
    holding = 0
    for one in everyone:
        mine = by_name.get(one.name, [])
        if not mine:
            holding += 1
            if holding > MAX_NAMED:
                continue
        outcome = Outcome.HOLDS
        if mine:
            known = any(violation.outcome is Outcome.BROKEN for violation in mine)
            outcome = Outcome.BROKEN if known else Outcome.UNKNOWN
        documents.append(
            {
                "consumer": str(one.consumer),
                "subscription": one.name,
                "outcome": outcome.value,
                "reasons": [violation.message for violation in mine],
            }
        )
        ids = dict.fromkeys(excused[one.fingerprint] for one in mine if one.fingerprint in excused)
        if ids:
            documents[-1]["excused"] = list(ids)
    return sorted(documents, key=lambda document: document["outcome"] == Outcome.HOLDS.value)


def _registry_verdict(tx: Transaction, judgement: Judgement, row: DatasetRow, after: DatasetState) -> RegistryVerdict:
    """What the registry's own check said when the version that stands now was registered, under the level in force."""
    reason = _unasked(row, after)
    if reason is not None or after.schema is None or row.current_version is None:
        return RegistryVerdict(row.level, row.policy, reason=reason)
    live = (
        (one.version, partial(judgement.read, tx, one))
        for one in reversed(judgement.versions(tx, row))
        if not one.deleted and one.version < row.current_version
    )
    return ask_registry(Guard(row.level, row.policy, row.group), live, after.schema)


def _unasked(row: DatasetRow, after: DatasetState) -> str | None:
    """Why the registry checked nothing in this step, or why that cannot be told."""
    before, now = row.judged_version, row.current_version
    if after.unreadable is not None:
        return "what stands now cannot be read"
    if after.schema is None:
        return "the schema was deleted: a registry checks what is registered, not what is deleted"
    if now is None or row.lineage is None:
        return "the versions of the subject are not known"
    if before is not None and now < before:
        return "a newer version was deleted: a registry checks what is registered, not what is deleted"
    if now == before:
        return "no version was registered"
    return None


def _measured_shapes(tx: Transaction, judgement: Judgement, row: DatasetRow) -> dict[str, dict[FieldPath, Schema]]:
    """By contract and path: the shapes against which clauses that are broken already are measured."""
    found: dict[str, dict[FieldPath, Schema]] = {}
    for ticket in tx.unsettled_tickets(row.dataset):
        for violation in tx.open_violations(ticket.id):
            baseline = violation.document.get(BASELINE)
            if violation.rule not in MEASURED or baseline is None:
                continue
            schema = judgement.state(tx, baseline, None).schema
            if schema is not None:
                found.setdefault(violation.subscription, {})[FieldPath(violation.path)] = schema
    return found
