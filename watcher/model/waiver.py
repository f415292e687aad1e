"""Waivers: a recorded acceptance of violations, with who, why and until when; and precedents, which have no end."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from watcher.model.dataset import DatasetName
from watcher.model.ticket import TicketId


class WaiverKind(enum.StrEnum):
    """Why a violation is not held against anyone."""

    WAIVER = "waiver"
    """The consumers can live with it for a time."""
    PRECEDENT = "precedent"
    """A dispute was upheld: it was never a break, and the same never comes up again."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """What it covers: violations of one dataset, by fingerprint; or, where none is named, by rule, path and consumer.

    `rule`, `path` and `consumer` are exact; None covers any. `until` None has no end.
    """

    id: str
    kind: WaiverKind
    dataset: DatasetName
    by: str
    reason: str
    granted_at: dt.datetime
    until: dt.datetime | None = None
    ticket: TicketId | None = None
    fingerprints: tuple[str, ...] = ()
    rule: str | None = None
    path: str | None = None
    consumer: str | None = None
    ended_at: dt.datetime | None = None
    ended_by: str | None = None

    def in_force(self, now: dt.datetime) -> bool:
        """Whether it counts at this moment."""
        return self.ended_at is None and (self.until is None or now < self.until)

    def covers(self, *, fingerprint: str, rule: str, path: str, consumer: str) -> bool:
        """Whether a violation of its dataset is meant."""
        if self.fingerprints:
            return fingerprint in self.fingerprints
        return self.rule in (None, rule) and self.path in (None, path) and self.consumer in (None, consumer)
