"""New names in a view's SELECT: on platforms where a rename leaves the views that read it as they were."""

from __future__ import annotations

from dataclasses import dataclass, replace

from watcher.formats.sql.catalogue import Catalogue, Select, Table
from watcher.formats.sql.select_reader import Edit, Reference
from watcher.formats.sql.selects import Read, read_select, spliced


@dataclass(frozen=True, slots=True)
class Renaming:
    """A table before and after. `keeps_names`: columns of its views are called as they were, whatever they read."""

    catalogue: Catalogue
    before: Table
    after: Table
    keeps_names: bool

    def columns(self) -> dict[str, str]:
        """The columns' new names by their old ones."""
        now = {one.id: one.name for one in self.after.columns}
        return {one.name: now[one.id] for one in self.before.columns if now.get(one.id, one.name) != one.name}

    def read_before(self, select: Select) -> Read:
        """The SELECT as it was read before the rename."""
        catalogue = self.catalogue
        aside = [catalogue.at(name) for name in dict.fromkeys((self.before.name, self.after.name))]
        for one in aside:
            if one is not None:
                catalogue.drop(one)
        catalogue.put(self.before)
        try:
            return _read(catalogue, select)
        finally:
            catalogue.drop(self.before)
            for one in aside:
                if one is not None:
                    catalogue.put(one)


def renamed_in(view: Table, renaming: Renaming) -> Table:
    """The view with the new names of a table and its columns in its SELECT; the same where nothing was renamed.

    What cannot be written with the new names (a column of a JOIN … USING) leaves the view as it is, and it is followed
    no further: the platform knows it by number.
    """
    names, select = renaming.columns(), view.select
    if select is None or (not names and renaming.before.name == renaming.after.name):
        return view
    old = renaming.read_before(select)
    if old.error is not None:
        return view
    edits = [edit for one in old.references for edit in _edits(one, names, renaming)]
    text = spliced(old.select.text, dict.fromkeys(edits))
    new = _read(renaming.catalogue, replace(select, text=text))
    if new.error is not None or len(new.columns) != len(old.columns):
        return replace(view, select=None)
    if renaming.keeps_names:
        same = [one.name for one in new.columns] == [one.name for one in old.columns]
        return replace(view, select=new.select if same else None)
    columns = tuple(replace(one, name=its.name) for one, its in zip(view.columns, new.columns, strict=False))
    return replace(view, select=new.select, columns=columns if len(columns) == len(new.columns) else view.columns)


def _read(catalogue: Catalogue, select: Select) -> Read:
    place, catalogue.place = catalogue.place, select.place
    try:
        return read_select(select.text, catalogue, select.names)
    finally:
        catalogue.place = place


def _edits(one: Reference, names: dict[str, str], renaming: Renaming) -> list[Edit]:
    before, after, quoted = renaming.before, renaming.after, renaming.catalogue.lexis.quoted
    if one.table != before.name:
        return []
    if one.column is None:
        if before.name == after.name:
            return []
        named = f" AS {quoted(before.name[-1])}" if one.bare else ""
        return [(one.start, one.end, ".".join(quoted(part) for part in after.name) + named)]
    if one.column not in names:
        return []
    named = f" AS {quoted(one.column)}" if one.bare and renaming.keeps_names else ""
    return [(one.start, one.end, quoted(names[one.column]) + named)]
