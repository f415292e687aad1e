"""PostgreSQL's outbox: rows of one transaction become facts, and rows behind a gap wait for those who may fill it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.feeds.warehouse.spoken import Source, Warehouse, is_total
from watcher.feeds.postgres.outbox import MAX_ROWS_A_RECORD, Order, Row, transactions
from watcher.feeds.warehouse.facts import Blind, ColumnImage, Gone, Image
from watcher.feeds.warehouse.sources.postgres import decode
from watcher.model.observation import DatasetGone, DatasetSeen

NOBODY: frozenset[str] = frozenset()


def image(name: str, *columns: str, oid: int = 16400) -> dict[str, Any]:
    """A table's row, as the triggers write it."""
    listed = [
        {"number": number, "name": one, "type": "integer", "required": number == 1}
        for number, one in enumerate(columns, 1)
    ]
    keys = [{"primary": True, "columns": [columns[0]]}, {"primary": False, "columns": [columns[-1]]}]
    place = {"database": "shop", "schema": "public", "name": name}
    return {"kind": "image", "oid": oid, **place, "view": False, "columns": listed, "keys": keys}


def record(*rows: Any, cursor: int = 7) -> dict[str, Any]:
    return {
        "cursor": cursor,
        "xid": 741,
        "by": "loader",
        "application": "psql",
        "query": "transaction 741",
        "rows": [*rows],
    }


def row(number: int, xid: int = 1) -> Row:
    return Row(number, xid, 0, "loader", None, None, {})


def ids(rows: list[Row]) -> list[int]:
    return [one.id for one in rows]


def test_a_row_is_a_whole_table() -> None:
    """Named by oid, its columns by oid and number."""
    source = Source(decode)

    reading = source.say(record(image("orders", "id", "total")))

    assert reading.by == "loader"
    assert reading.facts == (
        Image(
            ("shop", "public", "orders"),
            (
                ColumnImage("id", "integer", nullable=False, id="16400.1"),
                ColumnImage("total", "integer", nullable=True, id="16400.2"),
            ),
            primary_key=("id",),
            keys=(("total",),),
            id="16400",
        ),
    )
    assert source.memory["cursor"] == b"7"


def test_what_is_gone_and_what_failed() -> None:
    """A drop has the oid; a failure of the trigger is a blind spot, with the server's words."""
    gone = {"kind": "gone", "oid": 5, "database": "shop", "schema": "public", "name": "orders"}
    failed = {"kind": "failed", "tag": "ALTER TABLE", "state": "53100", "message": "disk full"}

    one, other = Source(decode).say(record(gone, failed)).facts

    assert one == Gone(("shop", "public", "orders"), id="5")
    assert isinstance(other, Blind)
    assert "ALTER TABLE" in other.reason
    assert "disk full" in other.reason


def test_a_renamed_table_is_followed_by_its_oid() -> None:
    """The old name is gone, the new one has the same columns."""
    warehouse = Warehouse(decode, "postgres://db:5432", "postgres")
    warehouse.hear(record(image("orders", "id", "total")))

    heard = warehouse.hear(record(image("sales", "id", "total")))

    assert {type(one): one.dataset for one in heard.observations} == {
        DatasetGone: "postgres://db:5432/shop.public.orders",
        DatasetSeen: "postgres://db:5432/shop.public.sales",
    }


def test_lost_rows_are_told() -> None:
    """With the reason, and the cursor goes on from where rows are."""
    source = Source(decode)

    (fact,) = source.say({"cursor": 90, "lost": "rows up to 90 were pruned"}).facts

    assert fact == Blind("lost", "rows up to 90 were pruned")
    assert source.memory["cursor"] == b"90"


def test_whatever_comes_a_reading_comes_of_it() -> None:
    """Each part of a record bent."""
    assert is_total(decode, record(image("orders", "id"))) > 100


def test_rows_without_a_gap_are_taken() -> None:
    """At once, whoever writes."""
    order = Order()

    assert ids(order.settled([row(4), row(5)], 3, None)) == [4, 5]
    assert not order.waits
    assert order.held_behind is None


def test_rows_behind_a_gap_wait_for_its_writers() -> None:
    """Those before it are taken; those behind it when who wrote as it was seen has ended; later ones do not matter."""
    order = Order()

    assert ids(order.settled([row(1), row(3)], 0, None)) == [1]
    assert (order.waits, order.held_behind) == (True, 2)
    assert ids(order.settled([row(3)], 1, frozenset({"3/5", "4/1"}))) == []
    assert ids(order.settled([row(3)], 1, frozenset({"4/1", "7/1"}))) == []
    assert ids(order.settled([row(3)], 1, frozenset({"7/1"}))) == [3]
    assert not order.waits


def test_a_gap_that_nobody_can_fill_is_passed() -> None:
    """Rolled back: as soon as it was asked who writes."""
    order = Order()
    order.settled([row(2), row(5)], 0, None)

    assert ids(order.settled([row(2), row(5)], 0, NOBODY)) == [2, 5]


def test_a_gap_is_never_passed_on_an_answer_from_before_it_was_seen() -> None:
    """Its writer may have come and gone between the answer and the rows."""
    order = Order()

    assert order.settled([row(2)], 0, NOBODY) == []
    assert order.held_behind == 1


def test_a_gap_that_is_half_filled_waits_for_the_same_writers() -> None:
    """What is left of it is no new gap."""
    order = Order()
    order.settled([row(5)], 0, None)
    order.settled([row(5)], 0, frozenset({"3/5"}))

    assert ids(order.settled([row(2), row(5)], 0, frozenset({"9/9"}))) == [2, 5]


@pytest.mark.parametrize(("count", "sizes"), [(3, [3]), (MAX_ROWS_A_RECORD + 1, [MAX_ROWS_A_RECORD, 1])])
def test_a_transaction_is_one_record(count: int, sizes: list[int]) -> None:
    """Unless it is very long; another one's rows between stay between."""
    assert [len(one) for one in transactions([row(n) for n in range(count)])] == sizes
    assert [len(one) for one in transactions([row(1, 1), row(2, 2), row(3, 1)])] == [1, 1, 1]
