"""What is GitHub's own about its channel; what all share is in `test_contract.py`."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from tests.standins import github as standin
from tests.standins.base import SECRET, Fault
from tests.standins.contract import NOW, TICKET, Play, played, said
from watcher.delivery.channels import github
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters.letter import marker
from watcher.delivery.tracker import Compose
from watcher.model.delivery import Delivered, MessageType, Postponed, Refused
from watcher.ports import Channel, Clock

(CASE,) = standin.CASES


def test_an_issue_carries_both_marks_and_our_label() -> None:
    """A label to list by, a comment that no reader sees, and `watcher` on all of ours."""

    async def play(one: Play) -> None:
        await one.tell()
        issue = one.standin.issues[1]
        assert issue.labels == ["watcher", marker(TICKET)]
        assert issue.body.endswith(f"<!-- {marker(TICKET)} -->")
        assert one.mirror is not None
        assert one.mirror.url == "https://github.example/acme/orders/issues/1"

    played(CASE, play)


def test_a_token_that_may_not_set_labels_makes_no_second_issue() -> None:
    """GitHub drops the labels without a word: the hidden comment is found among the newest issues."""

    async def play(one: Play) -> None:
        one.standin.then.append(Fault(on="^POST ", drop="after"))
        await one.tell()
        assert one.standin.issues[1].labels == []
        assert isinstance(await one.again(), Delivered), said(one.told[-1])
        assert len(one.items) == 1

    played(replace(CASE, standin=lambda: standin.Github(push=False)), play)


def test_a_pull_request_with_the_label_is_no_issue_of_ours() -> None:
    """The list of issues holds pull requests too: they are passed over."""

    async def play(one: Play) -> None:
        one.standin.pull_request(["watcher", marker(TICKET)])
        await one.tell()
        one.forget()
        await one.elsewhere()
        assert one.mirror is not None
        assert one.mirror.id == "2"
        assert len(one.items) == 1

    played(CASE, play)


@pytest.mark.parametrize(("state", "reason"), [("resolved", "completed"), ("waived", "not_planned")])
def test_closing_says_why(state: str, reason: str) -> None:
    """A fix closes as completed, a waiver as not planned."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_MOVED, state=state)
        assert (one.standin.issues[1].state, one.standin.issues[1].state_reason) == ("closed", reason)

    played(CASE, play)


def test_the_reason_that_a_person_closed_with_stays() -> None:
    """Somebody closed it as a duplicate: our resolution leaves that."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.issues[1].state, one.standin.issues[1].state_reason = "closed", "duplicate"
        assert isinstance(await one.tell(MessageType.TICKET_RESOLVED, state="resolved"), Delivered)
        assert one.standin.issues[1].state_reason == "duplicate"

    played(CASE, play)


_RESET = str(int(NOW.timestamp()) + 600)


@pytest.mark.parametrize(
    ("fault", "wish"),
    [
        (Fault(status=403, headers={"retry-after": "30"}), dt.timedelta(seconds=30)),
        (
            Fault(status=403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": _RESET}),
            dt.timedelta(minutes=10),
        ),
        (
            Fault(status=429, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": _RESET}),
            dt.timedelta(minutes=10),
        ),
        (
            Fault(status=403, body={"message": "You have exceeded a secondary rate limit. Please wait."}),
            dt.timedelta(minutes=1),
        ),
        (Fault(status=403, body={"message": "Resource not accessible by personal access token"}), None),
    ],
    ids=["retry-after", "403 spent", "429 spent", "secondary", "no limit at all"],
)
def test_its_limits_are_read_as_it_writes_them(fault: Fault, wish: dt.timedelta | None) -> None:
    """403 may be a limit or a missing right: the headers and the words tell which, and how long to wait."""

    async def play(one: Play) -> None:
        one.standin.always = fault
        told = await one.tell()
        assert isinstance(told, Postponed)
        assert told.retry_after == wish
        assert ("token of the channel `github`" in told.reason) is (wish is None)

    played(CASE, play)


def test_issues_that_are_switched_off_wait_for_somebody_to_switch_them_on() -> None:
    """410 is no reason to give up here: the news waits, and says what to do."""

    async def play(one: Play) -> None:
        one.standin.enabled = False
        for _ in range(3):
            told = await (one.tell() if one.last is None else one.again())
            assert isinstance(told, Postponed)
            assert "switch issues on in acme/orders" in told.reason
        one.standin.enabled = True
        assert isinstance(await one.again(), Delivered)

    played(CASE, play)


def test_an_issue_that_was_moved_to_another_repository_gets_a_successor() -> None:
    """The address answers with a redirect, which is not followed; the domain's repository gets another issue."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.transfer(1)
        assert isinstance(await one.tell(MessageType.TICKET_UPDATED), Delivered), said(one.told[-1])
        assert one.item.id == "2"
        assert "The item 1 told of it" in one.item.text

    played(CASE, play)


@pytest.mark.parametrize(("status", "words"), [(301, "was renamed or moved"), (404, "no repository acme/orders")])
def test_a_repository_that_is_not_there_gets_no_second_issue(status: int, words: str) -> None:
    """Renamed, or out of the token's sight: everything answers alike, and the news waits with a word on what to do."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.always = Fault(status=status, headers={"location": "https://api.github.com/repositories/1"})
        told = await one.tell(MessageType.TICKET_UPDATED)
        assert isinstance(told, Postponed)
        assert words in told.reason
        one.standin.always = None
        assert isinstance(await one.again(), Delivered)
        assert [item.id for item in one.items] == ["1"]

    played(CASE, play)


def test_an_enterprise_server_is_reached_below_its_own_path() -> None:
    """`https://host/api/v3` is taken as it is written."""

    def build(door: HttpDoor, clock: Clock, letters: Compose, service: Any) -> Channel:
        return github.build(door, clock, letters, url=f"{service.url}/api/v3/", token=SECRET)

    async def play(one: Play) -> None:
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        assert one.standin.requests[0].path == "/api/v3/repos/acme/orders/issues"

    played(replace(CASE, standin=lambda: standin.Github(prefix="/api/v3"), build=build), play)


def test_assignees_of_the_route_are_assigned() -> None:
    """`assignees` is one name or several."""

    async def play(one: Play) -> None:
        await one.tell()
        assert one.standin.issues[1].assignees == ["data-platform", "orders-lead"]

    played(replace(CASE, route={**CASE.route, "assignees": "data-platform, orders-lead"}), play)


def test_an_assignee_who_left_does_not_keep_the_issue_from_being_made() -> None:
    """GitHub refuses an assignee that it does not know: the issue is made without, and says so."""

    async def play(one: Play) -> None:
        one.standin.strangers = {"orders-lead"}
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        assert one.standin.issues[1].assignees == []
        assert "GitHub does not take orders-lead as assignees" in one.item.text

    played(replace(CASE, route={**CASE.route, "assignees": "orders-lead"}), play)


def test_a_note_is_found_behind_hundreds_of_others() -> None:
    """Comments come oldest first, some a page: the last pages are read."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.issues[1].comments += [f"me too {n}" for n in range(250)]
        one.standin.then.append(Fault(on="/comments$", drop="after"))
        await one.tell(MessageType.TICKET_ESCALATED)
        assert isinstance(await one.again(), Delivered)
        assert len(one.item.notes) == 251

    played(CASE, play)


@pytest.mark.parametrize("repo", ["", "orders", "acme/orders/x", "../x", "acme/..", "acme/orders?x", "a cme/orders"])
def test_a_route_that_names_no_repository_is_refused_before_anything_is_sent(repo: str) -> None:
    """The dead letter says which key to write where."""

    async def play(one: Play) -> None:
        told = await one.tell()
        assert isinstance(told, Refused)
        assert "domain's document" in told.reason
        assert "`repo" in told.reason
        assert "owner/name" in told.reason
        assert one.standin.requests == []

    assert github.check_route({"repo": repo})
    played(replace(CASE, route={"repo": repo} if repo else {}), play)


def test_a_right_route_has_no_problems() -> None:
    """Owner and name, with the characters that GitHub allows."""
    assert github.check_route({"repo": "acme/orders.v2_x-y"}) == []
    assert github.check_route({"repo": "acme/.github", "assignees": "lead"}) == []


def test_a_key_that_means_nothing_is_told_when_the_document_is_read() -> None:
    """A slip of the pen gets the nearest key, and is no reason to hold a delivery up."""
    assert github.check_route({"repo": "acme/orders", "asignees": "lead"}) == [
        "`asignees` means nothing to this channel: did you mean `assignees`?"
    ]

    async def play(one: Play) -> None:
        assert isinstance(await one.tell(), Delivered)

    played(replace(CASE, route={**CASE.route, "asignees": "lead"}), play)


def test_a_locked_issue_is_still_closed() -> None:
    """A conversation that is locked takes no comment of ours; the issue is closed all the same."""

    async def play(one: Play) -> None:
        await one.tell()
        words = "Unable to create comment because issue is locked."
        one.standin.then.append(Fault(on="/comments$", status=403, body={"message": words}))
        assert isinstance(await one.tell(MessageType.TICKET_RESOLVED, state="resolved"), Delivered)
        assert one.item.state == "resolved"

    played(CASE, play)
