"""A struct's type text opened into members and closed again: ALTER acts on a field as it does on a column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from watcher.formats.sql.catalogue import Column, DdlError, Name
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.lexis import Lexis
from watcher.formats.sql.type_text import read_column_type, type_text

MAX_FIELDS_DEEP = 32
"""Names of one path."""

_STRUCTS = frozenset({"STRUCT", "ROW", "OBJECT", "TUPLE", "NESTED", "RECORD"})
_WRAPPERS = frozenset({"NULLABLE", "LOWCARDINALITY"})
_CLOSES = {"(": ")", "<": ">"}
_NOT_NULL = re.compile(r"\s*\bNOT\s+NULL\b", re.IGNORECASE)
_PLAIN = re.compile(r"[^\W\d]\w*\Z")


@dataclass(frozen=True, slots=True)
class _Member:
    written: str
    name: str
    between: str
    tail: str
    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A type's members as columns (their ids count them), with the text that stands before and after them."""

    before: str
    after: str
    comma: str
    between: str
    columns: tuple[Column, ...]
    members: tuple[_Member, ...]
    lexis: Lexis
    listed: bool = False
    """ClickHouse's Nested: each member is a list to the outside."""

    def closed(self, columns: tuple[Column, ...]) -> str:
        """The type's text with other members."""
        if not columns:
            raise DdlError("a struct's last field cannot be dropped")
        nameless = bool(self.members) and not self.members[0].name
        if nameless and [one.name for one in columns] != [one.name for one in self.columns]:
            raise DdlError("what a list or a map is made of has no name of its own, and does not come or go")
        return self.before + self.comma.join(self._written(one) for one in columns) + self.after

    def _written(self, column: Column) -> str:
        old = self.columns[column.id - 1] if isinstance(column.id, int) and column.id else None
        if old == column and isinstance(column.id, int):
            return self.members[column.id - 1].written
        member = self.members[column.id - 1] if isinstance(column.id, int) and column.id else None
        tail = _NOT_NULL.sub("", member.tail) if member else ""
        text = column.text
        if self.listed and text.casefold().startswith("array(") and text.endswith(")"):
            text = text[len("array(") : -1]
        name = column.name if _PLAIN.match(column.name) else self.lexis.quoted(column.name)
        if member and (not member.name or column.name == member.name):
            name = member.written[: len(member.written) - len(member.between + member.text + member.tail)]
        between = member.between if member else self.between
        must = "" if column.nullable or self.lexis.name == "clickhouse" else " NOT NULL"
        return f"{name}{between}{text}{must}{tail}"


def opened(text: str, path: Name, leaf: str, lexis: Lexis, types: Mapping[str, str]) -> Opened:
    """The members of what the path leads to, where one of that last name is or may be."""
    if len(path) > MAX_FIELDS_DEEP:
        raise DdlError("the field stands too deep")
    head, inner, tail = _parted(text, lexis)
    word = head.rstrip("(<").strip().upper()
    suffixed = not head or (tail.strip().startswith("[") and tail.strip().endswith("]"))
    first = (path[0] if path else leaf).casefold()
    if suffixed and "[" in text and text.rstrip().endswith("]"):
        at = text.rindex("[")
        rest = path[1:] if path and first == "element" else path
        if not path and first == "element":
            return _made(("", text[:at], text[at:]), lexis, types, named=("element",))
        return _within(opened(text[:at], rest, leaf, lexis, types), "", text[at:])
    if word in _WRAPPERS:
        return _within(opened(inner, path, leaf, lexis, types), head, tail)
    if word == "ARRAY":
        if not path and first == "element":
            return _made((head, inner, tail), lexis, types, named=("element",))
        rest = path[1:] if first == "element" else path
        return _within(opened(inner, rest, leaf, lexis, types), head, tail)
    if word == "MAP":
        return _of_map((head, inner, tail), path, leaf, lexis, types)
    if word not in _STRUCTS:
        raise DdlError(f"the type {text[:60]} has no fields", kind="not-known")
    found = _made((head, inner, tail), lexis, types, listed=word == "NESTED")
    if not path:
        return found
    for at, one in enumerate(found.columns):
        if _key(one.name, lexis) == _key(path[0], lexis):
            deeper = opened(one.text, path[1:], leaf, lexis, types)
            return _inside(found, at, deeper)
    raise DdlError(f"there is no field {path[0]} in {text[:60]}", kind="not-known")


def _of_map(parts: tuple[str, str, str], path: Name, leaf: str, lexis: Lexis, types: Mapping[str, str]) -> Opened:
    found = _made(parts, lexis, types, named=("key", "value"))
    if not path:
        if leaf.casefold() not in ("key", "value"):
            raise DdlError(f"a map has a key and a value, and no {leaf}", kind="not-known")
        return found
    at = 0 if path[0].casefold() == "key" else 1
    if path[0].casefold() not in ("key", "value") or at >= len(found.columns):
        raise DdlError(f"a map has a key and a value, and no {path[0]}", kind="not-known")
    return _inside(found, at, opened(found.columns[at].text, path[1:], leaf, lexis, types))


def _inside(outer: Opened, at: int, inner: Opened) -> Opened:
    """What is opened inside of one member, with all of the others around it."""
    member = outer.members[at]
    name = member.written[: len(member.written) - len(member.between + member.text + member.tail)]
    before = [one.written for one in outer.members[:at]] + [name + member.between]
    after = [member.tail, *(one.written for one in outer.members[at + 1 :])]
    return _within(inner, outer.before + outer.comma.join(before), outer.comma.join(after) + outer.after)


def _within(inner: Opened, before: str, after: str) -> Opened:
    return replace(inner, before=before + inner.before, after=inner.after + after)


def _parted(text: str, lexis: Lexis) -> tuple[str, str, str]:
    """A type's text up to its first bracket, inside of it, and behind it."""
    stack: list[str] = []
    start = 0
    for token in lexis.tokens(text):
        if token.kind != "mark":
            continue
        if token.text in _CLOSES:
            start = start or token.end
            stack.append(_CLOSES[token.text])
        elif stack and token.text == stack[-1]:
            stack.pop()
            if not stack:
                return text[:start], text[start : token.start], text[token.start :]
    return "", text, ""


def _split(inner: str, lexis: Lexis) -> list[str]:
    depth, start, found = 0, 0, []
    for token in lexis.tokens(inner):
        if token.kind != "mark":
            continue
        depth += (token.text in "(<[") - (token.text in ")>]")
        if token.text == "," and depth == 0:
            found.append(inner[start : token.start].strip())
            start = token.end
    last = inner[start:].strip()
    return [*found, last] if last else found


def _made(
    parts: tuple[str, str, str], lexis: Lexis, types: Mapping[str, str], *, named: Name = (), listed: bool = False
) -> Opened:
    head, inner, tail = parts
    members, columns = [], []
    for at, written in enumerate(_split(inner, lexis)):
        cursor = Cursor(written, lexis)
        name = "" if named else cursor.name()
        start = 0 if named else cursor.peek(-1).end
        cursor.take(":")
        begin = cursor.peek().start
        if not type_text(cursor):
            raise cursor.lost("a field's type is expected")
        end = cursor.peek(-1).end
        members.append(_Member(written, name, written[start:begin], written[end:], written[begin:end]))
        text = written[begin:end]
        columns.append(
            Column(
                named[at] if at < len(named) else name,
                text,
                read_column_type(text, lexis.name, types),
                nullable=not _NOT_NULL.search(written[end:]) and lexis.name != "clickhouse",
                id=at + 1,
            )
        )
    between = "" if named else members[0].between if members else ": " if lexis.name == "databricks" else " "
    comma = "," if "," in inner and ", " not in inner else ", "
    return Opened(head, tail, comma, between, tuple(columns), tuple(members), lexis, listed)


def _key(name: str, lexis: Lexis) -> str:
    return name if lexis.exact else name.casefold()
