"""Manners: when a channel may be told of a ticket; people have quiet hours and digests, trackers hear all at once."""

from __future__ import annotations

import datetime as dt

from watcher.followup.quiet import Manner, tell_at, telling
from watcher.handlers.judging.judgement import Judgement
from watcher.model.delivery import MessageType
from watcher.model.domain import TicketRoute
from watcher.model.ticket import Ticket

GATHERED = frozenset(
    {
        MessageType.TICKET_OPENED,
        MessageType.TICKET_UPDATED,
        MessageType.TICKET_MOVED,
        MessageType.TICKET_RESOLVED,
    }
)
"""What a digest tells in place of single messages; what comes back and each step of a ladder is told by itself."""


def allowed(
    judgement: Judgement, ticket: Ticket, route: TicketRoute, what: MessageType, now: dt.datetime
) -> dt.datetime | None:
    """From when on a channel may be told of a ticket of this domain; None: with the domain's digest, not by itself."""
    domain = judgement.catalogue().domain(ticket.domain)
    if domain is None or route.channel in judgement.policy.trackers:
        return now
    found = telling(domain, ticket.severity, now)
    if found.manner is not Manner.DIGEST:
        return found.at
    return None if what in GATHERED else tell_at(domain.calendar, ticket.severity, now)
