"""What Avro's bytes are: the carrier under a meaning, its kind in Java's words, and which kinds and names match."""

from __future__ import annotations

from collections.abc import Mapping

from watcher.model.types import (
    Array,
    Binary,
    Boolean,
    Date,
    Decimal,
    Duration,
    Enum,
    Fixed,
    Float,
    Integer,
    Map,
    Named,
    Null,
    Record,
    Ref,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Uuid,
)

PROMOTIONS = frozenset(
    {
        ("LONG", "INT"),
        ("FLOAT", "INT"),
        ("FLOAT", "LONG"),
        ("DOUBLE", "INT"),
        ("DOUBLE", "LONG"),
        ("DOUBLE", "FLOAT"),
        ("BYTES", "STRING"),
        ("STRING", "BYTES"),
    }
)
"""(reader, writer) that differ, and yet can be read."""

_LOGICAL = frozenset({Decimal, Date, Time, Timestamp, Duration, Uuid})
_KINDS: dict[type, str] = {
    Null: "NULL",
    Boolean: "BOOLEAN",
    String: "STRING",
    Binary: "BYTES",
    Array: "ARRAY",
    Map: "MAP",
    Union: "UNION",
    Record: "RECORD",
    Enum: "ENUM",
    Fixed: "FIXED",
}


def carrier(type_: Type, named: Mapping[str, Named]) -> Type:
    """What the bytes are: a logical type's carrier, a name's definition."""
    if type(type_) in _LOGICAL:
        type_ = getattr(type_, "base", None) or type_
    return named[type_.name] if isinstance(type_, Ref) else type_


def kind_of(type_: Type) -> str:
    """The kind of a carrier, as Avro Java writes it."""
    if isinstance(type_, Integer):
        return "INT" if type_.bits == 32 else "LONG"
    if isinstance(type_, Float):
        return "FLOAT" if type_.bits == 32 else "DOUBLE"
    return _KINDS.get(type(type_), "UNKNOWN")


def same_name(reader: Named, writer: Named) -> bool:
    """Java compares simple names; an alias of the reader's is a full one."""
    mine, its = reader.name or "", writer.name or ""
    return mine == its or mine.rpartition(".")[2] == its.rpartition(".")[2] or its in reader.aliases
