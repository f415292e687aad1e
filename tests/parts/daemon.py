"""The daemon as tests see it: an installation (settings, contracts, topics, receivers), and its processes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

from tests.parts.processes import free_ports, wait_until
from watcher.delivery.receiver import Behaviour, Receiver
from watcher.kafka.client import KafkaSettings
from watcher.kafka.emitter import Emitter
from watcher.ledger import open_ledger
from watcher.model.errors import Transient

SECRET = "whsec_" + "c2lnbmVkLWZvci10aGUtZGFlbW9uLXRlc3RzLW9ubHk="
READY_S = 40.0
Record: TypeAlias = tuple[bytes, bytes | None]


class Daemon:
    """`watcher run` in a process of its own, with its log and its HTTP interface."""

    def __init__(self, config: Path, port: int, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "watcher", "run", "-c", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, "TEST_WEBHOOK_SECRET": SECRET},
            )

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        """Its log, and what it wrote to standard error."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def get(self, path: str) -> tuple[int, Any]:
        """Status and document (or text) of one request; status 0 where nobody answers."""
        return _asked(urllib.request.Request(self.url + path))

    def post(self, path: str, body: bytes, **headers: str) -> tuple[int, Any]:
        """As `get`, with a body."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return _asked(urllib.request.Request(self.url + path, body, {"content-type": "application/json", **told}))

    def list(self, name: str) -> list[dict[str, Any]]:
        """One of the API's lists, oldest first."""
        status, found = self.get(f"/v1/{name}?limit=1000")
        assert status == 200, found
        return list(found)[::-1]

    def wait_ready(self, seconds: float = READY_S) -> float:
        """Wait until it says that it is ready; the seconds that took."""
        began = time.monotonic()
        wait_until(lambda: self.get("/readyz")[0] == 200 or not self.running, seconds, "the daemon is ready")
        assert self.running, self.said()[-3000:]
        return time.monotonic() - began

    def wait_for(self, words: str, seconds: float = 20) -> None:
        """Wait until it has logged these words."""
        wait_until(lambda: words in self.said(), seconds, f"{words!r} in the log")

    def end(self, number: int = signal.SIGTERM, seconds: float = 15) -> tuple[int, float]:
        """Send the signal; the exit code, and the seconds until then."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.code(seconds), time.monotonic() - began

    def code(self, seconds: float = 25) -> int:
        """The exit code, once it has ended by itself."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds:.0f} s:\n{self.said()[-3000:]}") from None

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait()


def _asked(request: urllib.request.Request) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, _document(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _document(error.read())
    except OSError:
        return 0, None


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


class Receivers:
    """Endpoints for webhooks by name, on an event loop in a thread of its own."""

    def __init__(self, names: Iterable[str]) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="receivers", daemon=True)
        self._thread.start()
        self.by_name = {name: Receiver([SECRET]) for name in names}
        for receiver in self.by_name.values():
            asyncio.run_coroutine_threadsafe(receiver.start(), self._loop).result(10)

    def __getitem__(self, name: str) -> Receiver:
        return self.by_name[name]

    def slow(self, name: str, seconds: float) -> None:
        """From now on the receiver answers that late."""
        self.by_name[name].always = Behaviour(delay=seconds)

    def close(self) -> None:
        for receiver in self.by_name.values():
            asyncio.run_coroutine_threadsafe(receiver.aclose(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class Installation:
    """One watcher's folder, and whatever daemons were started from it; all ends with `close`."""

    def __init__(self, folder: Path, servers: str, ledger: str, topic: str, events: str | None) -> None:
        self.folder = folder
        self.ledger = ledger
        self.topic = topic
        self.contracts = folder / "contracts"
        self.contracts.mkdir()
        self.receivers = Receivers(("checkout-hook", "care-hook", "marketing-hook", "office-hook"))
        self.daemons: list[Daemon] = []
        self._emitter: Emitter | None = None
        self._servers = servers
        feed = {"name": "registry", "topic": topic, "namespace": "kafka://shop", "group": f"{topic}-group"}
        self.settings: dict[str, Any] = {
            "ledger": ledger,
            "kafka": {"bootstrap_servers": servers},
            "feeds": [feed],
            "contracts": [str(self.contracts)],
            "settle": 0,
            "channels": {
                name: {"url": one.url, "secrets": ["env:TEST_WEBHOOK_SECRET"]}
                for name, one in self.receivers.by_name.items()
            },
            "fallback": "office-hook",
            "events": None if events is None else {"topic": events},
            "outbound": {"allow_hosts": ["127.0.0.1"]},
            "log": {"style": "json", "level": "debug"},
        }

    @property
    def feed(self) -> dict[str, Any]:
        """The settings of its one feed."""
        found: dict[str, Any] = self.settings["feeds"][0]
        return found

    def contract(self, name: str, *documents: Mapping[str, Any]) -> Path:
        """Write a file of contracts; JSON is YAML."""
        file = self.contracts / f"{name}.yaml"
        file.write_text("\n---\n".join(json.dumps(one, indent=1) for one in documents))
        return file

    def many_readers(self, subjects: int) -> None:
        """One domain that owns all, and for each subject a consumer that relies on its `amount`."""
        owner = {"kind": "Domain", "name": "checkout", "owns": ["kafka://shop/*"]}
        self.contract("owner", {**owner, "tickets": [{"channel": "checkout-hook"}]})
        self.contract("readers", *(reader(number) for number in range(subjects)))

    def start(self, *, port: int | None = None, text: str | None = None) -> Daemon:
        """Start a daemon from the settings as they are now (`text`: from this file instead)."""
        number = len(self.daemons)
        chosen = port if port is not None else free_ports(1)[0]
        config = self.folder / f"watcher-{number}.yaml"
        settings = {**self.settings, "http": {"port": chosen}}
        config.write_text(text if text is not None else json.dumps(settings, indent=2))
        daemon = Daemon(config, chosen, self.folder / f"daemon-{number}.log")
        self.daemons.append(daemon)
        return daemon

    def send(self, *records: Record) -> list[Future[tuple[int, int]]]:
        """Hand records to the producer."""
        if self._emitter is None:
            self._emitter = Emitter(KafkaSettings(self._servers, "test"))
        return [self._emitter.send(self.topic, key, value, []) for key, value in records]

    def write(self, *records: Record) -> None:
        """Write records, and wait until the broker has them."""
        for one in self.send(*records):
            one.result(30)

    def counts(self) -> dict[str, int]:
        """What the ledger counts."""
        ledger = open_ledger(self.ledger, exclusive=False)
        try:
            with ledger.look() as views:
                return dict(views.counts())
        finally:
            ledger.close()

    def wait_counts(self, seconds: float, **wanted: int) -> float:
        """Wait until the ledger counts exactly this; the seconds that took."""
        began = time.monotonic()
        found: dict[str, int] = {}

        def there() -> bool:
            with suppress(Transient):
                found.update(self.counts())
            return all(found.get(name) == number for name, number in wanted.items())

        try:
            wait_until(there, seconds, "the ledger counts")
        except TimeoutError:
            said = "\n".join(one.said()[-1500:] for one in self.daemons)
            raise AssertionError(f"not in {seconds:.0f} s: wanted {wanted}, counted {found}\n{said}") from None
        return time.monotonic() - began

    def ids(self, name: str) -> list[str]:
        """The ids of the deliveries that a receiver got, repeats included."""
        return [one.id for one in self.receivers[name].received]

    def close(self) -> None:
        for daemon in self.daemons:
            daemon.kill()
        if self._emitter is not None:
            self._emitter.close(1.0)
        self.receivers.close()


def reader(subject: int) -> dict[str, Any]:
    """A consumer that relies on the field `amount` of `topic-<subject>`."""
    return {
        "kind": "Subscription",
        "name": f"reader-{subject}",
        "consumer": {"domain": "finance"},
        "dataset": f"kafka://shop/topic-{subject}",
        "relies_on": [{"amount": {"type": "long"}}],
    }


def version(subject: int, number: int) -> Record:
    """A registration: the odd versions of a subject are whole, the even ones have lost `amount`."""
    whole = number % 2 == 1
    fields = [{"name": "id", "type": "string"}, {"name": "amount", "type": "long"}]
    schema = json.dumps({"type": "record", "name": "Order", "fields": fields if whole else fields[:1]})
    name = f"topic-{subject}-value"
    key = {"keytype": "SCHEMA", "subject": name, "version": number, "magic": 1}
    value = {"subject": name, "version": number, "id": 1 + int(whole), "schema": schema}
    return json.dumps(key).encode(), json.dumps(value).encode()
