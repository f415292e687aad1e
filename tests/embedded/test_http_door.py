"""The door for outbound calls, over real HTTP on this machine: what it bounds, whom it calls, whom it trusts."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.parts.webhooks import LOCAL, QUICK, SECRET, SystemClock, delivery, played, sent
from watcher.delivery.addresses import Guard
from watcher.delivery.http import Bounds, HttpDoor
from watcher.delivery.receiver import Behaviour, Receiver
from watcher.delivery.webhook import WebhookChannel
from watcher.model.delivery import Answer, Delivered, Postponed
from watcher.model.errors import Transient


async def _serve(answer: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> tuple[asyncio.Server, str]:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            await answer(writer)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"


def test_a_dripping_receiver_is_bounded_as_a_whole() -> None:
    """One byte now and then never trips a read timeout: the whole exchange has a deadline of its own."""

    async def drip(writer: asyncio.StreamWriter) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"a" * 100:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.1)

    async def play() -> None:
        server, url = await _serve(drip)
        async with HttpDoor(LOCAL, Bounds(total=0.7)) as door:
            with pytest.raises(Transient, match=r"longer than 0\.7 s"):
                await door.request("POST", url, content=b"{}")
        server.close()

    asyncio.run(play())


def test_a_status_counts_though_its_body_never_ends() -> None:
    """2xx is 2xx: a body without end is read up to a bound, and the rest is left."""

    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            await writer.drain()

    async def hang(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nfive")
        await writer.drain()
        await asyncio.sleep(5)

    async def play() -> None:
        patient = Bounds(total=3, body_time=30)  # so that it is the size that ends the flood
        for way, size, bounds in ((flood, 1000, patient), (hang, 4, QUICK)):
            server, url = await _serve(way)
            async with HttpDoor(LOCAL, bounds) as door:
                reply = await door.request("POST", url, content=b"{}", limit=1000)
            server.close()
            assert (reply.status, len(reply.body), reply.complete) == (200, size, False)

    asyncio.run(play())


def test_a_compressed_bomb_is_not_opened() -> None:
    """We ask for plain bodies and read what comes as it is: nothing is inflated."""

    async def bomb(writer: asyncio.StreamWriter) -> None:
        data = gzip.compress(b"0" * 10_000_000)
        writer.write(b"HTTP/1.1 500 No\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(data) + data)
        await writer.drain()

    async def play() -> None:
        server, url = await _serve(bomb)
        async with HttpDoor(LOCAL, QUICK) as door:
            reply = await door.request("POST", url, content=b"{}")
        server.close()
        assert len(reply.body) < 20_000

    asyncio.run(play())


def test_cookies_are_not_kept() -> None:
    """What one receiver sets is never sent to it, or to another, again."""

    async def play(receiver: Receiver) -> None:
        receiver.then.append(Behaviour(200, {"set-cookie": "session=secret; Path=/"}))
        async with HttpDoor(LOCAL, QUICK) as door:
            channel = WebhookChannel(door, SystemClock(), receiver.url, [SECRET])
            await channel.send(delivery())
            await channel.send(delivery())
        assert "cookie" not in receiver.received[1].headers

    played(play)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433"])
def test_this_machine_is_not_called_unless_allowed(host: str) -> None:
    """A loopback address is refused in whichever way it is written, and nothing is connected to."""

    async def play(receiver: Receiver) -> None:
        told = await sent(receiver, guard=Guard(), url=f"http://{host}:{receiver.port}/x")
        assert isinstance(told, Postponed)
        assert "not called" in told.reason
        assert receiver.received == []

    played(play)


def _answering(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Make hooks.example resolve to each answer in turn, the last for good."""
    real, asked = socket.getaddrinfo, []

    def lookup(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host != "hooks.example":
            return real(host, port, *rest, **more)
        asked.append(host)
        address = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


def test_a_name_that_leads_to_a_private_address_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check is on the address, after resolution: a harmless name for this machine does not pass."""
    _answering(monkeypatch, "127.0.0.1")

    async def play(receiver: Receiver) -> None:
        told = await sent(receiver, guard=Guard(), url=f"http://hooks.example:{receiver.port}/x")
        assert isinstance(told, Postponed)
        assert "127.0.0.1" in told.reason
        assert "allow_hosts" in told.reason
        assert receiver.received == []

    played(play)


def test_the_checked_address_is_the_one_that_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is resolved once a request: it cannot be pointed elsewhere after the check. Host stays the name."""
    asked = _answering(monkeypatch, "127.0.0.1", "127.0.0.99")

    async def play(receiver: Receiver) -> None:
        told = await sent(receiver, guard=Guard(["hooks.example"]), url=f"http://hooks.example:{receiver.port}/x")
        assert isinstance(told, Delivered)
        assert receiver.received[0].headers["host"] == f"hooks.example:{receiver.port}"
        assert len(asked) == 1

    played(play)


def test_the_next_address_is_tried_where_one_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several addresses of a name, one that refuses connections does not stop the delivery."""

    def lookup(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 0)) for a in ("127.0.0.77", "127.0.0.1")]

    async def play(receiver: Receiver) -> None:
        monkeypatch.setattr("watcher.delivery.addresses.socket.getaddrinfo", lookup)
        assert isinstance(await sent(receiver, url=f"http://hooks.example:{receiver.port}/x"), Delivered)

    played(play)


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(cert)]
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*command, *files, *subject], check=True, capture_output=True, timeout=30)
    return cert, key


async def _tls_server(cert: Path, key: Path, names: list[str | None]) -> asyncio.Server:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No\r\n\r\n")
        await writer.drain()
        writer.close()

    return await asyncio.start_server(one, "127.0.0.1", 0, ssl=context)


def test_tls_is_verified_for_the_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Though we connect to an address, the certificate is asked for, and verified, by the URL's name."""
    cert, key = _certificate(tmp_path, "hooks.example")

    def lookup(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    async def play() -> list[Answer]:
        names: list[str | None] = []
        server = await _tls_server(cert, key, names)
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setattr("watcher.delivery.addresses.socket.getaddrinfo", lookup)
        answers = []
        for name, trusted in (("hooks.example", True), ("other.example", True), ("hooks.example", False)):
            if trusted:
                monkeypatch.setenv("SSL_CERT_FILE", str(cert))
            else:
                monkeypatch.delenv("SSL_CERT_FILE")
            async with HttpDoor(LOCAL, QUICK) as door:
                channel = WebhookChannel(door, SystemClock(), f"https://{name}:{port}/x", [SECRET])
                answers.append(await channel.send(delivery()))
        server.close()
        assert names == ["hooks.example", "other.example", "hooks.example"]
        return answers

    right, wrong_name, unknown = asyncio.run(play())

    assert right == Delivered("HTTP 204")
    assert isinstance(wrong_name, Postponed)
    assert "certificate" in wrong_name.reason
    assert isinstance(unknown, Postponed)
    assert "certificate" in unknown.reason


def test_one_host_does_not_take_all_connections() -> None:
    """A receiver that hangs on every request leaves room for the others."""

    async def play(receiver: Receiver) -> None:
        async with Receiver([SECRET]) as slow, HttpDoor(LOCAL, Bounds(per_host=2, in_all=4, total=5)) as door:
            slow.always = Behaviour(delay=30)
            stuck = [asyncio.create_task(door.request("POST", slow.url, content=b"{}")) for _ in range(10)]
            await slow.wait_for(2)
            reply = await door.request("POST", receiver.url, content=b"{}", total=2)
            assert reply.status == 200
            assert len(slow.received) == 2
            for task in stuck:
                task.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)

    played(play)
