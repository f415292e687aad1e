"""What the ledger shows to people and machines: newest first, never more rows than asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, Table, func, select

from watcher.ledger import nouns
from watcher.ledger.columns import shortened
from watcher.ledger.part import Part
from watcher.ledger.tables import (
    DEAD,
    OPEN,
    PENDING,
    UNREADABLE,
    UNSETTLED,
    attempts,
    blind_spots,
    changes,
    datasets,
    deliveries,
    events,
    healings,
    read_positions,
    ticket_moves,
    ticket_standings,
    tickets,
    violations,
)
from watcher.model.dataset import DatasetName
from watcher.model.delivery import DeliveryId, DeliveryState
from watcher.model.ticket import Ticket, TicketId, TicketMove
from watcher.ports import (
    AttemptRow,
    BlindSpotRow,
    ChangeRow,
    DatasetRow,
    DeliveryRow,
    EventRow,
    HealingRow,
    ReadPosition,
    ViolationRow,
)

_STATES = {DeliveryState.PENDING: PENDING, DeliveryState.DEAD: DEAD}
"""Those that have an index of their own; delivered ones are most of the table."""


class SqlViews(Part):
    """`Views` as queries."""

    def list_changes(self, limit: int = 100, *, dataset: str | None = None) -> Sequence[ChangeRow]:
        """Judged steps."""
        query = select(changes).order_by(changes.c.number.desc()).limit(limit)
        if dataset is not None:
            query = query.where(changes.c.dataset == dataset)
        return [nouns.change(row) for row in self._connection.execute(query)]

    def change(self, change: str) -> ChangeRow | None:
        """One judged step, by its id."""
        found = self._connection.execute(select(changes).where(changes.c.id == change)).first()
        return None if found is None else nouns.change(found)

    def changes_between(self, since: dt.datetime, until: dt.datetime) -> Iterator[ChangeRow]:
        """Judged steps from `since` to before `until`, oldest first, however many."""
        query = select(changes).where(changes.c.at >= since, changes.c.at < until).order_by(changes.c.number)
        for row in self._connection.execute(query):
            yield nouns.change(row)

    def list_tickets(
        self, limit: int = 100, *, domain: str | None = None, unsettled_only: bool = False
    ) -> Sequence[Ticket]:
        """Tickets."""
        query = tickets_with_standing().order_by(tickets.c.number.desc()).limit(limit)
        if domain is not None:
            query = query.where(tickets.c.domain == domain)
        if unsettled_only:
            query = query.where(UNSETTLED)
        return [nouns.ticket(row) for row in self._connection.execute(query)]

    def ticket(self, ticket: TicketId) -> Ticket | None:
        """One ticket."""
        found = self._connection.execute(tickets_with_standing().where(tickets.c.id == ticket)).first()
        return None if found is None else nouns.ticket(found)

    def ticket_moves(self, ticket: TicketId) -> Sequence[TicketMove]:
        """A ticket's life, oldest first."""
        query = select(ticket_moves).where(ticket_moves.c.ticket == ticket).order_by(ticket_moves.c.number)
        return [nouns.move(row) for row in self._connection.execute(query)]

    def list_violations(self, limit: int = 100) -> Sequence[tuple[ViolationRow, HealingRow | None]]:
        """Violations, each with its healing where there is one."""
        query = (
            select(violations, healings)
            .outerjoin_from(violations, healings, healings.c.violation == violations.c.id)
            .order_by(violations.c.number.desc())
            .limit(limit)
        )
        return [nouns.healed_violation(row) for row in self._connection.execute(query)]

    def list_deliveries(self, limit: int = 100, *, state: DeliveryState | None = None) -> Sequence[DeliveryRow]:
        """Deliveries."""
        one = deliveries.c
        query = select(
            one.id, one.channel, one.type, one.key, one.body, one.created_at, one.attempts, one.route, one.ticket,
            one.state, one.due_at, one.settled_at, one.last_error,
        ).order_by(one.number.desc()).limit(limit)  # fmt: skip
        if state is not None:
            query = query.where(_STATES.get(state, one.state == state))
        return [nouns.delivery_row(row) for row in self._connection.execute(query)]

    def list_attempts(self, delivery: DeliveryId) -> Sequence[AttemptRow]:
        """The tries of one delivery, oldest first."""
        query = select(attempts).where(attempts.c.delivery == delivery).order_by(attempts.c.number)
        return [nouns.attempt(row) for row in self._connection.execute(query)]

    def list_unreadable(self, limit: int = 100) -> Sequence[EventRow]:
        """Records that could not be understood."""
        one = events.c
        newest = (one.at.desc(), one.source, one.partition, one.offset.desc())
        query = select(events).where(UNREADABLE).order_by(*newest).limit(limit)
        return [nouns.event(row) for row in self._connection.execute(query)]

    def list_blind_spots(self, limit: int = 100, *, open_only: bool = False) -> Sequence[BlindSpotRow]:
        """Blind spots, those that were found last first."""
        query = select(blind_spots).order_by(blind_spots.c.number.desc()).limit(limit)
        if open_only:
            query = query.where(OPEN)
        return [nouns.blind_spot(row) for row in self._connection.execute(query)]

    def dataset(self, name: DatasetName) -> DatasetRow | None:
        """What is known of one dataset; nobody is kept from changing it."""
        found = self._connection.execute(select(datasets).where(datasets.c.dataset == shortened(name))).first()
        return None if found is None else nouns.dataset(found)

    def list_datasets(self, limit: int = 100) -> Sequence[DatasetRow]:
        """Datasets, those that moved last first."""
        query = select(datasets).order_by(datasets.c.moved_at.desc(), datasets.c.dataset).limit(limit)
        return [nouns.dataset(row) for row in self._connection.execute(query)]

    def list_positions(self) -> Sequence[tuple[str, int, ReadPosition]]:
        """How far each partition of each source has been read."""
        query = select(read_positions).order_by(read_positions.c.source, read_positions.c.partition)
        return [
            (source, partition, ReadPosition(next_offset, baseline_until))
            for source, partition, next_offset, baseline_until in self._connection.execute(query)
        ]

    def counts(self) -> Mapping[str, int]:
        """How many of each there are; one statement, which reads indexes where it can."""
        asked = {
            "events": _count(events),
            "unreadable": _count(events).where(UNREADABLE),
            "blind_spots": _count(blind_spots).where(OPEN),
            "datasets": _count(datasets),
            "changes": _count(changes),
            "tickets": _count(tickets),
            "unsettled_tickets": _count(ticket_standings).where(UNSETTLED),
            "deliveries": _count(deliveries),
            "pending": _count(deliveries).where(PENDING),
            "dead": _count(deliveries).where(DEAD),
        }
        query = select(*(count.scalar_subquery().label(name) for name, count in asked.items()))
        return dict(self._connection.execute(query).one()._mapping)  # noqa: SLF001 - its public name, by documentation


def tickets_with_standing(*, outer: bool = False) -> Select[Any]:
    """Tickets joined to where they stand, as `nouns.ticket` reads them; `outer`: those too that stand nowhere."""
    standing = ticket_standings.c
    ticket = tickets.c
    return select(
        ticket.id, ticket.domain, ticket.dataset, ticket.opened_at, ticket.follows,
        standing.state, standing.changed_at, standing.reopened, standing.severity, standing.episode_at,
        standing.acknowledged_at, standing.acknowledge_by, standing.fix_by, standing.look_at,
    ).join_from(tickets, ticket_standings, standing.ticket == ticket.id, isouter=outer)  # fmt: skip


def _count(table: Table) -> Select[Any]:
    return select(func.count()).select_from(table)
