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
