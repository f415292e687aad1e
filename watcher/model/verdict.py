"""Verdicts and violations: what became of an expectation, and why."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from watcher.model.compatibility import Incompatibility, Level
from watcher.model.contract import Expectation, ReadsVersion, ReadsWith, Subscription
from watcher.model.dataset import DatasetName
from watcher.model.path import FieldPath
from watcher.model.schema import Schema


class Outcome(enum.StrEnum):
    """Of one expectation on one schema. Unknown is a verdict of its own, never taken for holds."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DatasetState:
    """A dataset at one moment, as the rules see it.

    `schema` None means that the dataset is not there. `unreadable` gives the cause where its schema is there but cannot
    be read: then every verdict is unknown. `reads` answers whether a consumer's own reader schema can read it (empty:
    it can), and so for a registered version that a consumer reads with; it is handed in, because compatibility is
    another room's question. `last` is the shape that stood before the dataset went away or became unreadable, where it
    is known: what comes back is measured against it. `level` is how the registry guards it, None where nothing does or
    where nobody can say.
    """

    schema: Schema | None
    unreadable: str | None = None
    reads: Callable[[ReadsWith | ReadsVersion], tuple[Incompatibility, ...]] | None = None
    last: Schema | None = None
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one expectation: outcome, the rule that explains it, what is there now (`seen`), and why."""

    outcome: Outcome
    rule: str = ""
    seen: Any = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """An expectation that flipped to broken (or to unknown), with the change that caused it.

    `before` and `after` are what stood at `path`, as JSON; `change` is the causing change as JSON (kind, path, before,
    after), None where none can be named. `wants` says the expectation in words.
    """

    fingerprint: str
    subscription: Subscription
    dataset: DatasetName
    expectation: Expectation
    outcome: Outcome
    rule: str
    path: FieldPath
    wants: str
    before: Any
    after: Any
    message: str
    change: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Healing:
    """An expectation that was broken and holds again: `seen` is what stands there now, as JSON; `proof` says it."""

    subscription: Subscription
    dataset: DatasetName
    expectation: Expectation
    seen: Any
    proof: str


def fingerprint(dataset: str, rule: str, path: str, consumer: str) -> str:
    """The short stable name of one violation: de-duplicates, and carries a waiver forward."""
    text = f"{dataset}\x1f{rule}\x1f{path}\x1f{consumer}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
