"""Lanes: one a channel, so that a dead or slow one never holds up another, nor wears the ledger out with failures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

TRUSTED = 2
"""So many failures in a row are nothing to speak of; after them the lane narrows."""

LONGEST_HOLD = dt.timedelta(seconds=15)
"""The pause of a failing lane doubles up to here: what stands in it wants to be on its way soon after it is back."""


@dataclass(slots=True)
class _Lane:
    in_flight: int = 0
    failures: int = 0
    held_until: dt.datetime | None = None


class Lanes:
    """What is known of each channel: how much is under way, and whether it is better left alone for a while."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._lanes: dict[str, _Lane] = {}

    def entered(self, channel: str) -> None:
        """A delivery is under way."""
        self._lanes.setdefault(channel, _Lane()).in_flight += 1

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
        """The channels that get no more at this moment: held, full, or failing and not done with the last try."""
        return frozenset(name for name, lane in self._lanes.items() if self._is_busy(lane, now))

    def _is_busy(self, lane: _Lane, now: dt.datetime) -> bool:
        if lane.held_until is not None and lane.held_until > now:
            return True
        return lane.in_flight >= (1 if lane.failures > TRUSTED else self._width)

    def next_free(self, now: dt.datetime) -> dt.datetime | None:
        """When the next hold ends."""
        holds = (lane.held_until for lane in self._lanes.values() if lane.held_until is not None)
        return min((until for until in holds if until > now), default=None)
