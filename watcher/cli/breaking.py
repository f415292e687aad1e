"""Breaking changes between two sets of protobuf files: `watcher compat` under FILE, PACKAGE, WIRE_JSON or WIRE."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from watcher.cli.request import References, Request
from watcher.cli.schemas import file_text
from watcher.compat.protobuf import Breach, breaking
from watcher.formats.protobuf import read_files
from watcher.model.errors import SchemaError
from watcher.model.protobuf import Category, File
from watcher.model.schema import Format

REMEMBERED = 64
"""Sets of files that are kept read: neighbouring lines of a bulk call speak of the same ones."""

MEMORABLE = 64 * 1024
"""Characters of the largest set that is kept read."""

NAMELESS = "schema.proto"
"""What a text that comes without a name is called, on both sides."""


def category_of(word: object) -> Category | None:
    """The category that a level's word names, where it names one."""
    return Category(word.upper()) if isinstance(word, str) and word.upper() in Category.__members__ else None


def solve(request: Request, category: Category) -> dict[str, Any]:
    """One line's verdict: each incompatibility with the rule that it breaks, and its file."""
    references = request.references(Format.PROTOBUF)
    was, now = (
        {NAMELESS: one} if isinstance(one, str) else one for one in (request.files("old"), request.files("new"))
    )
    found = compare(category, was, now, references, ("old", "new"))
    return {"compatible": not found, "incompatibilities": [document(one) for one in found]}


def compare(
    category: Category,
    was: Mapping[str, str],
    now: Mapping[str, str],
    references: References = (),
    sides: tuple[str, str] = ("the old files", "the new files"),
) -> tuple[Breach, ...]:
    """What breaks between two sets of texts by file name; both may import what `references` hold."""
    before, after = _files(was, references, sides[0]), _files(now, references, sides[1])
    return breaking(category, before, after, (was, now))


def document(breach: Breach) -> dict[str, str]:
    """A breach for machines."""
    path = breach.path or breach.file
    return {"kind": breach.kind, "rule": breach.kind, "file": breach.file, "path": path, "message": breach.message}


def texts_at(path: Path) -> dict[str, str]:
    """The protobuf files of a folder, by their paths in it; or one file by itself."""
    if not path.is_dir():
        return {NAMELESS: file_text(path)}
    return {one.relative_to(path).as_posix(): file_text(one) for one in sorted(path.rglob("*.proto")) if one.is_file()}


def _files(texts: Mapping[str, str], references: References, side: str) -> Mapping[str, File]:
    size = sum(map(len, texts.values())) + sum(len(text) for _, text in references)
    read = _remembered if size <= MEMORABLE else _read
    try:
        return read(tuple(texts.items()), references)
    except SchemaError as error:
        raise SchemaError(f"{side}: {error}", kind=error.kind) from error


def _read(texts: tuple[tuple[str, str], ...], references: References) -> Mapping[str, File]:
    return read_files(dict(texts), dict(references))


_remembered = lru_cache(maxsize=REMEMBERED)(_read)
