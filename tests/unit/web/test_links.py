"""Links in mail: what a token allows, that opening one does nothing, and that it works once."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from fastapi import FastAPI

from tests.parts.asgi import Answered, asked
from watcher.handlers.ticketing.wishes import Link, Outcome
from watcher.model.dataset import DatasetName, Domain
from watcher.model.errors import ConfigurationError, Transient, UsageError
from watcher.model.ticket import Ticket, TicketId, TicketState, Verb
from watcher.web import forms as pages
from watcher.web.forms import add_forms
from watcher.web.links import LONGEST, Links, Signer

NOW = dt.datetime(2026, 8, 3, 12, 0, tzinfo=dt.UTC)
KEY, OLD = "k" * 40, "o" * 40
TICKET = TicketId("T-0123456789")
BY = "em-checkout@acme.example"


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> dt.datetime:
        return self.time


class Site:
    """The pages over one ticket; what was followed is remembered."""

    def __init__(self) -> None:
        self.clock, self.signer = Clock(), Signer([KEY])
        self.followed: list[tuple[Link, str, Mapping[str, Any]]] = []
        self.failure: Exception | None = None
        self.outcome = Outcome("moved", TICKET, "ticket T-0123456789 is acknowledged now")
        self.app = FastAPI()
        add_forms(self.app, {"token": Links(self.signer, self._look, self._follow, self.clock)})

    async def _look(self, ticket: TicketId) -> Ticket | None:
        if isinstance(self.failure, Transient):
            raise self.failure
        name = DatasetName("kafka://prod/<orders>")
        return Ticket(ticket, Domain("checkout"), name, TicketState.OPEN, NOW, NOW) if ticket == TICKET else None

    async def _follow(self, link: Link, reason: str, details: Mapping[str, Any]) -> Outcome:
        if self.failure is not None:
            raise self.failure
        self.followed.append((link, reason, details))
        return self.outcome

    def token(self, verb: Verb = Verb.ACKNOWLEDGE, **how: Any) -> str:
        return self.signer.sign(how.pop("ticket", TICKET), verb, how.pop("by", BY), now=NOW, **how)

    def opened(self, token: str, method: str = "GET") -> Answered:
        url = urlsplit(self.signer.url("https://watcher.acme.example/", token))
        return asyncio.run(asked(self.app, method, f"{url.path}?{url.query}"))

    def pressed(self, token: str, **fields: str) -> Answered:
        body = urlencode({"token": token, **fields}).encode()
        return asyncio.run(asked(self.app, "POST", "/act", body=body))


def test_a_token_says_what_it_allows() -> None:
    """One verb on one ticket, by the one it was sent to, until a moment."""
    link = Site().signer.read(Site().token(valid=dt.timedelta(days=1)), NOW)

    assert (link.ticket, link.verb, link.by) == (TICKET, Verb.ACKNOWLEDGE, BY)
    assert link.expires_at == NOW + dt.timedelta(days=1)


def test_the_same_mail_has_the_same_link() -> None:
    """A mail that is sent again has the link that it had; another mail, verb or person has another."""
    site = Site()
    first = site.signer.read(site.token(occasion="msg_1"), NOW).id

    assert site.signer.read(site.token(occasion="msg_1"), NOW).id == first
    for other in (
        site.token(occasion="msg_2"),
        site.token(Verb.START, occasion="msg_1"),
        site.token(by="x", occasion="msg_1"),
    ):
        assert site.signer.read(other, NOW).id != first


def test_opening_a_link_does_nothing() -> None:
    """Programs that follow every link in a mail acknowledge nothing; nor does a HEAD."""
    site = Site()
    page = site.opened(site.token())

    assert page.status == 200
    assert "Acknowledge ticket T-0123456789?" in page.text
    assert "kafka://prod/&lt;orders&gt;" in page.text
    assert site.opened(site.token(), "HEAD").status == 405
    assert site.followed == []


def test_the_button_does_it() -> None:
    """The form carries the token; what its reader wrote is the reason."""
    site = Site()
    form = site.opened(site.token(Verb.DISPUTE)).text
    token = re.search(r'name="token" value="([^"]+)"', form)
    assert token is not None
    assert re.search(r'<form method="post" action="act">', form)
    page = site.pressed(token[1], reason="nobody reads it")

    assert page.status == 200
    assert "Done, and on record" in page.text
    ((link, reason, details),) = site.followed
    assert (link.verb, reason, details) == (Verb.DISPUTE, "nobody reads it", {})


def test_a_snooze_asks_for_its_end() -> None:
    """The page has a field for the day, which goes with the move."""
    site = Site()
    token = site.token(Verb.SNOOZE)

    assert 'name="until"' in site.opened(token).text
    site.pressed(token, reason="freeze", until="2026-08-20")
    assert site.followed[0][2] == {"until": "2026-08-20"}


def test_the_page_is_closed_to_everything_else() -> None:
    """No script, nothing from elsewhere, no frame, no trace of the token in a referrer or a cache."""
    page = Site().opened(Site().token())
    style = page.text.partition("<style>")[2].partition("</style>")[0]
    fitting = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{fitting}'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "<script" not in page.text
    assert "http" not in page.text.replace("http-equiv", "")


@pytest.mark.parametrize("by", ["<script>alert(1)</script>", '"><img src=x>', "\ud800"])
def test_what_a_token_says_is_only_text(by: str) -> None:
    """A name that is markup is shown as it is written."""
    page = Site().opened(Site().token(by=by.encode("utf-8", "replace").decode()))

    assert "<script" not in page.text
    assert "<img" not in page.text


def _forged(**claims: Any) -> str:
    told = {
        "aud": "watcher/act",
        "ticket": TICKET,
        "verb": "acknowledge",
        "by": BY,
        "exp": int(NOW.timestamp()) + 9,
        "jti": "1",
    }
    return jwt.encode(
        {**told, **claims}, hashlib.sha256(b"links in mail\x00" + KEY.encode()).digest(), algorithm="HS256"
    )


def _unsigned() -> str:
    return jwt.encode({"aud": "watcher/act", "ticket": TICKET}, "", algorithm="none")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "x" * 10_000,
        _unsigned(),
        _forged(aud="another"),
        _forged(verb="uphold"),
        _forged(verb="nothing"),
        _forged(exp="soon"),
        _forged(exp=10**30),
        _forged(jti=None),
        Signer([OLD]).sign(TICKET, Verb.ACKNOWLEDGE, BY, now=NOW),
    ],
)
def test_a_token_that_is_not_ours_does_nothing(token: str) -> None:
    """Forged, damaged, for another purpose, or for what no link can do: nothing is done, and the reader is told."""
    site = Site()

    assert site.opened(token).status == 410
    assert site.pressed(token).status == 409
    assert site.followed == []


def test_a_genuine_one_differs_from_the_forged_ones() -> None:
    """What makes the tokens above worthless is what was changed in each."""
    assert Site().opened(_forged()).status == 200


def test_a_flipped_letter_is_another_token() -> None:
    """Every letter of a token counts, but for the last, some of whose bits belong to nothing."""
    site = Site()
    token = site.token()
    for at in range(len(token) - 1):
        other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(UsageError):
            site.signer.read(other, NOW)


def test_a_link_ends() -> None:
    """After its time a link does nothing; no link is valid for longer than used ones are remembered."""
    site = Site()
    token = site.token(valid=dt.timedelta(days=400))
    site.clock.time = NOW + LONGEST

    assert "was valid until 2026-09-02" in site.opened(token).text
    assert site.pressed(token).status == 409
    site.clock.time -= dt.timedelta(seconds=1)
    assert site.opened(token).status == 200


def test_either_key_reads_while_one_is_replaced() -> None:
    """Links in mails that are out there stay good when a new key comes first."""
    token = Signer([OLD]).sign(TICKET, Verb.ACKNOWLEDGE, BY, now=NOW)

    assert Signer([KEY, OLD]).read(token, NOW).by == BY


@pytest.mark.parametrize("keys", [[], ["short"], [KEY, "short"]])
def test_a_key_that_can_be_guessed_is_refused(keys: list[str]) -> None:
    """A short key, or none, is a configuration error that never quotes it."""
    with pytest.raises(ConfigurationError) as caught:
        Signer(keys)

    assert "short" not in str(caught.value).replace("shorter", "")


@pytest.mark.parametrize("verb", [Verb.UPHOLD, Verb.REJECT, Verb.WAIVE, Verb.ESCALATE, Verb.OPEN])
def test_some_verbs_are_no_links(verb: Verb) -> None:
    """What a third role decides, and what only the watcher does, is not sent round in mails."""
    with pytest.raises(UsageError):
        Site().token(verb)


@pytest.mark.parametrize(("failure", "status"), [(UsageError("used already"), 409), (Transient("away"), 503)])
def test_what_was_not_done_is_said(failure: Exception, status: int) -> None:
    """A link that was used, a move that is not legal, a ledger that is away: the page says that nothing was done."""
    site = Site()
    site.failure = failure
    page = site.pressed(site.token())

    assert page.status == status
    assert "Nothing was done" in page.text


def test_a_claim_that_is_not_so_is_said() -> None:
    """A ticket whose break persists stays; whoever said that it is fixed reads why."""
    site = Site()
    site.outcome = Outcome("stays", TICKET, "ticket T-0123456789 stays open: the break persists")
    page = site.pressed(site.token(Verb.RESOLVE), reason="put back")

    assert "It was looked at, and it is not so" in page.text
    assert "the break persists" in page.text


def test_an_unknown_ticket_is_said() -> None:
    """A link to a ticket that this ledger does not have does nothing."""
    site = Site()

    assert site.opened(site.token(ticket=TicketId("T-ffffffffff"))).status == 404


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"token", b"&" * 60_000, b"x" * 100_000, json.dumps({}).encode()])
def test_a_form_that_is_none_does_nothing(body: bytes) -> None:
    """Whatever is posted there, only a token acts."""
    site = Site()

    assert asyncio.run(asked(site.app, "POST", "/act", body=body)).status == 409
    assert site.followed == []


def test_a_form_that_never_ends_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stops halfway holds nothing up, and nothing is done."""
    monkeypatch.setattr(pages, "READ_S", 0.05)
    site, halfway = Site(), [b"token=", None]

    async def play() -> Answered:
        async with asyncio.timeout(20):
            return await asked(site.app, "POST", "/act", body=halfway)  # type: ignore[arg-type] # None: it stops

    assert asyncio.run(play()).status == 409
    assert site.followed == []


def test_the_url_carries_the_token_whole() -> None:
    """The link leads to the page, wherever the pages are reached."""
    url = Signer([KEY]).url("https://acme.example/watcher/", "a.b-c_d=")

    assert url.startswith("https://acme.example/watcher/act?")
    assert parse_qs(urlsplit(url).query) == {"token": ["a.b-c_d="]}
