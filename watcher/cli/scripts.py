"""SQL scripts on the command line: what they build, statement by statement, and what two of them differ in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from watcher.diff import diff
from watcher.diff.render import to_json
from watcher.formats.sql.catalogue import Catalogue, Table
from watcher.formats.sql.dialects import PLATFORMS
from watcher.formats.sql.effects import Effect, Outcome, Unreadable
from watcher.formats.sql.interpret import run
from watcher.formats.sql.lexis import lexis
from watcher.formats.sql.tables import schema_of
from watcher.model.errors import UsageError

Document = dict[str, Any]


def catalogue_for(dialect: str) -> Catalogue:
    """An empty catalogue of a dialect; UsageError where we know none of that name."""
    known = lexis(dialect)
    if known is None:
        raise UsageError(f"the dialect {dialect[:60]!r} is not known: known are {', '.join(sorted(PLATFORMS))}")
    return Catalogue(known)


def built(scripts: Iterable[str], dialect: str) -> tuple[Catalogue, list[Unreadable]]:
    """What scripts build, one after the other, and what of them was not read."""
    catalogue = catalogue_for(dialect)
    unread = [one for script in scripts for one in run(script, catalogue) if isinstance(one, Unreadable)]
    return catalogue, unread


def table_document(table: Table) -> Document:
    """One table as `watcher ddl` shows it."""
    columns = [
        {"name": one.name, "type": one.text, "nullable": one.nullable, "default": one.default, "position": at}
        for at, one in enumerate(table.columns, start=1)
    ]
    return {"columns": columns, "primary_key": list(table.primary_key)}


def unread_document(one: Unreadable) -> Document:
    """What was not read, and why."""
    text = one.statement.text
    shown = text if len(text) <= 200 else f"{text[:200]}…"
    return {"line": one.statement.line, "table": one.table, "kind": one.kind, "reason": one.reason, "statement": shown}


def changes_of(outcome: Outcome, catalogue: Catalogue) -> list[Document]:
    """What a statement changed, as facts; those of a view that followed a table name it in `because`."""
    if isinstance(outcome, Unreadable):
        return []
    return [change for effect in outcome.effects for change in _changes(effect, catalogue)]


def _changes(effect: Effect, catalogue: Catalogue) -> list[Document]:
    name = catalogue.called(effect.name)
    before = schema_of(effect.before, catalogue.called(effect.before.name)) if effect.before else None
    after = schema_of(effect.after, name) if effect.after else None
    told = [to_json(change, name) for change in diff(before, after)] + _health(effect, name)
    because = {"because": catalogue.called(effect.because)} if effect.because else {}
    return [{**one, **because} for one in told]


def _health(effect: Effect, name: str) -> list[Document]:
    """Whether a view broke by the statement, so that each query of it fails, or is whole again."""
    before, after = (one.broken if one else None for one in (effect.before, effect.after))
    if effect.after is None or (before is None) is (after is None):
        return []
    kind = "view-mended" if after is None else "view-broken"
    return [{"kind": kind, "dataset": name, "path": "", "before": before, "after": after}]


def differences(before: str | None, after: str | None, dialect: str) -> tuple[list[Document], list[Document]]:
    """What two scripts build differently, table by table, and what of either was not read."""
    old, old_unread = built([before] if before is not None else [], dialect)
    new, new_unread = built([after] if after is not None else [], dialect)
    tables = {old.column_key(name): (name, table) for name, table in old.tables().items()}
    changes: list[Document] = []
    for name, table in new.tables().items():
        was = tables.pop(new.column_key(name), None)
        earlier = schema_of(was[1], name, traced=False) if was else None
        changes += [to_json(one, name) for one in diff(earlier, schema_of(table, name, traced=False))]
    for name, table in tables.values():
        changes += [to_json(one, name) for one in diff(schema_of(table, name, traced=False), None)]
    unread = [
        {"side": side, **unread_document(one)}
        for side, many in (("old", old_unread), ("new", new_unread))
        for one in many
    ]
    return changes, unread


def told_unread(unread: Sequence[Document]) -> str:
    """What was not read, one line each, for a person."""
    lines = []
    for one in unread:
        table = f" (table {one['table']})" if one["table"] else ""
        lines.append(f"line {one['line']}: not read{table}: {one['reason']}")
    return "\n".join(lines)
