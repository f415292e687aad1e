"""The confluent consumer as the feeds see it: raw records in, acknowledgements out, errors in our own tree."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from watcher.kafka.client import Cluster, Trouble, consumer_config, ignore
from watcher.kafka.errors import Occasion, translate
from watcher.model.dataset import Position, RawRecord
from watcher.model.errors import Fatal, Transient

_CALL_S = 10.0
_MILLIS_UNKNOWN = -1


class Place(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int


Starts: TypeAlias = Callable[[Sequence[Place]], Mapping[Place, int]]
"""Asked for the offset to read on from, for each partition that has just become ours."""
Losses: TypeAlias = Callable[[Sequence[Place]], None]


class Reader:
    """A consumer: a member of a group (`join`), or one that reads what it is told (`assign`).

    Not for several threads at once. Callbacks run inside `read` and `close`; what they raise comes out there.
    Acknowledged offsets are committed in the background, for lag tools only: where to read on is the ledger's to say.
    """

    def __init__(self, cluster: Cluster, group: str, sources: Mapping[str, str], trouble: Trouble = ignore) -> None:
        self._sources = dict(sources)
        self._occasion = Occasion(cluster.bootstrap_servers, group=group)
        self._trouble = trouble
        self._positions: dict[Place, int] = {}
        try:
            self._client = Consumer(consumer_config(cluster, group, trouble))
        except KafkaException as error:
            raise self._told(error) from error

    def join(self, starts: Starts, losses: Losses) -> None:
        """Become a member of the group for all topics of `sources`; partitions arrive during `read`."""

        def gained(client: Consumer, partitions: list[TopicPartition]) -> None:
            places = _places(partitions)
            self._positions.update(starts(places))
            client.assign([TopicPartition(*place, self._positions[place]) for place in places])

        def revoked(client: Consumer, partitions: list[TopicPartition]) -> None:
            places = _places(partitions)
            for place in places:
                self._positions.pop(place, None)
            losses(places)
            client.unassign()

        try:
            self._client.subscribe(list(self._sources), on_assign=gained, on_revoke=revoked, on_lost=revoked)
        except KafkaException as error:
            raise self._told(error) from error

    def assign(self, starts: Mapping[Place, int]) -> None:
        """Read these partitions from these offsets, without a group: for the bulk catch-up."""
        self._positions = dict(starts)
        try:
            self._client.assign([TopicPartition(*place, offset) for place, offset in starts.items()])
        except KafkaException as error:
            raise self._told(error) from error

    def read(self, limit: int = 500, timeout: float = 0.5) -> list[RawRecord]:
        """The next records, at most `limit`, in order within a partition; empty when none came in `timeout` seconds.

        A passing error is told to `trouble`, and the client goes on; any other is raised, and the records that came
        with it are not given: they have not been acknowledged, and are read again after a restart.
        """
        try:
            messages = self._client.consume(limit, timeout)
        except KafkaException as error:
            raise self._told(error) from error
        return [record for message in messages if (record := self._record(message)) is not None]

    def positions(self) -> Mapping[Place, int]:
        """The next offset of each partition that is ours; past gaps and transaction marks, so it can meet the end."""
        return dict(self._positions)

    def acknowledge(self, nexts: Mapping[Place, int]) -> None:
        """These offsets are next: what lies before them is in the ledger. A partition just lost is passed over."""
        ours = [TopicPartition(*place, offset) for place, offset in nexts.items() if place in self._positions]
        if not ours:
            return
        try:
            self._client.store_offsets(offsets=ours)
        except KafkaException as error:
            # Between our look and the call the group may have taken the partition away.
            if error.args[0].code() != KafkaError._STATE:  # noqa: SLF001 - the library's spelling
                raise self._told(error) from error

    def commit(self) -> None:
        """Commit what is acknowledged, now; a group that has moved on is told to `trouble`."""
        try:
            self._client.commit(asynchronous=False)
        except KafkaException as error:
            if error.args[0].code() == KafkaError._NO_OFFSET:  # noqa: SLF001 - nothing acknowledged since the last
                return
            told = self._told(error)
            if not isinstance(told, Transient):
                raise told from error
            self._trouble(told)

    def pause(self) -> None:
        """Fetch nothing more, and stay a member: call `read` on, so that the group sees life."""
        self._client.pause([TopicPartition(*place) for place in self._positions])

    def resume(self) -> None:
        """Fetch again."""
        self._client.resume([TopicPartition(*place) for place in self._positions])

    def watermark(self, place: Place, timeout: float = _CALL_S) -> tuple[int, int]:
        """A partition's lowest offset, and the offset that its next record will get."""
        try:
            return self._client.get_watermark_offsets(TopicPartition(*place), timeout=timeout)
        except KafkaException as error:
            raise self._told(error, place.topic) from error

    def close(self) -> None:
        """Commit what is acknowledged and leave the group."""
        self._client.close()
        self._positions.clear()

    def _record(self, message: Message) -> RawRecord | None:
        topic, partition, offset = message.topic() or "", message.partition(), message.offset()
        error = message.error()
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the library's spelling
                self._moved(Place(topic, partition or 0), offset or 0)
                return None
            told = translate(error, self._at(topic))
            if not isinstance(told, Transient):
                raise told
            self._trouble(told)
            return None
        if partition is None or offset is None:
            raise Fatal(f"the Kafka client gave a record of {topic} without its place")
        self._moved(Place(topic, partition), offset + 1)
        millis = message.timestamp()[1]
        return RawRecord(
            Position(self._sources[topic], partition, offset),
            message.key(),
            message.value(),
            None if millis == _MILLIS_UNKNOWN else millis,
            _headers(message),
        )

    def _moved(self, place: Place, following: int) -> None:
        if place in self._positions:
            self._positions[place] = following

    def _at(self, topic: str) -> Occasion:
        return Occasion(self._occasion.servers, topic or ", ".join(self._sources), self._occasion.group)

    def _told(self, error: KafkaException, topic: str = "") -> Exception:
        return translate(error, self._at(topic))


def _places(partitions: Sequence[TopicPartition]) -> list[Place]:
    return [Place(each.topic, each.partition) for each in partitions]


def _headers(message: Message) -> tuple[tuple[str, bytes | None], ...]:
    found = message.headers()
    if not found:
        return ()
    pairs = found.items() if isinstance(found, dict) else found
    return tuple((name, value.encode() if isinstance(value, str) else value) for name, value in pairs)
