"""Agreement with the vocabularies of protobuf's own checkers: a registry's kinds, and the rules of breaking changes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.suites import waivers
from watcher.compat.protobuf import COMPATIBLE, RULES
from watcher.compat.protobuf.registry import INCOMPATIBLE
from watcher.model.protobuf import Category

CASES = Path(__file__).parents[3] / "shared" / "cases"
NEWEST = "V2Spec"

WAIVED = waivers("buf_breaking")
"""Rules that are not ours, and why."""

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"NO CASES TO CONFORM TO: there is no folder {CASES}")


def document(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((CASES / name).read_text(encoding="utf-8"))
    return loaded


def test_every_rule_is_ours_or_waived() -> None:
    """Every rule of any version of the checker is one of ours, or waived with its reason; and none is both."""
    theirs = {name for spec in document("buf_breaking/rule_categories.json")["specs"].values() for name in spec}
    ours = {rule.name for rule in RULES}

    assert theirs == ours | WAIVED.keys()
    assert not ours & WAIVED.keys()


def test_rules_are_in_their_categories() -> None:
    """Each rule is in the categories of the checker's newest version; what is waived there is in none of them."""
    theirs = {
        name: {Category(one) for one in rule["categories"] if one in Category.__members__}
        for name, rule in document("buf_breaking/rule_categories.json")["specs"][NEWEST].items()
    }

    assert {rule.name: set(rule.categories) for rule in RULES} == {n: c for n, c in theirs.items() if n not in WAIVED}
    assert not any(theirs.get(name) for name in WAIVED)


def test_the_registry_s_kinds() -> None:
    """The kinds that we know are the registry's, and those that pass are those that pass there."""
    theirs = document("confluent_protobuf/compatible_change_types.json")

    assert set(theirs["COMPATIBLE_CHANGES"]) == COMPATIBLE
    assert set(theirs["ALL_TYPES"]) == COMPATIBLE | INCOMPATIBLE
