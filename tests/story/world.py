"""A world for stories: a registry, contracts, a clock and an SQLite ledger, without a broker in between."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from watcher.bootstrap import build_feed, check_reader
from watcher.formats.contracts.read import read
from watcher.formats.read import read_registered, read_schema
from watcher.handlers.hearing.judge import judge_due, reassess
from watcher.handlers.hearing.observe import Observer
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.policy import Policy
from watcher.handlers.judging.shelf import Shelf
from watcher.ledger import open_ledger
from watcher.model.catalogue import Catalogue
from watcher.model.contract import Subscription
from watcher.model.dataset import Position, RawRecord
from watcher.model.domain import DomainRecord
from watcher.ports import Feed, ReadPosition
from watcher.settings.feeds import RegistryFeedSettings
from watcher.web import documents

CHECKOUT = """
kind: Domain
name: checkout
owns: ["kafka://prod/orders*"]
tickets: [{channel: checkout-hook}]
"""

ORDER = {
    "order_id": "string",
    "amount": "long",
    "status": {"type": "enum", "name": "Status", "symbols": ["placed", "paid"]},
    "note": ["null", "string"],
}


def record(fields: dict[str, Any], name: str = "Order", **more: Any) -> str:
    """An Avro record's text."""
    listed = [{"name": field, "type": type_} for field, type_ in fields.items()]
    return json.dumps({"type": "record", "name": name, "fields": listed, **more})


def without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    """The fields but these."""
    return {name: type_ for name, type_ in fields.items() if name not in names}


def reliance(name: str, *relies_on: Any, dataset: str = "kafka://prod/orders", **more: Any) -> str:
    """A subscription's text."""
    document = {
        "kind": "Subscription",
        "name": name,
        "consumer": {"domain": name},
        "dataset": dataset,
        "relies_on": list(relies_on),
        **more,
    }
    return json.dumps(document)


class World:
    """One feed, one worker; time moves when told."""

    def __init__(self, folder: Path, *contracts: str, settle: float = 0) -> None:
        self._folder = folder
        self.ledger = open_ledger(f"sqlite:///{folder / 'ledger.db'}")
        self.now = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
        self.catalogue = Catalogue()
        self.contract(*contracts)
        self.settle = dt.timedelta(seconds=settle)
        self.whole = True  # every document could be read
        self._offset = 0
        self._id = 0
        self._versions: dict[str, int] = {}
        self.restart()

    def contract(self, *texts: str) -> None:
        """Put these documents in force, and no others."""
        found = [one for text in texts for one in read(text, "contract.yaml")]
        subscriptions = [one for one in found if isinstance(one, Subscription)]
        domains = [one for one in found if isinstance(one, DomainRecord)]
        self.catalogue = Catalogue(subscriptions, domains)

    def restart(self) -> None:
        """A new process on the same ledger: whatever was in memory is gone."""
        self.judgement = Judgement(
            catalogue=lambda: self.catalogue,
            shelf=Shelf(read_registered),
            parse=read_schema,
            check=check_reader,
            settle=self.settle,
            events="events",
            fallback="office-hook",
            whole=lambda: self.whole,
            policy=Policy(trackers=frozenset({"jira", "github", "gitlab", "jira-main", "github-main"})),
        )
        self._observer = Observer(self.feed(), self.judgement)

    def feed(self) -> Feed:
        """What the world listens to."""
        return build_feed(RegistryFeedSettings(name="registry", namespace="kafka://prod"))

    def live(self) -> None:
        """All that was written so far is history; from here on it is judged."""
        self._begin(self._offset)

    def schema(self, subject: str, text: str, *, references: Sequence[dict[str, Any]] = (), **more: Any) -> None:
        """Register the next version of a subject."""
        self._versions[subject] = version = self._versions.get(subject, 0) + 1
        self._id += 1
        key = {"keytype": "SCHEMA", "subject": subject, "version": version, "magic": 1}
        value = {"subject": subject, "version": version, "id": self._id, "schema": text, **more}
        if references:
            value["references"] = list(references)
        self.write(key, value)

    def orders(self, fields: dict[str, Any], **more: Any) -> None:
        """Register the next version of `orders-value`."""
        self.schema("orders-value", record(fields, **more))

    def guard(self, scope: str | None, level: str | None, **more: Any) -> None:
        """Set how the registry checks a subject (None: all of them)."""
        setting = {**({"compatibilityLevel": level} if level else {}), **more}
        key = {"keytype": "CONFIG", **({"subject": scope} if scope else {}), "magic": 0}
        self.write(key, setting or None)

    def delete(self, subject: str, version: int) -> None:
        """Delete a version for good."""
        self.write({"keytype": "SCHEMA", "subject": subject, "version": version, "magic": 1}, None)

    def write(self, key: Any, value: Any) -> None:
        """Write one record, and let it be observed."""
        raw = RawRecord(
            Position("registry", 0, self._offset),
            key if isinstance(key, bytes) else json.dumps(key).encode(),
            value if isinstance(value, bytes | None) else json.dumps(value).encode(),
            int(self.now.timestamp() * 1000),
        )
        self._offset += 1
        self.records([raw])

    def records(self, batch: Sequence[RawRecord]) -> None:
        """Let a batch be observed; before `live` it is a baseline."""
        with self.ledger.begin() as tx:
            if tx.read_position("registry", 0) is None:
                tx.begin_reading("registry", 0, ReadPosition(0, 1_000_000))
        with self.ledger.begin() as tx:
            self._observer.observe(tx, batch, self.now)
        self._observer.settled()

    def pass_time(self, **delta: float) -> None:
        """Let time pass, and judge what came to rest in it."""
        self.now += dt.timedelta(**delta)
        with self.ledger.begin() as tx:
            judge_due(tx, self.judgement, self.now)

    def contracts_changed(self) -> None:
        """What the daemon does when a contract's file changed."""
        with self.ledger.begin() as tx:
            reassess(tx, self.judgement, self.now)

    def _begin(self, offset: int) -> None:
        # The baseline's end is fixed when reading begins: a story moves it, which no daemon does.
        from sqlalchemy import text  # noqa: PLC0415 - tests may look behind the door

        with self.ledger.begin() as tx:
            if tx.read_position("registry", 0) is None:
                tx.begin_reading("registry", 0, ReadPosition(0, offset))
            tx._connection.execute(text("update read_positions set baseline_until = :at"), {"at": offset})  # type: ignore[attr-defined]

    def show(self, name: str) -> list[dict[str, Any]]:
        """A list as the API shows it, oldest first."""
        with self.ledger.begin() as tx:
            found = documents.tickets(tx, 1000) if name == "tickets" else documents.LISTS[name](tx, 1000)
            return list(found)[::-1]

    def ticket(self, ticket_id: str) -> dict[str, Any]:
        """A ticket whole."""
        with self.ledger.begin() as tx:
            found = documents.ticket(tx, ticket_id)
        assert found is not None
        return found

    def bodies(self) -> list[tuple[str, str, dict[str, Any]]]:
        """What is to be told: channel, type, data; oldest first."""
        with self.ledger.begin() as tx:
            rows = tx.list_deliveries(1000)
        return [(row.delivery.channel, row.delivery.type.value, row.delivery.body) for row in rows][::-1]
