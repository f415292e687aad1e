"""Records of an Avro schema: as small as can be but for one place, which takes each form that it may.

A union's value stands in a pair with its branch's name, so that the library need not guess which one was meant. What is
made here is a proposal: the library has the last word on each.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Iterator
from typing import Any

from watcher.compat.carriers import carrier, kind_of
from watcher.model.lookup import type_names
from watcher.model.path import Branch, Item, Member, Step, Value
from watcher.model.schema import Schema
from watcher.model.types import (
    Array,
    Binary,
    Boolean,
    Date,
    Decimal,
    Duration,
    Enum,
    Field,
    Fixed,
    Float,
    Integer,
    Map,
    Null,
    Record,
    Ref,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Uuid,
)
from watcher.witness.case import Refused

MAX_NODES = 5_000
"""Values in one record."""

MAX_SUM = 300_000
"""Values in all records together."""

MAX_VARIANTS = 500
MAX_AGAIN = 2
"""So often a recursive type is entered on one way down."""

MAX_BYTES = 20_000
"""Bytes of a fixed type."""

_LENGTHS = (1, 2, 17, 65, 257, 1025, 4097)
_EDGES = (0, 1, -1, 2**7, 2**15, 2**31 - 1, -(2**31), 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63))
_ZERO_UUID = "00000000-0000-0000-0000-000000000000"


def grow(schema: Schema, taken: tuple[Step, ...]) -> Iterator[Any]:
    """The records in which what stands at the end of these steps takes each of its forms. Raises Refused."""
    grower = _Grower(schema)
    smallest = grower.cost(schema.root)
    if math.isinf(smallest):
        raise Refused("no finite record has this schema: it holds itself, with no way out")
    if smallest > MAX_NODES:
        raise Refused(f"the smallest record of this schema has more than {MAX_NODES} values")
    left = min(MAX_VARIANTS, max(8, int(MAX_SUM / smallest)))
    for number, record in enumerate(grower.at(schema.root, taken)):
        if number >= left:
            return
        yield record


class _Grower:
    """One schema's values."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._costs: dict[str, float] = dict.fromkeys(schema.named, math.inf)
        changed = True
        while changed:
            changed = False
            for name, type_ in schema.named.items():
                cost = self.cost(type_)
                if cost < self._costs[name]:
                    self._costs[name], changed = cost, True

    def cost(self, type_: Type) -> float:
        """How many values the smallest of a type is made of; without end where there is none."""
        match type_:
            case Ref(name):
                return self._costs[name]
            case Union(branches):
                return min((self.cost(one) for one in branches), default=math.inf)
            case Record(fields):
                return 1 + sum(self.cost(one.type) for one in fields)
            case Fixed(size):
                return 1 if size <= MAX_BYTES else math.inf
            case Decimal(base=base) | Uuid(base) | Duration(base) if isinstance(base, Ref):
                return self.cost(base)
        return 1

    def smallest(self, type_: Type) -> Any:
        """The smallest value of a type."""
        match type_:
            case Ref(name):
                return self.smallest(self._schema.named[name])
            case Union(branches):
                best = min(branches, key=self.cost)
                return self._tagged(best, self.smallest(best))
            case Record(fields):
                return {one.name: self.smallest(one.type) for one in fields}
            case Array():
                return []
            case Map():
                return {}
        return next(self._plain(type_))

    def at(self, type_: Type, taken: tuple[Step, ...]) -> Iterator[Any]:
        """Values of a type in which what stands at the end of the steps takes each form."""
        if isinstance(type_, Ref):
            type_ = self._schema.named[type_.name]
        if not taken:
            yield from self.forms(type_, ())
            return
        step, rest = taken[0], taken[1:]
        match step, type_:
            case Branch(name), Union(branches):
                for one in branches:
                    chosen = name in type_names(self._schema.resolve(one))
                    inner = self.at(one, rest) if chosen else iter((self._safe(one),))
                    yield from (self._tagged(one, value) for value in inner if value is not _NONE)
            case Branch(), _:
                yield from self.at(type_, rest)
            case _, Union(branches):
                for one in branches:
                    yield from (self._tagged(one, value) for value in self.at(one, taken))
            case Member(name), Record(fields) if any(one.name == name for one in fields):
                yield from self._member(fields, name, rest)
            case Item(), Array(items):
                yield []
                yield from ([value] for value in self.at(items, rest))
            case Value(), Map(values):
                yield {}
                yield from ({"k": value} for value in self.at(values, rest))
            case _:
                yield from (value for value in (self._safe(type_),) if value is not _NONE)

    def _member(self, fields: tuple[Field, ...], name: str, rest: tuple[Step, ...]) -> Iterator[Any]:
        least = {one.name: self._safe(one.type) for one in fields if one.name != name}
        if _NONE in least.values():
            return
        for chosen in (one for one in fields if one.name == name):
            for value in self.at(chosen.type, rest):
                yield {one.name: value if one is chosen else least[one.name] for one in fields}

    def forms(self, type_: Type, above: tuple[str, ...]) -> Iterator[Any]:
        """The forms of a type: each branch, each symbol, the edges; of a record, each member's in turn."""
        match type_:
            case Ref(name):
                if above.count(name) < MAX_AGAIN:
                    yield from self.forms(self._schema.named[name], (*above, name))
            case Union(branches):
                for one in branches:
                    yield from (self._tagged(one, value) for value in self.forms(one, above))
            case Array(items):
                yield []
                yield from ([value] for value in self.forms(items, above))
            case Map(values):
                yield {}
                yield from ({"k": value} for value in self.forms(values, above))
            case Record():
                yield from self._members(type_, above)
            case _:
                yield from self._plain(type_)

    def _members(self, record: Record, above: tuple[str, ...]) -> Iterator[Any]:
        least = {one.name: self._safe(one.type) for one in record.fields}
        if _NONE in least.values():
            return
        yield dict(least)
        for one in record.fields:
            yield from ({**least, one.name: value} for value in self.forms(one.type, above))

    def _safe(self, type_: Type) -> Any:
        return self.smallest(type_) if self.cost(type_) <= MAX_NODES else _NONE

    def _tagged(self, branch: Type, value: Any) -> Any:
        if isinstance(branch, Null):
            return value
        base = getattr(branch, "base", None) or branch
        if isinstance(base, Ref):
            return (base.name, value)
        return (kind_of(carrier(branch, self._schema.named)).lower(), value)

    def _plain(self, type_: Type) -> Iterator[Any]:  # noqa: PLR0912 - one case a type
        match type_:
            case Ref(name):
                yield from self._plain(self._schema.named[name])
            case Null():
                yield None
            case Boolean():
                yield from (False, True)
            case Integer(bits):
                yield from (one for one in _EDGES if -(1 << bits - 1) <= one < 1 << bits - 1)
            case Float(bits):
                yield from (0.0, 0.5, -1.0, *((0.1, 1e300) if bits == 64 else ()))
            case String():
                yield from ("", *("a" * length for length in _LENGTHS))
            case Binary():
                yield from (b"", b"a", b"\xff", b"a" * 17)
            case Decimal(precision, scale, base):
                yield from self._decimals(precision, scale, base)
            case Date() | Time() | Timestamp():
                yield from (0, 1, 1000)
            case Uuid(base):
                yield bytes(16) if isinstance(base, Ref) else _ZERO_UUID
            case Duration():
                yield bytes(12)
            case Enum(symbols):
                yield from symbols
            case Fixed(size):
                yield bytes(size)
                yield b"\xff" * size
            case _:
                raise Refused(f"no value of {type_} can be made")

    def _decimals(self, precision: int | None, scale: int | None, base: Type | None) -> Iterator[Any]:
        if precision is None:
            yield from (b"\x00", b"\x01")
            return
        digits = min(precision, 100)
        with decimal.localcontext(prec=digits + abs(scale or 0) + 2):
            step = decimal.Decimal(1).scaleb(-(scale or 0))
            yield 0 * step
            yield step
            if isinstance(base, Binary) or digits < 400:
                yield (10**digits - 1) * step


_NONE: Any = object()
"""No value: what is too large, or has no end."""
