"""PostgreSQL, first class: what somebody types into psql is the producing domain's ticket two seconds later."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.parts.daemon import Daemon, Installation
from tests.parts.postgres_server import PostgresServer
from tests.parts.processes import wait_until
from watcher.kafka.embedded import EmbeddedBroker
from watcher.ledger import migrate

SCRIPT = Path(__file__).parents[2] / "deploy" / "postgres" / "watcher.sql"
LONG_S = 60


def psql(url: str, *words: str) -> str:
    """What `psql` prints; it must succeed."""
    done = subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker({"events": 1, "schemas-pg": 1}) as broker:
        yield broker


@pytest.fixture
def shop(postgres_url: str) -> str:
    """A database with the watcher's ear, and a table that was there before anybody watched."""
    url = postgres_url
    psql(url, "-f", str(SCRIPT))
    psql(url, "-c", "CREATE TABLE orders (id int PRIMARY KEY, amount numeric(12,2), old text)")
    psql(url, "-c", "ALTER TABLE orders DROP COLUMN old")
    return url


@pytest.fixture
def one(broker: EmbeddedBroker, shop: str, tmp_path: Path) -> Iterator[Installation]:
    made = Installation(
        tmp_path, broker.bootstrap_servers, f"sqlite:///{tmp_path / 'ledger.db'}", "schemas-pg", "events"
    )
    made.settings["feeds"] = [{"name": "shop", "type": "postgres", "url": shop, "namespace": "postgres://db:5432"}]
    name = shop.rpartition("/")[2]
    owner = {"kind": "Domain", "name": "shop", "owns": ["postgres://db:5432/*"], "tickets": [{"channel": "care-hook"}]}
    dataset = f"postgres://db:5432/{name}.public.orders"
    reader = {
        "kind": "Subscription",
        "name": "finance",
        "consumer": {"domain": "finance"},
        "dataset": dataset,
        "relies_on": ["amount", "old"],
    }
    made.contract("shop", owner, reader)
    yield made
    made.close()


def states(daemon: Daemon) -> list[str]:
    return [one["state"] for one in daemon.list("tickets")]


def violations(daemon: Daemon) -> list[dict[str, Any]]:
    return daemon.list("violations")


def test_a_column_dropped_in_psql_is_a_ticket(one: Installation, shop: str) -> None:
    """Within two seconds, and told to the domain; what was before the first start raises nothing."""
    daemon = one.start()
    daemon.wait_ready()
    assert states(daemon) == []

    began = time.monotonic()
    psql(shop, "-c", "ALTER TABLE orders DROP COLUMN amount")
    wait_until(lambda: states(daemon) == ["open"], LONG_S, "the ticket")
    seconds = time.monotonic() - began
    [violation] = violations(daemon)
    psql(shop, "-c", "ALTER TABLE orders ADD COLUMN amount numeric(12,2)")
    wait_until(lambda: states(daemon) == ["resolved"], LONG_S, "the ticket is resolved")
    wait_until(lambda: len(one.ids("care-hook")) == 2, LONG_S, "the domain was told")

    assert (violation["rule"], violation["path"]) == ("field-removed", "amount")
    assert violation["origin"]["by"] == "watcher"
    assert seconds < 20, f"{seconds:.1f} s: two on a machine with nothing else to do"
    print(json.dumps({"psql to ticket, seconds": round(seconds, 2)}))


def test_what_happened_while_nobody_watched_is_judged(one: Installation, shop: str) -> None:
    """A rename within a transaction, told as one; what was rolled back is not told."""
    daemon = one.start()
    daemon.wait_ready()
    daemon.end()
    psql(shop, "-c", "BEGIN", "-c", "ALTER TABLE orders DROP COLUMN amount", "-c", "ROLLBACK")
    psql(shop, "-c", "ALTER TABLE orders RENAME COLUMN amount TO total")
    again = one.start()
    again.wait_ready()
    wait_until(lambda: states(again) == ["open"], LONG_S, "the ticket")

    [violation] = violations(again)
    assert violation["rule"] == "field-renamed"
    assert again.list("blind-spots") == []


def test_what_the_triggers_missed_is_found_by_a_look(one: Installation, shop: str) -> None:
    """As a change that was made while they were switched off."""
    one.settings["feeds"][0]["snapshot"] = {"every": "1s"}
    daemon = one.start()
    daemon.wait_ready()
    psql(shop, "-c", "ALTER EVENT TRIGGER watcher_ddl DISABLE")
    psql(shop, "-c", "ALTER TABLE orders ALTER COLUMN amount TYPE text")
    psql(shop, "-c", "ALTER EVENT TRIGGER watcher_ddl ENABLE")
    kinds = {"missed-by-the-feed"}
    wait_until(lambda: kinds <= {one["kind"] for one in daemon.list("blind-spots")}, LONG_S, "the blind spot")


def test_two_workers_share_one_outbox(one: Installation, shop: str, postgres_server: PostgresServer) -> None:
    """Each row counts once, whoever reads it first; neither ends, and what stands in the end is what the server has."""
    ledger = postgres_server.create_database()
    migrate(ledger)
    one.settings["ledger"] = ledger
    daemons = [one.start(), one.start()]
    for daemon in daemons:
        daemon.wait_ready()
    for number in range(40):
        psql(
            shop,
            "-c",
            f"ALTER TABLE orders ADD COLUMN c{number} int, ALTER COLUMN amount TYPE numeric({13 + number}, 2)",
        )
    psql(
        shop,
        "-c",
        "BEGIN",
        "-c",
        "ALTER TABLE orders DROP COLUMN c1",
        "-c",
        "ALTER TABLE orders DROP COLUMN amount",
        "-c",
        "COMMIT",
    )
    wait_until(lambda: states(daemons[0]) == ["open"], LONG_S, "the ticket")
    changes = [change for one in daemons[1].list("changes") for change in one["changes"]]
    added = [change["path"] for change in changes if change["kind"] == "field-added"]

    assert sorted(added) == sorted(f"c{number}" for number in range(40))
    assert [daemon.running for daemon in daemons] == [True, True]
    assert daemons[0].list("unreadable") == []
    for daemon in daemons:
        daemon.end()
    postgres_server.drop_database(ledger)
