"""Azure DevOps' work items, on this machine: one organisation, the project Checkout, the types Task and Bug.

Made after the project's reference, whose part on Azure DevOps is from memory: shapes and words may differ in detail.
"""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Mapping
from typing import Any

from tests.standins.base import SECRET, TRACKER, Case, Item, Request, Response, StandIn
from watcher.delivery.channels import azure_devops
from watcher.delivery.http import HttpDoor
from watcher.delivery.tracker import Compose
from watcher.ports import Channel, Clock

PROJECT = "Checkout Data"
STATES = {
    "Task": {"To Do": "Proposed", "Doing": "InProgress", "Done": "Completed"},
    "Bug": {
        "New": "Proposed",
        "Active": "InProgress",
        "Resolved": "Resolved",
        "Closed": "Completed",
        "Removed": "Removed",
    },
}
_SHOWN = {"Proposed": "open", "InProgress": "in_progress"}


class AzureDevops(StandIn):
    """One organisation. `raced` is how many further writes find that somebody else wrote first."""

    def __init__(self) -> None:
        super().__init__()
        self.work: dict[int, dict[str, Any]] = {}
        self.people = {"lead@acme.example"}
        self.raced = 0
        self.asks_to_sign_in = False
        self._numbers = itertools.count(1)
        self._required: str | None = None
        at = "/acme/{project}/_apis/wit"
        self.route("POST", at + "/workitems/{type}", self._create)
        self.route("POST", at + "/wiql", self._wiql)
        self.route("GET", at + "/workitemtypes/{type}/states", self._states)
        self.route("GET", at + "/workItems/{id}/comments", self._comments)
        self.route("GET", "/acme/_apis/wit/workitems", self._list)
        self.route("GET", "/acme/_apis/wit/workitems/{id}", self._get)
        self.route("PATCH", "/acme/_apis/wit/workitems/{id}", self._patch)

    def refused(self, request: Request) -> Response | None:
        if self.asks_to_sign_in:
            return 302, {"location": "https://spsprodeus.example/_signin?realm=dev.azure.com"}, "<html>Object moved"
        pair = base64.b64encode(f":{self.secret}".encode()).decode()
        if request.headers.get("authorization") not in {f"Basic {pair}", f"Bearer {self.secret}"}:
            return 401, {}, "Access Denied: The Personal Access Token used has expired."
        if "api-version" not in request.query:
            return self._error(400, "The api-version is missing", "VssVersionNotSpecifiedException")
        return None

    def worded(self, status: int) -> Any:
        words = {429: "Request was blocked due to exceeding usage of resource", 404: "TF401232"}
        return self._error(status, words.get(status, "TF400898: An Internal Error Occurred."), "Exception")[2]

    def items(self) -> list[Item]:
        return [
            Item(
                str(number),
                _SHOWN.get(STATES[one["System.WorkItemType"]][one["System.State"]], "resolved"),
                one["System.Title"],
                one["System.Description"],
                tuple(one["comments"]),
                one["System.Tags"],
            )
            for number, one in self.work.items()
        ]

    def delete(self, id: str) -> None:  # noqa: A002 - the item's id
        del self.work[int(id)]

    def settle(self, id: str) -> None:  # noqa: A002 - the item's id
        self.work[int(id)]["System.State"] = "Done"

    def require_field(self) -> str:
        self._required = "Custom.Team"
        return "Rule Error for field Team. Error code: Required"

    def _error(self, status: int, message: str, key: str) -> Response:
        return status, {}, {"$id": "1", "innerException": None, "message": message, "typeKey": key, "errorCode": 0}

    def _rule(self, field: str, code: str) -> Response:
        return self._error(
            400, f"TF401320: Rule Error for field {field}. Error code: {code}.", "RuleValidationException"
        )

    def _written(self, item: dict[str, Any], request: Request) -> Response | None:
        if request.headers.get("content-type") != "application/json-patch+json":
            return self._error(415, "VS403303: The request indicated a Content-Type", "UnsupportedMediaType")
        fields: dict[str, Any] = {}
        for change in request.json:
            if change["op"] == "test" and change["path"] == "/rev":
                if self.raced:
                    self.raced -= 1
                    item["rev"] += 1
                if change["value"] != item["rev"]:
                    return self._error(412, "VS403351: Test Operation for path /rev failed.", "TestOperationFailed")
            elif change["op"] == "add" and change["path"].startswith("/fields/"):
                fields[change["path"].removeprefix("/fields/")] = change["value"]
            else:
                return self._error(400, "You must pass a valid patch document", "VssPropertyValidationException")
        if len(fields.get("System.Title", "")) > 255:
            return self._rule("Title", "InvalidTooLong")
        if "System.State" in fields and fields["System.State"] not in STATES[item["System.WorkItemType"]]:
            return self._rule("State", "HasValues, LimitedToValues, InvalidNotInList")
        if fields.get("System.AssignedTo") not in {None, *self.people}:
            who = fields["System.AssignedTo"]
            return self._error(400, f"The identity value '{who}' for field 'Assigned To' is unknown.", "RuleValidation")
        note = fields.pop("System.History", None)
        item.update(fields)
        tags = re.split(r"\s*;\s*", item["System.Tags"])
        item["System.Tags"] = "; ".join(sorted(set(tags) - {""}, key=str.lower))
        if note:
            item["comments"].append(note)
        item["rev"] += 1
        return None

    def _create(self, request: Request) -> Response:
        kind = request.params["type"].removeprefix("$")
        if request.params["project"] != PROJECT:
            return self._error(404, "TF200016: The following project does not exist: x.", "ProjectDoesNotExist")
        if not request.params["type"].startswith("$") or kind not in STATES:
            return self._error(404, f"VS402323: Work item type {kind} does not exist", "WorkItemTypeNotFoundException")
        if self._required and self._required not in str(request.json):
            return self._rule("Team", "Required, InvalidEmpty")
        item: dict[str, Any] = {"rev": 0, "comments": [], "System.Tags": "", "System.TeamProject": PROJECT}
        item |= {"System.WorkItemType": kind, "System.State": next(iter(STATES[kind])), "System.Title": ""}
        failure = self._written(item, request)
        if failure is not None:
            return failure
        number = next(self._numbers)
        self.work[number] = item
        return 200, {}, self._shown(number, None)

    def _wiql(self, request: Request) -> Response:
        found = re.search(r"\[System\.Tags\] CONTAINS '([^']*)'", request.json["query"])
        if found is None or "[System.TeamProject] = @project" not in request.json["query"]:
            return self._error(400, "TF51006: The query statement is missing a clause.", "SyntaxException")
        ids = [one for one, item in self.work.items() if found[1] in item["System.Tags"]]
        shown = [{"id": one, "url": f"{self.url}/acme/_apis/wit/workItems/{one}"} for one in ids]
        return 200, {}, {"queryType": "flat", "workItems": shown[: int(request.query["$top"])]}

    def _states(self, request: Request) -> Response:
        kind = request.params["type"]
        if kind not in STATES:
            return self._error(404, f"VS402323: Work item type {kind} does not exist", "WorkItemTypeNotFoundException")
        value = [{"name": name, "color": "b2b2b2", "category": category} for name, category in STATES[kind].items()]
        return 200, {}, {"count": len(value), "value": value}

    def _comments(self, request: Request) -> Response:
        item = self._one(request)
        if item is None or request.params["project"] != item["System.TeamProject"]:
            return self._missing(request)
        shown = [{"id": n, "text": text} for n, text in enumerate(item["comments"], 1)][::-1]
        return 200, {}, {"totalCount": len(shown), "comments": shown[: int(request.query["$top"])]}

    def _list(self, request: Request) -> Response:
        ids = [int(one) for one in request.query["ids"].split(",")]
        value = [self._shown(one, request.query.get("fields")) for one in ids if one in self.work]
        return 200, {}, {"count": len(value), "value": value}

    def _one(self, request: Request) -> dict[str, Any] | None:
        return self.work.get(int(request.params["id"]))

    def _missing(self, request: Request) -> Response:
        words = f"TF401232: Work item {request.params['id']} does not exist, or you do not have permissions to read it."
        return self._error(404, words, "WorkItemUnauthorizedAccessException")

    def _get(self, request: Request) -> Response:
        if self._one(request) is None:
            return self._missing(request)
        return 200, {}, self._shown(int(request.params["id"]), request.query.get("fields"))

    def _patch(self, request: Request) -> Response:
        item = self._one(request)
        if item is None:
            return self._missing(request)
        failure = self._written(item, request)
        return failure or (200, {}, self._shown(int(request.params["id"]), None))

    def _shown(self, number: int, wanted: str | None) -> Mapping[str, Any]:
        item = self.work[number]
        names = [name for name in item if "." in name and item[name] != ""]
        chosen = names if wanted is None else [one for one in wanted.split(",") if one in names]
        return {"id": number, "rev": item["rev"], "fields": {name: item[name] for name in chosen}}


def _build(door: HttpDoor, clock: Clock, compose: Compose, standin: AzureDevops) -> Channel:
    return azure_devops.build(door, clock, compose, url=f"{standin.url}/acme", token=SECRET)


CASES = (Case("azure-devops", AzureDevops, _build, {"project": PROJECT}, TRACKER),)
