"""Contracts: what a consumer says that it relies on, as predicates over a schema."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, field
from typing import ClassVar, Literal, NewType, TypeAlias

from watcher.model.compatibility import Level
from watcher.model.dataset import DatasetName, Domain
from watcher.model.path import ROOT, FieldPath
from watcher.model.schema import SchemaText
from watcher.model.types import Constraint, Default, Type

SubscriptionName = NewType("SubscriptionName", str)


class Criticality(enum.StrEnum):
    """How much hangs on it for the consumer."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who relies: the domain, the team in it, and where to reach it."""

    domain: Domain
    team: str | None = None
    contact: str | None = None

    def __str__(self) -> str:
        return f"{self.domain}/{self.team}" if self.team else str(self.domain)


@dataclass(frozen=True, slots=True)
class Exists:
    """The field is there."""

    kind: ClassVar[str] = "exists"
    path: FieldPath


@dataclass(frozen=True, slots=True)
class HasType:
    """The field's type is `expected`, or a lossless widening of it unless `exact`; `text` as written.

    What `expected` leaves open (a length, a precision, a unit, a zone, a record's members) is not relied upon.
    """

    kind: ClassVar[str] = "type"
    path: FieldPath
    expected: Type
    text: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Required:
    """The field is present in every record, and never null."""

    kind: ClassVar[str] = "required"
    path: FieldPath


@dataclass(frozen=True, slots=True)
class Values:
    """The field has exactly these values (closed set), or `at_least` these."""

    kind: ClassVar[str] = "values"
    path: FieldPath
    values: tuple[str, ...]
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class ClosedShape:
    """The record at `path` has the members in `known` and no others: we read by position, or `SELECT *`.

    `known` None takes the shape before a change as the measure: any added member breaks.
    """

    kind: ClassVar[str] = "shape"
    path: FieldPath = ROOT
    known: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Unique:
    """No two records share the values of these members: some declared key is among them. `path` is the record's."""

    kind: ClassVar[str] = "unique"
    members: tuple[str, ...]
    path: FieldPath = ROOT


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """The record's primary key is exactly these members, in whatever order."""

    kind: ClassVar[str] = "primary_key"
    members: tuple[str, ...]
    path: FieldPath = ROOT


@dataclass(frozen=True, slots=True)
class AtMost:
    """The field's `facet` (`length`, `precision` or `scale`) never goes beyond `most`: our own column is that wide."""

    kind: ClassVar[str] = "at_most"
    path: FieldPath
    facet: Literal["length", "precision", "scale"]
    most: int


@dataclass(frozen=True, slots=True)
class Meets:
    """The field's values meet a constraint, as the schema itself guarantees (or one that is at least as strict)."""

    kind: ClassVar[str] = "meets"
    path: FieldPath
    constraint: Constraint


@dataclass(frozen=True, slots=True)
class Defaulted:
    """The field has a default: this one, or any where `expected` is None."""

    kind: ClassVar[str] = "default"
    path: FieldPath
    expected: Default | None = None


@dataclass(frozen=True, slots=True)
class At:
    """The field stands at this place among its record's members, the first being 1."""

    kind: ClassVar[str] = "position"
    path: FieldPath
    position: int


@dataclass(frozen=True, slots=True)
class Classified:
    """The field has exactly these classification tags, sorted; none of them says that it stays unclassified."""

    kind: ClassVar[str] = "classification"
    path: FieldPath
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guarded:
    """The registry guards the subject at least as much as this level does."""

    kind: ClassVar[str] = "compatibility"
    level: Level
    path: FieldPath = ROOT


@dataclass(frozen=True, slots=True)
class ReadsWith:
    """The consumer's own reader schema can read what is written, as the format resolves it."""

    kind: ClassVar[str] = "reads_with"
    reader: SchemaText
    source: str
    path: FieldPath = ROOT


@dataclass(frozen=True, slots=True)
class ReadsVersion:
    """The consumer reads with a registered version of the subject's own schema, and can read what is written."""

    kind: ClassVar[str] = "reads_version"
    version: int
    path: FieldPath = ROOT


Expectation: TypeAlias = (
    Exists
    | HasType
    | Required
    | Values
    | ClosedShape
    | Unique
    | PrimaryKey
    | AtMost
    | Meets
    | Defaulted
    | At
    | Classified
    | Guarded
    | ReadsWith
    | ReadsVersion
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A contract in force: one consumer on one dataset; `source` is the file that it was read from."""

    name: SubscriptionName
    consumer: Consumer
    dataset: DatasetName
    expectations: tuple[Expectation, ...]
    purpose: str = ""
    criticality: Criticality = Criticality.NORMAL
    notice: dt.timedelta | None = None
    until: dt.date | None = None
    source: str = ""
    notify: tuple[str, ...] = field(default=())
    """Channels on which the consumer itself is told."""

    @property
    def clauses(self) -> tuple[Expectation, ...]:
        """All that is judged: that the dataset is there and can be read, and then each expectation."""
        there = Exists(ROOT)
        return (there, *(one for one in self.expectations if one != there))

    def in_force(self, today: dt.date) -> bool:
        """Whether it still blames anyone: an expired contract is stale, and listed as such."""
        return self.until is None or today <= self.until
