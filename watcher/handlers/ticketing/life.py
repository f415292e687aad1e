"""The life of a ticket: each move is checked against the state table, recorded, and followed by what the clock owes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from watcher.followup.deadlines import due
from watcher.followup.ladder import look_at
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.telling.messages import moment
from watcher.model.contract import Criticality
from watcher.model.errors import UsageError
from watcher.model.ticket import (
    LIFE,
    UNSETTLED,
    WATCHER,
    Ticket,
    TicketId,
    TicketMove,
    TicketState,
    Verb,
    destination,
)
from watcher.model.waiver import Waiver
from watcher.ports import Transaction

_SEEN = frozenset({TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS, TicketState.DISPUTED})


class Life:
    """Tickets' lives within one transaction."""

    def __init__(self, tx: Transaction, judgement: Judgement, now: dt.datetime) -> None:
        self._tx = tx
        self._judgement = judgement
        self._now = now

    def begin(self, ticket: Ticket, reason: str, proof: dict[str, Any], details: dict[str, Any]) -> TicketMove:
        """Open a new ticket; its severity and deadlines are the noun's."""
        told = {**details, **promises(ticket)}
        move = TicketMove(ticket.id, None, TicketState.OPEN, self._now, WATCHER, reason, proof, Verb.OPEN, details=told)
        self._tx.add_ticket(ticket, move)
        self.schedule(ticket)
        return move

    def move(  # noqa: PLR0913 - what a record of a move consists of
        self,
        ticket: Ticket,
        verb: Verb,
        *,
        reason: str,
        by: str = WATCHER,
        via: str = WATCHER,
        proof: dict[str, Any] | None = None,
        details: dict[str, Any] | None = None,
        severity: Criticality | None = None,
    ) -> tuple[Ticket, TicketMove]:
        """Move a ticket; gives it as it stands then. Raises UsageError where the state table has no such move.

        `severity` is the ticket's from now on, and its deadlines follow, counted from the episode's beginning.
        """
        after = destination(ticket.id, ticket.state, verb)
        moved = replace(ticket, state=after, changed_at=self._now)
        anew = ticket.state not in UNSETTLED and after in UNSETTLED
        weighed = severity or ticket.severity
        if anew:
            moved = replace(moved, reopened=ticket.reopened + 1, episode_at=self._now, acknowledged_at=None)
        elif ticket.acknowledged_at is None and after in _SEEN:
            moved = replace(moved, acknowledged_at=self._now)
        rated = anew or weighed is not ticket.severity
        if rated:
            moved = self.rated(moved, weighed)
        if anew:
            details = {**(details or {}), **promises(moved)}
        move = TicketMove(ticket.id, ticket.state, after, self._now, by, reason, proof, verb, via, details)
        self._tx.add_move(move, moved if rated else None)
        return self.schedule(moved), move

    def rated(self, ticket: Ticket, severity: Criticality) -> Ticket:
        """The ticket with this severity, and the deadlines that its domain promised for it."""
        domain = self._judgement.catalogue().domain(ticket.domain)
        begun = ticket.episode_at or ticket.opened_at
        promised = due(domain, severity, begun)
        return replace(ticket, severity=severity, acknowledge_by=promised.acknowledge_by, fix_by=promised.fix_by)

    def schedule(self, ticket: Ticket) -> Ticket:
        """Say when the clock next has something to do with the ticket."""
        at = self.next_look(ticket, self._tx.ticket_moves(ticket.id), self._tx.waivers(ticket=ticket.id))
        self._tx.look_at(ticket.id, at)
        return replace(ticket, look_at=at)

    def next_look(self, ticket: Ticket, moves: Sequence[TicketMove], waivers: Sequence[Waiver]) -> dt.datetime | None:
        """When the clock next has something to do with the ticket; None: never, until somebody moves it."""
        if ticket.state is TicketState.WAIVED:
            return min((one.until for one in waivers if one.until and one.ended_at is None), default=None)
        if ticket.state not in UNSETTLED:
            return None
        domain = self._judgement.catalogue().domain(ticket.domain)
        return look_at(domain, ticket, moves, self._now, default=self._judgement.policy.ladder)


def promises(ticket: Ticket) -> dict[str, str]:
    """What was promised for an episode, as the move that begins it keeps it: later ones overwrite the ticket's own."""
    promised = {"acknowledge_by": ticket.acknowledge_by, "fix_by": ticket.fix_by}
    return {name: moment(at) for name, at in promised.items() if at is not None}


def check_order(verb: Verb, by: str, reason: str, ticket: TicketId) -> None:
    """Refuse what a person may not do, or does not explain; raises UsageError, which says what to do."""
    rule = LIFE.get(verb)
    if rule is None or rule.ours:
        raise UsageError(f"`{verb}` is nothing that a person does to a ticket")
    if not by.strip():
        raise UsageError(f"ticket {ticket}: say who you are, for every move is on record")
    if rule.reason and not reason.strip():
        raise UsageError(f"ticket {ticket}: `{verb}` needs a reason, which everyone will read")
