"""What is GitLab's own about its channel; what all share is in `test_contract.py`."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from tests.standins import gitlab as standin
from tests.standins.base import SECRET, Fault
from tests.standins.contract import NOW, TICKET, Play, played, said
from watcher.delivery.channels import gitlab
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters.letter import marker
from watcher.delivery.tracker import Compose
from watcher.model.delivery import Delivered, MessageType, Postponed, Refused
from watcher.ports import Channel, Clock

(CASE,) = standin.CASES


def test_a_project_in_groups_is_one_segment_of_the_path() -> None:
    """The path's slashes are encoded, and the mirror is kept by the project's number, which outlives a renaming."""

    async def play(one: Play) -> None:
        await one.tell()
        assert one.standin.requests[0].path == "/api/v4/projects/acme%2Fdata%2Forders/issues"
        assert one.mirror is not None
        assert one.mirror.data == {"project": "42"}
        await one.tell(MessageType.TICKET_UPDATED)
        assert one.standin.requests[-1].path.startswith("/api/v4/projects/42/issues/1")

    played(CASE, play)


@pytest.mark.parametrize("oauth", [True, False])
def test_a_token_goes_as_its_kind_is_sent(oauth: bool) -> None:
    """A personal, group or project token has a header of GitLab's own; OAuth's goes as a bearer's."""

    def build(door: HttpDoor, clock: Clock, letters: Compose, service: Any) -> Channel:
        return gitlab.build(door, clock, letters, url=service.url + "/api/v4", token=SECRET, oauth=oauth)

    async def play(one: Play) -> None:
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        assert ("authorization" in one.standin.requests[0].headers) is oauth

    played(replace(CASE, build=build), play)


def test_lines_with_a_slash_give_no_orders_in_text_and_notes() -> None:
    """GitLab acts on `/close` at the beginning of a line, whoever wrote it: such lines are only text."""

    async def play(one: Play) -> None:
        await one.tell(word="/close\n/label ~urgent", title="/title x")
        await one.tell(MessageType.TICKET_UPDATED, word="/close\n  /close\n/label ~urgent")
        assert one.item.state == "open"
        assert one.standin.issues[1].labels == ["watcher", marker(TICKET)]

    played(CASE, play)


def test_a_label_that_was_taken_off_is_put_on_again() -> None:
    """Without its label the issue would not be found: an update brings it back, and leaves the labels of others."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.issues[1].labels[:] = ["theirs"]
        await one.tell(MessageType.TICKET_UPDATED)
        assert one.standin.issues[1].labels == ["theirs", "watcher", marker(TICKET)]

    played(CASE, play)


@pytest.mark.parametrize(
    ("headers", "wish"),
    [
        ({"ratelimit-remaining": "0", "ratelimit-reset": str(int(NOW.timestamp()) + 60)}, dt.timedelta(minutes=1)),
        ({}, None),
    ],
    ids=["reset", "nothing"],
)
def test_its_limits_are_read_as_it_writes_them(headers: dict[str, str], wish: dt.timedelta | None) -> None:
    """Without Retry-After the moment counts at which the limit is new."""

    async def play(one: Play) -> None:
        one.standin.always = Fault(status=429, headers=headers)
        told = await one.tell()
        assert isinstance(told, Postponed)
        assert told.retry_after == wish
        assert "Retry later" in told.reason

    played(CASE, play)


def test_a_project_out_of_sight_gets_no_second_issue() -> None:
    """A token that lost its role sees 404 everywhere: the news waits, with a word on what to do."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.always = Fault(status=404, body={"message": "404 Project Not Found"})
        told = await one.tell(MessageType.TICKET_UPDATED)
        assert isinstance(told, Postponed)
        assert "no project acme/data/orders, or the token may not see it" in told.reason
        one.standin.always = None
        assert isinstance(await one.again(), Delivered)
        assert [item.id for item in one.items] == ["1"]

    played(CASE, play)


@pytest.mark.parametrize("project", ["", "orders", "acme//orders", "acme/orders?x=1"])
def test_a_route_that_names_no_project_is_refused_before_anything_is_sent(project: str) -> None:
    """The dead letter says which key to write where."""

    async def play(one: Play) -> None:
        told = await one.tell()
        assert isinstance(told, Refused)
        assert "domain's document" in told.reason
        assert "`project" in told.reason
        assert one.standin.requests == []

    assert gitlab.check_route({"project": project})
    played(replace(CASE, route={"project": project} if project else {}), play)


@pytest.mark.parametrize("project", ["acme/orders", "acme/data/orders.v2", "42"])
def test_a_right_route_has_no_problems(project: str) -> None:
    """A path of groups and a name, or the project's number."""
    assert gitlab.check_route({"project": project}) == []
