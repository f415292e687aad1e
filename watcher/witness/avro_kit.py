"""Avro for witnesses: records that a schema allows, written and read by fastavro, with nothing of ours in between.

A schema that refers to others, or uses a name before it defines it, is given to the library as one text in which each
name is defined where it is met first.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import fastavro
from fastavro.validation import validate

from watcher.formats import avro
from watcher.formats.avro.text import read_tree
from watcher.model.errors import SchemaError, UsageError
from watcher.model.path import FieldPath, steps
from watcher.model.schema import SchemaText
from watcher.witness.avro_kit_grow import grow
from watcher.witness.avro_kit_whole import whole
from watcher.witness.case import Refused
from watcher.witness.plain import extent, nodes

MAX_TEXT = 500_000
"""Characters of a schema with all that it refers to; the largest that people use have a tenth of it."""

_TOLD = 300
_PYTHON = re.compile(r"<class '(?:[\w]+\.)*(\w+)'>")
_ABSENT = re.compile(r"Field\(([^()]*)\) is None expected")
_HELD = re.compile(r"expected \{'type': '(\w+)'[^\"]*")
"""A whole schema as the library holds it; its type says enough."""

_WORDS = MappingProxyType(
    {
        "str": "string",
        "int": "integer",
        "float": "number",
        "bool": "boolean",
        "bytes": "bytes",
        "NoneType": "null",
        "dict": "record or map",
        "list": "array",
        "tuple": "value of a named branch",
        "Decimal": "decimal",
        "datetime": "timestamp",
        "UUID": "uuid",
        "date": "date",
        "time": "time",
    }
)
"""What the library calls by its own language, in the words of schemas."""


class AvroKit:
    """fastavro, as witnesses need it."""

    @property
    def library(self) -> str:
        """Name and version."""
        return f"fastavro {fastavro.__version__}"

    def variants(self, schema: SchemaText, path: FieldPath) -> Iterator[Any]:
        """Records that the schema allows, smallest first; at the root, each of its parts takes each form in turn."""
        try:
            grown = grow(avro.parse(schema.text, schema.references), steps(path))
            found = {repr(record): record for record in grown}  # equal values of two types are two
        except (SchemaError, UsageError) as error:
            raise Refused(_one_line(error)) from None
        yield from sorted(found.values(), key=lambda record: (nodes(record), extent(record)))

    def write(self, schema: SchemaText, record: Any) -> bytes:
        """The record's bytes, once the library's own validation has let it pass."""
        parsed = _parsed(schema)
        out = io.BytesIO()
        try:
            validate(_untold(record), parsed, strict=True)
            fastavro.schemaless_writer(out, parsed, record)
        except Exception as error:  # noqa: BLE001 - whatever the library raises is its answer
            raise Refused(_one_line(error)) from None
        return out.getvalue()

    def read(self, data: bytes, writer: SchemaText, reader: SchemaText | None = None) -> Any:
        """What the library makes of the bytes, resolved into the reader's schema where one is given."""
        its, mine = _parsed(writer), None if reader is None else _parsed(reader)
        rest = io.BytesIO(data)
        try:
            found = fastavro.schemaless_reader(rest, its, mine, return_named_type=True)
        except Exception as error:  # noqa: BLE001 - as above
            raise Refused(_one_line(error)) from None
        left = len(data) - rest.tell()
        if left:
            raise Refused(f"{left} bytes are left over")
        return found


def _untold(value: Any) -> Any:
    """The value without the names of branches that are no records: the library's validation knows only those."""
    if isinstance(value, tuple):
        name, inner = value
        told = isinstance(inner, dict) and name != "map"
        return (name, _untold(inner)) if told else _untold(inner)
    if isinstance(value, dict):
        return {key: _untold(one) for key, one in value.items()}
    return [_untold(one) for one in value] if isinstance(value, list) else value


@lru_cache(maxsize=64)
def _parsed(schema: SchemaText) -> Any:
    """The schema as the library holds it. Raises Refused."""
    size = len(schema.text) + sum(len(text) for _, text in schema.references)
    if size > MAX_TEXT:
        raise Refused(f"the schema has {size} characters, and witnesses are sought in {MAX_TEXT} at most")
    try:
        tree = read_tree(schema.text)
        if not schema.references:
            try:
                return fastavro.parse_schema(tree)
            except fastavro.schema.UnknownType:  # perhaps a name that is used before it is defined
                pass
        return fastavro.parse_schema(whole(tree, [read_tree(text) for _, text in schema.references]))
    except Exception as error:  # noqa: BLE001 - as above
        raise Refused(_one_line(error)) from None


def _one_line(error: Exception) -> str:
    told = " ".join((str(error) or type(error).__name__).split()).removeprefix('[ "').removesuffix('" ]')
    told = _PYTHON.sub(lambda found: _WORDS.get(found[1], "value"), told)
    told = _ABSENT.sub(r"\1 is null, expected", told)
    told = _HELD.sub(r"expected \1", told)
    return told if len(told) <= _TOLD else f"{told[:_TOLD]}…"
