"""What an option looks at, and what it is: a broken promise, and one way to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from watcher.followup.remedies import schemas
from watcher.model.compatibility import Level, Policy
from watcher.model.errors import UsageError
from watcher.model.path import Member, steps
from watcher.model.schema import Format

LONGEST_NAME = 200
"""Characters of a name or a value in an option."""

PRODUCER, CONSUMER = "producer", "consumer"

ADDS, APPENDS = "adds a member", "puts a member last"


@dataclass(frozen=True, slots=True)
class Remedy:
    """One way to mend it: `why` says what it does, `text` can be used as it is. `whom` it is for: who can do it."""

    title: str
    why: str
    steps: tuple[str, ...] = ()
    text: str = ""
    language: str = ""
    whom: str = PRODUCER
    effects: frozenset[str] = frozenset()

    def document(self) -> dict[str, Any]:
        """As messages tell it."""
        return {
            "title": self.title,
            "why": self.why,
            "steps": list(self.steps),
            "text": self.text,
            "language": self.language,
            "for": self.whom,
        }


@dataclass(frozen=True, slots=True)
class Broken:
    """A violation, as an option looks at it; `before` and `after` are what the change itself says stood there."""

    rule: str
    path: str
    before: Any
    after: Any
    wants: str
    expectation: str
    dataset: str
    format: Format | None
    dialect: str | None
    change: Mapping[str, Any] = field(default_factory=dict)
    level: Level | None = None
    policy: Policy = Policy.STRICT

    @property
    def name(self) -> str:
        """The path as a sentence sets it apart."""
        return f"`{short(self.path)}`" if self.path else "the dataset"

    @property
    def member(self) -> str | None:
        """The last name of the path, where it is one."""
        return member(self.path)

    @property
    def column(self) -> str | None:
        """The path, where it is a column of the table itself."""
        try:
            found = steps(self.path)
        except UsageError:
            return None
        return found[0].name if len(found) == 1 and isinstance(found[0], Member) else None

    @property
    def was(self) -> str:
        """The type that stood there, with `| null` where it could be null; empty where it is not known."""
        old = self.change.get("before", self.before)
        if isinstance(old, Mapping):
            old = old.get("type")
        return old if isinstance(old, str) else ""


Options: TypeAlias = Iterator[Remedy]


def flat(*paths: str) -> bool:
    """Whether each is a column of the table itself."""
    try:
        return all(len(steps(path)) == 1 for path in paths)
    except UsageError:
        return False


def member(path: str) -> str | None:
    """The last name of a path, where it is one."""
    try:
        found = steps(path)
    except UsageError:
        return None
    return found[-1].name if found and isinstance(found[-1], Member) else None


def short(value: Any) -> str:
    """A name or a value as an option shows it."""
    text = value if isinstance(value, str) else schemas.json_text(value)
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"
