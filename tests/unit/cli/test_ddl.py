"""SQL on the command line: what a script does, what two scripts differ in, and lines in bulk."""

import json
from pathlib import Path
from typing import Any

from tests.parts.command_line import call


def written(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def answered(command: str, line: dict[str, Any]) -> dict[str, Any]:
    ended = call(command, "--bulk", stdin=json.dumps(line).encode() + b"\n")
    assert ended.code == 0
    answer: dict[str, Any] = json.loads(ended.out)
    return answer


def test_each_statement_and_its_changes(tmp_path: Path) -> None:
    """Every statement is printed with its line, its table, and what it changed there."""
    script = "create table t (id int, n text);\nalter table t rename n to name;\nalter table t drop id;"

    ended = call("ddl", "--dialect", "postgres", written(tmp_path, "a.sql", script))

    assert ended.code == 0
    words = ended.out.split()
    assert "dataset-created" in words
    assert "field-renamed" in words
    assert "field-removed" in words


def test_what_is_not_read_is_no_success(tmp_path: Path) -> None:
    """A statement that is not understood is told on standard error, and the exit code says undecided."""
    ended = call("ddl", "--dialect", "postgres", written(tmp_path, "a.sql", "alter table t frobnicate;"))

    assert ended.code == 3
    assert "line 1: not read (table t)" in ended.err


def test_an_unknown_dialect_is_a_misuse(tmp_path: Path) -> None:
    """The call of a dialect that nobody knows names those that there are."""
    ended = call("ddl", "--dialect", "cobol", written(tmp_path, "a.sql", ""))

    assert ended.code == 2
    assert "snowflake" in ended.err


def test_tables_in_bulk() -> None:
    """The steps of a line build on each other; the answer has every table, and what was not read with its step."""
    steps = [
        "create table t (a int not null, primary key (a))",
        "alter table t add b varchar(3) default 'x' first; alter table u add c int",
    ]

    answer = answered("ddl", {"id": 7, "dialect": "mysql", "steps": steps})

    assert answer["id"] == 7
    assert answer["tables"] == {
        "t": {
            "columns": [
                {"name": "b", "type": "varchar(3)", "nullable": True, "default": "'x'", "position": 1},
                {"name": "a", "type": "int", "nullable": False, "default": None, "position": 2},
            ],
            "primary_key": ["a"],
        }
    }
    assert [(one["step"], one["table"], one["kind"]) for one in answer["unreadable"]] == [(1, "u", "not-known")]


def test_a_line_that_is_off() -> None:
    """A line without steps, or of an unknown dialect, is answered with its error."""
    assert answered("ddl", {"id": 1, "dialect": "mysql"})["error"]["kind"] == "invalid-request"
    assert answered("ddl", {"id": 1, "dialect": "cobol", "steps": []})["error"]["kind"] == "unknown-dialect"


def test_two_scripts() -> None:
    """Two scripts are compared by the tables that they build, whatever the order of their statements."""
    old = "create table b (x int); create table a (x int not null, y text); create table c (x int)"
    new = "create table a (y text, x int); alter table a add z int; create table b (x int)"

    answer = answered("diff", {"id": 1, "format": "SQL", "dialect": "postgres", "old": old, "new": new})

    kinds = {(one["dataset"], one["kind"], one["path"]) for one in answer["changes"]}
    assert ("a", "nullability-loosened", "x") in kinds
    assert ("a", "field-added", "z") in kinds
    assert ("c", "dataset-dropped", "") in kinds
    assert not any(dataset == "b" for dataset, _, _ in kinds)


def test_views_that_follow_and_break(tmp_path: Path) -> None:
    """A view that follows its table, or breaks by it and is whole again, is told with the table that it is due to."""
    script = (
        "create table t (a int, b int);\ncreate view v as select a from t where b > 0;\n"
        "alter table t modify a bigint;\nalter table t drop column b;\nalter table t add b int;\n"
    )
    path = written(tmp_path, "a.sql", script)

    shown = call("ddl", "--dialect", "mysql", path).out
    steps = json.loads(call("ddl", "--dialect", "mysql", path, "--json").out)["statements"]

    assert "line 3: v (because of t)" in shown
    assert "the view reads t.b, which is no longer there" in shown
    views = [
        (step["line"], one["kind"], one["because"]) for step in steps for one in step["changes"] if "because" in one
    ]
    assert views == [(3, "type-widened", "t"), (4, "view-broken", "t"), (5, "view-mended", "t")]
