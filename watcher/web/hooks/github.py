"""GitHub: closing, reopening, assigning and labelling an issue moves the ticket; comments are noted or obeyed.

In a public repository anybody may comment: there, only the words of those who belong to it count.
"""

from __future__ import annotations

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
    moment,
    names,
    text,
    wishes,
)

LABELS = {"acknowledged": Verb.ACKNOWLEDGE, "in progress": Verb.START, "in-progress": Verb.START}
"""Labels that say where the ticket stands, in GitHub and in GitLab."""

_BELONG = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})


def read(request: HookRequest, source: HookSource) -> Reading:
    """What a GitHub webhook says, sent as JSON or as a form."""
    verify.hex_signed(request, source, "x-hub-signature-256", "sha256=")
    body: bytes | str = request.body
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        body = verify.form(request).get("payload", "")
    document = verify.document(body)
    event, action = request.headers.get("x-github-event", ""), text(document, "action")
    if event == "ping":
        return Challenge({"said": "pong"})
    if event not in {"issues", "issue_comment"} or dig(document, "issue", "pull_request") is not None:
        return Ignored("it is not about an issue")
    said = _moved(document, action) if event == "issues" else None
    if event == "issue_comment" and action == "created":
        if dig(document, "repository", "private") is not True and _outsider(document):
            return Ignored("in a public repository, only members and collaborators are heard")
        said = commented(_wish(document, None, ""), dig(document, "comment", "body"))
    return wishes(request, verify.ids(request, "x-github-delivery"), said)


def _moved(document: dict[str, Any], action: str) -> Wish | None:
    match action:
        case "closed":
            how = text(document, "issue", "state_reason").replace("_", " ")
            return _wish(document, Verb.RESOLVE, f"closed in GitHub{f' as {how}' if how else ''}")
        case "reopened":
            return _wish(document, Verb.REOPEN, "reopened in GitHub")
        case "assigned" if text(document, "sender", "type") != "Bot":  # what a robot hands out, nobody has seen yet
            return _wish(document, Verb.ACKNOWLEDGE, f"assigned to {text(document, 'assignee', 'login') or 'somebody'}")
        case "labeled" if text(document, "label", "name").lower() in LABELS:
            label = text(document, "label", "name")
            return _wish(document, LABELS[label.lower()], f"labelled {label} in GitHub")
        case "deleted" | "transferred":
            return _wish(document, Verb.COMMENT, f"the issue was {action} in GitHub")
        case _:
            return None


def _wish(document: dict[str, Any], verb: Verb | None, words: str) -> Wish:
    at = moment(document, "comment", "created_at") or moment(document, "issue", "updated_at")
    labels = dig(document, "issue", "labels")
    marked = [text(one, "name") for one in labels[:100]] if isinstance(labels, list) else []
    return Wish(
        verb,
        text(document, "sender", "login") or "somebody in GitHub",
        words,
        at,
        remote_id=text(document, "issue", "number"),
        where={"repo": text(document, "repository", "full_name")},
        text_of_item=" ".join((*marked, text(document, "issue", "body"))),
        who=names(dig(document, "sender"), "login", "id"),
        author=names(dig(document, "issue", "user"), "login", "id"),
    )


def _outsider(document: dict[str, Any]) -> bool:
    return text(document, "comment", "author_association") not in _BELONG
