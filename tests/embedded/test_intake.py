"""The intake's behaviour: one suite, run on both runtimes, on the embedded broker."""

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from tests.embedded.workers import TOPIC, Crew, Worker
from watcher.kafka.embedded import Api, EmbeddedBroker

FATAL, REFUSED = 70, 2


@pytest.fixture(params=["faust", "confluent"])
def crew(request: pytest.FixtureRequest, embedded_broker: EmbeddedBroker, tmp_path: Path) -> Iterator[Crew]:
    crew = Crew(request.param, embedded_broker, tmp_path)
    yield crew
    crew.dismiss()


@pytest.fixture
def loner(embedded_broker: EmbeddedBroker, tmp_path: Path) -> Iterator[Crew]:
    """For what no group is needed: the bulk reader."""
    crew = Crew("catch-up", embedded_broker, tmp_path)
    yield crew
    crew.dismiss()


def committed(broker: EmbeddedBroker, group: str = "suite-0") -> dict[int, int]:
    asked = ConsumerGroupTopicPartitions(group, [TopicPartition(TOPIC, number) for number in range(3)])
    admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers, "log_level": 0})
    found = admin.list_consumer_group_offsets([asked])[group].result(10)
    return {one.partition: one.offset for one in found.topic_partitions}


def test_a_ledger_that_is_away_is_waited_for(crew: Crew) -> None:
    """Transient from the transaction is retried in place: nothing is lost, and the process lives on."""
    crew.write(900)
    worker = crew.start("--away", "3")

    crew.wait_for_all()

    assert worker.running
    assert worker.says("intake.retried")


@pytest.mark.parametrize("flag", ["--raise-at", "--commit-then-raise"])
def test_any_other_failure_ends_the_process_and_a_restart_loses_nothing(crew: Crew, flag: str) -> None:
    """A fault in the transaction, before or after its commit, is loud; the next process goes on from the ledger."""
    crew.write(1500)
    worker = crew.start(flag, "2")

    assert worker.wait_for_end(20) == FATAL
    assert worker.says("fatal the intake ended unexpectedly (RuntimeError: the ledger ")
    assert crew.seen() < crew.written

    crew.start()
    crew.wait_for_all()


def test_killed_in_mid_batch_nothing_is_lost(crew: Crew) -> None:
    """SIGKILL at random moments, transactions under way: in the end each record is in the ledger, once."""
    crew.write(4000)
    for _ in range(3):
        worker = crew.start("--slow", "0.4")
        seen = crew.seen()
        worker.wait_for("joined=True assigned=3")
        time.sleep(random.uniform(0.05, 0.8))  # the moment of death, not a wait for anything
        worker.kill()
        assert crew.seen() >= seen

    crew.start()
    crew.wait_for_all()


def test_stop_commits_what_is_in_the_ledger_and_ends_well(crew: Crew) -> None:
    """SIGTERM in mid-batch: the batch in flight finishes, Kafka's offsets follow the ledger, exit 0 within 10 s."""
    crew.write(3000)
    worker = crew.start("--slow", "1")
    worker.wait_for("joined=True assigned=3")
    crew_has_some = time.monotonic() + 20
    while not crew.seen() and time.monotonic() < crew_has_some:
        time.sleep(0.02)

    worker.process.send_signal(signal.SIGTERM)

    assert worker.wait_for_end(10) == 0
    positions = crew.positions()
    assert positions
    assert {number: at for number, at in committed(crew.broker).items() if at > 0} == positions


@pytest.mark.parametrize("flag", ["--away=100000", "--positions-away"])
def test_stop_does_not_wait_for_a_ledger_that_is_away(crew: Crew, flag: str) -> None:
    """SIGTERM while the transaction, or the start, waits for it: exit 0 within 10 s, and the records come again."""
    crew.write(300)
    worker = crew.start(flag)
    worker.wait_for("intake.retried")

    worker.process.send_signal(signal.SIGTERM)

    assert worker.wait_for_end(10) == 0
    assert crew.seen() == 0
    crew.start()
    crew.wait_for_all()


def test_the_ledger_says_where_to_read_on(crew: Crew) -> None:
    """Kafka's committed offsets follow, they do not lead: an older ledger is read up from its own position."""
    crew.write(900)
    worker = crew.start()
    worker.wait_for("caught_up=True")
    crew.wait_for_all()
    worker.process.send_signal(signal.SIGTERM)
    assert worker.wait_for_end(10) == 0

    crew.forget()
    crew.start(group="suite-0")

    crew.wait_for_all()


def test_a_topic_that_was_made_anew_is_a_doubt(crew: Crew, tmp_path: Path) -> None:
    """A ledger that has read further than the topic goes is never read on from: the process ends and says why."""
    crew.write(900)
    worker = crew.start()
    crew.wait_for_all()
    worker.kill()

    with EmbeddedBroker() as other:
        other.create_topic(TOPIC, 3)
        late = crew.start(servers=other.bootstrap_servers)

        assert late.wait_for_end(20) == FATAL
    assert late.says("the topic was made anew")


def test_records_dropped_unread_are_a_doubt(crew: Crew) -> None:
    """Where retention has dropped what the ledger has not read, the process ends and says how much."""
    crew.write(300)
    worker = crew.start()
    crew.wait_for_all()
    worker.kill()
    crew.write(300)
    for number, at in crew.positions().items():
        crew.broker.delete_records(TOPIC, number, at + 10)

    late = crew.start()

    assert late.wait_for_end(20) == FATAL
    assert late.says("10 records were dropped unread")


def test_a_topic_that_begins_late_is_read_from_its_beginning(crew: Crew) -> None:
    """A first start on a topic whose first records are long gone is nothing to worry about."""
    crew.write(300)
    for number in range(3):
        crew.broker.delete_records(TOPIC, number, 10)

    crew.start().wait_for("caught_up=True")

    assert crew.seen() == 300 - 30


def test_offsets_that_are_no_records_count_as_read(crew: Crew) -> None:
    """Transaction marks leave gaps, at the very end too: the intake is caught up, and no watchdog barks."""
    crew.write(30)
    producer = Producer(
        {"bootstrap.servers": crew.broker.bootstrap_servers, "transactional.id": "suite", "log_level": 0}
    )
    producer.init_transactions(10)
    for number in range(5):
        producer.begin_transaction()
        producer.produce(TOPIC, value=b"t%d" % number, partition=0)
        producer.commit_transaction(10)
    crew.written += 5

    worker = crew.start("--no-crc", "--patience", "4")
    crew.wait_for_all()
    worker.wait_for("caught_up=True")

    with pytest.raises(AssertionError):
        worker.wait_for_end(6)  # longer than its patience: alive is what it has to be


def test_a_missing_topic_is_a_clear_refusal(crew: Crew) -> None:
    """A topic that is not there ends the start with its name, within 25 s."""
    worker = crew.start("--topic", "nowhere")

    assert worker.wait_for_end(25) == REFUSED
    assert worker.says("topic `nowhere` does not exist")


def test_a_missing_permission_is_a_clear_refusal(crew: Crew) -> None:
    """A group that we may not read ends the start with the permission to ask for, within 25 s."""
    crew.write(10)
    for api in (Api.FIND_COORDINATOR, Api.JOIN_GROUP, Api.OFFSET_FETCH):
        crew.broker.push_errors(api, [KafkaError.GROUP_AUTHORIZATION_FAILED] * 50)

    worker = crew.start()

    assert worker.wait_for_end(25) in {REFUSED, FATAL}
    assert worker.says("READ on GROUP suite-0")


def test_a_missing_broker_is_a_clear_refusal(crew: Crew) -> None:
    """A broker that is not there ends the start with its address, within the patience."""
    worker = crew.start("--patience", "5", servers="127.0.0.1:1")

    assert worker.wait_for_end(7) == REFUSED
    assert worker.says("127.0.0.1:1")


TRIED_ALWAYS = [
    (Api.JOIN_GROUP, KafkaError.GROUP_AUTHORIZATION_FAILED),
    (Api.OFFSET_FETCH, KafkaError.NOT_COORDINATOR),
    (Api.FETCH, KafkaError.NOT_LEADER_FOR_PARTITION),
]
TRIED_AT_LENGTH = [
    (Api.FIND_COORDINATOR, KafkaError.COORDINATOR_NOT_AVAILABLE),
    (Api.FIND_COORDINATOR, KafkaError.GROUP_AUTHORIZATION_FAILED),
    (Api.FIND_COORDINATOR, KafkaError._TRANSPORT),
    (Api.JOIN_GROUP, KafkaError.COORDINATOR_LOAD_IN_PROGRESS),
    (Api.JOIN_GROUP, KafkaError.NOT_COORDINATOR),
    (Api.JOIN_GROUP, KafkaError.UNKNOWN_MEMBER_ID),
    (Api.JOIN_GROUP, KafkaError.INCONSISTENT_GROUP_PROTOCOL),
    (Api.JOIN_GROUP, KafkaError._TRANSPORT),
    (Api.SYNC_GROUP, KafkaError.REBALANCE_IN_PROGRESS),
    (Api.SYNC_GROUP, KafkaError.NOT_COORDINATOR),
    (Api.SYNC_GROUP, KafkaError.UNKNOWN_MEMBER_ID),
    (Api.HEARTBEAT, KafkaError.UNKNOWN_MEMBER_ID),
    (Api.HEARTBEAT, KafkaError.ILLEGAL_GENERATION),
    (Api.HEARTBEAT, KafkaError.NOT_COORDINATOR),
    (Api.OFFSET_FETCH, KafkaError.COORDINATOR_LOAD_IN_PROGRESS),
    (Api.OFFSET_FETCH, KafkaError.GROUP_AUTHORIZATION_FAILED),
    (Api.OFFSET_COMMIT, KafkaError.NOT_COORDINATOR),
    (Api.OFFSET_COMMIT, KafkaError.ILLEGAL_GENERATION),
    (Api.OFFSET_COMMIT, KafkaError.GROUP_AUTHORIZATION_FAILED),
    (Api.FETCH, KafkaError.TOPIC_AUTHORIZATION_FAILED),
    (Api.FETCH, KafkaError.OFFSET_OUT_OF_RANGE),
    (Api.FETCH, KafkaError._TRANSPORT),
    (Api.LIST_OFFSETS, KafkaError.LEADER_NOT_AVAILABLE),
    (Api.METADATA, KafkaError.LEADER_NOT_AVAILABLE),
    (Api.METADATA, KafkaError._TRANSPORT),
]


def named(case: tuple[Api, int]) -> str:
    api, code = case
    return f"{api.name.lower()}-{KafkaError(code).name()}"


@pytest.mark.parametrize(
    "case",
    [*TRIED_ALWAYS, *(pytest.param(case, marks=pytest.mark.slow) for case in TRIED_AT_LENGTH)],
    ids=named,
)
def test_an_error_of_the_broker_passes_or_is_loud(crew: Crew, case: tuple[Api, int]) -> None:
    """Three errors in a row, at the start and in mid-stream: it works, or it ends with a word; it never hangs."""
    api, code = case
    crew.write(300)
    patience = 6.0
    flags = ("--patience", str(patience))
    crew.broker.push_errors(api, [code] * 3)
    worker = crew.start(*flags)
    worker = settle(crew, worker, patience, *flags)
    crew.write(300)
    crew.broker.push_errors(api, [code] * 3)

    worker = settle(crew, worker, patience, *flags)

    assert worker.running


def settle(crew: Crew, worker: Worker, patience: float, *flags: str) -> Worker:
    """Wait until everything is read, or the worker ends with a word and a new one reads it; the one that lives."""
    deadline = time.monotonic() + 2 * patience + 8
    while crew.seen() < crew.written:
        if not worker.running:
            assert worker.wait_for_end(1) in {FATAL, REFUSED}
            assert worker.says("fatal ") or worker.says("refused ")
            for api in Api:
                crew.broker.clear_errors(api)
            worker = crew.start(*flags)
            deadline = time.monotonic() + 2 * patience + 8
        assert time.monotonic() < deadline, worker.lines
        time.sleep(0.05)
    return worker


@pytest.mark.parametrize("dropped", [0, 250, 299])
def test_a_record_that_faust_drops_is_missed(embedded_broker: EmbeddedBroker, tmp_path: Path, dropped: int) -> None:
    """What was fetched and never came, the last record too, stops the reading: the process ends, and none is lost."""
    crew = Crew("faust", embedded_broker, tmp_path)
    try:
        crew.write(300, partitions=1)
        dropping = crew.start("--drop", str(dropped), "--patience", "6")

        assert dropping.wait_for_end(30) == FATAL
        assert dropping.says(f"fatal suite/0 stands at {dropped}, {300 - dropped} records before its end")
        assert crew.seen() == dropped
        crew.start()
        crew.wait_for_all()
    finally:
        crew.dismiss()


@pytest.mark.slow
def test_a_stop_while_it_starts_is_a_stop(crew: Crew) -> None:
    """SIGTERM at any moment of the start: exit 0, and no member is left behind that holds partitions and reads none."""
    crew.write(100)
    for delay in range(0, 400, 40):
        worker = crew.start()
        worker.wait_for("status")
        time.sleep(delay / 1000)  # the moment of the stop
        worker.process.send_signal(signal.SIGTERM)

        assert worker.wait_for_end(15) == 0, (delay, worker.lines)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_three_workers_that_come_and_go_lose_nothing(crew: Crew) -> None:
    """Rebalance churn: workers are killed, stopped and started again; in the end each record is there, once."""
    crew.write(6000)
    chance = random.Random(7)
    flags = ("--slow", "0.3", "--whole")
    team = [crew.start(*flags, group="team") for _ in range(3)]
    deadline = time.monotonic() + 200
    moves = 6
    next_move = time.monotonic() + 3
    while (crew.seen() < crew.written or moves) and time.monotonic() < deadline:
        team = [worker if worker.running else crew.start(*flags, group="team") for worker in team]
        if moves and time.monotonic() > next_move:
            chance.choice(team).process.send_signal(chance.choice([signal.SIGKILL, signal.SIGTERM]))
            moves -= 1
            next_move = time.monotonic() + chance.uniform(2, 5)
        time.sleep(0.1)

    crew.wait_for_all(5)


def test_the_bulk_reader_ends_at_the_end(loner: Crew) -> None:
    """The catch-up reads up to the end it found, without joining the group; a member goes on from there."""
    loner.write(5000)
    bulk = loner.start()

    assert bulk.wait_for_end(30) == 0
    assert loner.seen() == 5000
    assert set(committed(loner.broker).values()) == {-1001}
    loner.write(100)
    loner.start(runtime="confluent")
    loner.wait_for_all()


def test_the_bulk_reader_survives_kill_and_failure(loner: Crew) -> None:
    """A catch-up that is cut goes on from the ledger; a fault in the transaction ends it loudly."""
    loner.write(9000, partitions=1)
    failing = loner.start("--raise-at", "2")
    assert failing.wait_for_end(20) == FATAL
    slow = loner.start("--slow", "0.5")
    time.sleep(1)  # the moment of death
    slow.kill()

    assert loner.start().wait_for_end(30) == 0

    assert loner.seen() == loner.written
