"""The records of a registry's topic, as nouns: one class for each thing that a record can say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from watcher.model.observation import Unreadable

Reference: TypeAlias = tuple[str, str, int]
"""Name in the text, subject, version; version -1 is the latest live one."""


@dataclass(slots=True)
class SchemaRecord:
    """A version of a subject: registered, or soft-deleted where `deleted` says so."""

    subject: str
    version: int
    id: int
    format: str
    text: str
    references: tuple[Reference, ...]
    deleted: bool

    kind = "schema"


@dataclass(slots=True)
class SchemaTombstone:
    """A version is gone for good; written by a hard delete, and by the registry to tidy up after itself."""

    subject: str
    version: int

    kind = "schema-tombstone"


@dataclass(slots=True)
class DeleteSubject:
    """Every version up to and including this one is soft-deleted; None means all that there are."""

    subject: str
    version: int | None

    kind = "delete-subject"


@dataclass(slots=True)
class ClearSubject:
    """What is soft-deleted of a subject (empty: of all subjects) is forgotten."""

    subject: str

    kind = "clear-subject"


@dataclass(slots=True)
class Config:
    """The setting of a scope (empty: the whole registry); each part None where it sets none.

    `policy` is how strictly JSON Schema's open content models are read. `group` names the property of the schemas'
    metadata that parts a subject's versions: only those with the same value are compared.
    """

    scope: str
    level: str | None
    alias: str | None
    policy: str | None = None
    group: str | None = None

    kind = "config"


@dataclass(slots=True)
class Mode:
    """The mode of a scope (empty: the whole registry); None where the setting is removed."""

    scope: str
    mode: str | None

    kind = "mode"


@dataclass(slots=True)
class Noop:
    """Nothing: a sign of life of the registry."""

    kind = "noop"


@dataclass(slots=True)
class Context:
    """A context exists, or does not any more."""

    name: str
    gone: bool

    kind = "context"


@dataclass(slots=True)
class Association:
    """A subject stands for a resource in a role; `subject` None where the tie is cut."""

    key: str
    subject: str | None

    kind = "association"


Record: TypeAlias = (
    SchemaRecord | SchemaTombstone | DeleteSubject | ClearSubject | Config | Mode | Noop | Context | Association
)
Decoded: TypeAlias = Record | Unreadable
