"""ALTER TABLE and ALTER VIEW, in the forms of every platform: one grammar, since the platforms share most of them.

Longer than 300 lines: an action is told from the others by its first words, so they stand together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from watcher.formats.sql import shape
from watcher.formats.sql.alter_column import ColumnActions
from watcher.formats.sql.catalogue import Catalogue, Column, DdlError, Table
from watcher.formats.sql.columns import column
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.effects import Effect
from watcher.formats.sql.elements import Elements, constraint, element
from watcher.formats.sql.keys import keyed, unkeyed
from watcher.formats.sql.words import PHYSICAL, UNSHAPED

Action: TypeAlias = Callable[[], None]

_WORDED = frozenset({"clickhouse", "mysql", "mariadb", "postgres", "duckdb"})
"""Platforms on which each action begins with its own word, also behind a comma."""

_PAST_LIST = "SEARCH|STATISTICS|DATA"


def alter(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """One ALTER TABLE, past its first two words."""
    if cursor.sees("ALL", "IN", "TABLESPACE"):
        cursor.while_(lambda _: True)
        return []
    exists = cursor.take("IF", "EXISTS")
    cursor.take("ONLY")
    name = cursor.qualified()
    exists |= cursor.take("IF", "EXISTS")
    cursor.take("*")
    found = catalogue.find(name)
    if cursor.take("ON", "CLUSTER"):
        cursor.next()
    table = found or Table(catalogue.full(name), partial=True)
    actions = _Actions(cursor, catalogue, table)
    actions.all()
    if found is None:
        if exists or actions.physical:
            return []
        raise DdlError(f"the table {catalogue.called(name)} is not known here", kind="not-known")
    after = actions.table
    others = actions.others
    if after == found and after.columns == found.columns and not others:
        return []
    moved = [found, *(one.before for one in others if one.before is not None)]
    for one in moved:
        catalogue.drop(one)
    try:
        after = _put(found, after, catalogue, swapped=bool(others))
    except DdlError:
        for one in moved:
            catalogue.put(one)
        raise
    kept = [replace(one, after=catalogue.put(one.after)) for one in others if one.after is not None]
    return [Effect(after.name, found, after), *kept]


def _put(found: Table, after: Table, catalogue: Catalogue, *, swapped: bool) -> Table:
    if after.name != found.name and not swapped and catalogue.find(after.name) is not None:
        raise DdlError(f"the table {catalogue.called(after.name)} is there already")
    return catalogue.put(after)


class _Actions(ColumnActions):
    """The actions of one ALTER, each put on the table as it is read."""

    def all(self) -> None:
        """Every action, in its order."""
        cursor = self.cursor
        again: Action | None = None
        while not cursor.done:
            if cursor.take(";"):
                continue
            again = self._one(again)
            if cursor.take(",") or not cursor.peek().text:
                continue
            if cursor.peek().upper not in PHYSICAL | {"ADD", "DROP", "MODIFY", "RENAME"}:
                raise cursor.lost("the end of an action is expected")
            again = None  # Only behind a comma does an action go on without its word.

    def _one(self, again: Action | None) -> Action | None:
        """One action; gives the one that goes on behind a comma without a word of its own."""
        word = self.cursor.peek().upper
        known = None if again is not None and self._goes_on(word) else self._by_word(word)
        if known is not None:
            self.cursor.next()
            known()
            return known if word in ("ADD", "DROP", "ALTER", "MODIFY") else None
        if self.cursor.lexis.name in _WORDED:
            again = None
        if word in PHYSICAL and (again is None or self.cursor.peek(1).text == "="):
            self.past_list() if word in ("ORDER", "UPDATE", "MERGE", "WRITE") else self.past()
        elif self.cursor.lexis.name == "databricks" and self.cursor.sees("CREATE", "OR|BRANCH|TAG"):
            self.past()
        elif again is not None:
            again()
        else:
            raise self.cursor.lost("this action of ALTER TABLE is not understood:")
        return again

    def _goes_on(self, word: str) -> bool:
        """Whether a column of this name follows, not another action: `ADD COLUMN a int, "set" int`."""
        return not word or (word in ("CHANGE", "SET", "RENAME", "MODIFY") and self.cursor.peek(1).text in (",", ""))

    def _by_word(self, word: str) -> Action | None:
        return {
            "ADD": self._add,
            "DROP": self._drop,
            "ALTER": self.alter,
            "MODIFY": self.modify,
            "CHANGE": self.change,
            "RENAME": self._rename,
            "SET": self._set,
            "SWAP": self._swap,
            "REPLACE": self._replace,
        }.get(word)

    # -- adding

    def _add(self) -> None:
        cursor = self.cursor
        if cursor.sees("IF", "NOT", "EXISTS", "PARTITION"):
            self.past()
            return
        if cursor.sees("DATA", "METRIC", "FUNCTION") or (
            cursor.peek().upper in UNSHAPED and cursor.peek(1).text and not cursor.sees("CHECK", "CHECK")
        ):
            self.past_list() if cursor.sees(_PAST_LIST) else self.past()
            return
        if self._add_to_column():
            return
        self.physical = False
        found = Elements()
        if constraint(cursor, found):
            for key in found.keys:
                self.table = keyed(self.table, key, self.catalogue)
            if cursor.sees("USING", "INDEX"):
                self.past()
            return
        if cursor.sees("CONSTRAINT|UNIQUE|PRIMARY"):
            raise cursor.lost("this constraint is not understood:")
        cursor.take("COLUMNS|COLUMN")
        unless = cursor.take("IF", "NOT", "EXISTS")
        if cursor.take("("):
            while not cursor.take(")"):
                if cursor.done:
                    raise cursor.lost("a closing bracket is expected")
                self._add_element(unless=unless)
                cursor.take(",")
        else:
            self._add_element(unless=unless)
        if cursor.lexis.name == "databricks":
            cursor.take("CASCADE|RESTRICT")

    def _add_to_column(self) -> bool:
        """A constraint that says of a column that is there already: its default, or that it is not null."""
        cursor = self.cursor
        here = cursor.at
        if cursor.take("CONSTRAINT"):
            cursor.name()
        if cursor.lexis.name == "sqlserver" and cursor.take("DEFAULT"):
            text = " ".join(cursor.expression(frozenset({"FOR"})).split())
            cursor.need("FOR")
            default = None if text.upper() == "NULL" else text
            self.physical = False
            self.table = shape.changed(
                self.table, cursor.name(), lambda one: replace(one, default=default), self.catalogue
            )
            cursor.take("WITH", "VALUES")
            return True
        if cursor.lexis.name == "postgres" and cursor.take("NOT", "NULL"):
            self.physical = False
            name = cursor.name()
            cursor.take("NO", "INHERIT")
            if not cursor.take("NOT", "VALID"):  # Rows of before may hold null until it is validated.
                self.table = shape.changed(self.table, name, lambda one: replace(one, nullable=False), self.catalogue)
            return True
        cursor.at = here
        return False

    def _add_element(self, *, unless: bool) -> None:
        self.inside(lambda: self._add_one(unless=unless))

    def _add_one(self, *, unless: bool) -> None:
        found = Elements()
        element(self.cursor, self.catalogue.types, found)
        place = self.place()
        for one in found.columns:
            if unless and shape.position(self.table, one.column.name, self.catalogue) is not None:
                continue
            self.table = shape.added(self.table, one.column, place, self.catalogue)
        for key in [*(key for one in found.columns for key in one.keys), *found.keys]:
            self.table = keyed(self.table, key, self.catalogue)

    # -- dropping

    def _drop(self) -> None:
        cursor = self.cursor
        self.physical = False
        if cursor.take("PRIMARY", "KEY"):
            self.table = replace(self.table, primary_key=(), primary_name=None)
            self.past()
        elif cursor.take("CONSTRAINT") or (
            (cursor.sees("INDEX|KEY") and cursor.peek(1).text not in ("", ",")) and cursor.take("INDEX|KEY")
        ):
            exists = cursor.take("IF", "EXISTS")
            name = cursor.name()
            del exists
            if cursor.lexis.key(name) == "primary":
                self.table = replace(self.table, primary_key=(), primary_name=None)
            self.table = unkeyed(self.table, name, self.catalogue)
            self.rest()
        elif cursor.sees("UNIQUE", "("):
            cursor.next()
            members = set(cursor.names())
            self.table = replace(self.table, keys=tuple(one for one in self.table.keys if set(one[1]) != members))
            self.rest()
        elif self._is_no_column():
            self.physical = True
            self.past_list()
        elif (cursor.sees("PARTITION|SUBPARTITION|PARTITIONS") and cursor.peek(1).text not in ("", ",")) or cursor.sees(
            "IF", "EXISTS", "PARTITION"
        ):
            self.physical = True
            cursor.while_(lambda _: True)  # As many as are named: no other action stands beside them.
        elif cursor.peek().upper in UNSHAPED and cursor.peek(1).text not in ("", ","):
            self.physical = True
            self.past()
        else:
            self._drop_columns()

    def _is_no_column(self) -> bool:
        """What one platform drops by words that are the names of columns on another."""
        cursor = self.cursor
        if cursor.lexis.name == "databricks":
            return cursor.sees("FEATURE|IDENTIFIER|BRANCH") and cursor.peek(1).upper not in ("", "CASCADE", "RESTRICT")
        if cursor.lexis.name == "oracle":
            return cursor.sees("UNUSED", "COLUMNS") or cursor.sees("COLUMNS", "CONTINUE")
        if cursor.lexis.name == "clickhouse":
            return (cursor.sees("PART") and cursor.peek(1).kind == "text") or cursor.sees("DETACHED", "PARTITION|PART")
        return cursor.lexis.name == "snowflake" and (
            cursor.sees("ALL", "ROW", "ACCESS") or cursor.sees("DATA", "METRIC", "FUNCTION")
        )

    def _drop_columns(self) -> None:
        cursor = self.cursor
        cursor.take("COLUMNS|COLUMN")
        exists = cursor.take("IF", "EXISTS")
        if cursor.take("("):
            while not cursor.take(")"):
                if cursor.done:
                    raise cursor.lost("a closing bracket is expected")
                self.inside(lambda: self._drop_one(exists=exists))
                if not cursor.sees(")"):
                    cursor.need(",")
        else:
            self.inside(lambda: self._drop_one(exists=exists))
        self.rest()

    def _drop_one(self, *, exists: bool) -> None:
        name = self.cursor.name()
        if not (exists and shape.position(self.table, name, self.catalogue) is None):
            self.table = shape.dropped(self.table, name, self.catalogue)

    # -- the whole table

    def _rename(self) -> None:
        cursor = self.cursor
        if cursor.sees("INDEX|KEY|CONSTRAINT|PARTITION|SUBPARTITION") and cursor.peek(2).upper == "TO":
            self._rename_key()
            return
        self.physical = False
        if cursor.take("TO") or cursor.take("AS") or (cursor.take("=")):
            self._rename_table()
        elif cursor.take("COLUMN") or cursor.peek(1).upper in ("TO", "AS") or cursor.peek(1).text == ".":
            exists = cursor.take("IF", "EXISTS")
            self.inside(lambda: self._rename_one(exists=exists))
        elif cursor.lexis.name in ("mysql", "mariadb"):
            self._rename_table()
        else:
            self._past_unknown()

    def _rename_one(self, *, exists: bool) -> None:
        old = self.cursor.name()
        self.cursor.need("TO|AS")
        new = self.cursor.qualified()[-1] if self.deep else self.cursor.name()
        if not (exists and shape.position(self.table, old, self.catalogue) is None):
            self.table = shape.renamed(self.table, old, new, self.catalogue)

    def _past_unknown(self) -> None:
        raise self.cursor.lost("this rename is not understood:")

    def _rename_table(self) -> None:
        name = self.cursor.qualified()
        if len(name) < len(self.table.name):
            name = (*self.table.name[: len(self.table.name) - len(name)], *name)
        self.table = replace(self.table, name=name)

    def _rename_key(self) -> None:
        cursor = self.cursor
        if cursor.next().upper in ("PARTITION", "SUBPARTITION"):
            self.past()
            return
        old = cursor.name()
        cursor.need("TO")
        new = cursor.name()
        key = cursor.lexis.key
        keys = tuple((new if key(name) == key(old) else name, members) for name, members in self.table.keys)
        self.table = replace(self.table, keys=keys)
        if self.table.primary_name is not None and key(self.table.primary_name) == key(old):
            self.table = replace(self.table, primary_name=new)

    def _set(self) -> None:
        cursor = self.cursor
        if cursor.take("SCHEMA"):
            self.physical = False
            schema = cursor.qualified()
            head = self.table.name[:-2] if len(self.table.name) > len(schema) + 1 else ()
            self.table = replace(self.table, name=(*head, *schema, self.table.name[-1]))
            return
        if cursor.lexis.name == "oracle" and cursor.take("UNUSED"):
            self.physical = False
            self._drop_columns()
            return
        if cursor.take("COMMENT"):
            cursor.take("=")
            self.table = replace(self.table, comment=cursor.text())
        self.cursor.while_(lambda _: True)

    def _swap(self) -> None:
        cursor = self.cursor
        cursor.need("WITH")
        self.physical = False
        other = self.catalogue.need(cursor.qualified())
        mine = self.table
        self.table = replace(other, name=mine.name)
        self.others.append(Effect(other.name, other, replace(mine, name=other.name)))

    def _replace(self) -> None:
        cursor = self.cursor
        if not cursor.take("COLUMNS"):
            self.past()
            return
        self.physical = False
        cursor.need("(")
        old = {self.catalogue.column_key(one.name): one.id for one in self.table.columns}
        columns: list[Column] = []
        while not cursor.take(")"):
            if cursor.done:
                raise cursor.lost("a closing bracket is expected")
            one = column(cursor, self.catalogue.types).column
            columns.append(replace(one, id=old.get(self.catalogue.column_key(one.name), 0)))
            cursor.take(",")
        self.table = replace(self.table, columns=tuple(columns))
