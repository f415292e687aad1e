"""The sources of schema changes, one model a kind; which keys a feed takes follows from its `type`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from watcher.formats.sql.dialects import PLATFORMS, dialect_of, platform
from watcher.settings.documents import Document, Duration

WAREHOUSES = (
    "debezium",
    "ddl",
    "openlineage",
    "bigquery",
    "snowflake",
    "trino",
    "databricks",
    "redshift",
    "glue",
)
"""Warehouse sources that come over Kafka, as `type` names them."""

_NAME = "The feed's name: the first part of each position. Never reuse one."


class RegistryFeedSettings(Document):
    """A schema registry's topic."""

    name: str = Field(description=_NAME)
    type: Literal["registry-topic"] = Field("registry-topic", description="What the source speaks.")
    topic: str = Field("_schemas", description="The topic that the source writes.")
    namespace: str = Field(description="The namespace of its datasets, such as `kafka://prod`.")
    naming: Literal["topic", "record", "topic-record"] = Field(
        "topic", description="The subject naming strategy: how a subject becomes a dataset."
    )
    topics: tuple[str, ...] = Field((), description="Topics that are known, for `topic-record` subjects.")
    datasets: dict[str, str] = Field(
        default_factory=dict, description="Subject → dataset, where the strategy does not say it."
    )
    group: str = Field("watcher", description="The consumer group that the workers share.")
    runtime: Literal["faust", "confluent"] = Field("faust", description="Which runtime reads the topic.")
    default_level: str = Field("BACKWARD", description="The registry's own level, where no record sets one.")
    default_policy: Literal["STRICT", "LENIENT"] = Field(
        "STRICT", description="How the registry reads JSON Schema's open objects, where no record says it."
    )


class SnapshotSettings(Document):
    """Looks at the database itself: what the feed has missed is found, and what it only touched is read again."""

    url: str | None = Field(
        None,
        description="How the database is reached, as SQLAlchemy writes it, best as `env:NAME` or `file:/path`; "
        "a `postgres` feed takes its own.",
    )
    every: Duration = Field(dt.timedelta(minutes=15), description="How often all tables are looked at.")
    schemas: tuple[str, ...] = Field((), description="The schemas that are looked at; none: all that can be seen.")
    timeout: Duration = Field(dt.timedelta(minutes=1), description="How long one question may take.")


def _dialect(value: str) -> str:
    if platform(value) is None:
        raise ValueError(f"the dialect {value!r} is not known: known are {', '.join(sorted(PLATFORMS))}")
    return value


class _Tables(Document):
    name: str = Field(description=_NAME)
    namespace: str = Field(description="The namespace of its datasets, such as `snowflake://acme-prod`.")
    dialect: Annotated[str, AfterValidator(_dialect)] | None = Field(
        None, description="The platform's dialect, where the namespace does not say it."
    )
    database: str | None = Field(None, description="Where names live that say no database (catalogue, project).")
    schema_: str | None = Field(None, alias="schema", description="Where names live that say no schema (dataset).")
    include: tuple[str, ...] = Field((), description="Patterns of table names that are watched; none: all.")
    exclude: tuple[str, ...] = Field((), description="Patterns of table names that are not watched.")
    snapshot: SnapshotSettings | None = Field(None, description="Looks at the database itself.")

    @property
    def spoken(self) -> str:
        """The dialect of its statements and types."""
        return self.dialect or dialect_of(self.namespace) or "trino"

    @property
    def place(self) -> tuple[str, ...]:
        """The database and schema of names that say less."""
        return tuple(one for one in (self.database, self.schema_) if one)

    @model_validator(mode="after")
    def _says_its_dialect(self) -> _Tables:
        # Lineage events carry namespaces and types of their own, for files and topics too.
        if self.dialect is None and dialect_of(self.namespace) is None and self._needs_dialect():
            known = ", ".join(sorted(PLATFORMS))
            raise ValueError(f"`{self.namespace}` names no platform: set `dialect` to one of {known}")
        return self

    def _needs_dialect(self) -> bool:
        return True


class WarehouseFeedSettings(_Tables):
    """A warehouse's DDL over Kafka, or sent to the watcher (`ddl` without a topic)."""

    type: Literal["debezium", "ddl", "openlineage", "bigquery", "snowflake", "trino", "databricks", "redshift", "glue"]
    topic: str | None = Field(None, description="The topic that carries it; only a `ddl` feed may go without.")
    registry_url: str | None = Field(
        None, description="The schema registry whose framing the records have, where they are Avro."
    )
    group: str | None = Field(
        None, description="The consumer group that the workers share; `watcher-` and the feed's name if not set."
    )
    runtime: Literal["faust", "confluent"] = Field("faust", description="Which runtime reads the topic.")

    def _needs_dialect(self) -> bool:
        return self.type not in {"openlineage", "glue"}

    @model_validator(mode="after")
    def _has_a_topic(self) -> WarehouseFeedSettings:
        if self.topic is None and self.type != "ddl":
            raise ValueError(f"a `{self.type}` feed needs the `topic` that carries it")
        if self.snapshot is not None and self.snapshot.url is None:
            raise ValueError("`snapshot` needs the `url` of the database")
        return self


def _postgres_url(value: str) -> str:
    plain = not value.startswith(("env:", "file:"))
    if plain and not value.startswith(("postgresql://", "postgres://")):
        raise ValueError(
            "a `postgres` feed's url begins with postgresql://, or says where it is read: env:NAME, file:/path"
        )
    return value


class PostgresFeedSettings(_Tables):
    """PostgreSQL's own DDL, written down by event triggers (`deploy/postgres/watcher.sql`)."""

    type: Literal["postgres"]
    url: Annotated[str, AfterValidator(_postgres_url)] = Field(
        description="`postgresql://user:password@host/database`, best as `env:NAME` or `file:/path`: the reader's role."
    )
    snapshot: SnapshotSettings = Field(
        default_factory=SnapshotSettings,
        description="Looks at the database itself; the first one is what stands before the first change is heard.",
    )


def _kind(value: Any) -> str:
    kind = value.get("type", "registry-topic") if isinstance(value, dict) else getattr(value, "type", "")
    return "warehouse" if kind in WAREHOUSES else str(kind)


TablesFeed: TypeAlias = WarehouseFeedSettings | PostgresFeedSettings
FeedSettings: TypeAlias = RegistryFeedSettings | WarehouseFeedSettings | PostgresFeedSettings


class TopicSettings(NamedTuple):
    """What a feed that comes over Kafka is read with."""

    feed: str
    topic: str
    group: str
    runtime: Literal["faust", "confluent"]
    registry_url: str | None = None


def topic_of(feed: FeedSettings) -> TopicSettings | None:
    """How a feed is read from Kafka; None where it comes another way."""
    if isinstance(feed, RegistryFeedSettings):
        return TopicSettings(feed.name, feed.topic, feed.group, feed.runtime)
    if isinstance(feed, WarehouseFeedSettings) and feed.topic is not None:
        group = feed.group or f"watcher-{feed.name}"
        return TopicSettings(feed.name, feed.topic, group, feed.runtime, feed.registry_url)
    return None


KINDS = ("registry-topic", *WAREHOUSES, "postgres")
"""All values of a feed's `type`."""

TAGS = frozenset({"registry-topic", "warehouse", "postgres"})
"""What pydantic puts into a mistake's place for the kind of the feed: not a key of the file."""

AnyFeed = Annotated[
    Annotated[RegistryFeedSettings, Tag("registry-topic")]
    | Annotated[WarehouseFeedSettings, Tag("warehouse")]
    | Annotated[PostgresFeedSettings, Tag("postgres")],
    Discriminator(_kind),
]
