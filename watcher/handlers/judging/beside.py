"""Beside: what the registry's own check says of a schema, and how that stands beside who breaks.

A registry asks one question, which reader reads which writer, of the versions that are live, under the subject's level.
It never asks who relies on what: so it passes what breaks a consumer, and refuses what breaks nobody. Both are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from watcher.compat.levels import check as check_pair
from watcher.compat.levels import judge as judge_level
from watcher.model.compatibility import Incompatibility, Level, Policy
from watcher.model.errors import Undecidable
from watcher.model.schema import Format, Schema
from watcher.model.verdict import Outcome

MOST_ASKED = 2_000
"""So many live versions are compared with under a transitive level; beyond them it cannot be told in bounded time."""

Live = tuple[int, Callable[[], Schema]]
"""A live version's number, and how to get its schema; that raises Undecidable where it cannot be read."""


@dataclass(frozen=True, slots=True)
class Guard:
    """By what the registry checks a subject: level, policy, and the property that parts its versions."""

    level: str | None
    policy: str | None = None
    group: str | None = None

    @property
    def known_level(self) -> Level | None:
        """The level, where it is one of a registry's seven."""
        if self.level is None or self.level not in set(Level) - {Level.READER_WRITER}:
            return None
        return Level(self.level)


@dataclass(frozen=True, slots=True)
class RegistryVerdict:
    """The answer. `compatible` None: it was not asked, or cannot be told; then `reason` says why.

    `against` is the version that the schema is incompatible with: the newest such one, as a registry stops there.
    """

    level: str | None
    policy: str | None = None
    compatible: bool | None = None
    incompatibilities: tuple[Incompatibility, ...] = ()
    against: int | None = None
    reason: str | None = None

    def document(self) -> dict[str, Any]:
        """The answer as JSON."""
        return {
            "level": self.level,
            "policy": self.policy,
            "compatible": self.compatible,
            "incompatibilities": [
                {"kind": one.kind, "path": one.path, "message": one.message} for one in self.incompatibilities
            ],
            "against": self.against,
            "reason": self.reason,
        }


def ask_registry(guard: Guard, live: Iterable[Live], new: Schema) -> RegistryVerdict:
    """What the registry says to `new` after these live versions, the newest first.

    As a registry does, it asks the last version, or under a transitive level all of them, and stops at the first that
    fails. Under NONE it passes everything.
    """
    level = guard.known_level
    policy = guard.policy or Policy.STRICT.value

    def untold(reason: str) -> RegistryVerdict:
        return RegistryVerdict(guard.level, policy, reason=reason)

    if level is None:
        return untold("the compatibility level is not known")
    if level is Level.NONE:
        return RegistryVerdict(guard.level, policy, compatible=True)
    if new.format is Format.JSON and policy not in set(Policy):
        return untold(f"the compatibility policy {policy} is not known: known are {', '.join(Policy)}")
    if guard.group is not None:
        return untold(f"the registry compares only versions whose metadata has the same `{guard.group}`")
    for asked, (number, schema) in enumerate(live):
        if asked >= MOST_ASKED:
            return untold(f"there are more than {MOST_ASKED:,} live versions to compare with")
        try:
            found = judge_level(level, [schema()], new, partial(check_pair, policy=_read_as(policy)))
        except Undecidable as cause:
            return untold(f"it cannot be compared with version {number}: {cause}")
        if found:
            return RegistryVerdict(guard.level, policy, False, found, number)
        if not level.transitive:
            break
    return RegistryVerdict(guard.level, policy, compatible=True)


def _read_as(policy: str) -> Policy:
    # The policy is JSON Schema's alone: of other formats an unknown one says nothing.
    return Policy(policy) if policy in set(Policy) else Policy.STRICT


def agreement(compatible: bool | None, outcomes: Iterable[Outcome]) -> str:
    """How the registry's verdict stands beside ours, as a word: `compatible-yet-breaking` is the one to look for.

    `unchecked` says that the registry did not check, or that its answer cannot be told; `undecided` that ours cannot.
    """
    registry = {True: "compatible", False: "incompatible", None: "unchecked"}[compatible]
    mine = set(outcomes)
    if Outcome.BROKEN in mine:
        return f"{registry}-{'and' if compatible is False else 'yet'}-breaking"
    if Outcome.UNKNOWN in mine:
        return f"{registry}-{'and' if compatible is None else 'yet'}-undecided"
    return f"{registry}-{'yet' if compatible is False else 'and'}-harmless"
