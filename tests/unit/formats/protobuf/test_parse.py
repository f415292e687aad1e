"""Protobuf texts become canonical schemas: what a consumer of the data sees."""

from dataclasses import replace

import pytest
from google.protobuf import descriptor_pool

from watcher.diff.render import to_json
from watcher.diff.walker import diff
from watcher.formats.protobuf import parse, read_files
from watcher.formats.protobuf.compiler import compile_files
from watcher.model.errors import SchemaError
from watcher.model.protobuf import Cardinality
from watcher.model.schema import Format
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
    Record,
    Ref,
    String,
    Timestamp,
    Type,
    Union,
)


def members(body: str, syntax: str = "proto3", *references: tuple[str, str]) -> tuple[Field, ...]:
    schema = parse(f'syntax = "{syntax}"; {body}', references)
    root = schema.resolve(schema.root)
    assert isinstance(root, Record)
    return root.fields


def plain(field: Field) -> Field:
    """Without its place in the encoding, of which tests of their own speak."""
    return replace(field, tag=None, encoding=None)


def member(text: str, syntax: str = "proto3", more: str = "") -> Field:
    (field,) = members(f"message M {{ {text} }} {more}", syntax)
    return plain(field)


@pytest.mark.parametrize(
    ("word", "type_", "zero"),
    [
        ("bool", Boolean(), False),
        ("string", String(), ""),
        ("bytes", Binary(), ""),
        ("float", Float(32), 0.0),
        ("double", Float(64), 0.0),
        *((word, Integer(32), 0) for word in ("int32", "sint32", "sfixed32")),
        *((word, Integer(64), 0) for word in ("int64", "sint64", "sfixed64")),
        *((word, Integer(32, signed=False), 0) for word in ("uint32", "fixed32")),
        *((word, Integer(64, signed=False), 0) for word in ("uint64", "fixed64")),
    ],
)
def test_scalars(word: str, type_: Type, zero: object) -> None:
    """A scalar with implicit presence is never missing: it has its zero."""
    assert member(f"{word} a = 1;") == Field("a", type_, Default(zero))


def test_presence() -> None:
    """Explicit presence may be missing, a required field never is, and a declared default is kept."""
    assert member("optional int32 a = 1;") == Field("a", Integer(32), required=False)
    assert member("optional int32 a = 1;", "proto2") == Field("a", Integer(32), required=False)
    assert member("required int32 a = 1;", "proto2") == Field("a", Integer(32), required=True)
    assert member("optional int32 a = 1 [default = 7];", "proto2") == Field(
        "a", Integer(32), Default(7), required=False
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("string a = 1 [default = 'x\\ny'];", "x\ny"),
        ("bytes a = 1 [default = '\\001\\xffb'];", "\x01\xffb"),
        ("double a = 1 [default = -inf];", "-Infinity"),
        ("double a = 1 [default = nan];", "NaN"),
        ("bool a = 1 [default = true];", True),
        ("E a = 1 [default = B];", "B"),
    ],
)
def test_declared_defaults(text: str, value: object) -> None:
    """Defaults are JSON values; bytes are the text of their code points."""
    assert member(f"optional {text}", "proto2", "enum E { A = 0; B = 5; }").default == Default(value)


def test_repeated_and_maps() -> None:
    """What is repeated is never missing: it is empty."""
    assert member("repeated string a = 1;") == Field("a", Array(String()), Default([]))
    assert member("map<int32, bytes> a = 1;") == Field("a", Map(Binary()), Default({}))


def test_oneof_members_stand_beside_the_others() -> None:
    """The members of a oneof are members of the message that may be missing."""
    a, b, c = members("message M { int32 a = 1; oneof o { int32 b = 2; M c = 3; } }")

    assert (a.required, b.required, c.required) == (True, False, False)
    assert c.type == Ref("M")


def test_groups_and_extensions() -> None:
    """A group is a nested message; an extension is no member of the message that it extends."""
    body = "message M { optional group G = 1 { optional int32 x = 1; } extensions 5 to 9; }"
    (group,) = members(body + " extend M { optional int32 e = 5; }", "proto2")

    assert plain(group) == Field("g", Ref("M.G"), required=False)


def test_well_known_types() -> None:
    """Timestamps and durations are what they mean; a wrapper is a value that may be null."""
    imports = " ".join(f'import "google/protobuf/{one}.proto";' for one in ("timestamp", "duration", "wrappers", "any"))
    at, span, text, anything = members(
        f"{imports} message M {{ google.protobuf.Timestamp a = 1; google.protobuf.Duration b = 2;"
        " google.protobuf.StringValue c = 3; google.protobuf.Any d = 4; }"
    )

    assert plain(at) == Field("a", Timestamp("ns"), required=False)
    assert span.type == Duration()
    assert text.type == Union((NULL, String()))
    assert anything.type == Ref("google.protobuf.Any")


def test_names_and_packages() -> None:
    """Messages and enums stand once, by full name; those that the root does not lead to are left out."""
    schema = parse(
        'syntax = "proto3"; package shop.v1; message Order { Line line = 1; message Line { Kind kind = 1; } }'
        " enum Kind { NONE = 0; B = 2; A = 1; } message Other {}"
    )

    assert schema.format is Format.PROTOBUF
    assert schema.root == Ref("shop.v1.Order")
    assert set(schema.named) == {"shop.v1.Order", "shop.v1.Order.Line", "shop.v1.Kind"}
    assert schema.named["shop.v1.Kind"] == Enum(("NONE", "A", "B"), "shop.v1.Kind", numbers=(0, 1, 2))


def test_the_root_is_the_first_message() -> None:
    """The first message of the file, as a message's framing counts; an enum where there is none; or nothing."""
    assert parse('syntax = "proto3"; enum E { A = 0; } message N {} message M {}').root == Ref("N")
    assert parse('syntax = "proto3"; enum E { A = 0; }').root == Ref("E")
    assert parse('syntax = "proto3"; import public "google/protobuf/any.proto";').root == Record(())


def test_imports_come_from_the_references() -> None:
    """An import is found among the references, by its path, at any depth."""
    references = (
        ("money.proto", 'syntax = "proto3"; package m; import "deep/unit.proto"; message Money { u.Unit unit = 1; }'),
        ("deep/unit.proto", 'syntax = "proto3"; package u; message Unit { string name = 1; }'),
    )
    (total,) = members('import "money.proto"; message M { m.Money total = 1; }', "proto3", *references)

    assert total.type == Ref("m.Money")


@pytest.mark.parametrize("name", ["confluent/meta.proto", "confluent/type/decimal.proto", "google/type/money.proto"])
def test_what_a_registry_lends(name: str) -> None:
    """Files that a registry lends without a reference can be imported."""
    assert members(f'import "{name}"; message M {{ int32 a = 1; }}')


def test_registry_tags() -> None:
    """A field may carry the registry's own metadata."""
    text = 'import "confluent/meta.proto"; message M { string a = 1 [(confluent.field_meta).tags = "PII"]; }'

    assert [plain(one) for one in members(text)] == [Field("a", String(), Default(""), classes=("PII",))]


def test_every_lent_file_compiles() -> None:
    """Each of the files that are lent is a file."""
    from watcher.formats.protobuf.known import KNOWN  # noqa: PLC0415 - only this test looks behind the door

    for name in KNOWN:
        assert parse(f'syntax = "proto3"; import "{name}"; message M {{}}').root == Ref("M")


def test_an_import_that_nobody_needs() -> None:
    """An import that is not there is no fault where nothing of it is used: so registries see it."""
    assert members('import "lint/options.proto"; message M { int32 a = 1; }')


def test_order_and_comments_mean_nothing() -> None:
    """Fields, values and messages in another order, comments and blanks: no change."""
    first = 'syntax = "proto3"; message M { int32 a = 1; string b = 2; E e = 3; } enum E { A = 0; B = 1; C = 2; }'
    second = """
        // Orders.
        syntax = "proto3";
        message M { E e = 3; /* text */ string b = 2; int32 a = 1; }
        message Unused {}
        enum E { A = 0; C = 2; B = 1; }
    """

    assert diff(parse(first), parse(second)) == ()


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("int32 a = 1;", "sint32 a = 1;", [("encoding-changed", "a", "varint, tag 1", "zigzag varint, tag 1")]),
        ("int32 a = 1;", "int32 a = 2;", [("encoding-changed", "a", "varint, tag 1", "varint, tag 2")]),
        ("int32 a = 1;", "int64 a = 1;", [("type-widened", "a", "int", "long")]),
        ("int32 a = 1;", "int32 b = 1;", [("field-renamed", "b", "a", "b")]),
        (
            "E.V a = 1;",
            "F.V a = 1;",
            [("name-changed", "a", "E.V", "F.V"), ("encoding-changed", "a", "B = 1", "B = 2")],
        ),
        (
            "int32 a = 1;",
            "oneof o { int32 a = 1; }",
            [("default-removed", "a", 0, None), ("nullability-loosened", "a", "int", "int")],
        ),
    ],
)
def test_changes(was: str, now: str, expected: list[tuple[object, ...]]) -> None:
    """What changes only in the encoding is a change too; a field of another name and the same tag was renamed."""
    more = "message E { enum V { A = 0; B = 1; } } message F { enum V { A = 0; B = 2; } }"
    before, after = (parse(f'syntax = "proto3"; message M {{ {one} }} {more}') for one in (was, now))
    told = [to_json(change, "d") for change in diff(before, after)]

    assert [(one["kind"], one["path"], one["before"], one["after"]) for one in told] == expected


def test_editions_resolve_presence() -> None:
    """In an edition presence is a feature: of the file, or of the field."""
    files = read_files(
        {
            "a.proto": 'edition = "2023"; message M { int32 a = 1; int32 b = 2 [features.field_presence = IMPLICIT];'
            " int32 c = 3 [features.field_presence = LEGACY_REQUIRED]; repeated int32 d = 4; oneof o { int32 e = 5; } }"
        }
    )
    (message,) = files["a.proto"].messages

    assert [one.cardinality for one in message.fields] == [
        Cardinality.EXPLICIT,
        Cardinality.IMPLICIT,
        Cardinality.REQUIRED,
        Cardinality.REPEATED,
        Cardinality.EXPLICIT,
    ]


def test_an_edition_s_descriptor_says_what_it_sets() -> None:
    """The descriptor carries its features, so that protobuf's own library reads messages as the schema says."""
    text = (
        'edition = "2023"; option features.field_presence = IMPLICIT; message M { int32 a = 1;'
        " oneof o { M b = 2 [features.message_encoding = DELIMITED]; }"
        " int32 c = 3 [features.field_presence = EXPLICIT];"
        " enum E { option features.enum_type = CLOSED; A = 0; } }"
    )
    pool = descriptor_pool.DescriptorPool()
    for compiled in compile_files({"a.proto": text}, {}):
        pool.Add(compiled.descriptor)
    message = pool.FindMessageTypeByName("M")

    assert [field.has_presence for field in message.fields] == [False, True, True]
    assert message.fields_by_name["b"].type == message.fields_by_name["b"].TYPE_GROUP
    assert message.enum_types_by_name["E"].is_closed


def test_options_that_are_newer_than_the_compiler() -> None:
    """Options that say nothing about the data are passed over, and lines stay where they are."""
    text = """
        message M {
          option deprecated_legacy_json_field_conflicts = true;
          optional int64 a = 1 [debug_redact = true, jstype = JS_STRING];
          optional string b = 2 [
            retention = RETENTION_SOURCE,
            targets = TARGET_TYPE_FIELD
          ];
          extensions 4 to 9 [declaration = { number: 4, full_name: ".x", type: "string" }, verification = DECLARATION];
        }
        message N { Missing c = 1; }
    """
    with pytest.raises(SchemaError, match="line 11"):
        parse(text)
    file = read_files({"a.proto": text.replace("Missing", "optional int32")})["a.proto"]

    assert [one.jstype for one in file.messages[0].fields] == ["JS_STRING", "JS_NORMAL"]
    assert file.messages[0].extension_ranges == ((4, 9),)


def test_editions_keep_what_stands_beside_features() -> None:
    """Defaults with a point, and features in braces, are read in an edition as elsewhere."""
    files = read_files(
        {
            "a.proto": 'edition = "2023"; message M { double a = 1 [default = -1.5e-3, deprecated = true];'
            " string b = 2 [features = { field_presence: IMPLICIT utf8_validation: NONE"
            " [pb.cpp] { string_type: CORD } }]; }"
        }
    )
    a, b = files["a.proto"].messages[0].fields

    assert (a.default, b.cardinality, b.utf8, b.cpp_string) == (-1.5e-3, Cardinality.IMPLICIT, "NONE", "CORD")


def test_a_byte_order_mark() -> None:
    """A mark before the text is none of it."""
    assert parse('\ufeffsyntax = "proto3"; message M { int32 a = 1; }') == parse(
        'syntax = "proto3"; message M { int32 a = 1; }'
    )
