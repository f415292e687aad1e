"""Scores: the domains' scorecards of a span of time, from what the ledger holds; nothing is kept beside the facts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from watcher.followup.calendar import between
from watcher.followup.scorecard import Hit, Planned, Precision, Scorecard, Spent, Story, precision, score, spent
from watcher.model.catalogue import Catalogue
from watcher.model.contract import Criticality
from watcher.model.dataset import Domain
from watcher.model.domain import Calendar, DomainRecord
from watcher.model.errors import UsageError
from watcher.model.ticket import Ticket
from watcher.model.verdict import Outcome
from watcher.ports import ChangeRow, Transaction

_MOST_DATASETS = 1_000_000


@dataclass(frozen=True, slots=True)
class Scores:
    """All domains' scorecards of one span, the heaviest first, and how often the watcher itself was right."""

    since: dt.datetime
    until: dt.datetime
    domains: tuple[Scorecard, ...]
    precision: Precision


def scores(
    tx: Transaction, catalogue: Catalogue, since: dt.datetime, until: dt.datetime, *, with_dark: bool = True
) -> Scores:
    """The scorecards of the domains that are known, or had anything to answer for.

    Without dark datasets it need not look at all of them.
    """
    longest = max((one.budget.per for one in catalogue.domains if one.budget is not None), default=dt.timedelta(0))
    stories = _stories(tx, min(since, until - longest), until)
    planned = _planned(tx, catalogue, since, until)
    dark = dark_datasets(tx, catalogue) if with_dark else {}
    names = {one.name for one in catalogue.domains if not one.made_of} | set(stories) | set(planned)
    cards = tuple(
        score(
            name,
            stories.get(name, ()),
            planned.get(name, ()),
            since=since,
            until=until,
            elapsed=partial(between, _calendar(catalogue.domain(name))),
            budget=record.budget if (record := catalogue.domain(name)) is not None else None,
            dark=dark.get(name, 0),
        )
        for name in sorted(names)
    )
    ordered = sorted(cards, key=lambda one: (-one.weighted, -one.breaking, one.domain))
    everything = [story for several in stories.values() for story in several]
    return Scores(since, until, tuple(ordered), precision(everything, since, until))


def only(found: Scores, domain: str) -> Scores:
    """One domain's alone; raises UsageError where there is none of that name."""
    mine = tuple(one for one in found.domains if one.domain == domain)
    if not mine:
        known = ", ".join(str(one.domain) for one in found.domains) or "none"
        raise UsageError(f"there is no domain {domain}; known are {known}")
    return replace(found, domains=mine)


def budget_of(tx: Transaction, domain: DomainRecord | None, now: dt.datetime) -> Spent | None:
    """What a domain's budget stands at; None where it has none."""
    if domain is None or domain.budget is None:
        return None
    tickets = tx.tickets_between(now - domain.budget.per, now)
    mine = [_story(tx, one) for one in tickets if one.domain == domain.name]
    return spent(domain.budget, mine, now + dt.timedelta(microseconds=1))


def dark_datasets(tx: Transaction, catalogue: Catalogue) -> Mapping[Domain, int]:
    """By domain: the datasets that stand, and on which nobody has a contract."""
    found: dict[Domain, int] = defaultdict(int)
    for row in tx.list_datasets(_MOST_DATASETS):
        owner = catalogue.owner_of(row.dataset)
        if owner is not None and row.current is not None and not catalogue.subscriptions_for(row.dataset):
            found[owner.name] += 1
    return found


def quarter(written: str | None, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """A span of time: `2026-Q4`, `2026-11`, `2026-10-01..2026-12-31` (both days counted), or the present quarter.

    What lies ahead is left out. Raises UsageError, which says how a span is written, for what is none.
    """
    since, until = _span(written, now)
    if until <= since:
        raise UsageError(f"{written!r} ends before it begins: write the first day, and then the last")
    if since >= now:
        raise UsageError(
            f"{written!r} lies ahead: name a span that has begun, 2026-Q4 or 2026-11, or none for this quarter"
        )
    return since, min(until, now)


def _span(written: str | None, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    if written is None:
        return _months(now.year, 3 * ((now.month - 1) // 3) + 1, 3)
    first, dots, last = written.partition("..")
    try:
        if dots:
            return _day(first), _day(last) + dt.timedelta(days=1)
        year, _, part = written.partition("-")
        if part[:1] in {"Q", "q"} and part[1:] in {"1", "2", "3", "4"}:
            return _months(int(year), 3 * int(part[1:]) - 2, 3)
        return _months(int(year), int(part), 1)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{written!r} is no span of time: write 2026-Q4, 2026-11, or two days, 2026-10-01..2026-12-31"
        ) from None


def _months(year: int, month: int, count: int) -> tuple[dt.datetime, dt.datetime]:
    after = month - 1 + count
    return (
        dt.datetime(year, month, 1, tzinfo=dt.UTC),
        dt.datetime(year + after // 12, after % 12 + 1, 1, tzinfo=dt.UTC),
    )


def _day(written: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(written), dt.time(), dt.UTC)


def _calendar(domain: DomainRecord | None) -> Calendar:
    return Calendar() if domain is None else domain.calendar


def _stories(tx: Transaction, since: dt.datetime, until: dt.datetime) -> dict[Domain, list[Story]]:
    found: dict[Domain, list[Story]] = defaultdict(list)
    for ticket in tx.tickets_between(since, until):
        found[ticket.domain].append(_story(tx, ticket))
    return found


def _story(tx: Transaction, ticket: Ticket) -> Story:
    hits = tuple(
        Hit(one.change, one.subscription, Criticality(one.document["criticality"]), one.at)
        for one in tx.ticket_violations(ticket.id)
        if one.document["outcome"] == Outcome.BROKEN.value
    )
    return Story(ticket, tuple(tx.ticket_moves(ticket.id)), hits)


def _planned(
    tx: Transaction, catalogue: Catalogue, since: dt.datetime, until: dt.datetime
) -> dict[Domain, list[Planned]]:
    """The breaking changes that came as announced, with those who had agreed; whoever had not is in a ticket."""
    found: dict[Domain, list[Planned]] = defaultdict(list)
    for change in tx.changes_between(since, until):
        agreed = [
            (one["subscription"], str(id_))
            for one in change.verdicts
            if one["outcome"] == Outcome.BROKEN.value
            for id_ in one.get("excused", ())
            if str(id_).startswith("A-")
        ]
        announcement = tx.announcement(agreed[0][1]) if agreed else None
        if announcement is not None:
            hits = tuple(_touched(catalogue, change, name) for name, _ in agreed)
            found[change.domain].append(Planned(change.id, announcement.made_at, change.at, hits))
    return found


def _touched(catalogue: Catalogue, change: ChangeRow, subscription: str) -> Hit:
    known = catalogue.subscription(subscription)
    return Hit(change.id, subscription, known.criticality if known else Criticality.NORMAL, change.at)
