"""Hygiene: every contract is looked at, and its consumer hears of what is wrong with it; no producer does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from watcher.followup.hygiene import Finding, Seen, inspect
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.naming import row_of
from watcher.model.contract import Subscription
from watcher.model.errors import SchemaError
from watcher.model.schema import Schema
from watcher.model.verdict import Outcome
from watcher.ports import DatasetRow, Transaction

MOST_SHAPES = 50
"""So many earlier versions are looked through for a field that is said never to have been there."""


def findings(tx: Transaction, judgement: Judgement, now: dt.datetime) -> Sequence[tuple[Subscription, Finding]]:
    """What is wrong with the contracts, by their names."""
    catalogue = judgement.catalogue()
    domains = {one.name for one in catalogue.domains}
    found: list[tuple[Subscription, Finding]] = []
    for subscription in catalogue.subscriptions:
        seen = _seen(tx, judgement, subscription)
        found += [(subscription, one) for one in inspect(subscription, seen, domains, now.date())]
    return found


def document(subscription: Subscription, one: Finding) -> dict[str, Any]:
    """One finding, as machines read it."""
    return {
        "subscription": one.subscription,
        "consumer": str(subscription.consumer),
        "dataset": str(subscription.dataset),
        "fault": one.fault.value,
        "path": one.path,
        "message": one.message,
        "source": one.source,
    }


def _seen(tx: Transaction, judgement: Judgement, subscription: Subscription) -> Seen | None:
    row = row_of(tx, judgement.catalogue(), subscription.dataset)
    if row is None:
        return None
    name = row.dataset
    answered = {
        violation.fingerprint
        for ticket in (*tx.unsettled_tickets(name), *tx.waived_tickets(name))
        for violation in tx.open_violations(ticket.id)
    }
    shapes = tuple(_shapes(tx, judgement, row))
    broken = tuple(_broken(tx, judgement, row, subscription))
    return Seen(row.dataset, judgement.standing(tx, row), shapes, answered, broken)


def _broken(
    tx: Transaction, judgement: Judgement, row: DatasetRow, subscription: Subscription
) -> Iterator[tuple[Schema, tuple[str, ...]]]:
    """What stood before each step that broke this contract, the newest first, with what excused the step."""
    for change in tx.list_changes(MOST_SHAPES, dataset=row.dataset):
        for verdict in change.verdicts:
            if verdict["subscription"] != subscription.name or verdict["outcome"] == Outcome.HOLDS.value:
                continue
            if change.before is None:
                continue
            try:
                shape = judgement.shelf.schema(tx, change.before)
            except SchemaError:
                continue
            yield shape, tuple(str(one) for one in verdict.get("excused", ()))


def _shapes(tx: Transaction, judgement: Judgement, row: DatasetRow) -> Iterator[Schema]:
    """The dataset's earlier shapes, as far as they can be read."""
    prints = [row.last, row.judged]
    prints += [one.schema for one in reversed(judgement.versions(tx, row)) if one.cause is None]
    prints += [change.before for change in tx.list_changes(MOST_SHAPES, dataset=row.dataset)]
    for one in list(dict.fromkeys(prints))[:MOST_SHAPES]:
        if one is None:
            continue
        try:
            yield judgement.shelf.schema(tx, one)
        except SchemaError:
            continue
