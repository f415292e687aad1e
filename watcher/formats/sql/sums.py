"""What SUM and AVG make of a column's type on each platform; None where that is not certain."""

from __future__ import annotations

from watcher.model.types import Decimal, Float, Integer, Type

_DIGITS = {8: 3, 16: 5, 24: 8, 32: 10, 64: 19}
"""Decimal digits of a whole number, as MySQL and MariaDB count them."""


def summed(type_: Type, dialect: str) -> str | None:
    """The platform's word for the sum's type."""
    match type_:
        case Integer(bits=bits, signed=signed):
            return _of_whole(bits, dialect, signed=signed)
        case Decimal():
            return _of_exact(type_, dialect)
        case Float(bits=bits):
            return _of_float(bits, dialect)
    return None


def averaged(type_: Type, dialect: str) -> str | None:
    """The platform's word for the average's type."""
    match type_:
        case Float(bits=bits):
            return "double precision" if dialect == "postgres" else None if bits != 64 else _of_float(64, dialect)
        case Integer():
            exact = {"postgres": "numeric", "bigquery": "FLOAT64", "duckdb": "DOUBLE", "clickhouse": "Float64"}
            return {**exact, "trino": "double", "athena": "double", "databricks": "double"}.get(dialect)
        case Decimal():
            return "numeric" if dialect == "postgres" else None
    return None


def _of_whole(bits: int, dialect: str, *, signed: bool) -> str | None:
    small = 0 < bits <= 32
    if bits > 64 or bits == 0:
        return None
    match dialect:
        case "postgres":
            return "bigint" if small else "numeric"
        case "redshift":
            return "bigint" if small else "numeric(38,0)"
        case "bigquery":
            return "INT64"
        case "databricks" | "trino" | "athena":
            return "bigint"
        case "duckdb":
            return "HUGEINT"
        case "sqlserver":
            return "int" if small else "bigint"
        case "clickhouse":
            return "Int64" if signed else "UInt64"
        case "mysql" | "mariadb" if bits in _DIGITS and signed:
            return f"decimal({_DIGITS[bits] + 22},0)"
    return None


def _of_exact(type_: Decimal, dialect: str) -> str | None:
    precision, scale = type_.precision, type_.scale
    if dialect == "postgres":
        return "numeric"
    if dialect == "oracle":
        return "NUMBER"
    if precision is None or scale is None:
        return None
    match dialect:
        case "redshift":
            return f"numeric(38,{scale})"
        case "snowflake":
            return f"NUMBER(38,{scale})"
        case "bigquery":
            return "NUMERIC" if (precision, scale) == (38, 9) else None
        case "databricks":
            return f"decimal({min(38, precision + 10)},{scale})"
        case "trino" | "athena" | "sqlserver":
            return f"decimal(38,{scale})"
        case "duckdb":
            return f"DECIMAL(38,{scale})"
        case "mysql" | "mariadb":
            return f"decimal({min(65, precision + 22)},{scale})"
    return None


def _of_float(bits: int, dialect: str) -> str | None:
    single = {"postgres": "real", "trino": "real", "athena": "real"}
    if bits == 32 and dialect in single:
        return single[dialect]
    double = {
        "postgres": "double precision",
        "redshift": "double precision",
        "bigquery": "FLOAT64",
        "snowflake": "FLOAT",
        "databricks": "double",
        "trino": "double",
        "athena": "double",
        "duckdb": "DOUBLE",
        "mysql": "double",
        "mariadb": "double",
        "sqlserver": "float",
        "clickhouse": "Float64",
    }
    return double.get(dialect) if bits in (32, 64) else None
