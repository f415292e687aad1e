"""Databricks: Unity Catalog's audit events, and the statements of its query history.

An audit event comes as a row of `system.access.audit` (snake case), or as log delivery and diagnostic settings write it
(camel case, several to a record, objects as texts). It seldom carries columns: then the table is only touched. A row of
`system.query.history` carries the statement itself.
"""

from __future__ import annotations

import hashlib
import re

from watcher.feeds.warehouse.facts import (
    Blind,
    ColumnImage,
    Fact,
    Gone,
    Image,
    Memory,
    Name,
    Ran,
    Reading,
    Renamed,
    Touched,
)
from watcher.feeds.warehouse.sources.rows import Row, first, inner, millis, number, parsed, read, text, unreadable
from watcher.model.dataset import RawRecord

MAX_EVENTS = 2_000
"""Audit events of one record."""

_UNCHANGED = frozenset({"owner", "comment", "name", "full_name_arg"})
"""What an update may name without touching a column."""
_ASIDE = frozenset({"metastore_id", "workspace_id", "catalog_name", "schema_name"})
"""What says where the event came from."""
_QUIET = re.compile(r"(?:get|list|generate|query|read|write|validate|search|exists)[A-Z]")
_OF_TABLE = re.compile(
    r"(?:create|update|delete|alter|replace|undelete|undrop|restore|rename)[A-Za-z]*(?:Table|Constraint)s?\Z"
)
_DDL = re.compile(r"(?:CREATE|ALTER|DROP|REPLACE|RENAME|COMMENT|UNDROP|OTHER|SET|UNSET)", re.IGNORECASE)
_VIEWS = frozenset({"VIEW", "MATERIALIZED_VIEW", "METRIC_VIEW"})
_WHOLE = frozenset({"DECIMAL", "ARRAY", "MAP", "STRUCT", "INTERVAL", "CHAR", "VARCHAR", "USER_DEFINED_TYPE"})
"""Type names that say too little without their text."""
_MASKED = "its columns are not in the audit event (Databricks leaves them out, or masks them)"


def decode(record: RawRecord, memory: Memory) -> Reading:
    """One record: an audit event, several of them, or a statement of the query history."""
    del memory  # each row says all that it has to say
    row = read(record)
    if isinstance(row, Reading):
        return row
    events = row.get("records")
    if isinstance(events, list):
        return _several(events)
    return _event(row)


def _several(events: list[object]) -> Reading:
    """Diagnostic settings hand over many events at once; what several of them say is told in their order."""
    if len(events) > MAX_EVENTS:
        return unreadable("too-large", f"the record has {len(events):,} events; {MAX_EVENTS:,} are read at most")
    facts: list[Fact] = []
    said: list[Reading] = []
    for event in events:
        reading = _event(event) if isinstance(event, dict) else unreadable("not-a-row", "an event is no JSON object")
        if reading.unreadable is not None:
            facts.append(Blind(reading.unreadable.kind, reading.unreadable.reason))
        elif reading.facts:
            said.append(reading)
            facts += reading.facts
    if not facts:
        return Reading("ignored")
    if len(said) == 1 and len(facts) == len(said[0].facts):
        return said[0]
    ids = [one.id for one in said]
    whole = hashlib.sha256("|".join(one or "" for one in ids).encode()).hexdigest() if ids and all(ids) else None
    people = {one.by for one in said}
    moments = [one.at for one in said if one.at is not None]
    by = next(iter(people)) if len(people) == 1 else None
    return Reading("audit", tuple(facts), id=whole, at=max(moments, default=None), by=by)


def _event(row: Row) -> Reading:
    row = {**row, **inner(row.get("properties"))}
    action = text(first(row, "action_name", "actionName"))
    if action is not None:
        return _audited(row, action)
    if first(row, "statement_text", "query_text", "statement_id") is not None:
        return _statement(row)
    return unreadable("not-a-row", "the record is no audit event (action_name) and no query history (statement_text)")


# Audit events.


def _audited(row: Row, action: str) -> Reading:
    service = text(first(row, "service_name", "serviceName"))
    if (service is not None and service != "unityCatalog") or _QUIET.match(action):
        return Reading("ignored")
    if not (_OF_TABLE.match(action) or action in _CONTAINERS):
        return Reading("ignored")
    status = number(first(inner(row.get("response")), "status_code", "statusCode"))
    if status is None:
        return unreadable(
            "no-status", "the audit event does not say whether it succeeded: hand its `response` over too"
        )
    if status != 200:
        return Reading("ignored")
    params = inner(first(row, "request_params", "requestParams"))
    facts = _container(action, params) if action in _CONTAINERS else _table(action, params)
    if not facts:
        return Reading("ignored")
    identity = inner(first(row, "user_identity", "userIdentity", "identity"))
    return Reading(
        "audit",
        tuple(facts),
        id=text(first(row, "event_id", "eventId", "request_id", "requestId")),
        at=millis(first(row, "event_time", "timestamp", "time")),
        by=text(first(identity, "email", "subject_name", "subjectName")),
        query=text(first(row, "request_id", "requestId")),
    )


def _table(action: str, params: Row) -> list[Fact]:
    name = _name(params)
    if name is None:
        reason = f"the audit event {action} does not name its table by catalogue, schema and table"
        return [Blind("no-name", reason)]
    if action == "deleteTable":
        return [Gone(name)]
    if action == "createTable":
        return [_image(name, params) or Touched(name, f"it was created, and {_MASKED}")]
    if action != "updateTables":
        return [Touched(name, f"{action} is told of it, without what changed")]
    facts: list[Fact] = []
    new = _parts(text(params.get("new_name")), name)
    if new is not None and new != name:
        facts.append(Renamed(name, new))
    image = _image(new or name, params)
    if image is not None:
        return [*facts, image]
    other = _parts(text(params.get("name")), name)
    if new is None and other is not None and other != name:
        reason = f"it was updated under the names {'.'.join(name)} and {'.'.join(other)}"
        return [Touched(name, reason), Touched(other, reason)]
    said = params.keys() - _ASIDE
    if said <= _UNCHANGED | {"new_name"} and (facts or said & {"owner", "comment"}):
        return facts
    return [*facts, Touched(new or name, f"it was updated, and {_MASKED}")]


def _image(name: Name, params: Row) -> Image | None:
    """The table with the columns that the event lists; None where it lists none, or not whole."""
    listed = parsed(params.get("columns"))
    if not isinstance(listed, list) or not listed:
        return None
    columns = [_column(one) for one in listed]
    if any(one is None for one in columns):
        return None
    view = (text(params.get("table_type")) or "").upper() in _VIEWS
    return Image(name, tuple(one for one in columns if one is not None), view=view)


def _column(listed: object) -> ColumnImage | None:
    if not isinstance(listed, dict):
        return None
    name, type_ = listed.get("name"), _type(listed)
    if not isinstance(name, str) or not name or type_ is None:
        return None
    nullable, comment = listed.get("nullable"), listed.get("comment")
    return ColumnImage(
        name,
        type_,
        nullable if isinstance(nullable, bool) else None,
        comment=comment if isinstance(comment, str) else None,
    )


def _type(listed: Row) -> str | None:
    written = text(first(listed, "type_text", "typeText", "full_data_type"))
    if written is not None:
        return written
    kind = text(first(listed, "type_name", "typeName"))
    precision = number(first(listed, "type_precision", "typePrecision"))
    if kind is not None and kind.upper() == "DECIMAL" and precision:
        return f"decimal({precision},{number(first(listed, 'type_scale', 'typeScale')) or 0})"
    return None if kind is None or kind.upper() in _WHOLE else kind.lower()


def _name(params: Row) -> Name | None:
    """The table's whole name, in lower case as Unity Catalog keeps it."""
    whole = text(first(params, "full_name_arg", "table_full_name", "table_full_name_arg", "full_name"))
    if whole is not None:
        return _parts(whole, ())
    inner_ = (text(params.get("catalog_name")), text(params.get("schema_name")), text(params.get("name")))
    return _parts(".".join(one or "" for one in inner_), ())


def _parts(whole: str | None, beside: Name) -> Name | None:
    """A name's three parts; of a name that says less, the others are those of the table beside."""
    if whole is None:
        return None
    parts = tuple(one.strip().strip("`").strip().lower() for one in whole.split("."))
    parts = (*beside[: max(0, len(beside) - len(parts))], *parts)
    return parts if len(parts) == 3 and all(parts) else None


_CONTAINERS = {
    "deleteSchema": "SCHEMA",
    "deleteCatalog": "CATALOG",
    "updateSchema": "SCHEMA",
    "updateCatalog": "CATALOG",
}


def _container(action: str, params: Row) -> list[Fact]:
    """A schema or catalogue that went, or has another name: all its tables with it."""
    kind = _CONTAINERS[action]
    size = 2 if kind == "SCHEMA" else 1
    written = text(first(params, "full_name_arg", "name_arg", "name")) or ""
    name = tuple(one.strip().strip("`").lower() for one in written.split("."))
    if len(name) != size or not all(name):
        return [Blind("no-name", f"the audit event {action} does not say which {kind.lower()} it was")]
    if action.startswith("delete"):
        return [Ran(f"DROP {kind} {_quoted(name)} CASCADE", dialect="databricks")]
    new = text(params.get("new_name"))
    if new is None:
        return []
    if kind == "CATALOG":
        return [Blind("catalogue-renamed", f"the catalogue {name[0]} is called {new} now: its tables are not followed")]
    after = (*name[:-1], new.rpartition(".")[2].strip().strip("`").lower())
    return [Ran(f"ALTER {kind} {_quoted(name)} RENAME TO {_quoted(after)}", dialect="databricks")]


def _quoted(name: Name) -> str:
    return ".".join(f"`{part.replace('`', '``')}`" for part in name)


# Query history.


def _statement(row: Row) -> Reading:
    status = text(first(row, "execution_status", "status"))
    if status is None:
        return unreadable(
            "no-status", "the statement does not say whether it succeeded: select execution_status as well"
        )
    kind = text(row.get("statement_type"))
    if status.upper() not in ("FINISHED", "SUCCEEDED") or (kind is not None and not _DDL.match(kind)):
        return Reading("ignored")
    sql = first(row, "statement_text", "query_text")
    fact: Fact
    if isinstance(sql, str) and sql.strip():
        fact = Ran(sql, dialect="databricks")
    elif kind is None:
        return Reading("ignored")
    else:
        fact = Blind(
            "no-text", f"a statement of the type {kind[:60]} ran, and the query history does not show its text"
        )
    key = text(first(row, "statement_id", "query_id"))
    return Reading(
        "query",
        (fact,),
        id=key,
        at=millis(first(row, "end_time", "query_end_time_ms", "start_time", "query_start_time_ms")),
        by=text(first(row, "executed_by", "user_name")),
        query=key,
    )
