"""The API of accountability: who owns what, moving a ticket, scorecards, faults of contracts, the chain's head."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from fastapi import FastAPI, HTTPException, Query, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from watcher.model.ticket import LIFE, Verb
from watcher.web.pages import alone

_INSTEAD = (
    "What is mended closes it by itself; where it is no break, `dispute` it, or let an arbiter resolve it as "
    "`not-breaking`"
)


def _a_persons(word: object) -> object:
    """What a person does to a ticket; the clock's verbs, and our own, are nobody's to ask for."""
    known = [verb.value for verb, rule in LIFE.items() if not rule.ours]
    if word not in known:
        raise ValueError(f"{str(word)[:40]!r} is nothing that is done to a ticket: it is one of {', '.join(known)}")
    return word


class MoveRequest(BaseModel):
    """What a person wants done with a ticket."""

    model_config = ConfigDict(extra="forbid")

    verb: Annotated[Verb, BeforeValidator(_a_persons)]
    by: str = Field(min_length=1, max_length=200)
    reason: str = Field("", max_length=4_000)
    until: str | None = Field(None, max_length=40)
    how: str | None = Field(None, alias="as", max_length=40)
    scope: str | None = Field(None, max_length=40)

    @property
    def details(self) -> dict[str, Any]:
        """The verb's own words."""
        given = {"until": self.until, "as": self.how, "scope": self.scope}
        return {key: value for key, value in given.items() if value is not None}


class Followed(Protocol):
    """What the pages ask of the daemon about following up."""

    async def move(self, ticket: str, asked: MoveRequest) -> dict[str, Any] | None:
        """Move a ticket; what came of it, None where there is none. Raises UsageError where it is not legal.

        A claim that does not hold leaves the ticket where it was: `moved` is false then, and `why` says it.
        """
        ...

    async def page(self, ticket: str) -> str | None:
        """A ticket's page in HTML; None where there is none."""
        ...

    async def scores(self, span: str | None) -> tuple[dict[str, Any], str]:
        """The scorecards of a span, as a document and as CSV."""
        ...

    async def findings(self) -> list[dict[str, Any]]:
        """What is wrong with contracts."""
        ...

    async def head(self) -> dict[str, Any]:
        """The chain's head."""
        ...

    async def domains(self) -> list[dict[str, Any]]:
        """The domains in force."""
        ...

    async def ownership(self, dataset: str) -> dict[str, Any]:
        """Who answers for a dataset, and what decided it."""
        ...

    async def unowned(self) -> list[dict[str, Any]]:
        """The datasets that nobody answers for."""
        ...

    async def stale(self) -> list[dict[str, Any]]:
        """The addresses at which nobody is any more."""
        ...


def unknown_ticket(ticket: str) -> str:
    """What is answered where a ticket is asked for that is not there."""
    return f"there is no ticket {ticket}: `watcher tickets list --all` names them, and so does GET /v1/tickets"


def add_accountability(app: FastAPI, followed: Followed) -> None:
    """Add the routes."""

    @app.post("/v1/tickets/{ticket}/moves")
    async def move(ticket: str, asked: MoveRequest, response: Response) -> dict[str, Any]:
        came = await followed.move(ticket, asked)
        if came is None:
            raise HTTPException(404, unknown_ticket(ticket))
        if came["moved"]:
            return came
        response.status_code = 409
        stays = f"ticket {ticket} stays {came['state'].replace('_', ' ')}: {came['why']}. {_INSTEAD}"
        return {"error": stays, **came}

    @app.get("/tickets/{ticket}")
    async def page(ticket: str) -> HTMLResponse:
        found = await followed.page(ticket)
        if found is None:
            raise HTTPException(404, unknown_ticket(ticket))
        return alone(found)

    @app.get("/v1/scorecards")
    async def scorecards(span: str | None = None) -> dict[str, Any]:
        return (await followed.scores(span))[0]

    @app.get("/v1/scorecards.csv")
    async def table(span: str | None = None) -> PlainTextResponse:
        return PlainTextResponse((await followed.scores(span))[1], media_type="text/csv; charset=utf-8")

    @app.get("/v1/contracts/findings")
    async def findings() -> list[dict[str, Any]]:
        return await followed.findings()

    @app.get("/v1/domains")
    async def domains() -> list[dict[str, Any]]:
        return await followed.domains()

    @app.get("/v1/ownership")
    async def ownership(dataset: Annotated[str, Query(min_length=1, max_length=1_000)]) -> dict[str, Any]:
        return await followed.ownership(dataset)

    @app.get("/v1/unowned")
    async def unowned() -> list[dict[str, Any]]:
        return await followed.unowned()

    @app.get("/v1/stale-addresses")
    async def stale() -> list[dict[str, Any]]:
        return await followed.stale()

    @app.get("/v1/audit/head")
    async def head() -> dict[str, Any]:
        return await followed.head()
