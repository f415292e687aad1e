"""Unit tests of the warehouse's feed: names, memory, snapshots as bytes."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from watcher.feeds.warehouse.facts import Blind, ColumnImage, Gone, Image, Memory, Ran, Reading, Touched
from watcher.feeds.warehouse.feed import Decoders, WarehouseFeed
from watcher.feeds.warehouse.memory import MAX_TOLD, Entries, WarehouseMemory
from watcher.feeds.warehouse.naming import Naming, called
from watcher.feeds.warehouse.snapshot import Snapshot
from watcher.formats.sql.document import table_text
from watcher.model.dataset import LOOKED, Position, RawRecord
from watcher.model.errors import SchemaError
from watcher.model.observation import DatasetSeen, Heard

SPACE = "snowflake://acme"
PLACE = ("RAW", "SHOP")
ODD = ("RAW", "SHOP", 'a.b"c#d ü')


class Said:
    """A feed whose records are readings."""

    def __init__(self, **more: Any) -> None:
        self.readings: list[Reading] = []
        self.offset = 0
        self.feed = WarehouseFeed(
            "wh", Decoders(self._decode, self._decode), Naming(SPACE), dialect="snowflake", place=PLACE, **more
        )

    def _decode(self, _record: RawRecord, _memory: Memory) -> Reading:
        return self.readings.pop(0)

    def says(self, *facts: Any, **more: Any) -> Heard:
        """One record."""
        self.readings.append(Reading("ddl", facts, **more))
        self.offset += 1
        return self.feed.hear(RawRecord(Position("wh", 0, self.offset), None, b"x", 1))

    def looks(self, snapshot: Snapshot) -> Heard:
        """One look."""
        self.offset += 1
        return self.feed.hear(RawRecord(Position("wh", LOOKED, self.offset), None, snapshot.to_bytes(), 1))


# Names.


@pytest.mark.parametrize(
    ("namespace", "name", "dataset"),
    [
        (SPACE, ("A", "B", "C"), "snowflake://acme/A.B.C"),
        (SPACE, ("A", "b.c", "D"), 'snowflake://acme/A."b.c".D'),
        ("s3://bucket", ("dir/a.parquet",), "s3://bucket/dir/a.parquet"),
        ("arn:aws:glue:eu-west-1:1", ("db", "t"), "arn:aws:glue:eu-west-1:1/table/db/t"),
    ],
)
def test_a_table_is_named_as_lineage_names_it(namespace: str, name: tuple[str, ...], dataset: str) -> None:
    """Parts joined by dots; a part with a dot in it cannot be taken for two."""
    assert Naming(namespace).dataset(name) == dataset
    assert Naming("other://x").dataset(name, namespace) == dataset


def test_a_part_with_a_dot_is_not_two_parts() -> None:
    """Two tables never have one dataset because of a dot."""
    assert called(("a.b", "c")) != called(("a", "b.c")) != called(("a", "b", "c"))


@pytest.mark.parametrize(
    ("include", "exclude", "watched"),
    [
        ((), (), True),
        (("raw.*",), (), True),
        (("OTHER.*",), (), False),
        (("RAW.*",), ("*.orders",), False),
        ((), ("raw.shop.order",), False),
    ],
)
def test_which_tables_are_watched(include: tuple[str, ...], exclude: tuple[str, ...], watched: bool) -> None:
    """Patterns in any case; what is excluded is so even where it is included; a pattern is for the whole name."""
    expected = watched or exclude == ("raw.shop.order",)
    assert Naming(SPACE, include, exclude).watched(("RAW", "SHOP", "ORDERS")) is expected


# Memory.


def test_entries_know_what_changed() -> None:
    """Each change is told once, what is gone as None; what was restored has not changed."""
    entries = Entries("w|")
    assert entries.restore("w|old", b"1")
    assert not entries.restore("x|old", b"1")
    assert list(entries.drain()) == []
    entries.save("new", {"a": 1})
    entries.save("old", None)
    entries.save("never", None)
    assert list(entries.drain()) == [("w|new", b'{"a":1}'), ("w|old", None)]
    assert list(entries.drain()) == []
    assert entries.load("old") is None


def test_what_is_drained_makes_the_memory_again() -> None:
    """Tables with odd names, types, dropped tables, doubts and ids: a new process knows what the old one did."""
    said = Said(rereads=True)
    said.says(Ran("CREATE TABLE orders (id NUMBER, amount NUMBER(12,2))"), id="q1")
    said.says(Ran("CREATE VIEW v AS SELECT id FROM orders"))
    said.says(Image(ODD, (ColumnImage('x."y', "NUMBER", id="7.1"),), id="7"))
    said.says(Image(("gs", "f"), (ColumnImage("a", "string"),), namespace="gs://b"))
    said.says(Ran("CREATE TABLE gone (a INT)"), Ran("DROP TABLE gone"))
    said.says(Touched(("RAW", "SHOP", "ORDERS"), "x"), Blind("masked", "y"))
    said.looks(Snapshot(5, (), asked=(("RAW", "SHOP", "NOT_THERE"),)))
    entries = {key: value for key, value in said.feed.drain() if value is not None}
    assert list(said.feed.drain()) == []

    new = WarehouseMemory(SPACE, "snowflake", PLACE)
    new.restore(entries.items())
    old = said.feed._memory
    for space in (SPACE, "gs://b"):
        texts = [sorted(table_text(one, "snowflake") for one in memory.tables(space)) for memory in (old, new)]
        assert texts[0] == texts[1] != []
        assert new.catalogue(space).next_id == old.catalogue(space).next_id
    for part in ("blind", "wanted", "looked"):
        assert dict(getattr(new, part)) == dict(getattr(old, part)) != {}
    assert new.told("q1")
    assert not new.told("q2")
    assert new.identified("7", SPACE) is not None
    assert list(new.wanted) == ['["snowflake://acme","RAW","SHOP","ORDERS"]']
    said.feed.restore(entries.items())
    assert isinstance(said.says(Ran("UNDROP TABLE gone")).observations[0], DatasetSeen)


def test_a_memory_of_a_later_watcher_is_refused() -> None:
    """An entry that this watcher does not know may be a table: it is not left out silently."""
    with pytest.raises(SchemaError, match="later watcher"):
        WarehouseMemory(SPACE, "snowflake", PLACE).restore([("zz|x", b"1")])


def test_ids_of_events_are_forgotten_the_oldest_first() -> None:
    """So that the memory does not grow without end."""
    memory = WarehouseMemory(SPACE, "snowflake", PLACE)
    for number in range(MAX_TOLD + 1):
        memory.told(str(number))
    assert not memory.told("0")
    assert memory.told(str(MAX_TOLD))
    assert len([one for one in memory.drain() if one[1] is not None]) <= MAX_TOLD


# Snapshots.


def test_a_snapshot_comes_back_from_its_bytes() -> None:
    """All of it."""
    columns = (
        ColumnImage("a", "struct<b:int>", nullable=None, default="1", id="1.1", comment="c", classes=("pii",)),
        ColumnImage("b", "int", nullable=False, classes=()),
    )
    whole = Image(ODD, columns, ("a",), (("a", "b"), ("b",)), True, True, True, "1", "postgres", None)
    bare = Image(("x",), ())
    snapshot = Snapshot(5, (whole, bare), ((), ("RAW",)), (ODD,), "0/16B")
    assert Snapshot.from_bytes(snapshot.to_bytes()) == snapshot


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {"at": 1},
        {"at": "x", "images": [], "scope": [], "asked": []},
        {"at": None, "images": [], "scope": [["RAW"]], "asked": []},
        {"at": 1, "images": [5], "scope": [], "asked": []},
        {"at": 1, "images": [], "scope": [[1]], "asked": []},
        {"at": 1, "images": [], "scope": [], "asked": ["name"]},
        {"at": 1, "images": [], "scope": [], "asked": [], "cursor": 5},
        {"at": 1, "images": [{"name": [], "columns": [], "primary_key": None, "keys": None}], "scope": [], "asked": []},
        {"at": 1, "images": [{"name": ["x"], "columns": [5], "primary_key": None, "keys": None}], "scope": [],
         "asked": []},
        {"at": 1, "images": [{"name": ["x"], "columns": [{"name": 1, "type": 2, "classes": None}],
         "primary_key": None, "keys": None}], "scope": [], "asked": []},
    ],
)  # fmt: skip
def test_what_is_no_snapshot_is_refused(document: object) -> None:
    """Before any table is moved by it."""
    said = Said()
    said.says(Ran("CREATE TABLE orders (id NUMBER)"))
    value = orjson.dumps(document)
    with pytest.raises((ValueError, KeyError, TypeError)):
        Snapshot.from_bytes(value)
    heard = said.feed.hear(RawRecord(Position("wh", LOOKED, 0), None, value, 1))
    assert heard.unreadable is not None
    assert heard.unreadable.kind == "malformed-look"
    assert heard.observations == ()


# Looks.


def test_a_look_at_single_tables_says_nothing_of_others() -> None:
    """A whole one says of all in its scope that they are there or not."""
    said = Said()
    said.says(Ran("CREATE TABLE a (id NUMBER)"), Ran("CREATE TABLE b (id NUMBER)"))
    column = (ColumnImage("ID", "NUMBER", nullable=None),)
    asked = said.looks(Snapshot(5, (Image((*PLACE, "A"), column),), asked=((*PLACE, "A"),)))
    whole = said.looks(Snapshot(6, (Image((*PLACE, "A"), column),), scope=(("RAW",),)))

    assert asked.observations == ()
    assert [str(one.dataset) for one in whole.observations] == ["snowflake://acme/RAW.SHOP.B"]
    assert [one.kind for one in whole.blind] == ["missed-by-the-feed"]


def test_a_drop_of_what_nobody_knows_says_nothing() -> None:
    """Neither a fault nor a fact."""
    heard = Said().says(Gone((*PLACE, "NEVER")))
    assert (heard.observations, heard.blind, heard.unreadable) == ((), (), None)


def test_a_doubt_names_the_table_in_full() -> None:
    """Also where the source's name says less, and the tables cannot hold what it says."""
    column = ColumnImage("A", "INT")
    heard = Said().says(Image(("ORDERS",), (column, column)))
    assert [one.dataset for one in heard.blind] == ["snowflake://acme/RAW.SHOP.ORDERS"]
