"""HTTP, outbound: the one door through which the watcher calls others, and the only file that knows httpx.

The door follows no redirect, keeps no cookie, reads a bounded part of each answer in a bounded time, and connects only
to addresses that were checked (`addresses.py`). Foreign errors become ours here; none carries a URL's path or a header,
since both may hold a credential.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Self

import httpx
import structlog

import watcher
from watcher.delivery.addresses import Address, Guard, Resolver
from watcher.delivery.replies import Reply, redacted, redacted_headers
from watcher.model.errors import ConfigurationError, Transient

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much the door lets itself be held up; times in seconds, sizes in bytes.

    `total` bounds a whole exchange: a receiver that sends one byte every few seconds never trips the others.
    """

    connect: float = 5.0
    read: float = 15.0
    total: float = 30.0
    body: int = 64 * 1024
    body_time: float = 5.0
    per_host: int = 8
    in_all: int = 128
    idle: float = 30.0


class HttpDoor:
    """One client for all channels; `async with` it, or call `aclose`."""

    def __init__(self, guard: Guard | None = None, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._way = _CheckedWay(guard or Guard(), self._bounds)
        self._client = httpx.AsyncClient(
            transport=self._way,
            timeout=httpx.Timeout(self._bounds.read, connect=self._bounds.connect),
            follow_redirects=False,
            trust_env=False,
            headers={"user-agent": f"schema-watcher/{watcher.__version__}", "accept-encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
        # Both libraries log whole URLs and headers; what is worth a line is logged by us, redacted.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        logging.getLogger("httpcore").setLevel(logging.WARNING)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def addresses(self, host: str, port: int) -> Sequence[Address]:
        """Where a host may be called, for what is no HTTP; raises Blocked where nowhere, Transient where unknown."""
        return await self._way.addresses(host, port)

    async def request(  # noqa: PLR0913 - what a request consists of
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        total: float | None = None,
        limit: int | None = None,
    ) -> Reply:
        """One exchange. Raises Transient where no status came back, Blocked where the address may not be called.

        `total` is the most seconds it may take, `limit` the most bytes of the answer's body that are read.
        """
        seconds = self._bounds.total if total is None else total
        try:
            async with asyncio.timeout(seconds):
                request = self._client.build_request(method, url, headers=dict(headers or {}), content=content)
                response = await self._client.send(request, stream=True)
                try:
                    reply = await self._read(response, self._bounds.body if limit is None else limit)
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise Transient(f"{place(url)} took longer than {seconds:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _translated(error, url) from error
        log.debug("http.exchanged", url=place(url), status=reply.status, answered=redacted_headers(reply.headers))
        return reply

    async def _read(self, response: httpx.Response, limit: int) -> Reply:
        """The status counts even where the body does not come: only `complete` says so."""
        body = bytearray()
        complete = False
        try:
            async with asyncio.timeout(self._bounds.body_time):
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > limit:
                        break
                else:
                    complete = True
        except (TimeoutError, httpx.HTTPError):
            pass
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, bytes(body[:limit]), complete=complete)


class _CheckedWay(httpx.AsyncBaseTransport):
    """Resolves a name, checks the addresses, and connects to one of those; Host, SNI and certificate stay the name's.

    Connections are pooled by name, never by address: two names on one address must not share a TLS connection that was
    verified for one of them.
    """

    def __init__(self, guard: Guard, bounds: Bounds) -> None:
        self._resolver = Resolver(guard)
        self._bounds = bounds
        self._all = asyncio.Semaphore(bounds.in_all)
        self._hosts: dict[tuple[str, str, int], _Host] = {}
        self._tls: ssl.SSLContext | None = None

    async def addresses(self, host: str, port: int) -> Sequence[Address]:
        """The checked addresses of a host."""
        return await self._resolver.addresses(host, port)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        addresses = await self._resolver.addresses(name, port)
        host = self._host(request.url.scheme, name, port)
        # The exchange is over for the bounds when the status is there: the body is short, and bounded in time.
        async with host.turns, self._all:
            failed: httpx.HTTPError | None = None
            for address in addresses:
                try:
                    return await host.transport.handle_async_request(_to(request, str(address), name))
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    failed = error
            raise failed or httpx.ConnectError("no address")

    def _host(self, scheme: str, name: str, port: int) -> _Host:
        host = self._hosts.get((scheme, name, port))
        if host is None:
            self._tls = self._tls or httpx.create_ssl_context()
            limits = httpx.Limits(max_keepalive_connections=self._bounds.per_host, keepalive_expiry=self._bounds.idle)
            transport = httpx.AsyncHTTPTransport(verify=self._tls, limits=limits)
            host = _Host(transport, asyncio.Semaphore(self._bounds.per_host))
            self._hosts[scheme, name, port] = host
        return host

    async def aclose(self) -> None:
        self._resolver.close()
        for host in self._hosts.values():
            await host.transport.aclose()


@dataclass(frozen=True, slots=True)
class _Host:
    transport: httpx.AsyncHTTPTransport
    turns: asyncio.Semaphore


def _to(request: httpx.Request, address: str, name: str) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,  # with the Host of the name
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": name},
    )


def check_url(url: str) -> None:
    """Refuse what can never be called; raises ConfigurationError. What needs the network is found when it is called."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        # Neither the text nor what the library says of it is told: any of it may be a credential.
        raise ConfigurationError("it is not a URL that can be read: write https:// (or http://) and a host") from None
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ConfigurationError(f"{place(url)} cannot be called: write https:// (or http://) and a host")


def place(url: str) -> str:
    """The URL as it may be shown: scheme, host and port; the rest may hold a credential."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "an unreadable URL"
    port = f":{parsed.port}" if parsed.port else ""
    return f"{parsed.scheme}://{parsed.host}{port}"


def _translated(error: httpx.HTTPError | httpx.InvalidURL, url: str) -> Transient:
    """A foreign error as ours. Only connecting tells its own words: others may quote what was sent."""
    where = place(url)
    match error:
        case httpx.ConnectTimeout():
            return Transient(f"{where} did not accept a connection in time")
        case httpx.ConnectError():
            return Transient(f"{where} cannot be connected to: {redacted(str(error)) or 'no address answered'}")
        case httpx.TimeoutException():
            return Transient(f"{where} did not answer in time")
        case httpx.ReadError() | httpx.RemoteProtocolError() | httpx.WriteError() | httpx.CloseError():
            return Transient(f"{where} broke the connection off before it answered")
        case _:
            return Transient(f"{where} cannot be called: {type(error).__name__}")
