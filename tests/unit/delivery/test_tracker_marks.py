"""News that are about no ticket, at a tracker: found by a mark of their own, so that no crash makes a second item."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from watcher.delivery.letters.compose import compose
from watcher.delivery.letters.letter import Letter
from watcher.delivery.tracker import TrackerChannel
from watcher.model.delivery import Delivered, Delivery, DeliveryId, MessageType, Remote
from watcher.model.ticket import TicketState

NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)


class Shelf:
    """A tracker that keeps its items by their mark."""

    def __init__(self) -> None:
        self.items: dict[str, Remote] = {}
        self.sought: list[str] = []

    async def find(self, marker: str, route: Mapping[str, str]) -> Remote | None:
        self.sought.append(marker)
        return self.items.get(marker)

    async def create(self, letter: Letter, route: Mapping[str, str]) -> Remote:
        self.items[letter.marker] = Remote(str(len(self.items) + 1), None, {})
        return self.items[letter.marker]

    async def rewrite(self, remote: Remote, letter: Letter, route: Mapping[str, str]) -> None: ...

    async def noted(self, remote: Remote, mark: str) -> bool:
        return True

    async def note(self, remote: Remote, letter: Letter, mark: str) -> None: ...

    async def put(self, remote: Remote, state: TicketState, letter: Letter) -> None: ...


class Clock:
    def now(self) -> dt.datetime:
        return NOW


def unowned(number: int) -> Delivery:
    body = {"at": "2026-11-02T09:00:00.000Z", "count": 0, "datasets": []}
    return Delivery(DeliveryId(f"msg_{number}"), "jira", MessageType.DATASETS_UNOWNED, "unowned", body, NOW)


def test_a_nag_is_made_once_and_found_by_its_own_mark() -> None:
    """After a lost answer the same one is looked for; the nag of next week is another item, and no ticket's."""
    tracker = Shelf()
    channel = TrackerChannel(tracker, compose, Clock())

    async def play() -> None:
        assert isinstance(await channel.send(unowned(1)), Delivered)
        assert isinstance(await channel.send(replace(unowned(1), attempts=1, doubtful=True)), Delivered)
        assert isinstance(await channel.send(unowned(2)), Delivered)

    asyncio.run(play())
    assert list(tracker.items) == ["watcher-msg_1", "watcher-msg_2"]
    assert tracker.sought == ["watcher-msg_1"]
