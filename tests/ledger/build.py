"""Builders of what the ledger holds: a test names only what it is about."""

import datetime as dt
from dataclasses import replace
from typing import Any

from watcher.model.dataset import DatasetName, Domain, Position, Subject
from watcher.model.delivery import Delivery, DeliveryId, MessageType
from watcher.model.observation import StoredSchema
from watcher.model.schema import Fingerprint, Format
from watcher.model.ticket import Ticket, TicketId, TicketMove, TicketState, Verb
from watcher.ports import (
    AttemptRow,
    ChangeRow,
    DatasetRow,
    EventRow,
    HealingRow,
    ReadPosition,
    Transaction,
    ViolationRow,
)

NOW = dt.datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=dt.UTC)
"""To the microsecond, and in an hour that some clocks skip."""
SECOND = dt.timedelta(seconds=1)
ORDERS = DatasetName("kafka://prod/orders")
CHECKOUT = Domain("checkout")


def at(offset: int) -> Position:
    return Position("registry", 0, offset)


def begun(tx: Transaction, next_offset: int = 0) -> None:
    """Reading has begun at this offset."""
    tx.begin_reading("registry", 0, ReadPosition(next_offset, 0))


def an_event(offset: int = 0, **told: Any) -> EventRow:
    row = EventRow(at(offset), "schema", Subject("orders-value"), "applied", None, None, NOW - SECOND, NOW)
    return replace(row, **told)


def an_unreadable(offset: int = 0, **told: Any) -> EventRow:
    words = {"outcome": "unreadable", "reason_kind": "malformed-json", "reason": "it ends early"}
    return an_event(offset, **(words | told))


def a_schema(name: str = "a", text: str = '"string"', **told: Any) -> StoredSchema:
    return replace(StoredSchema(Fingerprint(f"schema-{name}"), Format.AVRO, text), **told)


def a_dataset(name: str = ORDERS, **told: Any) -> DatasetRow:
    row = DatasetRow(
        dataset=DatasetName(name),
        source="registry",
        subject=Subject("orders-value"),
        current=Fingerprint("schema-b"),
        current_version=2,
        judged=Fingerprint("schema-a"),
        judged_version=1,
        level="BACKWARD",
        blocked=None,
        due_at=None,
        position=at(7),
        moved_at=NOW - SECOND,
    )
    return replace(row, **told)


def a_change(id_: str = "change-1", **told: Any) -> ChangeRow:
    row = ChangeRow(
        id=id_,
        dataset=ORDERS,
        subject=Subject("orders-value"),
        domain=CHECKOUT,
        before=Fingerprint("schema-a"),
        after=Fingerprint("schema-b"),
        before_version=1,
        after_version=2,
        changes=[{"kind": "field-removed", "path": "amount"}],
        verdicts=[{"consumer": "finance", "outcome": "broken", "reasons": []}],
        position=at(7),
        at=NOW,
    )
    return replace(row, **told)


def a_ticket(id_: str = "T-1", **told: Any) -> Ticket:
    return replace(Ticket(TicketId(id_), CHECKOUT, ORDERS, TicketState.OPEN, NOW, NOW), **told)


OPEN, ACKNOWLEDGED, RESOLVED = TicketState.OPEN, TicketState.ACKNOWLEDGED, TicketState.RESOLVED
VERBS = {
    (None, OPEN): Verb.OPEN,
    (OPEN, ACKNOWLEDGED): Verb.ACKNOWLEDGE,
    (OPEN, TicketState.DISPUTED): Verb.DISPUTE,
    (TicketState.DISPUTED, ACKNOWLEDGED): Verb.REJECT,
    (OPEN, RESOLVED): Verb.RESOLVE,
    (ACKNOWLEDGED, RESOLVED): Verb.RESOLVE,
    (OPEN, TicketState.WAIVED): Verb.WAIVE,
    (ACKNOWLEDGED, TicketState.WAIVED): Verb.WAIVE,
    (RESOLVED, TicketState.WAIVED): Verb.WAIVE,
    (TicketState.WAIVED, OPEN): Verb.EXPIRE,
    (RESOLVED, OPEN): Verb.REOPEN,
}


def a_move(
    ticket: str = "T-1",
    before: TicketState | None = None,
    after: TicketState = TicketState.OPEN,
    moved_at: dt.datetime = NOW,
) -> TicketMove:
    verb = VERBS[before, after]
    proof = {"schema": "schema-b"}
    return TicketMove(TicketId(ticket), before, after, moved_at, "watcher", "for a reason", proof, verb)


def open_ticket(tx: Transaction, id_: str = "T-1", **told: Any) -> Ticket:
    ticket = a_ticket(id_, **told)
    tx.add_ticket(ticket, a_move(id_, moved_at=ticket.changed_at))
    return ticket


def a_violation(id_: str = "violation-1", ticket: str = "T-1", **told: Any) -> ViolationRow:
    row = ViolationRow(
        id=id_,
        ticket=TicketId(ticket),
        change="change-1",
        fingerprint="f00d",
        dataset=ORDERS,
        consumer="finance/revenue",
        subscription="revenue-close-orders",
        rule="field-removed",
        path="total.amount",
        document={"message": "gone"},
        at=NOW,
    )
    return replace(row, **told)


def a_healing(violation: str = "violation-1", **told: Any) -> HealingRow:
    return replace(HealingRow(violation, "change-2", {"schema": "schema-c"}, NOW + SECOND), **told)


def a_delivery(id_: str = "delivery-1", **told: Any) -> Delivery:
    row = Delivery(DeliveryId(id_), "hook", MessageType.TICKET_OPENED, ORDERS, {"ticket": "T-1"}, NOW)
    return replace(row, **told)


def an_attempt(delivery: str = "delivery-1", number: int = 1, **told: Any) -> AttemptRow:
    return replace(AttemptRow(DeliveryId(delivery), number, "delivered", "202 Accepted", NOW + SECOND), **told)
