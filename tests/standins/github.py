"""GitHub's issues as its REST API gives them, on this machine: one repository, `acme/orders`, and a bot's token."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.standins.base import SECRET, Case, Item, Request, Response, StandIn
from watcher.delivery.channels import github
from watcher.delivery.http import HttpDoor
from watcher.delivery.tracker import Compose
from watcher.ports import Channel, Clock

REPO = "acme/orders"
_REASONS = {None, "completed", "not_planned", "duplicate", "reopened"}


@dataclass(slots=True)
class _Issue:
    number: int
    title: str
    body: str
    labels: list[str]
    assignees: list[str]
    created: dt.datetime
    state: str = "open"
    state_reason: str | None = None
    comments: list[str] = field(default_factory=list)
    deleted: bool = False
    moved: bool = False
    pull: bool = False


class Github(StandIn):
    """The issues of one repository. `push` says whether the token may set labels; else they are dropped silently."""

    def __init__(self, *, prefix: str = "", push: bool = True) -> None:
        super().__init__()
        self.push = push
        self.enabled = True
        self.issues: dict[int, _Issue] = {}
        self.remaining = 5000
        self._numbers = itertools.count(1)
        self._invalid = False
        self.strangers: set[str] = set()
        """Logins that cannot be assigned here (any more)."""
        at = f"{prefix}/repos/{{owner}}/{{repo}}/issues"
        self.route("GET", at, self._list)
        self.route("POST", at, self._create)
        self.route("GET", at + "/{number}", self._get)
        self.route("PATCH", at + "/{number}", self._patch)
        self.route("GET", at + "/{number}/comments", self._comments)
        self.route("POST", at + "/{number}/comments", self._comment)

    def refused(self, request: Request) -> Response | None:
        if not request.headers.get("user-agent"):
            return 403, {}, "Request forbidden by administrative rules."
        if request.headers.get("authorization") != f"Bearer {self.secret}":
            return 401, {}, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}
        if request.path.split("/repos/")[-1].split("/issues")[0] != REPO:
            return self._not_found()
        return None

    def worded(self, status: int) -> Any:
        words = {401: "Bad credentials", 404: "Not Found", 429: "API rate limit exceeded", 503: "Service unavailable"}
        return {"message": words.get(status, "Server Error"), "status": str(status)}

    def extra_headers(self, request: Request) -> Mapping[str, str]:
        return {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": str(self.remaining)}

    def items(self) -> list[Item]:
        return [
            Item(
                str(one.number),
                "resolved" if one.state == "closed" else "open",
                one.title,
                one.body,
                tuple(one.comments),
                " ".join(one.labels) if one.labels else one.body,
            )
            for one in self.issues.values()
            if not (one.deleted or one.pull or one.moved)
        ]

    def delete(self, id: str) -> None:  # noqa: A002 - the item's id
        self.issues[int(id)].deleted = True

    def transfer(self, number: int) -> None:
        """Somebody moves the issue to another repository."""
        self.issues[number].moved = True

    def settle(self, id: str) -> None:  # noqa: A002 - the item's id
        self.issues[int(id)].state = "closed"
        self.issues[int(id)].state_reason = "completed"

    def require_field(self) -> str:
        self._invalid = True
        return "assignees"

    def pull_request(self, labels: list[str]) -> None:
        """A pull request with these labels: the list of issues holds it too."""
        number = next(self._numbers)
        now = dt.datetime.now(dt.UTC)
        self.issues[number] = _Issue(number, "A pull request", "", labels, [], now, pull=True)

    def _not_found(self) -> Response:
        return 404, {}, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest/issues"}

    def _invalid_fields(self, *errors: dict[str, str]) -> Response:
        return 422, {}, {"message": "Validation Failed", "errors": list(errors), "status": "422"}

    def _too_long(self, document: Mapping[str, Any]) -> Response | None:
        for name, most in (("title", 256), ("body", 65536)):
            if len(document.get(name) or "") > most:
                words = f"{name} is too long (maximum is {most} characters)"
                return self._invalid_fields({"resource": "Issue", "code": "custom", "field": name, "message": words})
        return None

    def _disabled(self) -> Response | None:
        if self.enabled:
            return None
        return 410, {}, {"message": "Issues has been disabled in this repository.", "status": "410"}

    def _create(self, request: Request) -> Response:
        document = request.json
        if disabled := self._disabled():
            return disabled
        if not document.get("title"):
            return self._invalid_fields({"resource": "Issue", "code": "missing_field", "field": "title"})
        if self._invalid or self.strangers & set(document.get("assignees", ())):
            return self._invalid_fields({"resource": "Issue", "code": "invalid", "field": "assignees"})
        if too_long := self._too_long(document):
            return too_long
        labels = [str(one) for one in document.get("labels", [])] if self.push else []
        if any(len(one) > 50 for one in labels):
            return self._invalid_fields({"resource": "Label", "code": "invalid", "field": "name"})
        number = next(self._numbers)
        issue = _Issue(
            number,
            document["title"],
            document.get("body") or "",
            labels,
            list(document.get("assignees", [])),
            dt.datetime.now(dt.UTC),
        )
        self.issues[number] = issue
        return 201, {}, self._shown(issue)

    def _list(self, request: Request) -> Response:
        if disabled := self._disabled():
            return disabled
        wanted = {one.lower() for one in request.query.get("labels", "").split(",") if one}
        state = request.query.get("state", "open")
        found = [
            one
            for one in self.issues.values()
            if not (one.deleted or one.moved)
            and wanted <= {label.lower() for label in one.labels}
            and state in {"all", one.state}
        ]
        newest_first = request.query.get("direction", "desc") == "desc"
        found.sort(key=lambda one: one.number, reverse=newest_first)
        size = min(int(request.query.get("per_page", "30")), 100)
        first = (int(request.query.get("page", "1")) - 1) * size
        return 200, {}, [self._shown(one) for one in found[first : first + size]]

    def _one(self, request: Request) -> _Issue | Response:
        if disabled := self._disabled():
            return disabled
        text = request.params["number"]
        issue = self.issues.get(int(text)) if text.isdigit() else None
        if issue is None:
            return self._not_found()
        if issue.deleted:
            return 410, {}, {"message": "This issue was deleted", "status": "410"}
        if issue.moved:
            at = f"{self.url}/repositories/77/issues/{issue.number}"
            return 301, {"location": at}, {"message": "Moved Permanently", "url": at}
        return issue

    def _get(self, request: Request) -> Response:
        issue = self._one(request)
        return (200, {}, self._shown(issue)) if isinstance(issue, _Issue) else issue

    def _patch(self, request: Request) -> Response:
        issue = self._one(request)
        if not isinstance(issue, _Issue):
            return issue
        document = request.json
        if too_long := self._too_long(document):
            return too_long
        if document.get("state", "open") not in {"open", "closed"} or document.get("state_reason") not in _REASONS:
            return self._invalid_fields({"resource": "Issue", "code": "invalid", "field": "state"})
        issue.title = document.get("title", issue.title)
        issue.body = document.get("body", issue.body)
        if "state" in document:
            changed = document["state"] != issue.state
            issue.state = document["state"]
            issue.state_reason = document.get("state_reason") or (
                ("completed" if issue.state == "closed" else "reopened") if changed else issue.state_reason
            )
        if "labels" in document and self.push:
            issue.labels = [str(one) for one in document["labels"]]
        return 200, {}, self._shown(issue)

    def _comments(self, request: Request) -> Response:
        issue = self._one(request)
        if not isinstance(issue, _Issue):
            return issue
        size = min(int(request.query.get("per_page", "30")), 100)
        first = (int(request.query.get("page", "1")) - 1) * size
        shown = [{"id": 9000 + n, "body": text} for n, text in enumerate(issue.comments)]
        return 200, {}, shown[first : first + size]

    def _comment(self, request: Request) -> Response:
        issue = self._one(request)
        if not isinstance(issue, _Issue):
            return issue
        body = request.json.get("body")
        if not body:
            return self._invalid_fields({"resource": "IssueComment", "code": "missing_field", "field": "body"})
        if too_long := self._too_long({"body": body}):
            return too_long
        issue.comments.append(body)
        return 201, {}, {"id": 9000 + len(issue.comments) - 1, "body": body}

    def _shown(self, issue: _Issue) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": 10_000 + issue.number,
            "node_id": f"I_{issue.number}",
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "state": issue.state,
            "state_reason": issue.state_reason,
            "labels": [{"id": 1, "name": one} for one in issue.labels],
            "assignees": [{"login": one} for one in issue.assignees],
            "comments": len(issue.comments),
            "created_at": issue.created.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "html_url": f"https://github.example/{REPO}/issues/{issue.number}",
        }
        return {**shown, "pull_request": {"url": "https://…"}} if issue.pull else shown


def _build(door: HttpDoor, clock: Clock, compose: Compose, standin: Github) -> Channel:
    return github.build(door, clock, compose, url=standin.url, token=SECRET)


CASES = (
    Case(
        "github",
        Github,
        _build,
        {"repo": REPO},
        frozenset({"items", "rewrite", "notes", "settle", "search", "delete", "fields", "auth"}),
    ),
)
