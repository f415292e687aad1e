"""The chronicle: every row for which the chain has a link, streamed, so that an audit of a large ledger stays small."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, Select, select

from watcher.ledger import nouns
from watcher.ledger.part import Part
from watcher.ledger.tables import announcements, answers, ticket_moves, ticket_standings, waivers
from watcher.model.announcement import Announcement, Answer
from watcher.model.ticket import TicketId, TicketMove, TicketState
from watcher.model.waiver import Waiver

AT_ONCE = 1_000
"""So many rows are fetched at a time; PostgreSQL's client would else take the whole table into memory."""


class SqlChronicle(Part):
    """`Chronicle` as queries."""

    def all_moves(self) -> Iterator[TicketMove]:
        """All moves, ticket by ticket, each ticket's oldest first."""
        for row in self._streamed(select(ticket_moves).order_by(ticket_moves.c.ticket, ticket_moves.c.number)):
            yield nouns.move(row)

    def all_standings(self) -> Iterator[tuple[TicketId, TicketState]]:
        """Where each ticket stands."""
        one = ticket_standings.c
        for row in self._streamed(select(one.ticket, one.state).order_by(one.ticket)):
            yield TicketId(row.ticket), TicketState(row.state)

    def all_waivers(self) -> Iterator[Waiver]:
        """All waivers and precedents."""
        for row in self._streamed(select(waivers).order_by(waivers.c.number)):
            yield nouns.waiver(row)

    def all_announcements(self) -> Iterator[Announcement]:
        """All planned changes."""
        for row in self._streamed(select(announcements).order_by(announcements.c.number)):
            yield nouns.announcement(row)

    def all_answers(self) -> Iterator[Answer]:
        """All that consumers said of them."""
        for row in self._streamed(select(answers).order_by(answers.c.number)):
            yield nouns.answer(row)

    def _streamed(self, query: Select[Any]) -> Iterator[Row[Any]]:
        yield from self._connection.execute(query.execution_options(yield_per=AT_ONCE))
