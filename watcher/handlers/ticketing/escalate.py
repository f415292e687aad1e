"""Escalate: what the clock owes a ticket: the next of the ladder is told, a waiver that is over comes back, loudly."""

from __future__ import annotations

import datetime as dt

import structlog

from watcher.followup.ladder import position
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.telling.holdings import all_told
from watcher.handlers.telling.messages import moment
from watcher.handlers.telling.post import Post, address
from watcher.handlers.ticketing.life import Life
from watcher.handlers.ticketing.waiving import Waiving
from watcher.model.domain import TicketRoute
from watcher.model.ticket import Ticket, TicketState, Verb
from watcher.ports import Transaction

log = structlog.get_logger(__name__)


def climb(tx: Transaction, judgement: Judgement, now: dt.datetime, limit: int = 100) -> int:
    """Do what is due for tickets; how many deliveries were wished.

    Of several steps that were missed only the next is told: each who is told has their own time to act.
    """
    due_at = tx.next_due_ticket()
    if due_at is None or due_at > now:
        return 0
    tx.hold_chain()
    return sum(_Turn(tx, judgement, now).look(ticket) for ticket in tx.due_tickets(now, limit))


class _Turn:
    """One ticket's turn."""

    def __init__(self, tx: Transaction, judgement: Judgement, now: dt.datetime) -> None:
        self._tx = tx
        self._judgement = judgement
        self._now = now
        self._life = Life(tx, judgement, now)
        self._post = Post(tx, judgement, now)

    def look(self, ticket: Ticket) -> int:
        if ticket.state is TicketState.WAIVED:
            self._expire(ticket)
        else:
            self._tell_next(ticket)
        return self._post.send()

    def _tell_next(self, ticket: Ticket) -> None:
        domain = self._judgement.catalogue().domain(ticket.domain)
        moves = self._tx.ticket_moves(ticket.id)
        state = position(domain, ticket, moves, self._now, default=self._judgement.policy.ladder)
        if state.rung is None or state.due_at is None or not state.is_due(self._now):
            self._life.schedule(ticket)
            return
        rung = state.rung
        routes = self._reached(rung.to, ticket)
        details = {
            "rung": state.next_rung,
            "to": rung.to,
            "episode": ticket.reopened,
            "due_at": moment(state.due_at),
            "reached": [one.channel for one in routes],
        }
        reason = self._why(ticket)
        moved, move = self._life.move(ticket, Verb.ESCALATE, reason=reason, details=details)
        told = all_told(self._tx.open_violations(ticket.id))
        occasion = f"rung {ticket.reopened}.{state.next_rung}"
        self._post.escalated(routes, moved, move, told, occasion)
        log.warning("ticket.escalated", ticket=ticket.id, domain=ticket.domain, rung=state.next_rung, to=rung.to)

    def _why(self, ticket: Ticket) -> str:
        if ticket.acknowledged_at is None:
            by = f", promised by {moment(ticket.acknowledge_by)}" if ticket.acknowledge_by else ""
            return f"nobody has acknowledged it since {moment(ticket.episode_at or ticket.opened_at)}{by}"
        by = moment(ticket.fix_by) if ticket.fix_by else "the deadline"
        return f"it was acknowledged, and is not fixed by {by}"

    def _reached(self, written: str, ticket: Ticket) -> list[TicketRoute]:
        """Whom a step of the ladder means; one that names nobody goes to the fallback, and is said loudly."""
        route = address(written)
        if route.channel in self._judgement.policy.channels:
            return [route]
        log.error(
            "ladder.nobody",
            ticket=ticket.id,
            domain=ticket.domain,
            to=written,
            mend="name a channel of the settings, and whom it is to reach in it: `slack:#checkout-leads`",
        )
        fallback = self._judgement.fallback
        return [] if fallback is None else [TicketRoute(fallback)]

    def _expire(self, ticket: Ticket) -> None:
        """A waiver is over: what still is broken is the domain's work again."""
        waiving = Waiving(self._tx, self._judgement, self._now, self._post)
        if waiving.end(ticket, "its end came"):
            waiving.back(ticket, Verb.EXPIRE, "the waiver is over, and the break persists")
        else:
            self._life.schedule(ticket)
