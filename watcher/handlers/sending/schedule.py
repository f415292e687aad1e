"""The schedule of tries: when a delivery that did not arrive is sent again, and when it is given up."""

from __future__ import annotations

import datetime as dt
import random

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
