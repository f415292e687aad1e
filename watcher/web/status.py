"""Readiness: what is asked before the watcher says that it hears everything."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """One feed as its runtime sees it: partitions owned, whether they are read to their end, records behind it."""

    name: str
    assigned: bool
    caught_up: bool
    lag: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """The whole daemon at this moment; `problems` are contract files that are refused, in words."""

    started: bool
    stopping: bool
    ledger: bool
    feeds: tuple[FeedStatus, ...] = ()
    problems: tuple[str, ...] = field(default=())

    @property
    def ready(self) -> bool:
        """Whether every change so far has been heard, and the next one will be.

        A refused contract file does not count: its last good version stays in force, and it is listed.
        """
        return (
            self.ledger and self.started and not self.stopping and all(f.assigned and f.caught_up for f in self.feeds)
        )
