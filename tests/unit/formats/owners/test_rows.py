"""Exports as rows: in each form in which a catalogue's export or answer is written."""

from __future__ import annotations

import pytest

from watcher.formats.owners import rows
from watcher.formats.owners.rows import Row, Rows, read_rows

A = {"a": 1}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('{"a": 1}', ["f"]),
        ('[{"a": 1}, {"a": 1}]', ["f#1", "f#2"]),
        ('{"data": [{"a": 1}], "paging": {}}', ["f#1"]),
        ('{"items": [{"a": 1}]}', ["f#1"]),
        ('{"entities": [{"a": 1}], "scrollId": "x"}', ["f#1"]),
        ('{"a": 1}\n\n{"a": 1}\n', ["f:1", "f:3"]),
        ("", []),
        ("[]", []),
    ],
)
def test_rows_know_their_place(text: str, places: list[str]) -> None:
    """The line of a document on a line, the number within a list."""
    assert read_rows(text, "f") == Rows([Row(place, A) for place in places], [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("no json", "f:1: this is no JSON: export it again"),
        ('{"a": \n', "f:2: this is no JSON: export it again"),
        ("5", "f: an entity is a JSON object, this is none: export it again"),
        ('[{"a": 1}, 5]', "f#2: an entity is a JSON object, this is none: export it again"),
        ('{"a": 1}\n[]\n', "f:2: this line is no JSON object: export it again"),
        ("[" * 100_000, "f:1: this is no JSON: export it again"),
    ],
)
def test_what_is_no_row_is_told_with_its_place(text: str, problem: str) -> None:
    """And with what to do."""
    [told] = read_rows(text, "f").problems
    assert told.startswith(problem)


@pytest.mark.parametrize("text", ['[{"a": 1}, {"a": 1}, {"a": 1}]', '{"a": 1}\n{"a": 1}\n{"a": 1}\n'])
def test_more_rows_than_are_read_are_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of them count."""
    monkeypatch.setattr(rows, "MAX_ROWS", 2)
    found = read_rows(text, "f")
    assert len(found.found) == 2
    assert found.problems == ["f: more than 2 entities: split the export; the rest is not read"]


@pytest.mark.parametrize("text", ["[1, 2, 3, 4, 5]", '{"a": 1}\n1\n2\n3\n4\n'])
def test_of_very_many_mistakes_the_first_are_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that the rest is not read."""
    monkeypatch.setattr(rows, "MAX_PROBLEMS", 2)
    problems = read_rows(text, "f").problems
    assert len(problems) == 3
    assert problems[-1] == "f: more than 2 entities are none: export it again; the rest is not read"
