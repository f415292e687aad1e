"""`watcher check`: the gate that a producer's pipeline asks before it registers a schema."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from watcher.cli import json_text
from watcher.cli.failure import BREAKING, UNDECIDED
from watcher.cli.options import FormatOption, GoKeyOption, GoOption, MaybeConfigOption, ReferenceOption
from watcher.cli.report import Report, Style
from watcher.cli.request import References
from watcher.cli.schemas import file_text, format_of, read_text, referenced
from watcher.cli.screen import complain
from watcher.model.compatibility import Incompatibility, Level, Policy
from watcher.model.contract import ReadsVersion, ReadsWith
from watcher.model.errors import SchemaError, Undecidable, UsageError
from watcher.model.schema import Format, Schema, SchemaText

VersionOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NUMBER=FILE", help="A registered version that contracts read with; repeatable."),
]
LevelOption = Annotated[
    str | None, typer.Option(metavar="LEVEL", help="Also ask as the registry would, under this level.")
]
PolicyOption = Annotated[
    Policy,
    typer.Option(
        metavar="POLICY", case_sensitive=False, help="STRICT or LENIENT: how JSON Schema's open objects are read."
    ),
]


def check(
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The schema that is to be registered.")],
    *,
    dataset: Annotated[str, typer.Option(metavar="NAME", help="The dataset that it is for, as contracts name it.")],
    against: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="The schema that stands now; repeat it for older ones, the oldest first."),
    ] = None,
    contracts: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Contracts and domains; ./contracts if none is named; repeatable."),
    ] = None,
    daemon: Annotated[
        str | None, typer.Option(metavar="URL", help="Ask a running daemon instead: it knows what stands now.")
    ] = None,
    config: MaybeConfigOption = None,
    level: LevelOption = None,
    policy: PolicyOption = Policy.STRICT,
    version: VersionOption = None,
    style: Annotated[Style, typer.Option("--format", "--output", "-o", help="How the answer is written.")] = Style.TEXT,
    schema_format: FormatOption = None,
    dialect: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The dialect of a SQL script, where the dataset's namespace does not say it."
        ),
    ] = None,
    reference: ReferenceOption = None,
    go: GoOption = None,
    go_key: GoKeyOption = None,
) -> None:
    """Whom this schema would break, and why.

    Examples:
      watcher check order.avsc --dataset kafka://prod/orders --against order-now.avsc
      watcher check order.avsc --dataset kafka://prod/orders --daemon http://127.0.0.1:8420
      watcher check order.avsc --dataset kafka://prod/orders --contracts ./contracts --format github
      watcher check migration.sql --dataset snowflake://acme/RAW.SHOP.ORDERS --against tables.sql
      watcher check order.avsc --dataset kafka://prod/orders --daemon http://127.0.0.1:8420 --go "$TOKEN"
      watcher check order.avsc --dataset kafka://prod/orders --against now.avsc --go "$TOKEN" --go-key go-key.pem

    Without --against (and without a daemon, which knows) each contract is judged on the new
    schema alone: what does not hold of it is broken.

    A SQL script that makes the table is its whole definition; any other one is a migration, run
    upon what --against builds, or upon the table that the daemon knows.

    With --go, what breaks for those who agreed to this very schema beforehand is told, and is no
    break: `watcher announce go ID` gives the token, docs/announcing.md says how. It needs what stands
    now, by --against or --daemon: a token alone says nothing of what this schema breaks.

    Exit code: 0 nobody breaks; 1 somebody does, or the registry would refuse it; 2 the call,
    a contract or a setting is off; 3 nobody is known to break, but something cannot be judged.
    """
    format_ = format_of(schema_format, new)
    text = file_text(new)
    if go_key and go is None:
        raise UsageError("--go-key verifies a token: give that by --go")
    if daemon is not None:
        known = {"--against": against, "--contracts": contracts, "--config": config, "--level": level}
        _alone(daemon, {**known, "--version": version})
        document = _asked(daemon, dataset, format_, text, reference or [])
    else:
        if go is not None and not against:
            raise UsageError(
                "--go is about a change, and what stands now is not named: add --against FILE, or ask a daemon, "
                "which knows it, with --daemon URL"
            )
        where = _Where(contracts, config)
        question = _Question(dataset, format_, new, text, referenced(reference or []), dialect)
        document = _judged(where, question, against or [], version or [], (level, policy))
    if go is not None:
        from watcher.cli.go_token import admitted  # noqa: PLC0415 - only where there is a token

        asked = SchemaText(format_, text, referenced(reference or []))
        document = admitted(document, go, go_key or [], daemon, dataset, asked)
    report = Report(document, str(new), text)
    _write(report, style)
    raise typer.Exit(BREAKING if document["breaking"] else UNDECIDED if document.get("unknown") else 0)


class _Where:
    """Where the contracts are: folders, and what short namespaces stand for."""

    def __init__(self, contracts: Sequence[Path] | None, config: Path | None) -> None:
        self.aliases: Mapping[str, str] = {}
        self.folders = tuple(contracts or ())
        if config is not None:
            from watcher.settings import load  # noqa: PLC0415 - quick where no settings are asked for

            settings = load(config)
            self.aliases = settings.namespaces
            self.folders = self.folders or settings.contracts
        if not self.folders:
            if not Path("contracts").is_dir():
                raise UsageError(
                    "there is no folder `contracts` here: name it with --contracts, or a daemon with --daemon"
                )
            self.folders = (Path("contracts"),)


@dataclass(frozen=True, slots=True)
class _Question:
    dataset: str
    format: Format
    file: Path
    text: str
    references: References
    dialect: str | None

    def schema(self) -> Schema:
        return read_text(self.text, self.format, self.references, str(self.file))

    def tables(self, against: Sequence[Path], canonical: str) -> tuple[list[Schema], Schema | None]:
        """The table as the scripts that stand make it, one after the other, and as the new one leaves it."""
        from watcher.formats.sql.proposed import after_script, dialect_for, shape  # noqa: PLC0415 - slow to load

        dialect = dialect_for(canonical, self.dialect)
        standing = None
        seen: list[Schema] = []
        for path, text in (*((one, file_text(one)) for one in against), (self.file, self.text)):
            try:
                standing = after_script(text, canonical, dialect, standing)
            except SchemaError as error:
                raise SchemaError(f"{path}: {error}", kind=error.kind) from error
            made = shape(standing, dialect)
            if path is self.file:
                return seen, made
            seen += [made] if made is not None else []
        raise AssertionError(path)  # the new one is the last


def _judged(
    where: _Where,
    question: _Question,
    against: Sequence[Path],
    pinned: Sequence[str],
    guard: tuple[str | None, Policy],
) -> dict[str, Any]:
    from watcher.cli.contracts import in_force  # noqa: PLC0415 - a daemon's answer needs none of this
    from watcher.handlers.judging.beside import Guard, ask_registry  # noqa: PLC0415
    from watcher.handlers.planning.check import NOT_ASKED  # noqa: PLC0415
    from watcher.handlers.planning.check import check as judge  # noqa: PLC0415

    catalogue = in_force(where.folders, where.aliases)
    dataset = question.dataset
    after: Schema | None
    if question.format is Format.SQL:
        if guard[0] is not None or pinned:
            raise UsageError("--level and --version are about registries: a table has none")
        standing, after = question.tables(against, catalogue.canonical(dataset))
    else:
        standing, after = [_registered(path, question) for path in against], question.schema()
    before = standing[-1] if standing else None
    level = _level(guard[0], before is not None)
    verdict = NOT_ASKED
    if level is not None and after is not None:
        live = [(number, partial(_itself, schema)) for number, schema in enumerate(standing, 1)]
        verdict = ask_registry(Guard(level.value, guard[1].value), reversed(live), after)
    versions = {number: _registered(path, question) for number, path in map(_pinned, pinned)}
    if not catalogue.subscriptions_for(dataset):
        near = get_close_matches(catalogue.canonical(dataset), catalogue.datasets, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        complain(f"none of {len(catalogue.subscriptions)} contracts is about {dataset}{hint}")
    result = judge(
        catalogue,
        dataset,
        before,
        after,
        today=dt.datetime.now(dt.UTC).date(),
        reads=partial(_reads, versions),
        registry=verdict,
        level=level,
    )
    return result.document()


def _registered(path: Path, question: _Question) -> Schema:
    """The schema of a file that is registered already: read as a registry reads it back."""
    from watcher.formats.read import read_registered  # noqa: PLC0415 - a daemon's answer needs none of this

    try:
        return read_registered(SchemaText(question.format, file_text(path), question.references))
    except SchemaError as error:
        raise SchemaError(f"{path}: {error}", kind=error.kind) from error


def _itself(schema: Schema) -> Schema:
    return schema


def _pinned(word: str) -> tuple[int, Path]:
    number, equals, file = word.partition("=")
    if not (equals and file and number.isascii() and number.isdigit() and int(number)):
        raise UsageError(f"--version {word}: write NUMBER=FILE, such as 3=order-3.avsc")
    return int(number), Path(file)


def _reads(
    versions: Mapping[int, Schema], expectation: ReadsWith | ReadsVersion, writer: Schema
) -> tuple[Incompatibility, ...]:
    """Why a consumer's reader schema cannot read what the new schema writes."""
    from watcher.compat.levels import check as check_reader  # noqa: PLC0415 - a daemon's answer needs none of this
    from watcher.formats.read import read_schema  # noqa: PLC0415

    if isinstance(expectation, ReadsWith):
        return check_reader(read_schema(expectation.reader), writer)
    if expectation.version not in versions:
        number = expectation.version
        raise Undecidable(f"version {number} of the schema is not here: name it by --version {number}=FILE or --daemon")
    return check_reader(versions[expectation.version], writer)


def _asked(daemon: str, dataset: str, format_: Format, text: str, reference: list[str]) -> dict[str, Any]:
    from watcher.cli.daemon_client import check as ask  # noqa: PLC0415 - quick where no daemon is asked

    references = [{"name": name, "schema": one} for name, one in referenced(reference)]
    return ask(daemon, {"dataset": dataset, "format": format_.value, "schema": text, "references": references})


def _level(word: str | None, compared: bool) -> Level | None:
    if word is None:
        return None
    known = [one.value for one in Level if one is not Level.READER_WRITER]
    if word.upper() not in known:
        raise UsageError(f"--level {word}: known are {', '.join(known)}")
    if not compared:
        raise UsageError("--level compares with what stands now: name that with --against")
    return Level(word.upper())


def _alone(daemon: str, others: Mapping[str, object]) -> None:
    given = [name for name, value in others.items() if value]
    if given:
        raise UsageError(f"the daemon at {daemon} knows its own: leave {', '.join(given)} out")


def _write(report: Report, style: Style) -> None:
    match style:
        case Style.JSON:
            print(json_text.page(report.document))
        case Style.TEXT:
            from watcher.cli.report import text  # noqa: PLC0415 - only what is asked for

            text.show(report)
        case Style.GITHUB:
            from watcher.cli.report import github  # noqa: PLC0415

            print("\n".join(github.lines(report)))
        case Style.JUNIT:
            from watcher.cli.report import junit  # noqa: PLC0415

            print(junit.xml(report))
