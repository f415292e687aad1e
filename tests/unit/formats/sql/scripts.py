"""What the tests of DDL share: a script's tables in few words, and what of it was not read."""

from watcher.formats.sql.catalogue import Catalogue, Table
from watcher.formats.sql.effects import Effect, Unreadable
from watcher.formats.sql.interpret import run
from watcher.formats.sql.lexis import lexis


def empty(dialect: str) -> Catalogue:
    known = lexis(dialect)
    assert known is not None
    return Catalogue(known)


def tables(dialect: str, script: str) -> dict[str, Table]:
    """What a script builds, which must be read whole."""
    catalogue = empty(dialect)
    unread = [one for one in run(script, catalogue) if isinstance(one, Unreadable)]
    assert unread == []
    return dict(catalogue.tables())


def shape(dialect: str, script: str) -> list[str]:
    """The columns of the one table that a script leaves: `name type[!][=default]`."""
    (table,) = tables(dialect, script).values()
    return [shown(one.name, one.text, one.nullable, one.default) for one in table.columns]


def shown(name: str, text: str, nullable: bool, default: str | None) -> str:
    return f"{name} {text}{'' if nullable else '!'}{'' if default is None else f'={default}'}"


def unread(dialect: str, script: str) -> list[Unreadable]:
    return [one for one in run(script, empty(dialect)) if isinstance(one, Unreadable)]


def effects(dialect: str, script: str) -> list[Effect]:
    """What the last statement of a script did."""
    *_, last = run(script, empty(dialect))
    assert not isinstance(last, Unreadable), last
    return list(last.effects)


def left(dialect: str, base: str, statement: str) -> str:
    """The columns of the one table after a statement, which must be read."""
    return ", ".join(shape(dialect, f"{base}; {statement}"))
