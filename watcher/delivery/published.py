"""The published event: one description of the breaking-change document, as Avro and as JSON Schema.

Both files in `schemas/` are written from the table below, so that they cannot drift apart. The document is the same in
both encodings, with one rule for what Avro cannot say: a value of any JSON kind (what stood before and after a change)
is, in Avro, the text of that JSON, and null where it is null. Either can be turned into the other without loss.

Evolution within v1: fields are only added, each nullable or a count with a default.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import fastavro

JSON_SCHEMA_ID = "urn:schema-watcher:breaking-change:v1"
_AVRO_NAMESPACE = "io.watcher.events.v1"

Scalar = Literal["string", "int", "boolean", "any"]


@dataclass(frozen=True, slots=True)
class Record:
    """An object with named members."""

    name: str
    doc: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Each:
    """A list of objects."""

    of: Record


@dataclass(frozen=True, slots=True)
class Field:
    """A member; `nullable` says that it may be null, never that it may be missing."""

    name: str
    type: Scalar | Record | Each
    doc: str
    nullable: bool = False
    one_of: tuple[str, ...] = ()


_CHANGE = Record(
    "Change",
    "One fact about the two schemas.",
    (
        Field("kind", "string", "What kind of fact, such as field-removed."),
        Field("path", "string", "The field's path; empty for the dataset itself."),
        Field("before", "any", "What stood there; null where nothing did."),
        Field("after", "any", "What stands there now; null where nothing does."),
    ),
)

_CONSUMER = Record(
    "Consumer",
    "Who relies on it.",
    (
        Field("domain", "string", "The consumer's domain."),
        Field("team", "string", "The team in it.", nullable=True),
        Field("contact", "string", "Where to reach it.", nullable=True),
    ),
)

_VIOLATION = Record(
    "Violation",
    "One expectation that no longer holds, or can no longer be told.",
    (
        Field("fingerprint", "string", "The violation's stable name: the same break has the same one."),
        Field("consumer", _CONSUMER, "Who relies on it."),
        Field("subscription", "string", "The contract that says so."),
        Field("criticality", "string", "How much hangs on it for them.", one_of=("low", "normal", "high", "critical")),
        Field("expectation", "string", "What kind of expectation, such as type or required."),
        Field("path", "string", "The field's path; empty for the dataset itself."),
        Field("wants", "string", "The expectation in words."),
        Field("outcome", "string", "unknown: it cannot be told.", one_of=("broken", "unknown")),
        Field("rule", "string", "The id of the rule that says so."),
        Field("message", "string", "Why, for people."),
        Field("before", "any", "What stood at the path."),
        Field("after", "any", "What stands there now."),
        Field("change", _CHANGE, "The change that caused it; null where none can be named.", nullable=True),
    ),
)

_INCOMPATIBILITY = Record(
    "Incompatibility",
    "One reason why a reader cannot read what a writer wrote.",
    (
        Field("kind", "string", "The format's own name for it."),
        Field("path", "string", "Where, as a JSON pointer."),
        Field("message", "string", "Why, for people."),
    ),
)

_VERSION = Record(
    "Version",
    "The subject's versions on either side of the step.",
    (
        Field("before", "int", "The version that was judged last.", nullable=True),
        Field("after", "int", "The version that stands now.", nullable=True),
    ),
)

_REGISTRY = Record(
    "Registry",
    "What the schema registry's own check says of the same step.",
    (
        Field("level", "string", "The compatibility level in force.", nullable=True),
        Field("compatible", "boolean", "Null where it cannot be told.", nullable=True),
        Field("incompatibilities", Each(_INCOMPATIBILITY), "Why it is not."),
    ),
)

_CONSUMERS = Record(
    "Consumers",
    "How many contracts in force there are on the dataset.",
    (Field("asked", "int", "All of them."), Field("affected", "int", "Those with a violation.")),
)

_OMITTED = Record(
    "Omitted",
    "How much was left out because the event would have been too large to be taken; all 0 in most events.",
    (
        Field("values", "int", "Values that were cut."),
        Field("changes", "int", "Changes that are missing."),
        Field("violations", "int", "Violations that are missing."),
        Field("incompatibilities", "int", "Incompatibilities that are missing."),
    ),
)

DOCUMENT = Record(
    "BreakingChange",
    "A schema change that breaks what consumers rely on: what changed, whom it breaks, and why.",
    (
        Field("id", "string", "The judged step; the same step has the same id."),
        Field("dataset", "string", "What consumers read: namespace and name."),
        Field("domain", "string", "Who produces it, and answers for it."),
        Field("subject", "string", "The name under which the registry versions its schema."),
        Field("ticket", "string", "The domain's ticket.", nullable=True),
        Field(
            "severity",
            "string",
            "The highest criticality of those affected.",
            one_of=("low", "normal", "high", "critical"),
        ),
        Field("at", "string", "When the change was made: RFC 3339, UTC."),
        Field("position", "string", "Where it was read: source/partition@offset."),
        Field("version", _VERSION, "The subject's versions."),
        Field("registry", _REGISTRY, "The registry's own verdict."),
        Field("changes", Each(_CHANGE), "The facts."),
        Field("violations", Each(_VIOLATION), "Whom it breaks, and why."),
        Field("consumers", _CONSUMERS, "How many were asked."),
        Field("omitted", _OMITTED, "What was left out."),
    ),
)


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
        return {**document, "default": None} if field.nullable or field.type == "any" else document

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
        value = body[field.name]
        match field.type:
            case Record() as inner:
                turned[field.name] = None if value is None else _texts(inner, value, turn)
            case Each(of):
                turned[field.name] = [_texts(of, one, turn) for one in value]
            case kind:
                turned[field.name] = None if value is None else turn(value, kind == "any")
    return turned


def _written(value: Any, any_kind: bool) -> Any:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if any_kind else value


def _read(value: Any, any_kind: bool) -> Any:
    return json.loads(value) if any_kind else value
