"""Trino: the Kafka event listener's completed queries; what defines data is run as it was written.

What is only known once the query ran (the columns of CREATE TABLE … AS) is taken from its output. Trino says of these
records that they may change with any release: whatever is not where it should be is looked for where it was before.
"""

from __future__ import annotations

import re

from watcher.feeds.warehouse.facts import Blind, ColumnImage, Fact, Image, Memory, Name, Ran, Reading, Touched
from watcher.feeds.warehouse.sources.rows import Row, first, inner, millis, read, text, unreadable
from watcher.model.dataset import RawRecord

MAX_TABLES = 200
_WRAPPERS = ("eventPayload", "queryCompletedEvent", "payload", "event")
_DEFINES = re.compile(r"(?:CREATE|DROP|ALTER|ADD|RENAME|SET|COMMENT|REPLACE|TRUNCATE)\b", re.IGNORECASE)
_OF_TABLE = re.compile(r"\b(?:TABLE|VIEW|COLUMN|SCHEMA|FIELD)\b", re.IGNORECASE)
_EXECUTES = re.compile(r"\s*EXECUTE\b", re.IGNORECASE)


def decode(record: RawRecord, memory: Memory) -> Reading:
    """One record: what a query came to."""
    del memory  # each record says all that it has to say
    row = read(record)
    if isinstance(row, Reading):
        return row
    event = _event(row)
    if event is None:
        return unreadable("not-an-event", "the record is no event of Trino's Kafka event listener: which topic is it?")
    metadata, context = inner(event.get("metadata")), inner(event.get("context"))
    kind = text(context.get("queryType")) or text(metadata.get("queryType"))
    update = text(metadata.get("updateType"))
    state = text(metadata.get("queryState"))
    if _has_failed(event, state) or not _defines(kind, update):
        return Reading("ignored")
    if kind is None and update is None and not _is_ddl(_text(metadata)):
        return Reading("ignored") if _text(metadata) else _nothing_left()
    facts = _facts(event, metadata, context, update)
    if not facts:
        return Reading("ignored")
    query = text(metadata.get("queryId"))
    return Reading(
        "ddl",
        tuple(facts),
        id=query,
        at=millis(first(event, "endTime", "executionStartTime", "createTime")),
        by=text(context.get("user")),
        query=query,
    )


def _event(row: Row) -> Row | None:
    """The event, wherever the release put it."""
    for _ in range(3):
        if isinstance(row.get("metadata"), dict) and "queryId" in inner(row.get("metadata")):
            return row
        found = next((row[one] for one in _WRAPPERS if isinstance(row.get(one), dict)), None)
        if not isinstance(found, dict):
            return row if isinstance(row.get("metadata"), dict) else None
        row = found
    return None


def _has_failed(event: Row, state: str | None) -> bool:
    """Whether the query came to nothing, or is still on its way."""
    if state is not None:
        return state.upper() != "FINISHED"
    return bool(inner(event.get("failureInfo"))) or first(event, "endTime", "statistics") is None


def _defines(kind: str | None, update: str | None) -> bool:
    """Whether the query may define data. CREATE TABLE … AS counts as an INSERT for Trino, by its kind alone."""
    if kind is not None and kind.upper() == "DATA_DEFINITION":
        return True
    if update is not None:
        return bool(_DEFINES.match(update) and _OF_TABLE.search(update))
    return kind is None


def _text(metadata: Row) -> str | None:
    """What ran: of an EXECUTE, what was prepared."""
    query, prepared = text(metadata.get("query")), text(metadata.get("preparedQuery"))
    return prepared if prepared is not None and (query is None or _EXECUTES.match(query)) else query


def _is_ddl(sql: str | None) -> bool:
    return sql is not None and _DEFINES.match(sql.lstrip()) is not None


def _nothing_left() -> Reading:
    reason = (
        "queryType, updateType and query are all left out of the event: take them off "
        "kafka-event-listener.excluded-fields"
    )
    return unreadable("excluded-fields", reason)


def _facts(event: Row, metadata: Row, context: Row, update: str | None) -> list[Fact]:
    output = inner(inner(event.get("ioMetadata")).get("output"))
    made = _made(output) if (update or "").upper().startswith(("CREATE TABLE", "CREATE OR REPLACE TABLE")) else None
    if made is not None:
        return [made]
    sql = _text(metadata)
    # A query's text of one word is what anonymising leaves of it.
    if sql is not None and " " in sql.strip() and not _EXECUTES.match(sql):
        return [Ran(sql, _place(context), "trino")]
    if update is not None and not _OF_TABLE.search(update):
        return []
    reason = f"{update or 'a statement that defines data'} ran, and its text is not in the event"
    listed = metadata.get("tables")
    tables = listed[:MAX_TABLES] if isinstance(listed, list) else []
    named = [_name(inner(one)) for one in tables] + [_name(output)]
    names = list(dict.fromkeys(one for one in named if one is not None))
    if names:
        return [Touched(one, reason) for one in names]
    hint = "take `query` off kafka-event-listener.excluded-fields, and switch anonymization off"
    return [Blind("no-text", f"{reason}: {hint}")]


def _place(context: Row) -> Name:
    """The session's catalog and schema; without a schema no name of one part resolves, so any may stand for it."""
    catalog, schema = text(context.get("catalog")), text(context.get("schema"))
    return (catalog, schema or "default") if catalog else ()


def _name(table: Row) -> Name | None:
    parts = (text(first(table, "catalogName", "catalog", "connectorId")), text(table.get("schema")))
    name = text(table.get("table"))
    return (parts[0], parts[1], name) if parts[0] and parts[1] and name else None


def _made(output: Row) -> Image | None:
    """The table that a query made, where the event has all of its columns and their types."""
    name, listed = _name(output), output.get("columns")
    if name is None or not isinstance(listed, list) or not listed:
        return None
    columns: list[ColumnImage] = []
    for one in listed:
        column = inner(one)
        label, type_ = text(first(column, "columnName", "column")), text(first(column, "columnType", "type"))
        if label is None or type_ is None:
            return None
        columns.append(ColumnImage(label, type_))
    return Image(name, tuple(columns))
