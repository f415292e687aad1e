"""Datasets and positions: what consumers read, and where an event about it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

Subject = NewType("Subject", str)
Domain = NewType("Domain", str)
DatasetName = NewType("DatasetName", str)
"""Namespace and name in one, as contracts write it: `kafka://prod/orders`; `#key` or `#<record>` names a part."""


LOOKED = -1
"""The partition of what the watcher found when it looked at a database itself; no topic has it."""
SENT = -2
"""The partition of what was sent to the watcher over HTTP."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where an event came from: the idempotency key. For Kafka: source = feed name, partition, offset."""

    source: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.source}/{self.partition}@{self.offset}"


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record as a runtime hands it over, undecoded; `timestamp` in milliseconds since the epoch."""

    position: Position
    key: bytes | None
    value: bytes | None
    timestamp: int | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()
