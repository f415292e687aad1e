"""BigQuery: entries of Cloud Audit Logs (BigQueryAuditMetadata), as log sinks hand them over.

An entry tells how the table stands after the change, so it is the truth here, and no statement is applied beside it.
One thing it does not tell: a renamed column looks like one that went and one that came. The job's own entry has the
statement, and mostly comes first (`jobInsertion`): its renames are remembered under the job's name, and run before the
table's entry is applied. They are written with IF EXISTS, so that they do nothing where they ran already. Where the
job's entry comes later or never, the rename is told as a column that went and one that came: the same readers break.

Longer than 120 lines: an entry, its table and its job are one story.
"""

from __future__ import annotations

import base64
import binascii
import re

from watcher.feeds.warehouse.facts import Blind, Fact, Gone, Image, Memory, Name, Ran, Reading, Touched
from watcher.feeds.warehouse.sources.bigquery_schema import columns_of
from watcher.feeds.warehouse.sources.rows import Row, first, inner, millis, number, parsed, read, text, unreadable
from watcher.formats.sql.catalogue import DdlError
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.lexis import LEXES, LexisError
from watcher.model.dataset import RawRecord

MAX_STATEMENTS = 1_000
"""Jobs whose renames are remembered, until their tables' entries come."""
MAX_STATEMENT = 20_000
"""Characters of a statement that is remembered; those that rename are short."""
MAX_WRAPPERS = 4

_TABLE = re.compile(r"projects/([^/]+)/datasets/([^/]+)/tables/([^/]+)")
_DATASET = re.compile(r"projects/([^/]+)/datasets/([^/]+)\Z")
_RENAMES = re.compile(r"\bRENAME\b", re.IGNORECASE)
_RESTORES = re.compile(r"\s*UNDROP\s+SCHEMA\b", re.IGNORECASE)
_LEGACY = re.compile(r"#\s*legacySQL|\[[\w-]+[:.][\w$.-]+\]", re.IGNORECASE)
_METHOD = re.compile(r"TableService\.(?:Insert|Update|Patch|Delete)Table\Z")
_JOBS = ("jobInsertion", "jobChange")
_EVENTS = ("tableCreation", "tableChange", "tableDeletion", "datasetDeletion", *_JOBS)


def decode(record: RawRecord, memory: Memory) -> Reading:
    """One log entry, as Pub/Sub carries it or as a row of the sink's own table."""
    row = read(record)
    if isinstance(row, Reading):
        return row
    entry = _entry(row)
    if entry is None:
        reason = "the record is no entry of Cloud Logging: let the sink's topic carry the entries as they are (JSON)"
        return unreadable("not-a-log-entry", reason)
    payload = inner(entry.get("protoPayload")) or inner(entry.get("protopayload_auditlog"))
    if not payload or number(inner(payload.get("status")).get("code")):
        return Reading("ignored")
    metadata = inner(payload.get("metadata")) or inner(payload.get("metadataJson"))
    event = next((one for one in _EVENTS if isinstance(metadata.get(one), dict)), None)
    resource = text(payload.get("resourceName")) or ""
    if event is None:
        return _bare(payload, metadata, resource, entry)
    body = inner(metadata[event])
    if event in _JOBS:
        return _job(event, inner(body.get("job")), memory, entry, payload)
    return _reading(event, _facts(event, body, resource, memory), entry, payload, text(body.get("jobName")))


def _entry(row: Row) -> Row | None:
    """The log entry within what Pub/Sub and its connectors put around it."""
    for _ in range(MAX_WRAPPERS):
        if any(one in row for one in ("protoPayload", "protopayload_auditlog", "logName", "insertId")):
            return row
        held = first(row, "message", "data", "payload")
        found = held if isinstance(held, dict) else _unpacked(held) if isinstance(held, str) else None
        if not isinstance(found, dict):
            return None
        row = found
    return None


def _unpacked(held: str) -> object:
    """Text of JSON, also in base64, which is how Pub/Sub writes bytes."""
    if held.lstrip().startswith("{"):
        return parsed(held)
    try:
        return parsed(base64.b64decode(held, validate=True).decode())
    except (binascii.Error, ValueError):
        return None


def _reading(kind: str, facts: list[Fact], entry: Row, payload: Row, job: str | None) -> Reading:
    if not facts:
        return Reading("ignored")
    insert, resource = text(entry.get("insertId")), text(payload.get("resourceName"))
    return Reading(
        kind,
        tuple(facts),
        id=f"{insert}|{kind}|{resource}" if insert else None,
        at=millis(entry.get("timestamp")),
        by=text(inner(payload.get("authenticationInfo")).get("principalEmail")),
        query=job.rpartition("/")[2] if job else None,
    )


def _bare(payload: Row, metadata: Row, resource: str, entry: Row) -> Reading:
    """An entry without an event that we follow; one about a table, without any event at all, is a change unseen."""
    name = _name(resource)
    if metadata or name is None or not _METHOD.search(text(payload.get("methodName")) or ""):
        return Reading("ignored")
    reason = "its audit entry has no metadata: let the log sink export the entries whole"
    return _reading("table-change", [Touched(name, reason)], entry, payload, None)


# Tables.


def _facts(event: str, body: Row, resource: str, memory: Memory) -> list[Fact]:
    if event == "datasetDeletion":
        found = _DATASET.search(resource)
        # What was in it is known to the catalogue alone; the entries of its tables may come too, and do nothing then.
        return [Ran(f"DROP SCHEMA IF EXISTS {_quoted(found.groups())}", dialect="bigquery")] if found else []
    table = inner(body.get("table"))
    name = _name(text(table.get("tableName")) or resource)
    if name is None:
        return [] if _is_hidden(resource) else [Blind("no-table-name", f"the {event} entry names no table")]
    renames, target = _renamed(name, memory.get(f"job|{text(body.get('jobName'))}"))
    if event == "tableDeletion":
        return [*renames] if target is not None and target != name else [Gone(name)]
    return [*renames, *_shown(target or name, table)]


def _shown(name: Name, table: Row) -> list[Fact]:
    """The table as the entry shows it.

    `truncated` of a tableChange says that rows were deleted, nothing of the schema. What shows no schema is touched.
    """
    view = inner(table.get("view"))
    written = table.get("schemaJson")
    cut = table.get("schemaJsonTruncated") is True
    columns = None if cut or not isinstance(written, str) else columns_of(written)
    facts: list[Fact] = []
    query = text(view.get("query"))
    if query is not None and view.get("queryTruncated") is not True and not _LEGACY.search(query):
        # First its text, so that the view follows its tables; then its columns, as BigQuery itself sees them.
        facts.append(Ran(f"CREATE OR REPLACE VIEW {_quoted(name)} AS {query}", name[:-1], "bigquery"))
    if columns is None:
        why = "is over 40 KB, and left out of" if cut else "cannot be read in" if written else "is not in"
        return facts or [Touched(name, f"its schema {why} the audit entry")]
    constraints = table.get("tableConstraints")
    primary: tuple[str, ...] | None = None
    if isinstance(constraints, dict):
        members = inner(constraints.get("primaryKey")).get("columns")
        primary = tuple(one for one in members if isinstance(one, str)) if isinstance(members, list) else ()
    return [*facts, Image(name, columns, primary, view=bool(view))]


def _name(resource: str) -> Name | None:
    """Project, dataset and table of a resource's name, without a partition's or snapshot's decorator."""
    found = _TABLE.search(resource)
    if found is None or _is_hidden(resource):
        return None
    project, dataset, table = found.groups()
    return (project, dataset, table.partition("$")[0].partition("@")[0])


def _is_hidden(resource: str) -> bool:
    """Whether it lies in a dataset that BigQuery keeps for itself: results of queries, temporary tables of scripts."""
    return "/datasets/_" in resource


def _quoted(name: tuple[str, ...]) -> str:
    return ".".join(f"`{part.replace('`', '')}`" for part in name)


# Jobs.


def _job(event: str, job: Row, memory: Memory, entry: Row, payload: Row) -> Reading:
    name = text(job.get("jobName"))
    query = inner(inner(job.get("jobConfig")).get("queryConfig"))
    sql = text(query.get("query"))
    failed = bool(inner(inner(job.get("jobStatus")).get("errorResult")))
    key = f"job|{name}"
    if failed:
        memory.pop(key, None)
        return Reading("ignored")
    if name is None or sql is None or len(sql) > MAX_STATEMENT:
        return Reading("ignored")
    if _RENAMES.search(sql) and key not in memory:
        if len(memory) >= MAX_STATEMENTS:
            for old in list(memory)[: MAX_STATEMENTS // 10]:
                del memory[old]
        memory[key] = sql.encode("utf-8", "surrogatepass")
    if event == "jobChange" and _RESTORES.match(sql):
        reason = "tables came back with their dataset, and no entry shows them: set `snapshot` for this feed"
        return _reading("schema-restored", [Blind("schema-restored", reason)], entry, payload, name)
    return Reading("ignored")


def _renamed(name: Name, statement: bytes | None) -> tuple[list[Ran], Name | None]:
    """What the job's statement renames of this table, to be run before its entry is applied; and its new name."""
    if statement is None:
        return [], None
    try:
        cursor = Cursor(statement.decode("utf-8", "surrogatepass"), LEXES["bigquery"])
        old, columns, new = _read(cursor)
    except (DdlError, LexisError, UnicodeDecodeError):
        return [], None  # a script, or broken off: the entry itself says how the table stands
    if old is None:
        return [], None
    before = (*name[:-1], old[-1])
    target = (*name[:-1], new[-1]) if new else None
    if name not in (before, target):
        return [], None
    actions = [f"RENAME COLUMN IF EXISTS {_quoted((one,))} TO {_quoted((other,))}" for one, other in columns]
    sql = [f"ALTER TABLE IF EXISTS {_quoted(before)} {', '.join(actions)}"] if actions else []
    if target is not None:
        sql.append(f"ALTER TABLE IF EXISTS {_quoted(before)} RENAME TO {_quoted(target)}")
    return [Ran(one, name[:-1], "bigquery") for one in sql], target


def _read(cursor: Cursor) -> tuple[Name | None, list[tuple[str, str]], Name | None]:
    """The table of an ALTER TABLE, its columns' renames and its own."""
    if not cursor.take("ALTER", "TABLE"):
        return None, [], None
    cursor.take("IF", "EXISTS")
    old, columns, new = cursor.qualified(), [], None
    while not cursor.done:
        if cursor.take("RENAME", "COLUMN"):
            cursor.take("IF", "EXISTS")
            column = cursor.name()
            cursor.need("TO")
            columns.append((column, cursor.name()))
        elif cursor.take("RENAME", "TO"):
            new = cursor.qualified()
        elif cursor.sees("ALTER|CREATE|DROP", "TABLE|VIEW|SCHEMA"):
            raise cursor.lost("a statement alone is expected")
        else:
            cursor.next()
    return old, columns, new
