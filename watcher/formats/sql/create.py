"""CREATE TABLE, VIEW, INDEX and TYPE: what each adds to the catalogue.

Longer than 300 lines: the forms of CREATE TABLE share their tail, which no platform writes like another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from watcher.formats.sql.catalogue import Catalogue, Column, DdlError, Name, Table
from watcher.formats.sql.containers import copied, make_container
from watcher.formats.sql.create_other import new_domain, new_type, unique_index
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.effects import Effect
from watcher.formats.sql.elements import Elements, element, elements
from watcher.formats.sql.key_text import Key
from watcher.formats.sql.keys import keyed
from watcher.formats.sql.likes import like
from watcher.formats.sql.selects import columns_of, read_select
from watcher.formats.sql.words import BEFORE_KIND, NOT_TABLES, TRANSFORMS

_QUERIES = frozenset({"SELECT", "WITH", "VALUES", "TABLE", "FROM"})
_LOOSENING = frozenset({"postgres", "redshift", "duckdb", "sqlite", "databricks", "trino", "athena"})
"""Platforms where a table that is made of a SELECT takes no NOT NULL from what is selected."""

_LASTING = frozenset({"TEMP", "TEMPORARY", "PRIVATE", "VOLATILE"})


@dataclass(frozen=True, slots=True)
class _Head:
    name: Name
    replace: bool
    unless: bool
    temporary: bool


def create(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """One CREATE."""
    replacing = cursor.take("OR", "REPLACE|ALTER|REFRESH")
    temporary = False
    while True:
        if cursor.take("ALGORITHM|DEFINER"):
            cursor.need("=")
            cursor.expression(frozenset({"SQL", "VIEW", "DEFINER", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT"}))
        elif cursor.take("SQL", "SECURITY"):
            cursor.next()
        elif cursor.peek().upper in BEFORE_KIND and not _is_kind(cursor):
            temporary |= cursor.next().upper in _LASTING
        else:
            break
    word = cursor.next().upper
    if word == "TABLE":
        return _table(cursor, catalogue, _head(cursor, replacing=replacing, temporary=temporary))
    if word == "VIEW" and not cursor.sees("LOG", "ON"):
        return _view(cursor, catalogue, _head(cursor, replacing=replacing, temporary=temporary))
    if word == "UNIQUE":
        return unique_index(cursor, catalogue)
    if word == "TYPE":
        return new_type(cursor, catalogue)
    if word == "DOMAIN":
        return new_domain(cursor, catalogue)
    if word in ("SCHEMA", "DATABASE", "CATALOG"):
        return make_container(cursor, catalogue, replacing=replacing)
    if word in NOT_TABLES or word in ("LOG", "VIEW"):
        return []
    raise cursor.lost(f"CREATE {word or '…'} is not understood")


def _is_kind(cursor: Cursor) -> bool:
    """Whether a word that a table may have before its kind is itself what is made: an event, a column's key."""
    return cursor.sees("SET|ROW", "POLICY") or (cursor.sees("EVENT|COLUMN") and cursor.peek(1).upper != "TABLE")


def _head(cursor: Cursor, *, replacing: bool, temporary: bool) -> _Head:
    unless = cursor.take("IF", "NOT", "EXISTS")
    token = cursor.peek()
    name = cursor.qualified()
    unless |= cursor.take("IF", "NOT", "EXISTS")
    return _Head(name, replacing, unless, temporary or token.text.startswith("#"))


def _table(cursor: Cursor, catalogue: Catalogue, head: _Head) -> list[Effect]:
    before = catalogue.find(head.name)
    if before is not None and head.unless:
        return []
    if before is not None and not head.replace and not head.temporary and not before.temporary:
        raise DdlError(f"the table {catalogue.called(head.name)} is there already")
    try:
        made = _made(cursor, catalogue, Table(catalogue.full(head.name), temporary=head.temporary))
    except DdlError as error:
        _held_in_part(catalogue, head, before, error)
        raise
    if before is not None:
        made = replace(made, name=before.name)
    after = catalogue.put(_kept_ids(catalogue, before, made))
    if before is not None and cursor.lexis.name == "snowflake":
        catalogue.dropped.keep([before])
    return [Effect(made.name, before, after)]


def _held_in_part(
    catalogue: Catalogue, head: _Head, before: Table | None, error: DdlError, view: Table | None = None
) -> None:
    """A table that is made of what cannot be told is there all the same: what names it later is not off."""
    if error.kind == "not-understood":
        return
    name = catalogue.full(head.name) if before is None else before.name
    catalogue.put(replace(view or Table(name, temporary=head.temporary), name=name, partial=True))


def _kept_ids(catalogue: Catalogue, before: Table | None, made: Table) -> Table:
    """A replaced table's columns are the same ones to whoever reads them by name."""
    ids = {catalogue.column_key(one.name): one.id for one in before.columns} if before else {}
    return replace(
        made, columns=tuple(replace(one, id=ids.get(catalogue.column_key(one.name), 0)) for one in made.columns)
    )


def _made(cursor: Cursor, catalogue: Catalogue, table: Table) -> Table:
    if cursor.take("ON", "CLUSTER"):
        cursor.next()
    if (
        cursor.take("LIKE")
        or cursor.take("CLONE|COPY")
        or (cursor.sees("SHALLOW|DEEP", "CLONE") and cursor.take("SHALLOW|DEEP", "CLONE"))
    ):
        cursor.take("AS")
        return _copied(cursor, catalogue, table)
    if cursor.take("PARTITION", "OF"):
        return _copied(cursor, catalogue, table)
    if cursor.sees("AS") and cursor.peek(1).kind in ("word", "name") and cursor.peek(1).upper not in _QUERIES:
        cursor.next()
        return _copied(cursor, catalogue, table)
    if cursor.sees("(", "LIKE") and cursor.lexis.name in ("mysql", "mariadb"):
        cursor.next()
        cursor.next()
        return _copied(cursor, catalogue, table)
    if cursor.lexis.name == "snowflake" and cursor.take("CLUSTER", "BY"):  # the order in which GET_DDL prints it
        cursor.take("LINEAR")
        cursor.group()
    names: Name = ()
    found = Elements()
    start = cursor.at
    if cursor.sees("(") and not cursor.sees("(", "SELECT|WITH|("):
        names = _only_names(cursor)
        if not names:
            found = elements(cursor, catalogue.types)
    listed = cursor.at > start
    if names and cursor.lexis.name == "sqlite" and "SELECT" not in {cursor.peek().upper, cursor.peek(1).upper}:
        cursor.at, names = start, ()
        found = elements(cursor, catalogue.types)
    table = _filled(found, table, catalogue)
    return _tail(cursor, catalogue, table, names, listed=listed)


def _only_names(cursor: Cursor) -> Name:
    """Column names alone in brackets, as before `AS SELECT`; empty where there is more."""
    start, names = cursor.at, []
    cursor.need("(")
    while cursor.peek().kind in ("word", "name") and cursor.peek(1).text in (",", ")"):
        names.append(cursor.name())
        if cursor.take(")"):
            return tuple(names)
        cursor.next()
    cursor.at = start
    return ()


def _filled(found: Elements, table: Table, catalogue: Catalogue) -> Table:
    columns: list[Column] = []
    likes = {at: (catalogue.need(name), options) for at, name, options in found.likes}
    keys: list[Key] = []
    for at in range(len(found.columns) + 1):
        if at in likes:
            taken, more = like(*likes[at], catalogue.lexis.name)
            columns.extend(taken)
            keys.extend(more)
        if at < len(found.columns):
            columns.append(found.columns[at].column)
    table = replace(table, columns=tuple(columns))
    for key in [*keys, *(key for one in found.columns for key in one.keys), *found.keys]:
        table = keyed(table, key, catalogue)
    return table


def _copied(cursor: Cursor, catalogue: Catalogue, table: Table) -> Table:
    """A table with the columns and keys of the one that is named next."""
    made = copied(catalogue.need(cursor.qualified()), table.name)
    if cursor.sees("AT|BEFORE", "("):
        raise DdlError("a copy of an earlier state, whose columns are not known here", kind="not-inferred")
    return replace(made, temporary=table.temporary, view=False)


def _tail(cursor: Cursor, catalogue: Catalogue, table: Table, names: Name, *, listed: bool) -> Table:
    """What follows the brackets: most says how a table is kept, some of it what columns there are."""
    while not (cursor.done or _begins_another(cursor)):
        if (
            cursor.sees("AS|IGNORE|REPLACE", "SELECT|WITH|(|VALUES|TABLE|FROM|IGNORE|REPLACE")
            or cursor.sees("SELECT")
            or cursor.sees("(", "SELECT|WITH|(")
        ):
            cursor.take("IGNORE|REPLACE")
            cursor.take("AS")
            select = cursor.source[cursor.peek().start :]
            cursor.while_(lambda _: True)
            return _selected(catalogue, table, _loosened(columns_of(select, catalogue), catalogue), names)
        if cursor.take("PARTITIONED", "BY") and cursor.sees("(") and not listed_only(cursor):
            table = _partitioned(cursor, catalogue, table)
        elif cursor.take("INHERITS"):
            for name in _qualifieds(cursor):
                inherited = tuple(replace(one, id=0) for one in catalogue.need(name).columns)
                table = replace(table, columns=inherited + table.columns)
        elif cursor.sees("CLONE|LIKE") and not listed:
            cursor.next()
            return _copied(cursor, catalogue, table)
        elif cursor.lexis.name == "sqlite" and cursor.take("WITHOUT", "ROWID"):
            keys = set(table.primary_key)
            table = replace(
                table,
                columns=tuple(replace(one, nullable=one.nullable and one.name not in keys) for one in table.columns),
            )
        elif cursor.take("PRIMARY", "KEY") and cursor.sees("("):
            table = replace(table, primary_key=cursor.names())
        elif cursor.sees("("):
            cursor.group()
        elif cursor.sees(")"):
            raise cursor.lost("a bracket does not fit")
        else:
            cursor.next()
    if names or (not listed and not table.columns):
        raise DdlError(
            "a table without columns: they are kept elsewhere, or inferred by the platform", kind="not-inferred"
        )
    return table


def _loosened(columns: list[Column], catalogue: Catalogue) -> list[Column]:
    return [replace(one, nullable=True) for one in columns] if catalogue.lexis.name in _LOOSENING else columns


def _begins_another(cursor: Cursor) -> bool:
    """Whether another statement begins here: the semicolon before it was left away."""
    if cursor.lexis.name == "sqlserver" and cursor.sees("SELECT|INSERT|UPDATE|DELETE|EXEC|SET|PRINT|IF"):
        while not (cursor.done or cursor.sees("CREATE|ALTER|DROP", "TABLE|VIEW|OR|UNIQUE")):
            cursor.next()
        return True
    return cursor.sees("CREATE|ALTER|DROP", "TABLE|VIEW") or cursor.sees("CREATE", "OR")


def listed_only(cursor: Cursor) -> bool:
    """Whether the brackets hold names or expressions alone, of columns that are there already."""
    start = cursor.at
    names = _only_names(cursor)
    cursor.at = start
    return bool(names) or any(
        cursor.peek(ahead).text == "(" and cursor.peek(ahead - 1).upper in TRANSFORMS for ahead in range(2, 12)
    )


def _partitioned(cursor: Cursor, catalogue: Catalogue, table: Table) -> Table:
    found = Elements()
    cursor.need("(")
    while not cursor.take(")"):
        element(cursor, catalogue.types, found)
        cursor.take(",")
    return replace(table, columns=table.columns + tuple(one.column for one in found.columns))


def _qualifieds(cursor: Cursor) -> list[Name]:
    cursor.need("(")
    found = []
    while not cursor.take(")"):
        found.append(cursor.qualified())
        cursor.take(",")
    return found


def _selected(catalogue: Catalogue, table: Table, found: list[Column], names: Name) -> Table:
    if names:
        if len(names) != len(found):
            raise DdlError(f"{len(names)} names are given for {len(found)} columns")
        found = [replace(one, name=name) for one, name in zip(found, names, strict=True)]
    own = {catalogue.column_key(one.name) for one in table.columns}
    return replace(
        table, columns=table.columns + tuple(one for one in found if catalogue.column_key(one.name) not in own)
    )


def _view(cursor: Cursor, catalogue: Catalogue, head: _Head) -> list[Effect]:
    before = catalogue.find(head.name)
    if before is not None and head.unless:
        return []
    if before is not None and not head.replace and not before.temporary:
        raise DdlError(f"the view {catalogue.called(head.name)} is there already")
    names: list[str] = []
    if cursor.take("ON", "CLUSTER"):
        cursor.next()
    found = Elements()
    if cursor.sees("("):
        names = _view_names(cursor, catalogue, found)
    while not cursor.done and not cursor.sees("AS", "SELECT|WITH|(|VALUES|TABLE|FROM") and not cursor.sees("SELECT"):
        cursor.group() if cursor.sees("(") else cursor.next()
    table = Table(catalogue.full(head.name) if before is None else before.name, view=True, temporary=head.temporary)
    if found.columns:
        table = replace(table, columns=tuple(one.column for one in found.columns))
    else:
        cursor.take("AS")
        read = read_select(cursor.source[cursor.peek().start :], catalogue, tuple(names))
        table = replace(table, select=read.select if read.select.reads else None)
        if read.error is not None:
            _held_in_part(catalogue, head, before, read.error, table)
            raise read.error
        table = _selected(catalogue, table, list(read.columns), tuple(names))
    return [Effect(table.name, before, catalogue.put(_kept_ids(catalogue, before, table)))]


def _view_names(cursor: Cursor, catalogue: Catalogue, found: Elements) -> list[str]:
    """A view's column names; each may have a comment or constraint, and ClickHouse's have types."""
    if cursor.lexis.name == "clickhouse" and cursor.peek(2).text != ",":
        found.columns.extend(elements(cursor, catalogue.types).columns)
        return []
    names = []
    cursor.need("(")
    while not cursor.take(")"):
        if cursor.sees("CONSTRAINT|PRIMARY|UNIQUE|FOREIGN"):
            cursor.until(",", ")")
        else:
            names.append(cursor.name())
            cursor.until(",", ")")
        if cursor.done:
            raise cursor.lost("a closing bracket is expected")
        cursor.take(",")
    return names
