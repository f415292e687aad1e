"""Types as contracts write them."""

import pytest

from watcher.formats.contracts.type_text import WORDS, type_from
from watcher.model.errors import UsageError
from watcher.model.types import (
    Array,
    Binary,
    Boolean,
    Date,
    Decimal,
    Duration,
    Enum,
    Fixed,
    Float,
    Integer,
    Map,
    Record,
    String,
    Time,
    Timestamp,
    Type,
    Unknown,
    Uuid,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("string", String()),
        ("STRING", String()),
        ("varchar(20)", String(20)),
        ("int", Integer(32)),
        ("integer", Integer(32)),
        ("long", Integer(64)),
        ("bigint", Integer(64)),
        ("smallint", Integer(16)),
        ("tinyint", Integer(8)),
        ("uint32", Integer(32, signed=False)),
        ("float", Float(32)),
        ("double precision", Float(64)),
        ("float64", Float(64)),
        ("boolean", Boolean()),
        ("bytes", Binary()),
        ("binary(16)", Binary(16)),
        ("fixed(16)", Fixed(16)),
        ("fixed", Binary()),
        ("decimal", Decimal()),
        ("decimal(12,2)", Decimal(12, 2)),
        ("decimal( 12 , 2 )", Decimal(12, 2)),
        ("numeric(12)", Decimal(12, 0)),
        ("date", Date()),
        ("time", Time()),
        ("time(us)", Time("us")),
        ("timestamp", Timestamp(None, None)),
        ("timestamp(ms)", Timestamp("ms", None)),
        ("timestamp(3)", Timestamp("ms", None)),
        ("timestamp(millis)", Timestamp("ms", None)),
        ("timestamp-millis", Timestamp("ms", zoned=True)),
        ("local timestamp", Timestamp(None, zoned=False)),
        ("local-timestamp-micros", Timestamp("us", zoned=False)),
        ("timestamp with time zone", Timestamp(None, zoned=True)),
        ("timestamp without time zone", Timestamp(None, zoned=False)),
        ("uuid", Uuid()),
        ("duration", Duration()),
        ("record", Record(())),
        ("struct", Record(())),
        ("enum", Enum(())),
        ("any", Unknown("any")),
        ("array", Array(Unknown("any"))),
        ("array<string>", Array(String())),
        ("array<array<decimal(12,2)>>", Array(Array(Decimal(12, 2)))),
        ("map<long>", Map(Integer(64))),
        ("map<string, long>", Map(Integer(64))),
    ],
)
def test_a_type_is_read(text: str, expected: Type) -> None:
    """Each way to write a type gives its canonical type."""
    assert type_from(text) == expected


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("timestamp", "ms", Timestamp("ms", None)),
        ("timestamp(ms)", "ms", Timestamp("ms", None)),
        ("time", "us", Time("us")),
    ],
)
def test_a_unit_may_stand_apart(text: str, unit: str, expected: Type) -> None:
    """A unit beside the type is the same as one within it."""
    assert type_from(text, unit=unit) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("strng", r"unknown type `strng` \(did you mean `string`\?\)"),
        ("xyzzy", "unknown type `xyzzy`; known are any, array,"),
        ("", "ends where a type should follow"),
        ("decimal(2,12)", "has a scale beyond its precision"),
        ("decimal(0)", "has no digits"),
        ("decimal(a)", "has `a` where a number should be"),
        ("decimal(1,2,3)", "has too many values in its brackets"),
        ("decimal(12", "ends where `\\)` should follow"),
        ("array<string", "ends where `>` should follow"),
        ("array<string, int>", "gives `array` too many types"),
        ("map<long, string>", "has keys that are no text"),
        ("timestamp(weeks)", "has no unit `weeks`"),
        ("timestamp(13)", "has no unit `13`"),
        ("string string", "goes on with `string` where it should end"),
        ("string; DROP TABLE x", "cannot be read at `; DROP TABLE x`"),
        ("array<" * 100 + "string" + ">" * 100, "500 characters at most"),
        ("array<" * 60 + "string" + ">" * 60, "nested more than 32 deep"),
    ],
)
def test_a_type_that_means_nothing_is_told(text: str, told: str) -> None:
    """What cannot be read as a type says why, with the nearest word where one is near."""
    with pytest.raises(UsageError, match=told):
        type_from(text)


@pytest.mark.parametrize(("text", "unit"), [("string", "ms"), ("timestamp(us)", "ms"), ("timestamp", "weeks")])
def test_a_unit_that_does_not_go_with_the_type_is_told(text: str, unit: str) -> None:
    """A unit belongs to a time or timestamp, and does not contradict it."""
    with pytest.raises(UsageError, match="unit"):
        type_from(text, unit=unit)


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_a_type_by_itself(word: str) -> None:
    """Every word that a message may suggest can be written as it stands."""
    assert type_from(word) is not None
