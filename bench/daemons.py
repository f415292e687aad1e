"""A daemon's process for benchmarks, on a real Kafka where it can be had and on the embedded broker otherwise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.parts.kafka_server import KafkaServer, kafka_server
from tests.parts.missing import MissingPart
from tests.parts.processes import free_ports
from watcher.kafka.client import KafkaSettings
from watcher.kafka.queries import TopicPlan, create_topics

SECRET = "whsec_" + "Zm9yIGEgYmVuY2htYXJrIG9uIHRoaXMgbWFjaGluZSEh"
START_S = 120.0


@contextmanager
def real_kafka() -> Iterator[KafkaServer | None]:
    """A real Apache Kafka; None where it cannot be had, which is told."""
    try:
        server = kafka_server()
    except MissingPart as reason:
        print(f"  NO REAL KAFKA HERE ({reason}): this figure is left out")
        yield None
        return
    try:
        yield server
    finally:
        server.remove()


def topics(server: KafkaServer) -> tuple[str, str]:
    """A fresh registry topic and events topic."""
    registry, events = server.unique("bench-schemas"), server.unique("bench-events")
    plans = [TopicPlan(registry, config={"cleanup.policy": "compact"}), TopicPlan(events)]
    create_topics(KafkaSettings(server.bootstrap_servers), plans)
    return registry, events


def write_config(folder: Path, server: KafkaServer, registry: str, events: str, **more: Any) -> tuple[Path, str]:
    """Settings for one daemon, and the address of its HTTP interface."""
    port = free_ports(1)[0]
    document = {
        "ledger": f"sqlite:///{folder / 'ledger.db'}",
        "kafka": {"bootstrap_servers": server.bootstrap_servers},
        "feeds": [{"name": "registry", "topic": registry, "namespace": "kafka://bench", "group": registry}],
        "contracts": [str(folder / "contracts")],
        "settle": 0,
        "events": {"topic": events},
        "http": {"port": port},
        "outbound": {"allow_hosts": ["127.0.0.1"]},
        "log": {"level": "warning"},
        **more,
    }
    (folder / "contracts").mkdir(exist_ok=True)
    config = folder / "watcher.yaml"
    config.write_text(json.dumps(document))
    return config, f"http://127.0.0.1:{port}"


@contextmanager
def daemon(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`watcher run`, ended when the block is."""
    log = config.with_name("daemon.log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "watcher", "run", "-c", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, "BENCH_SECRET": SECRET},
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Return when the daemon says that it is ready."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the daemon ended with {process.returncode}:\n{log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"the daemon was not ready within {START_S:.0f} s:\n{log.read_text()[-2000:]}")


def peak_memory(process: subprocess.Popen[bytes]) -> float:
    """The process's peak resident memory in MB (Linux)."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
