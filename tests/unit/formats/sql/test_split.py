"""A script falls into statements at the right places, each with its line, and what cannot be DDL is passed over."""

# ruff: noqa: E501 - a statement stands on a line of its own

import pytest

from watcher.formats.sql.lexis import LEXES
from watcher.formats.sql.split import statements

CASES = {
    "quotes": ("mysql", "INSERT INTO t VALUES ('a;b\\';');\ncreate table t (a int)", [(2, "create table t (a int)")]),
    "comments": ("postgres", "-- a;\n/* ; */ drop table t; # x", [(2, "drop table t"), (2, "# x")]),
    "dollars": ("postgres", "create function f() as $x$ a; $$ b; $x$;\ndrop table t", [(1, "create f"), (2, "drop table t")]),
    "copied rows": ("postgres", "COPY t FROM stdin;\n1;'\n\\.\ndrop table t", [(4, "drop table t")]),
    "delimiter": ("mysql", "DELIMITER //\ncreate procedure p() begin x; end//\nDELIMITER ;\ndrop table t;", [(2, "create p"), (4, "drop table t")]),
    "a trigger's body": ("sqlite", "create trigger t after insert on x begin update y set z = case when 1 then 2 end; end;\ndrop table t", [(1, "create t"), (2, "drop table t")]),
    "batches": ("sqlserver", "create table a (x int)\nGO\ncreate proc p as begin select 1; end\nGO\ndrop table a", [(1, "create table a (x int)"), (3, "create p"), (5, "drop table a")]),
    "no semicolons": ("sqlserver", "create table a (x int)\ncreate table b (y int)", [(1, "create table a (x int)"), (2, "create table b (y int)")]),
    "a slash": ("oracle", "create procedure p is begin x; y; end;\n/\ndrop table t;", [(1, "create p"), (3, "drop table t")]),
    "of some versions": ("mysql", "/*!40101 SET x = 1 */;\ndrop table t;", [(1, "SET x = 1 */"), (2, "drop table t")]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_statements(name: str) -> None:
    """Each statement that may change a shape comes whole, with the line that it begins on."""
    dialect, script, wanted = CASES[name]

    found = [(one.line, one.text) for one in statements(script, LEXES[dialect])]

    assert [line for line, _ in found] == [line for line, _ in wanted]
    for (_, text), (_, told) in zip(found, wanted, strict=True):
        assert text == told or (told.startswith("create ") and text.startswith("create ") and len(told) < 9)


def test_an_open_quote_ends_with_the_script() -> None:
    """A quote that never closes takes the rest of the script with it, in one statement."""
    found = list(statements("create table t (a int default 'x); drop table t;" * 2_000, LEXES["mysql"]))

    assert 1 <= len(found) <= 2_001
