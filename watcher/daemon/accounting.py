"""Accounting: what the HTTP interface asks about following up, done in the ledger's thread at the daemon's own time."""

from __future__ import annotations

from typing import Any

from watcher.bootstrap import Parts
from watcher.daemon.ledger_thread import LedgerThread
from watcher.handlers.rounds import owning
from watcher.handlers.rounds.hygiene import document, findings
from watcher.handlers.scoring import scorecards
from watcher.handlers.scoring.scores import quarter, scores
from watcher.handlers.telling.standing import shown
from watcher.handlers.ticketing.act import Acted, Order, act
from watcher.model.ticket import TicketId
from watcher.ports import Transaction
from watcher.web.accountability import MoveRequest


class Accounting:
    """Fits `web.accountability.Followed`."""

    def __init__(self, parts: Parts, in_ledger: LedgerThread) -> None:
        self._judgement = parts.judgement
        self._clock = parts.clock
        self._in_ledger = in_ledger

    async def move(self, ticket: str, asked: MoveRequest) -> dict[str, Any] | None:
        """Move a ticket; what came of it, None where there is none."""
        order = Order(TicketId(ticket), asked.verb, asked.by, "api", asked.reason, asked.details)
        now = self._clock.now()

        def moved(tx: Transaction) -> Acted | None:
            return None if tx.ticket(order.ticket) is None else act(tx, self._judgement, order, now)

        acted = await self._in_ledger(moved)
        if acted is None:
            return None
        return {
            "ticket": str(acted.ticket.id),
            "state": acted.ticket.state.value,
            "moved": acted.rejected is None,
            "why": acted.rejected,
            "told": acted.told,
        }

    async def page(self, ticket: str) -> str | None:
        """A ticket's page; None where there is none."""
        now = self._clock.now()
        body = await self._in_ledger(lambda tx: shown(tx, self._judgement, TicketId(ticket), now))
        if body is None:
            return None
        from watcher.delivery.letters.page import page  # noqa: PLC0415 - only who shows a page needs its words

        return page(body)

    async def scores(self, span: str | None) -> tuple[dict[str, Any], str]:
        """The scorecards of a span, as a document and as CSV."""
        since, until = quarter(span, self._clock.now())
        found = await self._in_ledger(lambda tx: scores(tx, self._judgement.catalogue(), since, until))
        return scorecards.document(found), scorecards.table(found)

    async def findings(self) -> list[dict[str, Any]]:
        """What is wrong with contracts."""
        now = self._clock.now()
        found = await self._in_ledger(lambda tx: findings(tx, self._judgement, now))
        return [document(*pair) for pair in found]

    async def domains(self) -> list[dict[str, Any]]:
        """The domains in force."""
        return [owning.domain_document(one) for one in self._judgement.catalogue().domains]

    async def ownership(self, dataset: str) -> dict[str, Any]:
        """Who answers for a dataset, and what decided it."""
        catalogue = self._judgement.catalogue()
        return {"dataset": str(catalogue.canonical(dataset)), **catalogue.ownership(dataset).document()}

    async def unowned(self) -> list[dict[str, Any]]:
        """The datasets that nobody answers for."""
        found = await self._in_ledger(lambda tx: owning.unowned(tx, self._judgement.catalogue()))
        return [one.document() for one in found]

    async def stale(self) -> list[dict[str, Any]]:
        """The addresses at which nobody is any more."""
        return await self._in_ledger(lambda tx: owning.stale(tx, self._judgement.catalogue()))

    async def head(self) -> dict[str, Any]:
        """The chain's head."""

        def read(tx: Transaction) -> dict[str, Any]:
            number, hash_ = tx.chain_head()
            return {"number": number, "hash": hash_}

        return await self._in_ledger(read)
