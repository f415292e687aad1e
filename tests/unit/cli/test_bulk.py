"""JSON Lines in, JSON Lines out: whatever the lines hold."""

import io
import json
from typing import Any

import pytest

from tests.parts.command_line import Ended, call
from watcher.cli import bulk
from watcher.cli.request import Request
from watcher.model.errors import Undecidable

INT = '"int"'
LONG = '"long"'


def record(*fields: object) -> str:
    return json.dumps({"type": "record", "name": "R", "fields": fields})


ONE = record({"name": "a", "type": "int"})
TWO = record({"name": "a", "type": "int"}, {"name": "b", "type": "string"})


def compat(*lines: object) -> Ended:
    return call("compat", "--bulk", stdin=_joined(lines))


def diff(*lines: object) -> Ended:
    return call("diff", "--bulk", stdin=_joined(lines))


def _joined(lines: tuple[object, ...]) -> bytes:
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in lines)


def asked(**other: Any) -> dict[str, Any]:
    return {"id": 1, "format": "AVRO", "level": "BACKWARD", "old": INT, "new": LONG} | other


def kind_of(ended: Ended) -> str:
    return str(ended.lines()[0]["error"]["kind"])


def test_keys_of_an_answer() -> None:
    """An answer has exactly the keys of its kind, and each incompatibility has three."""
    good, bad, error = compat(asked(), asked(old=ONE, new=TWO), asked(new="nonsense")).lines()

    assert good == {"id": 1, "compatible": True, "incompatibilities": []}
    assert {"id", "compatible", "incompatibilities"} == bad.keys()
    assert bad["compatible"] is False
    assert {"kind", "path", "message"} == bad["incompatibilities"][0].keys()
    assert {"id", "error"} == error.keys()
    assert {"kind", "message"} == error["error"].keys()


def test_order_and_number_of_answers() -> None:
    """Each line has its answer, in the order of the lines: bad ones, empty ones, a last one without its end."""
    stdin = _joined((asked(id="first"), b"", b"{", asked(id="last")))[:-1]
    ended = call("compat", "--bulk", stdin=stdin)

    assert ended.code == 0
    assert [one["id"] for one in ended.lines()] == ["first", None, None, "last"]


def test_no_lines() -> None:
    """Nothing in, nothing out."""
    assert Ended(0, "", "") == call("compat", "--bulk")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"{", "malformed-json"),
        (b"", "malformed-json"),
        (b"   ", "malformed-json"),
        (b'{"id": NaN}', "malformed-json"),
        (b"\xff\xfe", "not-utf-8"),
        (b"[" * 100_000, "too-deep"),
        (b"[1]", "invalid-request"),
        (b"null", "invalid-request"),
        (b'"text"', "invalid-request"),
        (b"{}", "invalid-request"),
        (asked(format=None), "invalid-request"),
        (asked(format=7), "invalid-request"),
        (asked(format="XML"), "unknown-format"),
        (asked(format="SQL"), "unsupported-format"),
        (asked(format="PROTOBUF", level="WIRE"), "invalid-schema"),
        (asked(format="PROTOBUF", level="WIRE", old={"a.proto": 5}), "invalid-request"),
        (asked(format="PROTOBUF", level="WIRE", old=[]), "invalid-request"),
        (asked(format="PROTOBUF", old={"a.proto": 'syntax = "proto3";'}), "invalid-request"),
        (asked(level="WIRE"), "unknown-level"),
        (asked(level=None), "invalid-request"),
        (asked(policy="HARSH"), "unknown-policy"),
        (asked(policy=[]), "invalid-request"),
        (asked(old=None), "invalid-request"),
        (asked(old=[INT, 5]), "invalid-request"),
        (asked(new=5), "invalid-request"),
        (asked(level="READER_WRITER"), "invalid-request"),
        (asked(references={}), "invalid-request"),
        (asked(references=["x"]), "invalid-request"),
        (asked(references=[{"schema": INT}]), "invalid-request"),
        (asked(references=[{"name": "x"}]), "invalid-request"),
        (asked(new="{"), "malformed-json"),
        (asked(new='"nothing.of.this.name"'), None),
        (asked(new="[" * 10_000 + "]" * 10_000), "too-deep"),
    ],
)
def test_bad_line(line: object, kind: str | None) -> None:
    """A line that cannot be judged is answered with its kind of error; the next line is judged as ever."""
    ended = compat(line, asked(id="next"))
    bad, good = ended.lines()

    assert ended.code == 0
    assert kind in (None, bad["error"]["kind"])
    assert bad["error"]["message"]
    assert good == {"id": "next", "compatible": True, "incompatibilities": []}


@pytest.mark.parametrize(
    ("changed", "side"),
    [
        ({"old": "{"}, "old"),
        ({"new": "{"}, "new"),
        ({"old": [INT, "{"]}, "old[1]"),
        ({"level": "READER_WRITER", "reader": "{", "writer": INT}, "reader"),
        ({"level": "READER_WRITER", "reader": INT, "writer": "{"}, "writer"),
    ],
)
def test_error_names_the_side(changed: dict[str, Any], side: str) -> None:
    """A schema that cannot be read is named by the key under which it came."""
    error = compat(asked(**changed)).lines()[0]["error"]

    assert error["message"].startswith(f"{side}: ")


@pytest.mark.parametrize(
    "given", [1, 0, "x", None, True, 1.5, [1, {"a": 2}], {"a": 1}, 2**80, -(2**70), "\ud800", 9007199254740993]
)
def test_id_comes_back_as_it_went_in(given: object) -> None:
    """Any JSON value may be an id, whatever became of its line."""
    ended = compat(asked(id=given), {"id": given})

    assert [given, given] == [one["id"] for one in ended.lines()]


def test_absent_id_is_null() -> None:
    """A line without an id is judged, and its answer's id is null."""
    line = asked()
    del line["id"]

    assert compat(line).lines()[0] == {"id": None, "compatible": True, "incompatibilities": []}


@pytest.mark.parametrize(
    ("changed", "compatible"),
    [
        ({"format": "avro", "level": "backward"}, True),
        ({"old": [LONG, INT]}, True),
        ({"level": "BACKWARD_TRANSITIVE", "old": ['"string"', INT]}, False),
        ({"level": "FORWARD"}, False),
        ({"level": "NONE", "new": '"string"'}, True),
        ({"old": []}, True),
        ({"level": "READER_WRITER", "reader": LONG, "writer": INT}, True),
        ({"level": "READER_WRITER", "reader": INT, "writer": LONG}, False),
        ({"old": {"type": "int"}, "new": ["int", "null"]}, True),
        ({"policy": "LENIENT", "more": "keys", "that": ["nobody", "asks", "for"]}, True),
        ({"format": "JSONSCHEMA", "old": {"type": "integer"}, "new": {"type": "number"}}, True),
        ({"format": "json_schema", "old": {"type": "number"}, "new": {"type": "integer"}}, False),
    ],
)
def test_forms_of_a_request(changed: dict[str, Any], compatible: object) -> None:
    """Versions are a text or a list of them, oldest first; schemas may be JSON values; words may be in any case."""
    assert compatible is compat(asked(**changed)).lines()[0].get("compatible")


def test_references() -> None:
    """Both sides may refer to what comes with the request; one that holds the type itself does without."""
    money = '{"type": "record", "name": "shop.Money", "fields": [{"name": "cents", "type": "long"}]}'
    using = record({"name": "total", "type": "shop.Money"})
    holding = record({"name": "total", "type": json.loads(money)})
    references = [{"name": "shop.Money", "schema": money}]

    first, second, without = compat(
        asked(old=using, new=using, references=references),
        asked(old=holding, new=using, references=references),
        asked(old=using, new=using),
    ).lines()

    assert first["compatible"]
    assert second.get("compatible"), second
    assert "old: " in without["error"]["message"]


def test_line_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is too long is passed over without being held, and answered; the next is judged."""
    monkeypatch.setattr(bulk, "MAX_LINE", 1_000)
    long = asked(new="x" * 1_000_000)

    ended = compat(long, asked(id="next"), long)

    assert [one.get("error", {}).get("kind") for one in ended.lines()] == ["too-large", None, "too-large"]


def test_byte_order_mark_is_no_part_of_the_line() -> None:
    """A file that an editor began with a byte order mark is read as well."""
    ended = call("compat", "--bulk", stdin=b"\xef\xbb\xbf" + _joined((asked(),)))

    assert ended.lines()[0]["compatible"]


def test_windows_line_ends() -> None:
    """Lines that end as Windows ends them are read as well."""
    ended = call("compat", "--bulk", stdin=json.dumps(asked()).encode() + b"\r\n")

    assert ended.lines()[0]["compatible"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ZeroDivisionError("x"), "internal-error"),
        (RecursionError(), "too-deep"),
        (MemoryError(), "too-large"),
        (Undecidable("who knows"), "undecidable"),
    ],
)
def test_fault_is_the_answer_of_its_line(error: Exception, kind: str) -> None:
    """Whatever is raised while a line is judged is that line's answer."""

    def solve(request: Request) -> dict[str, Any]:
        raise error

    target = io.BytesIO()
    bulk.answer_lines(io.BytesIO(b'{"id": 5}\n'), target, solve)
    answer = json.loads(target.getvalue())

    assert (5, kind) == (answer["id"], answer["error"]["kind"])


class _Slow(io.RawIOBase):
    """A producer that sends so many bytes at a time."""

    def __init__(self, data: bytes, size: int, target: io.BytesIO) -> None:
        self._data, self._size, self._target = data, size, target
        self.answered: list[int] = []

    def read1(self, _size: int) -> bytes:
        self.answered.append(self._target.getvalue().count(b"\n"))
        piece, self._data = self._data[: self._size], self._data[self._size :]
        return piece


@pytest.mark.parametrize("size", [1, 3, 10, 64])
def test_answer_before_the_next_wait(size: int) -> None:
    """However the bytes arrive, all lines that are whole are answered before more is waited for."""
    target = io.BytesIO()
    source = _Slow(b'{"id": 1}\n{"id": 2}\n{"id": 3}', size, target)
    bulk.answer_lines(source, target, lambda _: {})  # type: ignore[arg-type]

    sent = [min(at * size, 29) for at in range(len(source.answered))]
    assert [(count >= 10) + (count >= 20) for count in sent] == source.answered
    assert [json.loads(line)["id"] for line in target.getvalue().splitlines()] == [1, 2, 3]


def test_diff_answers_with_facts() -> None:
    """A line of diff is answered with the facts between the two schemas, each with its five keys."""
    answer = diff({"id": 1, "format": "AVRO", "old": ONE, "new": TWO}).lines()[0]

    assert {"id", "changes"} == answer.keys()
    assert [one["kind"] for one in answer["changes"]] == ["field-added"]
    assert {"kind", "dataset", "path", "before", "after"} == answer["changes"][0].keys()
    assert (answer["changes"][0]["dataset"], answer["changes"][0]["path"]) == ("R", "b")


@pytest.mark.parametrize(
    ("sides", "kinds"),
    [
        ({"old": ONE, "new": ONE}, []),
        ({"old": None, "new": ONE}, ["dataset-created"]),
        ({"new": ONE}, ["dataset-created"]),
        ({"old": ONE, "new": None}, ["dataset-dropped"]),
        ({"old": ONE}, ["dataset-dropped"]),
    ],
)
def test_diff_of_what_is_not_there(sides: dict[str, Any], kinds: list[str]) -> None:
    """No schema on one side is a dataset that was created or dropped: one change for the whole."""
    answer = diff({"id": 1, "format": "AVRO", **sides}).lines()[0]

    assert kinds == [one["kind"] for one in answer["changes"]]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ({"format": "AVRO"}, "invalid-request"),
        ({"format": "SQL", "dialect": "cobol", "old": "x", "new": "y"}, "unknown-dialect"),
        ({"format": "AVRO", "dialect": 5, "old": ONE, "new": ONE}, "invalid-request"),
        ({"format": "AVRO", "old": "{", "new": ONE}, "malformed-json"),
    ],
)
def test_diff_of_bad_lines(line: dict[str, Any], kind: str) -> None:
    """What cannot be compared is an error with its kind."""
    assert kind == kind_of(diff(line))


def test_dataset_may_be_named() -> None:
    """The changes carry the name that the line gives the dataset."""
    answer = diff({"id": 1, "format": "AVRO", "dataset": "kafka://p/o", "old": ONE, "new": TWO}).lines()[0]

    assert [one["dataset"] for one in answer["changes"]] == ["kafka://p/o"]
