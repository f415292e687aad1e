"""Messages: the bodies that receivers are told, built from facts by pure functions; one shape, whatever carries it.

The breaking-change document is published: `watcher/delivery/published.py` describes it for Avro and JSON Schema, and a
test holds the two to what stands here. The others go to webhooks, in the same words.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from watcher.model.contract import Consumer, Criticality, Subscription
from watcher.model.ticket import Ticket, TicketId, TicketMove
from watcher.model.verdict import Outcome, Violation
from watcher.ports import ChangeRow

Body = dict[str, Any]

LARGEST_BODY = 256 * 1024
"""Bytes of JSON. Brokers take 1 MiB as they come, many receivers far less; a body that nobody takes tells nobody."""

LARGEST_VALUE = 2_000
"""Characters of one value's JSON in a body that had to be cut; enough to recognise it by."""

_LISTS = ("changes", "violations", "versions_in_use")
"""The parts of a body that lose their tails where it is too large."""

_UNSAFE = re.compile("[\x00\ud800-\udfff]")

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
    `handlers/beside.py` writes it; `asked` is how many subscriptions were looked at.
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


def ticket_opened(
    ticket: Ticket, move: TicketMove, violations: Sequence[Body], change: str, in_use: Sequence[Body] = ()
) -> Body:
    """A breaking change became work for the domain; `in_use` are the versions that consumers read with."""
    return _told(ticket, move, violations, change, in_use)


def ticket_updated(
    ticket: Ticket, move: TicketMove, violations: Sequence[Body], change: str, in_use: Sequence[Body] = ()
) -> Body:
    """The domain's ticket grew, or lost a part; `violations` are those that are open now."""
    return _told(ticket, move, violations, change, in_use)


def ticket_reopened(
    ticket: Ticket, move: TicketMove, violations: Sequence[Body], change: str, in_use: Sequence[Body] = ()
) -> Body:
    """A break came back within the window."""
    return _told(ticket, move, violations, change, in_use)


def ticket_resolved(ticket: Ticket, move: TicketMove, violations: Sequence[Body], change: str | None) -> Body:
    """Nothing is broken any more; `violations` are those that were healed, `move.proof` says by what."""
    return _told(ticket, move, violations, change)


def consumer_notice(
    subscription: Subscription, change: ChangeRow, violations: Sequence[Body], ticket: TicketId | None
) -> Body:
    """What a consumer is told of a break that touches it: its own violations, and who answers for them."""
    mine = [one for one in violations if one["subscription"] == subscription.name]
    broken = any(one["outcome"] == Outcome.BROKEN.value for one in mine)
    return fitted(
        {
            "dataset": str(change.dataset),
            "domain": str(change.domain),
            "consumer": consumer(subscription.consumer),
            "subscription": str(subscription.name),
            "outcome": (Outcome.BROKEN if broken else Outcome.UNKNOWN).value,
            "ticket": None if ticket is None else str(ticket),
            "change": change.id,
            "at": moment(change.at),
            "violations": mine,
            "omitted": {"values": 0, "violations": 0},
        }
    )


def _told(
    ticket: Ticket, move: TicketMove, violations: Sequence[Body], change: str | None, in_use: Sequence[Body] = ()
) -> Body:
    return fitted(
        {
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
            },
            "change": change,
            "at": moment(move.at),
            "violations": list(violations),
            "versions_in_use": list(in_use),
            "omitted": {"values": 0, "violations": 0, "versions_in_use": 0},
        }
    )


def fitted(body: Body, limit: int = LARGEST_BODY) -> Body:
    """The body, cut so that its JSON fits `limit` bytes; `omitted` then counts what is missing.

    First the witnesses go, then the largest values, then the tails of the lists: it is better told in part than refused
    as a whole.
    What a schema's text may hold but JSON over the wire or a database may not is replaced.
    """
    try:
        plain = "\\u0000" not in json.dumps(body, allow_nan=False) and _size(body) >= 0
    except ValueError:  # a number without end, half of a surrogate pair
        plain = False
    if not plain:
        body = {name: _clean(value) for name, value in body.items()}
    if _size(body) <= limit:
        return body
    omitted: dict[str, int] = dict(body["omitted"])
    cut: Body
    cut, unproven = _without_witnesses(body)
    if unproven and _size(cut) + 40 <= limit:  # room for the count
        return {**cut, "omitted": {**omitted, "values": unproven}}
    cut, shortened = _shortened(cut)
    omitted["values"] = unproven + shortened
    cut["omitted"] = omitted
    while _size(cut) > limit:
        lists = _lists(cut)
        longest = max(lists, key=lambda name: _size(lists[name]))
        if len(lists[longest]) == 0:
            break
        keep = len(lists[longest]) // 2
        omitted[longest] += len(lists[longest]) - keep
        del lists[longest][keep:]
    return cut


def _lists(body: Body) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {name: body[name] for name in _LISTS if name in body}
    if "registry" in body:
        found["incompatibilities"] = body["registry"]["incompatibilities"]
    return found


def _without_witnesses(body: Body) -> tuple[Body, int]:
    """The body without the proofs, which anyone can ask for, and how many there were."""
    there = body.get("violations", [])
    count = sum(one.get("witness") is not None for one in there)
    return ({**body, "violations": [{**one, "witness": None} for one in there]} if count else body), count


def _shortened(node: Any) -> tuple[Any, int]:
    """A copy in which long texts are cut, and long `before` and `after` are the beginning of their own JSON."""
    if isinstance(node, str):
        return (node[:LARGEST_VALUE] + "…", 1) if len(node) > LARGEST_VALUE else (node, 0)
    if isinstance(node, list):
        items = [_shortened(one) for one in node]
        return [one for one, _ in items], sum(count for _, count in items)
    if not isinstance(node, dict):
        return node, 0
    short: Body = {}
    total = 0
    for key, value in node.items():
        if key in {"before", "after", "proof"} and not isinstance(value, str):
            text = json.dumps(value, ensure_ascii=False)
            short[key], count = (text[:LARGEST_VALUE] + "…", 1) if len(text) > LARGEST_VALUE else (value, 0)
        else:
            short[key], count = _shortened(value)
        total += count
    return short, total


def _clean(node: Any) -> Any:
    if isinstance(node, str):
        return _UNSAFE.sub("\ufffd", node)
    if isinstance(node, float) and not math.isfinite(node):
        return str(node)
    if isinstance(node, list | tuple):
        return [_clean(one) for one in node]
    if isinstance(node, dict):
        return {_clean(key): _clean(value) for key, value in node.items()}
    return node


def _size(node: Any) -> int:
    return len(json.dumps(node, ensure_ascii=False).encode())
