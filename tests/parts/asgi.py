"""One request to an application, without a network: what it answers to a method, a URL, headers and a body."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


async def asked(
    app: Any,
    method: str,
    url: str,
    *,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes | Sequence[bytes] = b"",
) -> Answered:
    """The answer. A body in one part says its length, one in several does not.

    A part that is None never comes; at one that is `...`, the client hangs up.
    """
    parts = [body] if isinstance(body, bytes) else list(body)
    length = [("content-length", str(len(body)))] if isinstance(body, bytes) else []
    split = urlsplit(url)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": split.path,
        "raw_path": split.path.encode(),
        "query_string": split.query.encode(),
        "root_path": "",
        "headers": [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in (*headers, *length)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not parts:
            await asyncio.Event().wait()  # the client stays, and sends no more
        part: Any = parts.pop(0)
        if part is None:
            await asyncio.Event().wait()
        if part is ...:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    await app(scope, receive, send)
    start = next(one for one in told if one["type"] == "http.response.start")
    return Answered(
        start["status"],
        {key.decode("latin-1"): value.decode("latin-1") for key, value in start["headers"]},
        b"".join(one.get("body", b"") for one in told if one["type"] == "http.response.body"),
    )
