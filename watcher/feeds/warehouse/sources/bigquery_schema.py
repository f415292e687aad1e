"""BigQuery's TableSchema as JSON, as its audit log and its API write it: columns with types in its SQL's own words."""

from __future__ import annotations

import re

import orjson

from watcher.feeds.warehouse.facts import ColumnImage
from watcher.feeds.warehouse.sources.rows import Row, inner, number, text

MAX_DEPTH = 32
"""Structs within structs; BigQuery allows fifteen."""

_NAMES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "DECIMAL": "NUMERIC", "BIGDECIMAL": "BIGNUMERIC"}
_STRUCTS = frozenset({"RECORD", "STRUCT"})
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KEYWORDS = frozenset({"not", "select"})


class _Malformed(Exception):  # noqa: N818 - never leaves this file
    """It is no schema as BigQuery writes one."""


def columns_of(written: str) -> tuple[ColumnImage, ...] | None:
    """The columns of a schema's text; None where it is none."""
    try:
        document = orjson.loads(written)
        return tuple(_column(one) for one in _fields(document))
    except (orjson.JSONDecodeError, _Malformed):
        return None


def _fields(document: object) -> list[Row]:
    listed = document.get("fields", []) if isinstance(document, dict) else document
    if not isinstance(listed, list):
        raise _Malformed
    fields = [one for one in listed if isinstance(one, dict)]
    if len(fields) < len(listed):
        raise _Malformed
    return fields


def _column(field: Row) -> ColumnImage:
    return ColumnImage(
        _name(field),
        _type(field, 0),
        nullable=_mode(field) != "REQUIRED",
        default=text(field.get("defaultValueExpression")),
        comment=text(field.get("description")),
        classes=tuple(sorted(_tags(field, 0))),
    )


def _name(field: Row) -> str:
    name = text(field.get("name"))
    if name is None:
        raise _Malformed
    return name


def _mode(field: Row) -> str:
    return (text(field.get("mode")) or "NULLABLE").upper()


def _type(field: Row, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise _Malformed
    name = (text(field.get("type")) or "").upper()
    if not name:
        raise _Malformed
    if name in _STRUCTS:
        found = f"STRUCT<{', '.join(_member(one, depth + 1) for one in _fields(field))}>"
    elif name == "RANGE":
        found = f"RANGE<{_type(inner(field.get('rangeElementType')), depth + 1)}>"
    else:
        found = _NAMES.get(name, name) + _sized(field)
    return f"ARRAY<{found}>" if _mode(field) == "REPEATED" else found


def _member(field: Row, depth: int) -> str:
    name = _name(field)
    plain = _PLAIN.match(name) and name.lower() not in _KEYWORDS
    required = " NOT NULL" if _mode(field) == "REQUIRED" else ""
    return f"{name if plain else f'`{name}`'} {_type(field, depth)}{required}"


def _sized(field: Row) -> str:
    length, precision, scale = (number(field.get(one)) for one in ("maxLength", "precision", "scale"))
    if length is not None:
        return f"({length})"
    if precision is None:
        return ""
    return f"({precision})" if scale is None else f"({precision}, {scale})"


def _tags(field: Row, depth: int) -> set[str]:
    """Policy tags of a column, and of the members within it: who reads it whole reads them."""
    if depth > MAX_DEPTH:
        raise _Malformed
    names = inner(field.get("policyTags")).get("names")
    found = {one for one in names if isinstance(one, str)} if isinstance(names, list) else set()
    nested = _fields(field) if isinstance(field.get("fields"), list) else []
    return found.union(*(_tags(one, depth + 1) for one in nested))
