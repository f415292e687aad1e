"""Agreement with the registry's own suite for JSON Schema: verdicts under both policies, kinds and places."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from watcher.compat.jsonschema import check, differences
from watcher.compat.jsonschema.kinds import COMPATIBLE
from watcher.formats.jsonschema import parse
from watcher.model.compatibility import Policy

CASES = Path(__file__).parents[3] / "shared" / "cases"
SUITE = "confluent_jsonschema"
SIZE = 104

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"NO CASES TO CONFORM TO: there is no folder {CASES}")


def cases() -> list[dict[str, Any]]:
    lines = (CASES / SUITE / "diff-schema-examples.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def waived() -> set[str]:
    document = yaml.safe_load((Path(__file__).parent / "waivers.yaml").read_text(encoding="utf-8"))
    entries = document.get(SUITE, [])
    assert all(entry["reason"].strip() for entry in entries)
    return {f"{SUITE}/diff-schema-examples/{number}" for entry in entries for number in entry["cases"]}


def agrees(case: dict[str, Any]) -> bool:
    old, new, expected = parse(case["old"]), parse(case["new"]), case["expected"]
    told = Counter(f"{one.kind} {one.path}" for one in differences(old, new))
    return (
        (not check(new, old)) is expected["compatible"]
        and (not check(new, old, Policy.LENIENT)) is expected["compatible_lenient"]
        and told == Counter(expected["changes"])
    )


def test_verdicts() -> None:
    """Every verdict and every change is the registry's, but for those that are waived; each waiver is needed."""
    all_cases = cases()
    differing = {case["id"] for case in all_cases if not agrees(case)}
    print(f"\n{SUITE}: {len(all_cases) - len(differing)} of {len(all_cases)} agree, {len(differing)} waived")

    assert len(all_cases) == SIZE
    assert differing == waived()


@pytest.mark.parametrize("policy", Policy)
def test_compatible_kinds(policy: Policy) -> None:
    """What is compatible under a policy is what the registry lists, name by name."""
    listed = json.loads((CASES / SUITE / "compatible_change_types.json").read_text(encoding="utf-8"))

    assert set(listed[f"COMPATIBLE_CHANGES_{policy.value}"]) == COMPATIBLE[policy]
    assert set(listed["ALL_TYPES"]) >= COMPATIBLE[policy]
