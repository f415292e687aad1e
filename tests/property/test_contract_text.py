"""Any text at all, read as a contract: an answer or a clear refusal, never a fault."""

import fnmatch
import re
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from watcher.formats.contracts.problems import DocumentError, Problem
from watcher.formats.contracts.read import read
from watcher.formats.contracts.scalars import day, days, hours, span
from watcher.formats.contracts.type_text import WORDS, type_from
from watcher.model.errors import UsageError
from watcher.model.ownership import fits, overlap

PIECES = (
    ["kind: Subscription", "consumer: {domain: a}", "dataset: d", "relies_on:", "  - a", "  - b: {type: string}"],
    ["owns: [a]", "name: x", "---", "&a", "*a", "? ", ": ", "- ", "[", "]", "{", "}", "'", '"', "|", ">", "\t", "!!x"],
)
YAMLISH = st.lists(st.sampled_from([*PIECES[0], *PIECES[1]]) | st.text(max_size=5), max_size=12)
PATTERNS = st.text("ab*", max_size=6)


def check(text: str | bytes) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        read(text, "f.yaml")
    except DocumentError as error:
        problems = error.problems or (Problem("", 0, 0, ""),)
    assert all(problem.line >= 1 and problem.column >= 1 and problem.message for problem in problems)


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(text: bytes) -> None:
    """Bytes are a document or a list of problems with places."""
    check(text)


@given(YAMLISH.map("\n".join) | YAMLISH.map("".join))
def test_anything_like_a_document_is_answered(text: str) -> None:
    """Pieces of documents in any order are a document or a list of problems with places."""
    check(text)


@given(st.lists(st.sampled_from([*WORDS, "<", ">", "(", ")", ",", "12", " ", "-"]) | st.text(max_size=3)).map("".join))
def test_any_text_is_a_type_or_is_refused(text: str) -> None:
    """A type's text gives a type or a UsageError."""
    with suppress(UsageError):
        assert type_from(text) is not None


@given(st.text("0123456789smhdw-:, monfriT+", max_size=14))
def test_any_text_is_a_span_or_a_day_or_is_refused(text: str) -> None:
    """Spans, days and hours are read or refused with a UsageError."""
    for reader in (span, day, hours, days):
        with suppress(UsageError):
            assert reader(text) is not None


@given(PATTERNS, st.text("ab", max_size=8))
def test_a_pattern_fits_as_a_shell_would_say(pattern: str, name: str) -> None:
    """The linear walk agrees with the standard library's matcher."""
    assert fits(pattern, name) == bool(re.match(fnmatch.translate(pattern), name))


@given(PATTERNS, PATTERNS, st.text("ab", max_size=8))
def test_patterns_that_share_a_nameoverlap(one: str, other: str, name: str) -> None:
    """Where a name fits both patterns, they are known to overlap."""
    if fits(one, name) and fits(other, name):
        assert overlap(one, other)
