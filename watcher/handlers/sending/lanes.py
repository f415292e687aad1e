"""Lanes: one a channel, so that a dead or slow one never holds up another, nor wears the ledger out with failures.

A lane is a circuit breaker too: after a few failures in a row it is open, and only now and then one delivery is let
through to see whether the receiver is back (half open); the first that arrives closes it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

TRUSTED = 2
"""So many failures in a row are nothing to speak of; after them the lane narrows."""

LONGEST_HOLD = dt.timedelta(seconds=15)
"""The pause of a failing lane doubles up to here: what stands in it wants to be on its way soon after it is back."""

LONGEST_TURN = 10.0
"""Seconds that a claimed delivery waits for its turn at most: its lease runs meanwhile."""


@dataclass(slots=True)
class _Lane:
    in_flight: int = 0
    failures: int = 0
    held_until: dt.datetime | None = None
    free_at: dt.datetime | None = None


class Lanes:
    """What is known of each channel: how much is under way, and whether it is better left alone for a while.

    `rates` are the most deliveries a second that a channel takes; one that has none takes what comes.
    """

    def __init__(self, width: int, rates: Mapping[str, float] | None = None) -> None:
        self._width = width
        self._rates = dict(rates or {})
        self._lanes: dict[str, _Lane] = {}

    def entered(self, channel: str, now: dt.datetime) -> float:
        """A delivery is under way; the seconds that it waits for its turn, where many were claimed at once."""
        lane = self._lanes.setdefault(channel, _Lane())
        lane.in_flight += 1
        rate = self._rates.get(channel)
        if not rate:
            return 0.0
        turn = max(lane.free_at or now, now)
        lane.free_at = turn + dt.timedelta(seconds=1 / rate)
        return min((turn - now).total_seconds(), LONGEST_TURN)

    def left(self, channel: str, now: dt.datetime, *, arrived: bool, retry_after: dt.timedelta | None = None) -> None:
        """A delivery is through, or not; `retry_after` is the receiver's wish, and holds for the whole lane."""
        lane = self._lanes[channel]
        lane.in_flight -= 1
        if arrived:
            lane.failures, lane.held_until = 0, None
            return
        lane.failures += 1
        pause = retry_after or dt.timedelta(0)
        if lane.failures > TRUSTED:
            pause = max(pause, min(dt.timedelta(seconds=2 ** min(lane.failures - TRUSTED - 1, 10)), LONGEST_HOLD))
        if pause:
            lane.held_until = max(lane.held_until or now, now + pause)

    def abandoned(self, channel: str) -> None:
        """A delivery was broken off, and says nothing about the channel."""
        self._lanes[channel].in_flight -= 1

    def busy(self, now: dt.datetime) -> frozenset[str]:
        """The channels that get no more at this moment: held, full, too fast, or failing and not done with a try."""
        return frozenset(name for name, lane in self._lanes.items() if self._is_busy(lane, now))

    def open_circuits(self) -> frozenset[str]:
        """The channels that fail again and again, and get a delivery only now and then."""
        return frozenset(name for name, lane in self._lanes.items() if lane.failures > TRUSTED)

    def _is_busy(self, lane: _Lane, now: dt.datetime) -> bool:
        if any(until is not None and until > now for until in (lane.held_until, lane.free_at)):
            return True
        return lane.in_flight >= (1 if lane.failures > TRUSTED else self._width)

    def next_free(self, now: dt.datetime) -> dt.datetime | None:
        """When the next hold ends."""
        holds = (until for lane in self._lanes.values() for until in (lane.held_until, lane.free_at))
        return min((until for until in holds if until is not None and until > now), default=None)
