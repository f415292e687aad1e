"""A table as a list of its columns gives it: what a source does not say is as it stood before.

A database's own listing words a type or default in another way than the statement that made it (`'x'::text` for `'x'`):
where the two mean the same, the words that are known already stay, so that nothing seems to have changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from watcher.formats.sql.catalogue import Column, Name, Table
from watcher.formats.sql.computed import UNTOLD
from watcher.formats.sql.lexis import lexis
from watcher.formats.sql.type_text import read_column_type
from watcher.model.schema import split_null
from watcher.model.types import Unknown

_CAST = re.compile(r"::[\w .\"]+(?:\(\d+(?:,\s*\d+)?\))?(?:\[\])*\Z")
_INNER_CAST = re.compile(
    r"::(?:character varying|double precision|bit varying|time(?:stamp)? with(?:out)? time zone|[\w.]+)"
    r"(?:\(\d+(?:,\s*\d+)?\))?(?:\[\])*"
)
_LITERAL = re.compile(r"('(?:[^']|'')*+')")
_WORDS = {"true": "1", "false": "0", "curdate()": "current_date"}
"""What MySQL makes of them."""
_NOW = re.compile(r"(?:(?:now|getdate)\(\)|(?:sysdate|current_timestamp|localtimestamp)(?:\(\))?)\Z", re.IGNORECASE)
_COUNTED = re.compile(r"nextval\(|\"?identity|autoincrement|auto_increment", re.IGNORECASE)
_SILENT_VIEWS = frozenset({"postgres", "redshift", "duckdb"})
"""Platforms that list each column of a view as one that may be null, whatever the view reads."""

_NO_TYPES: Mapping[str, str] = {}


class Listed(Protocol):
    """One column as a source lists it; None where the source does not say."""

    @property
    def name(self) -> str: ...  # noqa: D102 - as the platform shows it
    @property
    def type(self) -> str: ...  # noqa: D102 - in the platform's own words
    @property
    def nullable(self) -> bool | None: ...  # noqa: D102 - whether null is among its values
    @property
    def default(self) -> str | None: ...  # noqa: D102 - as an expression
    @property
    def id(self) -> str | None: ...  # noqa: D102 - the platform's own, which outlives a rename
    @property
    def comment(self) -> str | None: ...  # noqa: D102 - for people
    @property
    def classes(self) -> tuple[str, ...] | None: ...  # noqa: D102 - classification tags


class Listing(Protocol):
    """A table as a source lists it. `partial`: there may be other columns; `id` is the platform's own for the table."""

    @property
    def name(self) -> Name: ...  # noqa: D102 - as the platform shows it
    @property
    def columns(self) -> Iterable[Listed]: ...  # noqa: D102 - in their order
    @property
    def primary_key(self) -> Name | None: ...  # noqa: D102 - its columns
    @property
    def keys(self) -> tuple[Name, ...] | None: ...  # noqa: D102 - the unique ones
    @property
    def view(self) -> bool: ...  # noqa: D102 - no table of its own
    @property
    def partial(self) -> bool: ...  # noqa: D102 - see above
    @property
    def id(self) -> str | None: ...  # noqa: D102 - see above


def table_from(
    listing: Listing, dialect: str, known: Table | None = None, types: Mapping[str, str] = _NO_TYPES
) -> Table:
    """The table that a listing describes; `known` is how it stood, `types` the catalogue's own.

    A column without an id is the known one of its name. Of a partial listing, known columns that it leaves out stay
    where they stood. What a view selects, and whether it is broken, no listing tells: it is as known while the view has
    the columns that it had. With others it was made anew from what we did not see, and is followed no further.
    """
    made = _Maker(dialect, types, known, view=listing.view)
    found = [made.column(one) for one in listing.columns]
    if listing.partial and known is not None:
        found = made.merged(found)
    before = known or Table(listing.name)
    primary, keys = listing.primary_key, listing.keys
    select = before.select if listing.view else None
    same = [one.name for one in found] == [one.name for one in before.columns]
    if select is not None and not (same or before.partial or "*" in select.text):
        select = None
    return replace(
        before,
        name=listing.name,
        columns=tuple(found),
        primary_key=before.primary_key if primary is None else primary,
        primary_name=before.primary_name if primary in (None, before.primary_key) else None,
        keys=before.keys if keys is None else _named(keys, before),
        view=listing.view,
        partial=listing.partial and (known is None or known.partial),
        id=listing.id or before.id,
        select=select,
        broken=before.broken if same and select is not None else None,
        dialect=dialect,
    )


class _Maker:
    def __init__(self, dialect: str, types: Mapping[str, str], known: Table | None, *, view: bool) -> None:
        self._dialect = dialect
        self._view = view
        self._types = types
        self._known = known.columns if known else ()
        self._by_id = {str(one.id): one for one in self._known if one.id}
        self._by_name = {self._key(one.name): one for one in self._known}

    def _key(self, name: str) -> str:
        written = lexis(self._dialect)
        return name if written is None or written.exact else name.casefold()

    def column(self, listed: Listed) -> Column:
        before = self._by_id.get(listed.id) if listed.id else None
        before = before or self._by_name.get(self._key(listed.name))
        if before is not None and listed.id and isinstance(before.id, str) and before.id != listed.id:
            before = None  # Another column, which took the name of one that is gone.
        type_ = read_column_type(listed.type, self._dialect, self._types)
        nullable = listed.nullable
        if nullable is None:
            said = split_null(type_)[0] if self._dialect == "clickhouse" else True
            nullable = said if before is None else before.nullable
        made = Column(
            listed.name,
            listed.type,
            type_,
            nullable=nullable,
            default=listed.default,
            comment=listed.comment,
            classes=listed.classes or (),
            id=listed.id or (before.id if before else 0),
        )
        return made if before is None else self._as_it_stood(made, before, listed)

    def _as_it_stood(self, made: Column, before: Column, listed: Listed) -> Column:
        same = made.type == before.type and not isinstance(made.type, Unknown)
        unsaid = self._view and self._dialect in _SILENT_VIEWS
        made = replace(
            made,
            nullable=before.nullable if unsaid else made.nullable,
            text=before.text if same else made.text,
            means=before.means if same else None,
            classes=before.classes if listed.classes is None else listed.classes,
            comment=before.comment if listed.comment is None else listed.comment,
            generated=before.generated,
        )
        if before.generated is not None and (made.default is None or _COUNTED.search(made.default)):
            return replace(made, default=before.default)
        if same_default(made.default, before.default):
            return replace(made, default=before.default)
        return made

    def merged(self, found: list[Column]) -> list[Column]:
        """The known columns in their order, as the list has them where it does, and then what is new."""
        by_name = {self._key(one.name): one for one in found}
        by_id = {one.id: one for one in found if one.id}
        merged = [by_id.get(one.id) or by_name.get(self._key(one.name), one) for one in self._known]
        there = {self._key(one.name) for one in merged}
        return merged + [one for one in found if self._key(one.name) not in there]


def learned(before: Table, after: Table) -> Table:
    """A table as it stood, with what could not be told of its computed columns then as another look at it shows it."""
    shown = {one.name: one for one in after.columns}
    columns = tuple(
        replace(one, type=shown[one.name].type, text=shown[one.name].text, nullable=shown[one.name].nullable)
        if one.type == UNTOLD.type and not one.text and one.name in shown
        else one
        for one in before.columns
    )
    return replace(before, columns=columns)


def same_default(one: str | None, other: str | None) -> bool:
    """Whether two defaults mean the same, though one is written by a person and the other by the database."""
    mine, its = _plain(one), _plain(other)
    if mine is None or its is None:
        return mine is its
    return mine in (its, _bare(its)) or _bare(mine) in (its, _bare(its))


def _plain(text: str | None) -> str | None:
    """Without casts and brackets around it; None for null, which is no default."""
    if text is None:
        return None
    text = text.strip()
    for _ in range(8):
        bare = _CAST.sub("", text).strip()
        if bare.endswith(")") and (bare.startswith("((") or (bare.startswith("(") and bare.count("(") == 1)):
            bare = bare[1:-1].strip()
        if bare == text:
            break
        text = bare
    if "'" in text:
        return text
    return "now()" if _NOW.match(text) else None if text.casefold() == "null" else text


def _bare(text: str) -> str:
    """Without its quotes, which MySQL leaves away in what it lists; words of SQL in any case, spaced in any way."""
    if _LITERAL.fullmatch(text):
        return text[1:-1]
    pieces = _LITERAL.split(text)
    pieces[::2] = ["".join(_INNER_CAST.sub("", one).split()).casefold() for one in pieces[::2]]
    bare = "".join(pieces)
    return _WORDS.get(bare, bare)


def _named(keys: Iterable[Name], before: Table) -> tuple[tuple[str, Name], ...]:
    names = {members: name for name, members in before.keys}
    return tuple((names.get(members, "_".join(members)), members) for members in keys)
