"""Where statements end: what a client ends them by, and what is never closed."""

from __future__ import annotations

import pytest

from watcher.formats.sql.catalogue import Catalogue
from watcher.formats.sql.effects import Unreadable
from watcher.formats.sql.interpret import run
from watcher.formats.sql.lexis import LEXES


def columns(script: str, dialect: str) -> tuple[dict[str, list[str]], list[Unreadable]]:
    """What a script builds, and what was not read."""
    catalogue = Catalogue(LEXES[dialect])
    unread = [one for one in run(script, catalogue) if isinstance(one, Unreadable)]
    return {name: [one.name for one in table.columns] for name, table in catalogue.tables().items()}, unread


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE t1 (a NUMBER, b INT)\n/\nINSERT INTO x VALUES (1)\n/\nALTER TABLE t1 DROP COLUMN a\n/\n",
        "CREATE TABLE t1 (a INT)\n/\nGRANT ALL TO r\n/\nALTER TABLE t1 ADD (b INT)\n/\nALTER TABLE t1 DROP (a)\n/",
        "CREATE TABLE t1 (a NUMBER, b NUMBER DEFAULT 4\n/ 2)\n/\nALTER TABLE t1 DROP COLUMN a;\n",
        "INSERT INTO x VALUES ('\n/\n')\n/\nCREATE TABLE t1 (b NUMBER)\n/\n",
    ],
)
def test_a_slash_alone_ends_oracles_statements(script: str) -> None:
    """As SQL*Plus has it, whether a semicolon stands before it or not; within a text it is text."""
    assert columns(script, "oracle") == ({"T1": ["B"]}, [])


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
@pytest.mark.parametrize("opened", ["insert into t values ('oops); ", "insert into t values (1) /* oops; "])
def test_what_is_never_closed_is_told(dialect: str, opened: str) -> None:
    """It has swallowed what follows, so that nobody may take that for read."""
    built, unread = columns(f"create table t (a int, b int); {opened} alter table t drop column a;", dialect)

    assert built == {"t": ["a", "b"]}
    assert len(unread) == 1


def test_a_clustered_table_as_get_ddl_prints_it() -> None:
    """The clustering stands before the columns."""
    script = "create or replace TABLE A.B.O cluster by LINEAR(ID)( ID NUMBER(38,0), X NUMBER(38,0) );"
    assert columns(script, "snowflake") == ({"A.B.O": ["ID", "X"]}, [])
