"""At least once in, exactly once in effect: shown by killing the daemon again and again on a real broker."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from tests.parts.kafka_server import KafkaServer
from tests.parts.processes import free_ports
from watcher.delivery.receiver import Receiver
from watcher.kafka.client import KafkaSettings
from watcher.kafka.emitter import Emitter
from watcher.kafka.queries import TopicPlan, create_topics
from watcher.ledger import open_ledger

SUBJECTS = 20
CHANGES = 2_000
KILLS = 52
SECRET = "whsec_" + "c2lnbmVkLWZvci10aGUta2lsbC10ZXN0LW9ubHkhISE="

MOMENTS = ("start", "change.judged", "delivery.sent", "batch.observed", "watcher.started", "any")
"""Where the kill strikes: while starting; inside the transaction; between a send and its settling; after the commit;
when the group is being joined; and wherever chance has it."""


class Daemon:
    """A daemon's process, whose log can be watched for a moment to strike."""

    def __init__(self, config: Path, log: Path) -> None:
        self._log = log
        self._from = log.stat().st_size if log.exists() else 0
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "watcher", "run", "-c", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, "KILL_SECRET": SECRET},
            )

    def said(self) -> str:
        with self._log.open("rb") as file:
            file.seek(self._from)
            return file.read().decode(errors="replace")

    async def saw(self, word: str, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if word in self.said():
                return True
            if self.process.poll() is not None:
                return False
            await asyncio.sleep(0.002)
        return False

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


def _schema(*, whole: bool) -> str:
    fields = [{"name": "id", "type": "string"}, {"name": "amount", "type": "long"}]
    return json.dumps({"type": "record", "name": "Order", "fields": fields if whole else fields[:1]})


def _record(subject: int, version: int) -> tuple[bytes, bytes]:
    name = f"topic-{subject}-value"
    key = {"keytype": "SCHEMA", "subject": name, "version": version, "magic": 1}
    whole = version % 2 == 1
    value = {"subject": name, "version": version, "id": 1 + int(whole), "schema": _schema(whole=whole)}
    return json.dumps(key).encode(), json.dumps(value).encode()


def _write_config(folder: Path, server: KafkaServer, topic: str, events: str, url: str) -> Path:
    contracts = folder / "contracts"
    contracts.mkdir()
    owner = {"kind": "Domain", "name": "producer", "owns": ["kafka://test/*"], "tickets": [{"channel": "hook"}]}
    (contracts / "producer.yaml").write_text(json.dumps(owner))
    for subject in range(SUBJECTS):
        wish = {
            "kind": "Subscription",
            "name": f"reader-{subject}",
            "consumer": {"domain": "consumer"},
            "dataset": f"kafka://test/topic-{subject}",
            "relies_on": [{"amount": {"type": "long"}}],
        }
        (contracts / f"reader-{subject}.yaml").write_text(json.dumps(wish))
    config = folder / "watcher.yaml"
    document = {
        "ledger": f"sqlite:///{folder / 'ledger.db'}",
        "kafka": {"bootstrap_servers": server.bootstrap_servers},
        "feeds": [{"name": "registry", "topic": topic, "namespace": "kafka://test", "group": topic}],
        "contracts": [str(contracts)],
        "settle": 0,
        "channels": {"hook": {"url": url, "secrets": ["env:KILL_SECRET"]}},
        "events": {"topic": events},
        "http": {"port": free_ports(1)[0]},
        "outbound": {"allow_hosts": ["127.0.0.1"]},
        "log": {"style": "json", "level": "debug"},
    }
    config.write_text(json.dumps(document))
    return config


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_nothing_is_lost_and_nothing_doubled_over_fifty_kills(kafka_server: KafkaServer, tmp_path: Path) -> None:
    """Killed at random moments over 2,000 changes: no event lost, no ticket twice, no delivery missing."""
    asyncio.run(_kill_again_and_again(kafka_server, tmp_path))


async def _kill_again_and_again(server: KafkaServer, folder: Path) -> None:  # noqa: PLR0915 - one story, told in order
    rng = random.Random(int(os.environ.get("KILL_SEED", "20261122")))
    cluster = KafkaSettings(server.bootstrap_servers, "kill-test")
    topic, events = server.unique("schemas"), server.unique("events")
    create_topics(cluster, [TopicPlan(topic, config={"cleanup.policy": "compact"}), TopicPlan(events)])
    struck: Counter[str] = Counter()
    emitter = Emitter(cluster)
    versions = [1] * SUBJECTS

    async def change(count: int) -> None:
        sent = []
        for _ in range(count):
            if sum(versions) - SUBJECTS >= CHANGES:
                break
            subject = (sum(versions) - SUBJECTS) % SUBJECTS
            versions[subject] += 1
            sent.append(asyncio.wrap_future(emitter.send(topic, *_record(subject, versions[subject]), [])))
        await asyncio.gather(*sent)

    async with Receiver([SECRET]) as receiver:
        config = _write_config(folder, server, topic, events, receiver.url)
        log = folder / "daemon.log"
        await asyncio.gather(
            *(asyncio.wrap_future(emitter.send(topic, *_record(subject, 1), [])) for subject in range(SUBJECTS))
        )
        first = Daemon(config, log)
        assert await first.saw("watcher.started", 60), first.said()[-2000:]
        assert await first.saw('"event":"feed.begun"', 60), first.said()[-2000:]

        daemon = first
        for round_ in range(KILLS):
            moment = MOMENTS[round_ % len(MOMENTS)]
            await change(CHANGES // KILLS // 2 + 1)
            struck[await _strike(daemon, moment, rng)] += 1
            await change(CHANGES // KILLS // 2 + 1)
            daemon = Daemon(config, log)
        await change(CHANGES)

        # All may be done already: a process that is only just starting has set no handler for SIGTERM yet.
        assert await daemon.saw("watcher.started", 60), daemon.said()[-2000:]
        counts = await _until_quiet(folder, daemon, CHANGES)
        daemon.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        code = await asyncio.to_thread(daemon.process.wait, 15)
        took = time.monotonic() - began
        received = list(receiver.received)
    emitter.close()

    published = _published(server, events)
    ids = Counter(one.id for one in received)
    _report(struck, counts, ids, published, took)
    assert code == 0
    assert took < 10
    assert sum(struck.values()) >= 50
    assert counts["events"] == CHANGES + SUBJECTS
    assert counts["unreadable"] == 0
    assert counts["changes"] == CHANGES
    assert counts["tickets"] == SUBJECTS
    assert all(one.verified for one in received)
    # One message to the domain a change (opened, reopened or resolved), and one event a break.
    assert len(ids) == CHANGES
    assert len(set(published)) == CHANGES // 2
    with open_ledger(f"sqlite:///{folder / 'ledger.db'}", exclusive=False).look() as views:
        for ticket in views.list_tickets(SUBJECTS + 1):
            moves = views.ticket_moves(ticket.id)
            states = [move.after.value for move in moves]
            assert states == ["open", "resolved"] * (CHANGES // SUBJECTS // 2)


async def _strike(daemon: Daemon, moment: str, rng: random.Random) -> str:
    """Kill at the moment, or a little after it; gives where it struck."""
    if moment == "start":
        await asyncio.sleep(rng.uniform(0.1, 2.5))
        struck = moment
    elif moment == "any":
        await daemon.saw("watcher.started", 30)
        await asyncio.sleep(rng.uniform(0, 1.5))
        struck = moment
    else:
        struck = moment if await daemon.saw(f'"event":"{moment}"', 30) else f"{moment} (not seen)"
        await asyncio.sleep(rng.choice((0, 0, rng.uniform(0, 0.05))))
    daemon.kill()
    return struck


async def _until_quiet(folder: Path, daemon: Daemon, changes: int) -> dict[str, int]:
    """What the ledger counts once all is judged and told."""
    deadline = time.monotonic() + 300
    counts: dict[str, int] = {}
    while time.monotonic() < deadline:
        assert daemon.process.poll() is None, daemon.said()[-3000:]
        with (
            contextlib.suppress(Exception),
            open_ledger(f"sqlite:///{folder / 'ledger.db'}", exclusive=False).look() as tx,
        ):
            counts = dict(tx.counts())
        if counts.get("changes", 0) >= changes and counts["pending"] == 0:
            return counts
        await asyncio.sleep(0.5)
    raise AssertionError(f"not quiet after 300 s: {counts}\n{daemon.said()[-3000:]}")


def _published(server: KafkaServer, topic: str) -> list[str]:
    """The ids of the breaking-change events on the topic, repeats included."""
    consumer = Consumer({"bootstrap.servers": server.bootstrap_servers, "group.id": "kill-count"})
    low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)
    consumer.assign([TopicPartition(topic, 0, low)])
    found: list[str] = []
    at = low
    while at < high:
        for message in consumer.consume(500, 5):
            at = (message.offset() or 0) + 1
            headers: dict[str, Any] = dict(message.headers() or [])
            found.append(headers["ce_id"].decode())
    consumer.close()
    return found


def _report(struck: Counter[str], counts: dict[str, int], ids: Counter[str], published: list[str], took: float) -> None:
    print(
        f"\nkilled {sum(struck.values())} times ({dict(struck)}); ledger {counts}; "
        f"webhooks {sum(ids.values())} for {len(ids)} deliveries; "
        f"events {len(published)} for {len(set(published))}; SIGTERM to exit {took:.1f} s"
    )
