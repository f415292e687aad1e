"""Hostile scripts: whatever a text holds, it is answered in bounded time, and what cannot be read is told."""

import time

import pytest

from tests.unit.formats.sql.scripts import empty
from watcher.formats.sql.effects import Unreadable
from watcher.formats.sql.interpret import run
from watcher.formats.sql.lexis import LEXES

MANY = 100_000
LONG = 1_000_000

SCRIPTS = {
    "brackets": "create table t (a int default " + "(" * MANY,
    "closed brackets": "create view v as select " + "(" * MANY + "1" + ")" * MANY,
    "structs": "create table t (a " + "struct<x:" * 10_000 + "int" + ">" * 10_000 + ")",
    "rows": "create table t (a " + "row(x " * 10_000 + "int" + ")" * 10_000 + ")",
    "tuples": "create table t (a " + "Tuple(x " * 10_000 + "Int8" + ")" * 10_000 + ")",
    "lists": "create table t (a int" + "[]" * 10_000 + ")",
    "branches": "create view v as select " + "+".join(["1"] * 10_000) + " as x",
    "cases": "create view v as select " + "case when 1=1 then " * 10_000 + "1" + " end" * 10_000 + " as x",
    "queries": "create view v as " + "select * from (" * 5_000 + "select 1 as x" + ") as q" * 5_000,
    "unions": "create view v as " + " union all ".join(["select 1 as x"] * 10_000),
    "tables joined": "create view v as select 1 as x from " + ", ".join(f"t{at}" for at in range(10_000)),
    "columns": "create table t (" + ", ".join(f"c{at} int" for at in range(MANY)) + ")",
    "columns added": "create table t (a int); alter table t "
    + ", ".join(f"add column c{at} int" for at in range(5_000)),
    "a long path": "create table t (a int); alter table t add column " + "a." * MANY + "x int",
    "a long name": f"create table {'t' * LONG} (a int)",
    "dots": "create table " + "a." * MANY + "t (a int)",
    "nothing": "create table t (a int\x00, b \x00 int); \x00",
    "lone surrogates": "create table t\ud800 (a\udfff int, \ud800)",
    "semicolons": ";" * LONG,
    "statements": "select 1;" * MANY,
    "lines": "\n" * LONG,
    "a long row": "insert into t values " + ",".join(["(1,'x')"] * LONG) + "; create table t (a int)",
    "a long statement": "create table t (a int) comment = '" + "x" * 5_000_000 + "'",
    "too long": "create table t (a int default '" + "x" * 9_000_000 + "')",
    "comments": "/* x */" * MANY + "create table t (a int)",
    "begins": "begin " * MANY,
    "declares": "create procedure p begin " + "case x " * MANY,
    "delimiters": "delimiter //\n" * 10_000 + "create table t (a int) //",
    "batches": "create table t (a int)\ngo\n" * 10_000,
    "heads": "create " + "or replace " * MANY,
    "creates": "create table t (a int)\n" * 2_000,
    "quotes of dollars": "$x" * MANY,
    "exponents": "create table t (a int default " + "1e" * MANY + ")",
}


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlserver"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_bounded(name: str, dialect: str) -> None:
    """Each comes to its end, with every unreadable statement told."""
    start = time.monotonic()

    outcomes = list(run(SCRIPTS[name], empty(dialect)))

    assert time.monotonic() - start < 60
    assert all(one.reason for one in outcomes if isinstance(one, Unreadable))


@pytest.mark.parametrize("name", ["brackets", "closed brackets", "too long", "a long path", "columns"])
def test_told(name: str) -> None:
    """What is too much is unreadable, never passed over."""
    assert any(isinstance(one, Unreadable) for one in run(SCRIPTS[name], empty("databricks")))


@pytest.mark.parametrize("dialect", sorted(LEXES))
def test_runs_of_one_character(dialect: str) -> None:
    """No pattern looks twice at a text: a run of any character, or of any pair, is read at one speed."""
    lexis = LEXES[dialect]
    for unit in [*"'\"`[]$-/*\\#@_ .:;e0x\n<>|=!", "''", "--", "/*", "*/", "$a$", "\\'", "0_", "1e", "e'", "N'", "@a"]:
        start = time.monotonic()
        for head in ("", "create table t (a int default ", "create function f "):
            list(run(head + unit * 5_000, empty(dialect)))
            for _ in lexis.pattern.finditer(head + unit * 5_000):
                pass
        assert time.monotonic() - start < 20, unit
