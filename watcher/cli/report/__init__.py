"""Reports: one answer of `watcher check`, written for a person, a program, GitHub's annotations, or a test report."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any


class Style(enum.StrEnum):
    """For whom a report is written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    JUNIT = "junit"


@dataclass(frozen=True, slots=True)
class Report:
    """The answer's document (as `handlers.check` and a daemon give it), and the file that was asked about."""

    document: dict[str, Any]
    file: str
    text: str

    @property
    def broken(self) -> list[dict[str, Any]]:
        """The consumers that break."""
        return [one for one in self.document["verdicts"] if one["outcome"] == "broken" and not one.get("consented")]

    @property
    def undecided(self) -> list[dict[str, Any]]:
        """The consumers of whom it cannot be told."""
        return [one for one in self.document["verdicts"] if one["outcome"] == "unknown" and not one.get("consented")]

    @property
    def consented(self) -> list[dict[str, Any]]:
        """The consumers for whom something breaks, and who agreed to it beforehand."""
        return [one for one in self.document["verdicts"] if one.get("consented")]

    @property
    def refused(self) -> bool:
        """Whether the registry itself would not take the schema."""
        return self.document["registry"]["compatible"] is False

    def summary(self) -> str:
        """The whole in a sentence."""
        asked = len(self.document["verdicts"])
        if not asked:
            told = "nobody relies on it"
        elif self.broken:
            told = f"{len(self.broken)} of {_consumers(asked)} {'breaks' if len(self.broken) == 1 else 'break'}"
        elif self.undecided:
            told = f"nobody is known to break, but {len(self.undecided)} of {_consumers(asked)} cannot be judged"
        else:
            told = f"nobody breaks ({_consumers(asked)} asked)"
        if self.consented:
            told += f"; {len(self.consented)} agreed to it beforehand ({self.document['go']['announcement']})"
        return f"{self.document['dataset']} (of {self.document['domain']}): {told}"

    def registry_words(self) -> str:
        """What the registry's own check says; empty where it was not asked."""
        level, registry = self.document["level"], self.document["registry"]
        verdict = registry["compatible"]
        if level is None:
            return ""
        if verdict is None:
            reason = registry.get("reason")
            return f"what the registry would say under {level} cannot be told: {reason}" if reason else ""
        if not verdict:
            harmless = self.document.get("agreement") == "incompatible-yet-harmless"
            return f"the registry would refuse it: incompatible under {level}{', yet harmless' if harmless else ''}"
        return f"the registry would take it: compatible under {level}{', yet breaking' if self.broken else ''}"


def in_use_words(one: dict[str, Any]) -> str:
    """A version or reader schema that consumers read with, and whether it can read what is written."""
    named = f"version {one['version']}" if one["version"] is not None else f"the reader schema {one['reader']}"
    more = one["consumer_count"] - len(one["consumers"])
    consumers = ", ".join(one["consumers"]) + (f" and {more} more" if more else "")
    if one["readable"] is None:
        return f"UNKNOWN  {named} ({consumers}): {one['reason']}"
    if one["readable"]:
        return f"reads    {named} ({consumers})"
    told = "; ".join(f"{reason['kind']} at {reason['path'] or '/'}" for reason in one["incompatibilities"])
    return f"FAILS    {named} ({consumers}): {told}"


def who(verdict: dict[str, Any]) -> str:
    """A consumer, and the contract that speaks for it."""
    return f"{verdict['consumer']} ({verdict['subscription']})"


def _consumers(count: int) -> str:
    return f"{count} consumer{'' if count == 1 else 's'}"
