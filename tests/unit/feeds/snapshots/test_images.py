"""Rows of columns become tables one at a time, and equal things are held once."""

from collections.abc import Iterator

from watcher.feeds.snapshots.images import NOT_TOLD, Keys, Listed, Shared, gathered
from watcher.feeds.warehouse.facts import ColumnImage


def listed(table: str, *names: str, id: str | None = None) -> list[Listed]:  # noqa: A002 - as the image calls it
    return [Listed(table, ColumnImage(name, "int"), id=id) for name in names]


def test_tables_come_as_their_rows_end() -> None:
    """No more than one table is held: the first is there before the last row was asked for."""
    asked = []

    def rows() -> Iterator[Listed]:
        for row in [*listed("a", "x", "y"), *listed("b", "z"), *listed("c", "q")]:
            asked.append(row.table)
            yield row

    first = next(gathered(rows(), ("db",), Keys()))

    assert (first.name, [one.name for one in first.columns]) == (("db", "a"), ["x", "y"])
    assert asked == ["a", "a", "b"]


def test_two_tables_of_one_name_are_told_apart_by_id() -> None:
    """A table that was dropped and made anew between two rows is not mixed with its successor."""
    images = list(gathered([*listed("a", "x", id="1"), *listed("a", "y", id="2")], (), Keys()))

    assert [(one.id, one.columns[0].name) for one in images] == [("1", "x"), ("2", "y")]


def test_a_table_without_columns_is_there() -> None:
    """A table may have none; a view that lists none says nothing of them."""
    table, view = gathered([Listed("a", None), Listed("b", None, view=True)], (), Keys())

    assert (table.columns, table.partial) == ((), False)
    assert (view.columns, view.partial) == ((), True)


def test_keys_are_those_of_columns_that_are_there() -> None:
    """A key over what the table does not list is left away; what is not told is None."""
    keys = Keys()
    keys.add_rows(
        [("a", "PRIMARY", True, "x"), ("a", "u", False, "y"), ("a", "u", False, "x"), ("a", "v", False, "gone")]
    )

    (told,) = gathered(listed("a", "x", "y"), (), keys)
    (untold,) = gathered(listed("a", "x", "y"), (), NOT_TOLD)

    assert (told.primary_key, told.keys) == (("x",), (("y", "x"),))
    assert (untold.primary_key, untold.keys) == (None, None)


def test_equal_columns_are_held_once() -> None:
    """A catalogue of a hundred thousand like tables does not need a hundred thousand times the memory of one."""
    shared = Shared()
    one, two = shared.column(ColumnImage("a", "int")), shared.column(ColumnImage("a", "int"))
    with_id = [shared.column(ColumnImage("a", "int", id="1.1")) for _ in range(2)]

    assert one is two
    assert with_id[0] is not with_id[1]
    assert shared.text(str(12345)) is shared.text(str(12345))
