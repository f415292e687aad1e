"""`watcher send`: what a running daemon is told, and how its answer ends the command."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.parts.answering import Daemon
from tests.parts.command_line import Ended, call
from tests.parts.processes import free_ports

ANSWER: dict[str, Any] = {
    "position": "shop/-2@5",
    "outcome": "applied",
    "kind": None,
    "reason": None,
    "datasets": [{"dataset": "mysql://db:3306/shop.orders", "there": True}],
    "unreadable": [],
}
SCRIPT = "ALTER TABLE orders DROP COLUMN note;\n"


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    made = Daemon(ANSWER)
    yield made
    made.close()


def send(folder: Path, url: str, *more: object, text: str = SCRIPT, name: str = "0042.sql") -> Ended:
    (folder / name).write_text(text, encoding="utf-8")
    return call("send", "--daemon", url, "--feed", "shop", folder / name, *more)


def test_a_script_is_sent_with_all_that_is_said_of_it(daemon: Daemon, tmp_path: Path) -> None:
    """The daemon is sent the script as it stands, with what the command line says; its answer is printed."""
    said = ("--dialect", "mysql", "--database", "d", "--schema", "s", "--id", "7", "--by", "me", "--commit", "abc")

    ended = send(tmp_path, daemon.url, *said, "--baseline")

    event = {"dialect": "mysql", "database": "d", "schema": "s", "id": "7", "by": "me", "commit": "abc"}
    assert daemon.asked == [("/v1/ddl", {"sql": SCRIPT, "feed": "shop", "baseline": True, **event})]
    assert ended.code == 0
    assert "0042.sql: applied: mysql://db:3306/shop.orders (shop/-2@5)" in ended.out


def test_the_same_again_has_the_same_key(daemon: Daemon, tmp_path: Path) -> None:
    """Without an id, content and place are the key: a retry is a duplicate, another commit or place is not."""
    for more in ((), ("--by", "another"), ("--commit", "abc"), ("--database", "d"), ("--baseline",)):
        send(tmp_path, daemon.url, *more)
    send(tmp_path, daemon.url, text=SCRIPT + "\n")

    first, again, *others = [event["id"] for _, event in daemon.asked]
    assert first == again
    assert len({first, *others}) == 5


def test_a_duplicate_says_so(daemon: Daemon, tmp_path: Path) -> None:
    """What was taken in before ends well, and says that nothing was changed."""
    daemon.body = json.dumps(ANSWER | {"outcome": "duplicate", "datasets": []}).encode()

    ended = send(tmp_path, daemon.url)

    assert ended.code == 0
    assert "taken in before: nothing was changed" in ended.out


def test_what_is_not_understood_is_no_success(daemon: Daemon, tmp_path: Path) -> None:
    """A statement that was not understood is told with its table and reason, and the exit code says undecided."""
    spot = {"table": "mysql://db:3306/shop.t", "kind": "not-understood", "reason": "FROB is not known"}
    daemon.body = json.dumps(ANSWER | {"outcome": "unreadable", "reason": "x", "unreadable": [spot]}).encode()

    ended = send(tmp_path, daemon.url)

    assert ended.code == 3
    assert "mysql://db:3306/shop.t: FROB is not known" in ended.err


def test_an_unreadable_record_without_a_table(daemon: Daemon, tmp_path: Path) -> None:
    """Where no table can be named, the reason for the whole is told."""
    daemon.body = json.dumps(ANSWER | {"outcome": "unreadable", "reason": "too large"}).encode()

    ended = send(tmp_path, daemon.url)

    assert (ended.code, "too large" in ended.err) == (3, True)


def test_an_event_in_json(daemon: Daemon, tmp_path: Path) -> None:
    """A file that begins with { is an event; the command line adds to it, and may not say otherwise."""
    event = {"tables": [{"name": "t", "gone": True}], "id": "9"}

    ended = send(tmp_path, daemon.url, "--commit", "abc", text=f" {json.dumps(event)}", name="event.json")
    other = send(tmp_path, daemon.url, "--id", "10", text=json.dumps(event), name="event.json")

    assert (ended.code, other.code) == (0, 2)
    assert "leave --id out" in other.err
    assert [body for _, body in daemon.asked] == [{**event, "commit": "abc", "feed": "shop"}]


def test_several_files_are_sent_in_their_order(daemon: Daemon, tmp_path: Path) -> None:
    """Each file is one event, in the order of the call; standard input is one too; --json gives the answers."""
    (tmp_path / "1.sql").write_text("a")
    (tmp_path / "2.sql").write_text("b")
    words = ("send", "--daemon", daemon.url, "--feed", "shop", tmp_path / "1.sql", tmp_path / "2.sql", "-", "--json")

    ended = call(*words, stdin=b"c")

    assert [event["sql"] for _, event in daemon.asked] == ["a", "b", "c"]
    assert [(one["outcome"], one["id"]) for one in ended.json()] == [("applied", e["id"]) for _, e in daemon.asked]
    assert call(*words, "--id", "1", stdin=b"c").code == 2


@pytest.mark.parametrize("text", ["", " \n", "{", "{}x"])
def test_what_is_nothing_is_not_sent(daemon: Daemon, tmp_path: Path, text: str) -> None:
    """An empty file and broken JSON are told before anything is sent."""
    ended = send(tmp_path, daemon.url, text=text)

    assert ended.code in (2, 3)
    assert "0042.sql" in ended.err
    assert daemon.asked == []


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (422, b'{"error": "there is no feed \'shop\'; there are: warehouse"}', 2),
        (413, b'{"error": "a request may have 6291456 bytes at most"}', 2),
        (503, b'{"error": "the ledger is away"}', 3),
        (500, b"oops", 3),
        (404, b"", 2),
        (200, b"{}", 2),
    ],
)
def test_other_answers(daemon: Daemon, tmp_path: Path, status: int, body: bytes, code: int) -> None:
    """What was not taken in is never told as taken in; the daemon's own words are passed on."""
    daemon.status, daemon.body = status, body

    ended = send(tmp_path, daemon.url)

    assert (ended.code, ended.out) == (code, "")
    assert f"answered {status}" in ended.err
    if b"error" in body:
        assert json.loads(body)["error"] in ended.err


def test_nobody_there(tmp_path: Path) -> None:
    """Where nobody answers, nothing was told: exit 3."""
    ended = send(tmp_path, f"http://127.0.0.1:{free_ports(1)[0]}")

    assert (ended.code, ended.out) == (3, "")
