"""Ears: all the ways in which the feeds of the settings are heard, each with its own run and stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from watcher.bootstrap import Parts
from watcher.daemon.hearing import Hearing
from watcher.daemon.ledger_thread import LedgerThread
from watcher.daemon.looking import Looking
from watcher.daemon.tailing import Tailing
from watcher.daemon.taking import Taking
from watcher.feeds.intake import Take
from watcher.feeds.warehouse.framing import Unframer
from watcher.handlers.hearing.observe import Observed
from watcher.model.dataset import RawRecord
from watcher.settings.feeds import PostgresFeedSettings, topic_of


class Ear(Protocol):
    """One way to hear of changes."""

    @property
    def name(self) -> str:
        """What it is called in logs and in readiness."""
        ...

    async def run(self) -> None:
        """Hear until stopped; any other end is a doubt about the whole process."""
        ...

    async def stop(self) -> None:
        """Let what is under way finish."""
        ...

    def report(self) -> dict[str, Any]:
        """How it stands, in the words of readiness: name, assigned, caught_up, lag, detail."""
        ...


def open_ears(
    parts: Parts, in_ledger: LedgerThread, *, committed: Callable[[Observed], None]
) -> tuple[Sequence[Ear], Mapping[str, Taking]]:
    """The ways in, and each feed's way into the ledger, by the feed's name; nothing is started."""
    ears: list[Ear] = []
    takings: dict[str, Taking] = {}
    for feed in parts.settings.feeds:
        told = [committed]
        taking = takings[feed.name] = Taking(parts, feed.name, in_ledger, committed=_all(told))
        topic = topic_of(feed)
        if topic is not None:
            ears.append(Hearing(parts, topic, in_ledger, _unframed(parts.unframers.get(feed.name), taking.take)))
        if isinstance(feed, PostgresFeedSettings):
            ears.append(Tailing(parts, feed, taking, in_ledger))
        warehouse = parts.warehouses.get(feed.name)
        if warehouse is not None and warehouse.snapshot is not None:
            looking = Looking(warehouse, taking, in_ledger)
            told.append(looking.heard)
            ears.append(looking)
    return ears, takings


def _unframed(unframer: Unframer | None, take: Take) -> Take:
    if unframer is None:
        return take

    async def unframe(records: Sequence[RawRecord]) -> None:
        await take([await unframer(record) for record in records])

    return unframe


def _all(told: Sequence[Callable[[Observed], None]]) -> Callable[[Observed], None]:
    def tell(observed: Observed) -> None:
        for one in told:
            one(observed)

    return tell
