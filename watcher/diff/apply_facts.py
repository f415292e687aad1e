"""What facts make of one member, enum or key, beside the types within."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from watcher.diff.fact_tree import FactTree
from watcher.diff.facts import identity
from watcher.diff.renames import ALIAS, ALIAS_BEFORE
from watcher.model.change import (
    AliasesChanged,
    ClassAdded,
    ClassRemoved,
    DefaultAdded,
    DefaultChanged,
    DefaultRemoved,
    EncodingChanged,
    EnumDefaultChanged,
    EnumValueAdded,
    EnumValueRemoved,
    KeyAdded,
    KeyRemoved,
    NullabilityLoosened,
    NullabilityTightened,
)
from watcher.model.types import Enum, Field, Key, Named, Type


def member_of(field: Field, name: str, type_: Type, facts: FactTree, evidence: str) -> Field:
    """The member, by its name and of its type after."""
    field = replace(field, name=name, type=type_, aliases=_aliases(field, name, evidence))
    for told in facts.here:
        match told:
            case DefaultAdded() | DefaultChanged():
                field = replace(field, default=told.after)
            case DefaultRemoved():
                field = replace(field, default=None)
            case AliasesChanged(of_member=True):
                field = replace(field, aliases=told.after)
            case EncodingChanged(symbol=None):
                field = replace(field, tag=told.tag, encoding=told.encoding)
            case NullabilityLoosened() | NullabilityTightened() if told.required is not None:
                field = replace(field, required=told.required)
            case ClassAdded(tag=tag):
                field = replace(field, classes=tuple(sorted({*field.classes, tag})))
            case ClassRemoved(tag=tag):
                field = replace(field, classes=tuple(one for one in field.classes if one != tag))
    return field


def _aliases(field: Field, name: str, evidence: str) -> tuple[str, ...]:
    if evidence not in (ALIAS, ALIAS_BEFORE):
        return field.aliases
    kept = tuple(alias for alias in field.aliases if alias != name)
    return (*kept, field.name) if evidence == ALIAS and field.name not in kept else kept


def enum_of(enum: Enum, facts: FactTree) -> Enum:
    """The enum with the values after; those that came stand last, or where their number puts them."""
    numbers: dict[str, int | None] = dict(zip(enum.symbols, enum.numbers or (None,) * len(enum.symbols), strict=True))
    default = enum.default
    for told in facts.here:
        match told:
            case EnumValueAdded(value=value, number=number):
                numbers[value] = number
            case EnumValueRemoved(value=value):
                del numbers[value]
            case EncodingChanged(symbol=str(symbol)):
                numbers[symbol] = told.tag
            case EnumDefaultChanged():
                default = told.after
    if not enum.numbers:
        return replace(enum, symbols=tuple(numbers), default=default)
    ordered = sorted(numbers, key=lambda symbol: numbers[symbol] or 0)
    known = tuple(numbers[symbol] or 0 for symbol in ordered)
    return replace(enum, symbols=tuple(ordered), numbers=known, default=default)


def keys_of(keys: tuple[Key, ...] | None, goes_by: Mapping[str, str], facts: FactTree) -> tuple[Key, ...] | None:
    """The declared keys after, by the names that their members go by."""
    if keys is None:
        return None
    gone = {identity(one.key, goes_by) for one in facts.of_kind(KeyRemoved)}
    stayed = [
        replace(key, members=tuple(goes_by.get(name, name) for name in key.members))
        for key in keys
        if identity(key, goes_by) not in gone
    ]
    came = [one.key for one in facts.of_kind(KeyAdded)]
    return tuple(sorted((*stayed, *came), key=lambda key: (key.members, key.primary)))


def aliased(type_: Named, facts: FactTree) -> Named:
    """The named type with its aliases after."""
    told = [one for one in facts.of_kind(AliasesChanged) if not one.of_member]
    return replace(type_, aliases=told[0].after) if told else type_
