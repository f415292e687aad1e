"""Facts about what two records, enums or members say of themselves, beside their members and types."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import TypeAlias

from watcher.diff.renames import ALIAS, ALIAS_BEFORE, Rename
from watcher.model.change import (
    AliasesChanged,
    Change,
    ClassAdded,
    ClassRemoved,
    ConstraintsChanged,
    ContentChanged,
    DefaultAdded,
    DefaultChanged,
    DefaultRemoved,
    EncodingChanged,
    EnumDefaultChanged,
    EnumValueAdded,
    EnumValueRemoved,
    KeyAdded,
    KeyRemoved,
    NameChanged,
)
from watcher.model.path import FieldPath
from watcher.model.types import Constraint, Enum, Field, Key, Named, Record, Type

_Identity: TypeAlias = tuple[frozenset[str], bool]


def header(path: FieldPath, before: Named, after: Named, names: Mapping[str, Named]) -> Iterator[Change]:
    """What a named type is called; `names` are the definitions after."""
    if before.name != after.name:
        yield NameChanged(path, before.name, after.name, after, names)
    if set(before.aliases) != set(after.aliases):
        yield AliasesChanged(path, before.aliases, after.aliases)


def enum_facts(path: FieldPath, before: Enum, after: Enum) -> Iterator[Change]:
    """Its values, what stands for them in the data, and what an unknown one is read as."""
    was, now = set(before.symbols), set(after.symbols)
    old, new = (dict(zip(one.symbols, one.numbers, strict=False)) for one in (before, after))
    yield from (EnumValueAdded(path, one, new.get(one)) for one in after.symbols if one not in was)
    yield from (EnumValueRemoved(path, one) for one in before.symbols if one not in now)
    if before.default != after.default:
        yield EnumDefaultChanged(path, before.default, after.default)
    if old != new:
        for one in after.symbols:
            if one in old and one in new and old[one] != new[one]:
                yield EncodingChanged(path, f"{one} = {old[one]}", f"{one} = {new[one]}", new[one], symbol=one)


def record_facts(path: FieldPath, before: Record, after: Record, renamed: Mapping[str, Rename]) -> Iterator[Change]:
    """What it may hold beside its members, and what tells one record from another."""
    if before.content != after.content:
        yield ContentChanged(path, before.content, after.content)
    yield from constraints(path, before, after)
    if before.keys != after.keys and before.keys is not None and after.keys is not None:
        there = {field.name for field in after.fields} - renamed.keys()
        known = gone_by((field.name for field in before.fields), there)
        known |= {rename.before.name: name for name, rename in renamed.items()}
        was, now = {identity(one, known) for one in before.keys}, {identity(one) for one in after.keys}
        yield from (KeyAdded(path, one) for one in after.keys if identity(one) not in was)
        yield from (KeyRemoved(path, one) for one in before.keys if identity(one, known) not in now)


def identity(key: Key, renamed: Mapping[str, str] | None = None) -> _Identity:
    """What makes two keys the same: the members, by the names they go by now, and whether it is the primary one.

    The order of a key's members is a matter of its index, not of what it promises: the same members are the same key.
    """
    known = renamed or {}
    return frozenset(known.get(name, name) for name in key.members), key.primary


def gone_by(before: Iterable[str], there: Container[str]) -> dict[str, str]:
    """What the members that are gone go by: a name that no member has, since theirs may be another's now."""
    return {name: f"\0{name}" for name in before if name not in there}


def constraints(path: FieldPath, before: Type, after: Type) -> Iterator[Change]:
    """What the values must meet beyond the type, where both sides can say; their order is no change."""
    was: tuple[Constraint, ...] = getattr(before, "constraints", ())
    now: tuple[Constraint, ...] = getattr(after, "constraints", ())
    if was != now and _by_word(was) != _by_word(now):
        yield ConstraintsChanged(path, was, now)


def member_facts(path: FieldPath, before: Field, after: Field, rename: Rename | None) -> Iterator[Change]:
    """A member's aliases, default, way to be written, and classification tags."""
    yield from _aliases(path, before, after, rename)
    yield from _default(path, before, after)
    if before.tag != after.tag or before.encoding != after.encoding:
        yield EncodingChanged(path, _encoding(before), _encoding(after), after.tag, after.encoding)
    if before.classes != after.classes:
        yield from (ClassAdded(path, tag) for tag in after.classes if tag not in before.classes)
        yield from (ClassRemoved(path, tag) for tag in before.classes if tag not in after.classes)


def _aliases(path: FieldPath, before: Field, after: Field, rename: Rename | None) -> Iterator[Change]:
    if before.aliases == after.aliases:
        return
    # The alias by which a rename is known is told with the rename.
    by_alias = rename is not None and rename.evidence in (ALIAS, ALIAS_BEFORE)
    known = {before.name, after.name} if by_alias else set()
    if set(before.aliases) | known != set(after.aliases) | known:
        yield AliasesChanged(path, before.aliases, after.aliases, of_member=True)


def _default(path: FieldPath, before: Field, after: Field) -> Iterator[Change]:
    match before.default, after.default:
        case (None, None):
            pass
        case (None, default) if default is not None:
            yield DefaultAdded(path, default)
        case (default, None) if default is not None:
            yield DefaultRemoved(path, default)
        case (was, now) if was is not None and now is not None and was != now:
            yield DefaultChanged(path, was, now)


def _encoding(field: Field) -> str:
    """How a member stands in the data: `varint, tag 3`."""
    tag = f"tag {field.tag}" if field.tag is not None else None
    return ", ".join(part for part in (field.encoding, tag) if part) or "not stated"


def _by_word(those: tuple[Constraint, ...]) -> dict[str, str]:
    return {one.name: repr(one.value) for one in those}
