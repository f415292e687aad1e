"""Waiving: what is accepted for a time: what it covers while it runs, how it is ended, and that it comes back."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Container

import structlog

from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.step import Step
from watcher.handlers.telling.holdings import all_told, carried, hold
from watcher.handlers.telling.messages import moment
from watcher.handlers.telling.post import Post
from watcher.handlers.ticketing.life import Life
from watcher.model.delivery import MessageType
from watcher.model.ticket import WATCHER, Ticket, TicketId, TicketMove, TicketState, Verb
from watcher.model.verdict import Violation
from watcher.model.waiver import Waiver, WaiverKind
from watcher.ports import Transaction, ViolationRow

log = structlog.get_logger(__name__)


class Waiving:
    """The waivers of one transaction."""

    def __init__(self, tx: Transaction, judgement: Judgement, now: dt.datetime, post: Post) -> None:
        self._tx = tx
        self._judgement = judgement
        self._now = now
        self._post = post
        self._life = Life(tx, judgement, now)
        self.at_large: set[str] = set()
        """Fingerprints under a waiver that no waived ticket can hold."""

    def grant(  # noqa: PLR0913 - what a waiver consists of
        self,
        kind: WaiverKind,
        ticket: Ticket,
        fingerprints: tuple[str, ...],
        *,
        by: str,
        reason: str,
        until: dt.datetime | None = None,
        rule: str | None = None,
        path: str | None = None,
    ) -> Waiver:
        """Record that what a ticket holds is accepted, or never was a break."""
        identity = "\x1f".join((kind.value, ticket.id, moment(self._now), rule or "", path or ""))
        waiver = Waiver(
            id="W-" + hashlib.sha256(identity.encode()).hexdigest()[:10],
            kind=kind,
            dataset=ticket.dataset,
            by=by,
            reason=reason,
            granted_at=self._now,
            until=until,
            ticket=ticket.id,
            fingerprints=fingerprints,
            rule=rule,
            path=path,
        )
        self._tx.add_waiver(waiver)
        return waiver

    def end(self, ticket: Ticket, by: str, *, all_of_them: bool = False) -> bool:
        """End a ticket's waivers, those whose time is over or all of them; whether none runs any more."""
        running = [one for one in self._tx.waivers(ticket=ticket.id) if one.ended_at is None and one.until is not None]
        ended = [one for one in running if all_of_them or not one.in_force(self._now)]
        for one in ended:
            self._tx.end_waiver(one.id, self._now, by)
        return len(ended) == len(running)

    def back(
        self, ticket: Ticket, verb: Verb, reason: str, *, by: str = WATCHER, via: str = WATCHER
    ) -> tuple[Ticket, TicketMove]:
        """What was waived is the domain's work again: as it was, or as a part of the ticket that is open beside it."""
        standing = self._beside(ticket)
        if standing is not None:
            return self._carry_over(ticket, standing, reason, by, via)
        moved, move = self._life.move(ticket, verb, reason=reason, by=by, via=via)
        told = all_told(self._tx.open_violations(ticket.id))
        occasion = f"{verb.value}d {moment(self._now)}"
        self._post.ticket(moved, move, MessageType.TICKET_REOPENED, told, occasion=occasion)
        log.warning("waiver.over", ticket=ticket.id, domain=ticket.domain, verb=verb.value, broken=len(told))
        return moved, move

    def hold_again(self, step: Step, known: Container[str]) -> dict[TicketId, tuple[Ticket, list[ViolationRow]]]:
        """What breaks again under a waiver becomes part of the ticket that is waived, so that its end brings it back.

        `known` are the fingerprints that are held already. Gives each ticket as it stands then, with its new rows.
        Where a waived ticket is over, and another is open, nothing is held: that one is where it goes (`at_large`).
        """
        if not step.excused:
            return {}
        running = {
            one.id: one
            for one in self._tx.waivers_on(step.row.dataset, self._now)
            if one.until is not None and one.ticket is not None
        }
        again: dict[str, list[Violation]] = {}
        for one in step.violations:
            waiver = step.excused.get(one.fingerprint)
            if waiver in running and one.fingerprint not in known:
                again.setdefault(waiver, []).append(one)
        held = {}
        for waiver, violations in again.items():
            ticket = self._tx.ticket(running[waiver].ticket or TicketId(""))
            if ticket is None:
                continue
            if ticket.state is TicketState.RESOLVED and self._beside(ticket):
                self.at_large |= {one.fingerprint for one in violations}
                continue
            held[ticket.id] = self._held(running[waiver], ticket, violations, step)
        return held

    def _beside(self, ticket: Ticket) -> Ticket | None:
        """The ticket of the same domain about the same dataset that is open: there is one at the most."""
        return self._tx.unsettled_ticket(ticket.domain, ticket.dataset)

    def _held(
        self, waiver: Waiver, ticket: Ticket, violations: list[Violation], step: Step
    ) -> tuple[Ticket, list[ViolationRow]]:
        rows = hold(self._tx, self._judgement, step, ticket.id, violations, self._now)
        proof = {"change": step.change.id}
        told = all_told(self._tx.open_violations(ticket.id))
        if ticket.state is not TicketState.RESOLVED:
            reason = "the same break came again, under its waiver"
            ticket, move = self._life.move(ticket, Verb.UPDATE, reason=reason, proof=proof)
            self._post.ticket(ticket, move, MessageType.TICKET_UPDATED, told, occasion=step.change.id, step=step)
            return ticket, rows
        ticket, move = self._life.move(ticket, Verb.REOPEN, reason="the same break came back", proof=proof)
        self._post.ticket(ticket, move, MessageType.TICKET_REOPENED, told, occasion=step.change.id, step=step)
        details = {"waiver": waiver.id, "until": None if waiver.until is None else moment(waiver.until)}
        reason = f"{waiver.by} has accepted it until then: {waiver.reason}"
        ticket, move = self._life.move(ticket, Verb.WAIVE, reason=reason, proof=proof, details=details)
        self._post.ticket(ticket, move, MessageType.TICKET_MOVED, told, occasion=f"waived {step.change.id}", step=step)
        return ticket, rows

    def _carry_over(
        self, waived: Ticket, standing: Ticket, reason: str, by: str, via: str
    ) -> tuple[Ticket, TicketMove]:
        """Another ticket about the dataset is open: what was waived becomes part of it."""
        rows = carried(self._tx, waived, standing, self._now)
        why = f"{waived.id} is waived no more ({reason}): what it held is part of this ticket now"
        moved, move = self._life.move(standing, Verb.UPDATE, reason=why, by=by, via=via, proof={"ticket": waived.id})
        told = all_told(self._tx.open_violations(standing.id))
        self._post.ticket(moved, move, MessageType.TICKET_UPDATED, told, occasion=f"carried {waived.id}")
        proof = {"because": "carried over", "ticket": standing.id, "violations": len(rows)}
        closed, last = self._life.move(
            waived, Verb.RESOLVE, reason=f"carried over to {standing.id}: {reason}", by=by, via=via, proof=proof
        )
        self._post.ticket(closed, last, MessageType.TICKET_RESOLVED, all_told(rows), occasion=f"carried {standing.id}")
        log.warning("waiver.over", ticket=waived.id, domain=waived.domain, verb=last.verb.value, broken=len(rows))
        return closed, last
