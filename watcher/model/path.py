r"""Field paths: the address of a field in a schema, as contracts, changes and tickets write it.

`order.lines[].sku`: members are joined by dots, `[]` steps into an array's items, `{}` into a map's values,
`<Name>` into the branch of a union that has several besides null. Null is stepped through without a mark. A member
whose name has one of `. [ ] { } < > \\`` in it stands in backticks, a backtick doubled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NewType, TypeAlias

from watcher.model.errors import UsageError

FieldPath = NewType("FieldPath", str)

ROOT = FieldPath("")

_PLAIN = re.compile(r"[^.\[\]{}<>`]+")
_TOKEN = re.compile(
    r"(?P<dot>\.)|(?P<item>\[\])|(?P<value>\{\})|<(?P<branch>[^<>]+)>|`(?P<quoted>(?:[^`]|``)+)`|(?P<plain>[^.\[\]{}<>`]+)",
)


@dataclass(frozen=True, slots=True)
class Member:
    """Into the member of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """Into the items of an array."""


@dataclass(frozen=True, slots=True)
class Value:
    """Into the values of a map."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Into one branch of a union, by the type's simple or full name."""

    name: str


Step: TypeAlias = Member | Item | Value | Branch


def member(path: FieldPath, name: str) -> FieldPath:
    """The path of the member `name` of what stands at `path`."""
    written = name if _PLAIN.fullmatch(name) else "`" + name.replace("`", "``") + "`"
    return FieldPath(f"{path}.{written}" if path else written)


def item(path: FieldPath) -> FieldPath:
    """The path of the items of the array at `path`."""
    return FieldPath(f"{path}[]")


def value(path: FieldPath) -> FieldPath:
    """The path of the values of the map at `path`."""
    return FieldPath(f"{path}{{}}")


def branch(path: FieldPath, name: str) -> FieldPath:
    """The path of the union branch `name` at `path`."""
    return FieldPath(f"{path}<{name}>")


def steps(path: str) -> tuple[Step, ...]:
    """The steps that a path takes from the root; raises UsageError where it cannot be read."""
    return tuple(_steps(path))


def canonical(taken: Iterable[Step]) -> FieldPath:
    """The one way to write the path that takes these steps."""
    path = ROOT
    for step in taken:
        match step:
            case Member(name):
                path = member(path, name)
            case Item():
                path = item(path)
            case Value():
                path = value(path)
            case Branch(name):
                path = branch(path, name)
    return path


def _steps(path: str) -> Iterator[Step]:
    at = 0
    expect_member = True
    while at < len(path):
        token = _TOKEN.match(path, at)
        if token is None:
            raise UsageError(f"the field path {path!r} cannot be read at character {at + 1}: {path[at]!r}")
        at = token.end()
        kind = token.lastgroup
        if kind == "dot":
            if expect_member or at == len(path):
                raise UsageError(f"the field path {path!r} has an empty member before character {at + 1}")
            expect_member = True
            continue
        if kind in ("plain", "quoted"):
            if not expect_member:
                raise UsageError(f"the field path {path!r} lacks a dot before character {token.start() + 1}")
            yield Member(token["plain"] or token["quoted"].replace("``", "`"))
        elif kind == "item":
            yield Item()
        elif kind == "value":
            yield Value()
        else:
            yield Branch(token["branch"])
        expect_member = False
