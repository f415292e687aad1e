"""A column's definition and a table's constraints, as CREATE TABLE and ALTER TABLE both write them.

Longer than 300 lines: the dialects' attributes stand in one table, so that none is understood in one place only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from watcher.formats.sql.catalogue import Column
from watcher.formats.sql.classes import mask_of, policy_tags, tags_in, with_classes
from watcher.formats.sql.cursor import Cursor
from watcher.formats.sql.key_text import Key, key_options, references
from watcher.formats.sql.type_text import read_column_type, type_text
from watcher.formats.sql.words import ATTRIBUTES
from watcher.model.schema import split_null

_NULL = re.compile(r"\(*\s*NULL\s*\)*(?:::[\w ]+(?:\(\d+(?:,\s*\d+)?\))?)?\s*\Z", re.IGNORECASE)


@dataclass(slots=True)
class Defined:
    """A column as one definition gives it, with the keys that stand inside it."""

    column: Column
    keys: list[Key]
    typed: bool = True
    nullable: bool | None = None
    constraint: str | None = None
    defaulted: bool = False


def column(cursor: Cursor, types: Mapping[str, str]) -> Defined:
    """A definition: name, type, attributes."""
    name = cursor.name()
    if cursor.lexis.name in ("mysql", "mariadb") and cursor.take("."):
        name = cursor.name()  # Its table may stand before it, even where the table is made.
    return defined(cursor, name, types)


def defined(cursor: Cursor, name: str, types: Mapping[str, str]) -> Defined:
    """What follows a column's name in its definition."""
    text = type_text(cursor)
    made = Column(
        name, text, read_column_type(text, cursor.lexis.name, types), nullable=cursor.lexis.name != "clickhouse"
    )
    if cursor.lexis.name == "clickhouse" and split_null(made.type)[0]:
        made = replace(made, nullable=True)
    if text.lower() in ("serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"):
        made = replace(made, nullable=False, generated="identity")
    one = Defined(made, [], typed=bool(text))
    if text.lower() == "serial" and cursor.lexis.versioned:  # MySQL: BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE.
        one.keys.append(Key((name,), primary=False))
    # Oracle writes the actions of an ALTER one after the other.
    ends = (",|)|AFTER|FIRST|;|BEFORE" if cursor.lexis.name != "trino" else ",|)|AFTER|FIRST|;|LAST") + (
        "|ADD|DROP|MODIFY|RENAME|LOB|NESTED" if cursor.lexis.name == "oracle" else "|CASCADE|RESTRICT"
    )
    while not cursor.done and not cursor.sees(ends):
        _attribute(cursor, one)
    return one


def _attribute(cursor: Cursor, one: Defined) -> None:
    word = cursor.peek().upper
    known = _ATTRIBUTES.get(word)
    if known is None:
        raise cursor.lost("this attribute of a column is not understood:")
    cursor.next()
    known(cursor, one)
    if word != "CONSTRAINT":
        one.constraint = None


def _set(one: Defined, **values: object) -> None:
    one.column = replace(one.column, **values)  # type: ignore[arg-type]


def _not(cursor: Cursor, one: Defined) -> None:
    if cursor.take("NULL"):
        one.nullable = False
        _set(one, nullable=False)
        return
    if (
        cursor.take("SECONDARY")
        or cursor.take("FOR", "REPLICATION")
        or cursor.sees("ENFORCED|DEFERRABLE|VISIBLE|VALID|INVISIBLE|HIDDEN")
    ):
        cursor.sees("ENFORCED|DEFERRABLE|VISIBLE|VALID|INVISIBLE|HIDDEN") and cursor.next()
        return
    raise cursor.lost("NULL is expected")


def _null(cursor: Cursor, one: Defined) -> None:
    del cursor
    one.nullable = True
    _set(one, nullable=True)


def default_of(text: str) -> str | None:
    """A default, as it is written; null is none, also in brackets or as a type's."""
    return None if _NULL.match(text) else text


def _default(cursor: Cursor, one: Defined) -> None:
    if cursor.take("ON", "NULL"):
        cursor.take("FOR", "INSERT") and (cursor.take("ONLY") or cursor.take("AND", "UPDATE"))
    if cursor.take("VALUE"):
        return
    cursor.take("=")
    text = " ".join(cursor.expression(ATTRIBUTES).split())
    if not text:
        raise cursor.lost("a default is expected")
    one.defaulted = True
    _set(one, default=default_of(text))


def _on(cursor: Cursor, one: Defined) -> None:
    del one
    cursor.need("UPDATE|DELETE|CONFLICT|NULL|CONVERSION")
    cursor.expression(ATTRIBUTES)


def _primary(cursor: Cursor, one: Defined) -> None:
    cursor.take("KEY")
    key_options(cursor)
    one.keys.append(Key((one.column.name,), primary=True, name=one.constraint))


def _unique(cursor: Cursor, one: Defined) -> None:
    cursor.take("KEY")
    key_options(cursor)
    one.keys.append(Key((one.column.name,), primary=False, name=one.constraint))


def _key(cursor: Cursor, one: Defined) -> None:
    _primary(cursor, one)


def _identity(cursor: Cursor, one: Defined) -> None:
    cursor.sees("(") and cursor.group()
    while cursor.take(
        "START|INCREMENT|ORDER|NOORDER|MINVALUE|MAXVALUE|CYCLE|NOCYCLE|CACHE|NOCACHE|NOMINVALUE|NOMAXVALUE|KEEP|NOKEEP|SCALE|NOSCALE|GLOBAL"
    ):
        cursor.take("WITH") or cursor.take("BY")
        cursor.take("-")
        cursor.peek().kind == "number" and cursor.next()
    _set(one, generated="identity")
    if cursor.lexis.name in ("sqlserver", "mysql", "mariadb", "postgres", "oracle"):
        _set(one, nullable=False)


def _generated(cursor: Cursor, one: Defined) -> None:
    if cursor.take("BY", "DEFAULT"):
        cursor.take("ON", "NULL") and cursor.take("FOR", "INSERT") and (
            cursor.take("ONLY") or cursor.take("AND", "UPDATE")
        )
    else:
        cursor.take("ALWAYS")
    cursor.need("AS")
    _as(cursor, one)


def _as(cursor: Cursor, one: Defined) -> None:
    if cursor.take("IDENTITY"):
        _identity(cursor, one)
        return
    if cursor.take("ROW"):
        cursor.need("START|END|BEGIN")
        _set(one, generated="period")
        return
    _set(one, generated=" ".join(cursor.expression(ATTRIBUTES).split()))


def _check(cursor: Cursor, one: Defined) -> None:
    del one
    cursor.take("NOT", "FOR", "REPLICATION")
    cursor.group()
    cursor.take("NO", "INHERIT")


def _past(*, words: int = 0, group: bool = False, equals: bool = True) -> Callable[[Cursor, Defined], None]:
    def past(cursor: Cursor, one: Defined) -> None:
        del one
        equals and cursor.take("=")
        for _ in range(words):
            cursor.qualified() if cursor.peek().kind in ("word", "name") else cursor.next()
        group and cursor.sees("(") and cursor.group()

    return past


def _comment(cursor: Cursor, one: Defined) -> None:
    cursor.take("=")
    _set(one, comment=cursor.text())


def _named(cursor: Cursor, one: Defined) -> None:
    one.constraint = None if cursor.sees("PRIMARY|UNIQUE|CHECK|REFERENCES|NOT|NULL|DEFAULT|FOREIGN") else cursor.name()


def _with(cursor: Cursor, one: Defined) -> None:
    if cursor.sees("("):
        cursor.group()
    elif cursor.sees("MASKING|TAG|PROJECTION|DEFAULT|SYSTEM|WITHOUT"):
        _attribute(cursor, one)
    elif not cursor.take("VALUES"):
        raise cursor.lost("this attribute of a column is not understood:")


def _projection(cursor: Cursor, one: Defined) -> None:
    del one
    cursor.take("POLICY")
    cursor.qualified()


def _masking(cursor: Cursor, one: Defined) -> None:
    cursor.at -= 1
    _set(one, classes=with_classes(one.column.classes, [mask_of(cursor)]))


def _tag(cursor: Cursor, one: Defined) -> None:
    _set(one, classes=with_classes(one.column.classes, tags_in(cursor)))


def _options(cursor: Cursor, one: Defined) -> None:
    if cursor.lexis.name == "bigquery":
        _set(one, classes=policy_tags(cursor) or one.column.classes)
    else:
        cursor.group()


def _collate(cursor: Cursor, one: Defined) -> None:
    del one
    cursor.take("=")
    cursor.qualified()


def _character(cursor: Cursor, one: Defined) -> None:
    cursor.need("SET")
    _collate(cursor, one)


def _computed(cursor: Cursor, one: Defined) -> None:
    _set(one, generated=" ".join(cursor.expression(ATTRIBUTES).split()) or "ephemeral")


def _no(cursor: Cursor, one: Defined) -> None:
    del one
    cursor.need("INHERIT|ENCRYPT|INMEMORY")


def _foreign(cursor: Cursor, one: Defined) -> None:
    del one
    cursor.need("KEY")
    cursor.need("REFERENCES")
    references(cursor)


def _serial(cursor: Cursor, one: Defined) -> None:
    """MySQL's `SERIAL DEFAULT VALUE`: counted, not null, unique."""
    cursor.need("DEFAULT", "VALUE")
    one.keys.append(Key((one.column.name,), primary=False))
    _set(one, generated="identity", nullable=False)


def _references(cursor: Cursor, one: Defined) -> None:
    del one
    references(cursor)


def _encrypt(cursor: Cursor, one: Defined) -> None:
    del one
    cursor.while_(lambda token: token.text != "," and (token.upper not in ATTRIBUTES or token.upper == "USING"))


_NOTHING = _past()
_ATTRIBUTES: Mapping[str, Callable[[Cursor, Defined], None]] = {
    "NOT": _not,
    "NULL": _null,
    "DEFAULT": _default,
    "ON": _on,
    "PRIMARY": _primary,
    "UNIQUE": _unique,
    "KEY": _key,
    "AUTO_INCREMENT": _identity,
    "AUTOINCREMENT": _identity,
    "IDENTITY": _identity,
    "GENERATED": _generated,
    "AS": _as,
    "CHECK": _check,
    "REFERENCES": _references,
    "FOREIGN": _foreign,
    "SERIAL": _serial,
    "ANNOTATIONS": _past(group=True),
    "BY": _past(words=3),
    "COMMENT": _comment,
    "COLLATE": _collate,
    "CHARSET": _collate,
    "CHARACTER": _character,
    "CONSTRAINT": _named,
    "OPTIONS": _options,
    "ENCODE": _past(words=1),
    "CODEC": _past(group=True),
    "STATISTICS": _past(group=True),
    "SETTINGS": _past(group=True),
    "TTL": lambda cursor, _: (cursor.expression(ATTRIBUTES), None)[1],
    "MATERIALIZED": _computed,
    "ALIAS": _computed,
    "EPHEMERAL": _computed,
    "WITH": _with,
    "MASKING": _masking,
    "MASK": _masking,
    "MASKED": _masking,
    "PROJECTION": _projection,
    "TAG": _tag,
    "NO": _no,
    "INITIALLY": _past(words=1),
    "STORAGE": _past(words=1),
    "COLUMN_FORMAT": _past(words=1),
    "COMPRESSION": _past(words=1),
    "ENGINE_ATTRIBUTE": _past(words=1),
    "SECONDARY_ENGINE_ATTRIBUTE": _past(words=1),
    "SRID": _past(words=1),
    "ENCRYPT": _encrypt,
    "USING": _past(words=2),
    "DECRYPT": _NOTHING,
    **dict.fromkeys(
        [
            "DISTKEY",
            "SORTKEY",
            "VISIBLE",
            "INVISIBLE",
            "ENABLE",
            "DISABLE",
            "RELY",
            "NORELY",
            "VALIDATE",
            "NOVALIDATE",
            "STORED",
            "VIRTUAL",
            "PERSISTED",
            "PERSISTENT",
            "SPARSE",
            "HIDDEN",
            "ROWGUIDCOL",
            "SORT",
            "DEFERRABLE",
            "ENFORCED",
            "ASC",
            "DESC",
        ],
        _NOTHING,
    ),
}
