"""What a statement did to the catalogue: each table it touched, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from watcher.formats.sql.catalogue import Name, Table
from watcher.formats.sql.split import Statement


@dataclass(frozen=True, slots=True)
class Effect:
    """One table, by the name it has afterwards; None before: created, None after: dropped.

    `because` is the table whose change moved this view with it. `broken` says why no query of the view succeeds any
    more: it is in the catalogue still, and heals when what it reads is back (`before.broken` without `after.broken`).
    """

    name: Name
    before: Table | None
    after: Table | None
    because: Name | None = None
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A statement that was not applied: a blind spot. `table` is whom it touches, where that can be told."""

    statement: Statement
    reason: str
    table: str | None = None
    kind: str = "not-understood"


@dataclass(frozen=True, slots=True)
class Applied:
    """A statement that was applied; without effects where it changes no shape."""

    statement: Statement
    effects: tuple[Effect, ...] = ()


Outcome: TypeAlias = Applied | Unreadable
