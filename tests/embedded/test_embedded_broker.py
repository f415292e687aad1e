"""The embedded broker, and the Kafka room's clients on it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import KafkaError

from tests.parts.processes import free_ports, wait_until
from watcher.kafka.client import KafkaSettings
from watcher.kafka.embedded import Api, EmbeddedBroker
from watcher.kafka.emitter import Emitter
from watcher.kafka.preflight import preflight
from watcher.kafka.queries import Queries
from watcher.kafka.reader import Place, Reader
from watcher.model.dataset import Position, RawRecord
from watcher.model.errors import ConfigurationError, Fatal, Transient

HERE = Place("events", 0)


def settings(broker: EmbeddedBroker) -> KafkaSettings:
    return KafkaSettings(broker.bootstrap_servers)


def write(broker: EmbeddedBroker, count: int, topic: str = "events") -> None:
    emitter = Emitter(settings(broker))
    sent = [emitter.send(topic, b"k%d" % i, b"v%d" % i, [("n", b"%d" % i)]) for i in range(count)]
    for each in sent:
        each.result(10)
    emitter.close()


def read_until(reader: Reader, enough: Callable[[list[RawRecord]], bool], seconds: float = 20) -> list[RawRecord]:
    records: list[RawRecord] = []

    def more() -> bool:
        records.extend(reader.read(timeout=0.1))
        return enough(records)

    wait_until(more, seconds, "the records wanted")
    return records


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_records_come_back_in_order_with_all_they_carry(embedded_broker: EmbeddedBroker) -> None:
    """What is written is read: key, value, headers, timestamp, and the feed's name in the position."""
    embedded_broker.create_topic("events")
    write(embedded_broker, 3)
    reader = Reader(settings(embedded_broker), "g", {"events": "registry"})
    reader.assign({HERE: 0})

    records = read_until(reader, lambda found: len(found) == 3)
    reader.close()

    assert [(Position("registry", 0, i), b"k%d" % i, b"v%d" % i, (("n", b"%d" % i),)) for i in range(3)] == [
        (r.position, r.key, r.value, r.headers) for r in records
    ]
    assert all(r.timestamp is not None and abs(r.timestamp / 1000 - time.time()) < 60 for r in records)


def test_topics_have_the_partitions_asked_for() -> None:
    """Topics given at the start and made later are seen by any client, with their partitions."""
    with EmbeddedBroker({"one": 1, "three": 3}) as broker, Queries(settings(broker)) as queries:
        broker.create_topic("two", 2)

        assert queries.topics() == {"one": 1, "two": 2, "three": 3}
        assert queries.partitions("three") == [0, 1, 2]


def test_a_topic_cannot_be_made_twice(embedded_broker: EmbeddedBroker) -> None:
    """The second one is refused, in words."""
    embedded_broker.create_topic("events")

    with pytest.raises(ConfigurationError, match="already exists"):
        embedded_broker.create_topic("events")


def test_asking_for_a_topic_does_not_make_it(embedded_broker: EmbeddedBroker) -> None:
    """A question changes nothing, even on a broker that makes topics on first use."""
    with Queries(settings(embedded_broker)) as queries:
        with pytest.raises(ConfigurationError, match="topic `nowhere` does not exist"):
            queries.partitions("nowhere")

        assert queries.topics() == {}


def test_watermarks_follow_writing_and_deleting(embedded_broker: EmbeddedBroker) -> None:
    """The low mark is the first record that is left, the high one the offset of the next."""
    embedded_broker.create_topic("events", 2)
    with Queries(settings(embedded_broker)) as queries:
        before = queries.watermarks("events")
        write(embedded_broker, 50)
        high = queries.watermarks("events")[0][1]
        embedded_broker.delete_records("events", 0, 2)

        assert before == {0: (0, 0), 1: (0, 0)}
        assert (2, high) == queries.watermark("events", 0)


def test_a_pushed_error_is_met_once_for_each_code(embedded_broker: EmbeddedBroker) -> None:
    """Errors are used up in order, and then the broker answers as usual."""
    embedded_broker.push_errors(Api.OFFSET_FETCH, [KafkaError.GROUP_AUTHORIZATION_FAILED])

    with pytest.raises(ConfigurationError, match="no permission"):
        preflight(settings(embedded_broker), group="g")
    preflight(settings(embedded_broker), group="g")


def test_errors_can_be_taken_back(embedded_broker: EmbeddedBroker) -> None:
    """What nobody has met yet is forgotten."""
    embedded_broker.push_errors(Api.OFFSET_FETCH, [KafkaError.GROUP_AUTHORIZATION_FAILED])
    embedded_broker.clear_errors(Api.OFFSET_FETCH)

    preflight(settings(embedded_broker), group="g")


def test_a_broker_goes_down_and_comes_up_with_its_records(embedded_broker: EmbeddedBroker) -> None:
    """Down, nobody gets an answer; up, it is the same broker on the same port."""
    embedded_broker.create_topic("events")
    write(embedded_broker, 2)
    with Queries(settings(embedded_broker)) as queries:
        embedded_broker.down()
        with pytest.raises(Transient, match="broker unreachable"):
            queries.topics(timeout=1)
        embedded_broker.up()

        assert queries.watermark("events", 0) == (0, 2)


def test_latency_delays_answers(embedded_broker: EmbeddedBroker) -> None:
    """Each answer takes at least the time set, until it is set back."""
    with Queries(settings(embedded_broker)) as queries:
        queries.topics()
        # Several, because the client asks on its own account too.
        embedded_broker.push_delays(Api.METADATA, [300] * 10)
        started = time.monotonic()
        queries.topics()

        delayed = time.monotonic() - started
        embedded_broker.set_latency(200)
        started = time.monotonic()
        queries.topics()

        assert delayed >= 0.29
        assert time.monotonic() - started >= 0.19


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_the_broker_dies_with_a_parent_that_is_killed() -> None:
    """SIGKILL to the parent leaves no broker behind."""
    code = "import time; from watcher.kafka.embedded import EmbeddedBroker as B; b = B(); b.start(); "
    code += "print(b._process.pid, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        broker = int(parent.stdout.readline())
        was_alive = alive(broker)
        parent.kill()
        parent.wait()

    assert was_alive
    wait_until(lambda: not alive(broker), 5, "the broker is gone")


def test_a_broker_whose_process_died_says_so(embedded_broker: EmbeddedBroker) -> None:
    """The next request fails with what to do, instead of waiting."""
    assert embedded_broker._process is not None
    os.kill(embedded_broker._process.pid, signal.SIGKILL)
    embedded_broker._process.wait()

    with pytest.raises(Fatal, match="start it again"):
        embedded_broker.create_topic("events")


def test_stopping_twice_is_harmless() -> None:
    """A broker that is stopped stays stopped, and says so when asked for something."""
    broker = EmbeddedBroker()
    broker.start()
    broker.stop()
    broker.stop()

    with pytest.raises(Fatal, match="stopped"):
        broker.down()


def test_a_member_reads_on_where_it_is_told(embedded_broker: EmbeddedBroker) -> None:
    """The start is the caller's word, not the group's committed offset, and losing partitions is told."""
    embedded_broker.create_topic("events")
    write(embedded_broker, 5)
    lost: list[Place] = []
    reader = Reader(settings(embedded_broker), "g", {"events": "registry"})
    reader.join(lambda places: dict.fromkeys(places, 3), lost.extend)

    records = read_until(reader, lambda found: len(found) == 2)
    positions = dict(reader.positions())
    reader.acknowledge(positions)
    reader.commit()
    reader.commit()
    reader.close()

    assert [record.position.offset for record in records] == [3, 4]
    assert positions == {HERE: 5}
    assert lost == [HERE]


def test_what_a_callback_raises_comes_out_of_read(embedded_broker: EmbeddedBroker) -> None:
    """A ledger that is away when partitions arrive is not swallowed by the client."""
    embedded_broker.create_topic("events")
    reader = Reader(settings(embedded_broker), "g", {"events": "registry"})

    def starts(places: object) -> dict[Place, int]:
        raise Transient("the ledger is away")

    reader.join(starts, lambda places: None)
    with pytest.raises(Transient, match="the ledger is away"):
        read_until(reader, lambda found: False)
    reader.close()


def test_a_position_that_is_gone_is_fatal(embedded_broker: EmbeddedBroker) -> None:
    """Reading never jumps over what retention has dropped."""
    embedded_broker.create_topic("events")
    write(embedded_broker, 5)
    embedded_broker.delete_records("events", 0, 4)
    reader = Reader(settings(embedded_broker), "g", {"events": "registry"})
    reader.assign({HERE: 1})

    with pytest.raises(Fatal, match="retention has dropped"):
        read_until(reader, bool)
    reader.close()


def test_a_missing_group_permission_is_raised_while_reading(embedded_broker: EmbeddedBroker) -> None:
    """It does not look like a quiet topic."""
    embedded_broker.create_topic("events")
    embedded_broker.push_errors(Api.JOIN_GROUP, [KafkaError.GROUP_AUTHORIZATION_FAILED] * 50)
    reader = Reader(settings(embedded_broker), "g", {"events": "registry"})
    reader.join(lambda places: dict.fromkeys(places, 0), lambda places: None)

    with pytest.raises(ConfigurationError, match="READ on GROUP g"):
        read_until(reader, lambda found: False)
    embedded_broker.clear_errors(Api.JOIN_GROUP)
    reader.close()


def test_a_record_that_is_too_large_ends_its_future(embedded_broker: EmbeddedBroker) -> None:
    """The caller learns what to mend, and the emitter goes on."""
    embedded_broker.create_topic("events")
    emitter = Emitter(settings(embedded_broker))

    with pytest.raises(ConfigurationError, match=r"max\.message\.bytes"):
        emitter.send("events", None, b"x" * 2_000_000, []).result(10)
    assert emitter.send("events", None, b"x", []).result(10) == (0, 0)
    assert emitter.close() == 0


def test_preflight_names_what_is_missing(embedded_broker: EmbeddedBroker) -> None:
    """A topic that is not there is named with its place in the configuration."""
    embedded_broker.create_topic("there")

    preflight(settings(embedded_broker), reads=["there"], writes=["there"], group="g")
    with pytest.raises(ConfigurationError, match="topic `_schemas` does not exist"):
        preflight(settings(embedded_broker), reads=["there", "_schemas"], group="g")


def test_preflight_does_not_wait_for_a_broker_longer_than_told() -> None:
    """Nobody listens: a clear error within the time given, and a little."""
    nowhere = KafkaSettings(f"127.0.0.1:{free_ports(1)[0]}")
    started = time.monotonic()

    with pytest.raises(Transient, match="broker unreachable"):
        preflight(nowhere, reads=["events"], group="g", timeout=2)

    assert time.monotonic() - started < 15


def test_an_unknown_option_is_the_users_to_mend() -> None:
    """A slip in the options is told by its name, before anything connects."""
    with pytest.raises(ConfigurationError, match=r"sasl\.pasword"):
        preflight(KafkaSettings("127.0.0.1:1", options={"sasl.pasword": "x"}))


def test_a_host_that_does_not_exist_is_said_to_be_so() -> None:
    """The cause is told, not that all brokers are down because of it."""
    with pytest.raises(Transient, match=r"no address for nowhere\.invalid:9092"):
        preflight(KafkaSettings("nowhere.invalid:9092"), timeout=2)


def test_an_emitter_that_is_closed_early_settles_every_future(embedded_broker: EmbeddedBroker) -> None:
    """Nobody waits for ever for a record that will not be sent any more."""
    embedded_broker.create_topic("events")
    emitter = Emitter(settings(embedded_broker))
    emitter.send("events", None, b"first", []).result(10)
    embedded_broker.down()
    waiting = emitter.send("events", None, b"second", [])

    assert emitter.close(0.2) == 1
    with pytest.raises(Transient):
        waiting.result(5)
