"""SELECT … INTO t: the statement that makes a table without the word CREATE, told as the CREATE that it stands for."""

from __future__ import annotations

from watcher.formats.sql.cursor import Cursor

_MAKING = frozenset({"sqlserver", "postgres", "redshift"})
_BEFORE_NAME = "TEMPORARY|TEMP|UNLOGGED|LOCAL|GLOBAL"


def select_into(cursor: Cursor) -> str | None:
    """The CREATE TABLE … AS of a SELECT INTO; None where it makes no table. The cursor stands behind its first word."""
    if cursor.lexis.name not in _MAKING:
        return None
    start, first = cursor.at, cursor.peek(-1).start
    while not cursor.done:
        if cursor.sees("("):
            cursor.group()
        elif cursor.sees("INTO") and cursor.peek(-1).upper != "INSERT":
            return _made(cursor, first)
        elif cursor.sees("INSERT|UPDATE|DELETE|MERGE"):
            break  # What follows a WITH writes rows.
        else:
            cursor.next()
    cursor.at = start
    return None


def _made(cursor: Cursor, first: int) -> str | None:
    head = cursor.source[first : cursor.next().start]
    temporary = ""
    while cursor.sees(_BEFORE_NAME):
        temporary = "TEMPORARY " if cursor.next().upper.startswith("TEMP") else temporary
    cursor.take("TABLE")
    name = cursor.peek()
    if name.text.startswith("@"):
        return None  # A variable of the session.
    cursor.qualified()
    written = cursor.source[name.start : cursor.peek(-1).end]
    return f"CREATE {temporary}TABLE {written} AS {head}{cursor.source[cursor.peek(-1).end :]}"
