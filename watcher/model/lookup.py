"""Lookup: what stands at a field path of a schema, at the cost of the path's length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

from watcher.model.path import Branch, Item, Member, Step, Value, steps
from watcher.model.schema import Schema
from watcher.model.types import (
    Array,
    Binary,
    Enum,
    Field,
    Fixed,
    Float,
    Integer,
    Map,
    Null,
    Record,
    Ref,
    Type,
    Union,
    Unknown,
)


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at a path.

    `types` are the resolved types, several for a union, null left out. `nullable`: null is among the values.
    `present`: every record, or every item of the nearest array or map above, has it, with nothing nullable on the way.
    """

    types: tuple[Type, ...]
    nullable: bool
    present: bool

    @property
    def type(self) -> Type:
        """The one type that stands there, null left out."""
        if not self.types:
            return Null()
        return self.types[0] if len(self.types) == 1 else Union(self.types)

    @property
    def records(self) -> tuple[Record, ...]:
        """The records among the types."""
        return tuple(type_ for type_ in self.types if isinstance(type_, Record))


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing stands at the path: its first `depth` steps lead to `records`, and the next one leads nowhere."""

    depth: int
    step: Step
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Obscured:
    """The path leads through a type that we cannot place, written as `text`: what stands there is unknown."""

    depth: int
    text: str


_WORDS: Mapping[Type, tuple[str, ...]] = {
    Integer(32): ("int",),
    Integer(64): ("long",),
    Float(32): ("float",),
    Float(64): ("double",),
    Binary(): ("bytes",),
}
"""What Avro calls a branch, beside the name of its kind: `<long>` is `<integer>`."""

Found: TypeAlias = Place | Gap | Obscured


def find(schema: Schema, path: str) -> Found:
    """What stands at `path`; a member of a union must be in all of its record branches."""
    place = open_types(schema, (schema.root,), present=True)
    for depth, step in enumerate(_steps(path)):
        following = _step(schema, place, step)
        if following is None:
            unknown = next((type_.text for type_ in place.types if isinstance(type_, Unknown)), None)
            return Gap(depth, step, place.records) if unknown is None else Obscured(depth, unknown)
        place = following
    return place


def members(record: Record) -> Mapping[str, Field]:
    """A record's members by name, indexed once per record."""
    return _members(_Identity(record))


def type_names(type_: Type) -> frozenset[str]:
    """The names by which a path's `<Name>` may mean a union branch: full and simple name, or words for the kind."""
    if isinstance(type_, Record | Enum | Fixed) and type_.name:
        return frozenset((type_.name, type_.name.rpartition(".")[2]))
    bare = replace(type_, constraints=()) if isinstance(type_, Integer | Float) else type_
    return frozenset((type(type_).__name__.lower(), *_WORDS.get(bare, ())))


def open_types(schema: Schema, types: Iterable[Type], *, present: bool) -> Place:
    """The place that these types make: references and unions resolved, null told apart."""
    # Each type is kept once, by identity: a recursive schema cannot make the frontier larger than itself.
    seen: dict[int, Type] = {}
    nullable = False
    stack = list(types)[::-1]
    while stack:
        type_ = stack.pop()
        if isinstance(type_, Ref):
            type_ = schema.named.get(type_.name, Unknown(type_.name))
        if isinstance(type_, Union):
            stack.extend(type_.branches[::-1])
        elif isinstance(type_, Null):
            nullable = True
        else:
            seen.setdefault(id(type_), type_)
    return Place(tuple(seen.values()), nullable, present)


def _step(schema: Schema, place: Place, step: Step) -> Place | None:
    match step:
        case Member(name):
            return _member(schema, place, name)
        case Item():
            items = [type_.items for type_ in place.types if isinstance(type_, Array)]
            return open_types(schema, items, present=True) if items else None
        case Value():
            values = [type_.values for type_ in place.types if isinstance(type_, Map)]
            return open_types(schema, values, present=True) if values else None
        case Branch(name):
            chosen = [type_ for type_ in place.types if name in type_names(type_)]
            present = place.present and len(place.types) == len(chosen)
            return Place(tuple(chosen), place.nullable, present) if chosen else None


def _member(schema: Schema, place: Place, name: str) -> Place | None:
    records = place.records
    fields = [members(record).get(name) for record in records]
    known = [field for field in fields if field is not None]
    if not known or len(known) != len(fields):
        return None
    everywhere = len(records) == len(place.types) and not place.nullable
    present = place.present and everywhere and all(field.required for field in known)
    return open_types(schema, (field.type for field in known), present=present)


class _Identity:
    """A record as itself, not by value: hashing a large one by value would cost what the schema costs."""

    __slots__ = ("record",)

    def __init__(self, record: Record) -> None:
        self.record = record

    def __hash__(self) -> int:
        return id(self.record)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.record is self.record


@lru_cache(maxsize=65_536)
def _steps(path: str) -> tuple[Step, ...]:
    return steps(path)


@lru_cache(maxsize=1024)
def _members(key: _Identity) -> Mapping[str, Field]:
    return {field.name: field for field in key.record.fields}
