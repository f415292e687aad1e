"""`watcher doctor`: each thing that can be wrong is told, with what to do, and nothing is changed by looking."""

import json
import os
import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ledger.build import NOW, a_delivery, an_attempt, an_unreadable, begun, open_ticket
from tests.parts.answering import Daemon
from tests.parts.command_line import Ended, call
from tests.parts.processes import free_ports
from watcher.kafka.embedded import EmbeddedBroker
from watcher.ledger import open_ledger
from watcher.model.delivery import DeliveryState
from watcher.model.domain import UNOWNED

SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="

CONTRACT = """
kind: Subscription
name: one
consumer: {domain: finance}
dataset: kafka://prod/orders
relies_on: [amount]
---
kind: Domain
name: checkout
owns: ["kafka://prod/*"]
"""


class House:
    """A folder with everything that a daemon needs, all well until a test breaks it."""

    def __init__(self, folder: Path, servers: str) -> None:
        self.folder = folder
        (folder / "contracts").mkdir()
        (folder / "contracts" / "one.yaml").write_text(CONTRACT)
        self.ledger = f"sqlite:///{folder / 'ledger.db'}"
        self.settings: dict[str, Any] = {
            "ledger": self.ledger,
            "kafka": {"bootstrap_servers": servers},
            "feeds": [{"name": "registry", "namespace": "kafka://prod"}],
            "channels": {"hook": {"url": "http://127.0.0.1:9/hook", "secrets": [SECRET]}},
            "fallback": "hook",
            "http": {"port": free_ports(1)[0]},
            "outbound": {"allow_hosts": ["127.0.0.0/8"]},
        }

    def doctor(self, *more: object) -> Ended:
        path = self.folder / "watcher.yaml"
        path.write_text(yaml.safe_dump(self.settings))
        return call("doctor", "-c", path, "--timeout", 3, *more)

    def findings(self, state: str) -> tuple[int, str]:
        """The exit code, and all that is told in this state."""
        ended = self.doctor("--json")
        found = [one for one in ended.json()["findings"] if one["state"] == state]
        return ended.code, "\n".join(f"{one['about']}: {one['message']} {one['more']}" for one in found)


@pytest.fixture
def house(tmp_path: Path, embedded_broker: EmbeddedBroker) -> House:
    embedded_broker.create_topic("_schemas", 1)
    embedded_broker.create_topic("watcher.breaking-changes", 1)
    return House(tmp_path, embedded_broker.bootstrap_servers)


def test_all_is_well(house: House) -> None:
    """Where nothing is wrong the exit code is 0, and nothing was made by looking."""
    ended = house.doctor()

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == "nothing stands in the way"
    assert sorted(one.name for one in house.folder.iterdir()) == ["contracts", "watcher.yaml"]


def test_settings_that_cannot_be_read(house: House) -> None:
    """A mistake in the settings is told with its place, and nothing else is asked."""
    house.settings["channles"] = {}
    ended = house.doctor()

    assert ended.code == 2
    assert "watcher.yaml:" in ended.out
    assert "did you mean `channels`?" in ended.out


def test_broker_that_is_away(house: House) -> None:
    """A cluster that does not answer is exit 3; what can be asked without it is asked all the same."""
    house.settings["kafka"]["bootstrap_servers"] = f"127.0.0.1:{free_ports(1)[0]}"
    code, told = house.findings("away")

    assert code == 3
    assert "broker unreachable" in told
    assert "contracts" in house.findings("ok")[1]


def test_topics_that_are_not_there(house: House) -> None:
    """Each topic that is missing is named."""
    house.settings["feeds"][0]["topic"] = "elsewhere"
    house.settings["events"] = {"topic": "nowhere"}
    code, told = house.findings("wrong")

    assert code == 2
    assert "`elsewhere` does not exist" in told
    assert "`nowhere` does not exist" in told


def test_contracts_with_mistakes(house: House) -> None:
    """Mistakes in contracts are told by file, line and column; so are channels that nobody has."""
    (house.folder / "contracts" / "bad.yaml").write_text("kind: Domain\nname: x\nown: [a]\n")
    (house.folder / "contracts" / "two.yaml").write_text(
        "kind: Domain\nname: y\nowns: [b]\ntickets: [{channel: pigeon}]\n"
    )
    code, told = house.findings("wrong")

    assert code == 2
    assert "bad.yaml:3:1:" in told
    assert "`pigeon`" in told


def test_folder_that_is_not_there(house: House) -> None:
    """A folder of contracts that is not there is told."""
    house.settings["contracts"] = ["elsewhere"]
    code, told = house.findings("wrong")

    assert code == 2
    assert "elsewhere is not there" in told


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"secrets": ["env:WATCHER_TEST_NO_SUCH"]}, "WATCHER_TEST_NO_SUCH is not set"),
        ({"secrets": ["file:/no/such/file"]}, "/no/such/file"),
        ({"secrets": []}, "no secret"),
        ({"url": "ftp://127.0.0.1/x"}, "ftp"),
        ({"url": "http://10.9.8.7/x"}, "outbound.allow_hosts"),
    ],
)
def test_channels(house: House, changed: dict[str, Any], said: str) -> None:
    """A channel that could not send is told, and no secret is."""
    house.settings["channels"]["hook"] |= changed
    code, told = house.findings("wrong")

    assert code == 2
    assert said in told
    assert SECRET not in told


def test_a_chat_whose_buttons_would_not_be_taken(house: House) -> None:
    """A bot's channel without a hook is worth a look: it draws no buttons."""
    slack = {"type": "slack", "url": "http://127.0.0.1:9/api", "token": "xoxb-of-the-test"}
    house.settings["channels"]["slack"] = slack
    assert "channel slack: no buttons" in house.findings("look")[1]

    house.settings["channels"]["slack"] = {**slack, "hook": {"secrets": [SECRET]}}
    assert "no buttons" not in house.findings("look")[1]


def test_port_that_another_has(house: House) -> None:
    """A port that another program listens on is told."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        house.settings["http"]["port"] = taken.getsockname()[1]
        code, told = house.findings("wrong")

    assert code == 2
    assert "is taken" in told


def test_ledger_of_a_running_daemon(house: House) -> None:
    """Beside a daemon the ledger is read all the same, and the process that holds it is named."""
    with closing(open_ledger(house.ledger)):
        code, told = house.findings("ok")

    assert code == 0
    assert f"held by the daemon of process {os.getpid()}" in told


def test_ledger_where_no_folder_is(house: House) -> None:
    """A ledger in a folder that is not there could not be made, and that is told before it is tried."""
    house.settings["ledger"] = f"sqlite:///{house.folder / 'none' / 'ledger.db'}"
    code, told = house.findings("wrong")

    assert code == 2
    assert "none is not there" in told


def test_ledger_that_is_none(house: House) -> None:
    """A file that is no ledger is told."""
    (house.folder / "ledger.db").write_bytes(b"x" * 4096)
    code, told = house.findings("wrong")

    assert code == 2
    assert "no ledger" in told


def test_what_waits_for_a_person(house: House) -> None:
    """Unreadable records with position and reason, dead letters, and tickets without an owner are shown; exit 0."""
    with closing(open_ledger(house.ledger)) as ledger, ledger.begin() as tx:
        begun(tx, 3)
        tx.add_events([an_unreadable(2, reason="half \x1b[31m a document")])
        tx.add_deliveries([a_delivery()], NOW)
        tx.settle_delivery(an_attempt(outcome="refused", detail="410 Gone"), DeliveryState.DEAD)
        open_ticket(tx, "T-9", domain=UNOWNED)
    code, told = house.findings("look")
    shown = house.doctor().out

    assert code == 2  # the topic ends before the ledger's position: see below
    assert "registry/0@2: malformed-json: half" in told
    assert "delivery-1 to hook: 410 Gone" in told
    assert "T-9: kafka://prod/orders" in told
    assert "half \\x1b[31m a document" in shown


def test_topic_that_was_made_anew(house: House) -> None:
    """A topic that ends before what the ledger has read was made anew, and that is told."""
    with closing(open_ledger(house.ledger)) as ledger, ledger.begin() as tx:
        begun(tx, 3)
    code, told = house.findings("wrong")

    assert code == 2
    assert "made anew" in told


def test_a_key_that_signs_nothing(house: House) -> None:
    """What the daemon would not start with is told here first; one that signs is well."""
    house.settings["follow_up"] = {"url": "http://127.0.0.1:8420", "signing": {"key": "x" * 48}}
    code, told = house.findings("wrong")
    assert code == 2
    assert "no private Ed25519 key" in told
    assert "`watcher announce keygen` makes one" in told

    path = house.folder / "signing.key"
    assert call("announce", "keygen", "--to", path).code == 0
    house.settings["follow_up"]["signing"]["key"] = f"file:{path}"
    assert "`signing.key` signs links and go tokens" in house.findings("ok")[1]


def test_what_a_running_daemon_has_to_say(house: House) -> None:
    """Its problems are lines of their own: it may hold other files in force than those that are read here."""
    problems = [
        "contracts/one.yaml:3:1: it has no `dataset`",
        "the domain checkout is told at `pigeon`: no such channel",
    ]
    feeds = [{"name": "registry", "assigned": True, "caught_up": True, "lag": 0, "detail": ""}]
    status = {"ready": True, "started": True, "stopping": False, "ledger": True, "feeds": feeds, "problems": problems}
    daemon = Daemon(status)
    with closing(daemon):
        house.settings["http"]["port"] = daemon.server.server_port
        code, told = house.findings("look")

        assert code == 0
        for problem in problems:
            assert f"http: the daemon at {daemon.url} says: {problem}" in told
        assert "and is ready" in house.findings("ok")[1]

        daemon.body = json.dumps({**status, "ready": False, "started": False}).encode()
        assert house.findings("away")[0] == 3
        assert problems[0] in house.findings("look")[1]


def test_disputes_that_nobody_may_decide(house: House) -> None:
    """Worth a look: nothing is broken by it until the first one is raised."""
    assert "can be raised, and never decided" in house.findings("look")[1]
    house.settings["follow_up"] = {"arbiters": ["chief-architect"]}
    assert "never decided" not in house.findings("look")[1]


def test_owners_that_cannot_be_read(house: House) -> None:
    """Each with its place; without mistakes their number is told."""
    (house.folder / "catalog").mkdir()
    house.settings["owners"] = {"backstage": [{"paths": ["catalog"], "datasets": {"topic": "kafka://prod/{name}"}}]}
    assert "0 claims are read" in house.findings("ok")[1]
    (house.folder / "catalog" / "all.yaml").write_text("kind: [x\n")
    code, told = house.findings("wrong")
    assert code == 2
    assert "all.yaml:" in told
