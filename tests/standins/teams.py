"""A Teams workflow, on this machine: `Teams()`; it takes a card a message, and answers before it posts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.standins.base import SECRET, Case, Item, Request, Response, StandIn
from watcher.delivery.channels import teams
from watcher.delivery.http import HttpDoor
from watcher.delivery.tracker import Compose
from watcher.ports import Channel, Clock

_PATH = "/workflows/0f0f/triggers/manual/paths/invoke"


class Teams(StandIn):
    """One workflow: 202 for what it takes, 413 beyond its size, 401 for a wrong `sig`."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[dict[str, Any]] = []
        self.route("POST", _PATH, self._taken)

    def refused(self, request: Request) -> Response | None:
        return None if request.query.get("sig") == self.secret else (401, {}, {"error": {"code": "DirectApiInvalid"}})

    def worded(self, status: int) -> Any:
        return {"error": {"code": str(status), "message": "The request failed"}}

    def extra_headers(self, request: Request) -> Mapping[str, str]:
        return {}

    def items(self) -> list[Item]:
        return [
            Item(str(number), "open", one["body"][0]["text"], json.dumps(one, ensure_ascii=False), (), "")
            for number, one in enumerate(self.cards)
        ]

    def _taken(self, request: Request) -> Response:
        if len(request.body) > 28 * 1024:
            return 413, {}, {"error": {"code": "RequestEntityTooLarge"}}
        message = request.json
        [attachment] = message["attachments"]
        card = attachment["content"]
        if (message["type"], card["type"], card["version"]) != ("message", "AdaptiveCard", "1.4"):
            return 400, {}, {"error": {"code": "InvalidCard"}}
        self.cards.append(card)
        return 202, {}, None


def _build(door: HttpDoor, clock: Clock, compose: Compose, standin: Teams) -> Channel:
    url = f"{standin.url}{_PATH}?api-version=2016-06-01&sp=%2Ftriggers&sv=1.0&sig={SECRET}"
    return teams.build(door, clock, compose, url=url)


CASES = (Case("teams", Teams, _build, {}, frozenset()),)
