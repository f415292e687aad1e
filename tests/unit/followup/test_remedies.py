"""Remedies: each rule's break can be mended, texts are true on their platform, and none breaks another clause."""

from __future__ import annotations

import json
from typing import Any

import fastavro
import pytest

from watcher.diff.render import type_text
from watcher.followup.remedies import options as remedies
from watcher.followup.remedies import sql as remedy_sql
from watcher.followup.remedies.broken import CONSUMER, PRODUCER, Remedy
from watcher.followup.remedies.options import options
from watcher.formats.sql.dialects import PLATFORMS
from watcher.formats.sql.proposed import after_script, shape
from watcher.model.schema import Format
from watcher.model.types import Record
from watcher.rules.catalogue import RULES

TABLES = {
    "postgres": "postgres://db:5432/shop.public.orders",
    "snowflake": "snowflake://acme/RAW.SHOP.ORDERS",
    "bigquery": "bigquery/proj.shop.orders",
    "redshift": "redshift://c:5439/shop.public.orders",
    "databricks": "databricks://host/main.shop.orders",
    "mysql": "mysql://db:3306/shop.orders",
    "mariadb": "mariadb://db:3306/shop.orders",
    "sqlserver": "sqlserver://db:1433/shop.dbo.orders",
    "oracle": "oracle://db:1521/SHOP.ORDERS",
    "trino": "trino://host:8080/hive.shop.orders",
    "duckdb": "duckdb/shop.main.orders",
}
EMPTY_TALK = ("fix it", "fix the issue", "contact support", "as needed", "if necessary", "etc", "tbd", "todo")


def violation(rule: str, path: str = "amount", **more: Any) -> dict[str, Any]:
    """A violation as messages tell it."""
    change = {"kind": rule, "path": path, "before": more.pop("before", "long"), "after": more.pop("after", None)}
    return {
        "rule": rule,
        "path": path,
        "wants": f"`{path}` is there",
        "expectation": "exists",
        "before": "long",
        "after": None,
        "change": change,
        **more,
    }


def removed(was: str, path: str = "amount", **declared: Any) -> dict[str, Any]:
    """A member that is gone, as the diff tells it."""
    return violation("field-removed", path, before={"name": path, "type": was, **declared})


def texts(found: list[dict[str, Any]]) -> list[str]:
    """What can be used as it is."""
    return [one["text"] for one in found if one["text"]]


@pytest.mark.parametrize("format_", [None, *Format])
@pytest.mark.parametrize("rule", [one.id for one in RULES])
def test_each_rule_can_be_mended(rule: str, format_: Format | None) -> None:
    """Something for the producer and something for the consumer, each with steps that say what to do."""
    found = remedies.remedies(violation(rule), "kafka://prod/orders", format_)

    assert rule in set(remedies.rules())
    assert {one.whom for one in found} == {PRODUCER, CONSUMER}
    for one in found:
        said = " ".join((one.title, one.why, *one.steps)).casefold()
        assert one.title[0].isupper()
        assert one.why
        assert one.steps
        assert all(len(step.split()) >= 2 for step in one.steps)
        assert not any(word in said.split() or f" {word} " in f" {said} " for word in EMPTY_TALK)
        assert (
            "none" not in said.split()
            or "none for" in said
            or "or none" in said
            or "is none" in said
            or "names none" in said
        )
        assert bool(one.text) is bool(one.language)


PLAIN = ("decimal(12,2)", "long", "string", "string(40)", "boolean", "double", "date")
OFFERED = [(dialect, was) for dialect in TABLES for was in PLAIN if remedy_sql.spelled(was, dialect)]


def test_nearly_every_plain_type_can_be_offered_on_every_platform() -> None:
    """Some platforms lack one of them, or read none of their words as exactly that type: nothing is offered there."""
    missing = {(dialect, was) for dialect in TABLES for was in PLAIN} - set(OFFERED)
    assert len(missing) <= 4, sorted(missing)
    for dialect, was in missing:
        assert not remedy_sql.add(TABLES[dialect], dialect, "old_amount", f"{was} | null")


@pytest.mark.parametrize(("dialect", "was"), OFFERED)
def test_a_column_comes_back_as_it_was(dialect: str, was: str) -> None:
    """The platform reads the statement, run upon the table without it, as the very type that stood there."""
    dataset = TABLES[dialect]
    text = remedy_sql.add(dataset, dialect, "old_amount", f"{was} | null")
    standing = after_script(_create(dataset, dialect), dataset, dialect, None)
    built = shape(after_script(text, dataset, dialect, standing), dialect)

    assert built is not None
    root = built.resolve(built.root)
    assert isinstance(root, Record)
    assert [type_text(one.type, built) for one in root.fields if one.name == "old_amount"] == [f"{was} | null"]


def _create(dataset: str, dialect: str) -> str:
    return f"CREATE TABLE {remedy_sql.table_of(dataset, dialect)} (id {remedy_sql.spelled('decimal(12,2)', dialect)})"


@pytest.mark.parametrize("dialect", sorted(PLATFORMS))
def test_no_name_escapes_its_quotes(dialect: str) -> None:
    """Names with quotes, semicolons and line breaks are quoted whole, or nothing is offered."""
    for name in ('a"; DROP TABLE x; --', "a`b", "a]b; --", "a'b", "a\nb", "a\\", "Größe"):
        made = remedy_sql.quoted(name, dialect)
        mark, end = made[:1], made[-1:]
        assert made == "" or (mark, end) in {('"', '"'), ("`", "`"), ("[", "]")}
        inner = made[1:-1].replace(end * 2, "")
        assert not made or end not in inner


def test_a_dropped_column_that_was_never_null_is_filled_before_it_is_closed() -> None:
    """Added, then filled by a person, then required again."""
    found = options([removed("decimal(12,2)")], TABLES["postgres"])

    assert found[0]["title"] == "Put `amount` back"
    assert found[0]["text"].splitlines() == [
        'ALTER TABLE "shop"."public"."orders" ADD COLUMN "amount" NUMERIC(12,2);',
        "-- fill it for the records that are there, then:",
        'ALTER TABLE "shop"."public"."orders" ALTER COLUMN "amount" SET NOT NULL;',
    ]


def test_an_avro_field_comes_back_as_it_was() -> None:
    """The fragment is a field that the library takes; a type with a name is not guessed at."""
    [text, *_] = texts(options([removed("decimal(12,2) | null", default=None)], "kafka://prod/orders", Format.AVRO))
    fastavro.parse_schema({"type": "record", "name": "r", "fields": [json.loads(text)]})
    named = options([removed("enum(A, B)")], "kafka://prod/orders", Format.AVRO)

    assert json.loads(text)["type"] == [
        "null",
        {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2},
    ]
    assert not texts(named)


def test_a_rename_offers_the_old_name_in_each_form() -> None:
    """For a table a statement and a view, for Avro an alias in the reader's schema."""
    one = violation("field-renamed", before="amount", after="total")
    one["change"]["path"] = "total"
    table = options([one], TABLES["postgres"])
    topic = options([one], "kafka://prod/orders", Format.AVRO)

    assert 'ALTER TABLE "shop"."public"."orders" RENAME COLUMN "total" TO "amount";' in texts(table)
    assert (
        'CREATE VIEW "shop"."public"."orders_as_before" AS\nSELECT t.*, t."total" AS "amount"\n'
        'FROM "shop"."public"."orders" t;'
    ) in texts(table)
    assert [json.loads(text) for text in texts(topic)] == [{"name": "amount", "aliases": ["total"]}]


def test_what_would_break_another_clause_is_not_offered() -> None:
    """Beside a closed shape no second member is proposed; beside a place no column at the end."""
    renamed = violation("field-renamed", before="amount", after="total")
    alone = options([renamed], TABLES["postgres"])
    closed = options([renamed, violation("field-added", "total")], TABLES["postgres"])
    placed = options([removed("long | null"), violation("position-moved", "note")], TABLES["postgres"])

    assert any(one["title"].startswith("Carry both names") for one in alone)
    assert not any(one["title"].startswith(("Carry both names", "Offer a view")) for one in closed)
    assert not any("ADD COLUMN" in text for text in texts(placed))


def test_what_many_have_in_common_is_mended_once() -> None:
    """A release that touches one field of forty consumers has one way back; and there is an end to options."""
    same = options([removed("long")] * 40, "kafka://prod/orders")
    many = options([removed("long", f"f{number}") for number in range(500)], "kafka://prod/orders")

    assert len([one for one in same if one["title"].startswith("Put")]) == 1
    assert len(many) <= remedies.MOST
    assert any("497" in one["title"] or "more" in one["title"] for one in many)


def test_a_consumer_is_told_only_what_it_can_do() -> None:
    """The producer's options are the producer's."""
    found = options([removed("long")], "kafka://prod/orders", whom=CONSUMER)

    assert [one["for"] for one in found] == [CONSUMER]


@pytest.mark.parametrize("path", ["", "a..b", "items[].sku", "`we.ird`", "a<b>", "x" * 5_000, "\x00", "a`; DROP"])
@pytest.mark.parametrize("rule", [one.id for one in RULES])
def test_any_violation_is_answered(rule: str, path: str) -> None:
    """Paths that cannot be read, members that are missing, values of any kind: nothing is raised, all stays short."""
    values: list[Any] = [None, 7, [], {}, {"type": 3}, {"members": [1, None]}, "long", float("inf")]
    for was in values:
        for dataset in (*TABLES.values(), "kafka://prod/orders", "", "postgres:", "postgres://x/"):
            found = options([violation(rule, path, before=was, after=was)], dataset)
            assert all(len(one["title"]) < 1_000 for one in found)
    assert isinstance(remedies.remedies({}, "", None), tuple)
    assert all(isinstance(one, Remedy) for one in remedies.remedies({"rule": rule}, "x", None))
