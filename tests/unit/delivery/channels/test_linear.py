"""What is Linear's own about its channel; what all share is in `test_contract.py`."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest

from tests.standins import linear as standin
from tests.standins.base import SECRET, Fault
from tests.standins.contract import NOW, TICKET, Play, played, said
from watcher.delivery.channels import linear
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters.letter import marker
from watcher.delivery.tracker import Compose
from watcher.model.delivery import Delivered, MessageType, Postponed, Refused
from watcher.ports import Channel, Clock

(CASE,) = standin.CASES


def test_an_issue_has_an_id_that_follows_from_the_ticket() -> None:
    """The id is a version 4 UUID, the same on every machine; the marker stands where people and hooks see it."""

    async def play(one: Play) -> None:
        await one.tell(severity="critical")
        (issue,) = one.standin.issues.values()
        assert uuid.UUID(issue["id"]).version == 4
        assert issue["id"] == linear._ids(marker(TICKET), "CHK")[0]
        assert issue["description"].endswith(f"`{marker(TICKET)}`")
        assert issue["priority"] == 1
        assert one.mirror is not None
        assert one.mirror.data == {"key": "CHK-1"}
        assert one.mirror.url == "https://linear.example/acme/issue/CHK-1"

    played(CASE, play)


def test_what_linear_says_it_did_not_do_is_tried_again() -> None:
    """`success: false` without an error is no success."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.then.append(Fault())
        one.standin.then.append(Fault(status=200, body={"data": {"issueUpdate": {"success": False}}}))
        assert isinstance(await one.tell(MessageType.TICKET_UPDATED, word="A second field went."), Postponed)
        assert isinstance(await one.again(), Delivered), said(one.told[-1])
        assert "A second field went." in one.item.text

    played(CASE, play)


def test_a_team_may_be_named_by_its_id() -> None:
    """Who has the id rather than the key writes that: no team is asked for."""

    async def play(one: Play) -> None:
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        assert len(one.standin.issues) == 1
        one.forget()
        assert isinstance(await one.elsewhere(), Delivered), said(one.told[-1])
        assert len(one.standin.issues) == 1
        assert not any(b"teams(" in request.body for request in one.standin.requests)

    assert linear.check_route({"team": standin.TEAM}) == []
    played(replace(CASE, route={"team": standin.TEAM}), play)


def test_two_workers_that_create_at_once_make_one_issue() -> None:
    """Neither knows of the other, and neither searches: the second create of the same id fails, and finds the first."""

    async def play(one: Play) -> None:
        await one.tell()
        one.forget()
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        assert len(one.standin.issues) == 1

    played(CASE, play)


@pytest.mark.parametrize("purged", [False, True])
def test_a_deleted_issue_has_spent_its_id(purged: bool) -> None:
    """In the bin for thirty days, or gone for good: the successor takes the next id, and is found by it."""

    async def play(one: Play) -> None:
        await one.tell()
        first = one.item.id
        one.standin.delete(first)
        if purged:
            one.standin.purge(first)
        assert isinstance(await one.tell(MessageType.TICKET_UPDATED), Delivered), said(one.told[-1])
        assert one.item.id == linear._ids(marker(TICKET), "CHK")[1]
        one.forget()
        await one.elsewhere()
        assert one.mirror is not None
        assert one.mirror.id == one.item.id

    played(CASE, play)


def test_a_spent_limit_is_a_400_with_a_code_and_is_waited_for() -> None:
    """RATELIMITED: no judgement on the message; the header says in milliseconds when the limit is new."""

    async def play(one: Play) -> None:
        body = {"errors": [{"message": "Rate limit exceeded", "extensions": {"code": "RATELIMITED"}}]}
        reset = int((NOW + dt.timedelta(minutes=25)).timestamp() * 1000)
        headers = {"x-ratelimit-requests-remaining": "0", "x-ratelimit-requests-reset": str(reset)}
        one.standin.always = Fault(status=400, body=body, headers=headers)
        told = await one.tell()
        for _ in range(8):
            assert isinstance(told, Postponed)
            assert told.retry_after == dt.timedelta(minutes=25)
            told = await one.again()
        one.standin.always = Fault(status=400, body=body)
        told = await one.again()
        assert isinstance(told, Postponed)
        assert told.retry_after == dt.timedelta(minutes=1)

    played(CASE, play)


def test_an_error_in_a_good_status_is_no_success() -> None:
    """200 with `errors`: wrong input is told in Linear's words; a failure of its own is tried again without end."""

    async def play(one: Play) -> None:
        internal = {"data": None, "errors": [{"message": "oops", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}
        one.standin.always = Fault(status=200, body=internal)
        told = await one.tell()
        for _ in range(8):
            assert isinstance(told, Postponed), told
            told = await one.again()
        one.standin.always = None
        assert isinstance(await one.again(), Delivered), said(one.told[-1])

    played(CASE, play)


def test_credentials_that_are_refused_in_a_good_status_say_what_to_mend() -> None:
    """200 or 400 with an authentication error: nothing is given up, and the channel is named."""

    async def play(one: Play) -> None:
        error = {
            "message": "Authentication required, not authenticated",
            "extensions": {"code": "AUTHENTICATION_ERROR"},
        }
        for status in (200, 400):
            one.standin.always = Fault(status=status, body={"errors": [error]})
            told = await one.tell()
            for _ in range(8):
                assert isinstance(told, Postponed), told
                assert "check the token of the channel `linear`" in told.reason
                told = await one.again()

    played(CASE, play)


def test_the_workflow_is_read_once() -> None:
    """States and team are kept: the second ticket's move asks for neither."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_MOVED, state="acknowledged")
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        asked = [request.json["query"] for request in one.standin.requests]
        assert sum("teams(" in query for query in asked) == 1
        assert sum(" team(" in query for query in asked) == 1

    played(CASE, play)


def test_a_workflow_that_changed_is_read_anew() -> None:
    """The state that was kept is gone: the next try reads the states again, and arrives."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        await one.tell(MessageType.TICKET_REOPENED)
        done = one.standin.state("Done")
        one.standin.states["state-new"] = one.standin.states.pop(done)
        assert isinstance(await one.tell(MessageType.TICKET_RESOLVED, state="resolved"), Postponed)
        assert isinstance(await one.again(), Delivered), said(one.told[-1])
        assert one.item.state == "resolved"

    played(CASE, play)


@pytest.mark.parametrize(
    ("state", "name"),
    [("acknowledged", "In Progress"), ("in_progress", "In Progress"), ("resolved", "Done"), ("waived", "Canceled")],
)
def test_a_state_is_taken_by_its_type_and_place(state: str, name: str) -> None:
    """Of several states of a type the first in the team's order is taken; a waived ticket is canceled."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_MOVED, state=state)
        assert next(iter(one.standin.issues.values()))["state"] == one.standin.state(name)

    played(CASE, play)


def test_named_states_go_before_types() -> None:
    """The settings name a state for ours: it is taken, whatever its type."""

    def build(door: HttpDoor, clock: Clock, letters: Compose, service: Any) -> Channel:
        states = {"acknowledged": "todo", "in_progress": "In Review"}
        return linear.build(door, clock, letters, url=f"{service.url}/graphql", token=SECRET, oauth=True, states=states)

    async def play(one: Play) -> None:
        await one.tell()
        for state, name in (("acknowledged", "Todo"), ("in_progress", "In Review")):
            await one.tell(MessageType.TICKET_MOVED, state=state)
            assert next(iter(one.standin.issues.values()))["state"] == one.standin.state(name)
        assert one.standin.requests[0].headers["authorization"] == f"Bearer {SECRET}"

    played(replace(CASE, build=build), play)


def test_an_archived_issue_is_taken_out_to_be_opened() -> None:
    """Linear archives what is done: a break that is back takes the issue out of the archive."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        next(iter(one.standin.issues.values()))["archivedAt"] = "2026-08-20T00:00:00.000Z"
        assert isinstance(await one.tell(MessageType.TICKET_REOPENED), Delivered), said(one.told[-1])
        assert one.item.state == "open"
        assert len(one.items) == 1

    played(CASE, play)


def test_a_team_that_is_not_there_waits_until_it_is_mended() -> None:
    """The key names no team: the reason says where to mend it, and nothing is given up."""

    async def play(one: Play) -> None:
        told = await one.tell()
        assert isinstance(told, Postponed)
        assert "no team NOPE" in told.reason

    played(replace(CASE, route={"team": "nope"}), play)


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ({"team": "chk", "project": "p"}, ""),
        ({}, "`team` is missing"),
        ({"team": "Check out"}, "is no team's key"),
        ({"team": "CHK", "projct": "y"}, "did you mean `project`?"),
    ],
)
def test_a_route_is_checked(route: dict[str, str], words: str) -> None:
    """A domain's entry that cannot work is told with what to write."""
    told = linear.check_route(route)
    assert bool(told) is bool(words)
    assert words in " ".join(told)


def test_a_route_without_a_team_is_refused_before_anything_is_sent() -> None:
    """There is no place for the issue: the reason names the key, and no request is made."""

    async def play(one: Play) -> None:
        told = await one.tell()
        assert isinstance(told, Refused)
        assert "`team` is missing" in told.reason
        assert one.standin.requests == []

    played(replace(CASE, route={}), play)
