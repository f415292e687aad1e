"""Intake: what brings raw records to the ledger, whichever client carries them; one small interface, two runtimes.

The rules that both keep, and that the behaviour suite runs on both:

- Records go to `take` in order, one partition a batch, one batch at a time. `take` is one durable transaction; only
  after it returns is a batch acknowledged. It may be given what it has taken before, and must pass over that.
- Where reading starts is the ledger's to say (`positions`), each time a partition is assigned. What Kafka has
  committed follows, for lag tools only.
- `Transient` from `take` is retried in place. Anything else, and any doubt whether the client still moves, ends `run`
  with `Fatal`: the process is then to be ended without unwinding (`os._exit`), so that nothing more is committed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from watcher.kafka.reader import Place
from watcher.model.dataset import RawRecord

Take: TypeAlias = Callable[[Sequence[RawRecord]], Awaitable[None]]
"""One durable transaction over a batch of one partition."""
Positions: TypeAlias = Callable[[Place], Awaitable[int | None]]
"""The ledger's next offset of a partition; None (or 0) where nothing was read yet."""

PATIENCE_S = 25.0
"""So long may a client stand still before the process ends and starts anew."""
STOP_S = 10.0
"""So long may a stop take; what is not done by then is done again after the next start."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the intake stands, for readiness: joined a group, which partitions are ours, how far behind we are.

    `caught_up` says that each partition has been read up to the end that it had one look ago; a worker that joined and
    was given no partition is caught up. False where Kafka was not reachable of late.
    """

    joined: bool
    assigned: tuple[Place, ...]
    behind: Mapping[Place, int]
    caught_up: bool


class Runtime(Protocol):
    """One client that reads; made for one run."""

    async def run(self, take: Take, positions: Positions) -> None:
        """Read until stopped. Raises ConfigurationError or Transient within 25 s at the start, Fatal at any time."""
        ...

    async def stop(self) -> None:
        """Pause, let the batch in flight finish, commit, leave the group; returns within 10 s. `run` then returns."""
        ...

    def status(self) -> Status:
        """How the intake stands at this moment."""
        ...


def by_place(records: Sequence[RawRecord], topics: Mapping[str, str]) -> list[tuple[Place, list[RawRecord]]]:
    """The records of each partition together, in their order; `topics` gives the topic of each source."""
    found: dict[Place, list[RawRecord]] = {}
    for record in records:
        place = Place(topics[record.position.source], record.position.partition)
        found.setdefault(place, []).append(record)
    return list(found.items())
