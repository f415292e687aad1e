"""The HTTP interface: probes, metrics, what the ledger shows, and `check` against the contracts in force."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

from watcher import __version__
from watcher.model.errors import Transient, Undecidable, UsageError, WatcherError
from watcher.ports import Views
from watcher.web import documents
from watcher.web.accountability import Followed, add_accountability, unknown_ticket
from watcher.web.announcements import Desk, add_announcements
from watcher.web.forms import Behind, add_forms
from watcher.web.hooks.app import Hook, add_hooks
from watcher.web.invalid import told
from watcher.web.status import Status

Limit = Annotated[int, Query(ge=1, le=1000)]

MAX_BODY = 6 * 1024 * 1024
"""Bytes of a request: the largest schema that is read, and room for its references."""


PASSED_OVER = 8 * MAX_BODY
"""Bytes of a request that are read to their end, and thrown away, so that its sender hears why."""


OWN_BOUNDS = re.compile("/hooks/.*|/act")
"""Where bodies are read piece by piece, within bounds of their own: not every service says how long one is."""


class Json(JSONResponse):
    """JSON in ASCII: half a surrogate pair, which a schema may hold, is told as the escape that it was."""

    def render(self, content: Any) -> bytes:
        """The body."""
        return json.dumps(content, separators=(",", ":")).encode()


class Reference(BaseModel):
    """A schema that the checked one refers to."""

    name: str
    schema_: str = Field(alias="schema")


class CheckRequest(BaseModel):
    """A schema that somebody means to register for a dataset."""

    model_config = ConfigDict(extra="forbid")

    dataset: str
    format: str = "AVRO"
    schema_: str = Field(alias="schema")
    references: list[Reference] = Field(default_factory=list)


class Backstage:
    """What the pages ask of the daemon: its status, its metrics, the ledger, and its judgement."""

    def __init__(  # noqa: PLR0913 - one name for each thing that the pages ask
        self,
        *,
        status: Callable[[], Awaitable[Status]],
        metrics: Callable[[], Awaitable[bytes]],
        look: Callable[[Callable[[Views], Any]], Awaitable[Any]],
        check: Callable[[str, str, str, list[tuple[str, str]]], Awaitable[dict[str, Any]]],
        send: Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]],
        hook: Hook | None = None,
        forms: Mapping[str, Behind] | None = None,
        plans: Desk | None = None,
        followed: Followed | None = None,
    ) -> None:
        self.status = status
        self.metrics = metrics
        self.look = look
        self.check = check
        self.send = send
        self.hook = hook
        self.forms = forms or {}
        self.plans = plans
        self.followed = followed


def build_app(backstage: Backstage) -> FastAPI:
    """The application; nothing is started."""
    app = FastAPI(title="watcher", version=__version__, docs_url=None, redoc_url=None, default_response_class=Json)
    _probes(app, backstage)
    _lists(app, backstage)
    _check(app, backstage)
    _ddl(app, backstage)
    if backstage.hook is not None:
        add_hooks(app, backstage.hook)
    if backstage.forms:
        add_forms(app, backstage.forms)
    if backstage.plans is not None:
        add_announcements(app, backstage.plans)
    if backstage.followed is not None:
        add_accountability(app, backstage.followed)

    @app.exception_handler(UsageError)
    async def usage(_request: Request, error: UsageError) -> Json:
        return Json({"error": str(error)}, status_code=422)

    @app.exception_handler(Undecidable)
    async def undecidable(_request: Request, error: Undecidable) -> Json:
        kind = getattr(error, "kind", "undecidable")
        return Json({"error": str(error), "kind": kind}, status_code=422)

    @app.exception_handler(Transient)
    async def transient(_request: Request, error: Transient) -> Json:
        return Json({"error": str(error)}, status_code=503)

    @app.exception_handler(WatcherError)
    async def faulty(_request: Request, error: WatcherError) -> Json:
        return Json({"error": str(error)}, status_code=500)

    @app.exception_handler(StarletteHTTPException)
    async def refused(_request: Request, error: StarletteHTTPException) -> Json:
        return Json({"error": str(error.detail)}, status_code=error.status_code, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Json:
        return Json({"error": told(request, error.errors())}, status_code=422)

    return app


def _probes(app: FastAPI, backstage: Backstage) -> None:
    @app.get("/livez")
    async def livez() -> PlainTextResponse:
        return PlainTextResponse("alive\n")

    @app.get("/readyz")
    async def readyz() -> Json:
        status = await backstage.status()
        document = {"ready": status.ready, **asdict(status)}
        return Json(document, status_code=200 if status.ready else 503)

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(await backstage.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _lists(app: FastAPI, backstage: Backstage) -> None:
    @app.get("/v1/tickets")
    async def tickets(limit: Limit = 100, unsettled: bool = False) -> list[dict[str, Any]]:
        found = await backstage.look(lambda tx: documents.tickets(tx, limit, unsettled_only=unsettled))
        return list(found)

    @app.get("/v1/tickets/{ticket}")
    async def ticket(ticket: str) -> dict[str, Any]:
        found = await backstage.look(lambda tx: documents.ticket(tx, ticket))
        if found is None:
            raise HTTPException(404, unknown_ticket(ticket))
        return dict(found)

    for name, build in documents.LISTS.items():
        _list(app, backstage, name, build)


def _list(app: FastAPI, backstage: Backstage, name: str, build: documents.Build) -> None:
    @app.get(f"/v1/{name}", name=name)
    async def listed(limit: Limit = 100) -> list[dict[str, Any]]:
        found = await backstage.look(lambda tx: build(tx, limit))
        return list(found)


def _check(app: FastAPI, backstage: Backstage) -> None:
    @app.post("/v1/check")
    async def check(request: CheckRequest) -> dict[str, Any]:
        references = [(one.name, one.schema_) for one in request.references]
        return await backstage.check(request.dataset, request.format, request.schema_, references)

    @app.middleware("http")
    async def bounded(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        # A body is read whole before it is validated: what is too long, or does not say how long it is, is not read.
        if OWN_BOUNDS.fullmatch(request.url.path):
            return await call_next(request)
        length = request.headers.get("content-length", "")
        if request.method == "POST" and not length.isdigit():
            return Json({"error": "a request must say how long it is: send content-length"}, status_code=411)
        if request.method == "POST" and int(length) > MAX_BODY:
            if int(length) <= PASSED_OVER:  # a client that still writes would not read the answer
                async for _ in request.stream():
                    pass
            return Json({"error": f"a request may have {MAX_BODY} bytes at most"}, status_code=413)
        return await call_next(request)


def _ddl(app: FastAPI, backstage: Backstage) -> None:
    @app.post("/v1/ddl")
    async def ddl(request: dict[str, Any]) -> dict[str, Any]:
        feed = request.pop("feed", None)
        if not isinstance(feed, str):
            raise UsageError("`feed` is missing: name the feed of the settings that this is an event of")
        return await backstage.send(feed, request)


__all__ = ["Backstage", "CheckRequest", "build_app"]
