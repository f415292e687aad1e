"""A snapshot: tables as a database itself lists them at one moment, as a record that the feed reconciles with."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import orjson

from watcher.feeds.warehouse.facts import ColumnImage, Image, Name

SNAPSHOT_KEY = b"watcher.snapshot"
"""The key of a record that holds a snapshot, told apart from all that a source writes by the record's partition."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a look at the database found. `at` is when it began, in milliseconds since the epoch.

    `scope` are the databases and schemas (prefixes of names) that were listed whole: a table in them that is not among
    the images is gone. `asked` are single tables that were read: one without an image is gone. `cursor` is where the
    source's own stream stood at the look, in the source's words, where it has one.
    """

    at: int
    images: tuple[Image, ...]
    scope: tuple[Name, ...] = ()
    asked: tuple[Name, ...] = ()
    cursor: str | None = None

    def to_bytes(self) -> bytes:
        """As a record's value."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_bytes(cls, value: bytes) -> Snapshot:
        """From a record's value; raises ValueError, KeyError or TypeError where it is none."""
        document = orjson.loads(value)
        images = tuple(_image(one) for one in document["images"])
        scope = tuple(_name(one) for one in document["scope"])
        asked = tuple(_name(one) for one in document["asked"])
        at, cursor = document["at"], document.get("cursor")
        if type(at) is not int or not isinstance(cursor, str | None):
            raise TypeError("a look has its time in milliseconds, and its cursor as a text")
        return cls(at, images, scope, asked, cursor)


def _name(document: object) -> Name:
    if not isinstance(document, list) or not all(isinstance(part, str) for part in document):
        raise TypeError("a name is a list of texts")
    return tuple(document)


def _image(document: object) -> Image:
    if not isinstance(document, dict):
        raise TypeError("an image is an object")
    columns = document.pop("columns")
    name, primary, keys = document.pop("name"), document.pop("primary_key"), document.pop("keys")
    if not isinstance(columns, list) or not name:
        raise TypeError("an image has a name and columns")
    return Image(
        _name(name),
        tuple(_column(one) for one in columns),
        tuple(primary) if isinstance(primary, list) else None,
        tuple(tuple(one) for one in keys) if isinstance(keys, list) else None,
        **document,  # written by `to_bytes` from the same dataclass
    )


def _column(document: object) -> ColumnImage:
    if not isinstance(document, dict) or not all(isinstance(document.get(key), str) for key in ("name", "type")):
        raise TypeError("a column has a name and a type")
    classes = document.pop("classes")
    return ColumnImage(**document, classes=tuple(classes) if isinstance(classes, list) else None)
