"""The protobuf kit: what a reader gets of bytes, told as it gets it, and an end whatever the schema."""

import time
from typing import Any

import pytest

from watcher.model.path import FieldPath
from watcher.model.schema import Format, SchemaText
from watcher.witness.case import Kit, Refused
from watcher.witness.protobuf_kit import ProtobufKit

KIT = ProtobufKit()
KNOWN = 'import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto";'


def text(body: str, *references: tuple[str, str], head: str = 'syntax = "proto3";') -> SchemaText:
    return SchemaText(Format.PROTOBUF, f"{head} {body}", references)


def message(members: str) -> SchemaText:
    return text(f"message M {{ {members} }}")


def variants(schema: SchemaText, path: str) -> list[Any]:
    return list(KIT.variants(schema, FieldPath(path)))


def reread(record: Any, writer: SchemaText, reader: SchemaText | None = None) -> Any:
    return KIT.read(KIT.write(writer, record), writer, reader)


def test_it_is_a_kit() -> None:
    """The kit names the package that encodes, with its version."""
    kit: Kit = KIT

    assert kit.library.startswith("protobuf 5.")


def test_the_first_message_is_the_record() -> None:
    """A record is the first message of the text, in a package or not."""
    schema = text("package p; enum E { Z = 0; } message A { int32 x = 1; } message B { string x = 1; }")

    assert KIT.write(schema, {"x": 5}) == b"\x08\x05"


@pytest.mark.parametrize(
    ("members", "record", "read"),
    [
        ("int32 a = 1;", {}, {"a": 0}),
        ("optional int32 a = 1;", {}, {}),
        ("optional int32 a = 1;", {"a": 0}, {"a": 0}),
        ("int64 a = 1;", {"a": 2**62}, {"a": 2**62}),
        ("bytes some_name = 1;", {"some_name": "/w=="}, {"some_name": b"\xff"}),
        ("repeated string a = 1;", {}, {"a": []}),
        ("map<bool, int32> a = 1;", {"a": {"true": 1}}, {"a": {"true": 1}}),
        ("E a = 1; enum E { Z = 0; Y = 1; }", {"a": "Y"}, {"a": "Y"}),
        ("E a = 1; enum E { Z = 0; Y = 1; }", {"a": 7}, {"a": 7}),
        ("N a = 1; message N { int32 b = 1; }", {"a": {}}, {"a": {"b": 0}}),
        ("N a = 1; message N { int32 b = 1; }", {}, {}),
        ("oneof o { int32 a = 1; int32 b = 2; }", {"b": 0}, {"b": 0}),
        ("double a = 1;", {"a": "Infinity"}, {"a": float("inf")}),
    ],
)
def test_plain_values(members: str, record: Any, read: Any) -> None:
    """Members are named as in the schema; those with presence stand there where they are set, others always."""
    assert reread(record, message(members)) == read


def test_known_messages() -> None:
    """Timestamps are told as JSON writes them, wrappers as the value that they hold."""
    schema = text(f"{KNOWN} message M {{ google.protobuf.Timestamp t = 1; google.protobuf.Int64Value w = 2; }}")

    assert reread({"t": "2000-01-01T00:00:00Z", "w": 0}, schema) == {"t": "2000-01-01T00:00:00Z", "w": 0}
    assert {"w": 0} in variants(schema, "w")
    assert {"t": "1970-01-01T00:00:00Z"} in variants(schema, "t")


def test_another_reader() -> None:
    """What the reader cannot take as its own type, and what it has no member for, stands under its number."""
    writer = message("string a = 1; int32 b = 2; E c = 3; enum E { Z = 0; Y = 1; }")
    reader = message("int32 a = 1; E c = 3; enum E { Z = 0; }")

    assert reread({"a": "x"}, writer, reader) == {"a": 0, "c": "Z", "#1": [b"x"]}
    assert reread({"b": 5}, writer, reader) == {"a": 0, "c": "Z", "#2": [5]}
    assert reread({"c": "Y"}, writer, reader) == {"a": 0, "c": 1}


def test_another_encoding() -> None:
    """A zigzag number is read as another number, and packed numbers not at all where one is expected."""
    assert reread({"a": 1}, message("sint32 a = 1;"), message("int32 a = 1;")) == {"a": 2}
    packed = reread({"a": [1, 2]}, message("repeated int32 a = 1;"), message("int32 a = 1;"))
    assert packed == {"a": 0, "#1": [b"\x01\x02"]}


def test_texts_must_be_utf8() -> None:
    """Bytes that are no UTF-8 are refused by a reader that has a text there."""
    with pytest.raises(Refused):
        reread({"a": "//4="}, message("bytes a = 1;"), message("string a = 1;"))


def test_proto2() -> None:
    """Required members must be there, to write and to read; groups and closed enums are read as they are."""
    head = 'syntax = "proto2";'
    schema = text(
        "message M { required int32 a = 1; optional group G = 2 { optional E e = 1; } } enum E { Y = 1; }", head=head
    )
    later = text("message M { optional group G = 2 { optional E e = 1; } } enum E { X = 2; Y = 1; }", head=head)

    assert reread({"a": 1, "g": {"e": "Y"}}, schema) == {"a": 1, "g": {"e": "Y"}}
    with pytest.raises(Refused, match="missing required fields: a"):
        KIT.write(schema, {})
    with pytest.raises(Refused, match="missing required fields: a"):
        KIT.read(b"", schema)
    assert reread(
        {"g": {"e": "X"}},
        later,
        text("message M { optional group G = 2 { optional E e = 1; } } enum E { Y = 1; }", head=head),
    ) == {"g": {"#1": [2]}}
    assert all("a" in record for record in variants(schema, "g.e"))


def test_editions() -> None:
    """A text of an edition is read with its features."""
    schema = text(
        "message M { int32 a = 1; int32 b = 2 [features.field_presence = IMPLICIT]; }", head='edition = "2023";'
    )

    assert reread({}, schema) == {"b": 0}


def test_imports() -> None:
    """What is imported comes with the schema; an import that is not there, and not needed, is left out."""
    schema = text(
        'import "n.proto"; import "gone.proto"; message M { N n = 1; }',
        ("n.proto", 'syntax = "proto3"; message N { int32 a = 1; }'),
    )

    assert reread({"n": {"a": 1}}, schema) == {"n": {"a": 1}}


@pytest.mark.parametrize(
    ("members", "path", "forms"),
    [
        ("bool a = 1;", "a", [{}, {"a": False}, {"a": True}]),
        ("E a = 1; enum E { Z = 0; Y = 1; }", "a", [{}, {"a": "Z"}, {"a": "Y"}]),
        ("oneof o { bool a = 1; bool b = 2; }", "a", [{}, {"a": False}, {"a": True}, {"b": True}]),
        ("repeated bool a = 1;", "a[]", [{}, {"a": []}, {"a": [False]}, {"a": [True]}]),
        ("map<int32, bool> a = 1;", "a{}", [{}, {"a": {}}, {"a": {"1": False}}, {"a": {"1": True}}]),
        ("N a = 1; message N { bool b = 1; }", "a.b", [{}, {"a": {}}, {"a": {"b": False}}, {"a": {"b": True}}]),
        ("M m = 1; bool a = 2;", "m.m.a", [{}, {"m": {}}, {"m": {"m": {"a": True}}}]),
        ("bool a = 1;", "nowhere", [{}]),
    ],
)
def test_forms(members: str, path: str, forms: list[Any]) -> None:
    """What stands at the path takes each form, beside nothing else, the shortest bytes first."""
    schema = message(members)
    grown = variants(schema, path)
    sizes = [len(KIT.write(schema, record)) for record in grown]

    assert [form for form in forms if form not in grown] == []
    assert sizes == sorted(sizes)


def test_siblings() -> None:
    """A form is given beside all other members too, one of each oneof."""
    grown = variants(message("bool a = 1; string b = 2; oneof o { bool c = 3; bool d = 4; }"), "a")

    assert {"a": True, "b": "a", "c": True} in grown


@pytest.mark.parametrize(
    "schema",
    [
        text("enum E { Z = 0; }"),
        text("message"),
        text(""),
        SchemaText(Format.PROTOBUF, "\ud800"),
        text("message M { N n = 1; }"),
    ],
)
def test_what_is_no_schema(schema: SchemaText) -> None:
    """What cannot be compiled, or has no message, is refused."""
    for ask in (lambda: KIT.write(schema, {}), lambda: KIT.read(b"", schema), lambda: variants(schema, "")):
        with pytest.raises(Refused):
            ask()


@pytest.mark.parametrize(
    "record", [3, "a", None, [], {"z": 1}, {"a": "x"}, {"a": 2**40}, {"a": {}}, {"a": [1]}, {1: 2}]
)
def test_what_is_no_record(record: Any) -> None:
    """What the message does not take is refused, in one line."""
    with pytest.raises(Refused) as refused:
        KIT.write(message("int32 a = 1;"), record)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("data", [b"\x08", b"\x0a\xff", b"\xff" * 20, b"\x00", b"\x0b" * 200])
def test_what_are_no_bytes(data: bytes) -> None:
    """Bytes that are no message are refused."""
    with pytest.raises(Refused):
        KIT.read(data, message("int32 a = 1;"))


def test_wide_and_endless_schemas() -> None:
    """A message that requires itself has no record; many wide messages inside each other have a bounded number."""
    started = time.monotonic()
    endless = text("message M { required M m = 1; }", head='syntax = "proto2";')
    wide = " ".join(
        f"message N{at} {{ " + " ".join(f"N{at + 1} f{n} = {n};" for n in range(1, 20)) + " }" for at in range(12)
    )

    assert variants(endless, "m") == []
    assert 0 < len(variants(text(f"message M {{ N0 n = 1; }} {wide} message N12 {{ int32 a = 1; }}"), "n.f1.f1")) <= 500
    assert time.monotonic() - started < 20
