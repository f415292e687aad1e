"""Fragments of Avro, JSON Schema and Protobuf that mend a schema; nothing where not all that stands in one is known."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_NULLABLE = " | null"
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_AVRO_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = frozenset({"int", "long", "float", "double", "string", "bytes", "boolean"})
_LOGICAL: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "date": ("int", "date"),
        "uuid": ("string", "uuid"),
        "time(ms)": ("int", "time-millis"),
        "time(us)": ("long", "time-micros"),
        "timestamp(ms)": ("long", "timestamp-millis"),
        "timestamp(us)": ("long", "timestamp-micros"),
        "local-timestamp(ms)": ("long", "local-timestamp-millis"),
        "local-timestamp(us)": ("long", "local-timestamp-micros"),
    }
)
_JSON: Mapping[str, str] = MappingProxyType(
    {"integer": "integer", "string": "string", "boolean": "boolean", "double": "number"}
)

CLOSED = '{"additionalProperties": false}'


def avro_field(name: str, declared: Mapping[str, Any]) -> str:
    """The field as it was; empty where its type has a name or members that are not told."""
    text = declared.get("type")
    type_ = avro_type(text) if isinstance(text, str) else None
    if type_ is None or not _AVRO_NAME.fullmatch(name):
        return ""
    made: dict[str, Any] = {"name": name, "type": type_}
    if "default" in declared:
        made["default"] = declared["default"]
        if isinstance(type_, list) and declared["default"] is not None:
            made["type"] = type_[::-1]  # a default is of the first branch
    return json_text(made)


def avro_type(text: str) -> Any:
    """A type's text as Avro writes it, null first; None where it cannot be told from the text alone."""
    if text.endswith(_NULLABLE):
        inner = avro_type(text.removesuffix(_NULLABLE))
        return None if inner is None or isinstance(inner, list) else ["null", inner]
    if text in _PLAIN:
        return text
    if text in _LOGICAL:
        base, logical = _LOGICAL[text]
        return {"type": base, "logicalType": logical}
    found = _DECIMAL.fullmatch(text)
    if found:
        return {"type": "bytes", "logicalType": "decimal", "precision": int(found[1]), "scale": int(found[2])}
    return None


def avro_alias(old: str, new: str) -> str:
    """What a field of a reader's schema says to be filled from one of another name."""
    return json_text({"name": old, "aliases": [new]})


def json_property(name: str, declared: Mapping[str, Any]) -> str:
    """The property as it was, and whether it was required; empty where its type is not a plain one."""
    text = declared.get("type")
    if not isinstance(text, str):
        return ""
    bare = text.removesuffix(_NULLABLE)
    if bare not in _JSON:
        return ""
    type_: Any = [_JSON[bare], "null"] if text.endswith(_NULLABLE) else _JSON[bare]
    shape: dict[str, Any] = {"type": type_}
    if "default" in declared:
        shape["default"] = declared["default"]
    made: dict[str, Any] = {"properties": {name: shape}}
    if declared.get("required") is not False:
        made["required"] = [name]
    return json_text(made)


def json_constraints(was: Mapping[str, Any]) -> str:
    """Keywords that were stated; empty where one is none of JSON Schema's own."""
    return json_text(dict(was)) if was and set(was) <= _KEYWORDS else ""


_KEYWORDS = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern"}
    | {"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "format"}
)


def json_kind(was: Mapping[str, Any]) -> str:
    """The type on which such keywords are stated."""
    for type_, words in _KINDS.items():
        if set(was) & words:
            return type_
    return "string"


_KINDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
        "array": frozenset({"minItems", "maxItems", "uniqueItems"}),
        "object": frozenset({"minProperties", "maxProperties"}),
    }
)


def reserved(name: str) -> str:
    """A name that no later field may take; the number is to be added by who knows it."""
    return f'reserved "{name}";' if _AVRO_NAME.fullmatch(name) else ""


def json_text(value: Any) -> str:
    """A fragment as it is written into a schema."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return ""
