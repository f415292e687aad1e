"""ALTER TABLE in every platform's words: what is left of a table after it."""

# ruff: noqa: E501 - a statement stands on a line of its own

import pytest

from tests.unit.formats.sql.scripts import effects, empty, shape, tables, unread
from watcher.formats.sql.interpret import run

BASE = "create table t (a int not null, b varchar(3) default 'x', c int);"

ALTERS = {
    "several": ("mysql", "add column d int after a, change b e text not null first, drop c, modify a bigint", ["e text!", "a bigint", "d int"]),
    "in brackets": ("mysql", "add (d int, e int not null), algorithm=inplace, lock=none", ["a int!", "b varchar(3)='x'", "c int", "d int", "e int!"]),
    "indexes": ("mysql", "add index i (c), add fulltext key f (b), drop index i, engine = InnoDB", ["a int!", "b varchar(3)='x'", "c int"]),
    "a default": ("mysql", "alter c set default 5, alter column b drop default", ["a int!", "b varchar(3)", "c int=5"]),
    "types": ("postgres", "alter column b type text using b::text, alter a set data type bigint, alter c set not null", ["a bigint!", "b text='x'", "c int!"]),
    "null again": ("postgres", "alter a drop not null, alter b drop default, add if not exists c int", ["a int", "b varchar(3)", "c int"]),
    "no keyword": ("snowflake", "add column d int, e int not null", ["A int!", "B varchar(3)='x'", "C int", "D int", "E int!"]),
    "modified": ("snowflake", "modify column b set data type varchar(9), column c set not null", ["A int!", "B varchar(9)='x'", "C int!"]),
    "dropped": ("snowflake", "drop column if exists zz, b, c", ["A int!"]),
    "redefined": ("sqlserver", "alter column c bigint not null", ["a int!", "b varchar(3)='x'", "c bigint!"]),
    "with a name": ("sqlserver", "add d int not null constraint k default (0), e int", ["a int!", "b varchar(3)='x'", "c int", "d int!=(0)", "e int"]),
    "one after another": ("oracle", "add d number(5) modify (b not null, c default 3) drop (a)", ["B varchar(3)!='x'", "C int=3", "D number(5)"]),
    "columns": ("databricks", "add columns (d struct<x: int> comment 'y', e int first)", ["e int", "a int!", "b varchar(3)='x'", "c int", "d struct<x: int>"]),
    "moved": ("databricks", "alter column c first", ["c int", "a int!", "b varchar(3)='x'"]),
    "replaced": ("databricks", "replace columns (a bigint, z string)", ["a bigint", "z string"]),
    "after": ("clickhouse", "add column d UInt8 after a, modify column c Nullable(Int64)", ["a int!", "d UInt8!", "b varchar(3)!='x'", "c Nullable(Int64)"]),
    "data type": ("bigquery", "alter column c set data type numeric, alter column b set options (description = 'x')", ["a int!", "b varchar(3)='x'", "c numeric"]),
    "renamed": ("sqlite", "rename column b to z", ["a int!", "z varchar(3)='x'", "c int"]),
    "in redshift": ("redshift", "alter column b type varchar(9)", ["a int!", "b varchar(9)='x'", "c int"]),
    "in duckdb": ("duckdb", "alter b set data type text", ["a int!", "b text='x'", "c int"]),
    "in trino": ("trino", "add column if not exists d row(x int) comment 'y'", ["a int!", "b varchar(3)='x'", "c int", "d row(x int)"]),
}  # fmt: skip


@pytest.mark.parametrize("name", ALTERS)
def test_columns(name: str) -> None:
    """Each platform's actions leave the columns that the platform would."""
    dialect, actions, wanted = ALTERS[name]

    assert shape(dialect, f"{BASE} alter table t {actions}") == wanted


def test_a_rename_keeps_the_column() -> None:
    """A renamed column has the id that it had, and stays in its keys."""
    (one,) = effects("postgres", "create table t (a int primary key, b int unique); alter table t rename a to z")

    assert one.before is not None
    assert one.after is not None
    assert one.after.columns[0].id == one.before.columns[0].id
    assert one.after.primary_key == ("z",)


def test_keys_come_and_go() -> None:
    """Keys are added and dropped by name, and a primary key makes its columns not null."""
    made = tables(
        "mysql",
        f"{BASE} alter table t add primary key (c), add unique key u (b), add constraint w unique (a); alter table t drop index u",
    )

    assert made["t"].primary_key == ("c",)
    assert made["t"].keys == (("w", ("a",)),)
    assert made["t"].columns[2].nullable is False


def test_a_dropped_column_leaves_its_keys() -> None:
    """MySQL shortens a key by a dropped column; PostgreSQL drops the key."""
    script = "create table t (a int, b int, unique (a, b)); alter table t drop column b"

    assert tables("mysql", script)["t"].keys == (("a_b", ("a",)),)
    assert tables("postgres", script)["t"].keys == ()


def test_tables_move() -> None:
    """Renames, schema moves and swaps leave each table under its new name."""
    assert list(tables("postgres", f"{BASE} alter table t rename to u; alter table u set schema s")) == ["s.u"]
    assert list(tables("mysql", f"{BASE} create table w (x int); rename table t to o, w to t")) == ["o", "t"]
    swapped = tables("snowflake", f"{BASE} create table w (x int); alter table t swap with w")
    assert {name: len(one.columns) for name, one in swapped.items()} == {"T": 1, "W": 3}
    assert list(tables("sqlserver", f"{BASE} exec sp_rename 'dbo.t', 'u'; exec sp_rename 'u.b', 'z', 'COLUMN'")) == [
        "u"
    ]


@pytest.mark.parametrize(
    ("dialect", "actions", "kind"),
    [
        ("postgres", "drop column nope", "not-known"),
        ("postgres", "frobnicate a", "not-understood"),
        ("postgres", "add column a int", "not-understood"),
        ("databricks", "add column p.q int", "not-known"),
        ("mysql", "add d int $", "not-understood"),
    ],
)
def test_what_does_not_apply_is_told(dialect: str, actions: str, kind: str) -> None:
    """An action that cannot be applied is unreadable with its table, and the table is as it was."""
    (one,) = unread(dialect, f"{BASE} alter table t {actions}")

    assert (one.table, one.kind) == ("t", kind)


def test_renames_are_all_or_none() -> None:
    """Where one of several renames cannot be done, none is."""
    catalogue = empty("mysql")

    list(run("create table a (x int); create table c (x int); rename table a to b, b to c", catalogue))

    assert sorted(catalogue.tables()) == ["a", "c"]
