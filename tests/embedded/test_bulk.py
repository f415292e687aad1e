"""The bulk commands as a process of their own, over pipes."""

import contextlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

COMPAT = [sys.executable, "-m", "watcher", "compat", "--bulk"]
DIFF = [sys.executable, "-m", "watcher", "diff", "--bulk"]
PATIENCE = 30.0


def line(number: int, new: str = '"long"') -> bytes:
    asked = {"id": number, "format": "AVRO", "level": "BACKWARD", "old": '"int"', "new": new}
    return json.dumps(asked).encode() + b"\n"


class Talk:
    """A process that is written to and read from, line by line, within bounded time."""

    def __init__(self, words: list[str]) -> None:
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    @property
    def stdin(self) -> IO[bytes]:
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    def say(self, data: bytes) -> None:
        self.stdin.write(data)
        self.stdin.flush()

    def hear(self) -> Any:
        """The next line, while standard input stays open."""
        ready, _, _ = select.select([self.stdout], [], [], PATIENCE)
        assert ready, "no answer while the producer waits for it"
        # One line is one write here, so that what `readline` may buffer beyond it is nothing.
        return json.loads(self.stdout.readline())

    def end(self) -> tuple[int, bytes]:
        self.stdin.close()
        code = self.process.wait(PATIENCE)
        assert self.process.stderr is not None
        return code, self.process.stderr.read()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()


@pytest.fixture
def talk() -> Iterator[Talk]:
    talking = Talk(COMPAT)
    yield talking
    talking.close()


def answers(words: list[str], stdin: bytes) -> tuple[int, list[Any], bytes]:
    done = subprocess.run(words, input=stdin, capture_output=True, timeout=60, check=False)
    return done.returncode, [json.loads(one) for one in done.stdout.splitlines()], done.stderr


def test_thousands_of_lines_keep_their_order() -> None:
    """Each line is answered in its place, good and bad, and the process ends well."""
    lines = [b"nonsense\n" if number % 7 == 0 else line(number) for number in range(5_000)]
    code, found, err = answers(COMPAT, b"".join(lines))

    assert (code, err) == (0, b"")
    assert [None if number % 7 == 0 else number for number in range(5_000)] == [one["id"] for one in found]
    assert all(("error" in one) == (one["id"] is None) for one in found)


def test_diff_over_pipes() -> None:
    """The facts come over pipes in the same way."""
    asked = json.dumps({"id": 1, "format": "AVRO", "old": '"int"', "new": '"long"'}).encode()
    code, found, _ = answers(DIFF, asked + b"\n\xff\n" + asked)

    assert code == 0
    assert [one["id"] for one in found] == [1, None, 1]
    assert found[0] == found[2]
    assert [one["kind"] for one in found[0]["changes"]] == ["type-widened"]


def test_who_sends_one_line_gets_one_answer(talk: Talk) -> None:
    """A producer that waits for each answer before it asks again is never left waiting."""
    for number in range(3):
        talk.say(line(number))

        assert number == talk.hear()["id"]
    assert talk.end() == (0, b"")


def test_half_a_line_waits(talk: Talk) -> None:
    """A line that comes in two pieces is one line; the lines before it are answered meanwhile."""
    talk.say(line(1) + line(2)[:20])
    first = talk.hear()
    talk.say(line(2)[20:])
    second = talk.hear()

    assert (first["id"], second["id"]) == (1, 2)


def test_last_line_needs_no_end(talk: Talk) -> None:
    """A last line without its line end is answered when the input ends."""
    talk.say(line(1).rstrip())
    talk.stdin.close()

    assert talk.hear()["id"] == 1


def test_reader_that_goes_away(talk: Talk) -> None:
    """When nobody reads the answers any more, as with `head`, the process ends at once, and quietly."""
    talk.say(line(1))
    talk.hear()
    talk.stdout.close()
    with contextlib.suppress(BrokenPipeError):  # it ends before all is written, as it should
        for number in range(100_000):
            talk.say(line(number))
    code = talk.process.wait(PATIENCE)
    assert talk.process.stderr is not None

    assert (code, talk.process.stderr.read()) == (141, b"")


def test_interrupt(talk: Talk) -> None:
    """Ctrl-C ends it with 130 and without a traceback."""
    talk.say(line(1))
    talk.hear()
    talk.process.send_signal(signal.SIGINT)
    code = talk.process.wait(PATIENCE)
    assert talk.process.stderr is not None

    assert code == 130
    assert b"Traceback" not in talk.process.stderr.read()


def test_line_of_fifty_megabytes_is_not_held() -> None:
    """A line of 50 MB gets its error, those around it their answers, and the memory stays far below its size."""
    huge = b'{"id": 1, "new": "' + b"x" * (50 * 1024 * 1024) + b'"}\n'
    bound = 400 * 1024 * 1024

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))

    done = subprocess.run(
        COMPAT, input=line(0) + huge + line(2), capture_output=True, timeout=60, check=False, preexec_fn=limited
    )
    found = [json.loads(one) for one in done.stdout.splitlines()]

    assert done.returncode == 0, done.stderr
    assert [one["id"] for one in found] == [0, None, 2]
    assert found[1]["error"]["kind"] == "too-large"


def test_memory_does_not_grow_with_the_input(talk: Talk) -> None:
    """Schemas that differ in each line are not kept: after many the process is as large as after some."""
    sizes = []
    for start in (0, 4_000, 8_000):
        for number in range(start, start + 4_000):
            fields = [{"name": f"f{number}_{at}", "type": "string"} for at in range(5)]
            text = json.dumps({"type": "record", "name": f"R{number}", "fields": fields})
            talk.say(line(number, text))
            talk.hear()
        sizes.append(_resident(talk.process.pid))

    assert sizes[2] < sizes[1] * 1.1, sizes


def test_hostile_lines() -> None:
    """Deep nesting, wide unions, recursion and null bytes are answered like any other line."""
    deep = '{"type": "array", "items": ' * 10_000 + '"int"' + "}" * 10_000
    recursive = '{"type": "record", "name": "T", "fields": [{"name": "next", "type": ["null", "T"]}]}'
    endless = '{"type": "record", "name": "T", "fields": [{"name": "next", "type": "T"}]}'
    wide = json.dumps([{"type": "fixed", "name": f"F{at}", "size": 1} for at in range(5_000)])
    odd = ['"\x00"', "null", "{}", "[]", '{"type": {"type": {"type": "int"}}}', "1e999"]
    texts = [deep, recursive, endless, wide, *odd]
    began = time.monotonic()
    code, found, err = answers(COMPAT, b"".join(line(number, text) for number, text in enumerate(texts)) + line(99))

    assert (code, err) == (0, b"")
    assert [*range(len(texts)), 99] == [one["id"] for one in found]
    assert "internal-error" not in {one.get("error", {}).get("kind") for one in found}
    assert found[-1]["compatible"]
    assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize("words", [["--help"], ["compat", "--bulk"], ["diff", "--bulk"]])
def test_quick_commands_import_no_heavy_library(words: list[str]) -> None:
    """What must answer at once does not wait for the stream, the database, the web or the validation library."""
    code = (
        "import sys; from watcher.cli.app import run; run(sys.argv[1:]);"
        "print([m for m in ('faust', 'aiokafka', 'sqlalchemy', 'fastapi', 'pydantic', 'httpx', 'structlog',"
        " 'confluent_kafka', 'rich', 'asyncio') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    )

    assert done.stderr == b"[]\n"


def _resident(pid: int) -> int:
    """Bytes that a process holds in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
