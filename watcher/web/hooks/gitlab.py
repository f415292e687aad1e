"""GitLab: closing, reopening, assigning and labelling an issue moves the ticket; comments are noted or obeyed.

Signed as Standard Webhooks where a signing token is set (GitLab 19.0 and later); before, the secret itself comes along.
In a public project anybody may comment, and a message does not say who belongs to it: comments there are passed over.
"""

from __future__ import annotations

from typing import Any

from watcher.model.ticket import Verb
from watcher.web.hooks import verify
from watcher.web.hooks.commands import commented
from watcher.web.hooks.github import LABELS
from watcher.web.hooks.wish import (
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

_PUBLIC = "20"
_ITEMS = frozenset({"issue", "incident", "work_item"})


def read(request: HookRequest, source: HookSource) -> Reading:
    """What a GitLab project's or group's webhook says."""
    if "webhook-signature" in request.headers:
        verify.standard(request, source)
    else:
        verify.shared(request, source, "x-gitlab-token")
    document = verify.document(request.body)
    kind = text(document, "object_kind")
    said = None
    if kind in _ITEMS:
        said = _moved(document)
    elif kind == "note" and text(document, "object_attributes", "noteable_type") in {"Issue", "WorkItem"}:
        if dig(document, "object_attributes", "system") is True:
            return Ignored("GitLab wrote it itself")
        if text(document, "project", "visibility_level") == _PUBLIC:
            return Ignored("in a public project, comments are not heard: anybody may write them")
        if text(document, "object_attributes", "action") in {"", "create"}:  # older ones only tell of new ones
            note = dig(document, "object_attributes", "note")
            said = commented(_wish(document, None, "", dig(document, "issue")), note)
    # X-Gitlab-Event-UUID is the same for several messages: it is no id of one.
    return wishes(request, verify.ids(request, "idempotency-key", "webhook-id"), said)


def _moved(document: dict[str, Any]) -> Wish | None:
    item = dig(document, "object_attributes")
    match text(item, "action"):
        case "close":
            return _wish(document, Verb.RESOLVE, "closed in GitLab", item)
        case "reopen":
            return _wish(document, Verb.REOPEN, "reopened in GitLab", item)
        case "update":
            return _updated(document, item)
        case _:
            return None


def _updated(document: dict[str, Any], item: Any) -> Wish | None:
    before, after = (_titles(dig(document, "changes", "labels", one)) for one in ("previous", "current"))
    added = next((one for one in after if one not in before and one.lower() in LABELS), None)
    if added is not None:
        return _wish(document, LABELS[added.lower()], f"labelled {added} in GitLab", item)
    assigned = dig(document, "changes", "assignees", "current")
    if isinstance(assigned, list) and assigned and not dig(document, "changes", "assignees", "previous"):
        who = text(assigned, 0, "username") or "somebody"
        return _wish(document, Verb.ACKNOWLEDGE, f"assigned to {who} in GitLab", item)
    return None


def _wish(document: dict[str, Any], verb: Verb | None, words: str, item: Any) -> Wish:
    user = dig(document, "user")
    at = moment(document, "object_attributes", "updated_at") or moment(document, "object_attributes", "created_at")
    marks = (*_titles(dig(document, "labels")), *_titles(dig(item, "labels")), text(item, "description"))
    return Wish(
        verb,
        text(user, "username") or text(user, "name") or "somebody in GitLab",
        words,
        at,
        remote_id=text(item, "iid"),
        where={"project": text(document, "project", "id")},
        text_of_item=" ".join(marks),
        who=names(user, "username", "id", "email"),
        author=names(item, "author_id"),
    )


def _titles(labels: Any) -> list[str]:
    return [text(one, "title") for one in labels[:100]] if isinstance(labels, list) else []
