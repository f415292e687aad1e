"""The chain of records: what was done, each link's hash over itself and the one before, so that nothing is undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select, update

from watcher.ledger import nouns
from watcher.ledger.part import Part
from watcher.ledger.tables import chain_heads, records
from watcher.model.record import Record, canonical, linked

_CHAIN = "records"


class Chain(Part):
    """The chain, within a transaction; whoever adds a link holds its head until the transaction ends."""

    def hold_chain(self) -> None:
        """Wait until nobody else adds links; on SQLite the transaction itself has seen to that."""
        self._head()

    def record(self, kind: str, about: str, document: Mapping[str, Any], at: dt.datetime) -> Record:
        """Add a link."""
        number, previous = self._head()
        link = linked(number + 1, at, kind, about, canonical(document), previous)
        self._add(records, [nouns.record_values(link)])
        self._connection.execute(
            update(chain_heads).where(chain_heads.c.chain == _CHAIN).values(number=link.number, hash=link.hash)
        )
        return link

    def _head(self) -> tuple[int, str]:
        head = chain_heads.c
        query = select(head.number, head.hash).where(head.chain == _CHAIN).with_for_update()
        found = self._connection.execute(query).one()
        return found.number, found.hash

    def records(self, about: str | None = None) -> Iterator[Record]:
        """The chain from its beginning, or the links about one thing."""
        query = select(records).order_by(records.c.number)
        if about is not None:
            query = query.where(records.c.about == about)
        # Streamed: a chain of years does not fit into the memory of whoever only walks it.
        for row in self._connection.execute(query.execution_options(yield_per=1_000)):
            yield nouns.record(row)

    def chain_head(self) -> tuple[int, str]:
        """The last link's number and hash; 0 and zeros where there is none."""
        head = chain_heads.c
        found = self._connection.execute(select(head.number, head.hash).where(head.chain == _CHAIN)).one()
        return found.number, found.hash
