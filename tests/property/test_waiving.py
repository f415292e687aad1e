"""Whatever breaks, heals, is waived, revoked, closed and opened again: in the end what is broken is somebody's work."""

from __future__ import annotations

import datetime as dt
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.story.doing import do, tick
from tests.story.world import ORDER, World, reliance, without
from watcher.handlers.hindsight.audit import verify
from watcher.model.errors import UsageError
from watcher.model.ticket import Verb

CHECKOUT = """
kind: Domain
name: checkout
owns: ["kafka://prod/orders*"]
tickets: [{channel: checkout-hook}]
"""
FIELDS = ("amount", "status")
LONG = 500
"""Days after which every waiver is over."""

stand = st.tuples(st.just("stand"), st.sets(st.sampled_from(FIELDS)))
waive = st.tuples(st.just("waive"), st.integers(0, 1), st.integers(1, 200))
moved = st.tuples(
    st.just("move"),
    st.integers(0, 1),
    st.sampled_from([Verb.REVOKE, Verb.REOPEN, Verb.RESOLVE, Verb.ACKNOWLEDGE, Verb.DISPUTE]),
)
passes = st.tuples(st.just("pass"), st.integers(1, 48))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(stand, stand, stand, waive, waive, moved, passes), min_size=4, max_size=14))
def test_nothing_stays_hidden_behind_a_waiver(doings: list[Any]) -> None:
    """After the last waiver's end the open tickets hold what is broken, each once, and the record is whole."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), CHECKOUT, reliance("finance", *FIELDS))
        with closing(world.ledger):
            world.orders(ORDER)
            world.live()
            gone: set[str] = set()
            for doing in doings:
                world.now += dt.timedelta(minutes=1)
                match doing:
                    case ("stand", fields):
                        gone = fields
                        world.orders(without(ORDER, *sorted(fields)))
                    case ("pass", hours):
                        tick(world, hours=hours)
                    case ("waive", which, hours):
                        until = (world.now + dt.timedelta(hours=hours)).isoformat()
                        person(world, which, Verb.WAIVE, until=until)
                    case ("move", which, verb):
                        person(world, which, verb)
            tick(world, days=LONG)
            tick(world, days=1)

            tickets = [world.ticket(one["id"]) for one in world.show("tickets")]
            held = [
                violation["path"]
                for one in tickets
                for violation in one["violations"]
                if one["state"] not in {"resolved", "waived"} and violation["open"]
            ]
            assert sorted(held) == sorted(gone)
            with world.ledger.begin() as tx:
                assert verify(tx).faults == []


def person(world: World, which: int, verb: Verb, **details: Any) -> None:
    """Somebody tries a move of one of the tickets; what is not legal is refused, and changes nothing."""
    tickets = world.show("tickets")
    if tickets:
        with suppress(UsageError):
            do(world, tickets[which % len(tickets)]["id"], verb, **details)
