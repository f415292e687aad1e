"""The end of a waiver or a snooze, as people write it."""

from __future__ import annotations

import datetime as dt

import pytest

from watcher.followup.until import read_until
from watcher.model.errors import UsageError

NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("written", "zone", "end"),
    [
        ("2026-12-01", "UTC", "2026-12-01T23:59:59+00:00"),
        ("2026-12-01", "Europe/Berlin", "2026-12-01T22:59:59+00:00"),
        (dt.date(2026, 12, 1), "UTC", "2026-12-01T23:59:59+00:00"),
        ("2026-12-01T12:00", "Europe/Berlin", "2026-12-01T11:00:00+00:00"),
        ("2026-12-01T12:00:00Z", "Europe/Berlin", "2026-12-01T12:00:00+00:00"),
        (dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC), "Europe/Berlin", "2026-12-01T12:00:00+00:00"),
        ("3d", "Europe/Berlin", "2026-11-05T09:00:00+00:00"),
        (" 1W2d ", "UTC", "2026-11-11T09:00:00+00:00"),
    ],
)
def test_a_day_means_its_end_where_the_domain_is(written: object, zone: str, end: str) -> None:
    """A day ends in the domain's zone, a moment without a zone is there, a span counts from now."""
    assert read_until(written, NOW, zone).isoformat() == end


@pytest.mark.parametrize("written", ["soon", "", "2026-13-01", "3x", "31.12.2026"])
def test_what_is_no_end_is_refused_with_how_one_is_written(written: str) -> None:
    """The message has one of each kind."""
    with pytest.raises(UsageError, match=r"2027-03-31.*3d"):
        read_until(written, NOW)


def test_a_span_that_nobody_waits_for_says_so() -> None:
    """It is a span, and not a word that could not be read."""
    with pytest.raises(UsageError, match="hundred years"):
        read_until("9999w", NOW)


def test_the_end_of_time_is_a_moment() -> None:
    """What lies beyond the calendar is its last moment, for whoever asks whether that is too far."""
    assert read_until("9999-12-31T23:59:59-12:00", NOW).year == 9999
