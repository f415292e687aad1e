"""Owning: which datasets nobody answers for, the most relied upon first, and at which addresses nobody is any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from watcher.handlers.telling import messages
from watcher.handlers.telling.post import address
from watcher.model.catalogue import Catalogue
from watcher.model.delivery import addressees
from watcher.model.domain import DomainRecord, TicketRoute
from watcher.model.ownership import Decision
from watcher.ports import DatasetRow, Transaction

_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Unowned:
    """A dataset that is there, or that somebody relies on, and that nobody answers for.

    `row` is None for one that was never heard of; `contracts` is how many rely on it.
    """

    dataset: str
    row: DatasetRow | None
    contracts: int
    decision: Decision

    def document(self) -> dict[str, Any]:
        """As machines are told of it."""
        return {
            "dataset": self.dataset,
            "contracts": self.contracts,
            "moved_at": self.row.moved_at.isoformat() if self.row else None,
            "others": list(self.decision.others),
        }


def unowned(tx: Transaction, catalogue: Catalogue) -> list[Unowned]:
    """The datasets that nobody owns: those that stand, and those that are only relied on; most relied on first."""
    rows: dict[str, DatasetRow | None] = {str(name): None for name in catalogue.datasets}
    rows |= {str(one.dataset): one for one in tx.list_datasets(_MOST) if one.current}
    found = [
        Unowned(name, row, len(catalogue.subscriptions_for(name)), decision)
        for name, row in rows.items()
        if (decision := catalogue.ownership(name)).domain is None
    ]
    return sorted(found, key=lambda one: (-one.contracts, one.dataset))


def domain_document(one: DomainRecord) -> dict[str, Any]:
    """A domain as machines are told of it: what is in force for it, what it takes from a larger one too."""
    return {
        "name": str(one.name),
        "part_of": str(one.part_of) if one.part_of else None,
        "owns": list(one.owns),
        "owns_unclaimed": list(one.owns_unclaimed),
        "also_known_as": list(one.also_known_as),
        "owners": {"accountable": one.accountable, "oncall": one.oncall},
        "tickets": [{"channel": route.channel, **dict(route.options)} for route in one.tickets],
        "ladder": [{"after": str(rung.after), "to": rung.to, "when": rung.when} for rung in one.ladder],
        "source": one.source,
        "made_of": one.made_of or None,
    }


def stale(tx: Transaction, catalogue: Catalogue) -> list[dict[str, Any]]:
    """The addresses at which nobody is any more, since when and why, and the documents that name each, oldest first."""
    return [
        {
            "channel": one.channel,
            "address": one.address,
            "reason": one.reason,
            "since": messages.moment(one.since),
            "times": one.times,
            "named_by": list(_named_by(catalogue, one.channel, one.address)),
        }
        for one in tx.stale_addresses()
    ]


def _named_by(catalogue: Catalogue, channel: str, to: str) -> Iterator[str]:
    """The documents that name an address: whoever wrote them can mend it."""
    for domain in catalogue.domains:
        rungs = [address(rung.to) for rung in domain.ladder]
        if any(_is(one, channel, to) for one in (*domain.tickets, *rungs)):
            yield domain.source
    for one in catalogue.subscriptions:
        if any(_is(address(written), channel, to) for written in one.notify):
            yield one.source


def _is(route: TicketRoute, channel: str, to: str) -> bool:
    options = dict(route.options)
    mine = options.get("to") or " ".join(f"{key}={options[key]}" for key in sorted(options)) or "*"
    return route.channel == channel and (mine == to or to in addressees(options.get("to", "")))
