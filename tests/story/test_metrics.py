"""The quarter as metrics: each domain's figures, reckoned once an hour, and how often the watcher was right."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.story.world import CHECKOUT, ORDER, World, reliance, without
from watcher.daemon.following_up import FollowingUp
from watcher.model.announcement import Terms
from watcher.telemetry import Metrics


class Daemon:
    """What follows up in a daemon, over the story's ledger and clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.metrics = Metrics()
        announcements = SimpleNamespace(terms=Terms())
        parts = SimpleNamespace(
            judgement=world.judgement,
            clock=SimpleNamespace(now=lambda: world.now),
            metrics=self.metrics,
            settings=SimpleNamespace(follow_up=SimpleNamespace(announcements=announcements)),
        )
        self._following_up = FollowingUp(cast("Any", parts), cast("Any", None), told=lambda: None)

    def turn(self, **later: float) -> None:
        self.world.now += dt.timedelta(**later)
        with self.world.ledger.begin() as tx:
            self._following_up._turn(tx)

    def figure(self, figure: str, domain: str = "checkout") -> float | None:
        return self.metrics.registry.get_sample_value("watcher_domain_quarter", {"domain": domain, "figure": figure})


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    world = World(
        tmp_path,
        CHECKOUT + "budget: {breaking_changes: 3, per: 90d}\n",
        reliance("finance", "amount", criticality="high"),
    )
    with closing(world.ledger):
        world.orders(ORDER)
        world.live()
        world.orders(without(ORDER, "amount"))
        yield Daemon(world)


def test_a_domain_has_its_figures(daemon: Daemon) -> None:
    """One break of a consumer that weighs four; two of three are left."""
    daemon.turn(minutes=1)

    found = {
        name: daemon.figure(name) for name in ("unannounced", "announced", "weighted", "unfinished", "budget_left")
    }
    assert found == {"unannounced": 1, "announced": 0, "weighted": 4, "unfinished": 1, "budget_left": 2}
    assert daemon.metrics.registry.get_sample_value("watcher_precision_ratio") == 1


def test_they_are_reckoned_once_an_hour(daemon: Daemon) -> None:
    """Not at each look of the clock."""
    daemon.turn(minutes=1)
    daemon.world.orders(ORDER)
    daemon.turn(minutes=58)
    assert daemon.figure("unfinished") == 1

    daemon.turn(minutes=2)
    assert daemon.figure("unfinished") == 0


def test_a_domain_that_is_gone_has_no_figures(daemon: Daemon) -> None:
    """What nobody measures any more does not stand still on a page."""
    daemon.world.contract(CHECKOUT, "kind: Domain\nname: billing\nowns: [kafka://prod/payments]\n")
    daemon.turn(minutes=1)
    assert daemon.figure("unannounced", "billing") == 0

    daemon.world.contract(CHECKOUT)
    daemon.turn(hours=1)

    assert daemon.figure("unannounced", "billing") is None
