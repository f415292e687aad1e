"""Compatibility's nouns: the registry's levels, and what stands between a reader and a writer."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Level(enum.StrEnum):
    """The seven levels of a registry, and READER_WRITER: one reader against one writer."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"
    READER_WRITER = "READER_WRITER"

    @property
    def backward(self) -> bool:
        """Whether the new schema must read what the old ones wrote."""
        return self.startswith(("BACKWARD", "FULL"))

    @property
    def forward(self) -> bool:
        """Whether the old schemas must read what the new one writes."""
        return self.startswith(("FORWARD", "FULL"))

    @property
    def transitive(self) -> bool:
        """Whether all live versions count, not only the last."""
        return self.endswith("_TRANSITIVE")


def guards_less(before: str, after: str) -> bool:
    """Whether something that was guarded before is not guarded any more; a move sideways loses one direction."""
    return bool(_guards(before) - _guards(after))


def _guards(level: str) -> frozenset[str]:
    try:
        known = Level(level)
    except ValueError:  # a server's default that the watcher's settings name wrongly guards nothing that we know of
        return frozenset()
    directions = {name for name, guarded in (("backward", known.backward), ("forward", known.forward)) if guarded}
    return frozenset(directions | {f"{name} to all" for name in directions if known.transitive})


class Policy(enum.StrEnum):
    """How strictly a registry reads open content models (JSON Schema)."""

    STRICT = "STRICT"
    LENIENT = "LENIENT"


@dataclass(frozen=True, slots=True)
class Incompatibility:
    """One reason why a reader cannot read what a writer wrote.

    `kind` is the format's own name for it (Avro Java's `MISSING_UNION_BRANCH`); `path` a JSON pointer into the reader.
    """

    kind: str
    path: str
    message: str
