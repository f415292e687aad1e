"""Deliveries as the handlers wish them, to be composed: a topic, a table, and what becomes of their tickets."""

from __future__ import annotations

import datetime as dt
from typing import Any

from watcher.handlers.telling import messages, notices
from watcher.model.contract import Consumer, Criticality, Exists, HasType, Subscription, SubscriptionName
from watcher.model.dataset import DatasetName, Domain, Position, Subject
from watcher.model.delivery import Delivery, DeliveryId, MessageType
from watcher.model.domain import Calendar, DomainRecord, Rung, Span
from watcher.model.path import FieldPath
from watcher.model.schema import Format
from watcher.model.ticket import Ticket, TicketId, TicketMove, TicketState, Verb
from watcher.model.types import Integer
from watcher.model.verdict import Outcome, Violation
from watcher.ports import ChangeRow

AT = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
URL = "https://watcher.acme.example"
ORDERS = DatasetName("kafka://prod/orders")
TABLE = DatasetName("postgres://shop-db:5432/shop.public.orders")

CHECKOUT = DomainRecord(
    Domain("checkout"),
    ("kafka://prod/orders*",),
    accountable="em-checkout@acme.example",
    oncall="slack:#checkout-oncall",
    ladder=(
        Rung(Span.of(dt.timedelta(hours=4)), "slack:#checkout-leads", "unacknowledged"),
        Rung(Span.of(dt.timedelta(days=2)), "mail:vp-commerce@acme.example"),
    ),
    calendar=Calendar(timezone="Europe/Berlin"),
)


def subscription(name: str, domain: str, team: str, criticality: Criticality, dataset: DatasetName) -> Subscription:
    """Somebody who relies on `amount`."""
    consumer = Consumer(Domain(domain), team, f"#{domain}-data")
    return Subscription(
        SubscriptionName(name), consumer, dataset, (Exists(FieldPath("amount")),), criticality=criticality
    )


REVENUE = subscription("revenue-close", "finance", "revenue", Criticality.HIGH, ORDERS)
RISK = subscription("fraud-score", "risk", "scoring", Criticality.NORMAL, ORDERS)
MARTS = subscription("daily-sales", "marts", "sales", Criticality.CRITICAL, TABLE)

WITNESS: messages.Body = {
    "library": "fastavro 1.13.1",
    "before": {
        "record": {"order_id": "", "amount": 0},
        "encoded": "0000",
        "outcome": "`amount` is 0",
        "fails": False,
    },
    "after": {"record": {"order_id": ""}, "encoded": "00", "outcome": "`amount` is not there", "fails": True},
    "absent": "",
}


def violation(one: Subscription, dataset: DatasetName, was: str, **more: Any) -> messages.Body:
    """`amount` is gone, and that breaks one of them."""
    clause = HasType(FieldPath("amount"), Integer(64), "long") if one is RISK else Exists(FieldPath("amount"))
    made = Violation(
        fingerprint=f"f-{one.name}",
        subscription=one,
        dataset=dataset,
        expectation=clause,
        outcome=Outcome.BROKEN,
        rule="field-removed",
        path=FieldPath("amount"),
        wants="`amount` is long" if one is RISK else "`amount` is there",
        before=was,
        after=None,
        message="`amount` is gone: it is not there",
        change={"kind": "field-removed", "path": "amount", "before": {"name": "amount", "type": was}, "after": None},
    )
    return {**messages.violation(made, **more), "announcement": None}


def row(dataset: DatasetName, before: int | None, after: int | None, position: Position) -> ChangeRow:
    """The change that did it."""
    return ChangeRow(
        id="685bf616382011a663cf8e65",
        dataset=dataset,
        subject=Subject("orders-value"),
        domain=Domain("checkout"),
        before=None,
        after=None,
        before_version=before,
        after_version=after,
        changes=[],
        verdicts=[],
        position=position,
        at=AT,
    )


OF_TOPIC = [
    violation(REVENUE, ORDERS, "long", agreement="compatible-yet-breaking", witness=WITNESS),
    violation(RISK, ORDERS, "long", agreement="compatible-yet-breaking", witness=WITNESS),
]
OF_TABLE = [
    violation(
        MARTS,
        TABLE,
        "decimal(12,2)",
        agreement="unchecked-yet-breaking",
        caused={
            "by": "etl_role",
            "query": "ALTER TABLE orders DROP COLUMN amount",
            "because": None,
            "missed_since": None,
            "note": None,
        },
    )
]
REGISTRY: messages.Body = {
    "level": "BACKWARD",
    "policy": "STRICT",
    "compatible": True,
    "incompatibilities": [],
    "against": None,
    "reason": None,
}
UNASKED: messages.Body = {**REGISTRY, "level": None, "policy": None, "compatible": None, "reason": "no registry"}


def ticket(dataset: DatasetName, state: TicketState = TicketState.OPEN, **more: Any) -> Ticket:
    """A ticket of checkout; how much hangs on it is what the contracts on that dataset say."""
    return Ticket(
        TicketId("T-3f2a9c01b7"),
        Domain("checkout"),
        dataset,
        state,
        AT,
        AT,
        severity=MARTS.criticality if dataset == TABLE else REVENUE.criticality,
        acknowledge_by=AT + dt.timedelta(hours=4),
        fix_by=AT + dt.timedelta(days=2),
        **more,
    )


def move(verb: Verb, before: TicketState | None, after: TicketState, **more: Any) -> TicketMove:
    """One line of its record."""
    told = {"at": AT, "by": "watcher", "reason": "a change broke what consumers rely on", **more}
    return TicketMove(TicketId("T-3f2a9c01b7"), before, after, verb=verb, **told)


OPENED = move(
    Verb.OPEN,
    None,
    TicketState.OPEN,
    proof={"change": "685bf616382011a663cf8e65"},
    details={"severity": "high", "because": ["1 of 2 broken promises has the criticality high"]},
)
OPENED_FOR_MARTS = move(
    Verb.OPEN,
    None,
    TicketState.OPEN,
    proof={"change": "685bf616382011a663cf8e65"},
    details={"severity": "critical", "because": ["the contract that is broken has the criticality critical"]},
)


def delivery(what: MessageType, body: messages.Body, dataset: DatasetName = ORDERS) -> Delivery:
    """A message on its way."""
    about = body["ticket"]["id"] if isinstance(body.get("ticket"), dict) else None
    return Delivery(DeliveryId("msg_1"), "a-channel", what, str(dataset), body, AT, ticket=about)


def told(what: MessageType, one: Ticket, made: TicketMove, violations: list[messages.Body], **more: Any) -> Delivery:
    """A ticket's news."""
    body = messages.ticket(one, made, violations, owner=CHECKOUT, url=URL, **more)
    return delivery(what, body, one.dataset)


def of_topic() -> Delivery:
    """A field of a topic was removed; two consumers break."""
    return told(
        MessageType.TICKET_OPENED,
        ticket(ORDERS),
        OPENED,
        OF_TOPIC,
        change="685bf616382011a663cf8e65",
        registry=REGISTRY,
        moves=[OPENED],
        row=row(ORDERS, 6, 7, Position("registry", 0, 41)),
        format_=Format.AVRO,
    )


def of_table() -> Delivery:
    """A column was dropped by a role that the feed knows, with its statement."""
    return told(
        MessageType.TICKET_OPENED,
        ticket(TABLE),
        OPENED_FOR_MARTS,
        OF_TABLE,
        change="685bf616382011a663cf8e65",
        registry=UNASKED,
        moves=[OPENED_FOR_MARTS],
        row=row(TABLE, None, None, Position("shop-ddl", 0, 7)),
        format_=Format.SQL,
    )


def escalation() -> Delivery:
    """Nobody acknowledged it, and the second step of the ladder hears of it."""
    first = move(
        Verb.ESCALATE,
        TicketState.OPEN,
        TicketState.OPEN,
        at=AT + dt.timedelta(hours=4),
        reason="nobody has acknowledged it since 2026-11-02T09:00:00.000Z",
        details={"rung": 1, "to": "slack:#checkout-leads", "episode": 0},
    )
    second = move(
        Verb.ESCALATE,
        TicketState.OPEN,
        TicketState.OPEN,
        at=AT + dt.timedelta(days=2),
        reason="nobody has acknowledged it since 2026-11-02T09:00:00.000Z",
        details={"rung": 2, "to": "mail:vp-commerce@acme.example", "episode": 0},
    )
    return told(
        MessageType.TICKET_ESCALATED,
        ticket(ORDERS),
        second,
        OF_TOPIC,
        moves=[OPENED, first, second],
        format_=Format.AVRO,
    )


def resolution() -> Delivery:
    """The field is back, and the record proves it."""
    proof = {"schema": "3c21dd2f818224c1b101f2dd39e70c2f", "version": 8, "position": "registry/0@44"}
    done = move(
        Verb.RESOLVE,
        TicketState.ACKNOWLEDGED,
        TicketState.RESOLVED,
        at=AT + dt.timedelta(hours=7),
        reason="every expectation holds again",
        proof=proof,
    )
    return told(MessageType.TICKET_RESOLVED, ticket(ORDERS, TicketState.RESOLVED), done, OF_TOPIC, moves=[OPENED, done])


def moved(verb: Verb, after: TicketState, **more: Any) -> Delivery:
    """A person did something to it."""
    done = move(
        verb, TicketState.OPEN, after, **{"by": "em-checkout", "via": "slack", "reason": "we are on it", **more}
    )
    return told(MessageType.TICKET_MOVED, ticket(ORDERS, after), done, OF_TOPIC, moves=[OPENED, done])


def acknowledged() -> Delivery:
    """Somebody took it up an hour later."""
    done = move(
        Verb.ACKNOWLEDGE,
        TicketState.OPEN,
        TicketState.ACKNOWLEDGED,
        at=AT + dt.timedelta(hours=1),
        by="em-checkout",
        via="slack",
        reason="we are on it",
    )
    return told(
        MessageType.TICKET_MOVED,
        ticket(ORDERS, TicketState.ACKNOWLEDGED),
        done,
        OF_TOPIC,
        change="685bf616382011a663cf8e65",
        registry=REGISTRY,
        moves=[OPENED, done],
        row=row(ORDERS, 6, 7, Position("registry", 0, 41)),
        format_=Format.AVRO,
    )


def notice() -> Delivery:
    """What finance is told of it."""
    change = row(ORDERS, 6, 7, Position("registry", 0, 41))
    body = notices.consumer_notice(
        REVENUE,
        change,
        OF_TOPIC,
        TicketId("T-3f2a9c01b7"),
        owner=CHECKOUT,
        url=URL,
        fix_by=AT + dt.timedelta(days=2),
        format_=Format.AVRO,
    )
    return delivery(MessageType.CONSUMER_NOTICE, body)


LETTERS = {
    "ticket-topic": of_topic,
    "ticket-table": of_table,
    "escalation": escalation,
    "resolution": resolution,
    "notice": notice,
}
