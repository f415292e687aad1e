"""The suites of others: where their cases are, what is waived and why, and what came of each in one table."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

CASES = Path(__file__).parents[3] / "shared" / "cases"

RUN = (
    "apache_avro_python",
    "apache_avro_ruby",
    "atlas_lint",
    "buf_breaking",
    "cloudevents/schemas",
    "confluent_jsonschema",
    "confluent_protobuf",
    "data_usage_agreement",
    "debezium_ddl",
    "debezium_docs",
    "odcs/schema",
    "odcs/schema_version_pairs",
    "openlineage/spec",
    "schema_histories",
    "sqlglot_ddl/dialect_tests",
)
"""What is run, as the table and the waivers call it."""

LATER = {
    "cloudevents/examples": "not yet: envelopes, no schemas",
    "cloudevents/kafka_binding": "not yet: envelopes, no schemas",
    "data_usage_agreement/examples": "not yet: contract documents",
    "datacontract_changelog": "not yet: contract documents",
    "odcs/examples": "not yet: contract documents",
    "openlineage/spec_tests": "not yet: lineage events, no schemas",
    "sqlglot_ddl/identity_fixtures": "of no platform",
}
"""What is there and says nothing of compatibility, and why."""

needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason=f"NO CASES TO CONFORM TO: there is no folder {CASES}")


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one suite."""

    suite: str
    format: str
    cases: int
    differing: frozenset[str]
    waived: frozenset[str]

    @property
    def new(self) -> frozenset[str]:
        """Disagreements that nobody has given a reason for."""
        return self.differing - self.waived

    @property
    def stale(self) -> frozenset[str]:
        """Waivers that no disagreement needs."""
        return self.waived - self.differing


@dataclass(slots=True)
class Table:
    """The rows of one run."""

    rows: list[Row] = field(default_factory=list)

    def add(self, suite: str, format_: str, cases: Collection[str], differing: Iterable[str]) -> None:
        """Note what came of a suite; fails at a disagreement without a waiver, and at a waiver without one."""
        waived = waivers(suite)
        row = Row(suite, format_, len(cases), frozenset(differing), frozenset(waived))
        self.rows.append(row)
        assert not row.new, f"{suite}: new disagreements: {sorted(row.new)}"
        assert not row.stale, f"{suite}: waivers that no longer apply: {sorted(row.stale)}"

    def lines(self) -> list[str]:
        """The table as it is printed, suites in order of their names."""
        head = ("suite", "format", "cases", "agree", "waived", "new")
        ran = [
            (
                row.suite,
                row.format,
                str(row.cases),
                str(row.cases - len(row.differing)),
                str(len(row.differing & row.waived)),
                str(len(row.new)),
            )
            for row in self.rows
        ]
        cells = [head, *sorted([*ran, *((name, why, "", "", "", "") for name, why in LATER.items())])]
        widths = [max(len(line[at]) for line in cells) for at in range(len(head))]
        return ["  ".join(_padded(line, widths)).rstrip() for line in cells]


def _padded(line: tuple[str, ...], widths: list[int]) -> list[str]:
    """Words to the left, figures to the right."""
    words = 2
    return [
        cell.ljust(width) if at < words else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]


def lines(name: str) -> list[dict[str, Any]]:
    """The cases of a file of JSON Lines."""
    return [json.loads(line) for line in (CASES / name).read_text(encoding="utf-8").splitlines()]


def document(name: str) -> dict[str, Any]:
    """A file that is one JSON object."""
    loaded: dict[str, Any] = json.loads((CASES / name).read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def all_waivers() -> dict[str, list[dict[str, Any]]]:
    """The waivers as they are written, by suite."""
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        (Path(__file__).parent / "waivers.yaml").read_text(encoding="utf-8")
    )
    return loaded


def waivers(suite: str) -> dict[str, str]:
    """The waived cases of a suite, each with its reason."""
    return {case: entry["reason"].strip() for entry in all_waivers().get(suite, []) for case in entry["cases"]}
