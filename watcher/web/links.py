"""Links in mail: signed, for one verb on one ticket, valid for a while and once.

Whoever opens one sees what it would do; only the button does it. Programs that follow every link in a mail, to look for
harm, therefore do nothing. The token is the whole right: pages are not kept, not framed, and lead nowhere else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import quote

import structlog
from fastapi.responses import HTMLResponse

from watcher.handlers.ticketing.wishes import Link, Outcome
from watcher.model.errors import Transient, UsageError
from watcher.model.ticket import LIFE, Ticket, TicketId, Verb
from watcher.ports import Clock
from watcher.web.forms import Form, Page
from watcher.web.seal import Seal

log = structlog.get_logger(__name__)

LONGEST = dt.timedelta(days=30)
"""How long a link may be valid: used ones are remembered for longer."""
VERBS = frozenset({Verb.ACKNOWLEDGE, Verb.START, Verb.RESOLVE, Verb.DISPUTE, Verb.SNOOZE, Verb.COMMENT})
"""What a link can do: nothing that a named third role decides."""

Look: TypeAlias = Callable[[TicketId], Awaitable[Ticket | None]]
Follow: TypeAlias = Callable[[Link, str, Mapping[str, Any]], Awaitable[Outcome]]
"""Carries a link out, with a reason and details, in one transaction; raises UsageError where it is not legal now."""


class Signer:
    """Makes and reads tokens; the first key signs, any of them may have, so that one can be replaced."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._seal = Seal(keys, "watcher/act")

    def sign(  # noqa: PLR0913 - what a link is made of
        self,
        ticket: TicketId,
        verb: Verb,
        by: str,
        *,
        now: dt.datetime,
        valid: dt.timedelta = LONGEST,
        occasion: str = "",
    ) -> str:
        """A token for one verb; the same mail gives the same one. `occasion` tells two mails' links apart."""
        if verb not in VERBS:
            raise UsageError(f"a link cannot {verb.value}: it can {', '.join(sorted(one.value for one in VERBS))}")
        expires = now + min(valid, LONGEST)
        identity = "\x1f".join((ticket, verb.value, by, occasion or str(int(expires.timestamp()))))
        jti = hashlib.sha256(identity.encode(errors="backslashreplace")).hexdigest()[:32]
        return self._seal.sign({"ticket": ticket, "verb": verb.value, "by": by, "jti": jti}, expires)

    def url(self, base: str, token: str) -> str:
        """Where a token is followed; `base` is where people reach the watcher's pages."""
        return f"{base.rstrip('/')}/act?token={quote(token, safe='')}"

    def read(self, token: str, now: dt.datetime) -> Link:
        """What a token allows; raises UsageError where it allows nothing, and says what to do."""
        claims = self._seal.read(token, ("jti", "ticket", "verb", "by"))
        try:
            expires = dt.datetime.fromtimestamp(int(claims["exp"]), dt.UTC)
            link = Link(
                TicketId(str(claims["ticket"])), Verb(claims["verb"]), str(claims["by"]), expires, claims["jti"]
            )
        except (KeyError, ValueError, TypeError, OverflowError, OSError):
            raise UsageError("this link is damaged: open it from the message again") from None
        if now >= link.expires_at:
            raise UsageError(
                f"this link was valid until {link.expires_at:%Y-%m-%d %H:%M} UTC: see ticket {link.ticket}"
            )
        if link.verb not in VERBS:
            raise UsageError("this link is for nothing that a link can do")
        return link


class Links:
    """The pages behind links about tickets."""

    def __init__(self, signer: Signer, look: Look, follow: Follow, clock: Clock) -> None:
        self._signer = signer
        self._look = look
        self._follow = follow
        self._clock = clock
        self._page = Page()

    async def show(self, token: str) -> HTMLResponse:
        """What the link would do."""
        try:
            link = self._signer.read(token, self._clock.now())
            ticket = await self._look(link.ticket)
        except UsageError as error:
            return self._page.told(410, "This link does nothing", str(error))
        except Transient:
            return self._page.told(503, "Not now", "The ledger does not answer: try again in a minute.")
        if ticket is None:
            return self._page.told(404, "There is no such ticket", f"Ticket {link.ticket} is not known here.")
        return self._asked(link, ticket, token)

    async def act(self, token: str, said: Mapping[str, str]) -> HTMLResponse:
        """Do what the link allows."""
        try:
            link = self._signer.read(token, self._clock.now())
            details = {"until": said.get("until", "")} if link.verb is Verb.SNOOZE else {}
            outcome = await self._follow(link, said.get("reason", ""), details)
        except UsageError as error:
            log.warning("link.refused", reason=str(error))
            return self._page.told(409, "Nothing was done", str(error))
        except Transient:
            return self._page.told(503, "Nothing was done", "The ledger does not answer: try again in a minute.")
        title = "It was looked at, and it is not so" if outcome.what == "stays" else "Done, and on record"
        return self._page.told(200, title, f"{outcome.said[:1].upper()}{outcome.said[1:]}.")

    def _asked(self, link: Link, ticket: Ticket, token: str) -> HTMLResponse:
        verb = link.verb.value.replace("_", " ")
        facts = {
            "Ticket": ticket.id,
            "Dataset": str(ticket.dataset),
            "Domain": str(ticket.domain),
            "It is": ticket.state.value.replace("_", " "),
            "On record as": link.by,
        }
        needed = LIFE[link.verb].reason
        form = Form(
            "token",
            token,
            button=verb.capitalize(),
            once=True,
            until="Until" if link.verb is Verb.SNOOZE else "",
            reason="Why? Everyone will read it." if needed else "A word to it, if you like",
            needed=frozenset({"until", "reason"} if needed else {"until"}),
        )
        return self._page.asked(f"{verb.capitalize()} ticket {ticket.id}?", facts, form)
