"""The facts are all of it: applied to the shape before they give the shape after, in every format."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property import avro_schemas, protobuf_schemas, test_jsonschema, test_verdicts
from tests.property.any_schemas import json_pairs, plain, rich_pairs
from watcher.diff import diff
from watcher.diff.apply import apply, same
from watcher.formats import avro, jsonschema, protobuf
from watcher.model.schema import Schema


def assert_applied(before: Schema, after: Schema) -> None:
    """What came of it is the schema after: to the diff, and to the eye."""
    found = apply(diff(before, after), before)

    assert diff(found, after) == ()
    assert diff(after, found) == ()
    assert found is not None
    assert plain(found) == plain(after)


@settings(max_examples=100)
@given(avro_schemas.pairs())
def test_avro(pair: tuple[Any, Any]) -> None:
    """Of an Avro schema and what came of it by a few changes."""
    before, after = (avro.parse(avro_schemas.text(one)) for one in pair)

    assert_applied(before, after)
    assert_applied(after, before)


@given(avro_schemas.schemas(), avro_schemas.schemas())
def test_any_two_avro_schemas(one: Any, other: Any) -> None:
    """Of two that have nothing to do with each other."""
    assert_applied(avro.parse(avro_schemas.text(one)), avro.parse(avro_schemas.text(other)))


@settings(max_examples=30, deadline=None)
@given(protobuf_schemas.plans(), st.data())
def test_protobuf(plan: protobuf_schemas.Plan, data: st.DataObject) -> None:
    """Of a Protobuf file and what a producer made of it: tags, encodings, enum numbers."""
    before, after = (protobuf.parse(one.text()) for one in (plan, data.draw(protobuf_schemas.changed(plan))))

    assert_applied(before, after)


@settings(max_examples=100)
@given(json_pairs(test_jsonschema.SCHEMAS))
def test_json_schema(pair: tuple[str, str]) -> None:
    """Of two JSON Schemas: objects, arrays, unions, enums, bounds, content."""
    before, after = (jsonschema.parse(one) for one in pair)

    assert_applied(before, after)


@settings(max_examples=100)
@given(rich_pairs())
def test_keys_tags_bounds_and_ids(pair: tuple[Schema, Schema]) -> None:
    """Of tables with keys, classification, constraints, column ids, and members that trade names."""
    assert_applied(*pair)


@given(test_verdicts.SCHEMA_PAIRS)
def test_shared_and_recursive_types(pair: tuple[Schema, Schema]) -> None:
    """Of records that refer to shared ones and to themselves, where a change is told at its outermost place."""
    assert_applied(*pair)


def test_a_dataset_that_is_not_there() -> None:
    """A dataset comes and goes whole."""
    schema = avro.parse('"int"')

    assert apply(diff(None, schema), None) == schema
    assert apply(diff(schema, None), schema) is None
    assert apply((), None) is None
    assert same(None, None)
    assert not same(schema, None)
