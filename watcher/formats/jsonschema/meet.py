"""What several canonical types have in common: how `allOf` and keywords beside each other come to one type."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from watcher.model.types import (
    NULL,
    Array,
    Binary,
    Date,
    Decimal,
    Duration,
    Enum,
    Field,
    Float,
    Integer,
    Map,
    Record,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Unknown,
    Uuid,
)

ANY = Unknown("any")
"""Any value at all; the same word means it in a contract."""

NOTHING = Unknown("nothing")
"""No value at all."""

_TEXTUAL = (Enum, Binary, Date, Time, Timestamp, Duration, Uuid)
_STRICTNESS = {None: 0, "open": 0, "partial": 1, "closed": 2}


def join(types: Iterable[Type]) -> Type:
    """One of several: a union, each branch once, null first."""
    branches: dict[Type, None] = {}
    for type_ in types:
        for one in type_.branches if isinstance(type_, Union) else (type_,):
            branches[one] = None
    if len(branches) > 1:
        branches.pop(NOTHING, None)
    if ANY in branches:
        return ANY
    if NULL in branches:
        branches = {NULL: None, **branches}
    listed = tuple(branches)
    return listed[0] if len(listed) == 1 else Union(listed) if listed else NOTHING


def meet(one: Type, other: Type) -> Type | None:
    """What is a value of both; None where nothing is. A type that we cannot place gives way to one that we can."""
    if one == other or isinstance(other, Unknown):
        return one
    if isinstance(one, Unknown):
        return other
    if isinstance(one, Union) or isinstance(other, Union):
        return _meet_union(one, other)
    number = _meet_numbers(one, other)
    if number is not None:
        return number
    match one, other:
        case (Enum(mine), Enum(its)):
            return Enum(tuple(symbol for symbol in mine if symbol in set(its)))
        case (String(mine), String(its)):
            return String(min((length for length in (mine, its) if length is not None), default=None))
        case (String(), textual) | (textual, String()) if isinstance(textual, _TEXTUAL):
            return textual
        case (Record(), Record()):
            return merge(one, other)
        case (Array(mine), Array(its)):
            inner = meet(mine, its)
            return None if inner is None else Array(inner)
        case (Map(mine), Map(its)):
            inner = meet(mine, its)
            return None if inner is None else Map(inner)
        case (Record() as record, Map()) | (Map(), Record() as record):
            return record
    return None


def _meet_numbers(one: Type, other: Type) -> Type | None:
    match one, other:
        case (Integer(), Integer()):
            return min(one, other, key=lambda type_: type_.bits or 1000)
        case (Float(), Float()):
            return min(one, other, key=lambda type_: type_.bits)
        case (Integer() as narrow, Float() | Decimal()) | (Float() | Decimal(), Integer() as narrow):
            return narrow
        case (Decimal() as narrow, Float()) | (Float(), Decimal() as narrow):
            return narrow
    return None


def by_name(fields: Iterable[Field]) -> tuple[Field, ...]:
    """Fields in the order of their names: an object has no order of its own, and another order is no change."""
    return tuple(sorted(fields, key=attrgetter("name")))


def merge(one: Record, other: Record) -> Record:
    """The members of both; what one requires is required, what one is closed to is closed."""
    fields = {field.name: field for field in one.fields}
    for field in other.fields:
        known = fields.get(field.name)
        fields[field.name] = field if known is None else _merged(known, field)
    content = max(one.content, other.content, key=_STRICTNESS.__getitem__)
    return Record(by_name(fields.values()), content=content)


def _merged(one: Field, other: Field) -> Field:
    common = meet(one.type, other.type)
    type_ = NOTHING if common is None else common
    return Field(one.name, type_, one.default or other.default, required=one.required or other.required)


def _meet_union(one: Type, other: Type) -> Type | None:
    if isinstance(one, Union) and isinstance(other, Union):
        pairs = [(mine, its) for mine in one.branches for its in other.branches]
    elif isinstance(one, Union):
        pairs = [(branch, other) for branch in one.branches]
    else:
        pairs = [(one, branch) for branch in other.branches] if isinstance(other, Union) else []
    if isinstance(one, Record) and all(_only_requires(branch, one) for _, branch in pairs):
        return one
    if isinstance(other, Record) and all(_only_requires(branch, other) for branch, _ in pairs):
        return other
    common = [both for both in (meet(mine, its) for mine, its in pairs) if both is not None]
    return join(common) if common else None


def _only_requires(branch: Type, record: Record) -> bool:
    """Whether a branch adds no member to the record and says nothing of their types: "one of these must be there"."""
    if not isinstance(branch, Record):
        return False
    names = {field.name for field in record.fields}
    return all(field.name in names and field.type == ANY for field in branch.fields)
