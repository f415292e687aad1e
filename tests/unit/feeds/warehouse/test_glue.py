"""Glue's events, as EventBridge and CloudTrail write them, become facts."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from watcher.feeds.warehouse.facts import Blind, ColumnImage, Fact, Gone, Image, Memory, Ran, Reading, Touched
from watcher.feeds.warehouse.feed import Decoders, WarehouseFeed
from watcher.feeds.warehouse.naming import Naming
from watcher.feeds.warehouse.sources import glue
from watcher.feeds.warehouse.sources.glue import decode
from watcher.model.dataset import Position, RawRecord
from watcher.model.observation import DatasetGone

WHERE = "arn:aws:glue:eu-west-1:123456789012"
ORDERS = ("sales", "orders")
INPUT: dict[str, Any] = {
    "name": "Orders",
    "tableType": "EXTERNAL_TABLE",
    "storageDescriptor": {
        "columns": [
            {"name": "id", "type": "bigint"},
            {"name": "Lines", "type": "array<struct<sku:string,qty:int>>", "comment": "what was bought"},
        ],
        "location": "s3://lake/orders",
    },
    "partitionKeys": [{"name": "day", "type": "date"}],
    "parameters": {"classification": "parquet"},
}


def heard(row: object, memory: Memory | None = None) -> Reading:
    value = row if isinstance(row, bytes) else orjson.dumps(row)
    return decode(RawRecord(Position("glue", 0, 1), None, value), {} if memory is None else memory)


def state(change: str, *, second: int = 7, kind: str = "Table", **detail: Any) -> dict[str, Any]:
    """An event that Glue itself sends to EventBridge."""
    return {
        "version": "0",
        "id": f"ev-{change}-{second}",
        "detail-type": f"Glue Data Catalog {kind} State Change",
        "source": "aws.glue",
        "account": "123456789012",
        "time": f"2026-03-01T10:00:{second:02}Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:glue:eu-west-1:123456789012:table/sales/orders"],
        "detail": {"databaseName": "Sales", "typeOfChange": change} | detail,
    }


def call(action: str, *, second: int = 7, **detail: Any) -> dict[str, Any]:
    """A call of Glue's API, as CloudTrail hands it to EventBridge."""
    return {
        "version": "0",
        "id": "bus-1",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.glue",
        "account": "123456789012",
        "time": "2026-03-01T10:00:09Z",
        "region": "eu-west-1",
        "detail": {
            "eventVersion": "1.08",
            "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/etl/ana"},
            "eventTime": f"2026-03-01T10:00:{second:02}Z",
            "eventSource": "glue.amazonaws.com",
            "eventName": action,
            "awsRegion": "eu-west-1",
            "requestParameters": {"databaseName": "sales"},
            "responseElements": None,
            "requestID": "rq-1",
            "eventID": "ct-1",
            "recipientAccountId": "123456789012",
        }
        | detail,
    }


def test_a_state_change_touches() -> None:
    """A table that was made or updated is to be read again: Glue's own events carry no columns."""
    made = heard(state("CreateTable", kind="Database", changedTables=["Orders", "lines"]))
    assert [(type(one), getattr(one, "name", None), getattr(one, "namespace", None)) for one in made.facts] == [
        (Touched, ORDERS, WHERE),
        (Touched, ("sales", "lines"), WHERE),
    ]
    assert (made.kind, made.id, made.at) == ("state-change", "ev-CreateTable-7", 1772359207000)
    updated = heard(state("UpdateTable", tableName="orders", changedPartitions=[]))
    assert [(type(one), getattr(one, "name", None)) for one in updated.facts] == [(Touched, ORDERS)]


@pytest.mark.parametrize("change", ["DeleteTable", "BatchDeleteTable"])
def test_deleted(change: str) -> None:
    """A deleted table is gone."""
    assert heard(state(change, kind="Database", changedTables=["orders"])).facts == (Gone(ORDERS, namespace=WHERE),)


def test_a_database_that_goes() -> None:
    """A deleted database takes its tables with it, in the catalogue that the event comes from."""
    expected = (Ran("DROP SCHEMA sales CASCADE", namespace=WHERE),)
    assert heard(state("DeleteDatabase", kind="Database")).facts == expected
    assert heard(call("DeleteDatabase", requestParameters={"name": "sales"})).facts == expected
    odd = heard(state("DeleteDatabase", kind="Database", databaseName="raw-zone"))
    assert odd.facts == (Ran("DROP SCHEMA `raw-zone` CASCADE", namespace=WHERE),)


def test_a_call_shows_the_table() -> None:
    """A recorded call carries the whole table in Hive's types; the columns that part it come last."""
    reading = heard(call("UpdateTable", requestParameters={"databaseName": "sales", "tableInput": INPUT}))
    assert reading.facts == (
        Image(
            ORDERS,
            (
                ColumnImage("id", "bigint", nullable=None),
                ColumnImage("lines", "array<struct<sku:string,qty:int>>", nullable=None, comment="what was bought"),
                ColumnImage("day", "date", nullable=None),
            ),
            dialect="hive",
            namespace=WHERE,
        ),
    )
    assert (reading.id, reading.at, reading.query) == ("ct-1", 1772359207000, "rq-1")
    assert reading.by == "arn:aws:sts::123456789012:assumed-role/etl/ana"


def test_a_bare_record_of_cloudtrail() -> None:
    """A record without EventBridge's envelope is the same."""
    bare = call("CreateTable", requestParameters={"databaseName": "sales", "tableInput": INPUT})
    assert heard(bare["detail"]).facts == heard(bare).facts != ()


def test_another_accounts_catalogue() -> None:
    """The account that owns the catalogue is the namespace, not the one that called."""
    params = {"databaseName": "sales", "catalogId": "210987654321", "name": "orders"}
    assert heard(call("DeleteTable", requestParameters=params)).facts == (
        Gone(ORDERS, namespace="arn:aws:glue:eu-west-1:210987654321"),
    )
    unknown = heard(state("DeleteTable", tableName="orders") | {"region": None, "account": "x"})
    assert unknown.facts == (Gone(ORDERS, namespace=None),)


@pytest.mark.parametrize(
    "given",
    [
        INPUT | {"storageDescriptor": {}},
        INPUT | {"storageDescriptor": {"columns": []}},
        INPUT | {"storageDescriptor": {"columns": [{"name": "x"}]}},
        INPUT | {"parameters": {"spark.sql.sources.schema.numParts": "1"}},
        INPUT | {"partitionKeys": "?"},
    ],
)
def test_columns_elsewhere(given: dict[str, Any]) -> None:
    """A table whose columns are not told, or kept in Spark's own words, is to be read again."""
    facts = heard(call("UpdateTable", requestParameters={"databaseName": "sales", "tableInput": given})).facts
    assert [(type(one), getattr(one, "name", None)) for one in facts] == [(Touched, ORDERS)]


def test_iceberg_columns() -> None:
    """Iceberg's own numbers name the columns; those of earlier versions are no columns any more."""
    parameters = {"iceberg.field.current": "true", "iceberg.field.id": "1", "iceberg.field.optional": "false"}
    columns = [
        {"name": "id", "type": "bigint", "parameters": parameters},
        {"name": "old", "type": "string", "parameters": {"iceberg.field.current": "false", "iceberg.field.id": "2"}},
    ]
    given = {"name": "orders", "storageDescriptor": {"columns": columns}}
    (image,) = heard(call("UpdateTable", requestParameters={"databaseName": "sales", "tableInput": given})).facts
    assert isinstance(image, Image)
    assert image.columns == (ColumnImage("id", "bigint", nullable=False, id="1"),)


def test_some_of_a_batch() -> None:
    """Of a batch, what could not be deleted is still there."""
    params = {"databaseName": "sales", "tablesToDelete": ["orders", "lines"]}
    errors = {"errors": [{"tableName": "lines", "errorDetail": {"errorCode": "EntityNotFoundException"}}]}
    facts = heard(call("BatchDeleteTable", requestParameters=params, responseElements=errors)).facts
    assert facts == (Gone(ORDERS, namespace=WHERE),)


@pytest.mark.parametrize(
    "row",
    [
        call("GetTable", requestParameters={"databaseName": "sales", "name": "orders"}),
        call("DeleteTable", errorCode="AccessDeniedException", requestParameters={"databaseName": "a", "name": "b"}),
        call("DeleteTable", eventSource="s3.amazonaws.com", requestParameters={"databaseName": "a", "name": "b"}),
        call("RegisterSchemaVersion", requestParameters={"schemaId": {"schemaName": "orders"}}),
        state("BatchCreatePartition", tableName="orders", changedPartitions=["[2026-03-01]"]),
        state("UpdatePartition", tableName="orders"),
        state("CreateDatabase", kind="Database"),
        {"detail-type": "Glue Job State Change", "source": "aws.glue", "detail": {"state": "SUCCEEDED"}},
        b"",
    ],
)
def test_ignored(row: object) -> None:
    """Reads, failures, partitions, jobs and the schema registry say nothing about a table."""
    reading = heard(row)
    assert (reading.kind, reading.facts, reading.unreadable) == ("ignored", (), None)


def kinds(facts: tuple[Fact, ...]) -> list[type]:
    return [type(one) for one in facts]


def test_order() -> None:
    """What is older than what was heard of a table is late; for one moment, gone and there is neither."""
    memory: dict[str, bytes] = {}

    assert kinds(heard(state("UpdateTable", second=20, tableName="orders"), memory).facts) == [Touched]
    late = heard(state("DeleteTable", second=10, tableName="orders"), memory)
    assert (late.kind, late.facts) == ("late", ())
    params = {"databaseName": "sales", "tableInput": INPUT}
    assert kinds(heard(call("UpdateTable", second=18, requestParameters=params), memory).facts) == [Image]
    assert heard(call("UpdateTable", second=17, requestParameters=params), memory).facts == ()
    assert kinds(heard(state("DeleteTable", second=20, tableName="orders"), memory).facts) == [Touched]
    assert kinds(heard(state("DeleteTable", second=30, tableName="orders"), memory).facts) == [Gone]
    assert heard(call("UpdateTable", second=29, requestParameters=params), memory).facts == ()
    assert kinds(heard(state("DeleteTable", second=10, tableName="other"), memory).facts) == [Gone]


def test_bounded() -> None:
    """Of however many tables is heard, the memory has its bound."""
    memory: dict[str, bytes] = {}
    for number in range(6 * glue.MAX_TABLES):
        heard(state("UpdateTable", tableName=f"t{number}", second=number % 60), memory)
    assert len(memory) <= glue.MAX_HEARD + 1


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"a": 1}, "not-an-event"),
        (state("DeleteTable", kind="Database", changedTables=["t"] * 1_001), "too-large"),
        ({"detail-type": "Glue Data Catalog Table State Change", "detail": 7}, "no-change"),
        (b'"x"', "not-an-object"),
        (b"\xff", "not-utf-8"),
    ],
)
def test_unreadable(row: object, kind: str) -> None:
    """What cannot be understood as a whole says why."""
    reading = heard(row)
    assert reading.unreadable is not None
    assert reading.unreadable.kind == kind


@pytest.mark.parametrize(
    "row",
    [
        state("UpdateTable"),
        state("DeleteDatabase", kind="Database", databaseName=None),
        state("DeleteTable", changedTables=[None]),
        call("DeleteTable", requestParameters=None),
        call("DeleteDatabase", requestParameters={}),
        call("BatchDeleteTable", requestParameters={"databaseName": "sales"}),
        call("UpdateTable", requestParameters={"omitted": True}),
    ],
)
def test_nameless(row: dict[str, Any]) -> None:
    """A change that does not name its table is a blind spot of the catalogue."""
    assert kinds(heard(row).facts) == [Blind]


def test_two_catalogues() -> None:
    """A database that goes in one account's catalogue leaves that of another as it is."""
    feed = WarehouseFeed("glue", Decoders(decode, decode), Naming(WHERE), dialect="trino")
    params = {"databaseName": "sales", "tableInput": INPUT}
    rows = [
        call("CreateTable", requestParameters=params),
        call("CreateTable", requestParameters=params | {"catalogId": "210987654321"}, eventID="ct-2"),
        call("DeleteDatabase", requestParameters={"name": "sales", "catalogId": "210987654321"}, eventID="ct-3"),
    ]
    heard_ = [feed.hear(RawRecord(Position("glue", 0, at), None, orjson.dumps(row))) for at, row in enumerate(rows)]

    assert [str(one.dataset) for each in heard_ for one in each.observations] == [
        f"{WHERE}/table/sales/orders",
        "arn:aws:glue:eu-west-1:210987654321/table/sales/orders",
        "arn:aws:glue:eu-west-1:210987654321/table/sales/orders",
    ]
    assert isinstance(heard_[-1].observations[0], DatasetGone)
