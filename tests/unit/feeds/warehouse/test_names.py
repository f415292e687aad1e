"""Names of tables in a feed: one table is one dataset, however a record writes its name."""

import pytest

from watcher.feeds.warehouse.facts import ColumnImage, Gone, Image, Ran, Reading
from watcher.feeds.warehouse.memory import WarehouseMemory
from watcher.feeds.warehouse.moves import Moves

COLUMNS = (ColumnImage("Id", "int"),)


@pytest.mark.parametrize("dialect", ["databricks", "trino", "redshift"])
def test_a_table_is_one_however_its_name_is_written(dialect: str) -> None:
    """Where the platform holds names in small letters, a statement, an image and a drop in others mean the same."""
    where = f"{dialect}://host"
    memory = WarehouseMemory(where, dialect, ("Main", "Sales"))
    moves = Moves(memory, where, Reading("ddl"))

    moves.apply(Image(("Main", "Sales", "T"), COLUMNS))
    moves.apply(Ran("create table MAIN.sales.U (id int)"))
    moves.apply(Ran("alter table u add column b int", ("Main", "Sales")))
    moves.apply(Gone(("MAIN", "SALES", "T")))

    assert [one.name for one in memory.tables(where)] == [("main", "sales", "u")]
    assert [name for _, name in moves.moved] == [("main", "sales", "t"), ("main", "sales", "u")]
    assert len(memory.tables(where)[0].columns) == 2


def test_a_topic_keeps_its_name() -> None:
    """Of a namespace that names no platform, each name is as it comes."""
    memory = WarehouseMemory("trino://host", "trino", ())
    moves = Moves(memory, "trino://host", Reading("lineage"))

    moves.apply(Image(("Orders",), COLUMNS, namespace="kafka://broker:9092"))

    assert [one.name for one in memory.tables("kafka://broker:9092")] == [("Orders",)]
