"""The command line over JSON Schema: bulk verdicts under both policies, references, and what cannot be read."""

import io
import json
from typing import Any

import pytest

from watcher.cli import compat, diff
from watcher.cli.bulk import Solve, answer_lines

A = {"type": "object", "properties": {"a": {"type": "string"}}}
AB = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}


def answer(solve: Solve, **request: Any) -> dict[str, Any]:
    out = io.BytesIO()
    answer_lines(io.BytesIO(json.dumps({"id": 1, "format": "JSON", **request}).encode()), out, solve)
    (line,) = out.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.mark.parametrize(
    ("policy", "compatible"), [("STRICT", False), ("LENIENT", True), ("lenient", True), (None, False)]
)
def test_policy(policy: str | None, compatible: bool) -> None:
    """An optional property that comes to an open object is compatible under LENIENT only; STRICT is the default."""
    asked = {} if policy is None else {"policy": policy}

    found = answer(compat.solve, level="BACKWARD", old=json.dumps(A), new=json.dumps(AB), **asked)

    assert found["compatible"] is compatible
    kinds = [(one["kind"], one["path"]) for one in found["incompatibilities"]]
    assert kinds == ([] if compatible else [("OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", "#/properties/b")])


@pytest.mark.parametrize(
    ("level", "compatible"),
    [("NONE", True), ("BACKWARD", False), ("FORWARD", True), ("FULL", False), ("FORWARD_TRANSITIVE", True)],
)
def test_levels(level: str, compatible: bool) -> None:
    """Each level asks for the directions that it has for every format; a schema may stand there as JSON itself."""
    assert answer(compat.solve, level=level, old=[A, A], new=AB)["compatible"] is compatible


def test_reader_and_writer() -> None:
    """One reader against one writer, under a policy as well."""
    asked = {"level": "READER_WRITER", "reader": AB, "writer": A}

    assert answer(compat.solve, **asked)["compatible"] is False
    assert answer(compat.solve, **asked, policy="LENIENT")["compatible"] is True


def test_references() -> None:
    """What a schema refers to is given beside it, by the name that `$ref` says."""
    order = {"properties": {"total": {"$ref": "money.json"}}}
    money = [{"name": "money.json", "schema": json.dumps({"type": "number"})}]

    assert answer(compat.solve, level="FULL", old=order, new=order, references=money)["compatible"] is True
    assert answer(compat.solve, level="FULL", old=order, new=order)["error"]["kind"] == "unknown-reference"


def test_changes() -> None:
    """What changed is told in the same words as for every other format."""
    old = {"properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"]}
    new = {"properties": {"a": {"type": ["number", "null"]}, "c": {"enum": ["x"]}}, "required": ["a"]}

    changes = answer(diff.solve, old=old, new=new)["changes"]

    assert {(one["kind"], one["path"]) for one in changes} == {
        ("nullability-loosened", "a"),
        ("type-changed", "a"),
        ("field-added", "c"),
        ("field-removed", "b"),
    }


def test_noise() -> None:
    """Words, order, and a definition that is written out are no change."""
    old = {"title": "x", "properties": {"a": {"$ref": "#/definitions/d"}, "b": {}}, "definitions": {"d": A}}
    new = {"properties": {"b": {"description": "y"}, "a": A}}

    assert answer(diff.solve, old=old, new=new)["changes"] == []
