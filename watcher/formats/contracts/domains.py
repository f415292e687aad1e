"""Turns a domain's document of right form into the record of it: its people, its hours, its promises, its ladder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from watcher.formats.contracts.document import BudgetPart, CalendarPart, DigestPart, DomainDocument
from watcher.formats.contracts.places import Places
from watcher.formats.contracts.public_holidays import public_holidays
from watcher.formats.contracts.scalars import clock_time, day, days, hours, is_zone, quiet_hours, span, working_span
from watcher.model.contract import Criticality
from watcher.model.dataset import Domain
from watcher.model.domain import (
    Budget,
    Calendar,
    Deadline,
    Digest,
    DomainRecord,
    Rung,
    Span,
    TicketRoute,
    parse_address,
)

MOST_COUNTRIES = 25
"""So many countries' holidays one calendar may join: each is worked out day by day."""


def domain_record(document: DomainDocument, places: Places, source: str) -> DomainRecord:
    """The domain; of no use where there are problems."""
    for key, patterns in (("owns", document.owns), ("owns_unclaimed", document.owns_unclaimed)):
        for number, pattern in enumerate(patterns):
            if pattern in patterns[:number]:
                places.tell((key, number), f"the pattern `{pattern}` stands twice")
    if document.part_of == document.name:
        places.tell(("part_of",), "a domain is no part of itself")
    return DomainRecord(
        name=Domain(document.name),
        owns=tuple(document.owns),
        accountable=document.owners.accountable,
        oncall=document.owners.oncall,
        tickets=tuple(
            TicketRoute(one.channel, tuple((key, written(value)) for key, value in one.options.items()))
            for one in document.tickets
        ),
        ladder=tuple(_ladder(document, places)),
        deadlines=tuple(
            (
                word,
                Deadline(
                    _span(places, one.acknowledge, "deadlines", word, "acknowledge"),
                    _span(places, one.fix, "deadlines", word, "fix"),
                ),
            )
            for word, one in document.deadlines.items()
        ),
        calendar=_calendar(document.calendar, places),
        budget=_budget(document.budget, places),
        source=source,
        digest=_digest(document.digest, places),
        owns_unclaimed=tuple(document.owns_unclaimed),
        also_known_as=tuple(document.also_known_as),
        part_of=Domain(document.part_of) if document.part_of else None,
        said=frozenset(document.model_fields_set),
        lines=tuple(_lines(document, places)),
    )


def _lines(document: DomainDocument, places: Places) -> Iterator[tuple[str, str, int, int]]:
    """Where what may clash with another document stands."""
    several = (("owns", document.owns), ("owns_unclaimed", document.owns_unclaimed))
    places_of = [("name", document.name, places.at("name"))]
    if document.part_of is not None:
        places_of.append(("part_of", document.part_of, places.at("part_of")))
    for key, values in (*several, ("also_known_as", document.also_known_as)):
        places_of += [(key, value, places.at(key, number)) for number, value in enumerate(values)]
    for key, value, mark in places_of:
        yield key, value, mark.line, mark.column


def written(value: str | float | bool) -> str:
    """A value as text, as the document has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _ladder(document: DomainDocument, places: Places) -> Iterator[Rung]:
    before = dt.timedelta(0)
    for number, rung in enumerate(document.ladder):
        after = places.read(span, rung.after, "ladder", number, "after")
        if after is None:
            continue
        if after < before:
            places.tell(("ladder", number, "after"), "a later step of the ladder comes before an earlier one")
        before = after
        places.read(parse_address, rung.to, "ladder", number, "to")
        yield Rung(working_span(rung.after), rung.to, rung.when)


def _calendar(part: CalendarPart, places: Places) -> Calendar:
    if not is_zone(part.timezone):
        places.tell(("calendar", "timezone"), f"there is no time zone `{part.timezone}`")
    default = Calendar()
    return Calendar(
        part.timezone,
        places.read(hours, part.hours, "calendar", "hours") or default.hours,
        places.read(days, part.days, "calendar", "days") or default.days,
        _holidays(part.holidays, places),
        places.read(quiet_hours, part.quiet, "calendar", "quiet"),
        _severities(part.around_the_clock),
    )


def _holidays(written_days: list[str], places: Places) -> frozenset[dt.date]:
    found: set[dt.date] = set()
    countries: set[str] = set()
    for number, text in enumerate(written_days):
        where = ("calendar", "holidays", number)
        if text[:1].isdigit():
            one = places.read(day, text, *where)
            found |= {one} if one is not None else set()
        elif len(countries | {text}) > MOST_COUNTRIES:
            places.tell(where, f"the holidays of more than {MOST_COUNTRIES} countries: those are nobody's working days")
            break
        else:
            countries.add(text)
            found |= places.read(public_holidays, text, *where) or frozenset()
    return frozenset(found)


def _budget(part: BudgetPart | None, places: Places) -> Budget | None:
    if part is None:
        return None
    per = places.read(span, part.per, "budget", "per") or dt.timedelta(0)
    return Budget(part.breaking_changes, per, part.when_spent)


def _digest(part: DigestPart | None, places: Places) -> Digest | None:
    if part is None:
        return None
    default = Digest()
    return Digest(
        _severities(part.severities),
        places.read(clock_time, part.at, "digest", "at") or default.at,
        places.read(days, part.days, "digest", "days") or default.days,
    )


def _severities(words: Iterable[str]) -> frozenset[Criticality]:
    return frozenset(Criticality(one) for one in words)


def _span(places: Places, text: str, *where: str | int) -> Span:
    return places.read(working_span, text, *where) or Span()
