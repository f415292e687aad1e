"""Settings: one frozen document from YAML and the environment; every mistake names its place and its mend."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from watcher.formats.contracts.problems import DocumentError, Problem
from watcher.formats.contracts.yaml_tree import Mapping as YamlMapping
from watcher.formats.contracts.yaml_tree import Node, YamlError, parse, place, plain
from watcher.model.errors import ConfigurationError
from watcher.settings.channel_types import AnyChannel
from watcher.settings.channels import ChannelSettings
from watcher.settings.documents import Document, Duration
from watcher.settings.feeds import AnyFeed
from watcher.settings.follow_up import FollowUpSettings
from watcher.settings.owners import OwnersSettings
from watcher.settings.secrets import secret
from watcher.settings.wording import keys, told

__all__ = ["EVENTS_CHANNEL", "ChannelSettings", "Settings", "load", "overlay", "secret"]

ENVIRONMENT_PREFIX = "WATCHER_"
EVENTS_CHANNEL = "events"
"""The name of the channel that the breaking-change topic is."""


def _host_port(value: str) -> str:
    for server in value.split(","):
        if not re.fullmatch(r"\s*(?:[a-z_]+://)?\[?[^\s\[\]]+\]?:\d{1,5}\s*", server, re.IGNORECASE):
            raise ValueError(f"{server.strip()!r} is not host:port")
    return value


class KafkaSettings(Document):
    """The cluster that carries the events."""

    bootstrap_servers: Annotated[str, AfterValidator(_host_port)] = Field(
        description="Brokers to begin with, `host:port` joined by commas."
    )
    client_id: str = Field("watcher", description="How the brokers see this program.")
    options: dict[str, str] = Field(
        default_factory=dict,
        description="librdkafka options for security (`security.protocol`, `sasl.*`, `ssl.*`); "
        "a value `env:NAME` or `file:/path` is read from there.",
    )


class EventsSettings(Document):
    """Where breaking-change events go."""

    topic: str = Field("watcher.breaking-changes", description="The topic of breaking-change events.")
    registry_url: str | None = Field(
        None, description="A schema registry: events are then Avro in its framing; JSON otherwise."
    )


class HttpSettings(Document):
    """The watcher's own HTTP interface."""

    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8420, ge=0, le=65_535, description="The port to listen on; 0 takes a free one.")


class OutboundSettings(Document):
    """What the watcher may call."""

    allow_hosts: tuple[str, ...] = Field(
        (), description="Hosts that may be called although they resolve to a private address."
    )


class LogSettings(Document):
    """How the watcher logs, on standard error."""

    style: Literal["auto", "console", "json"] = Field("auto", description="auto: lines on a terminal, JSON otherwise.")
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is worth a line.")


class Settings(Document):
    """The whole configuration."""

    ledger: str = Field(
        "sqlite:///watcher.db",
        description="`sqlite:///file` for one worker, `postgresql://user:password@host/db` when several share it.",
    )
    kafka: KafkaSettings
    feeds: tuple[AnyFeed, ...] = Field(description="Where schema changes are heard.", min_length=1)
    contracts: tuple[Path, ...] = Field(
        (Path("contracts"),), description="Folders of subscriptions and domains; relative to this file; watched."
    )
    owners: OwnersSettings = Field(
        default_factory=OwnersSettings, description="Files of other systems that say who owns what; watched."
    )
    namespaces: dict[str, str] = Field(
        default_factory=dict, description="Short namespace → the namespace that it stands for."
    )
    settle: Duration = Field(
        dt.timedelta(seconds=5),
        description="The window in which a burst of changes is let come to rest; 0 judges each.",
    )
    reopen_within: Duration = Field(
        dt.timedelta(days=14), description="A break that comes back within this time reopens its ticket."
    )
    channels: dict[str, AnyChannel] = Field(default_factory=dict, description="Ways to reach someone, by name.")
    fallback: str | None = Field(None, description="The channel for domains that name none, and for unowned datasets.")
    events: EventsSettings | None = Field(
        default_factory=EventsSettings, description="Breaking-change events on Kafka; null for none."
    )
    follow_up: FollowUpSettings = Field(
        default_factory=FollowUpSettings, description="How tickets are followed up where domains say nothing of it."
    )
    http: HttpSettings = Field(default_factory=HttpSettings, description="The watcher's own HTTP interface.")
    outbound: OutboundSettings = Field(default_factory=OutboundSettings, description="What the watcher may call.")
    log: LogSettings = Field(default_factory=LogSettings, description="How the watcher logs.")


def overlay(document: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """The document with what the environment sets: `WATCHER_KAFKA__BOOTSTRAP_SERVERS` is `kafka.bootstrap_servers`."""
    merged = dict(document)
    for name, text in sorted(environment.items()):
        if not name.startswith(ENVIRONMENT_PREFIX) or name.startswith("WATCHER_TEST_"):
            continue
        keys = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        if keys[0] not in Settings.model_fields:
            continue
        at = merged
        for key in keys[:-1]:
            inner = at.get(key)
            at[key] = dict(inner) if isinstance(inner, dict) else {}
            at = at[key]
        at[keys[-1]] = text
    return merged


def unset() -> Settings:
    """The settings of who has none, for questions about files alone: no cluster and no feed, else the defaults."""
    return Settings.model_construct(kafka=KafkaSettings.model_construct(bootstrap_servers=""), feeds=())


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a file, with what the environment sets over it; all mistakes are told at once, with their places.

    Relative folders and an SQLite file are taken from the file's own folder, wherever the program is started.
    """
    source = str(path)
    try:
        nodes = parse(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}): name the settings with -c FILE") from error
    except YamlError as error:
        raise DocumentError([Problem(source, error.mark.line, error.mark.column, error.message)]) from None
    if len(nodes) > 1 or (nodes and not isinstance(nodes[0], YamlMapping)):
        raise ConfigurationError(f"{path}:1:1: the settings are one mapping of keys, not a list or several documents")
    document = plain(nodes[0]) if nodes else {}
    try:
        document = overlay(document, environment)
        settings = Settings.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False)
        # A list whose only item is refused is "too short" as well: the item's own mistake says it better.
        inner = {details["loc"][0] for details in found if len(details["loc"]) > 1}
        found = [one for one in found if one["type"] != "too_short" or one["loc"][0] not in inner]
        raise DocumentError(_problem(source, nodes[0] if nodes else None, document, one) for one in found) from None
    return _anchored(_checked(settings, source), path.resolve().parent)


def _problem(source: str, node: Node | None, document: Mapping[str, Any], details: Any) -> Problem:
    where = keys(details["loc"])
    mark = place(node, where, key=details["type"] == "extra_forbidden") if node is not None else None
    return Problem(source, mark.line if mark else 1, mark.column if mark else 1, told(Settings, document, details))


def _checked(settings: Settings, source: str) -> Settings:
    """What no single key shows: names that refer to each other."""
    names = [feed.name for feed in settings.feeds]
    if len(set(names)) != len(names):
        raise ConfigurationError(f"{source}: two feeds have the same name; each position begins with it")
    if settings.fallback is not None and settings.fallback not in settings.channels:
        known = ", ".join(sorted(settings.channels)) or "none"
        raise ConfigurationError(f"{source}: `fallback` names the channel {settings.fallback!r}; known are {known}")
    if settings.owners.mail is not None and settings.owners.mail not in settings.channels:
        known = ", ".join(sorted(settings.channels)) or "none"
        raise ConfigurationError(
            f"{source}: `owners.mail` names the channel {settings.owners.mail!r}; known are {known}"
        )
    if EVENTS_CHANNEL in settings.channels:
        raise ConfigurationError(f"{source}: `{EVENTS_CHANNEL}` is the name of the breaking-change topic's own channel")
    return settings


def _anchored(settings: Settings, folder: Path) -> Settings:
    update: dict[str, Any] = {
        "contracts": tuple(folder / one for one in settings.contracts),
        "owners": _with_folder(settings.owners, folder),
    }
    prefix = "sqlite:///"
    if settings.ledger.startswith(prefix) and not settings.ledger.removeprefix(prefix).startswith(("/", ":memory:")):
        update["ledger"] = f"{prefix}{folder / settings.ledger.removeprefix(prefix)}"
    return settings.model_copy(update=update)


def _with_folder(owners: OwnersSettings, folder: Path) -> OwnersSettings:
    """The sources of owners with their paths taken from the folder."""
    anchored: dict[str, Any] = {}
    for key, sources in owners:
        if isinstance(sources, tuple):
            anchored[key] = tuple(one.model_copy(update=_paths(one, folder)) for one in sources)
    return owners.model_copy(update=anchored)


def _paths(source: BaseModel, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in source:
        if isinstance(value, Path):
            found[key] = folder / value
        elif isinstance(value, tuple):
            found[key] = tuple(folder / one if isinstance(one, Path) else one for one in value)
    return found
