"""What a look at a database would take for missed by its feed, although the feed told all of it.

A script is run twice: by the real database, which is then looked at, and by our own interpreter. Where the two disagree
on a table, a daemon that heard the script would cry.
"""

from __future__ import annotations

from watcher.feeds.warehouse.snapshot import Snapshot
from watcher.formats.sql.catalogue import Catalogue, Name
from watcher.formats.sql.effects import Applied
from watcher.formats.sql.interpret import run
from watcher.formats.sql.lexis import lexis
from watcher.formats.sql.made import table_from
from watcher.formats.sql.tables import schema_of
from watcher.model.types import Record


def interpreted(script: str, dialect: str, place: Name) -> Catalogue:
    """The catalogue that the script builds; every statement must be read."""
    words = lexis(dialect)
    assert words is not None
    catalogue = Catalogue(words)
    catalogue.place = place
    unread = [one for one in run(script, catalogue) if not isinstance(one, Applied)]
    assert unread == []
    return catalogue


def false_alarms(catalogue: Catalogue, snapshot: Snapshot) -> dict[str, str]:
    """`table.column`, or `table` for what is about it as a whole → what the script says, and what the look says."""
    told = {table.name: table for table in catalogue if not table.temporary}
    shown = {image.name: image for image in snapshot.images}
    found = {".".join(name): "told, not shown" for name in told.keys() - shown.keys()}
    found |= {".".join(name): "shown, not told" for name in shown.keys() - told.keys()}
    for name in told.keys() & shown.keys():
        table, image, called = told[name], shown[name], name[-1]
        looked = table_from(image, catalogue.lexis.name, table, catalogue.types)
        before, after = schema_of(table, "").root, schema_of(looked, "").root
        assert isinstance(before, Record)
        assert isinstance(after, Record)
        if before.keys != after.keys:
            found[called] = f"keys {before.keys} / {after.keys}"
        if table.view != image.view:
            found[called] = f"view {table.view} / {image.view}"
        mine, its = [one.name for one in before.fields], [one.name for one in after.fields]
        if mine != its:
            found[called] = f"columns {mine} / {its}"
            continue
        for one, other in zip(before.fields, after.fields, strict=True):
            if one != other:
                found[f"{called}.{one.name}"] = f"{one.type} {one.default} / {other.type} {other.default}"
    return found
