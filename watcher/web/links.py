"""Links in mail: signed, for one verb on one ticket, valid for a while and once.

Whoever opens one sees what it would do; only the button does it. Programs that follow every link in a mail, to look for
harm, therefore do nothing. The token is the whole right: pages are not kept, not framed, and lead nowhere else.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qs, quote

import jwt
import structlog
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, StrictUndefined
from starlette.requests import ClientDisconnect

from watcher.handlers.ticketing.wishes import Link, Outcome
from watcher.model.errors import ConfigurationError, Transient, UsageError
from watcher.model.ticket import LIFE, Ticket, TicketId, Verb
from watcher.ports import Clock

log = structlog.get_logger(__name__)

LONGEST = dt.timedelta(days=30)
"""How long a link may be valid: used ones are remembered for longer."""
VERBS = frozenset({Verb.ACKNOWLEDGE, Verb.START, Verb.RESOLVE, Verb.DISPUTE, Verb.SNOOZE, Verb.COMMENT})
"""What a link can do: nothing that a named third role decides."""

_ALGORITHM = "HS256"
_AUDIENCE = "watcher/act"
_SHORTEST_KEY = 32
_LONGEST_TOKEN = 4_000
_MAX_FORM = 64 * 1024
READ_S = 10.0
"""How long a reader may take to send a form."""

Look: TypeAlias = Callable[[TicketId], Awaitable[Ticket | None]]
Follow: TypeAlias = Callable[[Link, str, Mapping[str, Any]], Awaitable[Outcome]]
"""Carries a link out, with a reason and details, in one transaction; raises UsageError where it is not legal now."""


class Signer:
    """Makes and reads tokens; the first key signs, any of them may have, so that one can be replaced."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or any(len(one.encode()) < _SHORTEST_KEY for one in keys):
            raise ConfigurationError(
                f"links in mail are signed with a key of {_SHORTEST_KEY} characters or more: make one with "
                "`openssl rand -base64 48`, and name it as env:NAME or file:/path"
            )
        # Derived, so that the same secret may serve elsewhere, and may be of any form: a PEM file is one as well.
        self._keys = tuple(hashlib.sha256(b"links in mail\x00" + one.encode()).digest() for one in keys)

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
        expires = int((now + min(valid, LONGEST)).timestamp())
        identity = "\x1f".join((ticket, verb.value, by, occasion or str(expires)))
        claims = {
            "aud": _AUDIENCE,
            "ticket": ticket,
            "verb": verb.value,
            "by": by,
            "exp": expires,
            "jti": hashlib.sha256(identity.encode(errors="backslashreplace")).hexdigest()[:32],
        }
        return jwt.encode(claims, self._keys[0], algorithm=_ALGORITHM)

    def url(self, base: str, token: str) -> str:
        """Where a token is followed; `base` is where people reach the watcher's pages."""
        return f"{base.rstrip('/')}/act?token={quote(token, safe='')}"

    def read(self, token: str, now: dt.datetime) -> Link:
        """What a token allows; raises UsageError where it allows nothing, and says what to do."""
        claims = self._claims(token)
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

    def _claims(self, token: str) -> dict[str, Any]:
        # Whether it is still valid is decided by our own clock, in `read`.
        options: Any = {"verify_exp": False, "require": ["exp", "jti", "ticket", "verb", "by"]}
        for key in self._keys if len(token) <= _LONGEST_TOKEN else ():
            try:
                found = jwt.decode(token, key, algorithms=[_ALGORITHM], audience=_AUDIENCE, options=options)
            except jwt.PyJWTError:
                continue
            return dict(found)
        raise UsageError("this link is not one of ours, or is damaged: open it from the message again")


class Links:
    """The pages behind links."""

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
        return self._page.asked(link, ticket, token)

    async def act(self, token: str, reason: str, until: str) -> HTMLResponse:
        """Do what the link allows."""
        try:
            link = self._signer.read(token, self._clock.now())
            details = {"until": until} if link.verb is Verb.SNOOZE else {}
            outcome = await self._follow(link, reason, details)
        except UsageError as error:
            log.warning("link.refused", reason=str(error))
            return self._page.told(409, "Nothing was done", str(error))
        except Transient:
            return self._page.told(503, "Nothing was done", "The ledger does not answer: try again in a minute.")
        title = "It was looked at, and it is not so" if outcome.what == "stays" else "Done, and on record"
        return self._page.told(200, title, f"{outcome.said[:1].upper()}{outcome.said[1:]}.")


class Page:
    """Renders the one small page: no script, nothing from elsewhere."""

    def __init__(self) -> None:
        source = Path(__file__).with_name("act.html").read_text(encoding="utf-8")
        environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self._template = environment.from_string(source)
        style = source.partition("<style>")[2].partition("</style>")[0]
        fitting = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self._headers = {
            "content-security-policy": f"default-src 'none'; style-src 'sha256-{fitting}'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'",
            "cache-control": "no-store",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "x-robots-tag": "noindex, nofollow",
        }

    def asked(self, link: Link, ticket: Ticket, token: str) -> HTMLResponse:
        """What the link would do, and the button that does it."""
        verb = link.verb.value.replace("_", " ")
        facts = {
            "Ticket": ticket.id,
            "Dataset": str(ticket.dataset),
            "Domain": str(ticket.domain),
            "It is": ticket.state.value.replace("_", " "),
            "On record as": link.by,
        }
        needed = LIFE[link.verb].reason
        return self._rendered(
            200, title=f"{verb.capitalize()} ticket {ticket.id}?", text="", facts=facts, token=token, verb=verb,
            reason=needed, until=link.verb is Verb.SNOOZE,
        )  # fmt: skip

    def told(self, status: int, title: str, text: str) -> HTMLResponse:
        """A sentence."""
        return self._rendered(status, title=title, text=text, facts={}, token="", verb="", reason=False, until=False)

    def _rendered(self, status: int, **values: Any) -> HTMLResponse:
        page = self._template.render(**values)
        return HTMLResponse(page.encode(errors="backslashreplace"), status_code=status, headers=self._headers)


def add_links(app: FastAPI, links: Links) -> None:
    """Add the two routes."""

    @app.get("/act")
    async def show(token: str = "") -> HTMLResponse:
        return await links.show(token)

    @app.post("/act")
    async def act(request: Request) -> HTMLResponse:
        fields = await _fields(request)
        return await links.act(fields.get("token", ""), fields.get("reason", ""), fields.get("until", ""))


async def _fields(request: Request) -> dict[str, str]:
    """The form's fields; none where it is none, or a form that is not ours."""
    body = b""
    try:
        async with asyncio.timeout(READ_S):
            async for part in request.stream():
                body += part
                if len(body) > _MAX_FORM:
                    return {}
        fields = parse_qs(body.decode(), max_num_fields=10)
    except (ValueError, ClientDisconnect, TimeoutError):
        return {}
    return {key: values[0] for key, values in fields.items()}
