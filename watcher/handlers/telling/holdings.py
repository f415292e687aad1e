"""Holdings: violations as the rows that a ticket holds of them, and what of a row everyone may read."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import replace

from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.proof import CLAUSE, proofs, recorded
from watcher.handlers.judging.step import BASELINE, Step
from watcher.handlers.telling import messages
from watcher.handlers.telling.origins import origin
from watcher.model.ticket import Ticket, TicketId
from watcher.model.verdict import Violation
from watcher.ports import HealingRow, Transaction, ViolationRow

_OURS = frozenset({BASELINE, CLAUSE})
"""The keys of a violation's document that are ours alone, and not told."""


def hold(  # noqa: PLR0913, PLR0917 - a step, what of it, and whose
    tx: Transaction, judgement: Judgement, step: Step, ticket: TicketId, violations: list[Violation], now: dt.datetime
) -> list[ViolationRow]:
    """Make violations of a step part of a ticket, each with its proof; gives them as the ticket holds them."""
    proven = proofs(tx, judgement, step, violations)
    rows = [_row(step, ticket, one, now, proven.get(one.fingerprint)) for one in violations]
    tx.add_violations(rows)
    return rows


def carried(tx: Transaction, waived: Ticket, standing: Ticket, now: dt.datetime) -> list[ViolationRow]:
    """Make what a waived ticket still holds part of another; gives the rows that were its own."""
    rows = list(tx.open_violations(waived.id))
    moved = []
    for one in rows:
        identity = f"{standing.id}\x1f{one.change}\x1f{one.fingerprint}"
        moved.append(replace(one, id=hashlib.sha256(identity.encode()).hexdigest()[:24], ticket=standing.id, at=now))
    tx.add_violations(moved)
    proof = {"because": "carried over", "ticket": standing.id}
    tx.add_healings([HealingRow(one.id, "", proof, now) for one in rows])
    return rows


def told_of(row: ViolationRow) -> messages.Body:
    """A violation as everyone may read it."""
    return {key: value for key, value in row.document.items() if key not in _OURS}


def all_told(rows: Iterable[ViolationRow]) -> list[messages.Body]:
    """Several violations as everyone may read them."""
    return [told_of(one) for one in rows]


def _row(
    step: Step, ticket: TicketId, violation: Violation, now: dt.datetime, witness: messages.Body | None
) -> ViolationRow:
    identity = f"{ticket}\x1f{step.change.id}\x1f{violation.fingerprint}"
    agreement = (step.change.registry or {}).get("agreement")
    return ViolationRow(
        id=hashlib.sha256(identity.encode()).hexdigest()[:24],
        ticket=ticket,
        change=step.change.id,
        fingerprint=violation.fingerprint,
        dataset=violation.dataset,
        consumer=str(violation.subscription.consumer),
        subscription=violation.subscription.name,
        rule=violation.rule,
        path=str(violation.path),
        # What stood when it held: a closed shape is measured against it when it is looked at again.
        document={
            **messages.violation(violation, agreement, witness, origin(step.change.origin)),
            "announcement": step.announced.get(violation.subscription.name),
            BASELINE: step.row.last,
            CLAUSE: recorded(violation),
        },
        at=now,
    )
