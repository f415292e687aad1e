"""ServiceNow: an incident's state moves the ticket, comments are noted or obeyed.

An instance sends what its business rule says: docs/inbound.md has one. It signs nothing; the secret comes as a header.
"""

from __future__ import annotations

from typing import Any

from watcher.model.ticket import Verb
from watcher.web.hooks import verify
from watcher.web.hooks.commands import commented
from watcher.web.hooks.wish import HookRequest, HookSource, Ignored, Reading, Wish, moment, names, text, wishes

_STATES = {
    "1": (Verb.REOPEN, "set to New"),
    "2": (Verb.START, "set to In Progress"),
    "6": (Verb.RESOLVE, "resolved"),
    "7": (Verb.RESOLVE, "closed"),
    "8": (Verb.RESOLVE, "cancelled"),
}


def read(request: HookRequest, source: HookSource) -> Reading:
    """What the business rule sends: `event` is state, assigned or comment."""
    verify.shared(request, source)
    document = verify.document(request.body)
    said: Wish | None
    match text(document, "event"):
        case "state" if (state := text(document, "state")) in _STATES or source.verb_for(state):
            verb, words = _STATES.get(state, (Verb.COMMENT, f"set to state {state}"))
            verb = source.verb_for(state) or verb
            notes = text(document, "close_notes") if verb is Verb.RESOLVE else ""
            said = _wish(document, verb, f"{words} in ServiceNow{f': {notes}' if notes else ''}")
        case "assigned":
            said = _wish(document, Verb.ACKNOWLEDGE, f"assigned to {text(document, 'assigned_to') or 'somebody'}")
        case "comment":
            said = commented(_wish(document, None, ""), text(document, "comment"))
        case _:
            return Ignored("this event or state moves no ticket")
    return wishes(request, verify.ids(request), said)


def _wish(document: dict[str, Any], verb: Verb | None, words: str) -> Wish:
    return Wish(
        verb,
        text(document, "by_name") or text(document, "by") or "somebody in ServiceNow",
        words,
        moment(document, "at"),
        remote_id=text(document, "sys_id"),
        text_of_item=text(document, "correlation_id"),
        who=names(document, "by"),
        author=names(document, "created_by"),
    )
