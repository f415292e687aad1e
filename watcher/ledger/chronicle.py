"""The chronicle: every row for which the chain has a link, streamed, so that an audit of a large ledger stays small."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, Select, exists, select

from watcher.ledger import nouns
from watcher.ledger.part import Part
from watcher.ledger.tables import announcements, answers, ticket_moves, ticket_standings, tickets, waivers
from watcher.ledger.views import tickets_with_standing
from watcher.model.announcement import Announcement, Answer
from watcher.model.ticket import TicketMove
from watcher.model.waiver import Waiver
from watcher.ports import Standing

AT_ONCE = 1_000
"""So many rows are fetched at a time; PostgreSQL's client would else take the whole table into memory."""


class SqlChronicle(Part):
    """`Chronicle` as queries."""

    def all_moves(self) -> Iterator[TicketMove]:
        """All moves, ticket by ticket, each ticket's oldest first."""
        for row in self._streamed(select(ticket_moves).order_by(ticket_moves.c.ticket, ticket_moves.c.number)):
            yield nouns.move(row)

    def all_standings(self) -> Iterator[Standing]:
        """Where each ticket stands."""
        stands = ticket_standings.c
        beside = tickets_with_standing(outer=True).add_columns(
            stands.domain, stands.dataset, exists().where(ticket_moves.c.ticket == tickets.c.id)
        )
        for row in self._streamed(beside.order_by(tickets.c.id)):
            ticket, whose, about, *_, domain, dataset, moved = values = tuple(row)
            whole = row.state is not None and (domain, dataset) == (whose, about)
            yield Standing(ticket, nouns.ticket(values[:-3]) if whole else None, moved)

    def all_waivers(self) -> Iterator[Waiver]:
        """All waivers and precedents."""
        for row in self._streamed(select(waivers).order_by(waivers.c.number)):
            yield nouns.waiver(row)

    def all_announcements(self) -> Iterator[tuple[Announcement, bool]]:
        """All planned changes, and whether the columns by which each is found say the same as it."""
        for row in self._streamed(select(announcements).order_by(announcements.c.number)):
            one = nouns.announcement(row)
            found = (row.id, row.domain, row.dataset, row.state, row.made_at)
            yield one, found == (one.id, one.domain, one.dataset, one.state, one.made_at)

    def all_answers(self) -> Iterator[tuple[Answer, bool]]:
        """All that consumers said of them, and whether the columns by which each is found say the same as it."""
        for row in self._streamed(select(answers).order_by(answers.c.number)):
            one = nouns.answer(row)
            found = (row.announcement, row.subscription, row.by, row.at)
            yield one, found == (one.announcement, one.subscription, one.by, one.at)

    def _streamed(self, query: Select[Any]) -> Iterator[Row[Any]]:
        yield from self._connection.execute(query.execution_options(yield_per=AT_ONCE))
