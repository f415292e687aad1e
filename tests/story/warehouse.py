"""A world whose feed is a warehouse: facts as a source's file would decode them, and looks at the database itself."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from tests.story.world import World
from watcher.feeds.warehouse.facts import ColumnImage, Fact, Image, Memory, Name, Ran, Reading
from watcher.feeds.warehouse.feed import Decoders, WarehouseFeed
from watcher.feeds.warehouse.naming import Naming
from watcher.feeds.warehouse.snapshot import Snapshot
from watcher.model.dataset import LOOKED, Position, RawRecord
from watcher.ports import Feed, ReadPosition

SHOP = """
kind: Domain
name: shop
owns: ["snowflake://acme/RAW.SHOP.*"]
tickets: [{channel: shop-hook}]
"""
MARTS = """
kind: Domain
name: marts
owns: ["snowflake://acme/MARTS.*"]
tickets: [{channel: marts-hook}]
"""
ORDERS = "snowflake://acme/RAW.SHOP.ORDERS"


def image(name: Name, *columns: str, **more: object) -> Image:
    """A table with these columns, each `name type`."""
    named = (one.partition(" ") for one in columns)
    made = tuple(ColumnImage(column, type_, nullable=None) for column, _, type_ in named)
    return Image(name, made, **more)  # type: ignore[arg-type]


class Warehouse(World):
    """One warehouse, one worker; what a record says is given as facts."""

    def __init__(
        self,
        folder: Path,
        *contracts: str,
        settle: float = 0,
        namespace: str = "snowflake://acme",
        dialect: str = "snowflake",
        place: Name = ("RAW", "SHOP"),
        rereads: bool = False,
        include: tuple[str, ...] = (),
    ) -> None:
        self._readings: dict[bytes, Reading] = {}
        self._settings = (namespace, dialect, place, rereads, include)
        super().__init__(folder, *contracts, settle=settle)

    def feed(self) -> Feed:
        """A warehouse whose records are decoded by what the story says of them."""
        namespace, dialect, place, rereads, include = self._settings

        def decode(record: RawRecord, _memory: Memory) -> Reading:
            assert record.value is not None
            return self._readings[record.value]

        naming = Naming(namespace, include)
        self.tables = WarehouseFeed(
            "registry", Decoders(decode, decode), naming, dialect=dialect, place=place, rereads=rereads
        )
        return self.tables

    def says(self, *facts: Fact, **more: object) -> None:
        """One record that says these facts."""
        key = str(len(self._readings)).encode()
        more.setdefault("at", self.moment())
        self._readings[key] = Reading("ddl", facts, **more)  # type: ignore[arg-type]
        self.write(key, key)

    def runs(self, sql: str, **more: object) -> None:
        """One record that says that statements ran."""
        self.says(Ran(sql), **more)

    def looks(self, *images: Image, scope: tuple[Name, ...] = ((),), asked: tuple[Name, ...] = ()) -> None:
        """A look at the database, which finds these tables."""
        snapshot = Snapshot(self.moment(), images, scope, asked)
        with self.ledger.begin() as tx:
            known = tx.read_position("registry", LOOKED) or tx.begin_reading("registry", LOOKED, ReadPosition(0, 0))
            position = Position("registry", LOOKED, known.next_offset)
        with self.ledger.begin() as tx:
            self._observer.observe(tx, [RawRecord(position, None, snapshot.to_bytes(), self.moment())], self.now)
        self._observer.settled()

    def moment(self) -> int:
        """The world's time, in milliseconds."""
        return int(self.now.timestamp() * 1000)

    def wait(self, seconds: float = 60) -> None:
        """Let time pass, and nothing else."""
        self.now += dt.timedelta(seconds=seconds)

    def states(self) -> list[tuple[str, str, str]]:
        """Each ticket's domain, dataset and state, oldest first."""
        return [(one["domain"], one["dataset"], one["state"]) for one in self.show("tickets")]
