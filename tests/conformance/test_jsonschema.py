"""Agreement with the registry's own suite for JSON Schema: verdicts under both policies, kinds and places."""

from collections import Counter
from typing import Any

import pytest

from tests.conformance.suites import Table, document, lines, needs_cases
from watcher.compat.jsonschema import check, differences
from watcher.compat.jsonschema.kinds import COMPATIBLE
from watcher.formats.jsonschema import parse
from watcher.model.compatibility import Policy

SUITE = "confluent_jsonschema"
SIZE = 104

pytestmark = needs_cases


def agrees(case: dict[str, Any]) -> bool:
    old, new, expected = parse(case["old"]), parse(case["new"]), case["expected"]
    told = Counter(f"{one.kind} {one.path}" for one in differences(old, new))
    return (
        (not check(new, old)) is expected["compatible"]
        and (not check(new, old, Policy.LENIENT)) is expected["compatible_lenient"]
        and told == Counter(expected["changes"])
    )


def test_verdicts(table: Table) -> None:
    """Every verdict and every change is the registry's, but for those that are waived; each waiver is needed."""
    cases = {case["id"].rpartition("/")[2]: case for case in lines(f"{SUITE}/diff-schema-examples.jsonl")}

    assert len(cases) == SIZE
    table.add(SUITE, "JSON", cases, (name for name, case in cases.items() if not agrees(case)))


@pytest.mark.parametrize("policy", Policy)
def test_compatible_kinds(policy: Policy) -> None:
    """What is compatible under a policy is what the registry lists, name by name."""
    listed = document(f"{SUITE}/compatible_change_types.json")

    assert set(listed[f"COMPATIBLE_CHANGES_{policy.value}"]) == COMPATIBLE[policy]
    assert set(listed["ALL_TYPES"]) >= COMPATIBLE[policy]
