"""DDL: statements a second by dialect beside bare parsing, a dump of tables and rows, a product's whole history."""

from __future__ import annotations

import json
import lzma
import time
from collections.abc import Callable
from pathlib import Path

import sqlglot

from watcher.formats.sql.catalogue import Catalogue
from watcher.formats.sql.dialects import PLATFORMS, platform
from watcher.formats.sql.effects import Applied
from watcher.formats.sql.interpret import run as interpret
from watcher.formats.sql.lexis import lexis

TABLES = 120
ROUNDS = 5
DUMP = 300_000
HISTORIES = Path(__file__).resolve().parents[2] / "shared" / "cases" / "schema_histories"

_TEXT = {"bigquery": "STRING", "databricks": "STRING", "oracle": "VARCHAR2(40)", "clickhouse": "String"}
_WHOLE = {"bigquery": "INT64", "oracle": "NUMBER(10)", "clickhouse": "Int64"}


def run(*, quick: bool = False) -> None:
    """Print the three figures; what we build is compared with what the other parser sees."""
    rounds = 2 if quick else ROUNDS
    print(f"ddl: create, two alters and a view of {TABLES} tables, best of {rounds}; beside sqlglot's parse alone")
    for dialect in sorted(PLATFORMS):
        statements = _script(dialect)
        known = platform(dialect)
        assert known is not None
        script = ";\n".join(statements) + ";\n"
        ours = _best(lambda script=script, dialect=dialect: _built(script, dialect), rounds)  # type: ignore[misc]
        other = _best(
            lambda script=script, parser=known.parser: sqlglot.parse(  # type: ignore[misc]
                script, dialect=parser, error_level=sqlglot.ErrorLevel.IGNORE
            ),
            rounds,
        )
        rates = [len(statements) / seconds for seconds in (ours, other)]
        print(
            f"  {dialect:<11}{rates[0]:9,.0f} statements/s   parse alone {rates[1]:9,.0f}/s   {other / ours:5.2f} times"
        )
    _dump(rounds)
    _history()


def _script(dialect: str) -> list[str]:
    text, whole = _TEXT.get(dialect, "VARCHAR(40)"), _WHOLE.get(dialect, "INTEGER")
    add = "ADD" if dialect in {"oracle", "sqlserver"} else "ADD COLUMN"
    made: list[str] = []
    for number in range(TABLES):
        columns = ", ".join(f"c{at} {text if at % 2 else whole}" for at in range(20))
        made += [
            f"CREATE TABLE t{number} (id {whole} NOT NULL, {columns})",
            f"ALTER TABLE t{number} {add} extra {text}",
            f"ALTER TABLE t{number} DROP COLUMN c3",
            f"CREATE VIEW v{number} AS SELECT id, c1 FROM t{number}",
        ]
    return made


def _built(script: str, dialect: str) -> Catalogue:
    known = lexis(dialect)
    assert known is not None
    catalogue = Catalogue(known)
    unread = [one for one in interpret(script, catalogue) if not isinstance(one, Applied)]
    if unread:
        raise AssertionError(dialect, unread[0])
    return catalogue


def _dump(rounds: int) -> None:
    """A dump as clients write them: tables, and their rows as INSERTs of a hundred."""
    parts = []
    size = number = 0
    while size < DUMP:
        row = f"({number}, 'a name; with ''quotes'' in it', 12.50, '2026-01-01 00:00:00', NULL)"
        part = (
            f"CREATE TABLE t{number} (id INT NOT NULL PRIMARY KEY, name VARCHAR(80), price DECIMAL(10,2), "
            f"made DATETIME, note TEXT);\nINSERT INTO t{number} VALUES {', '.join([row] * 100)};\n"
        )
        parts.append(part)
        size += len(part)
        number += 1
    script = "".join(parts)
    ours = _best(lambda: _built(script, "mysql"), rounds)
    other = _best(lambda: sqlglot.parse(script, dialect="mysql"), rounds)
    created = [one for one in sqlglot.parse(script, dialect="mysql") if isinstance(one, sqlglot.exp.Create)]
    if len(_built(script, "mysql")) != len(created):
        raise AssertionError(len(created))
    print(f"  a dump of {len(script) // 1000} kB, {number} tables and their rows: {ours * 1e3:.1f} ms; ", end="")
    print(f"sqlglot's full parse {other * 1e3:.1f} ms: {other / ours:.1f} times")


def _history() -> None:
    """Every version of two products' schemas, each script from its beginning."""
    for file in sorted(HISTORIES.glob("*.json.xz")):
        history = json.loads(lzma.decompress(file.read_bytes()))
        versions = list(history["files"].values())
        began = time.perf_counter()
        for sql in versions:
            known = lexis("mysql")
            assert known is not None
            for _ in interpret(sql, Catalogue(known)):
                pass
        seconds = time.perf_counter() - began
        print(f"  {file.name.partition('.')[0]}: {len(versions)} versions in {seconds:.2f} s", end="")
        print("; agreement with the independent labels: `make conformance`, schema_histories")


def _best(work: Callable[[], object], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best
