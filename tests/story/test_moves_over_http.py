"""Moves over HTTP: what is done, what is refused, and that every answer says what to do in plain words."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.parts.asgi import Answered, asked
from tests.story.world import ORDER, World, reliance, without
from watcher.bootstrap import Parts
from watcher.daemon.accounting import Accounting
from watcher.daemon.ledger_thread import LedgerThread
from watcher.model.ticket import LIFE
from watcher.web.api import Backstage, build_app

CHECKOUT = """
kind: Domain
name: checkout
owns: ["kafka://prod/orders*"]
tickets: [{channel: checkout-hook}]
calendar: {timezone: Asia/Tokyo}
"""


class Door:
    """The routes of tickets over one world with one ticket, whose break persists."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.thread = LedgerThread(world.ledger)
        clock = SimpleNamespace(now=lambda: world.now)
        parts = SimpleNamespace(judgement=world.judgement, clock=clock)
        self.app = build_app(
            Backstage(
                status=self._nothing, metrics=self._nothing, look=self._look, check=self._nothing, send=self._nothing,
                followed=Accounting(cast("Parts", parts), self.thread),
            )
        )  # fmt: skip
        self.ticket = str(world.show("tickets")[0]["id"])

    async def _nothing(self, *_: Any) -> Any:
        raise NotImplementedError

    async def _look(self, view: Any) -> Any:
        return await self.thread(view)

    def send(self, method: str, url: str, body: bytes = b"") -> Answered:
        return asyncio.run(asked(self.app, method, url, headers=[("content-type", "application/json")], body=body))

    def move(self, ticket: str | None = None, **said: Any) -> Answered:
        body = json.dumps({"by": "em-checkout", **said}).encode()
        return self.send("POST", f"/v1/tickets/{ticket or self.ticket}/moves", body)

    def shown(self) -> dict[str, Any]:
        return dict(self.send("GET", f"/v1/tickets/{self.ticket}").json())


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    world = World(tmp_path, CHECKOUT, reliance("finance", "amount"))
    with closing(world.ledger):
        world.orders(ORDER)
        world.live()
        world.orders(without(ORDER, "amount"))
        made = Door(world)
        yield made
        made.thread.close()


def test_a_move_is_answered_with_where_the_ticket_stands(door: Door) -> None:
    """200, the state, and how many were told."""
    answer = door.move(verb="acknowledge")

    assert (answer.status, answer.json()["state"], answer.json()["moved"]) == (200, "acknowledged", True)


def test_a_claim_that_does_not_hold_is_refused(door: Door) -> None:
    """409: nobody takes it for done; the answer has why, and what can be done instead."""
    answer = door.move(verb="resolve", reason="it is back")

    assert answer.status == 409
    assert (answer.json()["moved"], answer.json()["state"]) == (False, "open")
    assert "stays open: the break persists" in answer.json()["error"]
    assert "`dispute`" in answer.json()["error"]
    assert "<" not in answer.json()["error"]
    assert door.shown()["state"] == "open"


def test_a_ticket_that_is_not_there_is_so_for_every_question(door: Door) -> None:
    """404, whether it is read or moved."""
    read = door.send("GET", "/v1/tickets/T-9")
    moved = door.move("T-9", verb="acknowledge")

    assert (read.status, moved.status) == (404, 404)
    assert "there is no ticket T-9" in moved.json()["error"]


@pytest.mark.parametrize("verb", ["close", "open", "expire", "update", "escalate", 7, None, "x" * 500])
def test_only_a_persons_verbs_are_named(door: Door, verb: object) -> None:
    """What the clock and the watcher do is nobody's to ask for, and is not offered."""
    answer = door.move(verb=verb)
    listed = answer.json()["error"].rpartition("one of ")[2].split(", ")

    assert answer.status == 422
    assert answer.json()["error"].startswith("`verb`: ")
    assert listed == [one.value for one, rule in LIFE.items() if not rule.ours]
    assert "expire" not in listed


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "the body is no JSON (at character 1): "),
        (b"", "the body is missing: send a JSON object"),
        (b"[]", "the body is to be a JSON object"),
        (b'{"by": "me"}', "`verb` is missing"),
        (b'{"verb": "start", "by": 7}', "`by` is to be a text"),
        (b'{"verb": "start", "by": ""}', "`by` is not to be empty"),
        (
            b'{"verb": "start", "by": "me", "comment": "hm"}',
            "`comment` is nothing that is known here: known are `verb`, `by`, `reason`, `until`, `as`, `scope`",
        ),
    ],
)
def test_a_mistake_is_told_with_its_member(door: Door, body: bytes, said: str) -> None:
    """Which member is meant, and what may stand there; no words of the program's own insides."""
    answer = door.send("POST", f"/v1/tickets/{door.ticket}/moves", body)

    assert answer.status == 422
    assert answer.json()["error"].startswith(said)


def test_a_query_is_told_alike(door: Door) -> None:
    """A bound is named as a bound."""
    assert door.send("GET", "/v1/tickets?limit=0").json()["error"] == "`limit` is 1 at least"
    assert door.send("GET", "/v1/tickets?limit=x").json()["error"] == "`limit` is to be a whole number"


def test_a_day_is_meant_to_its_end_in_the_domains_zone(door: Door) -> None:
    """As on the command line: the last second of that day, where the domain works."""
    answer = door.move(verb="snooze", until="2026-11-20", reason="the owner is back on Friday")

    assert answer.status == 200
    [snooze] = [one for one in door.shown()["moves"] if one["verb"] == "snooze"]
    meant = dt.datetime(2026, 11, 20, 14, 59, 59, tzinfo=dt.UTC)
    assert dt.datetime.fromisoformat(snooze["details"]["until"]) == meant
    assert dt.datetime.fromisoformat(door.shown()["snoozed_until"]) == meant


@pytest.mark.parametrize(
    ("until", "said"),
    [("2020-01-01", "not 2020-01-01 14:59 UTC"), ("2027-12-31", "at most 31 days (2026-12-03)"), ("soon", "is no day")],
)
def test_an_end_that_cannot_be_is_told_with_a_date(door: Door, until: str, said: str) -> None:
    """What was understood, and how far it may be, as a reader writes it."""
    answer = door.move(verb="snooze", until=until, reason="later")

    assert answer.status == 422
    assert said in answer.json()["error"]
