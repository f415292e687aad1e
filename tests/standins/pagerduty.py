"""PagerDuty's Events API v2, on this machine: `PagerDuty()`; one integration key, alerts by their `dedup_key`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.standins.base import SECRET, Case, Item, Request, Response, StandIn
from watcher.delivery.channels import pagerduty
from watcher.delivery.http import HttpDoor
from watcher.delivery.tracker import Compose
from watcher.ports import Channel, Clock

_SEVERITIES = {"critical", "error", "warning", "info"}


@dataclass(slots=True)
class _Alert:
    key: str
    summary: str
    text: str
    severity: str
    state: str = "triggered"
    triggered: int = 1


class PagerDuty(StandIn):
    """One service: events are merged by key while an alert is open; after it is resolved the key opens another."""

    def __init__(self) -> None:
        super().__init__()
        self.alerts: list[_Alert] = []
        self.changes: list[dict[str, Any]] = []
        self.route("POST", "/v2/enqueue", self._enqueue)
        self.route("POST", "/v2/change/enqueue", self._change)

    def refused(self, request: Request) -> Response | None:
        return None  # the key stands in the body

    def worded(self, status: int) -> Any:
        return {"status": "throttle exceeded", "message": f"HTTP {status}"}

    def extra_headers(self, request: Request) -> Mapping[str, str]:
        return {}

    def items(self) -> list[Item]:
        states = {"triggered": "open", "acknowledged": "in_progress", "resolved": "resolved"}
        return [Item(one.key, states[one.state], one.summary, one.text, (), one.key) for one in self.alerts]

    def _enqueue(self, request: Request) -> Response:
        event = request.json
        faults = self._faults(event)
        if faults:
            return 400, {}, {"status": "invalid event", "message": "Event object is invalid", "errors": faults}
        key, action = event["dedup_key"], event["event_action"]
        alert = next((one for one in self.alerts if one.key == key and one.state != "resolved"), None)
        if action == "trigger":
            payload = event["payload"]
            text = payload.get("custom_details", {}).get("text", "")
            if alert is None:
                self.alerts.append(_Alert(key, payload["summary"], text, payload["severity"]))
            else:
                alert.summary, alert.text, alert.severity = payload["summary"], text, payload["severity"]
                alert.triggered += 1
        elif alert is not None:
            alert.state = {"acknowledge": "acknowledged", "resolve": "resolved"}[action]
        return 202, {}, {"status": "success", "message": "Event processed", "dedup_key": key}

    def _change(self, request: Request) -> Response:
        event = request.json
        if event.get("routing_key") != self.secret or not event.get("payload", {}).get("summary"):
            return 400, {}, {"status": "invalid event", "message": "Event object is invalid", "errors": ["invalid"]}
        self.changes.append(event)
        return 202, {}, {"status": "success", "message": "Change event processed"}

    def _faults(self, event: Mapping[str, Any]) -> list[str]:
        faults = []
        if event.get("routing_key") != self.secret:
            faults.append("Invalid routing key")
        if event.get("event_action") not in {"trigger", "acknowledge", "resolve"}:
            faults.append("'event_action' is invalid")
        if not 0 < len(event.get("dedup_key", "")) <= 255:
            faults.append("'dedup_key' is invalid")
        if event.get("event_action") == "trigger":
            payload = event.get("payload", {})
            if not 0 < len(payload.get("summary", "")) <= 1024:
                faults.append("'payload.summary' is missing or blank, or too long")
            if payload.get("severity") not in _SEVERITIES or not payload.get("source"):
                faults.append("'payload.severity' or 'payload.source' is invalid")
        return faults


def _build(door: HttpDoor, clock: Clock, compose: Compose, standin: PagerDuty) -> Channel:
    return pagerduty.build(door, clock, compose, url=standin.url, routing_key=SECRET)


CASES = (
    Case(
        "pagerduty",
        PagerDuty,
        _build,
        {"component": "orders"},
        frozenset({"items", "rewrite", "progress", "search"}),
    ),
)
