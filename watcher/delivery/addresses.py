"""Addresses that may be called: the guard between a configured URL and the networks that no receiver lives in.

A URL comes from a configuration file, and what its name resolves to from whoever runs that name. So the check is made
on the address, after resolution, and the connection goes to the very address that was checked.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase

from watcher.model.errors import ConfigurationError, Transient

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_CARRIERS = (
    ipaddress.IPv6Network("64:ff9b::/96"),  # NAT64
    ipaddress.IPv6Network("64:ff9b:1::/48"),  # the same, of a network's own
    ipaddress.IPv6Network("::ffff:0:0:0/96"),  # translated
    ipaddress.IPv6Network("::/96"),  # compatible
)
"""IPv6 networks whose addresses end in the IPv4 address that they lead to."""

_GLOBAL = ipaddress.IPv6Network("2000::/3")
"""Where all of the public IPv6 is; what stands outside is reserved, whatever a library's tables say yet."""

_RESERVED = (
    ipaddress.ip_network("192.0.0.0/24"),  # protocols' own
    ipaddress.ip_network("192.88.99.0/24"),  # relays of old
    ipaddress.ip_network("3fff::/20"),  # documentation
)

_ISATAP = 0x5EFE

_METADATA = (
    ipaddress.ip_network("169.254.0.0/16"),  # link-local: most clouds answer on 169.254.169.254
    ipaddress.ip_network("fe80::/10"),
    ipaddress.ip_network("fd00:ec2::/32"),  # the same service over IPv6
    ipaddress.ip_network("100.100.100.200/32"),
    ipaddress.ip_network("168.63.129.16/32"),  # a public address by number, one cloud's own by use
)
"""Where machines ask who they are and get credentials: not even a host that may be private may lead here."""

_RESOLVERS = 8


class Blocked(Transient):
    """The name leads where the watcher must not call; allow the host in the settings if it is meant."""


class Guard:
    """Decides which addresses may be called.

    `allow` lifts the refusal of private, loopback and reserved addresses for a host (`hooks.internal.example`,
    `*.internal.example`), an address or a network (`10.1.0.0/16`). Link-local and metadata addresses must be named by
    address or network: a name that is allowed today may be pointed there tomorrow.
    """

    def __init__(self, allow: Collection[str] = ()) -> None:
        self._names: list[str] = []
        self._networks: list[Network] = []
        for entry in allow:
            self._add(entry.strip())

    def _add(self, entry: str) -> None:
        try:
            self._networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
        except ValueError:
            if not entry or "/" in entry or ":" in entry:
                raise ConfigurationError(
                    f"the allowed host {entry!r} is neither a host name, an address nor a network: "
                    "write it without scheme, port and path, such as hooks.internal.example or 10.1.0.0/16"
                ) from None
            self._names.append(entry.lower().rstrip("."))

    def permits(self, host: str, address: Address) -> bool:
        """Whether `host`, resolved to `address`, may be called there."""
        seen = _meant(address)
        if any(seen in network for network in self._networks if network.version == seen.version):
            return True
        if any(seen in network for network in _METADATA if network.version == seen.version):
            return False
        if _public(seen):
            return True
        name = host.lower().rstrip(".")
        return any(fnmatchcase(name, pattern) for pattern in self._names)


def _public(address: Address) -> bool:
    if any(address in network for network in _RESERVED if network.version == address.version):
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL:
        return False
    return address.is_global and not address.is_multicast


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it stands for one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    number = int(address)
    carried = number > 1 and any(address in network for network in _CARRIERS)  # :: and ::1 are themselves
    if carried or (number >> 32) & 0xFDFF_FFFF == _ISATAP:
        return ipaddress.IPv4Address(number & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


class Resolver:
    """Names to addresses that may be called, in threads of its own: a name that never answers holds one of them."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._threads = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="resolve")
        self._asked: dict[tuple[str, int], asyncio.Future[list[Address]]] = {}

    async def addresses(self, host: str, port: int) -> list[Address]:
        """Where `host` may be called; raises Blocked where nowhere, Transient where the name does not resolve."""
        found = await self._resolve(host, port)
        permitted = [address for address in found if self._guard.permits(host, address)]
        if not permitted:
            named = ", ".join(str(address) for address in found)
            raise Blocked(
                f"{host} leads to {named}: a private or reserved address, which is not called; "
                "add the host to outbound.allow_hosts if it is meant"
            )
        return permitted

    async def _resolve(self, host: str, port: int) -> list[Address]:
        try:
            return [ipaddress.ip_address(host.strip("[]").split("%")[0])]
        except ValueError:
            pass
        asked = self._asked.get((host, port))
        if asked is None:
            # Shared by all who ask meanwhile: after a timeout the thread still waits, and must not be joined by more.
            asked = asyncio.get_running_loop().run_in_executor(self._threads, _lookup, host, port)
            self._asked[host, port] = asked
            asked.add_done_callback(lambda done: self._forget(host, port, done))
        return await asyncio.shield(asked)

    def _forget(self, host: str, port: int, done: asyncio.Future[list[Address]]) -> None:
        self._asked.pop((host, port), None)
        if not done.cancelled():
            done.exception()  # seen, even where everyone who asked has given up

    def close(self) -> None:
        """Give the threads up; one that still waits for an answer ends with it."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _lookup(host: str, port: int) -> list[Address]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Transient(f"the name {host} does not resolve: {error}") from error
    unique = dict.fromkeys(str(row[4][0]).split("%")[0] for row in rows)
    return [ipaddress.ip_address(text) for text in unique]
