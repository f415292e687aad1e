"""What was dropped and is brought back: UNDROP, and Oracle's FLASHBACK TABLE … TO BEFORE DROP."""

import pytest

from tests.unit.formats.sql.scripts import effects, empty, tables, unread
from watcher.formats.sql.dropped import MAX_DROPPED
from watcher.formats.sql.interpret import run

TABLE = "create table t (a int, b varchar(9));"


@pytest.mark.parametrize(
    ("dialect", "script"),
    [
        ("snowflake", "drop table t; undrop table t"),
        ("databricks", "drop table t; undrop table t"),
        ("clickhouse", "drop table t; undrop table t on cluster c"),
        ("oracle", "drop table t; flashback table t to before drop"),
        ("snowflake", "drop table t; drop table if exists t; undrop table t"),
        ("snowflake", "create or replace table t (x int); alter table t rename to u; undrop table t; drop table u"),
    ],
)
def test_a_dropped_table_comes_back(dialect: str, script: str) -> None:
    """It has the columns that it had, under their ids."""
    text = TABLE if dialect != "clickhouse" else "create table t (a Int32, b String) engine = Memory;"
    catalogue = empty(dialect)
    list(run(text, catalogue))
    (before,) = catalogue

    list(run(script, catalogue))
    (after,) = catalogue

    assert after == before
    assert [one.id for one in after.columns] == [one.id for one in before.columns] == [1, 2]


def test_the_newest_comes_back_first() -> None:
    """A name dropped twice gives back its last table, and the one before it once that is out of the way."""
    made = tables(
        "snowflake",
        "create table t (old int); drop table t; create table t (new int); drop table t; "
        "undrop table t; alter table t rename to t2; undrop table t",
    )

    assert {name: one.columns[0].name for name, one in made.items()} == {"T2": "NEW", "T": "OLD"}


def test_a_schema_comes_back_with_what_went_with_it() -> None:
    """A table that was dropped before its schema was stays dropped."""
    script = "create table s.t (a int); create table s.u (a int); create view s.v as select a from s.t; "

    assert list(tables("snowflake", f"{script} drop table s.u; drop schema s; undrop schema s")) == ["S.T", "S.V"]
    assert list(tables("snowflake", "create table d.s.t (a int); drop database d; undrop database d")) == ["D.S.T"]
    assert list(tables("bigquery", "create table s.t (a int64); drop schema s cascade; undrop schema s")) == ["s.t"]
    assert list(tables("databricks", "create table s.t (a int); drop database s; undrop schema s")) == ["s.t"]


def test_a_view_heals_when_its_table_is_back() -> None:
    """The view over it is told of as well."""
    script = f"{TABLE} create view v as select a from t; drop table t; undrop table t"

    assert [(one.name, one.broken) for one in effects("snowflake", script)] == [(("T",), None), (("V",), None)]


def test_under_another_name() -> None:
    """Oracle may bring several back at once, and each under a new name."""
    script = "create table t (a int); create table u (b int); drop table t; drop table u;"

    assert list(tables("oracle", f"{script} flashback table t, u to before drop")) == ["T", "U"]
    assert list(tables("oracle", f"{script} flashback table t to before drop rename to w")) == ["W"]


@pytest.mark.parametrize(
    ("dialect", "script", "kind"),
    [
        ("snowflake", "undrop table t", "not-known"),
        ("snowflake", "undrop schema s", "not-known"),
        ("oracle", "create table t (a int); drop table t purge; flashback table t to before drop", "not-known"),
        ("snowflake", f"{TABLE} drop table t; {TABLE} undrop table t", "not-understood"),
        ("databricks", "create table t (a int); restore table t to version as of 3", "not-known"),
    ],
)
def test_what_cannot_come_back_is_told(dialect: str, script: str, kind: str) -> None:
    """What is not kept here, or has its name taken: a blind spot."""
    assert [one.kind for one in unread(dialect, script)] == [kind]


def test_data_that_goes_back_has_no_shape() -> None:
    """Oracle brings rows back by the same word."""
    assert list(tables("oracle", "create table t (a int); flashback table t to scn 5")) == ["T"]


def test_only_so_many_are_kept() -> None:
    """The oldest are forgotten."""
    catalogue = empty("snowflake")
    for number in range(MAX_DROPPED + 1):
        list(run(f"create table t{number} (a int); drop table t{number}", catalogue))

    list(run("undrop table t0; undrop table t1", catalogue))

    assert [one.name for one in catalogue] == [("T1",)]
