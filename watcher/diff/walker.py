"""The walker: owns traversal and missing sides, so that nothing else loops over fields. Two schemas in, facts out.

Equal parts are skipped by value; what a name means is followed, so that a change in a shared type is told at every
path where it shows. Inside a recursive type a change is told once, at the outermost place. The walk keeps its own
stack: depth costs nothing. Schemas whose names multiply paths beyond `MAX_STEPS` are refused, not half told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from watcher.diff.branches import Pairing, branch_name, pair_branches
from watcher.diff.facts import constraints, enum_facts, header, member_facts, record_facts
from watcher.diff.lattice import Order, order, reinterprets
from watcher.diff.members import meet
from watcher.diff.names import Names
from watcher.diff.renames import MAX_PAIRS, Rename, Sides, renames
from watcher.model.change import (
    BranchAdded,
    BranchRemoved,
    Change,
    DatasetCreated,
    DatasetDropped,
    FieldAdded,
    FieldRemoved,
    FieldRenamed,
    FieldsReordered,
    NullabilityLoosened,
    NullabilityTightened,
    TypeChanged,
    TypeNarrowed,
    TypeWidened,
)
from watcher.model.errors import SchemaError
from watcher.model.path import ROOT, FieldPath, branch, item, member, value
from watcher.model.schema import Format, Schema, split_null
from watcher.model.types import (
    Array,
    Binary,
    Boolean,
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
    Type,
    Union,
)

MAX_STEPS = 100_000
"""Places that are compared. A schema of ten thousand fields, all changed, stays well below."""

_ORDERED = (Format.AVRO, Format.SQL)
"""Formats in which the order of members is a matter of the data."""

_Bare = Boolean | Integer | Float | String | Binary
"""Types that are neither null nor hold another one."""

_Step: TypeAlias = Callable[[], None]


def diff(before: Schema | None, after: Schema | None) -> tuple[Change, ...]:
    """What changed, in the order of the schema after; None is a dataset that is not there.

    Raises SchemaError (`too-complex`) where the changes would show at more paths than anyone can be told.
    """
    if before is None or after is None:
        if after is not None:
            return (DatasetCreated(after),)
        return (DatasetDropped(before),) if before is not None else ()
    if before is after:
        return ()
    return _Walk(before, after).changes()


class _Walk:
    """One walk. `_later` are the steps still to take, the next one last."""

    __slots__ = ("_active", "_after", "_before", "_later", "_names", "_ordered", "_pairs", "_told")

    def __init__(self, before: Schema, after: Schema) -> None:
        self._before = before
        self._after = after
        self._names = Names(before, after)
        self._ordered = before.format in _ORDERED and after.format in _ORDERED
        self._pairs = MAX_PAIRS
        self._told: list[Change] = []
        self._later: list[_Step] = []
        self._active: set[tuple[int, int]] = set()  # pairs of records that the walk is inside of

    def changes(self) -> tuple[Change, ...]:
        """Walk it all."""
        self._types(ROOT, self._before.root, self._after.root)
        steps = 0
        while self._later:
            steps += 1
            if steps > MAX_STEPS:
                told = f"the two schemas differ at more than {MAX_STEPS} places: they cannot be told apart one by one"
                raise SchemaError(told, kind="too-complex")
            self._later.pop()()
        return tuple(self._told)

    def _types(self, path: FieldPath, before: Type, after: Type) -> None:
        if self._names.unchanged(before, after):
            return
        if isinstance(before, _Bare) and isinstance(after, _Bare):
            self._replaced(path, before, after)
            return
        was_nullable, was = split_null(before)
        nullable, now = split_null(after)
        if isinstance(was, Null) and isinstance(now, Null):
            return  # as a word, or as the only branch of a union
        if isinstance(was, Null) or isinstance(now, Null):
            # Null alone is no type made nullable: it is one type for another.
            held = nullable if isinstance(was, Null) else was_nullable
            kind = TypeChanged if not held else TypeWidened if isinstance(was, Null) else TypeNarrowed
            told = kind(path, self._shown(self._before, before), self._shown(self._after, after), self._after.named)
            self._told.append(told)
            return
        if was_nullable is not nullable:
            changed = NullabilityLoosened if nullable else NullabilityTightened
            self._told.append(changed(path, self._shown(self._before, before), self._shown(self._after, after)))
        if isinstance(was, Union) or isinstance(now, Union):
            self._branches(path, was, now)
        else:
            self._single(path, was, now)

    def _branches(self, path: FieldPath, before: Type, after: Type) -> None:
        old = [self._before.resolve(one) for one in (before.branches if isinstance(before, Union) else (before,))]
        new = [self._after.resolve(one) for one in (after.branches if isinstance(after, Union) else (after,))]
        pairing: Pairing = pair_branches(old, new)
        self._told += [BranchRemoved(path, one) for one in pairing.gone]
        self._told += [BranchAdded(path, one, self._after.named) for one in pairing.come]
        for one, its in reversed(pairing.matched):
            self._later.append(partial(self._single, branch(path, branch_name(one, its, old, new)), one, its))

    def _single(self, path: FieldPath, before: Type, after: Type) -> None:
        if self._names.unchanged(before, after):
            return
        was, now = self._before.resolve(before), self._after.resolve(after)
        match was, now:
            case (Record(), Record()):
                self._record(path, was, now)
            case (Enum(), Enum()):
                self._told += [*header(path, was, now, self._after.named), *enum_facts(path, was, now)]
            case (Array(inner), Array(its)):
                self._told += constraints(path, was, now)
                self._later.append(partial(self._types, item(path), inner, its))
            case (Map(inner), Map(its)):
                self._told += constraints(path, was, now)
                self._later.append(partial(self._types, value(path), inner, its))
            case (Fixed(size), Fixed(its_size)) if size == its_size:
                self._told += header(path, was, now, self._after.named)
            case _:
                self._replaced(path, was, now)

    def _replaced(self, path: FieldPath, was: Type, now: Type) -> None:
        found = order(was, now)
        if found is Order.EQUAL:
            self._told += constraints(path, was, now)
            carrier, its = self._carrier(self._before, was), self._carrier(self._after, now)
            if carrier is None or its is None or carrier == its:
                return  # the same values, and no other way to carry them
            if isinstance(carrier, Fixed) and isinstance(its, Fixed) and carrier.size == its.size:
                self._told += header(path, carrier, its, self._after.named)
                return
        if reinterprets(was, now):
            found = Order.UNRELATED
        kind = TypeWidened if found is Order.WIDER else TypeNarrowed if found is Order.NARROWER else TypeChanged
        self._told.append(kind(path, was, now, self._after.named))

    def _record(self, path: FieldPath, before: Record, after: Record) -> None:
        pair = (id(before), id(after))
        if pair in self._active:
            return
        self._active.add(pair)
        self._later.append(partial(self._active.discard, pair))
        self._told += header(path, before, after, self._after.named)
        meeting = meet(before.fields, after.fields, self._names)
        renamed = {}
        if meeting.gone and meeting.come:
            sides = Sides(before.fields, after.fields, meeting.gone, meeting.come, self._ordered, self._pairs)
            self._pairs -= min(self._pairs, len(meeting.gone) * len(meeting.come))
            renamed = renames(sides)
        later: list[_Step] = []
        for was, field in meeting.differing:
            if was is not None and was.name != field.name:
                renamed[field.name] = Rename(was, field, "same column id", 1.0)
            if was is None or was.name != field.name:
                later.append(partial(self._come, path, field, renamed.get(field.name), meeting.places.get(id(field))))
            else:
                later.append(partial(self._field, path, was, field))
        kept = {rename.before.name for rename in renamed.values()}
        later += [partial(self._gone, path, field) for field in meeting.gone if field.name not in kept]
        if self._ordered and (renamed or not meeting.in_order):
            later.append(partial(self._order, path, before, after, renamed))
        self._told += record_facts(path, before, after, renamed)
        self._later += reversed(later)

    def _come(self, path: FieldPath, field: Field, rename: Rename | None, at: int | None) -> None:
        here = member(path, field.name)
        if rename is None:
            self._told.append(FieldAdded(here, self._shown_field(self._after, field), at, self._after.named))
            return
        before = member(path, rename.before.name)
        self._told.append(FieldRenamed(here, before, rename.evidence, rename.confidence))
        self._field(path, rename.before, field, rename)

    def _gone(self, path: FieldPath, field: Field) -> None:
        self._told.append(FieldRemoved(member(path, field.name), self._shown_field(self._before, field)))

    def _order(self, path: FieldPath, before: Record, after: Record, renamed: Mapping[str, Rename]) -> None:
        """Tell if what both have stands in another order."""
        known = {rename.before.name: name for name, rename in renamed.items()}
        old = {field.name for field in before.fields} - known.keys()
        new = {field.name for field in after.fields} - renamed.keys()
        was = tuple(field.name for field in before.fields if field.name in new or field.name in known)
        now = tuple(field.name for field in after.fields if field.name in old or field.name in renamed)
        if tuple(known.get(name, name) for name in was) != now:
            self._told.append(FieldsReordered(path, was, now))

    def _field(self, path: FieldPath, before: Field, after: Field, rename: Rename | None = None) -> None:
        here = member(path, after.name)
        self._told += member_facts(here, before, after, rename)
        told = len(self._told)
        self._types(here, before.type, after.type)
        if before.required is after.required:
            return
        kind = NullabilityTightened if after.required else NullabilityLoosened
        for number, one in enumerate(self._told[told:], told):
            if isinstance(one, kind) and one.path == here:
                self._told[number] = replace(one, required=after.required)
                return
        types = self._shown(self._before, before.type), self._shown(self._after, after.type)
        self._told.insert(told, kind(here, *types, after.required))

    @staticmethod
    def _carrier(schema: Schema, type_: Type) -> Type | None:
        base: Type | None = getattr(type_, "base", None)
        return None if base is None else schema.resolve(base)

    @staticmethod
    def _shown(schema: Schema, type_: Type) -> Type:
        """The type with its names resolved once, so that a fact says what it is about by itself."""
        if isinstance(type_, Union) and any(isinstance(one, Ref) for one in type_.branches):
            return Union(tuple(schema.resolve(one) for one in type_.branches))
        return schema.resolve(type_)

    def _shown_field(self, schema: Schema, field: Field) -> Field:
        shown = self._shown(schema, field.type)
        return field if shown is field.type else replace(field, type=shown)
