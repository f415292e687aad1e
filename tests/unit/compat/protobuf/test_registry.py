"""Protobuf as a registry judges it: kinds, paths, and what is let pass."""

import time

import pytest

from watcher.compat.protobuf import COMPATIBLE, check, differences
from watcher.formats.protobuf import parse
from watcher.model.errors import SchemaError
from watcher.model.schema import Schema


def proto3(body: str, *references: tuple[str, str]) -> Schema:
    return parse(f'syntax = "proto3"; {body}', references)


def proto2(body: str) -> Schema:
    return parse(f'syntax = "proto2"; {body}')


def told(was: Schema, now: Schema) -> list[str]:
    return [f"{one.kind} {one.path}" for one in differences(was, now)]


E_ = "enum E { A = 0; B = 1; }"
O_ = "message M { int32 a = 1; oneof o { int32 b = 2; int32 c = 3; } }"


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("package p; message M {}", "package q; message M {}", ["PACKAGE_CHANGED #/"]),
        ("message M {}", "message M {} message N {}", ["MESSAGE_ADDED #/N"]),
        ("message M {} message N {}", "message M {}", ["MESSAGE_REMOVED #/N"]),
        ("message M { message I {} }", "message M {}", ["MESSAGE_REMOVED #/M/I"]),
        ("message M {} message N {}", "message N {} message M {}", ["MESSAGE_MOVED #/M", "MESSAGE_MOVED #/N"]),
        ("message M {}", f"message M {{}} {E_}", ["ENUM_ADDED #/E"]),
        (f"message M {{ {E_} }}", "message M {}", ["ENUM_REMOVED #/M/E"]),
        ("enum E { A = 0; }", E_, ["ENUM_CONST_ADDED #/E/1"]),
        (E_, "enum E { A = 0; }", ["ENUM_CONST_REMOVED #/E/1"]),
        (E_, "enum E { A = 0; C = 1; }", ["ENUM_CONST_CHANGED #/E/1"]),
        ("message M {}", "message M { int32 a = 7; }", ["FIELD_ADDED #/M/7"]),
        ("message M { int32 a = 7; }", "message M { reserved 7; }", ["FIELD_REMOVED #/M/7"]),
        ("message M { int32 a = 7; }", "message M { int32 a = 8; }", ["FIELD_REMOVED #/M/7", "FIELD_ADDED #/M/8"]),
        ("message M { int32 a = 7; }", "message M { uint64 b = 7; }", ["FIELD_NAME_CHANGED #/M/7"]),
        ("message M { int32 a = 7; }", "message M { M a = 7; }", ["FIELD_KIND_CHANGED #/M/7"]),
        ("message M { int32 a = 7; }", "message M { map<int32, int32> a = 7; }", ["FIELD_KIND_CHANGED #/M/7"]),
        ("message M { map<int32, M> a = 7; }", "message M { int32 a = 7; }", ["FIELD_KIND_CHANGED #/M/7"]),
        ("message M { int32 a = 7; }", "message M { sint32 a = 7; }", ["FIELD_SCALAR_KIND_CHANGED #/M/7"]),
        (
            "message M { map<int32, int32> a = 7; }",
            "message M { map<sint32, string> a = 7; }",
            ["FIELD_SCALAR_KIND_CHANGED #/M/7"] * 2,
        ),
        (
            "message M { N a = 7; } message N {} message O {}",
            "message M { O a = 7; } message N {} message O {}",
            ["FIELD_NAMED_TYPE_CHANGED #/M/7"],
        ),
        (
            "message M { optional int32 a = 7; }",
            "message M { repeated int32 a = 7; }",
            ["FIELD_NUMERIC_LABEL_CHANGED #/M/7"],
        ),
        (
            "message M { optional string a = 7; }",
            "message M { repeated bytes a = 7; }",
            ["FIELD_STRING_OR_BYTES_LABEL_CHANGED #/M/7"],
        ),
        ("message M { int32 a = 7; }", "message M { repeated int32 a = 7; }", []),
        ("message M { optional M a = 7; }", "message M { repeated M a = 7; }", []),
        ("message M {}", "message M { oneof o { int32 a = 1; } }", ["ONEOF_ADDED #/M/o", "ONEOF_FIELD_ADDED #/M/o/1"]),
        ("message M { oneof o { int32 a = 1; } }", "message M {}", ["ONEOF_REMOVED #/M/o"]),
        (
            "message M { int32 a = 1; }",
            "message M { oneof o { int32 a = 1; int32 b = 2; } }",
            ["ONEOF_ADDED #/M/o", "ONEOF_FIELD_ADDED #/M/o/2"],
        ),
        (O_, "message M { int32 a = 1; oneof o { int32 b = 2; } }", ["ONEOF_FIELD_REMOVED #/M/o/3"]),
        (
            O_,
            "message M { int32 a = 1; int32 c = 3; oneof o { int32 b = 2; } }",
            ["ONEOF_FIELD_MOVED_TO_TOP_LEVEL #/M/3"],
        ),
        (
            O_,
            "message M { oneof o { int32 a = 1; int32 b = 2; int32 c = 3; } }",
            ["FIELD_MOVED_TO_EXISTING_ONEOF #/M/o"],
        ),
        (
            "message M { int32 a = 1; int32 b = 2; }",
            "message M { oneof o { int32 a = 1; int32 b = 2; } }",
            ["MULTIPLE_FIELDS_MOVED_TO_ONEOF #/M/o", "ONEOF_ADDED #/M/o"],
        ),
        (
            "message M { oneof o { int32 a = 1; } }",
            "message M { oneof o { string a = 1; } }",
            ["FIELD_SCALAR_KIND_CHANGED #/M/o/1"],
        ),
    ],
)
def test_kinds_and_paths(was: str, now: str, expected: list[str]) -> None:
    """Each difference has the registry's name for it, and its path."""
    assert told(proto3(was), proto3(now)) == expected


def test_required_fields() -> None:
    """A required field that comes or goes is a kind of its own."""
    bare, needy = proto2("message M {}"), proto2("message M { required int32 a = 1; }")

    assert told(bare, needy) == ["REQUIRED_FIELD_ADDED #/M/1"]
    assert told(needy, bare) == ["REQUIRED_FIELD_REMOVED #/M/1"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *((one, "uint64") for one in ("int32", "int64", "uint32", "bool", "E")),
        ("sint32", "sint64"),
        ("string", "bytes"),
        ("fixed32", "sfixed32"),
        ("fixed64", "sfixed64"),
        ("E", "F"),
    ],
)
def test_scalars_taken_for_each_other(before: str, after: str) -> None:
    """Scalars of one group are compatible in both directions."""
    more = f"{E_} enum F {{ C = 0; }}"
    was, now = (proto3(f"message M {{ {one} a = 1; }} {more}") for one in (before, after))

    assert told(was, now) == told(now, was) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [("int32", "sint32"), ("int32", "fixed32"), ("fixed32", "fixed64"), ("float", "double"), ("int64", "string")],
)
def test_scalars_that_are_encoded_otherwise(before: str, after: str) -> None:
    """Scalars of two groups are incompatible in both directions."""
    was, now = (proto3(f"message M {{ {one} a = 1; }}") for one in (before, after))

    assert told(was, now) == told(now, was) == ["FIELD_SCALAR_KIND_CHANGED #/M/1"]


def test_only_incompatible_kinds_are_told() -> None:
    """The verdict leaves out what the registry lets pass, and says the rest in words."""
    was = proto3("message M { int32 a = 1; int32 b = 2; }")
    now = proto3("message M { string a = 1; int32 c = 3; }")

    (found,) = check(now, was)
    assert found.kind not in COMPATIBLE
    assert (found.path, "int32" in found.message, "string" in found.message) == ("#/M/1", True, True)


def test_the_reader_is_the_update() -> None:
    """A reader that lacks a message of the writer's is what cannot read."""
    small, large = proto3("message M {}"), proto3("message M {} message N {}")

    assert [one.kind for one in check(small, large)] == ["MESSAGE_REMOVED"]
    assert check(large, small) == ()


def money(type_: str, package: str = "m") -> tuple[str, str]:
    return "money.proto", f'syntax = "proto3"; package {package}; message Money {{ {type_} units = 1; }}'


def test_a_referenced_message_is_followed() -> None:
    """A message of another file is compared inside, and a field that leads to an incompatible one is so too."""
    body = 'import "money.proto"; message M { m.Money a = 1; repeated m.Money b = 2; }'
    was, now = (proto3(body, money(type_)) for type_ in ("int64", "string"))

    assert told(was, now) == [
        "FIELD_SCALAR_KIND_CHANGED #/Money/1",
        "FIELD_NAMED_TYPE_CHANGED #/M/1",
        "FIELD_NAMED_TYPE_CHANGED #/M/2",
    ]
    assert told(was, proto3(body, money("int32"))) == []


def test_a_referenced_message_may_change_its_package() -> None:
    """A message of another file is known by its name inside its package."""
    was = proto3('import "money.proto"; message M { m.Money a = 1; }', money("int64"))
    now = proto3('import "money.proto"; message M { n.Money a = 1; }', money("int64", "n"))

    assert told(was, now) == []


def test_a_message_that_moves_to_another_file() -> None:
    """A message that moves into an import is gone from its own file, and still read where a field leads to it."""
    local = proto3("message M { Money a = 1; } message Money { int64 units = 1; }")
    imported = proto3('import "money.proto"; message M { m.Money a = 1; }', money("int64"))

    assert told(local, imported) == ["MESSAGE_REMOVED #/Money"]
    assert told(imported, local) == ["MESSAGE_ADDED #/Money"]


def test_two_imports_that_say_the_same_name() -> None:
    """Each side follows its own imports, though both are among the references."""
    files = money("int64"), ("other.proto", money("string")[1])
    was, now = (
        proto3(f'import "{name}"; message M {{ m.Money a = 1; }}', *files) for name in ("money.proto", "other.proto")
    )

    assert told(was, now) == ["FIELD_SCALAR_KIND_CHANGED #/Money/1", "FIELD_NAMED_TYPE_CHANGED #/M/1"]


def test_many_messages() -> None:
    """The work grows with the schema, not with its square."""
    text = " ".join(f"message N{at} {{ int32 a = 1; }}" for at in range(4000))
    was, now = proto3(text), proto3(text.replace("int32 a = 1; }", "sint32 a = 1; }", 1))
    start = time.monotonic()

    assert [one.path for one in check(now, was)] == ["#/N0/1"]
    assert time.monotonic() - start < 15


def test_a_message_that_leads_to_itself() -> None:
    """Recursion through a file that both sides import comes to an end."""
    body = 'import "n.proto"; message M { N a = 1; }'
    was, now = (
        proto3(body, ("n.proto", f'syntax = "proto3"; message N {{ N next = 1; {type_} v = 2; }}'))
        for type_ in ("int32", "double")
    )

    assert [one.kind for one in check(now, was)] == ["FIELD_SCALAR_KIND_CHANGED", "FIELD_NAMED_TYPE_CHANGED"]


def test_many_messages_that_lead_to_each_other() -> None:
    """A chain of imported messages beyond measure is refused, not followed into the ground."""
    chain = " ".join(f"message N{at} {{ N{at + 1} next = 1; }}" for at in range(500))
    was, now = (
        proto3(
            'import "n.proto"; message M { N0 a = 1; }',
            ("n.proto", f'syntax = "proto3"; {chain} message N500 {{ {type_} v = 1; }}'),
        )
        for type_ in ("int32", "double")
    )

    with pytest.raises(SchemaError, match="lead to each other"):
        check(now, was)
