"""Which platform is meant: by the name of its dialect, or by the namespace of a dataset."""

from __future__ import annotations

from collections.abc import Mapping

from watcher.formats.sql.engines import ATHENA, CLICKHOUSE, DUCKDB, TRINO
from watcher.formats.sql.platform import Platform
from watcher.formats.sql.servers import MARIADB, MYSQL, ORACLE, POSTGRES, SQLITE, SQLSERVER
from watcher.formats.sql.warehouses import BIGQUERY, DATABRICKS, REDSHIFT, SNOWFLAKE

PLATFORMS: Mapping[str, Platform] = {
    "snowflake": SNOWFLAKE,
    "bigquery": BIGQUERY,
    "redshift": REDSHIFT,
    "databricks": DATABRICKS,
    "postgres": POSTGRES,
    "mysql": MYSQL,
    "mariadb": MARIADB,
    "sqlserver": SQLSERVER,
    "oracle": ORACLE,
    "trino": TRINO,
    "athena": ATHENA,
    "duckdb": DUCKDB,
    "clickhouse": CLICKHOUSE,
    "sqlite": SQLITE,
}

ALIASES: Mapping[str, str] = {
    "awsathena": "athena",
    "delta": "databricks",
    "hive": "databricks",
    "mssql": "sqlserver",
    "postgresql": "postgres",
    "presto": "trino",
    "spark": "databricks",
    "tsql": "sqlserver",
    "unitycatalog": "databricks",
}
"""Other names for the same types, as OpenLineage's namespaces and the parsers of SQL spell them."""


def platform(dialect: str) -> Platform | None:
    """The platform of a dialect's name, in any case; None where we know none."""
    name = dialect.casefold()
    return PLATFORMS.get(ALIASES.get(name, name))


def dialect_of(dataset: str) -> str | None:
    """The dialect of a dataset's namespace (`snowflake://acme/DB.S.T`, `bigquery/p.d.t`); None where it names none."""
    name = dataset.partition("/")[0].removesuffix(":").casefold()
    name = ALIASES.get(name, name)
    return name if name in PLATFORMS else None
