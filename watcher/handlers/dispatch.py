"""Dispatch: what the outbox wishes is brought to its receivers, and what became of it is settled.

A turn is one transaction: settle what came back, claim what is due, ask when more will be. Sending starts only after it
is committed. A delivery whose process dies is claimed again when its lease ends, under the same id.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import structlog

from watcher.handlers.lanes import Lanes
from watcher.model.delivery import Answer, Delivered, Delivery, DeliveryState, Postponed, Refused
from watcher.model.errors import Transient
from watcher.ports import AttemptRow, Channel, Clock, Transaction

log = structlog.get_logger(__name__)

T = TypeVar("T")

InLedger = Callable[[Callable[[Transaction], T]], Awaitable[T]]

SCHEDULE = tuple(
    dt.timedelta(seconds=seconds)
    for seconds in (5, 30, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 20 * 3600)
)
"""The pause after each failed try; some 72 hours in all, so that a receiver may be down over a weekend."""

_JITTER = 0.2


def next_due(
    attempt: int, now: dt.datetime, retry_after: dt.timedelta | None, rng: random.Random
) -> dt.datetime | None:
    """When to try again after failed try number `attempt` (from 1); None when it has been tried often enough.

    Never before the receiver's own wish; jitter spreads those that failed together.
    """
    if attempt > len(SCHEDULE):
        return None
    pause = SCHEDULE[attempt - 1] * rng.uniform(1 - _JITTER, 1 + _JITTER)
    wish = (retry_after or dt.timedelta(0)) * rng.uniform(1, 1 + _JITTER)
    return now + max(pause, wish)


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is done at once, and how long anything may take.

    `in_all` deliveries are in flight at most; `per_channel` is where a channel gets no more (a claim of `at_once` may
    carry it beyond). `send` bounds one try whatever the channel does, `lease` must outlast it. `poll` is how often
    others' rows are looked for; our own are announced by `wake`.
    """

    in_all: int = 256
    per_channel: int = 16
    at_once: int = 32
    send: float = 45.0
    lease: dt.timedelta = dt.timedelta(seconds=120)
    poll: float = 1.0
    grace: float = 4.0
    away: float = 1.0


@dataclass(frozen=True, slots=True)
class _Settled:
    delivery: Delivery
    attempt: AttemptRow
    state: DeliveryState
    due_at: dt.datetime | None


class Dispatcher:
    """One worker's outbox run. `wake` and `stop` are called on the loop that `run` runs on."""

    def __init__(  # noqa: PLR0913 - what it is given by the composition root
        self,
        in_ledger: Callable[
            [Callable[[Transaction], tuple[list[Delivery], dt.datetime | None]]],
            Awaitable[tuple[list[Delivery], dt.datetime | None]],
        ],
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        worker: str,
        pace: Pace | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self._in_ledger = in_ledger
        self._channels = channels
        self._clock = clock
        self._worker = worker
        self._pace = pace or Pace()
        self._rng = rng or random.Random()  # noqa: S311 - jitter, no secret
        self._lanes = Lanes(self._pace.per_channel)
