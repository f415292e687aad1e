"""Checks about how far a field's values may go: length, precision, scale, and the constraints on them."""

from __future__ import annotations

import math
from typing import Any, Literal, TypeAlias

from watcher.model.contract import AtMost, Meets
from watcher.model.lookup import Place, find
from watcher.model.schema import Format
from watcher.model.types import Binary, Boolean, Decimal, Enum, Fixed, Integer, String, Type
from watcher.rules.constraints import longest, meets
from watcher.rules.rule import Asked, Check, Finding
from watcher.rules.seen import held_text, stated

Facet: TypeAlias = Literal["length", "precision", "scale"]

_SILENT = frozenset({Format.AVRO, Format.PROTOBUF})
"""Formats that have no word for the length of a text, nor for constraints."""


def grown(facet: Facet) -> Check:
    """The check that this facet of the field's type stays within the expected bound."""

    def check(asked: Asked) -> Finding | None:
        expectation, found = asked.expectation, asked.found
        if not isinstance(expectation, AtMost) or expectation.facet != facet or not isinstance(found, Place):
            return None
        over = _over(expectation, found)
        if over is None or asked.state.schema is None:
            return None
        told = held_text(found, asked.state.schema)
        return Finding(told, f"it is {told}, {over}, and {expectation.most} is expected")

    return check


def constraint_lost(asked: Asked) -> Finding | None:
    """Some value of the field's type need not meet the constraint."""
    expectation, found, schema = asked.expectation, asked.found, asked.state.schema
    if not isinstance(expectation, Meets) or not isinstance(found, Place) or schema is None:
        return None
    if found.types and all(meets(type_, expectation.constraint) for type_ in found.types):
        return None
    there: Any = stated(found, schema)
    told = f"the schema states {', '.join(there)}" if isinstance(there, list) else f"it is {there} and no more"
    return Finding(there, told)


def unstated(asked: Asked) -> Finding | None:
    """The format has no word for what is relied upon, and never had a type that says it."""
    expectation, found, schema = asked.expectation, asked.found, asked.state.schema
    if not isinstance(found, Place) or schema is None or schema.format not in _SILENT:
        return None
    if isinstance(expectation, AtMost):
        if expectation.facet != "length" or not any(_is_endless(type_) for type_ in found.types):
            return None
        if _over(expectation, found) is None or any(_beyond(type_, expectation) for type_ in found.types):
            return None
    elif not isinstance(expectation, Meets) or constraint_lost(asked) is None:
        return None
    if _held_before(asked):
        return None
    told = held_text(found, schema)
    return Finding(told, f"it is {told}, and {schema.format.value} has no way to say more")


def _held_before(asked: Asked) -> bool:
    """Whether the type before guaranteed what is relied upon, so that losing it is a break."""
    if asked.baseline is None:
        return False
    was, expectation = find(asked.baseline, asked.expectation.path), asked.expectation
    if not isinstance(was, Place) or not was.types:
        return False
    if isinstance(expectation, AtMost):
        return _over(expectation, was) is None
    return isinstance(expectation, Meets) and all(meets(type_, expectation.constraint) for type_ in was.types)


def _over(expectation: AtMost, found: Place) -> str | None:
    """By how much the types at a place go beyond the bound, in words; None where they do not."""
    most: int | None = 0
    for type_ in found.types:
        its = measure(type_, expectation.facet)
        if its is None:
            return f"whose {expectation.facet} has no bound"
        most = max(most or 0, its)
    return f"whose {expectation.facet} is {most} at most" if most is not None and most > expectation.most else None


def _beyond(type_: Type, expectation: AtMost) -> bool:
    its = measure(type_, expectation.facet)
    return its > expectation.most if its is not None else not _is_endless(type_)


def _is_endless(type_: Type) -> bool:
    return isinstance(type_, String | Binary) and _length(type_) is None


def measure(type_: Type, facet: Facet) -> int | None:
    """How far a type's values go: characters or bytes, digits, digits after the point; None without a bound."""
    if facet == "length":
        return _length(type_)
    match type_:
        case Decimal(precision, scale):
            return precision if facet == "precision" else _scale(precision, scale)
        case Integer(bits, signed):
            return 0 if facet == "scale" else len(str((1 << bits - signed) - 1)) if bits else None
        case Boolean():
            return 0 if facet == "scale" else 1
    return None


def _scale(precision: int | None, scale: int | None) -> int | None:
    return 0 if scale is None and precision is not None else scale


def _length(type_: Type) -> int | None:
    match type_:
        case String():
            most = longest(type_)
            return None if math.isinf(most) else int(most)
        case Binary(length):
            return length
        case Fixed(size):
            return size
        case Enum(symbols):
            return max(map(len, symbols), default=0)
    return None
