"""The daemon on the embedded broker and SQLite: what it answers, and what it says where it cannot start."""

import json
import os
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.parts.daemon import Daemon, Installation, version
from tests.parts.processes import free_ports, wait_until
from watcher.kafka.embedded import EmbeddedBroker

START_S = 25
REFUSED = 2


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker({"events": 1}) as broker:
        yield broker


@pytest.fixture
def one(broker: EmbeddedBroker, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    topic = f"schemas-{abs(hash(request.node.name))}"
    broker.create_topic(topic, 1)
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    made = Installation(tmp_path, broker.bootstrap_servers, ledger, topic, "events")
    made.many_readers(1)
    yield made
    made.close()


def refused(one: Installation, *, port: int | None = None, text: str | None = None) -> str:
    """What a daemon says that could not start."""
    began = time.monotonic()
    daemon = one.start(port=port, text=text)
    assert daemon.code(START_S) == REFUSED, daemon.said()
    assert time.monotonic() - began < START_S
    told = [line for line in daemon.said().splitlines() if not line.startswith("{")]
    assert told, daemon.said()
    assert "Traceback" not in daemon.said()
    return "\n".join(told)


@pytest.fixture(scope="module", autouse=True)
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon whose broker is not there; started first, because it looks for it for twenty seconds."""
    folder = tmp_path_factory.mktemp("lonely")
    (port,) = free_ports(1)
    made = Installation(folder, f"127.0.0.1:{port}", f"sqlite:///{folder / 'ledger.db'}", "schemas", "events")
    yield made.start()
    made.close()


def test_a_broker_that_is_not_there(lonely: Daemon) -> None:
    """Told with its address and the setting, after twenty seconds in which it could have come up."""
    assert lonely.code(START_S) == REFUSED
    (said,) = [line for line in lonely.said().splitlines() if not line.startswith("{")]

    assert "broker unreachable at 127.0.0.1:" in said
    assert "kafka.bootstrap_servers" in said


def test_a_database_that_is_not_there(one: Installation) -> None:
    """Told with its address, and without its password."""
    (port,) = free_ports(1)
    one.settings["ledger"] = f"postgresql://watcher:sesame-4711@127.0.0.1:{port}/watcher"

    said = refused(one)
    assert f"127.0.0.1:{port}/watcher" in said
    assert "sesame-4711" not in one.daemons[-1].said()


def test_a_typing_mistake_in_the_settings(one: Installation) -> None:
    """Told with file, line and column, and with the nearest key."""
    text = f"kafka:\n  bootstrap_server: {one.settings['kafka']['bootstrap_servers']}\nfeeds: []\n"

    said = refused(one, text=text)
    assert "watcher-0.yaml:2:3: " in said
    assert "did you mean `bootstrap_servers`?" in said


def test_a_secret_that_is_not_there(one: Installation) -> None:
    """Told by the name of the variable, before anything is heard."""
    one.settings["channels"]["checkout-hook"]["secrets"] = ["env:NOBODY_SET_THIS"]

    assert "NOBODY_SET_THIS is not set" in refused(one)


def test_one_ledger_one_daemon_and_one_port(one: Installation) -> None:
    """A second daemon on the SQLite ledger is refused, and so is one on the same port; the first goes on."""
    (port,) = free_ports(1)
    first = one.start(port=port)
    first.wait_ready()

    assert f"in use by another watcher (process {first.process.pid})" in refused(one)

    one.settings["ledger"] = f"sqlite:///{one.folder / 'another.db'}"
    assert f"cannot listen on 127.0.0.1:{port}" in refused(one, port=port)
    assert first.get("/readyz")[0] == 200


def test_documents_with_mistakes_are_told_and_not_fatal(one: Installation) -> None:
    """A file that cannot be read and a channel that nobody has: in the log, in readiness, and mended while it runs."""
    (one.contracts / "bytes.yaml").write_bytes(b"kind: Domain\nname: \xff\xfe")
    lost = {"kind": "Domain", "name": "care", "owns": ["kafka://shop/care*"], "tickets": [{"channel": "pigeon"}]}
    file = one.contract("care", lost)
    daemon = one.start()
    daemon.wait_ready()

    problems = "\n".join(daemon.get("/readyz")[1]["problems"])
    assert "bytes.yaml:" in problems
    assert "care.yaml: the channel `pigeon` is not in the settings" in problems
    assert '"event":"contracts.refused"' in daemon.said()
    assert '"event":"contracts.channel_unknown"' in daemon.said()

    (one.contracts / "bytes.yaml").unlink()
    one.contract(file.stem, {**lost, "tickets": [{"channel": "care-hook"}]})
    wait_until(lambda: daemon.get("/readyz")[1]["problems"] == [], 20, "no problem is left")


def test_a_contract_that_was_withdrawn_while_nobody_looked(one: Installation) -> None:
    """What was changed in the folder while no daemon ran takes effect at the start: the ticket closes."""
    one.write(version(0, 1))
    first = one.start()
    first.wait_ready()
    one.write(version(0, 2))
    one.wait_counts(20, tickets=1, pending=0)
    assert first.end()[0] == 0

    (one.contracts / "readers.yaml").unlink()
    one.start()
    one.wait_counts(20, tickets=1, unsettled_tickets=0, pending=0)
    assert [got.message["type"] for got in one.receivers["checkout-hook"].received] == [
        "ticket.opened",
        "ticket.resolved",
    ]


def test_readiness_says_why_not(one: Installation) -> None:
    """Not ready while it reads history, though alive; then ready, with each feed's words."""
    one.write(*(version(0, number) for number in range(1, 4_001)))
    daemon = one.start()
    daemon.wait_for("http.listening")
    status, told = daemon.get("/readyz")
    assert (status, told["ready"]) == (503, False)
    assert told["feeds"][0]["detail"] in {"reading history", "joining the group"}
    assert daemon.get("/livez") == (200, "alive\n")

    daemon.wait_ready()
    _, told = daemon.get("/readyz")
    assert told == {
        "ready": True,
        "started": True,
        "stopping": False,
        "ledger": True,
        "feeds": [
            {"name": "registry", "assigned": True, "caught_up": True, "lag": 0, "detail": f"{one.topic}/0"},
        ],
        "problems": [],
    }


@pytest.fixture(scope="module")
def running(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon for questions that leave no trace."""
    broker.create_topic("asked", 1)
    folder = tmp_path_factory.mktemp("running")
    made = Installation(folder, broker.bootstrap_servers, f"sqlite:///{folder / 'ledger.db'}", "asked", "events")
    made.many_readers(1)
    daemon = made.start()
    daemon.wait_ready()
    yield daemon
    made.close()


def question(**changed: Any) -> bytes:
    return json.dumps({"dataset": "kafka://shop/topic-0", "format": "AVRO", "schema": '"string"', **changed}).encode()


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 422, "missing"),
        (b"not JSON", 422, "JSON"),
        (b"\xff\xfe", 422, "JSON"),
        (b"[" * 100_000, 400, "body"),
        (b"[]", 422, "JSON object"),
        (b"{}", 422, "dataset"),
        (question(colour="red"), 422, "colour"),
        (question(schema=7), 422, "schema"),
        (question(format="XML"), 422, "AVRO"),
        (question(schema="{"), 422, ""),
        (question(schema='"' + "x" * (5 * 1024 * 1024) + '"'), 422, ""),
        (question(schema="[" * 50_000), 422, ""),
        (question(references=[{"name": "a"}]), 422, "references.0.schema"),
        (b'"' + b"x" * (7 * 1024 * 1024) + b'"', 413, "at most"),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else None,
)
def test_questions_that_cannot_be_answered(running: Daemon, body: bytes, status: int, words: str) -> None:
    """Each gets a 4xx answer with a sentence, and the daemon goes on."""
    answered, told = running.post("/v1/check", body)

    assert (answered, next(iter(told))) == (status, "error"), told
    assert words in told["error"]
    assert running.get("/livez")[0] == 200


@pytest.mark.parametrize("dataset", ["", "\x00", "\ud800", "x" * 100_000, "kafka://nowhere/'; DROP TABLE events"])
def test_strange_names_of_datasets_are_names(running: Daemon, dataset: str) -> None:
    """Nobody relies on them: the answer says so, whatever they are made of."""
    status, told = running.post("/v1/check", question(dataset=dataset))

    assert (status, told["breaking"], told["verdicts"]) == (200, False, [])


def test_a_request_of_unknown_length_is_not_read(running: Daemon) -> None:
    """A body in chunks could be endless: the answer asks for its length."""
    connection = HTTPConnection(running.url.removeprefix("http://"), timeout=10)
    connection.request("POST", "/v1/check", iter([b"{", b"}"]), {"content-type": "application/json"})
    response = connection.getresponse()

    assert (response.status, json.loads(response.read())["error"]) == (
        411,
        "a request must say how long it is: send content-length",
    )
    connection.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/tickets/T-nothing", 404),
        ("/v1/tickets/%00", 404),
        ("/tickets/T-nothing", 404),
        ("/tickets/%00", 404),
        ("/nowhere", 404),
        ("/v1/check", 405),
        ("/v1/changes?limit=0", 422),
        ("/v1/changes?limit=many", 422),
    ],
)
def test_paths_that_lead_nowhere(running: Daemon, path: str, status: int) -> None:
    """Each gets a 4xx answer with a sentence."""
    answered, told = running.get(path)

    assert (answered, list(told)) == (status, ["error"])


def test_the_log_has_no_secret(running: Daemon) -> None:
    """The signing secret, known to the process through its environment, is in no line."""
    assert os.environ.get("TEST_WEBHOOK_SECRET") is None
    assert "whsec_" not in running.said()
