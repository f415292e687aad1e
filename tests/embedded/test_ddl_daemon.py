"""The daemon hears a registry and a warehouse side by side: from a topic, and from scripts that are sent to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.parts.daemon import Daemon, Installation
from tests.parts.processes import wait_until
from watcher.kafka.client import KafkaSettings
from watcher.kafka.embedded import EmbeddedBroker
from watcher.kafka.emitter import Emitter

ORDERS = "snowflake://acme/RAW.SHOP.ORDERS"
LONG_S = 60


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker({"events": 1, "schemas-ddl": 1, "ddl": 3}) as broker:
        yield broker


@pytest.fixture
def one(broker: EmbeddedBroker, tmp_path: Path) -> Iterator[Installation]:
    made = Installation(
        tmp_path, broker.bootstrap_servers, f"sqlite:///{tmp_path / 'ledger.db'}", "schemas-ddl", "events"
    )
    made.settings["feeds"].append(
        {
            "name": "warehouse",
            "type": "ddl",
            "topic": "ddl",
            "namespace": "snowflake://acme",
            "database": "RAW",
            "schema": "SHOP",
        }
    )
    owner = {"kind": "Domain", "name": "shop", "owns": ["snowflake://acme/*"], "tickets": [{"channel": "care-hook"}]}
    reader = {
        "kind": "Subscription",
        "name": "finance",
        "consumer": {"domain": "finance"},
        "dataset": ORDERS,
        "relies_on": ["AMOUNT"],
    }
    made.contract("warehouse", owner, reader)
    yield made
    made.close()


def send(daemon: Daemon, **event: Any) -> dict[str, Any]:
    """Send one event to the warehouse's feed."""
    status, answer = daemon.post("/v1/ddl", json.dumps({"feed": "warehouse", **event}).encode())
    assert status == 200, answer
    assert isinstance(answer, dict)
    return answer


def states(daemon: Daemon) -> list[tuple[str, str]]:
    """Each ticket's dataset and state."""
    return [(one["dataset"], one["state"]) for one in daemon.list("tickets")]


def test_from_a_topic_and_by_hand(one: Installation, broker: EmbeddedBroker) -> None:
    """Each record, whichever way and partition it came, moves the same tables."""
    daemon = one.start()
    daemon.wait_ready()
    made = send(daemon, sql="create table orders (id number, amount number(12,2))", baseline=True, id="one")
    again = send(daemon, sql="create table orders (id number, amount number(12,2))", baseline=True, id="one")

    planned = {"dataset": ORDERS, "format": "sql", "schema": "alter table orders drop column amount"}
    status, foreseen = daemon.post("/v1/check", json.dumps(planned).encode())

    emitter = Emitter(KafkaSettings(broker.bootstrap_servers, "test"))
    dropped = {"id": "two", "sql": "alter table orders drop column amount", "by": "etl"}
    emitter.send("ddl", b"other", json.dumps({"sql": "create table other (id number)"}).encode(), []).result(30)
    emitter.send("ddl", b"orders", json.dumps(dropped).encode(), []).result(30)
    wait_until(lambda: states(daemon) == [(ORDERS, "open")], LONG_S, "the ticket")
    emitter.close(1.0)
    mended = send(daemon, sql="alter table orders add column amount number(12,2)")

    assert (made["outcome"], made["position"]) == ("baseline", "warehouse/-2@0")
    assert again["outcome"] == "duplicate"
    assert (status, foreseen["breaking"]) == (200, True)
    assert (mended["outcome"], mended["datasets"]) == ("applied", [{"dataset": ORDERS, "there": True}])
    assert states(daemon) == [(ORDERS, "resolved")]
    wait_until(lambda: len(one.ids("care-hook")) == 2, LONG_S, "the domain was told twice")


def test_what_cannot_be_sent_is_told(one: Installation) -> None:
    """A feed that is none, an event that is none, a statement that cannot be read: each says what to do."""
    daemon = one.start()
    daemon.wait_ready()
    status, answer = daemon.post("/v1/ddl", json.dumps({"feed": "registry", "sql": "x"}).encode())
    missing, told = daemon.post("/v1/ddl", json.dumps({"sql": "x"}).encode())
    broken = send(daemon, sql="alter table nobody drop column x")
    wrong, off = daemon.post("/v1/ddl", json.dumps({"feed": "warehouse", "sqll": "x"}).encode())

    assert (status, "there are: warehouse" in answer["error"]) == (422, True)
    assert (missing, "`feed`" in told["error"]) == (422, True)
    assert (broken["outcome"], broken["unreadable"][0]["table"]) == ("unreadable", "snowflake://acme/RAW.SHOP.NOBODY")
    assert (wrong, "sqll" in off["error"]) == (422, True)
    assert "snowflake://acme/RAW.SHOP.NOBODY" in {one["dataset"] for one in daemon.list("blind-spots")}
