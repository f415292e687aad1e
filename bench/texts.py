"""Texts for the benchmarks: the same record, said in each format, with one field that changes and one that comes."""

from __future__ import annotations

import json
from typing import Any

from watcher.model.schema import Format

_AVRO: tuple[Any, ...] = (
    "string",
    "long",
    ["null", "string"],
    "double",
    {"type": "long", "logicalType": "timestamp-millis"},
    "int",
    {"type": "array", "items": "string"},
    "boolean",
    ["null", "long"],
    "bytes",
)
_JSON: tuple[dict[str, Any], ...] = (
    {"type": "string"},
    {"type": "integer"},
    {"type": ["string", "null"]},
    {"type": "number", "minimum": 0},
    {"type": "string", "format": "date-time"},
    {"type": "integer", "maximum": 1000},
    {"type": "array", "items": {"type": "string"}},
    {"type": "boolean"},
    {"enum": ["a", "b", "c"]},
    {"type": "string", "maxLength": 20},
)
_PROTOBUF = (
    "string",
    "int64",
    "optional string",
    "double",
    "fixed64",
    "int32",
    "repeated string",
    "bool",
    "optional int64",
    "bytes",
)
FORMATS = (Format.AVRO, Format.JSON, Format.PROTOBUF)


VERSIONS = 10
"""Pairs that one subject has: they share their names, but for the field that tells their versions apart."""


def pair(format_: Format, fields: int, number: int = 0) -> tuple[str, str]:
    """A schema and its next version: a field in the middle takes a wider type, and one comes at the end.

    Pairs of different numbers have no text in common, and those of different subjects no name of a field.
    """
    return _text(format_, fields, number, wide=False), _text(format_, fields, number, wide=True)


def changed(fields: int) -> int:
    """The place of the field that changes: one that is an integer of 32 bits, in the middle."""
    return fields // 2 // len(_AVRO) * len(_AVRO) + 5


def _text(format_: Format, fields: int, number: int, *, wide: bool) -> str:
    subject, version = divmod(number, VERSIONS)
    names = [f"field_{subject}_{place}" for place in range(fields - 1)] + [f"since_{subject}_{version}"]
    match format_:
        case Format.AVRO:
            return _avro(names, fields, wide=wide)
        case Format.JSON:
            return _json(names, fields, wide=wide)
        case _:
            return _protobuf(names, fields, wide=wide)


def _avro(names: list[str], fields: int, *, wide: bool) -> str:
    members = [_avro_field(name, _AVRO[place % len(_AVRO)]) for place, name in enumerate(names)]
    if wide:
        members[changed(fields)]["type"] = "long"
        members.append(_avro_field(f"{names[0]}_more", ["null", "string"]))
    return json.dumps({"type": "record", "name": "Order", "namespace": "shop", "fields": members})


def _avro_field(name: str, type_: Any) -> dict[str, Any]:
    return {"name": name, "type": type_, "default": None} if isinstance(type_, list) else {"name": name, "type": type_}


def _json(names: list[str], fields: int, *, wide: bool) -> str:
    members = {name: dict(_JSON[place % len(_JSON)]) for place, name in enumerate(names)}
    if wide:
        members[names[changed(fields)]] = {"type": "integer", "maximum": 100_000}
        members[f"{names[0]}_more"] = {"type": "string"}
    return json.dumps(
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "properties": members,
            "required": names[:2],
            "additionalProperties": False,
        }
    )


def _protobuf(names: list[str], fields: int, *, wide: bool) -> str:
    members = [f"{_PROTOBUF[place % len(_PROTOBUF)]} {name} = {place + 1};" for place, name in enumerate(names)]
    if wide:
        at = changed(fields)
        members[at] = f"int64 {names[at]} = {at + 1};"
        members.append(f"string {names[0]}_more = {fields + 1};")
    body = "\n  ".join(members)
    return f'syntax = "proto3";\npackage shop;\n\nmessage Order {{\n  {body}\n}}\n'
