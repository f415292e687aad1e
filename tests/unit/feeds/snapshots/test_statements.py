"""What each warehouse is asked, and what its rows say. No such service is at hand: the rows are made after its docs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import make_url

from watcher.feeds.snapshots.bigquery import BigQuery
from watcher.feeds.snapshots.databricks import Databricks
from watcher.feeds.snapshots.duckdb import DuckDb
from watcher.feeds.snapshots.mysql import MySql
from watcher.feeds.snapshots.platform import Place, Platform
from watcher.feeds.snapshots.postgres import Postgres
from watcher.feeds.snapshots.redshift import Redshift
from watcher.feeds.snapshots.snowflake import Snowflake
from watcher.feeds.snapshots.trino import Trino
from watcher.feeds.warehouse.facts import ColumnImage
from watcher.formats.sql.types import read_type
from watcher.model.errors import ConfigurationError
from watcher.model.types import Unknown

EVERY: list[type[Platform]] = [BigQuery, Databricks, DuckDb, MySql, Postgres, Redshift, Snowflake, Trino]


class Asked:
    """A session that notes what it is asked, and answers by the first of its words that are in the question."""

    def __init__(self, answers: dict[str, list[tuple[Any, ...]]] | None = None) -> None:
        self.answers = answers or {}
        self.questions: list[tuple[str, dict[str, object]]] = []

    def rows(self, sql: str, **values: object) -> Iterator[Sequence[Any]]:
        self.questions.append((sql, values))
        yield from next((rows for words, rows in self.answers.items() if words in sql), [])

    def first(self, sql: str, **values: object) -> Any:
        return next((row[0] for row in self.rows(sql, **values)), None)


def columns(platform: Platform, session: Asked, place: Place) -> dict[str, ColumnImage]:
    (image,) = platform.images(session, place)
    return {one.name: one for one in image.columns}


@pytest.mark.parametrize("platform", EVERY, ids=lambda one: one.called)
@pytest.mark.parametrize("tables", [None, ("one", "two'; DROP TABLE x")], ids=["all", "some"])
def test_only_reads_and_binds(platform: type[Platform], tables: tuple[str, ...] | None) -> None:
    """Every question is a SELECT, and what the caller names is bound, never written into it."""
    session = Asked({"VERSION()": [("8.4.0",)]})
    place = Place("db", "sch_ema", tables)

    list(platform().images(session, place))

    assert session.questions
    for sql, values in session.questions:
        assert re.match(r"\s*SELECT\b", sql), sql
        assert "DROP" not in sql
        named = {name for name in re.findall(r"(?<!:):([a-z]+)\b", sql) if name not in ("regclass", "bigint", "text")}
        assert named <= values.keys(), sql
        if tables and ":named" in sql:
            assert tuple(values["named"]) == tables  # type: ignore[arg-type]
        if "sch_ema" in sql:
            assert platform is BigQuery  # a dataset is part of a name there: checked and quoted
    assert any(":named" in sql for sql, _ in session.questions) is (tables is not None)


@pytest.mark.parametrize("platform", [BigQuery, Databricks, Trino], ids=lambda one: one.called)
@pytest.mark.parametrize("name", ["a`b", 'a"b', "a;b", "", "a\nb", "x" * 300])
def test_a_name_that_cannot_be_bound_is_checked(platform: type[Platform], name: str) -> None:
    """A catalogue or dataset that would break out of its quotes is refused."""
    with pytest.raises(ConfigurationError, match="no name"):
        list(platform().images(Asked(), Place(name, "s")))


def test_snowflake_types_are_put_together() -> None:
    """TEXT and NUMBER come with the sizes that stand beside them; temporary tables are asked away."""
    rows = [
        ("T", "BASE TABLE", "ID", "NUMBER", None, None, 38, 0, None, "NO", None, "YES", None),
        ("T", "BASE TABLE", "NAME", "TEXT", 20, 80, None, None, None, "YES", "'x'", "NO", "hello"),
        ("T", "BASE TABLE", "AT", "TIMESTAMP_NTZ", None, None, None, None, 9, "YES", "CURRENT_TIMESTAMP()", "NO", None),
        ("T", "BASE TABLE", "T", "TIME", None, None, None, None, 3, "YES", "NULL", "NO", None),
        ("T", "BASE TABLE", "B", "BINARY", 8388608, 8388608, None, None, None, "YES", None, "NO", None),
        ("T", "BASE TABLE", "V", "VARIANT", None, None, None, None, None, "YES", None, "NO", None),
        ("T", "BASE TABLE", "F", "FLOAT", None, None, None, None, None, "YES", None, "NO", None),
        ("W", "VIEW", "ID", "NUMBER", None, None, 12, 2, None, "YES", None, "NO", None),
    ]
    session = Asked({"INFORMATION_SCHEMA.COLUMNS": rows})

    table, view = Snowflake().images(session, Place("DB", "PUBLIC"))

    assert table.name == ("DB", "PUBLIC", "T")
    assert [(one.name, one.type, one.nullable, one.default, one.comment) for one in table.columns] == [
        ("ID", "NUMBER(38,0)", False, None, None),
        ("NAME", "VARCHAR(20)", True, "'x'", "hello"),
        ("AT", "TIMESTAMP_NTZ(9)", True, "CURRENT_TIMESTAMP()", None),
        ("T", "TIME(3)", True, None, None),
        ("B", "BINARY(8388608)", True, None, None),
        ("V", "VARIANT", True, None, None),
        ("F", "FLOAT", True, None, None),
    ]
    assert (view.view, view.columns[0].nullable, view.primary_key, view.keys) == (True, None, None, None)
    assert "'TEMPORARY TABLE'" in session.questions[0][0]


@pytest.mark.parametrize(
    ("shown", "written"),
    [
        (("TEXT", 16777216, 16777216, None, None, None), "VARCHAR"),
        (("TEXT", 16777216, 16777216, None, None, None), "STRING"),
        (("NUMBER", None, None, 38, 0, None), "INT"),
        (("NUMBER", None, None, 10, 2, None), "DECIMAL(10,2)"),
        (("TIMESTAMP_LTZ", None, None, None, None, 9), "TIMESTAMP_LTZ"),
        (("TIMESTAMP_TZ", None, None, None, None, 3), "TIMESTAMP_TZ(3)"),
        (("TIME", None, None, None, None, 9), "TIME"),
        (("BINARY", 8388608, 8388608, None, None, None), "BINARY"),
        (("FLOAT", None, None, None, None, None), "DOUBLE"),
        (("BOOLEAN", None, None, None, None, None), "BOOLEAN"),
    ],
)
def test_snowflake_shows_what_a_definition_means(shown: tuple[Any, ...], written: str) -> None:
    """The type of a listing is the one that the statement's own words have."""
    rows = [("T", "BASE TABLE", "C", *shown, "YES", None, "NO", None)]
    (column,) = columns(Snowflake(), Asked({"INFORMATION_SCHEMA.COLUMNS": rows}), Place("DB", "S")).values()

    assert read_type(column.type, "snowflake") == read_type(written, "snowflake")


def test_bigquery_keeps_structs_whole() -> None:
    """`data_type` has a struct's members; an array says nothing of null; the primary key is in its order."""
    struct = "STRUCT<a INT64, b ARRAY<STRUCT<c STRING>>>"
    session = Asked(
        {
            "KEY_COLUMN_USAGE": [("t", "t.pk$", "b"), ("t", "t.pk$", "a")],
            "INFORMATION_SCHEMA.COLUMNS": [
                ("t", "BASE TABLE", "a", "INT64", "NO", "NULL", None),
                ("t", "BASE TABLE", "b", "NUMERIC(10, 2)", "YES", "1.5", "cost"),
                ("t", "BASE TABLE", "s", struct, "YES", "NULL", None),
                ("t", "BASE TABLE", "l", "ARRAY<STRING>", "NO", "NULL", None),
                ("v", "MATERIALIZED VIEW", "a", "INT64", "YES", "NULL", None),
            ],
        }
    )

    table, view = BigQuery().images(session, Place("acme-prod", "shop"))

    assert (table.name, table.primary_key, table.keys) == (("acme-prod", "shop", "t"), ("b", "a"), ())
    assert [(one.type, one.nullable, one.default, one.comment) for one in table.columns] == [
        ("INT64", False, None, None),
        ("NUMERIC(10, 2)", True, "1.5", "cost"),
        (struct, True, None, None),
        ("ARRAY<STRING>", None, None, None),
    ]
    assert view.view
    assert not isinstance(read_type(struct, "bigquery"), Unknown)
    assert "`acme-prod`.`shop`.INFORMATION_SCHEMA.COLUMNS" in session.questions[1][0]


def test_redshift_types_are_put_together() -> None:
    """Lengths stand beside the words; an external table's type is told whole; an identity is no default."""
    rows = [
        ("t", "TABLE", "id", "bigint", None, 64, 0, "NO", "\"identity\"(100, 0, '1,1'::text)", None),
        ("t", "TABLE", "a", "character varying", 20, None, None, "YES", "'x'::character varying", "hello"),
        ("t", "TABLE", "b", "numeric", None, 10, 2, "YES", None, None),
        ("t", "TABLE", "c", "timestamp without time zone", None, None, None, "YES", None, None),
        ("e", "EXTERNAL TABLE", "s", "struct<a:int>", None, None, None, "", "", None),
        ("v", "VIEW", "id", "bigint", None, 64, 0, "YES", None, None),
    ]
    session = Asked({"svv_all_columns": rows})

    table, external, view = Redshift().images(session, Place("dev", "public"))

    assert [(one.type, one.nullable, one.default) for one in table.columns] == [
        ("bigint", False, None),
        ("character varying(20)", True, "'x'"),
        ("numeric(10,2)", True, None),
        ("timestamp without time zone", True, None),
    ]
    assert (external.columns[0].type, external.columns[0].nullable) == ("struct<a:int>", None)
    assert view.view
    assert read_type("character varying(20)", "redshift") == read_type("varchar(20)", "redshift")
    assert session.questions[0][1] == {"database": "dev", "within": "public"}


def test_databricks_and_trino_tell_types_whole() -> None:
    """Members of structs and rows are part of the type's text."""
    spark = Asked(
        {
            "key_column_usage": [("t", "pk", "id")],
            "information_schema.columns": [
                ("t", "MANAGED", "id", "bigint", "NO", None, "the key"),
                ("t", "MANAGED", "s", "struct<a:int,b:array<string>>", "YES", None, None),
            ],
        }
    )
    row = 'row(a integer, "B c" array(varchar))'
    trino = Asked(
        {
            "information_schema.columns": [
                ("t", "BASE TABLE", "r", row, "YES", None),
                ("w", "VIEW", "x", "date", "YES", None),
            ]
        }
    )

    (table,) = Databricks().images(spark, Place("main", "shop"))
    other, view = Trino().images(trino, Place("hive", "shop"))

    assert (table.name, table.primary_key) == (("main", "shop", "t"), ("id",))
    assert (table.columns[0].comment, table.columns[1].type) == ("the key", "struct<a:int,b:array<string>>")
    assert not isinstance(read_type(table.columns[1].type, "databricks"), Unknown)
    assert (other.columns[0].type, other.primary_key, view.columns[0].nullable) == (row, None, None)
    assert not isinstance(read_type(row, "trino"), Unknown)


def test_mysql_shows_literals_without_quotes() -> None:
    """MySQL proper: a text default has no quotes in its catalogue, and an expression says that it is one."""
    session = Asked(
        {
            "VERSION()": [("8.4.3",)],
            "information_schema.TABLES": [("t", "BASE TABLE")],
            "information_schema.COLUMNS": [
                ("t", "id", "int unsigned", "int", "NO", None, "auto_increment", ""),
                ("t", "a", "varchar(20)", "varchar", "NO", "it's", "", "hello"),
                ("t", "b", "int", "int", "YES", "5", "", ""),
                ("t", "c", "datetime", "datetime", "YES", "CURRENT_TIMESTAMP", "DEFAULT_GENERATED", ""),
                ("t", "d", "varchar(9)", "varchar", "YES", "uuid()", "DEFAULT_GENERATED", ""),
                ("t", "e", b"enum('x')", "enum", "YES", "x", "", ""),
                ("t", "f", "int", "int", "YES", None, "STORED GENERATED", ""),
            ],
            "information_schema.STATISTICS": [
                ("t", "PRIMARY", "id"),
                ("t", "u", "a"),
                ("t", "u", "b"),
                ("t", "f", None),
            ],
        }
    )
    platform = MySql()
    platform.begin(session, 5)

    (table,) = platform.images(session, Place("", "shop"))

    assert (table.name, table.primary_key, table.keys) == (("shop", "t"), ("id",), (("a", "b"),))
    assert [one.default for one in table.columns] == [None, "'it''s'", "5", "CURRENT_TIMESTAMP", "uuid()", "'x'", None]
    assert [one.comment for one in table.columns][:2] == [None, "hello"]
    assert ("SET SESSION max_execution_time = :bound", {"bound": 5000}) in session.questions


@pytest.mark.parametrize(
    ("platform", "url", "database", "found"),
    [
        (Snowflake, "snowflake://u@a/DB/PUBLIC?warehouse=w", None, "DB/PUBLIC"),
        (Snowflake, "snowflake://u@a", "DB", "DB"),
        (Trino, "trino://u@h:8080/hive/x", "hive", "hive/x"),
        (Redshift, "redshift://u@h", "dev", "dev"),
    ],
)
def test_the_database_is_in_the_url_or_beside_it(
    platform: type[Platform], url: str, database: str | None, found: str
) -> None:
    """Where the URL names none, the feed's is taken."""
    assert platform().url(make_url(url), database).database == found


@pytest.mark.parametrize(
    "platform", [BigQuery, Databricks, Postgres, Redshift, Snowflake, Trino], ids=lambda one: one.called
)
def test_a_look_without_a_database_is_refused(platform: type[Platform]) -> None:
    """It says how to name one; two that differ are refused as well."""
    word = platform.driver.partition("+")[0]
    with pytest.raises(ConfigurationError, match="name it"):
        platform().url(make_url(f"{word}://"), None)
    named = {"bigquery": "bigquery://one", "databricks": "databricks://h?catalog=one"}.get(word, f"{word}://h/one")
    with pytest.raises(ConfigurationError, match="make them the same"):
        platform().url(make_url(named), "other")
