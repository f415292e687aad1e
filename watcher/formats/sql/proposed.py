"""A script that somebody means to run: what it would make of one table."""

from __future__ import annotations

from dataclasses import replace

from watcher.formats.sql.catalogue import Catalogue, Name, Table
from watcher.formats.sql.dialects import PLATFORMS, dialect_of
from watcher.formats.sql.effects import Unreadable
from watcher.formats.sql.interpret import run
from watcher.formats.sql.lexis import lexis
from watcher.formats.sql.tables import schema_of
from watcher.model.errors import SchemaError, UsageError
from watcher.model.schema import Schema

MAX_TOLD = 5


def dialect_for(dataset: str, named: str | None = None) -> str:
    """The dialect of a dataset's statements; UsageError where neither its namespace nor the caller says one we know."""
    dialect = named or dialect_of(dataset)
    written = lexis(dialect) if dialect else None
    if written is None:
        known = ", ".join(sorted(PLATFORMS))
        which = (
            f"the dialect {named[:60]!r} is not known" if named else f"{dataset} names no platform: name its dialect"
        )
        raise UsageError(f"{which}: known are {known}")
    return written.name


def table_name(dataset: str, dialect: str) -> Name:
    """The table's name in its parts, out of the dataset's: `snowflake://acme/RAW.SHOP.ORDERS`.

    As in a statement, a part in quotes is taken as it is, and another one as the platform folds it.
    """
    name = dataset.partition("://")[2].partition("/")[2] if "://" in dataset else dataset.partition("/")[2]
    written = lexis(dialect)
    case = written.case if written else "kept"
    fold = {"upper": str.upper, "lower": str.lower}.get(case, str)
    return tuple(part[1:-1] if part[:1] == part[-1:] == '"' else fold(part) for part in _split(name))


def after_script(script: str, dataset: str, dialect: str, standing: Table | None) -> Table | None:
    """The table once the script has run; None where it is gone then.

    A script that builds the table by itself is taken as the whole definition; any other runs upon what stands. Raises
    SchemaError where statements about the table cannot be read, or it is not there at all.
    """
    name = table_name(dataset, dialect)
    built, unread = _ran(script, name, dialect, None)
    if built is not None and not unread:
        return built
    if standing is None:
        _require(built, unread, name)
        return built
    upon, unread = _ran(script, name, dialect, standing)
    if unread:
        raise SchemaError(_told(unread), kind=unread[0].kind)
    return upon


def shape(table: Table | None, dialect: str) -> Schema | None:
    """The table as a schema; None where it is gone."""
    return None if table is None else schema_of(replace(table, dialect=dialect), ".".join(table.name))


def _ran(script: str, name: Name, dialect: str, standing: Table | None) -> tuple[Table | None, list[Unreadable]]:
    """What a script makes of the table, and what of it was not read and may be about the table."""
    written = lexis(dialect)
    assert written is not None  # noqa: S101 - `dialect_for` knows it
    catalogue = Catalogue(written)
    catalogue.place = name[:-1]
    if standing is not None:
        catalogue.put(replace(standing, name=name))
    unread = [one for one in run(script, catalogue) if isinstance(one, Unreadable)]
    about = [one for one in unread if one.table is None or _is_it(one.table, name, catalogue)]
    found = catalogue.find(name)
    if found is not None and found.partial:
        raise SchemaError("not all columns of the table can be inferred from the statement that makes it")
    return found, about


def _is_it(table: str, name: Name, catalogue: Catalogue) -> bool:
    return catalogue.lexis.key(_split(table)[-1]) == catalogue.lexis.key(name[-1])


def _require(built: Table | None, unread: list[Unreadable], name: Name) -> None:
    if unread:
        hint = "; name the script that builds what stands now with --against, where this one runs upon it"
        raise SchemaError(f"{_told(unread)}{hint}", kind=unread[0].kind)
    if built is None:
        raise SchemaError(
            f"the script makes no table {'.'.join(name)}: name what stands now with --against, or mend "
            "the dataset's name"
        )


def _told(unread: list[Unreadable]) -> str:
    lines = [f"line {one.statement.line}: {one.reason}" for one in unread[:MAX_TOLD]]
    more = f" (and {len(unread) - MAX_TOLD} more)" if len(unread) > MAX_TOLD else ""
    return "; ".join(lines) + more


def _split(name: str) -> list[str]:
    parts: list[str] = [""]
    quoted = False
    for letter in name:
        if letter == '"':
            quoted = not quoted
        if letter == "." and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
