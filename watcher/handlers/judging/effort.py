"""Effort: how much time judging may give to extras, so that a burst of work is not held up by them."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

SHARE = 0.1
"""Of the time that passes, so much may go into extras in the long run."""

MOST_S = 2.0
"""So many seconds are saved up at most: a quiet day is no reason to spend minutes at once."""


class Effort:
    """Seconds that may be spent: a share of those that pass, saved up to a bound."""

    __slots__ = ("_clock", "_left", "_seen")

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._seen = clock()
        self._left = MOST_S

    def left(self) -> float:
        """How many seconds may be spent at this moment; none where more was spent than there was."""
        now = self._clock()
        self._left = min(MOST_S, self._left + SHARE * (now - self._seen))
        self._seen = now
        return max(0.0, self._left)

    def spend(self, seconds: float) -> None:
        """Take note that so many were."""
        self._left = self.left() - seconds
