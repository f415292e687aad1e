"""Reading a schema's text by its format: the one place that knows which formats can be read."""

from __future__ import annotations

from watcher.formats import avro, jsonschema, protobuf
from watcher.model.schema import Format, Schema, SchemaText

READABLE = frozenset({Format.AVRO, Format.JSON, Format.PROTOBUF})
"""Formats that people write schemas in. A table is read as the watcher itself writes it down, and no other way."""


def read_registered(text: SchemaText) -> Schema:
    """The canonical schema of a text that a registry holds: what it checks only at registration is not asked again."""
    return read_schema(text, proposed=False)


def read_schema(text: SchemaText, *, proposed: bool = True) -> Schema:
    """The canonical schema of a text; raises SchemaError where it cannot be read, or could not be registered."""
    match text.format:
        case Format.AVRO:
            return avro.parse(text.text, text.references, check_defaults=proposed)
        case Format.JSON:
            return jsonschema.parse(text.text, text.references)
        case Format.PROTOBUF:
            return protobuf.parse(text.text, text.references)
        case Format.SQL:
            from watcher.formats.sql.document import read_table  # noqa: PLC0415 - the parser of SQL is slow to load

            return read_table(text.text)
