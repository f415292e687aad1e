"""The ledger's side of judging: datasets, changes, tickets, violations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, exists, func, or_, select, update

from watcher.ledger import nouns
from watcher.ledger.chain import Chain
from watcher.ledger.columns import shortened
from watcher.ledger.part import chunks
from watcher.ledger.tables import (
    RESOLVED,
    UNSETTLED,
    WAITING,
    changes,
    datasets,
    healings,
    ticket_moves,
    ticket_standings,
    tickets,
    violations,
)
from watcher.ledger.views import tickets_with_standing
from watcher.model.dataset import DatasetName, Domain
from watcher.model.errors import Transient, UsageError
from watcher.model.record import move_document, standing_document
from watcher.model.ticket import UNSETTLED as UNSETTLED_STATES
from watcher.model.ticket import Ticket, TicketId, TicketMove, TicketState, destination
from watcher.ports import ChangeRow, DatasetRow, HealingRow, ViolationRow

_SEEN = frozenset({TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS, TicketState.DISPUTED})
"""States in which somebody of the domain has looked at it: to dispute is to acknowledge that it was heard."""


class SqlFacts(Chain):
    """`Facts` as queries."""

    def datasets(self, names: Collection[DatasetName]) -> Mapping[DatasetName, DatasetRow]:
        """What is known of these datasets, locked in the order of their names: no two workers wait in a ring."""
        asked = {shortened(name): name for name in sorted(names)}
        known: dict[DatasetName, DatasetRow] = {}
        for piece in chunks(list(asked)):
            query = select(datasets).where(datasets.c.dataset.in_(piece)).order_by(datasets.c.dataset)
            for row in self._connection.execute(query.with_for_update()):
                found = nouns.dataset(row)
                known[asked[found.dataset]] = found
        return known

    def put_datasets(self, rows: Sequence[DatasetRow]) -> None:
        """Set what is known of datasets; of several rows of one dataset the last one counts."""
        last = {shortened(row.dataset): row for row in rows}
        self._put(datasets, [nouns.dataset_values(last[name]) for name in sorted(last)])

    def due_datasets(self, now: dt.datetime, limit: int) -> Sequence[DatasetRow]:
        """Datasets whose settle window has ended; those that another worker has in hand are left to it."""
        query = (
            select(datasets).where(WAITING, datasets.c.due_at <= now).order_by(datasets.c.due_at, datasets.c.dataset)
        ).limit(limit)
        return [nouns.dataset(row) for row in self._connection.execute(query.with_for_update(skip_locked=True))]

    def next_due_dataset(self) -> dt.datetime | None:
        """When the next settle window ends."""
        return self._connection.execute(select(func.min(datasets.c.due_at)).where(WAITING)).scalar()

    def datasets_with_open_tickets(self) -> Sequence[DatasetRow]:
        """Datasets of unsettled tickets, locked in the order of their names."""
        alive = or_(UNSETTLED, ticket_standings.c.state == TicketState.WAIVED)
        has_ticket = exists().where(alive, ticket_standings.c.dataset == datasets.c.dataset)
        query = select(datasets).where(has_ticket).order_by(datasets.c.dataset).with_for_update()
        return [nouns.dataset(row) for row in self._connection.execute(query)]

    def add_change(self, change: ChangeRow) -> bool:
        """Record a judged step; False where it is known already."""
        return self._add(changes, [nouns.change_values(change)]) == 1

    def unsettled_ticket(self, domain: Domain, dataset: DatasetName) -> Ticket | None:
        """The domain's unsettled ticket about this dataset: the tables allow one only."""
        query = tickets_with_standing().where(
            UNSETTLED, ticket_standings.c.dataset == dataset, ticket_standings.c.domain == domain
        )
        return self._ticket(query)

    def unsettled_tickets(self, dataset: DatasetName) -> Sequence[Ticket]:
        """All unsettled tickets about this dataset, oldest first, whosever they are."""
        query = (
            tickets_with_standing().where(UNSETTLED, ticket_standings.c.dataset == dataset).order_by(tickets.c.number)
        )
        return [nouns.ticket(row) for row in self._connection.execute(query)]

    def waived_tickets(self, dataset: DatasetName) -> Sequence[Ticket]:
        """All waived tickets about this dataset, oldest first."""
        waived = ticket_standings.c.state == TicketState.WAIVED
        query = tickets_with_standing().where(waived, ticket_standings.c.dataset == dataset)
        return [nouns.ticket(row) for row in self._connection.execute(query.order_by(tickets.c.number))]

    def resolved_ticket(self, domain: Domain, dataset: DatasetName, since: dt.datetime) -> Ticket | None:
        """The domain's latest ticket about this dataset that was resolved at or after `since`, and still is."""
        standing = ticket_standings.c
        query = tickets_with_standing().where(RESOLVED, standing.dataset == dataset, standing.domain == domain)
        latest = query.where(standing.changed_at >= since).order_by(standing.changed_at.desc(), tickets.c.number.desc())
        return self._ticket(latest.limit(1))

    def add_ticket(self, ticket: Ticket, move: TicketMove) -> None:
        """Open a ticket with its first move; raises UsageError where the domain has one about this dataset already."""
        self._refuse_second(ticket.id, ticket.domain, ticket.dataset, move.after)
        self._add(tickets, [nouns.ticket_values(ticket)])
        self._add(ticket_standings, [nouns.standing_values(replace(ticket, state=move.after))])
        self._add_move(move)

    def add_move(self, move: TicketMove, rated: Ticket | None = None) -> None:
        """Record a further move, if the ticket still stands where the move begins: else Transient, to be read again.

        A move that opens the ticket anew begins an episode: what was promised for the last one is over. `rated` has
        the severity and the deadlines from now on. No standing changes but by a move: its link says where it led.
        """
        standing = ticket_standings.c
        found = self._connection.execute(
            select(standing.domain, standing.dataset, standing.state, standing.acknowledged_at)
            .where(standing.ticket == move.ticket)
            .with_for_update()
        ).first()
        if found is None:
            raise UsageError(f"there is no ticket {move.ticket}")
        if found.state != move.before:
            raise Transient(f"ticket {move.ticket} is {found.state} by now, not {move.before}: it is looked at again")
        if destination(move.ticket, TicketState(found.state), move.verb) is not move.after:
            raise UsageError(f"ticket {move.ticket} is {found.state}: `{move.verb}` does not make it {move.after}")
        self._refuse_second(move.ticket, found.domain, found.dataset, move.after)
        values: dict[str, Any] = {"state": move.after, "changed_at": move.at}
        if found.state not in UNSETTLED_STATES and move.after in UNSETTLED_STATES:
            values |= {"reopened": standing.reopened + 1, "episode_at": move.at, "acknowledged_at": None}
        elif found.acknowledged_at is None and move.after in _SEEN:
            values["acknowledged_at"] = move.at
        if rated is not None:
            values |= {
                "severity": rated.severity,
                "acknowledge_by": rated.acknowledge_by,
                "fix_by": rated.fix_by,
            }
        self._connection.execute(update(ticket_standings).where(standing.ticket == move.ticket).values(**values))
        self._add_move(move)

    def _add_move(self, move: TicketMove) -> None:
        """Record a move, and in its link where the ticket stands by it: an audit holds both against the tables."""
        self._add(ticket_moves, [nouns.move_values(move)])
        stands = self._ticket(tickets_with_standing().where(tickets.c.id == move.ticket))
        told = move_document(move)
        if stands is not None:
            told["stands"] = standing_document(stands)
        self.record("ticket.moved", move.ticket, told, move.at)

    def add_violations(self, rows: Sequence[ViolationRow]) -> None:
        """Record violations; one whose id is known already is left as it is."""
        self._add(violations, [nouns.violation_values(row) for row in rows])

    def open_violations(self, ticket: TicketId) -> Sequence[ViolationRow]:
        """The ticket's violations that nothing has healed yet, oldest first."""
        healed = exists().where(healings.c.violation == violations.c.id)
        query = select(violations).where(violations.c.ticket == ticket, ~healed).order_by(violations.c.number)
        return [nouns.violation(row) for row in self._connection.execute(query)]

    def ticket_violations(self, ticket: TicketId) -> Sequence[ViolationRow]:
        """All violations that the ticket ever held, oldest first."""
        query = select(violations).where(violations.c.ticket == ticket).order_by(violations.c.number)
        return [nouns.violation(row) for row in self._connection.execute(query)]

    def add_healings(self, rows: Sequence[HealingRow]) -> None:
        """Record that violations are over; the first proof of one counts."""
        self._add(healings, [nouns.healing_values(row) for row in rows])

    def _ticket(self, query: Select[Any]) -> Ticket | None:
        found = self._connection.execute(query).first()
        return None if found is None else nouns.ticket(found)

    def _refuse_second(self, ticket: TicketId, domain: str, dataset: str, after: TicketState) -> None:
        # The unique index would refuse it as well, but not say so in words that anyone can act upon.
        if after not in UNSETTLED_STATES:
            return
        standing = ticket_standings.c
        other = self._connection.execute(
            select(standing.ticket).where(
                UNSETTLED, standing.dataset == dataset, standing.domain == domain, standing.ticket != ticket
            )
        ).scalar()
        if other is not None:
            raise UsageError(
                f"ticket {other} of {domain} about {dataset} is not settled: add to it instead of {ticket}"
            )
