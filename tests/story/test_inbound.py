"""Stories of what people do in trackers, chats and mails: from the signed message to the ticket, over a real ledger."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from fastapi import FastAPI

from tests.parts.asgi import Answered, asked
from tests.story.world import ORDER, World, reliance, without
from tests.unit.web.hooks.sent import SECRET, SIGN, body_of, changed
from watcher.delivery.letters.compose import compose
from watcher.delivery.letters.plain import render
from watcher.handlers.ticketing.inbound import follow, receive
from watcher.handlers.ticketing.wishes import Outcome, Wishes
from watcher.model.delivery import MessageType, Remote
from watcher.model.ticket import TicketId, Verb
from watcher.ports import MirrorRow
from watcher.web.forms import add_forms
from watcher.web.hooks.app import Inbox, add_hooks
from watcher.web.hooks.wish import HookRequest, HookSource
from watcher.web.links import Links, Signer

DOMAIN = """
kind: Domain
name: checkout
owns: ["kafka://prod/orders*"]
tickets: [{channel: github, repo: acme/shop}, {channel: jira, project: DATA}]
"""


class Offices:
    """A world with one ticket, mirrored in GitHub and Jira, and the door through which both tell of it."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, DOMAIN, reliance("finance", "amount"))
        self.world.orders(ORDER)
        self.world.live()
        self.world.orders(without(ORDER, "amount"))
        (ticket,) = self.world.show("tickets")
        self.ticket = TicketId(ticket["id"])
        with self.world.ledger.begin() as tx:
            for channel, remote, route in (
                ("github", Remote("12", None, {"repo": "acme/shop"}), {"repo": "acme/shop"}),
                ("jira", Remote("10042", None, {"key": "DATA-7"}), {"project": "DATA"}),
            ):
                tx.put_mirror(MirrorRow(self.ticket, channel, route, remote, self.world.now))
        self.signer = Signer(["k" * 40])
        self.app = FastAPI()
        sources = {
            kind: HookSource(kind, (SECRET,), frozenset({"acme-watcher"})) for kind in ("github", "jira", "slack")
        }
        add_hooks(self.app, Inbox(sources, self._take, self))
        add_forms(self.app, {"token": Links(self.signer, self._look, self._follow, self)})

    def now(self) -> dt.datetime:
        return self.world.now

    async def _take(self, channel: str, wishes: Wishes, source: HookSource, request: HookRequest) -> Sequence[Outcome]:
        with self.world.ledger.begin() as tx:
            return receive(tx, self.world.judgement, channel, wishes, own=source.own, now=request.received_at)

    async def _look(self, ticket: TicketId) -> Any:
        with self.world.ledger.begin() as tx:
            return tx.ticket(ticket)

    async def _follow(self, link: Any, reason: str, details: Any) -> Outcome:
        with self.world.ledger.begin() as tx:
            return follow(tx, self.world.judgement, link, reason=reason, details=details, now=self.world.now)

    def tell(self, kind: str, document: dict[str, Any], **headers: str) -> list[dict[str, Any]]:
        """A message from a service, sent now; its outcomes."""
        at = self.world.now.isoformat()
        if kind == "github":
            document = {**document, "issue": {**document["issue"], "updated_at": at}}
        if kind == "jira":
            document = {**document, "timestamp": int(self.world.now.timestamp() * 1000)}
        answer = self.send(kind, body_of(kind, document), **headers)
        assert answer.status == 200, answer.text
        return list(answer.json()["outcomes"])

    def send(self, kind: str, body: bytes, **headers: str) -> Answered:
        signed = {
            **SIGN[kind](body, SECRET, self.world.now),
            **{key.replace("_", "-"): one for key, one in headers.items()},
        }
        return asyncio.run(asked(self.app, "POST", f"/hooks/{kind}", headers=list(signed.items()), body=body))

    def comment(self, words: str, at: str = "1") -> list[dict[str, Any]]:
        document = {**changed("github", "action", to="created"), "comment": {"id": at, "body": words}}
        return self.tell("github", document, x_github_event="issue_comment", x_github_delivery=at)

    @property
    def state(self) -> str:
        return str(self.world.ticket(self.ticket)["state"])

    @property
    def moves(self) -> list[dict[str, Any]]:
        return list(self.world.ticket(self.ticket)["moves"])

    def told(self) -> list[tuple[str, str]]:
        """Channel and type of what trackers are to be told, but for the opening, and for what was done there."""
        return [(channel, what) for channel, what, known in self._news() if not known]

    def restated(self) -> list[tuple[str, str]]:
        """Channel and type of what is only written into the very item where it was done."""
        return [(channel, what) for channel, what, known in self._news() if known]

    def _news(self) -> list[tuple[str, str, bool]]:
        bodies = [one for one in self.world.bodies() if one[1].startswith("ticket.")][2:]
        return [(channel, what, body.get("known") is True) for channel, what, body in bodies]


WHOLE = ("change", "source", "registry", "violations", "remedies", "versions_in_use")
"""What of a ticket each move tells again, so that its item can be written anew."""


@pytest.fixture
def offices(tmp_path: Path) -> Offices:
    return Offices(tmp_path)


def test_a_ticket_closed_too_early_is_opened_again_where_it_was_closed(offices: Offices) -> None:
    """The break persists: the ticket stays, its item is to be opened again with the proof, and nobody else is told."""
    (outcome,) = offices.tell("github", changed("github", "action", to="closed"))

    assert outcome["what"] == "stays"
    assert "the break persists" in outcome["said"]
    assert offices.state == "open"
    assert offices.told() == [("github", "ticket.reopened")]
    with offices.world.ledger.look() as views:
        [told] = [one.delivery for one in views.list_deliveries() if one.delivery.type is MessageType.TICKET_REOPENED]
    letter = render(compose(told))
    assert "Opened again: em-checkout tried to close it (closed in GitHub" in letter
    assert "Opened again by" not in letter


def test_a_ticket_acknowledged_in_one_place_is_so_everywhere(offices: Offices) -> None:
    """The other tracker is told; the echo of what it is then made to do moves nothing."""
    offices.tell("github", {**changed("github", "action", to="assigned"), "assignee": {"login": "dev"}})

    assert offices.state == "acknowledged"
    assert offices.told() == [("jira", "ticket.moved")]
    assert offices.restated() == [("github", "ticket.moved")]
    *_, (_, _, opened), (_, _, moved), _ = offices.world.bodies()
    assert [moved[part] for part in WHOLE] == [opened[part] for part in WHOLE]

    started = changed("jira", "issue", "fields", "status", "statusCategory", "key", to="indeterminate")
    (echo,) = offices.tell("jira", {**started, "user": {"accountId": "acme-watcher"}})

    assert echo["what"] == "echo"
    assert offices.state == "acknowledged"


def test_a_dispute_is_raised_by_a_comment(offices: Offices) -> None:
    """The comment's words are the reason that everyone reads; without any it is not done, which is told there."""
    (refused,) = offices.comment("/dispute", "1")
    (outcome,) = offices.comment("/dispute finance reads amount_cents since May", "2")

    assert (refused["what"], outcome["what"]) == ("illegal", "moved")
    assert offices.state == "disputed"
    kept, disputed = offices.moves[-2:]
    assert kept["reason"].startswith("em-checkout wrote in github: /dispute\nNot done: ")
    assert offices.told() == [("github", "ticket.moved"), ("jira", "ticket.moved"), ("jira", "ticket.moved")]
    assert (disputed["by"], disputed["reason"]) == ("em-checkout", "finance reads amount_cents since May")


def test_a_message_that_comes_twice_is_one(offices: Offices) -> None:
    """A tracker that sends again, and an attacker who plays an old message again, move nothing."""
    body = body_of("jira", changed("jira", "timestamp", to=int(offices.world.now.timestamp() * 1000)))
    first = offices.send("jira", body).json()["outcomes"]
    again = offices.send("jira", body, x_atlassian_webhook_identifier="another").json()["outcomes"]
    before = len(offices.moves)
    offices.world.now += dt.timedelta(days=8)

    assert (first[0]["what"], again[0]["what"]) == ("stays", "replayed")
    assert offices.send("jira", body).status == 401
    assert len(offices.moves) == before


def test_what_is_mended_is_closed_by_proof_and_its_echo_is_none(offices: Offices) -> None:
    """When the field is back, the ticket is over; that the trackers close their items then is no news."""
    offices.world.orders(ORDER)
    (outcome,) = offices.tell("github", changed("github", "action", to="closed"))

    assert offices.state == "resolved"
    assert outcome["what"] == "already"


def test_an_item_opened_again_opens_the_ticket(offices: Offices) -> None:
    """A person may know better than the proof; the other tracker hears of it."""
    offices.world.orders(ORDER)
    (outcome,) = offices.tell("github", changed("github", "action", to="reopened"))

    assert outcome["what"] == "moved"
    assert offices.state == "open"
    assert offices.told()[-1] == ("jira", "ticket.reopened")


def test_a_snooze_has_an_end(offices: Offices) -> None:
    """It is on record with its end; without one it is not done."""
    (refused,) = offices.comment("/snooze please", "1")
    (outcome,) = offices.comment("/snooze 3d release freeze", "2")

    assert (refused["what"], outcome["what"]) == ("illegal", "moved")
    assert offices.moves[-1]["reason"] == "release freeze"


def test_a_waiver_asked_for_by_a_comment_is_answered_with_where_it_is_granted(offices: Offices) -> None:
    """It is no waiver, and no word that is only noted: a note under the item says what to do."""
    (refused,) = offices.comment("/waive 3d please", "1")

    assert (refused["what"], offices.state) == ("illegal", "open")
    note = offices.moves[-1]["reason"]
    assert note.startswith("em-checkout wrote in github: /waive 3d please\nNot done: ")
    assert f"watcher tickets waive {offices.ticket} --until 3d" in note
    assert offices.told() == [("github", "ticket.moved"), ("jira", "ticket.moved")]


def test_a_button_moves_the_ticket_that_it_names(offices: Offices) -> None:
    """Where it was told: a button that another workspace's app signs moves nothing."""
    document = changed("slack", "actions", 0, "action_id", to="acknowledge")
    document["actions"][0]["value"] = offices.ticket
    (stranger,) = offices.tell("slack", document)
    assert (stranger["what"], offices.state) == ("unknown", "open")

    with offices.world.ledger.begin() as tx:
        shown = Remote("C1/1.1", None, {})
        tx.put_mirror(MirrorRow(offices.ticket, "slack", {"to": "#checkout"}, shown, offices.world.now))
    (outcome,) = offices.tell("slack", document)

    assert outcome["said"] == f"ticket {offices.ticket} is acknowledged now, by em-checkout"
    assert offices.state == "acknowledged"


def test_a_link_moves_the_ticket_once(offices: Offices) -> None:
    """The button on the page does it; the second press says that it is done; a wrong claim is looked at."""
    now = offices.world.now
    done, claim = (
        offices.signer.sign(offices.ticket, verb, "em-checkout@acme.example", now=now)
        for verb in (Verb.ACKNOWLEDGE, Verb.RESOLVE)
    )
    page = urlsplit(offices.signer.url("https://watcher.acme.example", done))
    opened = asyncio.run(asked(offices.app, "GET", f"{page.path}?{page.query}"))

    assert opened.status == 200
    assert offices.state == "open"
    assert _pressed(offices, done).status == 200
    assert offices.state == "acknowledged"
    assert "used already" in _pressed(offices, done).text
    assert "needs a reason" in _pressed(offices, claim).text
    assert "it is not so" in _pressed(offices, claim, reason="put back").text
    assert offices.state == "acknowledged"


def _pressed(offices: Offices, token: str, **fields: str) -> Answered:
    body = urlencode({"token": token, **fields}).encode()
    return asyncio.run(asked(offices.app, "POST", "/act", body=body))
