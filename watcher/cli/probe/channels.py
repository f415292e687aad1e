"""The channels: can their secrets be had, and may their addresses be called; nothing is sent."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from pydantic import AnyUrl

from watcher.cli.probe import Findings
from watcher.delivery.addresses import Guard
from watcher.delivery.http import check_url
from watcher.delivery.webhook import signer
from watcher.model.errors import ConfigurationError, Transient
from watcher.settings import Settings
from watcher.settings.channels import ChannelSettings, PlugInChannelSettings, SlackChannelSettings
from watcher.settings.secrets import revealed


def probe(settings: Settings, findings: Findings) -> None:
    """Look at each channel."""
    guard = Guard(settings.outbound.allow_hosts)
    for name, channel in settings.channels.items():
        about = f"channel {name}"
        with findings.asking(about):
            for one in channel.secrets_of():
                told = revealed(one)
                if channel.type == "webhook":
                    signer(told)
            if channel.type == "webhook" and not list(channel.secrets_of()):
                raise ConfigurationError("it has no secret: its receiver could not tell the watcher from others")
            called = list(_called(channel))
            for address in called:
                check_url(address)
            if called:
                hosts = ", ".join(dict.fromkeys(_reach(one, guard) for one in called))
                findings.ok(about, f"its secrets can be read, its address may be called ({hosts})")
            elif isinstance(channel, PlugInChannelSettings):
                told = "its secrets can be read; none of its keys is an address: where it calls was not checked"
                findings.look(about, told)
            else:
                findings.ok(about, "its secrets can be read")
            if isinstance(channel, SlackChannelSettings) and channel.token is not None and channel.hook is None:
                findings.look(about, "no buttons: nothing that is pressed would be taken; set `hook.secrets` for them")
    if not settings.channels:
        findings.look("channels", "there are none: breaking changes reach the events topic only")
    elif settings.fallback is None:
        findings.look("channels", "no `fallback`: what nobody owns reaches the events topic only")


def _called(channel: ChannelSettings) -> Iterator[str]:
    """Where a channel calls, as far as its settings say it openly; of a package's, whatever reads as an address."""
    if channel.address is not None:
        yield channel.address
    if isinstance(channel, PlugInChannelSettings):
        fields = type(channel.own).model_fields
        values = (getattr(channel.own, name) for name in fields)
        written = (str(one) for one in values if isinstance(one, str | AnyUrl))
        yield from (one for one in written if one.lower().startswith(("http://", "https://")))


def _reach(address: str, guard: Guard) -> str:
    url = urlsplit(address)
    host = url.hostname or ""
    try:
        found = socket.getaddrinfo(host, url.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Transient(f"the name {host} does not resolve: {error}") from error
    addresses = {ipaddress.ip_address(str(row[4][0]).split("%")[0]) for row in found}
    if not any(guard.permits(host, one) for one in addresses):
        named = ", ".join(sorted(map(str, addresses)))
        raise ConfigurationError(
            f"{host} leads to {named}, a private or reserved address that is not called: "
            "add the host to outbound.allow_hosts if it is meant"
        )
    return host
