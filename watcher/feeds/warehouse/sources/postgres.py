"""PostgreSQL's outbox of DDL: rows that event triggers wrote, of one transaction a record.

The rows are those of `deploy/postgres/watcher.sql`. A table is named by its oid and a column by its number, so that
renames are exact. Whether the last look at the database saw the transaction is asked of the look's own snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watcher.feeds.warehouse.facts import Blind, ColumnImage, Fact, Gone, Image, Memory, Name, Reading
from watcher.feeds.warehouse.postgres_defaults import postgres_default
from watcher.feeds.warehouse.sources.opened import opened
from watcher.model.dataset import RawRecord
from watcher.model.observation import Unreadable

CURSOR = "cursor"
"""The decoder remembers the last row under this key."""
LOOK = "look"


def decode(record: RawRecord, memory: Memory) -> Reading:
    """What the rows of one transaction say."""
    document = opened(record)
    if document is None:
        return Reading("ignored")
    if isinstance(document, Unreadable):
        return Reading("unreadable", unreadable=document)
    rows, lost = document.get("rows"), document.get("lost")
    if isinstance(document.get("cursor"), int):
        memory[CURSOR] = str(document["cursor"]).encode()
    if isinstance(lost, str):
        return Reading("lost", (Blind("lost", lost),), at=record.timestamp)
    if not isinstance(rows, list):
        return Reading("ignored")
    xid = document.get("xid")
    seen = isinstance(xid, int) and _visible(xid, memory.get(LOOK, b"").decode())
    return Reading(
        "transaction",
        tuple(_facts(rows)),
        at=record.timestamp,
        by=_text(document.get("by")),
        query=_text(document.get("query")),
        seen=seen,
    )


def _facts(rows: list[Any]) -> Iterator[Fact]:
    for row in rows:
        try:
            yield _fact(row)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            yield Blind("malformed-row", f"a row of the outbox is not what the watcher's triggers write ({error!r})")


def _fact(row: dict[str, Any]) -> Fact:
    kind = row["kind"]
    if kind == "failed":
        state, message = str(row["state"]), str(row["message"])
        reason = f"the trigger could not write down what {row['tag']!s} changed ({state}: {message})"
        return Blind("not-written-down", reason)
    name = _name(row)
    oid = str(int(row["oid"]))
    if kind == "gone":
        return Gone(name, id=oid)
    if kind != "image":
        raise ValueError(f"kind {kind!r}")
    keys = [(bool(one["primary"]), tuple(map(str, one["columns"]))) for one in row["keys"]]
    view = bool(row["view"])
    return Image(
        name,
        tuple(_column(one, oid, view=view) for one in row["columns"]),
        primary_key=next((columns for primary, columns in keys if primary), ()),
        keys=tuple(columns for primary, columns in keys if not primary),
        view=view,
        id=oid,
    )


def _name(row: dict[str, Any]) -> Name:
    name = tuple(row[part] for part in ("database", "schema", "name"))
    if not all(isinstance(part, str) and part for part in name):
        raise ValueError("a part of the name is missing")
    return name


def _column(one: dict[str, Any], oid: str, *, view: bool) -> ColumnImage:
    default, comment = one.get("default"), one.get("comment")
    name, type_ = one["name"], one["type"]
    if not isinstance(name, str) or not name or not isinstance(type_, str):
        raise TypeError("a column has a name and a type")
    return ColumnImage(
        name,
        type_,
        nullable=None if view else not one["required"],
        default=None if default is None else postgres_default(str(default)),
        id=f"{oid}.{int(one['number'])}",
        comment=None if comment is None else str(comment),
    )


def _visible(xid: int, snapshot: str) -> bool:
    """Whether a snapshot, in PostgreSQL's words (`xmin:xmax:those in progress`), sees a transaction's work."""
    parts = snapshot.split(":")
    if len(parts) != 3 or not (parts[0].isdigit() and parts[1].isdigit()):
        return False
    running = {int(one) for one in parts[2].split(",") if one.isdigit()}
    return xid < int(parts[0]) or (xid < int(parts[1]) and xid not in running)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
