"""ServiceNow, Linear, PagerDuty, Azure DevOps and Slack: which of their messages move a ticket."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from tests.unit.web.hooks.sent import BODIES, MARKER, NOW, SECRET, TICKET, changed, reading, request, source, wish
from watcher.handlers.ticketing.wishes import Wishes
from watcher.model.delivery import Remote
from watcher.model.ticket import Verb
from watcher.web.hooks import linear
from watcher.web.hooks.app import READERS
from watcher.web.hooks.wish import Challenge, HookRequest, HookSource, Ignored, Refuse

JSON = {"content-type": "application/json"}


# ServiceNow


@pytest.mark.parametrize(
    ("state", "verb"),
    [("1", Verb.REOPEN), ("2", Verb.START), ("6", Verb.RESOLVE), ("7", Verb.RESOLVE), (8, Verb.RESOLVE), ("3", None)],
)
def test_servicenows_state_moves_the_ticket(state: object, verb: Verb | None) -> None:
    """New, In Progress, Resolved, Closed and Cancelled say where it stands; On Hold says nothing."""
    found = reading("servicenow", changed("servicenow", "state", to=state))

    assert (found.wishes[0].verb if isinstance(found, Wishes) else None) is verb


def test_servicenows_close_notes_are_the_reason() -> None:
    """What was written when it was closed is why."""
    found = wish("servicenow")

    assert (found.text, found.by) == ("resolved in ServiceNow: put back", "Em Checkout")
    assert (found.remote_id, found.text_of_item) == ("9d385017c611228701d22104cc95c371", MARKER)


def test_servicenows_comments_and_assignments_are_heard() -> None:
    """The same business rule sends all three."""
    comment = {**BODIES["servicenow"], "event": "comment", "comment": "/dispute not ours"}
    assigned = {**BODIES["servicenow"], "event": "assigned", "assigned_to": "dev"}

    assert (wish("servicenow", comment).verb, wish("servicenow", comment).text) == (Verb.DISPUTE, "not ours")
    assert wish("servicenow", assigned).verb is Verb.ACKNOWLEDGE


# Linear


@pytest.mark.parametrize(
    ("kind", "verb"),
    [
        ("triage", Verb.REOPEN),
        ("backlog", Verb.REOPEN),
        ("unstarted", Verb.REOPEN),
        ("started", Verb.START),
        ("completed", Verb.RESOLVE),
        ("canceled", Verb.RESOLVE),
    ],
)
def test_linears_state_moves_the_ticket(kind: str, verb: Verb) -> None:
    """States are each team's own; their type is not."""
    found = wish("linear", changed("linear", "data", "state", "type", to=kind))

    assert (found.verb, found.remote_id, found.by) == (verb, "2174add1", "Em Checkout")


@pytest.mark.parametrize(
    ("path", "to"),
    [(("updatedFrom",), {"title": "x"}), (("updatedFrom",), None), (("action",), "create"), (("type",), "Project")],
)
def test_linears_other_news_move_nothing(path: tuple[str, ...], to: Any) -> None:
    """A new title, a new issue and other things than issues are none of a ticket's business."""
    assert isinstance(reading("linear", changed("linear", *path, to=to)), Ignored)


def test_linears_assignee_acknowledges() -> None:
    """Who has somebody's name on it has been seen."""
    document = changed("linear", "updatedFrom", to={"assigneeId": None})
    document["data"] |= {"assigneeId": "u9", "assignee": {"name": "Dev"}}

    assert wish("linear", document).verb is Verb.ACKNOWLEDGE


def test_linears_comments_are_heard() -> None:
    """A comment names its issue, and its author where no actor is named."""
    document = changed("linear", "type", to="Comment") | {"action": "create", "actor": None}
    document["data"] = {"id": "c1", "body": "on it", "issueId": "2174add1", "user": {"id": "u1", "name": "Dev"}}
    found = wish("linear", document)

    assert (found.verb, found.remote_id, found.by, found.text) == (Verb.COMMENT, "2174add1", "Dev", "on it")


@pytest.mark.parametrize(("seconds", "taken"), [(59, True), (-59, True), (61, False), (-61, False)])
def test_linears_messages_are_valid_for_a_minute(seconds: int, taken: bool) -> None:
    """The time is in the signed body."""
    one = request("linear")
    late = HookRequest(one.headers, one.body, {}, NOW + dt.timedelta(seconds=seconds))

    if taken:
        assert isinstance(linear.read(late, source("linear")), Wishes)
    else:
        with pytest.raises(Refuse, match="played again"):
            linear.read(late, source("linear"))


# PagerDuty


@pytest.mark.parametrize(
    ("kind", "verb"),
    [
        ("incident.acknowledged", Verb.ACKNOWLEDGE),
        ("incident.resolved", Verb.RESOLVE),
        ("incident.reopened", Verb.REOPEN),
        ("incident.triggered", None),
    ],
)
def test_pagerdutys_events_move_the_ticket(kind: str, verb: Verb | None) -> None:
    """The incident's key is ours; its own id is learnt beside it."""
    found = wish("pagerduty", changed("pagerduty", "event", "event_type", to=kind))

    assert (found.verb, found.remote_id, found.by) == (verb, MARKER, "Em Checkout")
    assert found.alias == Remote("PGR0VU2", "https://acme.pagerduty.example/incidents/PGR0VU2")


def test_pagerdutys_notes_name_the_incident_only() -> None:
    """A note carries PagerDuty's own id of the incident, and nothing of ours."""
    note = {"id": "P2LA89X", "content": "/ack", "incident": {"id": "PGR0VU2", "type": "incident_reference"}}
    document = changed("pagerduty", "event", "event_type", to="incident.annotated")
    document["event"]["data"] = note
    found = wish("pagerduty", document)

    assert (found.verb, found.remote_id, found.alias) == (Verb.ACKNOWLEDGE, "PGR0VU2", None)


def test_pagerdutys_ping_is_answered() -> None:
    """A new subscription asks whether we are here; other events move nothing."""
    assert isinstance(reading("pagerduty", {"event": {"event_type": "pagey.ping"}}), Challenge)
    assert isinstance(reading("pagerduty", {"event": {"event_type": "service.updated"}}), Ignored)


# Azure DevOps


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        ("New", Verb.REOPEN),
        ("To Do", Verb.REOPEN),
        ("Active", Verb.START),
        ("Doing", Verb.START),
        ("Resolved", Verb.RESOLVE),
        ("Done", Verb.RESOLVE),
        ("Removed", Verb.RESOLVE),
        ("In Review", None),
    ],
)
def test_azures_state_moves_the_ticket(state: str, verb: Verb | None) -> None:
    """The states of the platform's own processes are known; another says nothing."""
    path = ("resource", "fields", "System.State", "newValue")
    found = reading("azure-devops", changed("azure-devops", *path, to=state))

    assert (found.wishes[0].verb if isinstance(found, Wishes) else None) is verb
    assert not isinstance(found, Wishes) or (found.wishes[0].remote_id, found.wishes[0].by) == ("17", "Em Checkout")


def test_azures_comments_are_text() -> None:
    """A comment comes as HTML; what it says is read, and by whom, who is named in one text in older versions."""
    document = changed("azure-devops", "eventType", to="workitem.commented")
    history = "<div>/dispute&nbsp;it &lt;is&gt; ours<br>really</div>"
    fields = {"System.History": history, "System.ChangedBy": "Em Checkout <em-checkout@acme.example>"}
    document["resource"] = {"id": 17, "rev": 3, "fields": fields}
    found = wish("azure-devops", document)

    assert (found.verb, found.remote_id, found.by) == (Verb.DISPUTE, "17", "Em Checkout")
    assert found.text == "it <is> ours\nreally"
    assert found.who == {"em-checkout@acme.example"}


def test_azures_assignee_acknowledges() -> None:
    """Who has somebody's name on it has been seen."""
    fields = {"System.AssignedTo": {"newValue": {"displayName": "Dev"}}}

    assert wish("azure-devops", changed("azure-devops", "resource", "fields", to=fields)).verb is Verb.ACKNOWLEDGE


# Slack


@pytest.mark.parametrize("action", ["acknowledge", "watcher:acknowledge", "watcher_acknowledge", "ticket.acknowledge"])
def test_slacks_buttons_move_the_ticket(action: str) -> None:
    """A button of ours names the ticket and the verb."""
    found = wish("slack", changed("slack", "actions", 0, "action_id", to=action))

    assert (found.verb, found.ticket, found.by) == (Verb.ACKNOWLEDGE, TICKET, "em-checkout")
    assert "U2CERLKJA" in found.who


def test_an_answer_in_a_thread_is_about_its_message() -> None:
    """The message is known by its moment, within its channel."""
    event = {"type": "message", "channel": "C1", "user": "U1", "text": "!ack", "ts": "2.0", "thread_ts": "1.0"}
    found = reading("slack", json.dumps({"event_id": "Ev1", "event": event}).encode(), headers=JSON)

    assert isinstance(found, Wishes)
    (one,) = found.wishes
    assert (one.verb, one.remote_id, one.where, one.by) == (Verb.ACKNOWLEDGE, "1.0", {"channel": "C1"}, "U1")


def test_slack_is_answered_where_it_says_and_nowhere_else() -> None:
    """An answer to the person goes to Slack: an address elsewhere is not called."""
    good, bad = (
        reading("slack", changed("slack", "response_url", to=to))
        for to in ("https://hooks.slack.com/actions/T1/1/x", "https://hooks.slack.com.attacker.example/x")
    )

    assert isinstance(good, Wishes)
    assert isinstance(bad, Wishes)
    assert (good.reply_to, bad.reply_to) == ("https://hooks.slack.com/actions/T1/1/x", None)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("actions", 0, "action_id"), "uphold"),
        (("actions", 0, "action_id"), "waive"),
        (("actions", 0, "value"), "T-1; drop"),
        (("actions", 0, "value"), f"{TICKET}0"),
        (("actions", 0, "action_id"), "xresolve"),
        (("actions",), "x"),
        (("type",), "view_submission"),
    ],
)
def test_slacks_other_interactions_move_nothing(path: tuple[str | int, ...], to: Any) -> None:
    """A button that is none of ours, and other kinds of interaction, are passed over."""
    assert isinstance(reading("slack", changed("slack", *path, to=to)), Ignored)


def test_what_is_typed_under_a_message_is_the_reason() -> None:
    """A dispute needs a reason: a text field of the message holds it."""
    document = changed("slack", "actions", 0, "action_id", to="dispute")
    document["state"] = {"values": {"b": {"reason": {"type": "plain_text_input", "value": "not ours"}}}}

    assert wish("slack", document).text == "not ours"
    assert wish("slack", changed("slack", "actions", 0, "action_id", to="dispute")).text == ""


def test_slacks_challenge_is_answered() -> None:
    """A new address is proved by giving the challenge back."""
    found = reading("slack", b'{"type":"url_verification","challenge":"3eZbrw1aB"}', headers=JSON)

    assert found == Challenge({"challenge": "3eZbrw1aB"})


@pytest.mark.parametrize(
    ("more", "heard"),
    [({}, True), ({"bot_id": "B1"}, False), ({"subtype": "message_changed"}, False), ({"thread_ts": "2.0"}, False)],
)
def test_slacks_threads_are_heard(more: dict[str, Any], heard: bool) -> None:
    """What a person answers in the thread of our message counts; what robots say, and new threads, do not."""
    event = {"type": "message", "channel": "C1", "user": "U1", "text": "!ack", "ts": "2.0", "thread_ts": "1.0", **more}
    body = {"type": "event_callback", "event_id": "Ev1", "event": event}
    found = reading("slack", str(body).replace("'", '"').encode(), headers=JSON)

    assert isinstance(found, Wishes if heard else Ignored)
    assert not isinstance(found, Wishes) or found.delivery_ids[0] == "event:Ev1"


# All


@pytest.mark.parametrize(
    ("kind", "path", "to", "author"),
    [
        ("github", ("issue", "user"), {"login": "acme-watcher", "id": 3}, {"acme-watcher", "3"}),
        ("gitlab", ("object_attributes", "author_id"), 3, {"3"}),
        ("jira", ("issue", "fields", "creator"), {"accountId": "5b99", "displayName": "W"}, {"5b99"}),
        ("linear", ("data", "creatorId"), "u9", {"u9"}),
        ("servicenow", ("created_by",), "watcher", {"watcher"}),
        ("azure-devops", ("resource", "revision", "fields", "System.CreatedBy"), {"id": "e9"}, {"e9"}),
        (
            "azure-devops",
            ("resource", "revision", "fields", "System.CreatedBy"),
            "Watcher <watcher@acme.example>",
            {"watcher@acme.example"},
        ),
    ],
)
def test_who_made_the_item_is_told(kind: str, path: tuple[str, ...], to: Any, author: set[str]) -> None:
    """By ids that nobody chooses for themselves: a name that is shown is none."""
    assert wish(kind, changed(kind, *path, to=to)).author == author


@pytest.mark.parametrize(
    ("kind", "path", "states", "verb"),
    [
        ("jira", ("issue", "fields", "status", "name"), {"acknowledged": "seen"}, Verb.ACKNOWLEDGE),
        ("linear", ("data", "state", "name"), {"acknowledged": "seen"}, Verb.ACKNOWLEDGE),
        ("servicenow", ("state",), {"in_progress": "seen"}, Verb.START),
        ("azure-devops", ("resource", "fields", "System.State", "newValue"), {"open": "SEEN"}, Verb.REOPEN),
        ("jira", ("issue", "fields", "status", "name"), {"acknowledged": "Seen", "resolved": "Seen"}, Verb.RESOLVE),
        ("jira", ("issue", "fields", "status", "name"), {"acknowledged": "Other"}, Verb.RESOLVE),
        ("azure-devops", ("resource", "fields", "System.State", "newValue"), {"open": "Other"}, None),
    ],
)
def test_the_channels_own_states_come_first(
    kind: str, path: tuple[str, ...], states: dict[str, str], verb: Verb | None
) -> None:
    """What the settings say of a state's name is meant, whatever the service thinks of it."""
    by = HookSource(kind, (SECRET,), states=states)
    found = READERS[kind](request(kind, changed(kind, *path, to="Seen")), by)

    assert (found.wishes[0].verb if isinstance(found, Wishes) else None) is verb
