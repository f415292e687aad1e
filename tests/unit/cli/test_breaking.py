"""`watcher compat` on protobuf: the registry's levels, and the four categories of breaking-change rules."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.parts.command_line import call

OLD = 'syntax = "proto3"; package p; message M { int32 a = 1; string b = 2; }'
NEW = 'syntax = "proto3"; package p; message M { int64 a = 1; string b = 2; }'


def answers(*lines: dict[str, Any]) -> list[dict[str, Any]]:
    asked = [{"id": 1, "format": "PROTOBUF", "level": "WIRE", "old": OLD, "new": NEW} | line for line in lines]
    return call("compat", "--bulk", stdin="".join(json.dumps(one) + "\n" for one in asked).encode()).lines()


@pytest.mark.parametrize(
    ("level", "rules"),
    [
        ("WIRE", []),
        ("WIRE_JSON", ["FIELD_WIRE_JSON_COMPATIBLE_TYPE"]),
        ("package", ["FIELD_SAME_TYPE"]),
        ("FILE", ["FIELD_SAME_TYPE"]),
    ],
)
def test_categories(level: str, rules: list[str]) -> None:
    """A category finds what its rules find, each with the rule's name."""
    (answer,) = answers({"level": level})

    assert answer["compatible"] is (not rules)
    assert [one["rule"] for one in answer["incompatibilities"]] == rules


def test_keys_of_an_incompatibility() -> None:
    """A rule's breach has its name twice, as its kind and as its rule, with file, path and words."""
    (answer,) = answers({"level": "FILE"})

    (one,) = answer["incompatibilities"]
    assert one.keys() == {"kind", "rule", "file", "path", "message"}
    assert (one["kind"], one["file"], one["path"]) == ("FIELD_SAME_TYPE", "schema.proto", "p.M.a")


def test_files_by_name() -> None:
    """Both sides may be objects of file names and texts, which import each other."""
    user = 'syntax = "proto3"; package p; import "b.proto"; message U { M m = 1; }'
    was, now = {"a.proto": user, "b.proto": OLD}, {"a.proto": user, "b.proto": NEW}

    (same, other, gone) = answers(
        {"old": was, "new": was, "level": "FILE"},
        {"old": was, "new": now, "level": "FILE"},
        {"old": was, "new": {"b.proto": OLD}, "level": "FILE"},
    )
    assert same["compatible"]
    assert [(one["rule"], one["file"]) for one in other["incompatibilities"]] == [("FIELD_SAME_TYPE", "b.proto")]
    assert [(one["rule"], one["path"]) for one in gone["incompatibilities"]] == [("FILE_NO_DELETE", "a.proto")]


def test_imports_from_references() -> None:
    """What the references hold may be imported, and is not compared itself."""
    user = 'syntax = "proto3"; import "b.proto"; message U { p.M m = 1; }'
    references = [{"name": "b.proto", "schema": OLD}]

    (answer,) = answers({"old": user, "new": user, "references": references, "level": "FILE"})
    assert answer == {"id": 1, "compatible": True, "incompatibilities": []}


def test_the_registry_s_levels() -> None:
    """Under a registry's level the kinds and paths are the registry's, and no rule is named."""
    worse = OLD.replace("int32", "sint32")
    answer, reader = answers(
        {"level": "BACKWARD", "new": worse}, {"level": "READER_WRITER", "reader": OLD, "writer": worse}
    )

    (one,) = answer["incompatibilities"]
    assert one.keys() == {"kind", "path", "message"}
    assert (one["kind"], one["path"]) == ("FIELD_SCALAR_KIND_CHANGED", "#/M/1")
    assert reader["compatible"] is False


def test_errors_name_the_side() -> None:
    """Files that cannot be read are named by the key under which they came."""
    (answer,) = answers({"new": {"a.proto": "message {"}})

    assert answer["error"]["kind"] == "invalid-schema"
    assert answer["error"]["message"].startswith("new: `a.proto`, line 1: ")


def test_folders(tmp_path: Path) -> None:
    """Two folders of files are compared by their paths in them."""
    for side, text in (("v1", OLD), ("v2", NEW)):
        (tmp_path / side / "p").mkdir(parents=True)
        (tmp_path / side / "p" / "m.proto").write_text(text)

    fine = call("compat", str(tmp_path / "v1"), str(tmp_path / "v2"), "--level", "WIRE")
    broken = call("compat", str(tmp_path / "v1"), str(tmp_path / "v2"), "--level", "FILE", "--json")
    assert (fine.code, broken.code) == (0, 1)
    assert json.loads(broken.out)["incompatibilities"][0]["file"] == "p/m.proto"


def test_a_category_is_for_protobuf(tmp_path: Path) -> None:
    """Another format's files under a category are a mistake of the call."""
    (tmp_path / "a.avsc").write_text('"int"')

    ended = call("compat", str(tmp_path / "a.avsc"), str(tmp_path / "a.avsc"), "--level", "WIRE")
    assert ended.code == 2
    assert ".proto" in ended.err
