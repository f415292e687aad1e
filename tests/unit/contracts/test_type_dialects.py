"""Types as contracts write them for datasets on a SQL platform."""

import pytest

from watcher.formats.contracts.type_text import type_from
from watcher.model.errors import UsageError
from watcher.model.types import (
    Array,
    Binary,
    Boolean,
    Decimal,
    Float,
    Integer,
    Map,
    Record,
    String,
    Time,
    Timestamp,
    Type,
    Unknown,
)


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("int", "snowflake", Decimal(38, 0)),
        ("BIGINT", "snowflake", Decimal(38, 0)),
        ("NUMBER(38,0)", "snowflake", Decimal(38, 0)),
        ("float", "snowflake", Float(64)),
        ("INT64", "bigquery", Integer(64)),
        ("int", "bigquery", Integer(64)),
        ("NUMERIC(10,2)", "bigquery", Decimal(10, 2)),
        ("int8", "postgres", Integer(64)),
        ("tinyint(1)", "mysql", Boolean()),
        ("number(10)", "oracle", Decimal(10, 0)),
        ("varchar(20)", "redshift", String(20)),
        ("array<int>", "databricks", Array(Integer(32))),
        ("VARIANT", "snowflake", Unknown("variant")),
    ],
)
def test_the_platform_counts_first(text: str, dialect: str, expected: Type) -> None:
    """A platform's word means what the platform takes it for."""
    assert type_from(text, dialect=dialect) == expected


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("string", "redshift", String()),
        ("varchar", "redshift", String()),
        ("char", "oracle", String()),
        ("decimal", "bigquery", Decimal()),
        ("NUMBER", "snowflake", Decimal()),
        ("timestamp", "snowflake", Timestamp(None, None)),
        ("timestamp", "bigquery", Timestamp(None, zoned=True)),
        ("datetime", "bigquery", Timestamp(None, zoned=False)),
        ("timestamp", "postgres", Timestamp(None, zoned=False)),
        ("time", "trino", Time()),
        ("record", "bigquery", Record(())),
        ("any", "sqlite", Unknown("any")),
        ("binary", "snowflake", Binary()),
    ],
)
def test_what_is_left_out_is_left_open_there_too(text: str, dialect: str, expected: Type) -> None:
    """A bare word does not ask for the size that the platform gives by itself."""
    assert type_from(text, dialect=dialect) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("timestamp(ms)", Timestamp("ms", None)),
        ("array<timestamp(ms)>", Array(Timestamp("ms", None))),
        ("map<long>", Map(Integer(64))),
        ("uint32", Integer(32, signed=False)),
    ],
)
def test_the_words_of_contracts_are_still_read(text: str, expected: Type) -> None:
    """What a platform does not know is read as every contract writes it."""
    assert type_from(text, dialect="oracle") == expected


@pytest.mark.parametrize("dialect", ["snowflake", "sqlite", "postgres"])
@pytest.mark.parametrize("text", ["strng", "decimal(0)", "array<xyzzy>", "string string"])
def test_a_slip_of_the_pen_is_told(text: str, dialect: str) -> None:
    """A word that neither the platform nor a contract knows is refused."""
    with pytest.raises(UsageError):
        type_from(text, dialect=dialect)


def test_a_unit_beside_a_platforms_word() -> None:
    """A unit goes with the zone that the platform gives the word."""
    assert type_from("datetime", unit="ms", dialect="bigquery") == Timestamp("ms", zoned=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NUMBER(38,0)", Decimal(38, 0)),
        ("INT64", Integer(64)),
        ("NVARCHAR(20)", String(20)),
        ("character varying(20)", String(20)),
        ("timestamp(3) with time zone", Timestamp("ms", zoned=True)),
        ("timestamp (6) without time zone", Timestamp("us", zoned=False)),
        ("datetime2(7)", Timestamp("100ns", zoned=False)),
        ("timestamp(100ns)", Timestamp("100ns", None)),
        ("int unsigned", Integer(32, signed=False)),
        ("time without time zone", Time()),
        ("bytea", Binary()),
    ],
)
def test_the_usual_words_of_sql_are_read_anywhere(text: str, expected: Type) -> None:
    """A contract may write a type in the words of SQL, whatever the dataset."""
    assert type_from(text) == expected
