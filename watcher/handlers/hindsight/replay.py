"""Replay: what was recorded is judged again under today's contracts and rules, on a scratch ledger, with its own clock.

Nothing that stands is touched: the scratch ledger is thrown away, and what it wishes to tell is never sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from watcher.followup.hygiene import Fault, Finding
from watcher.handlers.hearing.judge import judge_dataset, judge_due
from watcher.handlers.hearing.observe import Observer
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.rounds.hygiene import findings
from watcher.handlers.telling.messages import moment
from watcher.handlers.telling.post import routes_of
from watcher.handlers.ticketing.escalate import climb
from watcher.model.contract import Subscription
from watcher.model.dataset import DatasetName, RawRecord
from watcher.model.domain import TicketRoute
from watcher.model.errors import UsageError
from watcher.model.schema import Fingerprint
from watcher.model.ticket import BEGINNINGS, Ticket, TicketState, Verb
from watcher.model.waiver import WaiverKind
from watcher.ports import ChangeRow, DatasetRow, Ledger, ReadPosition, Transaction

MOST_TICKETS = 1_000_000
_MOST_TURNS = 100_000
_MOST_ANNOUNCEMENTS = 100_000
_OF_SHAPES = frozenset({Fault.GREEDY, Fault.UNSATISFIED})
"""What a dataset's history alone can show of a contract."""


@dataclass(frozen=True, slots=True)
class WouldBe:
    """One ticket that there would have been."""

    ticket: Ticket
    consumers: tuple[str, ...]
    messages: tuple[str, ...]
    episodes: tuple[tuple[dt.datetime, dt.datetime | None], ...]
    """From when to when it was open, each time; None: it still is at the end."""
    rungs: tuple[tuple[dt.datetime, str], ...]
    """Whom the ladder would have told, and when, if nobody had done anything."""
    routes: tuple[TicketRoute, ...]
    """Where its domain would have heard of it; none: nowhere."""

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "ticket": str(self.ticket.id),
            "domain": str(self.ticket.domain),
            "dataset": str(self.ticket.dataset),
            "severity": self.ticket.severity.value,
            "state": self.ticket.state.value,
            "to": [{"channel": one.channel, **dict(one.options)} for one in self.routes],
            "consumers": list(self.consumers),
            "messages": list(self.messages),
            "episodes": [
                {
                    "opened_at": moment(begun),
                    "resolved_at": None if ended is None else moment(ended),
                    "open_h": None if ended is None else round((ended - begun).total_seconds() / 3600, 2),
                }
                for begun, ended in self.episodes
            ],
            "ladder": [{"at": moment(at), "to": to} for at, to in self.rungs],
        }


class Rehearsal:
    """A scratch ledger with a clock of its own; `advance` lets time pass, and do all that time does."""

    def __init__(self, ledger: Ledger, judgement: Judgement, *, ladders: bool = True) -> None:
        self._ledger = ledger
        self._judgement = judgement
        self._ladders = ladders
        self.now: dt.datetime | None = None
        self.steps = 0
        self.unreadable = 0

    def advance(self, to: dt.datetime) -> None:
        """Let time pass until then: settle windows end, deadlines go by, ladders are climbed."""
        for _ in range(_MOST_TURNS):
            with self._ledger.begin() as tx:
                moments = [tx.next_due_dataset(), tx.next_due_ticket() if self._ladders else None]
                due = min((one for one in moments if one is not None), default=None)
                if due is None or due > to:
                    break
                at = max(due, self.now or due)
                judge_due(tx, self._judgement, at)
                if self._ladders:
                    climb(tx, self._judgement, at)
            self.now = at
        self.now = max(self.now or to, to)

    def again(self, history: Transaction, change: ChangeRow) -> None:
        """Judge one recorded step again."""
        self.advance(change.at)
        with self._ledger.begin() as tx:
            known = tx.datasets([change.dataset]).get(change.dataset)
            if known is None or known.judged != change.before:
                real = history.datasets([change.dataset]).get(change.dataset)
                known = _as_it_stood(change, known or real)
                _copy(history, tx, change.before)
            _copy(history, tx, change.after)
            if known.lineage is not None:
                versions = history.versions(known.source, known.lineage)
                tx.put_versions(known.source, versions)
                for one in versions:
                    _copy(history, tx, one.schema)
            if change.origin is None and (origin := history.origin(change.dataset, change.position)) is not None:
                tx.add_origins(change.position, {change.dataset: origin})
            row = replace(
                known,
                current=change.after,
                current_version=change.after_version,
                blocked=None,
                position=change.position,
                moved_at=change.at,
            )
            done, _ = judge_dataset(tx, self._judgement, row, change.at)
            tx.put_datasets([done])
        self.steps += 1

    def hear(self, observer: Observer, records: Sequence[RawRecord], *, at: dt.datetime) -> None:
        """Take raw records of one partition in, as the daemon does."""
        self.advance(at)
        where = records[0].position
        with self._ledger.begin() as tx:
            if tx.read_position(where.source, where.partition) is None:
                tx.begin_reading(where.source, where.partition, ReadPosition(0, 0))
            observed = observer.observe(tx, records, self.now or at)
        observer.settled()
        self.steps += observed.records
        self.unreadable += observed.unreadable

    def remember(self, history: Transaction) -> None:
        """Take over what was decided for good: precedents and announcements.

        A waiver only lets a ticket rest for a time: there would have been the ticket all the same.
        """
        with self._ledger.begin() as tx:
            for waiver in history.waivers(limit=MOST_TICKETS):
                if waiver.kind is WaiverKind.PRECEDENT:
                    tx.add_waiver(replace(waiver, ticket=None))
            for announcement in reversed(history.list_announcements(_MOST_ANNOUNCEMENTS)):
                tx.add_announcement(announcement)
                tx.put_announcement(announcement, None)
                for answer in history.answers(announcement.id):
                    tx.add_answer(answer)

    def tickets(self) -> tuple[WouldBe, ...]:
        """The tickets that there would have been, oldest first."""
        with self._ledger.begin() as tx:
            return tuple(self._would_be(tx, one) for one in reversed(tx.list_tickets(MOST_TICKETS)))

    def faults(self) -> Sequence[tuple[Subscription, Finding]]:
        """What of the contracts never held in this history: it makes no ticket, which should not pass for peace."""
        if self.now is None:
            return []
        with self._ledger.begin() as tx:
            found = findings(tx, self._judgement, self.now)
        return [(contract, one) for contract, one in found if one.fault in _OF_SHAPES]

    def _would_be(self, tx: Transaction, ticket: Ticket) -> WouldBe:
        domain = self._judgement.catalogue().domain(ticket.domain)
        return _would_be(tx, ticket, tuple(routes_of(domain, self._judgement.fallback)))


def months_back(written: str, now: dt.datetime) -> dt.datetime:
    """The beginning of a span that ends now: `6` or `6m` months, `90d` days. Raises UsageError."""
    number, unit = (written[:-1], written[-1:]) if written[-1:] in {"m", "d"} else (written, "m")
    if not number.isdecimal() or not 0 < int(number) <= 3660:
        raise UsageError(f"{written!r} is no span to look back: write months, 6m, or days, 90d")
    return now - dt.timedelta(days=int(number) * (30.4375 if unit == "m" else 1))


def summed(tickets: Iterable[WouldBe]) -> list[dict[str, Any]]:
    """By domain: how many tickets, about how many datasets, hitting how many consumers."""
    found: dict[str, list[WouldBe]] = {}
    for one in tickets:
        found.setdefault(str(one.ticket.domain), []).append(one)
    return [
        {
            "domain": domain,
            "tickets": len(several),
            "datasets": len({one.ticket.dataset for one in several}),
            "consumers": len({who for one in several for who in one.consumers}),
            "still_open": sum(one.ticket.state is not TicketState.RESOLVED for one in several),
        }
        for domain, several in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]


def _as_it_stood(change: ChangeRow, known: DatasetRow | None) -> DatasetRow:
    """The dataset's row just before a recorded step."""
    lineage = None if known is None else known.lineage
    return DatasetRow(
        dataset=DatasetName(change.dataset),
        source=change.position.source,
        subject=change.subject,
        current=change.before,
        current_version=change.before_version,
        judged=change.before,
        judged_version=change.before_version,
        level=(change.registry or {}).get("level"),
        blocked=None,
        due_at=None,
        position=change.position,
        moved_at=change.at,
        last=change.before,
        lineage=lineage,
        policy=(change.registry or {}).get("policy"),
        judged_level=(change.registry or {}).get("level"),
    )


def _copy(history: Transaction, tx: Transaction, fingerprint: Fingerprint | None) -> None:
    """A schema and all that it refers to, as the history holds them."""
    waiting, seen = [fingerprint], set()
    while waiting:
        one = waiting.pop()
        if one is None or one in seen:
            continue
        seen.add(one)
        stored = history.schema(one)
        if stored is not None and tx.schema(one) is None:
            tx.add_schemas([stored])
            waiting.extend(reference for _, reference in stored.references)


def _would_be(tx: Transaction, ticket: Ticket, routes: tuple[TicketRoute, ...]) -> WouldBe:
    violations = tx.ticket_violations(ticket.id)
    episodes: list[tuple[dt.datetime, dt.datetime | None]] = []
    rungs = []
    for move in tx.ticket_moves(ticket.id):
        if move.verb in BEGINNINGS:
            episodes.append((move.at, None))
        elif move.after is TicketState.RESOLVED and episodes and episodes[-1][1] is None:
            episodes[-1] = (episodes[-1][0], move.at)
        if move.verb is Verb.ESCALATE:
            rungs.append((move.at, str((move.details or {}).get("to", ""))))
    return WouldBe(
        ticket,
        tuple(sorted({one.consumer for one in violations})),
        tuple(dict.fromkeys(str(one.document["message"]) for one in violations)),
        tuple(episodes),
        tuple(rungs),
        routes,
    )
