"""From a URL to an engine: which platform it names, which driver that needs, and what the driver is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import URL, Engine, NullPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from watcher.feeds.snapshots.bigquery import BigQuery
from watcher.feeds.snapshots.databricks import Databricks
from watcher.feeds.snapshots.duckdb import DuckDb
from watcher.feeds.snapshots.foreign import translate
from watcher.feeds.snapshots.mysql import MySql
from watcher.feeds.snapshots.platform import Platform
from watcher.feeds.snapshots.postgres import Postgres
from watcher.feeds.snapshots.redshift import Redshift
from watcher.feeds.snapshots.snowflake import Snowflake
from watcher.feeds.snapshots.trino import Trino
from watcher.model.errors import ConfigurationError

PLATFORMS: Mapping[str, type[Platform]] = {
    "bigquery": BigQuery,
    "databricks": Databricks,
    "duckdb": DuckDb,
    "mariadb": MySql,
    "mysql": MySql,
    "postgres": Postgres,
    "postgresql": Postgres,
    "redshift": Redshift,
    "snowflake": Snowflake,
    "trino": Trino,
}
"""By the first word of a URL."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a catalogue is. `shown` is the URL as messages may show it: without password and options."""

    platform: Platform
    url: URL
    shown: str

    @property
    def secret(self) -> str | None:
        """What no message may show."""
        return str(self.url.password) if self.url.password else None


def address(url: str, database: str | None) -> Address:
    """What a URL names; ConfigurationError where it is none of ours."""
    forms = ", ".join(f"`{one.form}`" for one in dict.fromkeys(PLATFORMS.values()))
    try:
        found = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError(f"the snapshot's URL cannot be read; write one of {forms}") from error
    word, _, driver = found.drivername.partition("+")
    known = PLATFORMS.get(word)
    if known is None:
        raise ConfigurationError(f"the snapshot's URL begins with {found.drivername!r}; write one of {forms}")
    ours = known.driver.partition("+")[2]
    if driver and driver != ours:
        raise ConfigurationError(f"the snapshot's URL asks for the driver {driver!r}; write `{known.form}`")
    platform = known()
    meant = platform.url(found.set(drivername=known.driver), database)
    return Address(platform, meant, meant.set(drivername=word, query={}).render_as_string(hide_password=True))


def engine(place: Address, timeout: float) -> Engine:
    """An engine that holds no connection between two looks; ConfigurationError where the driver is not there."""
    try:
        # No pool: looks are minutes apart, and a file of DuckDB that is held open lets nobody write to it.
        return create_engine(
            place.url,
            poolclass=NullPool,
            connect_args=dict(place.platform.arguments(place.url, timeout)),
            hide_parameters=True,
        )
    except (NoSuchModuleError, ImportError) as error:
        extra = place.platform.extra
        mend = f"install it: pip install 'schema-watcher[{extra}]'" if extra else "install the watcher anew"
        raise ConfigurationError(
            f"the driver for {place.platform.called} is not here ({' '.join(str(error).split())}); {mend}"
        ) from error
    except (ArgumentError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{place.shown}: {' '.join(str(error).split())}; write `{place.platform.form}`"
        ) from error
    except Exception as error:  # BigQuery's looks for its credentials here
        raise translate(error, place.shown, place.platform, place.secret) from error
