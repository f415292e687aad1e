"""Compatibility of JSON Schemas, with exactly the verdicts of the registry.

The original is what the writer wrote by, the update what the reader reads by: it must take whatever the original took.
Keywords that the registry does not compare (`format`, `contains`, `if`, names' schemas, patterns beside each other)
are not compared here either. Where its arithmetic fails (a multiple of 0.01, an exclusive maximum that moves), the
answer is the one that the numbers give.
"""

from __future__ import annotations

from watcher.compat.jsonschema.engine import Engine
from watcher.compat.jsonschema.found import Difference
from watcher.compat.jsonschema.kinds import COMPATIBLE
from watcher.model.compatibility import Incompatibility, Policy
from watcher.model.errors import SchemaError
from watcher.model.json_schema import JsonSchema
from watcher.model.schema import Schema

__all__ = ["Difference", "check", "differences"]


def check(reader: Schema, writer: Schema, policy: Policy = Policy.STRICT) -> tuple[Incompatibility, ...]:
    """What keeps the reader from taking what the writer wrote; empty is compatible.

    Kinds and places are the registry's: `#/properties/x` names a place that one of the two has. Raises SchemaError
    (`too-complex`) where the two are entangled beyond all measure.
    """
    if reader is writer:
        return ()
    found = Engine(COMPATIBLE[policy]).compare(_native(writer).root, _native(reader).root)
    if not found.bad:
        return ()
    return tuple(Incompatibility(one.kind, one.path, _said(one)) for one in found.told(all_kinds=False))


def differences(original: Schema, update: Schema, policy: Policy = Policy.STRICT) -> tuple[Difference, ...]:
    """All changes that the registry would list, compatible ones too."""
    return Engine(COMPATIBLE[policy]).compare(_native(original).root, _native(update).root).told(all_kinds=True)


def _native(schema: Schema) -> JsonSchema:
    if isinstance(schema.native, JsonSchema):
        return schema.native
    raise SchemaError("only a schema that was read from its own text can be compared as JSON Schema")


def _said(one: Difference) -> str:
    words = one.kind.lower().replace("_", " ")
    return f"{words} at {one.path}: what the writer wrote may not be valid for the reader"
