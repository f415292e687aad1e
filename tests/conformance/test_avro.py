"""Agreement with the compatibility suites of Avro's own implementations; each disagreement has its reason."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from watcher.compat.avro import check
from watcher.formats.avro import parse

CASES = Path(__file__).parents[3] / "shared" / "cases"
SUITES = {
    "apache_avro_python": "test_compatibility.jsonl",
    "apache_avro_ruby": "test_schema_compatibility.jsonl",
}
SIZES = {"apache_avro_python": 137, "apache_avro_ruby": 149}

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"NO CASES TO CONFORM TO: there is no folder {CASES}")


def cases(suite: str) -> list[dict[str, Any]]:
    lines = (CASES / suite / SUITES[suite]).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def waived(suite: str) -> set[str]:
    document = yaml.safe_load((Path(__file__).parent / "waivers.yaml").read_text(encoding="utf-8"))
    entries = document.get(suite, [])
    assert all(entry["reason"].strip() for entry in entries)
    return {
        f"{suite}/{SUITES[suite].removesuffix('.jsonl')}/{number}" for entry in entries for number in entry["cases"]
    }


@pytest.mark.parametrize("suite", SUITES)
def test_verdicts(suite: str) -> None:
    """Every verdict is the suite's, but for those that are waived with a reason; and each waiver is still needed."""
    all_cases = cases(suite)
    differing = {
        case["id"]
        for case in all_cases
        if (not check(parse(case["reader"]), parse(case["writer"]))) is not case["expected"]["compatible"]
    }
    print(f"\n{suite}: {len(all_cases) - len(differing)} of {len(all_cases)} agree, {len(differing)} waived")

    assert len(all_cases) == SIZES[suite]
    assert differing == waived(suite)


@pytest.mark.parametrize("suite", ["apache_avro_python"])
def test_reasons(suite: str) -> None:
    """Kinds and places are the suite's too; of a name that differs, Python's own merge adds the root as a place."""
    for case in cases(suite):
        expected = case["expected"]
        found = check(parse(case["reader"]), parse(case["writer"]))

        kinds = sorted(kind.upper() for kind in expected.get("incompatibility_types", []))
        places = set(expected.get("locations", []))
        assert sorted(one.kind for one in found) == kinds, case["id"]
        if kinds == ["NAME_MISMATCH"]:
            places.discard("/")
        assert {one.path for one in found} == places, case["id"]
