"""Effort: extras get a share of the time, and no more."""

import pytest

from watcher.handlers.judging.effort import MOST_S, SHARE, Effort


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_is_spent_and_comes_back() -> None:
    """What was spent is gone; a share of the time that passes comes back, up to the bound."""
    clock = Clock()
    effort = Effort(clock)

    assert effort.left() == MOST_S
    effort.spend(MOST_S + 1)
    assert effort.left() == 0
    clock.now = 20.0
    assert effort.left() == pytest.approx(20 * SHARE - 1)
    clock.now = 10_000.0
    assert effort.left() == MOST_S
