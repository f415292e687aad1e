"""What services send, as the tests need it: bodies after the reference, and each service's way to sign them."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from watcher.handlers.ticketing.wishes import Wish, Wishes
from watcher.web.hooks.app import READERS
from watcher.web.hooks.wish import HookRequest, HookSource, Reading

NOW = dt.datetime(2026, 8, 3, 12, 0, tzinfo=dt.UTC)
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()
TICKET = "T-0123456789"
MARKER = "watcher-t-0123456789"

Signed = tuple[dict[str, str], bytes]
Sign = Callable[[bytes, str, dt.datetime], dict[str, str]]


def hexed(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def standard(body: bytes, secret: str, at: dt.datetime) -> dict[str, str]:
    moment = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    told = base64.b64encode(hmac.new(key, f"msg_1.{moment}.".encode() + body, hashlib.sha256).digest()).decode()
    return {"webhook-id": "msg_1", "webhook-timestamp": moment, "webhook-signature": f"v1,{told}"}


def slack(body: bytes, secret: str, at: dt.datetime) -> dict[str, str]:
    moment = str(int(at.timestamp()))
    return {
        "x-slack-request-timestamp": moment,
        "x-slack-signature": "v0=" + hexed(secret, f"v0:{moment}:".encode() + body),
        "content-type": "application/x-www-form-urlencoded",
    }


def token(_body: bytes, secret: str, _at: dt.datetime) -> dict[str, str]:
    return {"x-watcher-token": secret}


SIGN: dict[str, Sign] = {
    "azure-devops": lambda _body, secret, _at: {
        "authorization": "Basic " + base64.b64encode(f"watcher:{secret}".encode()).decode()
    },
    "github": lambda body, secret, _at: {
        "x-hub-signature-256": f"sha256={hexed(secret, body)}",
        "x-github-event": "issues",
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    },
    "gitlab": standard,
    "jira": lambda body, secret, _at: {
        "x-hub-signature": f"sha256={hexed(secret, body)}",
        "x-atlassian-webhook-identifier": "c0ffee",
    },
    "linear": lambda body, secret, _at: {"linear-signature": hexed(secret, body), "linear-delivery": "234d1a4e"},
    "pagerduty": lambda body, secret, _at: {"x-pagerduty-signature": f"v1={'0' * 64},v1={hexed(secret, body)}"},
    "servicenow": token,
    "slack": slack,
}
"""How each service proves that it sent a body."""

MILLISECONDS = int(NOW.timestamp() * 1000)

BODIES: dict[str, dict[str, Any]] = {
    "azure-devops": {
        "id": "27646e0e-b520-4d2b-9411-bba7524947cd",
        "eventType": "workitem.updated",
        "createdDate": "2026-08-03T11:59:00.000Z",
        "resource": {
            "id": 2,
            "workItemId": 17,
            "rev": 2,
            "revisedBy": {"id": "e5a5f7f8", "displayName": "Em Checkout", "uniqueName": "em-checkout@acme.example"},
            "fields": {"System.State": {"oldValue": "New", "newValue": "Resolved"}},
            "revision": {"id": 17, "fields": {"System.Tags": f"watcher; {MARKER}", "System.State": "Resolved"}},
        },
    },
    "github": {
        "action": "closed",
        "issue": {
            "number": 12,
            "state": "closed",
            "state_reason": "completed",
            "updated_at": "2026-08-03T11:59:00Z",
            "labels": [{"name": "watcher"}, {"name": MARKER}],
            "body": "…",
        },
        "repository": {"full_name": "acme/shop", "private": True},
        "sender": {"login": "em-checkout", "id": 7, "type": "User"},
    },
    "gitlab": {
        "object_kind": "issue",
        "user": {"id": 7, "username": "em-checkout", "name": "Em Checkout", "email": "[REDACTED]"},
        "project": {"id": 41, "path_with_namespace": "acme/shop", "visibility_level": 0},
        "object_attributes": {"iid": 12, "action": "close", "state": "closed", "updated_at": "2026-08-03 11:59:00 UTC"},
        "labels": [{"title": "watcher"}, {"title": MARKER}],
        "changes": {},
    },
    "jira": {
        "timestamp": MILLISECONDS,
        "webhookEvent": "jira:issue_updated",
        "issue_event_type_name": "issue_generic",
        "user": {"accountId": "5b10", "displayName": "Em Checkout"},
        "issue": {
            "id": "10042",
            "key": "DATA-7",
            "fields": {
                "labels": ["watcher", MARKER],
                "status": {"name": "Done", "statusCategory": {"key": "done"}},
                "resolution": {"name": "Fixed"},
            },
        },
        "changelog": {"id": "1", "items": [{"field": "status", "fromString": "Open", "toString": "Done"}]},
    },
    "linear": {
        "action": "update",
        "type": "Issue",
        "createdAt": "2026-08-03T11:59:59.000Z",
        "webhookTimestamp": MILLISECONDS,
        "actor": {"id": "u1", "name": "Em Checkout", "type": "user"},
        "data": {"id": "2174add1", "identifier": "DAT-7", "state": {"name": "Done", "type": "completed"}},
        "updatedFrom": {"stateId": "s0"},
    },
    "pagerduty": {
        "event": {
            "id": "5ac64822",
            "event_type": "incident.resolved",
            "resource_type": "incident",
            "occurred_at": "2026-08-03T11:59:00.169Z",
            "agent": {"id": "PLH1HKV", "summary": "Em Checkout", "type": "user_reference"},
            "data": {
                "id": "PGR0VU2",
                "type": "incident",
                "html_url": "https://acme.pagerduty.example/incidents/PGR0VU2",
                "incident_key": MARKER,
            },
        }
    },
    "servicenow": {
        "event": "state",
        "sys_id": "9d385017c611228701d22104cc95c371",
        "state": "6",
        "close_notes": "put back",
        "by": "em.checkout",
        "by_name": "Em Checkout",
        "at": "2026-08-03 11:59:00",
        "correlation_id": MARKER,
    },
    "slack": {
        "type": "block_actions",
        "user": {"id": "U2CERLKJA", "username": "em-checkout"},
        "actions": [{"action_id": "resolve", "value": TICKET, "type": "button", "action_ts": "1754222340.0"}],
        "response_url": "https://hooks.slack.com/actions/T1/1/x",
    },
}
"""A message from each service in which its item was closed by a person."""


def body_of(kind: str, document: Mapping[str, Any]) -> bytes:
    """The bytes that the service sends."""
    text = json.dumps(document)
    return urlencode({"payload": text}).encode() if kind == "slack" else text.encode()


def request(
    kind: str,
    document: Mapping[str, Any] | bytes | None = None,
    *,
    secret: str = SECRET,
    at: dt.datetime = NOW,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> HookRequest:
    """A message as the service signs it, with more or other headers."""
    document = BODIES[kind] if document is None else document
    body = document if isinstance(document, bytes) else body_of(kind, document)
    return HookRequest({**SIGN[kind](body, secret, at), **(headers or {})}, body, query or {}, NOW)


def source(kind: str, *secrets: str) -> HookSource:
    return HookSource(kind, secrets or (SECRET,))


def reading(kind: str, document: Mapping[str, Any] | bytes | None = None, **how: Any) -> Reading:
    """What a signed message is read into."""
    return READERS[kind](request(kind, document, **how), source(kind))


def wish(kind: str, document: Mapping[str, Any] | None = None, **how: Any) -> Wish:
    """The one wish of a signed message."""
    found = reading(kind, document, **how)
    assert isinstance(found, Wishes), found
    (one,) = found.wishes
    return one


def changed(kind: str, *path: str | int, to: Any) -> dict[str, Any]:
    """The service's message with another value at a path."""
    document: dict[str, Any] = json.loads(json.dumps(BODIES[kind]))
    inner: Any = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return document
