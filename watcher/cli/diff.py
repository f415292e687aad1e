"""`watcher diff`: what changed between two schemas, as facts; whether it matters is for `check` to say."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from watcher.cli import json_text
from watcher.cli.bulk import answer_lines
from watcher.cli.failure import UNDECIDED
from watcher.cli.options import BulkOption, FormatOption, JsonOption, ReferenceOption
from watcher.cli.request import References, Refusal, Request
from watcher.cli.schemas import file_text, format_of, read_file, read_text, referenced, require_readable
from watcher.cli.scripts import differences as script_differences
from watcher.cli.scripts import told_unread
from watcher.diff import diff as differences
from watcher.diff.render import to_json
from watcher.formats.sql.lexis import lexis
from watcher.model.errors import UsageError
from watcher.model.schema import Format, Schema

_KEYS = ("kind", "dataset", "path", "before", "after")
"""What a line's facts have; the JSON form of a single call has more where there is more to say (of a rename)."""


def diff(
    schemas: Annotated[list[Path] | None, typer.Argument(metavar="OLD NEW", help="Two schemas.")] = None,
    *,
    format_: FormatOption = None,
    dialect: Annotated[str | None, typer.Option(metavar="NAME", help="The SQL dialect, for DDL.")] = None,
    dataset: Annotated[
        str | None, typer.Option(metavar="NAME", help="What to call the dataset; the record's name otherwise.")
    ] = None,
    reference: ReferenceOption = None,
    json_: JsonOption = False,
    bulk: BulkOption = False,
) -> None:
    """What changed between two schemas: facts, no judgement.

    Examples:
      watcher diff order-v1.avsc order-v2.avsc
      watcher diff order-v1.avsc order-v2.avsc --json
      watcher diff --bulk < pairs.jsonl > changes.jsonl

    A line of --bulk:
      {"id": 1, "format": "AVRO", "old": "<text>", "new": "<text>"}
    and its answer:
      {"id": 1, "changes": [{"kind", "dataset", "path", "before", "after"}]}
    `old` null or absent: the dataset was created; `new`: it was dropped. A line that cannot be
    compared is answered with {"id", "error": {"kind", "message"}}; an empty line is such a line.

    Scripts of SQL are compared by the tables that they build, with --dialect; what of them cannot
    be read is told under "unreadable", and gives exit code 3.

    Exit code: 0, whether or not there are differences; 3 a schema cannot be read. With
    --bulk: 0 when every line was answered, whatever the answers.
    """
    if dialect is not None and (format_ or "").upper() != Format.SQL:
        raise UsageError("--dialect is for --format sql")
    if bulk:
        answer_lines(sys.stdin.buffer, sys.stdout.buffer, solve)
        return
    if not schemas or len(schemas) != 2:
        raise UsageError("name two schemas, the old one first: watcher diff OLD NEW (or --bulk)")
    format_taken = format_of(format_, schemas[1])
    if format_taken is Format.SQL:
        _diff_scripts(schemas, dialect, json_=json_)
        return
    references = referenced(reference or [])
    before, after = (read_file(path, format_taken, references) for path in schemas)
    changes = _documents(before, after, dataset)
    if json_:
        print(json_text.page({"changes": changes}))
        return
    from watcher.cli.changes import print_changes  # noqa: PLC0415 - machines that want JSON do not pay for rich

    print_changes(changes)


def solve(request: Request) -> dict[str, Any]:
    """One line's facts."""
    format_ = request.format()
    dialect = request.text("dialect", "")
    if format_ is Format.SQL:
        return _solve_scripts(request, dialect)
    require_readable(format_)
    references = request.references(format_)
    before, after = (_side(request, key, format_, references) for key in ("old", "new"))
    if before is None and after is None:
        raise Refusal("invalid-request", "both `old` and `new` are missing: there is nothing to compare")
    changes = _documents(before, after, request.text("dataset", "") or None)
    return {"changes": [{key: one[key] for key in _KEYS} for one in changes]}


def _diff_scripts(paths: Sequence[Path], dialect: str | None, *, json_: bool) -> None:
    if dialect is None:
        raise UsageError("scripts of SQL have a dialect: watcher diff --format sql --dialect postgres OLD NEW")
    old, new = (file_text(path) for path in paths)
    changes, unread = script_differences(old, new, dialect)
    if json_:
        print(json_text.page({"changes": changes, "unreadable": unread}))
    else:
        from watcher.cli.changes import print_changes  # noqa: PLC0415 - machines that want JSON do not pay for rich

        for name in dict.fromkeys(one["dataset"] for one in changes):
            print(name)
            print_changes([one for one in changes if one["dataset"] == name], indent="  ")
        if unread:
            print(told_unread(unread), file=sys.stderr)
    if unread:
        raise typer.Exit(UNDECIDED)


def _solve_scripts(request: Request, dialect: str) -> dict[str, Any]:
    if lexis(dialect) is None:
        raise Refusal("unknown-dialect", f"`dialect` is {dialect[:60]!r}, which is not known")
    old, new = (request.text(key) if request.has(key) else None for key in ("old", "new"))
    if old is None and new is None:
        raise Refusal("invalid-request", "both `old` and `new` are missing: there is nothing to compare")
    changes, unread = script_differences(old, new, dialect)
    return {"changes": [{key: one[key] for key in _KEYS} for one in changes], "unreadable": unread}


def _side(request: Request, key: str, format_: Format, references: References) -> Schema | None:
    return read_text(request.schema(key, format_), format_, references, key) if request.has(key) else None


def _documents(before: Schema | None, after: Schema | None, dataset: str | None) -> Sequence[dict[str, Any]]:
    there = after or before
    name = dataset or (there.name if there else None) or ""
    return [to_json(change, name) for change in differences(before, after)]
