"""SIGTERM at bad moments: exit 0 within ten seconds, the group left, nothing lost, and the next daemon goes on."""

import signal
import time

import psycopg
import pytest
from confluent_kafka.admin import AdminClient

from tests.integration.conftest import Install
from tests.parts.daemon import Daemon, Installation, version
from tests.parts.kafka_server import KafkaServer
from tests.parts.postgres_server import PostgresServer
from tests.parts.processes import wait_until
from watcher.ledger import migrate

pytestmark = pytest.mark.timeout(120)
RUNTIMES = ["faust", "confluent"]
STOP_S = 10


def stopped(daemon: Daemon) -> float:
    """Ask it to stop; the seconds that took."""
    code, seconds = daemon.end()
    assert code == 0, daemon.said()[-3000:]
    assert seconds < STOP_S
    assert "doubted" not in daemon.said()
    print(f" [stopped in {seconds:.1f} s]", end="")
    return seconds


def members(server: KafkaServer, one: Installation) -> int:
    admin = AdminClient({"bootstrap.servers": server.bootstrap_servers})
    group = one.feed["group"]
    return len(admin.describe_consumer_groups([group])[group].result(10).members)


def started(one: Installation) -> Daemon:
    daemon = one.start()
    daemon.wait_ready()
    return daemon


@pytest.fixture(params=RUNTIMES)
def one(request: pytest.FixtureRequest, kafka_server: KafkaServer, install: Install) -> Installation:
    """Two subjects, whole, and a consumer of each."""
    made = install(kafka_server, runtime=request.param)
    made.many_readers(2)
    made.write(version(0, 1), version(1, 1))
    return made


def test_idle(kafka_server: KafkaServer, one: Installation) -> None:
    """The group is left, so that the next daemon has the partition at once."""
    daemon = started(one)
    assert members(kafka_server, one) == 1

    stopped(daemon)

    assert members(kafka_server, one) == 0


def test_a_delivery_under_way(kafka_server: KafkaServer, one: Installation) -> None:
    """A receiver that hangs is broken off; asked twice more it stops all the same, and the next daemon tells again."""
    daemon = started(one)
    one.receivers.slow("checkout-hook", 60)
    one.write(version(0, 2))
    wait_until(lambda: len(one.ids("checkout-hook")) == 1, 20, "the delivery is under way")

    daemon.process.send_signal(signal.SIGTERM)
    daemon.wait_for("watcher.stopping")
    daemon.process.send_signal(signal.SIGTERM)
    daemon.process.send_signal(signal.SIGINT)
    stopped(daemon)

    assert members(kafka_server, one) == 0
    one.receivers.slow("checkout-hook", 0)
    following = started(one)
    one.wait_counts(10, tickets=1, pending=0, dead=0)
    first, second = one.ids("checkout-hook")
    assert first == second
    stopped(following)


def test_catching_up(kafka_server: KafkaServer, install: Install) -> None:
    """A large topic half read: the next daemon reads the other half, as a baseline, and raises nothing."""
    one = install(kafka_server)
    one.many_readers(100)
    for part in range(10):
        one.write(
            *(version(subject, number) for number in range(1 + 30 * part, 31 + 30 * part) for subject in range(100))
        )
    daemon = one.start()
    daemon.wait_for("batch.observed")
    assert daemon.get("/readyz")[0] == 503

    stopped(daemon)

    half = one.counts()["events"]
    assert 0 < half < 30_000
    following = started(one)
    one.wait_counts(60, events=30_000, changes=0, tickets=0, datasets=100)
    stopped(following)
    print(f" [{half} of 30000 events were read before the stop]", end="")


def test_stopped_while_it_starts(one: Installation) -> None:
    """Before anything is heard there is nothing to finish."""
    daemon = one.start()
    daemon.wait_for("http.listening")

    assert stopped(daemon) < 5


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    "released", [pytest.param(True, id="it ends"), pytest.param(False, id="it hangs", marks=pytest.mark.slow)]
)
def test_a_transaction_under_way(
    kafka_server: KafkaServer, install: Install, postgres_url: str, runtime: str, released: bool
) -> None:
    """It is waited for, and counts when it ends; when it hangs it is left, and done again by the next daemon."""
    migrate(postgres_url)
    one = install(kafka_server, postgres_url, runtime)
    one.many_readers(1)
    one.write(version(0, 1))
    daemon = started(one)
    with psycopg.connect(postgres_url) as blocker:
        blocker.execute("LOCK TABLE events IN EXCLUSIVE MODE")
        one.write(version(0, 2))
        daemon.wait_for("change.judged")
        daemon.process.send_signal(signal.SIGTERM)
        if released:
            daemon.wait_for("watcher.stopping")
            time.sleep(0.5)  # it must still wait
            assert daemon.running
            blocker.rollback()
        stopped(daemon)
        blocker.rollback()

    assert members(kafka_server, one) == 0
    if released:
        assert one.counts()["changes"] == 1
        return
    following = started(one)
    one.wait_counts(20, changes=1, tickets=1, pending=0)
    assert len(set(one.ids("checkout-hook"))) == 1
    stopped(following)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_ledger_is_away(
    kafka_server: KafkaServer, install: Install, own_postgres_server: PostgresServer, runtime: str
) -> None:
    """What could not be written is read again by the next daemon."""
    url = own_postgres_server.create_database()
    migrate(url)
    one = install(kafka_server, url, runtime)
    one.many_readers(1)
    one.write(version(0, 1))
    daemon = started(one)
    own_postgres_server.kill()
    one.write(version(0, 2))
    daemon.wait_for("intake.retried")

    stopped(daemon)

    assert members(kafka_server, one) == 0
    own_postgres_server.restart()
    following = started(one)
    one.wait_counts(20, changes=1, tickets=1, pending=0)
    stopped(following)
