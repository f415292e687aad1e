"""From rows of columns to tables, one at a time; equal texts and columns are held once: a catalogue repeats itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from watcher.feeds.warehouse.facts import ColumnImage, Image, Name

MAX_SHARED = 200_000
"""How many different columns are remembered to be shared; more are made anew each time."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a catalogue: a table and one of its columns; None where it has none that can be listed."""

    table: str
    column: ColumnImage | None
    view: bool = False
    id: str | None = None


@dataclass(slots=True)
class Keys:
    """The unique keys of a place's tables, by the table's name. `told` is false where the platform does not say."""

    told: bool = True
    primary: dict[str, Name] = field(default_factory=dict)
    unique: dict[str, list[Name]] = field(default_factory=dict)

    def add(self, table: str, members: Name, *, primary: bool) -> None:
        """One more."""
        if primary:
            self.primary[table] = members
        else:
            self.unique.setdefault(table, []).append(members)

    def add_rows(self, rows: Iterable[tuple[str, str, bool, str]]) -> None:
        """Keys member by member, in order: table, the key's name, whether it is the primary one, column."""
        gathered: dict[tuple[str, str, bool], list[str]] = {}
        for table, name, primary, column in rows:
            gathered.setdefault((table, name, primary), []).append(column)
        for (table, _, primary), members in gathered.items():
            self.add(table, tuple(members), primary=primary)


NOT_TOLD = Keys(told=False)


class Shared:
    """Columns that were seen before, so that a million equal ones are one."""

    def __init__(self) -> None:
        self._columns: dict[ColumnImage, ColumnImage] = {}
        self._texts: dict[str, str] = {}

    def text(self, text: str) -> str:
        """The text, held once."""
        if len(self._texts) >= MAX_SHARED:
            return self._texts.get(text, text)
        return self._texts.setdefault(text, text)

    def column(self, column: ColumnImage) -> ColumnImage:
        """The column, held once; one with an id is like no other."""
        if column.id is not None:
            return column
        if len(self._columns) >= MAX_SHARED:
            return self._columns.get(column, column)
        return self._columns.setdefault(column, column)


def gathered(rows: Iterable[Listed], prefix: Name, keys: Keys, shared: Shared | None = None) -> Iterator[Image]:
    """The tables of rows in which each table's columns follow each other."""
    shared = shared or Shared()
    first: Listed | None = None
    columns: list[ColumnImage] = []
    for row in rows:
        if first is not None and (row.table, row.id) != (first.table, first.id):
            yield _image(first, columns, prefix, keys)
            columns = []
            first = None
        first = first or row
        if row.column is not None:
            columns.append(shared.column(row.column))
    if first is not None:
        yield _image(first, columns, prefix, keys)


def _image(first: Listed, columns: list[ColumnImage], prefix: Name, keys: Keys) -> Image:
    names = {one.name for one in columns}
    fits: Mapping[bool, list[Name]] = {
        True: [one for one in (keys.primary.get(first.table),) if one and names.issuperset(one)],
        False: [one for one in keys.unique.get(first.table, ()) if names.issuperset(one)],
    }
    return Image(
        (*prefix, first.table),
        tuple(columns),
        primary_key=(fits[True][0] if fits[True] else ()) if keys.told else None,
        keys=tuple(sorted(fits[False])) if keys.told else None,
        view=first.view,
        # A view over what is gone lists no columns, and is there all the same: nothing is said of them.
        partial=first.view and not columns,
        id=first.id,
    )
