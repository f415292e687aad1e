"""The canonical types that every format's schemas are read into: one vocabulary for all of them.

Named types (record, enum, fixed) are referred to by `Ref` and stand once, in `Schema.named`; formats without names
nest `Record` directly. Logical types keep in `base` how their format carries them, because compatibility of the format
is a matter of the carrier, while a consumer relies on the meaning.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Content: TypeAlias = Literal["open", "partial", "closed"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a type's values must meet beyond the type itself, by JSON Schema's word for it, whatever the source.

    `maximum` 100, `minLength` 1, `multipleOf` 5, `format` `email`, `pattern` `^[A-Z]+$`, `uniqueItems` true, …
    """

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Null:
    """Only the value null."""


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number; `bits` 0 means without bound."""

    bits: int = 64
    signed: bool = True
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Float:
    """A binary floating-point number of `bits` width."""

    bits: int = 64
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class String:
    """Text; `max_length` in characters, None without bound."""

    max_length: int | None = None
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """Bytes; `max_length` in bytes, None without bound."""

    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class Decimal:
    """An exact number of `precision` digits, `scale` of them after the point."""

    precision: int | None = None
    scale: int | None = None
    base: Type | None = None
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar day."""

    base: Type | None = None


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day; `unit` is s, ms, us or ns, or one between them (`UNITS`)."""

    unit: str | None = None
    base: Type | None = None


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A moment; `unit` as a time's; `zoned` False means local time, None not stated."""

    unit: str | None = None
    zoned: bool | None = True
    base: Type | None = None


@dataclass(frozen=True, slots=True)
class Duration:
    """A span of time."""

    base: Type | None = None


@dataclass(frozen=True, slots=True)
class Uuid:
    """A universally unique identifier."""

    base: Type | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Default:
    """A field's default, as its format's JSON value; `Default(None)` is null, no `Default` is no default.

    Two are equal where they are written alike: `1`, `1.0` and `true` are three defaults, though equal to Python.
    """

    value: Any

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Default):
            return NotImplemented
        mine, its = self.value, other.value
        return mine is its or (type(mine) is type(its) and _written(mine) == _written(its))

    def __hash__(self) -> int:
        return hash(_written(self.value))


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a record; `required` False means that a record may lack it altogether.

    `tag` is the number that stands for it in the data, where the format writes one; `encoding` how its values are
    written, where the type leaves several ways. `classes` are the classification tags on it (`PII`), sorted. `id` is
    the source's own name for the member, which outlives a rename (a column's number in its table); two members are the
    same shape whatever their ids.
    """

    name: str
    type: Type
    default: Default | None = None
    aliases: tuple[str, ...] = ()
    required: bool = True
    tag: int | None = None
    encoding: str | None = None
    classes: tuple[str, ...] = ()
    id: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Key:
    """Members that together tell one record from all others: unique, and the record's own name where `primary`."""

    members: tuple[str, ...]
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A composite with named members, in the writer's order; `name` is the full name, None for a nameless one.

    `content` says what else a record may hold, where its format leaves that to the schema: anything (`open`), what
    patterns or a schema of the others say (`partial`), nothing (`closed`). `keys` are the declared ones, sorted; None
    where the format has no way to declare any.
    """

    fields: tuple[Field, ...]
    name: str | None = None
    aliases: tuple[str, ...] = ()
    content: Content | None = None
    keys: tuple[Key, ...] | None = None
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Enum:
    """One of a closed list of symbols; `default` is what an unknown symbol is read as.

    `numbers` are what stands for the symbols in the data, one for each, where the format writes numbers.
    """

    symbols: tuple[str, ...]
    name: str | None = None
    default: str | None = None
    aliases: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Fixed:
    """Exactly `size` bytes."""

    size: int
    name: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Array:
    """A list of like items."""

    items: Type
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Map:
    """String keys to like values."""

    values: Type
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Union:
    """One of several branches; `Null` among them makes it nullable."""

    branches: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Ref:
    """The named type that stands in `Schema.named` under this full name."""

    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A type that we cannot place; `text` is how its source writes it. Verdicts about it are unknown."""

    text: str


def _written(value: Any) -> Any:
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


Scalar: TypeAlias = (
    Null | Boolean | Integer | Float | String | Binary | Decimal | Date | Time | Timestamp | Duration | Uuid
)
Named: TypeAlias = Record | Enum | Fixed
Type: TypeAlias = Scalar | Named | Array | Map | Union | Ref | Unknown

UNITS = ("s", "100ms", "10ms", "ms", "100us", "10us", "us", "100ns", "10ns", "ns", "100ps", "10ps", "ps")
"""The units of time, each at the number of digits of a second that it tells."""

NULL = Null()
