"""Deliveries: a message to one receiver (a wish with a stable id), and the attempts to bring it there."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from typing import Any, NewType, TypeAlias

DeliveryId = NewType("DeliveryId", str)


class DeliveryState(enum.StrEnum):
    """Where a delivery stands; `dead` ones are listed, and re-driven by hand."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class MessageType(enum.StrEnum):
    """What is told."""

    BREAKING_CHANGE = "breaking_change.detected"
    TICKET_OPENED = "ticket.opened"
    TICKET_UPDATED = "ticket.updated"
    TICKET_RESOLVED = "ticket.resolved"
    TICKET_REOPENED = "ticket.reopened"
    CONSUMER_NOTICE = "consumer.notice"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one channel: `id` stays the same over all attempts, so that a receiver can de-duplicate.

    `body` is the message's data as JSON; `key` orders messages about the same thing (the dataset).
    """

    id: DeliveryId
    channel: str
    type: MessageType
    key: str
    body: dict[str, Any]
    created_at: dt.datetime
    attempts: int = 0
    """Attempts that have been made already."""
    forgiven: int = 0
    """How many of them a redrive has made good: they count no more when it is decided whether to try again."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class Postponed:
    """It did not arrive, and may later; `retry_after` is the receiver's own wish."""

    reason: str
    retry_after: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The receiver will never take it as it is: a dead letter."""

    reason: str


Answer: TypeAlias = Delivered | Postponed | Refused
