"""ServiceNow's Table API, on this machine: the table `incident` with its states and rules, and the groups.

Made after the project's reference, whose part on ServiceNow is from memory: shapes and words may differ in detail.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Mapping
from typing import Any

from tests.standins.base import SECRET, TRACKER, Case, Item, Request, Response, StandIn
from watcher.delivery.channels import servicenow
from watcher.delivery.http import HttpDoor
from watcher.delivery.tracker import Compose
from watcher.ports import Channel, Clock

USER = "watcher.bot"
GROUP = "Checkout Data"
GROUP_ID = "a" * 32
_LENGTHS = {"short_description": 160, "description": 4000, "correlation_id": 100, "close_notes": 4000}
_ENDS = {"6", "7", "8"}


class Servicenow(StandIn):
    """One instance. `closed_for_good` says that a closed record (7) takes no state any more, as instances do."""

    def __init__(self, *, table: str = "incident") -> None:
        super().__init__()
        self.table = table
        self.records: dict[str, dict[str, Any]] = {}
        self.mandatory: str | None = None
        self.hides_groups = False
        """The account may not read groups."""
        self.deaf = False
        """Writes of a state are taken with 200 and dropped, as an access rule does."""
        self._numbers = itertools.count(1)
        at = f"/api/now/table/{table}"
        self.route("POST", at, self._create)
        self.route("GET", at, self._list)
        self.route("GET", at + "/{id}", self._get)
        self.route("PATCH", at + "/{id}", self._patch)
        self.route("GET", "/api/now/table/sys_user_group", self._groups)

    def refused(self, request: Request) -> Response | None:
        pair = base64.b64encode(f"{USER}:{self.secret}".encode()).decode()
        if request.headers.get("authorization") not in {f"Basic {pair}", f"Bearer {self.secret}"}:
            detail = "Required to provide Auth information"
            return 401, {}, {"error": {"message": "User Not Authenticated", "detail": detail}, "status": "failure"}
        if request.headers.get("accept") != "application/json":
            return 406, {}, "<error>xml is what you get without an Accept header</error>"
        return None

    def worded(self, status: int) -> Any:
        words = {429: "Rate limit exceeded", 503: "Service unavailable", 404: "No Record found"}
        return {"error": {"message": words.get(status, "Internal error"), "detail": f"{status}"}, "status": "failure"}

    def items(self) -> list[Item]:
        shown = {"1": "open", "2": "in_progress", "3": "in_progress", "6": "resolved", "7": "resolved", "8": "resolved"}
        if self.table != "incident":
            shown |= {"3": "resolved", "4": "resolved"}
        return [
            Item(
                one["sys_id"],
                shown[one["state"]],
                one["short_description"],
                one["description"],
                tuple(one["notes"]),
                one["correlation_id"],
            )
            for one in self.records.values()
        ]

    def delete(self, id: str) -> None:  # noqa: A002 - the item's id
        del self.records[id]

    def settle(self, id: str) -> None:  # noqa: A002 - the item's id
        self.records[id]["state"] = "7"
        self.records[id]["active"] = "false"

    def require_field(self) -> str:
        self.mandatory = "business_service"
        return "business_service"

    def _failure(self, status: int, message: str, detail: str) -> Response:
        return status, {}, {"error": {"message": message, "detail": detail}, "status": "failure"}

    def _policy(self, fields: str) -> Response:
        detail = f"Data Policy Exception: The following fields are mandatory: {fields}"
        return self._failure(403, "Operation Failed", detail)

    def _written(self, record: dict[str, Any], document: Mapping[str, Any]) -> Response | None:
        state = str(document.get("state", record["state"]))
        if record["state"] in {"7", "8"} and state != record["state"] and self.table == "incident":
            return self._failure(403, "Operation Failed", "ACL restricts an update of a closed record")
        if (
            self.table == "incident"
            and state == "6"
            and not (document.get("close_code") and document.get("close_notes"))
        ):
            return self._policy("Resolution code, Resolution notes")
        for name, value in document.items():
            if name == "work_notes":
                if value:
                    record["notes"].append(value)
            elif not (name == "state" and self.deaf):
                record[name] = str(value)[: _LENGTHS.get(name, 4000)]  # cut without a word
        record["active"] = "false" if record["state"] in {"7", "8"} else "true"
        return None

    def _create(self, request: Request) -> Response:
        document = request.json
        if self.mandatory and not document.get(self.mandatory):
            return self._policy(self.mandatory)
        number = next(self._numbers)
        record: dict[str, Any] = {"sys_id": f"{number:032x}", "number": f"INC{number:07}", "state": "1", "notes": []}
        record |= {"short_description": "", "description": "", "correlation_id": "", "active": "true"}
        if request.query.get("sysparm_input_display_value") == "true" and document.get("assignment_group") == GROUP:
            document = {**document, "assignment_group": GROUP_ID}
        failure = self._written(record, document)
        if failure is not None:
            return failure
        self.records[record["sys_id"]] = record
        return 201, {}, {"result": self._shown(record, request)}

    def _list(self, request: Request) -> Response:
        found = list(self.records.values())
        for term in request.query.get("sysparm_query", "").split("^"):
            name, sign, value = term.partition("=")
            if sign:
                found = [one for one in found if str(one.get(name, "")) == value]
        limit = int(request.query.get("sysparm_limit", "10000"))
        return 200, {}, {"result": [self._shown(one, request) for one in found[:limit]]}

    def _one(self, request: Request) -> dict[str, Any] | None:
        return self.records.get(request.params["id"])

    def _missing(self) -> Response:
        return self._failure(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")

    def _get(self, request: Request) -> Response:
        record = self._one(request)
        return self._missing() if record is None else (200, {}, {"result": self._shown(record, request)})

    def _patch(self, request: Request) -> Response:
        record = self._one(request)
        if record is None:
            return self._missing()
        failure = self._written(record, request.json)
        return failure or (200, {}, {"result": self._shown(record, request)})

    def _groups(self, request: Request) -> Response:
        if self.hides_groups:
            detail = "Failed API level ACL Validation"
            return 403, {}, {"error": {"message": "User Not Authorized", "detail": detail}, "status": "failure"}
        known = f"name={GROUP}^" in request.query.get("sysparm_query", "") + "^"
        return 200, {}, {"result": [{"sys_id": GROUP_ID}] if known else []}

    def _shown(self, record: Mapping[str, Any], request: Request) -> dict[str, Any]:
        told = {name: value for name, value in record.items() if name != "notes"}
        told["work_notes"] = ""  # a journal field has no value of its own
        if request.query.get("sysparm_display_value") == "true":
            told["state"] = {"1": "New", "2": "In Progress", "6": "Resolved"}.get(record["state"], record["state"])
            head = "2026-08-01 12:00:00 - Watcher (Work notes)"
            told["work_notes"] = "\n\n".join(f"{head}\n{one}" for one in reversed(record["notes"]))
        wanted = request.query.get("sysparm_fields")
        return told if wanted is None else {name: told[name] for name in wanted.split(",") if name in told}


def _build(door: HttpDoor, clock: Clock, compose: Compose, standin: Servicenow) -> Channel:
    return servicenow.build(door, clock, compose, url=standin.url, user=USER, token=SECRET)


CASES = (Case("servicenow", Servicenow, _build, {"group": GROUP}, TRACKER),)
