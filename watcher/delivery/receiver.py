"""A receiver of webhooks on this machine, for the demonstration, for tests, and for whoever sets a channel up.

It speaks real HTTP on 127.0.0.1, verifies each signature with the Standard Webhooks library, remembers what it got, and
misbehaves when told to. `python -m watcher.delivery.receiver` writes one JSON document a delivery on standard output.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

_LARGEST_BODY = 16 * 1024 * 1024
_LARGEST_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came: `id` is the delivery's, `fault` says why its signature does not hold (None: it does)."""

    id: str
    headers: dict[str, str]
    body: bytes
    fault: str | None
    at: dt.datetime

    @property
    def verified(self) -> bool:
        """Whether the signature holds."""
        return self.fault is None

    @property
    def message(self) -> dict[str, Any]:
        """The body as JSON."""
        document: dict[str, Any] = json.loads(self.body)
        return document


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How to answer one request: after `delay` seconds, by `status`; `drop` closes the connection without a word."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    drop: bool = False


class Receiver:
    """An endpoint; `async with Receiver([secret]) as receiver:` gives its `url`.

    `then` lists the behaviours of the next requests, `always` is what follows them.
    """

    def __init__(
        self, secrets: Sequence[str] = (), *, port: int = 0, told: Callable[[Received], None] | None = None
    ) -> None:
        self._verifiers = [Webhook(secret) for secret in secrets]
        self._port = port
        self._told = told
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._closing = asyncio.Event()
        self._news = asyncio.Condition()
        self.received: list[Received] = []
        self.then: deque[Behaviour] = deque()
        self.always = Behaviour()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def start(self) -> None:
        """Listen; on a free port unless one was named."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, limit=_LARGEST_HEAD)
        self._port = self._server.sockets[0].getsockname()[1]

    async def aclose(self) -> None:
        """Stop listening, and break off what is open."""
        if self._server is not None:
            self._server.close()
        self._closing.set()
        for writer in self._open.values():
            writer.transport.abort()
        await asyncio.gather(*self._open, return_exceptions=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    @property
    def url(self) -> str:
        """The address to configure."""
        return f"http://127.0.0.1:{self._port}/hooks/watcher"

    def ids(self) -> list[str]:
        """The delivery ids as they came, repeats included."""
        return [one.id for one in self.received]

    async def wait_for(self, count: int, timeout: float = 10.0) -> list[Received]:  # noqa: ASYNC109 - a test's deadline
        """What was received, once there are `count`; raises TimeoutError, which says how many there are."""
        try:
            async with asyncio.timeout(timeout), self._news:
                await self._news.wait_for(lambda: len(self.received) >= count)
        except TimeoutError:
            raise TimeoutError(f"{len(self.received)} of {count} deliveries came within {timeout:g} s") from None
        return list(self.received)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open[task] = writer
            task.add_done_callback(self._open.pop)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= _LARGEST_BODY:
            raise ValueError("the body is too large")
        body = await reader.readexactly(length)
        await self._keep(headers, body)
        how = self.then.popleft() if self.then else self.always
        if how.delay:
            with suppress(TimeoutError):
                async with asyncio.timeout(how.delay):
                    await self._closing.wait()
        if how.drop or self._closing.is_set():
            return False
        lines = [f"HTTP/1.1 {how.status} Told", f"content-length: {len(how.body)}"]
        lines += [f"{name}: {value}" for name, value in how.headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + how.body)
        await writer.drain()
        return True

    async def _keep(self, headers: dict[str, str], body: bytes) -> None:
        fault = self._fault(headers, body)
        one = Received(headers.get("webhook-id", ""), headers, body, fault, dt.datetime.now(dt.UTC))
        if self._told is not None:
            self._told(one)
        async with self._news:
            self.received.append(one)
            self._news.notify_all()

    def _fault(self, headers: dict[str, str], body: bytes) -> str | None:
        fault = "no secret is known here"
        for verifier in self._verifiers:
            try:
                verifier.verify(body, headers, json_parse=False)
            except (WebhookVerificationError, ValueError) as error:
                fault = str(error) or type(error).__name__
            else:
                return None
        return fault


def _print(one: Received) -> None:
    line = {"id": one.id, "verified": one.verified, "fault": one.fault, "at": one.at.isoformat()}
    try:
        line["message"] = one.message
    except ValueError:
        line["message"] = None
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def _main(arguments: argparse.Namespace) -> None:
    secrets = [secret for secret in os.environ.get(arguments.secrets_from, "").split() if secret]
    async with Receiver(secrets, port=arguments.port, told=_print) as receiver:
        receiver.always = Behaviour(status=arguments.status, delay=arguments.delay)
        sys.stderr.write(f"listening on {receiver.url}\n")
        sys.stderr.flush()
        await asyncio.Event().wait()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m watcher.delivery.receiver", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="where to listen; 0 takes a free port")
    parser.add_argument(
        "--secrets-from", default="WEBHOOK_SECRETS", metavar="NAME", help="environment variable with the secrets"
    )
    parser.add_argument("--status", type=int, default=200, help="how to answer")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before the answer")
    return parser.parse_args()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_main(_arguments()))
