"""Options that several commands share, said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

FormatOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--schema-format", metavar="FORMAT", help="avro, json, protobuf or sql; otherwise by the file's ending."
    ),
]
ReferenceOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--reference", metavar="NAME=FILE", help="A schema that the others refer to by this name; repeatable."
    ),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
BulkOption: TypeAlias = Annotated[
    bool, typer.Option("--bulk", help="Read JSON Lines on standard input, answer each with one line, in order.")
]
ConfigOption: TypeAlias = Annotated[
    Path, typer.Option("--config", "-c", metavar="FILE", envvar="WATCHER_CONFIG", help="The settings file.")
]
MaybeConfigOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        envvar="WATCHER_CONFIG",
        help="Settings that name the folders and the short namespaces.",
    ),
]
LedgerOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--ledger", metavar="URL", help="The ledger's URL, instead of the one in the settings file."),
]
GoOption: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="TOKEN", envvar="WATCHER_GO", help="The token of an announced change that all agreed to."),
]
GoKeyOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE|URL", help="The public key that it is verified with; a daemon's own if none is named."),
]
ProposedOption: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option(
        "--contracts",
        metavar="FOLDER",
        help="Contracts and domains to try, instead of the settings' own; repeatable.",
    ),
]

CONFIG = Path("watcher.yaml")
"""The settings file that is taken when none is named."""
