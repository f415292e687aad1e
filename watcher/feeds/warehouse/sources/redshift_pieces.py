"""Statements put together from rows that hold a piece each, whatever order and how often the rows come.

No row says that it is the last. A statement is taken for whole when all its pieces from the first on are there, and

- the row says how many there are (`chunks`), or
- the last piece is shorter than a row can hold, and what stands so far has all brackets and quotes closed, or
- it stands so closed, its last piece as long as a row, and a later statement of the same session begins, or
- rows that began a minute later are heard.

What is not whole by then is told as a blind spot. So is a statement that goes on after it was taken for whole: a piece
may end in spaces by chance, which cannot be told from the padding. All is kept in the feed's memory, bounded.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from watcher.feeds.warehouse.facts import Memory, Name

MAX_OPEN = 64
"""Statements that are not whole yet; of more, the oldest is given up."""
MAX_TEXT = 256 * 1024
"""Bytes of one statement in pieces."""
MAX_PIECES = 2_000
"""Rows of one statement."""
MAX_DONE = 2_000
"""Statements remembered as told, so that a row that comes again says nothing."""
PATIENCE = 60_000
"""Milliseconds, by the rows' own times, that a statement waits for its pieces."""

_OPEN, _PIECE, _DONE = "pieces", "piece|", "whole|"
_ALL = 1_000_000_000
_QUOTED = re.compile(
    r"'(?:[^'\\]|\\.|'')*+'|\"(?:[^\"]|\"\")*+\"|--[^\n]*|/\*(?:[^*]|\*(?!/))*+\*/|[()'\"]|/\*", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Statement:
    """Whose text a row holds; `start` orders statements, `at` is when it took effect, in milliseconds."""

    key: str
    session: str
    start: int | None = None
    at: int | None = None
    by: str | None = None
    query: str | None = None
    place: Name = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """One row's text; `size` is how many bytes a row holds, `counted` how many rows there are, where that is told."""

    sequence: int
    text: str
    size: int
    counted: int | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """A statement that nothing more is awaited of; `trouble` is why its text is not to be run."""

    id: str
    statement: Statement
    text: str
    trouble: str | None = None


@dataclass(slots=True)
class _Open:
    """A statement that is not whole yet; `pieces` are the bytes of each row that is there, without what pads it."""

    statement: Statement
    size: int
    counted: int | None = None
    pieces: dict[int, int] = field(default_factory=dict)

    @classmethod
    def from_kept(cls, kept: dict[str, Any]) -> _Open:
        statement = Statement(**{**kept["statement"], "place": tuple(kept["statement"]["place"])})
        return cls(statement, kept["size"], kept["counted"], dict(kept["pieces"]))

    def kept(self) -> dict[str, Any]:
        return {**asdict(self), "pieces": list(self.pieces.items())}

    @property
    def is_connected(self) -> bool:
        return len(self.pieces) == max(self.pieces) + 1

    @property
    def may_be_whole(self) -> bool:
        if self.counted is not None:
            return self.is_connected and len(self.pieces) >= self.counted
        return self.is_connected and self.pieces[max(self.pieces)] < self.size

    @property
    def is_too_large(self) -> bool:
        return sum(self.pieces.values()) > MAX_TEXT or len(self.pieces) > MAX_PIECES


class Pieces:
    """The statements whose pieces are being gathered."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        kept = memory.get(_OPEN)
        self._open: dict[str, _Open] = (
            {key: _Open.from_kept(one) for key, one in orjson.loads(kept).items()} if kept else {}
        )

    def knows(self, key: str) -> bool:
        """Whether pieces of the statement came before."""
        return key in self._open or _DONE + key in self._memory

    def whole(self, statement: Statement) -> bool:
        """Take note of a statement that came in one; whether it was told before."""
        if _DONE + statement.key in self._memory:
            return True
        gathered = self._open.pop(statement.key, None)
        if gathered is not None:
            self._forget(statement.key, gathered)
            self._keep()
        self._done(statement, _ALL, "")
        return False

    def take(self, statement: Statement, piece: Piece) -> list[Finished]:
        """Take a piece in; what is finished with it, the oldest first."""
        found = self.passed(statement, begins=piece.sequence == 0)
        key = statement.key
        done = self._memory.get(_DONE + key)
        if done is not None:
            return found + self._again(statement, piece, *orjson.loads(done)[1:])
        gathered = self._open.setdefault(key, _Open(statement, piece.size))
        if piece.sequence not in gathered.pieces:
            self._memory[f"{_PIECE}{key}|{piece.sequence}"] = piece.text.encode()
            gathered.pieces[piece.sequence] = len(piece.text.rstrip(" ").encode())
        gathered.counted = piece.counted or gathered.counted
        if gathered.is_too_large:
            found.append(self._ended(key, f"it has more than {MAX_TEXT:,} bytes or {MAX_PIECES:,} rows"))
        elif gathered.may_be_whole and (gathered.counted or is_closed(self._text(key))):
            found.append(self._ended(key))
        if len(self._open) > MAX_OPEN:
            oldest = min(self._open, key=lambda one: self._open[one].statement.start or 0)
            found.append(self._over(oldest))
        self._keep()
        return found

    def passed(self, statement: Statement, *, begins: bool) -> list[Finished]:
        """What a row of another statement shows to be over; `begins`: it is the first of that statement."""
        now = statement.start
        found: list[Finished] = []
        for key, gathered in list(self._open.items()):
            start = gathered.statement.start
            if key == statement.key:
                continue
            if now is not None and start is not None and now - start >= PATIENCE:
                found.append(self._over(key))
            elif (
                begins
                and gathered.statement.session == statement.session
                and (start or 0) <= (now or 0)
                and gathered.counted is None
                and gathered.is_connected
                and is_closed(self._text(key))
            ):
                found.append(self._ended(key))
        if found:
            self._keep()
        return found

    def _over(self, key: str) -> Finished:
        """A statement of which no more comes: whole as far as can be told, or not."""
        gathered = self._open[key]
        if gathered.is_connected and gathered.counted is None and is_closed(self._text(key)):
            return self._ended(key)
        return self._ended(key, "rows of this statement are missing, or its end is")

    def _ended(self, key: str, trouble: str | None = None) -> Finished:
        text = self._text(key)
        gathered = self._open.pop(key)
        self._forget(key, gathered)
        self._done(gathered.statement, max(gathered.pieces) + 1 if trouble is None else _ALL, text)
        return Finished(key if trouble is None else f"{key}/incomplete", gathered.statement, text, trouble)

    def _again(self, statement: Statement, piece: Piece, heard: int, begin: str) -> list[Finished]:
        """A row of a statement that was told: it comes twice, or it was not whole."""
        if piece.sequence < heard or not piece.text.strip():
            return []
        self._done(statement, _ALL, begin)
        trouble = "this statement was taken for whole before this row of it came, and was run without it"
        return [Finished(f"{statement.key}/continued", statement, begin, trouble)]

    def _text(self, key: str) -> str:
        """The text as far as it is there; a piece that lost its padding on the way gets it again."""
        gathered = self._open[key]
        parts = (self._memory.get(f"{_PIECE}{key}|{sequence}", b"") for sequence in sorted(gathered.pieces))
        return (
            b"".join(part.ljust(gathered.size)[: gathered.size] for part in parts).decode(errors="replace").rstrip(" ")
        )

    def _forget(self, key: str, gathered: _Open) -> None:
        for sequence in gathered.pieces:
            self._memory.pop(f"{_PIECE}{key}|{sequence}", None)

    def _done(self, statement: Statement, heard: int, text: str) -> None:
        self._memory[_DONE + statement.key] = orjson.dumps([statement.start or 0, heard, text[:200]])
        done = [key for key in self._memory if key.startswith(_DONE)]
        if len(done) > MAX_DONE:
            done.sort(key=lambda one: orjson.loads(self._memory[one])[0])
            for key in done[: MAX_DONE // 10]:
                del self._memory[key]

    def _keep(self) -> None:
        if self._open:
            self._memory[_OPEN] = orjson.dumps({key: one.kept() for key, one in self._open.items()})
        else:
            self._memory.pop(_OPEN, None)


def is_closed(text: str) -> bool:
    """Whether no bracket and no quote of a text stands open, so that it may end here."""
    depth = 0
    for match in _QUOTED.finditer(text.replace("\\n", "\n")):
        mark = match.group()
        if mark in ("'", '"', "/*"):
            return False
        depth += (mark == "(") - (mark == ")")
    return depth <= 0 and text.rstrip()[-1:] not in ("", ",", ".", "=")
