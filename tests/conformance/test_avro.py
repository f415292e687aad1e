"""Agreement with the compatibility suites of Avro's own implementations; each disagreement has its reason."""

import pytest

from tests.conformance.suites import Table, lines, needs_cases
from watcher.compat.avro import check
from watcher.formats.avro import parse

SUITES = {
    "apache_avro_python": ("test_compatibility.jsonl", 137),
    "apache_avro_ruby": ("test_schema_compatibility.jsonl", 149),
}

pytestmark = needs_cases


@pytest.mark.parametrize("suite", SUITES)
def test_verdicts(suite: str, table: Table) -> None:
    """Every verdict is the suite's, but for those that are waived with a reason; and each waiver is still needed."""
    file, size = SUITES[suite]
    verdicts = {
        case["id"].rpartition("/")[2]: (
            not check(parse(case["reader"]), parse(case["writer"])),
            case["expected"]["compatible"],
        )
        for case in lines(f"{suite}/{file}")
    }

    assert len(verdicts) == size
    table.add(suite, "AVRO", verdicts, (case for case, (ours, theirs) in verdicts.items() if ours is not theirs))


@pytest.mark.parametrize("suite", ["apache_avro_python"])
def test_reasons(suite: str) -> None:
    """Kinds and places are the suite's too; of a name that differs, Python's own merge adds the root as a place."""
    for case in lines(f"{suite}/{SUITES[suite][0]}"):
        expected = case["expected"]
        found = check(parse(case["reader"]), parse(case["writer"]))

        kinds = sorted(kind.upper() for kind in expected.get("incompatibility_types", []))
        places = set(expected.get("locations", []))
        assert sorted(one.kind for one in found) == kinds, case["id"]
        if kinds == ["NAME_MISMATCH"]:
            places.discard("/")
        assert {one.path for one in found} == places, case["id"]
