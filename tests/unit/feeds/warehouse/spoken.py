"""What tests of warehouse decoders speak with: a source, record after record, and documents with a part bent."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import orjson

from watcher.feeds.warehouse.facts import Decode, Reading
from watcher.feeds.warehouse.feed import Decoders, WarehouseFeed
from watcher.feeds.warehouse.naming import Naming
from watcher.model.dataset import Position, RawRecord
from watcher.model.observation import Heard

ODD: tuple[object, ...] = (
    None,
    True,
    0,
    -1.5,
    10**18,
    "",
    "x",
    '{"a":',
    [],
    [[]],
    [None, 1],
    {},
    {"": {}},
    "\u0000'\"`",
)


class Source:
    """A decoder with its memory; each document is the next record."""

    def __init__(self, decode: Decode) -> None:
        self._decode = decode
        self.memory: dict[str, bytes] = {}
        self._offset = 0

    def say(self, document: object) -> Reading:
        self._offset += 1
        value = document if isinstance(document, bytes) else orjson.dumps(document)
        return self._decode(RawRecord(Position("w", 0, self._offset), None, value), self.memory)

    def silent(self) -> Reading:
        self._offset += 1
        return self._decode(RawRecord(Position("w", 0, self._offset), None, None), self.memory)


class Warehouse:
    """A whole feed of one source."""

    def __init__(self, decode: Decode, namespace: str, dialect: str, place: tuple[str, ...] = ()) -> None:
        self.feed = WarehouseFeed("w", Decoders(decode, decode), Naming(namespace), dialect=dialect, place=place)
        self._offset = 0

    def hear(self, document: object) -> Heard:
        self._offset += 1
        heard = self.feed.hear(RawRecord(Position("w", 0, self._offset), None, orjson.dumps(document)))
        self.feed.drain()
        return heard

    def table(self, heard: Heard, number: int = 0) -> dict[str, Any]:
        """The table as the schema that was heard writes it."""
        found: dict[str, Any] = orjson.loads(heard.schemas[number].text)
        return found


def bent(document: Any) -> Iterator[Any]:
    """The document with each of its parts, in turn, something else."""
    for path in _paths(document):
        for odd in ODD:
            made = copy.deepcopy(document)
            holder = made
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = odd
            yield made
    yield from ODD


def _paths(document: Any) -> Iterator[tuple[Any, ...]]:
    items: Any = ()
    if isinstance(document, dict):
        items = document.items()
    elif isinstance(document, list):
        items = enumerate(document)
    for step, value in items:
        yield (step,)
        yield from ((step, *rest) for rest in _paths(value))


def is_total(decode: Decode, document: Any) -> int:
    """Decode each bent document; whatever comes, a reading comes of it. Gives how many there were."""
    count = 0
    for one in bent(document):
        reading = Source(decode).say(one)
        assert isinstance(reading, Reading)
        assert reading.unreadable is None or (reading.unreadable.reason and not reading.facts)
        count += 1
    return count
