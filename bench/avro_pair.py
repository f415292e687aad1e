"""A pair of Avro schemas: parse both, diff, BACKWARD check; beside the avro package, and beside bare JSON parsing.

Texts differ from one round to the next, so that no text is met twice: in `one field` a pair of versions differs from
the last by the field that changes and the one that is added, as the versions of a subject do; in `all fields` every
name is new. All contenders take turns within one run, and the best of each counts: on a shared machine, that is what
the work costs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, TypeAlias

import avro.compatibility
import avro.schema
import orjson

from watcher.compat.levels import judge
from watcher.diff import diff
from watcher.formats.avro import parse
from watcher.model.compatibility import Level

FIELDS = 100
SECONDS = 12
ROUND = 50
"""Pairs a turn: short enough to run undisturbed."""

Pair: TypeAlias = tuple[str, str]
Work: TypeAlias = Callable[[Pair], object]

_TYPES: tuple[Any, ...] = (
    "string",
    "long",
    ["null", "string"],
    "double",
    {"type": "long", "logicalType": "timestamp-millis"},
    "int",
    "string",
    "boolean",
    ["null", "long"],
    "string",
)


def run() -> None:
    """Print what each contender needs for a pair, and how that compares."""
    shares, news = _pairs(shared=True), _pairs(shared=False)
    turns: dict[str, tuple[Work, Iterator[Pair]]] = {
        "avro package: parse both, check": (_avro_package, shares),
        "watcher: parse both, diff, check (one field)": (_watcher, shares),
        "watcher: parse both, diff, check (all fields)": (_watcher, news),
        "floor: json parses both, one comparison": (_json, shares),
        "floor: orjson parses both, one comparison": (_orjson, shares),
    }
    best = dict.fromkeys(turns, float("inf"))
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        for name, (work, pairs) in turns.items():
            batch = [next(pairs) for _ in range(ROUND)]
            started = time.perf_counter()
            for pair in batch:
                work(pair)
            best[name] = min(best[name], (time.perf_counter() - started) / ROUND)
    print(f"avro_pair: {FIELDS} fields, one field's type changed, one field added; best of {SECONDS} s, per pair")
    (yardstick, *_) = best.values()
    for name, seconds in best.items():
        print(f"  {name:<46} {seconds * 1e6:8.0f} µs {yardstick / seconds:6.1f}x {seconds / yardstick:7.1%}")


def _pairs(*, shared: bool) -> Iterator[Pair]:
    for number in count():
        prefix = "field" if shared else f"field_{number}"
        before = [_field(f"{prefix}_{place}", _TYPES[place % len(_TYPES)]) for place in range(FIELDS)]
        after = [dict(field) for field in before]
        changed = number * len(_TYPES) % FIELDS + 5
        after[changed]["type"] = "long"
        after.append(_field(f"added_{number}", ["null", "string"]))
        yield _text(before), _text(after)


def _field(name: str, type_: Any) -> dict[str, Any]:
    return {"name": name, "type": type_, "default": None} if isinstance(type_, list) else {"name": name, "type": type_}


def _text(fields: list[dict[str, Any]]) -> str:
    return json.dumps({"type": "record", "name": "Order", "namespace": "shop", "fields": fields})


def _watcher(pair: Pair) -> object:
    before, after = parse(pair[0]), parse(pair[1])
    changes, found = diff(before, after), judge(Level.BACKWARD, [before], after)
    if len(changes) != 2 or found:  # the type that changed, the field that was added
        raise AssertionError(changes, found)
    return changes


def _avro_package(pair: Pair) -> object:
    before, after = avro.schema.parse(pair[0]), avro.schema.parse(pair[1])
    return avro.compatibility.ReaderWriterCompatibilityChecker().get_compatibility(after, before)  # type: ignore[no-untyped-call]


def _json(pair: Pair) -> object:
    return json.loads(pair[0]) == json.loads(pair[1])


def _orjson(pair: Pair) -> object:
    return orjson.loads(pair[0]) == orjson.loads(pair[1])


if __name__ == "__main__":
    run()
