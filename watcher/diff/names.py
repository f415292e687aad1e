"""Names: which named types mean something else after than before, so that all else can be skipped by value."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.model.schema import Schema
from watcher.model.types import (
    Array,
    Binary,
    Boolean,
    Date,
    Decimal,
    Duration,
    Field,
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

_PLAIN = frozenset({Null, Boolean, Integer, Float, String, Binary, Date, Time, Timestamp})
"""Types that cannot have a name in them."""


class Names:
    """The names of two schemas. A name is off where its definition differs, or leads to one that does."""

    __slots__ = ("_known", "_off", "flat", "settled")

    def __init__(self, before: Schema, after: Schema) -> None:
        old, new = before.named, after.named
        self.flat = before.flat and after.flat
        self._known: dict[int, bool] = {}
        self.settled: set[int] = set()
        """Types, by identity, that are known to mean the same on both sides."""
        self._off = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        if self._off and len(new) > 1:
            self._spread(after)

    def unchanged(self, before: Type, after: Type) -> bool:
        """Whether the two are the same in all that they mean."""
        return (before is after or before == after) and self._means_the_same(after)

    def unchanged_field(self, before: Field, after: Field) -> bool:
        """Whether the two members are the same in all that they mean."""
        return (before is after or before == after) and self._means_the_same(after.type)

    def _means_the_same(self, type_: Type) -> bool:
        if id(type_) in self.settled:
            return True
        known = self._known.get(id(type_))
        if known is None:
            known = _is_plain(type_) or self._off.isdisjoint(names_in(type_))
            self._known[id(type_)] = known
            if known:
                self.settled.add(id(type_))
        return known

    def _spread(self, schema: Schema) -> None:
        users: dict[str, list[str]] = {}
        for name, definition in schema.named.items():
            for used in names_in(definition):
                users.setdefault(used, []).append(name)
        stack = list(self._off)
        while stack:
            for user in users.get(stack.pop(), ()):
                if user not in self._off:
                    self._off.add(user)
                    stack.append(user)


def _is_plain(type_: Type) -> bool:
    """Whether it is seen at a glance that there is no name in the type."""
    if type(type_) in _PLAIN:
        return True
    if isinstance(type_, Array | Map):
        return _is_plain(type_.items if isinstance(type_, Array) else type_.values)
    return isinstance(type_, Union) and all([type(branch) in _PLAIN for branch in type_.branches])  # noqa: C419 - half the time


def names_in(type_: Type) -> Iterator[str]:
    """The names that stand in a type; a nested record's members are looked through."""
    stack: list[Type | Field | None] = [type_]
    while stack:
        match stack.pop():
            case Ref(name):
                yield name
            case Union(inner) | Record(inner):
                stack.extend(inner)
            case Array(inner) | Map(inner) | Field(type=inner) | Decimal(base=inner) | Uuid(inner) | Duration(inner):
                stack.append(inner)
