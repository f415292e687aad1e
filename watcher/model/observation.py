"""Observations: what one record of a feed says about datasets, whatever the feed's own language is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from watcher.model.dataset import DatasetName, Position, Subject
from watcher.model.schema import Fingerprint, Format


@dataclass(frozen=True, slots=True)
class StoredSchema:
    """A schema's text under its content address; `references` are (name, fingerprint) in reading order."""

    fingerprint: Fingerprint
    format: Format | str
    text: str
    references: tuple[tuple[str, Fingerprint], ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of how a dataset came to move, where its source tells it.

    `by` is who did it, `query` the id of the query or commit that did. `because` is the dataset whose change this one
    only follows (a view its base table): whoever owns that one answers. `missed_since` is the moment (milliseconds)
    since which the feed may have missed the change, where a look at the database found it. `note` is a sentence more.
    """

    by: str | None = None
    query: str | None = None
    because: DatasetName | None = None
    missed_since: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """A change that we can only have missed. `key` names it within its source; a second one under it is the same.

    `kind` is a stable lower-kebab word, `reason` a sentence; `since` is when it arose, in milliseconds; None: now.
    """

    key: str
    dataset: DatasetName | None
    kind: str
    reason: str
    since: int | None = None


@dataclass(frozen=True, slots=True)
class DatasetSeen:
    """The dataset's schema is now the one of this content address.

    `level` is the registry's compatibility level in force for the subject. `blocked` gives the cause where the schema
    cannot be put together (a reference that is not there): every verdict is then unknown. `lineage` is the subject
    whose versions these are, where `subject` is an alias. `policy` and `group` are what else the registry's own check
    goes by: how strictly it reads open content models, and by which property of the metadata it parts the versions.
    """

    dataset: DatasetName
    subject: Subject
    version: int | None
    schema: Fingerprint
    level: str | None = None
    blocked: str | None = None
    lineage: Subject | None = None
    policy: str | None = None
    group: str | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class DatasetGone:
    """The dataset has no schema any more: its last live version was deleted, the table was dropped."""

    dataset: DatasetName
    subject: Subject
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class GuardChanged:
    """The compatibility level in force changed for `scope` (a subject, a context, or the whole registry).

    `dataset` is the one that the subject stands for, None where the scope is wider. `lowered` says that it guards less.
    """

    scope: str
    dataset: DatasetName | None
    before: str | None
    after: str | None
    lowered: bool


Observation: TypeAlias = DatasetSeen | DatasetGone | GuardChanged


@dataclass(frozen=True, slots=True)
class VersionStands:
    """A version of a subject is now the schema of this content address; None: it is gone for good.

    `deleted` versions are hidden by the registry and not compared with, but can still be read with. `cause` says why
    the version cannot be put together, where it cannot.
    """

    subject: Subject
    version: int
    schema: Fingerprint | None
    deleted: bool = False
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a record could not be understood; `kind` is a stable lower-kebab word, `reason` a sentence."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What one record came to: its kind in the feed's language, what it was about, and what it says about datasets.

    A record may both be unreadable (its schema's text is broken) and move the feed's state on. `schemas` are texts
    to be kept under their content address. `versions` are those that stand differently now. `whole` is the address of
    what the record registers, where it refers to others: whether that can be read is told once it is put together.
    """

    position: Position
    kind: str
    subject: Subject | None = None
    observations: tuple[Observation, ...] = ()
    schemas: tuple[StoredSchema, ...] = ()
    unreadable: Unreadable | None = None
    timestamp: int | None = None
    """The record's own time, in milliseconds since the epoch, where the source gives one."""
    versions: tuple[VersionStands, ...] = ()
    whole: Fingerprint | None = None
    blind: tuple[BlindSpot, ...] = ()
    """Blind spots that the record opens."""
    cleared: tuple[str, ...] = ()
    """The keys of blind spots that it ends: what was missed there is known now."""
    baseline: bool = False
    """The source itself calls it history: it sets the state, and judges nobody."""
