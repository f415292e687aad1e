"""The bulk commands are total: whatever comes in, each line has one answer of the right form."""

import io
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.cli import compat, diff
from watcher.cli.bulk import Solve, answer_lines

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["a", "b", "Status", "x.Y", "", "1", "null"])
SCHEMA = st.recursive(
    st.sampled_from(["null", "int", "long", "string", "bytes", "Status", "x.Y", "nonsense", 5, None]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries({"type": st.sampled_from(["array", "map"])}, optional={"items": inner, "values": inner})
        | st.fixed_dictionaries(
            {"type": st.just("record")},
            optional={
                "name": NAMES,
                "fields": st.lists(
                    st.fixed_dictionaries({}, optional={"name": NAMES, "type": inner, "default": JSON}), max_size=3
                ),
            },
        )
        | st.fixed_dictionaries(
            {"type": st.just("enum")},
            optional={"name": NAMES, "symbols": st.lists(NAMES, max_size=3), "default": NAMES},
        )
    ),
    max_leaves=8,
)
SIDE = JSON | SCHEMA | SCHEMA.map(json.dumps)
REQUEST = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON,
        "format": st.sampled_from(["AVRO", "AVRO", "JSON", "x", 1]),
        "level": st.sampled_from(["BACKWARD", "FULL_TRANSITIVE", "FORWARD", "NONE", "READER_WRITER", "WIRE", 1]),
        "policy": st.sampled_from(["STRICT", "LENIENT", "x"]),
        "old": SIDE | st.lists(SIDE, max_size=3),
        "new": SIDE,
        "reader": SIDE,
        "writer": SIDE,
        "dataset": JSON,
        "dialect": JSON,
        "references": JSON | st.lists(st.fixed_dictionaries({"name": NAMES, "schema": SIDE}), max_size=2),
    },
)


def answers(solve: Solve, data: bytes) -> list[Any]:
    target = io.BytesIO()
    answer_lines(io.BytesIO(data), target, solve)
    return [json.loads(line) for line in target.getvalue().split(b"\n")[:-1]]


@given(st.binary(max_size=200), st.sampled_from([compat.solve, diff.solve]))
def test_random_bytes(data: bytes, solve: Solve) -> None:
    """Random bytes are as many bad lines as there are lines, and no more."""
    lines = data.split(b"\n")
    expected = len(lines) - (lines[-1] == b"")

    assert len(answers(solve, data)) == expected


@settings(max_examples=300)
@given(REQUEST, st.sampled_from([compat.solve, diff.solve]))
def test_random_requests(request: dict[str, Any], solve: Solve) -> None:
    """A request of any content has an answer of its own form, with its own id; no fault of ours is among them."""
    (answer,) = answers(solve, json.dumps(request).encode())

    assert answer["id"] == request.get("id")
    if "error" in answer:
        assert answer.keys() == {"id", "error"}
        assert answer["error"].keys() == {"kind", "message"}
        assert answer["error"]["kind"] != "internal-error", answer
    elif solve is compat.solve:
        assert answer.keys() == {"id", "compatible", "incompatibilities"}
        assert answer["compatible"] is (answer["incompatibilities"] == [])
        assert all(one.keys() == {"kind", "path", "message"} for one in answer["incompatibilities"])
    else:
        assert answer.keys() == {"id", "changes"}
        assert all(one.keys() == {"kind", "dataset", "path", "before", "after"} for one in answer["changes"])
