"""Redshift: the text of DDL as its system tables keep it, put together from the rows that it is cut into.

Rows of STL_DDLTEXT and SVL_STATEMENTTEXT (200 bytes each), of SYS_QUERY_TEXT (4,000 each), of SYS_QUERY_HISTORY (the
first 4,000 only), or rows with the text already whole. Which row is a statement's last is not said (`redshift_pieces`).
"""

from __future__ import annotations

import re

from watcher.feeds.warehouse.facts import Blind, Fact, Memory, Name, Ran, Reading, Touched
from watcher.feeds.warehouse.sources.redshift_pieces import Finished, Piece, Pieces, Statement
from watcher.feeds.warehouse.sources.rows import Row, first, lowered, millis, number, read, text, unreadable
from watcher.model.dataset import RawRecord

SIZE, SYS_SIZE = 200, 4_000
"""Bytes of one row's text: of the STL and SVL tables, and of the SYS views."""
MAX_SEQUENCE = 100_000

_TYPES = frozenset({"DDL", "CTAS", "UTILITY"})
_CUT = {"query_text": 4_000, "querytxt": 4_000}
"""Columns that hold only a statement's beginning, and how much of it."""
_WHOLE = ("full_text", "full_query_text", "statement", "sql", "ddl", "ddl_text", "text", *_CUT)
_MAKES = re.compile(r"(?:\s|\\n|--(?:[^\\\n]|\\(?!n))*|/\*(?:[^*]|\*(?!/))*+\*/)*+CREATE\b", re.IGNORECASE)
_PART = r'(?:"(?:[^"]|"")+"|[\w#$]+)'
_NAMED = re.compile(
    r"\s*(?:create|alter|drop)\s+(?:or\s+replace\s+)?(?:(?:temporary|temp|local|external|materialized)\s+)*"
    rf"(?:table|view)\s+(?:if\s+(?:not\s+)?exists\s+)?({_PART}(?:\.{_PART}){{0,2}})",
    re.IGNORECASE,
)


def decode(record: RawRecord, memory: Memory) -> Reading:
    """One row; what it completes is told, be it a statement of its own or those that stood before it."""
    row = read(record)
    if isinstance(row, Reading):
        return row
    row = lowered(row)
    column = next((one for one in _WHOLE if isinstance(row.get(one), str)), None)
    if column is None:
        return unreadable(
            "not-a-row", "the row has no text: select the columns `text` or `query_text` of the statement"
        )
    if not _succeeded(row):
        return Reading("ignored")
    written = str(row[column])
    sequence = number(row.get("sequence"))
    size = SYS_SIZE if row.get("query_id") is not None and row.get("xid") is None else SIZE
    whole = sequence is None or column in _CUT or len(written.rstrip(" ").encode()) > size
    statement = _statement(row)
    if statement is None:
        if not whole:
            reason = "the row does not say whose text it is: select xid, pid and starttime, or query_id, as well"
            return unreadable("no-key", reason)
        statement = Statement("", "", at=millis(first(row, "endtime", "end_time")), place=_place(row))
    pieces = Pieces(memory)
    if whole:
        return _whole(pieces, statement, row, column)
    if sequence is None or not 0 <= sequence <= MAX_SEQUENCE:
        return unreadable("malformed-row", f"the row's sequence is not between 0 and {MAX_SEQUENCE:,}")
    wanted = _is_wanted(row) or (_MAKES.match(written) is not None if sequence == 0 else pieces.knows(statement.key))
    if not wanted:
        return _told(pieces.passed(statement, begins=sequence == 0))
    counted = number(first(row, "chunks", "pieces"))
    return _told(pieces.take(statement, Piece(sequence, written, size, counted if (counted or 0) > 0 else None)))


def _whole(pieces: Pieces, statement: Statement, row: Row, column: str) -> Reading:
    """A row that is no piece: all of a statement, or only its beginning."""
    written = str(row[column])
    if not _is_wanted(row) and not _MAKES.match(written):
        return Reading("ignored")
    passed = pieces.passed(statement, begins=True) if statement.key else []
    if _CUT.get(column, 0) - 4 <= len(written.encode()) <= _CUT.get(column, -1):
        reason = (
            f"the row has only the first {_CUT[column]:,} bytes of the statement: send the rows of SYS_QUERY_TEXT too"
        )
        return _told([*passed, Finished(statement.key and f"{statement.key}/truncated", statement, written, reason)])
    if statement.key and pieces.whole(statement):
        return _told(passed)
    return _told([*passed, Finished(statement.key, statement, written)])


# What a row says beside its text.


def _succeeded(row: Row) -> bool:
    status = text(row.get("status"))
    return (status is None or status.strip().lower() in ("success", "succeeded")) and number(row.get("aborted")) != 1


def _is_wanted(row: Row) -> bool:
    kind = text(first(row, "type", "query_type"))
    return kind is None or kind.strip().upper() in _TYPES


def _place(row: Row) -> Name:
    database, schema = text(first(row, "database_name", "database", "dbname")), text(row.get("schema_name"))
    return (database.strip() if database else "", schema.strip() if schema else "") if database or schema else ()


def _statement(row: Row) -> Statement | None:
    xid, query = text(first(row, "xid", "transaction_id")), text(first(row, "query_id", "query"))
    started = first(row, "starttime", "start_time")
    session = text(first(row, "pid", "session_id"))
    if query is not None and row.get("xid") is None:
        key = f"query/{query}"
    elif xid is not None and started is not None:
        key = f"{xid}/{session or ''}/{text(started)}"
    else:
        return None
    return Statement(
        key[:200],
        (session or xid or query or "")[:100],
        millis(started),
        at=millis(first(row, "endtime", "end_time")) or millis(started),
        by=text(first(row, "user_name", "usename", "username", "userid", "user_id")),
        query=query or xid,
        place=_place(row),
    )


# What statements amount to.


def _told(finished: list[Finished]) -> Reading:
    if not finished:
        return Reading("ignored")
    only = finished[0] if len(finished) == 1 else None
    moments = [one.statement.at for one in finished if one.statement.at is not None]
    people = {one.statement.by for one in finished}
    return Reading(
        "ddl",
        tuple(_fact(one) for one in finished),
        id=(only.id or None) if only else None,
        at=max(moments, default=None),
        by=next(iter(people)) if len(people) == 1 else None,
        query=only.statement.query if only else None,
    )


def _fact(finished: Finished) -> Fact:
    sql, place = _unescaped(finished.text), finished.statement.place
    if finished.trouble is None:
        return Ran(sql, place)
    name = _complete(sql, place)
    if name is not None:
        return Touched(name, finished.trouble)
    return Blind("incomplete-statement", f"{finished.trouble}: {_line(sql)}")


def _unescaped(written: str) -> str:
    """The tables write a line's end as two characters."""
    return written.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").rstrip()


def _line(sql: str) -> str:
    return " ".join(sql[:120].split())


def _complete(sql: str, place: Name) -> Name | None:
    """The name of the statement's table, where all of it is told."""
    found = _NAMED.match(sql[:2_000])
    if found is None:
        return None
    parts = tuple(one.strip('"').replace('""', '"').lower() for one in re.findall(_PART, found.group(1)))
    name = (*(place[: 3 - len(parts)] if len(place) == 2 else ()), *parts)
    return name if len(name) == 3 and all(name) else None
