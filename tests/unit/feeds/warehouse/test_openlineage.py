"""OpenLineage's events become tables as the jobs that wrote them show them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.unit.feeds.warehouse.spoken import Source, Warehouse, is_total
from watcher.feeds.warehouse.facts import ColumnImage, Gone, Image, Renamed, Touched
from watcher.feeds.warehouse.sources.openlineage import decode
from watcher.formats.sql.types import read_type
from watcher.model.observation import DatasetGone, DatasetSeen
from watcher.model.types import Unknown

CASES = Path(__file__).parents[5] / "shared" / "cases" / "openlineage" / "spec_tests.jsonl"
SPARK = "https://github.com/OpenLineage/OpenLineage/tree/1.52.0/integration/spark"
DBT = "https://github.com/OpenLineage/OpenLineage/tree/1.52.0/integration/dbt"
LAKE = "s3://lake"
SNOWFLAKE = "snowflake://acme-prod"
Event = dict[str, Any]


def facet(**members: Any) -> Event:
    return {"_producer": DBT, "_schemaURL": "https://openlineage.io/spec/facets/1-2-0/X.json", **members}


def schema(*fields: Any, **more: Any) -> Event:
    return {"schema": facet(fields=list(fields), **more)}


def state(change: str, **more: Any) -> Event:
    return {"lifecycleStateChange": facet(lifecycleStateChange=change, **more)}


def dataset(facets: Event, namespace: str = SNOWFLAKE, name: str = "SHOP.SALES.ORDERS") -> Event:
    return {"namespace": namespace, "name": name, "facets": facets, "outputFacets": {}}


def run(*outputs: Any, kind: str = "COMPLETE", producer: str = DBT, **more: Any) -> Event:
    """A run event, as clients write it."""
    return {
        "eventTime": "2026-03-01T10:00:00.123Z",
        "eventType": kind,
        "producer": producer,
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "f69a6e9b-9bac-3c9a-9cf6-eacb70ecc9a9", "facets": {}},
        "job": {"namespace": "food", "name": "orders_daily", "facets": {}},
        "inputs": [],
        "outputs": list(outputs),
        **more,
    }


def alone(facets: Event, **more: Any) -> Event:
    """A dataset event."""
    return {"eventTime": "2026-03-01T10:00:00Z", "producer": DBT, "dataset": dataset(facets, **more)}


ID = {"name": "ID", "type": "NUMBER(38,0)", "description": "the order's", "ordinal_position": 1}
NOTE = {"name": "NOTE", "type": "VARCHAR", "ordinal_position": 2}
NAME = ("SHOP", "SALES", "ORDERS")


def test_what_a_complete_run_wrote_is_shown() -> None:
    """An output's schema facet is the table as it stands, without a word on null; the job and run did it."""
    reading = Source(decode).say(run(dataset(schema(ID, NOTE))))
    columns = (
        ColumnImage("ID", "NUMBER(38,0)", nullable=None, comment="the order's"),
        ColumnImage("NOTE", "VARCHAR", nullable=None),
    )
    assert reading.facts == (Image(NAME, columns, namespace=SNOWFLAKE),)
    assert (reading.by, reading.query) == ("food/orders_daily", "f69a6e9b-9bac-3c9a-9cf6-eacb70ecc9a9")
    assert reading.at == 1_772_359_200_123


@pytest.mark.parametrize("kind", ["START", "RUNNING", "ABORT", "FAIL", "OTHER", None])
def test_a_run_that_is_not_complete_says_nothing(kind: Any) -> None:
    """What a run has written counts once it is complete."""
    assert Source(decode).say(run(dataset(schema(ID)), kind=kind)).kind == "ignored"


def test_inputs_say_nothing() -> None:
    """An input's facet may list only what was read: no column is missing for that, and none changed."""
    warehouse = Warehouse(decode, SNOWFLAKE, "snowflake")
    warehouse.hear(run(dataset(schema(ID, NOTE))))
    heard = warehouse.hear(run(inputs=[dataset(schema(NOTE))]))
    assert (heard.kind, heard.observations) == ("ignored", ())


def test_an_event_about_a_dataset_shows_it() -> None:
    """A dataset event shows the dataset without any run; a job's event shows nothing."""
    assert [type(one) for one in Source(decode).say(alone(schema(ID))).facts] == [Image]
    event = run(dataset(schema(ID)))
    del event["run"], event["eventType"]
    assert Source(decode).say(event).kind == "ignored"


def test_positions_order_the_columns() -> None:
    """`ordinal_position` is the order where every field has one; else it is that of the list."""
    (image,) = Source(decode).say(run(dataset(schema(NOTE, ID)))).facts
    assert isinstance(image, Image)
    assert [one.name for one in image.columns] == ["ID", "NOTE"]
    (image,) = Source(decode).say(run(dataset(schema(NOTE, {"name": "X", "type": "DATE"}, ID)))).facts
    assert isinstance(image, Image)
    assert [one.name for one in image.columns] == ["NOTE", "X", "ID"]


@pytest.mark.parametrize("gone", [schema(ID, _deleted=True), schema(), {"schema": facet(fields=None)}, {}])
def test_a_facet_that_says_nothing(gone: Event) -> None:
    """A facet that was taken back, or that lists no field, is no table without columns."""
    assert Source(decode).say(run(dataset(gone))).kind == "ignored"


STRUCT = {"name": "s", "type": "struct", "fields": [{"name": "a", "type": "int"}, {"name": "b c", "type": "string"}]}
ARRAY = {"name": "l", "type": "array", "fields": [{"name": "_element", "type": "string"}]}
STRUCTS = {"name": "l", "type": "array", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "string"}]}
MAP = {
    "name": "m",
    "type": "map",
    "fields": [{"name": "key", "type": "string"}, {"name": "value", **STRUCT, "type": "struct"}],
}


@pytest.mark.parametrize(
    ("namespace", "producer", "field", "text", "dialect"),
    [
        (LAKE, SPARK, STRUCT, "STRUCT<a: int, `b c`: string>", "databricks"),
        (LAKE, SPARK, ARRAY, "ARRAY<string>", "databricks"),
        (LAKE, SPARK, STRUCTS, "ARRAY<STRUCT<a: int, b: string>>", "databricks"),
        ("trino://t:8080", DBT, STRUCT, 'ROW(a int, "b c" string)', "trino"),
        ("trino://t:8080", DBT, ARRAY, "ARRAY(string)", "trino"),
        ("bigquery", DBT, STRUCT, "STRUCT<a int, `b c` string>", "bigquery"),
        (SNOWFLAKE, DBT, STRUCT, 'STRUCT<a int, "b c" string>', "snowflake"),
        (LAKE, DBT, {**STRUCT, "type": "struct<a:int>"}, "struct<a:int>", "databricks"),
        ("arn:aws:glue:eu-west-1:1", DBT, STRUCT, "STRUCT<a: int, `b c`: string>", "databricks"),
        (LAKE, DBT, STRUCTS, "ARRAY<STRUCT<a int, b string>>", "trino"),
    ],
)
def test_nested_fields_are_one_type(namespace: str, producer: str, field: Event, text: str, dialect: str) -> None:
    """Fields within fields are put together as the dialect of their types writes them, so that it can read them."""
    facts = Source(decode).say(run(dataset(schema(field), namespace, "t"), producer=producer)).facts
    (image,) = facts
    assert isinstance(image, Image)
    assert image.columns[0].type == text
    assert not isinstance(read_type(text, dialect), Unknown)


def test_a_map_of_structs() -> None:
    """A map's key and value are its fields."""
    member = {**MAP, "fields": [MAP["fields"][0], {**STRUCT, "name": "value"}]}
    (image,) = Source(decode).say(run(dataset(schema(member), LAKE, "t"), producer=SPARK)).facts
    assert isinstance(image, Image)
    assert image.columns[0].type == "MAP<string, STRUCT<a: int, `b c`: string>>"


def test_spark_s_types_are_spark_s() -> None:
    """Spark writes its own types, whatever it writes to: they are read as such."""
    facts = Source(decode).say(run(dataset(schema({"name": "N", "type": "long"})), producer=SPARK)).facts
    assert [one.dialect for one in facts if isinstance(one, Image)] == ["databricks"]
    facts = Source(decode).say(run(dataset(schema(ID)))).facts
    assert [one.dialect for one in facts if isinstance(one, Image)] == [None]


@pytest.mark.parametrize(
    ("namespace", "written", "name"),
    [
        (SNOWFLAKE, "SHOP.SALES.ORDERS", NAME),
        ("mysql://db:3306", "shop.orders", ("shop", "orders")),
        (LAKE, "/warehouse/sales.db/orders", ("/warehouse/sales.db/orders",)),
        ("arn:aws:glue:eu-west-1:1", "table/shop/orders", ("shop", "orders")),
        ("kafka://prod:9092", "shop.orders", ("shop.orders",)),
        ("postgres://db:5432", 'shop.public."a.b"', ('shop.public."a.b"',)),
    ],
)
def test_names_are_parted_as_their_platform_does(namespace: str, written: str, name: tuple[str, ...]) -> None:
    """A database's name is cut into its parts, a path or topic stays whole, and the dataset is named as it was told."""
    heard = Warehouse(decode, SNOWFLAKE, "snowflake").hear(run(dataset(schema(ID), namespace, written)))
    assert [one.dataset for one in heard.observations if isinstance(one, DatasetSeen)] == [f"{namespace}/{written}"]
    (image,) = Source(decode).say(run(dataset(schema(ID), namespace, written))).facts
    assert isinstance(image, Image)
    assert image.name == name


def test_a_dropped_dataset_is_gone() -> None:
    """DROP is the end, whatever the schema facet shows."""
    assert Source(decode).say(run(dataset({**state("DROP"), **schema(ID)}))).facts == (Gone(NAME, namespace=SNOWFLAKE),)


@pytest.mark.parametrize("change", ["CREATE", "ALTER", "OVERWRITE"])
def test_a_change_without_a_schema_touches(change: str) -> None:
    """A change that shows no columns is to be read again; one that does is the table."""
    (fact,) = Source(decode).say(run(dataset(state(change)))).facts
    assert isinstance(fact, Touched)
    assert fact.namespace == SNOWFLAKE
    (fact,) = Source(decode).say(run(dataset({**state(change), **schema(ID)}))).facts
    assert isinstance(fact, Image)


def test_deleted_rows_are_no_change() -> None:
    """TRUNCATE takes rows, no column; a lifecycle facet that was taken back says nothing."""
    assert Source(decode).say(run(dataset(state("TRUNCATE")))).kind == "ignored"
    assert Source(decode).say(run(dataset(state("DROP", _deleted=True)))).kind == "ignored"


def before(name: str, namespace: str = SNOWFLAKE) -> Event:
    return {"previousIdentifier": {"name": name, "namespace": namespace}}


def test_a_rename_is_told() -> None:
    """The dataset has another name; a schema facet beside it shows how it stands."""
    renamed = Renamed(("SHOP", "SALES", "OLD"), NAME, SNOWFLAKE)
    assert Source(decode).say(run(dataset(state("RENAME", **before("SHOP.SALES.OLD"))))).facts == (renamed,)
    facts = Source(decode).say(run(dataset({**state("RENAME", **before("SHOP.SALES.OLD")), **schema(ID)}))).facts
    assert facts[0] == renamed
    assert isinstance(facts[1], Image)


def test_a_rename_of_what_was_not_known_is_shown() -> None:
    """Whose old name is not known is known by its schema facet all the same, without a blind spot."""
    heard = Warehouse(decode, SNOWFLAKE, "snowflake").hear(
        run(dataset({**state("RENAME", **before("SHOP.SALES.OLD")), **schema(ID)}))
    )
    assert [type(one) for one in heard.observations] == [DatasetSeen]
    assert heard.blind == ()


def test_a_rename_into_another_namespace_ends_the_old_name() -> None:
    """A dataset that moved elsewhere is gone where it was."""
    warehouse = Warehouse(decode, SNOWFLAKE, "snowflake")
    warehouse.hear(run(dataset(schema(ID), LAKE, "/a")))
    moved = {**state("RENAME", **before("/a", LAKE)), **schema(ID)}
    heard = warehouse.hear({**run(dataset(moved)), "run": {"runId": "2"}})
    assert {one.dataset: type(one) for one in heard.observations if hasattr(one, "dataset")} == {
        "s3://lake//a": DatasetGone,
        f"{SNOWFLAKE}/SHOP.SALES.ORDERS": DatasetSeen,
    }


def test_a_rename_without_its_old_name_touches() -> None:
    """Where the old name is not told, the new one is to be read."""
    (fact,) = Source(decode).say(run(dataset(state("RENAME")))).facts
    assert isinstance(fact, Touched)


def test_a_catalogue_s_name_is_told_too() -> None:
    """A path that a catalogue knows as a table is told under both names; what is no table is no name."""
    links = facet(
        identifiers=[
            {"namespace": "arn:aws:glue:eu-west-1:1", "name": "table/shop/orders", "type": "TABLE"},
            {"namespace": "s3://old", "name": "/x", "type": "LOCATION"},
        ]
    )
    facts = Source(decode).say(run(dataset({**schema(ID), "symlinks": links}, LAKE, "/orders"))).facts
    assert [(one.namespace, one.name) for one in facts if isinstance(one, Image)] == [
        (LAKE, ("/orders",)),
        ("arn:aws:glue:eu-west-1:1", ("shop", "orders")),
    ]


def test_an_event_is_told_once() -> None:
    """The same event has the same id; another run's another one."""
    source = Source(decode)
    one, same = source.say(run(dataset(schema(ID)))), source.say(run(dataset(schema(ID))))
    other = source.say({**run(dataset(schema(ID))), "run": {"runId": "2"}})
    assert one.id == same.id != other.id
    assert source.say(alone(schema(ID))).id != source.say(alone(schema(ID), name="SHOP.SALES.B")).id


def test_owners_are_not_judged_by_events() -> None:
    """An ownership facet moves no table."""
    owners = {"ownership": facet(owners=[{"name": "team:sales", "type": "OWNER"}])}
    assert Source(decode).say(run(dataset(owners))).kind == "ignored"


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"hello": 1}, "not-an-event"),
        (b"nonsense", "malformed-json"),
        (run({"name": "x"}), "malformed-event"),
        (run(dataset(schema({"type": "int"}))), "malformed-facet"),
    ],
)
def test_what_is_malformed_is_unreadable(event: Any, kind: str) -> None:
    """What is no event says why."""
    found = Source(decode).say(event).unreadable
    assert found is not None
    assert found.kind == kind


def test_symlinks_are_bounded() -> None:
    """A dataset with more names than any has is refused, before its schema is read for each."""
    links = facet(identifiers=[{"namespace": "s3://x", "name": str(one), "type": "TABLE"} for one in range(2_000)])
    found = Source(decode).say(run(dataset({**schema(ID), "symlinks": links}))).unreadable
    assert found is not None
    assert found.kind == "too-large"


def test_deep_fields_end() -> None:
    """Fields nested without end are refused."""
    field: Event = {"name": "x", "type": "int"}
    for _ in range(100):
        field = {"name": "s", "type": "struct", "fields": [field]}
    found = Source(decode).say(run(dataset(schema(field)))).unreadable
    assert found is not None
    assert found.kind == "too-deep"


def test_the_specification_s_examples() -> None:
    """Each example of the specification is read, as an event or a dataset's facet; its schema's fields are told."""
    if not CASES.exists():
        pytest.skip("no cases beside this checkout")
    told = 0
    for line in CASES.read_text().splitlines():
        case = orjson.loads(line)
        document = case["document"]
        if "eventTime" in document:
            assert Source(decode).say(document).unreadable is None, case["id"]
            continue
        reading = Source(decode).say(alone(document))
        assert reading.unreadable is None, case["id"]
        expected = [name for one in case["expected"]["schema_fields"] for name, _ in one]
        images = [one for one in reading.facts if isinstance(one, Image)]
        assert [one.name for image in images for one in image.columns] == expected, case["id"]
        told += len(images)
    assert told == 1


def test_any_part_may_be_anything() -> None:
    """Whatever stands where something else is expected, a reading comes of it."""
    links = facet(identifiers=[{"namespace": "s3://x", "name": "y", "type": "TABLE"}])
    facets = {**schema(ID, STRUCT, MAP), **state("RENAME", **before("A.B.C")), "symlinks": links}
    assert is_total(decode, run(dataset(facets))) > 500
    assert is_total(decode, alone(schema(ARRAY))) > 100
