"""The real parts: that they are what they say, and that the Kafka room holds on a real broker what it holds on ours."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from tests.parts.kafka_server import KafkaServer
from tests.parts.postgres_server import PostgresServer
from tests.parts.processes import wait_until
from watcher.kafka.client import KafkaSettings
from watcher.kafka.emitter import Emitter
from watcher.kafka.preflight import preflight
from watcher.kafka.queries import Queries, TopicPlan, create_topics
from watcher.kafka.reader import Place, Reader
from watcher.model.dataset import RawRecord
from watcher.model.errors import ConfigurationError, Fatal, Transient

COMPACTED = {
    "cleanup.policy": "compact",
    "segment.ms": "100",
    "min.cleanable.dirty.ratio": "0.001",
    "max.compaction.lag.ms": "100",
    "delete.retention.ms": "100",
}


def settings(server: KafkaServer) -> KafkaSettings:
    return KafkaSettings(server.bootstrap_servers)


def new_topic(server: KafkaServer, **config: str) -> str:
    name = server.unique("events")
    create_topics(settings(server), [TopicPlan(name, config=config)])
    return name


def write(server: KafkaServer, topic: str, *pairs: tuple[bytes, bytes | None]) -> list[int]:
    emitter = Emitter(settings(server))
    sent = [emitter.send(topic, key, value, []) for key, value in pairs]
    offsets = [each.result(20)[1] for each in sent]
    assert emitter.close() == 0
    return offsets


def read_until(reader: Reader, enough: Callable[[list[RawRecord]], bool], seconds: float = 30) -> list[RawRecord]:
    records: list[RawRecord] = []

    def more() -> bool:
        records.extend(reader.read(timeout=0.1))
        return enough(records)

    wait_until(more, seconds, "the records wanted")
    return records


def test_a_real_broker_keeps_and_gives_records(kafka_server: KafkaServer) -> None:
    """What is confirmed is read back, by a member that begins where it is told."""
    topic = new_topic(kafka_server)
    offsets = write(kafka_server, topic, (b"a", b"1"), (b"b", None), (b"c", b"3"))
    place = Place(topic, 0)
    reader = Reader(settings(kafka_server), kafka_server.unique("g"), {topic: "registry"})
    reader.join(lambda places: dict.fromkeys(places, 1), lambda places: None)

    records = read_until(reader, lambda found: len(found) == 2)
    reader.acknowledge({place: 3})
    reader.commit()
    reader.close()

    assert offsets == [0, 1, 2]
    assert [(record.key, record.value) for record in records] == [(b"b", None), (b"c", b"3")]


def test_compaction_leaves_gaps_that_a_reader_passes(kafka_server: KafkaServer) -> None:
    """On a compacted topic offsets are missing, for real, and the position still meets the end."""
    topic = new_topic(kafka_server, **COMPACTED)
    place = Place(topic, 0)

    def offsets() -> list[int]:
        reader = Reader(settings(kafka_server), kafka_server.unique("g"), {topic: "registry"})
        reader.assign({place: 0})
        end = reader.watermark(place)[1]
        found = read_until(reader, lambda _: reader.positions()[place] >= end)
        reader.close()
        return [record.position.offset for record in found]

    write(kafka_server, topic, *((b"same", b"%d" % i) for i in range(20)))

    def compacted() -> bool:
        # A segment is rolled by the next write after its time, and only closed segments are compacted.
        write(kafka_server, topic, (b"other", b"x"))
        return 0 not in offsets()

    wait_until(compacted, 60, "the cleaner has been")
    left = offsets()

    assert 19 in left
    assert [offset for offset in range(19) if offset in left] == []


def test_a_topic_that_exists_is_left_as_it_is(kafka_server: KafkaServer) -> None:
    """Making it again changes nothing, and asking for one that is not there makes none."""
    topic = new_topic(kafka_server)
    create_topics(settings(kafka_server), [TopicPlan(topic, partitions=5)])
    with Queries(settings(kafka_server)) as queries:
        nowhere = kafka_server.unique("nowhere")

        assert queries.partitions(topic) == [0]
        assert queries.watermarks(topic) == {0: (0, 0)}
        with pytest.raises(ConfigurationError, match="does not exist"):
            queries.partitions(nowhere)
        assert nowhere not in queries.topics()


def test_a_topic_setting_that_kafka_refuses_is_told(kafka_server: KafkaServer) -> None:
    """The broker's own reason arrives."""
    with pytest.raises(ConfigurationError, match="refuses a topic setting"):
        new_topic(kafka_server, **{"cleanup.policy": "shred"})


def test_a_position_that_is_gone_is_fatal(kafka_server: KafkaServer) -> None:
    """A topic that was made anew is shorter than our position in it: reading does not begin anywhere else."""
    topic = new_topic(kafka_server)
    write(kafka_server, topic, (b"a", b"1"))
    reader = Reader(settings(kafka_server), kafka_server.unique("g"), {topic: "registry"})
    reader.assign({Place(topic, 0): 17})

    with pytest.raises(Fatal, match="read position"):
        read_until(reader, bool)
    reader.close()


def test_a_record_for_a_topic_that_is_not_there_ends_its_future(kafka_server: KafkaServer) -> None:
    """Within seconds, with what to create; and it is not made by asking."""
    emitter = Emitter(settings(kafka_server))
    nowhere = kafka_server.unique("nowhere")

    with pytest.raises(ConfigurationError, match=f"topic `{nowhere}` does not exist"):
        emitter.send(nowhere, None, b"x", []).result(20)
    assert emitter.close() == 0


def test_a_second_member_takes_its_share_and_gives_it_back(kafka_server: KafkaServer) -> None:
    """Partitions move between members, each told what it gains and loses; together they have all of them."""
    topic, group = kafka_server.unique("events"), kafka_server.unique("g")
    create_topics(settings(kafka_server), [TopicPlan(topic, 2)])
    all_places = {Place(topic, 0), Place(topic, 1)}
    one, two = (Reader(settings(kafka_server), group, {topic: "registry"}) for _ in range(2))
    lost: list[Place] = []
    one.join(lambda places: dict.fromkeys(places, 0), lost.extend)
    read_until(one, lambda _: set(one.positions()) == all_places)
    two.join(lambda places: dict.fromkeys(places, 0), lambda places: None)

    def shared() -> bool:
        one.read(timeout=0.1)
        two.read(timeout=0.1)
        return {*one.positions(), *two.positions()} == all_places and len(one.positions()) == len(two.positions()) == 1

    wait_until(shared, 30, "one partition each")
    # A batch that was in flight when its partition went is acknowledged to no effect, and without complaint.
    one.acknowledge(dict.fromkeys(all_places, 0))
    two.close()
    read_until(one, lambda _: set(one.positions()) == all_places, 30)
    one.close()

    assert all_places <= set(lost)


def allow(server: KafkaServer, kind: ResourceType, name: str, operation: AclOperation) -> None:
    admin = AdminClient({"bootstrap.servers": server.bootstrap_servers})
    rule = AclBinding(kind, name, ResourcePatternType.LITERAL, "User:limited", "*", operation, AclPermissionType.ALLOW)
    for answer in admin.create_acls([rule]).values():
        answer.result(10)


def limited(server: KafkaServer) -> KafkaSettings:
    if not server.limited_servers:
        pytest.skip("the server that WATCHER_TEST_KAFKA names has no door for the user `limited`")
    return KafkaSettings(server.limited_servers, options=server.limited_options)


def test_preflight_asks_for_each_permission_that_is_missing(kafka_server: KafkaServer) -> None:
    """From no rights at all, following its own words one by one leads to a start."""
    cluster, topic, group = limited(kafka_server), new_topic(kafka_server), kafka_server.unique("g")
    events = new_topic(kafka_server)

    def look() -> str:
        try:
            preflight(cluster, reads=[topic], writes=[events], group=group)
        except ConfigurationError as error:
            return str(error)
        return "may start"

    said = [look()]
    for kind, name, operation in [
        (ResourceType.TOPIC, topic, AclOperation.DESCRIBE),
        (ResourceType.TOPIC, events, AclOperation.DESCRIBE),
        (ResourceType.GROUP, group, AclOperation.DESCRIBE),
        (ResourceType.TOPIC, topic, AclOperation.READ),
        (ResourceType.TOPIC, events, AclOperation.WRITE),
        (ResourceType.GROUP, group, AclOperation.READ),
    ]:
        allow(kafka_server, kind, name, operation)
        said.append(look())

    wanted = [
        f"DESCRIBE and READ (to publish: WRITE) on TOPIC {topic}",
        f"on TOPIC {events}",
        f"READ on GROUP {group}",
        f"ask for READ on TOPIC {topic}",
        f"ask for WRITE on TOPIC {events}",
        f"ask for READ on GROUP {group}",
        "may start",
    ]
    assert [(want, was) for want, was in zip(wanted, said, strict=True) if want not in was] == []


def test_a_reader_without_permission_is_no_quiet_reader(kafka_server: KafkaServer) -> None:
    """A missing right on the group is raised while reading, too."""
    cluster, topic = limited(kafka_server), new_topic(kafka_server)
    allow(kafka_server, ResourceType.TOPIC, topic, AclOperation.READ)
    reader = Reader(cluster, kafka_server.unique("g"), {topic: "registry"})
    reader.join(lambda places: dict.fromkeys(places, 0), lambda places: None)

    with pytest.raises(ConfigurationError, match="READ on GROUP"):
        read_until(reader, bool)
    reader.close()


def test_a_wrong_password_is_said_to_be_one(kafka_server: KafkaServer) -> None:
    """Not that the broker is unreachable, which it looks like from below."""
    right = limited(kafka_server)
    wrong = KafkaSettings(right.bootstrap_servers, options={**right.options, "sasl.password": "guess"})

    with pytest.raises(ConfigurationError, match=r"refused the login.*sasl\.password"):
        preflight(wrong, timeout=3)


def test_a_broker_of_our_own_comes_back_with_its_records(own_kafka_server: KafkaServer) -> None:
    """Killed and started again, it has the same ports and what it had confirmed."""
    topic = new_topic(own_kafka_server)
    write(own_kafka_server, topic, (b"a", b"1"))
    own_kafka_server.kill()
    with pytest.raises(Transient, match="broker unreachable"):
        preflight(settings(own_kafka_server), timeout=1)
    own_kafka_server.restart()
    with Queries(settings(own_kafka_server)) as queries:
        wait_until(lambda: queries.watermark(topic, 0) == (0, 1), 20, "the partition has its leader again")


def test_a_real_database_answers(postgres_url: str) -> None:
    """It is a PostgreSQL, and the database is empty."""
    with psycopg.connect(postgres_url) as connection:
        version = connection.execute("SELECT version()").fetchone()
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()

    assert version is not None
    assert str(version[0]).startswith("PostgreSQL")
    assert tables == (0,)


def test_databases_are_apart(postgres_server: PostgresServer) -> None:
    """What one test writes, another does not see, and a dropped database is gone although someone is connected."""
    one, two = postgres_server.create_database(), postgres_server.create_database()
    with psycopg.connect(one, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (n integer)")
        with psycopg.connect(two) as other:
            found = other.execute("SELECT to_regclass('t')").fetchone()
        postgres_server.drop_database(two)
        postgres_server.drop_database(one)

    assert found == (None,)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(one)


@pytest.mark.parametrize(("required", "code"), [("", 0), ("kafka,postgres", 1)])
def test_a_missing_part_is_said_loudly_and_fails_only_where_required(tmp_path: Path, required: str, code: int) -> None:
    """The run's last words name each part that was missing; REQUIRE makes it a failure."""
    here = Path(__file__).parents[2]
    test = tmp_path / "test_asks.py"
    test.write_text("def test_asks(postgres_url):\n    pass\n")
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n")
    gone = {"WATCHER_TEST_POSTGRES": "postgresql://nobody@127.0.0.1:1/x", "REQUIRE": required}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", str(here / "pyproject.toml"), str(test)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=here,
        env={**os.environ, **gone},
    )

    assert code == run.returncode, run.stdout + run.stderr
    assert "PARTS THAT WERE MISSING" in run.stdout
    assert "postgres: " in run.stdout
    assert "does not answer" in run.stdout
