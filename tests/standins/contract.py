"""What the contract suite plays with: every channel there is, what is told, and what the dispatcher does around it.

A channel takes part by its stand-in's module: `CASES = (Case(...),)` beside the stand-in, in a file of this directory.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import importlib
import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog

from tests.standins.base import SECRET, Can, Case, Item
from watcher.delivery.addresses import Guard
from watcher.delivery.http import Bounds, HttpDoor
from watcher.delivery.letters.letter import Facts, Items, Letter, Paragraph, Section, Words, marker
from watcher.model.delivery import Answer, Delivered, Delivery, DeliveryId, MessageType, Postponed, Refused, Remote
from watcher.ports import Channel

LOCAL = Guard(["127.0.0.0/8", "localhost"])
PATIENT = Bounds(connect=10, read=20, total=20, body_time=10)
HASTY = Bounds(connect=0.5, read=0.5, total=0.5, body_time=0.5)

NOW = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
TICKET = "TKT-7Q2M"
DATASET = "kafka://prod/orders.v1"
CONSUMER = "marts/revenue"
CLAUSE = "the field total stays a number"


def channels() -> tuple[Case, ...]:
    """Every case that a module of this directory lists, in the order of their names."""
    found: list[Case] = []
    for module in sorted(one.name for one in pkgutil.iter_modules([str(Path(__file__).parent)])):
        if module not in {"base", "contract"}:
            with suppress(ImportError):
                found += getattr(importlib.import_module(f"tests.standins.{module}"), "CASES", ())
    return tuple(found)


CHANNELS = channels()


def able(*needed: Can) -> list[Case]:
    """The channels that can do all of this."""
    return [case for case in CHANNELS if case.can.issuperset(needed)]


class FixedClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> dt.datetime:
        return self.moment


def compose(delivery: Delivery) -> Letter:
    """A letter with what each must say; `body` may bring a longer title, more sections, a word of its own."""
    body = delivery.body
    word = body.get("word", "The field total became a string.")
    return Letter(
        title=body.get("title", f"Breaking change in {DATASET}"),
        lead=(Words(word), Words(" "), Words(DATASET, "code")),
        facts=Facts((("Consumer", (Words(CONSUMER, "strong"),)), ("Clause", (Words(CLAUSE),)))),
        sections=(
            Section(
                "How to fix it",
                (Items(((Words("restore the type"),), (Words("give an alias"),)), numbered=True),),
                True,
            ),
            *(Section(f"Part {n}", (Paragraph((Words("x" * 500),)),)) for n in range(body.get("parts", 0))),
        ),
        footer=(Words("Told by the watcher"),),
        severity=body.get("severity", "high"),
        state=body.get("state", "open"),
        marker=marker(TICKET),
    )


@dataclass(slots=True)
class Play:
    """A channel and its stand-in, and what stands between them in the ledger: the mirror, the ids, the attempts."""

    case: Case
    standin: Any
    channel: Channel
    door: HttpDoor
    clock: FixedClock
    told: list[Answer] = field(default_factory=list)
    mirror: Remote | None = None
    last: Delivery | None = None

    async def tell(self, what: MessageType = MessageType.TICKET_OPENED, *, state: str = "open", **body: Any) -> Answer:
        """A new delivery of the ticket, tried once."""
        self.last = Delivery(
            DeliveryId(f"msg_{len(self.told) + 1}"),
            self.case.name,
            what,
            DATASET,
            {"at": "2026-08-01T12:00:00.000Z", "dataset": DATASET, "ticket": {"id": TICKET}, "state": state, **body},
            NOW,
            route=self.case.route,
            ticket=TICKET,
        )
        return await self._try(self.last)

    async def again(self, **changed: Any) -> Answer:
        """The same delivery once more, as the dispatcher tries it again: the same id, one attempt more."""
        assert self.last is not None
        self.last = replace(self.last, attempts=self.last.attempts + 1, **changed)
        return await self._try(self.last)

    async def elsewhere(self, channel: Channel | None = None) -> Answer:
        """The same delivery by a second worker that knows of no attempt and no mirror, only that it is in doubt."""
        assert self.last is not None
        told = await (channel or self.channel).send(replace(self.last, attempts=0, remote=None, doubtful=True))
        return self._kept(told)

    @asynccontextmanager
    async def hasty(self) -> AsyncIterator[None]:
        """Meanwhile the channel has hardly any patience."""
        patient = self.channel
        async with HttpDoor(LOCAL, HASTY) as door:
            self.channel = self.case.build(door, self.clock, compose, self.standin)
            yield
        self.channel = patient

    def forget(self) -> None:
        """The mirror is not known any more, as after a crash before it was written down."""
        self.mirror = None

    async def _try(self, delivery: Delivery) -> Answer:
        return self._kept(await self.channel.send(replace(delivery, remote=self.mirror)))

    def _kept(self, told: Answer) -> Answer:
        self.told.append(told)
        if not isinstance(told, Refused) and told.remote is not None:
            self.mirror = told.remote
        return told

    @property
    def items(self) -> list[Item]:
        found: list[Item] = self.standin.items()
        return found

    @property
    def item(self) -> Item:
        """The one item that there is."""
        (one,) = self.items
        return one


def played(
    case: Case,
    play: Callable[[Play], Awaitable[None]],
    *,
    guard: Guard = LOCAL,
) -> None:
    """One play with a channel over real HTTP; afterwards nothing that was said, shown or logged holds the secret."""

    async def run() -> None:
        async with case.standin() as standin, HttpDoor(guard, PATIENT) as door:
            clock = FixedClock()
            channel = case.build(door, clock, compose, standin)
            one = Play(case, standin, channel, door, clock)
            with structlog.testing.capture_logs() as logged:
                await play(one)
            _kept_secret(one, logged)

    asyncio.run(run())


def _kept_secret(play: Play, logged: list[Any]) -> None:
    shown = f"{play.told!r} {play.channel!r} {logged!r}"
    for form in (SECRET, base64.b64encode(SECRET.encode()).decode()):
        assert form not in shown, "the secret shows"


def said(told: Answer) -> str:
    """What became of it, as people read it."""
    match told:
        case Postponed(reason) | Refused(reason):
            return reason
        case Delivered(detail):
            return detail
