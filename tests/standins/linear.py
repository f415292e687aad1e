"""Linear's GraphQL API, on this machine: one team, CHK, with its workflow, its issues and their comments.

It knows the questions that the channel asks by their root fields, and checks their variables. Made after the project's
reference, much of which is from memory for Linear: words of errors may differ.
"""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from tests.standins.base import SECRET, TRACKER, Case, Item, Request, Response, StandIn
from watcher.delivery.channels import linear
from watcher.delivery.http import HttpDoor
from watcher.delivery.tracker import Compose
from watcher.ports import Channel, Clock

TEAM = "7c1e51d0-2f6b-4b0e-8d3c-0d5c5a3ac001"
STATES = {
    "Triage": "triage",
    "Backlog": "backlog",
    "Todo": "unstarted",
    "In Progress": "started",
    "In Review": "started",
    "Done": "completed",
    "Canceled": "canceled",
    "Duplicate": "duplicate",
}
_SHOWN = {"started": "in_progress", "completed": "resolved", "canceled": "resolved", "duplicate": "resolved"}


class Linear(StandIn):
    """One workspace. Wrong input is told in answers of status 200, as Linear does for most of it."""

    def __init__(self) -> None:
        super().__init__()
        self.issues: dict[str, dict[str, Any]] = {}
        self.states = {f"state-{n}": (name, kind) for n, (name, kind) in enumerate(STATES.items())}
        self.purged: set[str] = set()
        self.remaining = 4999
        self._numbers = itertools.count(1)
        self._refusal = ""
        self.route("POST", "/graphql", self._answer)
        self._roots: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "issueCreate": self._create,
            "issueUpdate": self._update,
            "issueUnarchive": self._unarchive,
            "commentCreate": self._comment,
            "issues": self._issues,
            "issue": self._issue,
            "teams": self._teams,
            "team": self._team,
        }

    def refused(self, request: Request) -> Response | None:
        if request.headers.get("authorization") in {self.secret, f"Bearer {self.secret}"}:
            return None
        words = {"message": "Authentication required, not authenticated"}
        return 401, {}, {"errors": [{**words, "extensions": {"code": "AUTHENTICATION_ERROR", "type": "auth"}}]}

    def worded(self, status: int) -> Any:
        code = "RATELIMITED" if status == 429 else "INTERNAL_SERVER_ERROR"
        return {"errors": [{"message": f"status {status}", "extensions": {"code": code}}]}

    def extra_headers(self, request: Request) -> Mapping[str, str]:
        return {
            "x-ratelimit-requests-limit": "5000",
            "x-ratelimit-requests-remaining": str(self.remaining),
            "x-ratelimit-requests-reset": "1785585900000",
            "x-complexity": "12",
        }

    def items(self) -> list[Item]:
        return [
            Item(
                one["id"],
                _SHOWN.get(self.states[one["state"]][1], "open"),
                one["title"],
                one["description"],
                tuple(one["comments"].values()),
                one["description"],
            )
            for one in self.issues.values()
            if not one["trashed"]
        ]

    def delete(self, id: str) -> None:  # noqa: A002 - the item's id
        self.issues[id]["trashed"] = True
        self.issues[id]["archivedAt"] = "2026-08-01T12:00:00.000Z"

    def purge(self, id: str) -> None:  # noqa: A002 - the item's id
        """The thirty days are over: nothing of the issue can be read any more, and its id stays taken."""
        del self.issues[id]
        self.purged.add(id)

    def settle(self, id: str) -> None:  # noqa: A002 - the item's id
        self.issues[id]["state"] = self.state("Done")

    def state(self, name: str) -> str:
        """The id of a state."""
        return next(one for one, (known, _) in self.states.items() if known == name)

    def require_field(self) -> str:
        self._refusal = "estimate must be set for issues of this team"
        return "estimate must be set"

    def _answer(self, request: Request) -> Response:
        asked = request.json
        found = re.search(r"\{\s*(\w+)", asked["query"])
        root = found[1] if found else ""
        if root not in self._roots:
            return 400, {}, self._error(f'Cannot query field "{root}"', "GRAPHQL_VALIDATION_FAILED")
        named = set(re.findall(r"\$(\w+):", asked["query"]))
        if named != set(asked["variables"]):
            return 400, {}, self._error("Variable of required type was not provided", "BAD_USER_INPUT")
        try:
            return 200, {}, {"data": {root: self._roots[root](asked["variables"])}}
        except LookupError as error:
            return 200, {}, {"data": None, **self._error(str(error.args[0]), "INPUT_ERROR")}

    def _error(self, message: str, code: str) -> dict[str, Any]:
        extensions = {"code": code, "type": "invalid input", "userError": True}
        return {"errors": [{"message": message, "path": [], "extensions": extensions}]}

    def _checked(self, document: Mapping[str, Any]) -> None:
        if len(document.get("title", "x")) > 255 or not document.get("title", "x"):
            raise LookupError("Argument Validation Error: title must be shorter than or equal to 255 characters")
        if document.get("priority", 0) not in range(5):
            raise LookupError("Argument Validation Error: priority must not be greater than 4")
        if "stateId" in document and document["stateId"] not in self.states:
            raise LookupError("Entity not found: WorkflowState - Could not find referenced WorkflowState.")

    def _create(self, variables: Mapping[str, Any]) -> Any:
        document = variables["input"]
        self._checked(document)
        if document["teamId"] != TEAM:
            raise LookupError("Entity not found: Team - Could not find referenced Team.")
        given = document.get("id", str(uuid.uuid4()))
        if uuid.UUID(given).version != 4:
            raise LookupError("Argument Validation Error: id must be a UUID")
        if given in self.issues or given in self.purged:
            raise LookupError(f"conflict on insert of Issue: entity with id {given} already exists")
        if self._refusal:
            raise LookupError(f"Argument Validation Error: {self._refusal}")
        number = next(self._numbers)
        self.issues[given] = {
            "id": given,
            "identifier": f"CHK-{number}",
            "url": f"https://linear.example/acme/issue/CHK-{number}",
            "title": document["title"],
            "description": document.get("description", ""),
            "priority": document.get("priority", 0),
            "state": self.state("Backlog"),
            "trashed": None,
            "archivedAt": None,
            "comments": {},
        }
        return {"success": True, "issue": self._shown(self.issues[given])}

    def _update(self, variables: Mapping[str, Any]) -> Any:
        issue, document = self._one(variables["id"]), variables["input"]
        self._checked(document)
        if issue["archivedAt"]:
            raise LookupError("Argument Validation Error: the issue is archived")
        if "stateId" in document:
            issue["state"] = document["stateId"]
        issue |= {name: document[name] for name in ("title", "description", "priority") if name in document}
        return {"success": True}

    def _unarchive(self, variables: Mapping[str, Any]) -> Any:
        self._one(variables["id"])["archivedAt"] = None
        return {"success": True}

    def _comment(self, variables: Mapping[str, Any]) -> Any:
        document = variables["input"]
        issue = self._one(document["issueId"])
        if document["id"] in issue["comments"]:
            raise LookupError(f"conflict on insert of Comment: entity with id {document['id']} already exists")
        issue["comments"][document["id"]] = document["body"]
        return {"success": True}

    def _issues(self, variables: Mapping[str, Any]) -> Any:
        return {"nodes": [self._shown(one) for id_, one in self.issues.items() if id_ in variables["ids"]]}

    def _issue(self, variables: Mapping[str, Any]) -> Any:
        issue = self._one(variables["id"])
        note = variables.get("note")
        return {**self._shown(issue), "comments": {"nodes": [{"id": note}] if note in issue["comments"] else []}}

    def _teams(self, variables: Mapping[str, Any]) -> Any:
        return {"nodes": [{"id": TEAM}] if variables["key"] == "CHK" else []}

    def _team(self, variables: Mapping[str, Any]) -> Any:
        if variables["id"] != TEAM:
            raise LookupError("Entity not found: Team - Could not find referenced Team.")
        nodes = [
            {"id": id_, "name": name, "type": kind, "position": 1000.0 * n}
            for n, (id_, (name, kind)) in enumerate(self.states.items())
        ]
        return {"states": {"nodes": nodes[::-1]}}

    def _one(self, given: str) -> dict[str, Any]:
        if given not in self.issues:
            raise LookupError("Entity not found: Issue - Could not find referenced Issue.")
        return self.issues[given]

    def _shown(self, issue: Mapping[str, Any]) -> dict[str, Any]:
        name, kind = self.states[issue["state"]]
        kept = {key: issue[key] for key in ("id", "identifier", "url", "trashed", "archivedAt")}
        return {**kept, "team": {"id": TEAM}, "state": {"id": issue["state"], "name": name, "type": kind}}


def _build(door: HttpDoor, clock: Clock, compose: Compose, standin: Linear) -> Channel:
    return linear.build(door, clock, compose, url=f"{standin.url}/graphql", token=SECRET)


CASES = (Case("linear", Linear, _build, {"team": "CHK"}, TRACKER),)
