"""The live path: a change produced on a real Kafka → the signed webhook received, at 50 changes a second."""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.daemons import SECRET, daemon, real_kafka, topics, wait_ready, write_config
from watcher.delivery.receiver import Receiver
from watcher.kafka.client import KafkaSettings
from watcher.kafka.emitter import Emitter

SUBJECTS = 50
RATE = 50
SECONDS = 30


def run() -> None:
    """Print p50 and p99 of the time between produce and receipt."""
    print(
        f"live path: {RATE} changes/s for {SECONDS} s, each breaks or mends one consumer, settle window 0, real Kafka"
    )
    with real_kafka() as server, tempfile.TemporaryDirectory() as name:
        if server is None:
            return
        registry, events = topics(server)
        asyncio.run(_measure(server, registry, events, Path(name)))


async def _measure(server: Any, registry: str, events: str, folder: Path) -> None:
    emitter = Emitter(KafkaSettings(server.bootstrap_servers))
    produced: dict[tuple[str, int], float] = {}
    took: list[float] = []
    async with Receiver([SECRET]) as receiver:
        hook = {"url": receiver.url, "secrets": ["env:BENCH_SECRET"]}
        config, url = write_config(folder, server, registry, events, channels={"hook": hook})
        _write_contracts(folder / "contracts")
        for subject in range(SUBJECTS):
            await asyncio.wrap_future(emitter.send(registry, *_record(subject, 1), []))
        with daemon(config) as process:
            await asyncio.to_thread(wait_ready, process, url, folder / "daemon.log")
            began = time.time()
            for number in range(RATE * SECONDS):
                await asyncio.sleep(max(0.0, began + number / RATE - time.time()))
                subject, version = number % SUBJECTS, number // SUBJECTS + 2
                produced[f"kafka://bench/topic-{subject}", version] = time.time()
                emitter.send(registry, *_record(subject, version), [])
            await receiver.wait_for(len(produced), timeout=60)
            for one in receiver.received:
                data = one.message["data"]
                dataset = data["ticket"]["dataset"]
                took.append(
                    one.at.timestamp() - produced[dataset, _version(data, produced, dataset, one.at.timestamp())]
                )
    emitter.close()
    cuts = statistics.quantiles(took, n=100)
    print(
        f"  {len(took):,} webhooks: p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms, "
        f"max {max(took) * 1000:.0f} ms"
    )


def _version(data: dict[str, Any], produced: dict[tuple[str, int], float], dataset: str, at: float) -> int:
    """The change that a message is about: the latest of its dataset with the message's direction before its receipt."""
    broken = data["ticket"]["state"] != "resolved"
    mine = [(version, sent) for (name, version), sent in produced.items() if name == dataset and sent <= at]
    candidates = [version for version, _ in mine if (version % 2 == 0) == broken]
    return max(candidates)


def _record(subject: int, version: int) -> tuple[bytes, bytes]:
    name = f"topic-{subject}-value"
    fields = [{"name": "id", "type": "string"}, {"name": "amount", "type": "long"}]
    schema = {"type": "record", "name": "Order", "fields": fields if version % 2 else fields[:1]}
    key = {"keytype": "SCHEMA", "subject": name, "version": version, "magic": 1}
    value = {"subject": name, "version": version, "id": 1 + version % 2, "schema": json.dumps(schema)}
    return json.dumps(key).encode(), json.dumps(value).encode()


def _write_contracts(folder: Path) -> None:
    owner = {"kind": "Domain", "name": "producer", "owns": ["kafka://bench/*"], "tickets": [{"channel": "hook"}]}
    (folder / "producer.yaml").write_text(json.dumps(owner))
    for subject in range(SUBJECTS):
        wish = {
            "kind": "Subscription",
            "name": f"reader-{subject}",
            "consumer": {"domain": "consumer"},
            "dataset": f"kafka://bench/topic-{subject}",
            "relies_on": [{"amount": {"type": "long"}}],
        }
        (folder / f"reader-{subject}.yaml").write_text(json.dumps(wish))
