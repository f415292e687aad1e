"""Forms: the one small page behind a signed link, and what comes back from it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, StrictUndefined
from starlette.requests import ClientDisconnect

_MAX_FORM = 64 * 1024
READ_S = 10.0
"""How long a reader may take to send a form."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a reader is asked: `name` and `token` say which link it is, `choices` are answers by what they mean.

    `until` and `reason` are the labels of a day and of a text; empty: it is not asked for. `needed` names those that
    may not stay empty.
    """

    name: str
    token: str
    button: str
    once: bool
    choices: Mapping[str, str] = field(default_factory=dict)
    until: str = ""
    reason: str = ""
    needed: frozenset[str] = frozenset()


class Page:
    """Renders it: no script, nothing from elsewhere."""

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

    def asked(self, title: str, facts: Mapping[str, str], form: Form, text: str = "") -> HTMLResponse:
        """What a link would do, and the button that does it."""
        return self._rendered(200, title=title, text=text, facts=facts, form=form)

    def told(self, status: int, title: str, text: str) -> HTMLResponse:
        """A sentence."""
        return self._rendered(status, title=title, text=text, facts={}, form=None)

    def _rendered(self, status: int, **values: Any) -> HTMLResponse:
        page = self._template.render(**values)
        return HTMLResponse(page.encode(errors="backslashreplace"), status_code=status, headers=self._headers)


async def fields(request: Request) -> dict[str, str]:
    """What a form says; nothing where it is none, or a form that is not ours."""
    body = b""
    try:
        async with asyncio.timeout(READ_S):
            async for part in request.stream():
                body += part
                if len(body) > _MAX_FORM:
                    return {}
        found = parse_qs(body.decode(), max_num_fields=10)
    except (ValueError, ClientDisconnect, TimeoutError):
        return {}
    return {key: values[0] for key, values in found.items()}


class Behind(Protocol):
    """What is behind one kind of links."""

    async def show(self, token: str) -> HTMLResponse:
        """What the link would do."""
        ...

    async def act(self, token: str, said: Mapping[str, str]) -> HTMLResponse:
        """Do what the link allows, with what its form says."""
        ...


def add_forms(app: FastAPI, kinds: Mapping[str, Behind]) -> None:
    """The two routes; a link's kind is the name under which it carries its token."""

    def of(given: Mapping[str, str]) -> tuple[Behind, str]:
        name = next((one for one in kinds if one in given), next(iter(kinds)))
        return kinds[name], given.get(name, "")

    @app.get("/act")
    async def show(request: Request) -> HTMLResponse:
        behind, token = of(request.query_params)
        return await behind.show(token)

    @app.post("/act")
    async def act(request: Request) -> HTMLResponse:
        said = await fields(request)
        behind, token = of(said)
        return await behind.act(token, said)
