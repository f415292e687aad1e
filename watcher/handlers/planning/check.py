"""Check: what a schema that nobody has registered yet would do to those who rely on the dataset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from watcher.diff import diff
from watcher.diff.render import to_json
from watcher.handlers.judging.beside import RegistryVerdict, agreement
from watcher.handlers.judging.reading import in_use, once
from watcher.handlers.telling import messages
from watcher.model.catalogue import Catalogue
from watcher.model.change import Change
from watcher.model.compatibility import Incompatibility, Level
from watcher.model.contract import Exists, Expectation, ReadsVersion, ReadsWith, Subscription
from watcher.model.dataset import DatasetName
from watcher.model.domain import UNOWNED
from watcher.model.path import ROOT
from watcher.model.schema import Schema
from watcher.model.verdict import DatasetState, Outcome, Verdict, Violation
from watcher.rules.evaluate import flips, judge, print_of
from watcher.rules.wants import wants

Reads: TypeAlias = Callable[[ReadsWith | ReadsVersion, Schema], tuple[Incompatibility, ...]]
"""Why a consumer's reader schema cannot read what a schema writes; empty where it can."""


NOT_ASKED = RegistryVerdict(None, reason="no compatibility level was asked about")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the schema does to one consumer; `standing` are clauses, in words, that were broken before and still are."""

    subscription: Subscription
    violations: tuple[Violation, ...]
    standing: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Of this change: broken where a clause flips, unknown where one cannot be judged."""
        if not self.violations:
            return Outcome.HOLDS
        broken = any(one.outcome is Outcome.BROKEN for one in self.violations)
        return Outcome.BROKEN if broken else Outcome.UNKNOWN


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The whole answer; `registry` says what the registry itself would, `in_use` who reads with which version."""

    dataset: DatasetName
    domain: str
    registry: RegistryVerdict
    changes: tuple[Change, ...]
    answers: tuple[Answer, ...]
    in_use: tuple[dict[str, Any], ...] = ()

    @property
    def breaking(self) -> bool:
        """Whether a consumer breaks, or the registry would refuse the schema under the level in force."""
        return self.registry.compatible is False or any(one.outcome is Outcome.BROKEN for one in self.answers)

    @property
    def agreement(self) -> str:
        """How the registry's verdict stands beside ours."""
        return agreement(self.registry.compatible, [one.outcome for one in self.answers])

    def document(self) -> dict[str, Any]:
        """The answer as JSON: the same from the command line and from a running daemon."""
        return {
            "dataset": str(self.dataset),
            "domain": self.domain,
            "level": self.registry.level,
            "registry": self.registry.document(),
            "agreement": self.agreement,
            "changes": [to_json(one, str(self.dataset)) for one in self.changes],
            "verdicts": [_verdict(one, self.agreement) for one in self.answers],
            "versions_in_use": list(self.in_use),
            "unknown": [
                {
                    "consumer": str(one.subscription.consumer),
                    "subscription": str(one.subscription.name),
                    "path": str(violation.path),
                    "reason": violation.message,
                }
                for one in self.answers
                for violation in one.violations
                if violation.outcome is Outcome.UNKNOWN
            ],
            "breaking": self.breaking,
        }


def check(  # noqa: PLR0913 - each is a part of the question
    catalogue: Catalogue,
    dataset: str,
    before: Schema | None,
    after: Schema | None,
    *,
    today: dt.date,
    reads: Reads,
    registry: RegistryVerdict = NOT_ASKED,
    level: Level | None = None,
) -> CheckResult:
    """Who would break, and why, if `after` took the place of `before`; nothing is recorded.

    Without `before` there is no flip to find: each clause is judged on `after` alone, and one that does not hold is
    broken. `registry` is what the registry itself would say, `level` by what it guards the dataset. Contracts whose
    time is over are not asked. `after` None: the dataset would be gone. Raises Undecidable where the two schemas cannot
    be compared.
    """
    name = catalogue.canonical(dataset)
    changes = diff(before, after) if before is not None else ()
    states = (_state(before, reads, level), _state(after, reads, level))
    asked = [one for one in catalogue.subscriptions_for(dataset) if one.in_force(today)]
    answers = [_answer(one, name, states, changes) for one in asked]
    owner = catalogue.owner_of(dataset)
    order = (Outcome.BROKEN, Outcome.UNKNOWN, Outcome.HOLDS)
    answers.sort(key=lambda one: order.index(one.outcome))
    return CheckResult(
        name,
        str(owner.name if owner else UNOWNED),
        registry,
        tuple(changes),
        tuple(answers),
        tuple(in_use(asked, states[1].reads)),
    )


def _state(schema: Schema | None, reads: Reads, level: Level | None) -> DatasetState:
    if schema is None:
        return DatasetState(None, level=level)
    return DatasetState(schema, reads=once(lambda expectation: reads(expectation, schema)), level=level)


def _answer(
    subscription: Subscription,
    dataset: DatasetName,
    states: tuple[DatasetState, DatasetState],
    changes: Sequence[Change],
) -> Answer:
    before, after = states
    failing: dict[str, tuple[Expectation, Verdict]] = {}
    for clause in subscription.clauses:
        verdict = judge(clause, after, before.schema, changes)
        if verdict.rule == "dataset-dropped" and clause != Exists(ROOT):
            continue  # that everything is gone is told once
        if verdict.outcome is not Outcome.HOLDS:
            # A field that is gone fails each clause about it, by one rule: it is told once, by the first.
            failing.setdefault(print_of(dataset, verdict.rule, clause, subscription), (clause, verdict))
    if before.schema is None:
        alone = (_violation(subscription, dataset, clause, verdict) for clause, verdict in failing.values())
        return Answer(subscription, tuple(alone))
    violations = flips(subscription, dataset, before, after, changes)
    flipped = {one.fingerprint for one in violations}
    standing: list[str] = []
    undecided: list[Violation] = []
    for key, (clause, verdict) in failing.items():
        if key in flipped:
            continue
        if verdict.outcome is Outcome.UNKNOWN:
            # It could not be told before either. Who asks whether this may go out is told so all the same.
            undecided.append(_violation(subscription, dataset, clause, verdict))
        else:
            standing.append(_unmet(clause, verdict))
    return Answer(subscription, (*violations, *undecided), tuple(standing))


def _violation(subscription: Subscription, dataset: DatasetName, clause: Expectation, verdict: Verdict) -> Violation:
    """A clause that does not hold of the schema alone."""
    return Violation(
        fingerprint=print_of(dataset, verdict.rule, clause, subscription),
        subscription=subscription,
        dataset=dataset,
        expectation=clause,
        outcome=verdict.outcome,
        rule=verdict.rule,
        path=clause.path,
        wants=wants(clause),
        before=None,
        after=verdict.seen,
        message=_unmet(clause, verdict),
    )


def _unmet(clause: Expectation, verdict: Verdict) -> str:
    return f"it is relied on that {wants(clause)}: {verdict.reason}"


def _verdict(answer: Answer, agreed: str) -> dict[str, Any]:
    one = answer.subscription
    return {
        "consumer": str(one.consumer),
        "subscription": str(one.name),
        "outcome": answer.outcome.value,
        "criticality": one.criticality.value,
        "contact": one.consumer.contact,
        "violations": [messages.violation(violation, agreed) for violation in answer.violations],
        "standing": list(answer.standing),
    }
