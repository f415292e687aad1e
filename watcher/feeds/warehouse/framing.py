"""Framing: what a serialiser wrote with a schema registry's help, turned into plain JSON before a decoder sees it.

A framed value is a zero byte, the schema's id in four bytes, and the datum. Decoders get JSON alone. What cannot be
turned is left as it is: decoders tell it as unreadable, with what to do.
"""

from __future__ import annotations

import base64
import io
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeAlias

import fastavro
import orjson

from watcher.model.dataset import RawRecord
from watcher.model.errors import Undecidable

Fetch: TypeAlias = Callable[[int], Awaitable[str]]
"""A schema's text by its id. Raises Transient where the registry is away, Undecidable where it has no such schema."""

MAX_VALUE = 20_000_000
"""Bytes of a value that is turned; the JSON that comes of it has eight times as many at most."""
MAX_SCHEMA = 5_000_000
MAX_KEPT = 200
"""Schemas that are kept read: a topic of schema changes has a handful."""
MAX_DEPTH = 200

_MAGIC = 0
_PREFIX = 5
_PLAIN = object()
"""Stands for a schema whose data are JSON already."""


class Unframer:
    """Turns framed records into JSON; writers' schemas are asked for once, and the last ones are kept."""

    def __init__(self, fetch: Fetch, *, kept: int = MAX_KEPT) -> None:
        self._fetch = fetch
        self._kept = kept
        self._schemas: OrderedDict[int, Any] = OrderedDict()

    async def __call__(self, record: RawRecord) -> RawRecord:
        """The record with its key and value as JSON, where they were framed; Transient where the registry is away."""
        key, value = await self._turned(record.key), await self._turned(record.value)
        return record if key is record.key and value is record.value else replace(record, key=key, value=value)

    async def _turned(self, data: bytes | None) -> bytes | None:
        if not data or data[0] != _MAGIC or not _PREFIX < len(data) <= MAX_VALUE:
            return data
        schema = await self._schema(int.from_bytes(data[1:_PREFIX], "big"))
        if schema is None:
            return data
        if schema is _PLAIN:
            return data[_PREFIX:]
        return _json(data, schema)

    async def _schema(self, number: int) -> Any:
        """The schema of an id, read; None where there is none that can be."""
        if number in self._schemas:
            self._schemas.move_to_end(number)
            return self._schemas[number]
        try:
            text = await self._fetch(number)
        except Undecidable:
            return None  # not kept: the registry may be behind its writers
        schema = self._schemas[number] = _read(text)
        if len(self._schemas) > self._kept:
            self._schemas.popitem(last=False)
        return schema


def _read(text: str) -> Any:
    """A writer's schema, ready to read with; `_PLAIN` for JSON Schema, None for what is not read."""
    if len(text) > MAX_SCHEMA:
        return None
    try:
        document = json.loads(text)
        if isinstance(document, dict) and ("$schema" in document or document.get("type") in ("object", None)):
            return _PLAIN
        bare = _bare(document, MAX_DEPTH)
        parsed = fastavro.parse_schema(bare, named_schemas={})
        return None if _Bounds().is_endless(bare) else parsed
    except (ValueError, TypeError, KeyError, RecursionError, fastavro.schema.SchemaParseException):
        return None
    except fastavro.schema.UnknownType:
        return None


def _bare(schema: Any, depth: int) -> Any:
    """The schema without logical types, defaults and words: data come out as they lie in the bytes."""
    if depth == 0:
        raise ValueError("the schema nests too deeply")
    if isinstance(schema, list):
        return [_bare(one, depth - 1) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key in ("type", "name", "namespace", "size", "symbols")}
    if isinstance(kept.get("type"), dict | list):
        kept["type"] = _bare(kept["type"], depth - 1)
    for key in ("items", "values"):
        if key in schema:
            kept[key] = _bare(schema[key], depth - 1)
    if isinstance(schema.get("fields"), list):
        kept["fields"] = [_bare(one, depth - 1) for one in schema["fields"]]
    return kept


class _Bounds:
    """Finds what lets a few bytes of data claim endless time or depth: lists of nothing, types that hold themselves.

    An item that takes no byte can come a billion times. Nested data is read on the machine's own stack, which ends.
    """

    def __init__(self) -> None:
        self._named: dict[str, bool] = {}
        self._open: set[str] = set()
        self._endless = False

    def is_endless(self, schema: Any) -> bool:
        """Whether the schema is such a one."""
        self._weightless(schema)
        return self._endless

    def _weightless(self, one: Any) -> bool:
        """Whether a value of the schema may take no byte."""
        if isinstance(one, str):
            name = one.rpartition(".")[2]
            self._endless = self._endless or name in self._open
            return one == "null" or self._named.get(name, False)
        if isinstance(one, list):
            for branch in one:
                self._weightless(branch)
            return False  # which branch it is takes a byte
        match one["type"]:
            case "array":
                self._endless = self._weightless(one["items"]) or self._endless
                return False
            case "map":
                self._weightless(one["values"])
                return False
            case "record" | "error":
                return self._record(one)
            case "fixed":
                self._named[one["name"].rpartition(".")[2]] = one["size"] == 0
                return bool(one["size"] == 0)
            case "enum":
                return False
            case inner:
                return self._weightless(inner)

    def _record(self, one: Any) -> bool:
        name = one["name"].rpartition(".")[2]
        self._open.add(name)
        members = [self._weightless(field["type"]) for field in one["fields"]]  # each is looked into
        self._open.discard(name)
        self._named[name] = all(members)
        return self._named[name]


def _json(data: bytes, schema: Any) -> bytes:
    """The datum as JSON; the bytes as they are where they do not fit the schema."""
    stream = io.BytesIO(data)
    stream.seek(_PREFIX)
    try:
        value = fastavro.schemaless_reader(stream, schema, None)
        if stream.tell() != len(data):
            return data  # bytes are left: they were written with another schema
        return orjson.dumps(value, default=_plain)
    except (ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, MemoryError, RecursionError):
        return data
    except (fastavro.read.SchemaResolutionError, AssertionError, StopIteration):
        return data


def _plain(value: object) -> str:
    """Bytes as Connect's JSON converter writes them."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is not JSON")
