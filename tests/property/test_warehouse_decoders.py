"""Every warehouse's language is total: whatever a record holds, it comes to a reading, in bounded time and memory."""

from __future__ import annotations

import copy
import importlib
import pkgutil
import random
import time
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.warehouse_records import RECORDS
from watcher.feeds.warehouse import sources
from watcher.feeds.warehouse.facts import Decode, Image, Name, Ran, Reading
from watcher.model.dataset import Position, RawRecord

Path = tuple[str | int, ...]

SECONDS = 60
"""Of one hostile record; a decoder that is worse than linear takes hours."""
HOSTILE = 200_000
"""Characters of a hostile text."""
WIDE = 20_000
"""Members of a hostile list or object."""


def _decoders() -> dict[str, Decode]:
    found = {}
    for module in pkgutil.iter_modules(sources.__path__):
        decode = getattr(importlib.import_module(f"{sources.__name__}.{module.name}"), "decode", None)
        if decode is not None:
            found[module.name] = decode
    return found


DECODERS = _decoders()
each = pytest.mark.parametrize("source", sorted(DECODERS))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    200,
    2**63,
    1e300,
    0.5,
    "",
    " ",
    "\0",
    ".",
    "..",
    "a..b",
    ".a.",
    '"',
    '"a',
    '""',
    "`",
    "'",
    "a.b.c.d.e.f",
    "null",
    "[]",
    "{}",
    '{"fields":[{}]}',
    '["\\u0000"]',
    "[[[",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "true",
    "1e999",
    "\u2028é😀",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"": ""},
    {"name": None},
    ["a", 1, None],
)


def records(source: str) -> list[dict[str, Any]]:
    return RECORDS.get(source, [{}])


def decoded(source: str, value: bytes | None, memory: dict[str, bytes] | None = None) -> Reading:
    record = RawRecord(Position(source, 0, 1), None, value, 1_772_359_200_000)
    return DECODERS[source](record, {} if memory is None else memory)


def is_sound(reading: Reading) -> None:
    """What the feed relies on of any reading."""
    assert reading.kind
    assert reading.at is None or (type(reading.at) is int and 0 <= reading.at < 2**63)
    assert reading.unreadable is None or not reading.facts
    texts: list[Any] = [reading.id, reading.by, reading.query]
    if reading.unreadable is not None:
        assert reading.unreadable.kind
        assert reading.unreadable.reason
        texts.append(reading.unreadable.reason)
    for fact in reading.facts:
        for member in fields(fact):
            value = getattr(fact, member.name)
            if member.name in ("name", "before", "after", "one", "other") and value is not None:
                is_name(value)
            elif isinstance(value, str):
                texts.append(value)
        if isinstance(fact, Image):
            for column in fact.columns:
                assert isinstance(column.name, str)
                assert column.name
                assert isinstance(column.type, str)
                assert column.nullable in (None, True, False)
                texts += [column.name, column.default, column.comment, column.id, *(column.classes or ())]
        if isinstance(fact, Ran):
            assert isinstance(fact.place, tuple)
            texts += fact.place
    for one in texts:
        assert one is None or isinstance(one, str)
        (one or "").encode()


def is_name(name: Name) -> None:
    assert isinstance(name, tuple)
    assert name
    for part in name:
        assert isinstance(part, str)
        assert part
        part.encode()


def is_kept(memory: dict[str, bytes]) -> None:
    """What the ledger can keep of a decoder's memory."""
    for key, value in memory.items():
        assert isinstance(key, str)
        assert isinstance(value, bytes)
        key.encode()


def paths(document: Any, path: Path = ()) -> Iterator[Path]:
    """Where a document has something."""
    yield path
    if isinstance(document, dict):
        for key, value in document.items():
            yield from paths(value, (*path, key))
    if isinstance(document, list):
        for at, value in enumerate(document):
            yield from paths(value, (*path, at))


def at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def replaced(document: Any, path: Path, value: Any) -> Any:
    """A copy of the document with another value in one place."""
    if not path:
        return value
    changed = copy.deepcopy(document)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def damaged(document: Any, chance: random.Random) -> Any:
    """A document with one place gone, replaced, doubled, or taken from elsewhere in it; also within a text of JSON."""
    path = chance.choice(list(paths(document)))
    found = at(document, path)
    match chance.randrange(6):
        case 0 if path:
            changed = copy.deepcopy(document)
            del at(changed, path[:-1])[path[-1]]
            return changed
        case 1:
            other = chance.choice(list(paths(document)))
            return replaced(document, path, copy.deepcopy(at(document, other)))
        case 2 if isinstance(found, list) and found:
            return replaced(document, path, [*found, *found])
        case 3 if isinstance(found, str) and found[:1] in ("{", "[") and is_json(found):
            return replaced(document, path, orjson.dumps(damaged(orjson.loads(found), chance)).decode())
        case 4 if isinstance(found, str) and found:
            cut = chance.randrange(len(found))
            return replaced(
                document, path, found[:cut] + chance.choice(["", ".", '"', "\0", "'", "é"]) + found[cut + 1 :]
            )
    return replaced(document, path, chance.choice(ODD))


@each
def test_every_source_has_records(source: str) -> None:
    """Each decoder has records here, and understands them: a damaged one is damage, not nonsense."""
    assert source in RECORDS, "add a record of each kind that it has to warehouse_records.py"
    for document in RECORDS[source]:
        reading = decoded(source, orjson.dumps(document))
        assert reading.unreadable is None
        assert reading.facts
        is_sound(reading)


@each
@settings(deadline=None)
@given(value=st.none() | st.binary(max_size=200) | JSON.map(orjson.dumps))
def test_anything(source: str, value: bytes | None) -> None:
    """Any bytes and any JSON come to a sound reading."""
    is_sound(decoded(source, value))


@each
@settings(deadline=None)
@given(chance=st.randoms(use_true_random=False))
def test_damaged_records(source: str, chance: random.Random) -> None:
    """Damaged records of a source come to sound readings, whatever stood before them in the same memory."""
    memory: dict[str, bytes] = {}
    for _ in range(chance.randint(1, 4)):
        document = chance.choice(records(source))
        for _ in range(chance.randint(1, 3)):
            document = damaged(document, chance)
        is_sound(decoded(source, orjson.dumps(document), memory))
        is_kept(memory)


@each
def test_every_place_of_every_record(source: str) -> None:
    """Each member of each record gone, and each odd value in its place, comes to a sound reading."""
    for document in records(source):
        for path in paths(document):
            for value in ODD:
                is_sound(decoded(source, orjson.dumps(replaced(document, path, value))))
            if path:
                less = copy.deepcopy(document)
                del at(less, path[:-1])[path[-1]]
                is_sound(decoded(source, orjson.dumps(less)))


TEXTS = (
    "(",
    "'",
    '"',
    "`",
    ".",
    "a.",
    '"."',
    '""',
    "--",
    "/*",
    "\\n",
    "\\",
    " ",
    "[",
    '{"a":',
    "1",
    "<",
    "CREATE TABLE ",
)


@each
def test_hostile_texts(source: str) -> None:
    """A text of one mark over and over, wherever a record has a text, is read in bounded time."""
    for document in records(source):
        for path in paths(document):
            if not isinstance(at(document, path), str):
                continue
            for mark in TEXTS:
                text = (mark * (HOSTILE // len(mark)))[:HOSTILE]
                found = str(at(document, path))
                is_quick(source, replaced(document, path, f"{found} {text}" if " " in found else text))


@each
def test_hostile_lists(source: str) -> None:
    """A list or object of very many members, wherever a record has one, is read in bounded time."""
    for document in records(source):
        for path in paths(document):
            found = at(document, path)
            if isinstance(found, list):
                is_quick(source, replaced(document, path, (found or [None]) * WIDE))
            elif isinstance(found, dict):
                is_quick(source, replaced(document, path, {**found, **{f"m{one}": {} for one in range(WIDE)}}))


def is_quick(source: str, document: Any) -> None:
    value = orjson.dumps(document)
    began = time.monotonic()
    reading = decoded(source, value)
    assert time.monotonic() - began < SECONDS
    is_sound(reading)


@each
def test_deep_nesting(source: str) -> None:
    """A record that nests a hundred thousand deep is unreadable; one that nests as deep as JSON may is read."""
    deep = b"[" * 100_000 + b"]" * 100_000
    assert decoded(source, deep).unreadable is not None
    for document in records(source):
        for key in document:
            inner = b'{"a":' * 900 + b"1" + b"}" * 900
            text = orjson.dumps({**document, key: "?"}).replace(b'"?"', inner, 1)
            is_sound(decoded(source, text))
            is_sound(decoded(source, orjson.dumps({**document, key: deep.decode()})))
