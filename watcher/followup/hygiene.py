"""Hygiene: what is wrong with a contract itself, so that its owner hears of it, and no producer is blamed for it."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from watcher.model.contract import Expectation, Subscription
from watcher.model.dataset import DatasetName, Domain
from watcher.model.lookup import Place, find
from watcher.model.path import ROOT
from watcher.model.schema import Schema
from watcher.model.verdict import DatasetState, Outcome
from watcher.rules.evaluate import judge, print_of
from watcher.rules.wants import wants


class Fault(enum.StrEnum):
    """What can be wrong with a contract; a stable lower-kebab word."""

    STALE = "stale"
    """Its `until` has passed: it blames nobody any more."""
    ORPHANED = "orphaned"
    """Its consumer is of no domain that is known: nobody would hear of a break."""
    UNHEARD = "unheard"
    """It names no channel: its consumer is told nothing."""
    UNSEEN = "unseen"
    """Its dataset was never seen."""
    GREEDY = "greedy"
    """It relies on a field that was never there."""
    UNSATISFIED = "unsatisfied"
    """A clause did not hold when the contract came, and has not since."""
    GIVEN_UP = "given-up"
    """A clause held once, and what it asks for was given up: its end was agreed to, or was decided to be no break."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one contract: `path` is the clause's, where it is one clause; `message` says what to do."""

    subscription: str
    fault: Fault
    message: str
    path: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a contract's dataset: as it stands, and every shape that it is known to have had.

    `answered` are the fingerprints of the violations that are somebody's work already. `broken` are the shapes of
    which the contract lost something, each with the announcements or decisions by which that was nobody's fault.
    """

    dataset: DatasetName
    state: DatasetState
    shapes: tuple[Schema, ...]
    answered: Collection[str] = ()
    broken: tuple[tuple[Schema, tuple[str, ...]], ...] = ()


def inspect(
    subscription: Subscription, seen: Seen | None, domains: Collection[Domain], today: dt.date
) -> tuple[Finding, ...]:
    """What is wrong with one contract. Total; `seen` is None where the dataset was never heard of."""
    return tuple(_found(subscription, seen, domains, today))


def _found(one: Subscription, seen: Seen | None, domains: Collection[Domain], today: dt.date) -> Iterable[Finding]:
    def finding(fault: Fault, message: str, path: str = "") -> Finding:
        return Finding(one.name, fault, message, path, one.source)

    if not one.in_force(today):
        yield finding(Fault.STALE, f"it ended on {one.until}: renew `until`, or delete it")
        return
    if domains and one.consumer.domain not in domains:
        message = f"there is no domain `{one.consumer.domain}`: name the one that took it over, or delete the contract"
        yield finding(Fault.ORPHANED, message)
    if not one.notify:
        yield finding(Fault.UNHEARD, "it names no channel in `notify`: nobody on your side is told of a break")
    if seen is None:
        message = f"no dataset {one.dataset} was ever seen: correct the name, or wait until it is produced"
        yield finding(Fault.UNSEEN, message)
        return
    if seen.state.schema is None:
        return  # it is gone, or cannot be read: that is told to whoever produces it
    for clause in one.clauses:
        if clause.path != ROOT and not any(_stands(shape, clause) for shape in (seen.state.schema, *seen.shapes)):
            if clause.kind == "exists":
                message = f"{clause.path} was never there: correct the path, or ask {seen.dataset}'s owner for it"
                yield finding(Fault.GREEDY, message, str(clause.path))
            continue
        verdict = judge(clause, seen.state)
        if verdict.outcome is not Outcome.BROKEN:
            continue
        if print_of(seen.dataset, verdict.rule, clause, one) in seen.answered:
            continue
        lost = _lost(clause, seen)
        if lost is not None:
            by = f" ({', '.join(lost)})" if lost else ""
            message = f"{wants(clause)}: this held once, and nobody owes it any more{by}; take it out of the contract"
            yield finding(Fault.GIVEN_UP, message, str(clause.path))
        else:
            message = f"{wants(clause)}: this did not hold when the contract came, so nobody is blamed; ask for it"
            yield finding(Fault.UNSATISFIED, message, str(clause.path))


def _lost(clause: Expectation, seen: Seen) -> tuple[str, ...] | None:
    """By what a clause that held while the contract was there was given up; None where it never held."""
    for shape, by in seen.broken:
        if judge(clause, replace(seen.state, schema=shape)).outcome is Outcome.HOLDS:
            return by
    return None


def _stands(shape: Schema, clause: Expectation) -> bool:
    return isinstance(find(shape, clause.path), Place)
