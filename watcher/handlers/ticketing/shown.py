"""Shown: a ticket as it stands now, in the words that its domain is told; for whoever opens its page."""

from __future__ import annotations

from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.telling import messages
from watcher.handlers.telling.holdings import all_told
from watcher.model.ticket import TicketId, TicketState
from watcher.ports import Transaction


def shown(tx: Transaction, judgement: Judgement, ticket_id: TicketId) -> messages.Body | None:
    """What is told of the ticket; None where there is none. A settled one shows all that it ever held."""
    ticket = tx.ticket(ticket_id)
    if ticket is None:
        return None
    moves = tx.ticket_moves(ticket.id)
    settled = ticket.state is TicketState.RESOLVED
    rows = tx.ticket_violations(ticket.id) if settled else tx.open_violations(ticket.id)
    return messages.ticket(
        ticket,
        moves[-1],
        all_told(rows),
        change=next((row.change for row in reversed(rows)), None),
        owner=judgement.catalogue().domain(ticket.domain),
        moves=moves,
    )
