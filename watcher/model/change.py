"""Changes: facts about two schemas, as a closed union; no word of judgement.

Longer than 300 lines: one short record a kind of fact, and a closed union stands in one file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as beside  # a fact has a `field` of its own
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias

from watcher.model.path import ROOT, FieldPath
from watcher.model.schema import Schema
from watcher.model.types import Constraint, Content, Default, Field, Key, Named, Type

_NO_NAMES: Mapping[str, Named] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FieldAdded:
    """A member that was not there before.

    `at` is its place among the members after. `names`, here and elsewhere, says what the names in a type that came
    stand for: so the facts and the shape before give the shape after. Facts are equal whatever they carry beside.
    """

    kind: ClassVar[str] = "field-added"
    path: FieldPath
    field: Field
    at: int | None = beside(default=None, compare=False)
    names: Mapping[str, Named] = beside(default_factory=lambda: _NO_NAMES, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FieldRemoved:
    """A member that is gone."""

    kind: ClassVar[str] = "field-removed"
    path: FieldPath
    field: Field


@dataclass(frozen=True, slots=True)
class FieldRenamed:
    """A member that goes by another name; `path` is the new one. `confidence` is 0 to 1, `evidence` says whence."""

    kind: ClassVar[str] = "field-renamed"
    path: FieldPath
    before: FieldPath
    evidence: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TypeWidened:
    """Every value of the type before is, without loss, a value of the type after."""

    kind: ClassVar[str] = "type-widened"
    path: FieldPath
    before: Type
    after: Type
    names: Mapping[str, Named] = beside(default_factory=lambda: _NO_NAMES, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TypeNarrowed:
    """Every value of the type after was a value of the type before; some values before are no more."""

    kind: ClassVar[str] = "type-narrowed"
    path: FieldPath
    before: Type
    after: Type
    names: Mapping[str, Named] = beside(default_factory=lambda: _NO_NAMES, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TypeChanged:
    """One type for another, neither of which holds the other."""

    kind: ClassVar[str] = "type-changed"
    path: FieldPath
    before: Type
    after: Type
    names: Mapping[str, Named] = beside(default_factory=lambda: _NO_NAMES, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NullabilityLoosened:
    """Null became a legal value, or the member may be missing (`required`, told only where that changed)."""

    kind: ClassVar[str] = "nullability-loosened"
    path: FieldPath
    before: Type
    after: Type
    required: bool | None = None


@dataclass(frozen=True, slots=True)
class NullabilityTightened:
    """Null is no longer a legal value, or the member may no longer be missing (`required`, as above)."""

    kind: ClassVar[str] = "nullability-tightened"
    path: FieldPath
    before: Type
    after: Type
    required: bool | None = None


@dataclass(frozen=True, slots=True)
class DefaultAdded:
    """A default where there was none."""

    kind: ClassVar[str] = "default-added"
    path: FieldPath
    after: Default


@dataclass(frozen=True, slots=True)
class DefaultRemoved:
    """No default where there was one."""

    kind: ClassVar[str] = "default-removed"
    path: FieldPath
    before: Default


@dataclass(frozen=True, slots=True)
class DefaultChanged:
    """Another default."""

    kind: ClassVar[str] = "default-changed"
    path: FieldPath
    before: Default
    after: Default


@dataclass(frozen=True, slots=True)
class EnumValueAdded:
    """A value that the closed list did not have; `number` stands for it in the data, where the format writes one."""

    kind: ClassVar[str] = "enum-value-added"
    path: FieldPath
    value: str
    number: int | None = beside(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class EnumValueRemoved:
    """A value that the closed list no longer has."""

    kind: ClassVar[str] = "enum-value-removed"
    path: FieldPath
    value: str


@dataclass(frozen=True, slots=True)
class EnumDefaultChanged:
    """Another symbol, or none, for what an unknown symbol is read as."""

    kind: ClassVar[str] = "enum-default-changed"
    path: FieldPath
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class EncodingChanged:
    """The same values, written in another way: who reads the old bytes by the new schema reads something else.

    After it, `tag` is the number of the member, or of the enum's `symbol`; `encoding` is the member's.
    """

    kind: ClassVar[str] = "encoding-changed"
    path: FieldPath
    before: str
    after: str
    tag: int | None = beside(default=None, compare=False)
    encoding: str | None = beside(default=None, compare=False)
    symbol: str | None = beside(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class BranchAdded:
    """A union branch that was not there before (null is told as nullability)."""

    kind: ClassVar[str] = "branch-added"
    path: FieldPath
    branch: Type
    names: Mapping[str, Named] = beside(default_factory=lambda: _NO_NAMES, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BranchRemoved:
    """A union branch that is gone (null is told as nullability)."""

    kind: ClassVar[str] = "branch-removed"
    path: FieldPath
    branch: Type


@dataclass(frozen=True, slots=True)
class FieldsReordered:
    """The members that both have stand in another order; the values are their names, in order."""

    kind: ClassVar[str] = "fields-reordered"
    path: FieldPath
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameChanged:
    """The named type at `path` goes by another full name; it is `type` now."""

    kind: ClassVar[str] = "name-changed"
    path: FieldPath
    before: str | None
    after: str | None
    type: Named | None = beside(default=None, compare=False, repr=False)
    names: Mapping[str, Named] = beside(default_factory=lambda: _NO_NAMES, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AliasesChanged:
    """Other aliases on the member (`of_member`) or named type at `path`."""

    kind: ClassVar[str] = "aliases-changed"
    path: FieldPath
    before: tuple[str, ...]
    after: tuple[str, ...]
    of_member: bool = False


@dataclass(frozen=True, slots=True)
class ConstraintsChanged:
    """Other bounds on the values at `path`, beyond what the order of types tells as widened or narrowed."""

    kind: ClassVar[str] = "constraints-changed"
    path: FieldPath
    before: tuple[Constraint, ...]
    after: tuple[Constraint, ...]


@dataclass(frozen=True, slots=True)
class ContentChanged:
    """The record at `path` may hold other things than before beside its members: anything, some, nothing."""

    kind: ClassVar[str] = "content-changed"
    path: FieldPath
    before: Content | None
    after: Content | None


@dataclass(frozen=True, slots=True)
class ClassAdded:
    """A classification tag that the member did not have."""

    kind: ClassVar[str] = "class-added"
    path: FieldPath
    tag: str


@dataclass(frozen=True, slots=True)
class ClassRemoved:
    """A classification tag that the member no longer has."""

    kind: ClassVar[str] = "class-removed"
    path: FieldPath
    tag: str


@dataclass(frozen=True, slots=True)
class KeyAdded:
    """A key that the record at `path` did not declare."""

    kind: ClassVar[str] = "key-added"
    path: FieldPath
    key: Key


@dataclass(frozen=True, slots=True)
class KeyRemoved:
    """A key that the record at `path` no longer declares."""

    kind: ClassVar[str] = "key-removed"
    path: FieldPath
    key: Key


@dataclass(frozen=True, slots=True)
class DatasetCreated:
    """A dataset that was not there before."""

    kind: ClassVar[str] = "dataset-created"
    schema: Schema
    path: FieldPath = ROOT


@dataclass(frozen=True, slots=True)
class DatasetDropped:
    """A dataset that is gone."""

    kind: ClassVar[str] = "dataset-dropped"
    schema: Schema
    path: FieldPath = ROOT


@dataclass(frozen=True, slots=True)
class CompatibilityLowered:
    """The registry guards the subject less than before: the levels, or None where it falls back to the global one."""

    kind: ClassVar[str] = "compatibility-lowered"
    before: str | None
    after: str | None
    path: FieldPath = ROOT


@dataclass(frozen=True, slots=True)
class CompatibilityRaised:
    """The registry guards the subject more, or differently, than before."""

    kind: ClassVar[str] = "compatibility-raised"
    before: str | None
    after: str | None
    path: FieldPath = ROOT


Change: TypeAlias = (
    FieldAdded
    | FieldRemoved
    | FieldRenamed
    | TypeWidened
    | TypeNarrowed
    | TypeChanged
    | NullabilityLoosened
    | NullabilityTightened
    | DefaultAdded
    | DefaultRemoved
    | DefaultChanged
    | EnumValueAdded
    | EnumValueRemoved
    | EnumDefaultChanged
    | EncodingChanged
    | BranchAdded
    | BranchRemoved
    | FieldsReordered
    | NameChanged
    | AliasesChanged
    | ConstraintsChanged
    | ContentChanged
    | ClassAdded
    | ClassRemoved
    | KeyAdded
    | KeyRemoved
    | DatasetCreated
    | DatasetDropped
    | CompatibilityLowered
    | CompatibilityRaised
)

JsonChange: TypeAlias = dict[str, Any]
"""`{"kind", "dataset", "path", "before", "after"}`: how a change is written for machines."""
