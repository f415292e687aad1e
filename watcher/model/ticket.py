"""Tickets: a breaking change as work for a domain, and the only legal moves of its life."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NewType

from watcher.model.contract import Criticality
from watcher.model.dataset import DatasetName, Domain
from watcher.model.errors import UsageError

TicketId = NewType("TicketId", str)

WATCHER = "watcher"
"""Who moves a ticket where nobody does: this program itself, by proof or by the clock."""


class TicketState(enum.StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    DISPUTED = "disputed"
    WAIVED = "waived"
    RESOLVED = "resolved"


class Verb(enum.StrEnum):
    """What is done with a ticket; each is one record of its life."""

    OPEN = "open"
    ACKNOWLEDGE = "acknowledge"
    START = "start"
    RESOLVE = "resolve"
    DISPUTE = "dispute"
    UPHOLD = "uphold"
    REJECT = "reject"
    WAIVE = "waive"
    REVOKE = "revoke"
    EXPIRE = "expire"
    REOPEN = "reopen"
    UPDATE = "update"
    COMMENT = "comment"
    SNOOZE = "snooze"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the state table: from where a verb may be done, and where it leads (None: the ticket stays).

    `reason` says that a person must give one. `ours` says that only the watcher itself does it, `arbiter` that only a
    named third role may: neither who broke it nor who is hit by it.
    """

    before: frozenset[TicketState]
    after: TicketState | None
    reason: bool = False
    ours: bool = False
    arbiter: bool = False


_STANDING = frozenset({TicketState.OPEN, TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS})
"""Someone is to do something."""

UNSETTLED = _STANDING | {TicketState.DISPUTED}
"""States in which a further break of the same dataset is added to the ticket instead of opening another."""

_ANY = frozenset(TicketState)

LIFE: dict[Verb, Rule] = {
    Verb.ACKNOWLEDGE: Rule(frozenset({TicketState.OPEN}), TicketState.ACKNOWLEDGED),
    Verb.START: Rule(frozenset({TicketState.OPEN, TicketState.ACKNOWLEDGED}), TicketState.IN_PROGRESS),
    Verb.RESOLVE: Rule(UNSETTLED | {TicketState.WAIVED}, TicketState.RESOLVED, reason=True),
    Verb.DISPUTE: Rule(_STANDING, TicketState.DISPUTED, reason=True),
    Verb.UPHOLD: Rule(frozenset({TicketState.DISPUTED}), TicketState.RESOLVED, reason=True, arbiter=True),
    Verb.REJECT: Rule(frozenset({TicketState.DISPUTED}), TicketState.ACKNOWLEDGED, reason=True, arbiter=True),
    Verb.WAIVE: Rule(UNSETTLED, TicketState.WAIVED, reason=True),
    Verb.REVOKE: Rule(frozenset({TicketState.WAIVED}), TicketState.OPEN, reason=True),
    Verb.EXPIRE: Rule(frozenset({TicketState.WAIVED}), TicketState.OPEN, ours=True),
    Verb.REOPEN: Rule(frozenset({TicketState.RESOLVED}), TicketState.OPEN, reason=True),
    Verb.UPDATE: Rule(UNSETTLED | {TicketState.WAIVED}, None, ours=True),
    Verb.ESCALATE: Rule(_STANDING, None, ours=True),
    Verb.SNOOZE: Rule(_STANDING, None, reason=True),
    Verb.COMMENT: Rule(_ANY, None, reason=True),
}
"""The state table: whatever it does not list is refused. A ticket begins by `open`, which stands in no other place."""

BEGINNINGS = frozenset(
    {Verb.OPEN, *(verb for verb, rule in LIFE.items() if rule.after in UNSETTLED and not rule.before & UNSETTLED)}
)
"""The moves that begin an episode: what was settled, or waived, is to be done again, and its time is counted anew."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket per producing domain and dataset, with every affected consumer in it.

    `reopened` counts its episodes after the first; `episode_at` is when the present one began. `severity` is what hangs
    on it, `acknowledge_by` and `fix_by` what was promised for that when the episode began, in the domain's own hours.
    `look_at` is when the clock next has something to do with it: a deadline, a step of the ladder, a waiver's end.
    `follows` is the settled ticket of the same break, too old to be opened again.
    """

    id: TicketId
    domain: Domain
    dataset: DatasetName
    state: TicketState
    opened_at: dt.datetime
    changed_at: dt.datetime
    reopened: int = 0
    severity: Criticality = Criticality.NORMAL
    episode_at: dt.datetime | None = None
    acknowledged_at: dt.datetime | None = None
    acknowledge_by: dt.datetime | None = None
    fix_by: dt.datetime | None = None
    look_at: dt.datetime | None = None
    follows: TicketId | None = None


@dataclass(frozen=True, slots=True)
class TicketMove:
    """One append-only record of a ticket's life: from, to, when, by whom, why, and the proof where there is one.

    `by` is a person's name as the way tells it, or `watcher`; `via` is that way: `cli`, `api`, `link`, or a channel.
    `details` are the verb's own: a snooze's end, a rung's number and address, a waiver's id.
    """

    ticket: TicketId
    before: TicketState | None
    after: TicketState
    at: dt.datetime
    by: str
    reason: str
    proof: dict[str, Any] | None = None
    verb: Verb = Verb.UPDATE
    via: str = WATCHER
    details: dict[str, Any] | None = None


def destination(ticket: TicketId, state: TicketState, verb: Verb) -> TicketState:
    """Where a verb leads from a state; raises UsageError, which lists what is possible, where the table has no line."""
    rule = LIFE.get(verb)
    if rule is None or state not in rule.before:
        legal = ", ".join(sorted(one.value for one in verbs_from(state)))
        raise UsageError(f"ticket {ticket} is {state}: it cannot be moved by `{verb}`; what can be done is {legal}")
    return state if rule.after is None else rule.after


def last_change(moves: Sequence[TicketMove]) -> TicketMove | None:
    """The move that brought a ticket to the state it stands in; what came after it left it there."""
    return next((one for one in reversed(moves) if one.after is not one.before), None)


def verbs_from(state: TicketState) -> tuple[Verb, ...]:
    """What a person can do with a ticket in this state, in the table's order."""
    return tuple(verb for verb, rule in LIFE.items() if state in rule.before and not rule.ours)
