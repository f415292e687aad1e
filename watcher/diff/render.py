"""Rendering facts: types as short words for people, changes as JSON for machines."""

from __future__ import annotations

from typing import Any, assert_never

from watcher.diff.constraint_text import constraints_text
from watcher.model.change import (
    AliasesChanged,
    BranchAdded,
    BranchRemoved,
    Change,
    ClassAdded,
    ClassRemoved,
    CompatibilityLowered,
    CompatibilityRaised,
    ConstraintsChanged,
    ContentChanged,
    DatasetCreated,
    DatasetDropped,
    DefaultAdded,
    DefaultChanged,
    DefaultRemoved,
    EncodingChanged,
    EnumDefaultChanged,
    EnumValueAdded,
    EnumValueRemoved,
    FieldAdded,
    FieldRemoved,
    FieldRenamed,
    FieldsReordered,
    JsonChange,
    KeyAdded,
    KeyRemoved,
    NameChanged,
    NullabilityLoosened,
    NullabilityTightened,
    TypeChanged,
    TypeNarrowed,
    TypeWidened,
)
from watcher.model.schema import Schema
from watcher.model.types import (
    Array,
    Binary,
    Boolean,
    Constraint,
    Date,
    Decimal,
    Duration,
    Enum,
    Field,
    Fixed,
    Float,
    Integer,
    Key,
    Map,
    Null,
    Record,
    Ref,
    Scalar,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Unknown,
    Uuid,
)

MAX_SYMBOLS = 20
"""So many values of an enum are named; who needs the others reads the schema."""

_INTEGERS = {(32, True): "int", (64, True): "long", (0, True): "integer"}


def type_text(type_: Type, schema: Schema | None = None) -> str:
    """A type as people write it: `decimal(12,2)`, `array<string>`, `enum(A, B)`, `record(Order)`, `string | null`.

    Without its schema, a name stands for what it means.
    """
    match type_:
        case Union(branches):
            texts = [type_text(one, schema) for one in branches if not isinstance(one, Null)]
            return " | ".join(texts + ["null"] * (len(texts) < len(branches))) or "nothing"
        case Array(items):
            return f"array<{type_text(items, schema)}>{constraints_text(type_.constraints)}"
        case Map(values):
            return f"map<{type_text(values, schema)}>{constraints_text(type_.constraints)}"
        case Ref(name):
            definition = schema.named.get(name) if schema else None
            return _simple(name) if definition is None else type_text(definition, schema)
        case Record(name=name):
            return (f"record({_simple(name)})" if name else "record") + constraints_text(type_.constraints)
        case Enum(symbols):
            more = ", …" if len(symbols) > MAX_SYMBOLS else ""
            return f"enum({', '.join(symbols[:MAX_SYMBOLS])}{more})"
        case Unknown(text):
            return text
        case _:
            return _scalar_text(type_)


def _scalar_text(type_: Scalar | Fixed) -> str:
    asked = getattr(type_, "constraints", ()) or getattr(getattr(type_, "base", None), "constraints", ())
    return _bare_text(type_) + constraints_text(asked)


def _bare_text(type_: Scalar | Fixed) -> str:
    match type_:
        case Integer(bits, signed):
            return _INTEGERS.get((bits, signed)) or f"{'' if signed else 'u'}int{bits or ''}"
        case Float(bits):
            return "float" if bits == 32 else "double" if bits == 64 else f"float{bits}"
        case String(length):
            return "string" if length is None else f"string({length})"
        case Binary(length):
            return "bytes" if length is None else f"bytes({length})"
        case Fixed(size):
            return f"fixed({size})"
        case Decimal(precision, scale):
            return "decimal" if precision is None else f"decimal({precision},{scale or 0})"
        case Time(unit):
            return f"time({unit})" if unit else "time"
        case Timestamp(unit, zoned):
            word = "local-timestamp" if zoned is False else "timestamp"
            return f"{word}({unit})" if unit else word
        case Null() | Boolean() | Date() | Duration() | Uuid():
            return type(type_).__name__.lower()
        case _:
            assert_never(type_)


def to_json(change: Change, dataset: str) -> JsonChange:
    """A change for machines: kind, dataset, path, before, after; a rename also says how sure it is, and why."""
    before, after = _sides(change)
    document = {"kind": change.kind, "dataset": dataset, "path": change.path, "before": before, "after": after}
    if isinstance(change, FieldRenamed):
        document |= {"confidence": change.confidence, "evidence": change.evidence}
    return document


def _sides(change: Change) -> tuple[Any, Any]:  # noqa: PLR0912 - one line a kind
    match change:
        case FieldAdded(field=field):
            return None, _field(field, None)
        case FieldRemoved(field=field):
            return _field(field, None), None
        case FieldRenamed():
            return change.before, change.path
        case TypeWidened() | TypeNarrowed() | TypeChanged() | NullabilityLoosened() | NullabilityTightened():
            return type_text(change.before), type_text(change.after)
        case DefaultAdded():
            return None, change.after.value
        case DefaultRemoved():
            return change.before.value, None
        case DefaultChanged():
            return change.before.value, change.after.value
        case EnumValueAdded():
            return None, change.value
        case EnumValueRemoved():
            return change.value, None
        case BranchAdded():
            return None, type_text(change.branch)
        case BranchRemoved():
            return type_text(change.branch), None
        case FieldsReordered() | AliasesChanged():
            return list(change.before), list(change.after)
        case ConstraintsChanged():
            return _constraints(change.before), _constraints(change.after)
        case EnumDefaultChanged() | EncodingChanged() | NameChanged() | ContentChanged():
            return change.before, change.after
        case ClassAdded(tag=tag):
            return None, tag
        case ClassRemoved(tag=tag):
            return tag, None
        case KeyAdded(key=key):
            return None, _key(key)
        case KeyRemoved(key=key):
            return _key(key), None
        case CompatibilityLowered() | CompatibilityRaised():
            return change.before, change.after
        case DatasetCreated(schema=schema):
            return None, _dataset(schema)
        case DatasetDropped(schema=schema):
            return _dataset(schema), None
        case _:
            assert_never(change)


def _field(field: Field, schema: Schema | None) -> dict[str, Any]:
    document: dict[str, Any] = {"name": field.name, "type": type_text(field.type, schema)}
    if field.default is not None:
        document["default"] = field.default.value
    if not field.required:
        document["required"] = False
    return document


def _constraints(those: tuple[Constraint, ...]) -> dict[str, Any]:
    return {one.name: one.value for one in those}


def _key(key: Key) -> dict[str, Any]:
    return {"members": list(key.members), "primary": key.primary}


def _dataset(schema: Schema) -> list[dict[str, Any]] | str:
    """The dataset's fields; of one that is no record, its type."""
    root = schema.resolve(schema.root)
    if isinstance(root, Record):
        return [_field(field, schema) for field in root.fields]
    return type_text(root, schema)


def _simple(name: str) -> str:
    return name.rpartition(".")[2]
