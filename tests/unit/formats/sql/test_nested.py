"""Fields of structs, lists and maps under ALTER TABLE: the type's text changes as the platform changes it."""

import pytest

from tests.unit.formats.sql.scripts import empty, shape, tables, unread
from watcher.formats.sql.interpret import run

LIST = "array<struct<p: string, q: int NOT NULL>>"
SPARK = f"create table t (id int, a struct<x: int, y: {LIST}>, m map<string, struct<v: int>>)"
BIGQUERY = "create table t (id int64, a struct<x int64, y array<struct<p string>>>)"
TRINO = "create table t (id int, a row(x int, y array(row(p varchar))))"
CLICKHOUSE = "create table t (id Int32, n Nested(a Int32, b String), u Nullable(Tuple(x Int8)))"
DUCKDB = "create table t (id int, a struct(x int, y struct(p varchar)[]))"
SNOWFLAKE = "create table t (id int, a object(x int, y varchar))"

FIELDS = {
    "added": ("databricks", SPARK, "add column a.z string after x", f"a struct<x: int, z: string, y: {LIST}>"),
    "added in a list": ("databricks", SPARK, "add columns (a.y.element.r date first)",
        "a struct<x: int, y: array<struct<r: date, p: string, q: int NOT NULL>>>"),
    "added in a map": ("databricks", SPARK, "add column m.value.n int", "m map<string, struct<v: int, n: int>>"),
    "dropped": ("databricks", SPARK, "drop columns (a.x, id)", f"a struct<y: {LIST}>"),
    "dropped if there": ("databricks", SPARK, "drop column if exists a.nope", f"a struct<x: int, y: {LIST}>"),
    "renamed": ("databricks", SPARK, "rename column a.y.element.q to w",
        "a struct<x: int, y: array<struct<p: string, w: int NOT NULL>>>"),
    "optional": ("databricks", SPARK, "alter column a.y.element.q drop not null",
        "a struct<x: int, y: array<struct<p: string, q: int>>>"),
    "wider": ("databricks", SPARK, "alter column a.x type bigint", f"a struct<x: bigint, y: {LIST}>"),
    "moved": ("databricks", SPARK, "alter column a.x after y", f"a struct<y: {LIST}, x: int>"),
    "changed": ("databricks", SPARK, "change column a.x `x y` bigint", f"a struct<`x y`: bigint, y: {LIST}>"),
    "key of a map": ("databricks", SPARK, "alter column m.key type binary", "m map<binary, struct<v: int>>"),
    "in bigquery": ("bigquery", BIGQUERY, "add column a.y.q numeric",
        "a struct<x int64, y array<struct<p string, q numeric>>>"),
    "in bigquery, by steps": ("bigquery", BIGQUERY, "drop column a.y, rename column a.x to z", "a struct<z int64>"),
    "in trino": ("trino", TRINO, "add column a.y.element.q int", "a row(x int, y array(row(p varchar, q int)))"),
    "retyped in trino": ("trino", TRINO, "alter column a.x set data type bigint",
        "a row(x bigint, y array(row(p varchar)))"),
    "a nested list": ("clickhouse", CLICKHOUSE, "add column n.c Array(UInt8)", "n Nested(a Int32, b String, c UInt8)!"),
    "renamed in a nested list": ("clickhouse", CLICKHOUSE, "rename column n.a to n.z", "n Nested(z Int32, b String)!"),
    "in a wrapper": ("clickhouse", CLICKHOUSE, "modify column u.x Int16", "u Nullable(Tuple(x Int16))"),
    "in duckdb": ("duckdb", DUCKDB, "drop column a.x", "a struct(y struct(p varchar)[])"),
    "in a list of duckdb": ("duckdb", DUCKDB, "add column a.y.q int", "a struct(x int, y struct(p varchar, q int)[])"),
    "in snowflake": ("snowflake", SNOWFLAKE, "alter column a.x set data type number(20)",
        "A object(x number(20), y varchar)"),
}  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
def test_fields(name: str) -> None:
    """A field comes, goes and changes as a column does, and nothing beside it is written anew."""
    dialect, base, action, wanted = FIELDS[name]

    assert wanted in shape(dialect, f"{base}; alter table t {action}")


@pytest.mark.parametrize(
    ("dialect", "base", "action", "reason"),
    [
        ("databricks", SPARK, "drop column a.nope", "no column nope"),
        ("databricks", SPARK, "drop column a.nope.x", "no field nope"),
        ("databricks", SPARK, "drop column id.x", "the type int has no fields"),
        ("databricks", SPARK, "drop column zz.x", "no column zz"),
        ("databricks", SPARK, "add column a.x int", "a column x already"),
        ("databricks", SPARK, "add column m.other.x int", "no other"),
        ("databricks", SPARK, "drop column m.key", "no name of its own"),
        ("bigquery", BIGQUERY, "drop column a.y.p", "last field"),
        ("databricks", SPARK, f"add column {'a.' * 40}x int", "too deep"),
    ],
)
def test_fields_that_are_not_there(dialect: str, base: str, action: str, reason: str) -> None:
    """What the platform would refuse is told, and the table is as it was."""
    (one,) = unread(dialect, f"{base}; alter table t {action}")

    assert reason in one.reason
    catalogue = empty(dialect)
    list(run(f"{base}; alter table t {action}", catalogue))
    assert catalogue.tables() == tables(dialect, base)


def test_flat_nested_columns() -> None:
    """ClickHouse's nested columns that stand one by one are found by their whole names."""
    made = shape(
        "clickhouse",
        "create table t (id Int32); alter table t add column v.a Array(Int8), add column v.b Array(Int8), "
        "drop column v.a",
    )

    assert made == ["id Int32!", "v.b Array(Int8)!"]


def test_a_columns_own_table_before_it() -> None:
    """MySQL takes a column's table before its name: it is no field."""
    assert shape("mysql", "create table t (id int, b int); alter table t drop column t.b") == ["id int"]


def test_what_is_refused_takes_no_table_away() -> None:
    """A table stays as it was where an ALTER would give it one column twice."""
    catalogue = empty("databricks")
    list(run("create table t (a int, b int); alter table t replace columns (z int, z int)", catalogue))

    assert [one.name for one in next(iter(catalogue)).columns] == ["a", "b"]


@pytest.mark.parametrize(
    "action",
    [
        "add (b clob) lob (b) store as b_seg (tablespace x)",
        "add (b clob) nested table b store as b_table",
        "add (b clob); alter table t drop partition p0, p1 update indexes",
    ],
)
def test_storage_behind_a_column(action: str) -> None:
    """What says where a column is kept, behind it, is neither another column nor unreadable."""
    assert shape("oracle", f"create table t (a int); alter table t {action}") == ["A int", "B clob"]
