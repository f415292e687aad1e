"""Problems: what is wrong with a document, each with its place, all of a file told at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from watcher.model.errors import ConfigurationError


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake; line and column are counted from one."""

    source: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}: {self.message}"


class DocumentError(ConfigurationError):
    """A file is refused; the message has one line for each problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))
