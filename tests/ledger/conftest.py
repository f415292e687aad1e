"""One suite, two databases: each test that asks for a ledger runs on a file of SQLite, and on a real PostgreSQL."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from watcher.ledger import SqlLedger, migrate, open_ledger


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A ledger's URL, with no tables yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def ledger_url(empty_url: str) -> str:
    """A ledger's URL, its tables there."""
    migrate(empty_url)
    return empty_url


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[SqlLedger]:
    """A ledger as the daemon opens it."""
    with closing(open_ledger(ledger_url)) as opened:
        yield opened


@pytest.fixture
def server_url(postgres_url: str) -> str:
    """A ledger's URL on a server, its tables there: for what a file does not have."""
    migrate(postgres_url)
    return postgres_url


@pytest.fixture
def pair(server_url: str) -> Iterator[tuple[SqlLedger, SqlLedger]]:
    """Two workers on one server."""
    with closing(open_ledger(server_url)) as one, closing(open_ledger(server_url)) as two:
        yield one, two


@pytest.fixture
def beside(ledger: SqlLedger, ledger_url: str) -> Iterator[SqlLedger]:
    """The same ledger with connections of its own, as another process has it."""
    with closing(open_ledger(ledger_url, exclusive=False)) as opened:
        yield opened
