"""Severity: how heavy a ticket is, and in sentences why, so that nobody has to guess at the number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from watcher.followup.planned import Reason
from watcher.model.contract import Criticality

ORDER = (Criticality.LOW, Criticality.NORMAL, Criticality.HIGH, Criticality.CRITICAL)
"""From the lightest to the heaviest; as texts they would sort otherwise."""

BUDGET_SPENT = "budget spent"
"""The reason that the domain's budget of breaking changes is spent."""

_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        Reason.UNANNOUNCED.value: "it was not announced, and those it breaks ask for notice",
        Reason.EARLY.value: "it came before the date that was announced",
        Reason.EARLY_REMOVAL.value: "it was removed before the sunset that was promised",
        Reason.OBJECTED.value: "somebody it breaks had objected to it",
        BUDGET_SPENT: "the domain's budget of breaking changes is spent",
    }
)


@dataclass(frozen=True, slots=True)
class Weight:
    """A ticket's severity, and the sentences that explain it."""

    severity: Criticality
    because: tuple[str, ...]


def heaviest(criticalities: Iterable[Criticality]) -> Criticality:
    """The highest of several; normal where there is none."""
    return max(criticalities, key=ORDER.index, default=Criticality.NORMAL)


def outweighs(one: Criticality, other: Criticality) -> bool:
    """Whether one is heavier than the other."""
    return ORDER.index(one) > ORDER.index(other)


def weigh(criticalities: Iterable[Criticality], reasons: Iterable[str] = ()) -> Weight:
    """The highest criticality of what is broken, raised by one step for each reason, as far as critical."""
    given = tuple(criticalities)
    severity = heaviest(given)
    because = [_base(severity, given)]
    for reason in dict.fromkeys(str(one) for one in reasons):
        said = _SENTENCES.get(reason, reason)
        raised = ORDER[min(ORDER.index(severity) + 1, len(ORDER) - 1)]
        if raised is severity:
            because.append(f"{said}: it is {severity.value} already, and goes no higher")
        else:
            because.append(f"{said}: raised from {severity.value} to {raised.value}")
        severity = raised
    return Weight(severity, tuple(because))


def _base(severity: Criticality, given: tuple[Criticality, ...]) -> str:
    if not given:
        return f"no contract that is broken says how critical it is: {severity.value}"
    same = given.count(severity)
    if len(given) == 1:
        return f"the contract that is broken has the criticality {severity.value}"
    have = "has" if same == 1 else "have"
    return f"{same} of {len(given)} broken promises {have} the criticality {severity.value}"
