"""The breaking-change event on an embedded broker: CloudEvents, JSON, Avro in a registry's framing, failures."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, Self

import fastavro
import jsonschema
import pytest
from confluent_kafka import KafkaError

from tests.parts.processes import wait_until
from watcher.delivery import published
from watcher.delivery.addresses import Guard
from watcher.delivery.http import Bounds, HttpDoor
from watcher.delivery.kafka import LARGEST_VALUE, Headers, KafkaChannel, event_type
from watcher.delivery.registry import SchemaRegistry
from watcher.kafka.client import KafkaSettings
from watcher.kafka.embedded import Api, EmbeddedBroker
from watcher.kafka.emitter import Emitter
from watcher.kafka.reader import Place, Reader
from watcher.model.dataset import RawRecord
from watcher.model.delivery import Answer, Delivered, Delivery, DeliveryId, MessageType, Postponed, Refused
from watcher.model.errors import ConfigurationError, Fatal, Transient

TOPIC = "watcher.breaking-changes"
AT = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
FACT = {"kind": "field-removed", "path": "amount", "before": {"type": "decimal(12,2)"}, "after": None}
BODY: dict[str, Any] = {
    "id": "c1",
    "dataset": "kafka://prod/größe",
    "domain": "checkout",
    "subject": "orders-value",
    "ticket": "T-1",
    "severity": "high",
    "at": "2026-08-01T12:00:00.000Z",
    "position": "registry/0@7",
    "version": {"before": 1, "after": 2},
    "registry": {
        "level": "BACKWARD",
        "compatible": True,
        "incompatibilities": [],
        "policy": None,
        "against": None,
        "reason": None,
    },
    "agreement": "compatible-yet-breaking",
    "versions_in_use": [],
    "changes": [FACT],
    "violations": [],
    "consumers": {"asked": 1, "affected": 0},
    "omitted": {"values": 0, "changes": 0, "violations": 0, "incompatibilities": 0, "versions_in_use": 0},
}


def delivery(what: MessageType = MessageType.BREAKING_CHANGE, **body: Any) -> Delivery:
    return Delivery(DeliveryId("msg_1"), "events", what, BODY["dataset"], {**BODY, **body}, AT)


def emitter(broker: EmbeddedBroker) -> Callable[[], Emitter]:
    return lambda: Emitter(KafkaSettings(broker.bootstrap_servers))


def records(broker: EmbeddedBroker, count: int) -> list[RawRecord]:
    reader = Reader(KafkaSettings(broker.bootstrap_servers), "test", {TOPIC: "events"})
    reader.assign({Place(TOPIC, 0): 0})
    found: list[RawRecord] = []

    def enough() -> bool:
        found.extend(reader.read(timeout=0.1))
        return len(found) >= count

    try:
        wait_until(enough, 20, f"{count} records")
    finally:
        reader.close()
    return found


class Registry:
    """A schema registry over real HTTP: as much of its REST interface as a writer uses."""

    def __init__(self) -> None:
        self.subjects: dict[str, list[str]] = {}
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.fail: tuple[int, Any] | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        target = head[0].removesuffix(" HTTP/1.1")
        self.requests.append((target, headers, body))
        status, document = self.fail or self._answer(target, body["schema"])
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(data)}\r\nconnection: close\r\n\r\n".encode() + data)
        await writer.drain()
        writer.close()

    def _answer(self, target: str, schema: str) -> tuple[int, dict[str, Any]]:
        subject = target.split("/")[2]
        known = self.subjects.setdefault(subject, [])
        if schema not in known and target.endswith("/versions"):
            known.append(schema)
        if schema not in known:
            return 404, {"error_code": 40403, "message": "Schema not found"}
        return 200, {"id": 41 + known.index(schema)}


def run(play: Callable[[], Awaitable[Any]]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(40):
            return await play()

    return asyncio.run(bounded())


def door() -> HttpDoor:
    return HttpDoor(Guard(["127.0.0.1"]), Bounds(total=3))


def test_an_event_is_a_cloudevent_in_binary_mode(embedded_broker: EmbeddedBroker) -> None:
    """Attributes are ce_ headers, the value is the body as JSON, the key is the dataset."""
    embedded_broker.create_topic(TOPIC)

    async def play() -> Answer:
        channel = KafkaChannel(emitter(embedded_broker), TOPIC, source="/watcher/prod")
        answer = await channel.send(delivery())
        assert await channel.aclose() == 0
        return answer

    assert run(play) == Delivered(f"{TOPIC}/0@0")
    (record,) = records(embedded_broker, 1)
    assert record.key == "kafka://prod/größe".encode()
    assert {name: (value or b"").decode() for name, value in record.headers} == {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": "msg_1",
        "ce_source": "/watcher/prod",
        "ce_type": "io.watcher.breaking_change.v1",
        "ce_subject": "kafka://prod/größe",
        "ce_time": "2026-08-01T12:00:00.000Z",
        "ce_partitionkey": "kafka://prod/größe",
        "ce_dataschema": "urn:schema-watcher:breaking-change:v1",
    }
    assert record.value is not None
    assert json.loads(record.value) == BODY
    jsonschema.Draft202012Validator(published.json_schema()).validate(json.loads(record.value))


def test_a_resend_has_the_same_id(embedded_broker: EmbeddedBroker) -> None:
    """A delivery that goes out twice is one event to whoever looks at source and id."""
    embedded_broker.create_topic(TOPIC)

    async def play() -> None:
        channel = KafkaChannel(emitter(embedded_broker), TOPIC)
        await channel.send(delivery())
        await channel.send(delivery())
        await channel.aclose()

    run(play)
    first, second = records(embedded_broker, 2)
    assert first.headers == second.headers
    assert first.value == second.value


@pytest.mark.parametrize("register", [True, False])
def test_with_a_registry_an_event_is_framed_avro(embedded_broker: EmbeddedBroker, register: bool) -> None:
    """A zero byte, the schema's id, the datum; a reader with the registered schema gets the same document."""
    embedded_broker.create_topic(TOPIC)

    async def play() -> Registry:
        async with Registry() as registry, door() as way:
            if not register:
                registry.subjects[f"{TOPIC}-value"] = ["another", published.avro_text()]
            known = SchemaRegistry(way, f"{registry.url}/", register=register)
            channel = KafkaChannel(emitter(embedded_broker), TOPIC, registry=known)
            answers = await asyncio.gather(*(channel.send(delivery()) for _ in range(3)))
            assert all(isinstance(one, Delivered) for one in answers), answers
            await channel.aclose()
            return registry

    registry = run(play)
    expected = 41 if register else 42
    ((target, headers, body),) = registry.requests  # asked once, and kept
    assert target == f"POST /subjects/{TOPIC}-value" + ("/versions" if register else "")
    assert headers["content-type"] == "application/vnd.schemaregistry.v1+json"
    assert body["schemaType"] == "AVRO"
    record = records(embedded_broker, 3)[0]
    assert record.value is not None
    assert record.value[:5] == b"\x00" + expected.to_bytes(4, "big")
    assert published.from_avro(record.value[5:]) == BODY
    fastavro.parse_schema(json.loads(body["schema"]))
    sent = {name: (value or b"").decode() for name, value in record.headers}
    assert sent["content-type"] == "application/avro"
    assert sent["ce_dataschema"] == f"{registry.url}/schemas/ids/{expected}"


def test_a_topic_with_one_schema_takes_nothing_else() -> None:
    """Ticket news does not go to a topic whose values are Avro breaking changes."""

    async def play() -> Answer:
        async with door() as way:
            channel = KafkaChannel(Failing, TOPIC, registry=SchemaRegistry(way, "http://127.0.0.1:1"))
            return await channel.send(delivery(MessageType.TICKET_OPENED))

    assert isinstance(run(play), Refused)


@pytest.mark.parametrize(
    ("fail", "says"),
    [
        ((503, {"error_code": 50001, "message": "store"}), "50001"),
        ((500, b"<html>"), "500"),
        ((429, {}), "429"),
        ((401, {"error_code": 401, "message": "Unauthorized"}), "credentials"),
        ((409, {"error_code": 409, "message": "incompatible"}), "incompatible"),
        ((422, {"error_code": 42205, "message": "READONLY"}), "read-only"),
        ((200, b"not json"), "does not give an id"),
        ((200, []), "does not give an id"),
        ((302, b""), "302"),
    ],
)
def test_a_registry_that_gives_no_id_postpones(fail: tuple[int, Any], says: str) -> None:
    """No event is lost, and none goes out unframed, because the registry is away, closed or refuses."""

    async def play() -> Answer:
        async with Registry() as registry, door() as way:
            registry.fail = fail
            channel = KafkaChannel(Failing, TOPIC, registry=SchemaRegistry(way, registry.url))
            return await channel.send(delivery())

    answer = run(play)

    assert isinstance(answer, Postponed)
    assert says in answer.reason


def test_a_registrys_credentials_go_to_it_and_nowhere_else() -> None:
    """User and password of the URL are sent as Basic, and are in no message and no event."""

    async def play() -> None:
        async with Registry() as registry, door() as way:
            with_user = registry.url.replace("http://", "http://us%40er:pa%2Fss@")
            known = SchemaRegistry(way, with_user)
            await known.schema_id("s", "{}")
            assert registry.requests[0][1]["authorization"] == "Basic dXNAZXI6cGEvc3M="
            assert known.schema_url(7) == f"{registry.url}/schemas/ids/7"
            registry.fail = (401, {})
            with pytest.raises(ConfigurationError) as caught:
                await known.schema_id("other", "{}")
            assert "pa" + "/ss" not in str(caught.value)
            assert "pa%2Fss" not in str(caught.value)

    run(play)


def test_a_subject_with_any_name_is_one_part_of_the_path() -> None:
    """A subject of a context, or with a slash, is percent-encoded."""

    async def play() -> None:
        async with Registry() as registry, door() as way:
            await SchemaRegistry(way, registry.url).schema_id(":.ctx:a/b-value", "{}")
            assert registry.requests[0][0] == "POST /subjects/%3A.ctx%3Aa%2Fb-value/versions"

    run(play)


async def until_delivered(channel: KafkaChannel) -> Answer:
    async with asyncio.timeout(15):
        while not isinstance(answer := await channel.send(delivery()), Delivered):  # noqa: ASYNC110 - polls a broker
            await asyncio.sleep(0.05)
    return answer


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, "ACL"),
        (KafkaError.MSG_SIZE_TOO_LARGE, "max.message.bytes"),
        (KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, "OUT_OF_ORDER"),  # fatal: this producer never writes again
    ],
)
def test_a_write_that_the_broker_refuses_is_postponed(embedded_broker: EmbeddedBroker, code: int, says: str) -> None:
    """A refused write is postponed with the reason; when the broker takes it again, it arrives."""
    embedded_broker.create_topic(TOPIC)

    async def play() -> Answer:
        channel = KafkaChannel(emitter(embedded_broker), TOPIC)
        await channel.send(delivery())
        embedded_broker.push_errors(Api.PRODUCE, [code])
        refused = await channel.send(delivery())
        await until_delivered(channel)
        await channel.aclose()
        return refused

    refused = run(play)

    assert isinstance(refused, Postponed)
    assert says in refused.reason


def test_a_slow_broker_does_not_block_the_loop(embedded_broker: EmbeddedBroker) -> None:
    """While a write waits for its confirmation, the loop goes on."""
    embedded_broker.create_topic(TOPIC)

    async def play() -> None:
        channel = KafkaChannel(emitter(embedded_broker), TOPIC)
        await channel.send(delivery())
        embedded_broker.push_delays(Api.PRODUCE, [400])
        sending = asyncio.create_task(channel.send(delivery()))
        turns = 0
        while not sending.done():
            turns += 1
            await asyncio.sleep(0.005)
        assert turns > 20
        assert isinstance(await sending, Delivered)
        await channel.aclose()

    run(play)


class Failing:
    """An emitter that fails in a chosen way."""

    made = 0
    error: Exception = Transient("away")

    def __init__(self) -> None:
        type(self).made += 1
        self.closed = False

    def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> Future[tuple[int, int]]:
        future: Future[tuple[int, int]] = Future()
        future.set_exception(self.error)
        return future

    def close(self, timeout: float = 5.0) -> int:
        self.closed = True
        return 0


def test_a_producer_that_lost_its_footing_is_replaced() -> None:
    """A fatal error of the idempotent producer fails each later write: the next attempt gets a new one."""

    class Fenced(Failing):
        made = 0
        error = Fatal("fenced")

    async def play() -> None:
        channel = KafkaChannel(Fenced, TOPIC)
        first = channel._emitter
        answers = await asyncio.gather(channel.send(delivery()), channel.send(delivery()))
        assert all(isinstance(one, Postponed) for one in answers)
        assert Fenced.made == 2
        assert isinstance(first, Fenced)
        assert first.closed

    run(play)


def test_an_event_beyond_any_record_is_refused() -> None:
    """What the client itself would never send is a dead letter, not three days of trying."""

    async def play() -> Answer:
        return await KafkaChannel(Failing, TOPIC).send(delivery(subject="x" * LARGEST_VALUE))

    assert isinstance(run(play), Refused)


def test_each_message_has_a_type_of_its_own() -> None:
    """CloudEvents types are reverse-DNS, versioned, and differ."""
    types = {event_type(one) for one in MessageType}

    assert len(types) == len(MessageType)
    assert all(one.startswith("io.watcher.") and one.endswith(".v1") for one in types)
