"""PagerDuty: what is done to an incident moves the ticket; its key is the one under which we sent the alert.

A note's message names the incident by PagerDuty's own id alone. That id is learnt from the messages before it.
"""

from __future__ import annotations

from typing import Any

from watcher.model.delivery import Remote
from watcher.model.ticket import Verb
from watcher.web.hooks import verify
from watcher.web.hooks.commands import commented
from watcher.web.hooks.wish import (
    Challenge,
    HookRequest,
    HookSource,
    Ignored,
    Reading,
    Wish,
    dig,
    moment,
    names,
    text,
    wishes,
)

_VERBS: dict[str, tuple[Verb | None, str]] = {
    "incident.triggered": (None, ""),
    "incident.acknowledged": (Verb.ACKNOWLEDGE, "acknowledged in PagerDuty"),
    "incident.resolved": (Verb.RESOLVE, "resolved in PagerDuty"),
    "incident.reopened": (Verb.REOPEN, "reopened in PagerDuty"),
}


def read(request: HookRequest, source: HookSource) -> Reading:
    """What a v3 webhook subscription says."""
    verify.hex_signed(request, source, "x-pagerduty-signature", "v1=", several=True)
    document = verify.document(request.body)
    kind = text(document, "event", "event_type")
    if kind == "pagey.ping":
        return Challenge({"said": "pong"})
    ids = verify.ids(request)
    event = text(document, "event", "id")
    if event:
        ids = (f"event:{event[:200]}", *ids)
    if kind == "incident.annotated":
        note = dig(document, "event", "data", "content")
        return wishes(request, ids, commented(_wish(document, None, ""), note))
    if kind not in _VERBS:
        return Ignored("this kind of event moves no ticket")
    return wishes(request, ids, _wish(document, *_VERBS[kind]))


def _wish(document: dict[str, Any], verb: Verb | None, words: str) -> Wish:
    agent, data = dig(document, "event", "agent"), dig(document, "event", "data")
    key, incident = text(data, "incident_key"), text(data, "id")
    url = text(data, "html_url")
    return Wish(
        verb,
        text(agent, "summary") or "somebody in PagerDuty",
        words,
        moment(document, "event", "occurred_at"),
        remote_id=key or text(data, "incident", "id"),
        text_of_item=key,
        who=names(agent, "id"),
        alias=Remote(incident, url if url.startswith("https://") else None) if key and incident else None,
    )
