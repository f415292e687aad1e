"""Protobuf on anything: a schema or a SchemaError, the same beside itself, and verdicts that real bytes bear out."""

import contextlib
from collections.abc import Iterable
from random import Random
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from tests.property.protobuf_schemas import Plan, changed, plans
from watcher.compat.protobuf import breaking, check, differences
from watcher.diff.walker import diff
from watcher.formats.protobuf import parse, read_files
from watcher.formats.protobuf.compiler import compile_files
from watcher.model.errors import SchemaError
from watcher.model.protobuf import Category
from watcher.model.schema import Schema

FILE = "a.proto"
WHOLE = 'syntax = "proto3"; message A { string a = 1; }'
PIECES = [
    *(
        "message M {",
        "}",
        "enum E {",
        "oneof o {",
        "repeated",
        "optional",
        "required",
        "map<string, int32>",
        "int32",
        "M",
    ),
    *("a", "b", "= 1", "= 2", "= -1", "0x10", ";", "[", "]", "(", ")", "<", ">", ".", ",", "default", "extend M {"),
    *("//", "/*", "*/", '"', "'", "reserved", "to max", "extensions 5 to 9;", "group G", "service S {", "rpc R(M)"),
    *("returns (M);", "option", "features.field_presence", "= IMPLICIT", "import", '"google/protobuf/any.proto"'),
    *("\n", "\\", "#", "\0", "\ud800", "\u00e9", 'syntax = "proto3";', 'edition = "2023";', "package p;"),
]


def read(text: str) -> None:
    with contextlib.suppress(SchemaError):
        assert isinstance(parse(text), Schema)


def broken(category: Category, was: str, now: str) -> Iterable[object]:
    return breaking(category, read_files({FILE: was}), read_files({FILE: now}), ([FILE], [FILE]))


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """Any text is read or refused."""
    read(text)


@given(st.binary(max_size=60), st.integers(0, 45))
@example(b"\x01", 10)
def test_any_bytes(written: bytes, at: int) -> None:
    """Any bytes, in whatever place of a schema they stand, are read or refused; half a character too."""
    for text in (written.decode("latin-1"), written.decode(errors="surrogateescape")):
        read(text)
        read(WHOLE[:at] + text + WHOLE[at:])


@given(st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from(['syntax = "proto3";', 'edition = "2023";', ""]))
def test_anything_that_looks_like_it(pieces: list[str], head: str) -> None:
    """Any pieces of the language, in any order, are read or refused."""
    read(head + " ".join(pieces))


@given(plans(), st.data())
def test_a_text_with_a_hole(plan: Plan, data: st.DataObject) -> None:
    """A text of which a piece is missing is read or refused, as a file of an edition too."""
    text = plan.text()
    start, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 20))
    holed = text[:start] + text[start + length :]

    read(holed)
    read(holed.replace('syntax = "proto3"', 'edition = "2023"').replace("optional ", ""))


@given(plans())
def test_the_same_beside_itself(plan: Plan) -> None:
    """Nothing differs from itself, and breaks nothing."""
    schema, again = parse(plan.text()), parse(plan.text())

    assert [*diff(schema, again), *differences(schema, again), *check(schema, again)] == []
    assert not any(broken(category, plan.text(), plan.text()) for category in Category)


@given(plans(), st.randoms())
def test_order_and_comments_mean_nothing(plan: Plan, shuffle: Random) -> None:
    """Fields, values, oneofs and messages in another order, and comments: no change, and nothing broken."""
    text = plan.text(shuffle)
    schema, again = parse(plan.text()), parse(text)

    assert [*diff(schema, again), *check(schema, again)] == []
    assert not any(broken(category, plan.text(), text) for category in Category)


@given(plans(), st.data())
def test_stricter_categories_find_more(plan: Plan, data: st.DataObject) -> None:
    """What breaks the encoding breaks the encoding and JSON together, and that breaks generated code."""
    now = data.draw(changed(plan)).text()
    found = {category: bool(broken(category, plan.text(), now)) for category in Category}

    assert found[Category.WIRE] <= found[Category.WIRE_JSON] <= found[Category.PACKAGE] <= found[Category.FILE]


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(plans(), st.data(), st.randoms())
def test_what_does_not_break_the_wire_is_read(plan: Plan, data: st.DataObject, chance: Random) -> None:
    """Under WIRE, what the old schema wrote the new one reads: each field of the same type has the same value."""
    new = data.draw(changed(plan))
    was, now = plan.text(), new.text()
    assume(not broken(Category.WIRE, was, now))
    written = _filled(_message(was), chance, 3)

    read_back = _message(now)
    read_back.ParseFromString(written.SerializeToString())
    _compare(written, read_back)


@given(plans(), st.data())
def test_differences_are_told_apart_by_side(plan: Plan, data: st.DataObject) -> None:
    """What was added from one side was removed from the other."""
    one, other = parse(plan.text()), parse(data.draw(changed(plan)).text())
    there, back = ({(d.kind, d.path) for d in differences(*pair)} for pair in ((one, other), (other, one)))

    assert {path for kind, path in there if kind == "FIELD_ADDED"} == {p for kind, p in back if kind == "FIELD_REMOVED"}


def _message(text: str) -> Any:
    pool = descriptor_pool.DescriptorPool()
    for compiled in compile_files({FILE: text}, {}):
        pool.Add(compiled.descriptor)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("p.M0"))()


def _filled(message: Any, chance: Random, depth: int) -> Any:
    for field in message.DESCRIPTOR.fields:
        if chance.random() < 0.3 or (field.message_type is not None and depth == 0):
            continue
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            value = field.message_type.fields_by_name["value"]
            held = getattr(message, field.name)
            if value.message_type is not None:
                _filled(held["k"], chance, depth - 1)
            else:
                held["k"] = _scalar(value, chance)
        elif field.label == field.LABEL_REPEATED:
            for _ in range(chance.randint(1, 3)):
                if field.message_type is not None:
                    _filled(getattr(message, field.name).add(), chance, depth - 1)
                else:
                    getattr(message, field.name).append(_scalar(field, chance))
        elif field.message_type is not None:
            getattr(message, field.name).SetInParent()
            _filled(getattr(message, field.name), chance, depth - 1)
        else:
            setattr(message, field.name, _scalar(field, chance))
    return message


def _scalar(field: Any, chance: Random) -> Any:
    if field.enum_type is not None:
        return chance.choice(field.enum_type.values).number
    match field.cpp_type:
        case field.CPPTYPE_BOOL:
            return chance.random() < 0.5
        case field.CPPTYPE_STRING:
            return b"\xff\x00" if field.type == field.TYPE_BYTES else chance.choice(["", "x", "\u00e9\0"])
        case field.CPPTYPE_FLOAT | field.CPPTYPE_DOUBLE:
            return chance.choice([0.0, -1.5, 2.0**20])
        case field.CPPTYPE_INT32 | field.CPPTYPE_INT64:
            return chance.choice([0, -1, 7, 2**31 - 1])
    return chance.choice([0, 7, 2**32 - 1])


def _compare(written: Any, read_back: Any) -> None:
    """Fields of the same number and type hold the same; messages are looked into."""
    theirs = {field.number: field for field in read_back.DESCRIPTOR.fields}
    for field in written.DESCRIPTOR.fields:
        its = theirs.get(field.number)
        if its is None or its.type != field.type or its.label != field.label:
            continue
        one, other = getattr(written, field.name), getattr(read_back, its.name)
        if field.message_type is None:
            assert one == other
        elif field.label != field.LABEL_REPEATED:
            assert written.HasField(field.name) is read_back.HasField(its.name)
            if written.HasField(field.name):
                _compare(one, other)
        else:
            assert len(one) == len(other)
