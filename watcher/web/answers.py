"""Answers: the signed link by which a consumer says whether it can bear a planned change; the last word counts.

As with links about tickets, opening one does nothing, and the token is the whole right: it says for which contract it
speaks, and under whose address the word goes on record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import structlog
from fastapi.responses import HTMLResponse

from watcher.formats.contracts.scalars import day
from watcher.handlers.planning.announce import Announcing
from watcher.model.announcement import Answer, Word
from watcher.model.contract import SubscriptionName
from watcher.model.errors import Transient, UsageError
from watcher.ports import Clock
from watcher.web.announcements import Desk
from watcher.web.forms import Form, Page
from watcher.web.seal import Seal

log = structlog.get_logger(__name__)

_MEANS = {
    Word.ACCEPT.value: "It may come in its window",
    Word.NEED_UNTIL.value: "It may come from the day below on",
    Word.OBJECT.value: "No; the reason below",
}


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a token allows: to answer one announcement for one contract, until a moment."""

    announcement: str
    subscription: SubscriptionName
    by: str
    expires_at: dt.datetime


class Inviter:
    """Makes and reads the tokens of invitations."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._seal = Seal(keys, "watcher/answer")

    def url(self, base: str, one: Invitation) -> str:
        """Where an invitation is answered; `base` is where people reach the watcher's pages."""
        claims = {"announcement": one.announcement, "subscription": str(one.subscription), "by": one.by}
        return f"{base.rstrip('/')}/act?answer={quote(self._seal.sign(claims, one.expires_at), safe='')}"

    def read(self, token: str, now: dt.datetime) -> Invitation:
        """What a token allows; raises UsageError where it allows nothing, and says what to do."""
        claims = self._seal.read(token, ("announcement", "subscription", "by"))
        try:
            expires = dt.datetime.fromtimestamp(int(claims["exp"]), dt.UTC)
        except (ValueError, TypeError, OverflowError, OSError):
            raise UsageError("this link is damaged: open it from the message again") from None
        announcement = str(claims["announcement"])
        if now >= expires:
            raise UsageError(
                f"this link was valid until {expires:%Y-%m-%d %H:%M} UTC: `watcher announce show {announcement}` says "
                "what became of it"
            )
        return Invitation(announcement, SubscriptionName(str(claims["subscription"])), str(claims["by"]), expires)


class Answers:
    """The pages behind invitations."""

    def __init__(self, inviter: Inviter, desk: Desk, clock: Clock) -> None:
        self._inviter = inviter
        self._desk = desk
        self._clock = clock
        self._page = Page()

    async def show(self, token: str) -> HTMLResponse:
        """What is planned, what it breaks for them, and the three answers."""
        try:
            one = self._inviter.read(token, self._clock.now())
            found = await self._desk.do(lambda announcing, _: _asked(announcing, one))
        except UsageError as error:
            return self._page.told(410, "There is nothing to answer", str(error))
        except Transient:
            return self._page.told(503, "Not now", "The ledger does not answer: try again in a minute.")
        form = Form(
            "answer",
            token,
            button="Answer",
            once=False,
            choices=_MEANS,
            until="From which day on, if it may come later",
            reason="Why? The producer reads it; an objection needs it.",
        )
        return self._page.asked(f"A change of {found['dataset']} is planned", _facts(found, one), form)

    async def act(self, token: str, said: Mapping[str, str]) -> HTMLResponse:
        """Put the answer on record."""
        now = self._clock.now()
        try:
            one = self._inviter.read(token, now)
            answer = _answer(one, said, now)
            found = await self._desk.do(lambda announcing, _: announcing.shown(announcing.answer(answer)))
        except UsageError as error:
            log.warning("link.refused", reason=str(error))
            return self._page.told(409, "Nothing was done", str(error))
        except Transient:
            return self._page.told(503, "Nothing was done", "The ledger does not answer: try again in a minute.")
        stands = "; ".join(found["sentences"]) or found["state"]
        return self._page.told(200, "Done, and on record", f"What it comes to: {stands}.")


def _asked(announcing: Announcing, one: Invitation) -> dict[str, Any]:
    """The announcement, with this contract's part in it; raises UsageError where it has none any more."""
    announcement = announcing.found(one.announcement)
    if not announcement.open:
        raise UsageError(f"{announcement.id} is {announcement.state}: there is nothing to answer any more")
    found = announcing.shown(announcement)
    voice = next((each for each in found["voices"] if each["subscription"] == one.subscription), None)
    if voice is None:
        raise UsageError(f"{one.subscription} is not asked by {announcement.id} any more")
    return {**found, "voice": voice}


def _facts(found: Mapping[str, Any], one: Invitation) -> dict[str, str]:
    voice = found["voice"]
    clauses = "; ".join(str(each).replace("`", "") for each in voice["clauses"])
    facts = {
        "Announcement": found["id"],
        "Producer": f"{found['domain']} ({found['by']})",
        "Why": found["reason"],
        "From": _day(found["since"]),
        "Until": _day(found["until"]),
        "Your contract": voice["subscription"],
        "What breaks": clauses,
        "Said so far": f"{voice['says']}, {voice['by']}" if voice["by"] else voice["says"],
        "Answer by": _day(voice["answer_by"]),
        "On record as": one.by,
    }
    return {label: str(text) for label, text in facts.items() if text}


def _day(moment: str | None) -> str:
    return "" if moment is None else f"{dt.datetime.fromisoformat(moment).astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def _answer(one: Invitation, said: Mapping[str, str], now: dt.datetime) -> Answer:
    try:
        word = Word(said.get("word", ""))
    except ValueError:
        raise UsageError("choose one of the three answers, and press the button again") from None
    # A day that was filled in, and belongs to another answer, is no mistake to be told of.
    until = day(said["until"]) if word is Word.NEED_UNTIL and said.get("until") else None
    return Answer(one.announcement, one.subscription, word, one.by, now, until, said.get("reason", ""), via="link")
