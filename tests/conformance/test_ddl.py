"""DDL of others: what is understood of it, and two products' histories beside the changes that another tool found."""

import json
import lzma
from typing import Any

from tests.conformance.suites import CASES, Table, lines, needs_cases
from watcher.formats.sql import catalogue as model
from watcher.formats.sql.catalogue import Catalogue
from watcher.formats.sql.effects import Applied, Unreadable
from watcher.formats.sql.interpret import run
from watcher.formats.sql.lexis import lexis

pytestmark = needs_cases

Fact = tuple[str, str, str]


def understood(sql: str, dialect: str) -> bool:
    """Whether the grammar reads a script; that its tables are not there is no fault of the grammar."""
    known = lexis(dialect)
    assert known is not None
    outcomes = list(run(sql, Catalogue(known)))
    return not any(isinstance(one, Unreadable) and one.kind not in ("not-known", "not-inferred") for one in outcomes)


def ran(table: Table, suite: str, name: str) -> None:
    every = [one for one in lines(name) if one["dialect"] and lexis(one["dialect"]) is not None]
    cases = {one["id"].rpartition("/")[2]: one for one in every}
    table.add(suite, "SQL", cases, {key for key, one in cases.items() if not understood(one["sql"], one["dialect"])})


def test_statements_of_a_parser(table: Table) -> None:
    """What a parser's own tests write in the platforms that we know is understood."""
    ran(table, "sqlglot_ddl/dialect_tests", "sqlglot_ddl/dialect_tests.jsonl")


def test_statements_of_a_change_feed(table: Table) -> None:
    """What a change feed's grammars are tested with is understood."""
    ran(table, "debezium_ddl", "debezium_ddl/grammar_examples.jsonl")


def linted(case: dict[str, Any]) -> set[Fact]:
    """What the newest files of a migration do to data, in the linter's words: tables lost, columns that must be."""
    known = lexis(case["dialect"])
    assert known is not None
    catalogue = Catalogue(known)
    latest = int(case["locator"].partition("--latest=")[2])
    files = sorted(case["migrations"])
    found: set[Fact] = set()
    for path in files:
        there = set(catalogue.tables())
        version = path.rpartition("/")[2].removesuffix(".sql")
        for outcome in run(case["migrations"][path], catalogue):
            assert isinstance(outcome, Applied), outcome
            if path not in files[len(files) - latest :]:
                continue
            for one in outcome.effects:
                if one.before is None or one.before.name[-1] not in there:
                    continue
                if one.after is None:
                    found.add((version, "DS102", one.before.name[-1]))
                    continue
                old = {column.id for column in one.before.columns}
                found |= {
                    (version, "MF103", column.name)
                    for column in one.after.columns
                    if column.id not in old and not column.nullable and column.default is None
                }
    return found


def test_migrations_of_a_linter(table: Table) -> None:
    """What a linter of migrations finds in them is in what we say of their statements."""
    cases = [one for one in lines("atlas_lint/lint_txtar.jsonl") if "--latest=" in one["locator"]]
    assert len(cases) == 9  # Two more say nothing of what was found: it goes to a file.
    differing = set()
    for case in cases:
        wanted = {
            (one["version"], one["code"], one["text"].split('"')[3 if one["code"] == "MF103" else 1])
            for one in case["expected"]["diagnostics"]
        }
        if linted(case) != wanted:
            differing.add(case["id"].rpartition("/")[2])
    table.add("atlas_lint", "SQL", [case["id"] for case in cases], differing)


def history(project: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        lzma.decompress((CASES / "schema_histories" / f"{project}.json.xz").read_bytes())
    )
    return loaded


def built(sql: str) -> dict[str, model.Table]:
    known = lexis("mysql")
    assert known is not None
    catalogue = Catalogue(known)
    list(run(sql, catalogue))
    return {name.lower(): one for name, one in catalogue.tables().items()}


def facts(old: dict[str, model.Table], new: dict[str, model.Table]) -> set[Fact]:
    """What changed, in the words of the labels."""
    found: set[Fact] = set()
    for name in old.keys() | new.keys():
        before = {one.name.lower(): one for one in old[name].columns} if name in old else {}
        after = {one.name.lower(): one for one in new[name].columns} if name in new else {}
        added = "Insertion:UpdateTable" if name in old else "Insertion:NewTable"
        gone = "Deletion:UpdateTable" if name in new else "Deletion:DeleteTable"
        found |= {(added, name, one) for one in after.keys() - before.keys()}
        found |= {(gone, name, one) for one in before.keys() - after.keys()}
        for one in before.keys() & after.keys():
            if before[one].text != after[one].text:
                found.add(("Update:TypeChange", name, one))
            if keyed(old[name], one) is not keyed(new[name], one):
                found.add(("Update:KeyChange", name, one))
    return found


def keyed(table: model.Table, column: str) -> bool:
    return column in {one.lower() for one in table.primary_key}


def test_histories(table: Table) -> None:
    """Every version of two products builds what another tool found in it, transition by transition."""
    cases: list[str] = []
    differing: set[str] = set()
    for project in ("biosql", "coppermine"):
        document = history(project)
        tables = {name: built(sql) for name, sql in document["files"].items()}
        for one in document["transitions"]:
            case = f"{project}/{one['old']}..{one['new']}".replace(".sql", "")
            cases.append(case)
            labels = {(kind, name.lower(), column.lower()) for kind, name, column, _ in one["changes"]}
            if labels != facts(tables[one["old"]], tables[one["new"]]):
                differing.add(case)
    table.add("schema_histories", "SQL", cases, differing)
