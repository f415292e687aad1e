"""Checks about a member of a record beyond its type: default, place, classification, and how the data carries it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from watcher.model.contract import At, Classified, Defaulted, Exists, HasType, Values
from watcher.model.lookup import Place, find
from watcher.model.path import FieldPath, Member, canonical, steps
from watcher.model.schema import Format, Schema
from watcher.model.types import Default, Enum, Field
from watcher.rules.members import fields_at, positions, tags_at
from watcher.rules.rule import Asked, Finding
from watcher.rules.seen import seen_at

_Off: TypeAlias = Callable[[frozenset[str], frozenset[str]], frozenset[str]]

_PLACELESS = {
    Format.JSON: "JSON knows members by name",
    Format.PROTOBUF: "protobuf knows members by number",
}
"""Formats in whose data a member has no place, and why."""


def undefaulted(asked: Asked) -> Finding | None:
    """The member has no default."""
    if not isinstance(asked.expectation, Defaulted):
        return None
    there = _here(asked)
    return Finding(None, "it has none") if any(field.default is None for field in there) else None


def defaulted_otherwise(asked: Asked) -> Finding | None:
    """The member's default is another one than the expected."""
    expectation = asked.expectation
    if not isinstance(expectation, Defaulted) or expectation.expected is None:
        return None
    for field in _here(asked):
        if field.default is not None and not _same_default(expectation.expected, field.default):
            told = json.dumps(field.default.value)
            return Finding(told, f"it is {told}, not {json.dumps(expectation.expected.value)}")
    return None


def moved(asked: Asked) -> Finding | None:
    """The member stands at another place among its record's members."""
    expectation, schema = asked.expectation, asked.state.schema
    if not isinstance(expectation, At) or schema is None or schema.format in _PLACELESS:
        return None
    there = positions(schema, expectation.path)
    off = next((number for number in there if number != expectation.position), None)
    return None if off is None else Finding(off, f"it is number {off}, not {expectation.position}")


def placeless(asked: Asked) -> Finding | None:
    """The format gives a record's members no places."""
    expectation, schema = asked.expectation, asked.state.schema
    if not isinstance(expectation, At) or schema is None or schema.format not in _PLACELESS:
        return None
    return Finding(None, f"{_PLACELESS[schema.format]}, so their order in the schema says nothing of the data")


def class_added(asked: Asked) -> Finding | None:
    """The member has a classification tag that is not among the expected ones."""
    return _classes(asked, "it is tagged {}", lambda wanted, there: there - wanted)


def class_removed(asked: Asked) -> Finding | None:
    """The member lacks an expected classification tag."""
    return _classes(asked, "it is not tagged {}", lambda wanted, there: wanted - there)


def renumbered(asked: Asked) -> Finding | None:
    """The number that stands for the member in the data, or for one above it, is another one than before."""
    if not isinstance(asked.expectation, Exists):
        return None
    sides = _carried(asked)
    if sides is None:
        return None
    taken = steps(asked.expectation.path)
    for depth, step in enumerate(taken, 1):
        if not isinstance(step, Member):
            continue
        was, now = ({field.tag for field in fields_at(side, canonical(taken[:depth]))} - {None} for side in sides)
        if was and now and was != now:
            who = "it" if depth == len(taken) else f"`{canonical(taken[:depth])}` above it"
            told = f"{who} was number {_joined(was)}, and is number {_joined(now)}"
            return Finding(_seen(asked), told)
    return None


def recoded(asked: Asked) -> Finding | None:
    """The same values are written in other bytes than before."""
    if not isinstance(asked.expectation, HasType | Values):
        return None
    sides = _carried(asked)
    if sides is None:
        return None
    was, now = ({field.encoding for field in fields_at(side, asked.expectation.path)} - {None} for side in sides)
    if was and now and was != now:
        return Finding(_seen(asked), f"it was written as {_joined(was)}, and is written as {_joined(now)}")
    old, new = (_numbers(side, asked.expectation.path) for side in sides)
    for symbol, number in new.items():
        if old.get(symbol, number) != number:
            told = f"`{symbol}` was written as {old[symbol]}, and is written as {number}"
            return Finding(_seen(asked), told)
    return None


def _classes(asked: Asked, told: str, off: _Off) -> Finding | None:
    expectation, schema = asked.expectation, asked.state.schema
    if not isinstance(expectation, Classified) or schema is None:
        return None
    there = tags_at(schema, expectation.path)
    wrong = sorted(off(frozenset(expectation.classes), frozenset(there)))
    return Finding(list(there), told.format(", ".join(f"`{tag}`" for tag in wrong))) if wrong else None


def _here(asked: Asked) -> tuple[Field, ...]:
    schema = asked.state.schema
    return () if schema is None else fields_at(schema, asked.expectation.path)


def _carried(asked: Asked) -> tuple[Schema, Schema] | None:
    """The schemas before and after, where the format leaves several ways to carry the same values."""
    was, now = asked.baseline, asked.state.schema
    if was is None or now is None or was is now:
        return None
    return (was, now) if was.format is now.format is Format.PROTOBUF else None


def _seen(asked: Asked) -> Any:
    return seen_at(asked.found, asked.expectation, asked.state)


def _numbers(schema: Schema, path: FieldPath) -> dict[str, int]:
    found = find(schema, path)
    enums = [type_ for type_ in found.types if isinstance(type_, Enum)] if isinstance(found, Place) else []
    return {symbol: number for one in enums for symbol, number in zip(one.symbols, one.numbers, strict=False)}


def _same_default(wanted: Default, there: Default) -> bool:
    """Whether two defaults are the same value: `0` in a contract is the `0.0` of a schema, though not `false`."""
    mine, its = wanted.value, there.value
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (mine, its))
    return bool(mine == its) if numbers else wanted == there


def _joined(words: Iterable[object]) -> str:
    return " or ".join(sorted(map(str, words)))
