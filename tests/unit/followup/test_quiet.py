"""Quiet hours and digests: when people may be told."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from watcher.followup.calendar import NEVER
from watcher.followup.quiet import Manner, Telling, next_digest, tell_at, telling
from watcher.model.contract import Criticality
from watcher.model.dataset import Domain
from watcher.model.domain import Calendar, Digest, DomainRecord

NIGHT = (dt.time(20), dt.time(8))
BERLIN = Calendar("Europe/Berlin", quiet=NIGHT, around_the_clock=frozenset({Criticality.CRITICAL}))
HIGH = Criticality.HIGH


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-11-24T19:59", "2026-11-24T19:59"),
        ("2026-11-24T20:00", "2026-11-25T08:00"),
        ("2026-11-25T00:00", "2026-11-25T08:00"),
        ("2026-11-25T07:59", "2026-11-25T08:00"),
        ("2026-11-25T08:00", "2026-11-25T08:00"),
        ("2026-11-28T12:00", "2026-11-28T12:00"),
        ("2026-03-28T22:00", "2026-03-29T08:00"),
    ],
)
def test_at_night_people_are_told_in_the_morning(at: str, told: str) -> None:
    """What comes in quiet hours waits for their end; what comes outside of them does not wait."""
    assert tell_at(BERLIN, HIGH, local(at)) == local(told)


def test_quiet_may_lie_within_a_day() -> None:
    """Quiet hours that end after they begin are those of one day."""
    lunch = Calendar("Europe/Berlin", quiet=(dt.time(12), dt.time(13)))

    assert tell_at(lunch, HIGH, local("2026-11-24T12:30")) == local("2026-11-24T13:00")
    assert tell_at(lunch, HIGH, local("2026-11-24T13:00")) == local("2026-11-24T13:00")
    assert tell_at(lunch, HIGH, local("2026-11-24T11:59")) == local("2026-11-24T11:59")


@pytest.mark.parametrize("quiet", [(dt.time(20), dt.time(2, 30)), (dt.time(1), dt.time(2, 30)), NIGHT])
def test_a_message_never_waits_twice(quiet: tuple[dt.time, dt.time]) -> None:
    """At the moment at which it may be told it is told, on the nights on which the clocks change too."""
    calendar = Calendar("Europe/Berlin", quiet=quiet)
    for night in ("2026-03-28T18:00", "2026-10-24T18:00"):
        for quarter in range(60):
            at = local(night) + quarter * dt.timedelta(minutes=15)
            told = tell_at(calendar, HIGH, at)
            assert at <= told == tell_at(calendar, HIGH, told)


def test_what_goes_around_the_clock_breaks_the_quiet() -> None:
    """A severity that the domain lists wakes people."""
    at = local("2026-11-25T03:00")

    assert tell_at(BERLIN, Criticality.CRITICAL, at) == at


def test_without_quiet_hours_people_are_told_at_once() -> None:
    """Nobody is spared who has not asked for it."""
    at = local("2026-11-25T03:00")

    assert tell_at(Calendar("Europe/Berlin"), HIGH, at) == at
    assert telling(None, HIGH, at) == Telling(at, Manner.AT_ONCE)


@pytest.mark.parametrize(
    ("after", "at"),
    [
        ("2026-11-24T08:59", "2026-11-24T09:00"),
        ("2026-11-24T09:00", "2026-11-25T09:00"),
        ("2026-11-27T09:00", "2026-11-30T09:00"),
        ("2026-12-23T10:00", "2026-12-28T09:00"),
    ],
)
def test_the_next_digest_is_on_its_next_day(after: str, at: str) -> None:
    """A digest comes at its hour on its days, holidays left out; at that very moment, the next one is meant."""
    calendar = Calendar("Europe/Berlin", holidays=frozenset({dt.date(2026, 12, 24), dt.date(2026, 12, 25)}))

    assert next_digest(Digest(), calendar, local(after)) == local(at)


def test_a_digest_without_a_day_never_comes() -> None:
    """It is said that it never comes, and soon."""
    assert next_digest(Digest(days=()), BERLIN, local("2026-11-24T09:00")) == NEVER


def test_the_manner_is_said() -> None:
    """Low ones are kept for the digest where the domain has one; others are told at once, or after the quiet."""
    record = DomainRecord(Domain("checkout"), ("*",), calendar=BERLIN, digest=Digest())
    night, noon = local("2026-11-25T03:00"), local("2026-11-25T12:00")

    assert telling(record, Criticality.LOW, noon) == Telling(local("2026-11-26T09:00"), Manner.DIGEST)
    assert telling(record, HIGH, noon) == Telling(noon, Manner.AT_ONCE)
    assert telling(record, HIGH, night) == Telling(local("2026-11-25T08:00"), Manner.AFTER_QUIET)
    assert telling(record, Criticality.CRITICAL, night) == Telling(night, Manner.AT_ONCE)
