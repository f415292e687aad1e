"""Levels: what a registry asks of a new schema, beside the versions that are live."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from watcher.compat import avro, jsonschema, protobuf
from watcher.model.compatibility import Incompatibility, Level, Policy
from watcher.model.errors import SchemaError
from watcher.model.schema import Format, Schema

Check: TypeAlias = Callable[[Schema, Schema], tuple[Incompatibility, ...]]
"""Reader and writer to what stands between them; empty is compatible."""

FORMAT_MISMATCH = "FORMAT_MISMATCH"
"""The kind of our own for a subject that changes its format: a registry refuses it under any level but NONE."""


def check(reader: Schema, writer: Schema, policy: Policy = Policy.STRICT) -> tuple[Incompatibility, ...]:
    """What keeps the reader from reading what the writer wrote, as their format defines it; empty is compatible.

    The policy is JSON Schema's alone.
    """
    if reader.format is not writer.format:
        told = f"the reader is {reader.format.value}, the writer {writer.format.value}"
        return (Incompatibility(FORMAT_MISMATCH, "/", told),)
    match reader.format:
        case Format.AVRO:
            return avro.check(reader, writer)
        case Format.JSON:
            return jsonschema.check(reader, writer, policy)
        case Format.PROTOBUF:
            return protobuf.check(reader, writer)
        case _:
            told = f"the compatibility of {reader.format.value} schemas cannot be judged: only AVRO, JSON and PROTOBUF"
            raise SchemaError(told, kind="unsupported-format")


def judge(level: Level, old: Sequence[Schema], new: Schema, check: Check = check) -> tuple[Incompatibility, ...]:
    """What keeps `new` from being registered under the level after `old` (live versions, oldest first).

    Transitive levels ask the newest version first and stop at the first that fails, as a registry does. READER_WRITER
    is the new schema as the reader of the last one.
    """
    if level is Level.NONE:
        return ()
    for version in reversed(old if level.transitive else old[-1:]):
        found: tuple[Incompatibility, ...] = ()
        if level.backward or level is Level.READER_WRITER:
            found += check(new, version)
        if level.forward:
            found += check(version, new)
        if found:
            return found
    return ()
