"""Our own DDL event: what it says, every mistake with its place, and the schemas that are published of it."""

import io
import json
from typing import Any

import fastavro
import jsonschema
import pytest

from watcher.feeds.warehouse.facts import ColumnImage, Gone, Image, Ran, Reading, Renamed, Touched
from watcher.feeds.warehouse.framing import Unframer
from watcher.feeds.warehouse.sources import ddl
from watcher.feeds.warehouse.sources.ddl_schema import avro_schema, json_schema
from watcher.model.dataset import Position, RawRecord

Document = dict[str, Any]

WHOLE: Document = {
    "feed": "warehouse",
    "id": "42",
    "at": "2026-03-01T12:00:00+01:00",
    "dialect": "snowflake",
    "database": "SHOP",
    "schema": "PUBLIC",
    "tables": [
        {
            "name": "ORDERS",
            "columns": [
                {
                    "name": "ID",
                    "type": "NUMBER(38,0)",
                    "nullable": False,
                    "default": "0",
                    "id": "7",
                    "comment": "the key",
                    "tags": ["pii"],
                },
                {"name": "NOTE", "type": "VARCHAR"},
            ],
            "primary_key": ["ID"],
            "unique": [["NOTE"]],
            "view": False,
            "partial": False,
            "id": "t1",
            "renamed_from": "OLD",
        },
        {"name": "SHOP.OTHER.GONE", "gone": True},
        {"name": ["A", "B", "C.D"], "renamed_from": '"A"."B".C'},
    ],
    "touched": ["X", ["SHOP", "OTHER", "Y"]],
    "by": "deploy",
    "query": None,
    "commit": "abc123",
    "baseline": False,
}
SCRIPT: Document = {"sql": "CREATE TABLE t (id INT); DROP TABLE u"}


def read(document: Any) -> Reading:
    value = document if isinstance(document, bytes) else json.dumps(document).encode()
    return ddl.decode(RawRecord(Position("warehouse", 0, 1), None, value), {})


def mistakes(document: Any) -> list[str]:
    unreadable = read(document).unreadable
    return [] if unreadable is None else unreadable.reason.split("; ")


def test_everything_that_an_event_can_say() -> None:
    """Tables, renames, what is gone and what is only touched, each with its name completed by the event's place."""
    reading = read(WHOLE)

    assert (reading.kind, reading.id, reading.at, reading.by) == ("ddl", "42", 1_772_362_800_000, "deploy")
    assert (reading.query, reading.baseline, reading.unreadable) == ("abc123", False, None)
    why = "the event says that it changed, and not how"
    assert reading.facts == (
        Renamed(("SHOP", "PUBLIC", "OLD"), ("SHOP", "PUBLIC", "ORDERS")),
        Image(
            ("SHOP", "PUBLIC", "ORDERS"),
            (
                ColumnImage("ID", "NUMBER(38,0)", False, "0", "7", "the key", ("pii",)),
                ColumnImage("NOTE", "VARCHAR", None),
            ),
            ("ID",),
            (("NOTE",),),
            id="t1",
            dialect="snowflake",
        ),
        Gone(("SHOP", "OTHER", "GONE")),
        Renamed(("A", "B", "C"), ("A", "B", "C.D")),
        Touched(("SHOP", "PUBLIC", "X"), why),
        Touched(("SHOP", "OTHER", "Y"), why),
    )


def test_statements() -> None:
    """Statements go on as they are, with the database and schema that they ran in."""
    assert read(SCRIPT).facts == (Ran(SCRIPT["sql"]),)
    placed = read({**SCRIPT, "database": "d", "schema": "s", "dialect": "PostgreSQL", "query": "q1", "commit": "c"})

    assert placed.facts == (Ran(SCRIPT["sql"], ("d", "s"), "PostgreSQL"),)
    assert placed.query == "q1"


@pytest.mark.parametrize("at", [0, 1_772_362_800_000, "2026-03-01T11:00:00Z", "2026-03-01T11:00:00.000Z"])
def test_moments(at: object) -> None:
    """A moment is RFC 3339 or a number of milliseconds."""
    assert read({**SCRIPT, "at": at}).at in (0, 1_772_362_800_000)


def test_a_baseline_judges_nobody() -> None:
    """An event that says how things stand says so of all its tables; what is gone in it is gone all the same."""
    tables = [{"name": "t", "columns": [{"name": "a", "type": "INT"}]}, {"name": "u", "gone": True}]

    reading = read({"tables": tables, "baseline": True})

    assert reading.baseline
    assert reading.facts == (Image(("t",), (ColumnImage("a", "INT", None),), baseline=True), Gone(("u",)))


def test_an_empty_value_says_nothing() -> None:
    """A tombstone is none of our business."""
    assert read(b"").kind == "ignored"


TABLE: Document = {"name": "t", "columns": [{"name": "a", "type": "INT"}]}


def table(**changed: Any) -> Document:
    return {"tables": [TABLE, {**TABLE, **changed}]}


def in_column(**changed: Any) -> Document:
    return table(columns=[{"name": "a", "type": "INT", **changed}])


MISTAKES: list[tuple[Document, str]] = [
    ({}, "the event says nothing: send `sql`, `tables` or `touched`"),
    ({"sql": None, "by": "x"}, "the event says nothing"),
    ({"sql": "x", "tables": [TABLE]}, "`sql` and `tables` say the same in two ways"),
    ({"sql": " "}, "sql is empty"),
    ({"sql": 7}, "sql is 7, not a text"),
    ({"sql": "x\0"}, "sql holds NUL"),
    ({**SCRIPT, "dialet": "x"}, "dialet is not known: did you mean dialect?"),
    ({**SCRIPT, "dialect": "cobol"}, "dialect: 'cobol' is not known: known are athena,"),
    ({**SCRIPT, "at": "yesterday"}, "at is 'yesterday': write RFC 3339"),
    ({**SCRIPT, "at": "2026-03-01T11:00:00"}, "at is '2026-03-01T11:00:00': write RFC 3339 with its offset"),
    ({**SCRIPT, "at": -1}, "at is -1"),
    ({**SCRIPT, "at": True}, "at is true"),
    ({**SCRIPT, "at": 10**15}, "at is 1000000000000000"),
    ({**SCRIPT, "at": 1.5}, "at is 1.5"),
    ({**SCRIPT, "baseline": "yes"}, "baseline is 'yes', neither true nor false"),
    ({**SCRIPT, "id": "x" * 1_001}, "id has 1,001 characters: 1,000 are read at most"),
    ({"tables": {}}, "tables is an object, not a list"),
    ({"tables": ["t"]}, "tables[0] is 't', not an object"),
    ({"touched": "t"}, "touched is 't', not a list"),
    ({"touched": [[]]}, "touched[0] has 0 parts"),
    ({"touched": ["a", 7]}, "touched[1] is 7: write the parts of the name"),
    ({"touched": ["a..b"]}, "touched[0][1] is '': a part of a name has 1 to 1000 characters"),
    ({"touched": [["a", None]]}, "touched[0][1] is null: a part of a name"),
    (table(name=None), "tables[1].name is missing"),
    (table(name="a" * 9_000), "tables[1].name has 9,000 characters"),
    (table(columns=None), "tables[1].columns is missing: list them, or say `gone`"),
    (table(columns=[]), "tables[1].columns is empty"),
    (table(gone=True), "tables[1]: a table that is gone has neither"),
    (table(column=[]), "tables[1].column is not known: did you mean columns?"),
    (table(primary_key="a"), "tables[1].primary_key is 'a', not a list"),
    (table(primary_key=[1]), "tables[1].primary_key[0] is 1, not a text"),
    (table(unique=["a"]), "tables[1].unique[0] is 'a', not a list"),
    (in_column(name=""), "tables[1].columns[0].name is empty"),
    (in_column(type=None), "tables[1].columns[0].type is missing"),
    (in_column(nullable=1), "tables[1].columns[0].nullable is 1, neither true nor false"),
    (in_column(tags="pii"), "tables[1].columns[0].tags is 'pii', not a list"),
]


@pytest.mark.parametrize(("document", "told"), MISTAKES)
def test_each_mistake_is_named_with_its_place(document: Document, told: str) -> None:
    """An event with a mistake is unreadable as a whole, and its reason says where and what to do."""
    assert any(one.startswith(told) for one in mistakes(document)), mistakes(document)
    assert read(document).facts == ()


def test_all_mistakes_are_told_at_once() -> None:
    """Several mistakes are told together, a bounded number of them."""
    assert len(mistakes({"sql": 1, "by": 2, "at": "x"})) == 3
    many = mistakes({f"key{number}": 1 for number in range(1_000)})
    assert (len(many), many[-1]) == (ddl.MAX_TOLD + 1, "and more")


@pytest.mark.parametrize(
    ("value", "kind"), [(b"[1]", "not-an-object"), (b"{", "malformed-json"), (b"\0\0\0\0\7x", "framed")]
)
def test_what_is_no_event(value: bytes, kind: str) -> None:
    """Bytes that hold no event are unreadable with a reason."""
    unreadable = read(value).unreadable

    assert unreadable is not None
    assert unreadable.kind == kind


# What is published.


def test_the_json_schema_takes_what_the_decoder_takes() -> None:
    """Events that the decoder reads are valid by the published schema."""
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.check_schema(json_schema())

    for document in (WHOLE, SCRIPT, {"touched": ["a.b"]}, {"tables": [TABLE]}):
        assert list(validator.iter_errors(document)) == []
        assert mistakes(document) == []


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"sql": 7},
        {**SCRIPT, "dialet": "x"},
        {**SCRIPT, "at": -1},
        {**SCRIPT, "baseline": "yes"},
        {"tables": ["t"]},
        {"touched": [[]]},
        table(name=None),
        table(column=[]),
        table(unique=["a"]),
        in_column(type=None),
        in_column(name=""),
    ],
)
def test_the_json_schema_refuses_what_the_decoder_refuses(document: Document) -> None:
    """Mistakes of shape are mistakes by both."""
    assert list(jsonschema.Draft202012Validator(json_schema()).iter_errors(document))
    assert mistakes(document)


@pytest.mark.anyio
async def test_the_event_in_avro_says_the_same() -> None:
    """An event that was written in Avro by the published schema, and framed, is read as its JSON is."""
    text = json.dumps(avro_schema())
    parsed = fastavro.parse_schema(avro_schema())

    async def fetch(number: int) -> str:
        assert number == 9
        return text

    for document in (WHOLE, {**WHOLE, "at": 1_772_362_800_000}, SCRIPT):
        out = io.BytesIO()
        fastavro.schemaless_writer(out, parsed, document)
        framed = RawRecord(Position("warehouse", 0, 1), None, b"\0\0\0\0\x09" + out.getvalue())
        assert ddl.decode(await Unframer(fetch)(framed), {}) == read(document)
