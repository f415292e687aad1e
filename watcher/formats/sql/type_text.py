"""A column's type as a definition writes it: where it ends, and its text with spaces and case made one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.named_types import resolved
from watcher.formats.sql.types import read_type
from watcher.formats.sql.words import ATTRIBUTES, MORE_OF_TYPE
from watcher.model.types import Type

_FIRSTS = frozenset({"NATIONAL", "LONG", "DOUBLE", "CHARACTER", "CHAR", "BIT", "UNSIGNED", "SIGNED"})
_KEPT = ("STRUCT", "ROW", "TUPLE", "NESTED", "OBJECT", "ENUM", "SET", "VARIANT")


def read_column_type(text: str, dialect: str, types: Mapping[str, str]) -> Type:
    """The canonical type of a column, through the types that the script made."""
    return _remembered(resolved(text, types), dialect)


@lru_cache(maxsize=2048)
def _remembered(text: str, dialect: str) -> Type:
    return read_type(text, dialect)


def type_text(cursor: Cursor) -> str:
    """A type as written, spaces and case of its words made one; empty where there is none."""
    first = cursor.peek()
    if first.kind not in ("word", "name") or (first.upper in ATTRIBUTES and first.upper != "CHARACTER"):
        return ""
    parts: list[str] = [_written(cursor)]
    while cursor.take("."):
        parts.append("." + _written(cursor))
    while True:
        if cursor.sees("(|["):
            parts.append(_spaced(cursor.group()))
        elif cursor.sees("<"):
            parts.append(_angled(cursor))
        elif cursor.sees("WITH|WITHOUT", "TIME|LOCAL"):
            parts.append(" " + cursor.next().text)
        elif cursor.sees("CHARACTER", "SET") or cursor.sees("CHARSET|COLLATE"):
            if _charset(cursor) and cursor.lexis.versioned and first.upper not in ("ENUM", "SET"):
                parts.append(" byte")
        elif cursor.peek().upper in MORE_OF_TYPE or (
            cursor.peek().upper in _FIRSTS and first.upper in _FIRSTS and len(parts) == 1
        ):
            parts.append(" " + cursor.next().text)
        else:
            return _plain("".join(parts), cursor)


def _written(cursor: Cursor) -> str:
    token = cursor.next()
    return token.text if token.kind == "word" else f'"{token.text}"' if cursor.lexis.name != "sqlserver" else token.text


def _spaced(text: str) -> str:
    return (
        text
        if "'" in text or '"' in text
        else ", ".join(" ".join(one.split()) for one in text.split(",")).replace("( ", "(").replace(" )", ")")
    )


def _angled(cursor: Cursor) -> str:
    first, depth = cursor.peek(), 0
    while not cursor.done:
        if cursor.sees("<"):
            depth += 1
        elif cursor.sees(">"):
            depth -= 1
        elif cursor.sees("->") or cursor.sees(">="):
            raise cursor.lost("a type is expected")
        cursor.next()
        if depth == 0:
            return cursor.source[first.start : cursor.peek(-1).end]
    raise cursor.lost("a closing > is expected")


def _plain(text: str, cursor: Cursor) -> str:
    head = text.upper().partition("(")[0].partition("<")[0].strip()
    keep = cursor.lexis.name == "clickhouse" or "<" in text or head in _KEPT or '"' in text or "'" in text
    return (
        f"{text[: len(head)].lower()}{text[len(head) :]}"
        if keep and cursor.lexis.name != "clickhouse"
        else text
        if keep
        else text.lower()
    )


def _charset(cursor: Cursor) -> bool:
    """Past the name of a character set; whether it is that of bytes."""
    collation = cursor.sees("COLLATE")
    if cursor.take("CHARACTER"):
        cursor.need("SET")
    else:
        cursor.next()
    cursor.take("=")
    if cursor.sees("BINARY|DEFAULT"):
        return cursor.next().upper == "BINARY" and not collation
    cursor.qualified()
    return False
