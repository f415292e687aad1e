"""Jira as its REST API gives it, on this machine: Cloud (v3) and Data Center (v2), one project `DATA`.

`Jira()` is Cloud: rich text as documents, a search that runs behind until `index()`. `Jira(cloud=False)` is Data
Center: wiki text, a search that is current. `workflow` is `simple` (any status from any), `strict` (To Do → In Progress
→ Done, one step at a time, closing asks for a resolution) or `two` (no status between).
"""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.standins.base import SECRET, Case, Item, Request, Response, StandIn
from watcher.delivery.channels import jira
from watcher.delivery.http import HttpDoor
from watcher.delivery.tracker import Compose
from watcher.ports import Channel, Clock

PROJECT = "DATA"
EMAIL = "watcher-bot@acme.example"
_GONE = "Issue does not exist or you do not have permission to see it."
_CATEGORY = {"To Do": "new", "In Progress": "indeterminate", "In Review": "indeterminate", "Done": "done"}
_RESOLUTIONS = ("Won't Do", "Done", "Duplicate")
_WORKFLOWS: dict[str, dict[str, tuple[str, ...]]] = {
    "simple": dict.fromkeys(_CATEGORY, ("To Do", "In Review", "In Progress", "Done")),
    "strict": {
        "To Do": ("In Progress",),
        "In Progress": ("To Do", "In Review"),
        "In Review": ("In Progress", "Done"),
        "Done": ("In Progress",),
    },
    "two": {"To Do": ("Done",), "Done": ("To Do",)},
    "closed for good": {"To Do": ("In Progress",), "In Progress": ("Done",), "Done": ()},
}


@dataclass(slots=True)
class _Issue:
    id: str
    key: str
    fields: dict[str, Any]
    status: str = "To Do"
    resolution: str | None = None
    comments: list[Any] = field(default_factory=list)
    indexed: bool = False
    deleted: bool = False


class Jira(StandIn):
    """One site with one project. `lags` says whether the search runs behind what is written."""

    def __init__(self, *, cloud: bool = True, workflow: str = "simple", lags: bool | None = None) -> None:
        super().__init__()
        self.cloud = cloud
        self.workflow = _WORKFLOWS[workflow]
        self.asks_resolution = workflow == "strict"
        self.lags = cloud if lags is None else lags
        self.issues: dict[str, _Issue] = {}
        self.demanded: dict[str, str] = {}
        self.strangers: set[str] = set()
        """Accounts that cannot be assigned here (any more)."""
        self.offscreen: set[str] = set()
        """Fields that the project's screens do not have."""
        self.writes: dict[str, int] = {}
        self.most_writes = 20
        self._ids = itertools.count(10_001)
        self._numbers = itertools.count(1)
        at = f"/rest/api/{'3' if cloud else '2'}"
        self.route("POST", f"{at}/issue", self._create)
        self.route("GET", f"{at}/issue/{{id}}", self._get)
        self.route("PUT", f"{at}/issue/{{id}}", self._edit)
        self.route("GET", f"{at}/issue/{{id}}/transitions", self._transitions)
        self.route("POST", f"{at}/issue/{{id}}/transitions", self._transition)
        self.route("GET", f"{at}/issue/{{id}}/comment", self._comments)
        self.route("POST", f"{at}/issue/{{id}}/comment", self._comment)
        if cloud:
            self.route("POST", f"{at}/search/jql", self._search)
            self.route("POST", f"{at}/issue/bulkfetch", self._bulk)
            self.route("GET", f"{at}/search", self._removed)
            self.route("POST", f"{at}/search", self._removed)
        else:
            self.route("POST", f"{at}/search", self._search)
            self.route("GET", f"{at}/search", self._search)

    # What tests ask and do.

    def refused(self, request: Request) -> Response | None:
        pair = base64.b64encode(f"{EMAIL}:{self.secret}".encode()).decode()
        wanted = f"Basic {pair}" if self.cloud else f"Bearer {self.secret}"
        if request.headers.get("authorization") == wanted:
            return None
        return 401, {"www-authenticate": "OAuth"}, "Client must be authenticated to access this resource."

    def worded(self, status: int) -> Any:
        return {"errorMessages": [f"Jira says {status}"], "errors": {}}

    def items(self) -> list[Item]:
        category = {"new": "open", "indeterminate": "in_progress", "done": "resolved"}
        return [
            Item(
                one.id,
                category[_CATEGORY[one.status]],
                one.fields["summary"],
                _flat(one.fields.get("description")),
                tuple(_flat(comment) for comment in one.comments),
                " ".join(one.fields.get("labels", [])),
            )
            for one in self.issues.values()
            if not one.deleted
        ]

    def delete(self, id: str) -> None:  # noqa: A002 - the item's id
        self.issues[id].deleted = True

    def settle(self, id: str) -> None:  # noqa: A002 - the item's id
        self.issues[id].status = "Done"

    def require_field(self) -> str:
        self.demanded["customfield_10042"] = "Root cause is required."
        return "Root cause is required."

    def index(self) -> None:
        """The search catches up."""
        for one in self.issues.values():
            one.indexed = True

    def only(self) -> _Issue:
        """The one issue that there is."""
        (one,) = (one for one in self.issues.values() if not one.deleted)
        return one

    # The API.

    def _said(self, status: int, *messages: str, **errors: str) -> Response:
        return status, {}, {"errorMessages": list(messages), "errors": errors}

    def _removed(self, request: Request) -> Response:
        return self._said(410, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.")

    def _checked(self, fields: Mapping[str, Any]) -> dict[str, str]:
        wrong: dict[str, str] = {}
        summary = fields.get("summary")
        if summary is not None and (not summary.strip() or len(summary) > 255):
            wrong["summary"] = (
                "Summary must be less than 255 characters." if summary.strip() else "You must specify it."
            )
        elif summary is not None and ("\n" in summary or "\r" in summary):
            wrong["summary"] = "The summary is invalid because it contains newline characters."
        if "description" in fields and (problem := self._text_problem(fields["description"])):
            wrong["description"] = problem
        if any(" " in one or len(one) > 255 for one in fields.get("labels", ())):
            wrong["labels"] = "The label can't contain spaces."
        if self.strangers & set((fields.get("assignee") or {}).values()):
            wrong["assignee"] = "User cannot be assigned issues."
        for name in self.offscreen & fields.keys():
            wrong[name] = f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
        return wrong

    def _text_problem(self, text: Any) -> str | None:
        if self.cloud:
            if not isinstance(text, dict) or text.get("type") != "doc" or text.get("version") != 1:
                return "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
            if not _sound(text):
                return "INVALID_INPUT"
        elif not isinstance(text, str):
            return "Operation value must be a string"
        if len(_flat(text)) > 32_767 or (self.cloud and len(json.dumps(text)) > 200_000):
            return "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
        return None

    def _create(self, request: Request) -> Response:
        fields = request.json["fields"]
        if fields.get("project", {}).get("key") != PROJECT:
            return self._said(400, project="valid project is required")
        if fields.get("issuetype", {}).get("name") not in {"Task", "Bug"}:
            return self._said(400, issuetype="Specify a valid issue type")
        wrong = self._checked(fields)
        wrong |= {name: words for name, words in self.demanded.items() if name not in fields}
        if wrong or "summary" not in fields:
            return self._said(400, **wrong)
        id = str(next(self._ids))  # noqa: A001 - the API's own word
        key = f"{PROJECT}-{next(self._numbers)}"
        self.issues[id] = _Issue(id, key, dict(fields), indexed=not self.lags)
        return 201, {}, {"id": id, "key": key, "self": f"{self.url}/rest/api/3/issue/{id}"}

    def _one(self, request: Request) -> _Issue | Response:
        named = request.params["id"]
        for one in self.issues.values():
            if named in {one.id, one.key} and not one.deleted:
                return one
        return self._said(404, _GONE)

    def _written(self, issue: _Issue) -> Response | None:
        self.writes[issue.id] = self.writes.get(issue.id, 0) + 1
        if self.writes[issue.id] <= self.most_writes:
            return None
        headers = {"retry-after": "2", "ratelimit-reason": "jira-per-issue-on-write", "x-ratelimit-remaining": "0"}
        return 429, headers, {"errorMessages": ["Rate limit exceeded."], "errors": {}}

    def _get(self, request: Request) -> Response:
        issue = self._one(request)
        return (200, {}, self._shown(issue)) if isinstance(issue, _Issue) else issue

    def _edit(self, request: Request) -> Response:
        issue = self._one(request)
        if not isinstance(issue, _Issue):
            return issue
        fields = request.json.get("fields", {})
        if wrong := self._checked({**dict.fromkeys(request.json.get("update", {}), ()), **fields}):
            return self._said(400, **wrong)
        if limited := self._written(issue):
            return limited
        issue.fields.update(fields)
        for order in request.json.get("update", {}).get("labels", ()):
            if "add" in order and order["add"] not in issue.fields.setdefault("labels", []):
                issue.fields["labels"].append(order["add"])
        return 204, {}, None

    def _ways(self, issue: _Issue) -> dict[str, str]:
        """Transition ids to statuses; the ids are this workflow's own, and another status' are others."""
        base_id = list(_CATEGORY).index(issue.status) * 100
        return {
            str(base_id + 11 + 10 * n): to for n, to in enumerate(self.workflow[issue.status]) if to != issue.status
        }

    def _transitions(self, request: Request) -> Response:
        issue = self._one(request)
        if not isinstance(issue, _Issue):
            return issue
        shown = []
        for id_, to in self._ways(issue).items():
            one: dict[str, Any] = {
                "id": id_,
                "name": f"Move to {to}",
                "hasScreen": to == "Done",
                "to": {"name": to, "statusCategory": {"key": _CATEGORY[to]}},
            }
            if request.query.get("expand") == "transitions.fields":
                on_screen = {
                    "required": True,
                    "name": "Resolution",
                    "allowedValues": [{"name": n} for n in _RESOLUTIONS],
                }
                one["fields"] = {"resolution": on_screen} if to == "Done" and self.asks_resolution else {}
            shown.append(one)
        return 200, {}, {"expand": "transitions", "transitions": shown}

    def _transition(self, request: Request) -> Response:
        issue = self._one(request)
        if not isinstance(issue, _Issue):
            return issue
        document = request.json
        to = self._ways(issue).get(str(document.get("transition", {}).get("id")))
        if to is None:
            return self._said(400, "It seems that you have tried to perform an illegal workflow operation.")
        asks = to == "Done" and self.asks_resolution
        resolution = document.get("fields", {}).get("resolution", {}).get("name")
        if asks and resolution not in _RESOLUTIONS:
            return self._said(400, resolution="Resolution is required.")
        if not asks and resolution is not None:
            words = "Field 'resolution' cannot be set. It is not on the appropriate screen, or unknown."
            return self._said(400, resolution=words)
        if limited := self._written(issue):
            return limited
        issue.status = to
        issue.resolution = resolution if to == "Done" else None
        return 204, {}, None

    def _comments(self, request: Request) -> Response:
        issue = self._one(request)
        if not isinstance(issue, _Issue):
            return issue
        shown = [{"id": str(20_000 + n), "body": body} for n, body in enumerate(issue.comments)]
        if request.query.get("orderBy") == "-created":
            shown.reverse()
        size = int(request.query.get("maxResults", "50"))
        return 200, {}, {"startAt": 0, "maxResults": size, "total": len(shown), "comments": shown[:size]}

    def _comment(self, request: Request) -> Response:
        issue = self._one(request)
        if not isinstance(issue, _Issue):
            return issue
        body = request.json["body"]
        if problem := self._text_problem(body):
            return self._said(400, comment=problem)
        if limited := self._written(issue):
            return limited
        issue.comments.append(body)
        return 201, {}, {"id": str(20_000 + len(issue.comments) - 1), "body": body}

    def _search(self, request: Request) -> Response:
        document = request.json or {**request.query, "maxResults": int(request.query.get("maxResults", "50"))}
        jql = document["jql"]
        project = re.search(r'project = "([^"]*)"', jql)
        label = re.search(r'labels = "([^"]*)"', jql)
        words = re.search(r'description ~ "\\"([^"\\]*)\\""', jql)
        if project is None and label is None:
            return self._said(400, "Unbounded JQL queries are not allowed here. Please add a search restriction.")
        if project is not None and project[1] != PROJECT:
            return self._said(400, f"The value '{project[1]}' does not exist for the field 'project'.")
        fresh = {str(one) for one in document.get("reconcileIssues", ())} if self.cloud else set()
        if len(fresh) > 50:
            return self._said(400, "reconcileIssues takes at most 50 ids")
        found = [
            one
            for one in self.issues.values()
            if (one.indexed or not self.lags or one.id in fresh)
            and not one.deleted
            and (label is None or label[1] in one.fields.get("labels", ()))
            and (words is None or words[1] in _flat(one.fields.get("description")))
        ]
        found.sort(key=lambda one: int(one.id), reverse=" DESC" in jql)
        shown = [self._shown(one) for one in found[: document.get("maxResults", 50)]]
        if self.cloud:
            return 200, {}, {"issues": shown, "isLast": True}
        return 200, {}, {"issues": shown, "startAt": 0, "maxResults": 50, "total": len(found)}

    def _bulk(self, request: Request) -> Response:
        named = [str(one) for one in request.json["issueIdsOrKeys"]]
        if len(named) > 100:
            return self._said(400, "at most 100 issues")
        found = [one for one in self.issues.values() if {one.id, one.key} & set(named) and not one.deleted]
        return 200, {}, {"expand": "", "issues": [self._shown(one) for one in found], "issueErrors": []}

    def _shown(self, issue: _Issue) -> dict[str, Any]:
        status = {"name": issue.status, "statusCategory": {"key": _CATEGORY[issue.status]}}
        resolution = None if issue.resolution is None else {"name": issue.resolution}
        fields = {**issue.fields, "status": status, "resolution": resolution}
        return {"id": issue.id, "key": issue.key, "self": f"{self.url}/rest/api/3/issue/{issue.id}", "fields": fields}


def _flat(node: Any) -> str:
    """The words of a document, or of wiki text."""
    if isinstance(node, str):
        return node
    if isinstance(node, list):
        return "".join(_flat(one) for one in node)
    if not isinstance(node, dict):
        return ""
    if node.get("type") == "hardBreak":
        return "\n"
    own: str = node.get("text", "") + _flat(node.get("content"))
    return own if node.get("type") == "text" else own + "\n"


def _sound(node: Any) -> bool:
    """Whether a document is one: known nodes, and no empty text."""
    known = {
        "doc", "paragraph", "text", "heading", "bulletList", "orderedList", "listItem", "codeBlock", "rule", "panel",
        "table", "tableRow", "tableHeader", "tableCell", "hardBreak", "blockquote", "expand", "status",
    }  # fmt: skip
    if not isinstance(node, dict) or node.get("type") not in known:
        return False
    if node["type"] == "text":
        return isinstance(node.get("text"), str) and node["text"] != ""
    if node["type"] in {"listItem", "bulletList", "orderedList", "table", "tableRow"} and not node.get("content"):
        return False
    return all(_sound(one) for one in node.get("content", ()))


def _cloud(door: HttpDoor, clock: Clock, compose: Compose, standin: Jira) -> Channel:
    return jira.build(door, clock, compose, url=standin.url, cloud=True, email=EMAIL, token=SECRET, name="jira-cloud")


def _data_center(door: HttpDoor, clock: Clock, compose: Compose, standin: Jira) -> Channel:
    return jira.build(door, clock, compose, url=standin.url, cloud=False, token=SECRET, name="jira-dc")


def _strict() -> Jira:
    return Jira(workflow="strict")


def _center() -> Jira:
    return Jira(cloud=False)


CASES = (
    Case("jira-cloud", Jira, _cloud, {"project": PROJECT}),
    Case("jira-cloud-strict", _strict, _cloud, {"project": PROJECT}),
    Case("jira-dc", _center, _data_center, {"project": PROJECT, "issuetype": "Bug"}),
)
