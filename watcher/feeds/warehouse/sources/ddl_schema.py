"""The published schemas of our own DDL event, Avro and JSON Schema, both written from the table in `ddl_event.py`.

Evolution within v1: members are only added, and none that is needed.
"""

from __future__ import annotations

import json
from typing import Any

from watcher.feeds.warehouse.sources.ddl_event import EVENT, Member, Plain, Record

JSON_SCHEMA_ID = "urn:schema-watcher:ddl-change:v1"
_AVRO_NAMESPACE = "io.watcher.events.v1"

_MOMENT: dict[str, Any] = {"type": "long", "logicalType": "timestamp-millis"}
_AVRO_NAME: list[Any] = ["string", {"type": "array", "items": "string"}]
_AVRO: dict[Plain, list[Any]] = {
    "text": ["string"],
    "boolean": ["boolean"],
    "moment": [_MOMENT, "string"],
    "name": _AVRO_NAME,
    "names": [{"type": "array", "items": _AVRO_NAME}],
    "texts": [{"type": "array", "items": "string"}],
    "keys": [{"type": "array", "items": {"type": "array", "items": "string"}}],
}

_TEXT: dict[str, Any] = {"type": "string"}
_NAME: dict[str, Any] = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}


def avro_schema() -> dict[str, Any]:
    """The event as an Avro schema."""

    def record(one: Record) -> dict[str, Any]:
        return {"type": "record", "name": one.name, "doc": one.doc, "fields": [field(each) for each in one.members]}

    def field(member: Member) -> dict[str, Any]:
        kind = member.kind
        written = [{"type": "array", "items": record(kind)}] if isinstance(kind, Record) else _AVRO[kind]
        document = {"name": member.name, "doc": member.doc}
        if member.needed:
            return {**document, "type": written[0] if len(written) == 1 else written}
        return {**document, "type": ["null", *written], "default": None}

    schema = record(EVENT)
    return {"type": "record", "name": schema.pop("name"), "namespace": _AVRO_NAMESPACE, **schema}


def json_schema() -> dict[str, Any]:
    """The event as a JSON Schema, 2020-12."""
    definitions: dict[str, Any] = {}

    def record(one: Record) -> dict[str, Any]:
        return {
            "type": "object",
            "description": one.doc,
            "properties": {member.name: value(member) for member in one.members},
            "required": [member.name for member in one.members if member.needed],
            "additionalProperties": False,
        }

    def value(member: Member) -> dict[str, Any]:
        document = kind(member)
        if not member.needed:
            document = {"anyOf": [*document.get("anyOf", [document]), {"type": "null"}]}
        return {"description": member.doc, **document}

    def kind(member: Member) -> dict[str, Any]:
        many: dict[str, Any] = {"type": "array", "maxItems": member.longest}
        match member.kind:
            case Record() as inner:
                definitions.setdefault(inner.name, record(inner))
                return {**many, "items": {"$ref": f"#/$defs/{inner.name}"}}
            case "text":
                return {**_TEXT, **({"minLength": 1} if member.needed else {}), "maxLength": member.longest}
            case "boolean":
                return {"type": "boolean"}
            case "moment":
                return {"anyOf": [{**_TEXT, "format": "date-time"}, {"type": "integer", "minimum": 0}]}
            case "name":
                return _NAME
            case "names":
                return {**many, "items": _NAME}
            case "texts":
                return {**many, "items": _TEXT}
            case "keys":
                return {**many, "items": {"type": "array", "items": _TEXT}}

    body = record(EVENT)
    said = [{"required": [name]} for name in ("sql", "tables", "touched")]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": JSON_SCHEMA_ID, "title": EVENT.name}
    return {**head, **body, "anyOf": said, "$defs": dict(sorted(definitions.items()))}


def files() -> dict[str, str]:
    """The files of `schemas/` that are written from here: name → text."""
    return {
        "ddl-change.v1.avsc": json.dumps(avro_schema(), indent=2) + "\n",
        "ddl-change.v1.json": json.dumps(json_schema(), indent=2) + "\n",
    }
