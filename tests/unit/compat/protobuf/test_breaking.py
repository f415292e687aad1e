"""The rules of breaking changes: each finds its own change, and nothing like it."""

import pytest

from tests.unit.compat.protobuf.breaking_cases import CASES, Case, Files, edition, proto2, proto3
from watcher.compat.protobuf import RULES, breaking
from watcher.compat.protobuf.breaking import Breach
from watcher.formats.protobuf import read_files
from watcher.model.protobuf import Category


def found(category: str, was: Files, now: Files) -> tuple[Breach, ...]:
    return breaking(Category(category), read_files(was), read_files(now), (was, now))


def kinds(category: str, was: Files, now: Files) -> set[str]:
    return {one.kind for one in found(category, was, now)}


def every_kind(was: Files, now: Files) -> set[str]:
    return {kind for category in Category for kind in kinds(category, was, now)}


def test_every_rule_has_a_case() -> None:
    """The cases name each rule once."""
    assert sorted(case.rule for case in CASES) == sorted(rule.name for rule in RULES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_finds_its_own(case: Case) -> None:
    """In its category the rule alone finds the change, once, and says what it was and is."""
    breaches = [one for one in found(case.category, case.was, case.now) if one.kind == case.rule]

    assert kinds(case.category, case.was, case.now) == {case.rule} | case.beside
    assert all(one.file.endswith(".proto") and one.message for one in breaches)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_finds_nothing_else(case: Case) -> None:
    """The rule finds nothing in what only looks like it."""
    assert case.rule not in every_kind(case.was, case.near)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_only_in_its_categories(case: Case) -> None:
    """A rule speaks in its own categories only."""
    rule = next(rule for rule in RULES if rule.name == case.rule)
    speaks = {category for category in Category if case.rule in kinds(category, case.was, case.now)}

    assert speaks == rule.categories


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_the_same_breaks_nothing(case: Case) -> None:
    """Files break nothing beside themselves."""
    assert every_kind(case.was, case.was) == every_kind(case.now, case.now) == set()


@pytest.mark.parametrize(
    ("before", "after", "broken"),
    [
        ("string", "bytes", {"WIRE_JSON"}),
        ("bytes", "string", {"WIRE", "WIRE_JSON"}),
        ("int32", "uint32", set()),
        ("int32", "bool", {"WIRE_JSON"}),
        ("int64", "uint64", set()),
        ("uint32", "uint64", {"WIRE_JSON"}),
        ("sint32", "sint64", {"WIRE_JSON"}),
        ("fixed32", "sfixed32", set()),
        ("fixed64", "sfixed64", set()),
        ("fixed32", "fixed64", {"WIRE", "WIRE_JSON"}),
        ("float", "double", {"WIRE", "WIRE_JSON"}),
        ("int32", "E", {"WIRE", "WIRE_JSON"}),
        ("E", "F.E", set()),
        ("E", "G.E", {"WIRE", "WIRE_JSON"}),
        ("E", "H", {"WIRE", "WIRE_JSON"}),
        ("N", "bytes", {"WIRE", "WIRE_JSON"}),
        ("N", "O", {"WIRE", "WIRE_JSON"}),
    ],
)
def test_types_read_as_each_other(before: str, after: str, broken: set[str]) -> None:
    """What may stand in for a type: by encoding, and by encoding and JSON together."""
    more = "enum E { A = 0; } message F { enum E { A = 0; B = 1; } } message G { enum E { C = 0; } }"
    more += " enum H { HA = 0; } message N {} message O {}"
    was, now = (proto3(f"message M {{ {type_} a = 1; }} {more}") for type_ in (before, after))

    speaks = {category for category in ("WIRE", "WIRE_JSON") if kinds(category, was, now)}
    assert speaks == broken


def test_a_map_value_is_a_field() -> None:
    """A map's value changes its type as any field does."""
    was, now = (proto3(f"message M {{ map<string, {type_}> a = 1; }}") for type_ in ("int32", "string"))

    (breach,) = found("WIRE", was, now)
    assert (breach.kind, breach.path) == ("FIELD_WIRE_COMPATIBLE_TYPE", "p.M.AEntry.value")


def test_extensions_are_fields() -> None:
    """An extension is told apart by what it extends and its number, and keeps its type and full name."""
    was, now = (
        proto2(f"message M {{ extensions 5 to 9; }} extend M {{ optional {one} = 5; }}")
        for one in ("int32 x", "string y")
    )

    assert {"FIELD_SAME_NAME", "FIELD_WIRE_JSON_COMPATIBLE_TYPE"} <= kinds("WIRE_JSON", was, now)


def test_a_message_that_moved_is_still_compared() -> None:
    """A message in another file of its package is the same message."""
    was = {**proto3("message M { int32 a = 1; }"), "b.proto": 'syntax = "proto3"; package p;'}
    now = {**proto3(""), "b.proto": 'syntax = "proto3"; package p; message M { string a = 1; }'}

    (breach,) = found("WIRE", was, now)
    assert (breach.kind, breach.file, breach.path) == ("FIELD_WIRE_COMPATIBLE_TYPE", "b.proto", "p.M.a")


def test_a_synthetic_oneof_is_none() -> None:
    """A proto3 field that becomes optional changes its presence, and enters no oneof."""
    was, now = (proto3(f"message M {{ {label} int32 a = 1; }}") for label in ("", "optional"))

    assert every_kind(was, now) == every_kind(now, was) == {"FIELD_SAME_CARDINALITY"}


def test_an_edition_that_says_the_same_as_proto3() -> None:
    """A file that moves to an edition without a change of meaning breaks only the promise of its syntax."""
    was = proto3("message M { string a = 1; optional int32 b = 2; repeated int32 c = 3; } enum E { A = 0; }")
    now = edition(
        "option features.field_presence = IMPLICIT; message M { string a = 1;"
        " int32 b = 2 [features.field_presence = EXPLICIT]; repeated int32 c = 3; } enum E { A = 0; }"
    )

    assert every_kind(was, now) - {"FIELD_SAME_JAVA_UTF8_VALIDATION"} == {"FILE_SAME_SYNTAX"}


@pytest.mark.parametrize(
    ("was", "now", "broken"),
    [
        ("int32 a = 1 [default = 1]", "bool a = 1 [default = true]", False),
        ("int32 a = 1 [default = 1]", "int64 a = 1 [default = 2]", True),
        ('string a = 1 [default = "x"]', 'bytes a = 1 [default = "\\170"]', False),
        ("float a = 1 [default = 0.1]", "double a = 1 [default = 0.1]", False),
        ("double a = 1 [default = nan]", "float a = 1 [default = nan]", False),
        ("double a = 1 [default = nan]", "double a = 1 [default = inf]", True),
        ("E a = 1", "E a = 1 [default = A]", False),
        ("E a = 1", "E a = 1 [default = B]", True),
        ("E a = 1 [default = B]", "int32 a = 1 [default = 2]", False),
    ],
)
def test_defaults_by_their_meaning(was: str, now: str, broken: bool) -> None:
    """Defaults are compared by value, whatever type carries them; what is not written is the type's zero."""
    more = "enum E { A = 1; B = 2; }"
    before, after = (proto2(f"message M {{ optional {one}; }} {more}") for one in (was, now))

    assert ("FIELD_SAME_DEFAULT" in kinds("WIRE", before, after)) is broken


def test_a_map_written_out_as_a_message() -> None:
    """An entry that is written out has the members that it had: only the map's field stands otherwise."""
    was = proto3("message M { map<int32, M> a = 1; }")
    now = proto3("message M { repeated AEntry a = 1; message AEntry { int32 key = 1; M value = 2; } }")

    assert [one.path for one in found("FILE", was, now)] == ["p.M.a"]
    assert kinds("WIRE", was, now) == set()


def test_a_map_s_entries_have_its_features() -> None:
    """What a map's field sets holds for its keys and values: another check of UTF-8 is told of both."""
    plain = edition("message M { map<string, string> a = 1; }")
    unchecked = edition("message M { map<string, string> a = 1 [features.utf8_validation = NONE]; }")
    paths = {one.path for one in found("FILE", plain, unchecked) if one.kind == "FIELD_SAME_UTF8_VALIDATION"}

    assert paths == {"p.M.AEntry.key", "p.M.AEntry.value"}


def test_presence_in_entries_is_nobody_s() -> None:
    """A file whose fields lose their presence changes nothing about its maps."""
    was = edition("message M { map<int32, int32> a = 1; }")
    now = edition("option features.field_presence = IMPLICIT; message M { map<int32, int32> a = 1; }")

    assert every_kind(was, now) == set()
