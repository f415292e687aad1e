"""`LIKE other` among the columns of a CREATE TABLE: what is taken of the other table, by what is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from watcher.formats.sql.catalogue import Column, Table
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.key_text import Key

_SPARING = frozenset({"postgres", "redshift"})
"""Platforms that take no more than names, types and null unless they are asked to."""

_COUNTED = {"serial": "int", "bigserial": "bigint", "smallserial": "smallint"}


def like_options(cursor: Cursor) -> frozenset[str]:
    """What INCLUDING and EXCLUDING come to."""
    found: set[str] = set()
    while cursor.sees("INCLUDING|EXCLUDING"):
        taking = cursor.next().upper == "INCLUDING"
        word = cursor.next().upper
        words = {"DEFAULTS", "GENERATED", "IDENTITY", "INDEXES", "COMMENTS"} if word == "ALL" else {word}
        found = found | words if taking else found - words
    return frozenset(found)


def like(other: Table, asked: frozenset[str], dialect: str) -> tuple[list[Column], Iterable[Key]]:
    """The columns that are taken, and the keys."""
    if dialect not in _SPARING:
        return [replace(one, id=0) for one in other.columns], ()
    columns = [_column(one, asked) for one in other.columns]
    if "INDEXES" not in asked:
        return columns, ()
    keys = [Key(members, primary=False) for _, members in other.keys]
    return columns, [*([Key(other.primary_key, primary=True)] if other.primary_key else []), *keys]


def _column(one: Column, asked: frozenset[str]) -> Column:
    serial = one.text.lower() in _COUNTED  # A default that counts.
    kept = "DEFAULTS" if serial else "IDENTITY" if one.generated == "identity" else "GENERATED"
    return replace(
        one,
        id=0,
        text=_COUNTED[one.text.lower()] if serial and "DEFAULTS" not in asked else one.text,
        default=one.default if "DEFAULTS" in asked else None,
        generated=one.generated if kept in asked else None,
        comment=one.comment if "COMMENTS" in asked else None,
    )
