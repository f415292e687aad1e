"""A record's value opened: the JSON object that it holds, or why it holds none and what to do about that."""

from __future__ import annotations

from typing import Any

import orjson

from watcher.model.dataset import RawRecord
from watcher.model.observation import Unreadable

MAX_VALUE = 20_000_000
"""Bytes of a value that is read."""
MAGIC = 0
"""The first byte of what a schema registry frames; no JSON begins with it."""
PREFIX = 5
"""That byte, and the schema's id in four."""
ID_HEADERS = ("__value_schema_id", "__key_schema_id")
"""Headers in which newer serialisers write the schema's id instead."""


def opened(record: RawRecord) -> dict[str, Any] | Unreadable | None:
    """The object of a record's value; None where it has no value."""
    value = record.value
    if not value:
        return None
    if len(value) > MAX_VALUE:
        return Unreadable("too-large", f"the record has {len(value):,} bytes; {MAX_VALUE:,} are read at most")
    if value[0] == MAGIC:
        return Unreadable("framed", _framed(value))
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        return _fault(record, value, str(error))
    if not isinstance(document, dict):
        return Unreadable("not-an-object", f"the value is {shown(document)}, not an object")
    return document


def _framed(value: bytes) -> str:
    number = int.from_bytes(value[1:PREFIX], "big")
    return (
        f"the value is framed by a schema registry (schema id {number}): set `registry_url` for this feed; where it is "
        "set, that registry does not know the id, or the value does not fit the schema that it gives"
    )


def _fault(record: RawRecord, value: bytes, message: str) -> Unreadable:
    header = next((name for name, _ in record.headers if name in ID_HEADERS), None)
    if header is not None:
        reason = (
            f"the value is no JSON, and its schema's id is in the header {header}, which is not read: let the producer "
            "write the id before the value, as serialisers do by default, or write JSON"
        )
        return Unreadable("framed-by-header", reason)
    try:
        value.decode()
    except UnicodeDecodeError as error:
        return Unreadable("not-utf-8", f"the value is not UTF-8 at byte {error.start}: is it JSON at all?")
    if "depth" in message or "recursion" in message:
        return Unreadable("too-deep", "the value nests deeper than 1,024 levels")
    return Unreadable("malformed-json", f"the value is not JSON: {message}")


def shown(value: object) -> str:
    """A value as a message may carry it: short, printable, on one line; never walks into nested ones."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    text = ascii(value[:60] if isinstance(value, str) else value)
    return text if len(text) <= 80 else f"{text[:80]}…"
