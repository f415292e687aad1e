"""Sending: what scripts and CI tell the watcher of DDL over HTTP, taken in as one more record of a feed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from watcher.bootstrap import Parts
from watcher.daemon.taking import Taking
from watcher.feeds.warehouse.sources import ddl
from watcher.model.dataset import SENT, Position, RawRecord
from watcher.model.errors import UsageError
from watcher.model.observation import DatasetSeen, Heard


class Sending:
    """The feeds that can be sent to, by name."""

    def __init__(self, parts: Parts, takings: Mapping[str, Taking]) -> None:
        self._takings = {name: takings[name] for name in parts.warehouses}

    async def send(self, feed: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """Take one generic DDL event in, and say what came of it.

        Raises UsageError for a feed that is none of these, and for an event with mistakes: nothing is kept of it.
        """
        taking = self._takings.get(feed)
        if taking is None:
            known = ", ".join(sorted(self._takings)) or "none: add a feed of type `ddl` to the settings"
            raise UsageError(f"there is no feed {feed[:100]!r} that DDL can be sent to; there are: {known}")
        value = orjson.dumps(event)
        # What comes by a topic cannot be sent back, and is kept as unreadable; whoever sends can mend it.
        mistake = ddl.decode(RawRecord(Position(feed, SENT, 0), None, value), {}).unreadable
        if mistake is not None:
            raise UsageError(mistake.reason)
        observed = await taking.own(SENT, value)
        return _answer(observed.heard[0])


def _answer(heard: Heard) -> dict[str, Any]:
    outcome = "applied"
    if heard.kind == "repeat":
        outcome = "duplicate"
    elif heard.unreadable is not None:
        outcome = "unreadable"
    elif heard.baseline:
        outcome = "baseline"
    return {
        "position": str(heard.position),
        "outcome": outcome,
        "kind": heard.unreadable.kind if heard.unreadable else None,
        "reason": heard.unreadable.reason if heard.unreadable else None,
        "datasets": [
            {"dataset": str(one.dataset), "there": isinstance(one, DatasetSeen)}
            for one in heard.observations
            if hasattr(one, "origin")
        ],
        "unreadable": [{"table": one.dataset, "kind": one.kind, "reason": one.reason} for one in heard.blind],
    }
