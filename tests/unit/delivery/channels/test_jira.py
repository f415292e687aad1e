"""What is Jira's own about its channel; what all share is in `test_contract.py`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.standins import jira as standin
from tests.standins.base import SECRET, Case, Fault
from tests.standins.contract import NOW, TICKET, Play, played, said
from watcher.delivery.channels import jira
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters.letter import marker
from watcher.delivery.tracker import Compose
from watcher.model.delivery import Delivered, MessageType, Postponed, Refused
from watcher.model.errors import ConfigurationError
from watcher.ports import Channel, Clock

CLOUD, STRICT, CENTER = standin.CASES


def _case(workflow: str = "simple", route: Mapping[str, str] | None = None, **settings: Any) -> Case:
    def build(door: HttpDoor, clock: Clock, letters: Compose, service: Any) -> Channel:
        return jira.build(
            door, clock, letters, url=service.url, cloud=True, email=standin.EMAIL, token=SECRET, **settings
        )

    return replace(
        CLOUD, standin=lambda: standin.Jira(workflow=workflow), build=build, route={**CLOUD.route, **(route or {})}
    )


def test_what_the_search_does_not_know_yet_is_found_by_its_key() -> None:
    """Cloud's search runs behind: the keys after the newest that it knows are asked for as well."""

    async def play(one: Play) -> None:
        for _ in range(3):
            await one.tell()
            one.forget()
            one.standin.only().fields["labels"] = ["another"]
            one.standin.index()
            one.standin.delete(one.standin.only().id)
        one.standin.then.append(Fault(on="^POST .*/issue$", drop="after"))
        await one.tell()
        assert isinstance(await one.again(), Delivered), said(one.told[-1])
        assert len(one.items) == 1
        assert one.mirror is not None
        assert one.mirror.data["key"] == "DATA-4"

    played(CLOUD, play)


def test_what_this_process_wrote_is_named_to_the_search() -> None:
    """The ids of fresh issues go along, so that the search looks at them as they are."""

    async def play(one: Play) -> None:
        await one.tell()
        one.forget()
        await one.elsewhere()
        (search,) = one.standin.calls("/search/jql$")
        assert search.json["reconcileIssues"] == [10_001]
        assert one.standin.calls("/bulkfetch$") == []

    played(CLOUD, play)


def test_data_center_is_spoken_to_in_its_own_version() -> None:
    """Version 2, a bearer's token, wiki text, and the search that it still has."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.elsewhere()
        assert {request.path.split("/")[3] for request in one.standin.requests} == {"2"}
        assert isinstance(one.standin.only().fields["description"], str)
        assert one.standin.only().fields["issuetype"] == {"name": "Bug"}
        assert one.standin.calls("POST /rest/api/2/search$")

    played(CENTER, play)


@pytest.mark.parametrize(
    ("url", "version"),
    [
        ("https://acme.atlassian.net", "3"),
        ("https://api.atlassian.com/ex/jira/1f2e", "3"),
        ("https://jira.acme.example", "2"),
        ("https://atlassian.net.acme.example", "2"),
    ],
)
def test_cloud_is_known_by_its_host(url: str, version: str) -> None:
    """Where the settings do not say which it is, the host does."""
    channel = jira.build(HttpDoor.__new__(HttpDoor), _Clock(), _no_letter, url=url, token=SECRET)
    tracker: Any = channel._tracker
    assert tracker._api.base == f"{url}/rest/api/{version}"


def test_assignee_component_and_fields_are_set() -> None:
    """The route names people and parts, the settings what the project demands of every issue."""
    case = _case(
        route={"assignee": "5b10ac8d", "component": "Contracts", "issuetype": "Bug"},
        fields={"customfield_10042": {"value": "Schema"}},
    )

    async def play(one: Play) -> None:
        one.standin.require_field()
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        fields = one.standin.only().fields
        assert fields["assignee"] == {"accountId": "5b10ac8d"}
        assert fields["components"] == [{"name": "Contracts"}]
        assert fields["customfield_10042"] == {"value": "Schema"}
        assert fields["labels"] == ["watcher", marker(TICKET)]

    played(case, play)


def test_an_assignee_who_left_does_not_keep_the_issue_from_being_made() -> None:
    """Jira refuses an assignee that may not have it: the issue is made without, and says so."""

    async def play(one: Play) -> None:
        one.standin.strangers = {"5b10ac8d"}
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        assert "assignee" not in one.standin.only().fields
        assert "Jira does not take 5b10ac8d as assignee" in one.item.text

    played(_case(route={"assignee": "5b10ac8d"}), play)


def test_a_search_that_takes_no_post_is_asked_in_the_query() -> None:
    """Where something in between passes only GET on, the issue is still found, and no second one is made."""

    async def play(one: Play) -> None:
        await one.tell()
        one.forget()
        one.standin.then.append(Fault(on="^POST .*/search$", status=405))
        assert isinstance(await one.elsewhere(), Delivered), said(one.told[-1])
        assert len(one.items) == 1
        (asked,) = one.standin.calls("GET .*/search$")
        assert asked.query["fields"] == "labels,status"

    played(CENTER, play)


def test_fields_that_a_screen_does_not_have_are_left_out() -> None:
    """An issue without its component or a field of the settings is better than none; it says what to mend."""

    async def play(one: Play) -> None:
        one.standin.offscreen = {"components", "customfield_10042"}
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        fields = one.standin.only().fields
        assert not {"components", "customfield_10042"} & fields.keys()
        assert fields["labels"] == ["watcher", marker(TICKET)]
        assert "does not take the component Contracts" in one.item.text
        assert "does not take the field customfield_10042" in one.item.text

    played(_case(route={"component": "Contracts"}, fields={"customfield_10042": "x"}), play)


@pytest.mark.parametrize("case", [CLOUD, CENTER], ids=["cloud", "data center"])
def test_a_project_whose_screens_have_no_labels_still_gets_one_issue(case: Case) -> None:
    """The issue is made without, is brought up to date without, and is found by the marker in its text."""

    async def play(one: Play) -> None:
        one.standin.offscreen = {"labels"}
        one.standin.then.append(Fault(on="^POST .*/issue$"))
        one.standin.then.append(Fault(on="^POST .*/issue$", drop="after"))
        assert isinstance(await one.tell(), Postponed)
        one.standin.index()
        assert isinstance(await one.again(), Delivered), said(one.told[-1])
        one.forget()
        assert isinstance(await one.elsewhere(), Delivered), said(one.told[-1])
        assert isinstance(await one.tell(MessageType.TICKET_UPDATED, word="A second field went."), Delivered)
        assert "A second field went." in one.item.text

    played(case, play)


@pytest.mark.parametrize(
    ("state", "resolution"), [("resolved", "Done"), ("waived", "Won't Do")], ids=["resolved", "waived"]
)
def test_a_workflow_is_walked_step_by_step_and_its_screen_answered(state: str, resolution: str) -> None:
    """To Do leads to Done over two others, and closing asks for a resolution."""

    async def play(one: Play) -> None:
        await one.tell()
        assert isinstance(await one.tell(MessageType.TICKET_MOVED, state=state), Delivered), said(one.told[-1])
        assert one.standin.only().status == "Done"
        assert one.standin.only().resolution == resolution

    played(STRICT, play)


def test_settings_name_statuses_and_resolutions() -> None:
    """Where a project has words of its own, they are taken before what is guessed."""
    case = _case(
        "strict",
        states={"acknowledged": "In Progress", "in_progress": "In review"},
        resolutions={"resolved": "Duplicate"},
    )

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_MOVED, state="acknowledged")
        assert one.standin.only().status == "In Progress"
        await one.tell(MessageType.TICKET_MOVED, state="in_progress")
        assert one.standin.only().status == "In Review"
        await one.tell(MessageType.TICKET_MOVED, state="acknowledged")  # late news moves nobody back
        assert one.standin.only().status == "In Review"
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        assert one.standin.only().resolution == "Duplicate"

    played(case, play)


def test_a_workflow_without_a_state_between_is_left_alone_until_the_end() -> None:
    """Open or done is all that it knows: an acknowledgement is noted, and never closes it."""

    async def play(one: Play) -> None:
        await one.tell()
        assert isinstance(await one.tell(MessageType.TICKET_MOVED, state="acknowledged"), Delivered)
        assert one.standin.only().status == "To Do"
        assert len(one.item.notes) == 1
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        assert one.standin.only().status == "Done"

    played(_case("two"), play)


def test_an_issue_that_its_workflow_opens_no_more_gets_a_successor() -> None:
    """Done is for good there: the reopened ticket gets another issue, once, which names the old one."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        assert isinstance(await one.tell(MessageType.TICKET_REOPENED), Delivered), said(one.told[-1])
        assert [item.state for item in one.items] == ["resolved", "open"]
        assert "The item DATA-1 told of it" in one.items[1].text
        one.standin.index()
        await one.elsewhere()
        assert one.mirror is not None
        assert one.mirror.data["key"] == "DATA-2"
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        assert [item.state for item in one.items] == ["resolved", "resolved"]

    played(_case("closed for good"), play)


def test_an_issue_without_a_way_to_its_end_is_told() -> None:
    """No transition leads on: the news waits, and says where the issue stands."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.workflow = {"To Do": ()}
        told = await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        assert isinstance(told, Postponed)
        assert "DATA-1 stands in 'To Do'" in told.reason
        assert "category Done" in told.reason

    played(CLOUD, play)


def test_a_workflow_that_goes_round_is_walked_once() -> None:
    """Two statuses that lead to each other and never to an end: one step is made, and then it is told."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.workflow = {"To Do": ("In Progress",), "In Progress": ("To Do",)}
        told = await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        assert isinstance(told, Postponed)
        assert "DATA-1 stands in 'In Progress'" in told.reason
        assert len(one.standin.calls("^POST .*/transitions$")) == 1

    played(CLOUD, play)


def test_a_limit_on_one_issue_waits_as_long_as_it_says() -> None:
    """Twenty writes in a moment are too many for one issue: Jira says for how long, and we wait so long."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.most_writes = 0
        told = await one.tell(MessageType.TICKET_ESCALATED)
        assert isinstance(told, Postponed)
        assert told.retry_after == dt.timedelta(seconds=2)
        one.standin.most_writes = 20
        assert isinstance(await one.again(), Delivered)
        assert len(one.item.notes) == 1

    played(CLOUD, play)


def test_a_spent_quota_waits_for_its_reset() -> None:
    """Without Retry-After the moment counts at which the quota is new."""

    async def play(one: Play) -> None:
        reset = (NOW + dt.timedelta(minutes=20)).isoformat()
        one.standin.always = Fault(
            status=429,
            headers={
                "x-ratelimit-reset": reset,
                "x-ratelimit-remaining": "0",
                "ratelimit-reason": "jira-quota-tenant-based",
            },
        )
        told = await one.tell()
        assert isinstance(told, Postponed)
        assert told.retry_after == dt.timedelta(minutes=20)

    played(CLOUD, play)


def test_a_project_out_of_sight_gets_no_second_issue() -> None:
    """An account that lost its rights sees neither issue nor project: the news waits."""

    async def play(one: Play) -> None:
        await one.tell()
        words = {"errorMessages": ["The value 'DATA' does not exist for the field 'project'."], "errors": {}}
        one.standin.then.append(Fault(on="^(GET|PUT) .*/issue/", status=404))
        one.standin.then.append(Fault(on="/search/jql$", status=400, body=words))
        told = await one.tell(MessageType.TICKET_UPDATED)
        assert isinstance(told, Postponed)
        assert "does not exist for the field" in told.reason
        assert isinstance(await one.again(), Delivered)
        assert len(one.items) == 1

    played(CLOUD, play)


def test_two_who_move_an_issue_at_once_try_again() -> None:
    """409 says that somebody else is moving it: later the status is read anew."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.then.append(Fault(on="^POST .*/transitions$", status=409))
        assert isinstance(await one.tell(MessageType.TICKET_MOVED, state="acknowledged"), Postponed)
        assert isinstance(await one.again(), Delivered)
        assert len(one.item.notes) == 1

    played(CLOUD, play)


@pytest.mark.parametrize("project", ["", "D", 'DATA" OR project = "X', "DATA-1"])
def test_a_route_that_names_no_project_is_refused_before_anything_is_sent(project: str) -> None:
    """The dead letter says which key to write where; nothing else gets into a query."""

    async def play(one: Play) -> None:
        told = await one.tell()
        assert isinstance(told, Refused)
        assert "domain's document" in told.reason
        assert "`project" in told.reason
        assert one.standin.requests == []

    assert jira.check_route({"project": project})
    played(replace(CLOUD, route={"project": project} if project else {}), play)


def test_settings_that_name_no_state_are_told() -> None:
    """A state that tickets do not have is a slip in the settings, and not found out on the day it is needed."""
    with pytest.raises(ConfigurationError, match=r"'fixed'.*resolved"):
        jira.build(
            HttpDoor.__new__(HttpDoor),
            _Clock(),
            _no_letter,
            url="https://x.example",
            token=SECRET,
            states={"fixed": "X"},
        )


class _Clock:
    def now(self) -> dt.datetime:
        return NOW


def _no_letter(_: Any) -> Any:
    raise AssertionError
