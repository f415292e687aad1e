"""Messages: the bodies that receivers are told, built from facts by pure functions; one shape, whatever carries it.

The breaking-change document is published: `watcher/delivery/published.py` describes it for Avro and JSON Schema, and a
test holds the two to what stands here. The others go to webhooks, in the same words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from watcher.followup.remedies.options import options
from watcher.handlers.telling import sizes
from watcher.handlers.telling.sizes import fitted
from watcher.model.contract import Consumer, Criticality
from watcher.model.domain import DomainRecord
from watcher.model.schema import Format
from watcher.model.ticket import Ticket, TicketId, TicketMove, TicketState, Verb, verbs_from
from watcher.model.verdict import Violation
from watcher.ports import ChangeRow

Body: TypeAlias = sizes.Body

_TICKET_LISTS = ("values", "violations", "versions_in_use", "remedies", "history", "incompatibilities")
_OVER = frozenset({TicketState.RESOLVED, TicketState.WAIVED})
MOST_HISTORY = 50
"""So many of a ticket's last moves are told with its news."""

_WEIGHT = {one: weight for weight, one in enumerate(Criticality)}


def moment(at: dt.datetime) -> str:
    """A time as messages write it: RFC 3339, UTC, milliseconds."""
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def consumer(one: Consumer) -> Body:
    """Who relies, as messages name it."""
    return {"domain": str(one.domain), "team": one.team, "contact": one.contact}


def violation(
    one: Violation, agreement: str | None = None, witness: Body | None = None, caused: Body | None = None
) -> Body:
    """One violation, as messages and the ledger's facts tell it; `agreement` is that of the step that caused it.

    `witness` is its proof, as `witness/recorded.py` tells it; None where none was sought yet. `caused` is the step's
    origin, as `origin` makes it.
    """
    return {
        "fingerprint": one.fingerprint,
        "consumer": consumer(one.subscription.consumer),
        "subscription": str(one.subscription.name),
        "criticality": one.subscription.criticality.value,
        "expectation": one.expectation.kind,
        "path": str(one.path),
        "wants": one.wants,
        "outcome": one.outcome.value,
        "rule": one.rule,
        "message": one.message,
        "before": one.before,
        "after": one.after,
        "change": None if one.change is None else fact(one.change),
        "agreement": agreement,
        "witness": witness,
        "origin": caused,
    }


def fact(change: Mapping[str, Any]) -> Body:
    """One fact of the diff: kind, path, and what stood there before and after."""
    return {key: change.get(key) for key in ("kind", "path", "before", "after")}


def severity(violations: Sequence[Body]) -> str:
    """How much hangs on it: the highest criticality among those affected; `low` where nobody is."""
    known = [Criticality(one["criticality"]) for one in violations]
    return max(known, key=_WEIGHT.__getitem__, default=Criticality.LOW).value


def breaking_change(
    change: ChangeRow,
    violations: Sequence[Body],
    *,
    ticket: TicketId | None,
    registry: Mapping[str, Any],
    asked: int,
) -> Body:
    """The published event: one dataset's step, whom it breaks and why.

    `violations` are documents as `violation` makes them; `registry` is the registry's own verdict beside ours, as
    `handlers/judging/beside.py` writes it; `asked` is how many subscriptions were looked at.
    """
    return fitted(
        {
            "id": change.id,
            "dataset": str(change.dataset),
            "domain": str(change.domain),
            "subject": str(change.subject),
            "ticket": None if ticket is None else str(ticket),
            "severity": severity(violations),
            "at": moment(change.at),
            "position": str(change.position),
            "version": {"before": change.before_version, "after": change.after_version},
            "registry": {
                "level": registry.get("level"),
                "compatible": registry.get("compatible"),
                "incompatibilities": [
                    {key: one[key] for key in ("kind", "path", "message")} for one in registry["incompatibilities"]
                ],
                "policy": registry.get("policy"),
                "against": registry.get("against"),
                "reason": registry.get("reason"),
            },
            "agreement": registry.get("agreement"),
            "versions_in_use": [dict(one) for one in change.in_use],
            "changes": [fact(one) for one in change.changes],
            "violations": list(violations),
            "consumers": {"asked": asked, "affected": len({one["subscription"] for one in violations})},
            "omitted": {"values": 0, "changes": 0, "violations": 0, "incompatibilities": 0, "versions_in_use": 0},
        }
    )


def ticket(  # noqa: PLR0913 - what can be told of a ticket
    one: Ticket,
    move: TicketMove,
    violations: Sequence[Body],
    *,
    change: str | None = None,
    in_use: Sequence[Body] = (),
    registry: Mapping[str, Any] | None = None,
    owner: DomainRecord | None = None,
    moves: Sequence[TicketMove] = (),
    url: str | None = None,
    row: ChangeRow | None = None,
    format_: Format | None = None,
    whole: bool = False,
) -> Body:
    """A ticket's news: where it stands, what moved it, what is open now (or was healed), by when, and whom else.

    `row` is the change that moved it, where one did; `format_` that of the dataset's schema, where it is known: the
    ways to mend it are then written in its words. `whole`: nothing is left out that a page has room for.
    """
    episode = [each for each in moves if (each.details or {}).get("episode", one.reopened) == one.reopened]
    told = {str((each.details or {}).get("rung")): moment(each.at) for each in episode if each.verb is Verb.ESCALATE}
    because = next((each["because"] for each in _details([*moves, move]) if each.get("because")), ())
    body = _told(one, move, violations, change, in_use)
    body["ownership"] = next((each["ownership"] for each in _details([*moves, move]) if each.get("ownership")), None)
    body["severity"] = one.severity.value
    body["because"] = [str(each) for each in because]
    body["deadlines"] = {
        "acknowledge_by": None if one.acknowledge_by is None else moment(one.acknowledge_by),
        "fix_by": None if one.fix_by is None else moment(one.fix_by),
        "timezone": owner.calendar.timezone if owner else "UTC",
    }
    body["ladder"] = [
        {"after": str(rung.after), "to": rung.to, "when": rung.when, "told_at": told.get(str(number))}
        for number, rung in enumerate(owner.ladder if owner else (), start=1)
    ]
    body["registry"] = None if registry is None else dict(registry)
    body["source"] = None if row is None else _source(row)
    over = one.state in _OVER
    body["remedies"] = [] if over else options(violations, str(one.dataset), format_, registry=registry)
    body["history"] = [_history(each) for each in (moves if whole else moves[-MOST_HISTORY:])]
    body["announcement"] = None
    body["links"] = {} if url is None else {"ticket": f"{url}/tickets/{one.id}"}
    body["verbs"] = [verb.value for verb in verbs_from(one.state)]
    body["follows"] = one.follows
    return fitted(body, sizes.LARGEST_PAGE if whole else sizes.LARGEST_BODY)


def _details(moves: Sequence[TicketMove]) -> list[Mapping[str, Any]]:
    """What moves say beside their reasons, the last first."""
    return [each.details for each in reversed(moves) if each.details is not None]


def _source(row: ChangeRow) -> Body:
    """Where a change stands in the record."""
    return {
        "at": moment(row.at),
        "position": str(row.position),
        "subject": str(row.subject),
        "version": {"before": row.before_version, "after": row.after_version},
    }


def _history(one: TicketMove) -> Body:
    """One line of a ticket's record."""
    return {
        "at": moment(one.at),
        "verb": one.verb.value,
        "by": one.by,
        "via": one.via,
        "to": (one.details or {}).get("to"),
        "until": (one.details or {}).get("until"),
        "reason": one.reason,
    }


def _told(
    ticket: Ticket, move: TicketMove, violations: Sequence[Body], change: str | None, in_use: Sequence[Body] = ()
) -> Body:
    return {
        "ticket": {
            "id": str(ticket.id),
            "domain": str(ticket.domain),
            "dataset": str(ticket.dataset),
            "state": ticket.state.value,
            "opened_at": moment(ticket.opened_at),
            "changed_at": moment(ticket.changed_at),
            "reopened": ticket.reopened,
        },
        "move": {
            "before": None if move.before is None else move.before.value,
            "after": move.after.value,
            "by": move.by,
            "reason": move.reason,
            "proof": move.proof,
            "verb": move.verb.value,
            "via": move.via,
            "details": move.details,
        },
        "change": change,
        "at": moment(move.at),
        "violations": list(violations),
        "versions_in_use": list(in_use),
        "omitted": dict.fromkeys(_TICKET_LISTS, 0),
    }
