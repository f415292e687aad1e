"""Growing protobuf records from a message's descriptor: the smallest, and at one path every form that it may take.

A record is the JSON document that the package reads: texts for 64-bit numbers are not needed, bytes are base64.
Members are named as in the schema. A message that cannot end, because it requires itself, has no records.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from watcher.model.path import Branch, Item, Member, Step, Value

MAX_FORMS = 500
"""Records that are given for one path."""

_MAX_DEPTH = 32
_MAX_GROWN = 20_000
_FEW = 8

WRAPPERS: Mapping[str, str] = {
    f"google.protobuf.{word}Value": word
    for word in ("Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64")
}
"""Messages that stand for one value."""

_SIGNED = ("INT32", "SINT32", "SFIXED32", "INT64", "SINT64", "SFIXED64")
_KNOWN: Mapping[str, tuple[Any, ...]] = {
    "google.protobuf.Timestamp": ("1970-01-01T00:00:00Z", "2000-01-01T00:00:00.000000001Z", "1969-12-31T23:59:59Z"),
    "google.protobuf.Duration": ("0s", "1.000000001s", "-1s"),
    "google.protobuf.Struct": ({}, {"a": "b"}),
    "google.protobuf.Value": (None, True, 0.5, "a", [], {}),
    "google.protobuf.ListValue": ([], [None]),
    "google.protobuf.FieldMask": ("", "a"),
    "google.protobuf.Any": ({},),
    "google.protobuf.Empty": ({},),
}
_TEXTS = tuple("a" * length for length in (0, 1, 17, 65, 257, 1025, 4097))
_BYTES = (b"", b"\0", b"\xff\xfe", *(b"\0" * length for length in (17, 65, 257, 1025, 4097)))
_FLOATS = (0.0, 0.5, 1.0, -1.5, 2.0**24 + 2, "NaN", "Infinity")
_DOUBLES = (0.0, 0.5, 1.0, 0.1, -1.5, 2.0**53, 1e300, "NaN", "Infinity")


def grow(descriptor: Any, path: Sequence[Step]) -> Iterator[Any]:
    """Records of a message, each form at the path beside nothing else, some of them beside all else."""
    steps = tuple(step for step in path if not isinstance(step, Branch))
    try:
        yield from islice(_Grower().messages(descriptor, steps, 0), MAX_FORMS)
    except (_EndlessError, RecursionError):
        return


class _EndlessError(Exception):
    """The message requires itself, or too much."""


class _Grower:
    """One growing, in so many steps."""

    def __init__(self) -> None:
        self._left = _MAX_GROWN

    def messages(self, descriptor: Any, path: tuple[Step, ...], depth: int) -> Iterator[Any]:
        """Documents of a message; where it is none of ours, what JSON has in its place."""
        known = _of_known(descriptor)
        if known:
            yield from known
            return
        bare = self._least(descriptor, depth)
        if path:
            step = path[0]
            field = descriptor.fields_by_name.get(step.name) if isinstance(step, Member) else None
            if field is None:
                yield bare
                return
            yield from self._with(descriptor, field, path[1:], depth)
            return
        yield bare
        for field in descriptor.fields:
            if field.name not in bare:
                yield {**bare, field.name: self._value(field, depth + 1)}
        yield self._full(descriptor, (), depth)

    def _with(self, descriptor: Any, field: Any, path: tuple[Step, ...], depth: int) -> Iterator[Any]:
        """The message without the member, with others of its oneof in its place, and with each form of it."""
        bare = self._least(descriptor, depth, without=field)
        full = self._full(descriptor, (field.name,), depth)
        oneof = field.containing_oneof
        if not _required(field):
            yield bare
            yield full
            for other in oneof.fields if oneof is not None else ():
                if other is not field and other.name != field.name:
                    yield {**bare, other.name: self._value(other, depth + 1)}
        beside = {
            name: value
            for name, value in full.items()
            if oneof is None or descriptor.fields_by_name[name].containing_oneof != oneof
        }
        for at, form in enumerate(islice(self._forms(field, path, depth + 1), MAX_FORMS)):
            yield {**bare, field.name: form}
            if at < _FEW:
                yield {**beside, field.name: form}

    def _forms(self, field: Any, path: tuple[Step, ...], depth: int) -> Iterator[Any]:
        """What may stand as a member, repeated or not."""
        if field.label != field.LABEL_REPEATED:
            yield from self._singles(field, path, depth)
            return
        if _is_map(field):
            key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
            rest = path[1:] if path and isinstance(path[0], Value) else path
            yield {}
            for form in self._singles(value, rest, depth):
                yield {_key(key): form}
            return
        rest = path[1:] if path and isinstance(path[0], Item) else path
        yield []
        for at, form in enumerate(self._singles(field, rest, depth)):
            yield [form]
            if at < _FEW:
                yield [form, form]

    def _singles(self, field: Any, path: tuple[Step, ...], depth: int) -> Iterator[Any]:
        if field.message_type is None:
            yield from _scalars(field)
        elif depth <= _MAX_DEPTH:
            yield from self.messages(field.message_type, path, depth)

    def _least(self, descriptor: Any, depth: int, without: Any = None) -> dict[str, Any]:
        """What is required, and nothing else."""
        self._spend(depth)
        return {
            field.name: self._value(field, depth + 1)
            for field in descriptor.fields
            if _required(field) and (without is None or field.number != without.number)
        }

    def _full(self, descriptor: Any, without: Sequence[str], depth: int) -> dict[str, Any]:
        """A little of everything; of a oneof its first member."""
        self._spend(depth)
        found: dict[str, Any] = {}
        chosen = {
            descriptor.fields_by_name[name].containing_oneof.name
            for name in without
            if descriptor.fields_by_name[name].containing_oneof is not None
        }
        for field in descriptor.fields:
            oneof = field.containing_oneof
            if field.name in without or (oneof is not None and oneof.name in chosen):
                continue
            try:
                found[field.name] = self._value(field, depth + 1)
            except _EndlessError:
                continue
            chosen |= {oneof.name} if oneof is not None else set()
        return found

    def _value(self, field: Any, depth: int) -> Any:
        """The smallest value that shows that the member is set."""
        if _is_map(field):
            return {_key(field.message_type.fields_by_name["key"]): self._value_of_entry(field, depth)}
        one = self._single(field, depth)
        return [one] if field.label == field.LABEL_REPEATED else one

    def _value_of_entry(self, field: Any, depth: int) -> Any:
        return self._single(field.message_type.fields_by_name["value"], depth)

    def _single(self, field: Any, depth: int) -> Any:
        if field.message_type is None:
            values = tuple(_scalars(field))
            return values[1] if len(values) > 1 else values[0]
        known = _of_known(field.message_type)
        return known[0] if known else self._least(field.message_type, depth)

    def _spend(self, depth: int) -> None:
        self._left -= 1
        if self._left < 0 or depth > _MAX_DEPTH:
            raise _EndlessError


def is_known(descriptor: Any) -> bool:
    """Whether JSON has something else than an object for the message."""
    return bool(_of_known(descriptor))


def _of_known(descriptor: Any) -> tuple[Any, ...]:
    if descriptor.full_name in WRAPPERS:
        return tuple(_scalars(descriptor.fields_by_name["value"]))
    return _KNOWN.get(descriptor.full_name, ())


def _scalars(field: Any) -> Iterator[Any]:
    """Values of a scalar, its zero first: the edges of its width, each symbol of an enum."""
    if field.enum_type is not None:
        yield from (value.name for value in islice(field.enum_type.values, MAX_FORMS))
        return
    match field.type:
        case field.TYPE_BOOL:
            yield from (False, True)
        case field.TYPE_STRING:
            yield from _TEXTS
        case field.TYPE_BYTES:
            yield from (base64.b64encode(one).decode() for one in _BYTES)
        case field.TYPE_FLOAT:
            yield from _FLOATS
        case field.TYPE_DOUBLE:
            yield from _DOUBLES
        case _:
            yield from _whole(field)


def _whole(field: Any) -> Iterator[int]:
    signed = field.type in {getattr(field, f"TYPE_{word}") for word in _SIGNED}
    wide = field.cpp_type in {field.CPPTYPE_INT64, field.CPPTYPE_UINT64}
    bits = (64 if wide else 32) - signed
    yield from (0, 1, 2, *((-1,) if signed else ()))
    for edge in (7, 8, 15, 16, 31, 32, 53, 63):
        if edge < bits:
            yield 2**edge
            if signed:
                yield -(2**edge) - 1
    yield 2**bits - 1
    if signed:
        yield -(2**bits)


def _required(field: Any) -> bool:
    return bool(field.label == field.LABEL_REQUIRED)


def _is_map(field: Any) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _key(field: Any) -> str:
    """A map's key, as JSON writes it."""
    if field.type == field.TYPE_STRING:
        return "a"
    return "true" if field.type == field.TYPE_BOOL else "1"
