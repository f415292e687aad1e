"""Rows to nouns and back: the one place that knows both the tables' columns and the ports' values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypeAlias

from watcher.model.announcement import Announcement, Answer, announcement_of, answer_of
from watcher.model.contract import Criticality
from watcher.model.dataset import Position
from watcher.model.delivery import Delivery, DeliveryState, MessageType, Remote, place
from watcher.model.observation import Origin, StoredSchema, VersionStands
from watcher.model.record import Record
from watcher.model.schema import Format
from watcher.model.ticket import Ticket, TicketMove, TicketState, Verb
from watcher.model.waiver import Waiver, WaiverKind
from watcher.ports import (
    AttemptRow,
    BlindSpotRow,
    ChangeRow,
    DatasetRow,
    DeliveryRow,
    EventRow,
    HealingRow,
    ViolationRow,
)
from watcher.ports.accountability import MirrorRow, StaleAddressRow

Row: TypeAlias = Sequence[Any]
"""One row of a query, in the order of its columns."""

_FORMATS = {format_.value: format_ for format_ in Format}


def event_values(row: EventRow) -> tuple[Any, ...]:
    """As `events` holds it."""
    at = row.position
    return (
        at.source, at.partition, at.offset,
        row.kind, row.subject, row.outcome, row.reason_kind, row.reason, row.timestamp, row.at,
    )  # fmt: skip


def event(row: Row) -> EventRow:
    """A row of `events`."""
    values = [Position(*row[:3]), *row[3:]]
    return EventRow(*values)


def origin_values(dataset: str, at: Position, one: Origin) -> tuple[Any, ...]:
    """As `origins` holds it."""
    return (
        dataset, at.source, at.partition, at.offset, one.by, one.query, one.because, one.missed_since, one.note,
    )  # fmt: skip


def origin(row: Row) -> Origin:
    """A row of `origins`."""
    return Origin(*row[4:])


def blind_spot_values(one: BlindSpotRow) -> tuple[Any, ...]:
    """As `blind_spots` holds it."""
    return (
        one.source, one.key, one.dataset, one.kind, one.reason,
        one.since, one.found_at, one.ended_at, one.ended_by,
    )  # fmt: skip


def blind_spot(row: Row) -> BlindSpotRow:
    """A row of `blind_spots`."""
    return BlindSpotRow(*row[1:])


def schema_values(schema: StoredSchema) -> tuple[Any, ...]:
    """As `schemas` holds it."""
    return schema.fingerprint, schema.format, schema.text, schema.references


def schema(row: Row) -> StoredSchema:
    """A row of `schemas`."""
    fingerprint, format_, text, references = row
    return StoredSchema(
        fingerprint, _FORMATS.get(format_) or format_, text, tuple((name, reference) for name, reference in references)
    )


def version_values(source: str, one: VersionStands) -> tuple[Any, ...]:
    """As `versions` holds it."""
    return source, one.subject, one.version, one.schema, one.deleted, one.cause


def version(row: Row) -> VersionStands:
    """A row of `versions`."""
    return VersionStands(*row[1:])


def dataset_values(row: DatasetRow) -> tuple[Any, ...]:
    """As `datasets` holds it."""
    at = row.position
    return (
        row.dataset, row.source, row.subject,
        row.current, row.current_version, row.judged, row.judged_version,
        row.level, row.blocked, row.due_at,
        at.source, at.partition, at.offset, row.moved_at, row.judged_blocked, row.last,
        row.lineage, row.policy, row.group, row.judged_level,
    )  # fmt: skip


def dataset(row: Row) -> DatasetRow:
    """A row of `datasets`."""
    values = [*row[:10], Position(*row[10:13]), *row[13:]]
    return DatasetRow(*values)


def change_values(row: ChangeRow) -> tuple[Any, ...]:
    """As `changes` holds it."""
    at = row.position
    return (
        row.id, row.dataset, row.subject, row.domain,
        row.before, row.after, row.before_version, row.after_version,
        list(row.changes), list(row.verdicts),
        at.source, at.partition, at.offset, row.at, row.registry, list(row.in_use),
    )  # fmt: skip


def change(row: Row) -> ChangeRow:
    """A row of `changes`."""
    values = [*row[1:11], Position(*row[11:14]), *row[14:]]
    return ChangeRow(*values)


def ticket(row: Row) -> Ticket:
    """A row of `tickets` joined to its standing."""
    id_, domain, name, opened_at, follows, state, changed_at, reopened, severity, *moments, look_at = row
    stands, weighs = TicketState(state), Criticality(severity)
    return Ticket(id_, domain, name, stands, opened_at, changed_at, reopened, weighs, *[*moments, look_at, follows])


def ticket_values(one: Ticket) -> tuple[Any, ...]:
    """As `tickets` holds it."""
    return one.id, one.domain, one.dataset, one.opened_at, one.follows


def standing_values(one: Ticket) -> tuple[Any, ...]:
    """As `ticket_standings` holds it when the ticket is new."""
    return (
        one.id, one.domain, one.dataset, one.state, one.changed_at, one.reopened, one.severity,
        one.episode_at, one.acknowledged_at, one.acknowledge_by, one.fix_by, one.look_at,
    )  # fmt: skip


def move_values(move: TicketMove) -> tuple[Any, ...]:
    """As `ticket_moves` holds it."""
    return (
        move.ticket, move.before, move.after, move.at, move.by, move.reason, move.proof,
        move.verb, move.via, move.details,
    )  # fmt: skip


def move(row: Row) -> TicketMove:
    """A row of `ticket_moves`."""
    _, ticket_, before, after, at, by, reason, proof, verb, via, details = row
    stood = None if before is None else TicketState(before)
    return TicketMove(ticket_, stood, TicketState(after), at, by, reason, proof, Verb(verb), via, details)


def waiver_values(one: Waiver) -> tuple[Any, ...]:
    """As `waivers` holds it."""
    return (
        one.id, one.kind, one.dataset, one.by, one.reason, one.granted_at, one.until, one.ticket,
        list(one.fingerprints), one.rule, one.path, one.consumer, one.ended_at, one.ended_by,
    )  # fmt: skip


def waiver(row: Row) -> Waiver:
    """A row of `waivers`."""
    _, id_, kind, dataset_, by, reason, granted_at, until, ticket_, fingerprints, *scope = row
    return Waiver(
        id_, WaiverKind(kind), dataset_, by, reason, granted_at, until, ticket_, tuple(fingerprints), *scope
    )  # fmt: skip


def mirror_values(one: MirrorRow) -> tuple[Any, ...]:
    """As `mirrors` holds it."""
    remote = one.remote or Remote("")
    return (
        one.ticket, place(one.channel, one.route), one.channel, dict(one.route),
        remote.id or None, remote.url, dict(remote.data), one.at,
    )  # fmt: skip


def mirror(row: Row) -> MirrorRow:
    """A row of `mirrors`."""
    ticket_, _, channel, route, remote, url, data, at = row
    return MirrorRow(ticket_, channel, route, None if remote is None else Remote(remote, url, data or {}), at)


def record_values(one: Record) -> tuple[Any, ...]:
    """As `records` holds it."""
    return one.number, one.at, one.kind, one.about, one.document, one.previous, one.hash


def record(row: Row) -> Record:
    """A row of `records`."""
    return Record(*row)


def announcement_values(one: Announcement) -> tuple[Any, ...]:
    """As `announcements` holds it when it is new."""
    return one.id, one.domain, one.dataset, one.document(), one.state, one.made_at, one.made_at


def announcement(row: Row) -> Announcement:
    """A row of `announcements`."""
    return announcement_of(row[4])


def answer_values(one: Answer) -> tuple[Any, ...]:
    """As `answers` holds it."""
    return one.announcement, one.subscription, one.document(), one.by, one.at


def answer(row: Row) -> Answer:
    """A row of `answers`."""
    return answer_of(row[3])


def stale_address(row: Row) -> StaleAddressRow:
    """A row of `stale_addresses`."""
    return StaleAddressRow(*row)


def violation_values(row: ViolationRow) -> tuple[Any, ...]:
    """As `violations` holds it."""
    return (
        row.id, row.ticket, row.change, row.fingerprint, row.dataset, row.consumer, row.subscription,
        row.rule, row.path, row.document, row.at,
    )  # fmt: skip


def violation(row: Row) -> ViolationRow:
    """A row of `violations`."""
    return ViolationRow(*row[1:])


def healing_values(row: HealingRow) -> tuple[Any, ...]:
    """As `healings` holds it."""
    return row.violation, row.change, row.proof, row.at


def healed_violation(row: Row) -> tuple[ViolationRow, HealingRow | None]:
    """A row of `violations` beside its healing, where there is one."""
    known, healing = row[1:12], row[12:]
    return ViolationRow(*known), None if healing[0] is None else HealingRow(*healing)


def delivery_values(one: Delivery, due_at: dt.datetime) -> tuple[Any, ...]:
    """As `deliveries` holds it when it is new."""
    return (
        one.id, one.channel, one.type, one.key, one.body, one.created_at, one.attempts,
        DeliveryState.PENDING, due_at, None, None, None, None, one.forgiven, dict(one.route) or None, one.ticket,
    )  # fmt: skip


def delivery(row: Row) -> Delivery:
    """A row of `deliveries`, as its channel gets it."""
    id_, channel, type_, key, body, created_at, attempts, forgiven, route, ticket_ = row
    return Delivery(
        id_, channel, MessageType(type_), key, body, created_at, attempts, forgiven, route or {}, ticket_
    )  # fmt: skip


def delivery_row(row: Row) -> DeliveryRow:
    """A row of `deliveries`, as lists show it."""
    id_, channel, type_, key, body, created_at, attempts, route, ticket_, state, due_at, settled_at, last_error = row
    sent = Delivery(
        id_, channel, MessageType(type_), key, body, created_at, attempts, route=route or {}, ticket=ticket_
    )  # fmt: skip
    return DeliveryRow(sent, DeliveryState(state), due_at, settled_at, last_error)


def attempt_values(row: AttemptRow) -> tuple[Any, ...]:
    """As `attempts` holds it."""
    return row.delivery, row.number, row.outcome, row.detail, row.at


def attempt(row: Row) -> AttemptRow:
    """A row of `attempts`."""
    return AttemptRow(*row)
