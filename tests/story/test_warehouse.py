"""Stories of tables: DDL is judged like any change, and what cannot be heard is a blind spot, never silence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.story.warehouse import MARTS, ORDERS, SHOP, Warehouse, image
from tests.story.world import reliance
from watcher.feeds.warehouse.facts import Blind, ColumnImage, Gone, Image, Renamed, Swapped, Touched

MADE = (
    "CREATE TABLE orders (id NUMBER(38,0) NOT NULL, amount NUMBER(12,2), note VARCHAR, address OBJECT(street VARCHAR))"
)
FINANCE = reliance("finance", {"AMOUNT": {"type": "decimal(12,2)"}}, "ID", dataset=ORDERS)

Make = Callable[..., Warehouse]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A warehouse with the shop's orders, which finance relies on; what was made is history."""

    def made(*contracts: str, **settings: object) -> Warehouse:
        world = Warehouse(tmp_path, SHOP, MARTS, *(contracts or (FINANCE,)), **settings)  # type: ignore[arg-type]
        world.runs(MADE)
        world.live()
        world.wait()
        return world

    return made


def test_a_dropped_column_is_the_producers_ticket(make: Make) -> None:
    """Who did it and with which query is in it, and the column's return closes it."""
    world = make()

    world.runs("ALTER TABLE orders DROP COLUMN amount", by="ETL_ROLE", query="01b2")
    [ticket] = world.show("tickets")
    [violation] = world.ticket(ticket["id"])["violations"]
    world.wait()
    world.runs("ALTER TABLE orders ADD COLUMN amount NUMBER(12,2)")

    assert (ticket["domain"], ticket["dataset"], ticket["state"]) == ("shop", ORDERS, "open")
    assert (violation["rule"], violation["path"]) == ("field-removed", "AMOUNT")
    assert (violation["origin"]["by"], violation["origin"]["query"]) == ("ETL_ROLE", "01b2")
    assert world.states() == [("shop", ORDERS, "resolved")]


def test_what_was_made_before_is_history(make: Make) -> None:
    """A statement of the first reading's past raises nothing, though it breaks."""
    world = make()
    assert world.show("tickets") == []


@pytest.mark.parametrize(
    "statements",
    [
        "ALTER TABLE orders RENAME COLUMN amount TO total; ALTER TABLE orders RENAME COLUMN total TO amount",
        "CREATE OR REPLACE TABLE orders (id NUMBER(38,0) NOT NULL, amount NUMBER(12,2), extra DATE)",
        "CREATE TABLE o2 LIKE orders; ALTER TABLE o2 ADD COLUMN x DATE; ALTER TABLE orders SWAP WITH o2; DROP TABLE o2",
        "DROP TABLE orders; UNDROP TABLE orders",
        "ALTER TABLE orders RENAME TO orders_del; ALTER TABLE orders_del RENAME TO orders",
    ],
)
def test_a_burst_is_judged_by_its_net_effect(make: Make, statements: str) -> None:
    """Within the settle window, one record a statement: what it amounts to breaks nobody."""
    world = make(settle=5)

    for one in statements.split("; "):
        world.runs(one)
        world.wait(1)
    world.pass_time(seconds=10)

    assert world.show("tickets") == []


def test_ghost_tables_of_a_migration_tool(make: Make) -> None:
    """The copy that takes the table's place is judged as the change that it makes."""
    world = make(settle=5)

    world.runs("CREATE TABLE _orders_gho LIKE orders")
    world.runs("ALTER TABLE _orders_gho DROP COLUMN note")
    world.runs("ALTER TABLE orders RENAME TO _orders_del")
    world.runs("ALTER TABLE _orders_gho RENAME TO orders")
    world.pass_time(seconds=10)
    kinds = {change["kind"] for row in world.show("changes") if row["dataset"] == ORDERS for change in row["changes"]}

    assert world.show("tickets") == []
    assert kinds == {"field-removed"}


def test_a_renamed_table_is_gone_under_its_name(make: Make) -> None:
    """Whoever reads it by that name is broken, and is told the new one."""
    world = make()

    world.runs("ALTER TABLE orders RENAME TO purchases")
    [ticket] = world.show("tickets")
    notes = {one["origin"]["note"] for one in world.ticket(ticket["id"])["violations"]}

    assert ticket["dataset"] == ORDERS
    assert notes == {"renamed to RAW.SHOP.PURCHASES"}


def test_a_nested_field_is_relied_on_alike(make: Make) -> None:
    """A member of a structured column that goes away breaks whoever reads it."""
    world = make(reliance("crm", "ADDRESS.street", dataset=ORDERS))

    world.says(image(("RAW", "SHOP", "ORDERS"), "ID NUMBER(38,0)", "ADDRESS OBJECT(zip VARCHAR)"))

    [ticket] = world.show("tickets")
    assert [one["path"] for one in world.ticket(ticket["id"])["violations"]] == ["ADDRESS.street"]


def test_a_view_over_a_changed_table_is_the_tables_ticket(make: Make) -> None:
    """The consumer of the view is told; the ticket goes to the domain that broke the base table."""
    view = "snowflake://acme/MARTS.CORE.REVENUE"
    world = make(reliance("board", "TOTAL", dataset=view), settle=0)
    world.runs("CREATE VIEW marts.core.revenue AS SELECT id, amount AS total FROM raw.shop.orders")

    world.wait()
    world.runs("ALTER TABLE orders DROP COLUMN amount")
    [ticket] = world.show("tickets")
    [violation] = world.ticket(ticket["id"])["violations"]
    world.wait()
    world.runs("ALTER TABLE orders ADD COLUMN amount NUMBER(12,2)")

    assert (ticket["domain"], ticket["dataset"]) == ("shop", view)
    assert violation["origin"]["because"] == ORDERS
    assert world.states() == [("shop", view, "resolved")]


def test_what_is_not_understood_makes_the_verdict_unknown(make: Make) -> None:
    """It is unreadable and a blind spot of its table; the next image of the table ends both."""
    world = make()

    world.runs("ALTER TABLE orders FROBNICATE COLUMN amount SIDEWAYS")
    [ticket] = world.show("tickets")
    [spot] = world.show("blind-spots")
    world.wait()
    world.says(image(("RAW", "SHOP", "ORDERS"), "ID NUMBER(38,0)", "AMOUNT NUMBER(12,2)", "NOTE VARCHAR"))
    [ended] = world.show("blind-spots")

    assert {one["outcome"] for one in world.ticket(ticket["id"])["violations"]} == {"unknown"}
    assert len(world.show("unreadable")) == 1
    assert (spot["dataset"], spot["ended_at"]) == (ORDERS, None)
    assert ended["ended_at"] is not None
    assert world.states() == [("shop", ORDERS, "resolved")]


def test_a_table_that_is_only_told_to_have_changed(make: Make) -> None:
    """Is a blind spot; where the database is looked at, it is read again, and judged as what the record did."""
    world = make(rereads=True)

    world.says(Touched(("RAW", "SHOP", "ORDERS"), "its columns changed"), by="ETL", query="q7")
    wanted = list(world.tables.wanted())
    world.wait()
    orders = ("RAW", "SHOP", "ORDERS")
    world.looks(image(orders, "ID NUMBER(38,0)", "NOTE VARCHAR"), scope=(), asked=(orders,))
    [ticket] = world.show("tickets")
    [spot] = world.show("blind-spots")
    origin = world.ticket(ticket["id"])["violations"][0]["origin"]

    assert wanted == [orders]
    assert list(world.tables.wanted()) == []
    assert (origin["by"], origin["query"], origin["missed_since"]) == ("ETL", "q7", None)
    assert (spot["kind"], spot["ended_at"] is not None) == ("no-columns", True)


def test_what_a_look_finds_was_missed_by_the_feed(make: Make) -> None:
    """It is judged like any change; the blind spot says since when, and ends when the feed tells of it after all."""
    world = make()
    orders = ("RAW", "SHOP", "ORDERS")
    whole = ("ID NUMBER(38,0)", "AMOUNT NUMBER(12,2)", "NOTE VARCHAR", "ADDRESS OBJECT(street VARCHAR)")
    world.looks(image(orders, *whole))
    first = world.show("blind-spots")
    looked_at = world.now

    dropped_at = world.moment() + 1
    world.wait(600)
    world.looks(image(orders, *whole[:1], *whole[2:]))
    [ticket] = world.show("tickets")
    [spot] = world.show("blind-spots")
    world.wait()
    world.runs("ALTER TABLE orders DROP COLUMN amount", at=dropped_at)
    [ended] = world.show("blind-spots")

    assert first == []
    assert ticket["state"] == "open"
    assert world.ticket(ticket["id"])["violations"][0]["origin"]["missed_since"] is not None
    assert (spot["kind"], spot["dataset"], spot["ended_at"]) == ("missed-by-the-feed", ORDERS, None)
    assert spot["since"] == looked_at.isoformat()
    assert ended["ended_at"] is not None
    assert len(world.show("tickets")) == 1
    assert world.show("unreadable") == []


def test_a_first_look_is_history(make: Make) -> None:
    """Tables that no record told of, and that were there before anybody looked, alarm nobody."""
    other = "snowflake://acme/RAW.SHOP.CUSTOMERS"
    world = make(reliance("crm", "EMAIL", dataset=other))
    orders = image(("RAW", "SHOP", "ORDERS"), "ID NUMBER(38,0)", "AMOUNT NUMBER(12,2)", "NOTE VARCHAR")

    world.looks(image(("RAW", "SHOP", "CUSTOMERS"), "ID NUMBER(38,0)", "NAME VARCHAR"), orders, scope=())
    assert world.show("tickets") == []


def test_a_table_that_a_look_no_longer_finds_is_gone(make: Make) -> None:
    """Its consumers are broken; a temporary look at other schemas says nothing of it."""
    world = make()
    world.looks(scope=(("OTHER",),))
    before = world.show("tickets")
    world.looks(scope=(("RAW",),))

    assert before == []
    assert world.states() == [("shop", ORDERS, "open")]


def test_a_record_that_comes_again_says_nothing(make: Make) -> None:
    """Neither by its id, nor where its source gives none: the state is the same."""
    world = make()
    orders = image(("RAW", "SHOP", "ORDERS"), "ID NUMBER(38,0)", "NOTE VARCHAR")

    for _ in range(2):
        world.runs("ALTER TABLE orders ADD COLUMN extra DATE", id="q1")
        world.says(orders)
    kinds = [row["changes"] for row in world.show("changes")]

    assert world.show("unreadable") == []
    assert len(kinds) == 2


def test_a_new_process_goes_on_where_the_old_one_ended(make: Make) -> None:
    """Tables, views, types and what was told are in the ledger."""
    world = make(reliance("board", "TOTAL", dataset="snowflake://acme/MARTS.CORE.REVENUE"))
    world.runs("CREATE VIEW marts.core.revenue AS SELECT id, amount AS total FROM raw.shop.orders", id="q1")
    world.restart()
    world.wait()

    world.runs("CREATE VIEW marts.core.revenue AS SELECT id FROM raw.shop.orders", id="q1")
    before = world.show("tickets")
    world.runs("ALTER TABLE orders DROP COLUMN amount", id="q2")

    assert before == []
    assert len(world.show("tickets")) == 1


def test_renames_and_swaps_that_a_source_tells_as_such(make: Make) -> None:
    """Without any statement: a swap of two tables, a rename that is taken back."""
    world = make(settle=5)
    world.runs("CREATE TABLE orders_b (id NUMBER(38,0), amount NUMBER(12,2), b DATE)")
    world.pass_time(seconds=10)
    orders, other = ("RAW", "SHOP", "ORDERS"), ("RAW", "SHOP", "ORDERS_B")

    world.says(Swapped(orders, other))
    world.says(Renamed(orders, ("RAW", "SHOP", "X")), Renamed(("RAW", "SHOP", "X"), orders))
    world.pass_time(seconds=10)
    added = {one["path"] for row in world.show("changes") for one in row["changes"] if row["dataset"] == ORDERS}

    assert world.show("tickets") == []
    assert "B" in added


def test_a_table_that_the_platform_names_is_followed_through_its_rename(make: Make) -> None:
    """By the table's own id, and by its columns' ids: the rename of a column is known as one."""
    world = make(
        reliance("crm", "id", "label", dataset="postgres://db:5432/app.public.t"),
        namespace="postgres://db:5432",
        dialect="postgres",
        place=("app", "public"),
    )
    name = ("app", "public", "t")
    world.says(Image(name, (ColumnImage("id", "integer", id="9.1"), ColumnImage("label", "text", id="9.2")), id="9"))
    world.wait()
    world.says(Image(name, (ColumnImage("id", "integer", id="9.1"), ColumnImage("title", "text", id="9.2")), id="9"))
    [ticket] = world.show("tickets")
    [violation] = world.ticket(ticket["id"])["violations"]
    world.wait()
    moved = ("app", "public", "u")
    world.says(Image(moved, (ColumnImage("id", "integer", id="9.1"), ColumnImage("title", "text", id="9.2")), id="9"))

    assert violation["rule"] == "field-renamed"
    assert [one["dataset"] for one in world.show("datasets")][-1].endswith("public.t")
    assert {one["dataset"].rpartition(".")[2]: one["schema"] is not None for one in world.show("datasets")}[
        "t"
    ] is False


def test_a_source_that_drops_before_it_shows_anew_drops_nothing(make: Make) -> None:
    """As a connector's snapshot does at each restart."""
    world = make()
    orders = ("RAW", "SHOP", "ORDERS")
    whole = ("ID NUMBER(38,0)", "AMOUNT NUMBER(12,2)", "NOTE VARCHAR", "ADDRESS OBJECT(street VARCHAR)")

    world.says(Gone(orders, baseline=True))
    world.says(image(orders, *whole, baseline=True))
    assert world.show("tickets") == []

    world.says(image(orders, *whole[:1], baseline=True))
    assert world.states() == [("shop", ORDERS, "open")]


def test_what_cannot_be_told_of_any_table(make: Make) -> None:
    """Is a blind spot of the feed, until a look has seen everything."""
    world = make()
    world.says(Blind("masked", "the statement's text is masked"))
    [spot] = world.show("blind-spots")
    world.wait()
    world.looks(image(("RAW", "SHOP", "ORDERS"), "ID NUMBER(38,0)", "AMOUNT NUMBER(12,2)", "NOTE VARCHAR"))

    assert (spot["dataset"], spot["ended_at"]) == (None, None)
    assert world.show("blind-spots")[0]["ended_at"] is not None


def test_tables_that_are_not_watched_are_not_told(make: Make) -> None:
    """They are known all the same, since views may read them."""
    world = make(include=("MARTS.*",))
    world.runs("ALTER TABLE orders DROP COLUMN amount")

    assert world.show("tickets") == []
    assert world.show("datasets") == []


@pytest.mark.parametrize(
    ("namespace", "dialect", "table", "column", "dataset", "path"),
    [
        ("snowflake://acme", "snowflake", ("RAW", "SHOP", "ORDERS"), "AMOUNT", "raw.shop.orders", "amount"),
        ("postgres://db:5432", "postgres", ("app", "public", "orders"), "amount", "app.public.Orders", "Amount"),
        ("sqlserver://db:1433", "sqlserver", ("app", "dbo", "Orders"), "Amount", "app.dbo.orders", "amount"),
    ],
)
def test_contracts_write_names_as_sql_does(  # noqa: PLR0917 - one row of the table above
    tmp_path: Path, namespace: str, dialect: str, table: tuple[str, ...], column: str, dataset: str, path: str
) -> None:
    """In any case, where the platform folds what is not quoted; the cause is named, and its return heals."""
    contract = reliance("finance", {path: {"type": "int"}}, dataset=f"{namespace}/{dataset}")
    owner = f"kind: Domain\nname: shop\nowns: ['{namespace}/{dataset.upper()}']\n"
    world = Warehouse(tmp_path, owner, contract, namespace=namespace, dialect=dialect, place=table[:2])
    world.says(image(table, "id int", f"{column} int"))
    world.live()
    world.wait()
    world.says(image(table, "id int"))
    [ticket] = world.show("tickets")
    [violation] = world.ticket(ticket["id"])["violations"]
    world.wait()
    world.says(image(table, "id int", f"{column} int"))

    assert (ticket["domain"], violation["rule"], violation["path"]) == ("shop", "field-removed", path)
    assert violation["change"]["path"] == column
    assert [one["state"] for one in world.show("tickets")] == ["resolved"]


def test_a_quoted_name_is_another_one(make: Make) -> None:
    """On a platform that folds to capitals, a column in small letters is not the one that others wrote."""
    world = make(reliance("finance", "amount", dataset=ORDERS))
    world.runs('ALTER TABLE orders RENAME COLUMN amount TO "amount"')
    exact = world.show("tickets")
    world.wait()
    world.runs('ALTER TABLE orders RENAME COLUMN "amount" TO "Amount"')

    assert exact == []
    assert len(world.show("tickets")) == 1


def test_a_statement_that_began_just_before_a_look(make: Make) -> None:
    """Counts where the look has not seen it, and says nothing more where it has."""
    world = make()
    orders = ("RAW", "SHOP", "ORDERS")
    whole = ("ID NUMBER(38,0)", "AMOUNT NUMBER(12,2)", "NOTE VARCHAR", "ADDRESS OBJECT(street VARCHAR)")
    began = world.moment()
    world.wait(10)
    world.looks(image(orders, *whole))

    world.runs("ALTER TABLE orders DROP COLUMN amount", at=began, id="unseen")
    assert world.states() == [("shop", ORDERS, "open")]

    began = world.moment()
    world.wait(10)
    world.looks(image(orders, *whole))
    world.runs("ALTER TABLE orders ADD COLUMN amount NUMBER(12,2)", at=began, id="seen")

    assert world.states() == [("shop", ORDERS, "resolved")]
    assert world.show("unreadable") == []
    assert [one["ended_at"] is not None for one in world.show("blind-spots")] == [True]


@pytest.mark.parametrize(
    "statement",
    ["CREATE OR REPLACE TABLE orders (id NUMBER(38,0) NOT NULL, amount NUMBER(12,2))", "DROP TABLE orders"],
)
def test_what_was_not_understood_is_over_when_the_table_is_made_anew(make: Make, statement: str) -> None:
    """Or when it is gone: what happened to it before matters no more."""
    world = make()
    world.runs("ALTER TABLE orders FROBNICATE COLUMN amount SIDEWAYS")
    world.wait()
    world.runs(statement)
    outcomes = [one["outcome"] for one in world.show("violations") if one["healed"] is None]

    assert [one["ended_at"] is not None for one in world.show("blind-spots")] == [True]
    assert "unknown" not in outcomes
    assert outcomes == (["broken"] if statement.startswith("DROP") else [])


def test_a_broken_view_stays_the_work_of_whoever_broke_it(make: Make) -> None:
    """Also where its own owner touches it before the window has ended."""
    view = "snowflake://acme/MARTS.CORE.REVENUE"
    world = make(reliance("board", "TOTAL", dataset=view), settle=5)
    world.runs("CREATE VIEW marts.core.revenue AS SELECT id, amount AS total FROM raw.shop.orders")
    world.pass_time(seconds=10)

    world.runs("ALTER TABLE orders DROP COLUMN amount")
    world.runs("COMMENT ON VIEW marts.core.revenue IS 'for the board'")
    world.pass_time(seconds=10)

    assert world.states() == [("shop", view, "open")]
