"""Evaluate: verdicts on one state, and the moments when an expectation flips between two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from watcher.diff.render import to_json
from watcher.model.change import Change
from watcher.model.contract import Exists, Expectation, Subscription
from watcher.model.dataset import DatasetName
from watcher.model.lookup import find
from watcher.model.path import ROOT, FieldPath
from watcher.model.schema import Schema
from watcher.model.verdict import DatasetState, Healing, Outcome, Verdict, Violation, fingerprint
from watcher.rules.catalogue import BY_ID, rules_of
from watcher.rules.cause import cause_of
from watcher.rules.rule import Asked
from watcher.rules.seen import seen_at
from watcher.rules.spelling import spelled
from watcher.rules.wants import aspect, place_words, wants

MEASURED = frozenset(
    {"field-added", "shape-narrowed", "fields-reordered", "shape-opened", "tag-changed", "encoding-changed"}
)
"""Rules that compare with the shape that stood when the clause held: a violation of theirs keeps that shape."""

_NOTHING_MEASURED: Mapping[FieldPath, Schema] = {}


@dataclass(frozen=True, slots=True)
class _Step:
    """What all violations of one step share."""

    subscription: Subscription
    dataset: DatasetName
    start: DatasetState
    changes: Sequence[Change]


def judge(
    expectation: Expectation, state: DatasetState, baseline: Schema | None = None, changes: Sequence[Change] = ()
) -> Verdict:
    """Whether an expectation holds of a state, and if not, by which rule. Total.

    `baseline` is the shape before: a closed shape that names no members is measured against it, and so is how protobuf
    carries a member (without it, both hold); what it guaranteed, a list of values say, is broken when it is given up.
    What stands on something that is not there is broken by the rule that says so: a type on a removed field by
    `field-removed`. `changes` are the facts since the shape before, where they are known: a rename is one of them.
    """
    kinds = ("exists",) if expectation.kind == "exists" else ("exists", expectation.kind)
    expectation = spelled(expectation, state.schema, baseline, state.last)
    asked = Asked(expectation, state, baseline, changes)
    for kind in kinds:
        for rule in rules_of(kind):
            finding = rule.check(asked)
            if finding is not None:
                return Verdict(rule.severity.outcome, rule.id, finding.seen, finding.detail)
    return Verdict(Outcome.HOLDS, seen=seen_at(asked.found, expectation, state))


def flips(  # noqa: PLR0913, PLR0917 - who relies on what, what stood, what stands, and what is known of the way between
    subscription: Subscription,
    dataset: DatasetName,
    before: DatasetState,
    after: DatasetState,
    changes: Sequence[Change],
    measured: Mapping[FieldPath, Schema] = _NOTHING_MEASURED,
) -> tuple[Violation, ...]:
    """The expectations that a step broke, or made undecidable: each once, in the contract's order.

    - One that was broken already does not flip again, whatever breaks it now.
    - unknown → broken flips: nobody was told of the break yet. unknown → holds does not.
    - A clause whose field (or dataset) is missing is silent: the clause that the field is there speaks for it. When the
      field comes back, the clause flips if it does not hold then.
    - A contract that is older than its dataset flips nothing when the dataset appears: nothing was broken by that.
    - What comes back after a drop, or after being unreadable, is measured against `before.last`, where that is given.
    - `measured` is the shape, by the clause's path, against which a clause that is broken already is measured, where
      its rule compares with what stood before (`MEASURED`): that of the open violation, so that taking the change back
      heals it and breaks nothing.
    """
    start = _start(before)
    step = _Step(subscription, dataset, start, changes)
    found: dict[str, Violation] = {}
    for clause in subscription.clauses:
        baseline = measured.get(clause.path, start.schema)
        now = judge(clause, after, baseline, changes)
        if now.outcome is Outcome.HOLDS or not _speaks(clause, now):
            continue
        was = judge(clause, before if clause == Exists(ROOT) else start, baseline, ())
        if _flipped(clause, was, now):
            violation = _violation(step, clause, was, now, after)
            found.setdefault(violation.fingerprint, violation)
    return tuple(found.values())


def heals(
    subscription: Subscription,
    dataset: DatasetName,
    before: DatasetState,
    after: DatasetState,
    measured: Mapping[FieldPath, Schema] = _NOTHING_MEASURED,
) -> tuple[Healing, ...]:
    """The expectations that did not hold before and do now, with the proof in words, in the contract's order."""
    found = []
    for clause in subscription.clauses:
        baseline = measured.get(clause.path)
        was = judge(clause, before, baseline, ())
        now = judge(clause, after, baseline, ())
        if was.outcome is not Outcome.HOLDS and now.outcome is Outcome.HOLDS:
            proof = f"{wants(clause)} again: it is {now.seen}" if now.seen else f"{wants(clause)} again"
            found.append(Healing(subscription, dataset, clause, now.seen, proof))
    return tuple(found)


def print_of(dataset: DatasetName, rule: str, clause: Expectation, one: Subscription) -> str:
    """The fingerprint of a clause's violation; clauses of one kind at one path are told apart by what they ask."""
    asks = aspect(clause) if clause.kind in BY_ID[rule].breaks else ""
    return fingerprint(dataset, rule, f"{clause.path}#{asks}" if asks else clause.path, f"{one.consumer} {one.name}")


def _start(before: DatasetState) -> DatasetState:
    """What to measure from: the last known shape, where there is none to measure from now."""
    gone = before.schema is None or before.unreadable is not None
    return replace(before, schema=before.last, unreadable=None) if gone and before.last is not None else before


def _speaks(clause: Expectation, verdict: Verdict) -> bool:
    """Whether a verdict is the clause's own to tell: that the whole dataset is gone is told once, not by each."""
    if verdict.rule in ("dataset-dropped", "schema-unreadable"):
        return clause == Exists(ROOT)
    return clause.kind in BY_ID[verdict.rule].breaks


def _flipped(clause: Expectation, was: Verdict, now: Verdict) -> bool:
    if was.outcome is Outcome.HOLDS:
        return True
    if was.rule == "dataset-dropped":
        return False
    if not _speaks(clause, was):
        return True
    return was.outcome is Outcome.UNKNOWN and now.outcome is Outcome.BROKEN


def _violation(step: _Step, clause: Expectation, was: Verdict, now: Verdict, after: DatasetState) -> Violation:
    rule, before = BY_ID[now.rule], was.seen
    known = spelled(clause, step.start.schema)
    if before is None and step.start.schema is not None:
        before = seen_at(find(step.start.schema, known.path), known, step.start)
    cause = cause_of(rule, known, step.changes) or cause_of(rule, spelled(clause, after.schema), step.changes)
    told = {"path": clause.path, "where": place_words(clause.path), "wants": wants(clause), "detail": now.reason}
    told |= {"before": _words(before), "after": _words(now.seen)}
    one = step.subscription
    return Violation(
        fingerprint=print_of(step.dataset, rule.id, clause, one),
        subscription=one,
        dataset=step.dataset,
        expectation=clause,
        outcome=now.outcome,
        rule=rule.id,
        path=clause.path,
        wants=wants(clause),
        before=before,
        after=now.seen,
        message=rule.message.format_map(told),
        change=None if cause is None else to_json(cause, str(step.dataset)),
    )


def _words(seen: Any) -> str:
    return ", ".join(map(str, seen)) if isinstance(seen, list) else str(seen or "nothing")
