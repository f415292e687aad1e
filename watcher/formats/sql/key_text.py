"""A key's own words: whom it refers to, and how it is kept, which says nothing of what it means."""

from __future__ import annotations

from dataclasses import dataclass

from watcher.formats.sql.catalogue import Name
from watcher.formats.sql.cursor import Cursor


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a table or column declares; unnamed where the platform names it itself."""

    members: Name
    primary: bool
    name: str | None = None


def references(cursor: Cursor) -> None:
    """Past what a foreign key refers to."""
    cursor.qualified()
    cursor.sees("(") and cursor.group()
    while True:
        if cursor.take("MATCH") or cursor.take("INITIALLY") or cursor.take("USING", "INDEX"):
            cursor.next()
        elif cursor.take("ON", "DELETE|UPDATE"):
            if cursor.take("SET", "NULL|DEFAULT"):
                cursor.sees("(") and cursor.group()
            else:
                cursor.take("NO", "ACTION") or cursor.next()
        elif not (
            cursor.take("NOT", "DEFERRABLE|ENFORCED|VALID")
            or cursor.take("NOT", "FOR", "REPLICATION")
            or cursor.take(_STATES)
        ):
            return


_STATES = "DEFERRABLE|ENFORCED|ENABLE|DISABLE|RELY|NORELY|VALIDATE|NOVALIDATE"


def key_options(cursor: Cursor) -> None:
    """Past what says how a key is kept, not what it means."""
    while True:
        if cursor.sees("USING", "INDEX") and cursor.take("USING", "INDEX"):
            _index_place(cursor)
        elif (
            cursor.take("USING")
            or cursor.take("TABLESPACE")
            or cursor.take("INITIALLY")
            or cursor.take("KEY_BLOCK_SIZE")
        ):
            cursor.take("=")
            cursor.next()
        elif cursor.take("COMMENT"):
            cursor.text()
        elif cursor.sees("WITH", "(") or cursor.sees("INCLUDE", "("):
            cursor.next()
            cursor.group()
        elif (
            cursor.take("ON", "CONFLICT")
            or cursor.take("ON", "[")
            or (cursor.sees("ON") and cursor.lexis.name == "sqlserver" and cursor.take("ON"))
        ):
            cursor.next()
            cursor.sees("(") and cursor.group()
        elif not (
            cursor.take("NULLS", "DISTINCT")
            or cursor.take("NULLS", "NOT", "DISTINCT")
            or cursor.take("NOT", "DEFERRABLE|ENFORCED|VALID")
            or cursor.take("NOT", "FOR", "REPLICATION")
            or cursor.take(f"{_STATES}|ASC|DESC|CLUSTERED|NONCLUSTERED|TIMESERIES|VISIBLE|INVISIBLE|GLOBAL|LOCAL")
            or (cursor.lexis.name == "sqlite" and cursor.sees("AUTOINCREMENT") and cursor.take("AUTOINCREMENT"))
        ):
            return


def _index_place(cursor: Cursor) -> None:
    if cursor.sees("("):
        cursor.group()
        return
    words = frozenset(
        {
            "ENABLE",
            "DISABLE",
            "NOT",
            "RELY",
            "VALIDATE",
            "NOVALIDATE",
            "NULL",
            "ADD",
            "USING",
            "DEFAULT",
            "CHECK",
            "INITIALLY",
        }
    )
    cursor.while_(lambda token: token.text != "," and token.upper not in words)
