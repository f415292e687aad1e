"""What is in `deploy/`, as far as it can be checked without a container engine; its README says how far that is."""

import fnmatch
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.house.tree import ROOT
from watcher.cli.contracts import loaded
from watcher.settings import Settings, load
from watcher.settings.channels import WebhookChannelSettings

DEPLOY = ROOT / "deploy"
PINNED = re.compile(r"^[a-z0-9./-]+:[0-9][\w.-]*$")
VARIABLE = re.compile(r"\$\{(\w+)(:[?-][^}]*)?\}")
INSTRUCTIONS = {
    *("FROM", "ENV", "WORKDIR", "RUN", "COPY", "LABEL", "USER", "EXPOSE", "HEALTHCHECK"),
    *("STOPSIGNAL", "ENTRYPOINT", "CMD", "ARG"),
}
SERVICE_KEYS = {
    *("image", "build", "command", "entrypoint", "environment", "ports", "volumes", "healthcheck", "depends_on"),
    *("restart", "read_only", "cap_drop", "security_opt", "stop_grace_period", "network_mode"),
}
CONDITIONS = {"service_healthy", "service_completed_successfully", "service_started"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load(DEPLOY / "sample" / "watcher.yaml", {})


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, lines joined: name, rest."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in joined)]


def test_the_compose_file_has_only_known_keys(compose: dict[str, Any], services: dict[str, dict[str, Any]]) -> None:
    """No key is mistyped, at the top or in a service."""
    assert compose.keys() <= {"name", "services", "volumes"}
    assert {name: one.keys() - SERVICE_KEYS for name, one in services.items() if one.keys() - SERVICE_KEYS} == {}


def test_every_image_is_pinned(services: dict[str, dict[str, Any]]) -> None:
    """Each service names its image with a version, and what is built here bears the project's own."""
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None

    assert [one["image"] for one in services.values() if not PINNED.match(one["image"])] == []
    assert {one["image"] for one in services.values() if "build" in one} == {f"schema-watcher:{version[1]}"}


def test_the_kafka_is_the_one_that_the_tests_run(services: dict[str, dict[str, Any]]) -> None:
    """The compose file's Kafka has the version that the integration tests fetch."""
    pom = (ROOT / "tests" / "parts" / "kafka" / "pom.xml").read_text(encoding="utf-8")
    version = re.search(r"<kafka\.version>(.+)</kafka\.version>", pom)
    assert version is not None

    assert {one["image"] for one in services.values() if "kafka:" in one["image"]} == {f"apache/kafka:{version[1]}"}


def test_who_is_waited_for_is_there(services: dict[str, dict[str, Any]]) -> None:
    """A service waits for others that exist, in a way that they can fulfil."""
    for name, one in services.items():
        for other, how in one.get("depends_on", {}).items():
            assert other in services, name
            assert how["condition"] in CONDITIONS
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other] or "build" in services[other]  # our image has its own
            if how["condition"] == "service_completed_successfully":
                assert services[other]["restart"] == "on-failure"
        partner = one.get("network_mode", "")
        assert not partner or partner.removeprefix("service:") in services


def test_volumes_and_builds_are_there(compose: dict[str, Any], services: dict[str, dict[str, Any]]) -> None:
    """A named volume is declared and used; a mounted path and what is built from exist, and are mounted read-only."""
    used = set()
    for one in services.values():
        for volume in one.get("volumes", ()):
            source, _, rest = volume.partition(":")
            if source.startswith("."):
                assert (DEPLOY / source).exists()
                assert rest.endswith(":ro")
            else:
                used.add(source)
        if "build" in one:
            context = (DEPLOY / one["build"]["context"]).resolve()
            assert context == ROOT
            assert (context / one["build"]["dockerfile"]).exists()

    assert used == compose["volumes"].keys()


def test_ports_are_published_on_the_loopback_address_only(services: dict[str, dict[str, Any]]) -> None:
    """Nothing of the compose file can be reached from another machine."""
    assert [
        port for one in services.values() for port in one.get("ports", ()) if not port.startswith("127.0.0.1:")
    ] == []


def test_no_secret_has_a_default(services: dict[str, dict[str, Any]]) -> None:
    """What is secret comes from the environment, and its absence stops the start with a reason."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    variables = VARIABLE.findall(text)
    values = [
        (key, value)
        for one in services.values()
        for key, value in one.get("environment", {}).items()
        if re.search("PASSWORD|SECRET", key)
    ]

    assert {name for name, _ in variables} == {"POSTGRES_PASSWORD", "SAMPLE_WEBHOOK_SECRET"}
    assert [how for _, how in variables if not how.startswith(":?")] == []
    assert [key for key, value in values if not VARIABLE.fullmatch(value)] == []


def test_the_sample_settings_fit_the_compose_file(services: dict[str, dict[str, Any]], settings: Settings) -> None:
    """Hosts, ports, topics and secrets of the sample are those of the services around it."""
    watcher, kafka, registry = services["watcher"], services["kafka"], services["registry"]
    assert settings.events is not None

    assert f"INSIDE://{settings.kafka.bootstrap_servers}" in kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert f"--topic={settings.events.topic}" in services["topics"]["command"]
    assert getattr(settings.feeds[0], "topic", None) == registry["environment"]["SCHEMA_REGISTRY_KAFKASTORE_TOPIC"]
    url = urlsplit(settings.events.registry_url or "")
    assert url.hostname in services
    assert registry["environment"]["SCHEMA_REGISTRY_LISTENERS"].endswith(f":{url.port}")
    assert urlsplit(settings.ledger).hostname in services
    assert urlsplit(settings.ledger).password is None
    assert [f"127.0.0.1:{settings.http.port}:{settings.http.port}"] == watcher["ports"]
    assert settings.http.host == "0.0.0.0"
    for channel in settings.channels.values():
        assert isinstance(channel, WebhookChannelSettings)
        hook = urlsplit(channel.url)
        assert hook.hostname in settings.outbound.allow_hosts
        assert str(hook.port) in services["receiver"]["entrypoint"]
        named = [one.get_secret_value().removeprefix("env:") for one in channel.secrets]
        assert [one for one in named if one not in watcher["environment"]] == []


def test_the_sample_contracts_can_be_in_force(settings: Settings) -> None:
    """The sample's contracts are read without a mistake, about owned datasets, over channels that exist."""
    catalogue, problems = loaded(settings.contracts, settings.namespaces)

    assert problems == ()
    assert catalogue.subscriptions
    assert [name for name in catalogue.datasets if catalogue.owner_of(name) is None] == []
    assert {route.channel for one in catalogue.domains for route in one.tickets} <= settings.channels.keys()


def test_the_image_runs_what_the_compose_file_calls(
    services: dict[str, dict[str, Any]], instructions: list[tuple[str, str]]
) -> None:
    """The settings are mounted where the image looks for them, and the port is the one that it exposes."""
    said = dict(instructions)

    assert "./sample:/etc/watcher:ro" in services["watcher"]["volumes"]
    assert said["CMD"] == '["run", "-c", "/etc/watcher/watcher.yaml"]'
    assert said["EXPOSE"] == "8420"
    assert services["migrate"]["command"] == ["migrate", "-c", "/etc/watcher/watcher.yaml"]


def test_the_dockerfile_parses(instructions: list[tuple[str, str]]) -> None:
    """Every instruction is known, the stages are pinned, and it ends as a user that is not root."""
    bases = [rest.split()[0] for name, rest in instructions if name == "FROM"]
    users = [rest for name, rest in instructions if name == "USER"]

    assert {name for name, _ in instructions} <= INSTRUCTIONS
    assert [base for base in bases if not PINNED.match(base)] == []
    assert len(set(bases)) == 1
    assert users[-1].split(":")[0] not in ("root", "0")


def test_what_the_dockerfile_copies_is_there(instructions: list[tuple[str, str]]) -> None:
    """Each source of a `COPY` exists, and the ignore file lets it through."""
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = [line[1:] for line in ignored if line.startswith("!")]
    sources = [
        source
        for name, rest in instructions
        if name == "COPY" and not rest.startswith("--from=")
        for source in rest.split()[:-1]
    ]

    assert "*" in ignored
    assert [one for one in sources if not (ROOT / one).exists()] == []
    assert [one for one in sources if not any(fnmatch.fnmatch(one, pattern) for pattern in allowed)] == []
    assert [one for one in allowed if not (ROOT / one).exists()] == []


def test_the_image_installs_only_what_is_pinned(instructions: list[tuple[str, str]]) -> None:
    """Every installation is from the lock with its hashes, or of our own code without asking for more."""
    installs = [rest for name, rest in instructions if name == "RUN" and "pip install" in rest]

    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "--no-deps --no-build-isolation" in installs[1]


def test_the_health_check_asks_what_is_answered(instructions: list[tuple[str, str]]) -> None:
    """The image's health check names an endpoint of the HTTP interface."""
    check = dict(instructions)["HEALTHCHECK"]
    api = (ROOT / "watcher" / "web" / "api.py").read_text(encoding="utf-8")
    path = re.search(r"8420(/\w+)", check)
    assert path is not None

    assert f'app.get("{path[1]}")' in api


def test_the_unit_is_what_the_daemon_counts_on() -> None:
    """The service is started again whatever happens, given time to stop, and is not root."""
    unit = (DEPLOY / "watcher.service").read_text(encoding="utf-8")

    for line in ("Restart=always", "TimeoutStopSec=15s", "User=watcher", "StartLimitIntervalSec=0"):
        assert f"\n{line}\n" in unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """`systemd-analyze` finds no mistake in the unit, and little that it exposes."""
    unit = (DEPLOY / "watcher.service").read_text(encoding="utf-8")
    copy = tmp_path / "watcher.service"
    copy.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={shutil.which('true')}", unit, flags=re.MULTILINE))

    verified = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, timeout=60, check=False
    )
    scored = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(copy)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (verified.returncode, verified.stderr) == (0, "")
    assert scored.returncode == 0, scored.stdout
