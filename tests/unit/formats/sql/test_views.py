"""Views after a change of what they read: they follow, break and heal as their platform has it."""

from dataclasses import replace

import pytest

from tests.unit.formats.sql.scripts import effects, empty, shown, tables, unread
from watcher.formats.sql.catalogue import Catalogue, Table
from watcher.formats.sql.effects import Effect, Unreadable
from watcher.formats.sql.interpret import run
from watcher.formats.sql.views import followed

BASE = "create table orders (id int not null, amount int, note varchar(9)); "
VIEWS = BASE + (
    "create view v as select id, amount as money from orders where note is not null; "
    "create view top as select money, count(*) as many from v group by money; "
)
TEXTS = ["snowflake", "bigquery", "databricks", "mysql", "sqlserver", "oracle", "trino", "duckdb", "clickhouse"]
WIDER = "alter table orders modify column amount bigint"


def views(dialect: str, script: str) -> dict[str, Effect]:
    """What the last statement did to views, by their names in small letters."""
    return {one.name[-1].lower(): one for one in effects(dialect, script) if one.because is not None}


def columns(table: Table | None) -> list[str]:
    assert table is not None
    return [shown(one.name.lower(), one.text.lower(), one.nullable, None) for one in table.columns]


def built(dialect: str, script: str) -> Catalogue:
    catalogue = empty(dialect)
    assert not [one for one in run(script, catalogue) if isinstance(one, Unreadable)]
    return catalogue


def test_a_view_follows_the_type_of_its_table() -> None:
    """A column that a view selects has the table's new type, and so has that of a view over the view."""
    found = views("mysql", VIEWS + WIDER)

    assert {name: one.because for name, one in found.items()} == {"v": ("orders",), "top": ("orders",)}
    assert columns(found["v"].after) == ["id int!", "money bigint"]
    assert columns(found["top"].after) == ["money bigint", "many bigint!"]
    for one in found.values():
        assert one.before is not None
        assert one.after is not None
        assert [each.id for each in one.after.columns] == [each.id for each in one.before.columns]


def test_a_view_follows_null() -> None:
    """A column that may be null now may be null in the view too."""
    found = views("postgres", VIEWS + "alter table orders alter column id drop not null")

    assert columns(found["v"].after) == ["id int", "money int"]
    assert set(found) == {"v"}


@pytest.mark.parametrize("column", ["amount", "note"])
@pytest.mark.parametrize("dialect", TEXTS)
def test_a_dropped_column_breaks_the_view(dialect: str, column: str) -> None:
    """Where a view is a text, it stays when a column that it reads goes, if only in WHERE, and says what it lacks."""
    found = views(dialect, VIEWS + f"alter table orders drop column {column}")

    assert found["v"].because is not None
    assert found["v"].because[-1].lower() == "orders"
    assert (found["v"].broken or "").lower() == f"the view reads orders.{column}, which is no longer there"
    assert found["v"].after is not None
    assert found["v"].before == replace(found["v"].after, broken=None)
    assert (found["top"].broken or "").lower() == "the view reads v, which is broken itself"


@pytest.mark.parametrize("dialect", TEXTS)
def test_a_broken_view_heals(dialect: str) -> None:
    """When the column is back, so is the view, and the view over it."""
    script = VIEWS + "alter table orders drop column amount; alter table orders add amount int"

    found = views(dialect, script)

    assert {name: (one.before.broken is None, one.broken) for name, one in found.items() if one.before} == {
        "v": (False, None),
        "top": (False, None),
    }


@pytest.mark.parametrize("statement", ["alter table orders drop column note cascade", "drop table orders cascade"])
@pytest.mark.parametrize("dialect", ["postgres", "redshift"])
def test_a_bound_view_goes_with_what_it_reads(dialect: str, statement: str) -> None:
    """PostgreSQL drops no column that a view reads but with the view, and with the views over it."""
    found = views(dialect, VIEWS + statement)

    assert {name: (one.after, one.because) for name, one in found.items()} == {
        "v": (None, ("orders",)),
        "top": (None, ("orders",)),
    }


def test_a_late_binding_view_is_a_text() -> None:
    """Redshift's late-binding view stays without its table."""
    found = views("redshift", BASE + "create view v as select id from orders with no schema binding; drop table orders")

    assert found["v"].broken == "the view reads orders, which is no longer there"


@pytest.mark.parametrize("dialect", TEXTS)
def test_a_rename_breaks_a_text(dialect: str) -> None:
    """Where a view is a text, another name of a table takes from it what it reads."""
    catalogue = built(dialect, BASE + "create view v as select id from orders; alter table orders rename to sales")

    (view,) = [one for one in catalogue if one.view]

    assert "which is no longer there" in (view.broken or "")


def test_a_rename_leaves_a_bound_view() -> None:
    """PostgreSQL knows a view's columns by number: after renames it is as it was, and is followed on."""
    renames = "alter table orders rename column amount to total; alter table orders rename to sales; "
    catalogue = built("postgres", VIEWS + renames)

    assert columns(catalogue.tables()["v"]) == ["id int!", "money int"]
    found = views("postgres", VIEWS + renames + "alter table sales alter column total type bigint")
    assert columns(found["v"].after) == ["id int!", "money bigint"]
    assert found["v"].because == ("sales",)


def test_a_renamed_column_keeps_its_name_in_a_bound_view() -> None:
    """A column that the view has under the table's own name, by a star or not, keeps that name."""
    script = BASE + "create view v as select * from orders; create view w as select o.note from orders o; "

    catalogue = built("postgres", script + "alter table orders rename note to remark")

    assert [one.name for one in catalogue.tables()["v"].columns] == ["id", "amount", "note"]
    assert [one.name for one in catalogue.tables()["w"].columns] == ["note"]
    assert catalogue.tables()["w"].broken is None


def test_a_column_of_using_that_is_renamed() -> None:
    """What cannot be written with the new name leaves the view as it is: it is not said to be broken."""
    script = (
        "create table a (id int, x int); create table b (id int, y int); "
        "create view v as select x, y from a join b using (id); "
    )

    view = built("postgres", script + "alter table a rename id to nr").tables()["v"]

    assert columns(view) == ["x int", "y int"]
    assert view.broken is None


def test_sqlite_writes_the_new_name_into_its_views() -> None:
    """SQLite changes the texts of views: the column of the view has the new name too, and is the same column."""
    script = BASE + "create view v as select id, note from orders; "
    before = tables("sqlite", script)["v"]

    after = tables("sqlite", script + "alter table orders rename column note to remark")["v"]

    assert [one.name for one in after.columns] == ["id", "remark"]
    assert [one.id for one in after.columns] == [one.id for one in before.columns]


@pytest.mark.parametrize("dialect", ["postgres", "redshift", "mysql", "mariadb", "sqlserver", "databricks"])
def test_a_star_of_its_day(dialect: str) -> None:
    """Where a star stands for the columns that there were, a new column does not come into the view."""
    assert views(dialect, BASE + "create view v as select * from orders; alter table orders add more int") == {}


@pytest.mark.parametrize("dialect", ["bigquery", "duckdb", "sqlite"])
def test_a_star_of_each_query(dialect: str) -> None:
    """Where a star is looked at with each query, the view has the new column, and not the dropped one."""
    script = BASE + "create view v as select * from orders; "

    added = views(dialect, script + "alter table orders add column more int")["v"]
    dropped = views(dialect, script + "alter table orders drop column note")["v"]

    assert columns(added.after)[-1] == "more int"
    assert columns(dropped.after) == ["id int!", "amount int"]
    assert dropped.broken is None


@pytest.mark.parametrize("dialect", ["snowflake", "trino", "athena"])
def test_a_star_with_another_number_of_columns(dialect: str) -> None:
    """Where a view is held to the number of its columns, one more breaks a star, and heals when it goes."""
    script = BASE + "create view v as select * from orders; alter table orders add column more int; "

    assert views(dialect, script)["v"].broken == "the view was made with 3 columns, and its SELECT gives 4 now"
    assert views(dialect, script + "alter table orders drop column more")["v"].broken is None


def test_what_a_view_does_not_read_says_nothing() -> None:
    """A change of a column that no view reads has no effect on any."""
    assert views("mysql", VIEWS + "alter table orders add other int") == {}
    assert views("mysql", VIEWS + "alter table orders comment 'x'") == {}


@pytest.mark.parametrize("dialect", [*TEXTS, "postgres", "sqlite"])
def test_a_view_looked_at_again_says_nothing(dialect: str) -> None:
    """Views that are evaluated once more, with nothing changed, have no effects, and the columns their ids."""
    catalogue = built(
        dialect, VIEWS + "create view s as select o.*, t.many from orders o left join top t on t.money = o.id"
    )
    before = [(table, [one.id for one in table.columns]) for table in catalogue]
    orders = next(table for table in catalogue if not table.view)

    # As if nothing were known of the table before: every view that reads it is evaluated.
    assert followed(catalogue, [Effect(orders.name, None, orders)]) == []

    assert [(table, [one.id for one in table.columns]) for table in catalogue] == before


def test_views_that_read_each_other_come_to_an_end() -> None:
    """A circle of views, which no platform makes, is looked at so often and no more."""
    catalogue = built(
        "mysql", "create table t (a int); create view v as select a from t; create view w as select a from v"
    )
    v, w = catalogue.tables()["v"], catalogue.tables()["w"]
    assert v.select is not None
    catalogue.put(replace(v, select=replace(v.select, text="select a from w", uses=((w.name, ("a",)),))))

    assert followed(catalogue, [Effect(v.name, None, v), Effect(w.name, None, w)]) == []


def test_a_view_over_what_is_not_known_yet() -> None:
    """A view over an unknown table is a blind spot, and is read when the table comes to be known."""
    script = "create view v as select * from t; "
    assert [one.table for one in unread("snowflake", script)] == ["V"]

    catalogue = empty("snowflake")
    *_, last = run(script + "create table t (a int)", catalogue)

    assert not isinstance(last, Unreadable)
    (view,) = [one for one in last.effects if one.because]
    assert view.because == ("T",)
    assert columns(view.after) == ["a int"]
    assert not catalogue.tables()["V"].partial


def test_a_view_that_is_replaced() -> None:
    """CREATE OR REPLACE VIEW keeps the ids of columns by their names, and the view over it follows because of it."""
    before = tables("postgres", VIEWS)["v"]
    script = VIEWS + "create or replace view v as select id, amount * 2.5 as money from orders"

    found = views("postgres", script)
    after = tables("postgres", script)["v"]

    assert found["top"].because == ("v",)
    assert [one.id for one in after.columns] == [one.id for one in before.columns]


def test_the_place_that_a_view_was_made_in() -> None:
    """A view reads the tables of the schema that was current when it was made, whatever is current later."""
    script = "use a; create table t (x int); create view v as select x from t; use b; create table t (x text); use b; "

    found = views("mysql", script + "alter table a.t modify x bigint")

    assert {one.name: columns(one.after) for one in found.values()} == {("a", "v"): ["x bigint"]}


def test_a_table_that_cannot_be_told_any_more() -> None:
    """A view over a table that is made anew from what cannot be inferred cannot be told any more either."""
    catalogue = built("snowflake", VIEWS)
    before = catalogue.at(("ORDERS",))
    assert before is not None
    after = catalogue.put(replace(before, columns=(), partial=True))

    found = {one.name[-1]: one for one in followed(catalogue, [Effect(after.name, before, after)])}

    assert found["V"].broken is None


@pytest.mark.parametrize(
    ("select", "column"),
    [
        ("select count(*) from t order by b", "b"),
        ("select a from t group by a, b", "b"),
        ("select sum(a) over (partition by b) s from t", "b"),
        ("select case when b = 1 then 2 end s from t", "b"),
        ("select a from t having max(b) > 1", "b"),
        ("select t.a from t join u on u.a = t.b", "b"),
        ("select u.c from t join u using (a)", "a"),
        ("select 1 as one from u where exists (select * from t where t.b = u.a)", "b"),
        ("select (select max(b) from t where t.a = u.a) m from u", "b"),
        ("select x.a from (select a from t where b > 1) x", "b"),
        ("with w as (select b from t) select c from u", "b"),
        ("select c from u union select b from t", "b"),
        ("select distinct a from t where b in (1, 2)", "b"),
        ("select * from t", "b"),
        ("select x.* from t x", "b"),
    ],
)
def test_wherever_a_column_is_read(select: str, column: str) -> None:
    """A view needs a column wherever its SELECT names it."""
    script = f"create table t (a int, b int); create table u (a int, c int); create view v as {select}; "

    found = views("mysql", script + f"alter table t drop column {column}")

    assert found["v"].broken == f"the view reads t.{column}, which is no longer there"
    assert views("mysql", script + "alter table t add z int") == {}


@pytest.mark.parametrize(
    ("dialect", "select", "expected"),
    [
        ("postgres", "select * from t join u using (a)", ["a int!", "b varchar(5)", "c int"]),
        ("postgres", "select u.*, t.b from t right join u on true", ["a int!", "c int", "b varchar(5)"]),
        ("postgres", "select a from t union all select c from u", ["a int"]),
        ("postgres", "select a, null as n from t union select a, c from u", ["a int!", "n int"]),
        ("postgres", "select count(*), sum(a), max(b) from t", ["count bigint!", "sum bigint", "max text"]),
        ("postgres", "select coalesce(c, 0) x, c is null y, b || 'z' z from t, u", ["x int!", "y boolean!", "z text"]),
        ("postgres", "select case when true then a else c end from t, u", ["c int"]),
        ("postgres", "select (select max(c) from u) from t", ["max int"]),
        ("postgres", "select a + c as s, a::bigint, current_date d from u", ["s integer", "a bigint!", "d date!"]),
        ("postgres", "select l.c from t, lateral (select c from u where u.a = t.a) l", ["c int"]),
        ("bigquery", "select * except (b) replace (a + 1 as a) from t", ["a int64"]),
        ("snowflake", "select * rename (b as k) from t", ["a int!", "k varchar(5)"]),
        ("snowflake", "select a, f.value from t, lateral flatten(input => t.b) f", ["a int!", "value "]),
        ("databricks", "select a, e from t lateral view explode(array(1)) x as e", ["a int!", "e "]),
        ("mysql", "select sum(a) s, cast(b as signed) i from t", ["s decimal(32,0)", "i bigint"]),
        ("trino", "select count(*), sum(a) from t", ["_col0 bigint!", "_col1 bigint"]),
        ("sqlite", "select count(*) n from t", ["n !"]),
    ],
)  # fmt: skip
def test_the_columns_of_a_select(dialect: str, select: str, expected: list[str]) -> None:
    """Names, types and null through stars, joins, unions and functions; what is not certain has no type."""
    script = "create table t (a int not null, b varchar(5)); create table u (a int not null, c int); create view v as "
    (view,) = [one for one in tables(dialect, script + select).values() if one.view]

    assert [one.replace("a int64!", "a int64") for one in columns(view)] == expected
