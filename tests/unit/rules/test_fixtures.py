"""Each rule's fixture pair: the step flips exactly this rule, and taken back it heals."""

import json
import os
from typing import Any

import pytest

from tests.unit.rules.cases import CASES, Case
from watcher.rules.catalogue import BY_ID
from watcher.rules.evaluate import flips, heals
from watcher.rules.rule import Severity

ALL = sorted(path.name for path in CASES.iterdir())


@pytest.mark.parametrize("name", ALL)
def test_the_step_flips_what_is_expected(name: str) -> None:
    """Before to after gives the violations that lie beside them, word for word."""
    case = Case(name)
    found = [_told(violation) for violation in flips(*case.forward())]
    file = CASES / name / "expected.json"
    if os.environ.get("ACCEPT"):
        file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    assert found == json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ALL)
def test_the_rule_of_the_fixture_explains_it(name: str) -> None:
    """The fixture of a rule is explained by that rule and no other."""
    case = Case(name)

    assert {violation.rule for violation in flips(*case.forward())} == {case.rule}


@pytest.mark.parametrize("name", ALL)
def test_the_harmless_step_flips_nothing(name: str) -> None:
    """A change beside it, of the same field where there is one, is one that the rule and all others let pass."""
    subscription, dataset, before, after, facts = Case(name).harmless()

    assert before != after
    assert after.schema is not None
    assert flips(subscription, dataset, before, after, facts) == ()


@pytest.mark.parametrize("name", ALL)
def test_the_way_back_heals(name: str) -> None:
    """Taking the change back heals each violation, and breaks nothing of its own."""
    case = Case(name)
    broken = flips(*case.forward())
    measured = {one.path: case.before.schema for one in broken if case.before.schema}
    subscription, dataset, after, before, back = case.backward()

    assert {one.expectation for one in broken} <= {
        one.expectation for one in heals(subscription, dataset, after, before, measured)
    }
    assert flips(subscription, dataset, after, before, back, measured) == ()


@pytest.mark.parametrize("name", ALL)
def test_a_step_that_is_no_step_flips_nothing(name: str) -> None:
    """Either side against itself flips nothing and heals nothing: what is broken already stays as it is."""
    case = Case(name)

    for state in (case.before, case.after, case.fine):
        assert flips(case.subscription, case.dataset, state, state, ()) == ()
        assert heals(case.subscription, case.dataset, state, state) == ()


@pytest.mark.parametrize("name", ALL)
def test_a_change_is_named_as_the_cause(name: str) -> None:
    """Every violation names the change that caused it, of a kind that its rule knows, if it knows any."""
    for violation in flips(*Case(name).forward()):
        causes = BY_ID[violation.rule].causes
        assert (violation.change is None) == (not causes)
        assert violation.change is None or violation.change["kind"] in causes


def test_an_undecided_rule_gives_no_break() -> None:
    """A rule that cannot decide gives the outcome unknown, one that can gives broken."""
    for name in ALL:
        for violation in flips(*Case(name).forward()):
            assert (violation.outcome == "unknown") == (BY_ID[violation.rule].severity is Severity.UNDECIDED)


def _told(violation: Any) -> dict[str, Any]:
    return {
        "rule": violation.rule,
        "path": violation.path,
        "outcome": violation.outcome.value,
        "wants": violation.wants,
        "before": violation.before,
        "after": violation.after,
        "message": violation.message,
        "change": violation.change,
        "fingerprint": violation.fingerprint,
    }
