"""Tickets: a step's violations become one ticket of the producing domain, and close it again by proof."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Any

import structlog

from watcher.followup.severity import BUDGET_SPENT, Weight, outweighs, weigh
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.step import BASELINE, Step
from watcher.handlers.scoring.scores import budget_of
from watcher.handlers.telling.holdings import all_told, hold
from watcher.handlers.telling.post import Post
from watcher.handlers.ticketing.life import Life
from watcher.handlers.ticketing.waiving import Waiving
from watcher.model.contract import Expectation, Subscription
from watcher.model.dataset import Domain
from watcher.model.delivery import MessageType
from watcher.model.domain import UNOWNED
from watcher.model.ticket import Ticket, TicketId, TicketMove, TicketState, Verb, last_change
from watcher.model.verdict import DatasetState, Outcome
from watcher.ports import DatasetRow, HealingRow, Transaction, ViolationRow
from watcher.rules.evaluate import judge as judge_expectation
from watcher.rules.evaluate import print_of
from watcher.rules.wants import aspect

log = structlog.get_logger(__name__)

OPENED = MessageType.TICKET_OPENED
REOPENED = MessageType.TICKET_REOPENED

EVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class TicketDesk:
    """Where one transaction's verdicts become moves of tickets, and wishes to tell of them."""

    def __init__(self, tx: Transaction, judgement: Judgement, now: dt.datetime) -> None:
        self._tx = tx
        self._judgement = judgement
        self._now = now
        self._life = Life(tx, judgement, now)

    def settle(self, step: Step) -> int:
        """Heal what the step mended, ticket what it broke; how many deliveries were wished."""
        post = Post(self._tx, self._judgement, self._now)
        if step.violations:
            self._tx.hold_chain()
        looked_at = self._heal(step.row, step.after, step.change.id)
        self._break(step, looked_at, post)
        self._close(looked_at, step.row, step.change.id, post)
        return post.send()

    def reassess(self, row: DatasetRow, state: DatasetState) -> int:
        """Heal what the contracts in force no longer ask for; how many deliveries were wished."""
        post = Post(self._tx, self._judgement, self._now)
        looked_at = self._heal(row, state, "")
        self._close(looked_at, row, f"contracts at {self._now.isoformat()}", post)
        return post.send()

    def persisting(self, ticket: Ticket) -> list[ViolationRow]:
        """What of a ticket still is so, judged at this moment; what is over is recorded as that."""
        row = self._tx.dataset(ticket.dataset)  # not locked: whoever changes it meanwhile looks at the ticket itself
        if row is None:
            return list(self._tx.open_violations(ticket.id))
        return self._look(ticket, self._judgement.standing(self._tx, row), "").still

    def _heal(self, row: DatasetRow, state: DatasetState, change: str) -> dict[TicketId, _LookedAt]:
        """Look at each open violation of the dataset again, and record those that are over."""
        living = self._living(row)
        if living:
            self._tx.hold_chain()
            living = self._living(row)  # somebody may have moved them until then
        return {ticket.id: self._look(ticket, state, change) for ticket in living}

    def _living(self, row: DatasetRow) -> list[Ticket]:
        return [*self._tx.unsettled_tickets(row.dataset), *self._tx.waived_tickets(row.dataset)]

    def _look(self, ticket: Ticket, state: DatasetState, change: str) -> _LookedAt:
        one, healings = _LookedAt(ticket), []
        for violation in self._tx.open_violations(ticket.id):
            proof = self._proof(violation, state)
            if proof is None:
                one.still.append(violation)
            else:
                one.mended.append(violation)
                healings.append(HealingRow(violation.id, change, proof, self._now))
        self._tx.add_healings(healings)
        return one

    def _proof(self, violation: ViolationRow, state: DatasetState) -> dict[str, Any] | None:
        """Why the violation is over, or None where it is not."""
        subscription = self._judgement.catalogue().subscription(violation.subscription)
        if subscription is None and not self._judgement.whole():
            return None
        if subscription is None or not subscription.in_force(self._now.date()):
            return {"because": "the contract is no longer in force"}
        expectation = _expectation(subscription, violation)
        if expectation is None:
            return {"because": "the contract no longer asks for it"}
        if state.unreadable is not None:
            return None
        baseline = None
        measured = violation.document.get(BASELINE)
        if measured is not None:
            baseline = self._judgement.state(self._tx, measured, None).schema
        verdict = judge_expectation(expectation, state, baseline)
        if verdict.outcome is Outcome.HOLDS:
            return {"because": "the expectation holds again", "seen": verdict.seen}
        if violation.document["outcome"] == Outcome.UNKNOWN.value and verdict.outcome is Outcome.BROKEN:
            return {"because": "what was unknown is known now: it is broken", "seen": verdict.seen}
        return None

    def _break(self, step: Step, looked_at: dict[TicketId, _LookedAt], post: Post) -> None:
        standing_prints = {violation.fingerprint for one in looked_at.values() for violation in one.still}
        waiving = Waiving(self._tx, self._judgement, self._now, post)
        for waived, rows in waiving.hold_again(step, standing_prints).values():
            seen = looked_at.setdefault(waived.id, _LookedAt(waived))
            seen.ticket, seen.told = waived, True
            seen.still.extend(rows)
        fresh = [
            one
            for one in step.violations
            if one.fingerprint not in standing_prints
            and (one.fingerprint not in step.excused or one.fingerprint in waiving.at_large)
        ]
        if not fresh:
            return
        domain = step.owner.name if step.owner else UNOWNED
        mine = (one for one in looked_at.values() if one.ticket.domain == domain)
        standing = next((one for one in mine if one.ticket.state is not TicketState.WAIVED), None)
        weight = weigh([one.subscription.criticality for one in fresh], self._reasons(step))
        if standing is None:
            ticket, move, what = self._open(step, domain, {one.fingerprint for one in fresh}, weight)
        else:
            ticket, what = standing.ticket, MessageType.TICKET_UPDATED
            severity = weight.severity if outweighs(weight.severity, ticket.severity) else ticket.severity
            details = {"severity": severity.value, "because": list(weight.because)}
            reason = "a further change broke what consumers rely on"
            ticket, move = self._life.move(
                ticket,
                Verb.UPDATE,
                reason=reason,
                proof={"change": step.change.id},
                details=details,
                severity=severity,
            )
        rows = hold(self._tx, self._judgement, step, ticket.id, fresh, self._now)
        if standing is not None:
            standing.ticket = ticket
            standing.still.extend(rows)
            standing.told = True
        told = all_told(rows)
        log.info(what.value, ticket=ticket.id, domain=domain, dataset=step.row.dataset, violations=len(rows))
        post.breaking_change(ticket, step, told)
        open_now = all_told(standing.still) if standing else told
        post.ticket(ticket, move, what, open_now, occasion=step.change.id, step=step)
        post.to_consumers(ticket, step, told)

    def _reasons(self, step: Step) -> Iterator[str]:
        """Why a break weighs more than what was broken."""
        yield from step.aggravated
        budget = budget_of(self._tx, step.owner, self._now)
        if budget is not None and budget.over and budget.when_spent == "escalate":
            yield BUDGET_SPENT

    def _open(
        self, step: Step, domain: Domain, fingerprints: set[str], weight: Weight
    ) -> tuple[Ticket, TicketMove, MessageType]:
        """Reopen the ticket of the same break within the window, or open a new one, which names the old one."""
        dataset, cause = step.row.dataset, {"change": step.change.id}
        details = {
            "severity": weight.severity.value,
            "because": list(weight.because),
            "ownership": step.ownership.document(),
        }
        last = self._tx.resolved_ticket(domain, dataset, EVER)
        same = last is not None and fingerprints & {one.fingerprint for one in self._tx.ticket_violations(last.id)}
        if last is not None and same and self._settled_at(last) >= self._now - self._judgement.reopen_within:
            reason = "the same break came back"
            ticket, move = self._life.move(
                last, Verb.REOPEN, reason=reason, proof=cause, details=details, severity=weight.severity
            )
            return ticket, move, REOPENED
        identity = f"{domain}\x1f{dataset}\x1f{step.change.id}"
        ticket_id = TicketId("T-" + hashlib.sha256(identity.encode()).hexdigest()[:10])
        ticket = self._life.rated(
            Ticket(
                ticket_id,
                domain,
                dataset,
                TicketState.OPEN,
                self._now,
                self._now,
                episode_at=self._now,
                follows=last.id if last is not None and same else None,
            ),
            weight.severity,
        )
        move = self._life.begin(ticket, "a change broke what consumers rely on", cause, details)
        return ticket, move, OPENED

    def _settled_at(self, ticket: Ticket) -> dt.datetime:
        """When it was last resolved: a comment afterwards lengthens no window."""
        into = last_change(self._tx.ticket_moves(ticket.id))
        return ticket.changed_at if into is None else into.at

    def _close(self, looked_at: dict[TicketId, _LookedAt], row: DatasetRow, occasion: str, post: Post) -> None:
        """Resolve the tickets of which nothing is left, with the proof; tell of those of which less is left."""
        for one in looked_at.values():
            if not one.mended or one.told:
                continue
            proof = {"schema": row.current, "version": row.current_version, "position": str(row.position)}
            if one.still:
                reason = f"{len(one.mended)} of its violations are over"
                ticket, move = self._life.move(one.ticket, Verb.UPDATE, reason=reason, proof=proof)
                told = all_told(one.still)
                post.ticket(ticket, move, MessageType.TICKET_UPDATED, told, occasion=occasion)
                continue
            reason = "every expectation holds again"
            ticket, move = self._life.move(one.ticket, Verb.RESOLVE, reason=reason, proof=proof)
            log.info("ticket.resolved", ticket=ticket.id, domain=ticket.domain, dataset=ticket.dataset)
            told = all_told(one.mended)
            post.ticket(ticket, move, MessageType.TICKET_RESOLVED, told, occasion=occasion)
            post.relieved(ticket, one.mended, occasion)


class _LookedAt:
    """One unsettled ticket while a step is settled: what is mended, what still is broken, whether it was told of."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.mended: list[ViolationRow] = []
        self.still: list[ViolationRow] = []
        self.told = False


def _expectation(subscription: Subscription, violation: ViolationRow) -> Expectation | None:
    kind = violation.document["expectation"]
    for one in subscription.clauses:
        if one.kind == kind and str(one.path) == violation.path:
            # Of several of a kind at one path, a minimum and a maximum say, it is the one of this very print.
            if not aspect(one):
                return one
            if print_of(violation.dataset, violation.rule, one, subscription) == violation.fingerprint:
                return one
    return None
