"""What each platform calls the types of its functions' results, where every version of it agrees.

`count`: of COUNT. `int` and `big`: of a whole number's literal, and of arithmetic. `text`: of a text's literal, and of
functions on texts. `joined`: of two texts put together. `part`: of a date's part. `quotient`: of two whole numbers'
division, where it is no whole number. `now`: of CURRENT_TIMESTAMP.
"""

from __future__ import annotations

from collections.abc import Mapping

RESULTS: Mapping[str, Mapping[str, str]] = {
    "postgres": {
        "count": "bigint",
        "int": "integer",
        "big": "bigint",
        "text": "text",
        "joined": "text",
        "bool": "boolean",
        "length": "integer",
        "double": "double precision",
        "date": "date",
        "now": "timestamp with time zone",
    },
    "redshift": {
        "count": "bigint",
        "int": "integer",
        "big": "bigint",
        "bool": "boolean",
        "double": "double precision",
        "length": "integer",
        "date": "date",
    },
    "bigquery": {
        "count": "INT64",
        "int": "INT64",
        "big": "INT64",
        "text": "STRING",
        "joined": "STRING",
        "bool": "BOOL",
        "length": "INT64",
        "part": "INT64",
        "double": "FLOAT64",
        "date": "DATE",
        "now": "TIMESTAMP",
        "quotient": "FLOAT64",
    },
    "databricks": {
        "count": "bigint",
        "int": "int",
        "big": "bigint",
        "text": "string",
        "joined": "string",
        "bool": "boolean",
        "length": "int",
        "part": "int",
        "double": "double",
        "date": "date",
        "now": "timestamp",
        "quotient": "double",
    },
    "trino": {
        "count": "bigint",
        "int": "integer",
        "big": "bigint",
        "joined": "varchar",
        "bool": "boolean",
        "length": "bigint",
        "part": "bigint",
        "double": "double",
        "date": "date",
        "now": "timestamp(3) with time zone",
    },
    "duckdb": {
        "count": "BIGINT",
        "int": "INTEGER",
        "big": "BIGINT",
        "text": "VARCHAR",
        "joined": "VARCHAR",
        "bool": "BOOLEAN",
        "length": "BIGINT",
        "part": "BIGINT",
        "double": "DOUBLE",
        "date": "DATE",
        "now": "TIMESTAMP WITH TIME ZONE",
        "quotient": "DOUBLE",
    },
    "snowflake": {
        "count": "NUMBER(18,0)",
        "bool": "BOOLEAN",
        "date": "DATE",
        "double": "FLOAT",
    },
    "clickhouse": {
        "count": "UInt64",
        "joined": "String",
        "date": "Date",
        "length": "UInt64",
    },
    "sqlserver": {
        "count": "int",
        "int": "int",
        "big": "bigint",
        "date": "date",
        "double": "float",
        "now": "datetime",
    },
    "mysql": {
        "count": "bigint",
        "date": "date",
        "now": "datetime",
        "double": "double",
    },
    "oracle": {
        "count": "NUMBER",
    },
}

LIKE: Mapping[str, str] = {"athena": "trino", "mariadb": "mysql"}
"""Platforms whose words are another's."""
