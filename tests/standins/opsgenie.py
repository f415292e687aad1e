"""Opsgenie's alert API, on this machine: `Opsgenie()`; alerts by alias, counted while one is open."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.standins.base import SECRET, Case, Item, Request, Response, StandIn
from watcher.delivery.channels import opsgenie
from watcher.delivery.http import HttpDoor
from watcher.delivery.tracker import Compose
from watcher.ports import Channel, Clock


@dataclass(slots=True)
class _Alert:
    alias: str
    message: str
    description: str
    priority: str
    state: str = "open"
    count: int = 1
    notes: list[str] = field(default_factory=list)


class Opsgenie(StandIn):
    """One account. Requests are answered with 202, and done at once here."""

    def __init__(self) -> None:
        super().__init__()
        self.alerts: list[_Alert] = []
        self._heard_ids = itertools.count(1)
        self.route("POST", "/v2/alerts", self._create)
        for verb in ("close", "acknowledge", "notes"):
            self.route("POST", "/v2/alerts/{alias}/" + verb, self._act)

    def refused(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"GenieKey {self.secret}":
            return 401, {}, {"message": "Could not authenticate", "took": 0.0, "requestId": "x"}
        return None

    def worded(self, status: int) -> Any:
        return {"message": "You are making too many requests!", "took": 0.0, "requestId": f"r{status}"}

    def extra_headers(self, request: Request) -> Mapping[str, str]:
        return {"x-ratelimit-state": "OK"}

    def items(self) -> list[Item]:
        states = {"open": "open", "acknowledged": "in_progress", "closed": "resolved"}
        return [
            Item(one.alias, states[one.state], one.message, one.description, tuple(one.notes), one.alias)
            for one in self.alerts
        ]

    def _create(self, request: Request) -> Response:
        document = request.json
        message, alias = document.get("message", ""), document.get("alias", "")
        if not 0 < len(message) <= 130 or len(alias) > 512 or len(document.get("description", "")) > 15_000:
            return 422, {}, {"message": "Request body is not processable", "took": 0.0, "requestId": "x"}
        open_ = self._standing(alias)
        if open_ is not None:
            open_.count += 1
        else:
            self.alerts.append(_Alert(alias, message, document.get("description", ""), document.get("priority", "P3")))
        return self._heard()

    def _act(self, request: Request) -> Response:
        _, _, _, alias, verb = request.path.split("/")
        if request.query.get("identifierType") != "alias":
            return 422, {}, {"message": "identifierType is not valid", "took": 0.0, "requestId": "x"}
        alert = self._standing(unquote(alias))
        if alert is None:
            return 404, {}, {"message": "Alert does not exist", "took": 0.0, "requestId": "x"}
        if verb == "notes":
            alert.notes.append(request.json["note"])
        else:
            alert.state = {"close": "closed", "acknowledge": "acknowledged"}[verb]
        return self._heard()

    def _standing(self, alias: str) -> _Alert | None:
        return next((one for one in self.alerts if one.alias == alias and one.state != "closed"), None)

    def _heard(self) -> Response:
        return 202, {}, {"result": "Request will be processed", "took": 0.1, "requestId": f"r{next(self._heard_ids)}"}


def _build(door: HttpDoor, clock: Clock, compose: Compose, standin: Opsgenie) -> Channel:
    return opsgenie.build(door, clock, compose, url=standin.url, api_key=SECRET)


CASES = (
    Case(
        "opsgenie",
        Opsgenie,
        _build,
        {"team": "checkout"},
        frozenset({"items", "progress", "auth"}),
    ),
)
