"""A script applied to a catalogue, statement by statement: each gives its effects, or says why it was not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from watcher.formats.sql.alter import alter
from watcher.formats.sql.catalogue import Catalogue, DdlError, Name
from watcher.formats.sql.classes import sensitivity, tag_on
from watcher.formats.sql.containers import database
from watcher.formats.sql.create import create
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.drop import drop, set_place, use
from watcher.formats.sql.effects import Applied, Effect, Outcome, Unreadable
from watcher.formats.sql.lexis import LexisError
from watcher.formats.sql.others import alter_other, comment
from watcher.formats.sql.rename import exchange, rename, sp_rename
from watcher.formats.sql.select_into import select_into
from watcher.formats.sql.split import MAX_STATEMENT, Statement, statements
from watcher.formats.sql.undrop import flashback, undrop
from watcher.formats.sql.views import followed

_CODE = frozenset({"BEGIN", "DECLARE", "DO", "IF", "EXEC", "EXECUTE", "SELECT", "WITH"})
_SHAPELESS = frozenset({"TRUNCATE", "RESTORE", "UNSET", "ADD"})


def run(script: str, catalogue: Catalogue) -> Iterator[Outcome]:
    """Every statement of a script that may change a shape, applied in order."""
    for statement in statements(script, catalogue.lexis):
        rest: Statement | None = statement
        while rest is not None:
            outcome, rest = _apply(rest, catalogue)
            yield outcome


def _apply(statement: Statement, catalogue: Catalogue) -> tuple[Outcome, Statement | None]:
    """One statement applied, and the next where no semicolon is between; where it is unreadable, nothing is."""
    try:
        if len(statement.text) > MAX_STATEMENT:
            reason = f"the statement has more than {MAX_STATEMENT} characters"
            return Unreadable(statement, reason, kind="too-large"), None
        cursor = Cursor(statement.text, catalogue.lexis)
        effects = _applied(cursor, catalogue)
        done = Applied(statement, (*effects, *followed(catalogue, effects)))
        return done, _next(statement, cursor)
    except DdlError as error:
        return Unreadable(statement, str(error), _touched(statement, catalogue), error.kind), None
    except LexisError as error:
        return Unreadable(statement, str(error), None, "too-large"), None
    except RecursionError:
        reason = "the statement is nested too deeply"
        return Unreadable(statement, reason, _touched(statement, catalogue), "too-deep"), None


def _next(statement: Statement, cursor: Cursor) -> Statement | None:
    """T-SQL needs no semicolon between statements, and other scripts forget it."""
    if not cursor.sees("CREATE|ALTER|DROP", "TABLE|VIEW|OR|UNIQUE"):
        return None
    start = cursor.peek().start
    return Statement(statement.text[start:], statement.line + statement.text.count("\n", 0, start))


def _applied(cursor: Cursor, catalogue: Catalogue) -> list[Effect]:
    while cursor.take("(") or cursor.take(";"):
        pass
    word = cursor.next().upper
    if word in ("SET", "UNSET") and cursor.sees("TAG", "ON"):
        return tag_on(cursor, catalogue, off=word == "UNSET")
    if word in ("ADD", "DROP") and cursor.sees("SENSITIVITY"):
        return sensitivity(cursor, catalogue, off=word == "DROP")
    if word == "RESTORE" and cursor.lexis.name == "databricks":
        raise DdlError("the columns of the version that is restored are not known here", kind="not-known")
    if word in ("SELECT", "WITH") and (made := select_into(cursor)) is not None:
        return create(Cursor(made, catalogue.lexis).past(1), catalogue)
    if word == "SP_RENAME" or (word in ("EXEC", "EXECUTE") and _is_rename(cursor)):
        return sp_rename(cursor, catalogue)
    known = _VERBS.get(word)
    if known is not None:
        return known(cursor, catalogue)
    if word in _CODE:
        _require_no_ddl(cursor, word)
    elif word not in _SHAPELESS:
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
    plain = " ".join(cursor.source.upper().split())
    ddl = word not in ("SELECT", "WITH") and any(
        f"{verb} {kind}" in plain for verb in ("CREATE", "ALTER", "DROP") for kind in ("TABLE", "VIEW", "OR REPLACE")
    )
    if ddl:
        raise DdlError(f"{word}: DDL inside of code is not followed")


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
        if cursor.take("TABLE|VIEW|ON|INTO"):
            cursor.take("IF", "NOT", "EXISTS")
            cursor.take("IF", "EXISTS")
            cursor.take("ONLY")
            cursor.take("COLUMN")
            return cursor.qualified()
        cursor.next()
    return None


_VERBS: Mapping[str, Callable[[Cursor, Catalogue], list[Effect]]] = {
    "ALTER": _altered,
    "COMMENT": comment,
    "CREATE": create,
    "DATABASE": use,
    "DROP": drop,
    "EXCHANGE": exchange,
    "FLASHBACK": flashback,
    "RENAME": rename,
    "REPLACE": _replaced,
    "SET": set_place,
    "UNDROP": undrop,
    "USE": use,
}
