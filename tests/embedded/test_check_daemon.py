"""`watcher check --daemon`: the command as a client, against answers good and bad."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.parts.answering import Daemon
from tests.parts.command_line import Ended, call
from tests.parts.processes import free_ports

ANSWER: dict[str, Any] = {
    "dataset": "kafka://prod/orders", "domain": "checkout", "level": None, "changes": [], "verdicts": [],
    "registry": {"compatible": None, "incompatibilities": []}, "unknown": [], "breaking": False,
}  # fmt: skip


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    made = Daemon(ANSWER)
    yield made
    made.close()


def check(folder: Path, url: str, *more: object) -> Ended:
    (folder / "new.avsc").write_text('"string"')
    return call("check", folder / "new.avsc", "--dataset", "kafka://prod/orders", "--daemon", url, *more)


def test_question(daemon: Daemon, tmp_path: Path) -> None:
    """The daemon is sent the schema as it stands in the file, with its references."""
    (tmp_path / "money.avsc").write_text('"long"')
    ended = check(tmp_path, daemon.url, "--reference", f"Money={tmp_path / 'money.avsc'}", "--format", "json")

    assert (ended.code, ended.json()) == (0, ANSWER)
    assert daemon.asked == [
        (
            "/v1/check",
            {
                "dataset": "kafka://prod/orders",
                "format": "AVRO",
                "schema": '"string"',
                "references": [{"name": "Money", "schema": '"long"'}],
            },
        )
    ]


@pytest.mark.parametrize(("changed", "code"), [({"breaking": True}, 1), ({"unknown": [{}]}, 3)])
def test_verdict_is_the_exit_code(daemon: Daemon, tmp_path: Path, changed: dict[str, Any], code: int) -> None:
    """The daemon's verdict ends the command as the command's own would."""
    daemon.body = json.dumps(ANSWER | changed).encode()

    assert check(tmp_path, daemon.url).code == code


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (422, b'{"error": "no such format"}', 2),
        (422, b'{"error": "it ends early", "kind": "malformed-json"}', 3),
        (503, b'{"error": "the ledger is away"}', 3),
        (500, b"<html>oops</html>", 3),
        (404, b"", 2),
        (302, b"{}", 2),
        (200, b"{}", 2),
        (200, b"[]", 2),
        (200, b"\xff", 2),
    ],
)
def test_other_answers(daemon: Daemon, tmp_path: Path, status: int, body: bytes, code: int) -> None:
    """What is no verdict is never taken for one; the daemon's own words are passed on, and no redirect is followed."""
    daemon.status, daemon.body = status, body
    ended = check(tmp_path, daemon.url)

    assert (ended.code, ended.out) == (code, "")
    assert f"answered {status}" in ended.err
    assert len(daemon.asked) == 1
    if b"error" in body:
        assert json.loads(body)["error"] in ended.err


def test_nobody_there(tmp_path: Path) -> None:
    """Where nobody answers the verdict is missing, not good: exit 3."""
    ended = check(tmp_path, f"http://127.0.0.1:{free_ports(1)[0]}")

    assert (ended.code, ended.out) == (3, "")
    assert "no watcher answers" in ended.err


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1", "http://", "http://127.0.0.1:99999", "http://u:p@127.0.0.1", "http://h?q=1"]
)
def test_no_daemons_url(tmp_path: Path, url: str) -> None:
    """A URL that cannot be a daemon's is refused."""
    assert check(tmp_path, url).code == 2
