"""Documents of a file, YAML or JSON, with the line on which each begins."""

from __future__ import annotations

import pytest

from watcher.formats.owners.documents import Document, read_documents


def test_each_document_knows_its_line() -> None:
    """Of several in one file; empty ones are none."""
    found = read_documents("# head\na: 1\n---\n---\nb: 2\n", "f")
    assert found.found == [Document("f:2", {"a": 1}), Document("f:5", {"b": 2})]
    assert found.problems == []


def test_json_is_read_as_an_export_and_else_as_yaml() -> None:
    """A mapping in braces may be YAML after all."""
    assert read_documents('{"items": [{"a": 1}]}', "f").found == [Document("f#1", {"a": 1})]
    assert read_documents("{a: 1}", "f").found == [Document("f:1", {"a": 1})]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [\n", "f:2: not YAML"),
        ("a: 1\n---\n- b\n", "f:3: a document is a mapping of keys, this is none"),
        ("a: &a [x]\nb: [*c]\n", "f:2: the alias `*c` has no complete anchor before it"),
        ("a: !secret x\n", "f:1: tags such as `!secret` are not read"),
        ("a: 1\nb: \ud800\n", "f:2: a character is none of Unicode's: save the file as UTF-8"),
        ("[" * 10_000, "f:1: nested more than 200 deep"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, problem: str) -> None:
    """And nothing is raised."""
    [told] = read_documents(text, "f").problems
    assert told.startswith(problem)
