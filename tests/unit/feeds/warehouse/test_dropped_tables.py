"""Dropped tables in a feed's memory: a restart forgets none of those that may come back."""

from watcher.feeds.warehouse.facts import Gone, Ran, Reading
from watcher.feeds.warehouse.memory import WarehouseMemory
from watcher.feeds.warehouse.moves import Moves

WHERE = "snowflake://acme"


def memory(*entries: tuple[str, bytes]) -> WarehouseMemory:
    made = WarehouseMemory(WHERE, "snowflake", ("RAW", "SHOP"))
    made.restore(entries)
    return made


def ran(inside: WarehouseMemory, *facts: str | Gone) -> Moves:
    moves = Moves(inside, WHERE, Reading("ddl"))
    for one in facts:
        moves.apply(Ran(one) if isinstance(one, str) else one)
    return moves


def test_a_restart_forgets_no_dropped_table() -> None:
    """What was dropped before it, by a statement or by a source's word, comes back after it under its columns' ids."""
    first = memory()
    ran(first, "create table t (a int, b int); create table u (a int); create table s.v (a int)")
    ran(first, "drop table t; drop schema s", Gone(("U",)))
    kept = {key: value for key, value in first.drain() if value is not None}

    second = memory(*kept.items())
    blind = ran(second, "undrop table t; undrop table u; undrop schema s").blind

    assert blind == []
    assert [one.name[-1] for one in second.tables(WHERE)] == ["T", "U", "V"]
    assert [one.id for one in second.tables(WHERE)[0].columns] == [1, 2]
    gone = [key for key, value in second.drain() if key.startswith("d|") and value is None]
    assert gone == [key for key in kept if key.startswith("d|")]


def test_a_restart_alone_writes_nothing() -> None:
    """What was restored is not written again."""
    first = memory()
    ran(first, "create table t (a int); drop table t")

    assert memory(*[(key, value) for key, value in first.drain() if value is not None]).drain() == []
