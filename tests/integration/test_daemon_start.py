"""What stands in the way of a start on real parts: said on standard error within 25 seconds, and never waited for."""

import time

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from tests.integration.conftest import Install
from tests.parts.daemon import Installation, version
from tests.parts.kafka_server import KafkaServer

pytestmark = pytest.mark.timeout(120)
RUNTIMES = ["faust", "confluent"]
START_S = 25
REFUSED = 2


def refused(one: Installation) -> str:
    """What a daemon says that could not start."""
    began = time.monotonic()
    daemon = one.start()
    code = daemon.code(START_S)
    told = [line for line in daemon.said().splitlines() if line.startswith("watcher: ")]
    assert (code, len(told)) == (REFUSED, 1), daemon.said()
    assert time.monotonic() - began < START_S
    return told[0]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_topic_that_is_not_there(kafka_server: KafkaServer, install: Install, runtime: str) -> None:
    """Named, with the setting that says it; the topic is not made."""
    one = install(kafka_server, runtime=runtime)
    one.feed["topic"] = kafka_server.unique("nowhere")

    assert f"topic `{one.feed['topic']}` does not exist" in refused(one)
    topics = AdminClient({"bootstrap.servers": kafka_server.bootstrap_servers}).list_topics(timeout=10).topics
    assert one.feed["topic"] not in topics


def test_an_events_topic_that_is_not_there(kafka_server: KafkaServer, install: Install) -> None:
    """A breaking change that could not be published is not found out at the first of them."""
    one = install(kafka_server)
    one.settings["events"]["topic"] = kafka_server.unique("nowhere")

    said = refused(one)
    assert f"topic `{one.settings['events']['topic']}` does not exist" in said
    assert "events.topic" in said


def allow(server: KafkaServer, kind: ResourceType, name: str, *operations: AclOperation) -> None:
    admin = AdminClient({"bootstrap.servers": server.bootstrap_servers})
    rules = [
        AclBinding(kind, name, ResourcePatternType.LITERAL, "User:limited", "*", each, AclPermissionType.ALLOW)
        for each in operations
    ]
    for answer in admin.create_acls(rules).values():
        answer.result(10)


@pytest.fixture(params=RUNTIMES)
def limited(request: pytest.FixtureRequest, kafka_server: KafkaServer, install: Install) -> Installation:
    """An installation that logs in as a user who may do nothing yet."""
    if not kafka_server.limited_servers:
        pytest.skip("the server that WATCHER_TEST_KAFKA names has no door for the user `limited`")
    one = install(kafka_server, runtime=request.param)
    one.settings["kafka"] = {
        "bootstrap_servers": kafka_server.limited_servers,
        "options": kafka_server.limited_options,
    }
    return one


def test_rights_that_are_missing_and_a_login_that_holds(kafka_server: KafkaServer, limited: Installation) -> None:
    """Each missing right is named; with READ on topic and group and WRITE on the events topic all of it works."""
    events = limited.settings["events"]["topic"]
    group = limited.feed["group"]
    assert f"TOPIC {limited.topic}" in refused(limited)
    allow(kafka_server, ResourceType.TOPIC, limited.topic, AclOperation.READ)
    assert f"TOPIC {events}" in refused(limited)
    allow(kafka_server, ResourceType.TOPIC, events, AclOperation.WRITE)
    assert f"READ on GROUP {group}" in refused(limited)
    allow(kafka_server, ResourceType.GROUP, group, AclOperation.READ)

    limited.many_readers(1)
    limited.write(version(0, 1))
    daemon = limited.start()
    daemon.wait_ready()
    limited.write(version(0, 2))
    limited.wait_counts(20, changes=1, tickets=1, pending=0, dead=0)
    assert daemon.end()[0] == 0


def test_a_wrong_password(kafka_server: KafkaServer, limited: Installation) -> None:
    """Told as what it is, not as a broker that is away; the password itself is not told."""
    limited.settings["kafka"]["options"] = {**kafka_server.limited_options, "sasl.password": "guess-4711"}

    said = refused(limited)
    assert "refused the login" in said
    assert "guess-4711" not in limited.daemons[-1].said()


def test_tables_that_are_not_there(kafka_server: KafkaServer, install: Install, postgres_url: str) -> None:
    """A server's ledger is migrated by an operator; the message says how."""
    said = refused(install(kafka_server, postgres_url))

    assert "is empty: run `watcher migrate`" in said
