"""Jira: an issue's status category moves the ticket, comments are noted or obeyed; Cloud signs, Data Center may not.

The same message for Cloud and Data Center: what differs is how it is verified, and that old ones say less of a comment.
"""

from __future__ import annotations

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

_CATEGORIES = {"new": Verb.REOPEN, "indeterminate": Verb.START, "done": Verb.RESOLVE}
_OF_COMMENT = re.compile(r"/issue/([0-9]{1,18})/comment/")
_DEEPEST = 20


def read(request: HookRequest, source: HookSource) -> Reading:
    """What a Jira webhook, or its automation's web request with the same body, says."""
    if "x-hub-signature" in request.headers:
        verify.hex_signed(request, source, "x-hub-signature", "sha256=")
    else:
        verify.shared(request, source)
    document = verify.document(request.body)
    match text(document, "webhookEvent"):
        case "jira:issue_updated":
            said = _moved(document, source)
        case "jira:issue_deleted":
            said = _wish(document, Verb.COMMENT, dig(document, "user"), "the issue was deleted in Jira")
        case "comment_created":
            author = dig(document, "comment", "author")
            said = commented(_wish(document, None, author, ""), _plain(dig(document, "comment", "body")))
        case other:
            return Ignored(f"{other or 'it'} moves no ticket")
    return wishes(request, verify.ids(request, "x-atlassian-webhook-identifier"), said)


def _moved(document: dict[str, Any], source: HookSource) -> Wish | None:
    items = dig(document, "changelog", "items")
    changed = [one for one in items if text(one, "field") == "status"] if isinstance(items, list) else []
    status = dig(document, "issue", "fields", "status")
    verb = source.verb_for(text(status, "name")) or _CATEGORIES.get(text(status, "statusCategory", "key"))
    if not changed or verb is None:
        return None
    resolution = text(document, "issue", "fields", "resolution", "name")
    how = f" ({resolution})" if resolution and verb is Verb.RESOLVE else ""
    return _wish(
        document, verb, dig(document, "user"), f"moved to {text(status, 'name') or 'another status'}{how} in Jira"
    )


def _wish(document: dict[str, Any], verb: Verb | None, who: Any, words: str) -> Wish:
    return Wish(
        verb,
        text(who, "displayName") or text(who, "name") or text(who, "accountId") or "somebody in Jira",
        words,
        moment(document, "timestamp"),
        remote_id=_issue(document),
        text_of_item=" ".join(_labels(document)),
        who=names(who, "accountId", "name", "key", "emailAddress"),
        author=names(dig(document, "issue", "fields", "creator"), "accountId", "name", "key"),
    )


def _issue(document: dict[str, Any]) -> str:
    """The issue's number, which stays when it is moved elsewhere; old versions only say it in the comment's URL."""
    match = _OF_COMMENT.search(text(document, "comment", "self"))
    return text(document, "issue", "id") or (match[1] if match else "")


def _labels(document: dict[str, Any]) -> list[str]:
    labels = dig(document, "issue", "fields", "labels")
    return [shown(one) for one in labels[:50]] if isinstance(labels, list) else []


def _plain(body: Any, depth: int = 0) -> str:
    """A comment's text: it comes as text, or as Atlassian's document tree."""
    if isinstance(body, str) or depth > _DEEPEST:
        return body if isinstance(body, str) else ""
    inner = dig(body, "content")
    if not isinstance(inner, list):
        return "\n" if text(body, "type") == "hardBreak" else _raw(body)
    joined = "".join(_plain(one, depth + 1) for one in inner)
    return f"{joined}\n" if text(body, "type") in {"paragraph", "heading", "codeBlock", "listItem"} else joined


def _raw(leaf: Any) -> str:
    # Spaces at a leaf's ends part it from the next one.
    found = dig(leaf, "text") or dig(leaf, "attrs", "text")
    return found if isinstance(found, str) else ""
