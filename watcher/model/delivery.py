"""Deliveries: a message to one receiver (a wish with a stable id), and the attempts to bring it there."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    TICKET_MOVED = "ticket.moved"
    """Somebody acknowledged, started, disputed, decided, waived, snoozed, or said something."""
    TICKET_ESCALATED = "ticket.escalated"
    CONSUMER_NOTICE = "consumer.notice"
    CONSUMER_RELIEVED = "consumer.relieved"
    CONSUMER_WAIVED = "consumer.waived"
    CONTRACT_UNSOUND = "contract.unsound"
    ANNOUNCEMENT_ASKED = "announcement.asked"
    ANNOUNCEMENT_ANSWERED = "announcement.answered"
    ANNOUNCEMENT_DECIDED = "announcement.decided"
    DIGEST = "digest.made"
    SCORECARD = "scorecard.made"
    DATASETS_UNOWNED = "datasets.unowned"
    DISPUTES_UNDECIDED = "disputes.undecided"
    ADDRESS_STALE = "address.stale"


ABOUT_TICKETS = frozenset(
    {
        MessageType.TICKET_OPENED,
        MessageType.TICKET_UPDATED,
        MessageType.TICKET_RESOLVED,
        MessageType.TICKET_REOPENED,
        MessageType.TICKET_MOVED,
        MessageType.TICKET_ESCALATED,
    }
)
"""What is told of one ticket: a tracker keeps one item for all of it."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A ticket's mirror at a receiver: its id there, where a person sees it, and what else the channel must know."""

    id: str
    url: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one channel: `id` stays the same over all attempts, so that a receiver can de-duplicate.

    `body` is the message's data as JSON; `key` orders messages about the same thing (the dataset). `route` is what the
    document that named the channel says beside it: a project, or `to`, an address in the channel.
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
    route: Mapping[str, str] = field(default_factory=dict)
    ticket: str | None = None
    """The ticket that it is about, where it is about one."""
    remote: Remote | None = None
    """The ticket's mirror at the receiver, where one is known."""
    doubtful: bool = False
    """A mirror may have been made of which we do not know: it is searched for before another is made."""


def place(channel: str, route: Mapping[str, str]) -> str:
    """Where a ticket has one mirror: the channel, and what of the route tells two places of it apart."""
    return "\x1f".join((channel, *(f"{key}={route[key]}" for key in sorted(route))))


def addressees(to: str) -> tuple[str, ...]:
    """Those whom one `to` names: one, or several with commas between them."""
    return tuple(one for one in re.split(r"[,;\s]+", to) if one)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it; `remote` is the ticket's mirror, where it is new or has changed.

    `without` are those of several addressees who do not have it and never will, each with the receiver's words.
    """

    detail: str = ""
    remote: Remote | None = None
    without: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Postponed:
    """It did not arrive, or not whole, and may later; `retry_after` is the receiver's own wish."""

    reason: str
    retry_after: dt.timedelta | None = None
    remote: Remote | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The receiver will never take it as it is: a dead letter. `stale`: because there is nobody at that address."""

    reason: str
    stale: bool = False


Answer: TypeAlias = Delivered | Postponed | Refused
