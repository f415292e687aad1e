"""What a Kafka client is told: where the cluster is, and the settings that everything here relies on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from confluent_kafka import KafkaError

from watcher.kafka.errors import Occasion, translate
from watcher.model.errors import WatcherError

ClientConfig: TypeAlias = dict[str, str | int | bool | Callable[[KafkaError], None]]
Trouble: TypeAlias = Callable[[WatcherError], None]
"""Told of what the client meets in the background; called from within a client's own calls, so it must be quick."""

SESSION_TIMEOUT_MS = 10_000
DELIVERY_TIMEOUT_MS = 30_000


class Cluster(Protocol):
    """How a cluster is reached; the settings' own document fits it, and so does `KafkaSettings`."""

    @property
    def bootstrap_servers(self) -> str:
        """Brokers to begin with, `host:port` joined by commas."""
        ...

    @property
    def client_id(self) -> str:
        """How the brokers see this program."""
        ...

    @property
    def options(self) -> Mapping[str, str]:
        """Security options by the names that librdkafka gives them: `security.protocol`, `sasl.*`, `ssl.*`."""
        ...


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """How a cluster is reached."""

    bootstrap_servers: str
    client_id: str = "watcher"
    options: Mapping[str, str] = field(default_factory=dict)


def ignore(_: WatcherError) -> None:
    """Nobody wants to hear: the call at hand tells its own failure."""


def client_config(cluster: Cluster, trouble: Trouble = ignore) -> ClientConfig:
    """What all clients share; what is set here wins over the options."""
    occasion = Occasion(cluster.bootstrap_servers)
    return {
        **cluster.options,
        "bootstrap.servers": cluster.bootstrap_servers,
        "client.id": cluster.client_id,
        "error_cb": lambda error: trouble(translate(error, occasion)),
        # librdkafka would write to standard error behind our logger's back; what matters arrives at `error_cb`.
        "log_level": 2,
        # A broker that comes back is found within two seconds, not ten.
        "reconnect.backoff.max.ms": 2_000,
        "socket.keepalive.enable": True,
    }


def consumer_config(cluster: Cluster, group: str, trouble: Trouble = ignore) -> ClientConfig:
    """A reader that acknowledges by hand and never skips: lost positions are an error, not a jump."""
    return {
        **client_config(cluster, trouble),
        "group.id": group,
        "enable.auto.commit": True,  # commits in the background, but only what `acknowledge` has stored
        "auto.commit.interval.ms": 500,
        "enable.auto.offset.store": False,
        # The ledger says where to read on. Where it points to nothing, going on would lose something.
        "auto.offset.reset": "error",
        "enable.partition.eof": True,
        # A registration that was aborted never happened.
        "isolation.level": "read_committed",
        "session.timeout.ms": SESSION_TIMEOUT_MS,
        "heartbeat.interval.ms": SESSION_TIMEOUT_MS // 4,
        "fetch.wait.max.ms": 100,
        # 16 MiB ahead of the reader, not librdkafka's 64: memory stays flat during a catch-up.
        "queued.max.messages.kbytes": 16_384,
    }


def producer_config(cluster: Cluster, trouble: Trouble = ignore) -> ClientConfig:
    """A writer whose confirmation means kept: all replicas, in order, no doubles from its own retries."""
    return {
        **client_config(cluster, trouble),
        "acks": "all",
        "enable.idempotence": True,
        # The outbox tries again; a broker that is away must not hold an attempt for librdkafka's five minutes.
        "delivery.timeout.ms": DELIVERY_TIMEOUT_MS,
        # A topic that is not there is told after this, not after the whole delivery timeout.
        "topic.metadata.propagation.max.ms": 5_000,
        "linger.ms": 2,
    }
