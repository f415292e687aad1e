"""Jira, GitHub and GitLab: which of their messages move a ticket, which item and person they name."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.unit.web.hooks.sent import MARKER, NOW, SECRET, body_of, changed, hexed, reading, source, wish
from watcher.handlers.ticketing.wishes import Wishes
from watcher.model.ticket import Verb
from watcher.web.hooks import github
from watcher.web.hooks.wish import Challenge, HookRequest, Ignored

A_MINUTE_AGO = NOW - dt.timedelta(minutes=1)


# Jira


@pytest.mark.parametrize(
    ("category", "verb"), [("new", Verb.REOPEN), ("indeterminate", Verb.START), ("done", Verb.RESOLVE)]
)
def test_jiras_status_category_moves_the_ticket(category: str, verb: Verb) -> None:
    """Statuses are each project's own; their category is not."""
    document = changed("jira", "issue", "fields", "status", "statusCategory", "key", to=category)
    found = wish("jira", document)

    assert (found.verb, found.remote_id, found.by, found.at) == (verb, "10042", "Em Checkout", NOW)
    assert "5b10" in found.who


def test_jiras_resolution_is_the_reason() -> None:
    """Why an issue was closed is what its resolution says."""
    assert wish("jira").text == "moved to Done (Fixed) in Jira"


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("changelog", "items", 0, "field"), "assignee"),
        (("changelog",), None),
        (("issue", "fields", "status"), {"name": "Odd"}),
        (("issue", "fields", "status"), 7),
        (("webhookEvent",), "jira:issue_created"),
        (("webhookEvent",), "sprint_started"),
        (("webhookEvent",), None),
    ],
)
def test_jiras_other_news_move_nothing(path: tuple[str | int, ...], to: Any) -> None:
    """Another field, an unknown category or event, and members that have changed are passed over."""
    assert isinstance(reading("jira", changed("jira", *path, to=to)), Ignored)


def test_a_comment_in_jira_is_its_authors() -> None:
    """A comment in Cloud comes as a tree; its text is read, and its author is who says it."""
    tree = {
        "type": "doc",
        "content": [
            {
                "type": "paragraph",
                "content": [{"type": "text", "text": "/dispute "}, {"type": "text", "text": "nobody"}],
            },
            {"type": "paragraph", "content": [{"type": "text", "text": "reads it"}, {"type": "hardBreak"}]},
        ],
    }
    comment = {"id": "1", "body": tree, "author": {"accountId": "77", "displayName": "PO Orders"}}
    found = wish("jira", {"webhookEvent": "comment_created", "comment": comment, "issue": {"id": 10042}})

    assert (found.verb, found.text, found.by) == (Verb.DISPUTE, "nobody\nreads it", "PO Orders")
    assert (found.remote_id, "77" in found.who) == ("10042", True)


def test_an_old_jiras_comment_names_its_issue_in_a_url() -> None:
    """An old Data Center sends a comment without its issue."""
    comment = {
        "self": "https://jira.acme.example/rest/api/2/issue/10042/comment/5",
        "body": "seen",
        "author": {"name": "em"},
    }
    found = wish("jira", {"webhookEvent": "comment_created", "comment": comment})

    assert (found.verb, found.remote_id, found.by) == (Verb.COMMENT, "10042", "em")


def test_an_issue_deleted_in_jira_is_noted() -> None:
    """That somebody deleted the item is worth a record."""
    found = wish("jira", changed("jira", "webhookEvent", to="jira:issue_deleted"))

    assert (found.verb, found.text, found.by) == (Verb.COMMENT, "the issue was deleted in Jira", "Em Checkout")


def test_a_tree_without_end_is_read_in_part() -> None:
    """A comment nested beyond reason is read as far as reason goes."""
    tree: dict[str, Any] = {"type": "text", "text": "deep"}
    for _ in range(200):
        tree = {"type": "paragraph", "content": [tree]}

    assert isinstance(reading("jira", {"webhookEvent": "comment_created", "comment": {"body": tree}}), Ignored)


# GitHub


@pytest.mark.parametrize(
    ("action", "more", "verb", "text"),
    [
        ("closed", {}, Verb.RESOLVE, "closed in GitHub as completed"),
        ("reopened", {}, Verb.REOPEN, "reopened in GitHub"),
        ("assigned", {"assignee": {"login": "dev"}}, Verb.ACKNOWLEDGE, "assigned to dev"),
        ("labeled", {"label": {"name": "Acknowledged"}}, Verb.ACKNOWLEDGE, "labelled Acknowledged in GitHub"),
        ("labeled", {"label": {"name": "in progress"}}, Verb.START, "labelled in progress in GitHub"),
        ("deleted", {}, Verb.COMMENT, "the issue was deleted in GitHub"),
        ("transferred", {}, Verb.COMMENT, "the issue was transferred in GitHub"),
    ],
)
def test_githubs_actions_move_the_ticket(action: str, more: dict[str, Any], verb: Verb, text: str) -> None:
    """What is done to an issue is done to its ticket, by who did it."""
    found = wish("github", {**changed("github", "action", to=action), **more})

    assert (found.verb, found.text, found.by, found.at) == (verb, text, "em-checkout", A_MINUTE_AGO)
    assert (found.remote_id, found.where) == ("12", {"repo": "acme/shop"})
    assert MARKER in found.text_of_item


@pytest.mark.parametrize(
    "document",
    [
        changed("github", "action", to="edited"),
        {**changed("github", "action", to="labeled"), "label": {"name": "bug"}},
        {**changed("github", "action", to="assigned"), "sender": {"login": "robot[bot]", "type": "Bot"}},
        changed("github", "issue", "pull_request", to={}),
    ],
)
def test_githubs_other_news_move_nothing(document: dict[str, Any]) -> None:
    """Edits, other labels, what a robot assigns, and pull requests are none of a ticket's business."""
    assert isinstance(reading("github", document), Ignored)


def test_githubs_other_events_move_nothing() -> None:
    """A hook that sends everything is no harm."""
    assert isinstance(reading("github", headers={"x-github-event": "push"}), Ignored)


def test_githubs_ping_is_answered() -> None:
    """A new hook asks whether we are here."""
    assert isinstance(reading("github", {"zen": "…"}, headers={"x-github-event": "ping"}), Challenge)


def test_github_may_send_a_form() -> None:
    """GitHub's older content type carries the same document; the signature is over the form's bytes."""
    body = urlencode({"payload": body_of("github", changed("github", "action", to="reopened")).decode()}).encode()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-github-event": "issues",
        "x-hub-signature-256": f"sha256={hexed(SECRET, body)}",
    }
    found = github.read(HookRequest(headers, body, {}, NOW), source("github"))

    assert isinstance(found, Wishes)
    assert found.wishes[0].verb is Verb.REOPEN


@pytest.mark.parametrize(
    ("private", "association", "heard"),
    [
        (True, "NONE", True),
        (True, "CONTRIBUTOR", True),
        (False, "OWNER", True),
        (False, "MEMBER", True),
        (False, "COLLABORATOR", True),
        (False, "CONTRIBUTOR", False),
        (False, "NONE", False),
        (None, "NONE", False),
    ],
)
def test_in_public_only_members_are_heard(private: bool | None, association: str, heard: bool) -> None:
    """Anybody may comment on a public repository's issue: that alone gives nobody a say in our tickets."""
    document = changed("github", "action", to="created")
    document["comment"] = {"body": "/ack", "author_association": association, "created_at": "2026-08-03T11:59:00Z"}
    document["repository"]["private"] = private
    found = reading("github", document, headers={"x-github-event": "issue_comment"})

    assert isinstance(found, Wishes if heard else Ignored)


# GitLab


@pytest.mark.parametrize(("action", "verb"), [("close", Verb.RESOLVE), ("reopen", Verb.REOPEN)])
@pytest.mark.parametrize("kind", ["issue", "incident", "work_item"])
def test_gitlabs_actions_move_the_ticket(kind: str, action: str, verb: Verb) -> None:
    """What is done to an issue is done to its ticket, whatever GitLab calls the issue."""
    document = {**changed("gitlab", "object_attributes", "action", to=action), "object_kind": kind}
    found = wish("gitlab", document)

    assert (found.verb, found.by, found.at) == (verb, "em-checkout", A_MINUTE_AGO)
    assert (found.remote_id, found.where) == ("12", {"project": "41"})
    assert MARKER in found.text_of_item


@pytest.mark.parametrize(
    ("changes", "verb"),
    [
        ({"labels": {"previous": [], "current": [{"title": "In progress"}]}}, Verb.START),
        ({"labels": {"previous": [{"title": "bug"}], "current": [{"title": "acknowledged"}]}}, Verb.ACKNOWLEDGE),
        ({"assignees": {"previous": [], "current": [{"username": "dev"}]}}, Verb.ACKNOWLEDGE),
        ({"labels": {"previous": [{"title": "acknowledged"}], "current": [{"title": "acknowledged"}]}}, None),
        ({"labels": {"previous": [{"title": "acknowledged"}], "current": []}}, None),
        ({"assignees": {"previous": [{"username": "a"}], "current": [{"username": "b"}]}}, None),
        ({"labels": 7, "assignees": "x"}, None),
        (None, None),
    ],
)
def test_gitlabs_labels_and_assignees_move_the_ticket(changes: Any, verb: Verb | None) -> None:
    """A label that is added, or a first assignee; what was there before moves nothing."""
    document = changed("gitlab", "object_attributes", "action", to="update") | {"changes": changes}
    found = reading("gitlab", document)

    assert (found.wishes[0].verb if isinstance(found, Wishes) else None) is verb


def _note(**attributes: Any) -> dict[str, Any]:
    document = changed("gitlab", "object_kind", to="note")
    note = {"note": "/ack", "noteable_type": "Issue", "created_at": "2026-08-03T11:59:00Z", "system": False}
    return {
        **document,
        "object_attributes": {**note, **attributes},
        "issue": {"iid": 12, "labels": [{"title": MARKER}]},
    }


@pytest.mark.parametrize(
    ("attributes", "heard"),
    [
        ({"action": "create"}, True),
        ({}, True),
        ({"action": "update"}, False),
        ({"system": True}, False),
        ({"noteable_type": "MergeRequest"}, False),
    ],
)
def test_gitlabs_new_comments_are_heard(attributes: dict[str, Any], heard: bool) -> None:
    """A new comment of a person on an issue counts; edits, GitLab's own words and other places do not."""
    found = reading("gitlab", _note(**attributes))

    assert isinstance(found, Wishes if heard else Ignored)
    assert not heard or (isinstance(found, Wishes) and found.wishes[0].remote_id == "12")


def test_a_public_projects_comments_are_not_heard() -> None:
    """GitLab does not say who belongs to a project, so nobody's word counts where anybody may speak."""
    document = _note()
    document["project"]["visibility_level"] = 20

    assert isinstance(reading("gitlab", document), Ignored)
