"""Routes: where documents say that people are told, held against the channels that there are and what each takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from watcher.delivery.api import strange
from watcher.delivery.tracker import Route
from watcher.model.catalogue import Catalogue
from watcher.model.domain import parse_address
from watcher.model.errors import UsageError, WatcherError
from watcher.settings import Settings
from watcher.settings.channel_types import channel_type
from watcher.settings.channels import ChannelSettings
from watcher.settings.plug_ins import ChannelType


class _Named(NamedTuple):
    source: str
    where: str
    channel: str
    route: tuple[tuple[str, str], ...]


def problems_of(catalogue: Catalogue, settings: Settings) -> list[str]:
    """What is wrong with the channels and routes that documents and settings name, each with its place."""
    found: list[str] = []
    known = ", ".join(sorted(settings.channels)) or "none"
    for source, where, channel, pairs in sorted(set(_named(catalogue, settings))):
        options = settings.channels.get(channel)
        if options is None:
            near = get_close_matches(channel, settings.channels, 1)
            meant = f" (did you mean `{near[0]}`?)" if near else ""
            found.append(
                f"{source}: the channel `{channel}` is not in the settings, which have {known}{meant}; "
                "what is for it waits"
            )
            continue
        route = {**options.defaults, **dict(pairs)}
        found += (f"{source}: {where}, for the channel `{channel}`: {one}" for one in _strange(options, route))
    return list(dict.fromkeys(found))


def _strange(options: ChannelSettings, route: Route) -> Sequence[str]:
    try:
        return route_problems(channel_type(options.type), route)
    except WatcherError as error:
        return [str(error)]


def route_problems(kind: ChannelType, route: Route) -> Sequence[str]:
    """What is wrong with a route by the channel type's own declaration."""
    own = getattr(kind, "check_route", None)
    if callable(own):
        told: Sequence[str] = own(route)
        return told
    missing = [f"`{key}` is missing" for key, needed in kind.route.items() if needed and not route.get(key)]
    return [*missing, *strange(route, list(kind.route))]


def _named(catalogue: Catalogue, settings: Settings) -> Iterator[_Named]:
    for domain in catalogue.domains:
        for route in domain.tickets:
            yield _Named(domain.source, "`tickets`", route.channel, tuple(sorted(route.options)))
        for rung in domain.ladder:
            yield from _addressed(domain.source, "`ladder`", rung.to)
    for subscription in catalogue.subscriptions:
        for told in subscription.notify:
            yield from _addressed(subscription.source, "`notify`", told)
    for step in settings.follow_up.ladder:
        yield from _addressed("settings", "`follow_up.ladder`", step.to)


def _addressed(source: str, where: str, written: str) -> Iterator[_Named]:
    """A channel and an address in it; a channel alone is all right where only people who look there are told."""
    try:
        address = parse_address(written if ":" in written else f"{written}:")
    except UsageError:
        return
    yield _Named(source, where, address.channel, (("to", address.to),) if address.to else ())
