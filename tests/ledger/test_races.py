"""Several at one ticket on PostgreSQL: each move is legal where it lands, each step told once, the chain whole."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from tests.story.world import ORDER, World, reliance, without
from watcher.formats.read import read_registered
from watcher.handlers.hearing.judge import judge_due
from watcher.handlers.hindsight.audit import verify
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.policy import Policy
from watcher.handlers.judging.shelf import Shelf
from watcher.handlers.ticketing.act import Order, act
from watcher.handlers.ticketing.escalate import climb
from watcher.ledger import open_ledger
from watcher.model.errors import UsageError
from watcher.model.ticket import LIFE, TicketId, Verb
from watcher.ports import Transaction

AT_ONCE = 6
CHECKOUT = """
kind: Domain
name: checkout
owns: ["kafka://prod/orders*"]
tickets: [{channel: checkout-hook}]
ladder: [{after: 4h, to: "chat:#checkout"}, {after: 2d, to: "mail:lead@acme.example"}]
"""


@pytest.fixture
def world(tmp_path: Path, server_url: str) -> Iterator[World]:
    """A world whose ledger is a PostgreSQL that several processes share."""
    made = World(tmp_path, CHECKOUT, reliance("finance", "amount"))
    made.ledger.close()
    made.ledger = open_ledger(server_url)
    policy = Policy(arbiters=("architect",), channels=frozenset({"checkout-hook", "chat", "mail"}))
    made.judgement = replace(made.judgement, policy=policy)
    made._observer._judgement = made.judgement
    with closing(made.ledger):
        made.orders(ORDER)
        made.live()
        made.orders(without(ORDER, "amount"))
        yield made


def together(world: World, *works: Callable[[Transaction, Judgement], Any]) -> Sequence[Any]:
    """All at the same moment, each in a transaction and with a memory of its own; what each gave, or was refused."""
    start = Barrier(len(works))

    def one(work: Callable[[Transaction, Judgement], Any]) -> Any:
        mine = replace(world.judgement, shelf=Shelf(read_registered))
        start.wait(30)
        try:
            with world.ledger.begin() as tx:
                return work(tx, mine)
        except UsageError as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works, timeout=60))


def moves(world: World) -> list[tuple[str, str | None, str]]:
    [ticket] = world.show("tickets")
    return [(one["verb"], one["before"], one["after"]) for one in world.ticket(ticket["id"])["moves"]]


def legal(world: World) -> None:
    """Each move begins where the one before it ended, and the table lists it; the chain and the tables agree."""
    found = moves(world)
    for (_, _, was), (verb, before, _) in pairwise(found):
        assert before == was, found
        rule = LIFE.get(Verb(verb))
        assert rule is None or before in {one.value for one in rule.before}, found
    with world.ledger.begin() as tx:
        assert verify(tx).faults == []


def order(world: World, verb: Verb, by: str, **details: Any) -> Callable[[Transaction, Judgement], Any]:
    [ticket] = world.show("tickets")
    asked = Order(TicketId(ticket["id"]), verb, by, "cli", "so it is", details)
    return lambda tx, judgement: act(tx, judgement, asked, world.now)


def test_of_many_who_acknowledge_one_does(world: World) -> None:
    """The others are told where it stands."""
    told = together(world, *(order(world, Verb.ACKNOWLEDGE, f"em-{number}") for number in range(AT_ONCE)))
    assert sum(not isinstance(one, UsageError) for one in told) == 1
    assert Counter(verb for verb, *_ in moves(world)) == {"open": 1, "acknowledge": 1}
    legal(world)


def test_a_persons_word_and_the_proof_at_once(world: World) -> None:
    """Whichever comes first, the other one is held against it: no ticket is disputed after it was closed by proof."""
    for _ in range(5):
        world.now += dt.timedelta(minutes=10)
        together(
            world,
            lambda _tx, _judgement: world.orders(ORDER),  # the feed's worker, in a transaction of its own
            order(world, Verb.DISPUTE, "em"),
            order(world, Verb.ACKNOWLEDGE, "lead"),
            order(world, Verb.RESOLVE, "dev"),
            order(world, Verb.WAIVE, "finance", until="2026-12-01"),
        )
        legal(world)
        assert moves(world)[-1][2] == "resolved"
        world.orders(without(ORDER, "amount"))
        assert moves(world)[-1][2] in {"open", "waived"}  # under a waiver what comes back is waived again


def test_a_step_of_the_ladder_is_told_by_one(world: World) -> None:
    """Six workers look at the clock at the same moment."""
    world.now += dt.timedelta(hours=5)
    now = world.now
    together(world, *((lambda tx, judgement: climb(tx, judgement, now)),) * AT_ONCE)
    assert Counter(verb for verb, *_ in moves(world)) == {"open": 1, "escalate": 1}
    with world.ledger.begin() as tx:
        told = [
            row.delivery.channel for row in tx.list_deliveries(100) if row.delivery.type.value == "ticket.escalated"
        ]
    assert told == ["chat"]
    legal(world)


def test_everything_at_once(world: World) -> None:
    """People, the ladder and the judge: nothing waits for itself, and all that is on record is legal."""
    for number in range(4):
        world.now += dt.timedelta(hours=5)
        now = world.now
        together(
            world,
            order(world, Verb.COMMENT, f"dev-{number}"),
            order(world, Verb.SNOOZE, f"em-{number}", until=(now + dt.timedelta(hours=1)).isoformat()),
            lambda tx, judgement, now=now: climb(tx, judgement, now),  # type: ignore[misc]
            lambda tx, judgement, now=now: climb(tx, judgement, now),  # type: ignore[misc]
            lambda tx, judgement, now=now: judge_due(tx, judgement, now),  # type: ignore[misc]
        )
    legal(world)
