"""`watcher send`: tells a running daemon of DDL that ran, from a script, a pipeline, or a program of one's own."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from watcher.cli import json_text
from watcher.cli.failure import UNDECIDED
from watcher.cli.options import JsonOption
from watcher.cli.schemas import file_text
from watcher.cli.screen import complain, safe
from watcher.model.errors import SchemaError, UsageError

_SAID = ("dialect", "database", "schema", "id", "by", "commit", "baseline")
"""What the command line may say of an event."""


def send(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Scripts of SQL, or events in JSON; - is standard input.")
    ],
    *,
    daemon: Annotated[str, typer.Option(metavar="URL", help="The running daemon.")],
    feed: Annotated[str, typer.Option(metavar="NAME", help="The feed of its settings that they belong to.")],
    dialect: Annotated[
        str | None, typer.Option(metavar="NAME", help="The SQL dialect, where it is not the feed's.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(metavar="NAME", help="Where names live that say no database (catalogue, project).")
    ] = None,
    schema: Annotated[
        str | None, typer.Option(metavar="NAME", help="Where names live that say no schema (dataset).")
    ] = None,
    id_: Annotated[
        str | None,
        typer.Option("--id", metavar="ID", help="The event's own key; otherwise made of what is sent, and --commit."),
    ] = None,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="It only says how things stand already: nobody is judged by it.")
    ] = False,
    by: Annotated[str | None, typer.Option(metavar="WHO", help="Who did it.")] = None,
    commit: Annotated[str | None, typer.Option(metavar="SHA", help="The commit that it was made by.")] = None,
    json_: JsonOption = False,
) -> None:
    """Tell a running daemon of DDL: a script that ran, or tables as they stand now.

    Examples:
      watcher send --daemon http://127.0.0.1:8420 --feed warehouse migrations/0042.sql
      watcher send --daemon http://127.0.0.1:8420 --feed warehouse --baseline schema.sql
      pg_dump --schema-only shop | watcher send --daemon http://127.0.0.1:8420 --feed shop --baseline -
      watcher send --daemon http://127.0.0.1:8420 --feed warehouse --commit "$SHA" event.json

    A file that begins with { is an event as schemas/ddl-change.v1.json describes it. Each file
    is one event, in the order in which they are named. What is sent again is a duplicate and
    changes nothing; a script that is run again on purpose needs another --commit or --id.

    Exit code: 0 when all was taken in, or was before; 2 when the daemon refuses it; 3 when a
    statement was not understood, or nobody answers.
    """
    said = dict(zip(_SAID, (dialect, database, schema, id_, by, commit, baseline or None), strict=True))
    if id_ is not None and len(files) > 1:
        raise UsageError("--id is the key of one event: send the files one by one, or leave it out")
    events = [(str(path), _event(path, feed, said)) for path in files]
    from watcher.cli.daemon_client import send as tell  # noqa: PLC0415 - what is off is told without a client

    answers = []
    for name, event in events:
        answer = {"file": name, "id": event["id"], **tell(daemon, event)}
        answers.append(answer)
        if not json_:
            _print(answer)
    if json_:
        print(json_text.page(answers))
    if any(one["outcome"] == "unreadable" or one["unreadable"] for one in answers):
        raise typer.Exit(UNDECIDED)


def _event(path: Path, feed: str, said: dict[str, Any]) -> dict[str, Any]:
    """The event of a file, with what the command line says of it."""
    text = file_text(path)
    if not text.strip():
        raise UsageError(f"{path} is empty: there is nothing to send")
    event = _document(text, path) if text.lstrip().startswith("{") else {"sql": text}
    given = {key: value for key, value in said.items() if value is not None}
    for key, value in given.items():
        if event.get(key) not in (None, value):
            raise UsageError(f"{path} says `{key}` itself: leave --{key} out")
    event = {**event, **given, "feed": feed}
    if event.get("id") is None:
        event["id"] = _digest(event)
    return event


def _document(text: str, path: Path) -> dict[str, Any]:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise SchemaError(f"{path}: not JSON: {error}", kind="malformed-json") from error
    if not isinstance(document, dict):
        raise SchemaError(f"{path}: not an event as schemas/ddl-change.v1.json describes it", kind="malformed-json")
    return document


def _digest(event: dict[str, Any]) -> str:
    """The key of an event that has none: the same content for the same place is the same event."""
    kept = {key: value for key, value in event.items() if key not in ("by", "at")}
    return "sha256:" + hashlib.sha256(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def _print(answer: dict[str, Any]) -> None:
    moved = [f"{one['dataset']}{'' if one.get('there', True) else ' (gone)'}" for one in answer["datasets"]]
    what = ", ".join(moved) or "no table differs"
    again = " before: nothing was changed" if answer["outcome"] == "duplicate" else ""
    told = {"duplicate": f"taken in{again}", "unreadable": "not all of it was understood"}
    outcome = told.get(answer["outcome"], answer["outcome"])
    print(safe(f"{answer['file']}: {outcome}{'' if again else f': {what}'} ({answer['position']})"))
    reasons = [f"{one.get('table') or answer['file']}: {one['reason']}" for one in answer["unreadable"]]
    if not reasons and answer["outcome"] == "unreadable":
        reasons = [f"{answer['file']}: {answer.get('reason')}"]
    for reason in reasons:
        complain(reason)
