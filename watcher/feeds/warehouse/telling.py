"""What tables that moved amount to for their datasets, and which blind spots open and end with that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from watcher.feeds.warehouse.facts import Name
from watcher.feeds.warehouse.memory import WarehouseMemory, key_of
from watcher.feeds.warehouse.moves import Move, Moves
from watcher.feeds.warehouse.naming import Naming, called
from watcher.feeds.warehouse.snapshot import Snapshot
from watcher.formats.sql.catalogue import Table
from watcher.formats.sql.document import table_text
from watcher.model.dataset import DatasetName, RawRecord, Subject
from watcher.model.observation import BlindSpot, DatasetGone, DatasetSeen, Heard, Origin, StoredSchema, Unreadable
from watcher.model.schema import Fingerprint, Format

NO_COLUMNS = "no-columns"
"""The kind of a blind spot: the source says that a table changed, and not how."""
MISSED = "missed-by-the-feed"
"""The kind of a blind spot: a look at the database found what the feed has not told."""
NOT_INFERRED = "not all of its columns are known: they cannot be inferred from the statement that made it"
LOOKED_KIND = "look"
MISSED_FOR_MS = 86_400_000
"""So long does what the feed has missed stay a blind spot where the feed never tells of it."""
_ANYWHERE = ""
MAX_REASONS = 5


class Telling:
    """Turns one record's moves into what is heard; `rereads`: what cannot be told is read again from the database."""

    def __init__(self, memory: WarehouseMemory, naming: Naming, *, rereads: bool) -> None:
        self._memory = memory
        self._naming = naming
        self._rereads = rereads

    def heard(self, record: RawRecord, moves: Moves, at: int | None, *, look: Snapshot | None = None) -> Heard:
        """What the record says, in the words of every feed."""
        doubted, ended, doubts = self._carried(moves, at)
        healed = [one for one in moves.told_whole if self._blocked(self._dataset(*one)) is not None]
        cleared = ended + self._cleared(moves, look)
        faults = list(self._faults(moves, record, at))
        spots = [*faults, *self._touched(moves, at), *self._missed(moves, at)]
        self._remember(spots, faults, look.at if look is not None else 0)
        spots += [one for one in doubts if self._is_open(one) and one.key not in {spot.key for spot in spots}]
        hit = [(one.namespace or moves.namespace, one.name) for one in moves.blind if one.name is not None]
        hit += doubted
        seen: list[DatasetSeen | DatasetGone] = []
        schemas: list[StoredSchema] = []
        for where, name in dict.fromkeys([*moves.moved, *hit, *healed]):
            table = self._memory.table(name, where)
            move = moves.moved.get((where, name)) or Move(table, by=moves.reading.by, query=moves.reading.query)
            told = self._told(where, name, table, move)
            if told is None or not (
                (where, name) in hit or (where, name) in healed or self._differs(move, table, where)
            ):
                continue
            seen.append(told)
            if isinstance(told, DatasetSeen) and table is not None:
                schemas.append(StoredSchema(told.schema, Format.SQL, self._text(table, where)))
        subjects = {one.subject for one in seen}
        reasons = list(dict.fromkeys(one.reason for one in faults))
        more = f" (and {len(reasons) - MAX_REASONS} more)" if len(reasons) > MAX_REASONS else ""
        unreadable = Unreadable(faults[0].kind, "; ".join(reasons[:MAX_REASONS]) + more) if faults else None
        return Heard(
            record.position,
            moves.reading.kind,
            next(iter(subjects)) if len(subjects) == 1 else None,
            tuple(seen),
            tuple(schemas),
            unreadable,
            at,
            blind=tuple(spots),
            cleared=tuple(cleared),
            baseline=moves.reading.baseline or _is_history(moves),
        )

    # Datasets.

    def _dataset(self, where: str, name: Name) -> DatasetName:
        return self._naming.dataset(name, where)

    def _told(self, where: str, name: Name, table: Table | None, move: Move) -> DatasetSeen | DatasetGone | None:
        """What is to be said of a table; nothing of one that came and went within the record."""
        known = table or move.before
        if known is None or known.temporary or not self._naming.watched(name):
            return None
        dataset, subject = self._dataset(where, name), Subject(called(name))
        because = self._dataset(where, move.because) if move.because is not None else None
        broken = table is not None and table.broken is not None
        if broken:
            because = because or self._memory.causes.load(dataset)
        self._memory.causes.save(dataset, because if broken else None)
        note = (table.broken if table is not None else None) or move.note
        origin = Origin(move.by, move.query, because, move.missed_since, note)
        if table is None or table.broken:
            return DatasetGone(dataset, subject, origin)
        blocked = self._blocked(dataset) or (NOT_INFERRED if table.partial else None)
        fingerprint = _fingerprint(self._text(table, where))
        return DatasetSeen(dataset, subject, None, fingerprint, blocked=blocked, origin=origin)

    def _differs(self, move: Move, table: Table | None, where: str) -> bool:
        """Whether the table is another one than before the record: what comes again says nothing."""
        before = move.before
        if before is None or table is None:
            return before is not table
        return self._text(before, where) != self._text(table, where)

    def _text(self, table: Table, where: str) -> str:
        return table_text(table, self._memory.lexis(where).name)

    # Blind spots.

    def _faults(self, moves: Moves, record: RawRecord, at: int | None) -> Iterator[BlindSpot]:
        """What was not understood; about a table that can be named, it is to be read again."""
        for number, one in enumerate(moves.blind):
            if one.name is None:
                yield BlindSpot(f"{record.position}/{number}|{one.kind}", None, one.kind, one.reason, at)
                continue
            where = one.namespace or moves.namespace
            dataset = self._dataset(where, one.name)
            spot = BlindSpot(f"{dataset}|{one.kind}", dataset, one.kind, one.reason, at)
            if self._naming.watched(one.name):
                self._want(where, one.name, one.reason, moves)
                yield spot
            else:  # not told, and kept all the same: it may take the name of one that is watched
                self._remember([spot], [spot])

    def _touched(self, moves: Moves, at: int | None) -> Iterator[BlindSpot]:
        for one in moves.touched:
            where = one.namespace or moves.namespace
            if self._naming.watched(one.name) and not moves.is_late(one.name, where):
                self._want(where, one.name, one.reason, moves)
                dataset = self._dataset(where, one.name)
                hint = "" if self._rereads else "; set `snapshot` for this feed, so that such tables are read again"
                yield BlindSpot(f"{dataset}|{NO_COLUMNS}", dataset, NO_COLUMNS, f"{one.reason}{hint}", at)

    def _missed(self, moves: Moves, at: int | None) -> Iterator[BlindSpot]:
        for (where, name), move in moves.moved.items():
            if move.missed_since is not None and move.because is None and self._naming.watched(name):
                dataset = self._dataset(where, name)
                reason = "a look at the database found it changed, and no record of the feed has told of it so far"
                yield BlindSpot(f"{dataset}|{MISSED}", dataset, MISSED, reason, move.missed_since or at)

    def _want(self, where: str, name: Name, reason: str, moves: Moves) -> None:
        # What a look itself cannot take in, no further look will.
        if self._rereads and moves.reading.kind != LOOKED_KIND:
            why = {"reason": reason, "by": moves.reading.by, "query": moves.reading.query}
            self._memory.wanted.save(key_of(name, where), why)

    def _carried(self, moves: Moves, at: int | None) -> tuple[list[tuple[str, Name]], list[str], list[BlindSpot]]:
        """What was in doubt about tables that have another name now: whom it hits, which spots end, which begin."""
        hit: list[tuple[str, Name]] = []
        ended: list[str] = []
        begun: list[BlindSpot] = []
        for renames in moves.carried:
            held: list[tuple[str, Name, dict[str, Any], Any]] = []
            for where, before, after in renames:
                dataset, key = self._dataset(where, before), key_of(before, where)
                known, wanted = self._memory.blind.load(dataset), self._memory.wanted.load(key)
                self._memory.wanted.save(key, None)
                if known is not None:
                    self._memory.blind.save(dataset, None)
                    ended += known["keys"]
                    hit.append((where, before))
                held.append((where, after, known or {"keys": [], "blocked": None}, wanted))
            for where, after, known, wanted in held:
                dataset = self._dataset(where, after)
                kinds = [kind for kind in (one.rpartition("|")[2] for one in known["keys"]) if kind != MISSED]
                if wanted is not None:
                    self._memory.wanted.save(key_of(after, where), wanted)
                if not kinds:
                    continue
                watched = self._naming.watched(after)
                reason = known["blocked"] or "what happened to it under the name that it had before is not known"
                spots = [BlindSpot(f"{dataset}|{kind}", dataset, kind, reason, at) for kind in kinds]
                self._remember(spots, [])
                kept = self._memory.blind.load(dataset)
                self._memory.blind.save(dataset, {**kept, "blocked": kept["blocked"] or known["blocked"]})
                hit.append((where, after))
                begun += spots if watched else []
                if watched and self._rereads and wanted is None:
                    self._memory.wanted.save(key_of(after, where), {"reason": reason, "by": None, "query": None})
        return hit, ended, begun

    def _is_open(self, spot: BlindSpot) -> bool:
        known = self._memory.blind.load(spot.dataset or _ANYWHERE)
        return known is not None and spot.key in known["keys"]

    def _remember(self, spots: Sequence[BlindSpot], faults: Sequence[BlindSpot], at: int = 0) -> None:
        """Keep which spots are open, and whether a verdict on their dataset is possible."""
        for one in spots:
            key = one.dataset or _ANYWHERE
            known: dict[str, Any] = self._memory.blind.load(key) or {"keys": [], "blocked": None}
            if one.key not in known["keys"]:
                known["keys"].append(one.key)
            if one.kind == MISSED:
                known["missed_at"] = at
            if one in faults and one.dataset is not None and not self._rereads:
                known["blocked"] = known["blocked"] or one.reason
            self._memory.blind.save(key, known)

    def _blocked(self, dataset: DatasetName) -> str | None:
        known = self._memory.blind.load(dataset)
        return known["blocked"] if known else None

    def _cleared(self, moves: Moves, look: Snapshot | None) -> list[str]:
        """The blind spots that are over: their tables were shown as they are, or the feed told of them after all."""
        cleared: list[str] = []
        names = [self._dataset(*one) for one in moves.told_whole]
        for key in [*names, *([_ANYWHERE, *self._not_there(look)] if look is not None and look.scope else [])]:
            known = self._memory.blind.load(key)
            if known is not None:
                # What a look has found stays missed until the feed tells of it, or for a day: a look proves nothing.
                fresh = look is not None and look.at - known.get("missed_at", 0) < MISSED_FOR_MS
                stays = [one for one in known["keys"] if fresh and one == f"{key}|{MISSED}"]
                cleared += (one for one in known["keys"] if one not in stays)
                self._memory.blind.save(key, {**known, "keys": stays, "blocked": None} if stays else None)
        for where, name in moves.told_whole:
            self._memory.wanted.save(key_of(name, where), None)
        for one in moves.late:
            dataset = self._dataset(*one)
            known = self._memory.blind.load(dataset)
            key = f"{dataset}|{MISSED}"
            if known is not None and key in known["keys"]:
                cleared.append(key)
                known["keys"].remove(key)
                self._memory.blind.save(dataset, known if known["keys"] else None)
        return cleared

    def _not_there(self, look: Snapshot) -> list[str]:
        """Datasets with blind spots that a look would have shown, were they there."""
        where = self._naming.namespace
        within = tuple(self._dataset(where, (*scope, "")) for scope in look.scope)
        known = {self._dataset(where, table.name) for table in self._memory.tables(where)}
        return [key for key in self._memory.blind if key.startswith(within) and key not in known]


def _is_history(moves: Moves) -> bool:
    """Whether all that moved was not known before, and is told by a source's own snapshot or a first look."""
    return bool(moves.moved) and all(moves.is_history(*one) for one in moves.moved)


def _fingerprint(text: str) -> Fingerprint:
    return Fingerprint(hashlib.sha256(b"SQL\0" + text.encode("utf-8", "surrogatepass")).hexdigest())
