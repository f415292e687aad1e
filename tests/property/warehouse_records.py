"""Records as each warehouse source writes them, for tests that damage them: one of each kind that it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

COLUMNS = [{"name": "id", "type_text": "bigint", "nullable": False}, {"name": "note", "type_text": "string"}]
_FIELDS = [
    {"name": "id", "type": "INTEGER", "mode": "REQUIRED"},
    {"name": "lines", "type": "RECORD", "mode": "REPEATED", "fields": [{"name": "sku", "type": "STRING"}]},
]


def _text(document: object) -> str:
    return orjson.dumps(document).decode()


def _audited(action: str, **params: str) -> dict[str, Any]:
    return {
        "event_time": "2026-03-01T10:00:00.250Z",
        "service_name": "unityCatalog",
        "action_name": action,
        "request_id": "r-1",
        "event_id": f"e-{action}",
        "user_identity": {"email": "ana@shop.example"},
        "request_params": params,
        "response": {"status_code": 200},
    }


_DATABRICKS: list[dict[str, Any]] = [
    _audited("createTable", name="o", catalog_name="m", schema_name="s", columns=_text(COLUMNS)),
    _audited("updateTables", full_name_arg="m.s.o", new_name="p"),
    _audited("updateTables", full_name_arg="m.s.o"),
    _audited("deleteTable", full_name_arg="m.s.o"),
    _audited("deleteSchema", full_name_arg="m.s"),
    {
        "records": [
            {
                "time": "2026-03-01T10:00:00Z",
                "properties": {
                    "serviceName": "unityCatalog",
                    "actionName": "deleteTable",
                    "requestParams": _text({"full_name_arg": "m.s.o"}),
                    "response": _text({"statusCode": 200}),
                },
            }
        ]
    },
    {
        "statement_id": "s-1",
        "executed_by": "ana@shop.example",
        "execution_status": "FINISHED",
        "statement_text": "ALTER TABLE m.s.o DROP COLUMN note",
        "statement_type": "ALTER",
        "end_time": "2026-03-01T10:00:01Z",
    },
]

_REDSHIFT: list[dict[str, Any]] = [
    {
        "xid": 1,
        "pid": 2,
        "starttime": "2026-03-01 10:00:00.1",
        "endtime": "2026-03-01 10:00:00.2",
        "sequence": 0,
        "text": "DROP TABLE s.o".ljust(200),
    },
    {
        "query_id": 5,
        "session_id": 7,
        "database_name": "dev",
        "query_type": "DDL",
        "status": "success",
        "start_time": "2026-03-01T10:00:00Z",
        "query_text": "ALTER TABLE s.o ADD COLUMN b int",
    },
    {"query_id": 6, "sequence": 0, "chunks": 1, "database_name": "dev", "text": "CREATE TABLE s.o (id int)"},
    {"xid": 9, "starttime": 1772359200123, "type": "DDL", "text": "CREATE TABLE s.o (id int)"},
]

_GLUE_TABLE = {
    "name": "o",
    "storageDescriptor": {"columns": [{"name": "id", "type": "bigint"}]},
    "partitionKeys": [{"name": "day", "type": "date"}],
}


def _glue(kind: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "g-1",
        "detail-type": kind,
        "account": "123456789012",
        "time": "2026-03-01T10:00:07Z",
        "region": "eu-west-1",
        "detail": detail,
    }


def _called(action: str, params: dict[str, Any]) -> dict[str, Any]:
    detail = {"eventTime": "2026-03-01T10:00:07Z", "eventSource": "glue.amazonaws.com", "eventName": action}
    return _glue("AWS API Call via CloudTrail", {**detail, "requestParameters": params, "eventID": "c-1"})


_GLUE: list[dict[str, Any]] = [
    _glue(
        "Glue Data Catalog Table State Change",
        {"databaseName": "s", "typeOfChange": "UpdateTable", "tableName": "o", "changedPartitions": []},
    ),
    _glue(
        "Glue Data Catalog Database State Change",
        {"databaseName": "s", "typeOfChange": "DeleteTable", "changedTables": ["o"]},
    ),
    _called("UpdateTable", {"databaseName": "s", "tableInput": _GLUE_TABLE}),
    _called("BatchDeleteTable", {"databaseName": "s", "tablesToDelete": ["o", "p"]}),
    _called("DeleteDatabase", {"name": "s"}),
]

_CHANGE = {
    "source": {
        "connector": "mysql",
        "name": "inventory",
        "ts_ms": 1772359200123,
        "snapshot": "false",
        "db": "inventory",
    },
    "ts_ms": 1772359200123,
    "databaseName": "inventory",
    "schemaName": None,
    "ddl": "ALTER TABLE customers ADD COLUMN note VARCHAR(10)",
    "tableChanges": [
        {
            "type": "ALTER",
            "id": '"inventory"."customers"',
            "table": {
                "defaultCharsetName": "utf8mb4",
                "primaryKeyColumnNames": ["id"],
                "columns": [
                    {
                        "name": "id",
                        "jdbcType": 4,
                        "typeName": "INT",
                        "typeExpression": "INT",
                        "position": 1,
                        "optional": False,
                    },
                    {
                        "name": "note",
                        "jdbcType": 12,
                        "typeName": "VARCHAR",
                        "length": 10,
                        "position": 2,
                        "optional": True,
                    },
                ],
            },
        }
    ],
}
_DEBEZIUM: list[dict[str, Any]] = [
    _CHANGE,
    {"schema": {"type": "struct"}, "payload": _CHANGE},
    {**_CHANGE, "ddl": "DROP TABLE customers", "tableChanges": [{"type": "DROP", "id": '"inventory"."customers"'}]},
]

_DDL: list[dict[str, Any]] = [
    {"sql": "ALTER TABLE o DROP COLUMN note", "database": "d", "schema": "s", "id": "1", "at": "2026-03-01T10:00:00Z"},
    {
        "tables": [
            {"name": "d.s.o", "columns": [{"name": "id", "type": "int", "nullable": False}], "primary_key": ["id"]}
        ]
    },
    {"tables": [{"name": ["d", "s", "o"], "gone": True}], "touched": ["d.s.p"]},
]

_DATASET = {
    "namespace": "snowflake://acme",
    "name": "D.S.O",
    "facets": {
        "schema": {"fields": [{"name": "ID", "type": "NUMBER"}, {"name": "X", "type": "struct", "fields": []}]},
        "lifecycleStateChange": {"lifecycleStateChange": "ALTER"},
    },
}
_OPENLINEAGE: list[dict[str, Any]] = [
    {
        "eventTime": "2026-03-01T10:00:00.000Z",
        "eventType": "COMPLETE",
        "run": {"runId": "0176a8c2-fe01-7439-87e6-56a1a1b4029f", "facets": {}},
        "job": {"namespace": "jobs", "name": "load", "facets": {}},
        "inputs": [],
        "outputs": [_DATASET],
    },
    {
        "eventTime": "2026-03-01T10:00:00.000Z",
        "dataset": {
            **_DATASET,
            "facets": {
                "lifecycleStateChange": {
                    "lifecycleStateChange": "RENAME",
                    "previousIdentifier": {"name": "D.S.P", "namespace": "snowflake://acme"},
                }
            },
        },
    },
]


def _logged(event: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
        "insertId": "i-1",
        "timestamp": "2026-03-01T10:00:00Z",
        "resource": {"type": "bigquery_dataset", "labels": {"project_id": "p", "dataset_id": "d"}},
        "protoPayload": {
            "serviceName": "bigquery.googleapis.com",
            "methodName": "google.cloud.bigquery.v2.TableService.PatchTable",
            "resourceName": "projects/p/datasets/d/tables/o",
            "authenticationInfo": {"principalEmail": "ana@shop.example"},
            "metadata": {event: body},
        },
    }


_BIGQUERY: list[dict[str, Any]] = [
    _logged(
        "tableChange",
        {
            "table": {"tableName": "projects/p/datasets/d/tables/o", "schemaJson": _text({"fields": _FIELDS})},
            "reason": "TABLE_UPDATE_REQUEST",
        },
    ),
    _logged("tableDeletion", {"reason": "TABLE_DELETE_REQUEST"}),
]

_SNOWFLAKE: list[dict[str, Any]] = [
    {
        "QUERY_ID": "q-1",
        "QUERY_TEXT": "ALTER TABLE O DROP COLUMN NOTE",
        "DATABASE_NAME": "D",
        "SCHEMA_NAME": "S",
        "QUERY_TYPE": "ALTER_TABLE_DROP_COLUMN",
        "EXECUTION_STATUS": "SUCCESS",
        "END_TIME": "2026-03-01T10:00:00Z",
        "USER_NAME": "ANA",
    },
    {
        "query_id": "q-2",
        "query_start_time": "2026-03-01T10:00:00Z",
        "user_name": "ANA",
        "object_modified_by_ddl": {
            "objectDomain": "Table",
            "objectId": 2612260,
            "objectName": "D.S.O",
            "operationType": "ALTER",
            "properties": {"columns": {"YEAR": {"objectId": {"value": 8763407}, "subOperationType": "ADD"}}},
        },
    },
    {
        "query_id": "q-3",
        "object_modified_by_ddl": {
            "objectDomain": "Table",
            "objectName": "D.S.O",
            "operationType": "ALTER",
            "properties": {"objectName": {"value": "D.S.P"}},
        },
    },
]

_TRINO: list[dict[str, Any]] = [
    {
        "eventPayload": {
            "metadata": {
                "queryId": "20260301_100000_00001_abcde",
                "query": "ALTER TABLE o DROP COLUMN note",
                "updateType": "DROP COLUMN",
                "queryState": "FINISHED",
            },
            "context": {"user": "ana", "catalog": "c", "schema": "s", "queryType": "DATA_DEFINITION"},
            "ioMetadata": {"inputs": [], "output": None},
            "endTime": "2026-03-01T10:00:00Z",
        },
        "eventMetadata": {"CLUSTER_ID": "foo"},
    }
]

_ROW = {
    "kind": "image",
    "tag": "ALTER TABLE",
    "oid": 16_400,
    "database": "shop",
    "schema": "public",
    "name": "orders",
    "view": False,
    "columns": [{"number": 1, "name": "id", "type": "bigint", "required": True, "default": "nextval('s'::regclass)"}],
    "keys": [{"primary": True, "columns": ["id"]}],
}
_POSTGRES: list[dict[str, Any]] = [
    {"xid": 750, "cursor": 12, "by": "ana", "query": "ALTER TABLE orders DROP COLUMN note", "rows": [_ROW]},
    {"xid": 751, "cursor": 13, "rows": [{**_ROW, "kind": "gone"}]},
    {"cursor": 14, "rows": [{"kind": "failed", "tag": "CREATE TABLE", "state": "42501", "message": "no"}]},
    {"cursor": 15, "lost": "the outbox was emptied before it was read"},
]

RECORDS: Mapping[str, list[dict[str, Any]]] = {
    "bigquery": _BIGQUERY,
    "databricks": _DATABRICKS,
    "ddl": _DDL,
    "debezium": _DEBEZIUM,
    "glue": _GLUE,
    "openlineage": _OPENLINEAGE,
    "postgres": _POSTGRES,
    "redshift": _REDSHIFT,
    "snowflake": _SNOWFLAKE,
    "trino": _TRINO,
}
