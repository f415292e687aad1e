"""Databricks' audit events and query history, as the published column lists describe them, become facts."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from watcher.feeds.warehouse.facts import Blind, ColumnImage, Gone, Image, Ran, Reading, Renamed, Touched
from watcher.feeds.warehouse.feed import Decoders, WarehouseFeed
from watcher.feeds.warehouse.naming import Naming
from watcher.feeds.warehouse.sources.databricks import decode
from watcher.model.dataset import Position, RawRecord
from watcher.model.observation import DatasetGone

ORDERS = ("main", "sales", "orders")
COLUMNS = [
    {"name": "id", "type_text": "bigint", "type_name": "LONG", "position": 0, "nullable": False},
    {"name": "Total", "type_text": "decimal(12,2)", "type_name": "DECIMAL", "position": 1, "comment": "net"},
    {"name": "lines", "type_text": "array<struct<sku:string,qty:int>>", "type_name": "ARRAY", "position": 2},
]


def heard(row: object) -> Reading:
    value = row if isinstance(row, bytes) else orjson.dumps(row)
    return decode(RawRecord(Position("uc", 0, 1), None, value), {})


def audit(action: str, status: int = 200, **params: Any) -> dict[str, Any]:
    """A row of system.access.audit."""
    written = {name: one if isinstance(one, str) else orjson.dumps(one).decode() for name, one in params.items()}
    return {
        "account_id": "a-1",
        "workspace_id": "42",
        "version": "2.0",
        "event_time": "2026-03-01T10:00:00.250Z",
        "event_date": "2026-03-01",
        "service_name": "unityCatalog",
        "action_name": action,
        "request_id": "r-1",
        "event_id": "e-1",
        "user_identity": {"email": "ana@shop.example", "subject_name": None},
        "request_params": written,
        "response": {"status_code": status, "error_message": None, "result": None},
        "audit_level": "WORKSPACE_LEVEL",
    }


def test_created_with_columns() -> None:
    """A createTable that lists its columns is the whole table, by who made it and when."""
    row = audit(
        "createTable", name="Orders", catalog_name="main", schema_name="sales", table_type="MANAGED", columns=COLUMNS
    )
    reading = heard(row)
    assert reading.facts == (
        Image(
            ORDERS,
            (
                ColumnImage("id", "bigint", nullable=False),
                ColumnImage("Total", "decimal(12,2)", nullable=None, comment="net"),
                ColumnImage("lines", "array<struct<sku:string,qty:int>>", nullable=None),
            ),
        ),
    )
    assert (reading.kind, reading.id, reading.by) == ("audit", "e-1", "ana@shop.example")
    assert reading.at == 1772359200250


@pytest.mark.parametrize(
    "columns", [None, "[REDACTED]", "***", "", "[]", [{"name": "id"}], [{"name": "x", "type_name": "STRUCT"}]]
)
def test_columns_that_are_not_told(columns: object) -> None:
    """Columns that are missing, masked, empty or without a whole type leave the table to be read again."""
    params: dict[str, Any] = {"full_name_arg": "main.sales.orders"} | ({} if columns is None else {"columns": columns})
    assert [type(one) for one in heard(audit("updateTables", **params)).facts] == [Touched]
    parts: dict[str, Any] = {"catalog_name": "main", "schema_name": "sales", "name": "orders"}
    made = heard(audit("createTable", **parts, **{name: one for name, one in params.items() if name == "columns"}))
    assert [(type(one), one.name) for one in made.facts if isinstance(one, Touched)] == [(Touched, ORDERS)]


def test_type_names() -> None:
    """Without the type's text, a plain type's name will do, and a decimal's with its precision."""
    columns = [
        {"name": "a", "type_name": "LONG"},
        {"name": "b", "type_name": "DECIMAL", "type_precision": 10, "type_scale": 2},
    ]
    (image,) = heard(audit("updateTables", full_name_arg="main.sales.orders", columns=columns)).facts
    assert isinstance(image, Image)
    assert [one.type for one in image.columns] == ["long", "decimal(10,2)"]


def test_dropped() -> None:
    """A deleteTable is the table's end."""
    assert heard(audit("deleteTable", full_name_arg="main.sales.orders")).facts == (Gone(ORDERS),)


def test_renamed() -> None:
    """An update that names a new name is a rename, also when it lists the columns."""
    assert heard(audit("updateTables", full_name_arg="main.sales.orders", new_name="orders_v2")).facts == (
        Renamed(ORDERS, ("main", "sales", "orders_v2")),
    )
    both = heard(audit("updateTables", full_name_arg="main.sales.orders", new_name="main.old.orders", columns=COLUMNS))
    assert [type(one) for one in both.facts] == [Renamed, Image]


def test_two_names() -> None:
    """An update under another name than its argument's, which may be a rename, leaves both to be read again."""
    facts = heard(audit("updateTables", full_name_arg="main.sales.orders", name="purchases")).facts
    assert [one.name for one in facts if isinstance(one, Touched)] == [ORDERS, ("main", "sales", "purchases")]


def test_owner_only() -> None:
    """An update of the owner or the comment alone changes no column."""
    assert heard(audit("updateTables", full_name_arg="main.sales.orders", owner="finance")).facts == ()
    assert heard(audit("updateTables", full_name_arg="main.sales.orders", properties="{}")).facts != ()


def test_containers() -> None:
    """A schema or a catalogue that goes takes its tables with it, and a renamed schema renames them."""
    assert heard(audit("deleteSchema", full_name_arg="main.sales")).facts == (
        Ran("DROP SCHEMA `main`.`sales` CASCADE", dialect="databricks"),
    )
    assert heard(audit("deleteCatalog", name_arg="main")).facts == (
        Ran("DROP CATALOG `main` CASCADE", dialect="databricks"),
    )
    assert heard(audit("updateSchema", full_name_arg="main.sales", new_name="shop")).facts == (
        Ran("ALTER SCHEMA `main`.`sales` RENAME TO `main`.`shop`", dialect="databricks"),
    )
    assert isinstance(heard(audit("updateCatalog", name_arg="main", new_name="prime")).facts[0], Blind)
    assert heard(audit("updateSchema", full_name_arg="main.sales", owner="x")).facts == ()


@pytest.mark.parametrize(
    "row",
    [
        audit("getTable", full_name_arg="main.sales.orders"),
        audit("listTables", catalog_name="main"),
        audit("generateTemporaryTableCredential", table_full_name="main.sales.orders"),
        audit("deleteTable", status=403, full_name_arg="main.sales.orders"),
        audit("createSchema", name="x", catalog_name="main"),
        {**audit("deleteTable", full_name_arg="main.sales.orders"), "service_name": "databrickssql"},
        b"",
        b"null",
    ],
)
def test_ignored(row: object) -> None:
    """Reads, failures, other services and what makes an empty schema say nothing."""
    reading = heard(row)
    assert (reading.kind, reading.facts, reading.unreadable) == ("ignored", (), None)


def test_constraints() -> None:
    """A constraint that comes or goes leaves its table to be read again."""
    facts = heard(audit("createTableConstraint", full_name_arg="main.sales.orders", constraint="{}")).facts
    assert [(type(one), getattr(one, "name", None)) for one in facts] == [(Touched, ORDERS)]


def test_camel_case() -> None:
    """What log delivery writes is the same in camel case, with its time in milliseconds."""
    reading = heard(
        {
            "version": "2.0",
            "auditLevel": "WORKSPACE_LEVEL",
            "timestamp": 1772359200250,
            "serviceName": "unityCatalog",
            "actionName": "deleteTable",
            "userIdentity": {"email": "ana@shop.example"},
            "requestId": "r-9",
            "requestParams": {"full_name_arg": "main.sales.orders"},
            "response": {"statusCode": 200},
        }
    )
    assert (reading.facts, reading.id, reading.at) == ((Gone(ORDERS),), "r-9", 1772359200250)


def diagnostic(action: str, request: str, **params: str) -> dict[str, Any]:
    return {
        "time": "2026-03-01T10:00:00Z",
        "category": "unityCatalog",
        "identity": orjson.dumps({"email": "ana@shop.example"}).decode(),
        "properties": {
            "serviceName": "unityCatalog",
            "actionName": action,
            "requestId": request,
            "requestParams": orjson.dumps(params).decode(),
            "response": orjson.dumps({"statusCode": 200}).decode(),
        },
    }


def test_diagnostic_batch() -> None:
    """Events that diagnostic settings hand over together are told in their order, under one id of their own."""
    first = diagnostic("deleteTable", "r-1", full_name_arg="main.sales.orders")
    other = diagnostic("updateTables", "r-2", full_name_arg="main.sales.lines")
    noise = diagnostic("getTable", "r-3", full_name_arg="main.sales.lines")
    reading = heard({"records": [first, noise, other]})
    assert [type(one) for one in reading.facts] == [Gone, Touched]
    assert reading.id == heard({"records": [first, other]}).id != heard({"records": [other, first]}).id
    assert heard({"records": [first, noise]}).id == "r-1"
    assert heard({"records": [noise]}).kind == "ignored"
    assert [type(one) for one in heard({"records": [first, 7]}).facts] == [Gone, Blind]


def statement(text: str | None, **members: object) -> dict[str, object]:
    """A row of system.query.history."""
    return {
        "statement_id": "s-1",
        "executed_by": "ana@shop.example",
        "execution_status": "FINISHED",
        "statement_text": text,
        "statement_type": "ALTER",
        "end_time": "2026-03-01T10:00:01Z",
    } | members


def test_query_history() -> None:
    """A finished statement ran, with its text; what failed or reads says nothing."""
    reading = heard(statement("ALTER TABLE main.sales.orders DROP COLUMN note"))
    assert reading.facts == (Ran("ALTER TABLE main.sales.orders DROP COLUMN note", dialect="databricks"),)
    assert (reading.id, reading.query, reading.by) == ("s-1", "s-1", "ana@shop.example")
    assert heard(statement("ALTER TABLE t", execution_status="FAILED")).facts == ()
    assert heard(statement("SELECT 1", statement_type="SELECT")).facts == ()
    assert heard(statement("DROP TABLE t", statement_type=None)).facts != ()


def test_statement_without_text() -> None:
    """DDL whose text the history keeps to itself is a blind spot."""
    assert [type(one) for one in heard(statement(None)).facts] == [Blind]
    assert heard(statement(None, statement_type="SELECT")).facts == ()


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (b"{", "malformed-json"),
        (b"[1]", "not-an-object"),
        (b"[" * 100_000, "too-deep"),
        (b'{"a": "' + b"x" * 6_000_000 + b'"}', "too-large"),
        ({"other": 1}, "not-a-row"),
        ({"action_name": "deleteTable", "request_params": {"full_name_arg": "a.b.c"}}, "no-status"),
        ({"statement_text": "DROP TABLE t"}, "no-status"),
        ({"records": [{}] * 3_000}, "too-large"),
    ],
)
def test_unreadable(row: object, kind: str) -> None:
    """What cannot be understood as a whole says why."""
    reading = heard(row)
    assert reading.unreadable is not None
    assert reading.unreadable.kind == kind


def test_no_name() -> None:
    """A table that is not named in full is a blind spot of the feed."""
    assert [type(one) for one in heard(audit("deleteTable", full_name_arg="orders")).facts] == [Blind]


def test_a_catalogue_that_goes() -> None:
    """The tables of a catalogue that is deleted are gone, those of a schema of its name elsewhere are not."""
    feed = WarehouseFeed(
        "uc", Decoders(decode, decode), Naming("unitycatalog://h"), dialect="databricks", place=("main", "default")
    )
    rows = [
        statement("CREATE TABLE old.sales.orders (id int)"),
        statement("CREATE TABLE main.old.orders (id int)", statement_id="s-2"),
        audit("deleteCatalog", name_arg="old"),
    ]
    heard_ = [feed.hear(RawRecord(Position("uc", 0, at), None, orjson.dumps(row))) for at, row in enumerate(rows)]

    assert [(type(one), str(one.dataset)) for one in heard_[-1].observations] == [
        (DatasetGone, "unitycatalog://h/old.sales.orders")
    ]
