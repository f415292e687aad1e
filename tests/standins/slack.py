"""Slack's Web API and an incoming webhook, on this machine: `Slack()`; one channel `#checkout`, with threads."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.standins.base import SECRET, Case, Item, Request, Response, StandIn
from watcher.delivery.channels import slack
from watcher.delivery.http import HttpDoor
from watcher.delivery.tracker import Compose
from watcher.ports import Channel, Clock

CHANNEL = "C0CHECKOUT"
PERSON, TALK = "U0LEAD0001", "D0LEAD0001"
_HOOK = f"/services/T0/B0/{SECRET}"


@dataclass(slots=True)
class _Message:
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any] | None
    thread: str | None = None
    deleted: bool = False


class Slack(StandIn):
    """One workspace. What is wrong is said with 200 and `ok: false`, as Slack does."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[_Message] = []
        self.trouble: str | None = None
        self._times = itertools.count(1)
        self.most = 1000
        """Messages of a page, whatever is asked for."""
        self.scopes = {"channels:read", "groups:read", "im:write"}
        for method, handler in (
            ("chat.postMessage", self._post),
            ("chat.update", self._update),
            ("conversations.open", self._talk),
        ):
            self.route("POST", f"/api/{method}", handler)
        for method, handler in (
            ("conversations.history", self._history),
            ("conversations.replies", self._replies),
            ("conversations.list", self._list),
        ):
            # What reads takes a query or a form, and passes a JSON body over.
            self.route("GET", f"/api/{method}", handler)
            self.route("POST", f"/api/{method}", handler)
        self.route("POST", _HOOK, self._hooked)

    def refused(self, request: Request) -> Response | None:
        if request.path.startswith("/services/"):
            return None
        if request.headers.get("authorization") != f"Bearer {self.secret}":
            return 200, {}, {"ok": False, "error": "invalid_auth"}
        if self.trouble is not None:
            return 200, {}, {"ok": False, "error": self.trouble}
        return None

    def worded(self, status: int) -> Any:
        return {"ok": False, "error": "ratelimited" if status == 429 else "internal_error"}

    def extra_headers(self, request: Request) -> Mapping[str, str]:
        return {}

    def items(self) -> list[Item]:
        return [
            Item(
                one.ts,
                "open",
                one.text,
                _words(one),
                tuple(_words(note) for note in self.messages if note.thread == one.ts and not note.deleted),
                _marker(one),
            )
            for one in self.messages
            if one.thread is None and not one.deleted
        ]

    def delete(self, id_: str) -> None:
        for one in self.messages:
            one.deleted = one.deleted or one.ts == id_

    def _post(self, request: Request) -> Response:
        document = request.json
        if document.get("channel") not in {CHANNEL, "#checkout", PERSON, TALK}:
            return 200, {}, {"ok": False, "error": "channel_not_found"}
        if fault := _faults(document):
            return 200, {}, {"ok": False, "error": fault}
        made = _Message(
            f"1700000000.{next(self._times):06}",
            document.get("text", ""),
            document.get("blocks", []),
            document.get("metadata"),
            document.get("thread_ts"),
        )
        self.messages.append(made)
        where = TALK if document["channel"] in {PERSON, TALK} else CHANNEL
        return 200, {}, {"ok": True, "channel": where, "ts": made.ts, "message": self._shown(made)}

    def _update(self, request: Request) -> Response:
        document = request.json
        one = next((one for one in self.messages if one.ts == document.get("ts") and not one.deleted), None)
        if one is None or document.get("channel") not in {CHANNEL, TALK}:
            return 200, {}, {"ok": False, "error": "message_not_found"}
        if fault := _faults(document):
            return 200, {}, {"ok": False, "error": fault}
        one.text, one.blocks = document.get("text", ""), document.get("blocks", [])
        one.metadata = document.get("metadata", one.metadata)
        return 200, {}, {"ok": True, "channel": CHANNEL, "ts": one.ts, "text": one.text}

    def _talk(self, request: Request) -> Response:
        if "im:write" not in self.scopes:
            return 200, {}, {"ok": False, "error": "missing_scope", "needed": "im:write"}
        if request.json.get("users") != PERSON:
            return 200, {}, {"ok": False, "error": "user_not_found"}
        return 200, {}, {"ok": True, "channel": {"id": TALK}}

    def _history(self, request: Request) -> Response:
        asked = _asked(request)
        if "channel" not in asked:
            return 200, {}, {"ok": False, "error": "invalid_arguments"}
        if asked["channel"] not in {CHANNEL, TALK}:
            return 200, {}, {"ok": False, "error": "channel_not_found"}
        with_metadata = asked.get("include_all_metadata") == "true"
        shown = [self._shown(one) for one in reversed(self.messages) if one.thread is None and not one.deleted]
        if not with_metadata:
            shown = [{key: value for key, value in one.items() if key != "metadata"} for one in shown]
        return 200, {}, {"ok": True, "messages": shown, "has_more": False}

    def _replies(self, request: Request) -> Response:
        asked = _asked(request)
        thread = asked.get("ts")
        if thread is None or "channel" not in asked:
            return 200, {}, {"ok": False, "error": "invalid_arguments"}
        shown = [self._shown(one) for one in self.messages if thread in {one.ts, one.thread} and not one.deleted]
        start, size = int(asked.get("cursor", "0")), min(int(asked.get("limit", "100")), self.most)
        more = {"next_cursor": str(start + size)} if start + size < len(shown) else {}
        page = shown[start : start + size]
        return 200, {}, {"ok": True, "messages": page, "has_more": bool(more), "response_metadata": more}

    def _list(self, request: Request) -> Response:
        if "private_channel" in _asked(request).get("types", "") and "groups:read" not in self.scopes:
            return 200, {}, {"ok": False, "error": "missing_scope", "needed": "groups:read"}
        return 200, {}, {"ok": True, "channels": [{"id": CHANNEL, "name": "checkout"}], "response_metadata": {}}

    def _hooked(self, request: Request) -> Response:
        document = request.json
        if fault := _faults(document):
            return 400, {}, fault
        self.messages.append(
            _Message(f"1700000000.{next(self._times):06}", document.get("text", ""), document["blocks"], None)
        )
        return 200, {}, "ok"

    def _shown(self, one: _Message) -> dict[str, Any]:
        thread = {} if one.thread is None else {"thread_ts": one.thread}
        return {"type": "message", "ts": one.ts, "text": one.text, "metadata": one.metadata, **thread}


def _asked(request: Request) -> Mapping[str, str]:
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return {**request.query, **(request.form if is_form else {})}


def _faults(document: Mapping[str, Any]) -> str:
    """What Slack would say of a message that is beyond its limits."""
    blocks = document.get("blocks", [])
    if len(blocks) > 50 or not (blocks or document.get("text")):
        return "invalid_blocks"
    for one in blocks:
        texts = [one["text"]["text"]] if isinstance(one.get("text"), dict) else []
        texts += [each["text"] for each in one.get("fields", [])]
        limit = 150 if one["type"] == "header" else 3_000
        if any(not 0 < len(text) <= limit for text in texts) or len(one.get("fields", [])) > 10:
            return "invalid_blocks"
    return "msg_too_long" if len(document.get("text", "")) > 40_000 else ""


def _words(one: _Message) -> str:
    """Everything that a message shows."""
    found = [one.text]
    for block in one.blocks:
        found += [block["text"]["text"]] if isinstance(block.get("text"), dict) else []
        parts = (each["text"] for each in (*block.get("fields", ()), *block.get("elements", ())) if "text" in each)
        found += [part["text"] if isinstance(part, dict) else part for part in parts]  # a button's is an object
    return "\n".join(found).replace("\u2060", "")


def _marker(one: _Message) -> str:
    return str(((one.metadata or {}).get("event_payload") or {}).get("marker", ""))


@dataclass(slots=True)
class _Ways:
    """How the channel is built for a case."""

    webhook: bool = False
    options: dict[str, str] = field(default_factory=dict)

    def __call__(self, door: HttpDoor, clock: Clock, compose: Compose, standin: Slack) -> Channel:
        if self.webhook:
            return slack.build(door, clock, compose, webhook_url=standin.url + _HOOK)
        return slack.build(door, clock, compose, token=SECRET, url=f"{standin.url}/api")


CASES = (
    Case(
        "slack",
        Slack,
        _Ways(),
        {"to": "#checkout"},
        frozenset({"items", "rewrite", "notes", "search", "auth"}),
    ),
    Case("slack-webhook", Slack, _Ways(webhook=True), {}, frozenset()),
)
