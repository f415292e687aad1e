"""A look at the database set against what the feed has told: what differs, the feed has missed, or not told yet."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.feeds.warehouse.facts import Blind, Name
from watcher.feeds.warehouse.memory import key_of, name_of
from watcher.feeds.warehouse.moves import Moves
from watcher.feeds.warehouse.snapshot import Snapshot
from watcher.formats.sql.catalogue import DdlError, Table
from watcher.formats.sql.made import learned
from watcher.formats.sql.tables import schema_of

LOOK = "look"
"""Under this key a source finds where its own stream stood at the last look at everything, in its own words."""


def reconcile(moves: Moves, snapshot: Snapshot) -> None:
    """Move the tables to what the look found.

    A table that was to be read again is explained by the record that touched it. Any other that differs from what the
    feed told was missed, since the last look that covered it; where none did before, it is history.
    """
    where, memory = moves.namespace, moves.memory
    shown: set[Name] = set()
    # Tables before the views that follow them: a view that moved with its table is not its own owner's doing.
    for image in sorted(snapshot.images, key=lambda one: one.view):
        known = memory.identified(image.id, where) or memory.table(image.name, where)
        before = known
        since = _looked(moves, image.name)
        try:
            moves.image(image, where)
        except DdlError as error:  # the others are reconciled all the same
            moves.blind.append(Blind(error.kind, str(error), image.name, where))
            shown.add(image.name)
            continue
        after = memory.table(image.name, where)
        shown.add(after.name if after is not None else image.name)
        if before is None and since is None:
            moves.history.add((where, image.name))
        if not _same(before, after):
            _explain(moves, image.name, since, new=before is None)
            if before is not None and before.name != image.name:
                _explain(moves, before.name, since, new=False)
    for name in list(_absent(moves, snapshot, shown)):
        table = memory.table(name, where)
        if table is not None:
            since = _looked(moves, name)
            moves.gone(table, where)
            _explain(moves, name, since, new=False)
        moves.told_whole[where, name] = None
    for name in {image.name for image in snapshot.images} | set(snapshot.asked):
        memory.wanted.save(key_of(name, where), None)
    if snapshot.cursor is not None and snapshot.scope:
        memory.source[LOOK] = snapshot.cursor.encode()
    for scope in (*snapshot.scope, *snapshot.asked):
        memory.looked.save(key_of(scope, where), snapshot.at)


def _looked(moves: Moves, name: Name) -> int | None:
    """When a look covered the table last."""
    found = [moves.memory.looked.load(key_of(name[:size], moves.namespace)) for size in range(len(name) + 1)]
    return max((one for one in found if one is not None), default=None)


def _explain(moves: Moves, name: Name, since: int | None, *, new: bool) -> None:
    """Say of a move whether a record of the feed asked for the look, or whether the feed has missed it."""
    move = moves.moved.get((moves.namespace, name))
    if move is None:
        return
    wanted = moves.memory.wanted.load(key_of(name, moves.namespace))
    if wanted is not None:
        move.by, move.query = wanted.get("by"), wanted.get("query")
    elif since is not None or not new:
        move.missed_since = moves.reading.at if since is None else since


def _absent(moves: Moves, snapshot: Snapshot, shown: set[Name]) -> Iterator[Name]:
    """Tables that the look would have shown, were they there."""
    yield from (name for name in snapshot.asked if name not in shown)
    for where, name in map(name_of, moves.memory.wanted):  # one that came and went without its columns being told
        unknown = where == moves.namespace and moves.memory.table(name, where) is None
        if unknown and name not in shown and any(name[: len(scope)] == scope for scope in snapshot.scope):
            yield name
    for table in sorted(moves.memory.tables(moves.namespace), key=lambda one: (one.view, one.name)):
        within = any(table.name[: len(scope)] == scope for scope in snapshot.scope)
        if within and table.name not in shown and not table.temporary:
            yield table.name


def _same(before: Table | None, after: Table | None) -> bool:
    """Whether two states of a table are one shape, whatever the words."""
    if before is None or after is None:
        return before is after
    if before.name != after.name or before.broken or before.partial != after.partial:
        return False
    return schema_of(learned(before, after), "").root == schema_of(after, "").root
