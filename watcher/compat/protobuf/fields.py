"""Changes of fields and extensions that both sides have: one small check each."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Mapping

from watcher.compat.protobuf import sides
from watcher.compat.protobuf.sides import Found, Sides
from watcher.model.protobuf import Cardinality, DefaultValue, ProtoEnum, ProtoField

_TEXTS = frozenset({"string", "bytes"})
_WIDE = frozenset({"int64", "uint64", "sint64", "fixed64", "sfixed64"})
_NAMED = frozenset({"enum", "message", "group"})

_WIRE: Mapping[str, str] = {
    **dict.fromkeys(("int32", "int64", "uint32", "uint64", "bool"), "varint"),
    **dict.fromkeys(("sint32", "sint64"), "zigzag"),
    **dict.fromkeys(("fixed32", "sfixed32"), "four bytes"),
    **dict.fromkeys(("fixed64", "sfixed64"), "eight bytes"),
}
"""Types that are read as each other; any other only as itself. An enum is no number: nobody checks its values."""

_WIRE_JSON: Mapping[str, str] = {
    **dict.fromkeys(("int32", "uint32"), "varint, a number"),
    **dict.fromkeys(("int64", "uint64"), "varint, a text"),
    **dict.fromkeys(("fixed32", "sfixed32"), "four bytes"),
    **dict.fromkeys(("fixed64", "sfixed64"), "eight bytes"),
}
_ONCE = {Cardinality.EXPLICIT: "at most once", Cardinality.IMPLICIT: "at most once"}
_OFTEN = {**_ONCE, Cardinality.REPEATED: "often", Cardinality.MAP: "often"}


def _told(field: ProtoField, message: str) -> Found:
    what = "extension" if field.extension else "field"
    return Found(field.file, field.full_name, f"{what} {field.number} {message}")


def _quoted(name: str) -> str:
    return f"`{name}`"


def same(what: str, of: Callable[[ProtoField], str], on: frozenset[str]) -> sides.Check:
    """A field of these kinds keeps what `of` tells of it."""

    def check(was: ProtoField, now: ProtoField) -> Iterator[Found]:
        if was.kind in on and now.kind in on and of(was) != of(now):
            yield _told(now, f"had the {what} {_quoted(of(was))} and has {_quoted(of(now))}")

    return sides.each(sides.fields, check)


def _same_cpp_string(was: ProtoField, now: ProtoField) -> Iterator[Found]:
    if was.kind not in _TEXTS or now.kind not in _TEXTS or was.cpp_string == now.cpp_string:
        return
    if (was.cpp_string, now.cpp_string) != ("STRING_PIECE", "STRING"):
        yield _told(now, f"had the C++ string type `{was.cpp_string}` and has `{now.cpp_string}`")


def _same_name(was: ProtoField, now: ProtoField) -> Iterator[Found]:
    before, after = (one.full_name if one.extension else one.name for one in (was, now))
    if before != after:
        yield _told(now, f"was called `{before}` and is called `{after}`")


def _same_json_name(was: ProtoField, now: ProtoField) -> Iterator[Found]:
    if not was.extension and was.json_name != now.json_name:
        yield _told(now, f"was called `{was.json_name}` in JSON and is called `{now.json_name}`")


def _same_oneof(was: ProtoField, now: ProtoField) -> Iterator[Found]:
    if was.oneof != now.oneof:
        before, after = (f"in the oneof `{one.oneof}`" if one.oneof else "in no oneof" for one in (was, now))
        yield _told(now, f"was {before} and is {after}")


def _same_type(was: ProtoField, now: ProtoField) -> Iterator[Found]:
    if was.kind != now.kind or was.type_name != now.type_name:
        yield _type_told(was, now)


def _type_told(was: ProtoField, now: ProtoField, why: str = "") -> Found:
    before, after = (one.type_name if one.type_name and was.kind == now.kind else one.kind for one in (was, now))
    return _told(now, f"was of the type `{before}` and is of the type `{after}`{why}")


def _same_default(was: ProtoField, now: ProtoField) -> Iterator[Found]:
    if not was.absent and not now.absent:
        return
    if was.absent is None or now.absent is None or _equal(was, now):
        return
    yield _told(now, f"had the default {_shown(was.absent)} and has {_shown(now.absent)}")


def _equal(was: ProtoField, now: ProtoField) -> bool:
    """Whether two defaults mean the same, whatever type carries them: 1, 1.0 and true do."""
    before, after = (one.absent.encode() if isinstance(one.absent, str) else one.absent for one in (was, now))
    if isinstance(before, bytes) or isinstance(after, bytes):
        return before == after
    if isinstance(before, float) and isinstance(after, float):
        if math.isnan(before) or math.isnan(after):
            return math.isnan(before) and math.isnan(after)
        if was.kind != now.kind:
            return _single(before) == _single(after)
    return before == after


def _single(value: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def _shown(value: DefaultValue) -> str:
    return f"`{value!r}`" if isinstance(value, bytes | str) else f"`{str(value).lower()}`"


def cardinality(groups: Mapping[Cardinality, str]) -> sides.Check:
    """A field keeps how often it stands, where the groups tell the two apart."""

    def check(was: ProtoField, now: ProtoField) -> Iterator[Found]:
        before, after = was.cardinality, now.cardinality
        if groups.get(before, before) != groups.get(after, after):
            yield _told(now, f"was {_quoted(before)} and is {_quoted(after)}")

    # What the members of a map's entry inherit means nothing, until somebody writes the entry's message out.
    return sides.each(sides.written_fields, check)


def compatible_type(groups: Mapping[str, str], *, text_to_bytes: bool) -> sides.Check:
    """A field's type is read as what it was; another enum of the same name that has all values counts as the same."""

    def check(over: Sides) -> Iterator[Found]:
        for was, now in sides.fields(over):
            if was.kind == now.kind and was.type_name == now.type_name:
                continue
            if groups.get(was.kind, was.kind) != groups.get(now.kind, now.kind):
                if not (text_to_bytes and (was.kind, now.kind) == ("string", "bytes")):
                    yield _type_told(was, now, _hint(was, now))
            elif now.kind == "enum" and was.kind == "enum":
                before, after = (side.every_enum.get(str(one.type_name)) for side, one in _of(over, was, now))
                if not _covers(before, after):
                    yield _type_told(was, now)
            elif now.kind in _NAMED:
                yield _type_told(was, now)

    return check


def _of(over: Sides, was: ProtoField, now: ProtoField) -> tuple[tuple[sides.Side, ProtoField], ...]:
    return (over.was, was), (over.now, now)


def _covers(was: ProtoEnum | None, now: ProtoEnum | None) -> bool:
    if was is None or now is None:
        return False
    simple = [one.name.rpartition(".")[2] for one in (was, now)]
    return simple[0] == simple[1] and set(was.values) <= set(now.values)


def _hint(was: ProtoField, now: ProtoField) -> str:
    if (was.kind, now.kind) == ("bytes", "string"):
        return ": bytes need not be the UTF-8 that a text must be"
    return ""


same_cardinality = cardinality({})
wire_cardinality = cardinality(_OFTEN)
wire_json_cardinality = cardinality(_ONCE)
same_cpp_string = sides.each(sides.fields, _same_cpp_string)
same_java_utf8 = same("Java check of UTF-8", lambda field: field.java_utf8, frozenset({"string"}))
same_utf8 = same("check of UTF-8", lambda field: field.utf8, frozenset({"string"}))
same_jstype = same("option `jstype`", lambda field: field.jstype, _WIDE)
same_type = sides.each(sides.fields, _same_type)
same_name = sides.each(sides.fields, _same_name)
same_json_name = sides.each(sides.fields, _same_json_name)
same_oneof = sides.each(sides.fields, _same_oneof)
same_default = sides.each(sides.fields, _same_default)
wire_type = compatible_type(_WIRE, text_to_bytes=True)
wire_json_type = compatible_type(_WIRE_JSON, text_to_bytes=False)
