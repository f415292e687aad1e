"""The ledger's side of reading: read positions, the feeds' memory, events, schema texts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import delete, select, update

from watcher.ledger import nouns, tables
from watcher.ledger.columns import shortened
from watcher.ledger.part import Part, chunks
from watcher.ledger.tables import read_positions
from watcher.model.dataset import DatasetName, Position, Subject
from watcher.model.observation import Origin, StoredSchema, VersionStands
from watcher.model.schema import Fingerprint
from watcher.ports import BlindSpotRow, EventRow, ReadPosition

_STREAMED = 1000
"""Entries that are in memory at a time while a feed restores itself."""


class SqlIntake(Part):
    """`Intake` as queries."""

    def read_position(self, source: str, partition: int) -> ReadPosition | None:
        """How far the partition has been read; None where it never was."""
        known = self._connection.execute(
            select(read_positions.c.next_offset, read_positions.c.baseline_until)
            .where(read_positions.c.source == source, read_positions.c.partition == partition)
            # Held to the end of the transaction: a worker that lost the partition meanwhile ends its batch first.
            .with_for_update()
        ).first()
        return None if known is None else ReadPosition(known.next_offset, known.baseline_until)

    def stands(self, source: str) -> Mapping[int, int]:
        """The next offset of each partition, held to the end: partitions of one source take turns."""
        found = self._connection.execute(
            select(read_positions.c.partition, read_positions.c.next_offset)
            .where(read_positions.c.source == source)
            .order_by(read_positions.c.partition)
            .with_for_update()
        )
        return {row.partition: row.next_offset for row in found}

    def begin_reading(self, source: str, partition: int, position: ReadPosition) -> ReadPosition:
        """Record where reading starts, unless another did: the first one counts, and is given to all."""
        self._add(read_positions, [(source, partition, position.next_offset, position.baseline_until)])
        return self.read_position(source, partition) or position

    def advance(self, source: str, partition: int, *, expected: int, next_offset: int) -> bool:
        """Move the read position on if it still is `expected`; a concurrent worker's commit is waited for."""
        moved = self._connection.execute(
            update(read_positions)
            .where(
                read_positions.c.source == source,
                read_positions.c.partition == partition,
                read_positions.c.next_offset == expected,
            )
            .values(next_offset=next_offset)
        )
        return moved.rowcount == 1

    def entries(self, source: str) -> Iterator[tuple[str, bytes]]:
        """All that the feed asked to be remembered, streamed; to be read to its end within the transaction."""
        found = self._connection.execute(
            select(tables.entries.c.key, tables.entries.c.whole_key, tables.entries.c.value).where(
                tables.entries.c.source == source
            ),
            execution_options={"yield_per": _STREAMED},
        )
        for key, whole_key, value in found:
            yield whole_key or key, value

    def entry(self, source: str, key: str) -> bytes | None:
        """One of them."""
        table = tables.entries.c
        query = select(table.value).where(table.source == source, table.key == shortened(key))
        value: bytes | None = self._connection.execute(query).scalar()
        return value

    def put_entries(self, source: str, entries: Sequence[tuple[str, bytes | None]]) -> None:
        """Remember, or forget (None); of several words about one key the last one counts."""
        last = dict(entries)
        kept = []
        for key, value in last.items():
            if value is not None:
                name = shortened(key)
                kept.append((source, name, None if name is key else key, value))
        self._put(tables.entries, kept)
        gone = [key for key, value in last.items() if value is None]
        for piece in chunks(gone):
            self._connection.execute(
                delete(tables.entries).where(tables.entries.c.source == source, tables.entries.c.key.in_(piece))
            )

    def add_events(self, events: Sequence[EventRow]) -> None:
        """Record what was read; a position that is known already is left as it is."""
        self._add(tables.events, [nouns.event_values(one) for one in events])

    def add_origins(self, position: Position, origins: Mapping[DatasetName, Origin]) -> None:
        """Record how datasets came to move; what is known already is left as it is."""
        self._add(tables.origins, [nouns.origin_values(name, position, origins[name]) for name in sorted(origins)])

    def origin(self, dataset: DatasetName, position: Position) -> Origin | None:
        """How the dataset came to move at this position."""
        table = tables.origins.c
        found = self._connection.execute(
            select(tables.origins).where(
                table.dataset == dataset,
                table.source == position.source,
                table.partition == position.partition,
                table.offset == position.offset,
            )
        ).first()
        return None if found is None else nouns.origin(found)

    def open_blind_spots(self, spots: Sequence[BlindSpotRow]) -> None:
        """Record blind spots; one that is open under its key already stays as it is."""
        first = {(one.source, shortened(one.key)): one for one in reversed(spots)}
        self._add(tables.blind_spots, [nouns.blind_spot_values(first[key]) for key in sorted(first)])

    def end_blind_spots(self, source: str, keys: Collection[str], by: str, now: dt.datetime) -> None:
        """Record that open blind spots are over."""
        table = tables.blind_spots.c
        for piece in chunks(sorted({shortened(key) for key in keys})):
            self._connection.execute(
                update(tables.blind_spots)
                .where(table.source == source, table.key.in_(piece), tables.OPEN)
                .values(ended_at=now, ended_by=by)
            )

    def add_schemas(self, schemas: Sequence[StoredSchema]) -> None:
        """Keep texts under their content addresses, in one order, so that two workers never wait for each other."""
        unique = {one.fingerprint: one for one in schemas}
        self._add(tables.schemas, [nouns.schema_values(unique[fingerprint]) for fingerprint in sorted(unique)])

    def schema(self, fingerprint: Fingerprint) -> StoredSchema | None:
        """The text under a content address."""
        found = self._connection.execute(
            select(tables.schemas).where(tables.schemas.c.fingerprint == fingerprint)
        ).first()
        return None if found is None else nouns.schema(found)

    def put_versions(self, source: str, versions: Sequence[VersionStands]) -> None:
        """Set how versions of subjects stand; one that is gone for good is forgotten."""
        last = {(shortened(one.subject), one.version): one for one in versions}
        kept = [nouns.version_values(source, last[key]) for key in sorted(last) if last[key].schema is not None]
        self._put(tables.versions, kept)
        table = tables.versions.c
        gone: dict[str, list[int]] = {}
        for subject, number in (key for key in sorted(last) if last[key].schema is None):
            gone.setdefault(subject, []).append(number)
        for subject, numbers in gone.items():
            for piece in chunks(numbers):
                self._connection.execute(
                    delete(tables.versions).where(
                        table.source == source, table.subject == subject, table.version.in_(piece)
                    )
                )

    def versions(self, source: str, subject: Subject) -> Sequence[VersionStands]:
        """The versions of a subject that can be read with, deleted ones too, in their order."""
        table = tables.versions.c
        query = select(tables.versions).where(table.source == source, table.subject == subject).order_by(table.version)
        return [nouns.version(row) for row in self._connection.execute(query)]
