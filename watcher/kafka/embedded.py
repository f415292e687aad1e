"""The embedded broker: a Kafka in a child process, for `watcher demo` and for tests that take seconds."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import IntEnum
from importlib.util import find_spec
from pathlib import Path
from select import select
from types import TracebackType
from typing import Self

from watcher.model.errors import ConfigurationError, Fatal

_ANSWER_S = 10.0
_STOP_S = 5.0


class Api(IntEnum):
    """Kafka request kinds that a test may want to fail, by their protocol number."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    FIND_COORDINATOR = 10
    JOIN_GROUP = 11
    HEARTBEAT = 12
    LEAVE_GROUP = 13
    SYNC_GROUP = 14
    API_VERSIONS = 18
    INIT_PRODUCER_ID = 22


class EmbeddedBroker:
    """A broker that any Kafka client on this machine can reach, in memory, gone with its parent.

    It is librdkafka's mock cluster, out of the confluent-kafka wheel. It is right for a demonstration and for quick
    tests, and never for a claim about durability. What it is not:

    - nothing is kept on disk, and nothing is compacted: a topic holds every record until retention drops it;
    - retention is 5 MiB or 100,000 batches a partition, the oldest dropped without a word: stream through it;
    - admin requests (CreateTopics, DescribeConfigs, ACLs) are not implemented: use `create_topic`. A topic that a
      producer names first is made with 4 partitions;
    - `read_committed` shows aborted records;
    - after the last member of a group leaves, the next one waits about one session timeout.

    Methods are safe to call from several threads; each takes about a millisecond. The port is chosen by the system
    and stays the same over `down` and `up`.
    """

    def __init__(
        self, topics: Mapping[str, int] | None = None, *, brokers: int = 1, rebalance_delay_ms: int = 0
    ) -> None:
        self._topics = dict(topics or {})
        self._brokers = brokers
        self._rebalance_delay_ms = rebalance_delay_ms
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        self._bootstrap = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process and make the topics; about 0.1 s."""
        # Isolated and by path: the child needs neither this package nor what it imports.
        script = Path(__file__).with_name("mock_cluster.py")
        command = [sys.executable, "-I", str(script), _librdkafka(), str(self._brokers)]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A session of its own: Ctrl-C in the terminal must reach the daemon first, and the broker only through it.
            start_new_session=True,
        )
        try:
            self._bootstrap = str(self._read()["bootstrap"])
            self._ask("rebalance_delay", ms=self._rebalance_delay_ms)
            for name, partitions in self._topics.items():
                self.create_topic(name, partitions)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the process; its topics are gone. Safe to call twice."""
        process, self._process = self._process, None
        if process is None or process.stdin is None or process.stdout is None:
            return
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect, `host:port`, several with commas."""
        if not self._bootstrap:
            raise Fatal("the embedded broker is not started: call start() or use it in a with statement")
        return self._bootstrap

    def create_topic(self, name: str, partitions: int = 1) -> None:
        """Make a topic; a second one by the same name is refused."""
        self._ask("create_topic", name=name, partitions=partitions)

    def push_errors(self, api: Api, codes: Iterable[int]) -> None:
        """Fail the next requests of this kind, one code each, whoever sends them.

        Codes are the protocol's numbers, as in `KafkaError.GROUP_AUTHORIZATION_FAILED`; 0 lets one request pass,
        `KafkaError._TRANSPORT` cuts the connection.
        """
        self._ask("push_errors", api=int(api), codes=list(codes))

    def push_delays(self, api: Api, delays_ms: Iterable[int]) -> None:
        """Answer the next requests of this kind late, one delay each."""
        self._ask("push_delays", api=int(api), delays_ms=list(delays_ms))

    def clear_errors(self, api: Api) -> None:
        """Take back the errors of this kind that no request has met yet."""
        self._ask("clear_errors", api=int(api))

    def set_topic_error(self, name: str, code: int) -> None:
        """Answer each metadata request for this topic with the code, until it is set to 0."""
        self._ask("topic_error", name=name, code=code)

    def delete_records(self, topic: str, partition: int, before: int) -> None:
        """Drop a partition's records below an offset, as retention would."""
        self._ask("delete_records", name=topic, partition=partition, before=before)

    def down(self) -> None:
        """Cut every connection and refuse new ones; records stay."""
        self._ask("down")

    def up(self) -> None:
        """Accept connections again, on the same port."""
        self._ask("up")

    def set_latency(self, milliseconds: int) -> None:
        """Delay each answer from now on; 0 is none."""
        self._ask("latency", ms=milliseconds)

    def _ask(self, do: str, **arguments: object) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise Fatal("the embedded broker is stopped: start it again")
        with self._turn:
            try:
                process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
                process.stdin.flush()
            except OSError as error:
                raise Fatal(_gone(process)) from error
            answer = self._read()
        if answer.get("error"):
            raise ConfigurationError(f"the embedded broker refused {do} {arguments}: {answer['error']}")

    def _read(self) -> dict[str, str | None]:
        process = self._process
        if process is None or process.stdout is None:
            raise Fatal("the embedded broker is stopped: start it again")
        if not select([process.stdout], [], [], _ANSWER_S)[0]:
            raise Fatal(f"the embedded broker gave no answer in {_ANSWER_S:.0f} s: start it again")
        line = process.stdout.readline()
        if not line:
            raise Fatal(_gone(process))
        answer: dict[str, str | None] = json.loads(line)
        return answer


def _gone(process: subprocess.Popen[bytes]) -> str:
    with suppress(subprocess.TimeoutExpired):
        process.wait(1)
    return (
        f"the embedded broker's process ended (code {process.returncode}): start it again; its standard error says why"
    )


def _librdkafka() -> str:
    """The library that the confluent-kafka wheel carries; wheels differ by platform in where they put it."""
    spec = find_spec("confluent_kafka")
    if spec is None or spec.origin is None:
        raise ConfigurationError("confluent-kafka is not installed: run `make run`, or install the pinned requirements")
    package = Path(spec.origin).parent
    places = (package.parent / "confluent_kafka.libs", package / ".dylibs")
    found = [file for place in places for file in sorted(place.glob("librdkafka*")) if "++" not in file.name]
    if not found:
        raise ConfigurationError(
            "this confluent-kafka carries no librdkafka of its own, so there is no embedded broker: "
            "install the pinned wheel (pip install --only-binary :all:), or name a real broker"
        )
    return str(found[0])
