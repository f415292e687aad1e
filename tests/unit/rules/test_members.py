"""Members, keys and the registry's guard: what is relied upon beside a field's values."""

from typing import Any

import pytest

from tests.unit.rules.cases import of
from watcher.model.compatibility import Level
from watcher.model.contract import (
    At,
    Classified,
    Defaulted,
    Exists,
    Expectation,
    Guarded,
    HasType,
    PrimaryKey,
    ReadsVersion,
    Unique,
    Values,
)
from watcher.model.path import FieldPath
from watcher.model.schema import Format, Schema
from watcher.model.types import Array, Default, Enum, Field, Integer, Key, Record, String, Union
from watcher.model.verdict import DatasetState
from watcher.rules.evaluate import judge

A = FieldPath("a")


def table(*fields: Field, keys: tuple[Key, ...] | None = (), format_: Format = Format.SQL) -> Schema:
    return Schema(format_, Record(fields, keys=keys))


def rule_of(expectation: Expectation, schema: Schema, baseline: Schema | None = None) -> str:
    return judge(expectation, of(schema), baseline).rule


@pytest.mark.parametrize(
    ("expected", "there", "rule"),
    [
        (None, Default(None), ""),
        (None, None, "default-removed"),
        (Default(0), Default(0), ""),
        (Default(0), Default(0.0), ""),
        (Default(0), Default(False), "default-changed"),
        (Default(1), Default(2), "default-changed"),
        (Default(None), Default(None), ""),
        (Default(None), Default("null"), "default-changed"),
        (Default([]), Default([]), ""),
        (Default({"x": 1}), Default({"x": 2}), "default-changed"),
        (Default(0), None, "default-removed"),
    ],
)
def test_a_default_is_compared_by_its_value(expected: Default | None, there: Default | None, rule: str) -> None:
    """Any default will do, or this one; a number is the same however it is written, and null is a default."""
    assert rule_of(Defaulted(A, expected), table(Field("a", String(), there))) == rule


def test_a_default_counts_in_each_branch() -> None:
    """Where several records may stand above, each must have the default."""
    inner = Union((Record((Field("b", String(), Default("")),), "X"), Record((Field("b", String()),), "Y")))

    assert rule_of(Defaulted(FieldPath("a.b")), table(Field("a", inner))) == "default-removed"


@pytest.mark.parametrize(
    ("expected", "there", "rule"),
    [
        ((), (), ""),
        ((), ("PII",), "classification-added"),
        (("PII",), ("PII",), ""),
        (("PII",), (), "classification-removed"),
        (("PII",), ("GDPR", "PII"), "classification-added"),
        (("GDPR",), ("PII",), "classification-added"),
    ],
)
def test_a_classification_is_these_tags_and_no_more(
    expected: tuple[str, ...], there: tuple[str, ...], rule: str
) -> None:
    """A tag that appears breaks as well as one that vanishes."""
    assert rule_of(Classified(A, expected), table(Field("a", String(), classes=there))) == rule


def test_a_place_is_counted_from_one() -> None:
    """The first member stands at place 1, also within a list's items; a format without places cannot say."""
    schema = table(Field("b", Array(Record((Field("c", String()), Field("a", String()))))), Field("a", String()))

    assert rule_of(At(A, 2), schema) == ""
    assert rule_of(At(A, 1), schema) == "position-moved"
    assert rule_of(At(FieldPath("b[].a"), 2), schema) == ""
    for format_ in (Format.JSON, Format.PROTOBUF):
        assert rule_of(At(A, 1), table(Field("a", String()), format_=format_)) == "position-unstated"


@pytest.mark.parametrize(
    ("keys", "unique", "primary"),
    [
        ((Key(("a", "b"), primary=True),), "", ""),
        ((Key(("b", "a"), primary=True),), "", ""),
        ((Key(("a",)),), "", "primary-key-changed"),
        ((Key(("a", "b", "c"), primary=True),), "uniqueness-lost", "primary-key-changed"),
        ((Key(("c",), primary=True), Key(("a", "b"))), "", "primary-key-changed"),
        ((), "uniqueness-lost", "primary-key-changed"),
        (None, "key-unstated", "key-unstated"),
    ],
)
def test_keys_are_compared_by_their_members(keys: tuple[Key, ...] | None, unique: str, primary: str) -> None:
    """Members are unique where some of them are; a primary key is those members in whatever order."""
    schema = table(Field("a", String()), Field("b", String()), Field("c", String()), keys=keys)

    assert rule_of(Unique(("a", "b")), schema) == unique
    assert rule_of(PrimaryKey(("a", "b")), schema) == primary


def test_what_is_no_record_has_no_key() -> None:
    """A root that became a text has lost its keys."""
    assert rule_of(Unique(("a",)), Schema(Format.SQL, String())) == "uniqueness-lost"
    assert rule_of(PrimaryKey(("a",)), Schema(Format.SQL, String())) == "primary-key-changed"


@pytest.mark.parametrize(
    ("wanted", "level", "rule"),
    [
        ("BACKWARD", "BACKWARD", ""),
        ("BACKWARD", "BACKWARD_TRANSITIVE", ""),
        ("BACKWARD", "FULL", ""),
        ("BACKWARD", "FORWARD", "compatibility-lowered"),
        ("BACKWARD", "NONE", "compatibility-lowered"),
        ("FORWARD", "FULL_TRANSITIVE", ""),
        ("FULL", "BACKWARD", "compatibility-lowered"),
        ("FULL", "BACKWARD_TRANSITIVE", "compatibility-lowered"),
        ("BACKWARD_TRANSITIVE", "FULL", "compatibility-lowered"),
        ("BACKWARD_TRANSITIVE", "FULL_TRANSITIVE", ""),
        ("BACKWARD", None, "compatibility-unknown"),
    ],
)
def test_levels_are_a_partial_order(wanted: str, level: str | None, rule: str) -> None:
    """A level is enough where it refuses all that the expected one refuses; an unknown one is never enough."""
    state = DatasetState(table(Field("a", String())), level=Level(level) if level else None)

    assert judge(Guarded(Level(wanted)), state).rule == rule


def test_a_version_that_nobody_knows_is_undecided() -> None:
    """A consumer that reads with a version which is not there gets an unknown, with the cause."""
    verdict = judge(ReadsVersion(3), of(table(Field("a", String()))))

    assert (verdict.rule, verdict.reason) == ("reader-undecided", "version 3 of the schema is not known here")


def proto(*fields: Field) -> Schema:
    return table(*fields, keys=None, format_=Format.PROTOBUF)


def numbered(type_: Any, tag: int = 1, encoding: str = "varint") -> Field:
    return Field("a", type_, tag=tag, encoding=encoding)


def test_a_new_number_hides_a_field_from_who_reads_the_old_one() -> None:
    """Another number breaks the clause that a field is there, or one below it; without a before nothing is said."""
    inner = Record((Field("b", String(), tag=1, encoding="length-delimited"),))
    before, after = proto(numbered(inner, 3)), proto(numbered(inner, 4))

    for path in (A, FieldPath("a.b")):
        assert rule_of(Exists(path), after, before) == "tag-changed"
        assert rule_of(Exists(path), after) == ""
        assert rule_of(Exists(path), before, before) == ""


def test_another_encoding_breaks_who_relies_on_the_values() -> None:
    """The same type in other bytes breaks type and values; a type that does not fit is told as such."""
    before, after = proto(numbered(Integer(32))), proto(numbered(Integer(32), encoding="zigzag varint"))
    text = proto(numbered(String(), encoding="length-delimited"))

    assert rule_of(HasType(A, Integer(32), "int"), after, before) == "encoding-changed"
    assert rule_of(HasType(A, Integer(32), "int"), text, before) == "type-changed"
    assert rule_of(Exists(A), after, before) == ""
    assert rule_of(HasType(A, Integer(32), "int"), proto(numbered(Integer(64))), before) == ""


def test_swapped_numbers_of_an_enum_are_another_encoding() -> None:
    """Two symbols that swap their numbers stand for each other in the old data; a new symbol does not."""
    before = proto(numbered(Enum(("x", "y"), numbers=(0, 1))))
    swapped, more = (
        proto(numbered(Enum(symbols, numbers=(0, 1, 2)))) for symbols in (("y", "x", "z"), ("x", "y", "z"))
    )
    clause = Values(A, ("x", "y"), at_least=True)

    assert rule_of(clause, swapped, before) == "encoding-changed"
    assert rule_of(clause, more, before) == ""
