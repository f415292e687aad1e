"""A default's text as its platform shows it, brought back to what a definition would say of it."""

from __future__ import annotations

_TEXTS = frozenset({
    "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "date", "datetime", "timestamp",
    "time", "year", "binary", "varbinary", "inet4", "inet6", "uuid",
})  # fmt: skip


def mariadb_default(text: str | None) -> str | None:
    """MariaDB shows an expression as it would stand in a definition, and NULL where there is no default."""
    return None if text is None or text.upper() == "NULL" else text


def mysql_default(text: str | None, data_type: str, extra: str) -> str | None:
    """MySQL shows a literal without its quotes, and says of an expression that it is one."""
    if text is None or "DEFAULT_GENERATED" in extra.upper() or data_type.lower() not in _TEXTS:
        return text
    if text.upper().startswith("CURRENT_TIMESTAMP"):
        return text  # before 8.0 it was not said to be an expression
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def plain_default(text: str | None) -> str | None:
    """A default of null is none."""
    return None if text is None or not text.strip() or text.strip().upper() == "NULL" else text
