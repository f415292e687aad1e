"""Channels that other packages bring by an entry point: found by name, loaded when one is configured, never trusted.

A package's fault is told with its name and keeps nothing else from being read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, SecretStr

from watcher.delivery.http import HttpDoor
from watcher.delivery.tracker import Compose
from watcher.model.errors import ConfigurationError
from watcher.ports import Channel, Clock
from watcher.settings.secrets import revealed

GROUP = "watcher.channels"
"""The entry points' group: the name is the `type`, the object (or class, or module) fits `ChannelType`."""

_Made = TypeVar("_Made")


class ChannelType(Protocol):
    """What stands behind a `type`."""

    @property
    def settings(self) -> type[BaseModel]:
        """The service's own keys; a secret is a `SecretStr`, and reads `env:NAME` and `file:/path`."""
        ...

    @property
    def route(self) -> Mapping[str, bool]:
        """What a domain may say beside the channel's name, and whether it must."""
        ...

    def build(self, door: HttpDoor, clock: Clock, compose: Compose, options: Any, name: str) -> Channel:
        """The channel; `options` are what `settings` made of its keys, `name` is what the settings call it."""
        ...


def brought() -> frozenset[str]:
    """The types that packages bring; nothing of them is imported."""
    return frozenset(point.name for point in entry_points(group=GROUP))


def plug_in(name: str, taken: frozenset[str]) -> ChannelType:
    """What a package brings by that name, without any of the `taken` keys; ConfigurationError where it is broken."""
    return _loaded(_point(name), taken)


def build_plug_in(  # noqa: PLR0913, PLR0917 - what a channel is built with
    door: HttpDoor, clock: Clock, compose: Compose, kind: str, options: BaseModel, name: str
) -> Channel:
    """A package's channel, with its secrets read; raises ConfigurationError, which names the package."""
    point = _point(kind)
    found = _loaded(point, frozenset())
    secrets = {
        key: SecretStr(revealed(one))
        for key in type(options).model_fields
        if isinstance(one := getattr(options, key), SecretStr)
    }
    told = options.model_copy(update=secrets)
    channel = _faultless(lambda: found.build(door, clock, compose, told, name), f"{_whose(point)} cannot be built")
    if not callable(getattr(channel, "send", None)):
        raise ConfigurationError(f"{_whose(point)} built something that has no `send`: mend the package")
    return channel


def _point(name: str) -> EntryPoint:
    points = {(one.value, _package(one)): one for one in entry_points(group=GROUP, name=name)}
    if not points:
        raise ConfigurationError(f"no package brings the channel type {name!r} (any more): install it")
    if len(points) > 1:
        packages = " and ".join(sorted({_package(one) for one in points.values()}))
        raise ConfigurationError(f"the channel type {name!r} is brought by {packages}: uninstall all but one")
    return next(iter(points.values()))


def _loaded(point: EntryPoint, taken: frozenset[str]) -> ChannelType:
    whose = _whose(point)
    found = _faultless(point.load, f"{whose} cannot be loaded")
    if isinstance(found, type):
        found = _faultless(found, f"{whose} cannot be made")
    model, route = getattr(found, "settings", None), getattr(found, "route", None)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise ConfigurationError(f"{whose} has no `settings`, a class of pydantic's BaseModel: mend the package")
    if not isinstance(route, Mapping) or not callable(getattr(found, "build", None)):
        raise ConfigurationError(f"{whose} needs `route`, a mapping of keys, and `build`: mend the package")
    clash = sorted(taken & set(model.model_fields))
    if clash:
        raise ConfigurationError(f"{whose} has a key `{clash[0]}`, which every channel has: mend the package")
    told: ChannelType = found
    return told


def _faultless(make: Callable[[], _Made], what: str) -> _Made:
    """What a package's code makes; whatever it raises is told as its fault, without words that may hold a secret."""
    try:
        return make()
    except ConfigurationError:
        raise
    except (Exception, SystemExit) as error:
        words = f": {error}" if isinstance(error, ImportError) else ""
        raise ConfigurationError(
            f"{what} ({type(error).__name__}{words}): mend the package, or leave it out"
        ) from error


def _whose(point: EntryPoint) -> str:
    return f"the channel type {point.name!r} of {_package(point)}"


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.value
