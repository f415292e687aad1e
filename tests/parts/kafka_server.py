"""A real Apache Kafka for the tests: one KRaft node, its jars through Maven, in a temporary folder on free ports.

`WATCHER_TEST_KAFKA=host:port` names a running one instead; what needs a server of our own (killing it, a listener
with access control) is then not available.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from uuid import uuid4

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.parts.missing import MissingPart
from tests.parts.processes import free_ports, tied_to_us, wait_until

_POM = Path(__file__).with_name("kafka") / "pom.xml"
_CACHE = Path(__file__).parents[2] / ".cache" / "kafka"
_FETCH_S = 600
_START_S = 60
_STOP_S = 20
_HEAP = "-Xmx512m"

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAIN://127.0.0.1:{plain},LIMITED://127.0.0.1:{limited},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAIN://127.0.0.1:{plain},LIMITED://127.0.0.1:{limited}
listener.security.protocol.map=PLAIN:PLAINTEXT,LIMITED:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAIN
controller.listener.names=CONTROLLER
sasl.enabled.mechanisms=PLAIN
listener.name.limited.plain.sasl.jaas.config={jaas}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.backoff.ms=200
log.retention.check.interval.ms=1000
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
"""
_JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_limited="limited";'


class KafkaServer:
    """One server, ours or a named one; keeps its ports and its data over `kill` and `restart`."""

    def __init__(self, named: str | None = None) -> None:
        self.ours = named is None
        self.bootstrap_servers = named or ""
        self.limited_servers = ""
        """A second door, where the user `limited` may do only what ACLs allow; empty for a named server."""
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None

    @property
    def limited_options(self) -> dict[str, str]:
        """The client's security options for the second door."""
        return {
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "PLAIN",
            "sasl.username": "limited",
            "sasl.password": "limited",
        }

    def start(self) -> None:
        """Format a fresh folder and start; about five seconds."""
        jars = fetch_jars()
        self._folder = Path(tempfile.mkdtemp(prefix="watcher-kafka-"))
        plain, limited, controller = free_ports(3)
        self.bootstrap_servers, self.limited_servers = f"127.0.0.1:{plain}", f"127.0.0.1:{limited}"
        self._configuration.write_text(
            _PROPERTIES.format(
                plain=plain, limited=limited, controller=controller, data=self._folder / "data", jaas=_JAAS
            )
        )
        self._classpath = f"{jars}/*"
        self._format()
        self.restart()

    def restart(self) -> None:
        """Start again after `kill` or `stop`: same ports, same data."""
        assert self._folder is not None
        command = [*self._java("-Xms128m", _HEAP), "kafka.Kafka", str(self._configuration)]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                tied_to_us(command, "KILL"), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        try:
            wait_until(self._answers, _START_S, "Kafka answers")
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End in good order; the data stays."""
        self._end(forced=False)

    def kill(self) -> None:
        """SIGKILL, as when the machine is gone."""
        self._end(forced=True)

    def remove(self) -> None:
        """End, and take the data away."""
        self.kill()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def unique(self, name: str) -> str:
        """A name for a topic or group that no other test on this server has."""
        return f"{name}-{uuid4().hex[:8]}"

    def log(self) -> str:
        """What the server wrote to its log."""
        assert self._folder is not None
        return (self._folder / "server.log").read_text(errors="replace")

    @property
    def _configuration(self) -> Path:
        assert self._folder is not None
        return self._folder / "server.properties"

    def _java(self, *options: str) -> list[str]:
        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        # C1 only and the serial collector: a test server lives for a minute, and shares two cores.
        return [java(), *options, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", quiet, "-cp", self._classpath]

    def _format(self) -> None:
        command = [*self._java(), "kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c"]
        done = subprocess.run(
            [*command, str(self._configuration)], capture_output=True, text=True, timeout=_START_S, check=False
        )
        if done.returncode:
            raise RuntimeError(f"Kafka's storage was not formatted:\n{done.stdout}\n{done.stderr}")

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"Kafka ended while it started:\n{self.log()[-4000:]}")
        return answers(self.bootstrap_servers)

    def _end(self, *, forced: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if not forced:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                forced = True
        if forced:
            process.kill()
            process.wait()


def kafka_server() -> KafkaServer:
    """The server that the environment names, or one of ours, started. Raises `MissingPart`."""
    named = os.environ.get("WATCHER_TEST_KAFKA")
    if named:
        if not answers(named, seconds=5):
            raise MissingPart(f"WATCHER_TEST_KAFKA={named} does not answer")
        return KafkaServer(named)
    server = KafkaServer()
    try:
        server.start()
    except BaseException:
        server.remove()
        raise
    return server


def answers(bootstrap: str, seconds: float = 1) -> bool:
    """Whether a broker gives its metadata."""
    try:
        AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}).list_topics(timeout=seconds)
    except KafkaException:
        return False
    return True


def java() -> str:
    """The Java to run Kafka with."""
    found = shutil.which("java")
    if found is None:
        raise MissingPart("no java on PATH: install a Java 17 or later runtime, or set WATCHER_TEST_KAFKA=host:port")
    return found


def fetch_jars() -> Path:
    """The folder with Kafka's jars; fetched once for each state of the pom, kept in the checkout's cache."""
    folder = _CACHE / hashlib.sha256(_POM.read_bytes()).hexdigest()[:12]
    if folder.is_dir():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise MissingPart("Kafka's jars are not there and no mvn is on PATH: install Maven, or set WATCHER_TEST_KAFKA")
    _CACHE.mkdir(parents=True, exist_ok=True)
    # Beside its place and renamed, so that a fetch that was cut short, or another at the same time, leaves no half.
    with tempfile.TemporaryDirectory(dir=_CACHE, prefix="fetch-") as beside:
        target = Path(beside) / "jars"
        command = [maven, "-B", "-q", "-f", str(_POM), "dependency:copy-dependencies", f"-DoutputDirectory={target}"]
        try:
            done = subprocess.run(
                [*command, "-DincludeScope=runtime"], capture_output=True, text=True, timeout=_FETCH_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise MissingPart(f"Maven did not fetch Kafka's jars in {_FETCH_S} s") from error
        if done.returncode:
            raise MissingPart(f"Maven could not fetch Kafka's jars: {(done.stdout + done.stderr)[-800:]}")
        if not folder.is_dir():
            target.rename(folder)
    return folder


def _cluster_id() -> str:
    # Kafka's own form: 16 bytes in URL-safe base 64; a fixed one will do, nothing is shared between servers.
    return "d2F0Y2hlci10ZXN0cy0wMQ"
