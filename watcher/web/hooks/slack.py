"""Slack: a button under a message moves the ticket, an answer in its thread is noted or obeyed.

A button is one of ours: only our own app can have put it there, so the ticket that it names is the one.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

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
    names,
    text,
    wishes,
)

TOLERANCE = dt.timedelta(minutes=5)
BUTTONS = {one.value: one for one in (Verb.ACKNOWLEDGE, Verb.START, Verb.RESOLVE, Verb.DISPUTE, Verb.REOPEN)}
"""What a button can ask for: its action's id ends in the verb, its value names the ticket."""

_TICKET = re.compile(r"(?<![\w-])T-[0-9a-f]{10}(?![\w-])")
_ACTION = re.compile(rf"(?:.*[^a-z])?({'|'.join(BUTTONS)})", re.DOTALL)
_REPLIES = ("https://hooks.slack.com/", "https://hooks.slack-gov.com/")
_MOST_ACTIONS = 25


def read(request: HookRequest, source: HookSource) -> Reading:
    """What Slack's interactivity (a form) or its Events API (JSON) says."""
    at = request.headers.get("x-slack-request-timestamp", "")
    verify.hex_signed(request, source, "x-slack-signature", "v0=", before=f"v0:{at}:")
    verify.recent(verify.seconds(at), request.received_at, TOLERANCE)
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        fields = verify.form(request)
        if "payload" not in fields:
            return Ignored("it is no press of a button")
        return _pressed(request, verify.document(fields["payload"]))
    document = verify.document(request.body)
    if text(document, "type") == "url_verification":
        return Challenge({"challenge": text(document, "challenge")})
    return _answered(request, document)


def _pressed(request: HookRequest, document: dict[str, Any]) -> Reading:
    if text(document, "type") != "block_actions":
        return Ignored("this kind of interaction moves no ticket")
    actions = dig(document, "actions")
    said = [_button(document, one) for one in actions[:_MOST_ACTIONS]] if isinstance(actions, list) else []
    where = text(document, "response_url")
    reply_to = where if where.startswith(_REPLIES) else None
    return wishes(request, verify.ids(request), *said, reply_to=reply_to)


def _button(document: dict[str, Any], action: Any) -> Wish | None:
    match, ticket = _ACTION.fullmatch(text(action, "action_id")), _TICKET.search(text(action, "value"))
    if match is None or ticket is None:
        return None
    verb, user = BUTTONS[match[1]], dig(document, "user")
    said = _typed(document)
    return Wish(
        verb,
        text(user, "username") or text(user, "name") or text(user, "id") or "somebody in Slack",
        said or ("" if verb is Verb.DISPUTE else f"{verb.value}: a button in Slack"),
        ticket=ticket[0],
        who=names(user, "id", "username"),
    )


def _typed(document: dict[str, Any]) -> str:
    """What was written into a field of the message, where it has one."""
    values = dig(document, "state", "values")
    for block in values.values() if isinstance(values, dict) else ():
        for field in block.values() if isinstance(block, dict) else ():
            if text(field, "type") == "plain_text_input" and text(field, "value"):
                return text(field, "value")
    return ""


def _answered(request: HookRequest, document: dict[str, Any]) -> Reading:
    event = dig(document, "event")
    ours = bool(dig(event, "bot_id")) or bool(dig(event, "subtype"))
    thread = text(event, "thread_ts")
    if text(event, "type") != "message" or ours or not thread or thread == text(event, "ts"):
        return Ignored("it is no answer of a person in a thread")
    user = text(event, "user") or "somebody in Slack"
    where = {"channel": text(event, "channel")}
    base = Wish(None, user, remote_id=thread, where=where, who=frozenset({user}))
    name = text(document, "event_id")
    ids = (f"event:{name[:200]}", *verify.ids(request)) if name else verify.ids(request)
    return wishes(request, ids, commented(base, dig(event, "text")))
