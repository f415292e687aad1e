"""Arbitration: what only a named third role decides, who that cannot be, and that what it decided stands."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.handlers.judging.judgement import Judgement
from watcher.model.errors import UsageError
from watcher.model.ticket import Ticket, Verb, last_change
from watcher.ports import Transaction


def only_a_third_role(tx: Transaction, judgement: Judgement, ticket: Ticket, by: str, what: str) -> None:
    """Refuse whoever is no arbiter, or has a side in this ticket; raises UsageError, which says who may.

    As far as documents tell: who answers for the domain that made the change, and whom a hit consumer names.
    """
    arbiters = judgement.policy.arbiters
    named = ", ".join(arbiters) or "nobody: set `arbiters` in the settings"
    if by not in arbiters:
        raise UsageError(f"ticket {ticket.id}: {what} by a third role, and {by} is none; named are {named}")
    for side in _sides(tx, judgement, ticket, by):
        raise UsageError(
            f"ticket {ticket.id}: {by} {side}, and {what} by somebody who has no side in it; named are {named}"
        )


def only_what_is_open(tx: Transaction, ticket: Ticket) -> None:
    """Refuse to open again what an arbiter found to be no break: there is nothing in it to mend. Raises UsageError."""
    last = last_change(tx.ticket_moves(ticket.id))
    if last is not None and (last.verb is Verb.UPHOLD or (last.details or {}).get("as") == "not-breaking"):
        raise UsageError(
            f"ticket {ticket.id}: {last.by} decided that it is no break ({last.reason}): it is not opened again; "
            "whoever relies on more says so in a contract"
        )


def _sides(tx: Transaction, judgement: Judgement, ticket: Ticket, by: str) -> Iterator[str]:
    """How somebody is concerned by a ticket, in words."""
    me, catalogue = by.casefold(), judgement.catalogue()
    raised = next((one for one in reversed(tx.ticket_moves(ticket.id)) if one.verb is Verb.DISPUTE), None)
    if raised is not None and raised.by.casefold() == me:
        yield "raised this dispute"
    owner = catalogue.domain(ticket.domain)
    if owner is not None and me in {(one or "").casefold() for one in (owner.accountable, owner.oncall)}:
        yield f"answers for {ticket.domain}, which made the change"
    for name in dict.fromkeys(one.subscription for one in tx.open_violations(ticket.id)):
        subscription = catalogue.subscription(name)
        if subscription is not None and me == (subscription.consumer.contact or "").casefold():
            yield f"is who {subscription.consumer} is reached by, which is hit"
