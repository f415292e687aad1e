"""BigQuery's audit log entries become tables as they stand after each change."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest

from tests.unit.feeds.warehouse.spoken import Source, Warehouse, is_total
from watcher.feeds.warehouse.facts import Blind, ColumnImage, Gone, Image, Ran, Touched
from watcher.feeds.warehouse.sources.bigquery import MAX_STATEMENTS, decode
from watcher.feeds.warehouse.sources.bigquery_schema import columns_of
from watcher.formats.sql.types import read_type
from watcher.model.observation import DatasetGone, DatasetSeen
from watcher.model.types import Unknown

NAME = ("acme", "sales", "orders")
RESOURCE = "projects/acme/datasets/sales/tables/orders"
ID: dict[str, Any] = {"name": "id", "type": "INTEGER", "mode": "REQUIRED"}
EMAIL: dict[str, Any] = {
    "name": "email",
    "type": "STRING",
    "maxLength": "320",
    "description": "where to write to",
    "policyTags": {"names": ["projects/acme/locations/eu/taxonomies/1/policyTags/2"]},
}


def table(*fields: Any, name: str = RESOURCE, **more: Any) -> dict[str, Any]:
    return {"tableName": name, "schemaJson": orjson.dumps({"fields": fields}).decode(), **more}


def entry(event: str, body: Any, *, insert: str = "i1", resource: str = RESOURCE, **more: Any) -> dict[str, Any]:
    """A log entry, as Cloud Logging writes it."""
    return {
        "logName": "projects/acme/logs/cloudaudit.googleapis.com%2Factivity",
        "insertId": insert,
        "timestamp": "2026-03-01T10:00:00.123456Z",
        "receiveTimestamp": "2026-03-01T10:00:01Z",
        "severity": "NOTICE",
        "resource": {"type": "bigquery_dataset", "labels": {"project_id": "acme", "dataset_id": "sales"}},
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "serviceName": "bigquery.googleapis.com",
            "methodName": "google.cloud.bigquery.v2.TableService.UpdateTable",
            "resourceName": resource,
            "status": {},
            "authenticationInfo": {"principalEmail": "loader@acme.example"},
            "metadata": {"@type": "type.googleapis.com/google.cloud.audit.BigQueryAuditMetadata", event: body},
            **more,
        },
    }


def changed(*fields: Any, job: str | None = None, event: str = "tableChange", **more: Any) -> dict[str, Any]:
    insert = more.pop("insert", "i1")
    return entry(event, {"table": table(*fields, **more), "reason": "QUERY", "jobName": job}, insert=insert)


def job(sql: str, name: str = "projects/acme/jobs/j1", event: str = "jobInsertion", **more: Any) -> dict[str, Any]:
    config = {"type": "QUERY", "queryConfig": {"query": sql, "statementType": "ALTER_TABLE"}}
    body = {"job": {"jobName": name, "jobConfig": config, **more}}
    return entry(event, body, insert=f"{name}/{event}", resource=name)


def test_a_table_is_shown_whole() -> None:
    """A change's entry gives the table as it stands: required is not null, policy tags are classes, who and when."""
    reading = Source(decode).say(changed(ID, EMAIL, job="projects/acme/jobs/j7"))
    tags = ("projects/acme/locations/eu/taxonomies/1/policyTags/2",)
    columns = (
        ColumnImage("id", "INT64", nullable=False, classes=()),
        ColumnImage("email", "STRING(320)", nullable=True, comment="where to write to", classes=tags),
    )
    assert reading.facts == (Image(NAME, columns),)
    assert (reading.at, reading.by, reading.query) == (1_772_359_200_123, "loader@acme.example", "j7")
    assert reading.kind == "tableChange"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ({"type": "FLOAT"}, "FLOAT64"),
        ({"type": "BOOLEAN"}, "BOOL"),
        ({"type": "NUMERIC", "precision": "10", "scale": "2"}, "NUMERIC(10, 2)"),
        ({"type": "NUMERIC", "precision": "10"}, "NUMERIC(10)"),
        ({"type": "BYTES", "maxLength": "16"}, "BYTES(16)"),
        ({"type": "TIMESTAMP", "mode": "REPEATED"}, "ARRAY<TIMESTAMP>"),
        (
            {
                "type": "RECORD",
                "mode": "REPEATED",
                "fields": [ID, {"name": "a b", "type": "STRING", "mode": "REPEATED"}],
            },
            "ARRAY<STRUCT<id INT64 NOT NULL, `a b` ARRAY<STRING>>>",
        ),
        ({"type": "STRUCT", "fields": [{"name": "not", "type": "DATE"}]}, "STRUCT<`not` DATE>"),
    ],
)
def test_types_are_in_the_words_of_sql(field: dict[str, Any], text: str) -> None:
    """A column's type is written as BigQuery's DDL writes it, and can be read again."""
    columns = columns_of(orjson.dumps({"fields": [{"name": "c", **field}]}).decode())
    assert columns is not None
    assert columns[0].type == text
    assert not isinstance(read_type(text, "bigquery"), Unknown)


def test_a_range_says_of_what() -> None:
    """A range's type names what it ranges over."""
    field = {"name": "c", "type": "RANGE", "rangeElementType": {"type": "DATE"}}
    assert (columns_of(orjson.dumps({"fields": [field]}).decode()) or ())[0].type == "RANGE<DATE>"


def test_tags_within_a_struct_are_its_column_s() -> None:
    """Who reads a struct reads the tagged member within it: its tags are the column's."""
    field = {"name": "who", "type": "RECORD", "fields": [{**EMAIL, "mode": "REPEATED"}]}
    (image,) = Source(decode).say(changed(field)).facts
    assert isinstance(image, Image)
    assert image.columns[0].classes == ("projects/acme/locations/eu/taxonomies/1/policyTags/2",)


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda one: {"message": {"data": base64.b64encode(orjson.dumps(one)).decode(), "messageId": "1"}},
        lambda one: {"message": base64.b64encode(orjson.dumps(one)).decode(), "key": "k"},
        lambda one: {"data": orjson.dumps(one).decode()},
        lambda one: {"schema": {"type": "bytes"}, "payload": one},
        lambda one: {"receivedMessage": 1, "message": {"data": base64.b64encode(orjson.dumps(one)).decode()}},
    ],
)
def test_what_pubsub_puts_around_it(wrapped: Any) -> None:
    """The entry says the same however Pub/Sub and its connectors wrap it."""
    assert Source(decode).say(wrapped(changed(ID))) == Source(decode).say(changed(ID))


def test_a_row_of_the_sink_s_table() -> None:
    """A row of the log sink's own BigQuery table says what the entry said."""
    one = changed(ID)
    payload = one.pop("protoPayload")
    payload["metadataJson"] = orjson.dumps(payload.pop("metadata")).decode()
    row = {**one, "protopayload_auditlog": payload, "timestamp": "2026-03-01 10:00:00.123456 UTC"}
    assert Source(decode).say(row) == Source(decode).say(changed(ID))


def test_a_failed_call_says_nothing() -> None:
    """An entry whose call failed changes nothing."""
    assert Source(decode).say(entry("tableDeletion", {}, status={"code": 7, "message": "denied"})).facts == ()
    assert Source(decode).say(entry("tableDeletion", {})).facts == (Gone(NAME),)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"schemaJson": None}, "is not in"),
        ({"schemaJsonTruncated": True}, "over 40 KB"),
        ({"schemaJson": '{"fields": [{"name": "a"'}, "cannot be read"),
        ({"schemaJson": '{"fields": [{"name": "a"}]}'}, "cannot be read"),
    ],
)
def test_a_table_without_a_schema_is_touched(more: dict[str, Any], why: str) -> None:
    """What shows no columns is to be read again, and says why."""
    (fact,) = Source(decode).say(changed(ID, **more)).facts
    assert isinstance(fact, Touched)
    assert fact.name == NAME
    assert why in fact.reason


def test_truncated_rows_are_not_a_truncated_schema() -> None:
    """`truncated` says that the table's rows went: its schema is shown all the same."""
    (fact,) = Source(decode).say(entry("tableChange", {"table": table(ID), "truncated": True})).facts
    assert isinstance(fact, Image)


@pytest.mark.parametrize("suffix", ["$20240101", "@1700000000000", "$__UNPARTITIONED__"])
def test_decorators_are_no_part_of_a_name(suffix: str) -> None:
    """A partition's or snapshot's decorator is cut off."""
    reading = Source(decode).say(entry("tableDeletion", {"reason": "EXPIRED"}, resource=RESOURCE + suffix))
    assert reading.facts == (Gone(NAME),)


def test_the_id_is_the_entry_s_and_its_event_s() -> None:
    """The same entry has the same id, another event another one; without insertId there is none."""
    source = Source(decode)
    one, same = source.say(changed(ID)), source.say(changed(ID))
    other = source.say(entry("tableDeletion", {}))
    assert one.id == same.id
    assert one.id != other.id
    assert source.say({**changed(ID), "insertId": None}).id is None


def test_hidden_datasets_are_none_of_our_business() -> None:
    """Results of queries and temporary tables, which BigQuery keeps in datasets of its own, are passed over."""
    name = "projects/acme/datasets/_0123abcd/tables/anon1"
    assert Source(decode).say(entry("tableCreation", {"table": table(ID, name=name)}, resource=name)).facts == ()


def test_a_primary_key_is_told_where_constraints_are() -> None:
    """With constraints in the entry the key is known, also as none; without them it is not said."""
    source = Source(decode)
    keyed = source.say(changed(ID, tableConstraints={"primaryKey": {"columns": ["id"]}})).facts[0]
    unkeyed = source.say(changed(ID, tableConstraints={"foreignKeys": []})).facts[0]
    unsaid = source.say(changed(ID)).facts[0]
    assert [one.primary_key for one in (keyed, unkeyed, unsaid) if isinstance(one, Image)] == [("id",), (), None]


def test_a_view_is_followed_and_shown() -> None:
    """A view's text runs first, so that it follows its tables; then its columns are as BigQuery shows them."""
    query = "SELECT id FROM `acme.sales.raw`"
    ran, image = Source(decode).say(changed(ID, view={"query": query})).facts
    assert isinstance(ran, Ran)
    assert ran.sql == f"CREATE OR REPLACE VIEW `acme`.`sales`.`orders` AS {query}"
    assert isinstance(image, Image)
    assert image.view


@pytest.mark.parametrize("view", [{"query": "SELECT 1", "queryTruncated": True}, {"query": "SELECT a FROM [p:d.t]"}])
def test_a_view_that_cannot_be_followed_is_shown(view: dict[str, Any]) -> None:
    """A view of a cut text, or in legacy SQL, is shown by its columns alone."""
    (image,) = Source(decode).say(changed(ID, view=view)).facts
    assert isinstance(image, Image)
    assert image.view


def test_jobs_alone_say_nothing() -> None:
    """A job's entry changes no table: the table's own entry does."""
    source = Source(decode)
    assert source.say(job("ALTER TABLE sales.orders ADD COLUMN a INT64")).facts == ()
    assert not source.memory


def test_a_renamed_column_is_one_column() -> None:
    """With the job's statement known, a rename keeps the column's identity; the job's later entry does nothing."""
    warehouse = Warehouse(decode, "bigquery", "bigquery")
    before = warehouse.table(warehouse.hear(changed(ID, EMAIL, event="tableCreation", insert="1")))
    sql = "ALTER TABLE sales.orders RENAME COLUMN email TO mail -- `x`"
    assert warehouse.hear(job(sql)).kind == "ignored"
    heard = warehouse.hear(changed(ID, {**EMAIL, "name": "mail"}, job="projects/acme/jobs/j1", insert="2"))
    after = warehouse.table(heard)
    assert [one["name"] for one in after["columns"]] == ["id", "mail"]
    assert [one["id"] for one in after["columns"]] == [one["id"] for one in before["columns"]]
    assert heard.unreadable is None
    assert warehouse.hear(job(sql, event="jobChange")).observations == ()


def test_a_rename_whose_job_comes_late_is_told_once() -> None:
    """Where the table's entry comes first, a column went and one came; the job's entry adds nothing to that."""
    warehouse = Warehouse(decode, "bigquery", "bigquery")
    before = warehouse.table(warehouse.hear(changed(ID, EMAIL, event="tableCreation", insert="1")))
    after = warehouse.table(
        warehouse.hear(changed(ID, {**EMAIL, "name": "mail"}, job="projects/acme/jobs/j1", insert="2"))
    )
    assert before["columns"][1]["id"] != after["columns"][1]["id"]
    late = warehouse.hear(job("ALTER TABLE sales.orders RENAME COLUMN email TO mail", event="jobChange"))
    assert (late.observations, late.unreadable, late.blind) == ((), None, ())


def test_a_failed_job_renames_nothing() -> None:
    """A statement whose job failed is forgotten."""
    source = Source(decode)
    source.say(job("ALTER TABLE sales.orders RENAME COLUMN email TO mail"))
    source.say(job("ALTER TABLE …", event="jobChange", jobStatus={"errorResult": {"code": 3}}))
    (fact,) = source.say(changed(ID, job="projects/acme/jobs/j1")).facts
    assert isinstance(fact, Image)


@pytest.mark.parametrize("order", [("tableDeletion", "tableCreation"), ("tableCreation", "tableDeletion")])
def test_a_renamed_table_is_one_table(order: tuple[str, str]) -> None:
    """A rename seen as a table that came and one that went is one rename, in either order."""
    warehouse = Warehouse(decode, "bigquery", "bigquery")
    before = warehouse.table(warehouse.hear(changed(ID, event="tableCreation", insert="1")))
    warehouse.hear(job("ALTER TABLE IF EXISTS acme.sales.orders RENAME TO orders_old"))
    new = "projects/acme/datasets/sales/tables/orders_old"
    of = {
        "tableDeletion": entry("tableDeletion", {"jobName": "projects/acme/jobs/j1"}, insert="2"),
        "tableCreation": changed(ID, name=new, job="projects/acme/jobs/j1", event="tableCreation", insert="3"),
    }
    first, second = (warehouse.hear(of[one]) for one in order)
    kinds = {one.dataset: type(one) for one in first.observations}
    assert kinds == {"bigquery/acme.sales.orders": DatasetGone, "bigquery/acme.sales.orders_old": DatasetSeen}
    assert warehouse.table(first)["columns"] == before["columns"]
    assert (second.observations, second.unreadable) == ((), None)


def test_a_script_s_text_renames_nothing() -> None:
    """Text with more than one statement is not read for renames: its children have entries of their own."""
    source = Source(decode)
    source.say(job("ALTER TABLE sales.orders RENAME COLUMN a TO b; ALTER TABLE sales.x RENAME COLUMN c TO d"))
    (fact,) = source.say(changed(ID, job="projects/acme/jobs/j1")).facts
    assert isinstance(fact, Image)


def test_remembered_statements_are_bounded() -> None:
    """However many jobs rename, only so many of their statements are kept."""
    source = Source(decode)
    for number in range(MAX_STATEMENTS + 50):
        source.say(job("ALTER TABLE a.b RENAME COLUMN c TO d", name=f"projects/acme/jobs/j{number}"))
    assert len(source.memory) <= MAX_STATEMENTS


def test_a_deleted_dataset_takes_its_tables_with_it() -> None:
    """All known tables of a dataset go with it; their own entries do nothing then."""
    warehouse = Warehouse(decode, "bigquery", "bigquery")
    warehouse.hear(changed(ID, event="tableCreation", insert="1"))
    heard = warehouse.hear(entry("datasetDeletion", {}, insert="2", resource="projects/acme/datasets/sales"))
    assert [type(one) for one in heard.observations] == [DatasetGone]
    assert warehouse.hear(entry("tableDeletion", {}, insert="3")).observations == ()


def test_a_restored_dataset_is_a_blind_spot() -> None:
    """Tables that come back with their dataset have no entries: it is said."""
    (fact,) = Source(decode).say(job("UNDROP SCHEMA sales", event="jobChange")).facts
    assert isinstance(fact, Blind)
    assert fact.kind == "schema-restored"


def test_labels_are_no_change() -> None:
    """A change of labels or description shows the same table: nothing is told."""
    warehouse = Warehouse(decode, "bigquery", "bigquery")
    warehouse.hear(changed(ID, event="tableCreation", insert="1"))
    heard = warehouse.hear(changed(ID, insert="2", tableInfo={"labels": {"team": "x"}}))
    assert heard.observations == ()


def test_a_table_s_entry_without_metadata_is_touched() -> None:
    """An entry about a table that was exported without its metadata is no silence."""
    one = entry("tableChange", {})
    one["protoPayload"]["metadata"] = None
    (fact,) = Source(decode).say(one).facts
    assert isinstance(fact, Touched)
    one["protoPayload"]["methodName"] = "google.cloud.bigquery.v2.TableService.ListTables"
    assert Source(decode).say(one).facts == ()


def test_what_is_no_entry_is_unreadable() -> None:
    """A record that is no log entry says what it should be; other services' entries are passed over."""
    source = Source(decode)
    found = source.say({"hello": 1}).unreadable
    assert found is not None
    assert found.kind == "not-a-log-entry"
    assert source.say({"insertId": "1", "textPayload": "x"}).kind == "ignored"
    assert source.silent().kind == "ignored"


def test_a_hostile_entry_ends() -> None:
    """Names and texts of a million characters are read in their length, not in its square."""
    resource = "projects/a/datasets/b/tables/" + "$@" * 500_000
    assert len(Source(decode).say(entry("tableDeletion", {}, resource=resource)).facts) == 1
    query = "SELECT " + "[a.b" * 200_000 + "# " * 100_000
    assert len(Source(decode).say(changed(ID, view={"query": query})).facts) == 2
    assert Source(decode).say({"message": "A" * 1_000_000}).unreadable is not None


def test_deep_schemas_end() -> None:
    """A schema nested without end is not read, and the table touched."""
    field: dict[str, Any] = ID
    for _ in range(100):
        field = {"name": "s", "type": "RECORD", "fields": [field]}
    (fact,) = Source(decode).say(changed(field)).facts
    assert isinstance(fact, Touched)


def test_any_part_may_be_anything() -> None:
    """Whatever stands where something else is expected, a reading comes of it."""
    one = changed(ID, EMAIL, view={"query": "SELECT 1"}, tableConstraints={"primaryKey": {"columns": ["id"]}})
    assert is_total(decode, one) > 200
    assert is_total(decode, job("ALTER TABLE a RENAME COLUMN b TO c", event="jobChange")) > 100
    assert (
        is_total(lambda record, memory: decode(record, {**memory, "job|j": b"ALTER TABLE `"}), changed(ID, job="j")) > 9
    )
    schema = {"fields": [{**EMAIL, "fields": [ID]}]}
    assert all(columns_of(orjson.dumps(schema)[:end].decode()) is None for end in range(40))
