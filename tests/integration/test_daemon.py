"""The daemon on real parts: the demonstration's story on Kafka and either ledger, and what it says of itself."""

import json
from importlib.resources import files
from typing import Any

import pytest
from confluent_kafka import Consumer, Message, TopicPartition
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.conftest import Install
from tests.parts.command_line import call
from tests.parts.daemon import Daemon, Installation
from tests.parts.kafka_server import KafkaServer
from tests.parts.processes import wait_until
from watcher.cli.story import acts, history

pytestmark = pytest.mark.timeout(120)
RUNTIMES = ["faust", "confluent"]


def with_the_storys_contracts(one: Installation) -> Installation:
    for file in files("watcher.cli.story").joinpath("contracts").iterdir():
        (one.contracts / file.name).write_bytes(file.read_bytes())
    return one


def published(server: KafkaServer, topic: str) -> list[Message]:
    """All records of a topic's one partition."""
    consumer = Consumer({"bootstrap.servers": server.bootstrap_servers, "group.id": "look"})
    low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)
    consumer.assign([TopicPartition(topic, 0, low)])
    found: list[Message] = []
    while len(found) < high - low:
        found.extend(consumer.consume(high - low - len(found), 5))
    consumer.close()
    return found


def types(one: Installation, name: str) -> list[str]:
    return [received.message["type"] for received in one.receivers[name].received]


def metrics(daemon: Daemon) -> dict[str, float]:
    """The samples, each under its name and its labels' values."""
    status, text = daemon.get("/metrics")
    assert status == 200
    return {
        "/".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_story(kafka_server: KafkaServer, install: Install, ledger_url: str, runtime: str) -> None:
    """History raises nothing; a break is told while it runs, the repair of a time when it did not run closes it."""
    one = with_the_storys_contracts(install(kafka_server, ledger_url, runtime))
    harmless, breaking, other, unreadable, repair = acts()
    one.write(*history())
    first = one.start()
    first.wait_ready()
    assert one.counts() | {"changes": 0, "tickets": 0, "deliveries": 0, "events": 4} == one.counts()

    one.write((harmless.key, harmless.value), (breaking.key, breaking.value))
    one.wait_counts(20, changes=2, tickets=1, pending=0)
    (ticket,) = first.list("tickets")
    assert (ticket["state"], ticket["domain"], ticket["consumers"]) == ("open", "checkout", ["marketing/campaigns"])
    assert first.end()[0] == 0
    one.write((other.key, other.value), (unreadable.key, unreadable.value), (repair.key, repair.value))
    second = one.start()
    second.wait_ready()
    one.wait_counts(20, changes=4, tickets=1, unsettled_tickets=0, unreadable=1, pending=0, events=9)

    _, told = second.get(f"/v1/tickets/{ticket['id']}")
    assert [move["after"] for move in told["moves"]] == ["open", "resolved"]
    assert told["moves"][1]["proof"]["position"].endswith("@8")
    (violation,) = second.list("violations")
    assert violation["healed"]["proof"]["because"] == "the expectation holds again"
    (event,) = second.list("unreadable")
    assert (event["kind"], event["position"]) == ("malformed-json", "registry/0@7")
    assert {delivery["state"] for delivery in second.list("deliveries")} == {"delivered"}
    assert second.end()[0] == 0

    assert types(one, "checkout-hook") == ["ticket.opened", "ticket.resolved"]
    assert types(one, "marketing-hook") == ["consumer.notice", "consumer.relieved"]
    assert not one.ids("care-hook")
    assert not one.ids("office-hook")
    received = [got for name in one.receivers.by_name for got in one.receivers[name].received]
    assert [got.fault for got in received] == [None] * 4
    (message,) = published(kafka_server, one.settings["events"]["topic"])
    assert_cloud_event(message, ticket["id"])


def assert_cloud_event(message: Message, ticket: str) -> None:
    """The breaking change as CloudEvents 1.0 asks for it in binary mode, about the dataset that broke."""
    headers: dict[str, Any] = dict(message.headers() or [])
    wanted = {
        "ce_specversion": b"1.0",
        "ce_type": b"io.watcher.breaking_change.v1",
        "ce_subject": b"kafka://shop/orders",
        "content-type": b"application/json",
    }
    assert wanted.items() <= headers.items()
    assert {"ce_id", "ce_source", "ce_time", "ce_dataschema"} <= headers.keys()
    assert message.key() == b"kafka://shop/orders"
    body = json.loads(message.value() or b"")
    assert body["ticket"] == ticket
    assert [violation["consumer"]["team"] for violation in body["violations"]] == ["campaigns"]


def test_what_a_running_daemon_answers(kafka_server: KafkaServer, install: Install) -> None:
    """Probes, metrics that move, and `watcher check --daemon` before anything is registered."""
    one = with_the_storys_contracts(install(kafka_server))
    harmless, breaking, *_ = acts()
    one.write(*history())
    daemon = one.start()
    daemon.wait_ready()
    assert daemon.get("/livez") == (200, "alive\n")
    before = metrics(daemon)

    one.write((harmless.key, harmless.value))
    one.wait_counts(20, changes=1)
    proposed = one.folder / "next.avsc"
    proposed.write_text(json.loads(breaking.value or b"")["schema"])
    said = call("check", proposed, "--dataset", "kafka://shop/orders", "--daemon", daemon.url, "--format", "json")
    assert said.code == 1, said
    broken = [verdict["consumer"] for verdict in said.json()["verdicts"] if verdict["outcome"] == "broken"]
    assert broken == ["marketing/campaigns"]
    assert one.counts()["changes"] == 1

    after = metrics(daemon)
    assert before["watcher_ready"] == after["watcher_ready"] == 1
    assert after["watcher_records_total/registry"] - before["watcher_records_total/registry"] == 1
    assert after["watcher_events_total/change.judged"] - before["watcher_events_total/change.judged"] == 1
    assert after["watcher_ledger_rows/changes"] - before["watcher_ledger_rows/changes"] == 1


def test_contracts_take_effect_while_it_runs(kafka_server: KafkaServer, install: Install) -> None:
    """A bad edit keeps the last good one in force and is told; the amended one closes the ticket that it asked for."""
    one = with_the_storys_contracts(install(kafka_server))
    _, breaking, *_ = acts()
    file = one.contracts / "voucher-report.yaml"
    good = file.read_text()
    one.write(*history())
    daemon = one.start()
    daemon.wait_ready()

    file.write_text(good.replace("relies_on:", "relys_on:"))
    wait_until(lambda: daemon.get("/readyz")[1]["problems"] != [], 20, "the bad edit is told")
    status, told = daemon.get("/readyz")
    assert status == 200
    assert any("voucher-report.yaml:10:1" in problem and "relies_on" in problem for problem in told["problems"])
    assert "contracts.refused" in daemon.said()
    one.write((breaking.key, breaking.value))
    one.wait_counts(20, tickets=1, unsettled_tickets=1)

    file.write_text(good.replace("  - voucher_code\n", ""))
    one.wait_counts(20, tickets=1, unsettled_tickets=0, pending=0)
    assert daemon.get("/readyz")[1]["problems"] == []
    (violation,) = daemon.list("violations")
    assert violation["healed"]["proof"] == {"because": "the contract no longer asks for it"}
    assert types(one, "checkout-hook") == ["ticket.opened", "ticket.resolved"]
