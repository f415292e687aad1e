"""GitLab's issues as its REST API gives them, on this machine: `Gitlab()`; a project `acme/data/orders`, a token."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.standins.base import SECRET, Case, Item, Request, Response, StandIn
from watcher.delivery.channels import gitlab
from watcher.delivery.http import HttpDoor
from watcher.delivery.tracker import Compose
from watcher.ports import Channel, Clock

PROJECT = "acme/data/orders"
_QUICK_ACTION = re.compile(r"(?m)^\s{0,3}/(close|reopen|label|assign|title)\b")
_FENCED = re.compile(r"(?ms)^(```+|~~~+).*?^\1")


@dataclass(slots=True)
class _Note:
    body: str
    system: bool = False


@dataclass(slots=True)
class _Issue:
    iid: int
    title: str
    description: str
    labels: list[str]
    assignees: list[int]
    state: str = "opened"
    notes: list[_Note] = field(default_factory=list)
    deleted: bool = False


class Gitlab(StandIn):
    """The issues of one project. Lines of a text that begin with `/close` act, as they do there."""

    def __init__(self) -> None:
        super().__init__()
        self.issues: dict[int, _Issue] = {}
        self._iids = itertools.count(1)
        self._demanding = False
        at = "/api/v4/projects/{project}/issues"
        self.route("GET", at, self._list)
        self.route("POST", at, self._create)
        self.route("GET", at + "/{iid}", self._get)
        self.route("PUT", at + "/{iid}", self._put)
        self.route("GET", at + "/{iid}/notes", self._notes)
        self.route("POST", at + "/{iid}/notes", self._note)

    def refused(self, request: Request) -> Response | None:
        given = request.headers.get("private-token"), request.headers.get("authorization")
        if given not in {(self.secret, None), (None, f"Bearer {self.secret}")}:
            return 401, {}, {"message": "401 Unauthorized"}
        if request.path.split("/projects/")[-1].split("/")[0] not in {PROJECT.replace("/", "%2F"), "42"}:
            return 404, {}, {"message": "404 Project Not Found"}
        return None

    def worded(self, status: int) -> Any:
        return "Retry later\n" if status == 429 else {"message": f"{status} Internal Server Error"}

    def extra_headers(self, request: Request) -> Mapping[str, str]:
        return {"ratelimit-limit": "2000", "ratelimit-observed": "1", "ratelimit-remaining": "1999"}

    def items(self) -> list[Item]:
        return [
            Item(
                str(one.iid),
                "resolved" if one.state == "closed" else "open",
                one.title,
                one.description,
                tuple(note.body for note in one.notes if not note.system),
                " ".join(one.labels),
            )
            for one in self.issues.values()
            if not one.deleted
        ]

    def delete(self, id: str) -> None:  # noqa: A002 - the item's id
        self.issues[int(id)].deleted = True

    def settle(self, id: str) -> None:  # noqa: A002 - the item's id
        self._move(self.issues[int(id)], "closed")

    def require_field(self) -> str:
        self._demanding = True
        return "milestone"

    def _move(self, issue: _Issue, state: str) -> None:
        if issue.state != state:
            issue.state = state
            issue.notes.append(_Note("closed" if state == "closed" else "reopened", system=True))

    def _act(self, issue: _Issue, text: str) -> None:
        for match in _QUICK_ACTION.finditer(_FENCED.sub("", text)):
            if match[1] in {"close", "reopen"}:
                self._move(issue, "closed" if match[1] == "close" else "opened")
            else:
                issue.labels.append(f"acted-{match[1]}")

    def _too_long(self, document: Mapping[str, Any]) -> Response | None:
        for name, most in (("title", 255), ("description", 1_048_576)):
            if len(document.get(name) or "") > most:
                return 400, {}, {"message": {name: [f"is too long (maximum is {most} characters)"]}}
        return None

    def _create(self, request: Request) -> Response:
        document = request.json
        if not document.get("title"):
            return 400, {}, {"error": "title is missing"}
        if self._demanding:
            return 400, {}, {"message": {"milestone": ["can't be blank"]}}
        if too_long := self._too_long(document):
            return too_long
        iid = next(self._iids)
        labels = [one.strip() for one in document.get("labels", "").split(",") if one.strip()]
        issue = _Issue(
            iid, document["title"], document.get("description", ""), labels, list(document.get("assignee_ids", []))
        )
        self.issues[iid] = issue
        self._act(issue, issue.description)
        return 201, {}, self._shown(issue)

    def _list(self, request: Request) -> Response:
        wanted = {one for one in request.query.get("labels", "").split(",") if one}
        state = request.query.get("state", "all")
        found = [
            one
            for one in self.issues.values()
            if not one.deleted and wanted <= set(one.labels) and state in {"all", one.state}
        ]
        found.sort(key=lambda one: one.iid, reverse=request.query.get("sort", "desc") == "desc")
        size = min(int(request.query.get("per_page", "20")), 100)
        return 200, {}, [self._shown(one) for one in found[:size]]

    def _one(self, request: Request) -> _Issue | None:
        text = request.params["iid"]
        issue = self.issues.get(int(text)) if text.isdigit() else None
        return None if issue is None or issue.deleted else issue

    def _get(self, request: Request) -> Response:
        issue = self._one(request)
        return (404, {}, {"message": "404 Not found"}) if issue is None else (200, {}, self._shown(issue))

    def _put(self, request: Request) -> Response:
        issue = self._one(request)
        if issue is None:
            return 404, {}, {"message": "404 Not found"}
        document = request.json
        if too_long := self._too_long(document):
            return too_long
        if not document:
            return 400, {}, {"error": "title, description, state_event, labels are missing, at least one is needed"}
        issue.title = document.get("title", issue.title)
        issue.description = document.get("description", issue.description)
        issue.labels += [one for one in document.get("add_labels", "").split(",") if one and one not in issue.labels]
        self._act(issue, document.get("description", ""))
        if "state_event" in document:
            self._move(issue, {"close": "closed", "reopen": "opened"}[document["state_event"]])
        return 200, {}, self._shown(issue)

    def _notes(self, request: Request) -> Response:
        issue = self._one(request)
        if issue is None:
            return 404, {}, {"message": "404 Not found"}
        shown = [{"id": n, "body": one.body, "system": one.system} for n, one in enumerate(issue.notes, 500)]
        if request.query.get("sort", "desc") == "desc":
            shown.reverse()
        return 200, {}, shown[: min(int(request.query.get("per_page", "20")), 100)]

    def _note(self, request: Request) -> Response:
        issue = self._one(request)
        if issue is None:
            return 404, {}, {"message": "404 Not found"}
        body = request.json.get("body", "")
        if not body.strip():
            return 400, {}, {"error": "body is empty"}
        if len(body) > 1_000_000:
            return 400, {}, {"message": {"note": ["is too long (maximum is 1000000 characters)"]}}
        self._act(issue, body)
        issue.notes.append(_Note(body))
        return 201, {}, {"id": 500 + len(issue.notes) - 1, "body": body, "system": False}

    def _shown(self, issue: _Issue) -> dict[str, Any]:
        return {
            "id": 70_000 + issue.iid,
            "iid": issue.iid,
            "project_id": 42,
            "title": issue.title,
            "description": issue.description,
            "state": issue.state,
            "labels": issue.labels,
            "web_url": f"https://gitlab.example/{PROJECT}/-/issues/{issue.iid}",
        }


def _build(door: HttpDoor, clock: Clock, compose: Compose, standin: Gitlab) -> Channel:
    return gitlab.build(door, clock, compose, url=standin.url, token=SECRET)


CASES = (
    Case(
        "gitlab",
        Gitlab,
        _build,
        {"project": PROJECT},
        frozenset({"items", "rewrite", "notes", "settle", "search", "delete", "fields", "auth"}),
    ),
)
