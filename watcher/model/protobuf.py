"""Protobuf's own nouns, as the compiler resolved them: numbers, presence, packages, which canonical types leave out.

What a registry and the breaking-change rules ask of protobuf is asked of these. Names are full names without the
leading dot; features of editions are resolved to what they come to at each element.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
"""Numbers from the first to the last, both included."""

DefaultValue: TypeAlias = str | bytes | int | float | bool
"""A field's default, read as its type; of an enum, the number."""


class Category(enum.StrEnum):
    """What a set of breaking-change rules protects, the strictest first."""

    FILE = "FILE"
    PACKAGE = "PACKAGE"
    WIRE_JSON = "WIRE_JSON"
    WIRE = "WIRE"


class Cardinality(enum.StrEnum):
    """How often a field stands in a message, and whether its absence can be told from its zero value."""

    EXPLICIT = "optional with explicit presence"
    IMPLICIT = "optional with implicit presence"
    REQUIRED = "required"
    REPEATED = "repeated"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class ProtoField:
    """A field or extension. `kind` is the scalar's word, or `enum`, `message`, `group` (any delimited message).

    `label` is the word as it is written, None where none is; `oneof` only a written one, never a proto3 optional's.
    """

    name: str
    full_name: str
    file: str
    parent: str
    """The message that it is a field of; of an extension, the message that it extends."""
    number: int
    kind: str
    type_name: str | None
    cardinality: Cardinality
    label: str | None
    oneof: str | None
    json_name: str
    default: DefaultValue | None
    absent: DefaultValue | None
    """What its absence is read as: the default or the type's zero; None for messages and what is repeated."""
    extension: bool
    jstype: str
    cpp_string: str
    java_utf8: str
    utf8: str
    tags: tuple[str, ...] = ()
    """Classification tags, sorted."""


@dataclass(frozen=True, slots=True)
class ProtoEnum:
    """An enum; `values` are (name, number) as declared, `closed` whether unknown numbers are kept apart."""

    name: str
    full_name: str
    file: str
    package: str
    values: tuple[tuple[str, int], ...]
    reserved: tuple[Span, ...]
    reserved_names: tuple[str, ...]
    closed: bool
    json_format: str

    def by_number(self) -> dict[int, frozenset[str]]:
        """All names of each number, in the order in which the numbers come."""
        found: dict[int, set[str]] = {}
        for name, number in self.values:
            found.setdefault(number, set()).add(name)
        return {number: frozenset(names) for number, names in found.items()}


@dataclass(frozen=True, slots=True)
class Message:
    """A message with what is declared in it; fields and ranges are in the order of their numbers, the rest as declared.

    `name` is the one inside its package: `Order.Line`. A map's entries are messages too, with `map_entry` set.
    """

    name: str
    full_name: str
    file: str
    package: str
    fields: tuple[ProtoField, ...]
    oneofs: tuple[str, ...]
    messages: tuple[Message, ...]
    enums: tuple[ProtoEnum, ...]
    extensions: tuple[ProtoField, ...]
    reserved: tuple[Span, ...]
    reserved_names: tuple[str, ...]
    extension_ranges: tuple[Span, ...]
    map_entry: bool
    json_format: str
    no_standard_descriptor_accessor: bool


@dataclass(frozen=True, slots=True)
class Method:
    """A service's method."""

    name: str
    request: str
    response: str
    client_streaming: bool
    server_streaming: bool
    idempotency: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service with its methods."""

    name: str
    full_name: str
    file: str
    package: str
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class File:
    """One file; `options` holds those that rules ask for, each with its value or its default, as text."""

    name: str
    package: str
    syntax: str
    imports: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    messages: tuple[Message, ...]
    enums: tuple[ProtoEnum, ...]
    services: tuple[Service, ...]
    extensions: tuple[ProtoField, ...]

    def all_messages(self) -> Iterator[Message]:
        """Every message, an outer one before those in it."""
        stack = list(reversed(self.messages))
        while stack:
            message = stack.pop()
            yield message
            stack.extend(reversed(message.messages))

    def all_enums(self) -> Iterator[ProtoEnum]:
        """Every enum, at the top and in messages."""
        yield from self.enums
        for message in self.all_messages():
            yield from message.enums

    def all_extensions(self) -> Iterator[ProtoField]:
        """Every extension that is declared here."""
        yield from self.extensions
        for message in self.all_messages():
            yield from message.extensions


@dataclass(frozen=True, slots=True)
class ProtobufFiles:
    """What a schema was read from (its `native`): its own file, by name, among all that this one leads to."""

    main: str
    files: Mapping[str, File]

    @property
    def file(self) -> File:
        """The schema's own file."""
        return self.files[self.main]
