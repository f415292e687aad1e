"""A rule: one way in which an expectation breaks, with everything that a person may ask about it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from watcher.model.change import Change
from watcher.model.contract import Expectation
from watcher.model.lookup import Found, find
from watcher.model.schema import Schema
from watcher.model.verdict import DatasetState, Outcome


class Severity(enum.StrEnum):
    """How sure the rule is: a break, or a question that the schema leaves open."""

    BREAKING = "breaking"
    UNDECIDED = "undecided"

    @property
    def outcome(self) -> Outcome:
        """The verdict that a finding comes to."""
        return Outcome.BROKEN if self is Severity.BREAKING else Outcome.UNKNOWN


@dataclass(frozen=True, slots=True)
class Asked:
    """What a rule is asked about: one expectation on one state, and what stands at its path.

    `baseline` is the shape before, where there is one; `changes` are the facts since then, where they are known.
    """

    expectation: Expectation
    state: DatasetState
    baseline: Schema | None = None
    changes: Sequence[Change] = ()
    found: Found | None = field(init=False)

    def __post_init__(self) -> None:
        schema = self.state.schema
        there = schema is not None and self.state.unreadable is None
        # A frozen value that completes itself: the place is looked up once, however many rules ask for it.
        object.__setattr__(self, "found", find(schema, self.expectation.path) if there and schema else None)


@dataclass(frozen=True, slots=True)
class Finding:
    """The rule applies: what stands there now, as JSON, and why that breaks the expectation, in words."""

    seen: Any
    detail: str


Check: TypeAlias = Callable[[Asked], Finding | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the catalogue.

    `breaks` are the kinds of expectation that it speaks about. The facets `area`, `kind` and `action` say what it looks
    at, whether it is about structure or meaning, and what was done. `message` may use `{path}`, `{where}`, `{wants}`,
    `{before}`, `{after}` and `{detail}`. `witness` is the smallest case that worked before and fails after. `causes`
    are the kinds of change that bring it about, the likeliest first. `mirror` is the rule for the opposite, or `waiver`
    says why there is none.
    """

    id: str
    purpose: str
    breaks: tuple[str, ...]
    severity: Severity
    area: str
    kind: str
    action: str
    message: str
    check: Check
    witness: str
    causes: tuple[str, ...]
    mirror: str | None = None
    waiver: str | None = None
