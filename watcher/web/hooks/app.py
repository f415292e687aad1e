"""The door for messages from trackers and chats: bounded, verified, read, carried out, and answered in time.

A service waits for seconds only, and not every one tries again. So 200 says that it is on record; where it is not
after `PATIENCE`, the answer is 503, for those that send again, while the work goes on, for those that do not: whichever
comes second is found to be a copy. What is in order and moves nothing is answered 200 with the reason, for a 4xx would
be sent again without end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from watcher.handlers.ticketing.wishes import Outcome, Wishes
from watcher.model.errors import Transient
from watcher.ports import Clock
from watcher.web.hooks import azure_devops, github, gitlab, jira, linear, pagerduty, servicenow, slack
from watcher.web.hooks.wish import Challenge, HookRequest, HookSource, Ignored, Read, Reading, Refuse

log = structlog.get_logger(__name__)

MAX_BODY = 1024 * 1024
PASSED_OVER = 25 * MAX_BODY
"""Bytes of a message that are read to their end, and thrown away, so that its sender hears why."""
READ_S = 10.0
"""How long a sender may take to send its message."""
PATIENCE = 2.0
"""How long a service waits for the ledger: Slack gives up after three seconds, Linear after five, GitHub after ten."""
MOST_AT_WORK = 500
"""So many messages wait for a ledger that is away; the rest is for those that send again."""

READERS: Mapping[str, Read] = {
    "azure-devops": azure_devops.read,
    "github": github.read,
    "gitlab": gitlab.read,
    "jira": jira.read,
    "linear": linear.read,
    "pagerduty": pagerduty.read,
    "servicenow": servicenow.read,
    "slack": slack.read,
}
"""The services that tell us what was done, by the kind of their channel."""

Take: TypeAlias = Callable[[str, Wishes, HookSource, HookRequest], Awaitable[Sequence[Outcome]]]
"""Carries a channel's wishes out in one transaction, tried until the ledger is there; may raise Transient instead."""
Reply: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[None]]
"""Sends a document to where a service takes a word to a person."""


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What a service is answered."""

    status: int
    body: Mapping[str, Any]


_LATER = HookAnswer(503, {"error": "it is not on record yet: send it again, a copy does no harm"})

Hook: TypeAlias = Callable[[str, Mapping[str, str], bytes, Mapping[str, str]], Awaitable[HookAnswer]]
"""Answers one message to a channel: its headers in lower case, its body, its query."""


class Inbox:
    """Answers messages; `sources` are the channels that hear any, by name. No secret: nothing is taken from there."""

    def __init__(
        self,
        sources: Mapping[str, HookSource],
        take: Take,
        clock: Clock,
        *,
        reply: Reply | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._sources = sources
        self._take = take
        self._clock = clock
        self._reply = reply
        self._patience = patience
        self._at_work: set[asyncio.Task[Any]] = set()

    async def __call__(
        self, channel: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, str]
    ) -> HookAnswer:
        """The answer to one message; never raises for what the message holds."""
        source = self._sources.get(channel)
        if source is None or source.kind not in READERS:
            return HookAnswer(404, {"error": "there is no such channel here, or it hears nothing"})
        if not source.secrets:
            log.error(
                "hook.unconfigured",
                channel=channel,
                mend=f"set the secrets of channels.{channel}.hook to what the service has, as env:NAME or file:/path",
            )
            return HookAnswer(403, {"error": "this channel has no secret to verify messages by: nothing is taken"})
        request = HookRequest(headers, body, query, self._clock.now())
        try:
            reading = READERS[source.kind](request, source)
        except Refuse as refusal:
            log.warning("hook.refused", channel=channel, status=refusal.status, reason=refusal.reason)
            return HookAnswer(refusal.status, {"error": refusal.reason})
        return await self._answer(channel, reading, source, request)

    async def _answer(self, channel: str, reading: Reading, source: HookSource, request: HookRequest) -> HookAnswer:
        match reading:
            case Challenge(answer):
                return HookAnswer(200, answer)
            case Ignored(reason):
                log.debug("hook.passed_over", channel=channel, reason=reason)
                return HookAnswer(200, {"ignored": reason})
        if len(self._at_work) >= MOST_AT_WORK:
            log.error("hook.failed", channel=channel, reason=f"{MOST_AT_WORK} messages wait for the ledger already")
            return _LATER
        working = asyncio.ensure_future(self._carried_out(channel, reading, source, request))
        self._at_work.add(working)
        working.add_done_callback(self._at_work.discard)
        # A service that hangs up, or is kept waiting, does not stop what is being done.
        done, _ = await asyncio.wait({working}, timeout=self._patience)
        return working.result() if done else _LATER

    async def _carried_out(self, channel: str, reading: Wishes, source: HookSource, request: HookRequest) -> HookAnswer:
        try:
            outcomes = await self._take(channel, reading, source, request)
        except Transient as error:
            log.error("hook.failed", channel=channel, reason=str(error))  # noqa: TRY400 - the reason is the whole of it
            return _LATER
        except Exception:
            log.exception("hook.failed", channel=channel, reason="a fault of the watcher's own")
            return HookAnswer(500, {"error": "a fault of the watcher's own: it is in its log"})
        if reading.reply_to and self._reply is not None:
            telling = asyncio.ensure_future(self._told(channel, reading.reply_to, outcomes))
            self._at_work.add(telling)
            telling.add_done_callback(self._at_work.discard)
        return HookAnswer(
            200, {"outcomes": [{"what": one.what, "ticket": one.ticket, "said": one.said} for one in outcomes]}
        )

    async def _told(self, channel: str, where: str, outcomes: Sequence[Outcome]) -> None:
        said = "\n".join(dict.fromkeys(one.said for one in outcomes if one.what != "replayed"))
        if not said or self._reply is None:
            return
        try:
            await self._reply(where, {"text": _plain(said), "response_type": "ephemeral", "replace_original": False})
        except Transient as error:
            log.warning("hook.failed", channel=channel, reason=f"the person could not be answered: {error}")

    async def settle(self) -> None:
        """Let what is being worked on end: for the daemon's end."""
        while self._at_work:
            await asyncio.wait(set(self._at_work))


def add_hooks(app: FastAPI, hook: Hook) -> None:
    """Add the route."""

    @app.post("/hooks/{channel}")
    async def hooks(channel: str, request: Request) -> JSONResponse:
        try:
            async with asyncio.timeout(READ_S):
                body = await _body(request)
        except TimeoutError:
            return JSONResponse({"error": f"the message took longer than {READ_S:.0f} s to arrive"}, status_code=408)
        except ClientDisconnect:
            return JSONResponse({"error": "the message broke off"}, status_code=400)  # nobody is there to read it
        if body is None:
            said = f"a message may have {MAX_BODY} bytes at most: let the service send fewer events, or less in each"
            log.warning("hook.refused", channel=channel, status=413, reason=said)
            return JSONResponse({"error": said}, status_code=413)
        answer = await hook(channel, _headers(request), body, dict(request.query_params))
        later = {"retry-after": "30"} if answer.status == 503 else None
        return JSONResponse(dict(answer.body), status_code=answer.status, headers=later)


async def _body(request: Request) -> bytes | None:
    """The body; None where it is too long. Senders that say no length are read, too, as far as that."""
    parts: list[bytes] = []
    length = 0
    async for part in request.stream():
        length += len(part)
        if length <= MAX_BODY:
            parts.append(part)
        elif length > PASSED_OVER:
            return None
    return b"".join(parts) if length <= MAX_BODY else None


def _headers(request: Request) -> dict[str, str]:
    """The headers; one that comes twice is both in one, so that it cannot be verified as one and read as the other."""
    found: dict[str, str] = {}
    for key, value in request.headers.items():
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def _plain(words: str) -> str:
    """Words as a chat shows them: no mention, no link, no markup of whoever wrote them."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
