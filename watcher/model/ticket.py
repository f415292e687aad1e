"""Tickets: a breaking change as work for a domain, and the only legal moves of its life."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from typing import Any, NewType

from watcher.model.dataset import DatasetName, Domain
from watcher.model.errors import UsageError

TicketId = NewType("TicketId", str)


class TicketState(enum.StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    DISPUTED = "disputed"
    WAIVED = "waived"
    RESOLVED = "resolved"


LEGAL_MOVES: dict[TicketState, frozenset[TicketState]] = {
    TicketState.OPEN: frozenset(
        {TicketState.ACKNOWLEDGED, TicketState.DISPUTED, TicketState.WAIVED, TicketState.RESOLVED}
    ),
    TicketState.ACKNOWLEDGED: frozenset(
        {TicketState.OPEN, TicketState.DISPUTED, TicketState.WAIVED, TicketState.RESOLVED}
    ),
    TicketState.DISPUTED: frozenset(
        {TicketState.OPEN, TicketState.ACKNOWLEDGED, TicketState.WAIVED, TicketState.RESOLVED}
    ),
    TicketState.WAIVED: frozenset({TicketState.OPEN, TicketState.RESOLVED}),
    TicketState.RESOLVED: frozenset({TicketState.OPEN}),
}

UNSETTLED = frozenset({TicketState.OPEN, TicketState.ACKNOWLEDGED, TicketState.DISPUTED})
"""States in which a further break of the same dataset is added to the ticket instead of opening another."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket per producing domain and dataset, with every affected consumer in it.

    `violations` are those still broken, as JSON documents keyed by fingerprint; healed ones stay in the ledger's facts.
    """

    id: TicketId
    domain: Domain
    dataset: DatasetName
    state: TicketState
    opened_at: dt.datetime
    changed_at: dt.datetime
    reopened: int = 0


@dataclass(frozen=True, slots=True)
class TicketMove:
    """One append-only record of a ticket's life: from, to, when, by whom, why, and the proof where there is one."""

    ticket: TicketId
    before: TicketState | None
    after: TicketState
    at: dt.datetime
    by: str
    reason: str
    proof: dict[str, Any] | None = None


def check_move(ticket: TicketId, before: TicketState, after: TicketState) -> None:
    """Refuse a move that the state table does not list."""
    if after not in LEGAL_MOVES[before]:
        legal = ", ".join(sorted(LEGAL_MOVES[before]))
        raise UsageError(f"ticket {ticket} is {before}: it cannot become {after}, only {legal}")
