"""Protobuf for witnesses: dynamic messages of the `protobuf` package, from the compiler's descriptors.

A record is the JSON document of the schema's first message, members by their names in the schema. What a reader gets
is told as it gets it: a member with presence stands there only where it is set, one without always; an unknown number
of an enum is a number; what the reader has no member for, or cannot take as that member's type, stands under its
number, as `#7`. A message in which a required member is missing is refused, as the languages that check it do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from google.protobuf import descriptor_pool, json_format, message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import DecodeError, EncodeError
from google.protobuf.unknown_fields import UnknownFieldSet

from watcher.formats.protobuf.compiler import compile_files
from watcher.formats.protobuf.parse import MAIN
from watcher.model.errors import SchemaError, UsageError
from watcher.model.path import FieldPath, steps
from watcher.model.schema import SchemaText
from watcher.witness.case import Refused
from watcher.witness.protobuf_kit_grow import WRAPPERS, grow, is_known

MAX_RECORD = 1_000_000
"""Bytes of a record."""

_MAX_DEPTH = 100
_TOLD = 300


class ProtobufKit:
    """The `protobuf` package, as witnesses need it."""

    @property
    def library(self) -> str:
        """Name and version."""
        return f"protobuf {version('protobuf')}"

    def variants(self, schema: SchemaText, path: FieldPath) -> Iterator[Any]:
        """Records that the schema can write, smallest first, in which what stands at the path takes each form.

        Raises Refused for a schema that cannot be compiled, or has no message.
        """
        descriptor = _message_class(schema).DESCRIPTOR
        try:
            taken = steps(path)
        except UsageError as error:
            raise Refused(_in_one_line(str(error))) from None
        found: dict[str, int] = {}
        for record in grow(descriptor, taken):
            try:
                found.setdefault(json.dumps(record, sort_keys=True), len(self.write(schema, record)))
            except Refused:
                continue
        for text in sorted(found, key=lambda one: (found[one], len(one))):
            yield json.loads(text)

    def write(self, schema: SchemaText, record: Any) -> bytes:
        """The record's bytes, the same ones each time."""
        message = _message_class(schema)()
        if not isinstance(record, dict) and not is_known(message.DESCRIPTOR):
            raise Refused("the record is no object")
        try:
            json_format.ParseDict(record, message, max_recursion_depth=_MAX_DEPTH)
            data: bytes = message.SerializeToString(deterministic=True)
        except (json_format.ParseError, EncodeError, TypeError, ValueError, RecursionError, AttributeError) as error:
            raise Refused(_in_one_line(str(error))) from None
        return data

    def read(self, data: bytes, writer: SchemaText, reader: SchemaText | None = None) -> Any:
        """What the reader's message holds of these bytes."""
        if len(data) > MAX_RECORD:
            raise Refused(f"the record has {len(data)} bytes, and {MAX_RECORD} are read at most")
        message = _message_class(reader or writer)()
        try:
            message.ParseFromString(data)
            missing = message.FindInitializationErrors()
            if missing:
                raise Refused(_in_one_line(f"Message is missing required fields: {', '.join(missing)}"))
            return plain(message)
        except (DecodeError, ValueError, RecursionError) as error:
            raise Refused(_in_one_line(str(error))) from None


def plain(message: Any) -> Any:
    """What a message holds, as plain values: bytes as bytes, timestamps and durations as JSON writes them."""
    name = message.DESCRIPTOR.full_name
    if name in WRAPPERS:
        return message.value
    if name in {"google.protobuf.Timestamp", "google.protobuf.Duration"}:
        try:
            return message.ToJsonString()
        except ValueError:
            return {"seconds": message.seconds, "nanos": message.nanos}
    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        if field.label == field.LABEL_REPEATED:
            found[field.name] = _repeated(message, field)
        elif not field.has_presence or message.HasField(field.name):
            found[field.name] = _value(field, _held(message, field))
    for number, value in _unknown(UnknownFieldSet(message)):
        found.setdefault(f"#{number}", []).append(value)
    return found


def _repeated(message: Any, field: Any) -> Any:
    values = getattr(message, field.name)
    if field.message_type is None or not field.message_type.GetOptions().map_entry:
        return [_value(field, one) for one in values]
    inner = field.message_type.fields_by_name["value"]
    return {_key(key): _value(inner, values[key]) for key in values}


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _value(field: Any, value: Any) -> Any:
    if field.message_type is not None:
        return plain(value)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return value if known is None else known.name
    return value


def _held(message: Any, field: Any) -> Any:
    """A member's value; a text that is no UTF-8, where nobody checks it, is the bytes that it is."""
    try:
        return getattr(message, field.name)
    except UnicodeDecodeError as error:
        return error.object


def _unknown(fields: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """By number, what the reader kept apart: numbers, bytes, and of groups again such pairs."""
    for one in fields:
        group = one.wire_type == 3
        yield one.field_number, [list(pair) for pair in _unknown(one.data)] if group else one.data


@lru_cache(maxsize=64)
def _message_class(schema: SchemaText) -> Any:
    """The class of the schema's first message; the latest ones are kept."""
    imports = dict(schema.references)
    main = MAIN
    while main in imports:
        main = f"main-{main}"
    try:
        files = [one.descriptor for one in compile_files({main: schema.text}, imports)]
    except SchemaError as error:
        raise Refused(_in_one_line(str(error))) from None
    own = next((file for file in files if file.name == main), None)
    if own is None or not own.message_type:
        raise Refused("the schema has no message, so there is nothing that it writes")
    name = f"{own.package}.{own.message_type[0].name}" if own.package else own.message_type[0].name
    try:
        pool = descriptor_pool.DescriptorPool()
        for file in files:
            pool.Add(_present(file, {one.name for one in files}))
        return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
    except (TypeError, KeyError, ValueError, RecursionError) as error:
        raise Refused(_in_one_line(f"the descriptors are refused: {error}")) from None


def _present(file: FileDescriptorProto, names: set[str]) -> FileDescriptorProto:
    """The file without imports that were not there, and not needed."""
    if names.issuperset(file.dependency):
        return file
    copy = FileDescriptorProto()
    copy.CopyFrom(file)
    kept = [name for name in file.dependency if name in names]
    public = [kept.index(name) for name in (file.dependency[at] for at in file.public_dependency) if name in names]
    for word in ("dependency", "public_dependency", "weak_dependency"):
        copy.ClearField(word)
    copy.dependency.extend(kept)
    copy.public_dependency.extend(public)
    return copy


def _in_one_line(text: str) -> str:
    line = " ".join(text[: 10 * _TOLD].split())
    return line if len(line) <= _TOLD else f"{line[:_TOLD]}…"
