"""Ports: what the handlers ask of the world. Small protocols; the edges fit them, `bootstrap` alone sees both sides.

Longer than 300 lines: the rows stand beside the questions that give them, so that a promise is read in one place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from watcher.model.dataset import DatasetName, Domain, Position, RawRecord, Subject
from watcher.model.delivery import Answer, Delivery, DeliveryId, DeliveryState
from watcher.model.observation import Heard, Origin, StoredSchema, VersionStands
from watcher.model.schema import Fingerprint
from watcher.model.ticket import Ticket, TicketId, TicketMove
from watcher.model.waiver import Waiver
from watcher.ports.accountability import (
    Accountability,
    Announcements,
    Chronicle,
    MirrorRow,
    StaleAddressRow,
    Standing,
)

__all__ = [
    "Accountability",
    "Announcements",
    "Chronicle",
    "MirrorRow",
    "StaleAddressRow",
    "Standing",
]


class Clock(Protocol):
    """The time, so that tests and simulations can bring their own."""

    def now(self) -> dt.datetime:
        """The moment, in UTC."""
        ...


class Feed(Protocol):
    """A source's language: turns raw records into what they say about datasets, and keeps what it must remember.

    It does no I/O. Its memory is a mapping of text keys to bytes, which the ledger keeps in the same transaction as the
    facts: after a failed transaction, or when another worker read in between, `restore` brings the ledger's truth back.
    """

    @property
    def source(self) -> str:
        """The feed's name: the first part of each position."""
        ...

    def restore(self, entries: Iterable[tuple[str, bytes]]) -> None:
        """Forget everything, and remember these entries."""
        ...

    def hear(self, record: RawRecord) -> Heard:
        """What this record says, given all those before it. Total: what cannot be understood is `unreadable`."""
        ...

    def drain(self) -> Sequence[tuple[str, bytes | None]]:
        """The entries that changed since the last call; None where one is gone."""
        ...


class Channel(Protocol):
    """A way to reach someone. Never raises for what the receiver does: the answer says it."""

    async def send(self, delivery: Delivery) -> Answer:
        """Bring one delivery to its receiver, once."""
        ...


@dataclass(frozen=True, slots=True)
class ReadPosition:
    """How far a partition has been read: the next offset, and up to which offset (exclusive) history is a baseline."""

    next_offset: int
    baseline_until: int


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """A dataset as the ledger knows it: what stands now, and what stood when it was last judged.

    `current`/`judged` are the content addresses of schemas, None where the dataset is not there. `due_at` is when its
    settle window ends; None when nothing waits to be judged. `blocked` is the cause where the current schema cannot be
    put together or read, `judged_blocked` the one that was judged. `last` is the last schema that could be read: what
    comes back is measured against it. `position` is the last event that touched it, `moved_at` that event's own time.
    `level`, `policy` and `group` are what the registry's own check goes by, `judged_level` the level that was judged;
    `lineage` is the subject whose versions count.
    """

    dataset: DatasetName
    source: str
    subject: Subject
    current: Fingerprint | None
    current_version: int | None
    judged: Fingerprint | None
    judged_version: int | None
    level: str | None
    blocked: str | None
    due_at: dt.datetime | None
    position: Position
    moved_at: dt.datetime
    judged_blocked: str | None = None
    last: Fingerprint | None = None
    lineage: Subject | None = None
    policy: str | None = None
    group: str | None = None
    judged_level: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One judged step of a dataset, an append-only fact; `changes` are the diff's facts as JSON documents.

    `id` is derived from dataset, before, after and position, so that judging the same step twice adds nothing.
    """

    id: str
    dataset: DatasetName
    subject: Subject
    domain: Domain
    before: Fingerprint | None
    after: Fingerprint | None
    before_version: int | None
    after_version: int | None
    changes: Sequence[dict[str, Any]]
    verdicts: Sequence[dict[str, Any]]
    """One document a consumer that was asked: consumer, subscription, outcome, and its reasons."""
    position: Position
    at: dt.datetime
    registry: dict[str, Any] | None = None
    """The registry's own verdict on the step, and how it stands beside ours; see `handlers/judging/beside.py`."""
    in_use: Sequence[dict[str, Any]] = field(default_factory=list)
    """One document a version or reader schema that a contract in force reads with: can it read what stands now?"""
    origin: Origin | None = None
    """How the dataset came to move; kept under its position, not with the row."""


@dataclass(frozen=True, slots=True)
class ViolationRow:
    """A violation as an append-only fact, within its ticket; `document` is what people and machines are told of it."""

    id: str
    ticket: TicketId
    change: str
    fingerprint: str
    dataset: DatasetName
    consumer: str
    subscription: str
    rule: str
    path: str
    document: dict[str, Any]
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class HealingRow:
    """The proof that a violation is over, an append-only fact: which change did it, and what stands now."""

    violation: str
    change: str
    proof: dict[str, Any]
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class EventRow:
    """One record that was read, and what became of it: `applied`, `baseline` or `unreadable`."""

    position: Position
    kind: str
    subject: Subject | None
    outcome: str
    reason_kind: str | None
    reason: str | None
    timestamp: dt.datetime | None
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class BlindSpotRow:
    """A blind spot of a source: since when, when it was found, and when and by which position it ended, if it did."""

    source: str
    key: str
    dataset: DatasetName | None
    kind: str
    reason: str
    since: dt.datetime
    found_at: dt.datetime
    ended_at: dt.datetime | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try to bring a delivery to its receiver, an append-only fact."""

    delivery: DeliveryId
    number: int
    outcome: str
    detail: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery with its state, as lists and pages show it."""

    delivery: Delivery
    state: DeliveryState
    due_at: dt.datetime
    settled_at: dt.datetime | None
    last_error: str | None


class Intake(Protocol):
    """The ledger's questions and facts about reading."""

    def read_position(self, source: str, partition: int) -> ReadPosition | None:
        """How far the partition has been read; None where it never was."""
        ...

    def stands(self, source: str) -> Mapping[int, int]:
        """The next offset of each partition of a source, locked until the transaction ends."""
        ...

    def begin_reading(self, source: str, partition: int, position: ReadPosition) -> ReadPosition:
        """Record where reading starts and the baseline ends, unless known already; gives what is known."""
        ...

    def advance(self, source: str, partition: int, *, expected: int, next_offset: int) -> bool:
        """Move the read position on if it still is `expected`; False says that another worker read in between."""
        ...

    def entries(self, source: str) -> Iterator[tuple[str, bytes]]:
        """All that the feed asked to be remembered."""
        ...

    def entry(self, source: str, key: str) -> bytes | None:
        """One of them; None where there is none."""
        ...

    def put_entries(self, source: str, entries: Sequence[tuple[str, bytes | None]]) -> None:
        """Remember, or forget (None), entries of a feed."""
        ...

    def add_events(self, events: Sequence[EventRow]) -> None:
        """Record what was read; a position that is known already is left as it is."""
        ...

    def add_origins(self, position: Position, origins: Mapping[DatasetName, Origin]) -> None:
        """Record how datasets came to move at this position; what is known already is left as it is."""
        ...

    def origin(self, dataset: DatasetName, position: Position) -> Origin | None:
        """How the dataset came to move at this position, where its source told it."""
        ...

    def open_blind_spots(self, spots: Sequence[BlindSpotRow]) -> None:
        """Record blind spots; one that is open under its key already stays as it is."""
        ...

    def end_blind_spots(self, source: str, keys: Collection[str], by: str, now: dt.datetime) -> None:
        """Record that open blind spots of these keys are over, and by what."""
        ...

    def add_schemas(self, schemas: Sequence[StoredSchema]) -> None:
        """Keep texts under their content addresses; one that is known already is left as it is."""
        ...

    def schema(self, fingerprint: Fingerprint) -> StoredSchema | None:
        """The text under a content address."""
        ...

    def put_versions(self, source: str, versions: Sequence[VersionStands]) -> None:
        """Set how versions of subjects stand; of several words about one the last one counts."""
        ...

    def versions(self, source: str, subject: Subject) -> Sequence[VersionStands]:
        """The versions of a subject that can be read with, deleted ones too, in their order."""
        ...


class Facts(Protocol):
    """The ledger's questions and facts about datasets, changes, tickets."""

    def datasets(self, names: Collection[DatasetName]) -> Mapping[DatasetName, DatasetRow]:
        """What is known of these datasets; on PostgreSQL the rows are locked until the transaction ends."""
        ...

    def put_datasets(self, rows: Sequence[DatasetRow]) -> None:
        """Set what is known of datasets."""
        ...

    def due_datasets(self, now: dt.datetime, limit: int) -> Sequence[DatasetRow]:
        """Datasets whose settle window has ended, oldest first, locked until the transaction ends."""
        ...

    def next_due_dataset(self) -> dt.datetime | None:
        """When the next settle window ends."""
        ...

    def datasets_with_open_tickets(self) -> Sequence[DatasetRow]:
        """Datasets of unsettled tickets, locked: they are looked at again when contracts change."""
        ...

    def add_change(self, change: ChangeRow) -> bool:
        """Record a judged step; False where it is known already."""
        ...

    def unsettled_ticket(self, domain: Domain, dataset: DatasetName) -> Ticket | None:
        """The domain's ticket about this dataset that is still open, acknowledged or disputed."""
        ...

    def unsettled_tickets(self, dataset: DatasetName) -> Sequence[Ticket]:
        """All tickets about this dataset that are still open, acknowledged or disputed, whosever they are."""
        ...

    def waived_tickets(self, dataset: DatasetName) -> Sequence[Ticket]:
        """All waived tickets about this dataset: what is broken in them is accepted for a time."""
        ...

    def resolved_ticket(self, domain: Domain, dataset: DatasetName, since: dt.datetime) -> Ticket | None:
        """The domain's latest ticket about this dataset that was resolved at or after `since`."""
        ...

    def add_ticket(self, ticket: Ticket, move: TicketMove) -> None:
        """Open a ticket with its first move."""
        ...

    def add_move(self, move: TicketMove, rated: Ticket | None = None) -> None:
        """Record a further move of a ticket; `rated` has its severity and deadlines, where they change by it."""
        ...

    def add_violations(self, rows: Sequence[ViolationRow]) -> None:
        """Record violations; one whose id is known already is left as it is."""
        ...

    def add_healings(self, rows: Sequence[HealingRow]) -> None:
        """Record that violations are over."""
        ...


class Outbox(Protocol):
    """The ledger's table of unsettled deliveries."""

    def add_deliveries(self, deliveries: Sequence[Delivery], due_at: dt.datetime) -> None:
        """Wish deliveries; one whose id is known already is left as it is."""
        ...

    def hasten(self, lines: Collection[tuple[str, str]], now: dt.datetime) -> None:
        """Make due what waits in these lines (channel and key) for a later moment, and was not tried yet."""
        ...

    def claim_deliveries(
        self, now: dt.datetime, *, worker: str, lease: dt.timedelta, limit: int, busy: Collection[str] = ()
    ) -> Sequence[Delivery]:
        """Due deliveries, leased to this worker, oldest first; none of channels in `busy`; none whose lease runs.

        Of deliveries with the same channel and key only the oldest unsettled one is given, so that a receiver hears of
        one dataset in order.
        """
        ...

    def next_due_delivery(self) -> dt.datetime | None:
        """When the next pending delivery is due (or its lease ends)."""
        ...

    def settle_delivery(
        self,
        attempt: AttemptRow,
        state: DeliveryState,
        *,
        due_at: dt.datetime | None = None,
    ) -> None:
        """Record an attempt and what became of the delivery: delivered, dead, or pending until `due_at`."""
        ...

    def release_deliveries(self, worker: str | None, keep: Collection[DeliveryId] = ()) -> int:
        """Give up the leases of a worker (None: of all, when no other can be alive) but those of `keep`; how many."""
        ...

    def redrive(self, now: dt.datetime, ids: Collection[DeliveryId] | None = None) -> Sequence[DeliveryId]:
        """Make dead deliveries (all, or these) pending and due again."""
        ...


class Views(Protocol):
    """What the ledger shows to people and machines; newest first, `limit` rows at most."""

    def list_changes(self, limit: int = 100, *, dataset: str | None = None) -> Sequence[ChangeRow]:
        """Judged steps."""
        ...

    def change(self, change: str) -> ChangeRow | None:
        """One judged step, by its id."""
        ...

    def changes_between(self, since: dt.datetime, until: dt.datetime) -> Iterator[ChangeRow]:
        """Judged steps from `since` to before `until`, oldest first, however many."""
        ...

    def list_tickets(
        self, limit: int = 100, *, domain: str | None = None, unsettled_only: bool = False
    ) -> Sequence[Ticket]:
        """Tickets."""
        ...

    def ticket(self, ticket: TicketId) -> Ticket | None:
        """One ticket."""
        ...

    def ticket_moves(self, ticket: TicketId) -> Sequence[TicketMove]:
        """A ticket's life, oldest first."""
        ...

    def open_violations(self, ticket: TicketId) -> Sequence[ViolationRow]:
        """The ticket's violations that nothing has healed yet."""
        ...

    def ticket_violations(self, ticket: TicketId) -> Sequence[ViolationRow]:
        """All violations that the ticket ever held, oldest first."""
        ...

    def list_violations(self, limit: int = 100) -> Sequence[tuple[ViolationRow, HealingRow | None]]:
        """Violations, each with its healing where there is one."""
        ...

    def list_deliveries(self, limit: int = 100, *, state: DeliveryState | None = None) -> Sequence[DeliveryRow]:
        """Deliveries."""
        ...

    def list_attempts(self, delivery: DeliveryId) -> Sequence[AttemptRow]:
        """The tries of one delivery, oldest first."""
        ...

    def list_unreadable(self, limit: int = 100) -> Sequence[EventRow]:
        """Records that could not be understood."""
        ...

    def list_blind_spots(self, limit: int = 100, *, open_only: bool = False) -> Sequence[BlindSpotRow]:
        """Blind spots."""
        ...

    def dataset(self, name: DatasetName) -> DatasetRow | None:
        """What is known of one dataset; nobody is kept from changing it."""
        ...

    def list_datasets(self, limit: int = 100) -> Sequence[DatasetRow]:
        """Datasets."""
        ...

    def list_positions(self) -> Sequence[tuple[str, int, ReadPosition]]:
        """How far each partition of each source has been read."""
        ...

    def waivers(self, *, ticket: TicketId | None = None, limit: int = 100) -> Sequence[Waiver]:
        """Waivers and precedents, the newest first; of one ticket, or all."""
        ...

    def mirrors(self, ticket: TicketId) -> Sequence[MirrorRow]:
        """A ticket's items everywhere."""
        ...

    def stale_addresses(self) -> Sequence[StaleAddressRow]:
        """Addresses at which nobody is, oldest first."""
        ...

    def counts(self) -> Mapping[str, int]:
        """How many there are of each; `blind_spots` are the open ones, `pending` and `dead` are deliveries."""
        ...


class Transaction(Intake, Facts, Outbox, Accountability, Announcements, Chronicle, Views, Protocol):
    """One transaction over the whole ledger."""


class Ledger(Protocol):
    """The relational memory."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """One transaction: committed when the block ends, rolled back when it raises. Raises Transient when away."""
        ...
