"""Judge: what stands now against what stood when the dataset was last judged, for everyone who relies on it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import structlog

from watcher.diff import diff
from watcher.diff.noise import is_noise, is_quiet
from watcher.diff.render import to_json
from watcher.handlers.beside import Guard, RegistryVerdict, agreement, ask_registry
from watcher.handlers.judgement import Judgement, Step, judged
from watcher.handlers.life import Life
from watcher.handlers.reading import in_use
from watcher.handlers.recognise import recognise
from watcher.handlers.tickets import TicketDesk, measured_shapes
from watcher.model.change import Change, CompatibilityLowered, CompatibilityRaised
from watcher.model.compatibility import guards_less
from watcher.model.contract import Guarded, Subscription
from watcher.model.dataset import DatasetName
from watcher.model.domain import UNOWNED
from watcher.model.errors import Undecidable
from watcher.model.verdict import DatasetState, Outcome, Violation
from watcher.ports import ChangeRow, DatasetRow, Transaction
from watcher.rules.evaluate import flips

log = structlog.get_logger(__name__)

MAX_NAMED = 200
"""So many consumers for whom everything still holds are named with a change; the rest are only counted."""


def judge_dataset(tx: Transaction, judgement: Judgement, row: DatasetRow, now: dt.datetime) -> tuple[DatasetRow, int]:
    """Judge what became of one dataset; gives its row, judged, and how many deliveries were wished.

    What cannot be read is an unknown verdict; what comes back is measured against the last shape that could be read.
    A level that moved is a fact of the step where somebody relies on it; nothing else is read for its sake.
    """
    guard = _guard_fact(row)
    guarded = guard is not None and asks_for_guard(judgement, row.dataset)
    if _same_schema(row) and not guarded:
        return judged(row, None), 0
    before, after = judgement.judged(tx, row), judgement.standing(tx, row)
    changes: tuple[Change, ...] = ()
    if after.unreadable is None:
        try:
            changes = _changes(before, after)
        except Undecidable as cause:
            after = DatasetState(None, unreadable=str(cause), last=before.last, level=after.level)
        if guarded and guard is not None:
            changes += (guard,)
    done = judged(row, after.unreadable)
    same_cause = before.unreadable == after.unreadable and (after.unreadable is None or row.current == row.judged)
    if not changes and same_cause:
        return done, 0  # the same shape in other words, or what could not be read still cannot: no event at all
    if same_cause and is_quiet(changes) and is_noise(changes, judgement.catalogue().touching(row.dataset, changes)):
        return done, 0  # a name, an alias, an order that nobody relies on
    step = _step(tx, judgement, row, before, after, changes, now)
    if not tx.add_change(step.change):
        return done, 0  # this very step was judged before
    log.info(
        "change.judged",
        dataset=row.dataset,
        subject=row.subject,
        domain=step.change.domain,
        position=str(row.position),
        kinds=sorted({fact.kind for fact in changes}),
        unreadable=after.unreadable,
        asked=step.asked,
        broken=len(step.violations),
        agreement=(step.change.registry or {}).get("agreement"),
    )
    return done, TicketDesk(tx, judgement, now).settle(step)


def judge_due(tx: Transaction, judgement: Judgement, now: dt.datetime, limit: int = 100) -> tuple[int, int]:
    """Judge the datasets whose settle window has ended; how many were judged, and how many deliveries wished."""
    rows = tx.due_datasets(now, limit)
    told = 0
    for row in rows:
        done, wished = judge_dataset(tx, judgement, row, now)
        tx.put_datasets([done])
        told += wished
    return len(rows), told


def reassess(tx: Transaction, judgement: Judgement, now: dt.datetime) -> int:
    """Look again at open tickets when contracts or domains changed: what nobody relies on any more is over.

    The others are followed up by the calendars and ladders that are in force now.
    """
    desk, life = TicketDesk(tx, judgement, now), Life(tx, judgement, now)
    told = 0
    for row in tx.datasets_with_open_tickets():
        told += desk.reassess(row, judgement.judged(tx, row))
        for ticket in (*tx.unsettled_tickets(row.dataset), *tx.waived_tickets(row.dataset)):
            life.schedule(ticket)
    return told


def asks_for_guard(judgement: Judgement, dataset: DatasetName) -> bool:
    """Whether a contract on the dataset relies on how the registry guards it: a level that moves is then judged."""
    levels = (CompatibilityLowered(None, None),)
    return any(
        isinstance(clause, Guarded)
        for one in judgement.catalogue().touching(dataset, levels)
        for clause in one.expectations
    )


def _guard_fact(row: DatasetRow) -> CompatibilityLowered | CompatibilityRaised | None:
    """The level that moved since the dataset was last judged."""
    before, after = row.judged_level, row.level
    if before is None or after is None or before == after:
        return None
    return (CompatibilityLowered if guards_less(before, after) else CompatibilityRaised)(before, after)


def _same_schema(row: DatasetRow) -> bool:
    """Whether what stands is, readably, what was judged: nothing has to be read to know that nothing changed."""
    return row.current == row.judged and row.blocked is None and row.judged_blocked is None


def _changes(before: DatasetState, after: DatasetState) -> tuple[Change, ...]:
    """The facts of the step; what comes back is told apart from what stood there last, too."""
    if before.unreadable is not None:
        return diff(before.last, after.schema)
    facts = diff(before.schema, after.schema)
    if before.schema is None and before.last is not None and after.schema is not None:
        facts += diff(before.last, after.schema)
    return facts


def _step(  # noqa: PLR0913, PLR0917 - the two sides of a step, and what it is judged by
    tx: Transaction,
    judgement: Judgement,
    row: DatasetRow,
    before: DatasetState,
    after: DatasetState,
    changes: tuple[Change, ...],
    now: dt.datetime,
) -> Step:
    catalogue = judgement.catalogue()
    origin = tx.origin(row.dataset, row.position)
    # What only follows another dataset's change, as a view its table's, is the work of whoever owns that one.
    ownership = catalogue.ownership(origin.because if origin is not None and origin.because else row.dataset)
    everyone = [one for one in catalogue.subscriptions_for(row.dataset) if one.in_force(now.date())]
    touched = catalogue.touching(row.dataset, changes) if after.unreadable is None else everyone
    measured = measured_shapes(tx, judgement, row)
    violations = tuple(
        violation
        for one in touched
        if one.in_force(now.date())
        for violation in flips(one, row.dataset, before, after, changes, measured.get(one.name, {}))
    )
    facts = [to_json(fact, str(row.dataset)) for fact in changes]
    planned = recognise(tx, judgement, row, after, violations, facts, now)
    excused = {**planned.excused, **excuses(tx, row.dataset, violations, now)}
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


def excuses(tx: Transaction, dataset: DatasetName, violations: Sequence[Violation], now: dt.datetime) -> dict[str, str]:
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
