"""The table itself: no suite is left out of it in silence, no waiver stands for nothing, and it tells what is new."""

import pytest

from tests.conformance.suites import CASES, LATER, RUN, Table, all_waivers, document, needs_cases
from watcher.compat.protobuf import COMPATIBLE, RULES
from watcher.compat.protobuf.registry import INCOMPATIBLE


@needs_cases
def test_nothing_is_left_out() -> None:
    """Every folder of cases is run, or named with what it waits for."""
    there = {path.name for path in CASES.iterdir() if path.is_dir()}

    assert there == {name.partition("/")[0] for name in (*RUN, *LATER)}


def test_each_waiver_has_a_suite_and_a_reason() -> None:
    """A waiver names a suite that is run and cases of it, each once, and says why."""
    for suite, entries in all_waivers().items():
        cases = [case for entry in entries for case in entry["cases"]]
        assert suite in RUN
        assert cases
        assert len(set(cases)) == len(cases)
        assert all(entry["reason"].strip() for entry in entries)


def test_what_is_new_or_stale_fails() -> None:
    """A disagreement without a waiver fails, and so does a waiver without a disagreement; the table shows both runs."""
    table = Table()

    with pytest.raises(AssertionError, match=r"new disagreements.*0002"):
        table.add("odcs/schema", "JSON", ["0001", "0002"], ["0002"])
    with pytest.raises(AssertionError, match=r"no longer apply.*0148"):
        table.add("apache_avro_ruby", "AVRO", ["0001"], [])

    assert [line.split()[2:] for line in table.lines() if line.startswith(("odcs/schema ", "apache"))] == [
        ["1", "1", "0", "0"],
        ["2", "1", "0", "1"],
    ]


@needs_cases
def test_vocabularies(table: Table) -> None:
    """The words of protobuf's checkers stand in the table beside the cases of the others."""
    rules = document("buf_breaking/rule_categories.json")["specs"]
    names = {name for spec in rules.values() for name in spec}
    kinds = document("confluent_protobuf/compatible_change_types.json")

    table.add("buf_breaking", "PROTOBUF", names, names - {rule.name for rule in RULES})
    table.add(
        "confluent_protobuf",
        "PROTOBUF",
        kinds["ALL_TYPES"],
        set(kinds["ALL_TYPES"]) - COMPATIBLE - INCOMPATIBLE | COMPATIBLE ^ set(kinds["COMPATIBLE_CHANGES"]),
    )
