"""`watcher announce`: a planned change, asked about before it is made; and the token that lets it through."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from watcher.cli import json_text
from watcher.cli.options import FormatOption, JsonOption, ReferenceOption
from watcher.cli.schemas import file_text, format_of, referenced
from watcher.cli.screen import print_table, safe
from watcher.model.announcement import Word
from watcher.model.errors import UsageError

DaemonOption = Annotated[
    str, typer.Option("--daemon", metavar="URL", envvar="WATCHER_DAEMON", help="The running daemon.")
]
DAEMON = "http://127.0.0.1:8420"
DatasetOption = Annotated[str, typer.Option(metavar="NAME", help="The dataset, as contracts name it.")]
ByOption = Annotated[
    str,
    typer.Option("--by", metavar="NAME", envvar="WATCHER_AS", help="Who does it; else the name you are logged in as."),
]
ReasonOption = Annotated[str, typer.Option("--reason", "-r", metavar="TEXT", help="Why; everyone concerned reads it.")]
WindowOption = Annotated[
    str | None, typer.Option(metavar="SPAN", help="How long after that day it may still come; 7d if none is set.")
]
SchemaOption = Annotated[Path | None, typer.Option("--schema", metavar="FILE", help="The schema that is planned.")]
PathOption = Annotated[
    list[str] | None, typer.Option("--path", metavar="PATH", help="A field that goes away; repeatable.")
]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The announcement's id.")]

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback()
def _announce() -> None:
    """Plan a change with those who would break: they are asked, and once all agree there is a token for `check`.

    Examples:
      watcher announce who --dataset kafka://prod/orders --schema order-v2.avsc
      watcher announce change --dataset kafka://prod/orders --schema order-v2.avsc --on 2026-12-01 -r "cents, not euros"
      watcher announce show A-3f2a9c01b7
      watcher announce go A-3f2a9c01b7
    """


@app.command()
def who(
    *,
    dataset: DatasetOption,
    schema: SchemaOption = None,
    path: PathOption = None,
    whole: Annotated[bool, typer.Option("--whole-dataset", help="The dataset itself goes away.")] = False,
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="The day on which it is to come; today if none is named.")
    ] = None,
    format_: FormatOption = None,
    reference: ReferenceOption = None,
    daemon: DaemonOption = DAEMON,
    json_: JsonOption = False,
) -> None:
    """Whom a change would break: the people, their clauses, and the first day that all could accept. Nothing is kept.

    Examples:
      watcher announce who --dataset kafka://prod/orders --schema order-v2.avsc
      watcher announce who --dataset kafka://prod/orders --path amount --on 2027-01-15
    """
    if schema is not None and (path or whole):
        raise UsageError("a schema is planned, or a removal: not --schema with --path or --whole-dataset")
    planned = _deprecation(path, whole) if schema is None else _schema(schema, format_, reference)
    _print(_ask(daemon, "POST", "/v1/announcements/who", {"dataset": dataset, "on": on, **planned}), json_, title=False)


@app.command()
def change(
    *,
    dataset: DatasetOption,
    schema: Annotated[Path, typer.Option(metavar="FILE", help="The schema that is planned.")],
    on: Annotated[str, typer.Option(metavar="DAY", help="The first day on which it may come, 2026-12-01.")],
    reason: ReasonOption,
    window: WindowOption = None,
    format_: FormatOption = None,
    reference: ReferenceOption = None,
    by: ByOption = "",
    daemon: DaemonOption = DAEMON,
    json_: JsonOption = False,
) -> None:
    """Announce a new schema: everyone who would break is asked.

    Example:
      watcher announce change --dataset kafka://prod/orders --schema order-v2.avsc --on 2026-12-01 -r "cents, not euros"
    """
    question = {"dataset": dataset, "on": on, "window": window, "by": _me(by), "reason": reason}
    document = _ask(daemon, "POST", "/v1/announcements", {**question, **_schema(schema, format_, reference)})
    _print(document, json_)


@app.command()
def deprecate(
    *,
    dataset: DatasetOption,
    sunset: Annotated[str, typer.Option(metavar="DAY", help="The first day without it, 2027-01-15.")],
    reason: ReasonOption,
    path: PathOption = None,
    whole: Annotated[bool, typer.Option("--whole-dataset", help="The dataset itself goes away.")] = False,
    by: ByOption = "",
    daemon: DaemonOption = DAEMON,
    json_: JsonOption = False,
) -> None:
    """Promise that fields stay until a day: removing them then is fine, before it is a broken promise.

    Example:
      watcher announce deprecate --dataset kafka://prod/orders --path amount --sunset 2027-01-15 -r "use amount_cents"
    """
    question = {"dataset": dataset, "on": sunset, "by": _me(by), "reason": reason, **_deprecation(path, whole)}
    _print(_ask(daemon, "POST", "/v1/announcements", question), json_)


@app.command(name="list")
def list_(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Also those that are done, withdrawn, or lapsed.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many at most, the newest first.")] = 100,
    daemon: DaemonOption = DAEMON,
    json_: JsonOption = False,
) -> None:
    """The planned changes, and where each stands.

    Example:
      watcher announce list --all
    """
    found = _ask(daemon, "GET", f"/v1/announcements?limit={limit}&open={'false' if all_ else 'true'}")
    if json_:
        print(json_text.page(found))
        return
    rows: list[tuple[Any, ...]] = [
        (one["id"], one["state"], one["since"][:10], one["dataset"], one["planned"], one["asked"]) for one in found
    ]
    if rows:
        print_table(("ID", "STATE", "FROM", "DATASET", "WHAT", "ASKED"), rows)
    else:
        print("nothing is announced")


@app.command()
def show(announcement: IdArgument, *, daemon: DaemonOption = DAEMON, json_: JsonOption = False) -> None:
    """One planned change: what everyone said, and what stands in the way.

    Example:
      watcher announce show A-3f2a9c01b7
    """
    _print(_ask(daemon, "GET", f"/v1/announcements/{_id(announcement)}"), json_)


@app.command()
def answer(
    announcement: IdArgument,
    word: Annotated[Word, typer.Argument(metavar="accept|need-until|object", help="What is said.")],
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[DAY|REASON]", help="The day that is needed; why it is objected to.")
    ] = None,
    *,
    subscription: Annotated[str, typer.Option(metavar="NAME", help="The contract in whose name it is said.")],
    by: ByOption = "",
    daemon: DaemonOption = DAEMON,
    json_: JsonOption = False,
) -> None:
    """Say what a planned change means to you; the last word of each contract counts.

    Examples:
      watcher announce answer A-3f2a9c01b7 accept --subscription revenue-close
      watcher announce answer A-3f2a9c01b7 need-until 2026-12-15 --subscription revenue-close
      watcher announce answer A-3f2a9c01b7 object "the year's audit runs" --subscription revenue-close
    """
    words = list(more or [])
    until = words.pop(0) if word is Word.NEED_UNTIL and words else None
    said = {"subscription": subscription, "answer": word.value, "by": _me(by), "until": until}
    path = f"/v1/announcements/{_id(announcement)}/answers"
    _print(_ask(daemon, "POST", path, {**said, "reason": " ".join(words)}), json_)


@app.command()
def withdraw(
    announcement: IdArgument,
    *,
    reason: ReasonOption = "",
    by: ByOption = "",
    daemon: DaemonOption = DAEMON,
    json_: JsonOption = False,
) -> None:
    """Take a planned change back; everyone who was asked is told.

    Example:
      watcher announce withdraw A-3f2a9c01b7 --reason "it can wait for the spring"
    """
    path = f"/v1/announcements/{_id(announcement)}/withdraw"
    _print(_ask(daemon, "POST", path, {"by": _me(by), "reason": reason}), json_)


@app.command()
def go(announcement: IdArgument, *, daemon: DaemonOption = DAEMON) -> None:
    """The token for `watcher check --go`, once all have agreed; it counts in the change's window, and ends with it.

    Example:
      watcher announce go A-3f2a9c01b7 > go.jwt
    """
    print(_ask(daemon, "GET", f"/v1/announcements/{_id(announcement)}/go")["token"])


@app.command()
def keygen(
    *,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Write the private key there, for its owner only.")
    ] = None,
) -> None:
    """A new pair of keys for go tokens: the private one for the settings, the public one for pipelines.

    Examples:
      watcher announce keygen --to signing.key > go-key.pem
      watcher announce keygen
    """
    from watcher.handlers.planning.go import generate  # noqa: PLC0415 - help needs no cryptography

    private, public = generate()
    if to is None:
        print(f"# private, for `follow_up.signing.key` of the settings; keep it secret\n{private}")
    else:
        _write_private(to, private)
    print(public, end="")


def _write_private(path: Path, private: str) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{private}\n")
    except FileExistsError:
        raise UsageError(f"{path} is there already: a key that is written over is lost; name another file") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error


def _ask(daemon: str, method: str, path: str, body: Any = None) -> Any:
    from watcher.cli.daemon_client import call  # noqa: PLC0415 - what is off is told without a client

    return call(daemon, method, path, body)


def _id(announcement: str) -> str:
    """The id, as it may stand in a URL."""
    if not announcement.removeprefix("A-").isalnum() or not announcement.isascii():
        raise UsageError(f"{announcement} is no announcement's id: `watcher announce list` has them all")
    return announcement


def _me(by: str) -> str:
    return by or getpass.getuser()


def _schema(file: Path, format_: str | None, reference: list[str] | None) -> dict[str, Any]:
    references = [{"name": name, "schema": text} for name, text in referenced(reference or [])]
    return {"schema": file_text(file), "format": format_of(format_, file).value, "references": references}


def _deprecation(path: list[str] | None, whole: bool) -> dict[str, Any]:
    if bool(path) is whole:
        raise UsageError("name what is planned: fields by --path, or --whole-dataset, or (of a change) a --schema")
    return {"deprecate": path or []}


def _what(document: dict[str, Any]) -> str:
    if "deprecation" in document["planned"]:
        paths = document["planned"]["deprecation"]
        return f"{', '.join(paths)} goes" if paths else "the dataset goes"
    return f"{len(document['facts'])} change{'s' * (len(document['facts']) != 1)}"


def _print(document: dict[str, Any], json_: bool, *, title: bool = True) -> None:
    if json_:
        print(json_text.page(document))
        return
    if title:
        until = f" until {document['until'][:10]}" if document["until"] else ""
        print(safe(f"{document['id']} is {document['state']}: {document['dataset']}, {_what(document)}"))
        print(safe(f"  from {document['since'][:10]}{until}, by {document['by']}: {document['reason']}"))
    for one in document["voices"]:
        contact = f"  {one['contact']}" if one["contact"] else ""
        print(safe(f"  {one['subscription']}  ({one['consumer']}){contact}  {one['criticality']}  {one['says']}"))
        for clause in one["clauses"]:
            print(safe(f"      {clause}"))
    for one in document["sentences"]:
        print(safe(f"  {one}"))
    if document["earliest"] and not document["agreed"]:
        print(f"  the first day that all could accept: {document['earliest']}")
