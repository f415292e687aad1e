"""JSON Schema as a registry takes it apart: the nodes that its compatibility is defined on, references resolved.

A registry does not compare keywords but kinds of value. An object with `type` and `enum` is a product of two nodes, a
list of types a sum of one node a type, and keywords of a type that is not named make a node of it all the same. The
drafts differ in spelling only, so one set of nodes serves them all.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from watcher.model.types import Default


@dataclass(frozen=True, slots=True, eq=False)
class Notes:
    """What a schema object says about itself; `raw` is the object as it was written."""

    id: str | None = None
    title: str | None = None
    description: str | None = None
    default: Default | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


NO_NOTES = Notes()


@dataclass(frozen=True, slots=True, eq=False)
class Anything:
    """Every value: `true`, or an object without a keyword that asks for something."""

    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True, eq=False)
class Nothing:
    """No value: `false`."""

    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """True or false."""

    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True, eq=False)
class Absent:
    """Null."""

    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Strings; `typed` False means that other kinds of value pass as well (the type itself is not named)."""

    notes: Notes = NO_NOTES
    typed: bool = True
    max_length: int | None = None
    min_length: int | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """Numbers. Draft 4 makes its bounds exclusive by a boolean, which a registry does not compare: it is not here."""

    notes: Notes = NO_NOTES
    typed: bool = True
    integer: bool = False
    maximum: float | None = None
    minimum: float | None = None
    exclusive_maximum: float | None = None
    exclusive_minimum: float | None = None
    multiple_of: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of a closed list, each value as its JSON text with sorted keys; `set` is the list without its order."""

    values: tuple[str, ...]
    set: frozenset[str]
    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """One value, as its JSON text with sorted keys."""

    value: str
    notes: Notes = NO_NOTES


class Criterion(enum.StrEnum):
    """How many members of a combination a value must satisfy."""

    ALL = "allOf"
    ANY = "anyOf"
    ONE = "oneOf"


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """A combination; combinations stand first among its members.

    `distinct` leaves out members that are written alike; `implied` is one that no keyword names: keywords beside each
    other, a list of types.
    """

    criterion: Criterion
    members: tuple[Node, ...]
    distinct: tuple[Node, ...]
    notes: Notes = NO_NOTES
    implied: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Negation:
    """Every value that is not one of `inner`'s."""

    inner: Node
    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True, eq=False)
class Conditional:
    """`if`, `then`, `else`: a registry does not look inside."""

    notes: Notes = NO_NOTES


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """Arrays: `each` is the schema of all items, `items` those of the first ones, `rest` that of the others.

    `rest` and `unevaluated` are True where anything goes without a word, False where nothing does.
    """

    notes: Notes = NO_NOTES
    typed: bool = True
    each: Node | None = None
    items: tuple[Node, ...] = ()
    rest: Node | bool = True
    unevaluated: Node | None = None
    max_items: int | None = None
    min_items: int | None = None
    unique: bool = False
    max_contains: int | None = None
    min_contains: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """Objects: `properties` by name, `patterns` in their order, `rest` what other members must be."""

    notes: Notes = NO_NOTES
    typed: bool = True
    properties: Mapping[str, Node] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    patterns: tuple[tuple[str, Node], ...] = ()
    rest: Node | bool = True
    unevaluated: Node | None = None
    max_properties: int | None = None
    min_properties: int | None = None
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    needs_schema: Mapping[str, Node] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Reference:
    """What stands elsewhere: `target` is never itself a reference once the document is read."""

    pointer: str
    target: Node
    notes: Notes = NO_NOTES


Node: TypeAlias = (
    Anything
    | Nothing
    | Truth
    | Absent
    | Text
    | Number
    | Choice
    | Constant
    | Combined
    | Negation
    | Conditional
    | Listing
    | Composite
    | Reference
)


@dataclass(frozen=True, slots=True, eq=False)
class JsonSchema:
    """A document with all that it refers to, taken apart."""

    root: Node
