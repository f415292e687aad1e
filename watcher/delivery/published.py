"""The published event: one description of the breaking-change document, as Avro and as JSON Schema.

Both files in `schemas/` are written from the table in `event_table.py`, so that they cannot drift apart. The document
is the same in both encodings, with one rule for what Avro cannot say: a value of any JSON kind (what stood before and
after a change) is, in Avro, the text of that JSON, and null where it is null. Either can be turned into the other
without loss.

Evolution within v1: fields are only added, each nullable, or a list or count that is empty where it is missing.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import fastavro

from watcher.delivery.event_table import DOCUMENT, Each, Field, Record, Scalar

JSON_SCHEMA_ID = "urn:schema-watcher:breaking-change:v1"
_AVRO_NAMESPACE = "io.watcher.events.v1"


def avro_schema() -> dict[str, Any]:
    """The document as an Avro schema."""
    named: set[str] = set()

    def type_of(kind: Scalar | Record | Each) -> Any:
        match kind:
            case Record():
                if kind.name in named:
                    return kind.name
                named.add(kind.name)
                return {
                    "type": "record",
                    "name": kind.name,
                    "doc": kind.doc,
                    "fields": [field_of(field) for field in kind.fields],
                }
            case Each(of):
                return {"type": "array", "items": type_of(of)}
            case "any":
                return ["null", "string"]
            case _:
                return kind

    def field_of(field: Field) -> dict[str, Any]:
        written = type_of(field.type)
        doc = f"{field.doc} The text of its JSON." if field.type == "any" else field.doc
        if field.nullable:
            written = ["null", written]
        document = {"name": field.name, "doc": doc, "type": written}
        if field.nullable or field.type == "any":
            return {**document, "default": None}
        return {**document, "default": [] if isinstance(field.type, Each) else 0} if field.later else document

    schema: dict[str, Any] = type_of(DOCUMENT)
    return {"type": "record", "name": schema.pop("name"), "namespace": _AVRO_NAMESPACE, **schema}


def json_schema() -> dict[str, Any]:
    """The document as a JSON Schema, 2020-12."""
    definitions: dict[str, Any] = {}

    def type_of(kind: Scalar | Record | Each) -> dict[str, Any]:
        match kind:
            case Record():
                definitions.setdefault(kind.name, object_of(kind))
                return {"$ref": f"#/$defs/{kind.name}"}
            case Each(of):
                return {"type": "array", "items": type_of(of)}
            case "any":
                return {}
            case "int":
                return {"type": "integer", "minimum": 0}
            case _:
                return {"type": kind}

    def object_of(record: Record) -> dict[str, Any]:
        return {
            "type": "object",
            "description": record.doc,
            "properties": {field.name: property_of(field) for field in record.fields},
            "required": [field.name for field in record.fields],
            "additionalProperties": False,
        }

    def property_of(field: Field) -> dict[str, Any]:
        document = type_of(field.type)
        if field.one_of:
            document["enum"] = list(field.one_of)
        if field.name == "at":
            document["format"] = "date-time"
        if field.nullable:
            document = {"anyOf": [document, {"type": "null"}]}
        return {"description": field.doc, **document}

    body = object_of(DOCUMENT)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": JSON_SCHEMA_ID, "title": DOCUMENT.name}
    return {**head, **body, "$defs": dict(sorted(definitions.items()))}


def files() -> dict[str, str]:
    """The files of `schemas/` that are written from here: name → text."""
    return {
        "breaking-change.v1.avsc": json.dumps(avro_schema(), indent=2) + "\n",
        "breaking-change.v1.json": json.dumps(json_schema(), indent=2) + "\n",
    }


@cache
def avro_text() -> str:
    """The Avro schema as it is registered."""
    return json.dumps(avro_schema(), separators=(",", ":"))


@cache
def _parsed() -> Any:
    return fastavro.parse_schema(avro_schema())


def to_avro(body: dict[str, Any]) -> bytes:
    """A body as an Avro datum, without framing."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, _parsed(), _texts(DOCUMENT, body, _written))
    return out.getvalue()


def from_avro(datum: bytes) -> dict[str, Any]:
    """The body that `to_avro` wrote."""
    body: dict[str, Any] = _texts(DOCUMENT, fastavro.schemaless_reader(io.BytesIO(datum), _parsed(), None), _read)
    return body


def _texts(record: Record, body: Any, turn: Callable[[Any, bool], Any]) -> Any:
    """The body with each value of any kind turned into its text, or back."""
    turned = {}
    for field in record.fields:
        value = _empty(field) if field.later and field.name not in body else body[field.name]
        match field.type:
            case Record() as inner:
                turned[field.name] = None if value is None else _texts(inner, value, turn)
            case Each("string"):
                turned[field.name] = list(value)
            case Each(Record() as inner):
                turned[field.name] = [_texts(inner, one, turn) for one in value]
            case kind:
                turned[field.name] = None if value is None else turn(value, kind == "any")
    return turned


def _empty(field: Field) -> Any:
    """What a body from before the field was there holds in it: such a body may still wait to be sent."""
    if field.nullable:
        return None
    return [] if isinstance(field.type, Each) else 0


def _written(value: Any, any_kind: bool) -> Any:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if any_kind else value


def _read(value: Any, any_kind: bool) -> Any:
    return json.loads(value) if any_kind else value
