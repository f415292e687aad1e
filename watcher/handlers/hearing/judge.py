"""Judge: what stands now against what stood when the dataset was last judged, for everyone who relies on it."""

from __future__ import annotations

import datetime as dt

import structlog

from watcher.diff import diff
from watcher.diff.noise import is_noise, is_quiet
from watcher.handlers.hearing.consequences import consequences
from watcher.handlers.judging.judgement import Judgement, judged
from watcher.handlers.ticketing.life import Life
from watcher.handlers.ticketing.tickets import TicketDesk
from watcher.model.change import Change, CompatibilityLowered, CompatibilityRaised
from watcher.model.compatibility import guards_less
from watcher.model.contract import Guarded
from watcher.model.dataset import DatasetName
from watcher.model.errors import Undecidable
from watcher.model.verdict import DatasetState
from watcher.ports import DatasetRow, Transaction

log = structlog.get_logger(__name__)


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
    step = consequences(tx, judgement, row, before, after, changes, now)
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
    rows = tx.datasets_with_open_tickets()
    if rows:
        tx.hold_chain()
    for row in rows:
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
