"""The consumer's own reader schema, from a file or in the contract; read at once, so that a broken one is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from watcher.formats.read import read_schema
from watcher.model.errors import ConfigurationError, Undecidable
from watcher.model.schema import Format, Schema, SchemaText

LoadFile = Callable[[str], str]
ParseReader = Callable[[SchemaText], Schema]


def reader_schema(
    format_: str, written: str | dict[str, Any] | list[Any], source: str, load: LoadFile, parse: ParseReader | None
) -> tuple[SchemaText, str]:
    """The schema's text, and where it stands; raises ConfigurationError where it cannot be had or read."""
    if isinstance(written, str) and not _is_schema(written):
        text, origin = _loaded(written, load), written
    else:
        text, origin = written if isinstance(written, str) else json.dumps(written), source
    schema = SchemaText(Format(format_.upper()), text)
    try:
        (parse or read_schema)(schema)
    except Undecidable as error:
        raise ConfigurationError(f"the reader schema in `{origin}` cannot be read: {error}") from None
    return schema, origin


def _is_schema(written: str) -> bool:
    """Whether a text is the schema itself, not a file's name: JSON, or statements."""
    return written.lstrip().startswith(("{", "[", '"')) or (";" in written and "=" in written)


def _loaded(name: str, load: LoadFile) -> str:
    try:
        return load(name)
    except UnicodeDecodeError:
        raise ConfigurationError(f"the file `{name}` is not UTF-8") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"the file `{name}` cannot be read: {reason}") from None
