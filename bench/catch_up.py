"""Catch-up: a registry's topic of 100,000 versions (20,000 subjects), from a fresh ledger to ready."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.daemons import daemon, peak_memory, real_kafka, topics, wait_ready, write_config
from watcher.kafka.client import KafkaSettings
from watcher.kafka.emitter import Emitter

SUBJECTS = 20_000
VERSIONS = 5


def run() -> None:
    """Print versions/s and peak memory."""
    print(f"catch-up: {SUBJECTS * VERSIONS:,} versions of {SUBJECTS:,} subjects, fresh SQLite ledger, real Kafka")
    with real_kafka() as server, tempfile.TemporaryDirectory() as name:
        if server is None:
            return
        folder = Path(name)
        registry, events = topics(server)
        emitter = Emitter(KafkaSettings(server.bootstrap_servers))
        size = _fill(emitter, registry)
        emitter.close(60)
        config, url = write_config(folder, server, registry, events)
        began = time.monotonic()
        with daemon(config) as process:
            wait_ready(process, url, folder / "daemon.log")
            ready = time.monotonic() - began
            peak = peak_memory(process)
        with sqlite3.connect(folder / "ledger.db") as ledger:
            read = ledger.execute("select count(*) from events").fetchone()[0]
            first, last = ledger.execute("select min(at), max(at) from events").fetchone()
            datasets = ledger.execute("select count(*) from datasets").fetchone()[0]
    print(f"  {size / 1e6:.0f} MB of records; read {read:,}, datasets {datasets:,}")
    print(f"  start to ready {ready:.1f} s = {read / ready:,.0f} versions/s, start-up and group join included")
    print(f"  peak memory {peak:.0f} MB  (first and last transaction at {first} and {last})")


def _fill(emitter: Emitter, topic: str) -> int:
    size = 0
    pending = []
    for version in range(1, VERSIONS + 1):
        for subject in range(SUBJECTS):
            key, value = _record(subject, version)
            size += len(key) + len(value)
            pending.append(emitter.send(topic, key, value, []))
            if len(pending) >= 5_000:
                for one in pending:
                    one.result(60)
                pending.clear()
    for one in pending:
        one.result(60)
    return size


def _record(subject: int, version: int) -> tuple[bytes, bytes]:
    """A record of ten to fourteen fields, each subject's own, one more a version."""
    name = f"topic-{subject}-value"
    kinds: list[Any] = ["string", "long", ["null", "string"], {"type": "long", "logicalType": "timestamp-millis"}]
    fields: list[dict[str, Any]] = [
        {"name": f"field_{subject % 97}_{number}", "type": kinds[(subject + number) % 4]}
        for number in range(9 + version)
    ]
    schema = {"type": "record", "name": f"Record{subject}", "namespace": "bench.events", "fields": fields}
    identity = (version - 1) * SUBJECTS + subject + 1
    key = {"keytype": "SCHEMA", "subject": name, "version": version, "magic": 1}
    value = {"subject": name, "version": version, "id": identity, "schema": json.dumps(schema), "deleted": False}
    return json.dumps(key, separators=(",", ":")).encode(), json.dumps(value, separators=(",", ":")).encode()
