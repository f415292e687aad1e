"""Snowflake: rows of QUERY_HISTORY (the statements) and of ACCESS_HISTORY (which object a statement changed).

A statement's text says all; an access row has no types, so that it mostly only touches its table. Whichever of the two
comes first for a query is taken, and the other passed over: applied twice, a statement would not fit its tables.
"""

from __future__ import annotations

import re

from watcher.feeds.warehouse.facts import Blind, Fact, Gone, Memory, Name, Ran, Reading, Renamed, Swapped, Touched
from watcher.feeds.warehouse.sources.rows import Row, first, inner, lowered, millis, parsed, read, text, unreadable
from watcher.model.dataset import RawRecord

MAX_TEXT = 100_000
"""Characters of a statement that QUERY_HISTORY keeps; one that is as long was cut."""
MAX_QUERIES = 5_000
"""Queries whose kind of row is remembered, so that the other kind says nothing more."""
MAX_OBJECTS = 1_000
MAX_NAME = 2_000
"""Characters of a name: three parts of 255, all of them doubled quotes, have three quarters of it."""

_DDL = re.compile(r"(?:CREATE|ALTER|DROP|RENAME|RESTORE|UNDROP|COMMENT|SWAP|REPLACE)", re.IGNORECASE)
_ASIDE = re.compile(
    r"_(?:SESSION|USER|ROLE|WAREHOUSE|ACCOUNT|STAGE|TASK|PIPE|STREAM|SEQUENCE|FUNCTION|PROCEDURE|INTEGRATION|SHARE"
    r"|FILE_FORMAT|NETWORK_POLICY|RESOURCE_MONITOR|PASSWORD_POLICY|SESSION_POLICY)\b",
    re.IGNORECASE,
)
"""Kinds of query about what is no table; ALTER SESSION alone is every tenth query."""
_PART = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_NAMED = re.compile(
    rf"\b(?:TABLE|VIEW)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?({_PART}(?:\s*\.\s*{_PART}){{0,2}})", re.IGNORECASE
)
_COMMENT = re.compile(r"--[^\n]*|//[^\n]*|/\*(?:[^*]|\*(?!/))*+\*/")
_PIECE = re.compile(r'\s*+(?:"((?:[^"]|"")*+)"\s*+|([^".]++))(\.|\Z)')
_UNQUOTED = re.compile(r"[^\W\d][\w$]*\Z")
_ZONE = re.compile(r"\s+([+-]\d\d:?\d\d)\Z")
_UNSHAPED = frozenset({"tags", "comment", "rowAccessPolicies", "clusterBy", "owner"})
"""Properties of a table that are none of its columns."""


def decode(record: RawRecord, memory: Memory) -> Reading:
    """One row of either view, its columns' names in any case."""
    found = read(record)
    if isinstance(found, Reading):
        return found
    row = lowered(found)
    sql = text(row.get("query_text"))
    if sql is not None or "query_type" in row or "execution_status" in row:
        return _statement(row, sql, memory)
    if "object_modified_by_ddl" in row:
        return _access(row, memory)
    reason = (
        "the row is neither of QUERY_HISTORY (query_id, query_text, query_type, execution_status, database_name, "
        "schema_name) nor of ACCESS_HISTORY (query_id, object_modified_by_ddl)"
    )
    return unreadable("not-a-row", reason)


def _reading(kind: str, facts: list[Fact], row: Row, memory: Memory, part: str = "") -> Reading:
    """The facts of a row, unless the other kind of row told of its query before."""
    query = text(row.get("query_id"))
    if not facts or (query is not None and not _is_first(memory, query, kind)):
        return Reading("ignored")
    return Reading(
        kind,
        tuple(facts),
        id=f"{query}|{part}" if query and part else query,
        at=_moment(first(row, "end_time", "start_time", "query_start_time")),
        by=text(row.get("user_name")),
        query=query,
    )


def _moment(value: object) -> int | None:
    """A time, also as Snowflake writes it: a space before the zone."""
    return millis(_ZONE.sub(r"\1", value) if isinstance(value, str) and len(value) <= 64 else value)


def _is_first(memory: Memory, query: str, kind: str) -> bool:
    """Whether this kind of row is the one that tells of the query; the ids of queries grow with time."""
    key, mine = f"query|{query}", kind.encode()
    known = memory.get(key)
    if known is None:
        if len(memory) >= MAX_QUERIES:
            for old in sorted(memory)[: MAX_QUERIES // 10]:
                del memory[old]
        memory[key] = mine
    return known in (None, mine)


# Statements.


def _statement(row: Row, sql: str | None, memory: Memory) -> Reading:
    status = text(row.get("execution_status"))
    kind = text(row.get("query_type"))
    if status is not None and status.upper() != "SUCCESS":
        return Reading("ignored")
    if kind is not None and (not _DDL.match(kind) or _ASIDE.search(kind)):
        return Reading("ignored")
    if sql is None:
        if kind is None:
            return unreadable("not-a-row", "the row has neither query_text nor query_type: select both")
        reason = f"a {kind} ran, and the row has no text: select query_text, with a role that may see it"
        return _reading("ddl", [Blind("no-text", reason)], row, memory)
    place = _place(row)
    if len(sql) < MAX_TEXT:
        return _reading("ddl", [Ran(sql, place, "snowflake")], row, memory)
    head = _COMMENT.sub(" ", sql[:4_000])
    if kind is None and not _DDL.match(head.strip()):
        return Reading("ignored")
    reason = f"its statement is longer than the {MAX_TEXT:,} characters that QUERY_HISTORY keeps"
    named = _NAMED.search(head)
    name = _name(named.group(1)) if named else None
    if name is None:
        return _reading("ddl", [Blind("truncated", f"a table's {reason[4:]}: {head.strip()[:80]}")], row, memory)
    return _reading("ddl", [Touched((*place[: 3 - len(name)], *name), reason)], row, memory)


def _place(row: Row) -> Name:
    """The session's database and schema; without a schema no name of one part resolves, so any may stand for it."""
    database, schema = text(row.get("database_name")), text(row.get("schema_name"))
    if database is None:
        return (schema,) if schema else ()
    return (database, schema or "PUBLIC")


def _name(written: str) -> Name | None:
    """A name's parts: what is quoted keeps its case, and may hold dots and doubled quotes."""
    parts: list[str] = []
    at = 0
    if len(written) > MAX_NAME:
        return None
    while found := _PIECE.match(written, at):
        quoted, plain, mark = found.groups()
        if quoted is None:
            plain = plain.strip()
            parts.append(plain.upper() if _UNQUOTED.match(plain) else plain)
        else:
            parts.append(quoted.replace('""', '"'))
        at = found.end()
        if not mark:
            break
    whole = at == len(written) and 1 <= len(parts) <= 3 and all(parts) and not written.rstrip().endswith(".")
    return tuple(parts) if whole else None


# Objects.


def _access(row: Row, memory: Memory) -> Reading:
    value = parsed(row.get("object_modified_by_ddl"))
    objects = value if isinstance(value, list) else [value]
    facts: list[Fact] = []
    parts: list[str] = []
    for one in objects[:MAX_OBJECTS]:
        if isinstance(one, dict) and one:
            told, part = _modified({name: member for name, member in one.items() if isinstance(name, str)})
            facts += told
            parts += [part] if told else []
    if len(objects) > MAX_OBJECTS:
        facts.append(Blind("too-many", f"one row names more than {MAX_OBJECTS:,} objects"))
    return _reading("object-modified", facts, row, memory, "|".join(sorted(set(parts)))[:4_000])


def _modified(one: Row) -> tuple[list[Fact], str]:
    """What one object says, and what tells it from the other objects of the same query."""
    domain = (text(one.get("objectDomain")) or "").upper()
    operation = (text(one.get("operationType")) or "").upper()
    written = text(one.get("objectName")) or ""
    properties = inner(one.get("properties"))
    name = _name(written)
    table = domain.endswith(("TABLE", "VIEW"))
    if not table and domain not in ("SCHEMA", "DATABASE"):
        return [], written
    if name is None:
        return [Blind("no-name", f"the name of a {domain.lower()} cannot be read: {written[:80]!r}")], written
    if not table:
        return _container(domain, operation, name, _value(properties, "objectName")), written
    if operation == "DROP":
        return [Gone(name)], written
    if operation == "UNDROP":
        return [Ran(f"UNDROP TABLE {_quoted(name)}", name[:-1], "snowflake")], written
    if operation != "ALTER":
        what = {"REPLACE": "replaced", "CREATE": "created"}.get(operation, "changed")
        return [Touched(name, f"it was {what}, and ACCESS_HISTORY tells no columns")], written
    other = _value(properties, "swapTargetName")
    if other is not None:
        # Snowflake writes a row for either table.
        low, high = sorted((name, other))
        return [Swapped(low, high)], f"swap|{_quoted(low)}|{_quoted(high)}"
    after = _value(properties, "objectName")
    facts: list[Fact] = [Renamed(name, after)] if after is not None else []
    columns = inner(properties.get("columns"))
    if columns:
        facts += _columns(after or name, columns)
    elif not facts and (not properties or properties.keys() - _UNSHAPED):
        facts.append(Touched(name, "it was altered, and ACCESS_HISTORY does not say how"))
    return facts, written


def _columns(name: Name, columns: Row) -> list[Fact]:
    """Columns come without their types, and at times under their type's name: only what tags them is told."""
    facts: list[Fact] = []
    changed: list[str] = []
    for column, value in columns.items():
        what = inner(value)
        if "subOperationType" in what or not what.keys() & {"tags", "maskingPolicies"}:
            changed.append(column)
            continue
        for tag, told in inner(what.get("tags")).items():
            facts += _tagged(name, column, tag, inner(told))
    if changed:
        listed = ", ".join(changed[:5]) + (" and more" if len(changed) > 5 else "")
        return [Touched(name, f"columns changed ({listed[:200]}), and ACCESS_HISTORY tells no types")]
    return facts


def _tagged(name: Name, column: str, tag: str, told: Row) -> list[Fact]:
    label, field = _name(tag), _name(column)
    if label is None or field is None or len(field) != 1:
        return [Touched(name, "a tag was set or unset, whose name or column's name cannot be read")]
    value = (_text_value(told, "tagValue") or "").replace("\\", "\\\\").replace("'", "''")
    unset = (text(told.get("subOperationType")) or "").upper() == "DROP"
    action = f"UNSET TAG {_quoted(label)}" if unset else f"SET TAG {_quoted(label)} = '{value}'"
    return [Ran(f"ALTER TABLE {_quoted(name)} MODIFY COLUMN {_quoted(field)} {action}", name[:-1], "snowflake")]


def _container(domain: str, operation: str, name: Name, after: Name | None) -> list[Fact]:
    """A schema or database: what was in it goes and moves with it."""
    if operation in ("DROP", "REPLACE"):
        return [Ran(f"DROP {domain} IF EXISTS {_quoted(name)}", name[:-1], "snowflake")]
    if operation == "ALTER" and after is not None:
        return [Ran(f"ALTER {domain} {_quoted(name)} RENAME TO {_quoted(after)}", name[:-1], "snowflake")]
    if operation == "UNDROP":
        return [Ran(f"UNDROP {domain} {_quoted(name)}", name[:-1], "snowflake")]
    return []


def _value(properties: Row, member: str) -> Name | None:
    written = _text_value(properties, member)
    return _name(written) if written else None


def _text_value(properties: Row, member: str) -> str | None:
    """Properties stand as `{"value": …}`, now and then bare."""
    value = properties.get(member)
    return text(value.get("value")) if isinstance(value, dict) else text(value)


def _quoted(name: Name) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in name)
