"""What a warehouse's record says, in one vocabulary for all sources: a statement ran, a table now looks like this.

Each source's file decodes its records into these; `feeds/warehouse/feed.py` alone knows what they lead to.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import TypeAlias

from watcher.model.dataset import RawRecord
from watcher.model.observation import Unreadable

Name: TypeAlias = tuple[str, ...]
"""A table's name in its parts, the outermost first, in the case that the platform itself shows."""


@dataclass(frozen=True, slots=True)
class ColumnImage:
    """One column as a source lists it. `type` is in the platform's own words, a struct's members and all.

    `nullable` None: the source does not say. `id` outlives a rename, None where the source has none. `classes` are
    classification tags, None where the source does not say.
    """

    name: str
    type: str
    nullable: bool | None = True
    default: str | None = None
    id: str | None = None
    comment: str | None = None
    classes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A whole table or view as it stands now; what stood before is known from earlier records.

    `keys` are the unique ones. `primary_key` and `keys` None: the source does not say. `partial`: there may be other
    columns. `baseline`: told by the source's own snapshot of what was there before; a table that is new by it is
    history. `id` is the platform's own for the table: one that comes with another name was renamed. `dialect` is that
    of the types, where it is not the namespace's.
    """

    name: Name
    columns: tuple[ColumnImage, ...]
    primary_key: tuple[str, ...] | None = None
    keys: tuple[tuple[str, ...], ...] | None = None
    view: bool = False
    partial: bool = False
    baseline: bool = False
    id: str | None = None
    dialect: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """Statements that ran, as text; `place` is the database and schema that they ran in, as far as it is told.

    A part of the place that is empty is the feed's own.
    """

    sql: str
    place: Name = ()
    dialect: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """The table is no longer there. `baseline`: told by the source's snapshot, which drops before it creates anew."""

    name: Name
    baseline: bool = False
    id: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Renamed:
    """The table has another name now; its columns are the same."""

    before: Name
    after: Name
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Swapped:
    """Two tables have taken each other's names."""

    one: Name
    other: Name
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """Something about the table changed, and the source does not say what: it is to be read again."""

    name: Name
    reason: str
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Blind:
    """A part of the record that could not be understood; `name` is the table it touches, where that can be told."""

    kind: str
    reason: str
    name: Name | None = None
    namespace: str | None = None


Fact: TypeAlias = Image | Ran | Gone | Renamed | Swapped | Touched | Blind


@dataclass(frozen=True, slots=True)
class Reading:
    """One record, decoded. `kind` is a stable lower-kebab word in the source's language (`ddl`, `table-change`).

    `id` is the source's own key of the event: what comes again under it says nothing. `at` is the event's own time in
    milliseconds. `by` is who did it, `query` the id of the query or commit that did. `unreadable`: the record as a
    whole cannot be understood. `baseline`: all that it says is history, and judges nobody. `seen`: whether the last
    look at the database has shown it already; None: that is told by `at`. A record that is none of our business has no
    facts.
    """

    kind: str
    facts: tuple[Fact, ...] = ()
    id: str | None = None
    at: int | None = None
    by: str | None = None
    query: str | None = None
    unreadable: Unreadable | None = None
    baseline: bool = False
    seen: bool | None = None


Memory: TypeAlias = MutableMapping[str, bytes]
"""What a source must remember between its records (a statement's first half); kept with the feed's own memory."""

Decode: TypeAlias = Callable[[RawRecord, Memory], Reading]
"""One source's language. Total: what it cannot understand is `unreadable`, or a `Blind` beside what it could."""
