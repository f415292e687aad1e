"""References: the definitions that a type leads to, and the same type with references by other names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from watcher.diff.names import names_in
from watcher.model.types import Array, Field, Map, Named, Record, Ref, Type, Union


def reached(type_: Type, names: Mapping[str, Named], stop: Collection[str] = ()) -> list[str]:
    """The definitions that a type leads to, at any depth; none that is behind one of `stop`."""
    found: dict[str, None] = {}
    stack = [*names_in(type_)]
    while stack:
        name = stack.pop()
        if name not in found and name in names:
            found[name] = None
            if name not in stop:
                stack.extend(names_in(names[name]))
    return list(found)


def renamed(type_: Any, names: Mapping[str, str]) -> Any:
    """The type with its references by their new names."""
    match type_:
        case Ref(name):
            return Ref(names.get(name, name))
        case Union(branches):
            return Union(tuple(renamed(one, names) for one in branches))
        case Record(fields):
            return replace(type_, fields=tuple(renamed(one, names) for one in fields))
        case Field(type=inner):
            return replace(type_, type=renamed(inner, names))
        case Array(inner):
            return replace(type_, items=renamed(inner, names))
        case Map(inner):
            return replace(type_, values=renamed(inner, names))
    base = getattr(type_, "base", None)
    return type_ if base is None else replace(type_, base=renamed(base, names))
