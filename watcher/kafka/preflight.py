"""The look before the start: is the broker there, are the topics, may we; each answer a sentence, within its time."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from functools import partial
from typing import Protocol, TypeVar

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AclOperation, AdminClient  # type: ignore[attr-defined] # re-exported without saying so

from watcher.kafka.client import Cluster, client_config
from watcher.kafka.errors import Occasion, translate
from watcher.kafka.queries import Queries
from watcher.model.errors import ConfigurationError, Transient, WatcherError

_MAY_READ = frozenset({AclOperation.READ, AclOperation.ALL})
_MAY_WRITE = frozenset({AclOperation.WRITE, AclOperation.ALL})
_PAUSE_S = 0.2
# How often, while nothing answers, we look at what the client has met: a refused login need not wait for the deadline.
_SLICE_S = 2.0


def preflight(
    cluster: Cluster,
    *,
    reads: Sequence[str] = (),
    writes: Sequence[str] = (),
    group: str | None = None,
    timeout: float = 20.0,
) -> None:
    """Return when the cluster can be used as asked; raise the first thing that stands in the way.

    `ConfigurationError` is for the user to mend (a topic, a permission, a login, a setting); `Transient` says that the
    broker does not answer now. It takes `timeout` seconds at most, plus one to let go of the connections.
    """
    watch = _Watch(timeout)
    heard: list[WatcherError] = []
    with Queries(cluster, heard.append, group) as queries:
        controlled = _patiently(watch, heard, queries, queries.has_controller)
        for topic in dict.fromkeys((*reads, *writes)):
            _patiently(watch, heard, queries, partial(queries.partitions, topic))
        if group is not None:
            # Any name will do where nothing is read: the question is whether the group answers.
            _patiently(watch, heard, queries, partial(queries.ask_group, reads[0] if reads else "_"))
    if controlled:
        # The embedded broker has no controller, and leaves these questions without an answer.
        _Rights(cluster, watch).demand(reads, writes, group)


_Answer = TypeVar("_Answer")


class _Described(Protocol):
    """What the library's descriptions of topics and groups share."""

    @property
    def authorized_operations(self) -> list[AclOperation] | None: ...


class _Watch:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until the deadline; at least a moment, so that a call made late still tells its own error."""
        return max(0.1, self._end - time.monotonic())

    def over(self) -> bool:
        return time.monotonic() >= self._end


def _patiently(
    watch: _Watch, heard: Sequence[WatcherError], queries: Queries, ask: Callable[[float], _Answer]
) -> _Answer:
    """Ask until it is answered or the time is over; what cannot heal by waiting is raised at once."""
    while True:
        try:
            return ask(min(_SLICE_S, watch.left()))
        except Transient as error:
            queries.serve()
            told = _most_telling(heard, error)
            if watch.over() or isinstance(told, ConfigurationError):
                raise told from error
            time.sleep(_PAUSE_S)


def _most_telling(heard: Sequence[WatcherError], otherwise: WatcherError) -> WatcherError:
    """What the user can mend, over what merely did not work: behind a refused login stands a dead connection."""
    for error in heard:
        if isinstance(error, ConfigurationError):
            return error
    # The first is the cause (no such host); that all brokers are down comes after it.
    return heard[0] if heard else otherwise


class _Rights:
    """What we may do, in the broker's own words: it lists the operations that it would allow."""

    def __init__(self, cluster: Cluster, watch: _Watch) -> None:
        self._servers = cluster.bootstrap_servers
        self._watch = watch
        try:
            self._admin = AdminClient(client_config(cluster))  # type: ignore[arg-type] # its stub forbids callbacks
        except KafkaException as error:
            raise translate(error, Occasion(self._servers)) from error

    def demand(self, reads: Sequence[str], writes: Sequence[str], group: str | None) -> None:
        """Raise for the first right that is missing."""
        for topic in reads:
            self._demand("READ", _MAY_READ, self._topic(topic), "topic", topic)
        for topic in writes:
            self._demand("WRITE", _MAY_WRITE, self._topic(topic), "topic", topic)
        if group is not None:
            self._demand("READ", _MAY_READ, self._group(group), "group", group)

    def _demand(
        self, right: str, any_of: frozenset[AclOperation], held: frozenset[AclOperation], kind: str, name: str
    ) -> None:
        if held and not held & any_of:
            raise ConfigurationError(
                f"no permission (ACL) to {right.lower()} {kind} `{name}` on {self._servers}: "
                f"ask for {right} on {kind.upper()} {name}"
            )

    def _topic(self, topic: str) -> frozenset[AclOperation]:
        def ask(seconds: float) -> Future[_Described]:
            wanted = TopicCollection([topic])
            return self._admin.describe_topics(wanted, include_authorized_operations=True, request_timeout=seconds)[
                topic
            ]

        return self._operations(ask, Occasion(self._servers, topic=topic))

    def _group(self, group: str) -> frozenset[AclOperation]:
        def ask(seconds: float) -> Future[_Described]:
            return self._admin.describe_consumer_groups(
                [group], include_authorized_operations=True, request_timeout=seconds
            )[group]

        return self._operations(ask, Occasion(self._servers, group=group))

    def _operations(self, ask: Callable[[float], Future[_Described]], occasion: Occasion) -> frozenset[AclOperation]:
        """The operations that are allowed; empty where the broker does not say."""
        while True:
            left = self._watch.left()
            try:
                return frozenset(ask(left).result(left + 1).authorized_operations or ())
            except KafkaException as error:
                told = translate(error, occasion)
                if self._watch.over() or not isinstance(told, Transient):
                    raise told from error
            except FutureTimeoutError as error:
                raise Transient(f"{self._servers} did not say what we may do: try again") from error
            time.sleep(_PAUSE_S)
