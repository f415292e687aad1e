"""The composition root: the only place that names every edge, and joins them to the handlers."""

from __future__ import annotations

import datetime as dt
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from watcher.compat.levels import check
from watcher.delivery.addresses import Guard
from watcher.delivery.http import HttpDoor
from watcher.delivery.kafka import KafkaChannel
from watcher.delivery.registry import SchemaRegistry
from watcher.feeds.folders import Folders
from watcher.feeds.registry.feed import RegistryFeed
from watcher.feeds.registry.naming import Naming, Strategy
from watcher.feeds.snapshots import Snapshots, open_snapshots
from watcher.feeds.warehouse.facts import Decode
from watcher.feeds.warehouse.feed import Decoders, WarehouseFeed
from watcher.feeds.warehouse.framing import Unframer
from watcher.feeds.warehouse.naming import Naming as TableNaming
from watcher.feeds.warehouse.sources import (
    bigquery,
    databricks,
    ddl,
    debezium,
    glue,
    openlineage,
    postgres,
    redshift,
    snowflake,
    trino,
)
from watcher.formats.read import read_registered, read_schema
from watcher.handlers.hearing.observe import Observer
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.policy import Policy
from watcher.handlers.judging.shelf import Shelf
from watcher.kafka.client import KafkaSettings
from watcher.kafka.emitter import Emitter
from watcher.ledger import open_ledger
from watcher.ledger.connect import SqlLedger
from watcher.model.catalogue import Catalogue
from watcher.model.compatibility import Incompatibility
from watcher.model.domain import Rung, Span
from watcher.model.schema import Format, Schema
from watcher.ports import Channel, Clock, Feed
from watcher.settings import EVENTS_CHANNEL, Settings, secret
from watcher.settings.channel_types import build_channel
from watcher.settings.channels import PROGRAMS
from watcher.settings.feeds import (
    FeedSettings,
    PostgresFeedSettings,
    RegistryFeedSettings,
    SnapshotSettings,
    TablesFeed,
    topic_of,
)
from watcher.settings.linking import composer
from watcher.settings.owner_sources import owners
from watcher.settings.routes import problems_of
from watcher.telemetry import Metrics

REGISTRY_FORMATS = frozenset({Format.AVRO.value, Format.JSON.value, Format.PROTOBUF.value})
"""What a registry carries; formats that cannot be read yet are told as unreadable, never passed over."""


DECODERS: Mapping[str, Decode] = {
    "bigquery": bigquery.decode,
    "databricks": databricks.decode,
    "ddl": ddl.decode,
    "debezium": debezium.decode,
    "glue": glue.decode,
    "openlineage": openlineage.decode,
    "postgres": postgres.decode,
    "redshift": redshift.decode,
    "snowflake": snowflake.decode,
    "trino": trino.decode,
}
"""What a warehouse's feed speaks, by its `type`."""

PEOPLE = frozenset({"slack", "teams", "mail"})
"""Types of channels that people read as it arrives: quiet hours and digests are for them."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> dt.datetime:
        """The moment, in UTC."""
        return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A feed of DDL, and how its database is looked at, where it is."""

    name: str
    feed: WarehouseFeed
    url: str | None
    snapshot: SnapshotSettings | None
    database: str | None

    def open_snapshots(self) -> Snapshots:
        """A connection for looks; raises ConfigurationError where the settings cannot be followed."""
        assert self.snapshot is not None  # noqa: S101 - asked for only where there is one
        url = self.snapshot.url or self.url or ""
        timeout = self.snapshot.timeout.total_seconds()
        return open_snapshots(secret(url), database=self.database, schemas=self.snapshot.schemas, timeout=timeout)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a daemon is made of, joined and not started."""

    settings: Settings
    kafka: KafkaSettings
    clock: Clock
    metrics: Metrics
    ledger: SqlLedger
    folders: Folders
    judgement: Judgement
    observers: Mapping[str, Observer]
    warehouses: Mapping[str, Warehouse]
    unframers: Mapping[str, Unframer]
    """For feeds whose records a schema registry frames, by name."""
    door: HttpDoor
    channels: Mapping[str, Channel]
    worker: str


def build(settings: Settings, metrics: Metrics) -> Parts:
    """The parts of a daemon; opens the ledger (and locks it, where it is a file), calls nobody.

    Raises ConfigurationError where a setting cannot be followed.
    """
    clock = SystemClock()
    kafka = kafka_settings(settings)
    door = HttpDoor(Guard(settings.outbound.allow_hosts))
    letters = composer(settings, clock)
    channels = {
        name: build_channel(name, one, door, clock, letters(one.type)) for name, one in settings.channels.items()
    }
    folders = contract_folders(settings)
    judgement = build_judgement(settings, folders)
    ledger = open_ledger(settings.ledger)
    warehouses = {feed.name: _warehouse(feed) for feed in settings.feeds if not isinstance(feed, RegistryFeedSettings)}
    if settings.events is not None:
        channels[EVENTS_CHANNEL] = _events_channel(settings, kafka, door)
    return Parts(
        settings=settings,
        kafka=kafka,
        clock=clock,
        metrics=metrics,
        ledger=ledger,
        folders=folders,
        judgement=judgement,
        observers={feed.name: Observer(_feed(feed, warehouses), judgement) for feed in settings.feeds},
        warehouses=warehouses,
        unframers={
            topic.feed: Unframer(SchemaRegistry(door, topic.registry_url).schema)
            for feed in settings.feeds
            if (topic := topic_of(feed)) is not None and topic.registry_url is not None
        },
        door=door,
        channels=channels,
        worker=f"{socket.gethostname()}-{os.getpid()}",
    )


def kafka_settings(settings: Settings) -> KafkaSettings:
    """How the cluster is reached, with secrets read from where the settings say."""
    options = {key: secret(value) for key, value in settings.kafka.options.items()}
    return KafkaSettings(settings.kafka.bootstrap_servers, settings.kafka.client_id, options)


def contract_folders(settings: Settings, instead: Sequence[Path] = ()) -> Folders:
    """The folders of contracts and domains, or others in their place, and owners; nothing is read yet."""
    return Folders(instead or settings.contracts, settings.namespaces, read_schema, owners(settings.owners))


def build_judgement(settings: Settings, folders: Folders) -> Judgement:
    """How changes are judged, by the contracts that are in force at the moment of each."""
    return Judgement(
        catalogue=lambda: folders.catalogue,
        shelf=Shelf(read_registered),
        parse=read_schema,
        check=check_reader,
        settle=settings.settle,
        reopen_within=settings.reopen_within,
        events=EVENTS_CHANNEL if settings.events is not None else None,
        fallback=settings.fallback,
        whole=lambda: folders.whole,
        policy=policy(settings),
    )


def policy(settings: Settings) -> Policy:
    """How tickets are followed up where domains say nothing of it."""
    one = settings.follow_up
    return Policy(
        arbiters=one.arbiters,
        may_waive=one.may_waive,
        ladder=tuple(Rung(Span.of(rung.after), rung.to) for rung in one.ladder),
        url=one.url,
        leadership=one.leadership,
        channels=frozenset(settings.channels),
        trackers=frozenset(name for name, each in settings.channels.items() if each.type not in PEOPLE),
        programs=frozenset(name for name, each in settings.channels.items() if isinstance(each, PROGRAMS)),
    )


def unknown_channels(catalogue: Catalogue, settings: Settings) -> tuple[str, ...]:
    """What documents say of channels that the settings cannot follow, each with its place: what goes there waits."""
    return tuple(problems_of(catalogue, settings))


def _feed(feed: FeedSettings, warehouses: Mapping[str, Warehouse]) -> Feed:
    return build_feed(feed) if isinstance(feed, RegistryFeedSettings) else warehouses[feed.name].feed


def _warehouse(feed: TablesFeed) -> Warehouse:
    url = feed.url if isinstance(feed, PostgresFeedSettings) else None
    return Warehouse(feed.name, build_warehouse(feed), url, feed.snapshot, feed.database)


def build_warehouse(feed: TablesFeed) -> WarehouseFeed:
    """A warehouse's language, with an empty memory."""
    naming = TableNaming(feed.namespace, feed.include, feed.exclude)
    decoders = Decoders(DECODERS[feed.type], ddl.decode)
    rereads = feed.snapshot is not None
    return WarehouseFeed(feed.name, decoders, naming, dialect=feed.spoken, place=feed.place, rereads=rereads)


def build_feed(feed: RegistryFeedSettings) -> RegistryFeed:
    """A source's language, with an empty memory."""
    naming = Naming(feed.namespace, Strategy(feed.naming), feed.datasets, feed.topics)
    return RegistryFeed(
        feed.name,
        naming,
        read_registered,
        parsed=REGISTRY_FORMATS,
        default_level=feed.default_level,
        default_policy=feed.default_policy,
    )


def check_reader(reader: Schema, writer: Schema) -> tuple[Incompatibility, ...]:
    """Whether a consumer's reader schema can read what a writer's schema writes, as their format defines it."""
    return check(reader, writer)


def _events_channel(settings: Settings, kafka: KafkaSettings, door: HttpDoor) -> KafkaChannel:
    events = settings.events
    assert events is not None  # noqa: S101 - asked for only where there is one
    registry = SchemaRegistry(door, events.registry_url) if events.registry_url else None
    return KafkaChannel(lambda: Emitter(kafka), events.topic, registry=registry)
