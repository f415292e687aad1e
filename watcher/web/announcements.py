"""Planned changes over HTTP: proposed, asked about, answered, taken back; the token, and the key that verifies it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from watcher.formats.contracts.scalars import day, span
from watcher.handlers.planning.announce import Announcing, NoAnnouncement
from watcher.handlers.planning.plan import Proposal
from watcher.handlers.planning.preview import proposal as schema_of
from watcher.model.announcement import Answer, Word
from watcher.model.contract import SubscriptionName
from watcher.model.errors import UsageError
from watcher.web.pages import alone

Document = dict[str, Any]
Verb = Callable[[Announcing, dt.datetime], Document]


class Desk(Protocol):
    """What the routes ask of the daemon."""

    async def do(self, verb: Verb, /) -> Document:
        """Do something with planned changes, in one transaction, at the moment of the call."""
        ...

    async def listed(self, limit: int, *, open_only: bool) -> list[Document]:
        """Announcements, the newest first."""
        ...

    async def page(self, announcement: str) -> str:
        """An announcement's page in HTML; raises NoAnnouncement where there is none."""
        ...

    async def go(self, announcement: str) -> Document:
        """The token of an announcement that is agreed."""
        ...

    def keys(self) -> Document:
        """The public keys that tokens are verified with."""
        ...


class Reference(BaseModel):
    """A schema that the planned one refers to."""

    model_config = ConfigDict(extra="forbid")

    name: str
    schema_: str = Field(alias="schema")


class Question(BaseModel):
    """A planned change: a `schema`, or `deprecate`, the paths that go away (an empty list: the whole dataset)."""

    model_config = ConfigDict(extra="forbid")

    dataset: str
    on: str | None = None
    by: str = ""
    reason: str = ""
    format: str = "AVRO"
    schema_: str | None = Field(None, alias="schema")
    references: list[Reference] = Field(default_factory=list)
    deprecate: list[str] | None = None
    window: str | None = None


class Said(BaseModel):
    """What a consumer says."""

    model_config = ConfigDict(extra="forbid")

    subscription: str
    answer: str
    by: str
    until: str | None = None
    reason: str = ""


class Withdrawal(BaseModel):
    """Who takes a planned change back, and why."""

    model_config = ConfigDict(extra="forbid")

    by: str
    reason: str = ""


def add_announcements(app: FastAPI, desk: Desk) -> None:
    """The routes of planned changes."""

    @app.exception_handler(NoAnnouncement)
    async def unknown(_request: Request, error: NoAnnouncement) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=404)

    @app.post("/v1/announcements", status_code=201)
    async def propose(question: Question) -> Document:
        if question.on is None:
            raise UsageError("`on` is missing: the day on which it may come, such as 2026-12-01")
        return await desk.do(lambda announcing, now: announcing.shown(announcing.propose(_proposal(question, now))))

    @app.post("/v1/announcements/who")
    async def who(question: Question) -> Document:
        """Who would be asked; nothing is recorded."""
        asked = question.model_copy(update={"by": question.by or "somebody", "reason": question.reason or "asked"})
        return await desk.do(lambda announcing, now: announcing.shown(announcing.who(_proposal(asked, now))))

    @app.get("/v1/announcements")
    async def listed(
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        open_: Annotated[bool, Query(alias="open")] = False,
    ) -> list[Document]:
        return await desk.listed(limit, open_only=open_)

    @app.get("/v1/announcements/{announcement}")
    async def shown(announcement: str) -> Document:
        return await desk.do(lambda announcing, _: announcing.shown(announcing.found(announcement)))

    @app.get("/announcements/{announcement}")
    async def page(announcement: str) -> HTMLResponse:
        return alone(await desk.page(announcement))

    @app.post("/v1/announcements/{announcement}/answers")
    async def answer(announcement: str, said: Said) -> Document:
        return await desk.do(lambda one, now: one.shown(one.answer(_answer(announcement, said, now))))

    @app.post("/v1/announcements/{announcement}/withdraw")
    async def withdraw(announcement: str, taken: Withdrawal) -> Document:
        return await desk.do(
            lambda announcing, _: announcing.shown(announcing.withdraw(announcement, taken.by, taken.reason))
        )

    @app.get("/v1/announcements/{announcement}/go")
    async def go(announcement: str) -> Document:
        return await desk.go(announcement)

    @app.get("/v1/go/key")
    async def key() -> Document:
        return desk.keys()


def _proposal(question: Question, now: dt.datetime) -> Proposal:
    if (question.schema_ is None) is (question.deprecate is None):
        raise UsageError("name either a `schema` that is planned, or what is to be `deprecate`d, as a list of paths")
    schema = None
    if question.schema_ is not None:
        references = [(one.name, one.schema_) for one in question.references]
        schema = schema_of(question.format, question.schema_, references)
    return Proposal(
        dataset=question.dataset,
        on=now if question.on is None else _moment(question.on),
        by=question.by,
        reason=question.reason,
        schema=schema,
        paths=tuple(question.deprecate or ()),
        window=None if question.window is None else span(question.window),
    )


def _answer(announcement: str, said: Said, now: dt.datetime) -> Answer:
    try:
        word = Word(said.answer)
    except ValueError:
        raise UsageError(f"{said.answer!r} is no answer: it is one of {', '.join(Word)}") from None
    until = None if said.until is None else day(said.until)
    return Answer(announcement, SubscriptionName(said.subscription), word, said.by, now, until, said.reason)


def _moment(written: str) -> dt.datetime:
    """A day's beginning in UTC, or a moment."""
    if len(written) == len("2026-12-01"):
        return dt.datetime.combine(day(written), dt.time(), dt.UTC)
    try:
        moment = dt.datetime.fromisoformat(written)
    except ValueError:
        raise UsageError(f"`{written}` is no day and no moment: write 2026-12-01, or 2026-12-01T06:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
