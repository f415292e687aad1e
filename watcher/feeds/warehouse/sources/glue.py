"""AWS Glue's catalogue: the state changes that it sends to EventBridge, and its API calls as CloudTrail records them.

A state change names tables and no column: they are touched. A recorded call carries the table as it was handed in. Both
come at best effort and in no order, so what is older than what was heard of a table says nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace

import orjson

from watcher.feeds.warehouse.facts import Blind, ColumnImage, Fact, Gone, Image, Memory, Name, Ran, Reading, Touched
from watcher.feeds.warehouse.sources.rows import Row, first, inner, millis, read, text, unreadable
from watcher.model.dataset import RawRecord

MAX_HEARD = 5_000
"""Tables of which it is remembered when they were heard of."""
MAX_TABLES = 1_000
"""Tables that one event names."""
DIALECT = "hive"

_HEARD = "glue|"
_CALL = "AWS API Call via CloudTrail"
_ACCOUNT = re.compile(r"\d{12}\Z")
_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d+\Z")
_PLAIN = re.compile(r"\w+\Z")
_ASIDE = re.compile(r"(?:Batch)?(?:Create|Update|Delete)(?:Partition|Partitions|ColumnStatistics.*|PartitionIndex)\Z")
_NO_COLUMNS = "Glue's event says that {}, and carries no columns"


def decode(record: RawRecord, memory: Memory) -> Reading:
    """One event of EventBridge, or one record of CloudTrail."""
    row = read(record)
    if isinstance(row, Reading):
        return row
    kind = text(row.get("detail-type"))
    detail = inner(row.get("detail"))
    if kind is None and text(row.get("eventName")) is not None:
        reading = _call(row, row)
    elif kind == _CALL:
        reading = _call(detail, row)
    elif kind is not None and kind.startswith("Glue Data Catalog "):
        reading = _state(detail, row)
    elif kind is not None:
        return Reading("ignored")
    else:
        reason = "the record is no event of EventBridge (detail-type) and no record of CloudTrail (eventName)"
        return unreadable("not-an-event", reason)
    return _in_order(reading, memory)


# State changes.


def _state(detail: Row, event: Row) -> Reading:
    action = text(detail.get("typeOfChange"))
    if action is None:
        return unreadable("no-change", "Glue's event does not say what changed (detail.typeOfChange)")
    if _ASIDE.match(action):
        return Reading("ignored")
    database = text(detail.get("databaseName"))
    where = _namespace(event.get("region"), first(detail, "catalogId"), event.get("account"))
    facts: list[Fact] = []
    if action in ("CreateDatabase", "UpdateDatabase"):
        return Reading("ignored")
    if action == "DeleteDatabase":
        facts = _dropped(database, where)
    else:
        tables = _tables(detail)
        if len(tables) > MAX_TABLES:
            return _too_many(len(tables))
        for table in tables:
            name = _name(database, table)
            if name is None:
                facts.append(
                    Blind("no-name", f"Glue's event {action[:60]} does not name database and table", None, where)
                )
            elif action in ("DeleteTable", "BatchDeleteTable"):
                facts.append(Gone(name, namespace=where))
            else:
                facts.append(Touched(name, _NO_COLUMNS.format(_done(action)), where))
    if not facts:
        facts.append(Blind("no-name", f"Glue's event {action[:60]} names no table", None, where))
    return Reading("state-change", tuple(facts), id=text(event.get("id")), at=millis(event.get("time")))


def _too_many(count: int) -> Reading:
    return unreadable("too-large", f"the event names {count:,} tables; {MAX_TABLES:,} are read at most")


def _tables(detail: Row) -> list[object]:
    several = detail.get("changedTables")
    if isinstance(several, list) and several:
        return several
    return [detail.get("tableName")] if detail.get("tableName") is not None else []


def _done(action: str) -> str:
    return {"CreateTable": "it was created", "UpdateTable": "it was updated"}.get(
        action, f"{action[:60]} was done to it"
    )


# Calls.


def _call(call: Row, event: Row) -> Reading:
    action = text(call.get("eventName")) or ""
    if text(call.get("eventSource")) not in (None, "glue.amazonaws.com") or call.get("errorCode") is not None:
        return Reading("ignored")
    if action not in _CALLS:
        return Reading("ignored")
    params = inner(call.get("requestParameters"))
    where = _namespace(
        first(call, "awsRegion") or event.get("region"),
        params.get("catalogId"),
        first(call, "recipientAccountId") or event.get("account"),
    )
    identity = inner(call.get("userIdentity"))
    facts = tuple(_called(action, params, inner(call.get("responseElements")), where))
    return Reading(
        "call" if facts else "ignored",
        facts,
        id=text(first(call, "eventID")) or text(event.get("id")),
        at=millis(call.get("eventTime")) or millis(event.get("time")),
        by=text(first(identity, "arn", "userName", "principalId")),
        query=text(call.get("requestID")),
    )


_CALLS = frozenset({"CreateTable", "UpdateTable", "DeleteTable", "BatchDeleteTable", "DeleteDatabase"})


def _called(action: str, params: Row, answer: Row, where: str | None) -> list[Fact]:
    database = text(params.get("databaseName"))
    if action == "DeleteDatabase":
        return _dropped(text(params.get("name")) or database, where)
    if action == "BatchDeleteTable":
        failed = answer.get("errors")
        left = {str(inner(one).get("tableName")).lower() for one in failed} if isinstance(failed, list) else set()
        listed = params.get("tablesToDelete")
        names = [_name(database, one) for one in listed] if isinstance(listed, list) else [None]
        return [_gone(one, action, where) for one in names if one is None or one[-1] not in left]
    given = inner(params.get("tableInput"))
    name = _name(database, first(params, "name", "tableName") or given.get("name"))
    if name is None or action == "DeleteTable":
        return [_gone(name, action, where)]
    columns = _columns(given)
    if columns is None:
        done = "it was created" if action == "CreateTable" else "it was updated"
        return [Touched(name, _NO_COLUMNS.format(done), where)]
    view = (text(given.get("tableType")) or "").upper() == "VIRTUAL_VIEW"
    return [Image(name, columns, view=view, dialect=DIALECT, namespace=where)]


def _gone(name: Name | None, action: str, where: str | None) -> Fact:
    if name is None:
        return Blind("no-name", f"the call {action} does not name database and table", None, where)
    return Gone(name, namespace=where)


def _columns(given: Row) -> tuple[ColumnImage, ...] | None:
    """The columns of a table as it was handed in, those that part it among them; None where they stand elsewhere."""
    listed = inner(given.get("storageDescriptor")).get("columns")
    parting = given.get("partitionKeys")
    if not isinstance(listed, list) or not listed or not isinstance(parting, list | None):
        return None
    parameters = inner(given.get("parameters"))
    if any(key.startswith("spark.sql.sources.schema") for key in parameters):
        return None  # what Spark cannot say in Hive's words, it keeps in its own there
    found: list[ColumnImage] = []
    for one in [*listed, *(parting or [])]:
        if str(inner(inner(one).get("parameters")).get("iceberg.field.current")).lower() == "false":
            continue  # of an earlier version of the table
        column = _column(one)
        if column is None:
            return None
        found.append(column)
    return tuple(found)


def _column(listed: object) -> ColumnImage | None:
    if not isinstance(listed, dict):
        return None
    name, type_, comment = text(listed.get("name")), text(listed.get("type")), listed.get("comment")
    if name is None or type_ is None:
        return None
    parameters = inner(listed.get("parameters"))
    number = text(parameters.get("iceberg.field.id"))
    nullable = {"false": False, "true": True}.get(str(parameters.get("iceberg.field.optional")).lower())
    return ColumnImage(name.lower(), type_, nullable, id=number, comment=comment if isinstance(comment, str) else None)


# Names.


def _name(database: str | None, table: object) -> Name | None:
    """A table's name in lower case, as Glue keeps it."""
    written = text(table)
    return (database.lower(), written.lower()) if database is not None and written is not None else None


def _namespace(region: object, catalogue: object, account: object) -> str | None:
    """The catalogue that the table is in, as OpenLineage names it; None where the event does not tell."""
    where, whose = text(region), text(catalogue)
    if whose is None or not _ACCOUNT.match(whose):
        whose = text(account)
    if where is None or whose is None or not _REGION.match(where) or not _ACCOUNT.match(whose):
        return None
    return f"arn:aws:glue:{where}:{whose}"


def _dropped(database: str | None, where: str | None) -> list[Fact]:
    if database is None:
        return [Blind("no-name", "Glue's event DeleteDatabase does not name the database", None, where)]
    name = database.lower()
    written = name if _PLAIN.match(name) else f"`{name.replace('`', '``')}`"
    return [Ran(f"DROP SCHEMA {written} CASCADE", namespace=where)]


# Order.


def _in_order(reading: Reading, memory: Memory) -> Reading:
    """The reading without what is older than what was heard of the same table.

    A state change is told within seconds and the call behind it minutes later, with a time a little earlier: columns
    are only late where later columns, or the table's end, were heard.
    """
    if reading.at is None or not reading.facts:
        return reading
    kept = [one for one in (_timely(fact, reading.at, memory) for fact in reading.facts) if one is not None]
    if len(memory) > MAX_HEARD:
        _forget(memory)
    if not kept:
        return Reading("late")
    return replace(reading, facts=tuple(kept))


def _timely(fact: Fact, at: int, memory: Memory) -> Fact | None:
    if not isinstance(fact, Gone | Image | Touched):
        return fact
    key = _HEARD + orjson.dumps([fact.namespace, *fact.name]).decode()
    last, gone, shown = orjson.loads(memory.get(key, b"[-1,false,-1]"))
    is_gone = isinstance(fact, Gone)
    if at < (last if is_gone else shown):
        return None
    if at >= last:
        memory[key] = orjson.dumps([at, is_gone, shown if isinstance(fact, Touched) else at])
    elif isinstance(fact, Image):
        memory[key] = orjson.dumps([last, gone, at])
    if at == last and is_gone != gone:
        reason = "Glue tells for one and the same moment that the table is gone and that it is there"
        return Touched(fact.name, reason, fact.namespace)
    return fact


def _forget(memory: Memory) -> None:
    heard = sorted((orjson.loads(memory[key])[0], key) for key in memory if key.startswith(_HEARD))
    for _, key in heard[: len(heard) // 10]:
        del memory[key]
