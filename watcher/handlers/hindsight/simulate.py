"""Simulate: a ladder over recorded history, before it is switched on; nothing is written, and nobody is told."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from watcher.followup.simulate import WouldTell, climbed
from watcher.handlers.telling.messages import moment
from watcher.model.catalogue import Catalogue
from watcher.model.domain import Rung
from watcher.model.ticket import Ticket, Verb
from watcher.ports import Transaction


@dataclass(frozen=True, slots=True)
class Simulated:
    """One ticket: the rungs that would have been told within the span, and how many really were."""

    ticket: Ticket
    rungs: tuple[WouldTell, ...]
    really: int
    borrowed: bool
    """Whether its domain has no ladder of its own, and the settings' one was taken."""


def simulate(
    tx: Transaction, catalogue: Catalogue, default: Sequence[Rung], since: dt.datetime, until: dt.datetime
) -> tuple[Simulated, ...]:
    """Every ticket that was somebody's work in a span, under the domains of a catalogue; oldest first."""
    found = []
    for ticket in tx.tickets_between(since, until):
        domain = catalogue.domain(ticket.domain) or catalogue.owner_of(ticket.dataset)
        moves = tx.ticket_moves(ticket.id)
        rungs = tuple(one for one in climbed(domain, ticket, moves, until, default=default) if one.at >= since)
        really = sum(move.verb is Verb.ESCALATE and since <= move.at < until for move in moves)
        found.append(Simulated(ticket, rungs, really, borrowed=domain is None or not domain.ladder))
    return tuple(found)


def document(several: Sequence[Simulated], since: dt.datetime, until: dt.datetime) -> dict[str, Any]:
    """As JSON: ticket by ticket, and how often each address and each domain would have been told."""
    by_address = Counter(rung.to for one in several for rung in one.rungs)
    return {
        "since": moment(since),
        "until": moment(until),
        "tickets": [_ticket(one) for one in several],
        "addresses": [{"to": to, "times": times} for to, times in _ranked(by_address.items())],
        "domains": _domains(several),
    }


def _ticket(one: Simulated) -> dict[str, Any]:
    return {
        "ticket": str(one.ticket.id),
        "domain": str(one.ticket.domain),
        "dataset": str(one.ticket.dataset),
        "severity": one.ticket.severity.value,
        "opened_at": moment(one.ticket.opened_at),
        "state": one.ticket.state.value,
        "borrowed": one.borrowed,
        "really_told": one.really,
        "rungs": [
            {"episode": each.episode, "rung": each.rung, "at": moment(each.at), "to": each.to} for each in one.rungs
        ],
    }


def _domains(several: Sequence[Simulated]) -> list[dict[str, Any]]:
    names = Counter(str(one.ticket.domain) for one in several)
    return [
        {
            "domain": name,
            "tickets": tickets,
            "climbed": sum(bool(one.rungs) for one in several if one.ticket.domain == name),
            "rungs": sum(len(one.rungs) for one in several if one.ticket.domain == name),
            "really_told": sum(one.really for one in several if one.ticket.domain == name),
        }
        for name, tickets in sorted(names.items())
    ]


def _ranked(counted: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counted, key=lambda pair: (-pair[1], pair[0]))
