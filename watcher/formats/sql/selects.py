"""A SELECT read through the tables that it reads: the columns that it gives, and those that it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from watcher.formats.sql.catalogue import Catalogue, Column, DdlError, Name, Select
from watcher.formats.sql.computed import settled
from watcher.formats.sql.dialects import platform
from watcher.formats.sql.select_reader import Edit, Reader, Reference

MAX_SELECT = 200_000
"""Characters of a SELECT; what is longer is not read through."""

MAX_DEPTH = 60
"""Brackets in each other."""

_TAIL = re.compile(
    r"\s+WITH\s+(?:(?:NO\s+)?DATA|(?:(?:CASCADED|LOCAL)\s+)?CHECK\s+OPTION|NO\s+SCHEMA\s+BINDING|READ\s+ONLY)\s*\Z",
    re.IGNORECASE,
)
"""What a view or table says behind its SELECT."""

_VERSIONED = re.compile(r"/\*M?!\d*|\*/\s*\Z")

_EXPANDING = frozenset({"postgres", "redshift", "mysql", "mariadb", "sqlserver", "oracle", "databricks", "clickhouse"})
"""Platforms that hold a view by the columns that its star had when it was made; the others look again at each query."""

_FAULTS = (SqlglotError, ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError)


@dataclass(frozen=True, slots=True)
class Read:
    """What a SELECT comes to: its columns, or why they cannot be told; and whom it reads, so far as it was read.

    `starred`: a star stands in it still, and gives whatever columns there are.
    """

    columns: tuple[Column, ...]
    select: Select
    error: DdlError | None = None
    starred: bool = False
    references: tuple[Reference, ...] = ()


def columns_of(select: str, catalogue: Catalogue) -> list[Column]:
    """The columns that a SELECT gives; DdlError where one of them cannot even be named."""
    read = read_select(select, catalogue)
    if read.error is not None:
        raise read.error
    return list(read.columns)


def read_select(text: str, catalogue: Catalogue, names: Name = ()) -> Read:
    """A SELECT as it is read in the catalogue's current place; its stars are written out where the platform does so."""
    if catalogue.lexis.versioned:
        text = _VERSIONED.sub(" ", text)
    tail = _TAIL.search(text)
    body = text[: tail.start()] if tail else text
    place, reader = catalogue.place, Reader(catalogue, expanding=is_expanding(text, catalogue))
    columns: list[Column] = []
    error: DdlError | None = None
    try:
        tree = _parsed(body, catalogue)
        try:
            columns = reader.query(tree, {}, None)
        except DdlError:
            reader.note(tree)
            raise
    except _FAULTS as fault:
        told = f"the SELECT cannot be read: {(str(fault).splitlines() or [''])[0][:120]}"
        error = fault if isinstance(fault, DdlError) else DdlError(told, kind="not-inferred")
    edited = body if error else spliced(body, reader.edits)
    uses = tuple((table, tuple(read)) for table, read in reader.uses.items())
    select = Select(edited + (tail.group() if tail else ""), place, uses, tuple(reader.awaits), names)
    return Read(
        tuple(settled(one) for one in columns), select, error, reader.starred, tuple(reader.references.values())
    )


def is_late(text: str) -> bool:
    """Whether it is one of Redshift's late-binding views, which looks names up when it is queried."""
    tail = _TAIL.search(text)
    return tail is not None and "BINDING" in tail.group().upper()


def is_expanding(text: str, catalogue: Catalogue) -> bool:
    """Whether a star stands for the columns that there were when the view was made."""
    return catalogue.lexis.name in _EXPANDING and not is_late(text)


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """A text with pieces of it written anew."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _parsed(text: str, catalogue: Catalogue) -> exp.Query:
    depth = deepest = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        deepest = max(deepest, depth)
    if len(text) > MAX_SELECT or deepest > MAX_DEPTH:
        raise DdlError("the SELECT is too large to be read through", kind="not-inferred")
    known = platform(catalogue.lexis.name)
    tree = parse_one(text, dialect=known.parser if known else None)
    if not isinstance(tree, exp.Query):
        raise DdlError("this is no SELECT", kind="not-inferred")
    return tree
