"""Tables that get their names, or their columns, from others: SELECT INTO, renames, swaps, clones, whole schemas."""

# ruff: noqa: E501 - a statement stands on a line of its own

import pytest

from tests.unit.formats.sql.scripts import effects, shape, tables, unread
from watcher.model.types import Enum

TWO = "create table a (x int); create table b (y int); "


@pytest.mark.parametrize(
    ("dialect", "script"),
    [
        (
            "sqlserver",
            "create table s (x int not null, y int); select x, y into dbo.t from s where y in (select 1); drop table s",
        ),
        (
            "sqlserver",
            "create table s (x int not null, y int); with c as (select x, y from s) select * into t from c; drop table s",
        ),
        ("postgres", "create table s (x int, y int); select x, y into unlogged table t from s; drop table s"),
        ("redshift", "create table s (x int, y int); select * into t from s; drop table s"),
    ],
)
def test_select_into(dialect: str, script: str) -> None:
    """It makes a table of what is selected."""
    (table,) = tables(dialect, script).values()

    assert table.name[-1] == "t"
    assert [one.name for one in table.columns] == ["x", "y"]


def test_select_into_what_does_not_last() -> None:
    """A temporary table is one here too; what goes into a variable or a file makes none."""
    made = tables("sqlserver", "create table s (x int); select x into #t from s")
    assert [one.temporary for one in made.values()] == [False, True]
    assert tables("postgres", "create table s (x int); select x into temp t from s")["t"].temporary
    assert list(
        tables("mysql", "create table s (x int); select x into @y from s; select x from s into outfile '/x'")
    ) == ["s"]
    assert list(
        tables("postgres", "create table s (x int); with c as (select 1) insert into s select * from c; select 1")
    ) == ["s"]


def test_no_semicolons_between() -> None:
    """T-SQL's batches need none, with GO or without, on one line or several."""
    script = "create table a (x int)\ncreate table b (y int) create table c (z int)\nGO\nalter table a add w int\nalter table b add v int\ndrop table c\nGO\n"

    made = tables("sqlserver", script)

    assert {name: [one.name for one in table.columns] for name, table in made.items()} == {
        "a": ["x", "w"],
        "b": ["y", "v"],
    }


def test_what_follows_without_a_semicolon_is_its_own() -> None:
    """The first statement stays applied where the second cannot be read."""
    (one,) = unread("sqlserver", "create table a (x int) create table b (y frob frob frob)")

    assert one.table == "b"


@pytest.mark.parametrize(
    ("dialect", "script"),
    [
        ("mysql", "rename table a to tmp, b to a, tmp to b"),
        ("mariadb", "rename tables a to tmp, b to a, tmp to b"),
        ("clickhouse", "exchange tables a and b on cluster c"),
        ("snowflake", "alter table a swap with b"),
        ("snowflake", "alter table if exists a swap with b"),
    ],
)
def test_two_tables_take_each_others_names(dialect: str, script: str) -> None:
    """Each has the other's columns."""
    made = {name.lower(): one.columns[0].name.lower() for name, one in tables(dialect, TWO + script).items()}

    assert made == {"a": "y", "b": "x"}


def test_a_rename_over_another_is_refused_whole() -> None:
    """MySQL goes from left to right, and refuses all of it."""
    assert [one.kind for one in unread("mysql", f"{TWO} rename table a to b, b to a")] == ["not-understood"]
    assert list(tables("mysql", f"{TWO} rename user x to y")) == ["a", "b"]


@pytest.mark.parametrize(
    ("dialect", "script", "names"),
    [
        ("postgres", "create table s.t (a int); alter table s.t set schema u", ["u.t"]),
        ("postgres", "create table t (a int); create materialized view v as select a from t; alter materialized view v set schema u", ["t", "u.v"]),
        ("postgres", "create table s.t (a int); alter schema s rename to u", ["u.t"]),
        ("redshift", "create table s.t (a int); alter schema s rename to u", ["u.t"]),
        ("snowflake", "create table d.s.t (a int); alter schema d.s rename to d.u", ["D.U.T"]),
        ("snowflake", "create table d.s.t (a int); alter database d rename to e", ["E.S.T"]),
        ("snowflake", "create table d.s.t (a int); create table d.u.v (a int); alter schema d.s swap with d.u", ["D.S.V", "D.U.T"]),
        ("snowflake", "create table d.s.t (a int); create table e.s.v (a int); alter database d swap with e", ["D.S.V", "E.S.T"]),
        ("snowflake", "create table d.s.t (a int); alter table d.s.t rename to d.u.w", ["D.U.W"]),
        ("sqlserver", "create table s.t (a int); alter schema u transfer s.t", ["u.t"]),
        ("sqlserver", "create table s.t (a int); alter schema u transfer object::s.t", ["u.t"]),
        ("sqlserver", "use d; create table s.t (a int); alter database d modify name = e", ["e.s.t"]),
        ("clickhouse", "create table d.t (a Int32) engine = Memory; rename database d to e", ["e.t"]),
        ("trino", "create table c.s.t (a int); alter schema c.s rename to u", ["c.u.t"]),
        ("snowflake", "create table d.s.t (a int); create or replace schema d.s", []),
        ("snowflake", "create table d.s.t (a int); create or replace database d", []),
        ("mariadb", "create table d.t (a int); create or replace database d", []),
        ("snowflake", "create table d.s.t (a int); create schema d.u clone d.s", ["D.S.T", "D.U.T"]),
        ("snowflake", "create table d.s.t (a int); create database e clone d", ["D.S.T", "E.S.T"]),
        ("snowflake", "create database d; create schema s; create table t (a int)", ["D.S.T"]),
        ("snowflake", "create database d; create table t (a int)", ["D.PUBLIC.T"]),
        ("mysql", "create table d.t (a int); drop database d", []),
        ("postgres", "create schema authorization joe; create schema if not exists s authorization joe; create table t (a int)", ["t"]),
    ],
)  # fmt: skip
def test_schemas_and_databases(dialect: str, script: str, names: list[str]) -> None:
    """What is in them moves, is copied and goes with them."""
    assert sorted(tables(dialect, script)) == names


def test_a_replaced_schema_comes_back() -> None:
    """Snowflake keeps what a replaced schema held."""
    script = "create table d.s.t (a int); create or replace schema d.s; drop schema d.s; undrop schema d.s"
    assert list(tables("snowflake", script)) == []
    found = effects(
        "snowflake", "create table d.s.t (a int); create table d.u.t (b int); create or replace schema d.s clone d.u"
    )
    assert [(one.before is not None, one.after is not None) for one in found] == [(True, True)]


@pytest.mark.parametrize(
    ("dialect", "script", "columns", "keys"),
    [
        ("postgres", "create table s (a int primary key, b int default 5 unique); create table t (like s including all)", ["a integer!", "b integer=5"], 2),
        ("postgres", "create table s (a int primary key, b int default 5 unique); create table t (like s)", ["a integer!", "b integer"], 0),
        ("postgres", "create table s (a int primary key, b int default 5 unique); create table t (like s including indexes excluding defaults, c text)", ["a integer!", "b integer", "c text"], 2),
        ("postgres", "create table s (a int primary key, b int default 5 unique); create table t (like s including all excluding indexes)", ["a integer!", "b integer=5"], 0),
        ("postgres", "create table s (a serial, b int generated always as identity); create table t (like s)", ["a integer!", "b integer!"], 0),
        ("redshift", "create table s (a int not null, b int default 5); create table t (like s including defaults)", ["a integer!", "b integer=5"], 0),
        ("redshift", "create table s (a int not null, b int default 5); create table t (like s)", ["a integer!", "b integer"], 0),
        ("mysql", "create table s (a int primary key, b int default 5, unique (b)); create table t like s", ["a int!", "b int=5"], 2),
        ("snowflake", "create table s (a int primary key, b int default 5); create table t like s", ["A int!", "B int=5"], 1),
        ("snowflake", "create table s (a int primary key, b int default 5); create table t clone s", ["A int!", "B int=5"], 1),
        ("bigquery", "create table s (a int64 not null, b string); create table t copy s", ["a int64!", "b string"], 0),
        ("bigquery", "create table s (a int64 not null, b string); create snapshot table t clone s", ["a int64!", "b string"], 0),
        ("databricks", "create table s (a int not null, b string); create table t shallow clone s", ["a int!", "b string"], 0),
        ("clickhouse", "create table s (a Int32, b Nullable(String)) engine = Memory; create table t clone as s", ["a Int32!", "b Nullable(String)"], 0),
    ],
)  # fmt: skip
def test_a_table_like_another(dialect: str, script: str, columns: list[str], keys: int) -> None:
    """PostgreSQL takes names, types and null, and the rest where it is asked to; the others take all of it."""
    found = [one for name, one in tables(dialect, script).items() if name.lower() == "t"]
    source = "S" if dialect == "snowflake" else "s"

    assert shape(dialect, f"{script}; drop table {source}") == [one.replace("integer", "int") for one in columns]
    assert len(found[0].keys) + bool(found[0].primary_key) == keys


def test_a_clone_of_an_earlier_day() -> None:
    """What columns it had then is not known."""
    (one,) = unread("snowflake", "create table s (a int); create table t clone s at (offset => -3600)")

    assert (one.table, one.kind) == ("T", "not-inferred")


@pytest.mark.parametrize(
    ("call", "names", "columns", "keys"),
    [
        ("exec sp_rename 'dbo.t.a', 'z', 'COLUMN'", ["t"], ["z", "b"], ["u"]),
        ("exec sp_rename @objname = N't.[a]', @newname = 'z', @objtype = N'column'", ["t"], ["z", "b"], ["u"]),
        ("execute sys.sp_rename 't', 'w'", ["w"], ["a", "b"], ["u"]),
        ("sp_rename 'dbo.t', 'w', 'OBJECT'", ["w"], ["a", "b"], ["u"]),
        ("exec sp_rename 't.u', 'v', 'INDEX'", ["t"], ["a", "b"], ["v"]),
        ("exec sp_rename 'dbo.u', 'v', 'OBJECT'", ["t"], ["a", "b"], ["v"]),
        ("exec sp_rename 't.s', 'r', 'STATISTICS'", ["t"], ["a", "b"], ["u"]),
    ],
)
def test_sp_rename(call: str, names: list[str], columns: list[str], keys: list[str]) -> None:
    """Every kind of thing that it renames."""
    made = tables("sqlserver", f"create table t (a int, b int constraint u unique); {call}")

    assert list(made) == names
    (table,) = made.values()
    assert [one.name for one in table.columns] == columns
    assert [name for name, _ in table.keys] == keys


def test_a_type_takes_its_columns_with_it() -> None:
    """DROP TYPE … CASCADE drops every column of it; without, the server would have refused."""
    script = "create type m as enum ('a'); create domain d as int; create table t (x m, y m[], z d, w int);"

    assert shape("postgres", f"{script} drop type m cascade") == ["z d", "w int"]
    assert shape("postgres", f"{script} drop domain if exists d cascade") == ["x m", "y m[]", "w int"]


def test_types_by_another_name() -> None:
    """A renamed type is renamed in its columns, and grows on."""
    script = "create type m as enum ('a', 'b'); create table t (x m); alter type m rename to n; alter type n add value 'c' after 'a'; alter type n rename value 'b' to 'd'"

    (column,) = tables("postgres", script)["t"].columns

    assert (column.text, column.type) == ("n", Enum(("a", "c", "d")))
    assert shape("postgres", "create domain d as int; create table t (x d[]); alter domain d rename to e") == ["x e[]"]
