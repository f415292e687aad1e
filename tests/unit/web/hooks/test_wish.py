"""What is taken out of a message: nothing where there is nothing of that kind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from watcher.web.hooks.wish import dig, moment, names, text

DOCUMENT = {"a": {"b": [{"c": " words "}]}, "n": 7, "t": True, "f": 1.5, "none": None}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("a", "b", 0, "c"), "words"),
        (("n",), "7"),
        (("t",), ""),
        (("f",), ""),
        (("none",), ""),
        (("a",), ""),
        (("a", "b", 1, "c"), ""),
        (("a", 0), ""),
        (("a", "b", "c"), ""),
        (("n", "x"), ""),
        (("missing",), ""),
    ],
)
def test_a_path_leads_to_words_or_to_none(path: tuple[str | int, ...], found: str) -> None:
    """Text and whole numbers are words; all else, and whatever is not there, is none."""
    assert text(DOCUMENT, *path) == found


def test_a_number_without_end_is_no_word() -> None:
    """An id has some digits, not thousands."""
    assert text({"id": 10**29}, "id") == "1" + "0" * 29
    assert text({"id": 10**4_000}, "id") == ""
    assert text({"id": -(10**4_000)}, "id") == ""


def test_what_cannot_be_seen_is_left_out() -> None:
    """Line ends stay; what steers a terminal, turns the direction, or is half of a character does not."""
    assert text(["a\tb\nc\x00\x1b[2J\u202e\u2066\ud800d"], 0) == "a\tb\nc[2Jd"


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-08-01T12:00:00Z", dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)),
        ("2026-08-01T12:00:00.123+02:00", dt.datetime(2026, 8, 1, 10, 0, 0, 123_000, tzinfo=dt.UTC)),
        ("2026-08-01 12:00:00 UTC", dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)),
        ("2026-08-01 12:00:00", dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)),
        (1_785_585_600_000, dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)),
        (10**30, None),
        (-(10**30), None),
        ("0001-01-01T00:00:00+23:59", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("yesterday", None),
        ("2026-08-01T12:00:00Z" + " " * 50, None),
        ("", None),
        (True, None),
        (1.5, None),
        (None, None),
    ],
)
def test_a_moment_is_read_as_services_write_it(written: Any, at: dt.datetime | None) -> None:
    """RFC 3339, a time in UTC without its zone, or milliseconds; nothing for what is no time that there is."""
    assert moment({"at": written}, "at") == at


def test_a_person_has_several_names() -> None:
    """Those that are there."""
    assert names({"login": "em", "id": 7, "name": " "}, "login", "id", "name", "email") == {"em", "7"}
    assert names("em", "login") == frozenset()
    assert dig(None, "a") is None
