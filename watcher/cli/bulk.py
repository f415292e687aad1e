"""Bulk: JSON Lines in, JSON Lines out; as many answers as lines, in their order, whatever the lines hold."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NoReturn

import orjson

from watcher.cli import json_text
from watcher.cli.request import Refusal, Request
from watcher.model.errors import SchemaError, WatcherError

Answer = dict[str, Any]
Solve = Callable[[Request], Answer]
"""What one request comes to; raises Refusal or a WatcherError, which become the line's error."""

MAX_LINE = 32 * 1024 * 1024
"""Bytes of one line. A schema has a tenth of that at most; what is longer is passed over unread, and answered so."""

CHUNK = 64 * 1024
"""Bytes of one read: what a pipe holds."""


def answer_lines(source: BinaryIO, target: BinaryIO, solve: Solve) -> None:
    """Answer every line, and flush before each wait for more: who sends one line gets its answer at once."""
    for batch in _batches(source):
        target.writelines(_answer(line, solve) for line in batch)
        target.flush()


def _batches(source: BinaryIO) -> Iterator[list[bytes | None]]:
    """The lines that each read completes; None for one that is too long. Holds one line at most."""
    read: Callable[[int], bytes] = getattr(source, "read1", source.read)
    held = _Held()
    while chunk := read(CHUNK):
        *ends, rest = chunk.split(b"\n")
        if ends:
            held.add(ends[0])
            yield [held.taken(), *ends[1:]]
        held.add(rest)
    if held.size:
        yield [held.taken()]


class _Held:
    """The line that is still coming in."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def add(self, part: bytes) -> None:
        """More of it."""
        self.size += len(part)
        if self.size > MAX_LINE:
            self._parts.clear()
        elif part:
            self._parts.append(part)

    def taken(self) -> bytes | None:
        """The whole of it; None where it is too long."""
        whole = b"".join(self._parts) if self.size <= MAX_LINE else None
        self._parts.clear()
        self.size = 0
        return whole


def _answer(line: bytes | None, solve: Solve) -> bytes:
    request_id: Any = None
    try:
        if line is None:
            _refuse("too-large", f"the line has more than {MAX_LINE} bytes")
        document = _parsed(line)
        if not isinstance(document, dict):
            _refuse("invalid-request", f"a request is a JSON object, not {_kind_of(document)}")
        request_id = document.get("id")
        if isinstance(request_id, float | list | dict):
            request_id = _exact_id(line, request_id)
        result = {"id": request_id, **solve(Request(document))}
    except Refusal as error:
        result = _error(request_id, error.kind, str(error))
    except SchemaError as error:
        result = _error(request_id, error.kind, str(error))
    except WatcherError as error:
        result = _error(request_id, "undecidable", str(error))
    except RecursionError:
        result = _error(request_id, "too-deep", "the schema is nested too deeply to be judged")
    except MemoryError:
        result = _error(request_id, "too-large", "the schema does not fit into memory")
    except Exception as error:  # noqa: BLE001 - one line's fault is that line's answer; the others go on
        told = f"a fault of the watcher's own ({type(error).__name__}: {error}): please report it with this line"
        result = _error(request_id, "internal-error", told)
    return json_text.line(result) + b"\n"


def _parsed(line: bytes) -> Any:
    line = line.removeprefix(codecs.BOM_UTF8)
    if not line.strip():
        _refuse("malformed-json", "the line is empty")
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return _parsed_slowly(line, error)


def _parsed_slowly(line: bytes, first: orjson.JSONDecodeError) -> Any:
    """What only the standard library takes, such as a lone surrogate; or the reason why nobody takes the line."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        _refuse("not-utf-8", f"the line is not UTF-8 at byte {error.start + 1}")
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        _refuse("too-deep", "the line is nested too deeply")
    except ValueError:
        _refuse("malformed-json", f"the line is not JSON: {first.msg} at character {first.colno}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _exact_id(line: bytes, otherwise: Any) -> Any:
    """An id as it was written, however deep in it a number beyond 64 bits stands: the quick parser rounds it."""
    try:
        return json.loads(line)["id"]
    except (ValueError, RecursionError):
        return otherwise


def _error(request_id: Any, kind: str, message: str) -> Answer:
    return {"id": request_id, "error": {"kind": kind, "message": message}}


def _kind_of(document: object) -> str:
    kinds = {list: "a list", str: "a text", bool: "a truth value", int: "a number", float: "a number"}
    return kinds.get(type(document), "null")


def _refuse(kind: str, message: str) -> NoReturn:
    raise Refusal(kind, message)
