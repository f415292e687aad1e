"""Debezium's schema-change records, as its serialiser writes them and as its documentation shows them."""

import io
import json
from typing import Any

import fastavro
import pytest

from watcher.feeds.warehouse.facts import Blind, ColumnImage, Fact, Gone, Image, Memory, Ran, Reading, Renamed, Touched
from watcher.feeds.warehouse.feed import Decoders, WarehouseFeed
from watcher.feeds.warehouse.framing import Unframer
from watcher.feeds.warehouse.naming import Naming
from watcher.feeds.warehouse.sources import ddl, debezium
from watcher.model.dataset import Position, RawRecord
from watcher.model.observation import DatasetGone, DatasetSeen, Heard

Document = dict[str, Any]


def column(name: str, type_: str = "INT", position: int = 1, **more: Any) -> Document:
    """A column, with every member that the serialiser writes."""
    return {
        "name": name,
        "jdbcType": 4,
        "nativeType": None,
        "typeName": type_,
        "typeExpression": type_,
        "charsetName": None,
        "length": None,
        "scale": None,
        "position": position,
        "optional": True,
        "autoIncremented": False,
        "generated": False,
        "comment": None,
        "defaultValueExpression": None,
        "enumValues": None,
    } | more


def change(kind: str, id_: str, *columns: Document, primary: list[str] | None = None) -> Document:
    if kind == "DROP":
        return {"type": kind, "id": id_, "table": None}
    table = {"defaultCharsetName": "utf8mb4", "primaryKeyColumnNames": primary, "columns": columns, "comment": None}
    return {"type": kind, "id": id_, "table": table}


def mysql(ddl_: str | None, *changes: Document, pos: int = 570, **source: Any) -> Document:
    """A record of the MySQL connector, without its converter's envelope."""
    return {
        "source": {
            "version": "3.0.0.Final",
            "connector": "mysql",
            "name": "shop",
            "ts_ms": 1_651_535_750_218,
            "snapshot": "false",
            "db": "inventory",
            "table": "customers",
            "server_id": 223344,
            "gtid": None,
            "file": "bin.000003",
            "pos": pos,
            "row": 0,
        }
        | source,
        "ts_ms": 1_651_535_750_999,
        "databaseName": "inventory",
        "schemaName": None,
        "ddl": ddl_,
        "tableChanges": list(changes),
    }


def sqlserver(*changes: Document, **source: Any) -> Document:
    """A record of the SQL Server connector: it has no text."""
    return {
        "source": {
            "connector": "sqlserver",
            "name": "server1",
            "ts_ms": 1_588_252_618_953,
            "snapshot": "false",
            "db": "testDB",
            "schema": "dbo",
            "table": "customers",
            "change_lsn": None,
            "commit_lsn": "00000025:00000d98:00a2",
            "event_serial_no": None,
        }
        | source,
        "ts_ms": 1_588_252_618_999,
        "databaseName": "testDB",
        "schemaName": "dbo",
        "ddl": None,
        "tableChanges": list(changes),
    }


CUSTOMERS = '"inventory"."customers"'


def read(document: Any, memory: Memory | None = None) -> Reading:
    value = document if isinstance(document, bytes) else json.dumps(document).encode()
    return debezium.decode(RawRecord(Position("shop", 0, 1), None, value), {} if memory is None else memory)


def only(document: Document, memory: Memory | None = None) -> Fact:
    (fact,) = read(document, memory).facts
    return fact


def typed(connector: str, type_: str, **more: Any) -> str:
    source = {"connector": connector}
    fact = only({"source": source, "tableChanges": [change("CREATE", '"a"."b"."c"', column("x", type_, **more))]})
    assert isinstance(fact, Image)
    return fact.columns[0].type


# The record.


def test_a_change_is_the_whole_table() -> None:
    """A CREATE or ALTER is the table as it stands after it, in the order of the columns' positions."""
    columns = (column("name", "VARCHAR", 2, length=255, comment="whole"), column("id", position=1, optional=False))

    fact = only(
        mysql("ALTER TABLE customers ADD name varchar(255)", change("ALTER", CUSTOMERS, *columns, primary=["id"]))
    )

    assert fact == Image(
        ("inventory", "customers"),
        (ColumnImage("id", "INT", nullable=False), ColumnImage("name", "VARCHAR(255)", comment="whole")),
        ("id",),
    )


def test_envelope_and_bare_payload_say_the_same() -> None:
    """With and without the JSON converter's schema beside it, a record says the same; so does Avro turned into JSON."""
    bare = mysql("CREATE TABLE customers (id int)", change("CREATE", CUSTOMERS, column("id")))

    assert read({"schema": {"type": "struct"}, "payload": bare}) == read({"payload": bare}) == read(bare)


def test_what_is_told_of_the_record() -> None:
    """The database's clock, the place in its log and who did it are told; the connector's clock where it has none."""
    reading = read(mysql(None, change("DROP", CUSTOMERS)))
    oracle = read(mysql(None, change("DROP", CUSTOMERS), connector="oracle", user_name="SCOTT", scn="15", ts_ms=0))

    assert (reading.kind, reading.at, reading.query, reading.by) == (
        "schema-change",
        1_651_535_750_218,
        "bin.000003:570",
        None,
    )
    assert (oracle.at, oracle.by) == (1_651_535_750_999, "SCOTT")


def test_the_key_is_the_place_in_the_log_and_what_is_said() -> None:
    """What comes again has the same key; the two tables of one statement have different ones, as have other places."""
    first = mysql("DROP TABLE a, b", change("DROP", '"inventory"."a"'))
    again = first | {"ts_ms": 5}
    other = mysql("DROP TABLE a, b", change("DROP", '"inventory"."b"'))
    later = mysql("DROP TABLE a, b", change("DROP", '"inventory"."a"'), pos=571)

    keys = [read(one).id for one in (first, again, other, later)]

    assert keys[0] == keys[1] is not None
    assert len(set(keys)) == 3


@pytest.mark.parametrize(
    ("connector", "place"),
    [
        ("mysql", {"gtid": "3E11:23"}),
        ("mariadb", {"gtid": "0-1-5"}),
        ("sqlserver", {"commit_lsn": "00000026:0"}),
        ("db2", {"commit_lsn": "00000026:0"}),
        ("informix", {"change_lsn": "7"}),
        ("oracle", {"scn": "16"}),
        ("yashandb", {"scn": "17"}),
        ("another", {"lsn": "18"}),
    ],
)
def test_each_connectors_place(connector: str, place: Document) -> None:
    """Each connector's own place in its database's log parts two records that are the same otherwise."""
    one = mysql(None, change("DROP", CUSTOMERS), connector=connector)
    other = mysql(None, change("DROP", CUSTOMERS), connector=connector, **place)

    assert read(one).id != read(other).id is not None


def avro(name: str, /, **fields: Any) -> Document:
    """A record type as Connect's Avro converter writes it: what is optional is a union with null."""
    members = [
        {"name": key, "type": ["null", type_[0]] if isinstance(type_, tuple) else type_}
        for key, type_ in fields.items()
    ]
    return {"type": "record", "name": name, "namespace": "io.debezium.connector.schema", "fields": members}


STRINGS = {"type": "array", "items": "string"}
COLUMN = avro(
    "Column",
    **dict.fromkeys(("name", "typeName"), "string"),
    **dict.fromkeys(("jdbcType", "position"), "int"),
    **dict.fromkeys(("nativeType", "length", "scale"), ("int",)),
    **dict.fromkeys(("typeExpression", "charsetName", "comment", "defaultValueExpression"), ("string",)),
    **dict.fromkeys(("optional", "autoIncremented", "generated"), ("boolean",)),
    enumValues=(STRINGS,),
)
TABLE = avro(
    "Table",
    defaultCharsetName=("string",),
    primaryKeyColumnNames=(STRINGS,),
    columns={"type": "array", "items": COLUMN},
    comment=("string",),
)
CHANGE = avro("Change", type="string", id="string", table=(TABLE,))
SOURCE = avro(
    "Source",
    **dict.fromkeys(("version", "connector", "name", "db", "file"), "string"),
    **dict.fromkeys(("ts_ms", "server_id", "pos"), "long"),
    **dict.fromkeys(("snapshot", "table", "gtid"), ("string",)),
    row="int",
)
VALUE = avro(
    "SchemaChangeValue",
    source=SOURCE,
    ts_ms="long",
    **dict.fromkeys(("databaseName", "schemaName", "ddl"), ("string",)),
    tableChanges={"type": "array", "items": CHANGE},
)


@pytest.mark.anyio
async def test_avro_says_the_same() -> None:
    """A record in Avro behind a registry's frame is read as its JSON is."""
    columns = (column("id"), column("e", "ENUM", 2, length=1, enumValues=["'a'"]))
    record = mysql("x", change("ALTER", CUSTOMERS, *columns, primary=["id"]), change("DROP", '"inventory"."b"'))
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(VALUE, named_schemas={}), record)

    async def fetch(_number: int) -> str:
        return json.dumps(VALUE)

    framed = RawRecord(Position("shop", 0, 1), None, b"\0\0\0\0\x03" + out.getvalue())
    assert debezium.decode(await Unframer(fetch)(framed), {}) == read(record)


# Names.


@pytest.mark.parametrize(
    ("id_", "name"),
    [
        ('"testDB"."dbo"."customers"', ("testDB", "dbo", "customers")),
        ('"dbo"."customers"', ("testDB", "dbo", "customers")),
        ("dbo.customers", ("testDB", "dbo", "customers")),
        ('"customers"', ("testDB", "dbo", "customers")),
        ('"testDB"."customers"', ("testDB", "customers")),
        ('"testDB"."d""b.o"."a,b"', ("testDB", 'd"b.o', "a,b")),
    ],
)
def test_names_of_three_parts(id_: str, name: tuple[str, ...]) -> None:
    """Ids are read with and without quotes; what documentation shows with two parts is completed by the database."""
    assert only(sqlserver(change("DROP", id_))) == Gone(name)


def test_names_of_two_parts() -> None:
    """MySQL's tables live in their database alone; an id without its database gets it."""
    assert only(mysql(None, change("DROP", CUSTOMERS))) == Gone(("inventory", "customers"))
    assert only(mysql(None, change("DROP", "customers"))) == Gone(("inventory", "customers"))


def test_a_filtered_record_without_a_source() -> None:
    """A record of which a transformation left little has its names as the id gives them."""
    changes = [{"type": "DROP", "id": "shop.table"}]
    record = {"ts_ms": 1, "databaseName": "test", "schemaName": "s", "ddl": "", "tableChanges": changes}

    assert only(record) == Gone(("shop", "table"))


# Documentation and code.


def test_attributes_are_passed_over() -> None:
    """The documentation shows a table's attributes, which the connectors do not write: either is read alike."""
    with_them = change("CREATE", CUSTOMERS, column("id"))
    with_them["table"]["attributes"] = [{"customAttribute": "attributeValue"}]

    assert only(mysql(None, with_them)) == only(mysql(None, change("CREATE", CUSTOMERS, column("id"))))


def test_a_rename_with_both_ids() -> None:
    """The documented form of a rename names the old and the new table in one id."""
    record = mysql("x", change("ALTER", '"inventory"."a","inventory"."b"', column("id")))

    assert read(record).facts == (
        Renamed(("inventory", "a"), ("inventory", "b")),
        Image(("inventory", "b"), (ColumnImage("id", "INT"),)),
    )


@pytest.mark.parametrize(
    "text",
    [
        "RENAME TABLE customers TO `clients`, x TO y",
        "RENAME TABLE a TO b, inventory.customers TO inventory.clients",
        "customers TO clients",
        "`inventory`.`CUSTOMERS` TO `inventory`.`clients`",
        "ALTER TABLE customers ADD x int, RENAME TO clients",
        "alter table customers rename clients",
        "/* tool */ ALTER TABLE customers RENAME COLUMN a TO b, RENAME AS clients",
    ],
)
def test_a_rename_that_only_the_text_tells(text: str) -> None:
    """The connectors write the new id alone: the old one is read from the statement, or from its one clause."""
    memory: Memory = {}
    read(mysql(None, change("CREATE", CUSTOMERS, column("id"))), memory)

    facts = read(mysql(text, change("ALTER", '"inventory"."clients"', column("id"))), memory).facts

    assert facts[0] == Renamed(("inventory", "customers"), ("inventory", "clients"))
    assert isinstance(facts[1], Image)


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE clients RENAME COLUMN customers TO b",
        "ALTER TABLE customers ADD x int",
        "RENAME TABLE strangers TO clients",
        "RENAME TABLE customers TO somewhere.clients",
        "ALTER TABLE customers RENAME 'unclosed",
        "RENAME TABLE clients TO CLIENTS",
    ],
)
def test_what_is_no_rename_of_a_known_table(text: str) -> None:
    """Where no table that was shown before is renamed to this one, it is only the table as it stands."""
    memory: Memory = {}
    read(mysql(None, change("CREATE", CUSTOMERS, column("id"))), memory)

    assert isinstance(only(mysql(text, change("ALTER", '"inventory"."clients"', column("id"))), memory), Image)


@pytest.mark.parametrize("database", ["inventory", "other"])
def test_a_bare_new_name_is_beside_the_old_one(database: str) -> None:
    """The statement may have run in another database than the table's: the listed name says which is meant."""
    memory: Memory = {}
    read(mysql(None, change("CREATE", CUSTOMERS, column("id"))), memory)
    record = mysql("ALTER TABLE inventory.customers RENAME x", change("ALTER", '"inventory"."x"', column("id")))

    facts = read(record | {"databaseName": database}, memory).facts

    assert facts[0] == Renamed(("inventory", "customers"), ("inventory", "x"))


def test_a_renamed_table_is_known_by_its_new_name() -> None:
    """After a rename the old name stands for nothing any more: a second rename goes from the new one."""
    memory: Memory = {}
    read(mysql(None, change("CREATE", CUSTOMERS, column("id"))), memory)
    read(mysql("RENAME TABLE customers TO b", change("ALTER", '"inventory"."b"', column("id"))), memory)

    back = read(mysql("RENAME TABLE b TO customers", change("ALTER", CUSTOMERS, column("id"))), memory)
    stale = read(mysql("RENAME TABLE b TO c", change("ALTER", '"inventory"."c"', column("id"))), memory)

    assert back.facts[0] == Renamed(("inventory", "b"), ("inventory", "customers"))
    assert len(stale.facts) == 1


# Statements without tables.


@pytest.mark.parametrize(
    "text",
    [
        "TRUNCATE TABLE customers",
        "CREATE DATABASE other",
        "SET character_set_server=utf8mb4, collation_server=utf8mb4_bin",
        "GRANT ALL ON *.* TO x",
        "CREATE INDEX i ON customers (id)",
        "CREATE TRIGGER t BEFORE INSERT ON customers FOR EACH ROW SET NEW.view = 1",
        "ALTER TABLE not_captured ADD x int",
        "DROP TABLE not_captured",
        "",
    ],
)
def test_statements_that_change_no_table_of_ours(text: str) -> None:
    """What changes no shape, or a table that the connector does not capture, is none of our business."""
    assert (read(mysql(text)).facts, read(mysql(text)).kind) == ((), "ignored")


@pytest.mark.parametrize(
    "text",
    [
        "DROP DATABASE IF EXISTS `inventory`",
        "DROP VIEW v",
        "CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`root`@`%` SQL SECURITY DEFINER VIEW v AS SELECT id FROM customers",
        "ALTER VIEW v AS SELECT 1 AS a",
        "CREATE TABLE not_listed (id int)",
    ],
)
def test_statements_that_are_run(text: str) -> None:
    """What no listing tells is run as text, in the record's database: views, databases that go, unlisted tables."""
    assert only(mysql(text)) == Ran(text, ("inventory",))


def test_a_table_that_is_never_listed_is_followed() -> None:
    """A table that was made before our eyes without a listing is followed by its statements until it is dropped."""
    memory: Memory = {}
    read(mysql("CREATE TABLE t (id int)"), memory)

    assert only(mysql("ALTER TABLE t ADD x int"), memory) == Ran("ALTER TABLE t ADD x int", ("inventory",))
    assert only(mysql("DROP TABLE t"), memory) == Ran("DROP TABLE t", ("inventory",))
    assert read(mysql("ALTER TABLE t ADD x int"), memory).facts == ()


def test_views_beside_listed_tables() -> None:
    """Where a text has several statements, the tables are as listed, and only its views are run."""
    text = "CREATE TABLE customers (id int); CREATE VIEW v AS SELECT id FROM customers"

    facts = read(mysql(text, change("CREATE", CUSTOMERS, column("id")))).facts

    assert [type(one) for one in facts] == [Image, Ran]
    assert facts[1] == Ran("CREATE VIEW v AS SELECT id FROM customers", ("inventory",))


def test_sql_server_has_no_text() -> None:
    """A connector that gives no text tells tables alone."""
    assert only(sqlserver(change("ALTER", '"testDB"."dbo"."c"', column("id", "int", optional=False)))) == Image(
        ("testDB", "dbo", "c"), (ColumnImage("id", "int", nullable=False),)
    )


# Snapshots.


@pytest.mark.parametrize("word", ["true", "first", "first_in_data_collection", "last_in_data_collection", "last", True])
def test_a_snapshot_is_what_was_there_before(word: object) -> None:
    """A snapshot's tables are a baseline, its drops too; databases that it makes anew and its keys say nothing."""
    made = read(mysql("CREATE TABLE customers (id int)", change("CREATE", CUSTOMERS, column("id")), snapshot=word))
    dropped = read(mysql("DROP TABLE IF EXISTS customers", change("DROP", CUSTOMERS), snapshot=word))

    assert isinstance(made.facts[0], Image)
    assert made.facts[0].baseline
    assert (made.id, dropped.id) == (None, None)
    assert dropped.facts == (Gone(("inventory", "customers"), baseline=True),)
    assert read(mysql("DROP DATABASE IF EXISTS inventory", snapshot=word)).facts == ()


@pytest.mark.parametrize("word", ["false", None, False])
def test_streaming_is_no_baseline(word: object) -> None:
    """Outside of a snapshot a table that is new was created."""
    fact = only(mysql(None, change("CREATE", CUSTOMERS, column("id")), snapshot=word))

    assert isinstance(fact, Image)
    assert not fact.baseline


# Columns.


@pytest.mark.parametrize(
    ("type_", "more", "text"),
    [
        ("INT UNSIGNED", {}, "INT UNSIGNED"),
        ("INT UNSIGNED", {"length": 10}, "INT(10) UNSIGNED"),
        ("DECIMAL UNSIGNED ZEROFILL", {"length": 10, "scale": 2}, "DECIMAL(10,2) UNSIGNED ZEROFILL"),
        ("VARCHAR", {"length": 255}, "VARCHAR(255)"),
        ("CHARACTER VARYING", {"length": 20}, "CHARACTER VARYING(20)"),
        ("TINYINT", {"length": 1}, "TINYINT(1)"),
        ("DATETIME", {"length": 3}, "DATETIME(3)"),
        ("DOUBLE PRECISION", {}, "DOUBLE PRECISION"),
        ("TEXT", {}, "TEXT"),
        ("ENUM", {"length": 1, "enumValues": ["'a'", "'b,c'"]}, "ENUM('a','b,c')"),
        ("ENUM", {"length": 1, "enumValues": ["a", "it's"]}, "ENUM('a','it''s')"),
        ("ENUM", {"length": 1}, "ENUM"),
        ("SET", {"length": 3, "enumValues": ["'x'", "'y'"]}, "SET('x','y')"),
        ("ENUM", {"length": 1, "typeExpression": "ENUM('a','b')"}, "ENUM('a','b')"),
    ],
)
def test_types_of_mysql(type_: str, more: Document, text: str) -> None:
    """MySQL's types are as the statement wrote them, the values of an enumeration as literals or bare."""
    assert typed("mysql", type_, **more) == text


@pytest.mark.parametrize(
    ("connector", "type_", "length", "scale", "text"),
    [
        ("sqlserver", "int identity", 10, 0, "int"),
        ("sqlserver", "numeric() identity", 18, 0, "numeric(18,0)"),
        ("sqlserver", "varchar", 255, None, "varchar(255)"),
        ("sqlserver", "nvarchar", 2_147_483_647, None, "nvarchar(max)"),
        ("sqlserver", "nvarchar", 1_073_741_823, None, "nvarchar(max)"),
        ("sqlserver", "decimal", 18, 2, "decimal(18,2)"),
        ("sqlserver", "datetime2", 27, 7, "datetime2(7)"),
        ("sqlserver", "datetimeoffset", 34, 7, "datetimeoffset(7)"),
        ("sqlserver", "datetime", 23, 3, "datetime"),
        ("sqlserver", "money", 19, 4, "money"),
        ("sqlserver", "bit", 1, None, "bit"),
        ("sqlserver", "uniqueidentifier", 36, None, "uniqueidentifier"),
        ("oracle", "NUMBER", 9, 0, "NUMBER(9,0)"),
        ("oracle", "NUMBER", 38, None, "NUMBER"),
        ("oracle", "NUMBER", 38, -127, "NUMBER"),
        ("oracle", "VARCHAR2", 255, None, "VARCHAR2(255)"),
        ("oracle", "TIMESTAMP(6) WITH TIME ZONE", 6, None, "TIMESTAMP(6) WITH TIME ZONE"),
        ("oracle", "TIMESTAMP", 3, None, "TIMESTAMP(3)"),
        ("oracle", "DATE", 7, None, "DATE"),
        ("oracle", "CLOB", 4000, None, "CLOB"),
        ("db2", "INTEGER", 10, 0, "INTEGER"),
        ("db2", "VARCHAR", 255, None, "VARCHAR(255)"),
        ("db2", "DECIMAL", 10, 2, "DECIMAL(10,2)"),
        ("informix", "int identity", 10, 0, "int"),
    ],
)
def test_types_of_the_others(connector: str, type_: str, length: int, scale: int | None, text: str) -> None:
    """Drivers list a length and scale for every type: only where they are written do they belong to it."""
    assert typed(connector, type_, length=length, scale=scale) == text


def test_null_and_defaults() -> None:
    """A column's null is what `optional` says; MySQL's moment of writing comes as the first one that there is."""
    columns = (
        column("a", optional=None),
        column("b", "INT", 2, defaultValueExpression="0"),
        column("c", "TIMESTAMP", 3, defaultValueExpression="1970-01-01 00:00:00"),
        column("d", "BIGINT", 4, autoIncremented=True, generated=True, optional=False),
    )
    fact = only(mysql(None, change("CREATE", CUSTOMERS, *columns)))

    assert isinstance(fact, Image)
    assert [(one.nullable, one.default) for one in fact.columns] == [
        (None, None),
        (True, "0"),
        (True, "CURRENT_TIMESTAMP"),
        (False, None),
    ]


# What is not a schema change, or not a whole one.


def test_other_records_are_none_of_our_business() -> None:
    """A tombstone, a heartbeat and a transaction's marks say nothing of schemas."""
    transaction = {"status": "END", "id": "571:53195829", "event_count": 2, "data_collections": []}

    documents: list[Any] = [b"", {"ts_ms": 1}, transaction, {"schema": {}, "payload": None}]
    for document in documents:
        assert (read(document).kind, read(document).unreadable) == ("ignored", None)


def test_changes_of_data_are_told_once() -> None:
    """A topic of data is told as a mistake of the settings, once: there may be millions of them."""
    memory: Memory = {}
    document = {"payload": {"before": None, "after": {"id": 1}, "source": {}, "op": "c", "ts_ms": 1}, "schema": {}}

    first, second = read(document, memory), read(document, memory)

    assert first.unreadable is not None
    assert "topic.prefix" in first.unreadable.reason
    assert (second.kind, second.unreadable) == ("data-change", None)


def test_the_connectors_own_history_is_refused() -> None:
    """The internal history topic looks alike and is no interface: the reader is told which topic is."""
    reading = read({"source": {"server": "x"}, "position": {"pos": 4}, "ddl": "", "tableChanges": []})

    assert reading.unreadable is not None
    assert (reading.unreadable.kind, "topic.prefix" in reading.unreadable.reason) == ("schema-history", True)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (b"\x00\x00\x00\x00\x07\x02", "framed"),
        (b"\xff\xfe", "not-utf-8"),
        (b"{", "malformed-json"),
        (b"[]", "not-an-object"),
        (b'"x"', "not-an-object"),
        (b"1", "not-an-object"),
        (b'{"payload": 3}', "not-an-object"),
        (b'{"x": 1}', "not-a-schema-change"),
        (b'{"tableChanges": {}}', "invalid-record"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "too-deep"),
        (b'{"a": "' + b"x" * 20_000_000 + b'"}', "too-large"),
    ],
)
def test_what_is_no_record_is_unreadable(value: bytes, kind: str) -> None:
    """Whatever the bytes are, the answer is a reason and not a crash."""
    unreadable = read(value).unreadable

    assert unreadable is not None
    assert unreadable.kind == kind


@pytest.mark.parametrize(
    ("item", "fact"),
    [
        (change("CREATE", CUSTOMERS), Touched),
        ({"type": "ALTER", "id": CUSTOMERS}, Touched),
        ({"type": "ALTER", "id": CUSTOMERS, "table": "x"}, Touched),
        ({"type": "MOVE", "id": CUSTOMERS}, Blind),
        ({"type": "DROP"}, Blind),
        ({"type": "DROP", "id": ""}, Blind),
        ({"type": "DROP", "id": "a,b,c"}, Blind),
        ({"type": "DROP", "id": 7}, Blind),
        (None, Blind),
        (change("CREATE", CUSTOMERS, {"name": "x"}), Blind),
        (change("CREATE", CUSTOMERS, {"typeName": "INT"}), Blind),
        (change("CREATE", CUSTOMERS, column("x", "")), Blind),
    ],
)
def test_what_is_not_whole_is_a_blind_spot(item: Any, fact: type) -> None:
    """A listing that lacks something is told of its table; what else the record says still counts."""
    facts = read(mysql(None, item, change("DROP", '"inventory"."other"'))).facts

    assert [type(one) for one in facts] == [fact, Gone]


# Through the feed.


def feed() -> WarehouseFeed:
    decoders = Decoders(debezium.decode, ddl.decode)
    return WarehouseFeed("shop", decoders, Naming("mysql://db:3306"), dialect="mysql")


def heard(one: WarehouseFeed, offset: int, document: Document) -> Heard:
    return one.hear(RawRecord(Position("shop", 0, offset), None, json.dumps(document).encode()))


def test_a_restarted_snapshot_says_nothing_new() -> None:
    """A snapshot sets the state and judges nobody; taken again, its drops and creations change nothing."""
    shop = feed()
    steps = [
        mysql("DROP TABLE IF EXISTS customers", change("DROP", CUSTOMERS), snapshot="true"),
        mysql("CREATE TABLE customers (id int)", change("CREATE", CUSTOMERS, column("id")), snapshot="true"),
    ]

    first = [heard(shop, at, one) for at, one in enumerate(steps)]
    again = [heard(shop, at + 2, one) for at, one in enumerate(steps)]

    assert [len(one.observations) for one in first] == [0, 1]
    assert first[1].baseline
    assert [len(one.observations) for one in again] == [0, 0]


def test_a_rename_is_heard_as_one() -> None:
    """A renamed table is gone by its old name and there by its new one, with the same columns; a repeat is none."""
    shop = feed()
    heard(shop, 0, mysql(None, change("CREATE", CUSTOMERS, column("id")), pos=1))
    renamed = mysql("RENAME TABLE customers TO clients", change("ALTER", '"inventory"."clients"', column("id")), pos=2)

    one, again = heard(shop, 1, renamed), heard(shop, 2, renamed)

    assert {type(each): each.dataset for each in one.observations} == {
        DatasetGone: "mysql://db:3306/inventory.customers",
        DatasetSeen: "mysql://db:3306/inventory.clients",
    }
    assert again.kind == "repeat"


def test_a_view_follows_its_table() -> None:
    """A view is known by its statement, and its columns follow the table that the connector lists."""
    shop = feed()
    heard(shop, 0, mysql(None, change("CREATE", CUSTOMERS, column("id"), column("n", "TEXT", 2)), pos=1))
    heard(shop, 1, mysql("CREATE VIEW v AS SELECT * FROM customers", pos=2))

    gone = heard(shop, 2, mysql("DROP DATABASE inventory", pos=3))

    assert {each.dataset for each in gone.observations if isinstance(each, DatasetGone)} == {
        "mysql://db:3306/inventory.customers",
        "mysql://db:3306/inventory.v",
    }
