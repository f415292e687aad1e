"""The consumer: what one that relies on a clause does with a record, once a library has decoded it.

A clause is about schemas; a record shows at most one side of it. `Use.SILENT` is the answer where a record says nothing
about the clause: an empty list has no item to look at.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any

from watcher.model.contract import (
    At,
    AtMost,
    ClosedShape,
    Exists,
    Expectation,
    HasType,
    Meets,
    Required,
    Values,
)
from watcher.model.path import Branch, FieldPath, Item, Member, Step, Value, canonical, steps
from watcher.model.schema import Format, SchemaText
from watcher.witness.case import Refused
from watcher.witness.plain import bare, to_json, words
from watcher.witness.typing import digits, is_of


class Use(enum.Enum):
    """What comes of a record for a consumer."""

    USES = "uses"
    FAILS = "fails"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Got:
    """What the consumer makes of a record, and how it says it."""

    use: Use
    words: str
    empty: bool = False
    """Whether it is nothing that is used, null or what the format does not write: a value would show more."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that a path leads to in a record: a value, or (`lost`) the words for why there is none."""

    value: Any = None
    lost: str = ""
    null: bool = False
    """Whether it is lost because null stands above it."""


SILENT = Got(Use.SILENT, "the record has nothing there to look at")


def consume(clause: Expectation, record: Any, format_: Format) -> Got:
    """What a consumer that relies on this clause makes of a decoded record."""
    path, name = clause.path, _name(clause.path)
    if isinstance(clause, At):
        return _placed(clause, record)
    hits = list(look_up(record, steps(path)))
    lost = next((hit for hit in hits if hit.lost and (not hit.null or isinstance(clause, Required))), None)
    values = [hit.value for hit in hits if not hit.lost]
    match clause:
        case Exists():
            if lost:
                return Got(Use.FAILS, lost.lost)
            empty = all(_is_nothing(bare(one), format_) for one in values)
            return Got(Use.USES, f"{name} is {words(values[0])}", empty) if values else SILENT
        case Required():
            if lost:
                return Got(Use.FAILS, lost.lost)
            if any(bare(one) is None for one in values):
                return Got(Use.FAILS, f"{name} is null")
            empty = all(_is_nothing(bare(one), format_) for one in values)
            return Got(Use.USES, f"{name} is {words(values[0])}", empty) if values else SILENT
    there = [one for one in map(bare, values) if one is not None]
    if lost or not there:
        return SILENT
    faults = [fault for one in there if (fault := _fault(clause, one, format_))]
    empty = all(_is_nothing(one, format_) for one in there)
    told = f"{name} {faults[0]}" if faults else f"{name} is {words(there[0])}"
    return Got(Use.FAILS if faults else Use.USES, told, empty)


def _is_nothing(value: Any, format_: Format) -> bool:
    """Whether it leaves no trace in the data: protobuf writes no zero, and such a record would prove little."""
    return value is None or (format_ is Format.PROTOBUF and not value)


def look_up(record: Any, taken: Sequence[Step], done: tuple[Step, ...] = ()) -> Iterator[Hit]:
    """All that a path leads to; a branch that a record did not take leads to nothing."""
    if not taken:
        yield Hit(record)
        return
    step, rest = taken[0], taken[1:]
    here = (*done, step)
    if isinstance(step, Branch):
        if _took(record, step.name):
            yield from look_up(record, rest, here)
        return
    value = bare(record)
    if value is None:
        yield Hit(lost=f"{_name(canonical(done))} is null: there is no {_name(canonical(here))}", null=True)
        return
    match step:
        case Member(name) if isinstance(value, dict) and name in value:
            yield from look_up(value[name], rest, here)
        case Item() if isinstance(value, list):
            for one in value:
                yield from look_up(one, rest, here)
        case Value() if isinstance(value, dict):
            for one in value.values():
                yield from look_up(one, rest, here)
        case _:
            yield Hit(lost=f"{_name(canonical(here))} is not there")


def grafted(record: Any, taken: Sequence[Step], value: Any) -> Any:
    """The record with this value wherever the path leads."""
    if not taken:
        return value
    step, rest = taken[0], taken[1:]
    if isinstance(step, Branch):
        return grafted(record, rest, value)
    if isinstance(record, tuple):
        return (record[0], grafted(record[1], taken, value))
    match step:
        case Member(name) if isinstance(record, dict):
            return {**record, name: grafted(record.get(name), rest, value)}
        case Item() if isinstance(record, list):
            return [grafted(one, rest, value) for one in record]
        case Value() if isinstance(record, dict):
            return {key: grafted(one, rest, value) for key, one in record.items()}
    return record


def _fault(clause: Expectation, value: Any, format_: Format) -> str:
    """What a value that is there has against the clause, empty where nothing."""
    match clause:
        case HasType(expected=expected, text=text):
            return "" if is_of(value, expected, format_) else f"is {words(value)}, which is no {text}"
        case Values(values=values, at_least=at_least):
            text = value if isinstance(value, str) else json.dumps(to_json(value))
            known = text in values or (at_least and isinstance(value, str | bool | _numbers(format_)))
            return "" if known else f"is {words(value)}, which is not one of {', '.join(values)}"
        case ClosedShape():
            return _shape(clause, value, format_)
        case AtMost(facet=facet, most=most):
            counted = digits(value, facet)
            return (
                ""
                if counted is None or counted <= most
                else f"is {words(value)}: its {facet} is {counted}, beyond {most}"
            )
        case Meets(constraint=constraint):
            from watcher.witness.json_kit_judge import judge  # noqa: PLC0415 - slow, and seldom asked

            asked = SchemaText(Format.JSON, json.dumps({constraint.name: to_json(constraint.value)}))
            try:
                fault = judge(asked).fault(to_json(value))
            except Refused:
                return ""
            told = f"is {words(value)}, which does not meet {constraint.name} {words(constraint.value)}"
            return told if fault else ""
    return ""


def _numbers(format_: Format) -> type | UnionType:
    """Numbers that a list of values may have: only JSON has such lists."""
    return int | float if format_ is Format.JSON else bool


def _shape(clause: ClosedShape, value: Any, format_: Format) -> str:
    if clause.known is None:
        return ""
    if not isinstance(value, dict):
        return f"is {words(value)}, which is no record"
    now = list(value)
    new = [one for one in now if one not in clause.known]
    if new:
        return f"has `{new[0]}`, which is not known"
    if format_ is not Format.AVRO:
        return ""  # members have no order there, and may be missing
    gone = [one for one in clause.known if one not in now]
    if gone:
        return f"has no `{gone[0]}`"
    moved = next((pair for pair in zip(now, clause.known, strict=False) if pair[0] != pair[1]), None)
    return f"has `{moved[0]}` where `{moved[1]}` stood" if moved else ""


def _placed(clause: At, record: Any) -> Got:
    taken = steps(clause.path)
    if not taken or not isinstance(taken[-1], Member):
        return SILENT
    above = next((bare(hit.value) for hit in look_up(record, taken[:-1]) if not hit.lost), None)
    if not isinstance(above, dict):
        return SILENT
    names = list(above)
    there = names[clause.position - 1] if clause.position <= len(names) else None
    told = f"`{there}`" if there else "nothing"
    use = Use.USES if there == taken[-1].name else Use.FAILS
    return Got(use, f"at place {clause.position} of the record stands {told}")


def _took(value: Any, name: str) -> bool:
    """Whether the record took the union's branch of this name."""
    if isinstance(value, tuple):
        return name in (value[0], value[0].rpartition(".")[2])
    kinds = {
        bool: ("boolean",),
        int: ("integer", "int", "long"),
        float: ("float", "double"),
        str: ("string", "enum"),
        bytes: ("binary", "bytes"),
        list: ("array",),
        dict: ("map", "record"),
    }
    return name in kinds.get(type(value), (type(value).__name__.lower(), "timestamp"))


def _name(path: FieldPath) -> str:
    return f"`{path}`" if path else "the record"
