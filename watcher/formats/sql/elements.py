"""What stands in the brackets of CREATE TABLE, or after ADD: columns, keys, and what has no shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher.formats.sql.catalogue import Name
from watcher.formats.sql.columns import Defined, column
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.key_text import Key, key_options, references
from watcher.formats.sql.likes import like_options

MYSQL = frozenset({"mysql", "mariadb"})


@dataclass(slots=True)
class Elements:
    """The elements of one pair of brackets, in their order; `likes` are other tables whose columns are taken."""

    columns: list[Defined] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    likes: list[tuple[int, Name, frozenset[str]]] = field(default_factory=list)


def elements(cursor: Cursor, types: Mapping[str, str]) -> Elements:
    """All of them, brackets and all."""
    found = Elements()
    cursor.need("(")
    while not cursor.take(")"):
        if cursor.done:
            raise cursor.lost("a closing bracket is expected")
        element(cursor, types, found)
        if not cursor.sees(")"):
            cursor.need(",")
    return found


def element(cursor: Cursor, types: Mapping[str, str], found: Elements) -> None:
    """One of them."""
    if constraint(cursor, found) or _shapeless(cursor):
        return
    if cursor.take("LIKE"):
        found.likes.append((len(found.columns), cursor.qualified(), like_options(cursor)))
        return
    found.columns.append(column(cursor, types))


def constraint(cursor: Cursor, found: Elements) -> bool:
    """A table's constraint; whether there was one."""
    start, name = cursor.at, None
    if cursor.take("CONSTRAINT|CONSTRAINTS"):
        cursor.take("IF", "NOT", "EXISTS")
        name = (
            None if cursor.sees("PRIMARY|UNIQUE|CHECK|FOREIGN") and not cursor.sees("CHECK", "CHECK") else cursor.name()
        )
    if cursor.take("PRIMARY", "KEY"):
        cursor.take("IF", "NOT", "EXISTS")
        _index_words(cursor)
        if not cursor.sees("(") and cursor.peek().kind in ("word", "name", "text") and cursor.lexis.name in MYSQL:
            cursor.name()
            _index_words(cursor)
        found.keys.append(Key(cursor.names(), primary=True, name=name))
    elif cursor.sees("UNIQUE") and _is_unique(cursor):
        cursor.next()
        cursor.take("KEY|INDEX")
        cursor.take("IF", "NOT", "EXISTS")
        cursor.take("NULLS", "NOT", "DISTINCT") or cursor.take("NULLS", "DISTINCT")
        _index_words(cursor)
        if not cursor.sees("("):
            name = cursor.name()
            _index_words(cursor)
        found.keys.append(Key(cursor.names(), primary=False, name=name))
    elif cursor.take("FOREIGN", "KEY"):
        cursor.take("IF", "NOT", "EXISTS")
        cursor.sees("(") or cursor.name()
        cursor.take("IF", "NOT", "EXISTS")
        cursor.group()
        cursor.need("REFERENCES")
        references(cursor)
    elif cursor.sees("CHECK", "(") or cursor.sees("CHECK", "NOT", "FOR"):
        cursor.next()
        cursor.take("NOT", "FOR", "REPLICATION")
        cursor.group()
        cursor.take("NO", "INHERIT")
    elif name is not None and cursor.take("CHECK|ASSUME"):
        cursor.expression(frozenset({"ENABLE", "DISABLE"}))
    elif cursor.sees("EXCLUDE", "USING|("):
        cursor.next()
        cursor.take("USING") and cursor.next()
        cursor.group()
        cursor.take("WHERE") and cursor.group()
    elif cursor.sees("PERIOD", "FOR"):
        cursor.until(",", ")")
    else:
        cursor.at = start
        return False
    key_options(cursor)
    return True


def _is_unique(cursor: Cursor) -> bool:
    return any(cursor.peek(ahead).text == "(" for ahead in range(1, 8))


def _index_words(cursor: Cursor) -> None:
    while cursor.take("CLUSTERED|NONCLUSTERED") or (
        cursor.sees("USING", "BTREE|HASH|RTREE") and cursor.take("USING", "BTREE|HASH|RTREE")
    ):
        pass


def _shapeless(cursor: Cursor) -> bool:
    """An index and the like: nothing that a reader sees."""
    dialect = cursor.lexis.name
    if dialect in MYSQL:
        there = cursor.sees("INDEX|KEY") or cursor.sees("FULLTEXT|SPATIAL|VECTOR")
        there = there or cursor.sees("CLUSTERING", "KEY|INDEX")
    elif dialect == "sqlserver":
        there = (
            cursor.sees("INDEX")
            and cursor.peek(2).upper in ("CLUSTERED", "NONCLUSTERED", "UNIQUE", "")
            and cursor.peek(2).text != ","
        )
    elif dialect == "clickhouse":
        there = cursor.sees("INDEX|PROJECTION|CONSTRAINT")
    else:
        there = dialect == "oracle" and cursor.sees("SUPPLEMENTAL", "LOG")
    if there:
        cursor.until(",", ")")
    return there
