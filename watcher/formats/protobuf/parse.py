"""Parsing: a protobuf text with all that it imports, compiled and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from watcher.formats.protobuf.canonical import canonical
from watcher.formats.protobuf.compiler import compile_files
from watcher.formats.protobuf.describe import describe
from watcher.model.protobuf import File
from watcher.model.schema import Schema

MAIN = "schema.proto"
"""What a text is called that has no name of its own: a registry knows it by its subject."""


def parse(text: str, references: Sequence[tuple[str, str]] = ()) -> Schema:
    """The canonical schema of a protobuf text; `references` are (import path, text).

    Total: raises SchemaError, and nothing else, for whatever is no schema.
    """
    imports = dict(references)
    main = MAIN
    while main in imports:
        main = f"main-{main}"
    files = read_files({main: text}, imports)
    return canonical(main, files)


def read_files(files: Mapping[str, str], imports: Mapping[str, str] | None = None) -> dict[str, File]:
    """Files by name, read together: those given, and all that they import from each other or from `imports`."""
    return {file.name: file for file in describe(compile_files(files, imports or {}))}
