"""A script cut into its statements, each with its line; what cannot be DDL is passed over without a look inside.

A body of a procedure or trigger stays whole, whatever semicolons stand in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from watcher.formats.sql.lexis import Lexis

MAX_STATEMENT = 8 * 1024 * 1024
"""Characters of one statement that is read; a longer one is told as unreadable."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a script, as written."""

    text: str
    line: int = 1


_WORTH = frozenset(
    {"CREATE", "ALTER", "DROP", "UNDROP", "RENAME", "COMMENT", "USE", "SET", "EXEC", "EXECUTE", "SP_RENAME"}
    | {"BEGIN", "DECLARE", "DO", "IF", "REPLACE", "DATABASE", "SELECT", "TRUNCATE"}
    | {"FLASHBACK", "RESTORE", "ADD", "UNSET", "WITH", "EXCHANGE"}
)
"""First words of what is read; the rest has no shape to change."""

_ASIDE = (
    "INSERT UPDATE DELETE MERGE UPSERT VALUES TABLE COPY PUT GET LIST LS REMOVE RM UNLOAD LOAD EXPORT CALL "
    "GRANT REVOKE DENY ANALYZE ANALYSE VACUUM CLUSTER REINDEX REFRESH OPTIMIZE REPAIR CHECK CHECKSUM FLUSH KILL LOCK "
    "UNLOCK START COMMIT ROLLBACK SAVEPOINT RELEASE END ABORT PREPARE DEALLOCATE DISCARD RESET SHOW DESCRIBE DESC "
    "EXPLAIN PRINT RAISERROR THROW WAITFOR GO DELIMITER SOURCE PRAGMA ATTACH DETACH INSTALL PURGE CHANGE BINLOG "
    "HANDLER NOTIFY LISTEN UNLISTEN FETCH CLOSE OPEN DECLARE MOVE CHECKPOINT SECURITY REASSIGN SYSTEM MSCK "
    "CACHE UNCACHE CLEAR FROM PIVOT UNPIVOT SUMMARIZE FORCE ASSERT WATCH ASSOCIATE DISASSOCIATE AUDIT NOAUDIT "
    "DBCC BACKUP RETURN WHILE ELSE PROMPT REM SPOOL EXIT QUIT TRUNCATE DO HELP XA STOP UNINSTALL SHUTDOWN RESTART "
    "SIGNAL RESIGNAL CANCEL FSCK REORG GENERATE CONVERT DISABLE ENABLE BULK RECONFIGURE REVERT GOTO SAVE RECEIVE "
    "SEND READTEXT WRITETEXT UPDATETEXT ADMINISTER EXISTS USING"
)
_PASSED = frozenset(_ASIDE.split())
"""First words of statements that change no shape."""

_FIRST = re.compile(r"[^\W\d]\w*")
_SPACE = re.compile(r"\s+")
_BODIED = re.compile(
    r"CREATE\s(?:[^;('\"]|'[^']*')*?\b(?:PROCEDURE|PROC|FUNCTION|TRIGGER|EVENT|PACKAGE|TYPE\s+BODY|TASK)\b",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    r"BEGIN\b(?!\s*(?:;|\Z|TRAN|WORK|ISOLATION|READ|NOT|DEFERRABLE|DEFERRED|IMMEDIATE|EXCLUSIVE))|DECLARE\b",
    re.IGNORECASE,
)
_NEST = re.compile(r"\b(BEGIN|CASE|END(?:\s+(?:IF|LOOP|WHILE|REPEAT|FOR)\b)?)\b", re.IGNORECASE)
_COPY = re.compile(r"COPY\b[^;]*\bFROM\s+STDIN\b", re.IGNORECASE)
_COPIED = re.compile(r"^\\\.\s*?$", re.MULTILINE)
_DELIMITER = re.compile(r"DELIMITER[ \t]+(\S+)[^\n]*", re.IGNORECASE)
_LINE = re.compile(r"[^\n]*")
_GO = re.compile(r"^[ \t]*GO(?:[ \t]+\d+)?[ \t]*;?[ \t]*(?:--[^\n]*)?$", re.IGNORECASE | re.MULTILINE)
_SLASH = re.compile(r"^[ \t]*/[ \t]*$", re.MULTILINE)
_CLIENT = re.compile(
    r"(?:PROMPT|REM|REMARK|SPOOL|WHENEVER|SET\s+(?:ECHO|DEFINE|SERVEROUTPUT|FEEDBACK|SCAN))\b[^\n]*", re.IGNORECASE
)
_NEXT = re.compile(
    r"^[ \t]*(?=(?:CREATE|ALTER|DROP)\s+(?:TABLE|VIEW|INDEX|UNIQUE|CLUSTERED|NONCLUSTERED|PROC|PROCEDURE|FUNCTION"
    r"|TRIGGER|SCHEMA|TYPE|OR)\b|EXEC(?:UTE)?\s|INSERT\s+(?:INTO\s|\w)|USE\s|PRINT\s|UPDATE\s+\w|DELETE\s+FROM\s)",
    re.IGNORECASE | re.MULTILINE,
)


def statements(script: str, lexis: Lexis) -> Iterator[Statement]:
    """The statements that may change a shape, in their order."""
    yield from _Splitter(script, lexis).all()


class _Splitter:
    def __init__(self, script: str, lexis: Lexis) -> None:
        self._script = script.removeprefix("\ufeff")
        self._lexis = lexis
        self._delimiter = ";"
        self._unclosed = False
        self._counted = 0
        self._line = 1
        self._batch = -1
        self._walk = (0, 0, 0)
        self._quotes: list[tuple[int, int]] | None = None

    def all(self) -> Iterator[Statement]:
        at, size = 0, len(self._script)
        while (at := self._start(at)) < size:
            first = _FIRST.match(self._script, at)
            word = first.group().upper() if first else ""
            end, after = self._end(at, word)
            if end <= at:
                at = max(after, at + 1)
                continue
            # What is never closed has swallowed all that follows: that is told, whatever the statement was.
            if word in _WORTH or word not in _PASSED or self._unclosed:
                yield Statement(self._script[at:end].rstrip(), self._line_of(at))
            at = after

    def _line_of(self, at: int) -> int:
        self._line += self._script.count("\n", self._counted, at)
        self._counted = at
        return self._line

    def _start(self, at: int) -> int:
        """Where the next statement begins: past spaces, comments and what only a client reads."""
        while True:
            before = at
            if space := _SPACE.match(self._script, at):
                at = space.end()
            if (aside := self._lexis.skipped.match(self._script, at)) and aside.lastgroup != "quoted":
                gap = aside.lastgroup == "gap"
                at = aside.end() if gap or aside.lastgroup == "end" else at
            if self._lexis.versioned and (told := _DELIMITER.match(self._script, at)):
                self._delimiter = told.group(1)
                at = told.end()
            if self._delimiter != ";" and self._script.startswith(self._delimiter, at):
                at += len(self._delimiter)
            if self._script.startswith("\\", at):
                at = _line_end(self._script, at)
            if self._lexis.name == "oracle" and (
                client := _CLIENT.match(self._script, at) or _SLASH.match(self._script, at)
            ):
                at = client.end()
            if self._lexis.name == "sqlserver" and (batch := _GO.match(self._script, at)):
                at = batch.end()
            if at == before:
                return at

    def _end(self, at: int, word: str) -> tuple[int, int]:
        """Where a statement ends, and where what follows it begins."""
        script = self._script
        if self._lexis.dollars and word == "COPY" and _COPY.match(script, at):
            done = _COPIED.search(script, at)
            return (done.end(), done.end()) if done else (len(script), len(script))
        if self._delimiter != ";":
            return self._walked(at, self._delimiter, nested=False)
        bodied = word == "CREATE" and _BODIED.match(script, at) is not None
        block = (
            word in ("BEGIN", "DECLARE") and self._lexis.name != "sqlserver" and _BLOCK.match(script, at) is not None
        )
        if self._lexis.name == "sqlserver":
            limit = self._batch_end(at)
            if bodied:
                return limit, limit
            if not self._walk[0] <= at < self._walk[1]:  # Else another statement ended before its semicolon.
                self._walk = (at, *self._walked(at, ";", nested=False, limit=limit))
                self._quotes = None
            _, end, after = self._walk
            following = self._following(at, end)
            return (following, following) if following else (end, after)
        if (bodied or block) and self._lexis.name == "oracle" and (slash := _SLASH.search(script, at)):
            return slash.start(), slash.end()
        return self._walked(at, ";", nested=bodied or block)

    def _walked(self, at: int, delimiter: str, *, nested: bool, limit: int | None = None) -> tuple[int, int]:
        script = self._script
        end = len(script) if limit is None else limit
        depth, seen = 0, at
        pattern = self._lexis.skipped if delimiter == ";" else _delimited(self._lexis, delimiter)
        client = self._lexis.name == "oracle" and not nested
        free = at
        for match in pattern.finditer(script, at, end):
            # SQL*Plus ends any statement by a line that holds a slash alone; within quotes it is text.
            if client and (slash := _slash(script, free, match.start())):
                return slash
            free = match.end()
            if match.end() == len(script) and match.lastgroup != "end" and self._is_open(match.group()):
                self._unclosed = True
            if nested:
                depth = _deeper(depth, script, seen, match.start())
                seen = match.end()
            if match.lastgroup == "end" and depth <= 0:
                return match.start(), match.end()
        return (client and _slash(script, free, end)) or (end, end)

    def _is_open(self, text: str) -> bool:
        """Whether a quote or comment that the script ends in was never closed."""
        if text.startswith("/*"):
            return not text.endswith("*/")
        return any(token.kind == "open" for token in self._lexis.tokens(text))

    def _batch_end(self, at: int) -> int:
        """Where the batch ends; looked for once a batch."""
        if self._batch < at:
            batch = _GO.search(self._script, at)
            self._batch = batch.start() if batch else len(self._script)
        return self._batch

    def _following(self, at: int, end: int) -> int | None:
        """Where the next statement of a batch begins, for who writes no semicolons."""
        first = _FIRST.match(self._script, at)
        for match in _NEXT.finditer(self._script, first.end() if first else at + 1, end):
            if self._quotes is None:
                found = self._lexis.skipped.finditer(self._script, at, min(end, at + MAX_STATEMENT))
                self._quotes = [one.span() for one in found if one.lastgroup != "end"]
            before = bisect_left(self._quotes, (match.start(), 0)) - 1
            if before < 0 or match.start() >= self._quotes[before][1]:
                return match.start()
        return None


def _delimited(lexis: Lexis, delimiter: str) -> re.Pattern[str]:
    return re.compile(lexis.skipped.pattern.removesuffix("(?P<end>;)") + f"(?P<end>{re.escape(delimiter)})")


def _deeper(depth: int, script: str, start: int, end: int) -> int:
    for match in _NEST.finditer(script, start, end):
        word = match.group(1).upper()
        if word in ("BEGIN", "CASE"):
            # A trigger's own `END CASE` has closed its `CASE` at END; the word after it opens nothing.
            if not (word == "CASE" and script[: match.start()].rstrip()[-3:].upper() == "END"):
                depth += 1
        elif word == "END":
            depth -= 1
    return depth


def _slash(script: str, at: int, end: int) -> tuple[int, int] | None:
    found = _SLASH.search(script, at, end)
    if found is None or script[found.end() : found.end() + 1] not in ("", "\n", "\r"):
        return None
    return found.start(), found.end()


def _line_end(script: str, at: int) -> int:
    match = _LINE.match(script, at)
    return match.end() if match else len(script)
