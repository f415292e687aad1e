"""Owning: which datasets nobody answers for, the most relied upon first, and what other systems say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from watcher.model.catalogue import Catalogue
from watcher.model.domain import DomainRecord
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
