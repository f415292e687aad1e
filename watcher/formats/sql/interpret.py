"""A script applied to a catalogue, statement by statement: each gives its effects, or says why it was not read."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.formats.sql.alter import alter
from watcher.formats.sql.catalogue import Catalogue, DdlError, Name
from watcher.formats.sql.classes import sensitivity, tag_on
from watcher.formats.sql.create import create
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.drop import database, drop, rename, set_place, sp_rename, use
from watcher.formats.sql.effects import Applied, Effect, Outcome, Unreadable
from watcher.formats.sql.lexis import LexisError
from watcher.formats.sql.others import alter_other, comment
from watcher.formats.sql.split import MAX_STATEMENT, Statement, statements
from watcher.formats.sql.undrop import flashback, undrop
from watcher.formats.sql.views import followed

_CODE = frozenset({"BEGIN", "DECLARE", "DO", "IF", "EXEC", "EXECUTE", "SELECT"})


def run(script: str, catalogue: Catalogue) -> Iterator[Outcome]:
    """Every statement of a script that may change a shape, applied in order."""
    for statement in statements(script, catalogue.lexis):
        yield apply(statement, catalogue)


def apply(statement: Statement, catalogue: Catalogue) -> Outcome:
    """One statement applied; the catalogue is as before where it is Unreadable."""
    if len(statement.text) > MAX_STATEMENT:
        return Unreadable(statement, f"the statement has more than {MAX_STATEMENT} characters", kind="too-large")
    cursor: Cursor | None = None
    try:
        cursor = Cursor(statement.text, catalogue.lexis)
        effects = _applied(cursor, catalogue)
        return Applied(statement, (*effects, *followed(catalogue, effects)))
    except DdlError as error:
        return Unreadable(statement, str(error), _touched(statement, catalogue), error.kind)
    except LexisError as error:
        return Unreadable(statement, str(error), None, "too-large")
    except RecursionError:
        return Unreadable(statement, "the statement is nested too deeply", _touched(statement, catalogue), "too-deep")


def _applied(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    while cursor.take("(") or cursor.take(";"):
        pass
    word = cursor.next().upper
    if word == "CREATE":
        made = create(cursor, catalogue)
        # T-SQL needs no semicolon between statements, and other scripts forget it.
        again = cursor.sees("CREATE|ALTER|DROP", "TABLE|VIEW|OR|UNIQUE")
        return made + (_applied(cursor, catalogue) if again else [])
    return _applied_other(word, cursor, catalogue)


def _applied_other(word: str, cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    match word:
        case "ALTER":
            return _altered(cursor, catalogue)
        case "ADD" | "DROP" if cursor.sees("SENSITIVITY"):
            return sensitivity(cursor, catalogue, off=word == "DROP")
        case "DROP":
            return drop(cursor, catalogue)
        case "RENAME":
            return rename(cursor, catalogue)
        case "COMMENT":
            return comment(cursor, catalogue)
        case "USE" | "DATABASE":
            return use(cursor, catalogue)
        case "SET" | "UNSET" if cursor.sees("TAG", "ON"):
            return tag_on(cursor, catalogue, off=word == "UNSET")
        case "SET":
            return set_place(cursor, catalogue)
        case "REPLACE":
            return _replaced(cursor, catalogue)
        case "UNDROP" | "FLASHBACK":
            return undrop(cursor, catalogue) if word == "UNDROP" else flashback(cursor, catalogue)
        case "RESTORE" if cursor.lexis.name == "databricks":
            raise DdlError("the columns of the version that is restored are not known here", kind="not-known")
        case "EXEC" | "EXECUTE" | "SP_RENAME" if word == "SP_RENAME" or _is_rename(cursor):
            return sp_rename(cursor, catalogue)
    if word in _CODE:
        _require_no_ddl(cursor, word)
    elif word not in ("TRUNCATE", "RESTORE", "UNSET", "ADD"):
        raise DdlError(f"this statement is not known: {word or cursor.source[:20]!r}")
    return []


def _is_rename(cursor: Cursor) -> bool:
    start = cursor.at
    there = cursor.peek().kind in ("word", "name") and cursor.qualified()[-1].lower() == "sp_rename"
    if not there:
        cursor.at = start
    return there


def _replaced(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    """Snowflake and Databricks also write REPLACE TABLE; MySQL's REPLACE writes rows."""
    if not cursor.sees("TABLE"):
        return []
    return create(Cursor(f"CREATE OR {cursor.source}", catalogue.lexis).past(1), catalogue)


def _altered(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    while cursor.take(
        "IGNORE|ONLINE|OFFLINE|FOREIGN|EXTERNAL|ICEBERG|DYNAMIC|HYBRID|MATERIALIZED|EVENT|STREAMING|TRANSIENT"
    ):
        pass
    if cursor.take("TABLE"):
        return alter(cursor, catalogue)
    if cursor.take("DATABASE|SCHEMA|NAMESPACE"):
        return database(cursor, catalogue)
    return alter_other(cursor, catalogue)


def _require_no_ddl(cursor: Cursor, word: str) -> None:
    """Code runs where we cannot follow it; with DDL in it, that is a blind spot."""
    upper = cursor.source.upper()
    into = word == "SELECT" and " INTO " in upper and cursor.lexis.name in ("sqlserver", "postgres", "redshift")
    if into and word == "SELECT":
        into = any(True for _ in _intos(cursor))
    ddl = word != "SELECT" and any(
        f"{verb} {kind}" in " ".join(upper.split())
        for verb in ("CREATE", "ALTER", "DROP")
        for kind in ("TABLE", "VIEW", "OR REPLACE")
    )
    if ddl or into:
        what = (
            "SELECT INTO makes a table that is not followed" if into else f"{word}: DDL inside of code is not followed"
        )
        raise DdlError(what)


def _intos(cursor: Cursor) -> Iterator[None]:
    while not cursor.done:
        if cursor.sees("("):
            cursor.group()
        elif cursor.next().upper == "INTO":
            yield None


def _touched(statement: Statement, catalogue: Catalogue) -> str | None:
    """The table that an unreadable statement names, if that can be told from its first words."""
    try:
        cursor = Cursor(
            statement.text[:2_000].rpartition(" ")[0] + " " if len(statement.text) > 2_000 else statement.text,
            catalogue.lexis,
        )
        name = _first_name(cursor)
    except (DdlError, LexisError):
        return None
    if name is None:
        return None
    found = catalogue.find(name)
    return catalogue.called(found.name if found else catalogue.full(name))


def _first_name(cursor: Cursor) -> Name | None:
    for _ in range(12):
        if cursor.take("TABLE|VIEW|ON"):
            cursor.take("IF", "NOT", "EXISTS")
            cursor.take("IF", "EXISTS")
            cursor.take("ONLY")
            cursor.take("COLUMN")
            return cursor.qualified()
        cursor.next()
    return None
