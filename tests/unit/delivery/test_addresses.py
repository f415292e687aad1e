"""The guard and the resolver: which addresses may be called, whatever a name resolves to."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from typing import Any

import pytest

from watcher.delivery.addresses import Blocked, Guard, Resolver
from watcher.model.errors import ConfigurationError, Transient


def _permits(address: str, *allow: str, host: str = "hooks.example") -> bool:
    return Guard(allow).permits(host, ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "10.0.0.1",
        "172.16.4.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "192.0.0.8",
        "192.88.99.1",
        "::127.0.0.1",
        "::10.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b:1::a9fe:a9fe",
        "2606:2800:220:1:0:5efe:7f00:1",
        "2606:2800:220:1:200:5efe:a00:1",
        "fec0::1",
        "5f00::1",
        "3fff::1",
        "100:0:0:1::1",
    ],
)
def test_internal_addresses_are_refused(address: str) -> None:
    """No private, loopback, link-local, metadata, multicast or reserved address is called, in whichever dress."""
    assert not _permits(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_called(address: str) -> None:
    """A public address needs no permission."""
    assert _permits(address)


@pytest.mark.parametrize(
    ("allow", "host"),
    [
        ("hooks.example", "hooks.example"),
        ("Hooks.Example.", "hooks.EXAMPLE"),
        ("*.corp.example", "a.corp.example"),
        ("10.0.0.0/8", "anything"),
        ("10.0.0.1", "10.0.0.1"),
    ],
)
def test_an_allowed_host_may_be_private(allow: str, host: str) -> None:
    """A host, a pattern, an address or a network in the settings lifts the refusal."""
    assert _permits("10.0.0.1", allow, host=host)


def test_an_address_is_judged_by_what_it_stands_for() -> None:
    """An IPv4 address in IPv6 dress is refused, allowed and called like the IPv4 address."""
    assert _permits("::ffff:8.8.8.8")
    assert _permits("64:ff9b::808:808")
    assert _permits("::ffff:10.0.0.1", "10.0.0.0/8")
    assert not _permits("::ffff:10.0.0.1", "11.0.0.0/8")


def test_an_allowed_name_does_not_reach_its_neighbours() -> None:
    """Permission for one host says nothing about another."""
    assert not _permits("10.0.0.1", "hooks.example", host="hooks.example.evil.test")
    assert not _permits("10.0.0.1", "*.corp.example", host="corp.example")


def test_an_allowed_name_does_not_reach_the_metadata_service() -> None:
    """A name that may be private still may not be pointed at where machines get credentials; an address may."""
    assert not _permits("169.254.169.254", "hooks.example")
    assert _permits("169.254.169.254", "169.254.169.254")


@pytest.mark.parametrize("entry", ["https://hooks.example", "hooks.example:8080", "hooks.example/path", ""])
def test_an_entry_that_is_no_host_is_refused(entry: str) -> None:
    """A URL in the list of hosts would never match: it is an error that says how to write it."""
    with pytest.raises(ConfigurationError, match="without scheme, port and path"):
        Guard([entry])


def _rows(*addresses: str) -> list[tuple[Any, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]


def test_only_the_permitted_of_a_names_addresses_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a mixed answer the internal addresses are dropped, so that none can be slipped in."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: _rows("10.0.0.1", "93.184.216.34"))

    found = asyncio.run(_resolved("mixed.example"))

    assert [str(address) for address in found] == ["93.184.216.34"]


def test_a_name_for_a_private_address_is_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A public name that resolves to a private address is refused, and the message names the setting."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: _rows("192.168.0.10"))

    with pytest.raises(Blocked, match=r"192\.168\.0\.10.*allow_hosts"):
        asyncio.run(_resolved("rebound.example"))


def test_a_name_that_does_not_resolve_is_transient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name may be there again in a minute."""

    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-3, "temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    with pytest.raises(Transient, match="does not resolve"):
        asyncio.run(_resolved("nowhere.example"))


def test_a_name_that_hangs_holds_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for a name that is being asked for waits with the first: a dead name server costs one thread."""
    asked: list[str] = []
    release = threading.Event()

    def hang(host: str, *_: Any, **__: Any) -> Any:
        asked.append(host)
        release.wait(10)
        return _rows("93.184.216.34")

    monkeypatch.setattr(socket, "getaddrinfo", hang)

    async def play() -> None:
        resolver = Resolver(Guard())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await resolver.addresses("slow.example", 443)
        others = [asyncio.create_task(resolver.addresses("slow.example", 443)) for _ in range(20)]
        await asyncio.sleep(0)
        release.set()
        found = await asyncio.gather(*others)
        resolver.close()
        assert {str(one[0]) for one in found} == {"93.184.216.34"}

    asyncio.run(play())

    assert asked == ["slow.example"]


async def _resolved(host: str) -> list[Any]:
    resolver = Resolver(Guard())
    try:
        return list(await resolver.addresses(host, 443))
    finally:
        resolver.close()
