"""What is Azure DevOps' own about its channel; what all share is in `test_contract.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.standins import azure_devops as standin
from tests.standins.base import SECRET, Fault
from tests.standins.contract import TICKET, Play, played, said
from watcher.delivery.channels import azure_devops
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters.letter import marker
from watcher.delivery.tracker import Compose
from watcher.model.delivery import Delivered, MessageType, Postponed, Refused
from watcher.ports import Channel, Clock

(CASE,) = standin.CASES
BUG = replace(CASE, route={"project": standin.PROJECT, "type": "Bug", "area": "Checkout Data\\Schemas"})


def test_a_work_item_is_made_by_json_patch() -> None:
    """The type stands literally behind a `$`, the project is one segment; both tags are on it; the text is HTML."""

    async def play(one: Play) -> None:
        await one.tell(word="a < b & c")
        (request,) = one.standin.requests
        assert request.path == "/acme/Checkout%20Data/_apis/wit/workitems/$Bug"
        assert request.query == {"api-version": "7.1"}
        assert request.headers["content-type"] == "application/json-patch+json"
        item = one.standin.work[1]
        assert item["System.Tags"] == f"schema-watcher; {marker(TICKET)}"
        assert item["System.AreaPath"] == "Checkout Data\\Schemas"
        assert "a &lt; b &amp; c" in item["System.Description"]
        assert one.mirror is not None
        assert one.mirror.url == f"{one.standin.url}/acme/Checkout%20Data/_workitems/edit/1"

    played(BUG, play)


@pytest.mark.parametrize(
    ("case", "state", "name"),
    [
        (CASE, "acknowledged", "Doing"),
        (CASE, "in_progress", "Doing"),
        (CASE, "resolved", "Done"),
        (CASE, "waived", "Done"),
        (BUG, "in_progress", "Active"),
        (BUG, "resolved", "Closed"),
        (BUG, "waived", "Closed"),
    ],
)
def test_states_are_found_by_their_category(case: Any, state: str, name: str) -> None:
    """Each work item type has its own names: the category says which one is meant, and is asked for once."""

    async def play(one: Play) -> None:
        await one.tell()
        for _ in range(2):
            await one.tell(MessageType.TICKET_MOVED, state=state)
            assert one.standin.work[1]["System.State"] == name
        assert len(one.standin.calls("/states$")) == 1

    played(case, play)


def test_a_bug_that_was_resolved_there_is_left_so() -> None:
    """Agile's Resolved waits for whoever verifies it: our own resolution does not close it over their heads."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.work[1]["System.State"] = "Resolved"
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        assert one.standin.work[1]["System.State"] == "Resolved"
        await one.tell(MessageType.TICKET_REOPENED)
        assert one.standin.work[1]["System.State"] == "New"

    played(BUG, play)


def test_named_states_go_before_categories() -> None:
    """The settings name a state for ours: it is taken, whatever its category."""

    def build(door: HttpDoor, clock: Clock, letters: Compose, service: Any) -> Channel:
        states, fields = {"waived": "removed", "resolved": "Resolved"}, {"Custom.Team": "Checkout"}
        url = f"{service.url}/acme/"
        return azure_devops.build(door, clock, letters, url=url, token=SECRET, entra=True, states=states, fields=fields)

    async def play(one: Play) -> None:
        one.standin.require_field()
        await one.tell()
        assert one.standin.requests[0].headers["authorization"] == f"Bearer {SECRET}"
        assert one.standin.work[1]["Custom.Team"] == "Checkout"
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        assert one.standin.work[1]["System.State"] == "Resolved"
        await one.tell(MessageType.TICKET_REOPENED)
        await one.tell(MessageType.TICKET_MOVED, state="waived")
        assert one.standin.work[1]["System.State"] == "Removed"

    played(replace(BUG, build=build), play)


def test_what_people_write_at_the_same_moment_is_not_lost() -> None:
    """Somebody saved in between: the write for the old revision fails, and is made again for the new one."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.raced = 2
        assert isinstance(await one.tell(MessageType.TICKET_RESOLVED, state="resolved"), Delivered), said(one.told[-1])
        assert one.item.state == "resolved"
        assert len(one.item.notes) == 1
        one.standin.raced = 99
        told = await one.tell(MessageType.TICKET_REOPENED)
        assert isinstance(told, Postponed)
        assert "by others each time" in told.reason

    played(CASE, play)


def test_a_tag_that_was_taken_off_is_put_on_again_and_others_stay() -> None:
    """People's tags stay; ours come back with the next update, so that the item is found."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.work[1]["System.Tags"] = "sprint-7; schema-watcher"
        await one.tell(MessageType.TICKET_UPDATED)
        assert one.standin.work[1]["System.Tags"] == f"schema-watcher; sprint-7; {marker(TICKET)}"

    played(CASE, play)


def test_a_longer_tag_is_another_tickets() -> None:
    """CONTAINS may be content with a part of a tag: only the whole one is ours."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.work[1]["System.Tags"] += "x"
        one.forget()
        await one.elsewhere()
        assert len(one.items) == 2

    played(CASE, play)


def test_an_assignee_who_left_does_not_keep_the_item_from_being_made() -> None:
    """Azure DevOps does not know the identity: the item is made without, and says so."""

    async def play(one: Play) -> None:
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        assert "gone@acme.example" in one.item.text
        assert len(one.items) == 1

    played(replace(CASE, route={**CASE.route, "assigned_to": "gone@acme.example"}), play)


def test_a_sign_in_page_is_a_matter_of_the_token() -> None:
    """A redirect to the sign-in page, or the page itself with 203, is no success and names what to mend."""

    async def play(one: Play) -> None:
        one.standin.asks_to_sign_in = True
        told = await one.tell()
        assert isinstance(told, Postponed)
        assert "check the token of the channel `azure-devops`" in told.reason
        one.standin.asks_to_sign_in = False
        one.standin.always = Fault(status=203, body="<html>Sign in to your account</html>")
        told = await one.again()
        assert isinstance(told, Postponed)
        assert "asks to sign in; check the token of the channel `azure-devops`" in told.reason
        one.standin.always = None
        assert isinstance(await one.again(), Delivered), said(one.told[-1])

    played(CASE, play)


def test_an_item_that_moved_to_another_project_is_still_told() -> None:
    """The number outlives the move; notes are looked for where the item is now."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.work[1]["System.TeamProject"] = "Payments"
        one.standin.then.append(Fault(on="^PATCH ", drop="after"))
        assert isinstance(await one.tell(MessageType.TICKET_ESCALATED), Postponed)
        assert isinstance(await one.again(), Delivered), said(one.told[-1])
        assert len(one.item.notes) == 1

    played(CASE, play)


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ({"project": "Checkout Data", "type": "User Story", "iteration": "x"}, ""),
        ({}, "`project` is missing"),
        ({"project": "a/../b"}, "is no project"),
        ({"project": "x", "type": "Bug?"}, "is no work item type"),
        ({"project": "x", "aera": "y"}, "did you mean `area`?"),
    ],
)
def test_a_route_is_checked(route: dict[str, str], words: str) -> None:
    """A domain's entry that cannot work is told with what to write."""
    told = azure_devops.check_route(route)
    assert bool(told) is bool(words)
    assert words in " ".join(told)


def test_a_route_without_a_project_is_refused_before_anything_is_sent() -> None:
    """There is no place for the item: the reason names the key, and no request is made."""

    async def play(one: Play) -> None:
        told = await one.tell()
        assert isinstance(told, Refused)
        assert "`project` is missing" in told.reason
        assert one.standin.requests == []

    played(replace(CASE, route={}), play)
