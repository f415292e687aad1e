"""YAML as a tree that knows where each node was written, so that every mistake can be told with its line and column.

Read as YAML 1.2 reads it: `yes`, `no`, `on`, `off` and dates are text. Keys are always text, as written. Duplicate
keys, tags, merge keys and references into themselves are refused; size, depth and expansion are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from watcher.model.errors import ConfigurationError

MAX_BYTES = 4 * 1024 * 1024
"""A contract takes a few kilobytes, a reader schema within it some more."""
MAX_DEPTH = 200
"""Deeper than a reader schema that is written inline would go; low enough to walk by recursion."""
MAX_DIGITS = 40
"""A longer number is text: nothing here counts that far, and reading it would cost."""
MAX_NODES = 200_000
"""Counted with every alias written out: an alias bomb is refused before it is built."""

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_TEXT_TAGS = frozenset(("!", "tag:yaml.org,2002:str"))

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same events, ten times as fast, where it is built in


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file, counted from one."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A leaf: its value, and its text as written."""

    value: str | int | float | bool | None
    text: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: list[Node]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping; each key with its own place."""

    entries: dict[str, tuple[Mark, Node]]
    mark: Mark


Node: TypeAlias = Scalar | Sequence | Mapping


class YamlError(ConfigurationError):
    """The text is no YAML that we read; `mark` is where."""

    def __init__(self, message: str, mark: Mark) -> None:
        super().__init__(message)
        self.message = message
        self.mark = mark


def parse(text: str | bytes) -> tuple[Node, ...]:
    """The documents of a file, empty ones left out; raises YamlError."""
    if len(text) > MAX_BYTES:
        raise YamlError(f"the file is larger than {MAX_BYTES // 1024 // 1024} MB", Mark(1, 1))
    written = _decode(text) if isinstance(text, bytes) else text
    try:
        documents = tuple(_Builder(yaml.parse(written, Loader=_Loader)).documents())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = ": ".join(part for part in (error.context, error.problem) if part)
        raise YamlError(f"not YAML: {problem}", _mark(mark) if mark else Mark(1, 1)) from None
    except yaml.reader.ReaderError as error:
        # Its position counts characters of the text, or bytes of the C library's copy of it: told as a character.
        raise YamlError(f"not YAML: {error.reason}", _mark_at(written, error.position)) from None
    return tuple(node for node in documents if not (isinstance(node, Scalar) and node.value is None))


def plain(node: Node) -> Any:
    """The node's data without its places."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(one) for one in node.items]
    return {key: plain(value) for key, (_, value) in node.entries.items()}


def place(node: Node, where: tuple[str | int, ...], *, key: bool = False) -> Mark:
    """Where the node at `where` was written, or, with `key`, its key; the nearest node above for what is not there."""
    mark = node.mark
    for number, step in enumerate(where):
        if isinstance(node, Mapping) and step in node.entries:
            key_mark, node = node.entries[str(step)]
            mark = key_mark if key and number == len(where) - 1 else node.mark
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            mark = node.mark
        else:
            break
    return mark


def child(node: Node, step: str | int) -> Node | None:
    """The node below by key or index, None where there is none."""
    if isinstance(node, Mapping) and isinstance(step, str):
        entry = node.entries.get(step)
        return entry[1] if entry else None
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


class _Builder:
    """Builds the tree from the parser's events with a stack of its own, so that depth is ours to bound."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._count = 0

    def documents(self) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors = {}
                yield self._document()

    def _document(self) -> Node:
        open_: list[_Open] = []
        while True:
            event = next(self._events)
            if isinstance(event, yaml.CollectionEndEvent):
                closed = open_.pop()
                node: Node = closed.node
                self._remember(closed.anchor, node, closed.started)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._grow(1, event)
                if len(open_) >= MAX_DEPTH:
                    raise YamlError(f"nested more than {MAX_DEPTH} deep", _mark(event.start_mark))
                open_.append(_Open(_collection(event), event.anchor, self._count))
                continue
            elif isinstance(event, yaml.AliasEvent):
                node = self._alias(event)
            else:
                self._grow(1, event)
                node = _scalar(event)
                self._remember(event.anchor, node, self._count)
            if not open_:
                return node
            open_[-1].add(node)

    def _grow(self, by: int, event: Any) -> None:
        self._count += by
        if self._count > MAX_NODES:
            raise YamlError(f"more than {MAX_NODES} nodes, aliases counted each time", _mark(event.start_mark))

    def _remember(self, anchor: str | None, node: Node, started: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = (node, self._count - started + 1)

    def _alias(self, event: Any) -> Node:
        if event.anchor not in self._anchors:
            raise YamlError(f"the alias `*{event.anchor}` has no complete anchor before it", _mark(event.start_mark))
        node, size = self._anchors[event.anchor]
        self._grow(size, event)
        return node


class _Open:
    """A collection that is still being read; `started` is the count of nodes when it began."""

    def __init__(self, node: Sequence | Mapping, anchor: str | None, started: int) -> None:
        self.node = node
        self.anchor = anchor
        self.started = started
        self._key: Scalar | None = None

    def add(self, node: Node) -> None:
        if isinstance(self.node, Sequence):
            self.node.items.append(node)
        elif self._key is None:
            self._key = self._checked(node, self.node.entries)
        else:
            self.node.entries[self._key.text] = (self._key.mark, node)
            self._key = None

    @staticmethod
    def _checked(key: Node, entries: dict[str, tuple[Mark, Node]]) -> Scalar:
        if not isinstance(key, Scalar):
            raise YamlError("a key must be text, not a list or a mapping", key.mark)
        if key.text == "<<":
            raise YamlError("merge keys (`<<`) are not read: write the keys out", key.mark)
        if key.text in entries:
            raise YamlError(f"the key `{key.text}` stands twice, first in line {entries[key.text][0].line}", key.mark)
        return key


def _collection(event: Any) -> Sequence | Mapping:
    mark = _mark(event.start_mark)
    if event.tag not in (None, "!", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"):
        raise YamlError(f"tags such as `{event.tag}` are not read", mark)
    return Sequence([], mark) if isinstance(event, yaml.SequenceStartEvent) else Mapping({}, mark)


def _scalar(event: Any) -> Scalar:
    mark, text = _mark(event.start_mark), event.value
    if event.tag is not None and event.tag not in _TEXT_TAGS:
        raise YamlError(f"tags such as `{event.tag}` are not read", mark)
    if event.tag is not None or event.style:  # quoted, or a block: always text
        return Scalar(text, text, mark)
    return Scalar(_resolve(text), text, mark)


def _resolve(text: str) -> str | float | bool | None:
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if len(text) > MAX_DIGITS:
        return text
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _decode(text: bytes) -> str:
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = text[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        raise YamlError(f"not UTF-8: byte 0x{text[error.start]:02x}", Mark(line, column)) from None


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)


def _mark_at(text: str, position: int) -> Mark:
    before = text[: max(position, 0)]
    return Mark(before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
