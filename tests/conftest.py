"""The parts that tests stand on, as fixtures; and an honest word at the end of the run on those that were not there."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.parts.kafka_server import KafkaServer
from tests.parts.kafka_server import kafka_server as start_kafka
from tests.parts.mariadb_server import MariaDbServer
from tests.parts.mariadb_server import mariadb_server as start_mariadb
from tests.parts.missing import MissingPart, MissingParts
from tests.parts.postgres_server import PostgresServer
from tests.parts.postgres_server import postgres_server as start_postgres
from watcher.kafka.embedded import EmbeddedBroker

# The gate asks the same questions each time, at a desk they are others each time: what chance finds is mended there.
# How long a question takes says something of the machine that day, and nothing of the code.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("desk", _UNHURRIED)
settings.register_profile("gate", _UNHURRIED, derandomize=True)
settings.load_profile("desk")

_MISSING = pytest.StashKey[MissingParts]()
# Which mark a fixture brings, so that a test cannot ask for a part and be forgotten by `-m`.
_MARKS = {
    "kafka_server": "kafka",
    "own_kafka_server": "kafka",
    "mariadb_server": "mariadb",
    "mariadb_url": "mariadb",
    "postgres_server": "postgres",
    "own_postgres_server": "postgres",
    "postgres_url": "postgres",
}


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_MISSING] = MissingParts()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the parts that its fixtures need.

    A test that asks with `request.getfixturevalue` carries its mark itself, best on the `pytest.param`.
    """
    for item in items:
        for name in getattr(item, "fixturenames", ()):
            if name in _MARKS:
                item.add_marker(_MARKS[name])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash[_MISSING].lines()
    if lines:
        terminalreporter.section(
            "PARTS THAT WERE MISSING: what needs them was not tested", sep="!", red=True, bold=True
        )
        for line in lines:
            terminalreporter.line(line, red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A required part that was missing fails the run, whatever the tests said."""
    if session.config.stash[_MISSING].any_required() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _lacking(config: pytest.Config, part: str, reason: MissingPart) -> None:
    missing = config.stash[_MISSING]
    missing.reasons[part] = str(reason)
    if missing.required(part):
        pytest.fail(f"{part} is required (REQUIRE) and missing: {reason}", pytrace=False)
    pytest.skip(f"{part} is missing: {reason}")


@pytest.fixture
def embedded_broker() -> Iterator[EmbeddedBroker]:
    """An embedded broker of the test's own, without topics; 50 ms."""
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka_server(pytestconfig: pytest.Config) -> Iterator[KafkaServer]:
    """The run's real Kafka: shared, so use `unique` names, and leave it running."""
    yield from _kafka(pytestconfig)


@pytest.fixture
def own_kafka_server(pytestconfig: pytest.Config) -> Iterator[KafkaServer]:
    """A real Kafka of the test's own, to kill and restart; three seconds. Skips where the run is given a named one."""
    for server in _kafka(pytestconfig):
        if not server.ours:
            pytest.skip("WATCHER_TEST_KAFKA names a server that is not ours to kill")
        yield server


def _kafka(config: pytest.Config) -> Iterator[KafkaServer]:
    try:
        server = start_kafka()
    except MissingPart as reason:
        _lacking(config, "kafka", reason)
        return
    yield server
    server.remove()


@pytest.fixture(scope="session")
def mariadb_server(pytestconfig: pytest.Config) -> Iterator[MariaDbServer]:
    """The run's real MariaDB."""
    try:
        server = start_mariadb()
    except MissingPart as reason:
        _lacking(pytestconfig, "mariadb", reason)
        return
    yield server
    server.remove()


@pytest.fixture
def mariadb_url(mariadb_server: MariaDbServer) -> Iterator[str]:
    """A fresh database on it, `mysql://…/name`, dropped after the test."""
    url = mariadb_server.create_database()
    yield url
    mariadb_server.drop_database(url)


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> Iterator[PostgresServer]:
    """The run's real PostgreSQL."""
    yield from _postgres(pytestconfig)


@pytest.fixture
def own_postgres_server(pytestconfig: pytest.Config) -> Iterator[PostgresServer]:
    """A real PostgreSQL of the test's own, to kill and restart. Skips where the run is given a named one."""
    for server in _postgres(pytestconfig):
        if not server.ours:
            pytest.skip("WATCHER_TEST_POSTGRES names a server that is not ours to kill")
        yield server


def _postgres(config: pytest.Config) -> Iterator[PostgresServer]:
    try:
        server = start_postgres()
    except MissingPart as reason:
        _lacking(config, "postgres", reason)
        return
    yield server
    server.remove()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh database on it, `postgresql://…`, dropped after the test."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)
