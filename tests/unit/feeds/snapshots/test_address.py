"""A URL names a platform and its driver, or it is said what to write, and no error shows a password."""

import builtins
import sys
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from watcher.feeds.snapshots import open_snapshots
from watcher.feeds.snapshots.address import PLATFORMS, address
from watcher.feeds.snapshots.foreign import translate
from watcher.feeds.snapshots.postgres import Postgres
from watcher.feeds.snapshots.snowflake import Snowflake
from watcher.model.errors import ConfigurationError, Transient


@pytest.mark.parametrize(
    "url", ["", "nonsense", "oracle://u@h/db", "postgresql+asyncpg://u@h/db", "mysql://u@h:port/db"]
)
def test_a_url_that_is_none_of_ours_is_refused(url: str) -> None:
    """The message lists what may be written."""
    with pytest.raises(ConfigurationError, match="write"):
        open_snapshots(url, database=None, schemas=())


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        ("snowflake://u:p@acme/DB", "snowflake"),
        ("bigquery://acme", "bigquery"),
        ("redshift://u:p@h/db", "redshift"),
        ("databricks://token:p@h?http_path=x&catalog=main", "databricks"),
        ("trino://u@h/hive", "trino"),
        ("mysql://u@h/db", "mysql"),
        ("duckdb:////tmp/x.db", "duckdb"),
    ],
)
def test_a_driver_that_is_not_here_is_named_by_its_extra(monkeypatch: pytest.MonkeyPatch, url: str, extra: str) -> None:
    """The message is the command that mends it."""
    gone = ("snowflake", "sqlalchemy_bigquery", "redshift_connector", "sqlalchemy_redshift", "databricks", "trino")
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith((*gone, "pymysql", "duckdb")):
            raise ModuleNotFoundError(f"No module named {name!r}")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    for name in [one for one in sys.modules if one.startswith(("pymysql", "duckdb"))]:
        monkeypatch.delitem(sys.modules, name)

    with pytest.raises(ConfigurationError, match=rf"schema-watcher\[{extra}\]") as refused:
        open_snapshots(url, database=None, schemas=())

    assert ":p@" not in str(refused.value)


def test_a_url_is_shown_without_its_secrets() -> None:
    """Neither password nor options are in what messages show."""
    shown = address("postgresql://u:secret@h/db?sslpassword=hidden", None).shown

    assert shown == "postgresql://u:***@h/db"
    said = translate(RuntimeError("cannot log in with secret to h"), shown, Postgres(), "secret")
    assert "secret" not in str(said)


@pytest.mark.parametrize(
    ("words", "away"),
    [
        ("Connection refused", True),
        ("HTTP 503: Service Unavailable", True),
        ("Request timed out", True),
        ("429 Too Many Requests", True),
        ("something that nobody has seen before", True),
        ("Incorrect username or password was specified", False),
        ("403 Access Denied: Table acme:shop.t: User does not have permission", False),
        ("Object 'DB.S' does not exist or not authorized.", False),
        ("Could not find default credentials", False),
    ],
)
def test_an_error_is_for_later_or_for_the_settings(words: str, away: bool) -> None:
    """What nobody can mend in the settings is tried again; what somebody must mend says which right a look needs."""

    class DriverError(Exception):
        pass

    found = translate(DBAPIError("SELECT 1", None, DriverError(words)), "snowflake://acme/DB", Snowflake())

    assert isinstance(found, Transient if away else ConfigurationError)
    assert words in str(found)
    assert away or "USAGE on the warehouse" in str(found)


def test_every_platform_says_how_it_is_set() -> None:
    """Each has a URL's form that names it, and the rights that it needs."""
    for word, platform in PLATFORMS.items():
        assert platform.grant
        assert PLATFORMS[platform.form.partition(":")[0]] is platform
        assert word
