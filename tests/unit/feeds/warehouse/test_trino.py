"""Trino's events of completed queries become statements, and tables that a query made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.feeds.warehouse.spoken import Source, Warehouse, is_total
from watcher.feeds.warehouse.facts import Blind, ColumnImage, Image, Ran, Touched
from watcher.feeds.warehouse.sources.trino import decode

Event = dict[str, Any]


def completed(sql: str | None, update: str | None = "ADD COLUMN", kind: str | None = "DATA_DEFINITION") -> Event:
    """A completed query, as the listener writes it."""
    return {
        "eventPayload": {
            "metadata": {
                "queryId": "20260301_100000_00001_abcde",
                "transactionId": "5c2b",
                "encoding": "UTF-8",
                "query": sql,
                "updateType": update,
                "preparedQuery": None,
                "queryState": "FINISHED",
                "tables": [],
                "routines": [],
                "uri": "http://trino:8080/v1/query/20260301_100000_00001_abcde",
                "plan": None,
                "jsonPlan": None,
            },
            "statistics": {"cpuTime": 0.01},
            "context": {
                "user": "loader",
                "catalog": "lake",
                "schema": "sales",
                "source": "trino-cli",
                "queryType": kind,
                "environment": "production",
            },
            "ioMetadata": {"inputs": [], "output": None},
            "failureInfo": None,
            "warnings": [],
            "createTime": "2026-03-01T10:00:00.000Z",
            "executionStartTime": "2026-03-01T10:00:00.050Z",
            "endTime": "2026-03-01T10:00:00.123Z",
        },
        "eventMetadata": {"CLUSTER_ID": "foo"},
    }


def payload(event: Event) -> Event:
    found: Event = event["eventPayload"]
    return found


def made(*columns: Any) -> Event:
    """What CREATE TABLE … AS is to Trino: an INSERT whose update type is CREATE TABLE."""
    event = completed("CREATE TABLE daily AS SELECT * FROM orders", "CREATE TABLE", "INSERT")
    output = {
        "catalogName": "lake",
        "catalogVersion": "1",
        "schema": "sales",
        "table": "daily",
        "columns": list(columns),
    }
    payload(event)["ioMetadata"]["output"] = output
    return event


ADD = "ALTER TABLE orders ADD COLUMN note varchar"


def test_a_statement_runs_where_its_session_stood() -> None:
    """What defines data is run in the session's catalog and schema, with who, when and which query."""
    reading = Source(decode).say(completed(ADD))
    assert reading.facts == (Ran(ADD, ("lake", "sales"), "trino"),)
    assert (reading.by, reading.at) == ("loader", 1_772_359_200_123)
    assert reading.id == reading.query == "20260301_100000_00001_abcde"


@pytest.mark.parametrize("state", ["FAILED", "QUEUED", "RUNNING"])
def test_only_what_finished_is_told(state: str) -> None:
    """A query that failed, or that was only created, changes nothing."""
    event = completed(ADD)
    payload(event)["metadata"]["queryState"] = state
    assert Source(decode).say(event).kind == "ignored"


@pytest.mark.parametrize(
    ("update", "kind"), [(None, "SELECT"), ("INSERT", "INSERT"), ("DELETE", "DELETE"), ("MERGE", None)]
)
def test_what_defines_no_data_is_passed_over(update: str | None, kind: str | None) -> None:
    """Reads and writes of rows say nothing."""
    assert Source(decode).say(completed("SELECT 1", update, kind)).kind == "ignored"


@pytest.mark.parametrize("update", ["SET SESSION", "GRANT", "CREATE ROLE"])
def test_definitions_of_no_table_move_nothing(update: str) -> None:
    """Trino counts sessions and grants among data definitions: they change no table, with text or without."""
    heard = Warehouse(decode, "trino://t:8080", "trino").hear(completed(f"{update} x", update))
    assert (heard.observations, heard.unreadable) == ((), None)
    assert Source(decode).say(completed(None, update)).kind == "ignored"


def test_what_a_query_made_is_taken_from_its_output() -> None:
    """CREATE TABLE … AS, which Trino calls an INSERT, has its columns and their types in the event's output."""
    columns = (
        {"columnName": "id", "columnType": "bigint", "sourceColumns": []},
        {"columnName": "at", "columnType": "date"},
    )
    (image,) = Source(decode).say(made(*columns)).facts
    assert image == Image(("lake", "sales", "daily"), (ColumnImage("id", "bigint"), ColumnImage("at", "date")))


@pytest.mark.parametrize("columns", [(), ({"columnName": "id"},), (None,)])
def test_without_types_the_text_is_run(columns: tuple[Any, ...]) -> None:
    """An older release's output has no types: then the statement itself is run."""
    (fact,) = Source(decode).say(made(*columns)).facts
    assert isinstance(fact, Ran)


def test_what_was_prepared_is_what_ran() -> None:
    """Of EXECUTE the prepared text is run; without it, nobody knows what ran."""
    event = completed("EXECUTE stmt USING 1")
    payload(event)["metadata"]["preparedQuery"] = ADD
    assert Source(decode).say(event).facts == (Ran(ADD, ("lake", "sales"), "trino"),)
    payload(event)["metadata"]["preparedQuery"] = None
    (fact,) = Source(decode).say(event).facts
    assert isinstance(fact, Blind)


def test_a_session_without_a_schema_keeps_its_catalog() -> None:
    """With a catalog alone, a name of two parts is completed by it; with none, nothing is."""
    event = completed("CREATE TABLE sales.orders (id bigint)", "CREATE TABLE")
    payload(event)["context"]["schema"] = None
    heard = Warehouse(decode, "trino://t:8080", "trino").hear(event)
    assert [str(one.subject) for one in heard.observations if hasattr(one, "subject")] == ["lake.sales.orders"]
    payload(event)["context"]["catalog"] = None
    assert Source(decode).say(event).facts == (Ran("CREATE TABLE sales.orders (id bigint)", (), "trino"),)


@pytest.mark.parametrize("sql", [None, "", "3f786850e387550fdab836ed7e6dc881de23001b"])
def test_without_its_text_a_statement_touches_what_the_event_names(sql: str | None) -> None:
    """Where the text was left out, tables that the event names are touched; else it is a blind spot with a remedy."""
    event = completed(sql)
    payload(event)["metadata"]["tables"] = [{"catalog": "lake", "schema": "sales", "table": "orders"}]
    (fact,) = Source(decode).say(event).facts
    assert isinstance(fact, Touched)
    assert fact.name == ("lake", "sales", "orders")
    payload(event)["metadata"]["tables"] = []
    (fact,) = Source(decode).say(event).facts
    assert isinstance(fact, Blind)
    assert "excluded-fields" in fact.reason


def test_an_output_names_its_table_too() -> None:
    """A made table without text and types is touched by the output's name, in an older release's words as well."""
    event = made()
    payload(event)["metadata"]["query"] = None
    output = payload(event)["ioMetadata"]["output"]
    output["connectorId"] = output.pop("catalogName")
    (fact,) = Source(decode).say(event).facts
    assert isinstance(fact, Touched)
    assert fact.name == ("lake", "sales", "daily")


@pytest.mark.parametrize(
    "placed",
    [
        payload,
        lambda event: {"queryCompletedEvent": payload(event), "clusterName": "c"},
        lambda event: {"event": {"eventPayload": payload(event)}},
        lambda event: {"schema": {}, "payload": event},
    ],
)
def test_the_event_may_stand_elsewhere(placed: Any) -> None:
    """Releases and listeners put the event under other names: it says the same."""
    assert Source(decode).say(placed(completed(ADD))) == Source(decode).say(completed(ADD))


def test_an_event_without_its_kind_goes_by_its_text() -> None:
    """Where query type and update type were left out, the text tells whether data is defined."""
    assert Source(decode).say(completed(ADD, None, None)).facts
    assert Source(decode).say(completed("SELECT 1", None, None)).kind == "ignored"
    found = Source(decode).say(completed(None, None, None)).unreadable
    assert found is not None
    assert found.kind == "excluded-fields"


def test_an_event_without_its_state_goes_by_its_failure() -> None:
    """Where the state was left out, a failure or a query that never ended tells."""
    event = completed(ADD)
    payload(event)["metadata"]["queryState"] = None
    assert Source(decode).say(event).facts
    payload(event)["failureInfo"] = {"errorCode": {"code": 1}}
    assert Source(decode).say(event).kind == "ignored"


def test_what_is_no_event_is_unreadable() -> None:
    """A record of another topic says so."""
    found = Source(decode).say({"hello": 1}).unreadable
    assert found is not None
    assert found.kind == "not-an-event"
    assert Source(decode).silent().kind == "ignored"


def test_any_part_may_be_anything() -> None:
    """Whatever stands where something else is expected, a reading comes of it."""
    assert is_total(decode, made({"columnName": "id", "columnType": "bigint"})) > 300
    assert is_total(decode, completed(None)) > 300
