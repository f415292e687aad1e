"""What is common to all trackers: news of no ticket have a mark of their own; an item says how its ticket stands."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from tests.parts.letters import moved
from watcher.delivery.letters.compose import compose
from watcher.delivery.letters.letter import Letter
from watcher.delivery.replies import Reply
from watcher.delivery.tracker import Declined, TrackerChannel
from watcher.model.delivery import Delivered, Delivery, DeliveryId, MessageType, Postponed, Remote
from watcher.model.ticket import TicketState, Verb

NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)


class Shelf:
    """A tracker that keeps its items by their mark."""

    def __init__(self) -> None:
        self.items: dict[str, Remote] = {}
        self.sought: list[str] = []
        self.made: list[Letter] = []
        self.rewritten: list[Letter] = []
        self.notes: list[Letter] = []
        self.states: list[TicketState] = []
        self.locked = False

    async def find(self, marker: str, route: Mapping[str, str]) -> Remote | None:
        self.sought.append(marker)
        return self.items.get(marker)

    async def create(self, letter: Letter, route: Mapping[str, str]) -> Remote:
        self.made.append(letter)
        self.items[letter.marker] = Remote(str(len(self.items) + 1), None, {})
        return self.items[letter.marker]

    async def rewrite(self, remote: Remote, letter: Letter, route: Mapping[str, str]) -> None:
        if self.locked:
            raise Declined(Reply(400, {}, b"it cannot be edited"))
        self.rewritten.append(letter)

    async def noted(self, remote: Remote, mark: str) -> bool:
        return True

    async def note(self, remote: Remote, letter: Letter, mark: str) -> None:
        self.notes.append(letter)

    async def put(self, remote: Remote, state: TicketState, letter: Letter) -> None:
        self.states.append(state)


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


def a_move(verb: Verb, state: TicketState) -> Delivery:
    return replace(moved(verb, state), remote=Remote("1"), attempts=0)


def test_a_move_restates_the_item_and_is_noted_in_short() -> None:
    """After somebody acknowledged it the item itself says so, with all that it said; the note says only who and why."""
    tracker = Shelf()
    told = asyncio.run(
        TrackerChannel(tracker, compose, Clock()).send(a_move(Verb.ACKNOWLEDGE, TicketState.ACKNOWLEDGED))
    )

    assert isinstance(told, Delivered)
    [item], [note] = tracker.rewritten, tracker.notes
    assert "Acknowledged" in dict(item.facts.pairs)
    assert "How to fix it" in [one.heading for one in item.sections]
    assert (note.facts.pairs, note.sections) == ((), ())


def test_a_comment_leaves_the_item_alone() -> None:
    """It changes nothing of how the ticket stands, and nobody is told twice."""
    tracker = Shelf()
    asyncio.run(TrackerChannel(tracker, compose, Clock()).send(a_move(Verb.COMMENT, TicketState.OPEN)))

    assert (len(tracker.rewritten), len(tracker.notes)) == (0, 1)


def test_an_item_that_is_made_of_a_move_says_all_and_the_note_what_was_done() -> None:
    """Where a ticket has no item yet, or lost it, the new one holds the whole ticket."""
    tracker = Shelf()
    one = replace(a_move(Verb.ACKNOWLEDGE, TicketState.ACKNOWLEDGED), remote=None)
    asyncio.run(TrackerChannel(tracker, compose, Clock()).send(one))

    assert "How to fix it" in [part.heading for part in tracker.made[0].sections]
    assert len(tracker.notes) == 1


def test_an_item_that_is_closed_to_changes_is_noted_and_closed_all_the_same() -> None:
    """Some workflows let nobody edit what is settled: that holds no news up. While it is open, a refusal counts."""
    tracker = Shelf()
    tracker.locked = True
    channel = TrackerChannel(tracker, compose, Clock())

    assert isinstance(asyncio.run(channel.send(a_move(Verb.WAIVE, TicketState.WAIVED))), Delivered)
    assert len(tracker.notes) == 1
    assert isinstance(asyncio.run(channel.send(a_move(Verb.START, TicketState.IN_PROGRESS))), Postponed)


def test_what_was_done_in_the_item_itself_is_written_into_it_and_not_noted() -> None:
    """Who acknowledged it there needs no note of it; the item's text says so all the same, and its state is theirs."""
    tracker = Shelf()
    one = a_move(Verb.ACKNOWLEDGE, TicketState.ACKNOWLEDGED)
    one = replace(one, body={**one.body, "known": True})

    assert isinstance(asyncio.run(TrackerChannel(tracker, compose, Clock()).send(one)), Delivered)
    assert (len(tracker.rewritten), len(tracker.notes), len(tracker.states)) == (1, 0, 0)
    tracker.locked = True
    assert isinstance(asyncio.run(TrackerChannel(tracker, compose, Clock()).send(one)), Delivered)
