"""`watcher compat`: whether one schema reads what another wrote, exactly as the format and the registry define it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from watcher.cli import breaking, json_text
from watcher.cli.bulk import answer_lines
from watcher.cli.failure import BREAKING
from watcher.cli.options import BulkOption, FormatOption, JsonOption, ReferenceOption
from watcher.cli.request import Request
from watcher.cli.schemas import format_of, read_file, read_text, referenced, require_readable
from watcher.compat.levels import check, judge
from watcher.model.compatibility import Incompatibility, Level, Policy
from watcher.model.errors import UsageError
from watcher.model.protobuf import Category
from watcher.model.schema import Format, Schema


def compat(
    schemas: Annotated[
        list[Path] | None,
        typer.Argument(metavar="OLD... NEW", help="The versions so far, oldest first, and the new one."),
    ] = None,
    *,
    level: Annotated[
        str,
        typer.Option(
            metavar="LEVEL", help="One of the registry's seven levels, or FILE, PACKAGE, WIRE_JSON, WIRE for protobuf."
        ),
    ] = "BACKWARD",
    reader: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Instead of OLD and NEW: this schema reads …")
    ] = None,
    writer: Annotated[Path | None, typer.Option(metavar="FILE", help="… what this one wrote.")] = None,
    format_: FormatOption = None,
    policy: Annotated[
        Policy,
        typer.Option(
            metavar="POLICY", case_sensitive=False, help="STRICT or LENIENT: how JSON Schema's open objects are read."
        ),
    ] = Policy.STRICT,
    reference: ReferenceOption = None,
    json_: JsonOption = False,
    bulk: BulkOption = False,
) -> None:
    """Whether the new schema may be registered under a compatibility level.

    Examples:
      watcher compat order-v1.avsc order-v2.avsc
      watcher compat v1.avsc v2.avsc v3.avsc --level FULL_TRANSITIVE --json
      watcher compat --reader consumer.avsc --writer order-v2.avsc
      watcher compat v1.json v2.json --policy LENIENT
      watcher compat proto/v1 proto/v2 --level WIRE
      watcher compat --bulk < pairs.jsonl > verdicts.jsonl

    A line of --bulk:
      {"id": 1, "format": "AVRO", "level": "BACKWARD", "old": "<text>", "new": "<text>"}
    and its answer:
      {"id": 1, "compatible": false, "incompatibilities": [{"kind", "path", "message"}]}
    `old` may be a list, oldest first; `references` is [{"name", "schema"}]; `policy` is STRICT or
    LENIENT (JSON); with the level READER_WRITER there are `reader` and `writer` instead. Under
    FILE, PACKAGE, WIRE_JSON and WIRE `old` and `new` may be objects of file names and texts
    (PROTOBUF), and each incompatibility has its `rule` and `file`. A line that cannot be judged is answered with
    {"id", "error": {"kind", "message"}}; an empty line is such a line.

    Exit code: 0 compatible, 1 not, 3 a schema cannot be read. With --bulk: 0 when every
    line was answered, whatever the answers.
    """
    if bulk:
        answer_lines(sys.stdin.buffer, sys.stdout.buffer, solve)
        return
    category = breaking.category_of(level)
    if category is not None:
        if any(not one.is_dir() and format_of(format_, one) is not Format.PROTOBUF for one in schemas or []):
            raise UsageError(f"--level {category} is for protobuf: name .proto files, or folders of them")
        _breaking(category, schemas or [], reference or [], as_json=json_)
        return
    paths, level_ = schemas or [], _level(level)
    if reader is not None or writer is not None:
        if reader is None or writer is None or paths:
            raise UsageError("--reader and --writer name one file each, and no other file goes with them")
        paths, level_ = [writer, reader], Level.READER_WRITER
    elif level_ is Level.READER_WRITER:
        raise UsageError("for one reader against one writer say which is which: --reader FILE --writer FILE")
    if len(paths) < 2:
        raise UsageError("name at least two schemas, the old one first: watcher compat OLD NEW (or --bulk)")
    format_taken = format_of(format_, paths[-1])
    references = referenced(reference or [])
    *old, new = [read_file(path, format_taken, references) for path in paths]
    found = _found(level_, old, new, policy)
    _print(found, level_, paths, as_json=json_)
    if found:
        raise typer.Exit(BREAKING)


def solve(request: Request) -> dict[str, Any]:
    """One line's verdict."""
    format_ = request.format()
    require_readable(format_)
    category = breaking.category_of(request.text("level")) if format_ is Format.PROTOBUF else None
    if category is not None:
        return breaking.solve(request, category)
    level = request.word("level", Level)
    policy = request.word("policy", Policy, Policy.STRICT)
    references = request.references(format_)
    if level is Level.READER_WRITER:
        writer = read_text(request.schema("writer", format_), format_, references, "writer")
        reader = read_text(request.schema("reader", format_), format_, references, "reader")
        found = check(reader, writer, policy)
    else:
        texts = request.versions("old", format_)
        sides = ["old"] if len(texts) == 1 else [f"old[{at}]" for at in range(len(texts))]
        old = [read_text(text, format_, references, side) for text, side in zip(texts, sides, strict=True)]
        new = read_text(request.schema("new", format_), format_, references, "new")
        found = judge(level, old, new, partial(check, policy=policy))
    return {"compatible": not found, "incompatibilities": [_document(one) for one in found]}


def _breaking(category: Category, paths: Sequence[Path], reference: list[str], *, as_json: bool) -> None:
    """Two protobuf files, or two folders of them, under the rules of a category."""
    if len(paths) != 2:
        raise UsageError(f"--level {category} takes two protobuf files or folders, the old one first")
    was, now = (breaking.texts_at(path) for path in paths)
    found = breaking.compare(category, was, now, referenced(reference), (str(paths[0]), str(paths[1])))
    if as_json:
        document = {"compatible": not found, "incompatibilities": [breaking.document(one) for one in found]}
        print(json_text.page(document))
    else:
        _print(found, category, paths, as_json=False)
    if found:
        raise typer.Exit(BREAKING)


def _found(level: Level, old: Sequence[Schema], new: Schema, policy: Policy) -> Sequence[Incompatibility]:
    return judge(level, old, new, partial(check, policy=policy))


def _level(word: str) -> Level:
    try:
        return Level(word.upper())
    except ValueError:
        raise UsageError(f"--level {word}: known are {', '.join(Level)}") from None


def _document(one: Incompatibility) -> dict[str, str]:
    return {"kind": one.kind, "path": one.path, "message": one.message}


def _print(found: Sequence[Incompatibility], level: Level | Category, paths: Sequence[Path], *, as_json: bool) -> None:
    if as_json:
        document = {"compatible": not found, "incompatibilities": [_document(one) for one in found]}
        print(json_text.page(document))
        return
    from rich.text import Text  # noqa: PLC0415 - machines that want JSON do not pay for it

    from watcher.cli.screen import console, safe  # noqa: PLC0415

    out = console()
    verdict = ("incompatible", "bold red") if found else ("compatible", "bold green")
    out.print(Text.assemble(verdict, f" under {level}: ", safe(" → ".join(str(path) for path in paths))))
    for one in found:
        out.print(Text.assemble("  ", (safe(one.kind), "red"), f"  {safe(one.path) or '/'}  {safe(one.message)}"))
