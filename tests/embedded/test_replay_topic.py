"""`watcher replay --topic-of`: a registry's topic from its beginning, without a group and without a trace."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from tests.parts.command_line import Ended, call
from tests.story.world import ORDER, record, reliance, without
from watcher.handlers.telling.messages import moment
from watcher.kafka.embedded import EmbeddedBroker

CHECKOUT = 'kind: Domain\nname: checkout\nowns: ["kafka://prod/orders*"]\n'
HOUR = dt.timedelta(hours=1)


class House:
    """A topic, settings that name it, and one contract; the ledger that they name is not there."""

    def __init__(self, folder: Path, broker: EmbeddedBroker) -> None:
        self.folder = folder
        self.begun = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=30)
        self._servers = broker.bootstrap_servers
        self._version = 0
        broker.create_topic("_schemas")
        (folder / "contracts").mkdir()
        (folder / "contracts" / "all.yaml").write_text(f"{CHECKOUT}---\n{reliance('finance', 'amount')}")
        settings = {
            "kafka": {"bootstrap_servers": self._servers},
            "feeds": [{"name": "registry", "namespace": "kafka://prod"}],
            "ledger": f"sqlite:///{folder / 'ledger.db'}",
            "contracts": [str(folder / "contracts")],
        }
        (folder / "watcher.yaml").write_text(json.dumps(settings))

    def write(self, hours: int, fields: dict[str, Any]) -> None:
        """Register the next version, so many hours after the beginning."""
        self._version += 1
        key = {"keytype": "SCHEMA", "subject": "orders-value", "version": self._version, "magic": 1}
        value = {"subject": "orders-value", "version": self._version, "id": self._version, "schema": record(fields)}
        producer = Producer({"bootstrap.servers": self._servers})
        at = int((self.begun + hours * HOUR).timestamp() * 1000)
        producer.produce("_schemas", key=json.dumps(key), value=json.dumps(value), timestamp=at)
        assert producer.flush(20) == 0

    def replay(self, *words: str) -> Ended:
        return call("replay", "--topic-of", "registry", "--config", self.folder / "watcher.yaml", *words)


@pytest.fixture
def house(tmp_path: Path, embedded_broker: EmbeddedBroker) -> House:
    return House(tmp_path, embedded_broker)


def test_a_topic_is_judged_from_its_beginning_in_its_own_time(house: House) -> None:
    """The records' moments are the clock: the break was mended after three hours."""
    for hours, fields in ((0, ORDER), (5, without(ORDER, "amount")), (8, ORDER)):
        house.write(hours, fields)

    found = house.replay("--json").json()

    [one] = found["tickets"]
    settled = house.begun + 5 * HOUR + dt.timedelta(seconds=5)
    assert one["episodes"] == [{"opened_at": moment(settled), "resolved_at": moment(settled + 3 * HOUR), "open_h": 3.0}]
    assert (found["steps"], found["unreadable"]) == (3, 0)


def test_nothing_is_left_behind(house: House) -> None:
    """No ledger is made, and no group is known to the broker."""
    house.write(0, ORDER)
    before = sorted(one.name for one in house.folder.rglob("*"))

    assert house.replay().code == 0

    assert sorted(one.name for one in house.folder.rglob("*")) == before
    admin = AdminClient({"bootstrap.servers": house._servers, "log_level": 0})
    assert [one.group_id for one in admin.list_consumer_groups().result(10).valid] == []


def test_an_empty_topic_has_no_history(house: House) -> None:
    """It is no fault."""
    assert house.replay().out == "0 steps of history were judged; 0 tickets\n"


def test_a_topic_that_is_not_there_is_said(tmp_path: Path, house: House) -> None:
    """With its name; exit code 2 or 3, and no traceback."""
    path = tmp_path / "watcher.yaml"
    settings = json.loads(path.read_text())
    settings["feeds"][0]["topic"] = "_absent"
    path.write_text(json.dumps(settings))

    ended = house.replay()

    assert ended.code in {2, 3}
    assert "_absent" in ended.err
