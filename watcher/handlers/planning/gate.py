"""Gate: what a go token means to an answer of `check`, and when a domain may not pass without one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watcher.followup.planned import removes
from watcher.model.announcement import Deprecation
from watcher.model.domain import DomainRecord
from watcher.model.errors import UsageError
from watcher.model.path import FieldPath
from watcher.model.schema import Fingerprint

GO_TOKEN = "go-token"  # noqa: S105 - a word of the domain's document
"""What a domain's `when_spent` says where `check` demands a token."""


@dataclass(frozen=True, slots=True)
class Go:
    """A token that was verified: which change it is for, until when, and who has agreed to it.

    `names` are all by which the dataset is meant. Of a new schema it has the `address`, of a deprecation the `paths`
    (none: the whole dataset).
    """

    announcement: str
    dataset: str
    names: frozenset[str]
    domain: str
    until: dt.datetime
    subscriptions: frozenset[str]
    address: Fingerprint | None = None
    paths: tuple[str, ...] | None = None

    def require(self, dataset: str, address: Fingerprint | None) -> None:
        """Refuse another dataset or another schema; raises UsageError, which says what to do."""
        if dataset not in self.names:
            raise UsageError(
                f"the go token of {self.announcement} is for {self.dataset}, not for {dataset}: "
                "ask for that one's, `watcher announce list` has them all"
            )
        if self.address is not None and address != self.address:
            raise UsageError(
                f"the go token of {self.announcement} is for another schema than this one: what was announced is "
                "what may come; announce this one with `watcher announce change`, or register the one that was agreed"
            )

    def covers(self, subscription: str, facts: Sequence[Mapping[str, Any]]) -> bool:
        """Whether a consumer agreed to what breaks for it, by the facts that cause it."""
        if subscription not in self.subscriptions:
            return False
        if self.paths is None:
            return True
        return removes(Deprecation(tuple(FieldPath(one) for one in self.paths)), facts)


def applied(document: dict[str, Any], go: Go) -> dict[str, Any]:
    """The answer of `check` with what the token covers told apart: those consumers have agreed, the others break.

    What the registry itself would refuse stays refused: that is not the consumers' to agree to.
    """
    verdicts = [_consented(one, go, document["changes"]) for one in document["verdicts"]]
    agreed = {one["subscription"] for one in verdicts if one.get("consented")}
    broken = [one for one in verdicts if one["outcome"] == "broken" and not one.get("consented")]
    unknown = [one for one in document.get("unknown", []) if one["subscription"] not in agreed]
    demands = document.get("demands") if broken or unknown else None
    return {
        **document,
        "verdicts": verdicts,
        "unknown": unknown,
        "demands": demands,
        "breaking": document["registry"]["compatible"] is False or bool(broken) or demands is not None,
        "go": {
            "announcement": go.announcement,
            "until": go.until.isoformat(),
            "covers": sorted(agreed),
            "uncovered": sorted(one["subscription"] for one in broken),
        },
    }


def demands_token(domain: DomainRecord | None, *, spent: bool) -> str | None:
    """Why `check` asks for a go token, in a sentence; None where it asks for none.

    A domain whose budget of breaking changes is spent may break nobody who has not agreed to it beforehand.
    """
    if domain is None or domain.budget is None or not spent or domain.budget.when_spent != GO_TOKEN:
        return None
    allowed = domain.budget.breaking_changes
    return (
        f"{domain.name} has spent its budget, {allowed} breaking change{'s' * (allowed != 1)} in "
        f"{domain.budget.per.days} days: "
        "announce this one with `watcher announce change`, and give the token by --go once all have agreed"
    )


def demanding(document: dict[str, Any], demand: str | None) -> dict[str, Any]:
    """The answer of `check` where a token is demanded: what cannot be judged does not pass without one either."""
    needed = demand if document["breaking"] or document["unknown"] else None
    return {**document, "demands": needed, "breaking": document["breaking"] or needed is not None}


def _consented(verdict: dict[str, Any], go: Go, changes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A verdict, with the announcement by which its consumer agreed to all that breaks for it."""
    if not verdict["violations"]:
        return verdict
    causes = [[one["change"]] if one.get("change") else changes for one in verdict["violations"]]
    agreed = all(go.covers(verdict["subscription"], facts) for facts in causes)
    return {**verdict, "consented": go.announcement} if agreed else verdict
