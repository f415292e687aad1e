"""`watcher ddl`: what a script of SQL does to the tables it builds, statement by statement; nothing is run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from watcher.cli import json_text
from watcher.cli.bulk import answer_lines
from watcher.cli.failure import UNDECIDED
from watcher.cli.options import BulkOption, JsonOption
from watcher.cli.request import Refusal, Request
from watcher.cli.schemas import file_text
from watcher.cli.scripts import catalogue_for, changes_of, table_document, told_unread, unread_document
from watcher.formats.sql.effects import Unreadable
from watcher.formats.sql.interpret import run
from watcher.formats.sql.lexis import lexis
from watcher.model.errors import UsageError


def ddl(
    script: Annotated[Path | None, typer.Argument(metavar="FILE", help="A script of SQL; - is standard input.")] = None,
    *,
    dialect: Annotated[str | None, typer.Option(metavar="NAME", help="The SQL dialect of the script.")] = None,
    json_: JsonOption = False,
    bulk: BulkOption = False,
) -> None:
    """What each statement of a script changes, from an empty catalogue on. Nothing is run.

    Examples:
      watcher ddl --dialect postgres schema.sql
      watcher ddl --dialect mysql dump.sql --json
      watcher ddl --bulk < scripts.jsonl > tables.jsonl

    A line of --bulk:
      {"id": 1, "dialect": "mysql", "steps": ["<sql>", …]}
    and its answer:
      {"id": 1, "tables": {name: {"columns": [{"name", "type", "nullable", "default", "position"}],
       "primary_key": [name]}}, "unreadable": [{"step", "line", "table", "kind", "reason", "statement"}]}

    Exit code: 0 when everything was read; 3 when a statement was not. With --bulk: 0 when
    every line was answered, whatever the answers.
    """
    if bulk:
        answer_lines(sys.stdin.buffer, sys.stdout.buffer, solve)
        return
    if script is None or dialect is None:
        raise UsageError("name a script and its dialect: watcher ddl --dialect postgres schema.sql (or --bulk)")
    steps, unread = _steps(file_text(script), dialect)
    if json_:
        print(json_text.page({"statements": steps, "unreadable": unread}))
    else:
        _print_steps(steps)
        if unread:
            print(told_unread(unread), file=sys.stderr)
    if unread:
        raise typer.Exit(UNDECIDED)


def solve(request: Request) -> dict[str, Any]:
    """One line's tables."""
    dialect = request.text("dialect")
    if lexis(dialect) is None:
        raise Refusal("unknown-dialect", f"`dialect` is {dialect[:60]!r}, which is not known")
    unread: list[dict[str, Any]] = []
    catalogue = catalogue_for(dialect)
    for number, step in enumerate(request.texts("steps")):
        outcomes = run(step, catalogue)
        unread += [{"step": number, **unread_document(one)} for one in outcomes if isinstance(one, Unreadable)]
    tables = {name: table_document(table) for name, table in catalogue.tables().items() if not table.partial}
    return {"tables": tables, "unreadable": unread}


def _steps(text: str, dialect: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    catalogue = catalogue_for(dialect)
    steps: list[dict[str, Any]] = []
    unread: list[dict[str, Any]] = []
    for outcome in run(text, catalogue):
        if isinstance(outcome, Unreadable):
            unread.append(unread_document(outcome))
        elif changes := changes_of(outcome, catalogue):
            steps.append({"line": outcome.statement.line, "changes": changes})
    return steps, unread


def _print_steps(steps: list[dict[str, Any]]) -> None:
    from watcher.cli.changes import print_changes  # noqa: PLC0415 - machines that want JSON do not pay for rich

    for step in steps:
        by_table: dict[str, list[dict[str, Any]]] = {}
        for change in step["changes"]:
            by_table.setdefault(change["dataset"], []).append(change)
        for table, changes in by_table.items():
            because = changes[0].get("because")
            print(f"line {step['line']}: {table}" + (f" (because of {because})" if because else ""))
            print_changes(changes, indent="  ")
