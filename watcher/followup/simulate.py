"""Simulate: which rungs of a ladder would have been told of a ticket whose life is known, had it been the ladder then.

What people did stays as it was: whoever acknowledged after two days did so, though a rung after one day might have made
them do it sooner. So it says how often a ladder would have spoken, and not how people would have answered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from watcher.followup.deadlines import due
from watcher.followup.ladder import position
from watcher.model.contract import Criticality
from watcher.model.domain import DomainRecord, Rung
from watcher.model.ticket import BEGINNINGS, WATCHER, Ticket, TicketMove, TicketState, Verb


@dataclass(frozen=True, slots=True)
class WouldTell:
    """A rung that would have been told: in which of the ticket's episodes (from 0), which, when, and to whom."""

    episode: int
    rung: int
    at: dt.datetime
    to: str


def climbed(
    domain: DomainRecord | None,
    ticket: Ticket,
    moves: Sequence[TicketMove],
    until: dt.datetime,
    *,
    default: Sequence[Rung] = (),
) -> tuple[WouldTell, ...]:
    """The rungs that would have been told before `until`, in order, by a daemon that is never late. Total.

    `moves` is the ticket's whole life; the rungs that were really told are left out of it.
    """
    return tuple(_climbed(domain, ticket, moves, until, default))


def _climbed(
    domain: DomainRecord | None,
    ticket: Ticket,
    moves: Sequence[TicketMove],
    until: dt.datetime,
    default: Sequence[Rung],
) -> Iterator[WouldTell]:
    real = [move for move in moves if move.verb is not Verb.ESCALATE and move.at < until]
    known: list[TicketMove] = []
    episode = -1
    then = ticket
    for index, move in enumerate(real):
        known.append(move)
        if _begins(move):
            episode += 1
        then = _as_it_was(domain, then, move)
        ends = real[index + 1].at if index + 1 < len(real) else until
        while True:
            stands = position(domain, then, known, known[-1].at, default=default)
            if stands.rung is None or stands.next_rung is None or stands.due_at is None:
                break
            at = max(stands.due_at, known[-1].at)
            if at >= ends:
                break
            yield WouldTell(episode, stands.next_rung, at, stands.rung.to)
            known.append(_told(known[-1], at, stands.next_rung, stands.rung.to))


def _begins(move: TicketMove) -> bool:
    return move.verb in BEGINNINGS


def _as_it_was(domain: DomainRecord | None, ticket: Ticket, move: TicketMove) -> Ticket:
    """The ticket after a move: its severity then, and what this domain would have promised for it."""
    severity = ticket.severity
    written = (move.details or {}).get("severity")
    if isinstance(written, str) and written in set(Criticality):
        severity = Criticality(written)
    begun = move.at if _begins(move) else ticket.episode_at or ticket.opened_at
    promised = due(domain, severity, begun)
    return replace(
        ticket,
        state=move.after,
        severity=severity,
        episode_at=begun,
        acknowledge_by=promised.acknowledge_by,
        fix_by=promised.fix_by,
    )


def _told(last: TicketMove, at: dt.datetime, rung: int, to: str) -> TicketMove:
    state: TicketState = last.after
    details = {"rung": rung, "to": to}
    return TicketMove(last.ticket, state, state, at, WATCHER, "simulated", verb=Verb.ESCALATE, details=details)
