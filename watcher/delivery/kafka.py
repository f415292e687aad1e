"""Events on Kafka: each message as a CloudEvent 1.0 in binary mode, keyed by the dataset that it is about.

The attributes are `ce_` headers, the value is the body alone: JSON, or Avro in the registry's framing where a registry
is configured. The event's id is the delivery's, so that a resend after a crash is told from a second event.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

import structlog

from watcher.delivery import published
from watcher.delivery.registry import SchemaRegistry
from watcher.model.delivery import Answer, Delivered, Delivery, MessageType, Postponed, Refused
from watcher.model.errors import Fatal, WatcherError

log = structlog.get_logger(__name__)

_NAMESPACE = "io.watcher"

LARGEST_VALUE = 1_000_000
"""Bytes that the client sends at most (librdkafka's message.max.bytes), headers aside; bodies are cut far below."""

Headers = list[tuple[str, str | bytes | None]]


class Emits(Protocol):
    """What writes records; `watcher.kafka.emitter.Emitter` fits it."""

    def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> Future[tuple[int, int]]:
        """Write one record; the future gives its partition and offset."""
        ...

    def close(self, timeout: float = 5.0) -> int:
        """Wait for what is on its way; how many records stay unconfirmed."""
        ...


@dataclass(frozen=True, slots=True)
class _Encoded:
    value: bytes
    content_type: str
    schema: str | None


class KafkaChannel:
    """One topic of events. `source` is who speaks, a URI-reference, unique to an installation of the watcher.

    `emitter` builds what writes: a producer that has lost its footing for good is replaced by a new one.
    """

    def __init__(
        self,
        emitter: Callable[[], Emits],
        topic: str,
        *,
        source: str = "/watcher",
        registry: SchemaRegistry | None = None,
    ) -> None:
        self._build = emitter
        self._emitter = emitter()
        self._topic = topic
        self._source = source
        self._registry = registry

    async def send(self, delivery: Delivery) -> Answer:
        """Write one event, and wait until the brokers have it."""
        if self._registry is not None and delivery.type is not MessageType.BREAKING_CHANGE:
            return Refused(f"topic {self._topic} has one Avro schema, of breaking changes; {delivery.type} is none")
        try:
            encoded = await self._encoded(delivery)
            if len(encoded.value) > LARGEST_VALUE:
                return Refused(f"the event has {len(encoded.value)} bytes, a record at most {LARGEST_VALUE}")
            partition, offset = await self._emit(delivery, encoded)
        except WatcherError as error:
            return Postponed(str(error))
        return Delivered(f"{self._topic}/{partition}@{offset}")

    async def aclose(self, timeout: float = 5.0) -> int:  # noqa: ASYNC109 - the client's own deadline
        """Wait for what is on its way, and let go; gives how many records stay unconfirmed."""
        return await asyncio.to_thread(self._emitter.close, timeout)

    async def _emit(self, delivery: Delivery, encoded: _Encoded) -> tuple[int, int]:
        emitter = self._emitter
        headers = self._headers(delivery, encoded)
        try:
            return await asyncio.wrap_future(emitter.send(self._topic, delivery.key.encode(), encoded.value, headers))
        except Fatal as error:
            if emitter is self._emitter:
                log.warning("delivery.producer_renewed", topic=self._topic, reason=str(error))
                self._emitter = self._build()
                await asyncio.to_thread(emitter.close, 1.0)
            raise

    async def _encoded(self, delivery: Delivery) -> _Encoded:
        if self._registry is None:
            text = json.dumps(delivery.body, ensure_ascii=False, separators=(",", ":"))
            schema = published.JSON_SCHEMA_ID if delivery.type is MessageType.BREAKING_CHANGE else None
            return _Encoded(text.encode(errors="backslashreplace"), "application/json", schema)
        schema_id = await self._registry.schema_id(f"{self._topic}-value", published.avro_text())
        framed = b"\x00" + schema_id.to_bytes(4, "big") + published.to_avro(delivery.body)
        return _Encoded(framed, "application/avro", self._registry.schema_url(schema_id))

    def _headers(self, delivery: Delivery, encoded: _Encoded) -> Headers:
        attributes = {
            "specversion": "1.0",
            "id": str(delivery.id),
            "source": self._source,
            "type": event_type(delivery.type),
            "subject": delivery.key,
            "time": str(delivery.body.get("at") or delivery.created_at.isoformat()),
            "partitionkey": delivery.key,
        }
        if encoded.schema is not None:
            attributes["dataschema"] = encoded.schema
        return [
            ("content-type", encoded.content_type.encode()),
            *((f"ce_{name}", text.encode()) for name, text in attributes.items()),
        ]


def event_type(message: MessageType) -> str:
    """The CloudEvents type: what is told, with the version of its body."""
    name = "breaking_change" if message is MessageType.BREAKING_CHANGE else message.value.replace(".", "_")
    return f"{_NAMESPACE}.{name}.v1"
