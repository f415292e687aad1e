"""Schemas as a call names them: files with references beside them, or texts of which the same come again and again."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path

from watcher.cli.request import References
from watcher.formats.read import READABLE, read_schema
from watcher.model.errors import SchemaError, UsageError
from watcher.model.schema import Format, Schema, SchemaText

REMEMBERED = 512
"""Schemas that are kept read: neighbouring lines of a bulk call speak of the same ones."""

MEMORABLE = 16 * 1024
"""Characters of the longest text that is kept read: with the above, it bounds what a bulk call may hold."""

_SUFFIXES = {".avsc": Format.AVRO, ".json": Format.JSON, ".proto": Format.PROTOBUF, ".sql": Format.SQL}


def read_text(text: str, format_: Format, references: References, side: str) -> Schema:
    """The schema of a text; an error names the side that it stands on."""
    read = _remembered if len(text) + sum(len(one) for _, one in references) <= MEMORABLE else _read
    try:
        return read(text, format_, references)
    except SchemaError as error:
        raise SchemaError(f"{side}: {error}", kind=error.kind) from error


def require_readable(format_: Format) -> None:
    """Refuse a format that cannot be judged yet, before anything else is looked at."""
    if format_ not in READABLE:
        known = ", ".join(sorted(READABLE))
        raise SchemaError(f"{format_.value} schemas cannot be judged yet: only {known}", kind="unsupported-format")


def file_text(path: Path) -> str:
    """The text of a file; `-` is standard input."""
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SchemaError(f"{path}: not UTF-8 at byte {error.start + 1}", kind="not-utf-8") from error


def read_file(path: Path, format_: Format, references: References = ()) -> Schema:
    """The schema of a file."""
    return read_text(file_text(path), format_, references, str(path))


def format_of(named: str | None, path: Path) -> Format:
    """The format that was named, or the one that the file's name shows; Avro where neither says it."""
    if named is None:
        return _SUFFIXES.get(path.suffix.lower(), Format.AVRO)
    try:
        return Format(named.upper())
    except ValueError:
        known = ", ".join(one.value.lower() for one in Format)
        raise UsageError(f"--format {named}: known are {known}") from None


def referenced(given: list[str]) -> References:
    """References as `name=file` words."""
    pairs = []
    for word in given:
        name, equals, file = word.partition("=")
        if not (name and equals and file):
            raise UsageError(f"--reference {word}: write NAME=FILE, such as shop.Money=money.avsc")
        pairs.append((name, file_text(Path(file))))
    return tuple(pairs)


def _read(text: str, format_: Format, references: References) -> Schema:
    if not references:
        return read_schema(SchemaText(format_, text))
    try:
        return read_schema(SchemaText(format_, text, references))
    except SchemaError:
        # The references of a call are those of all its schemas; one that holds such a type itself does without them.
        try:
            return read_schema(SchemaText(format_, text))
        except SchemaError:
            pass
        raise


_remembered = lru_cache(maxsize=REMEMBERED)(_read)
