"""The actions of ALTER TABLE on one column: type, null, default, place, name, in every platform's words.

Longer than 300 lines: an action on a column shares its place, its name and its field's struct with every other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from watcher.formats.sql import shape
from watcher.formats.sql.catalogue import Catalogue, Column, Name, Table
from watcher.formats.sql.classes import Change, put_on, taken_off
from watcher.formats.sql.columns import Defined, column, default_of, defined
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.effects import Effect
from watcher.formats.sql.keys import keyed
from watcher.formats.sql.nested import opened
from watcher.formats.sql.shape import Place
from watcher.formats.sql.type_text import read_column_type, type_text
from watcher.formats.sql.words import PHYSICAL

_ACTIONS = "ADD|DROP|ALTER|MODIFY|CHANGE|RENAME|SET|" + "|".join(sorted(PHYSICAL))


class ColumnActions:
    """What is done to single columns; `physical` while nothing had a shape."""

    def __init__(self, cursor: Cursor, catalogue: Catalogue, table: Table) -> None:
        self.cursor = cursor
        self.catalogue = catalogue
        self.table = table
        self.others: list[Effect] = []
        self.physical = True
        self.deep = False

    def past(self) -> None:
        """An action that has no shape."""
        self.cursor.until(",")
        while self.cursor.sees(",") and self.cursor.peek(2).text in (",", ""):
            self.cursor.next()  # A list of names: `UNSET TAG a, b`.
            self.cursor.next()

    def past_list(self) -> None:
        """An action that has no shape, and names several things: up to the next one's first word."""
        self.past()
        while self.cursor.sees(",") and not self.cursor.sees(",", _ACTIONS):
            self.cursor.next()
            self.past()

    def place(self) -> Place:
        """Where the column is put, if that is said."""
        if self.cursor.take("FIRST"):
            return Place(first=True)
        if self.cursor.lexis.name == "trino" and self.cursor.take("LAST"):
            return Place()
        if not self.cursor.take("AFTER"):
            return Place()
        after = self.cursor.qualified()
        if self.deep and self.cursor.lexis.name == "clickhouse":
            return Place()  # The order of all columns, of which a nested one sees its own only.
        return Place(after=after[-1] if self.deep else ".".join(after))

    def inside(self, action: Callable[[], None]) -> None:
        """An action on the field that the cursor stands before: on the struct's members as on a table's columns."""
        parents: list[str] = []
        while self.cursor.peek(1).text == "." and self.cursor.peek().kind in ("word", "name"):
            parents.append(self.cursor.name())
            self.cursor.next()
        outer = self.table
        if parents and shape.position(outer, parents[0], self.catalogue) is None:
            own = self.catalogue.lexis.key(outer.name[-1])
            parents = parents[1:] if self.catalogue.lexis.key(parents[0]) == own else parents
        if not parents:
            action()
            return
        self.deep = True
        self._inside(outer, tuple(parents), action)
        self.deep = False

    def _inside(self, outer: Table, parents: Name, action: Callable[[], None]) -> None:
        flat = self.catalogue.lexis.name == "clickhouse" and shape.position(outer, parents[0], self.catalogue) is None
        at = None if flat else shape.there(outer, parents[0], self.catalogue)
        if flat:
            self._flat(outer, ".".join(parents) + ".", action)
        elif at is None:
            self.table = replace(outer, columns=())
            action()
            self.table = outer
        else:
            old = outer.columns[at]
            leaf = self.catalogue.lexis.folded(self.cursor.peek())
            struct = opened(old.text, parents[1:], leaf, self.catalogue.lexis, self.catalogue.types)
            self.table = Table(outer.name, struct.columns)
            action()
            text = struct.closed(self.table.columns)
            made = read_column_type(text, self.catalogue.lexis.name, self.catalogue.types)
            self.table = shape.changed(outer, old.name, lambda one: replace(one, text=text, type=made), self.catalogue)

    def _flat(self, outer: Table, prefix: str, action: Callable[[], None]) -> None:
        """ClickHouse's nested columns where each is a column of its own, `n.a`."""
        mine = [one for one in outer.columns if one.name.startswith(prefix)]
        self.table = replace(outer, columns=tuple(replace(one, name=one.name[len(prefix) :]) for one in mine))
        action()
        found = {one.id: replace(one, name=prefix + one.name) for one in self.table.columns if one.id}
        kept = [found.get(one.id) if one in mine else one for one in outer.columns]
        new = [replace(one, name=prefix + one.name) for one in self.table.columns if not one.id]
        self.table = replace(outer, columns=(*(one for one in kept if one is not None), *new))

    def rest(self) -> None:
        """Past what says how to drop."""
        while self.cursor.take("CASCADE|RESTRICT|CONSTRAINTS|ONLINE|INVALIDATE|KEEP|INDEX|PURGE"):
            pass
        if self.cursor.lexis.name == "oracle":
            self.cursor.take("DROP", "INDEX")
        if self.cursor.take("CHECKPOINT"):
            self.cursor.next()

    def alter(self) -> None:
        """ALTER COLUMN."""
        cursor = self.cursor
        if (
            cursor.sees("INDEX|CONSTRAINT|CHECK")
            and cursor.peek(1).kind in ("word", "name")
            and cursor.peek(2).upper not in ("TYPE", "SET", "DROP")
        ):
            self.past()
            return
        if cursor.sees("KEY", "IF|_") or (
            cursor.lexis.name == "redshift" and cursor.sees("ENCODE|SORTKEY|COMPOUND|DISTSTYLE|DISTKEY|INTERLEAVED")
        ):
            self.past()
            return
        self.physical = False
        if cursor.lexis.name == "snowflake" and cursor.take("("):
            self._each(lambda: self._alter_one(exists=False))
            return
        cursor.take("COLUMN")
        exists = cursor.take("IF", "EXISTS")
        self.inside(lambda: self._alter_one(exists=exists))

    def _each(self, action: Callable[[], None]) -> None:
        """The same for every column of a list, past its opening bracket."""
        while not self.cursor.take(")"):
            if self.cursor.done:
                raise self.cursor.lost("a closing bracket is expected")
            self.cursor.take("COLUMN")
            self.inside(action)
            if not self.cursor.sees(")"):
                self.cursor.need(",")

    def _alter_one(self, *, exists: bool) -> None:
        name = self.cursor.name()
        if exists and shape.position(self.table, name, self.catalogue) is None:
            self.past()
            return
        self._altered(name)

    def _altered(self, name: str) -> None:
        cursor = self.cursor
        if cursor.take("SET"):
            self._set_column(name)
        elif cursor.take("DROP"):
            self._drop_of_column(name)
        elif cursor.take("TYPE") or cursor.sees("ENCODE"):
            if not cursor.sees("ENCODE"):
                self._retype(name)
            cursor.take("ENCODE") and cursor.next()
        elif cursor.take("COMMENT"):
            text = cursor.text()
            self._change_column(name, lambda one: replace(one, comment=text))
        elif cursor.take("UNSET"):
            self._classify(name, taken_off(cursor))
        elif cursor.take("ADD", "GENERATED|IDENTITY") or cursor.take("RESTART|SYNC|RESET"):
            self.past()
        elif cursor.sees("FIRST|AFTER"):
            self.table = shape.moved(self.table, name, self.place(), self.catalogue)
        elif cursor.take("ADD"):
            self._classify(name, put_on(cursor))  # SQL Server: masks, sparse columns and the like.
        elif cursor.lexis.name in ("sqlserver", "snowflake", "clickhouse", "databricks", "trino", "athena", "duckdb"):
            self._redefine(name, defined(cursor, name, self.catalogue.types))
        elif cursor.peek().kind == "word" and cursor.lexis.name == "redshift":
            self._retype(name)
        else:
            raise cursor.lost("this change of a column is not understood:")

    def _set_column(self, name: str) -> None:
        cursor = self.cursor
        if cursor.take("NOT", "NULL"):
            self._change_column(name, lambda one: replace(one, nullable=False))
        elif cursor.take("NULL"):
            self._change_column(name, lambda one: replace(one, nullable=True))
        elif cursor.take("DEFAULT"):
            text = " ".join(cursor.expression(frozenset()).split())
            self._change_column(name, lambda one: replace(one, default=default_of(text)))
        elif cursor.take("DATA", "TYPE"):
            self._retype(name)
        elif cursor.take("COMMENT"):
            text = cursor.text()
            self._change_column(name, lambda one: replace(one, comment=text))
        else:
            self._classify(name, put_on(cursor))  # Or statistics, storage, visibility.

    def _drop_of_column(self, name: str) -> None:
        cursor = self.cursor
        if cursor.take("NOT", "NULL"):
            self._change_column(name, lambda one: replace(one, nullable=True))
        elif cursor.take("DEFAULT"):
            self._change_column(name, lambda one: replace(one, default=None))
        elif cursor.take("IDENTITY|EXPRESSION"):
            cursor.take("IF", "EXISTS")
            self._change_column(name, lambda one: replace(one, generated=None))
        else:
            self._classify(name, taken_off(cursor))

    def _classify(self, name: str, change: Change | None) -> None:
        """Put tags and masks on a column, or take them off; anything else here has no shape."""
        if change is None:
            self.past()
            return
        self._change_column(name, lambda one: replace(one, classes=change(one.classes)))

    def _retype(self, name: str) -> None:
        text = type_text(self.cursor)
        if not text:
            raise self.cursor.lost("a type is expected")
        made = read_column_type(text, self.cursor.lexis.name, self.catalogue.types)
        self._change_column(name, lambda one: replace(one, text=text, type=made))
        while self.cursor.take("COLLATE"):
            self.cursor.qualified()
        if self.cursor.take("USING"):
            self.cursor.expression(frozenset())
        self.rest()

    def _change_column(self, name: str, change: Callable[[Column], Column]) -> None:
        self.table = shape.changed(self.table, name, change, self.catalogue)

    def modify(self) -> None:
        """MODIFY: a column redefined, or told anew in part."""
        cursor = self.cursor
        if (
            cursor.peek().upper
            in (
                "PARTITION",
                "SUBPARTITION",
                "NESTED",
                "LOB",
                "OPAQUE",
                "TTL",
                "SETTING",
                "STATISTICS",
                "ORDER",
                "QUERY",
                "COMMENT",
                "CONSTRAINT",
                "PRIMARY",
                "DEFAULT",
                "SAMPLE",
                "REFRESH",
                "SQL",
            )
            and cursor.peek(1).text
        ):
            self.past_list()
            return
        self.physical = False
        if cursor.take("("):
            while not cursor.take(")"):
                if cursor.done:
                    raise cursor.lost("a closing bracket is expected")
                cursor.take("COLUMN")
                exists = cursor.take("IF", "EXISTS")
                self.inside(lambda exists=exists: self._modify_one(exists=exists))  # type: ignore[misc]
                cursor.take(",")
            return
        cursor.take("COLUMN")
        exists = cursor.take("IF", "EXISTS")
        self.inside(lambda: self._modify_one(exists=exists))

    def _modify_one(self, *, exists: bool) -> None:
        cursor = self.cursor
        name = cursor.name()
        if cursor.lexis.name == "clickhouse" and cursor.sees("MODIFY|RESET", "SETTING"):
            self.past_list()
            return
        if cursor.sees("SET|DROP|UNSET|TYPE|REMOVE") and cursor.lexis.name not in ("mysql", "mariadb", "oracle"):
            if cursor.take("REMOVE"):
                if cursor.take("DEFAULT"):
                    self._change_column(name, lambda one: replace(one, default=None))
                self.past()
            else:
                self._altered(name)
            return
        one = defined(cursor, name, self.catalogue.types)
        place = self.place()
        if exists and shape.position(self.table, name, self.catalogue) is None:
            return
        self._redefine(name, one)
        self.table = shape.moved(self.table, name, place, self.catalogue)

    def _redefine(self, name: str, one: Defined) -> None:
        """A column redefined. MySQL and SQL Server take all of it from the new words, the others only what they say."""
        new = one.column
        whole = self.cursor.lexis.name in ("mysql", "mariadb")
        half = self.cursor.lexis.name == "sqlserver"

        def change(old: Column) -> Column:
            primary = old.name in self.table.primary_key
            if whole:
                return replace(new, id=old.id, classes=old.classes, nullable=new.nullable and not primary)
            nullable = (
                (new.nullable and not primary) if half else old.nullable if one.nullable is None else one.nullable
            )
            if self.cursor.lexis.name == "clickhouse" and one.typed:
                nullable = new.nullable
            return replace(
                old,
                text=new.text if one.typed else old.text,
                type=new.type if one.typed else old.type,
                nullable=nullable,
                default=new.default if one.defaulted else old.default,
                generated=new.generated or old.generated,
                comment=new.comment or old.comment,
            )

        self._change_column(name, change)
        if whole and new.name != name:
            self.table = _rekeyed(self.table, name, new.name)
        for key in one.keys:
            self.table = keyed(self.table, key, self.catalogue)

    def change(self) -> None:
        """CHANGE: a column redefined, under another name."""
        self.physical = False
        self.cursor.take("COLUMN")
        exists = self.cursor.take("IF", "EXISTS")
        self.inside(lambda: self._change_one(exists=exists))

    def _change_one(self, *, exists: bool) -> None:
        cursor = self.cursor
        old = cursor.name()
        if exists and shape.position(self.table, old, self.catalogue) is None:
            self.past()
            return
        if cursor.lexis.name == "databricks" and cursor.sees("COMMENT|FIRST|AFTER|SET|DROP|TYPE"):
            self._altered(old)
            return
        one = column(cursor, self.catalogue.types)
        place = self.place()
        self.table = shape.renamed(self.table, old, one.column.name, self.catalogue)
        self._redefine(one.column.name, one)
        self.table = shape.moved(self.table, one.column.name, place, self.catalogue)
        cursor.take("CASCADE|RESTRICT")


def _rekeyed(table: Table, old: str, new: str) -> Table:
    return replace(table, primary_key=tuple(new if one == old else one for one in table.primary_key))
