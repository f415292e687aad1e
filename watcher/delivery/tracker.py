"""Trackers: one item a ticket at a tracker, never two, whatever breaks in between; what each service speaks is its own.

A service's file fits `Tracker`: small calls, each one exchange or a few. What is common to all stands here, once: a
search before a second try to create, a note that is not written twice, an item that was deleted at the other side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from watcher.delivery.letters.letter import Letter, Words, marker
from watcher.delivery.replies import Reply, answer
from watcher.model.delivery import Answer, Delivered, Delivery, MessageType, Postponed, Refused, Remote
from watcher.model.errors import Transient, WatcherError
from watcher.model.ticket import TicketState
from watcher.ports import Clock

Compose = Callable[[Delivery], Letter]
Route = Mapping[str, str]

_SETTLED = frozenset({TicketState.RESOLVED, TicketState.WAIVED})
_REWRITES = frozenset({MessageType.TICKET_OPENED, MessageType.TICKET_UPDATED, MessageType.TICKET_REOPENED})
"""News whose letter is what the item itself says; of the others, what the letter brings along as `standing`."""

_AS_IT_IS = frozenset({400, 403, 405, 409, 422})
"""What services say where an item that is settled, or locked, can be rewritten no more."""


class Declined(WatcherError):  # noqa: N818 - reads as what it is
    """The service answered, and not as hoped: `reply` is what it said.

    `missing` says that the item is not there (any more). `answer` overrides what the reply's status would mean, where a
    service has words of its own for it.
    """

    def __init__(self, reply: Reply, *, missing: bool = False, answer: Answer | None = None) -> None:
        super().__init__(f"HTTP {reply.status}")
        self.reply = reply
        self.missing = missing
        self.answer = answer


class Tracker(Protocol):
    """One tracker's language. Every method raises Transient where no answer came, Declined where it was no good one.

    `route` is what the domain's document says beside the channel's name (a project, a team, an assignment group).
    """

    async def find(self, marker: str, route: Route) -> Remote | None:
        """The item that carries the marker, settled ones too; the oldest where there are several."""
        ...

    async def create(self, letter: Letter, route: Route) -> Remote:
        """Make the item, with `letter.marker` where `find` finds it."""
        ...

    async def rewrite(self, remote: Remote, letter: Letter, route: Route) -> None:
        """Let the item itself (title, text, severity) say what the letter says now; the same again changes nothing."""
        ...

    async def noted(self, remote: Remote, mark: str) -> bool:
        """Whether a note with this mark stands under the item."""
        ...

    async def note(self, remote: Remote, letter: Letter, mark: str) -> None:
        """Write a note under the item, with the mark in it."""
        ...

    async def put(self, remote: Remote, state: TicketState, letter: Letter) -> None:
        """Bring the item to the state of its own workflow that fits; where it stands there already, do nothing."""
        ...


class TrackerChannel:
    """A channel to one tracker: each delivery finds or makes the ticket's item, and brings it up to date."""

    def __init__(self, tracker: Tracker, compose: Compose, clock: Clock) -> None:
        self._tracker = tracker
        self._compose = compose
        self._clock = clock

    async def send(self, delivery: Delivery) -> Answer:
        """Bring one delivery to its item; what was done already by an earlier try is not done again."""
        remote: Remote | None = delivery.remote
        lost: Remote | None = None
        for _ in range(2):
            try:
                remote, made = await self._item(delivery, remote, lost)
            except Transient as error:
                return Postponed(str(error), remote=remote)
            except Declined as error:
                return self._declined(error, delivery, remote)
            if remote is None:
                return Delivered("the item was deleted at the service, and there is nothing left to close")
            try:
                await self._bring_up(delivery, remote, made=made)
            except Transient as error:
                return Postponed(str(error), remote=remote)
            except Declined as error:
                if error.missing and not made:
                    lost, remote = remote, None  # somebody deleted it: the ticket is open, so it gets another
                    continue
                return self._declined(error, delivery, remote)
            return Delivered(f"made {remote.id}" if made else f"told {remote.id}", remote)
        return Postponed("the item was deleted twice while it was written to", remote=remote)

    async def _item(self, delivery: Delivery, remote: Remote | None, lost: Remote | None) -> tuple[Remote | None, bool]:
        """The item and whether it is new; none where it was `lost` and the ticket is settled."""
        if remote is not None:
            return remote, False
        letter = self._letter(delivery)
        letter = letter.standing or letter
        if delivery.doubtful or delivery.attempts or lost is not None:
            found = await self._tracker.find(letter.marker, delivery.route)
            if found is not None and (lost is None or found.id != lost.id):
                return found, False
        if lost is not None:
            if _state(letter) in _SETTLED:
                return None, False
            name = lost.data.get("key", lost.id)
            word = Words(
                f" The item {name} told of it, and is deleted or can be opened no more; this one takes its place."
            )
            letter = replace(letter, lead=(*letter.lead, word))
        return await self._tracker.create(letter, delivery.route), True

    def _letter(self, delivery: Delivery) -> Letter:
        """The letter; news that are about no ticket are found by their own id, never by an empty mark."""
        letter = self._compose(delivery)
        return letter if letter.marker else replace(letter, marker=marker(delivery.id))

    async def _bring_up(self, delivery: Delivery, remote: Remote, *, made: bool) -> None:
        letter, mark = self._letter(delivery), note_mark(delivery)
        state = _state(letter)
        # A settled item is opened before it is written to, and an open one written to before it is settled.
        known = delivery.body.get("known") is True and not made
        if known:  # it was done there: the item's own text is brought up to date, and nobody is told again
            await self._restate(delivery, remote, letter, lenient=True)
            return
        if not made and state not in _SETTLED:
            await self._tracker.put(remote, state, letter)
        if not made:
            await self._restate(delivery, remote, letter, lenient=state in _SETTLED)
        # An item that was made says itself what it was made of, but for what is new since the ticket was opened.
        if letter.standing is not None or (not made and delivery.type is not MessageType.TICKET_OPENED):
            again = delivery.attempts or delivery.doubtful
            if not (again and await self._tracker.noted(remote, mark)):
                await self._tracker.note(remote, letter.news or letter, mark)
        if state in _SETTLED:
            await self._tracker.put(remote, state, letter)

    async def _restate(self, delivery: Delivery, remote: Remote, letter: Letter, *, lenient: bool) -> None:
        """Let the item itself say how the ticket stands; a comment, which changes nothing of that, leaves it alone."""
        if delivery.type not in _REWRITES and (letter.standing is None or _only_said(delivery)):
            return
        try:
            await self._tracker.rewrite(remote, letter.standing or letter, delivery.route)
        except Declined as error:
            if error.missing or not lenient or error.reply.status not in _AS_IT_IS:
                raise  # one that is closed may be closed to changes: its note and its state tell it then

    def _declined(self, error: Declined, delivery: Delivery, remote: Remote | None) -> Answer:
        told = error.answer or answer(error.reply, delivery, self._clock.now())
        match told:
            case Postponed(reason, retry_after):
                return Postponed(reason, retry_after, remote)
            case Refused() | Delivered():
                return told


def _state(letter: Letter) -> TicketState:
    return TicketState(letter.state) if letter.state else TicketState.OPEN


def _only_said(delivery: Delivery) -> bool:
    move = delivery.body.get("move")
    return isinstance(move, Mapping) and move.get("verb") == "comment"


def note_mark(delivery: Delivery) -> str:
    """The text by which one delivery's note is found again: its id, which stays the same over all tries."""
    return str(delivery.id)
