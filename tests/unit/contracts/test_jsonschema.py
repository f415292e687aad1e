"""The published JSON Schemas: they are what the model gives, and they judge a document's form as the model does."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from watcher.formats.contracts import document
from watcher.formats.contracts.jsonschema import PUBLISHED, generate
from watcher.formats.contracts.yaml_tree import parse, plain

SCHEMAS = Path(__file__).parents[3] / "schemas"

BASE = "consumer: {domain: a}\ndataset: d\n"
SUBSCRIPTIONS = [
    BASE + "relies_on: []",
    BASE + "relies_on: [a, 'b.c[]']",
    BASE + "relies_on: [{a: null}, {b: {}}, c]",
    BASE + "relies_on: [{a: {type: string, exact: true, required: true, unique: true, shape: closed, default: any}}]",
    BASE + "relies_on: [{a: {type: timestamp, unit: ms}}]",
    BASE + "relies_on: [{a: {values: [x, 1, 1.5, true], at_least: true}}]",
    BASE + "relies_on: []\nuntil: 2027-06-30\nnotice: 1w2d\ncriticality: critical\nshape: closed\nnotify: ['slack:#x']",
    BASE + "relies_on: []\nreads_with: {format: avro, schema: a.avsc}",
    BASE + "relies_on: []\nreads_with: {format: avro, schema: {type: record}}",
    BASE + "relies_on: []\nreads_with: {format: avro, schema: [string]}",
    BASE + "relies_on: []\napiVersion: watcher/v1\nkind: Subscription\nname: a.b-c_d",
    "dataset: d\nrelies_on: []",
    BASE,
    BASE + "relies_on: a",
    BASE + "relies_on: {a: {}}",
    BASE + "relies_on: [5]",
    BASE + "relies_on: [null]",
    BASE + "relies_on: ['']",
    BASE + "relies_on: [{a: {}, b: {}}]",
    BASE + "relies_on: [{}]",
    BASE + "relies_on: [{a: [x]}]",
    BASE + "relies_on: [{a: {requird: true}}]",
    BASE + "relies_on: [{a: {required: 'true'}}]",
    BASE + "relies_on: [{a: {required: 1}}]",
    BASE + "relies_on: [{a: {required: null}}]",
    BASE + "relies_on: [{a: {exact: true}}]",
    BASE + "relies_on: [{a: {exact: false}}]",
    BASE + "relies_on: [{a: {unit: ms}}]",
    BASE + "relies_on: [{a: {type: timestamp, unit: millis}}]",
    BASE + "relies_on: [{a: {at_least: true}}]",
    BASE + "relies_on: [{a: {values: []}}]",
    BASE + "relies_on: [{a: {values: [null]}}]",
    BASE + "relies_on: [{a: {values: [[x]]}}]",
    BASE + "relies_on: [{a: {default: 5}}]",
    BASE + "relies_on: [{a: {default: null}}]",
    BASE + "relies_on: [{a: {max_length: 20, precision: 12, scale: 2, position: 1, classification: []}}]",
    BASE + "relies_on: [{a: {minimum: 0, maximum: 1.5, multiple_of: 0.5, pattern: x, format: email}}]",
    BASE + "relies_on: [{a: {min_items: 1, max_items: 2, unique_items: true, min_length: 0, max_properties: 3}}]",
    BASE + "relies_on: [{a: {max_length: null}}]",
    BASE + "relies_on: [{a: {max_length: -1}}]",
    BASE + "relies_on: [{a: {max_length: 1.5}}]",
    BASE + "relies_on: [{a: {precision: 0}}]",
    BASE + "relies_on: [{a: {maximum: true}}]",
    BASE + "relies_on: [{a: {multiple_of: 0}}]",
    BASE + "relies_on: [{a: {position: 0}}]",
    BASE + "relies_on: [{a: {classification: PII}}]",
    BASE + "relies_on: [{a: {classification: [5]}}]",
    BASE + "relies_on: []\nprimary_key: [a, b]\nunique: [[c], [d, e]]\ncompatibility: FULL",
    BASE + "relies_on: []\nprimary_key: []",
    BASE + "relies_on: []\nprimary_key: null",
    BASE + "relies_on: []\nunique: [a]",
    BASE + "relies_on: []\nunique: [[]]",
    BASE + "relies_on: []\ncompatibility: NONE",
    BASE + "relies_on: []\nreads_with: {version: 3}",
    BASE + "relies_on: []\nreads_with: {version: 0}",
    BASE + "relies_on: []\nreads_with: {version: null}",
    BASE + "relies_on: []\nreads_with: {version: 3, format: avro}",
    BASE + "relies_on: []\nreads_with: {format: avro, schema: a.avsc, version: 3}",
    BASE + "relies_on: []\nreads_with: {}",
    BASE + "relies_on: []\nreads_with: {format: json, schema: {type: object}}",
    BASE + "relies_on: []\nuntil: 30.6.2027",
    BASE + "relies_on: []\nnotice: 14 days",
    BASE + "relies_on: []\ncriticality: hihg",
    BASE + "relies_on: []\nname: -a",
    BASE + "relies_on: []\npurpose: null",
    BASE + "relies_on: []\nreads_with: {format: avro}",
    BASE + "relies_on: []\nreads_with: {format: avro, schema: 5}",
    BASE + "relies_on: []\nreads_with: {format: xml, schema: a}",
    "consumer: {domain: a}\ndataset: 'd*'\nrelies_on: []",
    "consumer: a\ndataset: d\nrelies_on: []",
]
DOMAINS = [
    "name: d\nowns: [a, 'b*']",
    "name: d\nowns: []",
    "name: d\nowns: [a]\ntickets: [{channel: c, project: P, number: 5, flag: true}]",
    "name: d\nowns: [a]\nladder: [{after: 4h, to: x}]\ndeadlines: {low: {acknowledge: 1h, fix: 2d}}",
    "name: d\nowns: [a]\ncalendar: {}\nbudget: {breaking_changes: 0, per: 90d}\nowners: {}",
    "name: d",
    "owns: [a]",
    "name: d\nowns: ['a b']",
    "name: d\nowns: [a]\ntickets: [{channel: c, project: [P]}]",
    "name: d\nowns: [a]\ntickets: [{project: P}]",
    "name: d\nowns: [a]\nladder: [{after: 4, to: x}]",
    "name: d\nowns: [a]\ndeadlines: {hihg: {acknowledge: 1h, fix: 2d}}",
    "name: d\nowns: [a]\ndeadlines: {high: {acknowledge: 1h}}",
    "name: d\nowns: [a]\ncalendar: {hours: 9-17}",
    "name: d\nowns: [a]\ncalendar: {timezone: 'Europe Berlin'}",
    "name: d\nowns: [a]\nbudget: {breaking_changes: -1, per: 90d}",
    "name: d\nowns: [a]\nbudget: {breaking_changes: 1.5, per: 90d}",
    "name: d\nowns: [a]\nbudget: {breaking_changes: 1, per: 90d, when_spent: shout}",
    "name: d\nowns: [a]\nowner: {}",
    "name: d\nowns: [a]\ncalendar: {holidays: [2026-12-24, DE, DE-BE], quiet: '20:00-08:00', around_the_clock: [low]}",
    "name: d\nowns: [a]\ncalendar: {holidays: [Germany]}",
    "name: d\nowns: [a]\ncalendar: {quiet: evening}",
    "name: d\nowns: [a]\ncalendar: {around_the_clock: [all]}",
    "name: d\nowns: [a]\ndigest: {}",
    "name: d\nowns: [a]\ndigest: {severities: [], at: 9}",
    "name: d\nowns: [a]\nladder: [{after: 4h, to: 'a:b', when: unfixed}]",
    "name: d\nowns: [a]\nladder: [{after: 4h, to: 'a:b', when: never}]",
    "name: d\nowns: [a]\nbudget: {breaking_changes: 1, per: 90d, when_spent: go-token}",
]


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_the_published_schema_is_current(name: str) -> None:
    """What lies in `schemas/` is what the model gives now; `make docs` writes it anew."""
    assert generate()[name] == (SCHEMAS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_the_published_schema_is_valid(name: str) -> None:
    """Each published schema is itself a valid JSON Schema."""
    Draft202012Validator.check_schema(json.loads(generate()[name]))


@pytest.mark.parametrize(
    ("name", "text"),
    [("subscription.v1.json", text) for text in SUBSCRIPTIONS] + [("domain.v1.json", text) for text in DOMAINS],
)
def test_schema_and_model_agree(name: str, text: str) -> None:
    """A document that one of the two accepts, the other accepts as well; what one refuses, so does the other."""
    data = _data(text)

    assert Draft202012Validator(json.loads(generate()[name])).is_valid(data) == _accepted(name, data)


@pytest.mark.parametrize(("name", "texts"), [("subscription.v1.json", SUBSCRIPTIONS), ("domain.v1.json", DOMAINS)])
def test_both_answers_are_tried(name: str, texts: list[str]) -> None:
    """The agreement is shown on documents that are accepted and on documents that are not."""
    assert {_accepted(name, _data(text)) for text in texts} == {True, False}


def test_every_part_can_tell_its_keys() -> None:
    """Each part of the documents is listed with its place, so that an unknown key in it gets its nearest."""
    parts = {
        one
        for one in vars(document).values()
        if isinstance(one, type) and one.__name__.endswith(("Part", "Document")) and not one.__name__.startswith("_")
    }

    assert parts == set(document.PARTS.values())


def _data(text: str) -> Any:
    return plain(parse(text)[0])


def _accepted(name: str, data: Any) -> bool:
    try:
        PUBLISHED[name].model_validate(data)
    except ValidationError:
        return False
    return True
