"""Documents: what the ledger holds, as plain JSON; the API, the command line and the demo show the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from watcher.followup.ladder import snoozed_until
from watcher.model.delivery import DeliveryState
from watcher.model.ticket import UNSETTLED, Ticket, TicketId, TicketMove, verbs_from
from watcher.model.waiver import Waiver
from watcher.ports import (
    BlindSpotRow,
    ChangeRow,
    DatasetRow,
    DeliveryRow,
    EventRow,
    HealingRow,
    Views,
    ViolationRow,
)

Document: TypeAlias = dict[str, Any]
Build: TypeAlias = Callable[[Views, int], Sequence[Document]]


def change(row: ChangeRow) -> Document:
    """A judged step."""
    return {
        "id": row.id,
        "dataset": row.dataset,
        "subject": row.subject,
        "domain": row.domain,
        "version": {"before": row.before_version, "after": row.after_version},
        "schema": {"before": row.before, "after": row.after},
        "changes": list(row.changes),
        "verdicts": list(row.verdicts),
        "registry": row.registry,
        "agreement": (row.registry or {}).get("agreement"),
        "versions_in_use": list(row.in_use),
        "position": str(row.position),
        "at": row.at.isoformat(),
    }


def violation(row: ViolationRow, healing: HealingRow | None) -> Document:
    """A violation, with the proof that it is over where there is one."""
    told = {key: value for key, value in row.document.items() if key not in ("baseline", "clause")}
    return {
        "id": row.id,
        "ticket": row.ticket,
        "change_id": row.change,
        "dataset": row.dataset,
        **told,
        "at": row.at.isoformat(),
        "healed": None
        if healing is None
        else {"at": healing.at.isoformat(), "change_id": healing.change, "proof": healing.proof},
    }


def ticket_row(row: Ticket, moves: Sequence[TicketMove]) -> Document:
    """A ticket in one line; of a snooze, the end of the last one, whether it has passed or not."""
    snoozed = snoozed_until(moves) if row.state in UNSETTLED else None
    return {
        "id": row.id,
        "domain": row.domain,
        "dataset": row.dataset,
        "state": row.state.value,
        "opened_at": row.opened_at.isoformat(),
        "changed_at": row.changed_at.isoformat(),
        "reopened": row.reopened,
        "severity": row.severity.value,
        "acknowledge_by": _iso(row.acknowledge_by),
        "fix_by": _iso(row.fix_by),
        "acknowledged_at": _iso(row.acknowledged_at),
        "snoozed_until": _iso(snoozed),
        "follows": row.follows,
    }


def ticket(tx: Views, ticket_id: str) -> Document | None:
    """A ticket whole: its life, what is open, and all that it ever held."""
    row = tx.ticket(TicketId(ticket_id))
    if row is None:
        return None
    open_ids = {one.id for one in tx.open_violations(row.id)}
    last = next(iter(tx.list_changes(1, dataset=row.dataset)), None)
    moves = tx.ticket_moves(row.id)
    return {
        **ticket_row(row, moves),
        "versions_in_use": [] if last is None else list(last.in_use),
        "moves": [
            {
                "before": move.before.value if move.before else None,
                "after": move.after.value,
                "at": move.at.isoformat(),
                "verb": move.verb.value,
                "by": move.by,
                "via": move.via,
                "reason": move.reason,
                "proof": move.proof,
                "details": move.details,
            }
            for move in moves
        ],
        "verbs": [verb.value for verb in verbs_from(row.state)],
        "mirrors": [
            {"channel": one.channel, "id": one.remote.id, "url": one.remote.url}
            for one in tx.mirrors(row.id)
            if one.remote is not None
        ],
        "waivers": [waiver(one) for one in tx.waivers(ticket=row.id)],
        "violations": [{**violation(one, None), "open": one.id in open_ids} for one in tx.ticket_violations(row.id)],
    }


def waiver(row: Waiver) -> Document:
    """A waiver, or the precedent of an upheld dispute."""
    return {
        "id": row.id,
        "kind": row.kind.value,
        "dataset": row.dataset,
        "by": row.by,
        "reason": row.reason,
        "granted_at": row.granted_at.isoformat(),
        "until": _iso(row.until),
        "ticket": row.ticket,
        "fingerprints": list(row.fingerprints),
        "rule": row.rule,
        "path": row.path,
        "consumer": row.consumer,
        "ended_at": _iso(row.ended_at),
        "ended_by": row.ended_by,
    }


def _iso(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def tickets(tx: Views, limit: int, *, unsettled_only: bool = False) -> Sequence[Document]:
    """Tickets, newest first, each with the consumers that it affects."""
    found = []
    for row in tx.list_tickets(limit, unsettled_only=unsettled_only):
        held = tx.ticket_violations(row.id)
        found.append(
            {
                **ticket_row(row, tx.ticket_moves(row.id)),
                "consumers": sorted({one.consumer for one in held}),
                "violations": len(held),
                "open": len(tx.open_violations(row.id)),
            }
        )
    return found


def delivery(row: DeliveryRow) -> Document:
    """A delivery with its state."""
    return {
        "id": row.delivery.id,
        "channel": row.delivery.channel,
        "type": row.delivery.type.value,
        "key": row.delivery.key,
        "state": row.state.value,
        "attempts": row.delivery.attempts,
        "created_at": row.delivery.created_at.isoformat(),
        "due_at": row.due_at.isoformat(),
        "settled_at": row.settled_at.isoformat() if row.settled_at else None,
        "last_error": row.last_error,
    }


def unreadable(row: EventRow) -> Document:
    """A record that could not be understood."""
    return {
        "position": str(row.position),
        "kind": row.reason_kind,
        "reason": row.reason,
        "record": row.kind,
        "subject": row.subject,
        "at": row.at.isoformat(),
    }


def blind_spot(row: BlindSpotRow) -> Document:
    """A change that can only have been missed, and since when."""
    return {
        "source": row.source,
        "dataset": row.dataset,
        "kind": row.kind,
        "reason": row.reason,
        "since": row.since.isoformat(),
        "found_at": row.found_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "ended_by": row.ended_by,
    }


def dataset(row: DatasetRow) -> Document:
    """A dataset as it stands."""
    return {
        "dataset": row.dataset,
        "subject": row.subject,
        "version": row.current_version,
        "schema": row.current,
        "level": row.level,
        "policy": row.policy,
        "unreadable": row.blocked,
        "waiting_until": row.due_at.isoformat() if row.due_at else None,
        "position": str(row.position),
        "moved_at": row.moved_at.isoformat(),
    }


LISTS: dict[str, Build] = {
    "changes": lambda tx, limit: [change(row) for row in tx.list_changes(limit)],
    "violations": lambda tx, limit: [violation(*pair) for pair in tx.list_violations(limit)],
    "deliveries": lambda tx, limit: [delivery(row) for row in tx.list_deliveries(limit)],
    "dead": lambda tx, limit: [delivery(row) for row in tx.list_deliveries(limit, state=DeliveryState.DEAD)],
    "unreadable": lambda tx, limit: [unreadable(row) for row in tx.list_unreadable(limit)],
    "blind-spots": lambda tx, limit: [blind_spot(row) for row in tx.list_blind_spots(limit)],
    "waivers": lambda tx, limit: [waiver(row) for row in tx.waivers(limit=limit)],
    "datasets": lambda tx, limit: [dataset(row) for row in tx.list_datasets(limit)],
}
"""The lists that look alike everywhere: name → how to build it; tickets have one of their own."""
