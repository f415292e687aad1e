"""Stories of doubt: what is in doubt about a table follows it, ends when it is over, and blames whoever moved it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.story.warehouse import MARTS, ORDERS, SHOP, Warehouse, image
from tests.story.world import reliance
from watcher.feeds.warehouse.facts import ColumnImage, Image, Renamed, Touched

NAME = ("RAW", "SHOP", "ORDERS")
WHOLE = ("ID NUMBER(38,0)", "AMOUNT NUMBER(12,2)", "NOTE VARCHAR")
SHORT = ("ID NUMBER(38,0)", "NOTE VARCHAR")
VIEW = ("MARTS", "CORE", "REVENUE")
REVENUE = "snowflake://acme/MARTS.CORE.REVENUE"


def world_of(folder: Path, *contracts: str, **settings: object) -> Warehouse:
    """The shop's orders, which finance relies on, and a view over them."""
    told = contracts or (reliance("finance", "AMOUNT", dataset=ORDERS),)
    world = Warehouse(folder, SHOP, MARTS, *told, **settings)  # type: ignore[arg-type]
    world.runs("CREATE TABLE orders (id NUMBER(38,0), amount NUMBER(12,2), note VARCHAR)")
    world.runs("CREATE VIEW marts.core.revenue AS SELECT id, amount AS total FROM raw.shop.orders")
    world.live()
    world.wait()
    return world


@pytest.mark.parametrize("include", [(), ("RAW.SHOP.ORDERS",)])
def test_doubt_about_a_ghost_table_follows_it_to_its_name(tmp_path: Path, include: tuple[str, ...]) -> None:
    """Also where the ghost's own name is not watched: the table that it becomes is not known to be sound."""
    world = world_of(tmp_path, settle=5, include=include)

    world.runs("CREATE TABLE _gho LIKE orders")
    world.runs("ALTER TABLE _gho FROBNICATE COLUMN amount SIDEWAYS")
    world.runs("ALTER TABLE orders RENAME TO _del")
    world.runs("ALTER TABLE _gho RENAME TO orders")
    world.pass_time(seconds=10)
    open_now = [one["dataset"] for one in world.show("blind-spots") if one["ended_at"] is None]
    [ticket] = world.show("tickets")
    world.says(image(NAME, *WHOLE))
    world.pass_time(seconds=10)

    assert open_now == [ORDERS]
    assert {one["outcome"] for one in world.ticket(ticket["id"])["violations"]} == {"unknown"}
    assert world.states() == [("shop", ORDERS, "resolved")]
    assert [one for one in world.show("blind-spots") if one["ended_at"] is None] == []


def test_a_table_that_waits_to_be_read_again_is_asked_for_by_its_new_name(tmp_path: Path) -> None:
    """The name that it had before is not there any more, and would answer nothing."""
    world = world_of(tmp_path, rereads=True)
    after = ("RAW", "SHOP", "PURCHASES")

    world.says(Touched(NAME, "its columns changed"), by="ETL")
    world.says(Renamed(NAME, after))
    wanted = list(world.tables.wanted())
    world.restart()

    assert wanted == [after]
    assert [one["dataset"] for one in world.show("blind-spots") if one["ended_at"] is None] == [
        "snowflake://acme/RAW.SHOP.PURCHASES"
    ]


def test_an_index_is_no_proof_of_a_table(tmp_path: Path) -> None:
    """A statement that makes something about a table, and not the table, leaves what is in doubt in doubt."""
    namespace = "postgres://db:5432"
    world = Warehouse(
        tmp_path, reliance("x", "a", dataset=f"{namespace}/d.s.t"), namespace=namespace, dialect="postgres",
        place=("d", "s"),
    )  # fmt: skip
    world.runs("CREATE TABLE t (a int)")
    world.live()
    world.wait()
    world.runs("ALTER TABLE t FROBNICATE x")
    world.runs("CREATE UNIQUE INDEX i ON t (a)")
    before = [one["ended_at"] for one in world.show("blind-spots")]
    world.runs("/* anew */ DROP TABLE t")

    assert before == [None]
    assert world.show("blind-spots")[0]["ended_at"] is not None


def test_a_part_of_a_table_is_no_proof_of_the_whole(tmp_path: Path) -> None:
    """An image that may lack columns ends no doubt."""
    world = world_of(tmp_path)
    world.says(Touched(NAME, "its columns changed"))
    world.says(image(NAME, "ID NUMBER(38,0)", partial=True))

    assert [one["ended_at"] for one in world.show("blind-spots")] == [None]


@pytest.mark.parametrize("view_first", [False, True])
def test_a_view_that_a_look_finds_moved_with_its_table(tmp_path: Path, view_first: bool) -> None:
    """Is the work of whoever moved the table, in whatever order the database lists them, and whatever it lists."""
    world = world_of(tmp_path, reliance("board", {"TOTAL": {"type": "decimal(12,2)"}}, dataset=REVENUE))
    world.looks(image(NAME, *WHOLE), image(VIEW, "ID NUMBER(38,0)", "TOTAL NUMBER(12,2)", view=True))
    world.wait()

    images = [
        image(NAME, "ID NUMBER(38,0)", "AMOUNT VARCHAR", "NOTE VARCHAR"),
        image(VIEW, "ID NUMBER(38,0)", "TOTAL VARCHAR", view=True),
    ]
    world.looks(*(reversed(images) if view_first else images))

    assert world.states() == [("shop", REVENUE, "open")]


def test_a_broken_view_that_the_platform_lists_still(tmp_path: Path) -> None:
    """Is told once, as its table's owner's work: the listing says nothing new."""
    world = world_of(tmp_path, reliance("board", "TOTAL", dataset=REVENUE))
    stale = image(VIEW, "ID NUMBER(38,0)", "TOTAL NUMBER(12,2)", view=True)
    world.looks(image(NAME, *WHOLE), stale)
    for _ in range(3):
        world.wait()
        world.looks(image(NAME, *SHORT), stale)

    assert world.states() == [("shop", REVENUE, "open")]
    assert {one["dataset"] for one in world.show("blind-spots")} == {ORDERS}


def test_one_table_that_cannot_be_held_does_not_hide_the_others(tmp_path: Path) -> None:
    """Of a look: it is unreadable itself, what else the look found is told, and its end is seen by the next look."""
    world = world_of(tmp_path)
    world.looks(image(NAME, *WHOLE))
    world.wait()
    odd = ("RAW", "SHOP", "ODD")

    world.looks(image(odd, "A INT", "A INT"), image(NAME, *SHORT))
    first = {one["dataset"]: one["kind"] for one in world.show("blind-spots")}
    world.wait()
    world.looks(image(NAME, *SHORT))

    assert world.states() == [("shop", ORDERS, "open")]
    assert first[f"snowflake://acme/{'.'.join(odd)}"] == "not-understood"
    assert list(world.tables.wanted()) == []
    assert {one["kind"] for one in world.show("blind-spots") if one["ended_at"] is None} == {"missed-by-the-feed"}


def test_a_look_at_other_schemas_ends_no_doubt(tmp_path: Path) -> None:
    """Of a table that is not there: only a look that would have shown it does."""
    world = world_of(tmp_path)
    odd = ("RAW", "SHOP", "ODD")
    world.looks(image(NAME, *WHOLE), image(odd, "A INT", "A INT"))
    world.wait()
    world.looks(scope=(("OTHER",), ("RAW", "SHOP_2")))
    between = [one["ended_at"] for one in world.show("blind-spots") if one["kind"] == "not-understood"]
    world.looks(image(NAME, *WHOLE), scope=(("RAW", "SHOP"),))

    assert between == [None]
    assert [one["ended_at"] is None for one in world.show("blind-spots") if one["kind"] == "not-understood"] == [False]


def test_a_table_that_came_and_went_untold(tmp_path: Path) -> None:
    """A whole look that does not show it ends what was in doubt about it: nobody asks for it for ever."""
    world = world_of(tmp_path, rereads=True)
    world.says(Touched(("RAW", "SHOP", "BRIEF"), "it was made"))
    world.wait()
    world.looks(image(NAME, *WHOLE))

    assert list(world.tables.wanted()) == []
    assert [one["ended_at"] is not None for one in world.show("blind-spots") if one["kind"] == "no-columns"] == [True]


def test_a_fault_of_ours_in_one_fact_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the others did is told, and the fault is a blind spot of the feed: nobody knows what it moved."""
    world = world_of(tmp_path)

    def fails(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("watcher.feeds.warehouse.moves.Moves._renamed", fails)
    world.says(image(NAME, *SHORT), Renamed(NAME, ("RAW", "SHOP", "X")))

    assert world.states() == [("shop", ORDERS, "open")]
    assert [(one["dataset"], one["kind"]) for one in world.show("blind-spots")] == [(None, "internal-error")]


def test_a_column_made_again_under_its_name_is_known_by_its_new_id(tmp_path: Path) -> None:
    """Nothing changed of the shape; when the new one is renamed, it is known as that one."""
    world = world_of(tmp_path, reliance("crm", "B", dataset="snowflake://acme/RAW.SHOP.T"))
    name = ("RAW", "SHOP", "T")
    kept = ColumnImage("A", "INT", id="1")
    for column in (ColumnImage("B", "INT", id="2"), ColumnImage("B", "INT", id="3"), ColumnImage("C", "INT", id="3")):
        world.says(Image(name, (kept, column), id="9"))
        world.wait()

    [ticket] = world.show("tickets")
    assert [one["rule"] for one in world.ticket(ticket["id"])["violations"]] == ["field-renamed"]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_statement_that_fails_leaves_the_same_behind_after_a_restart(tmp_path: Path, restarts: bool) -> None:
    """What is held of it in part is in the ledger, too: a new process does not judge by the view that stood before."""
    world = world_of(tmp_path, reliance("board", "TOTAL", dataset=REVENUE))
    world.runs("CREATE OR REPLACE VIEW marts.core.revenue AS SELECT id, missing AS total FROM raw.shop.orders")
    world.wait()
    if restarts:
        world.restart()
    world.runs("ALTER TABLE orders DROP COLUMN amount")
    [ticket] = world.show("tickets")
    [row] = [one for one in world.show("datasets") if one["dataset"] == REVENUE]

    assert ticket["domain"] == "marts"
    assert {one["outcome"] for one in world.ticket(ticket["id"])["violations"]} == {"unknown"}
    assert "missing" in row["unreadable"]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_table_and_its_view_that_a_look_no_longer_finds(tmp_path: Path, restarts: bool) -> None:
    """Are told in one order, whatever was made first: the table's end is the cause of the view's."""
    world = world_of(tmp_path, reliance("board", "TOTAL", dataset=REVENUE))
    if restarts:
        world.restart()
    world.looks()

    assert world.states() == [("shop", REVENUE, "open")]
