"""JSON for witnesses: records that a JSON Schema allows, and what the `jsonschema` package says of them.

A record is written as it is, once the validator of the schema's draft has let it pass; to read one is to validate it.
Formats are checked as far as the package can by itself. Schemas of several drafts in one are refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from watcher.model.errors import UsageError
from watcher.model.path import FieldPath, steps
from watcher.model.schema import SchemaText
from watcher.witness.case import Refused
from watcher.witness.json_kit_grow import grow
from watcher.witness.json_kit_judge import in_one_line, judge

MAX_RECORD = 1_000_000
"""Bytes of a record."""


class JsonKit:
    """The `jsonschema` package, as witnesses need it."""

    @property
    def library(self) -> str:
        """Name and version."""
        return f"jsonschema {version('jsonschema')}"

    def variants(self, schema: SchemaText, path: FieldPath) -> Iterator[Any]:
        """Records that are valid, smallest first, in which what stands at the path takes each form that it may.

        Raises Refused for a schema that the package, or we, cannot judge by.
        """
        judged = judge(schema)
        try:
            taken = steps(path)
        except UsageError as error:
            raise Refused(in_one_line(str(error))) from None
        found = [(len(json.dumps(record)), record) for record in grow(judged, taken)]
        for _, record in sorted(found, key=lambda one: one[0]):
            yield record

    def write(self, schema: SchemaText, record: Any) -> bytes:
        """The record as compact JSON, once it is valid."""
        try:
            text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            data = text.encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise Refused(in_one_line(f"the record is not JSON: {error}")) from None
        self.read(data, schema)
        return data

    def read(self, data: bytes, writer: SchemaText, reader: SchemaText | None = None) -> Any:
        """The record, if the reader's validator lets it pass."""
        if len(data) > MAX_RECORD:
            raise Refused(f"the record has {len(data)} bytes, and {MAX_RECORD} are read at most")
        try:
            record = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise Refused(in_one_line(f"the bytes are not JSON: {error}")) from None
        fault = judge(reader or writer).fault(record)
        if fault is not None:
            raise Refused(fault)
        return record
