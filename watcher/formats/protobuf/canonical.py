"""From protobuf's nouns to the canonical model: what a consumer of the data sees.

A message is a record, its members in the order of their numbers: the text's order means nothing. A member with explicit
presence may be missing; one with implicit presence never is, and has its zero value as default. The members of a oneof
stand beside the others, each of them may be missing: so JSON shows them, and so consumers name them. A repeated member
is never missing either: it is empty. Wrappers are nullable values; timestamps and durations are what they mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from watcher.formats.protobuf.kept import member_of
from watcher.model.protobuf import Cardinality, DefaultValue, File, Message, ProtobufFiles, ProtoEnum, ProtoField
from watcher.model.schema import Format, Schema
from watcher.model.types import (
    NULL,
    Array,
    Binary,
    Boolean,
    Default,
    Duration,
    Enum,
    Field,
    Float,
    Integer,
    Map,
    Named,
    Record,
    Ref,
    String,
    Timestamp,
    Type,
    Union,
)

_SCALARS: Mapping[str, Type] = {
    "bool": Boolean(),
    "bytes": Binary(),
    "double": Float(64),
    "fixed32": Integer(32, signed=False),
    "fixed64": Integer(64, signed=False),
    "float": Float(32),
    "int32": Integer(32),
    "int64": Integer(64),
    "sfixed32": Integer(32),
    "sfixed64": Integer(64),
    "sint32": Integer(32),
    "sint64": Integer(64),
    "string": String(),
    "uint32": Integer(32, signed=False),
    "uint64": Integer(64, signed=False),
}
_WRAPPERS = {
    "Bool": "bool",
    "Bytes": "bytes",
    "Double": "double",
    "Float": "float",
    "Int32": "int32",
    "Int64": "int64",
    "String": "string",
    "UInt32": "uint32",
    "UInt64": "uint64",
}
_WELL_KNOWN: Mapping[str, Type] = {
    "google.protobuf.Timestamp": Timestamp("ns"),
    "google.protobuf.Duration": Duration(),
    **{f"google.protobuf.{word}Value": Union((NULL, _SCALARS[kind])) for word, kind in _WRAPPERS.items()},
}
_ENCODINGS: Mapping[str, str] = {
    **dict.fromkeys(("bool", "enum", "int32", "int64", "uint32", "uint64"), "varint"),
    **dict.fromkeys(("sint32", "sint64"), "zigzag varint"),
    **dict.fromkeys(("fixed32", "float", "sfixed32"), "four bytes"),
    **dict.fromkeys(("fixed64", "double", "sfixed64"), "eight bytes"),
    **dict.fromkeys(("bytes", "message", "string"), "length-delimited"),
    "group": "delimited by tags",
}
_ZEROS: Mapping[str, DefaultValue] = {"bool": False, "bytes": b"", "double": 0.0, "float": 0.0, "string": ""}


def canonical(main: str, files: Mapping[str, File]) -> Schema:
    """The schema of a file: its first message, as a message's framing counts them, and all that this one leads to.

    A file without messages is its first enum; one with neither is a record without members.
    """
    reader = _Reader(files)
    file = files[main]
    first = next(iter(file.messages), None) or next(iter(file.enums), None)
    root: Type = Record(()) if first is None else reader.refer(first.full_name)
    reader.read_all()
    native = ProtobufFiles(main, MappingProxyType(dict(files)))
    flat = reader.references <= 1  # the root's own
    return Schema(Format.PROTOBUF, root, MappingProxyType(reader.named), flat=flat, native=native)


class _Reader:
    """One reading; `named` is what was reached so far."""

    __slots__ = ("_enums", "_later", "_messages", "named", "references")

    def __init__(self, files: Mapping[str, File]) -> None:
        self._messages = {one.full_name: one for file in files.values() for one in file.all_messages()}
        self._enums = {one.full_name: one for file in files.values() for one in file.all_enums()}
        self._later: list[str] = []
        self.named: dict[str, Named] = {}
        self.references = 0

    def refer(self, name: str) -> Ref:
        """The name, to be read later."""
        self._later.append(name)
        self.references += 1
        return Ref(name)

    def read_all(self) -> None:
        """Read what is referred to, with a stack of its own: depth costs nothing."""
        while self._later:
            name = self._later.pop()
            if name in self.named:
                continue
            enum = self._enums.get(name)
            self.named[name] = _enum(enum) if enum is not None else self._record(self._messages[name])

    def _record(self, message: Message) -> Record:
        return Record(tuple(self._member(one) for one in message.fields), message.full_name)

    def _member(self, field: ProtoField) -> Field:
        if field.type_name is not None:  # what it refers to is to be read, whether or not the field was
            return self._read(field)
        return member_of(field, self._read)

    def _read(self, field: ProtoField) -> Field:
        type_, default, required = self._type(field), self._declared(field), True
        encoding = _ENCODINGS[field.kind]
        match field.cardinality:
            case Cardinality.MAP:
                key, value = self._messages[field.type_name or ""].fields
                type_, default = Map(self._type(value)), Default({})
                encoding = f"{_ENCODINGS[key.kind]} to {_ENCODINGS[value.kind]}"
            case Cardinality.REPEATED:
                type_, default = Array(type_), Default([])
            case Cardinality.IMPLICIT:
                default = self._zero(field)
            case Cardinality.EXPLICIT:
                required = False
        return Field(
            field.name, type_, default, required=required, tag=field.number, encoding=encoding, classes=field.tags
        )

    def _type(self, field: ProtoField) -> Type:
        name = field.type_name
        if name is None:
            return _SCALARS[field.kind]
        if field.cardinality is Cardinality.MAP:
            return NULL  # the entry; its value is what the map holds
        return _WELL_KNOWN.get(name) or self.refer(name)

    def _zero(self, field: ProtoField) -> Default:
        if field.kind == "enum":
            return Default(self._enums[field.type_name or ""].values[0][0])
        return Default(_json(_ZEROS.get(field.kind, 0)))

    def _declared(self, field: ProtoField) -> Default | None:
        if field.default is None:
            return None
        if field.kind == "enum":
            values = self._enums[field.type_name or ""].values
            return Default(next(name for name, number in values if number == field.default))
        return Default(_json(field.default))


def _enum(enum: ProtoEnum) -> Enum:
    values = sorted(enum.values, key=lambda value: value[1])
    names, numbers = zip(*values, strict=True)
    return Enum(names, enum.full_name, numbers=numbers)


def _json(value: DefaultValue) -> str | int | float | bool:
    """The value as JSON writes it; bytes as the text of their code points, as elsewhere in the model."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
