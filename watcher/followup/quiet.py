"""Quiet: when people may be told of something; at once, when their quiet hours are over, or with the next digest."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from watcher.followup.calendar import NEVER, WEEK, first_at, zone_of
from watcher.model.contract import Criticality
from watcher.model.domain import Calendar, Digest, DomainRecord

_DAY = dt.timedelta(days=1)
_LONGEST_SEARCH = 3660
"""Days within which a digest comes, or never."""


class Manner(enum.StrEnum):
    """How a message reaches people."""

    AT_ONCE = "at once"
    AFTER_QUIET = "after quiet hours"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Telling:
    """When people are told of something, and in which manner."""

    at: dt.datetime
    manner: Manner


def telling(domain: DomainRecord | None, severity: Criticality, at: dt.datetime) -> Telling:
    """When a message of this severity, ready at `at`, may be told to the domain's people.

    A domain of which nothing is known has no quiet hours. Trackers are no people: they hear everything at once.
    """
    if domain is None:
        return Telling(at, Manner.AT_ONCE)
    if domain.digest is not None and severity in domain.digest.severities:
        return Telling(next_digest(domain.digest, domain.calendar, at), Manner.DIGEST)
    allowed = tell_at(domain.calendar, severity, at)
    return Telling(allowed, Manner.AT_ONCE if allowed == at else Manner.AFTER_QUIET)


def tell_at(calendar: Calendar, severity: Criticality, at: dt.datetime) -> dt.datetime:
    """This moment, or the end of the quiet hours that it falls into; never earlier than this moment."""
    if calendar.quiet is None or severity in calendar.around_the_clock:
        return at
    zone, (begins, ends) = zone_of(calendar), calendar.quiet
    local = at.astimezone(zone)
    now, today = local.time(), local.date()
    if begins < ends:
        if not begins <= now < ends:
            return at
    elif now >= begins:
        today += _DAY  # they end tomorrow
    elif now >= ends:
        return at
    return max(at, first_at(zone, today, ends))


def next_digest(digest: Digest, calendar: Calendar, after: dt.datetime) -> dt.datetime:
    """The next digest after this moment, not on a holiday; NEVER where there is no day for it."""
    zone = zone_of(calendar)
    day = after.astimezone(zone).date() - _DAY
    for _ in range(_LONGEST_SEARCH):
        day += _DAY
        if WEEK[day.weekday()] not in digest.days or day in calendar.holidays:
            continue
        found = first_at(zone, day, digest.at)
        if found > after:
            return found
    return NEVER
