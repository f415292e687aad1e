"""The catalogue itself: no rule without an id, a fixture, a page, a mirror or a reason."""

import re
import string
from pathlib import Path
from typing import get_args

import pytest

from tests.unit.rules.cases import CASES
from watcher.model.change import Change
from watcher.model.contract import Expectation
from watcher.model.errors import UsageError
from watcher.rules.catalogue import BY_ID, HARMLESS, RULES, rule, rules_of
from watcher.rules.evaluate import MEASURED
from watcher.rules.page import page, pages
from watcher.rules.rule import Rule, Severity

DOCS = Path(__file__).parents[3] / "docs" / "rules"
EXPECTATIONS = {one.kind for one in get_args(Expectation)}
CHANGES = {one.kind for one in get_args(Change)}

NO_FIXTURE = {
    "reader-undecided": "what can be decided before can be decided after; shown in test_evaluate.py",
    "constraint-unstated": "what held before is lost by another rule; shown in test_limits.py",
}
"""Rules that a pair of schemas cannot show, and why."""


def each(rules: tuple[Rule, ...] = RULES) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("one", rules, ids=lambda one: one.id)


def test_ids_are_unique() -> None:
    """No two rules share an id."""
    assert len(BY_ID) == len(RULES)


@each()
def test_an_id_is_a_fact(one: Rule) -> None:
    """An id is lower-kebab: what it is about, and what was found of it."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", one.id)


@each()
def test_a_purpose_is_one_sentence(one: Rule) -> None:
    """A purpose says in one sentence what the rule checks, or why it cannot."""
    assert re.fullmatch(r"(Checks|Says) that [^.]+\.", one.purpose)


@each()
def test_the_words_are_clean(one: Rule) -> None:
    """No stray blanks, no unknown place in a message, and a witness that is a sentence or a query."""
    for text in (one.purpose, one.message, one.witness, one.waiver or "x"):
        assert text == " ".join(text.split())
    assert {name for _, name, _, _ in string.Formatter().parse(one.message) if name} <= {
        "path",
        "where",
        "wants",
        "before",
        "after",
        "detail",
    }
    assert one.witness.endswith((".", "!"))


@each()
def test_the_kinds_are_known(one: Rule) -> None:
    """What a rule breaks is a kind of expectation, and what causes it a kind of change."""
    assert one.breaks
    assert set(one.breaks) <= EXPECTATIONS
    assert set(one.causes) <= CHANGES


@pytest.mark.parametrize("kind", sorted(EXPECTATIONS))
def test_every_expectation_has_a_rule_that_breaks_it(kind: str) -> None:
    """There is no expectation that nothing can break, and none that can only be left undecided."""
    assert [one for one in rules_of(kind) if one.severity is Severity.BREAKING]


@pytest.mark.parametrize("kind", sorted(CHANGES))
def test_every_change_breaks_something_or_has_a_reason(kind: str) -> None:
    """Each kind of fact is the cause of a rule, or it is said why it breaks nobody; never both."""
    assert any(kind in one.causes for one in RULES) != (kind in HARMLESS)


def test_no_reason_is_left_over() -> None:
    """Reasons are given for kinds of change that there are, and rules that keep a measure are rules."""
    assert HARMLESS.keys() <= CHANGES
    assert BY_ID.keys() >= MEASURED
    assert all(reason and not reason.endswith(".") for reason in HARMLESS.values())


@each()
def test_a_rule_has_a_mirror_or_a_reason(one: Rule) -> None:
    """Each rule names the rule for the opposite, which names it in turn, or says why there is none; never both."""
    assert (one.mirror is None) != (one.waiver is None)
    assert one.mirror is None or BY_ID[one.mirror].mirror == one.id


def test_every_rule_has_a_fixture_or_a_reason() -> None:
    """Each rule has its folder of fixtures; no folder and no reason is left over."""
    folders = {path.name.partition("--")[0] for path in CASES.iterdir()}

    assert folders | NO_FIXTURE.keys() == BY_ID.keys()
    assert not folders & NO_FIXTURE.keys()


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_page_in_the_docs_is_current(name: str) -> None:
    """What lies in `docs/rules/` is what the catalogue says now; `make docs` writes it anew."""
    assert pages()[name] == (DOCS / name).read_text(encoding="utf-8")


def test_no_page_is_left_over() -> None:
    """There is no page of a rule that is no more."""
    assert {path.name for path in DOCS.iterdir()} == pages().keys()


@each()
def test_a_page_tells_all_of_its_rule(one: Rule) -> None:
    """A page has the rule's id, purpose, witness and opposite."""
    text = page(one)

    assert all(part in text for part in (f"# {one.id}", one.purpose, one.witness, one.mirror or str(one.waiver)))


def test_an_unknown_rule_is_told_the_nearest() -> None:
    """A mistyped id is answered with the nearest one."""
    with pytest.raises(UsageError, match="there is no rule `field-remove`: did you mean `field-removed`"):
        rule("field-remove")
