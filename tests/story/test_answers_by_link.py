"""Stories of consumers that answer by the link in their message: from the letter to the record, over a real ledger."""

from __future__ import annotations

import asyncio
import datetime as dt
import html
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import pytest
from fastapi import FastAPI

from tests.parts.asgi import Answered, asked
from tests.story.world import CHECKOUT, ORDER, World, record, reliance, without
from watcher.delivery.letters.letter import Letter
from watcher.handlers.planning.announce import Announcing
from watcher.handlers.planning.go import generate
from watcher.handlers.planning.plan import Proposal
from watcher.model import ticket as tickets
from watcher.model.announcement import Answer, Terms, Word
from watcher.model.contract import SubscriptionName
from watcher.model.delivery import Delivery, MessageType
from watcher.model.errors import Transient
from watcher.model.schema import Format, SchemaText
from watcher.settings import Settings
from watcher.settings.follow_up import FollowUpSettings, SigningSettings
from watcher.settings.linking import composer
from watcher.web.announcements import Document, Verb, add_announcements
from watcher.web.answers import Answers, Invitation, Inviter
from watcher.web.forms import add_forms
from watcher.web.links import Signer

FINANCE = reliance(
    "finance",
    "amount",
    consumer={"domain": "finance", "contact": "#finance-data"},
    notice="14d",
    notify=["mail:fin@acme.example"],
)
SEED, _ = generate()
DAY = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
URL = "https://watcher.acme.example"


class Office:
    """A world with one planned change, its pages, and who reads the mail."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, CHECKOUT, FINANCE)
        judgement = self.world.judgement
        self.world.judgement = replace(judgement, policy=replace(judgement.policy, url=URL))
        self.world.orders(ORDER)
        self.world.live()
        self.away = False
        text = SchemaText(Format.AVRO, record(without(ORDER, "amount")))
        proposal = Proposal("kafka://prod/orders", DAY, "orders-lead", "<b>cents</b>", text)
        self.id = str(self.do_now(lambda one, _: one.shown(one.propose(proposal)))["id"])
        self.app = FastAPI()
        add_forms(self.app, {"answer": Answers(Inviter([SEED]), cast("Any", self), self)})
        add_announcements(self.app, cast("Any", self))

    def now(self) -> dt.datetime:
        return self.world.now

    async def do(self, verb: Verb) -> Document:
        if self.away:
            raise Transient("the ledger is away")
        return self.do_now(verb)

    def do_now(self, verb: Verb) -> Document:
        with self.world.ledger.begin() as tx:
            return verb(Announcing(tx, self.world.judgement, Terms(), self.world.now), self.world.now)

    async def page(self, announcement: str) -> str:
        from watcher.delivery.letters.page import planned  # noqa: PLC0415 - as the daemon does

        return planned(self.do_now(lambda one, _: one.shown(one.found(announcement))))

    @property
    def delivery(self) -> Delivery:
        """The question as it waits to be sent."""
        with self.world.ledger.look() as views:
            rows = [one.delivery for one in views.list_deliveries()]
        [found] = [one for one in rows if one.type is MessageType.ANNOUNCEMENT_ASKED]
        return found

    def letter(self, type_: str = "mail", delivery: Delivery | None = None, **more: Any) -> Letter:
        """What a channel of this type would send."""
        follow_up = FollowUpSettings(**{"url": URL, "signing": SigningSettings(key=SEED), **more})
        settings = cast("Settings", SimpleNamespace(follow_up=follow_up))
        return composer(settings, self)(type_)(delivery or self.delivery)

    @property
    def link(self) -> str:
        [one] = [one.url for one in self.letter().actions if one.text == "Answer"]
        assert one is not None
        return one

    def opened(self, link: str) -> Answered:
        url = urlsplit(link)
        return asyncio.run(asked(self.app, "GET", f"{url.path}?{url.query}"))

    def pressed(self, link: str, **said: str) -> Answered:
        token = urlsplit(link).query.partition("answer=")[2]
        return asyncio.run(asked(self.app, "POST", "/act", body=urlencode({"answer": token, **said}).encode()))

    @property
    def stands(self) -> Document:
        return self.do_now(lambda one, _: one.shown(one.found(self.id)))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    with closing(made.world.ledger):
        yield made


def test_the_mail_leads_to_the_answer(office: Office) -> None:
    """Opening the link does nothing; the button puts the answer on record, under the address that was asked."""
    page = office.opened(office.link)
    assert page.status == 200
    for told in ("kafka://prod/orders", "orders-lead", "2026-12-01 00:00 UTC", "amount is gone", "fin@acme.example"):
        assert told in page.text, told
    assert "<b>cents" not in page.text
    assert page.text.count('type="radio"') == 3
    assert office.stands["answers"] == []

    done = office.pressed(office.link, word="accept")

    assert done.status == 200
    assert "Done, and on record" in done.text
    [answer] = office.stands["answers"]
    assert (answer["answer"], answer["by"], answer["via"]) == ("accept", "fin@acme.example", "link")
    assert office.stands["state"] == "agreed"


def test_the_last_word_counts(office: Office) -> None:
    """Who accepted may object, and need time after all; a day that was left in the form is no matter."""
    office.pressed(office.link, word="accept", until="2026-12-09")
    office.pressed(office.link, word="object", reason="the audit runs")
    assert office.stands["state"] == "objected"
    office.pressed(office.link, word="need-until", until="2026-12-03")
    assert office.stands["earliest"] == "2026-12-03"
    assert [one["answer"] for one in office.stands["answers"]] == ["accept", "object", "need-until"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Choose one of the three answers"),
        ({"word": "perhaps"}, "Choose one of the three answers"),
        ({"word": "object"}, "An objection needs a reason"),
        ({"word": "object", "reason": "   "}, "An objection needs a reason"),
        ({"word": "need-until"}, "names a day"),
        ({"word": "need-until", "until": "soon"}, "is no date"),
        ({"word": "need-until", "until": "2031-01-01"}, "name a nearer day"),
    ],
)
def test_a_form_that_says_too_little_is_told(office: Office, said: dict[str, str], words: str) -> None:
    """Nothing is recorded, and the page says what is missing."""
    refused = office.pressed(office.link, **said)

    assert refused.status == 409
    assert words in html.unescape(refused.text)
    assert office.stands["answers"] == []


def test_there_is_nothing_to_answer_any_more(office: Office) -> None:
    """Withdrawn, over, or no longer asked: the page says so, and the button does nothing."""
    link = office.link
    office.do_now(lambda one, _: one.shown(one.withdraw(office.id, "orders-lead", "another way")))
    assert office.opened(link).status == 410
    assert "is withdrawn" in office.opened(link).text
    assert office.pressed(link, word="accept").status == 409
    office.world.now = DAY + dt.timedelta(days=8)
    assert "was valid until 2026-12-08" in office.opened(link).text
    assert office.stands["answers"] == []


def test_a_ledger_that_is_away_is_told(office: Office) -> None:
    """Nothing was done, and the same button works a minute later."""
    office.away = True
    assert (office.opened(office.link).status, office.pressed(office.link, word="accept").status) == (503, 503)
    office.away = False
    assert office.pressed(office.link, word="accept").status == 200


def test_no_other_token_answers(office: Office) -> None:
    """A link about a ticket, another key's, a damaged one, one for a contract that is not asked: none does anything."""
    now, ends = office.now(), DAY
    mine = Inviter([SEED])
    tokens = [
        Signer([SEED]).sign(tickets.TicketId("T-1"), tickets.Verb.START, "x", now=now),
        urlsplit(Inviter(["k" * 40]).url(URL, Invitation(office.id, SubscriptionName("finance"), "x", ends))).query[7:],
        urlsplit(mine.url(URL, Invitation(office.id, SubscriptionName("search"), "x", ends))).query[7:],
        urlsplit(mine.url(URL, Invitation("A-0", SubscriptionName("finance"), "x", ends))).query[7:],
        "",
        "x" * 9_000,
    ]  # fmt: skip
    for token in tokens:
        assert office.opened(f"{URL}/act?answer={token}").status == 410, token
        assert office.pressed(f"{URL}/act?answer={token}", word="accept").status == 409, token
    assert office.stands["answers"] == []


@pytest.mark.parametrize(("type_", "there"), [("mail", True), ("teams", True), ("slack", True), ("webhook", False)])
def test_where_links_are_sent(office: Office, type_: str, there: bool) -> None:
    """To people, at an address of theirs; a program gets none, and neither does anybody where there is no key."""
    assert ("Answer" in [one.text for one in office.letter(type_).actions]) is there
    assert "Answer" not in [one.text for one in office.letter(type_, signing=None).actions]
    assert "Answer" not in [one.text for one in office.letter(type_, replace(office.delivery, route={})).actions]


def test_a_damaged_question_has_no_link(office: Office) -> None:
    """Another version's message is told as it stands."""
    body = json.loads(json.dumps(office.delivery.body))
    del body["asked"]["subscription"]
    assert "Answer" not in [one.text for one in office.letter(delivery=replace(office.delivery, body=body)).actions]


def test_a_deprecation_can_be_answered_until_its_day(office: Office) -> None:
    """It has no end of its own: the link ends with the sunset, or with the time to answer where that is later."""
    gone = Proposal("kafka://prod/orders", DAY, "orders-lead", "use cents", None, paths=("amount",))
    office.do_now(lambda one, _: one.shown(one.withdraw(office.id, "orders-lead")))
    office.id = str(office.do_now(lambda one, _: one.shown(one.propose(gone)))["id"])
    with office.world.ledger.look() as views:
        rows = [one.delivery for one in views.list_deliveries()]
    questions = [one for one in rows if one.type is MessageType.ANNOUNCEMENT_ASKED]
    [found] = [one for one in questions if one.body["announcement"]["id"] == office.id]
    [link] = [one.url for one in office.letter(delivery=found).actions if one.text == "Answer"]
    assert link is not None
    assert office.pressed(link, word="object", reason="too early").status == 200
    office.world.now = DAY
    assert office.opened(link).status == 410


def test_the_page_says_who_is_asked_and_what_they_say(office: Office) -> None:
    """The link in each message leads to a page for people; what came from outside is text."""
    [url] = [one.url for one in office.letter().actions if one.text == "Open the announcement"]
    assert url == f"{URL}/announcements/{office.id}"
    before = asyncio.run(asked(office.app, "GET", f"/announcements/{office.id}"))
    assert before.headers["content-security-policy"].startswith("default-src 'none'")
    assert "has not answered</strong>; it may until Mon 16 Nov 2026" in before.text
    assert "&lt;b&gt;cents" in before.text
    said = Answer(office.id, SubscriptionName("finance"), Word.OBJECT, "fin-lead", office.now(), reason="the audit <i>")
    office.do_now(lambda one, _: one.shown(one.answer(said)))
    text = asyncio.run(asked(office.app, "GET", f"/announcements/{office.id}")).text
    for told in ("has an objection", "fin-lead", "the audit &lt;i&gt;", "#finance-data", "amount", "What is to change"):
        assert told in text, told
    office.do_now(lambda one, _: one.shown(one.withdraw(office.id, "orders-lead")))
    over = asyncio.run(asked(office.app, "GET", f"/announcements/{office.id}")).text
    assert ("was withdrawn" in over, "Answer with" in over, "it may until" in over) == (True, False, False)
    missing = asyncio.run(asked(office.app, "GET", "/announcements/A-0"))
    assert (missing.status, "watcher announce list" in missing.text) == (404, True)
