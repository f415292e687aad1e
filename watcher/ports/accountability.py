"""What the handlers ask of the ledger to follow a ticket up: waivers, mirrors, the chain of records, chores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from watcher.model.announcement import Announcement, Answer
from watcher.model.dataset import DatasetName
from watcher.model.delivery import Remote
from watcher.model.record import Record
from watcher.model.ticket import Ticket, TicketId, TicketMove
from watcher.model.waiver import Waiver


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """A ticket's item at a receiver: `remote` None while it is not known whether one was made."""

    ticket: TicketId
    channel: str
    route: Mapping[str, str]
    remote: Remote | None
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class StaleAddressRow:
    """An address at which nobody is any more: bounced, deactivated, deleted; `times` it was found so."""

    channel: str
    address: str
    reason: str
    since: dt.datetime
    times: int = 1


class Accountability(Protocol):
    """The ledger's questions and facts about following up."""

    def hold_chain(self) -> None:
        """Wait until nobody else adds links, and keep it so until the transaction ends.

        Whoever moves tickets or plans locks datasets first, then the chain, then what is moved: what is read after it
        is how they stand, and no two wait in a ring.
        """
        ...

    def record(self, kind: str, about: str, document: Mapping[str, Any], at: dt.datetime) -> Record:
        """Add a link to the chain; tickets' moves, waivers, announcements and answers are chained by themselves."""
        ...

    def records(self, about: str | None = None) -> Iterator[Record]:
        """The chain from its beginning, or the links about one thing."""
        ...

    def chain_head(self) -> tuple[int, str]:
        """The last link's number and hash; 0 and the hash of nothing where there is none."""
        ...

    def look_at(self, ticket: TicketId, at: dt.datetime | None) -> None:
        """Set when the clock next has something to do with a ticket."""
        ...

    def due_tickets(self, now: dt.datetime, limit: int) -> Sequence[Ticket]:
        """Tickets with which the clock has something to do, oldest first; those another worker has are left to it."""
        ...

    def next_due_ticket(self) -> dt.datetime | None:
        """When the clock next has something to do with a ticket."""
        ...

    def add_waiver(self, waiver: Waiver) -> None:
        """Record a waiver or a precedent."""
        ...

    def end_waiver(self, waiver: str, at: dt.datetime, by: str) -> None:
        """Record that a waiver is over; one that is over already stays as it is."""
        ...

    def waivers_on(self, dataset: DatasetName, now: dt.datetime) -> Sequence[Waiver]:
        """Waivers and precedents in force on a dataset, oldest first."""
        ...

    def put_mirror(self, mirror: MirrorRow) -> None:
        """Set what is known of a ticket's item at a receiver."""
        ...

    def ticket_by_remote(self, channel: str, remote: str) -> Ticket | None:
        """The ticket whose item at this channel has this id."""
        ...

    def mirrors_at(self, channel: str, remote: str) -> Sequence[MirrorRow]:
        """Items at this channel that have this id, the newest first: numbers are counted anew in each repository."""
        ...

    def take_hook(self, channel: str, delivery: str, at: dt.datetime) -> bool:
        """Take a message from outside; False where it was taken before."""
        ...

    def forget_hooks(self, before: dt.datetime) -> int:
        """Forget messages from outside that are too old to come again; how many."""
        ...

    def chore_done(self, name: str) -> dt.datetime | None:
        """When a chore (a digest, a nag, a scorecard) was last done."""
        ...

    def do_chore(self, name: str, at: dt.datetime, *, before: dt.datetime | None) -> bool:
        """Take a chore upon oneself: False where another did since `before` (None: never done)."""
        ...

    def put_stale_address(self, row: StaleAddressRow) -> None:
        """Record that nobody is at an address; a second finding keeps `since` and counts."""
        ...

    def clear_stale_address(self, channel: str, address: str) -> None:
        """Forget that an address was stale: something arrived there."""
        ...

    def tickets_between(self, since: dt.datetime, until: dt.datetime) -> Sequence[Ticket]:
        """Tickets that were opened before `until`, and not settled, or moved, at or after `since`; oldest first."""
        ...


class Standing(NamedTuple):
    """A ticket as it stands; None where its two rows say different things, or one is gone. `moved`: it has a move."""

    id: TicketId
    ticket: Ticket | None
    moved: bool


class Chronicle(Protocol):
    """Every row for which the chain has a link, one after the other, for an audit."""

    def all_moves(self) -> Iterator[TicketMove]:
        """All moves, ticket by ticket, each ticket's oldest first."""
        ...

    def all_standings(self) -> Iterator[Standing]:
        """Where each ticket stands, by their ids."""
        ...

    def all_waivers(self) -> Iterator[Waiver]:
        """All waivers and precedents."""
        ...

    def all_announcements(self) -> Iterator[tuple[Announcement, bool]]:
        """All planned changes, and whether the columns by which each is found say the same as it."""
        ...

    def all_answers(self) -> Iterator[tuple[Answer, bool]]:
        """All that consumers said of them, and whether the columns by which each is found say the same as it."""
        ...


class Announcements(Protocol):
    """The ledger's questions and facts about planned changes."""

    def add_announcement(self, announcement: Announcement) -> None:
        """Record a planned change."""
        ...

    def put_announcement(self, announcement: Announcement, look_at: dt.datetime | None) -> None:
        """Set where an announcement stands, and when the clock next has something to do with it."""
        ...

    def announcement(self, announcement: str) -> Announcement | None:
        """One announcement; on PostgreSQL its row is locked until the transaction ends."""
        ...

    def announcements_for(self, dataset: DatasetName) -> Sequence[Announcement]:
        """All announcements about a dataset, oldest first."""
        ...

    def list_announcements(self, limit: int = 100, *, open_only: bool = False) -> Sequence[Announcement]:
        """Announcements, the newest first."""
        ...

    def due_announcements(self, now: dt.datetime, limit: int) -> Sequence[Announcement]:
        """Announcements with which the clock has something to do, oldest first."""
        ...

    def next_due_announcement(self) -> dt.datetime | None:
        """When the clock next has something to do with an announcement."""
        ...

    def add_answer(self, answer: Answer) -> None:
        """Record what a consumer said of an announcement; the last word of each subscription counts."""
        ...

    def answers(self, announcement: str) -> Sequence[Answer]:
        """All answers to an announcement, oldest first."""
        ...
