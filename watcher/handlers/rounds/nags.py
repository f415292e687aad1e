"""Nags: what is told again until somebody does something: unowned datasets, dead addresses, disputes, contracts.

And what is told together instead of one by one: a domain's digest, the weekly scorecard for leadership.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from watcher.followup.calendar import add, clock_of
from watcher.followup.deadlines import deadlines_of
from watcher.followup.quiet import next_digest
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.rounds import owning
from watcher.handlers.rounds.hygiene import findings
from watcher.handlers.scoring import scorecards
from watcher.handlers.scoring.scores import quarter, scores
from watcher.handlers.telling import messages
from watcher.handlers.telling.post import address, routes_of
from watcher.handlers.telling.sizes import bounded
from watcher.model.contract import Subscription
from watcher.model.delivery import Delivery, DeliveryId, MessageType, place
from watcher.model.domain import Calendar, DomainRecord, TicketRoute
from watcher.model.ticket import Ticket, TicketState, Verb
from watcher.ports import Transaction

MOST = 1_000
"""So many datasets, findings or tickets stand in one message; how many more there are is said."""
_DAY = dt.timedelta(days=1)
_MOST_TICKETS = 1_000_000


def unowned(tx: Transaction, judgement: Judgement, now: dt.datetime) -> int:
    """The datasets that nobody owns, to the fallback; none: nothing is told."""
    catalogue = judgement.catalogue()
    found = [one for one in owning.unowned(tx, catalogue) if one.row is not None]
    if not found:
        return 0
    body = {
        "at": messages.moment(now),
        "count": len(found),
        "datasets": [
            {
                "dataset": one.dataset,
                "contracts": one.contracts,
                "moved_at": messages.moment(one.row.moved_at) if one.row else None,
                "others": list(one.decision.others),
            }
            for one in found[:MOST]
        ],
    }
    return _wish(tx, _fallback(judgement), MessageType.DATASETS_UNOWNED, "unowned", body, now)


def stale_addresses(tx: Transaction, judgement: Judgement, now: dt.datetime) -> int:
    """The addresses at which nobody is any more, to the fallback."""
    found = owning.stale(tx, judgement.catalogue())
    if not found:
        return 0
    body = {"at": messages.moment(now), "addresses": found[:MOST]}
    return _wish(tx, _fallback(judgement), MessageType.ADDRESS_STALE, "addresses", body, now)


def disputes(tx: Transaction, judgement: Judgement, now: dt.datetime) -> int:
    """The disputes that nobody has decided in time, to the fallback: the ladder rests until somebody does."""
    found = undecided(tx, judgement, now)
    if not found:
        return 0
    body = {
        "at": messages.moment(now),
        "count": len(found),
        "arbiters": list(judgement.policy.arbiters),
        "disputes": found[:MOST],
    }
    return _wish(tx, _fallback(judgement), MessageType.DISPUTES_UNDECIDED, "disputes", body, now)


def undecided(tx: Transaction, judgement: Judgement, now: dt.datetime) -> list[dict[str, Any]]:
    """The disputes that are older than what the domain itself has to acknowledge a ticket, oldest first."""
    found = []
    for ticket in tx.list_tickets(_MOST_TICKETS, unsettled_only=True):
        if ticket.state is not TicketState.DISPUTED:
            continue
        raised = next(move for move in reversed(tx.ticket_moves(ticket.id)) if move.verb is Verb.DISPUTE)
        domain = judgement.catalogue().domain(ticket.domain)
        clock = clock_of(Calendar() if domain is None else domain.calendar, ticket.severity)
        if add(clock, raised.at, deadlines_of(domain, ticket.severity).acknowledge) <= now:
            found.append((raised, ticket))
    return [
        {
            "ticket": str(ticket.id),
            "domain": str(ticket.domain),
            "dataset": str(ticket.dataset),
            "severity": ticket.severity.value,
            "since": messages.moment(raised.at),
            "by": raised.by,
            "reason": raised.reason,
        }
        for raised, ticket in sorted(found, key=lambda pair: (pair[0].at, pair[1].id))
    ]


def unsound_contracts(tx: Transaction, judgement: Judgement, now: dt.datetime) -> int:
    """What is wrong with contracts, to their consumers; who names no channel is told through its domain."""
    mine: dict[str, tuple[Subscription, list[dict[str, Any]]]] = {}
    for subscription, one in findings(tx, judgement, now):
        told = {"fault": one.fault.value, "path": one.path, "message": one.message, "source": one.source}
        mine.setdefault(subscription.name, (subscription, []))[1].append(told)
    wished = 0
    for name, (subscription, several) in mine.items():
        routes = [address(one) for one in subscription.notify]
        domain = judgement.catalogue().domain(subscription.consumer.domain)
        body = {
            "at": messages.moment(now),
            "subscription": name,
            "consumer": messages.consumer(subscription.consumer),
            "dataset": str(subscription.dataset),
            "findings": several[:MOST],
        }
        to = routes or routes_of(domain, judgement.fallback)
        wished += _wish(tx, to, MessageType.CONTRACT_UNSOUND, f"contracts {name}", body, now)
    return wished


def scorecard(tx: Transaction, judgement: Judgement, now: dt.datetime) -> int:
    """The quarter so far, and the week, of all domains, to leadership."""
    to = [address(one) for one in judgement.policy.leadership]
    if not to:
        return 0
    catalogue = judgement.catalogue()
    since, until = quarter(None, now)
    body = {
        "at": messages.moment(now),
        "head": "{}:{}".format(*tx.chain_head()),
        "quarter": scorecards.document(scores(tx, catalogue, since, until)),
        "week": scorecards.document(scores(tx, catalogue, now - 7 * _DAY, now)),
        "disputes": undecided(tx, judgement, now)[:MOST],
    }
    return _wish(tx, to, MessageType.SCORECARD, "scorecard", body, now)


def digests(tx: Transaction, judgement: Judgement, now: dt.datetime) -> int:
    """Each domain's digest that is due: the tickets of the severities that it hears together."""
    wished = 0
    for domain in judgement.catalogue().domains:
        if domain.digest is None:
            continue
        name = f"digest {domain.name}"
        done = tx.chore_done(name)
        if done is None:
            tx.do_chore(name, now, before=None)
        elif next_digest(domain.digest, domain.calendar, done) <= now and tx.do_chore(name, now, before=done):
            wished += _digest(tx, judgement, domain, since=done, now=now)
    return wished


def _digest(
    tx: Transaction, judgement: Judgement, domain: DomainRecord, *, since: dt.datetime, now: dt.datetime
) -> int:
    assert domain.digest is not None  # noqa: S101 - asked for only where there is one
    gathered = [
        one
        for one in tx.tickets_between(since, now)
        if one.domain == domain.name and one.severity in domain.digest.severities and _has_news(tx, one, since)
    ]
    to = [one for one in routes_of(domain, judgement.fallback) if one.channel not in judgement.policy.trackers]
    if not gathered or not to:
        return 0
    body = {
        "at": messages.moment(now),
        "domain": str(domain.name),
        "since": messages.moment(since),
        "tickets": [_line(tx, one) for one in gathered[:MOST]],
        "more": max(0, len(gathered) - MOST),
    }
    return _wish(tx, to, MessageType.DIGEST, f"digest {domain.name}", body, now)


def _has_news(tx: Transaction, ticket: Ticket, since: dt.datetime) -> bool:
    return any(move.at >= since for move in tx.ticket_moves(ticket.id))


def _line(tx: Transaction, ticket: Ticket) -> dict[str, Any]:
    still = tx.open_violations(ticket.id)
    return {
        "ticket": str(ticket.id),
        "dataset": str(ticket.dataset),
        "state": ticket.state.value,
        "severity": ticket.severity.value,
        "opened_at": messages.moment(ticket.opened_at),
        "fix_by": None if ticket.fix_by is None else messages.moment(ticket.fix_by),
        "consumers": sorted({one.consumer for one in still}),
        "messages": [one.document["message"] for one in still[:3]],
    }


def _fallback(judgement: Judgement) -> Sequence[TicketRoute]:
    return () if judgement.fallback is None else (TicketRoute(judgement.fallback),)


def _wish(  # noqa: PLR0913, PLR0917 - what a delivery consists of
    tx: Transaction, routes: Iterable[TicketRoute], what: MessageType, key: str, body: dict[str, Any], now: dt.datetime
) -> int:
    deliveries = []
    for one in routes:
        route = dict(one.options)
        identity = f"{place(one.channel, route)}\x1f{what.value}\x1f{key}\x1f{messages.moment(now)}"
        delivery_id = DeliveryId("msg_" + hashlib.sha256(identity.encode()).hexdigest()[:28])
        deliveries.append(Delivery(delivery_id, one.channel, what, key, bounded(body), now, route=route))
    tx.add_deliveries(deliveries, now)
    return len(deliveries)
