"""A schema: the canonical shape of a dataset at one moment, whatever format it was written in."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NewType, TypeAlias

from watcher.model.types import Named, Null, Ref, Type, Union

Fingerprint = NewType("Fingerprint", str)

_EMPTY: Mapping[str, Named] = MappingProxyType({})


class Format(enum.StrEnum):
    """The schema languages that a registry carries."""

    AVRO = "AVRO"
    JSON = "JSON"
    PROTOBUF = "PROTOBUF"
    SQL = "SQL"


Spelling: TypeAlias = Literal["exact", "upper", "lower", "any"]
"""What a name that is written without quotes means, where its very letters are not there: itself only, its form in
upper or lower case, or any form."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The canonical shape: a root type, and the named types that it refers to (a mapping by full name).

    `flat` says that no definition has names or aliases in it: members that are the same there mean the same.
    `spelling` says how its platform understands names that contracts write: SQL folds what is not quoted.
    `native` is the schema as its own format's compatibility wants it, where the canonical shape is not enough for that.
    """

    format: Format
    root: Type
    named: Mapping[str, Named] = field(default_factory=lambda: _EMPTY)
    flat: bool = field(default=False, kw_only=True, compare=False, repr=False)
    spelling: Spelling = field(default="exact", kw_only=True, compare=False, repr=False)
    native: object = field(default=None, kw_only=True, compare=False, repr=False)

    def resolve(self, type_: Type) -> Type:
        """The type itself, or the named type that a reference stands for."""
        if isinstance(type_, Ref):
            return self.named[type_.name]
        return type_

    @property
    def name(self) -> str | None:
        """The full name of the root type, where it has one."""
        root = self.root
        if isinstance(root, Ref):
            return root.name
        return getattr(root, "name", None)


@dataclass(frozen=True, slots=True)
class SchemaText:
    """A schema as it was written: text, format, and the texts of what it refers to (name, text), in reading order."""

    format: Format
    text: str
    references: tuple[tuple[str, str], ...] = ()


def split_null(type_: Type) -> tuple[bool, Type]:
    """Whether null is among a type's values, and the type without it."""
    if isinstance(type_, Null):
        return True, type_
    if not isinstance(type_, Union):
        return False, type_
    rest = tuple(branch for branch in type_.branches if not isinstance(branch, Null))
    nullable = len(rest) != len(type_.branches)
    if not rest:
        return nullable, Null()
    return nullable, rest[0] if len(rest) == 1 else Union(rest)
