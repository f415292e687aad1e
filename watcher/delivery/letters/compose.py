"""Compose: a delivery becomes the letter that people read; one place for every type of message there is.

A body that another version of the watcher wished, or that is not whole, is told all the same: as it stands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from watcher.delivery.letters import compose_consumer as consumers
from watcher.delivery.letters import compose_move as moves
from watcher.delivery.letters import compose_plan as plans
from watcher.delivery.letters import compose_report as reports
from watcher.delivery.letters import compose_ticket as tickets
from watcher.delivery.letters.around import framed, sound
from watcher.delivery.letters.letter import Letter, Listing, Section, marker
from watcher.delivery.letters.wording import Body, line
from watcher.model.delivery import ABOUT_TICKETS, Delivery, MessageType

MOST_SHOWN = 20_000
"""Characters of a body that is told as it stands."""

_COMPOSERS: Mapping[MessageType, Callable[[Body], Letter]] = MappingProxyType(
    {
        MessageType.BREAKING_CHANGE: tickets.event,
        MessageType.TICKET_OPENED: tickets.opened,
        MessageType.TICKET_UPDATED: tickets.updated,
        MessageType.TICKET_REOPENED: tickets.reopened,
        MessageType.TICKET_RESOLVED: moves.resolved,
        MessageType.TICKET_MOVED: moves.moved,
        MessageType.TICKET_ESCALATED: moves.escalated,
        MessageType.CONSUMER_NOTICE: consumers.notice,
        MessageType.CONSUMER_RELIEVED: consumers.relieved,
        MessageType.CONSUMER_WAIVED: consumers.waived,
        MessageType.CONTRACT_UNSOUND: consumers.unsound,
        MessageType.ANNOUNCEMENT_ASKED: plans.asked,
        MessageType.ANNOUNCEMENT_ANSWERED: plans.answered,
        MessageType.ANNOUNCEMENT_DECIDED: plans.decided,
        MessageType.DIGEST: reports.digest,
        MessageType.SCORECARD: reports.scorecard,
        MessageType.DATASETS_UNOWNED: reports.unowned,
        MessageType.DISPUTES_UNDECIDED: reports.undecided,
        MessageType.ADDRESS_STALE: reports.stale,
    }
)

_DAMAGED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What a composer trips over where a body is not as the handlers make it."""


def compose(delivery: Delivery) -> Letter:
    """The letter of a delivery; total."""
    try:
        letter = _COMPOSERS[delivery.type](delivery.body)
    except _DAMAGED:
        letter = _as_it_stands(delivery)
    letter = framed(letter, delivery.body)
    if delivery.type not in ABOUT_TICKETS:
        return letter
    told = delivery.body.get("ticket")
    ticket = delivery.ticket or (str(told.get("id") or "") if isinstance(told, Mapping) else "")
    if not ticket:
        return letter
    mark = marker(ticket)
    standing, news = (None if one is None else replace(one, marker=mark) for one in _parted(delivery, letter))
    return replace(letter, marker=mark, standing=standing, news=news)


def _parted(delivery: Delivery, letter: Letter) -> tuple[Letter | None, Letter | None]:
    """A ticket's news in two: how it stands now, and only what is new; none where the letter itself is both."""
    if delivery.type is MessageType.TICKET_OPENED:
        return None, None
    try:
        standing, news = tickets.standing(delivery.body), moves.news(delivery.body, letter)
    except _DAMAGED:
        return None, None
    return framed(standing, delivery.body), sound(news)


def _as_it_stands(delivery: Delivery) -> Letter:
    try:
        text = json.dumps(delivery.body, ensure_ascii=False, indent=1, default=str)
    except (TypeError, ValueError, RecursionError):
        text = "It cannot be written down."
    cut = text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
    told = delivery.body.get("ticket")
    return Letter(
        title=f"{delivery.type.value}: {delivery.key.partition(chr(0x1F))[0]}",
        lead=line("This message was made by another version of the watcher; it is shown as it stands."),
        sections=(Section("The message", (Listing(cut, "json"),), brief=True),),
        severity=str(delivery.body.get("severity") or "normal"),
        state=told.get("state") if isinstance(told, Mapping) else None,
    )
