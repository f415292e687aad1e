"""The examples of Debezium's documentation: schema changes are read as the tables that they show, data as none."""

import json
from typing import Any

from tests.conformance.suites import Table, lines, needs_cases
from watcher.feeds.warehouse.facts import Gone, Image, Reading
from watcher.feeds.warehouse.sources.debezium import decode
from watcher.model.dataset import Position, RawRecord

pytestmark = needs_cases


def read(case: dict[str, Any]) -> Reading:
    """A case as a record: its document, or the text where that is no JSON."""
    text = case["text"] if case.get("document") is None else json.dumps(case["document"])
    return decode(RawRecord(Position("docs", 0, 0), None, text.encode()), {})


def shown(reading: Reading) -> list[Any]:
    """The tables of a record as the suite lists them: columns with their type's word, and whether they take null."""
    found: list[Any] = []
    for fact in reading.facts:
        if isinstance(fact, Image):
            columns = [[one.name, one.type.partition("(")[0], one.nullable] for one in fact.columns]
            found.append([fact.name[-1], columns])
        elif isinstance(fact, Gone):
            found.append([fact.name[-1], []])
    return found


def wanted(case: dict[str, Any]) -> list[Any]:
    """What the suite says of a case; identity is no part of a type here."""
    return [
        [
            one["id"].split(".")[-1].strip('"'),
            [[name, type_.removesuffix(" identity"), optional] for name, type_, optional in one["columns"]],
        ]
        for one in case["expected"].get("table_changes", [])
    ]


def test_documented_examples(table: Table) -> None:
    """Every example gives the tables that it shows; one that is no JSON, or of data, gives none and a reason."""
    cases = [*lines("debezium_docs/schema_change.jsonl"), *lines("debezium_docs/data_change.jsonl")]
    differing = []
    for case in cases:
        reading = read(case)
        if shown(reading) != wanted(case) or (not wanted(case) and reading.unreadable is None):
            differing.append(case["id"].removeprefix("debezium_docs/"))

    assert len(cases) == 79
    assert sum(len(wanted(case)) for case in cases) == 6
    table.add("debezium_docs", "SQL", [case["id"] for case in cases], differing)
