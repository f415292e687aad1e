"""Statements that mend a table, in its platform's dialect; nothing where not all that stands in one is known.

A type is written as the first of its spellings that the platform reads as exactly that type, so that the statement
makes what was there before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from watcher.diff.render import type_text
from watcher.formats.sql.lexis import lexis
from watcher.formats.sql.proposed import table_name
from watcher.formats.sql.types import recognised

_NULLABLE = " | null"
_UNNAMED = re.compile(r"[\x00-\x1f\x7f]")

_SPELLINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "string": ("TEXT", "VARCHAR", "VARCHAR(MAX)", "NVARCHAR(MAX)", "STRING", "CLOB"),
        "int": ("INTEGER", "INT", "Int32"),
        "long": ("BIGINT", "INT64", "Int64"),
        "int16": ("SMALLINT",),
        "boolean": ("BOOLEAN", "BOOL", "BIT"),
        "float": ("REAL", "FLOAT", "Float32", "BINARY_FLOAT"),
        "double": ("DOUBLE PRECISION", "DOUBLE", "FLOAT64", "FLOAT", "FLOAT(53)", "Float64", "BINARY_DOUBLE"),
        "bytes": ("BYTEA", "BYTES", "BINARY", "VARBINARY", "VARBINARY(MAX)", "BLOB", "LONGBLOB"),
        "date": ("DATE",),
        "uuid": ("UUID", "UNIQUEIDENTIFIER"),
        "timestamp": ("TIMESTAMPTZ", "TIMESTAMP_TZ", "DATETIMEOFFSET", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
        "local-timestamp": ("TIMESTAMP_NTZ", "DATETIME2", "DATETIME", "TIMESTAMP", "TIMESTAMP WITHOUT TIME ZONE"),
    }
)
_SIZED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "decimal": ("NUMERIC", "DECIMAL", "NUMBER", "Decimal"),
        "string": ("VARCHAR", "STRING", "NVARCHAR", "VARCHAR2"),
        "bytes": ("VARBINARY", "BYTES", "BINARY", "RAW"),
    }
)
_OWN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "bigquery": ("STRING", "INT64", "BOOL", "FLOAT64", "BYTES", "NUMERIC", "BIGNUMERIC", "TIMESTAMP", "DATETIME"),
        "databricks": ("STRING", "INT", "BIGINT", "DOUBLE", "FLOAT", "DECIMAL", "BINARY", "TIMESTAMP", "TIMESTAMP_NTZ"),
        "athena": ("string", "int", "bigint", "double", "float", "decimal", "binary", "timestamp"),
        "snowflake": ("VARCHAR", "NUMBER", "FLOAT", "BOOLEAN", "BINARY", "TIMESTAMP_TZ", "TIMESTAMP_NTZ"),
        "sqlserver": ("NVARCHAR(MAX)", "VARCHAR(MAX)", "FLOAT(53)", "REAL", "VARBINARY(MAX)", "DATETIMEOFFSET", "BIT"),
        "mysql": ("TEXT", "LONGTEXT", "INT", "DOUBLE", "FLOAT", "DECIMAL", "LONGBLOB", "BLOB"),
        "mariadb": ("TEXT", "LONGTEXT", "INT", "DOUBLE", "FLOAT", "DECIMAL", "LONGBLOB", "BLOB"),
        "trino": ("VARCHAR", "INTEGER", "DOUBLE", "REAL", "DECIMAL", "VARBINARY", "TIMESTAMP"),
        "duckdb": ("VARCHAR", "INTEGER", "DOUBLE", "REAL", "DECIMAL", "BLOB"),
        "redshift": ("INTEGER", "DOUBLE PRECISION", "REAL", "DECIMAL", "VARBYTE"),
    }
)
"""The platform's own words, which are tried first."""

_SKIPPED = frozenset({"clickhouse", "sqlite"})
"""Where a type's text says whether it may be null, or where any word is a type: nothing is written there."""

_SETS_NOT_NULL = frozenset({"postgres", "snowflake", "databricks", "duckdb"})
_MODIFIES = frozenset({"mysql", "mariadb"})
_RETYPES = frozenset({"postgres", "duckdb"})
_RENAMES = frozenset(
    {"postgres", "snowflake", "bigquery", "redshift", "databricks", "mysql", "mariadb", "oracle", "trino", "duckdb"}
)
_VIEWS = _RENAMES | {"sqlserver", "athena", "sqlite"}
_DEFAULTS = frozenset({"postgres", "mysql", "mariadb", "duckdb", "bigquery", "databricks"})
_KEYS = frozenset({"postgres", "mysql", "mariadb", "sqlserver", "oracle", "snowflake", "redshift"})
_UNDROPS = frozenset({"snowflake", "databricks"})


def add(dataset: str, dialect: str, column: str, was: str) -> str:
    """The column again, as it was; where it was never null, with the step in between that needs a person."""
    table, name, bare = table_of(dataset, dialect), quoted(column, dialect), was.removesuffix(_NULLABLE)
    type_ = spelled(bare, dialect)
    if not table or not name or not type_:
        return ""
    match dialect:
        case "sqlserver":
            added = f"ALTER TABLE {table} ADD {name} {type_};"
        case "oracle":
            added = f"ALTER TABLE {table} ADD ({name} {type_});"
        case "athena":
            added = f"ALTER TABLE {table} ADD COLUMNS ({name} {type_});"
        case _:
            added = f"ALTER TABLE {table} ADD COLUMN {name} {type_};"
    if was.endswith(_NULLABLE):
        return added
    strict = not_null(dataset, dialect, column, bare)
    return f"{added}\n-- fill it for the records that are there, then:\n{strict}" if strict else added


def rename(dataset: str, dialect: str | None, now: str, old: str) -> str:
    """The column's old name."""
    if dialect is None or dialect not in _RENAMES:
        return ""
    table, one, other = table_of(dataset, dialect), quoted(now, dialect), quoted(old, dialect)
    return f"ALTER TABLE {table} RENAME COLUMN {one} TO {other};" if table and one and other else ""


def view(dataset: str, dialect: str | None, now: str, old: str) -> str:
    """A view beside the table, in which a column has its old name too."""
    if dialect is None or dialect not in _VIEWS:
        return ""
    table, beside = table_of(dataset, dialect), table_of(dataset, dialect, "_as_before")
    one, other = quoted(now, dialect), quoted(old, dialect)
    if not (table and beside and one and other):
        return ""
    return f"CREATE VIEW {beside} AS\nSELECT t.*, t.{one} AS {other}\nFROM {table} t;"


def retype(dataset: str, dialect: str, column: str, was: str) -> str:
    """The column's old type."""
    bare = was.removesuffix(_NULLABLE)
    table, name, type_ = table_of(dataset, dialect), quoted(column, dialect), spelled(bare, dialect)
    if not table or not name or not type_:
        return ""
    if dialect in _RETYPES:
        return f"ALTER TABLE {table} ALTER COLUMN {name} TYPE {type_} USING {name}::{type_};"
    return ""


def not_null(dataset: str, dialect: str | None, column: str | None, was: str) -> str:
    """A column that is never null, in the type that it has."""
    if dialect is None or column is None:
        return ""
    table, name = table_of(dataset, dialect), quoted(column, dialect)
    if not table or not name:
        return ""
    if dialect in _SETS_NOT_NULL:
        return f"ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL;"
    type_ = spelled(was.removesuffix(_NULLABLE), dialect)
    if type_ and dialect in _MODIFIES:
        return f"ALTER TABLE {table} MODIFY COLUMN {name} {type_} NOT NULL;"
    if type_ and dialect == "sqlserver":
        return f"ALTER TABLE {table} ALTER COLUMN {name} {type_} NOT NULL;"
    return ""


def default(dataset: str, dialect: str | None, column: str | None, was: Any) -> str:
    """A column's default, where it is a number or a truth: a text may be an expression."""
    if dialect is None or column is None or dialect not in _DEFAULTS or not isinstance(was, bool | int | float):
        return ""
    table, name = table_of(dataset, dialect), quoted(column, dialect)
    value = str(was).upper() if isinstance(was, bool) else repr(was)
    return f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {value};" if table and name else ""


def key(dataset: str, dialect: str | None, members: Sequence[str], *, primary: bool) -> str:
    """A key that was declared."""
    if dialect is None or dialect not in _KEYS or not members:
        return ""
    table, names = table_of(dataset, dialect), [quoted(one, dialect) for one in members]
    if not table or not all(names):
        return ""
    return f"ALTER TABLE {table} ADD {'PRIMARY KEY' if primary else 'UNIQUE'} ({', '.join(names)});"


def undrop(dataset: str, dialect: str | None) -> str:
    """The table, where the platform keeps dropped ones."""
    table = table_of(dataset, dialect) if dialect is not None and dialect in _UNDROPS else ""
    return f"UNDROP TABLE {table};" if table else ""


def table_of(dataset: str, dialect: str, more: str = "") -> str:
    """The table's quoted name, or that of one beside it."""
    name = table_name(dataset.partition("#")[0], dialect)
    parts = [quoted(one, dialect) for one in (*name[:-1], name[-1] + more if name[-1] else "")]
    return ".".join(parts) if parts and all(parts) else ""


def quoted(name: str, dialect: str) -> str:
    """A name as an identifier that means just that; empty where it cannot be written safely."""
    written = lexis(dialect)
    if written is None or not name or len(name) > 255 or _UNNAMED.search(name) or "\\" in name:
        return ""
    if dialect in {"bigquery", "athena"}:
        return "" if "`" in name else f"`{name}`"
    return written.quoted(name)


@lru_cache(maxsize=2048)
def spelled(text: str, dialect: str) -> str:
    """A type as the platform writes it; empty where no spelling is read as exactly this type."""
    if dialect in _SKIPPED:
        return ""
    word, _, sizes = text.partition("(")
    known = _SIZED.get(word, ()) if sizes else ()
    spellings = [f"{one}({sizes}" for one in known]
    base = _SPELLINGS.get(word, ())
    own = [one for one in _OWN.get(dialect, ()) if not sizes or word in {"timestamp", "local-timestamp"}]
    own_sized = [f"{one}({sizes}" for one in _OWN.get(dialect, ()) if sizes and "(" not in one]
    for one in (*own, *own_sized, *(base if not known else ()), *spellings):
        found = recognised(one, dialect)
        if found is not None and type_text(found) == text:
            return one
    return ""
