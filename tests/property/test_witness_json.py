"""JSON Schema's verdicts, held against records: those that the kit grows, checked by the `jsonschema` package.

What a registry calls compatible must read each record; where its own comparison lets something pass that it should
not, the reason is in a table here, narrowly, and the record shows it. What it calls incompatible has a record that
shows why, or is in the other table: a registry compares some things by how they are written.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, event, example, given, settings
from hypothesis import strategies as st

from tests.property.json_pairs import PLAIN, SCHEMAS, changed, every_step, hoisted, paths
from tests.property.test_jsonschema import VALUES
from watcher.compat.jsonschema import check
from watcher.formats.jsonschema import parse
from watcher.model.compatibility import Policy
from watcher.model.path import FieldPath
from watcher.model.schema import Format, SchemaText
from watcher.witness.case import Refused
from watcher.witness.json_kit import JsonKit

KIT = JsonKit()
BOUNDED = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

NOT_COMPARED: Mapping[str, str] = {
    "contains": "what an array must contain is not compared",
    "format": "formats are not compared",
    "propertyNames": "the schema of names is not compared",
    "patternProperties": "patterns of names are not compared, and beside them all other names count as closed",
    "required": "what is required is compared of properties that both sides have, and eased by a default",
    "oneOf": "a sum that gains a member is compatible, though the new member may overlap with an old one",
}
"""By keyword, why a record that the writer wrote may be invalid for a reader that the registry calls compatible."""

BY_FORM: Mapping[str, tuple[str, Any, Any]] = {
    "COMBINED_TYPE_CHANGED": (
        "the same criterion is wanted, whatever the members leave to it",
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"oneOf": [{"type": "string"}, {"type": "null"}]},
    ),
    "COMBINED_TYPE_SUBSCHEMAS_CHANGED": (
        "members are matched one to one, and two may be covered by one",
        {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
        {"anyOf": [{"type": ["integer", "boolean"]}, {"type": "null"}]},
    ),
    "EXCLUSIVE_MAXIMUM_ADDED": (
        "bounds are compared each by itself",
        {"type": "integer", "maximum": 1},
        {"type": "integer", "maximum": 1, "exclusiveMaximum": 2},
    ),
    "ITEM_ADDED_TO_OPEN_CONTENT_MODEL": (
        "what all items were is not compared with the first one",
        {"type": "array", "items": {"type": "null"}},
        {"type": "array", "items": [{"type": "null"}]},
    ),
    "MIN_ITEMS_ADDED": ("a bound of zero is a bound", {"type": "array"}, {"type": "array", "minItems": 0}),
    "MIN_LENGTH_ADDED": ("a bound of zero is a bound", {"type": "string"}, {"type": "string", "minLength": 0}),
    "MIN_PROPERTIES_ADDED": ("a bound of zero is a bound", {"type": "object"}, {"type": "object", "minProperties": 0}),
    "MULTIPLE_OF_ADDED": (
        "a multiple is compared with a multiple only",
        {"type": "integer"},
        {"type": "integer", "multipleOf": 1},
    ),
    "PATTERN_CHANGED": (
        "patterns are compared as they are written",
        {"type": "string", "pattern": "^[a]"},
        {"type": "string", "pattern": "^a"},
    ),
    "PRODUCT_TYPE_EXTENDED": (
        "a member is a member, whatever it binds",
        {"allOf": [{"type": "null"}, {"title": "t", "type": "null"}]},
        {"allOf": [{"type": "null"}, {"title": "t", "type": "null"}, {}]},
    ),
    "SUM_TYPE_NARROWED": (
        "members are counted, those too that say the same",
        {"anyOf": [{"type": "integer"}, {"type": "integer", "title": "t"}, {"type": "null"}]},
        {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    ),
    "TYPE_CHANGED": (
        "a list of values and a type are of two kinds",
        {"enum": ["a"]},
        {"type": "string"},
    ),
    "TYPE_NARROWED": (
        "a type is compared with a type only",
        {"type": "number", "multipleOf": 2},
        {"type": "integer", "multipleOf": 2},
    ),
}
"""By kind: why a pair that the registry calls incompatible may have no record that shows it, and such a pair."""


def text(document: Any) -> SchemaText:
    return SchemaText(Format.JSON, json.dumps(document))


def records(*documents: Any) -> list[Any]:
    """Records of all the schemas, with each path of any of them in each form."""
    found: dict[str, Any] = {}
    known = dict.fromkeys(path for document in documents for path in paths(document))
    for document in documents:
        for path in known:
            for record in KIT.variants(text(document), FieldPath(path)):
                found.setdefault(json.dumps(record, sort_keys=True), record)
    return list(found.values())


def read(writer: Any, reader: Any, record: Any) -> str | None:
    """What the reader has against a record of the writer's; None where it is none, or there is nothing."""
    try:
        data = KIT.write(text(writer), record)
    except Refused:
        return None
    try:
        KIT.read(data, text(writer), text(reader))
    except Refused as refused:
        return str(refused)
    return None


def leaves(errors: Iterator[Any]) -> Iterator[Any]:
    """The innermost faults that the validator finds."""
    for error in errors:
        if error.context:
            yield from leaves(error.context)
        else:
            yield error


def excused(writer: Any, reader: Any, record: Any) -> set[str]:
    """Which entries of NOT_COMPARED this record falls under."""
    checker = jsonschema.Draft7Validator(reader, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    found = set()
    for error in leaves(checker.iter_errors(record)):
        steps = {str(step) for step in error.absolute_schema_path}
        found |= steps & {"contains", "propertyNames", "patternProperties"} | ({"format"} & {error.validator})
        if error.validator == "oneOf" and "each of" in error.message:
            found.add("oneOf")
        if error.validator == "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            members = error.schema.get("properties", {})
            found |= {"required" for name in missing if name not in members or "default" in members[name]}
        if "patternProperties" in json.dumps(writer) and "properties" in steps:
            found.add("patternProperties")
    return found


@settings(BOUNDED, max_examples=5)
@example({"type": "object", "properties": {"a": {"enum": ["a", "b"]}, "b": {"type": "number"}}})
@example({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]})
@example({"type": "object", "properties": {"a": {"type": "null"}}, "additionalProperties": False})
@example({"type": "array", "items": {"type": "string", "maxLength": 2}})
@example({"anyOf": [{"type": "string"}, {"type": "null"}]})
@given(PLAIN)
def test_each_step_is_judged_rightly(writer: Any) -> None:
    """Where one keyword stands at a place, and one step is taken, the verdict and the records agree.

    What is compatible under STRICT reads each record; what is not has one that the reader refuses.
    """
    for reader in every_step(writer):
        found = check(parse(json.dumps(reader)), parse(json.dumps(writer)), Policy.STRICT)
        faults = ((record, read(writer, reader, record)) for record in records(writer, reader))
        shown = [record for record, fault in faults if fault is not None]
        if found:
            event("incompatible")
            assert shown, (writer, reader, found)
            continue
        event("compatible")
        for record in shown:
            reasons = excused(writer, reader, record)
            assert reasons, (writer, reader, record)
            assert reasons <= {"required", "oneOf"}


@settings(BOUNDED, max_examples=120)
@given(st.data())
def test_compatible_reads_each_record(data: st.DataObject) -> None:
    """What is compatible under STRICT reads each record of the writer, but for what a registry does not compare."""
    writer = data.draw(SCHEMAS)
    reader = data.draw(hoisted(data.draw(changed(writer))) | SCHEMAS)
    if check(parse(json.dumps(reader)), parse(json.dumps(writer)), Policy.STRICT):
        return
    event("compatible")
    for record in [*records(writer, reader), *data.draw(st.lists(VALUES, max_size=5))]:
        fault = read(writer, reader, record)
        if fault is not None:
            assert excused(writer, reader, record), (writer, reader, record, fault)
            event("excused")


@settings(BOUNDED, max_examples=120)
@given(SCHEMAS.flatmap(lambda document: st.tuples(hoisted(document), st.sampled_from(paths(document)))))
def test_variants_are_valid(pair: tuple[Any, str]) -> None:
    """Each record that is grown is valid, none comes twice, and the smaller ones come first."""
    document, path = pair
    found = list(KIT.variants(text(document), FieldPath(path)))

    sizes = [len(json.dumps(record)) for record in found]
    assert sizes == sorted(sizes)
    assert len({json.dumps(record, sort_keys=True) for record in found}) == len(found)
    for record in found[:60]:
        assert json.loads(KIT.write(text(document), record)) == record


CASES: list[tuple[str, Any, Any, Any]] = [
    ("contains", {"type": "array"}, {"type": "array", "contains": {"type": "null"}}, []),
    ("format", {"type": "string"}, {"type": "string", "format": "ipv4"}, ""),
    ("propertyNames", {"type": "object"}, {"type": "object", "propertyNames": {"maxLength": 1}}, {"ab": 1}),
    (
        "patternProperties",
        {"type": "object"},
        {"type": "object", "patternProperties": {"^x": {"type": "null"}}},
        {"x": 1},
    ),
    ("required", {"type": "object"}, {"type": "object", "required": ["a"]}, {}),
    ("oneOf", {"oneOf": [{"type": "integer"}]}, {"oneOf": [{"type": "integer"}, {"type": "number"}]}, 1),
]


@pytest.mark.parametrize(("keyword", "writer", "reader", "record"), CASES, ids=[case[0] for case in CASES])
def test_what_is_not_compared(keyword: str, writer: Any, reader: Any, record: Any) -> None:
    """Each entry of the table is needed: the registry calls the pair compatible, and the record is refused."""
    assert check(parse(json.dumps(reader)), parse(json.dumps(writer))) == ()
    assert read(writer, reader, record)
    assert keyword in excused(writer, reader, record)
    assert {case[0] for case in CASES} == NOT_COMPARED.keys()


@pytest.mark.parametrize("kind", BY_FORM)
def test_what_is_compared_by_form(kind: str) -> None:
    """Each entry of the table is needed: the registry refuses the pair for this alone, and no record shows why."""
    _, writer, reader = BY_FORM[kind]

    assert {one.kind for one in check(parse(json.dumps(reader)), parse(json.dumps(writer)))} == {kind}
    grown = records(writer, reader)
    assert any(read({}, writer, record) is None for record in grown)
    assert not [record for record in grown if read(writer, reader, record)]


def test_lenient_is_no_promise() -> None:
    """LENIENT takes an open object's new property for compatible: a record of before may hold anything there."""
    writer, reader = {"type": "object"}, {"type": "object", "properties": {"a": {"type": "integer"}}}
    pair = parse(json.dumps(reader)), parse(json.dumps(writer))

    assert check(*pair, Policy.STRICT)
    assert check(*pair, Policy.LENIENT) == ()
    assert any(read(writer, reader, record) for record in records(writer, reader))
