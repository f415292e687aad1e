"""Observe: a batch of records becomes facts in one transaction, and the read position moves on with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from watcher.handlers.hearing.guard import record_guard
from watcher.handlers.hearing.judge import asks_for_guard, judge_dataset
from watcher.handlers.judging.judgement import Judgement, judged
from watcher.model.dataset import DatasetName, Position, RawRecord
from watcher.model.errors import Fatal, SchemaError
from watcher.model.observation import BlindSpot, DatasetGone, DatasetSeen, GuardChanged, Heard, Unreadable
from watcher.ports import BlindSpotRow, DatasetRow, EventRow, Feed, Transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Observed:
    """What a batch came to: how many records were new, how many unreadable, and whether anything waits to be sent.

    `heard` is what the new ones said.
    """

    records: int
    unreadable: int
    told: int
    heard: Sequence[Heard] = ()


class Observer:
    """The intake of one feed: knows the feed's memory, and whether it still is the ledger's truth."""

    def __init__(self, feed: Feed, judgement: Judgement) -> None:
        self._feed = feed
        self._judgement = judgement
        self._trusted: dict[int, int] = {}  # partition → the read position that the feed's memory stands at
        self._settled: dict[int, int] = {}  # partition → the read position that the ledger has confirmed

    def distrust(self) -> None:
        """The last transaction did not commit: the feed's memory is ahead of the ledger, and is read anew."""
        self._trusted.clear()

    def settled(self) -> None:
        """The last transaction has committed."""
        self._settled |= self._trusted

    def observe(self, tx: Transaction, records: Sequence[RawRecord], now: dt.datetime) -> Observed:
        """Take a batch of one partition in.

        Raises Fatal where another worker read in between, and where the ledger has gone back behind what it confirmed:
        what it has lost lies before these records, and would never be read again.
        """
        partition = records[0].position.partition
        position = tx.read_position(self._feed.source, partition)
        if position is None:
            raise Fatal(f"{self._feed.source}/{partition}: reading was not begun in the ledger")
        if position.next_offset < self._settled.get(partition, 0):
            raise Fatal(
                f"{self._feed.source}/{partition}: the ledger had read up to {self._settled[partition]}, and says "
                f"{position.next_offset} now: it was restored, or has lost what it had confirmed. The process ends, to "
                "read on from the ledger"
            )
        # Another worker may hold another partition of the source, and what it read is part of the feed's memory.
        stands = tx.stands(self._feed.source)
        if self._trusted != stands:
            self._feed.restore(tx.entries(self._feed.source))
            self._trusted = dict(stands)
        fresh = [record for record in records if record.position.offset >= position.next_offset]
        if not fresh:
            return Observed(0, 0, 0)
        observed = self._take(tx, fresh, position.baseline_until, now)
        next_offset = fresh[-1].position.offset + 1
        if not tx.advance(self._feed.source, partition, expected=position.next_offset, next_offset=next_offset):
            raise Fatal(
                f"{self._feed.source}/{partition}: another worker moved the read position while this one held it"
            )
        self._trusted |= {partition: next_offset}
        return observed

    def _take(self, tx: Transaction, records: Sequence[RawRecord], baseline_until: int, now: dt.datetime) -> Observed:
        heard = [self._hear(record) for record in records]
        tx.add_schemas([schema for one in heard for schema in one.schemas])
        heard = [self._put_together(tx, one) for one in heard]
        # What is judged record by record is judged beside the versions that stood then; all else needs the last ones.
        apart = not self._judgement.settle
        together = [one for one in heard if not apart or _is_baseline(one, baseline_until)]
        tx.put_versions(self._feed.source, [version for one in together for version in one.versions])
        desk = _Desk(tx, self._judgement, heard, now)
        for one in heard:
            baseline = _is_baseline(one, baseline_until)
            if apart and not baseline:
                tx.put_versions(self._feed.source, one.versions)
            desk.apply(one, baseline=baseline)
        desk.close()
        tx.put_entries(self._feed.source, self._feed.drain())
        self._keep_spots(tx, heard, now)
        tx.add_events([_event(one, _is_baseline(one, baseline_until), now) for one in heard])
        unreadable = 0
        for one in heard:
            if one.unreadable is not None:
                unreadable += 1
                log.warning(
                    "record.unreadable",
                    position=str(one.position),
                    subject=one.subject,
                    kind=one.unreadable.kind,
                    reason=one.unreadable.reason,
                )
        return Observed(len(heard), unreadable, desk.told, heard)

    def _hear(self, record: RawRecord) -> Heard:
        try:
            return self._feed.hear(record)
        except Exception as error:  # a fault of ours must not stop the stream: it is recorded, loudly
            log.exception("record.failed", position=str(record.position))
            reason = f"the watcher failed on this record ({type(error).__name__}: {error}): please report it"
            return Heard(record.position, "unknown", unreadable=Unreadable("internal-error", reason))

    def _keep_spots(self, tx: Transaction, heard: Sequence[Heard], now: dt.datetime) -> None:
        """Record the blind spots that records open and end, in their order."""
        source = self._feed.source
        for one in heard:
            if one.cleared:
                tx.end_blind_spots(source, one.cleared, str(one.position), now)
            if one.blind:
                tx.open_blind_spots([_spot(source, spot, now) for spot in one.blind])
            for spot in one.blind:
                log.warning(
                    "blind_spot.opened", source=source, dataset=spot.dataset, kind=spot.kind, reason=spot.reason
                )

    def _put_together(self, tx: Transaction, heard: Heard) -> Heard:
        """The record, unreadable where the schema that it registers is so once its references are there."""
        if heard.whole is None or heard.unreadable is not None:
            return heard
        try:
            self._judgement.shelf.schema(tx, heard.whole)
        except SchemaError as cause:
            return replace(heard, unreadable=Unreadable(cause.kind, str(cause)))
        return heard


class _Desk:
    """The datasets that a batch touches, each loaded once and written back once."""

    def __init__(self, tx: Transaction, judgement: Judgement, heard: Sequence[Heard], now: dt.datetime) -> None:
        self._tx = tx
        self._judgement = judgement
        self._now = now
        names = {o.dataset for one in heard for o in one.observations if not isinstance(o, GuardChanged)}
        self._rows: dict[DatasetName, DatasetRow] = dict(tx.datasets(names))
        self._changed: set[DatasetName] = set()
        self.told = 0

    def apply(self, heard: Heard, *, baseline: bool) -> None:
        """Let one record move the datasets that it speaks of."""
        moved_at = _moment(heard.timestamp) or self._now
        for observation in heard.observations:
            if isinstance(observation, GuardChanged):
                if not baseline and not self._judged_with_its_dataset(observation, heard):
                    record_guard(self._tx, self._judgement.catalogue(), observation, heard, moved_at)
                continue
            row = self._moved(observation, heard.position, moved_at)
            if row is None:
                continue
            if observation.origin is not None:
                self._tx.add_origins(heard.position, {row.dataset: observation.origin})
            row = judged(row, row.blocked) if baseline else self._live(row)
            self._rows[row.dataset] = row
            self._changed.add(row.dataset)

    def _judged_with_its_dataset(self, observation: GuardChanged, heard: Heard) -> bool:
        """Whether the level is judged as a fact of its dataset's own step, so that it is on record there."""
        name = observation.dataset
        seen = any(isinstance(one, DatasetSeen) and one.dataset == name for one in heard.observations)
        return name is not None and seen and asks_for_guard(self._judgement, name)

    def _live(self, row: DatasetRow) -> DatasetRow:
        """Judge what became of the dataset, or let its settle window begin."""
        if not self._judgement.settle:
            row, told = judge_dataset(self._tx, self._judgement, row, self._now)
            self.told += told
        elif row.due_at is None:
            row = replace(row, due_at=self._now + self._judgement.settle)
        return row

    def _moved(
        self, observation: DatasetSeen | DatasetGone, position: Position, moved_at: dt.datetime
    ) -> DatasetRow | None:
        row = self._rows.get(observation.dataset)
        if isinstance(observation, DatasetGone):
            if row is None:
                return None
            return replace(row, current=None, current_version=None, blocked=None, position=position, moved_at=moved_at)
        seen = observation
        if row is None:
            return DatasetRow(
                dataset=seen.dataset,
                source=position.source,
                subject=seen.subject,
                current=seen.schema,
                current_version=seen.version,
                judged=None,
                judged_version=None,
                level=seen.level,
                blocked=seen.blocked,
                due_at=None,
                position=position,
                moved_at=moved_at,
                lineage=seen.lineage,
                policy=seen.policy,
                group=seen.group,
            )
        return replace(
            row,
            subject=seen.subject,
            current=seen.schema,
            current_version=seen.version,
            level=seen.level,
            blocked=seen.blocked,
            position=position,
            moved_at=moved_at,
            lineage=seen.lineage,
            policy=seen.policy,
            group=seen.group,
        )

    def close(self) -> None:
        """Write the datasets back."""
        self._tx.put_datasets([self._rows[name] for name in sorted(self._changed)])


def _is_baseline(heard: Heard, baseline_until: int) -> bool:
    return heard.baseline or heard.position.offset < baseline_until


def _spot(source: str, spot: BlindSpot, now: dt.datetime) -> BlindSpotRow:
    since = _moment(spot.since) or now
    return BlindSpotRow(source, spot.key, spot.dataset, spot.kind, spot.reason, since, now)


def _event(heard: Heard, baseline: bool, now: dt.datetime) -> EventRow:
    unreadable = heard.unreadable
    outcome = "unreadable" if unreadable else "baseline" if baseline else "applied"
    return EventRow(
        position=heard.position,
        kind=heard.kind,
        subject=heard.subject,
        outcome=outcome,
        reason_kind=unreadable.kind if unreadable else None,
        reason=unreadable.reason if unreadable else None,
        timestamp=_moment(heard.timestamp),
        at=now,
    )


def _moment(milliseconds: int | None) -> dt.datetime | None:
    if milliseconds is None or not 0 < milliseconds < 253_402_300_800_000:  # year 10000: beyond what a date can say
        return None
    return dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.UTC)
