"""Stand-ins: services that channels speak to, played over real HTTP on 127.0.0.1 after each service's own reference.

A stand-in keeps state as the service does (ids, labels, workflow), refuses what it refuses, and misbehaves when told
to. `async with Jira() as jira:` gives `jira.url`; `jira.then.append(Fault(...))` is what becomes of the next request,
`jira.always = Fault(...)` of every one that no queued fault takes.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

from watcher.delivery.http import HttpDoor
from watcher.delivery.tracker import Compose
from watcher.ports import Channel, Clock

SECRET = "s3cr3t-t0ken-of-the-standin-0123456789abcdef"
"""What every stand-in takes for a credential; nothing may ever show it."""

_LARGEST_BODY = 16 * 1024 * 1024
_LARGEST_HEAD = 64 * 1024

Response = tuple[int, Mapping[str, str], Any]
"""Status, headers, and a body: a dict or list goes out as JSON, a str as text, bytes as they are, None as nothing."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came; `path` is raw (percent-encoded), `params` are what the route's pattern names, decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """`GET /path`, without the query: what a fault's `on` is matched against."""
        return f"{self.method} {self.path}"

    @property
    def json(self) -> Any:
        """The body as JSON; None where there is none."""
        return json.loads(self.body) if self.body else None

    @property
    def form(self) -> dict[str, str]:
        """The body as a form's fields."""
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}


Handler = Callable[[Request], Response]


@dataclass(frozen=True, slots=True)
class Fault:
    """How one request fares otherwise than it should; the parts add up, in the order of the fields.

    `on` is a regular expression over `METHOD /path`: the fault waits for the first request that it fits (searched, so
    `^POST ` or `/transitions$`). `delay` waits before anything is done. `drop="before"` closes the connection before
    the request is handled, `drop="after"` once it was handled: the service accepted, and the answer is lost. `status`
    answers so without handling, in the service's own words unless `body` is given. `late` waits after it was handled.
    `garbage` and `cut` spoil the answer of a request that was handled: no JSON, or half of it.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    on: str = ""
    delay: float = 0.0
    late: float = 0.0
    drop: Literal["", "before", "after"] = ""
    garbage: bool = False
    cut: bool = False

    def fits(self, request: Request) -> bool:
        """Whether it is this request's."""
        return re.search(self.on, request.line) is not None


@dataclass(frozen=True, slots=True)
class Item:
    """What the service keeps of one ticket, in words that all share; `notes` are those under it, oldest first.

    `id` is the one that the channel keeps (`Remote.id`). `state` is `open`, `in_progress` or `resolved`; `marker` is
    where the service keeps what the channel searches by.
    """

    id: str
    state: str
    title: str
    text: str
    notes: tuple[str, ...]
    marker: str


class StandIn:
    """A service on this machine. A subclass registers its routes in `__init__` and says how it words a refusal."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._closing = asyncio.Event()
        self.port = 0
        self.requests: list[Request] = []
        """Every request whose head and body came, whatever became of it."""
        self.then: deque[Fault] = deque()
        self.always: Fault | None = None
        self.secret = SECRET
        """The credential that is taken; set another, and the channel's is wrong."""

    # What a subclass says.

    def route(self, method: str, pattern: str, handler: Handler) -> None:
        """Let `handler` answer `method` on a path such as `/issue/{key}/comment`; `{name}` is one segment, decoded."""
        parts = re.split(r"\{(\w+)\}", pattern)
        regex = "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
        self._routes.append((method, re.compile(regex), handler))

    def refused(self, request: Request) -> Response | None:
        """The answer to a request whose credentials are wrong; None where they are right."""
        return None

    def worded(self, status: int) -> Any:
        """The body with which this service says that status."""
        return {"message": f"status {status}"}

    def extra_headers(self, request: Request) -> Mapping[str, str]:
        """Headers that this service puts on every answer (its rate limits, say)."""
        return {}

    # What tests ask and do: the contract suite needs these of each.

    def items(self) -> list[Item]:
        """What there is, oldest first, deleted ones left out."""
        raise NotImplementedError

    def delete(self, id: str) -> None:  # noqa: A002 - the item's id
        """Somebody deletes the item at the service."""
        raise NotImplementedError

    def require_field(self) -> str:
        """Its configuration changes: from now on creating is refused (400, 422); gives words of that refusal."""
        raise NotImplementedError

    def settle(self, id: str) -> None:  # noqa: A002 - the item's id
        """Somebody resolves the item at the service."""
        raise NotImplementedError

    def calls(self, pattern: str) -> list[Request]:
        """The requests whose `METHOD /path` the pattern fits."""
        return [one for one in self.requests if re.search(pattern, one.line)]

    # The server.

    @property
    def url(self) -> str:
        """Where it listens: scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=_LARGEST_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        self._closing.set()
        for writer in self._open.values():
            writer.transport.abort()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open[task] = writer
            task.add_done_callback(self._open.pop)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        request = await _read(reader)
        self.requests.append(request)
        fault = self._fault(request)
        await self._waited(fault.delay)
        if fault.drop == "before" or self._closing.is_set():
            return False
        if fault.status:
            body = self.worded(fault.status) if fault.body is None else fault.body
            status, headers = fault.status, {**self.extra_headers(request), **fault.headers}
        else:
            status, said, body = self._handled(request)
            headers = {**self.extra_headers(request), **said, **fault.headers}
        await self._waited(fault.late)
        if fault.drop == "after" or self._closing.is_set():
            return False
        writer.write(_written(status, headers, "<html>oops" if fault.garbage else body, cut=fault.cut))
        await writer.drain()
        return not fault.cut

    async def _waited(self, seconds: float) -> None:
        if seconds:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._closing.wait()

    def _fault(self, request: Request) -> Fault:
        for fault in self.then:
            if fault.fits(request):
                self.then.remove(fault)
                return fault
        return self.always if self.always is not None and self.always.fits(request) else Fault()

    def _handled(self, request: Request) -> Response:
        refusal = self.refused(request)
        if refusal is not None:
            return refusal
        try:
            return self._routed(request)
        except Exception as error:  # noqa: BLE001 - a handler that fails must be seen in the test, not as a dropped line
            return 599, {}, {"message": f"the stand-in itself failed: {error!r}"}

    def _routed(self, request: Request) -> Response:
        known = False
        for method, pattern, handler in self._routes:
            match = pattern.fullmatch(request.path)
            if match is None:
                continue
            known = True
            if method == request.method:
                params = {name: unquote(value) for name, value in match.groupdict().items()}
                return handler(
                    Request(request.method, request.path, request.query, request.headers, request.body, params)
                )
        status = 405 if known else 404
        return status, {}, self.worded(status)


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = min(int(headers.get("content-length", "0")), _LARGEST_BODY)
    body = await reader.readexactly(length)
    split = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(split.query, keep_blank_values=True).items()}
    return Request(method, split.path, query, headers, body)


def _written(status: int, headers: Mapping[str, str], body: Any, *, cut: bool) -> bytes:
    kind = "application/json; charset=utf-8"
    match body:
        case None:
            content = b""
        case bytes():
            content, kind = body, "application/octet-stream"
        case str():
            content, kind = body.encode(), "text/plain; charset=utf-8"
        case _:
            content = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Told"]
    if status != 204:
        lines += [f"content-length: {len(content)}", f"content-type: {headers.get('content-type', kind)}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name != "content-type"]
    sent = b"" if status == 204 else content
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (sent[: len(sent) // 2] if cut else sent)


Build = Callable[[HttpDoor, Clock, Compose, Any], Channel]
"""Makes the channel under test, as bootstrap would: the last is the stand-in, its credential is `SECRET`."""

Can = Literal["items", "rewrite", "notes", "progress", "settle", "search", "delete", "fields", "auth"]
"""What a service can, and so what its channel must do.

items: it keeps an item a ticket, which `items()` shows. rewrite: the item's own text can be changed. notes: something
can be written under it. progress: it has a state between open and resolved. settle: it can be resolved and reopened.
search: an item can be found by its marker after a lost answer. delete: somebody can delete it. fields: its
configuration can change what a create needs (`require_field`). auth: it tells wrong credentials.
"""

TRACKER: frozenset[Can] = frozenset(
    {"items", "rewrite", "notes", "progress", "settle", "search", "delete", "fields", "auth"}
)


@dataclass(frozen=True, slots=True)
class Case:
    """One channel in the contract suite; a stand-in's module lists its own as `CASES`."""

    name: str
    standin: Callable[[], StandIn]
    build: Build
    route: Mapping[str, str] = field(default_factory=dict)
    can: frozenset[Can] = TRACKER

    def __str__(self) -> str:
        return self.name
