"""Waivers: who may grant one and end it, what it covers while it runs, and that nothing stays hidden behind its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.story.doing import do, tick, told
from tests.story.world import ORDER, World, reliance, without
from watcher.handlers.judging.policy import Policy
from watcher.model.errors import UsageError
from watcher.model.ticket import TicketId, Verb

CHECKOUT = """
kind: Domain
name: checkout
owns: ["kafka://prod/orders*"]
tickets: [{channel: checkout-hook}]
deadlines: {normal: {acknowledge: 2h, fix: 1d}}
calendar: {timezone: UTC, hours: "09:00-17:00", days: mon-fri}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A domain, two consumers of two fields, one schema that stands; it is Monday, nine o'clock."""
    documents = (
        CHECKOUT,
        reliance("finance", "amount", notify=["finance-hook"]),
        reliance("risk", "status", notify=["risk-hook"]),
    )
    made = World(tmp_path, *documents)
    with closing(made.ledger):
        settle(made)
        made.orders(ORDER)
        made.live()
        yield made


def settle(world: World, **policy: Any) -> None:
    """Give the world these settings."""
    channels = frozenset({"checkout-hook", "finance-hook", "risk-hook"})
    world.judgement = replace(world.judgement, policy=Policy(channels=channels, **policy))
    world._observer._judgement = world.judgement


def waived(world: World, *fields: str, until: str = "2026-11-12") -> TicketId:
    """A ticket for fields that are gone, which finance's head accepts until then."""
    schema = ORDER
    for one in fields or ("amount",):
        schema = without(schema, one)
    world.orders(schema)
    ticket = TicketId(world.show("tickets")[-1]["id"])
    do(world, ticket, Verb.WAIVE, by="head-of-finance", until=until, reason="we move to v2")
    return ticket


def verbs(world: World, ticket: str) -> list[str]:
    """What was done with a ticket, in order."""
    return [move["verb"] for move in world.ticket(ticket)["moves"]]


def test_a_waiver_is_ended_early(world: World) -> None:
    """The ticket is open again at once, with new deadlines, told as such; the waiver says who ended it."""
    ticket = waived(world)
    world.now += dt.timedelta(days=2)

    do(world, ticket, Verb.REVOKE, by="head-of-finance", reason="v2 is late")

    shown = world.ticket(ticket)
    assert (shown["state"], verbs(world, ticket)[-1]) == ("open", "revoke")
    assert shown["fix_by"] == "2026-11-04T17:00:00+00:00"
    [waiver] = shown["waivers"]
    assert (waiver["ended_by"], waiver["ended_at"]) == ("head-of-finance", "2026-11-04T09:00:00+00:00")
    assert told(world, "ticket.reopened")[-1][1]["move"]["reason"] == "v2 is late"
    world.orders(ORDER)
    world.orders(without(ORDER, "amount"))
    assert world.ticket(ticket)["state"] == "open"


def test_what_is_not_waived_has_no_waiver_to_end(world: World) -> None:
    """The refusal says what can be done; and an end needs a reason, as its beginning did."""
    world.orders(without(ORDER, "amount"))
    [ticket] = world.show("tickets")
    with pytest.raises(UsageError, match=r"is open.*waive"):
        do(world, ticket["id"], Verb.REVOKE, by="head-of-finance")
    do(world, ticket["id"], Verb.WAIVE, by="head-of-finance", until="2026-11-12")
    with pytest.raises(UsageError, match="needs a reason"):
        do(world, ticket["id"], Verb.REVOKE, by="head-of-finance", reason=" ")


def test_a_revoked_waiver_beside_an_open_ticket_goes_into_that(world: World) -> None:
    """A domain has one open ticket of a dataset: what was waived becomes part of it."""
    ticket = waived(world)
    world.orders(without(without(ORDER, "amount"), "status"))
    [other] = [one["id"] for one in world.show("tickets") if one["id"] != ticket]

    do(world, ticket, Verb.REVOKE, by="head-of-finance")

    assert world.ticket(ticket)["state"] == "resolved"
    assert {one["path"] for one in world.ticket(other)["violations"]} == {"amount", "status"}


def test_only_those_whom_the_settings_name_may_waive(world: World) -> None:
    """The message names them; whoever they are, anybody hit may end it."""
    settle(world, may_waive=("head-of-finance",))
    world.orders(without(ORDER, "amount"))
    [ticket] = world.show("tickets")
    with pytest.raises(UsageError, match="head-of-finance"):
        do(world, ticket["id"], Verb.WAIVE, by="em-checkout", until="2026-11-12")

    do(world, ticket["id"], Verb.WAIVE, by="head-of-finance", until="2026-11-12")
    do(world, ticket["id"], Verb.REVOKE, by="lead-revenue")

    assert world.ticket(ticket["id"])["state"] == "open"


def test_the_consumers_hear_of_a_waiver(world: World) -> None:
    """Whoever is hit reads who accepted it for them, why and until when, and how it is ended."""
    waived(world)

    [(channel, body)] = told(world, "consumer.waived")
    assert channel == "finance-hook"
    assert body["waiver"] == {"by": "head-of-finance", "reason": "we move to v2", "until": "2026-11-12T23:59:59.000Z"}


def test_the_consumers_hear_that_it_was_decided_to_be_no_break(world: World) -> None:
    """An arbiter's word ends it for them too: it says whose, and why."""
    settle(world, arbiters=("chief-architect",))
    world.orders(without(ORDER, "amount"))
    [ticket] = world.show("tickets")
    do(world, ticket["id"], Verb.RESOLVE, by="chief-architect", reason="nobody reads it", **{"as": "not-breaking"})

    [(channel, body)] = told(world, "consumer.relieved")
    assert channel == "finance-hook"
    assert body["decided"] == {"by": "chief-architect", "reason": "nobody reads it"}


def test_what_breaks_again_under_its_waiver_is_held_by_its_ticket(world: World) -> None:
    """One of two is mended and breaks again: nobody is asked for it now, and at the waiver's end it comes back."""
    ticket = waived(world, "amount", "status")
    world.orders(without(ORDER, "amount"))
    world.orders(without(without(ORDER, "amount"), "status"))
    assert [one["id"] for one in world.show("tickets")] == [ticket]

    tick(world, days=11)

    shown = world.ticket(ticket)
    assert shown["state"] == "open"
    assert {one["path"] for one in shown["violations"] if one["open"]} == {"amount", "status"}


def test_what_was_mended_and_breaks_again_under_its_waiver_is_waived_again(world: World) -> None:
    """Its ticket is opened again and rests as before, until the same day; then it comes back, loudly."""
    ticket = waived(world)
    world.orders(ORDER)
    assert world.ticket(ticket)["state"] == "resolved"
    world.orders(without(ORDER, "amount"))

    assert verbs(world, ticket) == ["open", "waive", "resolve", "reopen", "waive"]
    assert [one["id"] for one in world.show("tickets")] == [ticket]
    assert world.ticket(ticket)["state"] == "waived"

    tick(world, days=11)

    assert (world.ticket(ticket)["state"], verbs(world, ticket)[-1]) == ("open", "expire")


def test_beside_an_open_ticket_what_was_mended_and_breaks_again_is_work(world: World) -> None:
    """A domain has one open ticket of a dataset: it goes into that, in place of resting in one that is over."""
    ticket = waived(world)
    world.orders(ORDER)
    world.orders(without(ORDER, "status"))
    [other] = [one["id"] for one in world.show("tickets") if one["id"] != ticket]

    world.orders(without(ORDER, "status", "amount"))

    assert world.ticket(ticket)["state"] == "resolved"
    assert {one["path"] for one in world.ticket(other)["violations"] if one["open"]} == {"amount", "status"}
