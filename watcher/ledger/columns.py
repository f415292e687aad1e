"""Column types that keep a value whole on both databases, whatever a stranger wrote into a schema.

Neither database takes every string: PostgreSQL refuses the character NUL and index entries of more than 2.7 kB, both
refuse half of a surrogate pair. A record that holds such a string must not stop the daemon, hence the types below.
"""
# ruff: noqa: ARG002 - a value's dialect is part of the interface, needed or not

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_ESCAPED = "\x01"
"""Stands before a text that is kept as a JSON string, because a database would refuse it as it is."""
_LONGEST_NAME = 1000
"""In characters, of at most four bytes; only abuse is longer: a Kafka topic ends at 249, a table's full name at 800."""
_LARGEST = 2**63 - 1


class Moment(TypeDecorator[dt.datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, microseconds since the epoch on SQLite, sorted by value."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's type in one database."""
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else BigInteger())

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """Refuses a moment without a zone: it would be another one on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; the ledger keeps moments in UTC")
        if dialect.name == "postgresql":
            return value
        since = value - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        """The moment, in UTC."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            moment: dt.datetime = value
            return moment.astimezone(dt.UTC)
        return _EPOCH + dt.timedelta(microseconds=value)


class Words(TypeDecorator[str]):
    """Any text, whole; one that a database would refuse is kept as a JSON string behind a mark."""

    impl = Text
    cache_ok = True

    def takes(self, values: Sequence[str | None]) -> bool:
        """Whether the database takes all of these as they are, which it nearly always does: one look at their sum."""
        joined = "".join([value for value in values if value])
        return joined.isascii() and "\x00" not in joined and _ESCAPED not in joined

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as the database takes it."""
        return None if value is None else _stored(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as it was."""
        if value is None or not value.startswith(_ESCAPED):
            return value
        text: str = json.loads(value[1:])
        return text


class Name(Words):
    """A text that indexes hold; one beyond any real name is cut, and told from others by a hash at its end."""

    cache_ok = True

    def takes(self, values: Sequence[str | None]) -> bool:
        """As of any text, and none is too long for an index."""
        return super().takes(values) and max((len(value) for value in values if value), default=0) <= _LONGEST_NAME

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The name as the index takes it."""
        return None if value is None else _stored(shortened(value))


class Whole(TypeDecorator[int]):
    """A number that a stranger chose, such as a version: beyond 64 bits it is kept as the largest there is."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """The number, within bounds."""
        return None if value is None else max(-_LARGEST, min(_LARGEST, value))


class Document(TypeDecorator[Any]):
    """A JSON document as text, the same on both databases; queries never look into it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """JSON text; a leading blank says that only the standard library can write and read it without loss."""
        if value is None:
            return None
        try:
            return orjson.dumps(value).decode()
        except TypeError:  # integers beyond 64 bits, half surrogate pairs, deep nesting
            return " " + json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The document."""
        if value is None:
            return None
        return json.loads(value) if value.startswith(" ") else orjson.loads(value)


def shortened(name: str) -> str:
    """The name itself, or its beginning and a hash of the whole where no index could hold it."""
    if len(name) <= _LONGEST_NAME // 2:
        return name
    if len(name.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name[:100]}…{digest}"


def _stored(text: str) -> str:
    if "\x00" not in text and not text.startswith(_ESCAPED):
        if text.isascii():
            return text
        try:
            text.encode()
        except UnicodeEncodeError:
            pass
        else:
            return text
    return _ESCAPED + json.dumps(text)
