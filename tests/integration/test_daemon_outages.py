"""Parts that die under the daemon: a worker, the database, the broker; nothing is lost, and nothing is told twice."""

import threading
import time
from collections import Counter

import pytest

from tests.integration.conftest import Install
from tests.parts.daemon import Daemon, Installation, version
from tests.parts.kafka_server import KafkaServer
from tests.parts.postgres_server import PostgresServer
from tests.parts.processes import wait_until
from watcher.ledger import migrate

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
RUNTIMES = ["faust", "confluent"]
SUBJECTS = 10
DOUBT = 70
LEASE_S = 60
"""So long may a delivery wait that a dead worker had under way."""


class Stream:
    """Changes to ten subjects, each version a break or its repair; knows how many there must be in the end."""

    def __init__(self, one: Installation) -> None:
        self.one = one
        self.sent = 0
        one.many_readers(SUBJECTS)
        one.write(*(version(subject, 1) for subject in range(SUBJECTS)))

    def change(self, count: int) -> None:
        numbers = range(self.sent, self.sent + count)
        self.sent += count
        self.one.write(*(version(number % SUBJECTS, 2 + number // SUBJECTS) for number in numbers))

    def whole(self, seconds: float, *, told: float = 30) -> float:
        """Wait until every change was judged, once, and then told; the seconds that the judging took."""
        took = self.one.wait_counts(seconds, changes=self.sent, events=self.sent + SUBJECTS, tickets=SUBJECTS)
        self.one.wait_counts(told, pending=0, dead=0)
        assert self.one.counts()["unreadable"] == 0
        received = self.one.receivers["checkout-hook"].received
        assert all(each.verified for each in received)
        # One message to the domain for each change: opened, resolved, reopened. A repeat has the id of the first.
        assert len({each.id for each in received}) == self.sent
        return took

    def repeated(self) -> int:
        ids = Counter(self.one.ids("checkout-hook"))
        return sum(ids.values()) - len(ids)


def detail(daemon: Daemon) -> str:
    return str(daemon.get("/readyz")[1]["feeds"][0]["detail"])


@pytest.mark.postgres
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_second_worker_takes_over(
    kafka_server: KafkaServer, install: Install, postgres_url: str, runtime: str
) -> None:
    """Of two workers on one ledger one works and one stands by, ready; when the first dies the second goes on."""
    migrate(postgres_url)
    one = install(kafka_server, postgres_url, runtime)
    stream = Stream(one)
    first = one.start()
    first.wait_ready()
    second = one.start()
    second.wait_ready()
    both = {f"{one.topic}/0", "no partition: standing by"}
    wait_until(lambda: {detail(first), detail(second)} == both, 20, "one works, one stands by")
    first.wait_ready()
    second.wait_ready()
    worker, standby = (first, second) if "standing" in detail(second) else (second, first)
    stream.change(40)
    stream.whole(20)
    assert stream.repeated() == 0

    one.send(*(version(subject, 6) for subject in range(SUBJECTS)))
    stream.sent += SUBJECTS
    worker.kill()
    stream.change(40)
    took = stream.whole(25, told=LEASE_S + 15)
    print(f"\n{runtime}: the second worker had judged all {took:.1f} s after the first was killed")

    assert detail(standby) == f"{one.topic}/0"
    assert standby.end()[0] == 0


@pytest.mark.postgres
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_database_dies_and_comes_back(
    kafka_server: KafkaServer, install: Install, own_postgres_server: PostgresServer, runtime: str
) -> None:
    """While it is away the daemon lives, and is not ready; when it is back everything is judged and told."""
    url = own_postgres_server.create_database()
    migrate(url)
    one = install(kafka_server, url, runtime)
    stream = Stream(one)
    daemon = one.start()
    daemon.wait_ready()
    running = threading.Event()

    def write() -> None:
        while not running.wait(0.05):
            stream.change(3)

    writing = threading.Thread(target=write)
    writing.start()

    def lives() -> bool:
        assert daemon.running, f"it ended with {daemon.process.poll()}:\n{daemon.said()[-4000:]}"
        return True

    try:
        wait_until(lambda: one.counts()["changes"] > 10, 20, "the stream is under way")
        for pause in (0.3, 0.6, 0.2, 0.9, 0.5):  # whatever it is doing at that moment
            own_postgres_server.kill()
            own_postgres_server.restart()
            wait_until(lambda: lives() and daemon.get("/readyz")[1]["ledger"], 20, "the ledger is there again")
            time.sleep(pause)
        own_postgres_server.kill()
        wait_until(lambda: lives() and daemon.get("/readyz")[0] == 503, 10, "it is not ready")
        assert daemon.get("/readyz")[1]["ledger"] is False
        assert daemon.get("/livez")[0] == 200
        assert daemon.get("/v1/tickets")[0] == 503
        assert daemon.get("/metrics")[0] == 200
        time.sleep(2)  # an outage has some length
    finally:
        running.set()
        writing.join(30)
    began = time.monotonic()
    own_postgres_server.restart()
    daemon.wait_ready(60)
    print(f"\n{runtime}: ready {time.monotonic() - began:.1f} s after the database was started again")

    stream.whole(30)
    assert daemon.end()[0] == 0


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_broker_dies_and_comes_back(own_kafka_server: KafkaServer, install: Install, runtime: str) -> None:
    """The daemon waits for it, or ends in doubt and goes on when it is started again: nothing is lost either way."""
    one = install(own_kafka_server, runtime=runtime)
    stream = Stream(one)
    daemon = one.start()
    daemon.wait_ready()
    stream.change(20)
    stream.whole(20)

    own_kafka_server.kill()
    time.sleep(4)  # an outage has some length
    own_kafka_server.restart()
    began = time.monotonic()
    stream.change(20)
    daemon = _kept_up(one, daemon, stream.sent, 60)
    print(f"\n{runtime}: all judged {time.monotonic() - began:.1f} s after the broker was started again")

    stream.whole(5, told=45)
    daemon.wait_ready()
    assert len(one.daemons) <= 2
    assert daemon.end()[0] == 0


def _kept_up(one: Installation, daemon: Daemon, changes: int, seconds: float) -> Daemon:
    """What a service manager does: start it again when it ends in doubt."""
    deadline = time.monotonic() + seconds
    while one.counts()["changes"] < changes:
        assert time.monotonic() < deadline, daemon.said()[-3000:]
        if not daemon.running:
            assert daemon.code() == DOUBT, daemon.said()[-3000:]
            daemon = one.start()
        time.sleep(0.1)
    return daemon
