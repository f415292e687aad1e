"""No noise: what says nothing of the data flips nothing, and is no fact that anyone has to hear of, in any format."""

import copy
import json
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property import avro_schemas, protobuf_schemas, test_jsonschema
from tests.property.any_schemas import json_pairs, rich_pairs
from tests.property.test_verdicts import CONTRACTS, DATASET, SCHEMA_PAIRS, contract
from watcher.diff import diff
from watcher.diff.apply import apply
from watcher.diff.noise import is_noise
from watcher.formats import avro, jsonschema, protobuf
from watcher.model.catalogue import Catalogue
from watcher.model.change import FieldRenamed
from watcher.model.contract import ClosedShape, Expectation
from watcher.model.schema import Schema
from watcher.model.verdict import DatasetState
from watcher.rules.evaluate import flips, heals, judge

WORDS = {"title": "t", "description": "d", "$comment": "c", "examples": ["e"], "deprecated": True, "x-owner": "me"}
OPPOSITE = {
    "type-widened": "type-narrowed",
    "nullability-loosened": "nullability-tightened",
    "field-added": "field-removed",
    "branch-added": "branch-removed",
    "default-added": "default-removed",
    "enum-value-added": "enum-value-removed",
    "class-added": "class-removed",
    "key-added": "key-removed",
}
MIRROR = OPPOSITE | {other: one for one, other in OPPOSITE.items()}


def assert_silent(before: Schema, after: Schema, expectations: list[Expectation]) -> None:
    """Nothing is told that anyone has to hear of, and no verdict is another."""
    changes = diff(before, after)
    by_position = any(isinstance(one, ClosedShape) for one in expectations)
    one = contract([each for each in expectations if not isinstance(each, ClosedShape)] or expectations[:0])
    states = DatasetState(before), DatasetState(after)

    if one.expectations and not by_position:
        touched = Catalogue([one]).touching(DATASET, changes)
        branches = any("<" in each.path for each in one.expectations)
        assert changes == () or branches or is_noise(changes, touched)
    assert flips(one, DATASET, *states, changes) == ()
    assert heals(one, DATASET, *states) == ()


def noisy(node: Any, *, renamed: bool) -> Any:
    """An Avro schema with words, custom properties and an order in every place, and in another namespace."""
    if isinstance(node, list):
        return [noisy(one, renamed=renamed) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: noisy(value, renamed=renamed) for key, value in node.items() if key not in ("default", "symbols")}
    made |= {key: node[key] for key in ("default", "symbols") if key in node}
    if node.get("type") == "record" and renamed:
        made["namespace"] = "org.other"
    if "fields" in node or node.get("type") == "enum":
        made["doc"] = "words"
    return {**made, "x-owner": "me"}


@given(avro_schemas.schemas(), CONTRACTS, st.booleans(), st.data())
def test_avro(schema: Any, expectations: list[Expectation], renamed: bool, data: st.DataObject) -> None:
    """Documentation, custom properties, the order of keys, a namespace, the order of fields."""
    other = avro_schemas.shuffled(data.draw, noisy(copy.deepcopy(schema), renamed=renamed), fields=True)
    before, after = (avro.parse(avro_schemas.text(one)) for one in (schema, other))

    assert_silent(before, after, expectations)


@settings(max_examples=30, deadline=None)
@given(protobuf_schemas.plans(), CONTRACTS, st.integers())
def test_protobuf(plan: protobuf_schemas.Plan, expectations: list[Expectation], seed: int) -> None:
    """Comments, options that mean nothing on the wire, the order of fields and of messages, the package."""
    turned = plan.text(Random(seed)).replace("package p;", 'package p.v2; option java_package = "p";')
    before, same, moved = (protobuf.parse(text) for text in (plan.text(), plan.text(Random(seed)), turned))

    assert diff(before, same) == ()
    assert_silent(before, moved, expectations)


def worded(node: Any, *, schema: bool = True) -> Any:
    """A JSON Schema with words wherever it takes some, its keys in the opposite order."""
    if isinstance(node, list):
        return [worded(one) if isinstance(one, dict) else one for one in node]
    if not isinstance(node, dict):
        return node
    places = ("properties", "definitions")
    data = ("enum", "const", "default")
    made = {
        key: value if schema and key in data else worded(value, schema=not (schema and key in places))
        for key, value in reversed(node.items())
    }
    return {**made, **WORDS} if schema and "$ref" not in node else made


@given(json_pairs(test_jsonschema.SCHEMAS), CONTRACTS)
def test_json_schema(pair: tuple[str, str], expectations: list[Expectation]) -> None:
    """Titles, descriptions, comments, examples, unknown keywords, the order of keys: no fact at all."""
    text = pair[0]
    before, after = jsonschema.parse(text), jsonschema.parse(json.dumps(worded(json.loads(text)), indent=1))

    assert diff(before, after) == ()
    assert_silent(before, after, expectations)


@settings(max_examples=100)
@given(SCHEMA_PAIRS | rich_pairs(), CONTRACTS)
def test_no_fact_no_other_verdict(pair: tuple[Schema, Schema], expectations: list[Expectation]) -> None:
    """Two schemas of which the diff has nothing to say get the same verdicts, whatever is asked of them."""
    before, after = pair
    again = apply(diff(before, after), before)

    assert diff(again, after) == ()
    for each in expectations:
        one, other = (judge(each, DatasetState(schema), before) for schema in (again, after))
        assert (one.outcome, one.rule) == (other.outcome, other.rule)


@settings(max_examples=100)
@given(rich_pairs())
def test_backwards(pair: tuple[Schema, Schema]) -> None:
    """Backwards each fact is its opposite, each rename as sure as forwards and for the same reason."""
    there, back = diff(*pair), diff(*reversed(pair))

    assert sorted(MIRROR.get(one.kind, one.kind) for one in there) == sorted(one.kind for one in back)
    assert _renames(there) == _renames(back)


def _renames(changes: tuple[Any, ...]) -> list[tuple[float, str]]:
    return sorted((one.confidence, one.evidence) for one in changes if isinstance(one, FieldRenamed))


@given(SCHEMA_PAIRS | rich_pairs(), CONTRACTS, st.randoms(use_true_random=False))
def test_the_order_of_clauses_does_not_matter(
    pair: tuple[Schema, Schema], expectations: list[Expectation], chance: Random
) -> None:
    """Whatever is said first in a contract, the same violations come of it."""
    before, after = (DatasetState(one) for one in pair)
    changes = diff(*pair)
    turned = chance.sample(expectations, len(expectations))
    found, again = (flips(contract(those), DATASET, before, after, changes) for those in (expectations, turned))

    assert {one.fingerprint for one in found} == {one.fingerprint for one in again}


@given(rich_pairs())
def test_nothing_of_itself(pair: tuple[Schema, Schema]) -> None:
    """A schema differs in nothing from itself, nor from one that is made alike."""
    before = pair[0]

    assert diff(before, before) == ()
    assert diff(before, Schema(before.format, copy.deepcopy(before.root))) == ()
