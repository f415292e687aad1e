"""From the compiler's descriptors to protobuf's own nouns: names resolved, presence and features worked out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FieldOptions,
    FileDescriptorProto,
    MethodOptions,
    ServiceDescriptorProto,
)

from watcher.formats.protobuf.compiler import Compiled
from watcher.formats.protobuf.defaults import declared, zero
from watcher.formats.protobuf.editions import Features
from watcher.formats.protobuf.file_options import file_options
from watcher.formats.protobuf.kept import MAX_NAMES, field_of, place_of
from watcher.formats.protobuf.tags import tags_of
from watcher.model.protobuf import (
    Cardinality,
    File,
    Message,
    Method,
    ProtoEnum,
    ProtoField,
    Service,
    Span,
)

_PROTO3: Features = {
    "field_presence": "IMPLICIT",
    "enum_type": "OPEN",
    "utf8_validation": "VERIFY",
    "message_encoding": "LENGTH_PREFIXED",
    "json_format": "ALLOW",
}
_DEFAULTS: Mapping[str, Features] = {
    "proto2": {
        **_PROTO3,
        "field_presence": "EXPLICIT",
        "enum_type": "CLOSED",
        "utf8_validation": "NONE",
        "json_format": "LEGACY_BEST_EFFORT",
    },
    "proto3": _PROTO3,
    "editions": {**_PROTO3, "field_presence": "EXPLICIT"},
}
_LABELS = {
    FieldDescriptorProto.LABEL_OPTIONAL: "optional",
    FieldDescriptorProto.LABEL_REQUIRED: "required",
    FieldDescriptorProto.LABEL_REPEATED: "repeated",
}
Numbers = Mapping[str, Mapping[str, int]]
"""The numbers of each enum's values, by full name."""


def describe(compiled: Iterable[Compiled]) -> list[File]:
    """The files, in the order in which they come."""
    files = list(compiled)
    numbers = {name: number for file in files for name, number in _enum_numbers(file.descriptor)}
    return [_File(file, numbers).file() for file in files]


def _enum_numbers(file: FileDescriptorProto) -> Iterator[tuple[str, Mapping[str, int]]]:
    stack: list[tuple[str, FileDescriptorProto | DescriptorProto]] = [(file.package, file)]
    while stack:
        scope, at = stack.pop()
        for enum in at.enum_type:
            yield _join(scope, enum.name), {value.name: value.number for value in enum.value}
        inner = at.message_type if isinstance(at, FileDescriptorProto) else at.nested_type
        stack += [(_join(scope, one.name), one) for one in inner]


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where an element stands: the name inside the package, and the features in force."""

    name: str
    features: Features


class _File:
    """One file's reading."""

    __slots__ = ("_compiled", "_file", "_numbers", "_origin", "_package", "_syntax")

    def __init__(self, compiled: Compiled, numbers: Numbers) -> None:
        self._compiled = compiled
        self._file = compiled.descriptor
        self._package = self._file.package
        self._syntax = self._file.syntax or "proto2"
        self._numbers = numbers
        checked = self._file.options.java_string_check_utf8
        self._origin = (self._file.name, self._package, self._syntax, checked)

    def file(self) -> File:
        """All of it."""
        top = _Scope("", {**_DEFAULTS[self._syntax], **self._compiled.features.get("", {})})
        return File(
            name=self._file.name,
            package=self._package,
            syntax=self._syntax,
            imports=tuple(self._file.dependency),
            options=file_options(self._file.options),
            messages=tuple(self._message(one, top) for one in self._file.message_type),
            enums=tuple(self._enum(one, top) for one in self._file.enum_type),
            services=tuple(self._service(one) for one in self._file.service),
            extensions=tuple(self._field(one, top, None) for one in self._file.extension),
        )

    def _inside(self, scope: _Scope, name: str) -> _Scope:
        inner = _join(scope.name, name)
        own = self._compiled.features.get(inner)
        return _Scope(inner, {**scope.features, **own} if own else scope.features)

    def _full(self, name: str) -> str:
        return _join(self._package, name)

    def _message(self, message: DescriptorProto, outer: _Scope) -> Message:
        here = self._inside(outer, message.name)
        synthetic = {field.oneof_index for field in message.field if field.proto3_optional}
        oneofs = {number: one.name for number, one in enumerate(message.oneof_decl) if number not in synthetic}
        maps = {one.name for one in message.nested_type if one.options.map_entry}
        read = [partial(self._field, one, here, message, oneofs, maps) for one in message.field]
        many = len(oneofs) + len(maps) > MAX_NAMES
        if self._syntax == "editions" or message.options.map_entry or many:  # what features are set elsewhere has a say
            fields = [one() for one in read]
        else:
            place = place_of(*self._origin, here.name, *oneofs.items(), *sorted(maps))
            fields = [field_of(one, place, its) for one, its in zip(message.field, read, strict=True)]
        return Message(
            name=here.name,
            full_name=self._full(here.name),
            file=self._file.name,
            package=self._package,
            fields=tuple(sorted(fields, key=lambda one: one.number)),
            oneofs=tuple(oneofs.values()),
            messages=tuple(self._message(one, self._around(one, message, here)) for one in message.nested_type),
            enums=tuple(self._enum(one, here) for one in message.enum_type),
            extensions=tuple(self._field(one, here, None) for one in message.extension),
            reserved=_spans((one.start, one.end - 1) for one in message.reserved_range),
            reserved_names=tuple(sorted(set(message.reserved_name))),
            extension_ranges=_spans((one.start, one.end - 1) for one in message.extension_range),
            map_entry=message.options.map_entry,
            json_format=here.features["json_format"],
            no_standard_descriptor_accessor=message.options.no_standard_descriptor_accessor,
        )

    def _around(self, inner: DescriptorProto, message: DescriptorProto, here: _Scope) -> _Scope:
        """The scope of a nested message: what a map's field sets holds for its keys and values."""
        if not inner.options.map_entry:
            return here
        names = [one.name for one in message.field if one.type_name.rpartition(".")[2] == inner.name]
        own = self._compiled.features.get(_join(here.name, names[0]), {}) if names else {}
        return _Scope(here.name, {**here.features, **own}) if own else here

    def _enum(self, enum: EnumDescriptorProto, outer: _Scope) -> ProtoEnum:
        here = self._inside(outer, enum.name)
        return ProtoEnum(
            name=here.name,
            full_name=self._full(here.name),
            file=self._file.name,
            package=self._package,
            values=tuple((value.name, value.number) for value in enum.value),
            reserved=_spans((one.start, one.end) for one in enum.reserved_range),
            reserved_names=tuple(sorted(set(enum.reserved_name))),
            closed=here.features["enum_type"] == "CLOSED",
            json_format=here.features["json_format"],
        )

    def _service(self, service: ServiceDescriptorProto) -> Service:
        return Service(
            name=service.name,
            full_name=self._full(service.name),
            file=self._file.name,
            package=self._package,
            methods=tuple(
                Method(
                    name=one.name,
                    request=one.input_type.lstrip("."),
                    response=one.output_type.lstrip("."),
                    client_streaming=one.client_streaming,
                    server_streaming=one.server_streaming,
                    idempotency=MethodOptions.IdempotencyLevel.Name(one.options.idempotency_level),
                )
                for one in service.method
            ),
        )

    def _field(
        self,
        field: FieldDescriptorProto,
        scope: _Scope,
        message: DescriptorProto | None,
        oneofs: Mapping[int, str] | None = None,
        maps: Iterable[str] = (),
    ) -> ProtoField:
        oneof = (oneofs or {}).get(field.oneof_index) if field.HasField("oneof_index") else None
        if oneof is not None:
            scope = self._inside(scope, oneof)
        here = self._inside(scope, field.name)
        in_entry = message is not None and message.options.map_entry
        kind = FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
        type_name = field.type_name.lstrip(".") or None
        repeated = field.label == FieldDescriptorProto.LABEL_REPEATED
        is_map = repeated and kind == "message" and field.type_name.rpartition(".")[2] in maps
        if kind == "message" and here.features["message_encoding"] == "DELIMITED" and not is_map and not in_entry:
            kind = "group"
        numbers = self._numbers.get(type_name or "", {})
        default = declared(kind, field.default_value, numbers) if field.HasField("default_value") else None
        return ProtoField(
            name=field.name,
            full_name=self._full(self._named(scope, oneof, field.name)),
            file=self._file.name,
            parent=field.extendee.lstrip(".") if message is None else self._full(self._outside(scope, oneof)),
            number=field.number,
            kind=kind,
            type_name=type_name,
            cardinality=Cardinality.MAP if is_map else self._cardinality(field, kind, oneof, here.features),
            label=self._label(field, oneof, is_map=is_map),
            oneof=oneof,
            json_name=field.json_name,
            default=default,
            absent=zero(kind, numbers) if default is None and not repeated else default,
            extension=message is None,
            jstype=FieldOptions.JSType.Name(field.options.jstype),
            cpp_string="STRING" if in_entry else self._cpp_string(field, here.features),
            java_utf8=self._java_utf8(here.features),
            utf8=here.features["utf8_validation"],
            tags=tags_of(field.options) if field.HasField("options") else (),
        )

    @staticmethod
    def _outside(scope: _Scope, oneof: str | None) -> str:
        """The message's name: a oneof is a scope of features, not of names."""
        return scope.name if oneof is None else scope.name.rpartition(".")[0]

    def _named(self, scope: _Scope, oneof: str | None, name: str) -> str:
        return _join(self._outside(scope, oneof), name)

    @staticmethod
    def _cardinality(field: FieldDescriptorProto, kind: str, oneof: str | None, features: Features) -> Cardinality:
        if field.label == FieldDescriptorProto.LABEL_REPEATED:
            return Cardinality.REPEATED
        if field.label == FieldDescriptorProto.LABEL_REQUIRED:
            return Cardinality.REQUIRED
        if oneof is not None or field.extendee or field.proto3_optional or kind == "group":
            return Cardinality.EXPLICIT
        if features["field_presence"] == "LEGACY_REQUIRED":
            return Cardinality.REQUIRED
        if kind == "message" or features["field_presence"] == "EXPLICIT":
            return Cardinality.EXPLICIT
        return Cardinality.IMPLICIT

    def _label(self, field: FieldDescriptorProto, oneof: str | None, *, is_map: bool) -> str | None:
        if oneof is not None or is_map:
            return None
        unlabelled = self._syntax != "proto2" and field.label == FieldDescriptorProto.LABEL_OPTIONAL
        return None if unlabelled and not field.proto3_optional else _LABELS[field.label]

    def _cpp_string(self, field: FieldDescriptorProto, features: Features) -> str:
        if field.options.HasField("ctype"):
            return str(FieldOptions.CType.Name(field.options.ctype))
        return features.get("pb.cpp.string_type", "STRING")

    def _java_utf8(self, features: Features) -> str:
        options = self._file.options
        if self._syntax != "editions" or options.HasField("java_string_check_utf8"):
            return "VERIFY" if options.java_string_check_utf8 else features["utf8_validation"]
        own = features.get("pb.java.utf8_validation", "DEFAULT")
        return "VERIFY" if own == "VERIFY" else features["utf8_validation"]


def _spans(ranges: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted(ranges))


def _join(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name
