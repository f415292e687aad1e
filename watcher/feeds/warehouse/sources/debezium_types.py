"""A column as Debezium lists it: its type in the platform's own words, put together from name, length and scale.

Connectors that read a database's own metadata give a length and scale for every type, as JDBC does: only where a type
is written with them do they belong to it. MySQL's come from the statement itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from watcher.feeds.warehouse.facts import ColumnImage

MAX_TYPE = 1_000_000
NOW = "1970-01-01 00:00:00"
"""What MySQL's connector writes for a default that is the moment of writing; no TIMESTAMP can hold it."""

_IDENTITY = re.compile(r"\s+identity\b(?:\s*\([\d, ]*\))?", re.IGNORECASE)
_TAIL = re.compile(r"(?i)\s+(?:unsigned|signed|zerofill|binary|with|without|for)\b.*")
_LENGTHS = frozenset(
    {"CHAR", "CHARACTER", "VARCHAR", "VARCHAR2", "NCHAR", "NVARCHAR", "NVARCHAR2", "LVARCHAR", "BINARY", "VARBINARY"}
    | {"RAW", "UROWID", "BYTE", "GRAPHIC", "VARGRAPHIC"}
)
"""Types that are written with a length on every platform."""
_DECIMALS = frozenset(["DECIMAL", "DEC", "NUMERIC", "NUMBER", "FIXED", "MONEY"])
_FRACTIONS = frozenset(["TIME", "DATETIME2", "DATETIMEOFFSET", "TIMESTAMP", "DATETIME"])
"""Types that are written with the digits of a second."""
_UNBOUNDED = 1_073_741_823
"""The least length by which SQL Server's drivers tell `max`."""
_LARGEST = 2**31 - 1


def column(listed: Any, connector: str) -> ColumnImage | None:
    """One column of a table change; None where it is none."""
    if not isinstance(listed, dict):
        return None
    name, type_ = listed.get("name"), type_text(listed, connector)
    if not isinstance(name, str) or not name or type_ is None:
        return None
    optional, comment = listed.get("optional"), listed.get("comment")
    return ColumnImage(
        name,
        type_,
        optional if isinstance(optional, bool) else None,
        _default(listed, connector),
        comment=comment if isinstance(comment, str) else None,
    )


def _default(listed: Mapping[str, Any], connector: str) -> str | None:
    default = listed.get("defaultValueExpression")
    if not isinstance(default, str) or len(default) > MAX_TYPE:
        return None  # none, or the database counts, as other sources leave it out too
    name = listed.get("typeName")
    moment = isinstance(name, str) and name.upper().startswith(("TIMESTAMP", "DATETIME"))
    return "CURRENT_TIMESTAMP" if moment and default == NOW and connector in ("mysql", "mariadb") else default


def type_text(listed: Mapping[str, Any], connector: str) -> str | None:
    """The type in the platform's words; None where the column names none."""
    name, expression = listed.get("typeName"), listed.get("typeExpression")
    written = expression if isinstance(expression, str) and "(" in expression else name
    written = written if isinstance(written, str) and written.strip() else expression
    if not isinstance(written, str) or not written.strip() or len(written) > MAX_TYPE:
        return None
    text = _IDENTITY.sub("", written.strip()).replace("()", "")  # as SQL Server's driver has `numeric() identity`
    given = listed.get("enumValues")
    values = [one for one in given if isinstance(one, str)] if isinstance(given, list) else []
    if values and "(" not in text:
        return f"{text}({','.join(map(_quoted, values))})"
    if "(" in text:
        return text
    digits = _MADE.get(connector, _listed)(_first(text), _number(listed, "length"), _number(listed, "scale"))
    tail = _TAIL.search(text)
    head = text[: tail.start()] if tail else text
    return f"{head}{digits}{tail.group() if tail else ''}" if digits else text


def _quoted(value: str) -> str:
    """A value of an enumeration as a literal: from 2.0 on it comes as one."""
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value
    return "'" + value.replace("'", "''") + "'"


def _first(text: str) -> str:
    return text.split(maxsplit=1)[0].upper()


def _number(listed: Mapping[str, Any], key: str) -> int | None:
    number = listed.get(key)
    if not isinstance(number, int) or isinstance(number, bool) or abs(number) > _LARGEST:
        return None
    return number


def _mysql(kind: str, length: int | None, scale: int | None) -> str:
    """What the statement said, or what the server takes where it says nothing."""
    if kind in ("ENUM", "SET") or length is None or length < 0:  # an enumeration's is the width of its values
        return ""
    return f"({length},{scale})" if scale is not None and scale >= 0 else f"({length})"


def _oracle(kind: str, length: int | None, scale: int | None) -> str:
    if kind in ("TIMESTAMP", "TIME"):  # with them in its name, or without: six digits
        return f"({length})" if length is not None and 0 <= length <= 9 else ""
    if kind == "NUMBER" and (scale is None or scale < -84):
        # 38 digits and no scale are what a NUMBER without either has.
        return f"({length})" if length and length < 38 else ""
    return _listed(kind, length, scale)


def _listed(kind: str, length: int | None, scale: int | None) -> str:
    """What JDBC lists."""
    if kind in _DECIMALS and kind != "MONEY" and length:
        return f"({length},{scale})" if scale is not None else f"({length})"
    if kind in _LENGTHS and length is not None and length > 0:
        return "(max)" if length >= _UNBOUNDED else f"({length})"
    if kind in _FRACTIONS and kind != "DATETIME" and scale is not None and 0 <= scale <= 12:
        return f"({scale})"
    return ""


_MADE: Mapping[str, Callable[[str, int | None, int | None], str]] = {
    "mysql": _mysql,
    "mariadb": _mysql,
    "oracle": _oracle,
    "yashandb": _oracle,
}
