"""Views after a change: those that read what changed follow it, break by it, or heal.

What a platform does with a view whose table changes:
- PostgreSQL and Redshift bind a view to tables and columns by number. A rename leaves it as it is; a table or column
  that it reads is not dropped but with it (CASCADE), or not at all. Redshift's late-binding views are texts.
- SQLite writes the new name into the texts of its views.
- Everywhere else a view is a text. It stays when what it reads goes, and each query of it fails until that is back.
- A star stands for the columns of the day it was made on PostgreSQL, Redshift, MySQL, MariaDB, SQL Server, Oracle,
  Databricks and ClickHouse. BigQuery, DuckDB and SQLite look again at each query. Snowflake, Trino and Athena look
  again too, and refuse the view when there is another number of columns than it was made with; Trino and Athena also
  when one has another name, where Snowflake goes by the columns' order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from watcher.formats.sql.catalogue import Catalogue, Column, DdlError, Name, Select, Table
from watcher.formats.sql.effects import Effect
from watcher.formats.sql.selects import Read, is_expanding, is_late, read_select
from watcher.formats.sql.view_names import Renaming, renamed_in
from watcher.model.types import Unknown

MAX_TURNS = 8
"""How often one view is looked at after one change: views that read each other come to an end."""

_BOUND = frozenset({"postgres", "redshift"})
_COUNTED = frozenset({"snowflake", "trino", "athena"})


@dataclass(frozen=True, slots=True)
class _Trigger:
    """A table or view that changed, and whose change began it."""

    before: Table | None
    after: Table | None
    because: Name


def followed(catalogue: Catalogue, effects: Iterable[Effect]) -> list[Effect]:
    """What the changes of tables, which the catalogue has already, mean for the views that read them.

    The views are put into the catalogue as they are now. An effect's `because` is the changed table by its name before.
    """
    work = deque(_Trigger(one.before, one.after, _cause(one)) for one in effects)
    if not catalogue.followed:
        return []
    stood: dict[Name, Table] = {}
    became: dict[Name, tuple[Table | None, Name]] = {}
    turns: dict[Name, int] = {}
    while work:
        trigger = work.popleft()
        for view in _readers(catalogue, trigger):
            turns[view.name] = turns.get(view.name, 0) + 1
            if turns[view.name] > MAX_TURNS or not _concerns(view, trigger, catalogue):
                continue
            after = _moved(catalogue, view, trigger)
            if after == view:
                continue
            after = _put(catalogue, view, after)
            stood.setdefault(view.name, view)
            became.setdefault(view.name, (after, trigger.because))
            became[view.name] = (after, became[view.name][1])
            work.append(_Trigger(view, after, trigger.because))
    return [
        Effect(name, stood[name], after, because, after.broken if after else None)
        for name, (after, because) in became.items()
        if after != stood[name]
    ]


def _cause(effect: Effect) -> Name:
    return effect.before.name if effect.before else effect.name


def _readers(catalogue: Catalogue, trigger: _Trigger) -> list[Table]:
    names = dict.fromkeys(one.name for one in (trigger.before, trigger.after) if one is not None)
    found = {view.name: view for name in names for view in catalogue.readers(name)}
    return [view for name, view in found.items() if trigger.after is None or name != trigger.after.name]


def _concerns(view: Table, trigger: _Trigger, catalogue: Catalogue) -> bool:
    """Whether the view can have become another by this: most changes touch columns that it does not read."""
    before, after, select = trigger.before, trigger.after, view.select
    if select is None:
        return False
    sound = not (view.broken or view.partial or "*" in select.text)
    if not sound or before is None or after is None or before.name != after.name:
        return True
    if before.partial or after.partial or before.broken != after.broken:
        return True
    return any(
        _shape(before, name, catalogue) != _shape(after, name, catalogue) for name in _used(select, before, catalogue)
    )


def _used(select: Select, table: Table, catalogue: Catalogue) -> Name:
    key = catalogue.lexis.key
    wanted = tuple(key(part) for part in table.name)
    for name, columns in select.uses:
        if tuple(key(part) for part in name) == wanted:
            return columns
    return ()


def _shape(table: Table, name: str, catalogue: Catalogue) -> object:
    key = catalogue.column_key(name)
    found = next((one for one in table.columns if catalogue.column_key(one.name) == key), None)
    return None if found is None else (found.type, found.text, found.nullable)


def _moved(catalogue: Catalogue, view: Table, trigger: _Trigger) -> Table | None:
    """The view as it is now; None where it went with what it reads."""
    bound = catalogue.lexis.name in _BOUND and not (view.select and is_late(view.select.text))
    if (bound or catalogue.lexis.name == "sqlite") and trigger.before is not None and trigger.after is not None:
        view = renamed_in(view, Renaming(catalogue, trigger.before, trigger.after, keeps_names=bound))
    if view.select is None:
        return view
    gone = _missing(catalogue, view.select)
    if gone is not None:
        # It cannot have been dropped alone: so the view went with it.
        return None if bound else replace(view, broken=f"the view reads {gone}")
    place, catalogue.place = catalogue.place, view.select.place
    try:
        read = read_select(view.select.text, catalogue, view.select.names)
    finally:
        catalogue.place = place
    if read.error is not None:
        return replace(view, partial=True, broken=None)
    return _evaluated(catalogue, view, read, trigger, bound=bound)


def _missing(catalogue: Catalogue, select: Select) -> str | None:
    """What a view read once and that is not there now, in words."""
    for name, columns in select.uses:
        table = catalogue.at(name)
        if table is None:
            return f"{catalogue.called(name)}, which is no longer there"
        if table.broken is not None:
            return f"{catalogue.called(name)}, which is broken itself"
        there = {catalogue.column_key(one.name) for one in table.columns}
        for column in columns if not table.partial else ():
            if catalogue.column_key(column) not in there:
                return f"{catalogue.called(name)}.{column}, which is no longer there"
    return None


def _evaluated(catalogue: Catalogue, view: Table, read: Read, trigger: _Trigger, *, bound: bool) -> Table:
    columns, text = list(read.columns), read.select.text
    if read.starred and is_expanding(text, catalogue) and view.columns:
        known = {catalogue.column_key(one.name) for one in view.columns}
        columns = [one for one in columns if catalogue.column_key(one.name) in known]
    counted = len(view.columns) if not view.partial else len(columns)
    if read.select.names and len(columns) != len(read.select.names):
        counted = len(read.select.names)
    elif not (read.starred and catalogue.lexis.name in _COUNTED):
        counted = len(columns)
    if counted != len(columns):
        told = f"the view was made with {counted} columns, and its SELECT gives {len(columns)} now"
        return replace(view, broken=told)
    names = read.select.names or tuple(one.name for one in columns)
    held = tuple(one.name for one in view.columns)
    if len(held) == len(names) and read.starred and catalogue.lexis.name in ("trino", "athena") and held != names:
        other = next((one, its) for one, its in zip(held, names, strict=True) if one != its)
        return replace(view, broken=f"the view was made with a column {other[0]}, and its SELECT gives {other[1]} now")
    if len(held) == len(names) and (bound or (read.starred and catalogue.lexis.name == "snowflake")):
        names = held
    retyped = _is_retyped(view, trigger, catalogue)
    before = {catalogue.column_key(one.name): one for one in view.columns}
    made = tuple(
        _as_before(replace(one, name=name), before.get(catalogue.column_key(name)), retyped=retyped)
        for one, name in zip(columns, names, strict=True)
    )
    return replace(view, columns=made, select=read.select, broken=None, partial=False)


def _is_retyped(view: Table, trigger: _Trigger, catalogue: Catalogue) -> bool:
    if trigger.before is None or trigger.after is None or view.select is None:
        return False
    used = _used(view.select, trigger.before, catalogue)
    return any(_shape(trigger.before, one, catalogue) != _shape(trigger.after, one, catalogue) for one in used)


def _as_before(column: Column, before: Column | None, *, retyped: bool) -> Column:
    """The column that it was: its identity, and what people say of it, which no SELECT tells."""
    if before is None:
        return column
    made = replace(column, id=before.id, comment=before.comment, classes=before.classes)
    told = isinstance(made.type, Unknown) and not made.text and not retyped
    return replace(made, type=before.type, text=before.text, means=before.means) if told else made


def _put(catalogue: Catalogue, view: Table, after: Table | None) -> Table | None:
    if after is None:
        catalogue.drop(view)
        return None
    try:
        return catalogue.put(after)
    except DdlError:
        return catalogue.put(replace(view, partial=True))
