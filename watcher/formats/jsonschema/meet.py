"""What several canonical types have in common: how `allOf` and keywords beside each other come to one type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any, TypeAlias

from watcher.model.types import (
    NULL,
    Array,
    Binary,
    Constraint,
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

_Textual: TypeAlias = Enum | Binary | Date | Time | Timestamp | Duration | Uuid
_NUMBER = Integer | Float | Decimal
_STRICTER: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxItems", "maxProperties"), min),
    "enum": lambda mine, its: tuple(sorted({*mine} & {*its})),
}
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
            length = min((one for one in (mine, its) if one is not None), default=None)
            return String(length, both(one.constraints, other.constraints))
        case (String() as text, textual) | (textual, String() as text) if isinstance(textual, _Textual):
            return _on_text(textual, text)
        case (Record(), Record()):
            return merge(one, other)
        case (Array(mine), Array(its)):
            inner = meet(mine, its)
            return None if inner is None else Array(inner, both(one.constraints, other.constraints))
        case (Map(mine), Map(its)):
            inner = meet(mine, its)
            return None if inner is None else Map(inner, both(one.constraints, other.constraints))
        case (Record() as record, Map() as rest) | (Map() as rest, Record() as record):
            return replace(record, constraints=both(record.constraints, rest.constraints))
    return None


def _on_text(type_: _Textual, text: String) -> Type:
    """The type; what is asked of the text is asked of how its values are written."""
    if isinstance(type_, Enum | Binary) or not isinstance(type_.base, String):
        return type_
    return replace(type_, base=meet(type_.base, text))


def both(mine: tuple[Constraint, ...], its: tuple[Constraint, ...]) -> tuple[Constraint, ...]:
    """What the one and the other ask: of two bounds the stricter one, of other things each."""
    if not mine or not its or mine == its:
        return mine or its
    found: dict[tuple[str, Any], Constraint] = {}
    for one in (*mine, *its):
        stricter = _STRICTER.get(one.name)
        key = (one.name, None if stricter else _comparable(one.value))
        known = found.get(key)
        if known is None:
            found[key] = one
        elif stricter is not None:
            found[key] = Constraint(one.name, stricter(known.value, one.value))
    return tuple(sorted(found.values(), key=lambda one: (one.name, str(one.value))))


def _comparable(value: Any) -> Any:
    return (type(value), value)


def _meet_numbers(one: Type, other: Type) -> Type | None:
    if not isinstance(one, _NUMBER) or not isinstance(other, _NUMBER):
        return None
    narrow: Integer | Float | Decimal
    match one, other:
        case (Integer(), Integer()):
            narrow = min(one, other, key=lambda type_: type_.bits or 1000)
        case (Float(), Float()):
            narrow = min(one, other, key=lambda type_: type_.bits)
        case (Decimal(), Decimal()):
            narrow = _meet_decimals(one, other)
        case (Integer(), _) | (Decimal(), Float()):
            narrow = one
        case _:
            narrow = other
    return replace(narrow, constraints=both(one.constraints, other.constraints))


def _meet_decimals(one: Decimal, other: Decimal) -> Decimal:
    """The digits before the point and those behind it that both have."""
    scale = min((type_.scale for type_ in (one, other) if type_.scale is not None), default=None)
    whole = [type_.precision - (type_.scale or 0) for type_ in (one, other) if type_.precision is not None]
    return Decimal(min(whole) + (scale or 0) if whole else None, scale, one.base or other.base)


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
    asked = both(one.constraints, other.constraints)
    return Record(by_name(fields.values()), content=content, constraints=asked)


def _merged(one: Field, other: Field) -> Field:
    common = meet(one.type, other.type)
    type_ = NOTHING if common is None else common
    classes = tuple(sorted({*one.classes, *other.classes}))
    required = one.required or other.required
    return Field(one.name, type_, one.default or other.default, required=required, classes=classes)


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
    if not isinstance(branch, Record) or branch.constraints:
        return False
    names = {field.name for field in record.fields}
    return all(field.name in names and field.type == ANY for field in branch.fields)
