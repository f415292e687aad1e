"""Apply: the shape before and the facts give the shape after, so that a fact left out is a failing test.

What comes out is the shape after up to what the diff calls no change: the order of an enum's values, of a union's
branches, of aliases and constraints; how a definition without a name of its own is called. The format
is the one before.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, cast

from watcher.diff.apply_facts import aliased, enum_of, keys_of, member_of
from watcher.diff.branches import nameless
from watcher.diff.fact_tree import FactTree
from watcher.diff.names import names_in
from watcher.diff.references import reached, renamed
from watcher.model.change import (
    BranchAdded,
    BranchRemoved,
    Change,
    ConstraintsChanged,
    ContentChanged,
    DatasetCreated,
    DatasetDropped,
    FieldsReordered,
    NameChanged,
    NullabilityLoosened,
    NullabilityTightened,
    TypeChanged,
    TypeNarrowed,
    TypeWidened,
)
from watcher.model.path import Branch, Item, Member, Value
from watcher.model.schema import Format, Schema, split_null
from watcher.model.types import NULL, Array, Enum, Field, Map, Named, Null, Record, Ref, Type, Union

_Replaced = TypeWidened | TypeNarrowed | TypeChanged
_Nulled = NullabilityLoosened | NullabilityTightened
_Building: TypeAlias = Generator["_Building", Any, Any]
"""A part that is being built: it asks for the parts that it needs, one by one, and so depth costs no stack."""

_NOTHING = FactTree()


def same(one: Schema | None, other: Schema | None) -> bool:
    """Whether the diff has nothing to say of the two, either way."""
    from watcher.diff.walker import diff  # noqa: PLC0415 - the two rooms of one proof

    return not diff(one, other) and not diff(other, one)


def apply(changes: Sequence[Change], before: Schema | None) -> Schema | None:
    """The schema after these changes, as `diff` told them of a schema before; None is a dataset that is not there."""
    for change in changes:
        if isinstance(change, DatasetCreated):
            return change.schema
        if isinstance(change, DatasetDropped):
            return None
    if before is None or not changes:
        return before
    return _Applying(before).schema(FactTree.of(changes))


def _run(building: _Building) -> Any:
    stack, answer = [building], None
    while stack:
        try:
            stack.append(stack[-1].send(answer))
            answer = None
        except StopIteration as done:
            stack.pop()
            answer = done.value
    return answer


class _Applying:
    """One application. `_open` are the definitions that it is inside of, by their key before, with the key after."""

    def __init__(self, before: Schema) -> None:
        self._before = before
        self._named: dict[str, Named] = {}
        self._kept: list[Type] = []
        self._open: list[tuple[str, str]] = []
        self._keys: dict[int, dict[int, str]] = {}
        self._copies: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
        self._number = 0

    def schema(self, facts: FactTree) -> Schema:
        """The whole."""
        root = _run(self._type(self._before.root, facts))
        reached = [name for type_ in self._kept for name in names_in(type_)]
        while reached:
            name = reached.pop()
            if name not in self._named and name in self._before.named:
                self._named[name] = self._before.named[name]
                reached.extend(names_in(self._named[name]))
        return Schema(self._before.format, root, self._named)

    def _type(self, type_: Type, facts: FactTree) -> _Building:
        told = facts.of_kind(_Replaced)
        nulled = facts.of_kind(_Nulled)
        was_nullable, rest = split_null(type_)
        whole = next((one for one in told if _is_whole(one, type_, nulled, was_nullable=was_nullable)), None)
        if whole is not None:
            return self._came(whole.after, whole.names)
        nullable = split_null(nulled[0].after)[0] if nulled else was_nullable
        inside = [step for step in facts.children if isinstance(step, Branch)]
        if isinstance(rest, Union) or inside or facts.of_kind(BranchAdded, BranchRemoved):
            branches = yield self._branches(rest, facts)
        else:
            branches = [(yield self._single(rest, facts))]
        branches = [
            *([NULL] if nullable else []),
            *(one for one in branches if not isinstance(one, Null) or not nullable),
        ]
        return (
            branches[0]
            if len(branches) == 1 and not (nullable and isinstance(type_, Union))
            else Union(tuple(branches))
        )

    def _branches(self, rest: Type, facts: FactTree) -> _Building:
        stood = list(rest.branches) if isinstance(rest, Union) else [rest]
        left = [(one, self._before.resolve(one)) for one in stood]
        for gone in facts.of_kind(BranchRemoved):
            place = next(place for place, (_, one) in enumerate(left) if one == gone.branch)
            del left[place]
        moved: dict[int, FactTree] = {}
        resolved = [self._before.resolve(one) for one in stood]
        for step, below in facts.children.items():
            if isinstance(step, Branch):
                for one, its in _whose(step.name, below, [one for _, one in left], resolved):
                    moved[id(one)] = its
        found: list[Type] = []
        for type_, one in left:
            found.append((yield self._single(type_, moved.get(id(one), _NOTHING))))
        found += [self._came(one.branch, one.names) for one in facts.of_kind(BranchAdded)]
        return found

    def _single(self, type_: Type, facts: FactTree) -> _Building:
        for told in facts.of_kind(_Replaced):
            return self._came(told.after, told.names)
        resolved = self._before.resolve(type_)
        for told in facts.of_kind(NameChanged):
            came = self._came(told.type, told.names)
            return _with(resolved, base=came) if hasattr(resolved, "base") else came
        if facts.is_empty:
            return self._keep(type_)
        if not isinstance(type_, Ref):
            return (yield self._built(type_, facts))
        name = getattr(resolved, "name", None)
        if name is not None and (type_.name in self._named or (type_.name, type_.name) in self._open):
            return type_
        key = type_.name if name is not None else self._fresh(type_.name)
        self._open.append((type_.name, key))
        built = yield self._built(resolved, facts)
        self._open.pop()
        if not isinstance(built, Named):
            return built
        return self._put(key, built)

    def _put(self, key: str, built: Named) -> Ref:
        self._named.setdefault(key, built)
        return Ref(key)

    def _built(self, type_: Type, facts: FactTree) -> _Building:
        match type_:
            case Record():
                type_ = yield self._record(type_, facts)
            case Enum():
                type_ = enum_of(type_, facts)
            case Array(items):
                type_ = replace(type_, items=(yield self._type(items, facts.child(Item()))))
            case Map(values):
                type_ = replace(type_, values=(yield self._type(values, facts.child(Value()))))
        for told in facts.of_kind(ConstraintsChanged):
            type_ = _with(type_, constraints=told.after)
        if isinstance(type_, Named):
            return aliased(type_, facts)
        base = getattr(type_, "base", None)
        if base is not None:
            type_ = _with(type_, base=(yield self._single(base, facts)))
        return type_

    def _record(self, record: Record, facts: FactTree) -> _Building:
        goes_by = {before: after for after, (before, _) in facts.renamed.items()}
        stayed: dict[str, Field] = {}
        for field in record.fields:
            if field.name in facts.removed:
                continue
            name = goes_by.get(field.name, field.name)
            below = facts.child(Member(name))
            type_ = yield self._type(field.type, below)
            stayed[name] = member_of(field, name, type_, below, facts.renamed.get(name, ("", ""))[1])
        fields = list(stayed.values())
        for told in facts.of_kind(FieldsReordered):
            fields = [stayed[name] for name in told.after]
        for added in sorted(facts.added, key=lambda one: one.at or 0):
            field = added.field
            new = replace(field, type=self._came(field.type, added.names))
            fields.insert(len(fields) if added.at is None else added.at, new)
        content = [one.after for one in facts.of_kind(ContentChanged)] or [record.content]
        keys = keys_of(record.keys, {name: f"\0{name}" for name in facts.removed} | goes_by, facts)
        return replace(record, fields=tuple(self._in_order(fields)), content=content[0], keys=keys)

    def _in_order(self, fields: list[Field]) -> list[Field]:
        if self._before.format is Format.JSON:
            return sorted(fields, key=lambda one: one.name)
        if self._before.format is Format.PROTOBUF:
            return sorted(fields, key=lambda one: one.tag or 0)
        return fields

    def _keep(self, type_: Type) -> Type:
        """What stands as it stood; what it leads back to, and we are inside of, goes by its key after."""
        inside = {key: after for key, after in self._open if key != after}
        found = reached(type_, self._before.named, inside) if inside else []
        if inside.keys().isdisjoint(found):
            self._kept.append(type_)
            return type_
        copies = self._copies.setdefault(tuple(self._open), dict(inside))
        new = [name for name in found if name not in copies]
        copies.update((name, self._fresh(name)) for name in new)
        self._named.update((copies[name], renamed(self._before.named[name], copies)) for name in new)
        return cast("Type", renamed(type_, copies))

    def _came(self, type_: Type, names: Mapping[str, Named]) -> Type:
        """What came, with what its names stand for; a type that its fact shows resolved is referred to again."""
        if id(names) not in self._keys:
            self._keys[id(names)] = {id(one): key for key, one in names.items()}
        if isinstance(type_, Union):
            return Union(tuple(self._came(one, names) for one in type_.branches))
        key = self._keys[id(names)].get(id(type_))
        came: Type = type_ if key is None else Ref(key)
        taken = {name: self._key_of_new(name, names) for name in reached(came, names)}
        self._named.update((new, renamed(names[name], taken)) for name, new in taken.items())
        return cast("Type", renamed(came, taken))

    def _key_of_new(self, name: str, names: Mapping[str, Named]) -> str:
        """A definition with a name of its own is one for all; what a format only files under a key may be two."""
        own = names[name].name is not None
        return name if own or name not in self._before.named else f"{name}+"

    def _fresh(self, name: str) -> str:
        """A key that nothing has."""
        self._number += 1
        return f"{name}~{self._number}~"


def _with(type_: Any, **parts: Any) -> Type:
    return cast("Type", replace(type_, **parts))


def _is_whole(told: _Replaced, type_: Type, nulled: Sequence[_Nulled], *, was_nullable: bool) -> bool:
    """Whether one type was told for another with null and all: so it is where one of the two is nothing but null."""
    if isinstance(split_null(type_)[1], Null):
        return True
    if not isinstance(split_null(told.after)[1], Null):
        return False
    if nulled:
        return isinstance(split_null(nulled[0].after)[1], Null)
    return was_nullable is split_null(told.before)[0]


def _whose(name: str, facts: FactTree, left: Sequence[Type], stood: Sequence[Type]) -> Iterator[tuple[Type, FactTree]]:
    """The branches before that the facts about a branch of this name speak of."""
    for told in facts.of_kind(_Replaced):
        yield next(one for one in left if one == told.before), FactTree([told])
    rest = facts.but(_Replaced)
    if rest.is_empty:
        return
    known = nameless(stood)
    for told in rest.of_kind(NameChanged):
        for one in left:
            if getattr(one, "name", None) == told.before and type(one) is type(told.type):
                yield one, rest
                return
    if name in known:
        yield known[name], rest
        return
    for full in (True, False):
        for one in left:
            its = getattr(one, "name", None) or ""
            if name == (its if full else its.rpartition(".")[2]):
                yield one, rest
                return
