"""The outbox: deliveries are rows before they are requests; workers claim them, send, and settle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Subquery, case, func, or_, select, update

from watcher.ledger import nouns, tables
from watcher.ledger.columns import shortened
from watcher.ledger.part import Part, chunks
from watcher.ledger.tables import DEAD, PENDING
from watcher.model.delivery import Delivery, DeliveryId, DeliveryState, place
from watcher.model.errors import UsageError
from watcher.model.ticket import TicketId
from watcher.ports import AttemptRow
from watcher.ports.accountability import MirrorRow

_DUE_AT = case(
    (tables.deliveries.c.leased_until > tables.deliveries.c.due_at, tables.deliveries.c.leased_until),
    else_=tables.deliveries.c.due_at,
)
"""When a pending delivery may be given next: when it is due, or when the lease on it runs out."""


class SqlOutbox(Part):
    """`Outbox` as queries. The heads of the lines are found through an index that holds pending rows only."""

    def add_deliveries(self, deliveries: Sequence[Delivery], due_at: dt.datetime) -> None:
        """Wish deliveries; one whose id is known already is left as it is."""
        self._add(tables.deliveries, [nouns.delivery_values(one, due_at) for one in deliveries])

    def hasten(self, lines: Collection[tuple[str, str]], now: dt.datetime) -> None:
        """Make due what waits in these lines for a later moment, and was not tried yet."""
        one = tables.deliveries.c
        for channel, key in sorted(lines):
            here = (one.channel == channel, one.key == key, one.attempts == 0, one.due_at > now)
            self._connection.execute(update(tables.deliveries).where(PENDING, *here).values(due_at=now))

    def claim_deliveries(
        self, now: dt.datetime, *, worker: str, lease: dt.timedelta, limit: int, busy: Collection[str] = ()
    ) -> Sequence[Delivery]:
        """Due heads of their lines, leased to this worker; rows that another claims at this moment are passed over."""
        one = tables.deliveries.c
        heads = _heads(busy)
        query = (
            select(
                one.number,
                one.id,
                one.channel,
                one.type,
                one.key,
                one.body,
                one.created_at,
                one.attempts,
                one.forgiven,
                one.route,
                one.ticket,
            )
            .join_from(tables.deliveries, heads, one.number == heads.c.number)
            .where(PENDING, one.due_at <= now, or_(one.leased_until.is_(None), one.leased_until <= now))
            .order_by(one.number)
            .limit(limit)
            .with_for_update(skip_locked=True, of=tables.deliveries)
        )
        claimed = self._connection.execute(query).all()
        for piece in chunks([row.number for row in claimed]):
            self._connection.execute(
                update(tables.deliveries)
                .where(one.number.in_(piece))
                .values(leased_by=worker, leased_until=now + lease)
            )
        return self._reserved([nouns.delivery(row[1:]) for row in claimed], now)

    def _reserved(self, claimed: Sequence[Delivery], now: dt.datetime) -> Sequence[Delivery]:
        """The deliveries with what is known of their tickets' items; where nothing is, one is reserved first.

        So whoever finds a place reserved and empty knows that someone may have made an item and not come back.
        """
        about = [one for one in claimed if one.ticket is not None]
        if not about:
            return claimed
        mirror = tables.mirrors.c
        known: dict[tuple[str, str], MirrorRow] = {}
        for piece in chunks(sorted({one.ticket for one in about if one.ticket})):
            for row in self._connection.execute(select(tables.mirrors).where(mirror.ticket.in_(piece))):
                known[row.ticket, row.place] = nouns.mirror(row)
        found: list[Delivery] = []
        for one in claimed:
            there = known.get((one.ticket or "", shortened(place(one.channel, one.route))))
            if one.ticket is None or there is not None:
                remote = None if there is None else there.remote
                found.append(replace(one, remote=remote, doubtful=there is not None and remote is None))
            else:
                reserved = MirrorRow(TicketId(one.ticket), one.channel, one.route, None, now)
                self._add(tables.mirrors, [nouns.mirror_values(reserved)])
                found.append(one)
        return found

    def next_due_delivery(self) -> dt.datetime | None:
        """When the next head of a line may be given; those behind it wait for it."""
        heads = _heads()
        query = select(func.min(_DUE_AT)).join_from(
            tables.deliveries, heads, tables.deliveries.c.number == heads.c.number
        )
        return self._connection.execute(query).scalar()

    def settle_delivery(self, attempt: AttemptRow, state: DeliveryState, *, due_at: dt.datetime | None = None) -> None:
        """Record an attempt, and what became of the delivery; what is delivered stays so, whoever comes late."""
        one = tables.deliveries.c
        known = self._connection.execute(
            select(one.state, one.attempts).where(one.id == attempt.delivery).with_for_update()
        ).first()
        if known is None:
            raise UsageError(f"there is no delivery {attempt.delivery}")
        # Whose lease ran out while it was sending comes with a number that is taken, and maybe after another's success.
        number = max(attempt.number, known.attempts + 1)
        self._add(tables.attempts, [nouns.attempt_values(replace(attempt, number=number))])
        values: dict[str, Any] = {"attempts": number}
        if known.state == DeliveryState.PENDING or (
            state is DeliveryState.DELIVERED and known.state != DeliveryState.DELIVERED
        ):
            values |= _settled(attempt, state, due_at)
        self._connection.execute(update(tables.deliveries).where(one.id == attempt.delivery).values(**values))

    def release_deliveries(self, worker: str | None, keep: Collection[DeliveryId] = ()) -> int:
        """Give up the leases of a worker (None: of all, when no other can be alive) but those of `keep`; how many."""
        one = tables.deliveries.c
        held = one.leased_by.is_not(None) if worker is None else one.leased_by == worker
        given_up = self._connection.execute(
            update(tables.deliveries)
            .where(PENDING, held, one.id.not_in(sorted(keep)))
            .values(leased_by=None, leased_until=None)
        )
        return given_up.rowcount

    def redrive(self, now: dt.datetime, ids: Collection[DeliveryId] | None = None) -> Sequence[DeliveryId]:
        """Make dead deliveries (all, or these) pending and due again, oldest first; the schedule begins anew."""
        one = tables.deliveries.c
        dead = select(one.number, one.id).where(DEAD).order_by(one.number).with_for_update()
        wanted = None if ids is None else frozenset(ids)
        found = [row for row in self._connection.execute(dead) if wanted is None or row.id in wanted]
        for piece in chunks([row.number for row in found]):
            self._connection.execute(
                update(tables.deliveries)
                .where(one.number.in_(piece))
                .values(state=DeliveryState.PENDING, due_at=now, settled_at=None, forgiven=one.attempts)
            )
        return [row.id for row in found]


def _settled(attempt: AttemptRow, state: DeliveryState, due_at: dt.datetime | None) -> dict[str, Any]:
    values: dict[str, Any] = {
        "state": state,
        "leased_by": None,
        "leased_until": None,
        "settled_at": None if state is DeliveryState.PENDING else attempt.at,
        "last_error": None if state is DeliveryState.DELIVERED else attempt.detail,
    }
    return values if due_at is None else values | {"due_at": due_at}


def _heads(busy: Collection[str] = ()) -> Subquery:
    """The oldest pending delivery of each line (channel and key): counted off the index, without a look at the rows."""
    one = tables.deliveries.c
    query = select(func.min(one.number).label("number")).where(PENDING).group_by(one.channel, one.key)
    if busy:
        query = query.where(one.channel.not_in(sorted(busy)))
    return query.subquery("heads")
