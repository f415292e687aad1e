"""The statements beside CREATE and ALTER TABLE: drops, enums, names, code; and what is never passed over in silence."""

# ruff: noqa: E501 - a statement stands on a line of its own

import time

import pytest

from tests.unit.formats.sql.scripts import empty, tables, unread
from watcher.formats.sql.interpret import run
from watcher.formats.sql.tables import schema_of
from watcher.model.types import Enum, Field, Key, Record


def test_drops() -> None:
    """Tables, views and whole schemas go, several at once."""
    script = (
        "create table a (x int); create table s.b (x int); create table s.c (x int); create view v as select x from a;"
    )

    assert list(tables("postgres", f"{script} drop view v; drop table if exists a, nope cascade")) == ["s.b", "s.c"]
    assert list(tables("postgres", f"{script} drop schema s cascade")) == ["a", "v"]


def test_names_as_the_platform_holds_them() -> None:
    """Unquoted names are folded, quoted ones kept, and the current schema stands before them."""
    assert list(tables("snowflake", 'use database d; create table s.t (a int); create table "t" (a int)')) == [
        "D.S.T",
        "D.PUBLIC.t",
    ]
    assert list(
        tables("postgres", "set search_path to s, public; create table T (a int); alter table s.t add b int")
    ) == ["s.t"]
    assert list(tables("postgres", "create table public.t (a int); alter table T add b int")) == ["t"]
    assert list(tables("mysql", "use d; create table T (a int); alter table d.T add b int")) == ["d.T"]


def test_enums_grow() -> None:
    """Values added to and renamed in an enum show in every column of it."""
    script = "create type m as enum ('a', 'c'); create table t (x m not null); alter type m add value 'b' before 'c'; alter type m rename value 'c' to 'd'"

    assert tables("postgres", script)["t"].columns[0].type == Enum(("a", "b", "d"))


def test_comments_and_unique_indexes() -> None:
    """COMMENT ON is kept; a unique index is a key unless it holds for some rows only."""
    made = tables(
        "postgres",
        "create table t (a int, b int); comment on column t.a is 'x'; create unique index i on t (a); create unique index j on t (b) where b > 0",
    )["t"]

    assert made.columns[0].comment == "x"
    assert made.keys == (("i", ("a",)),)


def test_as_a_schema() -> None:
    """A table is a record with its keys; the columns' ids are their own."""
    root = schema_of(tables("mysql", "create table t (a int primary key, e enum('x') not null)")["t"], "t").root

    assert isinstance(root, Record)
    assert root.keys == (Key(("a",), primary=True),)
    assert root.fields[1] == Field("e", Enum(("x",)))
    assert {one.id for one in root.fields} == {"1", "2"}


@pytest.mark.parametrize(
    ("dialect", "script", "table"),
    [
        ("postgres", "frobnicate all", None),
        ("postgres", "create table t (a int", "t"),
        ("postgres", "create table t (a int 'x')", "t"),
        ("postgres", "create table t (a int default 'x)", None),
        ("postgres", "do $$ begin create table t (a int); end $$", None),
        ("snowflake", "undrop table t", "t"),
        ("mysql", "alter table t add a int", "t"),
        ("sqlserver", "select * into t from b", "t"),
        ("postgres", "create table t as select * from nope", "t"),
    ],
)
def test_never_silent(dialect: str, script: str, table: str | None) -> None:
    """What is not understood is told, with the table it touches where that can be seen."""
    found = unread(dialect, script)

    assert [one.table.lower() if one.table else None for one in found] == [table]


@pytest.mark.parametrize(
    "script",
    [
        "insert into t values (1)", "select 1", "grant select on t to u", "create index i on t (a)", "set x = 1", "analyze t",
        "create function f() returns int as $$ create table x (a int) $$ language sql", "truncate t", "commit", "vacuum t",
    ],
)  # fmt: skip
def test_no_shape_no_word(script: str) -> None:
    """What changes no shape is passed over."""
    assert unread("postgres", script) == []


@pytest.mark.parametrize(
    "script",
    [
        "create table t (a int default " + "(" * 100_000,
        "create table t (a " + "array<" * 50_000 + "int" + ">" * 50_000 + ")",
        "create view v as select " + "(" * 5_000 + "1" + ")" * 5_000,
        "create table t (" + ", ".join(f"c{at} int" for at in range(30_000)) + ")",
        "create trigger t begin " + "case " * 100_000,
        "'" * 1_000_001,
    ],
)
def test_hostile(script: str) -> None:
    """Whatever a script holds, it is answered in bounded time."""
    start = time.monotonic()

    list(run(script, empty("mysql")))

    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("dialect", "quote"), [("databricks", "`"), ("trino", '"'), ("athena", "`"), ("redshift", '"')]
)
def test_names_of_tables_in_small_letters(dialect: str, quote: str) -> None:
    """Where the platform holds a table's name so, whatever is quoted; its columns keep the case they have there."""
    sales = f"{quote}Sales{quote}"
    script = f"create schema Main; create table Main.{sales} (A int); alter table main.sales rename to MAIN.{sales[:-1]}2{quote}"

    assert list(tables(dialect, script)) == ["main.sales2"]
    assert tables(dialect, script)["main.sales2"].columns[0].name == ("A" if dialect == "databricks" else "a")


@pytest.mark.parametrize("default", ["null", "NULL::character varying", "(NULL)", "((null))", "null::numeric(5,2)"])
def test_a_default_of_null_is_none(default: str) -> None:
    """Whoever leaves the column out writes null either way."""
    script = f"create table t (a varchar default {default}, b int default 5); alter table t alter column b set default {default}"

    assert [one.default for one in tables("postgres", script)["t"].columns] == [None, None]
