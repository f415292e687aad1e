"""Standing: a ticket as it stands, in the words that its domain is told: the body of its letters and of its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.step import Step
from watcher.handlers.telling import messages
from watcher.handlers.telling.holdings import all_told
from watcher.model.schema import Format
from watcher.model.ticket import Ticket, TicketId, TicketMove, TicketState
from watcher.ports import ChangeRow, Transaction


def standing(  # noqa: PLR0913 - a ticket, what moved it, and how much of it is told
    tx: Transaction,
    judgement: Judgement,
    ticket: Ticket,
    move: TicketMove,
    violations: Sequence[messages.Body],
    *,
    step: Step | None = None,
    whole: bool = False,
) -> messages.Body:
    """What is told of a ticket: all of it with each move, for what shows the ticket is written anew by each.

    `step` is what moved it now, where a change did; else it is told of the last change that broke something.
    """
    moves = tx.ticket_moves(ticket.id)
    row = step.change if step else _cause(tx, moves)
    return messages.ticket(
        ticket,
        move,
        violations,
        change=row.id if row else (move.proof or {}).get("change"),
        in_use=row.in_use if row else (),
        registry=row.registry if row else None,
        owner=judgement.catalogue().domain(ticket.domain),
        moves=moves,
        url=judgement.policy.url,
        row=row,
        format_=step.after.schema.format if step and step.after.schema else _format(tx, judgement, row),
        whole=whole,
    )


def shown(tx: Transaction, judgement: Judgement, ticket_id: TicketId, now: dt.datetime) -> messages.Body | None:
    """All of a ticket at this moment, for its page; None where there is none. A settled one shows all it ever held.

    The move is the last that brought it where it stands: what was only said since is in the history.
    """
    ticket = tx.ticket(ticket_id)
    if ticket is None:
        return None
    settled = ticket.state is TicketState.RESOLVED
    rows = tx.ticket_violations(ticket.id) if settled else tx.open_violations(ticket.id)
    moves = tx.ticket_moves(ticket.id)
    brought = next((one for one in reversed(moves) if one.before is not one.after), moves[-1])
    body = standing(tx, judgement, ticket, brought, all_told(rows), whole=True)
    return {**body, "at": messages.moment(now)}


def _cause(tx: Transaction, moves: Sequence[TicketMove]) -> ChangeRow | None:
    """The last change that broke what the ticket holds."""
    named = next((one.proof["change"] for one in reversed(moves) if one.proof and one.proof.get("change")), None)
    return None if named is None else tx.change(named)


def _format(tx: Transaction, judgement: Judgement, row: ChangeRow | None) -> Format | None:
    """What the dataset's schema is written in, before or after the change."""
    for one in () if row is None else (row.after, row.before):
        schema = judgement.state(tx, one, None).schema
        if schema is not None:
            return schema.format
    return None
