"""The ledger's side of following up: what the clock looks at, waivers, mirrors, what came from outside, chores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update

from watcher.ledger import nouns
from watcher.ledger.chain import Chain
from watcher.ledger.columns import shortened
from watcher.ledger.tables import (
    OPEN,
    UNSETTLED,
    WATCHED,
    chores,
    hooks,
    mirrors,
    stale_addresses,
    ticket_standings,
    tickets,
    waivers,
)
from watcher.ledger.views import tickets_with_standing
from watcher.model.dataset import DatasetName
from watcher.model.ticket import Ticket, TicketId
from watcher.model.waiver import Waiver
from watcher.ports.accountability import MirrorRow, StaleAddressRow


class SqlAccountability(Chain):
    """`Accountability` as queries."""

    def look_at(self, ticket: TicketId, at: dt.datetime | None) -> None:
        """Set when the clock next has something to do with a ticket."""
        standing = ticket_standings.c
        self._connection.execute(update(ticket_standings).where(standing.ticket == ticket).values(look_at=at))

    def due_tickets(self, now: dt.datetime, limit: int) -> Sequence[Ticket]:
        """Tickets with which the clock has something to do; those that another worker has in hand are left to it."""
        standing = ticket_standings.c
        query = tickets_with_standing().where(WATCHED, standing.look_at <= now).order_by(standing.look_at)
        locked = query.limit(limit).with_for_update(skip_locked=True, of=ticket_standings)
        return [nouns.ticket(row) for row in self._connection.execute(locked)]

    def next_due_ticket(self) -> dt.datetime | None:
        """When the clock next has something to do with a ticket."""
        return self._connection.execute(select(func.min(ticket_standings.c.look_at)).where(WATCHED)).scalar()

    def tickets_between(self, since: dt.datetime, until: dt.datetime) -> Sequence[Ticket]:
        """Tickets that were opened before `until`, and not settled, or moved, at or after `since`; oldest first."""
        alive = or_(UNSETTLED, ticket_standings.c.state == "waived", ticket_standings.c.changed_at >= since)
        query = tickets_with_standing().where(tickets.c.opened_at < until, alive).order_by(tickets.c.number)
        return [nouns.ticket(row) for row in self._connection.execute(query)]

    def add_waiver(self, waiver: Waiver) -> None:
        """Record a waiver or a precedent; the chain has it too."""
        if self._add(waivers, [nouns.waiver_values(waiver)]):
            self.record(f"{waiver.kind.value}.granted", waiver.id, asdict(waiver), waiver.granted_at)

    def end_waiver(self, waiver: str, at: dt.datetime, by: str) -> None:
        """Record that a waiver is over; one that is over already stays as it is."""
        ended = self._connection.execute(
            update(waivers).where(OPEN, waivers.c.id == waiver).values(ended_at=at, ended_by=by)
        )
        if ended.rowcount:
            self.record("waiver.ended", waiver, {"id": waiver, "by": by, "at": at}, at)

    def waivers_on(self, dataset: DatasetName, now: dt.datetime) -> Sequence[Waiver]:
        """Waivers and precedents in force on a dataset, oldest first."""
        in_force = or_(waivers.c.until.is_(None), waivers.c.until > now)
        query = select(waivers).where(OPEN, waivers.c.dataset == dataset, in_force).order_by(waivers.c.number)
        return [nouns.waiver(row) for row in self._connection.execute(query)]

    def waivers(self, *, ticket: TicketId | None = None, limit: int = 100) -> Sequence[Waiver]:
        """Waivers and precedents, the newest first; of one ticket, or all."""
        query = select(waivers).order_by(waivers.c.number.desc()).limit(limit)
        if ticket is not None:
            query = query.where(waivers.c.ticket == ticket)
        return [nouns.waiver(row) for row in self._connection.execute(query)]

    def put_mirror(self, mirror: MirrorRow) -> None:
        """Set what is known of a ticket's item at a receiver."""
        self._put(mirrors, [nouns.mirror_values(mirror)])

    def mirrors(self, ticket: TicketId) -> Sequence[MirrorRow]:
        """A ticket's items everywhere."""
        query = select(mirrors).where(mirrors.c.ticket == ticket).order_by(mirrors.c.place)
        return [nouns.mirror(row) for row in self._connection.execute(query)]

    def ticket_by_remote(self, channel: str, remote: str) -> Ticket | None:
        """The ticket whose item at this channel has this id."""
        here = and_(mirrors.c.channel == shortened(channel), mirrors.c.remote == shortened(remote))
        query = tickets_with_standing().join(mirrors, mirrors.c.ticket == tickets.c.id).where(here)
        found = self._connection.execute(query.order_by(mirrors.c.at.desc()).limit(1)).first()
        return None if found is None else nouns.ticket(found)

    def mirrors_at(self, channel: str, remote: str) -> Sequence[MirrorRow]:
        """Items at this channel that have this id, the newest first: numbers are counted anew in each repository."""
        here = and_(mirrors.c.channel == shortened(channel), mirrors.c.remote == shortened(remote))
        query = select(mirrors).where(here).order_by(mirrors.c.at.desc())
        return [nouns.mirror(row) for row in self._connection.execute(query)]

    def take_hook(self, channel: str, delivery: str, at: dt.datetime) -> bool:
        """Take a message from outside; False where it was taken before."""
        return self._add(hooks, [(channel, delivery, at)]) == 1

    def forget_hooks(self, before: dt.datetime) -> int:
        """Forget messages from outside that are too old to come again; how many."""
        return self._connection.execute(delete(hooks).where(hooks.c.at < before)).rowcount

    def chore_done(self, name: str) -> dt.datetime | None:
        """When a chore was last done."""
        return self._connection.execute(select(chores.c.done_at).where(chores.c.name == name)).scalar()

    def do_chore(self, name: str, at: dt.datetime, *, before: dt.datetime | None) -> bool:
        """Take a chore upon oneself: False where another did since `before` (None: never done)."""
        if before is None:
            return self._add(chores, [(name, at)]) == 1
        mine = and_(chores.c.name == name, chores.c.done_at == before)
        return self._connection.execute(update(chores).where(mine).values(done_at=at)).rowcount == 1

    def put_stale_address(self, row: StaleAddressRow) -> None:
        """Record that nobody is at an address; a second finding keeps `since` and counts."""
        if self._add(stale_addresses, [(row.channel, row.address, row.reason, row.since, row.times)]):
            return
        one = stale_addresses.c
        values: dict[str, Any] = {"reason": row.reason, "times": one.times + 1}
        here = and_(one.channel == shortened(row.channel), one.address == shortened(row.address))
        self._connection.execute(update(stale_addresses).where(here).values(**values))

    def clear_stale_address(self, channel: str, address: str) -> None:
        """Forget that an address was stale: something arrived there."""
        one = stale_addresses.c
        here = and_(one.channel == shortened(channel), one.address == shortened(address))
        self._connection.execute(delete(stale_addresses).where(here))

    def stale_addresses(self) -> Sequence[StaleAddressRow]:
        """Addresses at which nobody is, oldest first."""
        query = select(stale_addresses).order_by(stale_addresses.c.since, stale_addresses.c.address)
        return [nouns.stale_address(row) for row in self._connection.execute(query)]
