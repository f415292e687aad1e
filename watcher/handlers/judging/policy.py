"""Policy: how tickets are followed up where domains say nothing of their own, and who decides what they dispute."""

from __future__ import annotations

from dataclasses import dataclass

from watcher.model.domain import Rung


@dataclass(frozen=True, slots=True)
class Policy:
    """What the settings say.

    `arbiters` are the people who decide disputes: neither who broke it nor who is hit. `ladder` is for domains that
    have none. `trackers` are the channels that keep an item a ticket: they hear everything at once, at any hour.
    `url` is where people reach the watcher's pages; None where links lead nowhere.
    """

    arbiters: tuple[str, ...] = ()
    ladder: tuple[Rung, ...] = ()
    channels: frozenset[str] = frozenset()
    """All channels of the settings, by name."""
    trackers: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()
    """Those of them that are somebody's own programs, and sort what they hear themselves: what is no ticket, too."""
    url: str | None = None
    may_waive: tuple[str, ...] = ()
    """Who may grant a waiver; empty: whoever says who they are."""
    leadership: tuple[str, ...] = ()
    """Addresses (`channel:to`) of the weekly scorecard."""
