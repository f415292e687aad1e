"""The stage of the demonstration: an embedded broker, real receivers, and the daemon in a process of its own."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from watcher.cli.story import CHANNELS
from watcher.delivery.receiver import Receiver
from watcher.kafka.client import KafkaSettings
from watcher.kafka.embedded import EmbeddedBroker
from watcher.kafka.emitter import Emitter
from watcher.model.errors import Fatal

REGISTRY_TOPIC = "_schemas"
EVENTS_TOPIC = "watcher.breaking-changes"

START_S = 60.0
"""How long the daemon may take to be ready; on an idle machine it is about three seconds."""
STOP_S = 12.0


class Stage:
    """Everything that the story needs, in one temporary folder; `async with` it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._broker = EmbeddedBroker({REGISTRY_TOPIC: 1, EVENTS_TOPIC: 1})
        self._secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self.receivers = {name: Receiver([self._secret]) for name in CHANNELS}
        self._emitter: Emitter | None = None
        self._daemon: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self.log = folder / "daemon.log"
        self.config = folder / "watcher.yaml"

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self._broker.start)
            for receiver in self.receivers.values():
                await receiver.start()
            self._write()
            self._emitter = Emitter(KafkaSettings(self._broker.bootstrap_servers, "demo"))
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._stop_daemon)
        if self._emitter is not None:
            await asyncio.to_thread(self._emitter.close)
        for receiver in self.receivers.values():
            await receiver.aclose()
        await asyncio.to_thread(self._broker.stop)

    @property
    def url(self) -> str:
        """Where the daemon's HTTP interface is."""
        return f"http://127.0.0.1:{self.port}"

    async def write(self, key: bytes, value: bytes | None) -> float:
        """Write one record to the registry's topic, as a registry would; gives the moment that the broker had it."""
        if self._emitter is None:
            raise Fatal("the stage is not set: use it in an async with statement")
        began = time.time()
        await asyncio.wrap_future(self._emitter.send(REGISTRY_TOPIC, key, value, []))
        return began

    async def start_daemon(self) -> None:
        """Start `watcher run` and wait until it is ready; raises Fatal with its last words."""
        environment = {**os.environ, "DEMO_WEBHOOK_SECRET": self._secret}
        with self.log.open("wb") as out:
            self._daemon = subprocess.Popen(  # noqa: ASYNC220, S603 - our own program; it starts in a millisecond
                [sys.executable, "-m", "watcher", "run", "-c", str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=environment,
                # Ctrl-C in the terminal is for the demonstration, which stops the daemon in order.
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._daemon.poll() is not None:
                raise Fatal(f"the daemon ended with code {self._daemon.returncode}:\n{self._last_words()}")
            if await self._ready():
                return
            await asyncio.sleep(0.1)
        raise Fatal(f"the daemon was not ready within {START_S:.0f} s:\n{self._last_words()}")

    async def get(self, path: str) -> Any:
        """A document of the daemon's API."""
        return await asyncio.to_thread(_get, f"{self.url}{path}")

    async def _ready(self) -> bool:
        try:
            await self.get("/readyz")
        except OSError:  # refused while it starts, 503 while it catches up
            return False
        return True

    def _write(self) -> None:
        contracts = self.folder / "contracts"
        contracts.mkdir()
        for file in files("watcher.cli.story").joinpath("contracts").iterdir():
            (contracts / file.name).write_bytes(file.read_bytes())
        # JSON is YAML, and quotes everything that a folder's name may hold.
        document = {
            "ledger": f"sqlite:///{self.folder / 'ledger.db'}",
            "kafka": {"bootstrap_servers": self._broker.bootstrap_servers},
            "feeds": [{"name": "registry", "topic": REGISTRY_TOPIC, "namespace": "kafka://shop"}],
            "contracts": [str(contracts)],
            "settle": 0,
            "channels": {
                name: {"url": receiver.url, "secrets": ["env:DEMO_WEBHOOK_SECRET"]}
                for name, receiver in self.receivers.items()
            },
            "fallback": "office-hook",
            "events": {"topic": EVENTS_TOPIC},
            "http": {"port": self.port},
            "outbound": {"allow_hosts": ["127.0.0.1"]},
        }
        self.config.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")

    def _stop_daemon(self) -> None:
        daemon, self._daemon = self._daemon, None
        if daemon is None:
            return
        daemon.terminate()
        try:
            daemon.wait(STOP_S)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own daemon on this machine
        return json.load(answer)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
