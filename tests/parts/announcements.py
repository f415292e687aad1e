"""Announcements, consumers and answers for tests, each with what the test cares for and nothing else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from watcher.model.address import address_of
from watcher.model.announcement import Announcement, Answer, Asked, Deprecation, NewSchema, Planned, Word
from watcher.model.contract import Consumer, Criticality, Exists, Subscription, SubscriptionName
from watcher.model.dataset import DatasetName, Domain
from watcher.model.path import FieldPath
from watcher.model.schema import Format, SchemaText
from watcher.model.verdict import Outcome, Violation

ORDERS = DatasetName("kafka://prod/orders")
MADE = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
SINCE = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
UNTIL = dt.datetime(2026, 12, 8, tzinfo=dt.UTC)
TEXT = SchemaText(Format.AVRO, '{"type": "string"}')
PLANNED = NewSchema(TEXT, address_of(TEXT))


def days(count: float) -> dt.timedelta:
    return dt.timedelta(days=count)


def removal(path: str) -> dict[str, Any]:
    """The fact that a field is gone."""
    return {"kind": "field-removed", "path": path, "before": {"name": path, "type": "long"}, "after": None}


def invited(name: str = "finance", *, notice: float | None = None, at: dt.datetime = MADE, **more: Any) -> Asked:
    """One consumer that was asked; it may answer for its notice, or fourteen days."""
    span = None if notice is None else days(notice)
    by = at + (span or days(14))
    return Asked(SubscriptionName(name), name, Criticality.NORMAL, at, by, notice=span, **more)


def announcement(*asked: Asked, planned: Planned = PLANNED, **more: Any) -> Announcement:
    """A planned change of the orders for 1 to 8 December, or a deprecation from then on."""
    until = None if isinstance(planned, Deprecation) else UNTIL
    parts: dict[str, Any] = {"until": until, "since": SINCE, "asked": asked, "named": str(ORDERS), **more}
    return Announcement(
        "A-1", Domain("checkout"), ORDERS, planned, by="lead", reason="cents, not euros", made_at=MADE, **parts
    )


def said(word: Word, name: str = "finance", *, at: dt.datetime = MADE, **more: Any) -> Answer:
    """What one consumer answered."""
    return Answer("A-1", SubscriptionName(name), word, f"{name}-lead", at, **more)


def violation(path: str = "amount", name: str = "finance", *, notice: float | None = None, **more: Any) -> Violation:
    """A field that a consumer reads and that is gone."""
    subscription = Subscription(
        SubscriptionName(name),
        Consumer(Domain(name)),
        ORDERS,
        (Exists(FieldPath(path)),),
        notice=None if notice is None else days(notice),
    )
    parts: dict[str, Any] = {"change": removal(path), **more}
    return Violation(
        f"{name} {path}",
        subscription,
        ORDERS,
        Exists(FieldPath(path)),
        Outcome.BROKEN,
        "field-removed",
        FieldPath(path),
        "it is there",
        "long",
        None,
        f"{path} is gone",
        **parts,
    )
