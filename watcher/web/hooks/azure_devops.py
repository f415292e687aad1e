"""Azure DevOps: a work item's state moves the ticket, an assignee acknowledges it, comments are noted or obeyed.

Service hooks sign nothing: the secret comes as Basic's password or as a header.
"""

from __future__ import annotations

import html
import re
from typing import Any

from watcher.model.ticket import Verb
from watcher.web.hooks import verify
from watcher.web.hooks.commands import commented
from watcher.web.hooks.wish import (
    HookRequest,
    HookSource,
    Ignored,
    Reading,
    Wish,
    dig,
    moment,
    names,
    shown,
    text,
    wishes,
)

_STATES = {
    **dict.fromkeys(("new", "to do", "proposed", "approved"), Verb.REOPEN),
    **dict.fromkeys(("active", "doing", "in progress", "committed"), Verb.START),
    **dict.fromkeys(("resolved", "closed", "done", "completed", "removed"), Verb.RESOLVE),
}
"""The states of the platform's own processes, in lower case; others move nothing."""

_LONGEST, _LONGEST_NAME = 100_000, 500
_BREAK = re.compile(r"<(?:br|/p|/div|/li)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_IDENTITY = re.compile(r"([^<>]{1,200}?)\s*<([^<>]{1,200})>")


def read(request: HookRequest, source: HookSource) -> Reading:
    """What a service hook of work items says."""
    verify.shared(request, source)
    document = verify.document(request.body)
    said: Wish | None
    match text(document, "eventType"):
        case "workitem.updated":
            said = _moved(document, source)
        case "workitem.commented":
            comment = _plain(dig(document, "resource", "fields", "System.History"))
            said = commented(_wish(document, None, ""), comment)
        case "workitem.deleted":
            said = _wish(document, Verb.COMMENT, "the work item was deleted in Azure DevOps")
        case _:
            return Ignored("this kind of event moves no ticket")
    ids = verify.ids(request)
    event = text(document, "id")
    return wishes(request, (f"event:{event[:200]}", *ids) if event else ids, said)


def _moved(document: dict[str, Any], source: HookSource) -> Wish | None:
    fields = dig(document, "resource", "fields")
    state = text(fields, "System.State", "newValue")
    verb = source.verb_for(state) or _STATES.get(state.lower())
    if verb is not None:
        return _wish(document, verb, f"moved to {state} in Azure DevOps")
    assigned = dig(fields, "System.AssignedTo", "newValue")
    if assigned:
        who = text(assigned, "displayName") or shown(assigned) or "somebody"
        return _wish(document, Verb.ACKNOWLEDGE, f"assigned to {who} in Azure DevOps")
    return None


def _wish(document: dict[str, Any], verb: Verb | None, words: str) -> Wish:
    resource = dig(document, "resource")
    fields = dig(resource, "revision", "fields") or dig(resource, "fields")
    who = dig(resource, "revisedBy") or dig(fields, "System.ChangedBy")
    return Wish(
        verb,
        _known(who)[0] or "somebody in Azure DevOps",
        words,
        moment(document, "createdDate"),
        remote_id=text(resource, "workItemId") or text(resource, "id"),
        text_of_item=text(fields, "System.Tags"),
        who=_known(who)[1],
        author=_known(dig(fields, "System.CreatedBy"))[1],
    )


def _known(who: Any) -> tuple[str, frozenset[str]]:
    """Somebody's name, and what they are known by; older versions write both in one text: a name <and an address>."""
    identity = _IDENTITY.match(shown(who)[:_LONGEST_NAME])
    if identity is not None:
        return identity[1], frozenset({identity[2]})
    return text(who, "displayName") or shown(who), names(who, "id", "uniqueName")


def _plain(comment: Any) -> str:
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", comment[:_LONGEST]))) if isinstance(comment, str) else ""
