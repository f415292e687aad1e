"""Any text at all, read as a contract: an answer or a clear refusal, never a fault."""

import fnmatch
import re

from hypothesis import given
from hypothesis import strategies as st

from watcher.formats.contracts.problems import DocumentError
from watcher.formats.contracts.read import read
from watcher.formats.contracts.scalars import day, days, hours, span
from watcher.formats.contracts.type_text import WORDS, type_from
from watcher.model.errors import UsageError
from watcher.model.ownership import _overlap, fits

YAMLISH = st.lists(
    st.sampled_from(
        [
            "kind: Subscription",
            "consumer: {domain: a}",
            "dataset: d",
            "relies_on:",
            "  - a",
            "  - b: {type: string}",
            "{",
        ]
        + ["owns: [a]", "name: x", "---", "&a", "*a", "? ", ": ", "- ", "[", "]", "}", "'", '"', "|", ">", "\t", "!!x"]
    )
    | st.text(max_size=5),
    max_size=12,
)
PATTERNS = st.text("ab*", max_size=6)


def check(text: str | bytes) -> None:
    try:
        read(text, "f.yaml")
    except DocumentError as error:
        assert error.problems
        assert all(problem.line >= 1 and problem.column >= 1 and problem.message for problem in error.problems)


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
    try:
        type_from(text)
    except UsageError as error:
        assert str(error)


@given(st.text("0123456789smhdw-:, monfriT+", max_size=14))
def test_any_text_is_a_span_or_a_day_or_is_refused(text: str) -> None:
    """Spans, days and hours are read or refused with a UsageError."""
    for reader in (span, day, hours, days):
        try:
            reader(text)
        except UsageError as error:
            assert str(error)


@given(PATTERNS, st.text("ab", max_size=8))
def test_a_pattern_fits_as_a_shell_would_say(pattern: str, name: str) -> None:
    """The linear walk agrees with the standard library's matcher."""
    assert fits(pattern, name) == bool(re.match(fnmatch.translate(pattern), name))


@given(PATTERNS, PATTERNS, st.text("ab", max_size=8))
def test_patterns_that_share_a_name_overlap(one: str, other: str, name: str) -> None:
    """Where a name fits both patterns, they are known to overlap."""
    if fits(one, name) and fits(other, name):
        assert _overlap(one, other)
