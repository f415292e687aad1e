"""Workers of the intake's behaviour suite: started, watched, killed and counted from a test."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

from tests.parts.processes import wait_until
from watcher.kafka.client import KafkaSettings
from watcher.kafka.embedded import EmbeddedBroker
from watcher.kafka.emitter import Emitter

TOPIC = "suite"
_ROOT = Path(__file__).parents[2]


class Worker:
    """One process with a runtime, over the ledger of its crew."""

    def __init__(self, runtime: str, servers: str, ledger: Path, *flags: str) -> None:
        self.lines: list[str] = []
        command = [sys.executable, "-m", "tests.embedded.intake_child", runtime]
        self.process = subprocess.Popen(
            [*command, "--servers", servers, "--ledger", str(ledger), *flags],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(self.process.stdout)

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def says(self, words: str) -> bool:
        return any(words in line for line in list(self.lines))

    def wait_for(self, words: str, seconds: float = 30) -> None:
        wait_until(lambda: self.says(words) or not self.running, seconds, f"{words!r} in {self.lines}")
        assert self.says(words), self.lines

    def wait_for_end(self, seconds: float) -> int:
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds} s: {self.lines}") from None
        self._reading.join(5)
        return code

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reading.join(5)
        assert self.process.stdout is not None
        self.process.stdout.close()


class Crew:
    """The workers of one test: one runtime, one broker, one ledger; all gone with it."""

    def __init__(self, runtime: str, broker: EmbeddedBroker, folder: Path) -> None:
        self.runtime = runtime
        self.broker = broker
        self.ledger = folder / "ledger.db"
        self.workers: list[Worker] = []
        self.written = 0

    def start(
        self, *flags: str, runtime: str | None = None, servers: str | None = None, group: str | None = None
    ) -> Worker:
        """One more worker. Unless told, each has a group of its own: the broker keeps a dead member's place a while."""
        flags = ("--group", group or f"suite-{len(self.workers)}", *flags)
        worker = Worker(runtime or self.runtime, servers or self.broker.bootstrap_servers, self.ledger, *flags)
        self.workers.append(worker)
        return worker

    def write(self, count: int, partitions: int = 3) -> None:
        """Bring records in, after the first call to a topic that is there."""
        if not self.written:
            self.broker.create_topic(TOPIC, partitions)
        emitter = Emitter(KafkaSettings(self.broker.bootstrap_servers))
        numbers = range(self.written, self.written + count)
        sent = [emitter.send(TOPIC, b"%d" % number, b"v%d" % number, []) for number in numbers]
        for each in sent:
            each.result(20)
        emitter.close()
        self.written += count

    def seen(self) -> int:
        if not self.ledger.exists():
            return 0
        try:
            with closing(sqlite3.connect(self.ledger, timeout=20)) as db:
                return int(db.execute("SELECT count(DISTINCT value) FROM seen").fetchone()[0])
        except sqlite3.OperationalError:  # the first worker has not made its tables yet
            return 0

    def wait_for_all(self, seconds: float = 40) -> None:
        """Every record is in the ledger; its primary key makes sure that none is there twice."""
        try:
            wait_until(lambda: self.seen() == self.written, seconds, f"{self.written} records seen")
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{self._state()}") from None

    def positions(self) -> dict[int, int]:
        with closing(sqlite3.connect(self.ledger, timeout=20)) as db:
            return dict(db.execute("SELECT part, next FROM reading"))

    def forget(self) -> None:
        """The ledger is restored from a backup that knows nothing."""
        for file in self.ledger.parent.glob("ledger.db*"):
            file.unlink()

    def dismiss(self) -> None:
        for worker in self.workers:
            worker.kill()

    def _state(self) -> str:
        told = [f"{self.seen()} seen, positions {self.positions()}"]
        for number, worker in enumerate(self.workers):
            ended = worker.process.poll()
            told += [f"-- worker {number} ({'running' if ended is None else ended})", *worker.lines[-8:]]
        return "\n".join(told)
