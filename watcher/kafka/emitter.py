"""The confluent producer as delivery sees it: a record out, a future that is settled when all replicas have it."""

import threading
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeAlias

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from watcher.kafka.client import Cluster, Trouble, ignore, producer_config
from watcher.kafka.errors import Occasion, translate
from watcher.model.errors import Transient

_POLL_S = 0.2

Headers: TypeAlias = list[tuple[str, str | bytes | None]]


class Emitter:
    """An idempotent producer with its own thread for confirmations. Safe to call from several threads.

    A future that ends in `Transient` may still have been written: what receivers see is at least once, and the event's
    id tells doubles apart.
    """

    def __init__(self, cluster: Cluster, trouble: Trouble = ignore) -> None:
        self._servers = cluster.bootstrap_servers
        try:
            self._client = Producer(producer_config(cluster, trouble))
        except KafkaException as error:
            raise translate(error, Occasion(self._servers)) from error
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="kafka-emitter", daemon=True)
        self._thread.start()

    def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> "Future[tuple[int, int]]":
        """Write one record; the future gives its partition and offset, or the watcher's own error.

        Returns at once. Ask it from asyncio with `asyncio.wrap_future`; a topic that is not there ends the future
        with `ConfigurationError`.
        """
        settled: Future[tuple[int, int]] = Future()
        occasion = Occasion(self._servers, topic=topic)

        def confirmed(error: KafkaError | None, message: Message) -> None:
            if not settled.set_running_or_notify_cancel():
                return
            if error is not None:
                settled.set_exception(translate(error, occasion))
            else:
                settled.set_result((message.partition() or 0, message.offset() or 0))

        try:
            self._client.produce(topic, value, key, on_delivery=confirmed, headers=headers)
        except KafkaException as error:
            settled.set_exception(translate(error, occasion))
        except BufferError:
            settled.set_exception(Transient(f"records for {self._servers} pile up faster than it takes them"))
        return settled

    def close(self, timeout: float = 5.0) -> int:
        """Wait for what is on its way, at most `timeout` seconds; how many records stay unconfirmed, as `Transient`."""
        left = self._client.flush(timeout)
        if left:
            self._client.purge()
            self._client.flush(_POLL_S)
        self._closing.set()
        self._thread.join(timeout=_POLL_S * 5)
        return left

    def _serve(self) -> None:
        while not self._closing.is_set():
            # A producer that has lost its footing says so here first, once; each record's own end comes with the next.
            with suppress(KafkaException):
                self._client.poll(_POLL_S)
