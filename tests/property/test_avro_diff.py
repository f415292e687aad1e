"""The diff of any two schemas: empty of equal ones, never silent about others, and the same each time."""

import json
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.property.avro_schemas import pairs, schemas, shuffled, text
from watcher.diff import diff
from watcher.diff.render import to_json
from watcher.formats.avro import parse
from watcher.model.schema import Schema
from watcher.model.types import Enum

MIRRORED = {
    "field-added": "field-removed",
    "type-widened": "type-narrowed",
    "nullability-loosened": "nullability-tightened",
    "default-added": "default-removed",
    "enum-value-added": "enum-value-removed",
    "branch-added": "branch-removed",
}
MIRROR = MIRRORED | {other: one for one, other in MIRRORED.items()}


@given(schemas(), st.data())
def test_equal_schemas(schema: Any, data: st.DataObject) -> None:
    """Between a schema and itself, in whatever words, there is no change."""
    mixed = shuffled(data.draw, schema, fields=False)

    assert diff(parse(text(schema)), parse(text(schema))) == ()
    assert diff(parse(text(schema)), parse(text(mixed))) == ()


@given(pairs())
def test_no_silence(pair: tuple[Any, Any]) -> None:
    """Where two schemas differ in more than the order of an enum's values or a union's branches, there is a change."""
    before, after = (parse(text(one)) for one in pair)

    if _plain(before) != _plain(after):
        assert diff(before, after) != ()


@given(pairs())
def test_mirrored(pair: tuple[Any, Any]) -> None:
    """Backwards the same places are told, with the opposite facts."""
    before, after = (parse(text(one)) for one in pair)

    there = Counter(MIRROR.get(one.kind, one.kind) for one in diff(before, after))
    assert there == Counter(one.kind for one in diff(after, before))


@given(pairs())
def test_same_each_time(pair: tuple[Any, Any]) -> None:
    """The changes, their order and their JSON are the same each time, each change once."""
    first, second = ([to_json(one, "d") for one in diff(parse(text(pair[0])), parse(text(pair[1])))] for _ in range(2))

    assert first == second
    written = [json.dumps(one) for one in first]
    assert len(set(written)) == len(written)


def _plain(schema: Schema) -> Any:
    """The schema without what is no change: enum values in one order."""
    return schema.root, {
        name: Enum(tuple(sorted(one.symbols)), one.name, one.default, one.aliases) if isinstance(one, Enum) else one
        for name, one in schema.named.items()
    }
