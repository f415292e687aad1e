"""A folder of one dataset's schema versions, as the records that a registry would have written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from watcher.model.dataset import Position, RawRecord
from watcher.model.errors import UsageError

if TYPE_CHECKING:
    from watcher.feeds.registry.feed import RegistryFeed

SUBJECT = "history-value"
_SOURCE = "folder"
_TYPES = {".avsc": "AVRO", ".json": "JSON", ".proto": "PROTOBUF"}
_DATE = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")
_NUMBERS = re.compile(r"(\d+)")
_LARGEST = 5_000_000
_APART = dt.timedelta(minutes=1)


def records(folder: Path, dataset: str, now: dt.datetime) -> tuple[RegistryFeed, Sequence[RawRecord]]:
    """The feed that understands them, and a record a file, in the order of the names (v2 before v10).

    Their time is the date in their names (`orders-2026-03-01.avsc`) where each has another one; else the file's own
    where these rise with the names (a checkout writes all files at once: that says nothing); else one a day up to now.
    Raises UsageError where there is nothing to read.
    """
    from watcher.bootstrap import build_feed  # noqa: PLC0415 - the help of a command needs no feed
    from watcher.settings.feeds import RegistryFeedSettings  # noqa: PLC0415

    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder: name one with a dataset's schema versions")
    files = sorted((one for one in folder.iterdir() if one.suffix in _TYPES), key=lambda one: _natural(one.name))
    if len(files) < 2:
        endings = ", ".join(_TYPES)
        raise UsageError(f"{folder} has {len(files)} schema versions: put two or more there, as {endings} files")
    namespace = dataset.rpartition("/")[0]
    settings = RegistryFeedSettings(name=_SOURCE, namespace=namespace, datasets={SUBJECT: dataset})
    moments = _moments(files, now)
    return build_feed(settings), [
        _record(number, file, at) for number, (file, at) in enumerate(zip(files, moments, strict=True))
    ]


def _record(number: int, file: Path, at: dt.datetime) -> RawRecord:
    if file.stat().st_size > _LARGEST:
        raise UsageError(f"{file} has more than {_LARGEST} bytes: no schema is that long")
    key = {"keytype": "SCHEMA", "subject": SUBJECT, "version": number + 1, "magic": 1}
    value = {
        "subject": SUBJECT,
        "version": number + 1,
        "id": number + 1,
        "schemaType": _TYPES[file.suffix],
        "schema": file.read_text(encoding="utf-8", errors="replace"),
    }
    return RawRecord(Position(_SOURCE, 0, number), orjson.dumps(key), orjson.dumps(value), int(at.timestamp() * 1000))


def _moments(files: Sequence[Path], now: dt.datetime) -> list[dt.datetime]:
    dated = [_DATE.search(one.name) for one in files]
    if all(dated):
        days = [dt.date.fromisoformat(found[1]) for found in dated if found]
        if all(a < b for a, b in pairwise(days)):
            return [dt.datetime.combine(day, dt.time(12), dt.UTC) for day in days]
    written = [dt.datetime.fromtimestamp(one.stat().st_mtime, tz=dt.UTC) for one in files]
    if all(a + _APART < b for a, b in pairwise(written)):
        return written
    return [now - dt.timedelta(days=len(files) - number) for number in range(len(files))]


def _natural(name: str) -> list[tuple[int, int, str]]:
    """A name such that numbers in it count as numbers."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in _NUMBERS.split(name) if part]
