"""Framed records: a zero byte, a schema's id and the datum, turned into JSON or left as they are."""

import io
import json
from typing import Any

import fastavro
import pytest

from watcher.feeds.warehouse.framing import Unframer
from watcher.feeds.warehouse.sources.opened import opened
from watcher.model.dataset import Position, RawRecord
from watcher.model.errors import Transient, Undecidable
from watcher.model.observation import Unreadable

pytestmark = pytest.mark.anyio

EVENT = {
    "type": "record",
    "name": "Event",
    "namespace": "shop",
    "connect.name": "shop.Event",
    "fields": [
        {"name": "id", "type": "long", "default": 0, "doc": "a number"},
        {"name": "at", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}], "default": None},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2}},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
        {"name": "again", "type": ["null", "shop.Kind"]},
        {"name": "many", "type": {"type": "map", "values": {"type": "array", "items": "double"}}},
        {"name": "token", "type": {"type": "fixed", "name": "Token", "size": 2}},
    ],
}
RAW = {
    "id": 2**53 + 1,
    "at": 1_772_362_800_000,
    "price": b"\x01\x02",
    "kind": "A",
    "again": "B",
    "many": {"x": [1.5]},
    "token": b"ab",
}


class Registry:
    """A registry of some schemas, which counts what it is asked."""

    def __init__(self, **schemas: Any) -> None:
        self.schemas = {int(key.removeprefix("n")): value for key, value in schemas.items()}
        self.asked: list[int] = []
        self.away = False

    async def __call__(self, number: int) -> str:
        self.asked.append(number)
        if self.away:
            raise Transient("the registry is away")
        if number not in self.schemas:
            raise Undecidable("no such schema")
        schema = self.schemas[number]
        return schema if isinstance(schema, str) else json.dumps(schema)


def bare(schema: Any) -> Any:
    """The schema without logical types: raw data can be written with it."""
    if isinstance(schema, list):
        return [bare(one) for one in schema]
    if isinstance(schema, dict):
        return {key: bare(value) for key, value in schema.items() if key != "logicalType"}
    return schema


def datum(schema: Any, value: Any) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(bare(schema), named_schemas={}), value)
    return out.getvalue()


def framed(number: int, data: bytes) -> bytes:
    return b"\0" + number.to_bytes(4, "big") + data


def record(value: bytes | None, key: bytes | None = None) -> RawRecord:
    return RawRecord(Position("f", 0, 1), key, value, 5, (("h", b"1"),))


async def test_values_and_keys_become_json() -> None:
    """Key and value are turned alike; numbers are as they lie in the bytes, bytes are base64, as Connect writes."""
    registry = Registry(n1=EVENT, n2='"string"')
    made = await Unframer(registry)(record(framed(1, datum(EVENT, RAW)), framed(2, datum("string", "k"))))

    assert made.value is not None
    assert json.loads(made.value) == {**RAW, "price": "AQI=", "token": "YWI="}
    assert (made.key, made.position, made.timestamp, made.headers) == (b'"k"', Position("f", 0, 1), 5, (("h", b"1"),))


async def test_what_is_not_framed_stays() -> None:
    """JSON, nothing, and what is too short for a frame is not touched, and nobody is asked for a schema."""
    registry = Registry()
    for value in (None, b"", b'{"a": 1}', b"\0\0\0\0\1", b"\1abcdefg"):
        given = record(value)
        assert await Unframer(registry)(given) is given
    assert registry.asked == []


async def test_a_schema_is_asked_for_once() -> None:
    """Ids never change: a schema is kept, the oldest makes room."""
    registry = Registry(n1='"long"', n2='"long"', n3='"long"')
    unframe = Unframer(registry, kept=2)

    for number in (1, 1, 2, 1, 3, 1, 2):
        made = await unframe(record(framed(number, b"\x02")))
        assert made.value == b"1"

    assert registry.asked == [1, 2, 3, 2]


async def test_a_registry_that_is_away_is_waited_for() -> None:
    """Nothing is told of a record whose schema cannot be asked for just now: the fault passes on."""
    registry = Registry(n1='"long"')
    registry.away = True
    unframe = Unframer(registry)

    with pytest.raises(Transient):
        await unframe(record(framed(1, b"\x02")))

    registry.away = False
    assert (await unframe(record(framed(1, b"\x02")))).value == b"1"


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        (None, b"\x02"),
        ("not json", b"\x02"),
        ('"nobody.knows.this"', b"\x02"),
        ({"type": "record", "name": "R", "fields": [{"name": "x", "type": "shop.Elsewhere"}]}, b"\x02"),
        ({"type": "record", "name": "R", "fields": [{"name": "x"}]}, b"\x02"),
        ({"type": "array"}, b"\x02"),
        ({"type": "fixed", "name": "F", "size": "x"}, b"\x02"),
        ('syntax = "proto3"; message M {}', b"\x00\x08\x01"),
        ("[]", b"\x02"),
        ("7", b"\x02"),
        ('"long"', b"\x02\x02"),
        ('"string"', b"\x7fa"),
        ('"string"', b"\x02\xff"),
        ('["null", "long"]', b"\x10"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, b"\x10"),
        ({"type": "array", "items": "long"}, b"\xfe\xff\xff\xff\x0f\x02"),
        ("[" * 5_000 + "]" * 5_000, b"\x02"),
        ('{"type":' * 400 + '"long"' + "}" * 400, b"\x02"),
        ('"' + "x" * 5_000_001 + '"', b"\x02"),
    ],
)
async def test_what_cannot_be_turned_stays_and_is_told(schema: Any, data: bytes) -> None:
    """An unknown id, a schema that is none, and bytes that do not fit it leave the record; a decoder tells it."""
    registry = Registry(**({} if schema is None else {"n7": schema}))
    given = record(framed(7, data))

    made = await Unframer(registry)(given)

    assert made is given
    told = opened(made)
    assert isinstance(told, Unreadable)
    assert (told.kind, "registry_url" in told.reason, "id 7" in told.reason) == ("framed", True, True)


ENDLESS = [
    {"type": "array", "items": "null"},
    {"type": "array", "items": {"type": "record", "name": "Empty", "fields": []}},
    {"type": "array", "items": {"type": "record", "name": "R", "fields": [{"name": "x", "type": "null"}]}},
    {"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}},
    {"type": "record", "name": "N", "fields": [{"name": "n", "type": ["null", "N"]}]},
    {"type": "record", "name": "N", "fields": [{"name": "n", "type": {"type": "array", "items": "N"}}]},
    {"type": "record", "name": "N", "namespace": "a", "fields": [{"name": "n", "type": ["null", "a.N"]}]},
]


@pytest.mark.parametrize("schema", ENDLESS)
async def test_a_schema_under_which_few_bytes_claim_much_is_not_read_with(schema: Any) -> None:
    """Lists of what takes no byte could claim billions of items, types that hold themselves the machine's own stack."""
    bomb = b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f" if schema["type"] == "array" else b"\x02" * 1_000_000
    given = record(framed(7, bomb))

    assert await Unframer(Registry(n7=schema))(given) is given


async def test_framed_json_is_unframed() -> None:
    """A value that was written by a JSON Schema is JSON behind its frame."""
    made = await Unframer(Registry(n7={"type": "object", "properties": {}}))(record(framed(7, b'{"a": 1}')))

    assert made.value == b'{"a": 1}'


def test_ids_in_headers_are_told() -> None:
    """A producer that writes the schema's id into a header is told what to change."""
    given = RawRecord(Position("f", 0, 1), None, b"\x02\x04", None, (("__value_schema_id", b"\1" + b"x" * 16),))

    told = opened(given)

    assert isinstance(told, Unreadable)
    assert (told.kind, "__value_schema_id" in told.reason) == ("framed-by-header", True)
