"""Questions to a cluster that change nothing in it, and the one act that does: making topics, for tests and doctor."""

from collections.abc import Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from watcher.kafka.client import Cluster, Trouble, client_config, ignore
from watcher.kafka.errors import Occasion, translate
from watcher.model.errors import Transient

_TIMEOUT_S = 10.0


class Queries:
    """A client that only asks. Safe to call from several threads; each call is bounded by its timeout in seconds."""

    def __init__(self, cluster: Cluster, trouble: Trouble = ignore, group: str | None = None) -> None:
        self._servers = cluster.bootstrap_servers
        self._group = group or cluster.client_id
        # A consumer, because a producer's question about a topic makes the topic where the broker allows that.
        config = {**client_config(cluster, trouble), "group.id": self._group, "enable.auto.commit": False}
        try:
            self._client = Consumer(config)
        except KafkaException as error:
            raise translate(error, Occasion(self._servers)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def topics(self, timeout: float = _TIMEOUT_S) -> Mapping[str, int]:
        """All topics that we may see, with their number of partitions."""
        try:
            found = self._client.list_topics(timeout=timeout).topics
        except KafkaException as error:
            raise self._told(error) from error
        return {str(name): len(topic.partitions) for name, topic in found.items()}

    def partitions(self, topic: str, timeout: float = _TIMEOUT_S) -> Sequence[int]:
        """The topic's partitions; a topic that is not there, or not ours to see, is a `ConfigurationError`."""
        try:
            found = self._client.list_topics(topic, timeout=timeout).topics[topic]
        except KafkaException as error:
            raise self._told(error, topic) from error
        if found.error is not None:
            raise translate(found.error, Occasion(self._servers, topic=topic))
        return sorted(int(partition) for partition in found.partitions)

    def watermarks(self, topic: str, timeout: float = _TIMEOUT_S) -> Mapping[int, tuple[int, int]]:
        """Each partition's lowest offset, and the offset that its next record will get."""
        return {partition: self.watermark(topic, partition, timeout) for partition in self.partitions(topic, timeout)}

    def watermark(self, topic: str, partition: int, timeout: float = _TIMEOUT_S) -> tuple[int, int]:
        """One partition's lowest offset, and the offset that its next record will get."""
        try:
            return self._client.get_watermark_offsets(TopicPartition(topic, partition), timeout=timeout)
        except KafkaException as error:
            raise self._told(error, topic) from error

    def ask_group(self, topic: str, timeout: float = _TIMEOUT_S) -> None:
        """Return when the group's coordinator lets us see the group.

        Not through the admin client: librdkafka 2.16 crashes there while a coordinator is still loading
        (ListConsumerGroupOffsets), as it is when a cluster's first group is asked for.
        """
        try:
            self._client.committed([TopicPartition(topic, 0)], timeout=timeout)
        except KafkaException as error:
            # A refused coordinator is asked again and again, and the refusal told only as if it were a record.
            told = self._client.poll(0)
            refusal = None if told is None else told.error()
            cause = error if refusal is None else refusal
            raise translate(cause, Occasion(self._servers, topic, self._group)) from error

    def serve(self) -> None:
        """Let the client tell its troubles: it does so only when it is polled."""
        self._client.poll(0)

    def has_controller(self, timeout: float = _TIMEOUT_S) -> bool:
        """Whether someone answers admin requests; in the embedded broker a controller is named that is not there."""
        try:
            found = self._client.list_topics(timeout=timeout)
        except KafkaException as error:
            raise self._told(error) from error
        return found.controller_id in found.brokers

    def _told(self, error: KafkaException, topic: str = "") -> Exception:
        return translate(error, Occasion(self._servers, topic=topic))


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """A topic to be made; `config` as Kafka's topic settings, such as `{"cleanup.policy": "compact"}`."""

    name: str
    partitions: int = 1
    replication_factor: int = -1
    config: Mapping[str, str] = field(default_factory=dict)


def create_topics(cluster: Cluster, plans: Sequence[TopicPlan], timeout: float = _TIMEOUT_S) -> None:
    """Make topics on a real cluster; one that is there already is left as it is."""
    servers = cluster.bootstrap_servers
    try:
        admin = AdminClient(client_config(cluster))  # type: ignore[arg-type] # its stub forbids callbacks, wrongly
        wanted = [NewTopic(p.name, p.partitions, p.replication_factor, config=dict(p.config)) for p in plans]
        answers = admin.create_topics(wanted, operation_timeout=timeout, request_timeout=timeout)
    except KafkaException as error:
        raise translate(error, Occasion(servers)) from error
    for name, answer in answers.items():
        try:
            answer.result(timeout + 1)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise translate(error, Occasion(servers, topic=name)) from error
        except FutureTimeoutError as error:
            raise Transient(f"{servers} did not make topic `{name}` in {timeout:.0f} s: try again") from error
