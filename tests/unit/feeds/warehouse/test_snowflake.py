"""Rows of Snowflake's query and access history become statements and moves of tables."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.unit.feeds.warehouse.spoken import Source, Warehouse, is_total
from watcher.feeds.warehouse.facts import Blind, Gone, Ran, Renamed, Swapped, Touched
from watcher.feeds.warehouse.sources.snowflake import MAX_QUERIES, MAX_TEXT, decode
from watcher.model.observation import DatasetGone

Row = dict[str, Any]


def query(sql: str | None, kind: str | None = "CREATE_TABLE", *, number: str = "01b2", **more: Any) -> Row:
    """A row of QUERY_HISTORY."""
    return {
        "QUERY_ID": number,
        "QUERY_TEXT": sql,
        "DATABASE_NAME": "SHOP",
        "SCHEMA_NAME": "SALES",
        "QUERY_TYPE": kind,
        "SESSION_ID": 12,
        "USER_NAME": "LOADER",
        "ROLE_NAME": "TRANSFORMER",
        "QUERY_TAG": "",
        "EXECUTION_STATUS": "SUCCESS",
        "ERROR_CODE": None,
        "START_TIME": "2026-03-01 10:00:00.000 +0000",
        "END_TIME": "2026-03-01 10:00:00.123 +0000",
        **more,
    }


def access(operation: str, properties: Any = None, *, number: str = "01b2", **more: Any) -> Row:
    """A row of ACCESS_HISTORY."""
    changed = {
        "objectDomain": "Table",
        "objectId": 2612260,
        "objectName": "SHOP.SALES.ORDERS",
        "operationType": operation,
        "properties": properties or {},
        **more,
    }
    return {
        "query_id": number,
        "query_start_time": "2026-03-01T10:00:00Z",
        "user_name": "LOADER",
        "direct_objects_accessed": [],
        "object_modified_by_ddl": changed,
    }


NAME = ("SHOP", "SALES", "ORDERS")


def test_a_statement_runs_where_its_session_stood() -> None:
    """A successful statement is run in the session's database and schema, with who, when and which query."""
    reading = Source(decode).say(query("create table orders (id int)"))
    assert reading.facts == (Ran("create table orders (id int)", ("SHOP", "SALES"), "snowflake"),)
    assert (reading.id, reading.query, reading.by, reading.at) == ("01b2", "01b2", "LOADER", 1_772_359_200_123)


def test_columns_in_any_case() -> None:
    """Connectors write the columns' names in either case."""
    row = query("drop table orders", "DROP")
    assert Source(decode).say({name.lower(): value for name, value in row.items()}) == Source(decode).say(row)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("SELECT", "SUCCESS"),
        ("INSERT", "SUCCESS"),
        ("CALL", "SUCCESS"),
        ("MULTI_STATEMENT", "SUCCESS"),
        ("TRUNCATE_TABLE", "SUCCESS"),
        ("ALTER_SESSION", "SUCCESS"),
        ("CREATE_USER", "SUCCESS"),
        ("CREATE_TABLE", "FAIL"),
        ("CREATE_TABLE", "INCIDENT"),
        ("CREATE_TABLE", "RUNNING"),
    ],
)
def test_what_is_no_ddl_that_succeeded_is_passed_over(kind: str, status: str) -> None:
    """Only DDL that succeeded says something."""
    assert Source(decode).say(query("create table t (a int)", kind, EXECUTION_STATUS=status)).kind == "ignored"


@pytest.mark.parametrize(
    "kind",
    [
        "CREATE",
        "CREATE_TABLE_AS_SELECT",
        "CREATE_VIEW",
        "CREATE_CONSTRAINT",
        "ALTER",
        "ALTER_TABLE_ADD_COLUMN",
        "ALTER_TABLE_DROP_COLUMN",
        "ALTER_TABLE_MODIFY_COLUMN",
        "ALTER_VIEW",
        "RENAME_TABLE",
        "RENAME_COLUMN",
        "RENAME_VIEW",
        "DROP",
        "RESTORE",
    ],
)
def test_every_kind_of_ddl_runs(kind: str) -> None:
    """Each type of query that may change a table is run."""
    assert [type(one) for one in Source(decode).say(query("alter table t add a int", kind)).facts] == [Ran]


def test_a_row_without_its_type_goes_by_its_text() -> None:
    """A row without QUERY_TYPE is run: what is no DDL in it changes nothing."""
    assert Source(decode).say(query("create table t (a int)", None)).facts
    assert Warehouse(decode, "snowflake://acme", "snowflake").hear(query("select 1", None)).observations == ()


def test_a_session_without_a_schema_keeps_its_database() -> None:
    """With a database alone, a name of two parts is completed by it."""
    warehouse = Warehouse(decode, "snowflake://acme", "snowflake")
    heard = warehouse.hear(query("create table sales.orders (id int)", SCHEMA_NAME=None))
    assert [one.dataset for one in heard.observations if hasattr(one, "dataset")] == [
        "snowflake://acme/SHOP.SALES.ORDERS"
    ]


def test_a_statement_that_was_cut_touches_its_table() -> None:
    """Text as long as Snowflake keeps was cut: the table it names is touched, in full."""
    filler = ", ".join(f"column_{number} varchar" for number in range(6_000))
    sql = f'-- create table wrong\ncreate or replace table "Sa""les" . orders ({filler})'[:MAX_TEXT]
    (fact,) = Source(decode).say(query(sql)).facts
    assert isinstance(fact, Touched)
    assert fact.name == ("SHOP", 'Sa"les', "ORDERS")


def test_a_cut_statement_without_a_table_is_a_blind_spot() -> None:
    """Text that was cut and names no table at its beginning is a blind spot of the whole feed."""
    (fact,) = Source(decode).say(query("alter " + "x" * MAX_TEXT, "ALTER")).facts
    assert isinstance(fact, Blind)
    assert fact.kind == "truncated"


def test_ddl_without_its_text_is_a_blind_spot() -> None:
    """A role that may not see the text makes the feed blind, not silent."""
    (fact,) = Source(decode).say(query(None)).facts
    assert isinstance(fact, Blind)
    assert "query_text" in fact.reason


def test_a_query_is_told_once() -> None:
    """The same query from ACCOUNT_USAGE and from INFORMATION_SCHEMA is applied once."""
    warehouse = Warehouse(decode, "snowflake://acme", "snowflake")
    assert warehouse.hear(query("create table t (a int)")).observations
    assert (
        warehouse.hear({name.lower(): value for name, value in query("create table t (a int)").items()}).kind
        == "repeat"
    )


@pytest.mark.parametrize("text_first", [True, False])
def test_of_two_feeds_the_first_tells(text_first: bool) -> None:
    """Whichever of the two histories tells of a query first is taken, the other passed over."""
    source = Source(decode)
    rows = [query("alter table orders rename to old", "RENAME_TABLE")]
    rows.insert(1 if text_first else 0, access("ALTER", {"objectName": {"value": "SHOP.SALES.OLD"}}))
    first, second = (source.say(one) for one in rows)
    assert first.facts
    assert second.facts == ()


def test_remembered_queries_are_bounded() -> None:
    """Only so many queries are remembered, the latest of them."""
    source = Source(decode)
    for number in range(MAX_QUERIES + 10):
        source.say(query("create table t (a int)", number=f"{number:08}"))
    assert len(source.memory) <= MAX_QUERIES
    assert f"query|{MAX_QUERIES + 9:08}" in source.memory


@pytest.mark.parametrize("operation", ["CREATE", "REPLACE", "ALTER"])
def test_an_access_row_touches_its_table(operation: str) -> None:
    """An access row has no types: the table is to be read again."""
    (fact,) = Source(decode).say(access(operation)).facts
    assert isinstance(fact, Touched)
    assert fact.name == NAME


def test_the_captured_row_of_an_added_column() -> None:
    """Column changes are told by name only for people: the name may be that of the type."""
    columns = {"BIGINT": {"objectId": {"value": 8763407}, "subOperationType": "ADD"}}
    (fact,) = Source(decode).say(access("ALTER", {"columns": columns})).facts
    assert isinstance(fact, Touched)
    assert "BIGINT" in fact.reason


def test_a_dropped_table_is_gone() -> None:
    """DROP needs no columns."""
    assert Source(decode).say(access("DROP", [], objectDomain="TABLE")).facts == (Gone(NAME),)


def test_a_rename_is_told() -> None:
    """The new name stands among the properties."""
    reading = Source(decode).say(access("ALTER", {"objectName": {"value": "SHOP.SALES.OLD"}}))
    assert reading.facts == (Renamed(NAME, ("SHOP", "SALES", "OLD")),)


def test_a_swap_of_two_rows_is_one() -> None:
    """Snowflake writes a row for each table of a swap; both are one swap under one id."""
    source = Source(decode)

    def row(name: str, other: str) -> Row:
        return access("ALTER", {"swapTargetName": {"value": other}}, objectName=name)

    one = source.say(row("SHOP.SALES.T2", "SHOP.SALES.T3"))
    same = source.say(row("SHOP.SALES.T3", "SHOP.SALES.T2"))
    assert one.facts == (Swapped(("SHOP", "SALES", "T2"), ("SHOP", "SALES", "T3")),)
    assert (one.facts, one.id) == (same.facts, same.id)


def test_rows_of_one_query_about_several_tables_are_all_told() -> None:
    """Two objects of one query are two events."""
    source = Source(decode)
    one, other = (source.say(access("DROP", objectName=f"SHOP.SALES.{name}")) for name in "AB")
    assert one.id != other.id


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("SHOP.SALES.ORDERS", NAME),
        ("shop.sales.orders", NAME),
        ('SHOP."Sales.2026"."or""ders"', ("SHOP", "Sales.2026", 'or"ders')),
        ('SHOP.SALES."orders"', ("SHOP", "SALES", "orders")),
        ("SALES.ORDERS", ("SALES", "ORDERS")),
    ],
)
def test_names_are_read_as_snowflake_quotes_them(written: str, name: tuple[str, ...]) -> None:
    """A quoted part keeps its case, its dots and its doubled quotes; others are upper case."""
    assert Source(decode).say(access("DROP", objectName=written)).facts == (Gone(name),)


@pytest.mark.parametrize("written", ["", "A.B.", 'A."B', "A..B", "A.B.C.D", '"".B.C', None, 7])
def test_a_name_that_cannot_be_read_is_a_blind_spot(written: Any) -> None:
    """No table is guessed from half a name."""
    facts = Source(decode).say(access("DROP", objectName=written)).facts
    assert facts == () or all(isinstance(one, Blind | Gone) for one in facts)
    if written != 7:
        assert [one.kind for one in facts if isinstance(one, Blind)] == ["no-name"]


@pytest.mark.parametrize("written", [" " * 1_000_000 + '"', '"' * 999_999, "a." * 500_000, ' " ' * 300_000])
def test_a_hostile_name_ends(written: str) -> None:
    """A name of a million characters is refused at once; so is a time of as many."""
    row = {**access("DROP", objectName=written), "query_start_time": written}
    reading = Source(decode).say(row)
    assert [type(one) for one in reading.facts] == [Blind]
    assert reading.at is None


def test_tags_alone_are_told_as_a_statement() -> None:
    """A tag on a column needs no type: it is told as the statement that sets it."""
    tags = {"GOV.TAGS.PII": {"subOperationType": "ADD", "tagValue": {"value": "it's"}}}
    reading = Source(decode).say(access("ALTER", {"columns": {"EMAIL": {"tags": tags}}}))
    assert reading.facts == (
        Ran(
            'ALTER TABLE "SHOP"."SALES"."ORDERS" MODIFY COLUMN "EMAIL" SET TAG "GOV"."TAGS"."PII" = \'it\'\'s\'',
            ("SHOP", "SALES"),
            "snowflake",
        ),
    )
    tags = {"GOV.TAGS.PII": {"subOperationType": "DROP"}}
    (fact,) = Source(decode).say(access("ALTER", {"columns": {"EMAIL": {"tags": tags}}})).facts
    assert isinstance(fact, Ran)
    assert fact.sql.endswith('UNSET TAG "GOV"."TAGS"."PII"')


@pytest.mark.parametrize("domain", ["TAG", "MASKING_POLICY", "Sequence", "Stage", "FUNCTION", "Role", None])
def test_objects_that_are_no_tables_are_passed_over(domain: Any) -> None:
    """Other objects change no table."""
    assert Source(decode).say(access("DROP", objectDomain=domain)).kind == "ignored"


@pytest.mark.parametrize("properties", [{"tags": {"G.T.A": {}}}, {"comment": {"value": "x"}}])
def test_what_is_said_of_a_table_alone_moves_no_column(properties: Row) -> None:
    """A tag or comment on the table is no change of its columns."""
    assert Source(decode).say(access("ALTER", properties)).kind == "ignored"


def test_a_row_without_a_change_is_passed_over() -> None:
    """Most access rows are reads."""
    values: tuple[object, ...] = (None, {}, "", "{}", [])
    for value in values:
        assert Source(decode).say({"QUERY_ID": "1", "OBJECT_MODIFIED_BY_DDL": value}).kind == "ignored"


def test_a_variant_may_come_as_text() -> None:
    """Connectors write a VARIANT as text of JSON."""
    row = access("DROP")
    text = {**row, "object_modified_by_ddl": orjson.dumps(row["object_modified_by_ddl"]).decode()}
    assert Source(decode).say(text) == Source(decode).say(row)


@pytest.mark.parametrize("operation", ["DROP", "REPLACE"])
def test_a_dropped_schema_takes_its_tables_with_it(operation: str) -> None:
    """What was in a schema goes with it."""
    warehouse = Warehouse(decode, "snowflake://acme", "snowflake")
    warehouse.hear(query("create table orders (id int)", number="1"))
    heard = warehouse.hear(access(operation, number="2", objectDomain="Schema", objectName="SHOP.SALES"))
    assert [type(one) for one in heard.observations] == [DatasetGone]
    assert heard.unreadable is None


@pytest.mark.parametrize("place", [(), ("SHOP", "PUBLIC")])
@pytest.mark.parametrize(
    "row",
    [
        access("DROP", number="2", objectDomain="Database", objectName="SHOP"),
        query("drop database shop", "DROP", number="2"),
        query("alter database shop rename to old", "ALTER", number="2"),
        access("ALTER", {"objectName": {"value": "OLD"}}, number="2", objectDomain="Database", objectName="SHOP"),
    ],
)
def test_a_database_goes_with_all_within(row: Row, place: tuple[str, ...]) -> None:
    """A database that is dropped or renamed takes its tables with it, wherever the feed's own names live."""
    warehouse = Warehouse(decode, "snowflake://acme", "snowflake", place)
    warehouse.hear(query("create table orders (id int)", number="1"))
    heard = warehouse.hear(row)
    gone = [one.dataset for one in heard.observations if isinstance(one, DatasetGone)]
    assert gone == ["snowflake://acme/SHOP.SALES.ORDERS"]


def test_a_renamed_schema_moves_its_tables() -> None:
    """What was in a schema has the new one before its name."""
    warehouse = Warehouse(decode, "snowflake://acme", "snowflake")
    warehouse.hear(query("create table orders (id int)", number="1"))
    properties = {"objectName": {"value": "SHOP.OLD"}}
    heard = warehouse.hear(access("ALTER", properties, number="2", objectDomain="Schema", objectName="SHOP.SALES"))
    datasets = [one.dataset for one in heard.observations if hasattr(one, "dataset")]
    assert sorted(map(str, datasets)) == ["snowflake://acme/SHOP.OLD.ORDERS", "snowflake://acme/SHOP.SALES.ORDERS"]


def test_what_is_brought_back_is_as_it_was() -> None:
    """A dropped table comes back with its columns, alone or with its schema; of a drop that was not seen it is said."""
    warehouse = Warehouse(decode, "snowflake://acme", "snowflake")
    warehouse.hear(query("create table orders (id int)", number="1"))
    warehouse.hear(access("DROP", number="2"))
    alone = warehouse.hear(access("UNDROP", number="3"))
    warehouse.hear(access("DROP", number="4", objectDomain="Schema", objectName="SHOP.SALES"))
    whole = warehouse.hear(access("UNDROP", number="5", objectDomain="Schema", objectName="SHOP.SALES"))
    unknown = warehouse.hear(access("UNDROP", number="6", objectDomain="Database", objectName="NOPE"))

    assert [one["name"] for one in warehouse.table(alone)["columns"]] == ["ID"]
    assert [one["name"] for one in warehouse.table(whole)["columns"]] == ["ID"]
    assert [one.kind for one in unknown.blind] == ["not-known"]


def test_a_tag_classifies_its_column() -> None:
    """What an access row says of tags is in the table's schema, under the name that a contract says."""
    warehouse = Warehouse(decode, "snowflake://acme", "snowflake")
    warehouse.hear(query("create table orders (id int, email varchar)", number="1"))
    tags = {"GOV.TAGS.PII": {"subOperationType": "ADD", "tagValue": {"value": "email"}}}
    heard = warehouse.hear(access("ALTER", {"columns": {"EMAIL": {"tags": tags}}}, number="2"))

    assert warehouse.table(heard)["columns"][1]["classes"] == ["PII=email"]


def test_a_row_of_neither_history_is_unreadable() -> None:
    """Another row says which columns are to be selected."""
    found = Source(decode).say({"TABLE_NAME": "ORDERS"}).unreadable
    assert found is not None
    assert "object_modified_by_ddl" in found.reason


def test_any_part_may_be_anything() -> None:
    """Whatever stands where something else is expected, a reading comes of it."""
    tags = {"G.T.A": {"subOperationType": "ADD", "tagValue": {"value": "x"}}}
    properties = {
        "columns": {"A": {"tags": tags}},
        "objectName": {"value": "A.B.C"},
        "swapTargetName": {"value": "A.B.D"},
    }
    assert is_total(decode, query("create table t (a int)")) > 100
    assert is_total(decode, access("ALTER", properties)) > 100
    assert is_total(decode, access("ALTER", {"columns": {"A": {"tags": tags}}})) > 100
