"""Classification tags: read from each format where it is documented to have them, sorted, each once."""

from typing import Any

import orjson
import pytest

from watcher.formats import avro, jsonschema, protobuf
from watcher.model.schema import Schema
from watcher.model.types import Record


def tags(schema: Schema) -> dict[str, tuple[str, ...]]:
    root = schema.resolve(schema.root)
    assert isinstance(root, Record)
    return {field.name: field.classes for field in root.fields}


def of_avro(written: Any) -> Schema:
    field = {"name": "email", "type": "string", "confluent:tags": written}
    return avro.parse(orjson.dumps({"type": "record", "name": "Order", "fields": [field]}).decode())


def of_json(written: Any) -> Schema:
    field = {"type": "string", "confluent:tags": written}
    return jsonschema.parse(orjson.dumps({"type": "object", "properties": {"email": field}}).decode())


@pytest.mark.parametrize("parse", [of_avro, of_json])
@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["PII"], ("PII",)),
        (["PII", "GDPR", "PII"], ("GDPR", "PII")),
        ([], ()),
        ("PII", ()),
        (5, ()),
        ([5, None, "PII"], ("PII",)),
    ],
)
def test_inline_tags_are_read(parse: Any, written: Any, read: tuple[str, ...]) -> None:
    """`confluent:tags` of a field are its tags; what is no list of texts is left alone, as any unknown attribute is."""
    assert tags(parse(written)) == {"email": read}


def test_an_avro_field_that_was_read_before_keeps_its_own_tags() -> None:
    """Two versions of a record whose field differs by its tags alone are told apart."""
    assert [tags(of_avro(one))["email"] for one in (["PII"], [], ["PII"])] == [("PII",), (), ("PII",)]


def test_a_property_has_the_tags_of_its_definition() -> None:
    """What a definition is classified as, each property that refers to it is."""
    text = """{"type": "object", "$defs": {"Mail": {"type": "string", "confluent:tags": ["PII"]}},
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "properties": {"a": {"$ref": "#/$defs/Mail"}, "b": {"$ref": "#/$defs/Mail", "confluent:tags": ["B"]}}}"""

    assert tags(jsonschema.parse(text)) == {"a": ("PII",), "b": ("B", "PII")}


PROTO = """{}
import "confluent/meta.proto";
message Order {{
  string id = 1;
  string email = 2 [(confluent.field_meta).tags = "PII", (confluent.field_meta).tags = "GDPR", deprecated = true];
  repeated string note = 3 [(confluent.field_meta) = {{ tags: ["PII", "PII"], doc: "free text" }}];
  map<string, string> more = 4 [(confluent.field_meta).doc = "PII"];
}}
"""


@pytest.mark.parametrize("head", ['syntax = "proto3";', 'edition = "2023";'])
def test_the_tags_of_a_protobuf_field_are_read(head: str) -> None:
    """`(confluent.field_meta).tags` are a field's tags, one by one or as a message; nothing else in it is."""
    assert tags(protobuf.parse(PROTO.format(head))) == {
        "id": (),
        "email": ("GDPR", "PII"),
        "note": ("PII",),
        "more": (),
    }
