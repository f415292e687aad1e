"""How what stands somewhere fits a type that a consumer relies on."""

import pytest

from watcher.formats.contracts.type_text import type_from
from watcher.formats.sql.types import read_type
from watcher.model.schema import Format, Schema
from watcher.model.types import (
    Array,
    Constraint,
    Decimal,
    Field,
    Integer,
    Map,
    Record,
    String,
    Type,
)
from watcher.rules.fit import Fit, fit

EMPTY = Schema(Format.SQL, Record(()))
LOW = (Constraint("minimum", 0), Constraint("maximum", 100))


@pytest.mark.parametrize(
    ("expected", "actual", "fits"),
    [
        ("long", Integer(64, True, LOW), Fit.SAME),
        ("int", Integer(8, True, LOW), Fit.NARROWER),
        ("string", String(20, (Constraint("pattern", "^a"),)), Fit.SAME),
        ("string(20)", String(20, (Constraint("minLength", 20),)), Fit.SAME),
        ("decimal(5,2)", Decimal(5, 2, None, LOW), Fit.SAME),
        ("decimal", Decimal(5, 2, None, LOW), Fit.SAME),
        ("array<long>", Array(Integer(64, True, LOW), (Constraint("minItems", 1),)), Fit.SAME),
        ("map<string>", Map(String(), (Constraint("minProperties", 1),)), Fit.SAME),
        ("record", Record((), constraints=(Constraint("minProperties", 1),)), Fit.SAME),
    ],
)
def test_who_names_a_type_relies_on_no_bound(expected: str, actual: Type, fits: Fit) -> None:
    """Constraints that a contract does not mention are nothing to a clause about the type."""
    assert fit(type_from(expected), [actual], EMPTY) is fits


@pytest.mark.parametrize(
    ("dialect", "expected", "actual", "fits"),
    [
        ("snowflake", "BIGINT", "NUMBER(38,0)", Fit.SAME),
        ("snowflake", "INT", "NUMBER(10,0)", Fit.NARROWER),
        ("bigquery", "INTEGER", "INT64", Fit.SAME),
        ("redshift", "string", "VARCHAR(20)", Fit.SAME),
        ("postgres", "timestamp", "timestamptz", Fit.OTHER),
        ("postgres", "timestamp with time zone", "timestamptz", Fit.SAME),
        ("postgres", "char(5)", "char(5)", Fit.SAME),
        ("databricks", "STRUCT<a: INT>", "STRUCT<a: INT, b: STRING>", Fit.SAME),
        ("databricks", "STRUCT<A: INT>", "STRUCT<a: BIGINT>", Fit.WIDER),
        ("databricks", "STRUCT<a: INT, b: BIGINT>", "STRUCT<a: BIGINT, b: INT>", Fit.MIXED),
        ("databricks", "STRUCT<a: INT, b: INT>", "STRUCT<a: INT>", Fit.OTHER),
        ("databricks", "STRUCT<a: INT>", "STRUCT<a: STRING>", Fit.OTHER),
    ],
)
def test_the_words_of_a_platform(dialect: str, expected: str, actual: str, fits: Fit) -> None:
    """A type in a platform's words fits what the platform takes it for; a struct may have more members."""
    assert fit(type_from(expected, dialect=dialect), [read_type(actual, dialect)], EMPTY) is fits


def test_a_struct_without_members_is_any() -> None:
    """A struct that names no member asks for none."""
    assert fit(Record(()), [Record((Field("a", String()),))], EMPTY) is Fit.SAME
