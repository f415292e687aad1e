"""A warehouse as a feed: each record moves the tables, and what datasets look like differently then is what it says.

What is said is the difference between two states of a table, never a reading of the record itself: a record that comes
again says nothing, several statements of one record are told by what they amount to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from watcher.feeds.warehouse.facts import Decode, Name, Reading
from watcher.feeds.warehouse.look import reconcile
from watcher.feeds.warehouse.memory import WarehouseMemory, name_of
from watcher.feeds.warehouse.moves import Moves
from watcher.feeds.warehouse.naming import Naming
from watcher.feeds.warehouse.snapshot import Snapshot
from watcher.feeds.warehouse.telling import Telling
from watcher.model.dataset import LOOKED, SENT, RawRecord
from watcher.model.observation import Heard, Unreadable

log = structlog.get_logger(__name__)

MAX_VALUE = 20_000_000
"""Bytes of a record; what is larger is not decoded."""


@dataclass(frozen=True, slots=True)
class Decoders:
    """What a source speaks, and what is sent to it over HTTP speaks."""

    records: Decode
    sent: Decode


class WarehouseFeed:
    """A platform's DDL, record by record; fits `ports.Feed`.

    `rereads`: somebody looks at the database for tables that are only told to have changed; else they are blind spots.
    """

    def __init__(  # noqa: PLR0913 - what a source is and speaks, and where its tables live
        self, source: str, decoders: Decoders, naming: Naming, *, dialect: str, place: Name = (), rereads: bool = False
    ) -> None:
        self._source = source
        self._decoders = decoders
        self._naming = naming
        self._memory = WarehouseMemory(naming.namespace, dialect, place)
        self._telling = Telling(self._memory, naming, rereads=rereads)

    @property
    def source(self) -> str:
        """The feed's name: the first part of each position."""
        return self._source

    def restore(self, entries: Iterable[tuple[str, bytes]]) -> None:
        """Forget everything, and remember these entries."""
        self._memory.restore(entries)

    def drain(self) -> Sequence[tuple[str, bytes | None]]:
        """The entries that changed since the last call; None where one is gone."""
        return self._memory.drain()

    def hear(self, record: RawRecord) -> Heard:
        """What this record says, given all those before it."""
        if record.position.partition == LOOKED:
            return self._look(record)
        if record.value is not None and len(record.value) > MAX_VALUE:
            reason = f"the record has {len(record.value):,} bytes; {MAX_VALUE:,} are read at most"
            return Heard(record.position, "unreadable", unreadable=Unreadable("too-large", reason))
        decode = self._decoders.sent if record.position.partition == SENT else self._decoders.records
        reading = decode(record, self._memory.source)
        at = reading.at if reading.at is not None else record.timestamp
        if reading.unreadable is not None:
            return Heard(record.position, reading.kind, unreadable=reading.unreadable, timestamp=at)
        if not reading.facts:
            return Heard(record.position, reading.kind, timestamp=at)
        if reading.id is not None and self._memory.told(reading.id):
            return Heard(record.position, "repeat", timestamp=at)
        moves = Moves(self._memory, self._naming.namespace, reading)
        for fact in reading.facts:
            try:
                moves.apply(fact)
            except Exception as error:  # a fault of ours: what the other facts did stands, and is told all the same
                log.exception("record.failed", position=str(record.position))
                moves.failed(fact, error)
        return self._telling.heard(record, moves, at)

    def _look(self, record: RawRecord) -> Heard:
        """What a look at the database shows."""
        try:
            snapshot = Snapshot.from_bytes(record.value or b"")
        except (ValueError, KeyError, TypeError) as error:
            reason = f"this is no look at a database as this watcher writes one ({error})"
            return Heard(record.position, "look", unreadable=Unreadable("malformed-look", reason))
        moves = Moves(self._memory, self._naming.namespace, Reading("look", at=snapshot.at, seen=False))
        reconcile(moves, snapshot)
        return self._telling.heard(record, moves, snapshot.at, look=snapshot)

    def wanted(self) -> Sequence[Name]:
        """Tables of the feed's namespace that are to be read again."""
        return [name for where, name in map(name_of, self._memory.wanted) if where == self._naming.namespace]
