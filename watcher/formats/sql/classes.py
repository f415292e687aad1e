"""What classifies a column: tags, masks, policy tags, each platform's under one name that a contract can say.

A tag is its own name, without its schema, and `=value` where it has one; a mask is `masked=` and what masks it;
BigQuery's policy tags are the names of their resources; SQL Server's labels are their texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from watcher.formats.sql import shape
from watcher.formats.sql.catalogue import Catalogue
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.effects import Effect
from watcher.formats.sql.lexis import value

Classes: TypeAlias = tuple[str, ...]
Change: TypeAlias = Callable[[Classes], Classes]

MASKED = "masked"


def with_classes(classes: Classes, added: Iterable[str]) -> Classes:
    """With more of them, each in place of the one of its name."""
    for one in added:
        classes = (*without(classes, [one.partition("=")[0]]), one)
    return tuple(sorted(classes))


def without(classes: Classes, names: Iterable[str]) -> Classes:
    """Without those of the names."""
    gone = set(names)
    return tuple(one for one in classes if one.partition("=")[0] not in gone)


def put_on(cursor: Cursor) -> Change | None:
    """What SET, or ADD, puts on a column, if that comes next and classifies it."""
    if cursor.take("TAG"):
        tags = _tags(cursor)
        return lambda classes: with_classes(classes, tags)
    if cursor.take("TAGS"):
        tags = tags_in(cursor)
        return lambda classes: with_classes(classes, tags)
    if cursor.sees("MASKING", "POLICY") or cursor.sees("MASK|MASKED"):
        mask = mask_of(cursor)
        return lambda classes: with_classes(classes, [mask])
    if cursor.sees("OPTIONS", "(") and cursor.lexis.name == "bigquery":
        cursor.next()
        policies = policy_tags(cursor)
        return None if policies is None else lambda _: policies
    return None


def taken_off(cursor: Cursor) -> Change | None:
    """What UNSET, or DROP, takes off a column, if that comes next and classified it."""
    if cursor.take("TAG"):
        names = [cursor.qualified()[-1]]
        while cursor.sees(",") and cursor.peek(2).text in (",", ".", ""):
            cursor.next()
            names.append(cursor.qualified()[-1])
        return lambda classes: without(classes, names)
    if cursor.take("TAGS"):
        names = tags_in(cursor)
        return lambda classes: without(classes, names)
    if cursor.take("MASKING", "POLICY") or cursor.take("MASK|MASKED"):
        return lambda classes: without(classes, [MASKED])
    return None


def tags_in(cursor: Cursor) -> list[str]:
    """Tags in brackets: `('pii', 'owner' = 'crm')`, `(gov.pii = 'yes')`."""
    cursor.need("(")
    found: list[str] = []
    while not cursor.take(")"):
        found.append(_tag(cursor))
        if not cursor.sees(")"):
            cursor.need(",")
    return found


def mask_of(cursor: Cursor) -> str:
    """A mask, from its first word on."""
    if cursor.take("MASKED"):
        cursor.take("WITH")
        inner = [one for one in cursor.lexis.tokens(cursor.group()) if one.kind == "text"]
        return f"{MASKED}={value(inner[0])}" if inner else MASKED
    cursor.take("MASKING", "POLICY") or cursor.take("MASK")
    name = cursor.qualified()[-1]
    if cursor.take("USING"):
        cursor.take("COLUMNS")
        cursor.group()
    cursor.take("FORCE")
    return f"{MASKED}={name}"


def policy_tags(cursor: Cursor) -> Classes | None:
    """The policy tags that a column's OPTIONS give; None where they say nothing of them."""
    found: Classes | None = None
    cursor.need("(")
    while not cursor.take(")"):
        name = cursor.name()
        cursor.need("=")
        start = cursor.at
        cursor.until(",", ")")
        if name.casefold() == "policy_tags":
            given = [cursor.peek(at - cursor.at) for at in range(start, cursor.at)]
            found = tuple(sorted(value(one) for one in given if one.kind == "text"))
        if not cursor.sees(")"):
            cursor.need(",")
    return found


def tag_on(cursor: Cursor, catalogue: Catalogue, *, off: bool) -> list[Effect]:
    """Databricks' SET TAG ON COLUMN c.s.t.column pii = v, and UNSET TAG ON."""
    if not cursor.take("TAG", "ON", "COLUMN"):
        return []
    name = cursor.qualified()
    tag = cursor.name()
    tag = f"{tag}={cursor.text() if cursor.peek().kind == 'text' else cursor.name()}" if cursor.take("=") else tag
    change: Change = lambda classes: without(classes, [tag]) if off else with_classes(classes, [tag])  # noqa: E731
    return _changed(catalogue, name[:-1], name[-1], change)


def sensitivity(cursor: Cursor, catalogue: Catalogue, *, off: bool) -> list[Effect]:
    """SQL Server's ADD SENSITIVITY CLASSIFICATION TO t.c WITH (LABEL = …), and DROP … FROM."""
    if not cursor.take("SENSITIVITY", "CLASSIFICATION"):
        return []
    cursor.need("TO|FROM")
    names = [cursor.qualified()]
    while cursor.take(","):
        names.append(cursor.qualified())
    told: list[str] = []
    if cursor.take("WITH", "("):
        while not cursor.take(")"):
            kind = cursor.name().casefold()
            cursor.need("=")
            text = cursor.text() if cursor.peek().kind == "text" else cursor.next().text
            told += [text] if kind in ("label", "information_type") else []
            if not cursor.sees(")"):
                cursor.need(",")
    effects: list[Effect] = []
    for name in names:
        effects += _changed(catalogue, name[:-1], name[-1], lambda _: () if off else tuple(sorted(told)))
    return effects


def _changed(catalogue: Catalogue, table: tuple[str, ...], column: str, change: Change) -> list[Effect]:
    before = catalogue.need(table)
    after = shape.changed(before, column, lambda one: shape.classed(one, change(one.classes)), catalogue)
    return [Effect(before.name, before, catalogue.put(after))] if after != before else []


def _tags(cursor: Cursor) -> list[str]:
    """Tags one after the other, without brackets: what follows a comma may be another action."""
    found = [_tag(cursor)]
    while cursor.sees(","):
        start = cursor.at
        cursor.next()
        if cursor.peek().kind not in ("word", "name"):
            cursor.at = start
            break
        cursor.qualified()
        there = cursor.sees("=")
        cursor.at = start
        if not there:
            break
        cursor.next()
        found.append(_tag(cursor))
    return found


def _tag(cursor: Cursor) -> str:
    name = cursor.text() if cursor.peek().kind == "text" else cursor.qualified()[-1]
    told = cursor.text() if cursor.take("=") else ""
    return f"{name}={told}" if told else name
