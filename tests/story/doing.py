"""What people and the clock do to tickets in a story, and what was told of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.story.world import World
from watcher.handlers.ticketing.act import Acted, Order, act
from watcher.handlers.ticketing.escalate import climb
from watcher.model.ticket import TicketId, Verb


def do(
    world: World, ticket: str, verb: Verb, by: str = "em-checkout", reason: str = "for a reason", **details: Any
) -> Acted:
    """Move a ticket."""
    with world.ledger.begin() as tx:
        return act(tx, world.judgement, Order(TicketId(ticket), verb, by, "cli", reason, details), world.now)


def tick(world: World, **delta: float) -> int:
    """Let time pass, and the clock look."""
    world.now += dt.timedelta(**delta)
    with world.ledger.begin() as tx:
        return climb(tx, world.judgement, world.now)


def told(world: World, type_: str) -> list[tuple[str, dict[str, Any]]]:
    """What was told of a kind: channel and body."""
    return [(channel, body) for channel, one, body in world.bodies() if one == type_]
