"""What Debezium's `ddl` says beside the tables that it lists: views, renames, whole databases that go.

The connectors list tables as they stand after a statement, so its text is only read for what no listing can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from watcher.feeds.warehouse.facts import Name
from watcher.formats.sql.catalogue import DdlError
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.lexis import LEXES, Lexis, LexisError
from watcher.formats.sql.split import statements

MAX_DDL = 8 * 1024 * 1024
"""Characters of a `ddl` that is read."""
_WORDS = 40
"""Words before a statement's kind of object: a view may say who made it, and how it is kept."""
_KINDS = frozenset(["TABLE", "TABLES", "VIEW", "DATABASE", "SCHEMA"])
_OTHER = frozenset(
    {
        "INDEX",
        "PROCEDURE",
        "FUNCTION",
        "TRIGGER",
        "EVENT",
        "USER",
        "ROLE",
        "TABLESPACE",
        "SERVER",
        "SEQUENCE",
        "PACKAGE",
    }
)

_SPOKEN = {"mysql": "mysql", "mariadb": "mariadb", "sqlserver": "sqlserver"}


def spoken(connector: str) -> Lexis:
    """How a connector's statements are written; Oracle's way is the nearest to what the others have."""
    return LEXES[_SPOKEN.get(connector, "oracle")]


def renames(ddl: str, lexis: Lexis) -> Iterator[tuple[Name, Name]]:
    """The tables that a text gives another name: the old one and the new one, each with the parts that it writes."""
    if "TO" not in ddl.upper() and "RENAME" not in ddl.upper():
        return
    for text in [ddl] if len(ddl) <= MAX_DDL else []:
        try:
            for statement in statements(text, lexis):
                yield from _renamed(Cursor(statement.text, lexis))
        except (DdlError, LexisError):
            return


def _renamed(cursor: Cursor) -> Iterator[tuple[Name, Name]]:
    if cursor.take("ALTER"):
        cursor.take("ONLINE|OFFLINE|IGNORE")
        if not cursor.take("TABLE"):
            return
        cursor.take("IF", "EXISTS")
        before = cursor.qualified()
        while not cursor.done:
            if cursor.take("RENAME") and not cursor.sees("COLUMN|INDEX|KEY|CONSTRAINT|PARTITION"):
                cursor.take("TO|AS") or cursor.take("=")
                yield before, cursor.qualified()
            else:
                cursor.until(",") or cursor.next()
                cursor.take(",")
                if cursor.sees("RENAME"):
                    continue
        return
    if cursor.take("RENAME"):
        cursor.take("TABLE|TABLES")
        cursor.take("IF", "EXISTS")
    # MySQL's connector gives one clause of a RENAME TABLE alone: `a TO b`.
    while not cursor.done:
        before = cursor.qualified()
        cursor.need("TO")
        yield before, cursor.qualified()
        if not cursor.take(","):
            return


def views(ddl: str, lexis: Lexis) -> Iterator[str]:
    """The statements of a text that make, change or drop views: no connector lists those."""
    if "VIEW" in ddl.upper():
        yield from _kept(ddl, lexis, lambda _verb, kind, _name: kind == "VIEW")


def unlisted(ddl: str, lexis: Lexis, *, concerns: Callable[[str, Name], bool]) -> Iterator[str]:
    """The statements of a text for which the connector lists no table, and which may change a shape all the same.

    `concerns` says of a verb and a table whether it is among those that the connector captures; what is done to others
    is passed over.
    """

    def kept(verb: str, kind: str, name: Name | None) -> bool:
        if kind in ("TABLE", "TABLES"):
            return name is None or concerns(verb, name)
        return not (kind in ("DATABASE", "SCHEMA") and verb == "CREATE")

    yield from _kept(ddl, lexis, kept)


def _kept(ddl: str, lexis: Lexis, wanted: Callable[[str, str, Name | None], bool]) -> Iterator[str]:
    if len(ddl) > MAX_DDL:
        yield ddl  # too large to be told apart: the interpreter says so
        return
    for statement in statements(ddl, lexis):
        try:
            found = _about(Cursor(statement.text, lexis))
        except (DdlError, LexisError):
            yield statement.text  # the interpreter says why it cannot be read
            continue
        if found is not None and wanted(*found):
            yield statement.text


def _about(cursor: Cursor) -> tuple[str, str, Name | None] | None:
    """What a statement does, to which kind of object, and the first name; None where no shape is meant."""
    verb = cursor.next().upper
    if verb not in ("CREATE", "ALTER", "DROP", "RENAME"):
        return None
    if verb == "RENAME" and not cursor.sees("TABLE|TABLES"):
        return verb, "TABLE", _name(cursor)
    for _ in range(_WORDS):
        word = cursor.next().upper
        if word in _OTHER or cursor.done:
            return None
        if word in _KINDS:
            cursor.take("IF", "NOT", "EXISTS")
            cursor.take("IF", "EXISTS")
            return verb, word, _name(cursor)
    return None


def _name(cursor: Cursor) -> Name | None:
    try:
        return cursor.qualified()
    except DdlError:
        return None
