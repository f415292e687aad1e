"""Installations of the daemon on real parts: a Kafka, and either ledger."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.parts.daemon import Installation
from tests.parts.kafka_server import KafkaServer
from watcher.kafka.client import KafkaSettings
from watcher.kafka.queries import TopicPlan, create_topics
from watcher.ledger import migrate

Install = Callable[..., Installation]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A ledger's URL; where it is a server's, its tables are there."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    url: str = request.getfixturevalue("postgres_url")
    migrate(url)
    return url


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """Makes installations with topics of their own; without a ledger's URL, on SQLite."""
    made: list[Installation] = []

    def make(server: KafkaServer, ledger: str | None = None, runtime: str = "faust") -> Installation:
        topic, events = server.unique("schemas"), server.unique("events")
        plans = [TopicPlan(topic, config={"cleanup.policy": "compact"}), TopicPlan(events)]
        create_topics(KafkaSettings(server.bootstrap_servers, "test"), plans)
        folder = tmp_path / topic
        folder.mkdir()
        ledger = ledger or f"sqlite:///{folder / 'ledger.db'}"
        one = Installation(folder, server.bootstrap_servers, ledger, topic, events)
        one.feed["runtime"] = runtime
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()
