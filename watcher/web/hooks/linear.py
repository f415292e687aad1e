"""Linear: an issue's state moves the ticket, an assignee acknowledges it, comments are noted or obeyed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from watcher.model.ticket import Verb
from watcher.web.hooks import verify
from watcher.web.hooks.commands import commented
from watcher.web.hooks.wish import HookRequest, HookSource, Ignored, Reading, Wish, dig, moment, names, text, wishes

TOLERANCE = dt.timedelta(seconds=60)
_TYPES = {
    "triage": Verb.REOPEN,
    "backlog": Verb.REOPEN,
    "unstarted": Verb.REOPEN,
    "started": Verb.START,
    "completed": Verb.RESOLVE,
    "canceled": Verb.RESOLVE,
    "duplicate": Verb.RESOLVE,
}


def read(request: HookRequest, source: HookSource) -> Reading:
    """What a Linear webhook says; its time is in the signed body."""
    verify.hex_signed(request, source, "linear-signature")
    document = verify.document(request.body)
    verify.recent(moment(document, "webhookTimestamp"), request.received_at, TOLERANCE)
    said: Wish | None = None
    match (text(document, "type"), text(document, "action")):
        case ("Issue", "update"):
            said = _moved(document, source)
        case ("Issue", "remove"):
            said = _wish(document, Verb.COMMENT, "the issue was deleted in Linear")
        case ("Comment", "create"):
            said = commented(_wish(document, None, ""), dig(document, "data", "body"))
        case _:
            return Ignored("this kind of event moves no ticket")
    return wishes(request, verify.ids(request, "linear-delivery"), said)


def _moved(document: dict[str, Any], source: HookSource) -> Wish | None:
    before, data = dig(document, "updatedFrom"), dig(document, "data")
    if not isinstance(before, dict):
        return None
    verb = source.verb_for(text(data, "state", "name")) or _TYPES.get(text(data, "state", "type"))
    if "stateId" in before and verb is not None:
        return _wish(document, verb, f"moved to {text(data, 'state', 'name') or 'another state'} in Linear")
    if "assigneeId" in before and text(data, "assigneeId"):
        who = text(data, "assignee", "name") or "somebody"
        return _wish(document, Verb.ACKNOWLEDGE, f"assigned to {who} in Linear")
    return None


def _wish(document: dict[str, Any], verb: Verb | None, words: str) -> Wish:
    of_comment = text(document, "type") == "Comment"
    actor = dig(document, "actor") or (dig(document, "data", "user") if of_comment else None)
    issue = text(document, "data", "issueId") or text(document, "data", "issue", "id")
    return Wish(
        verb,
        text(actor, "name") or "somebody in Linear",
        words,
        moment(document, "createdAt") or moment(document, "webhookTimestamp"),
        remote_id=issue if of_comment else text(document, "data", "id"),
        text_of_item=text(document, "data", "description"),
        who=names(actor, "id", "email"),
        author=frozenset() if of_comment else names(dig(document, "data"), "creatorId"),
    )
