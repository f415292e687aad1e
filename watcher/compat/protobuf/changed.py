"""Changes of files, messages, enums and services that both sides have: one small check each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from watcher.compat.protobuf.sides import Found
from watcher.model.protobuf import Cardinality, File, Message, Method, ProtoEnum, Service, Span

MessageCheck: TypeAlias = Callable[[Message, Message], Iterable[Found]]
EnumCheck: TypeAlias = Callable[[ProtoEnum, ProtoEnum], Iterable[Found]]

_MOST = {"message": 536_870_911, "enum": 2_147_483_647}


def same_option(option: str) -> Callable[[File, File], Iterator[Found]]:
    """A file's option keeps its value; one that is not set has its default."""

    def check(was: File, now: File) -> Iterator[Found]:
        before, after = dict(was.options)[option], dict(now.options)[option]
        if before != after:
            yield Found(now.name, "", f"the file's option `{option}` was `{before}` and is `{after}`")

    return check


def same_syntax(was: File, now: File) -> Iterator[Found]:
    """A file keeps its syntax: proto2, proto3, or that of editions."""
    if was.syntax != now.syntax:
        yield Found(now.name, "", f"the file's syntax was `{was.syntax}` and is `{now.syntax}`")


def same_package(was: File, now: File) -> Iterator[Found]:
    """A file keeps its package."""
    if was.package != now.package:
        yield Found(now.name, "", f"the file's package was `{was.package}` and is `{now.package}`")


def no_oneof_deleted(was: Message, now: Message) -> Iterator[Found]:
    """A message keeps its oneofs."""
    kept = set(now.oneofs)
    for oneof in was.oneofs:
        if oneof not in kept:
            yield Found(now.file, now.full_name, f"the oneof `{oneof}` is gone")


def no_accessor_removed(was: Message, now: Message) -> Iterator[Found]:
    """A message keeps its standard accessor to its descriptor."""
    if now.no_standard_descriptor_accessor and not was.no_standard_descriptor_accessor:
        told = "the option `no_standard_descriptor_accessor` was not set, and is"
        yield Found(now.file, now.full_name, told)


def same_required_fields(was: Message, now: Message) -> Iterator[Found]:
    """A message has the same required fields: a side that does not know of one breaks the other."""
    before, after = (_required(message) for message in (was, now))
    for number in sorted(before.keys() - after.keys()):
        yield Found(now.file, now.full_name, f"field {number} (`{before[number]}`) was required, and is not")
    for number in sorted(after.keys() - before.keys()):
        yield Found(now.file, now.full_name, f"field {number} (`{after[number]}`) is required, and was not")


def _required(message: Message) -> dict[int, str]:
    return {one.number: one.name for one in message.fields if one.cardinality is Cardinality.REQUIRED}


def no_extension_range_deleted(was: Message, now: Message) -> Iterator[Found]:
    """A message keeps the numbers that extensions may have."""
    yield from _no_range_deleted("extension numbers", "message", was.extension_ranges, now.extension_ranges, now)


def no_reserved_deleted(was: Message | ProtoEnum, now: Message | ProtoEnum) -> Iterator[Found]:
    """A message or enum keeps the numbers and names that it has reserved."""
    kind = "message" if isinstance(now, Message) else "enum"
    yield from _no_range_deleted("reserved numbers", kind, was.reserved, now.reserved, now)
    kept = set(now.reserved_names)
    for name in was.reserved_names:
        if name not in kept:
            yield Found(now.file, now.full_name, f"the name `{name}` was reserved, and is not")


def _no_range_deleted(
    what: str, kind: str, was: Iterable[Span], now: tuple[Span, ...], element: Message | ProtoEnum
) -> Iterator[Found]:
    joined = _joined(now)
    for span in was:
        gone = ", ".join(_span(one, _MOST[kind]) for one in _missing(span, joined))
        if gone:
            yield Found(element.file, element.full_name, f"of the {what} {_span(span, _MOST[kind])} are gone: {gone}")


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans, those that overlap or touch made one; they stand in order."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def _missing(span: Span, now: tuple[Span, ...]) -> Iterator[Span]:
    """What of a span is in none of the others, which stand in order and do not touch."""
    start, end = span
    for low, high in now[bisect_left(now, start, key=_end) :]:
        if low > end:
            break
        if low > start:
            yield start, low - 1
        start = high + 1
    if start <= end:
        yield start, end


def _span(span: Span, most: int) -> str:
    start, end = span
    return str(start) if start == end else f"{start} to {'max' if end >= most else end}"


def same_json_format(was: Message | ProtoEnum, now: Message | ProtoEnum) -> Iterator[Found]:
    """A message or enum that is sure to have a JSON form keeps it."""
    if was.json_format == "ALLOW" and now.json_format != "ALLOW":
        told = f"its support of JSON was `{was.json_format}` and is `{now.json_format}`"
        yield Found(now.file, now.full_name, told)


def same_enum_type(was: ProtoEnum, now: ProtoEnum) -> Iterator[Found]:
    """An enum stays open, or closed."""
    if was.closed is not now.closed:
        words = ("closed", "open") if was.closed else ("open", "closed")
        yield Found(now.file, now.full_name, f"the enum was {words[0]} and is {words[1]}")


def same_value_names(was: ProtoEnum, now: ProtoEnum) -> Iterator[Found]:
    """A number keeps its names: another one may come beside them, none may stand in their place."""
    if was.values == now.values:
        return
    theirs = now.by_number()
    for number, before in was.by_number().items():
        after = theirs.get(number, frozenset())
        if after and not before <= after:
            told = f"the value {number} was {_named(before)} and is {_named(after)}"
            yield Found(now.file, now.full_name, told)


def no_value_deleted(was: ProtoEnum, now: ProtoEnum) -> Iterator[Found]:
    """An enum keeps its values."""
    for number, names in _gone(was, now):
        yield Found(now.file, now.full_name, f"the value {number} ({_named(names)}) is gone")


def no_value_deleted_unless_number_reserved(was: ProtoEnum, now: ProtoEnum) -> Iterator[Found]:
    """An enum keeps its values, or reserves the numbers of those that go."""
    reserved = _joined(now.reserved)
    for number, names in _gone(was, now):
        if not _within(number, reserved):
            told = f"the value {number} ({_named(names)}) is gone, and its number not reserved"
            yield Found(now.file, now.full_name, told)


def no_value_deleted_unless_name_reserved(was: ProtoEnum, now: ProtoEnum) -> Iterator[Found]:
    """An enum keeps its values, or reserves all names of those that go."""
    reserved = set(now.reserved_names)
    for number, names in _gone(was, now):
        if not names <= reserved:
            told = f"the value {number} ({_named(names)}) is gone, and its name not reserved"
            yield Found(now.file, now.full_name, told)


def _gone(was: ProtoEnum, now: ProtoEnum) -> Iterator[tuple[int, frozenset[str]]]:
    kept = {number for _, number in now.values}
    return ((number, names) for number, names in was.by_number().items() if number not in kept)


def no_field_deleted(was: Message, now: Message) -> Iterator[Found]:
    """A message keeps its fields."""
    for field in _fields_gone(was, now):
        yield Found(now.file, now.full_name, f"field {field[0]} (`{field[1]}`) is gone")


def no_field_deleted_unless_number_reserved(was: Message, now: Message) -> Iterator[Found]:
    """A message keeps its fields, or reserves the numbers of those that go."""
    reserved = _joined(now.reserved)
    for number, name in _fields_gone(was, now):
        if not _within(number, reserved):
            yield Found(now.file, now.full_name, f"field {number} (`{name}`) is gone, and its number not reserved")


def no_field_deleted_unless_name_reserved(was: Message, now: Message) -> Iterator[Found]:
    """A message keeps its fields, or reserves the names of those that go."""
    reserved = set(now.reserved_names)
    for number, name in _fields_gone(was, now):
        if name not in reserved:
            yield Found(now.file, now.full_name, f"field {number} (`{name}`) is gone, and its name not reserved")


def _fields_gone(was: Message, now: Message) -> Iterator[tuple[int, str]]:
    kept = {field.number for field in now.fields}
    return ((field.number, field.name) for field in was.fields if field.number not in kept)


def no_method_deleted(was: Service, now: Service) -> Iterator[Found]:
    """A service keeps its methods."""
    kept = {method.name for method in now.methods}
    for method in was.methods:
        if method.name not in kept:
            yield Found(now.file, now.full_name, f"the method `{method.name}` is gone")


def same_method(
    attribute: str, what: str
) -> Callable[[tuple[Service, Method], tuple[Service, Method]], Iterator[Found]]:
    """A method keeps this attribute."""

    def check(was: tuple[Service, Method], now: tuple[Service, Method]) -> Iterator[Found]:
        before, after = getattr(was[1], attribute), getattr(now[1], attribute)
        if before != after:
            path = f"{now[0].full_name}.{now[1].name}"
            yield Found(now[0].file, path, f"the method's {what} was `{_word(before)}` and is `{_word(after)}`")

    return check


def _word(value: str | bool) -> str:
    return ("streaming" if value else "unary") if isinstance(value, bool) else value


def _within(number: int, spans: tuple[Span, ...]) -> bool:
    """Whether a number is in one of the spans, which stand in order and do not touch."""
    at = bisect_left(spans, number, key=_end)
    return at < len(spans) and spans[at][0] <= number


def _end(span: Span) -> int:
    return span[1]


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
