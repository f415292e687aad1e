"""What is no Avro schema: always a SchemaError, of a kind that machines can tell, in bounded time."""

import contextlib
import time
from typing import Any

import pytest

from tests.parts.avro_text import enum, field, fixed, record, text
from watcher.formats.avro import parse
from watcher.model.errors import SchemaError

DEEP = 10_000


def refused(schema: str | bytes, *references: tuple[str, str]) -> SchemaError:
    with pytest.raises(SchemaError) as caught:
        parse(schema, references)
    return caught.value


@pytest.mark.parametrize(
    "written", ["", "  ", "{", "NaN", "[1e999]", "{'type':'int'}", "int", '"int" "int"', "\ufeff1", "/*"]
)
def test_not_json(written: str) -> None:
    """A text that is no JSON."""
    assert refused(written).kind == "malformed-json"


@pytest.mark.parametrize("written", [b'"\xff"', b'{"type":"int","doc":"\xc3"}', '"\ud800"'])
def test_not_utf8(written: str | bytes) -> None:
    """Bytes that are no UTF-8, and texts that cannot become any."""
    assert refused(written).kind == "not-utf-8"


@pytest.mark.parametrize(
    "written",
    [
        "[" * DEEP,
        "[" * DEEP + "]" * DEEP,
        '{"type":"array","items":' * DEEP + '"int"' + "}" * DEEP,
        '{"type":"array","items":' * 500 + '"int"' + "}" * 500,
        '{"type":"record","name":"R","fields":[{"name":"a","type":' * DEEP,
        text(record(field("a", "string", default=0))).replace("0", "[" * DEEP + "]" * DEEP),
        text(record(field("a", ["null", {"type": "array", "items": "int"}], default=0))).replace(
            "0", "[" * 300 + "]" * 300
        ),
    ],
    ids=["open", "closed", "arrays", "few-arrays", "records", "default", "short-default"],
)
def test_nesting(written: str) -> None:
    """Nesting beyond what people write, wherever it stands."""
    assert refused(written).kind == "too-deep"


def test_nesting_that_is_ignored() -> None:
    """A custom property may be nested as deeply as JSON is read at all."""
    deep: Any = []
    for _ in range(900):
        deep = [deep]

    assert parse(text({"type": "int", "custom": deep})) == parse('"int"')


def test_size() -> None:
    """A schema of ten megabytes is refused unread; references count."""
    large = text({"type": "int", "doc": "x" * 10_000_000})

    assert refused(large).kind == "too-large"
    assert refused('"int"', ("large", large)).kind == "too-large"
    assert refused("x" * 10_000_000).kind == "too-large"


@pytest.mark.parametrize(
    "written",
    [
        text(record(*[field(f"f{number}", ["null", "string"], default=None) for number in range(40_000)])),
        text([record(name=f"R{number}") for number in range(20_000)]),
        text(enum(*[f"S{number}" for number in range(200_000)])),
        '"' + '\\"' * 2_000_000,
        "/*" * 2_000_000,
        '{"a":' * 300_000,
        '"/*' + "\\" * 4_000_000,
    ],
    ids=["fields", "union", "symbols", "open-string", "comments", "objects", "backslashes"],
)
def test_time(written: str) -> None:
    """Some megabytes are read or refused in seconds, whatever they hold."""
    started = time.process_time()
    with contextlib.suppress(SchemaError):
        parse(written)

    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "schema",
    [
        None,
        1,
        True,
        {},
        {"type": None},
        {"type": 1},
        {"type": {"type": "int"}},
        {"type": ["null", "int"]},
        {"type": "array"},
        {"type": "array", "items": None},
        {"type": "map"},
        {"type": "map", "values": 1},
        {"type": "record"},
        {"type": "record", "name": "R"},
        {"type": "record", "name": "R", "fields": None},
        {"type": "record", "name": "R", "fields": {}},
        {"type": "record", "name": "R", "fields": [None]},
        {"type": "record", "name": "R", "fields": ["a"]},
        {"type": "record", "name": None, "fields": []},
        {"type": "record", "name": "", "fields": []},
        {"type": "record", "name": "1a", "fields": []},
        {"type": "record", "name": "a b", "fields": []},
        {"type": "record", "name": "a.", "fields": []},
        {"type": "record", "name": "int", "fields": []},
        {"type": "record", "name": "R", "namespace": "a<b>", "fields": []},
        record(field("a"), field("a", "int")),
        record(field("1")),
        record(field("a-b")),
        record(field("")),
        record({"name": "a"}),
        record({"type": "int"}),
        record({"name": ["a"], "type": "int"}),
        record(field("a", None)),
        record(field("a", order="up")),
        record(field("a", order=1)),
        record(field("a", aliases="b")),
        record(field("a", aliases=[1])),
        record(aliases=["a b"]),
        record(field("a", fixed(1)), field("b", fixed(1))),
        record(field("a", record(name="shop.Order"))),
        enum("A", "A"),
        enum("A", "1"),
        enum("A", "a b"),
        enum("A", default="B"),
        {"type": "enum", "name": "E"},
        {"type": "enum", "name": "E", "symbols": "A"},
        {"type": "enum", "name": "E", "symbols": [None]},
        {"type": "enum", "name": "E", "symbols": [["A"]]},
        {"type": "fixed", "name": "F"},
        fixed(-1),
        fixed(2**31),
        {"type": "fixed", "name": "F", "size": "1"},
        {"type": "fixed", "name": "F", "size": 1.0},
        {"type": "fixed", "name": "F", "size": True},
        ["int", "int"],
        ["int", {"type": "int", "logicalType": "date"}],
        [{"type": "array", "items": "int"}, {"type": "array", "items": "long"}],
        ["null", ["int"]],
        [None],
    ],
    ids=text,
)
def test_invalid_schema(schema: object) -> None:
    """JSON that is no schema to Avro."""
    assert refused(text(schema)).kind == "invalid-schema"


@pytest.mark.parametrize(
    ("type_", "default"),
    [
        ("string", None),
        ("string", 1),
        ("null", 0),
        ("int", 2**31),
        ("int", 1.0),
        ("int", True),
        ("int", "1"),
        ("long", 2**63),
        ("double", "one"),
        ("double", True),
        ("boolean", 0),
        ("bytes", 1),
        (["null", "string"], 1),
        ({"type": "array", "items": "int"}, {}),
        ({"type": "array", "items": "int"}, [None]),
        ({"type": "map", "values": "int"}, {"a": "b"}),
        ({"type": "long", "logicalType": "timestamp-millis"}, "now"),
        (enum("A"), 1),
        (fixed(1), 1),
        (record(field("x", "int"), name="X"), {}),
        (record(field("x", "int"), name="X"), {"x": None}),
        ("shop.Order", {}),
    ],
    ids=text,
)
def test_invalid_default(type_: object, default: object) -> None:
    """A default that is no value of its type."""
    assert refused(text(record(field("a", type_, default=default)))).kind == "invalid-schema"


@pytest.mark.parametrize(
    ("type_", "default"),
    [
        (["string", "null"], None),
        (["null", "string"], "x"),
        ("long", -(2**63)),
        ("bytes", "\u00ff"),
        (enum("A"), "B"),
        (record(field("x", "int", default=1), field("y", ["null", "shop.Order"], default=None), name="X"), {}),
        (["null", "shop.Order"], {"a": {"a": None}}),
    ],
    ids=text,
)
def test_valid_default(type_: object, default: object) -> None:
    """A default may be of any branch of a union; of an enum any text will do, as for Avro Java."""
    assert parse(text(record(field("a", type_, default=default)))).name == "shop.Order"


@pytest.mark.parametrize(
    "schema", ["nope", "shop.Nope", ["null", "Nope"], {"type": "Nope"}, record(field("a", "Nope"))]
)
def test_undefined_name(schema: object) -> None:
    """A name that nothing defines."""
    assert refused(text(schema)).kind == "unknown-reference"


def test_place() -> None:
    """An error says where in the schema it is, and in which of its references."""
    inner = {"type": "map", "values": ["null", record(field("a"), field("b", None), name="X")]}

    assert "/fields/0/type/values/1/fields/1/type" in str(refused(text(record(field("m", inner)))))
    assert "`shop.Money`" in str(refused('"shop.Money"', ("shop.Money", '{"type":')))
    assert "`shop.Money`" in str(refused('"shop.Money"', ("shop.Money", '{"type":1}')))


def test_references_that_disagree() -> None:
    """A name that two texts define differently."""
    one, other = fixed(1), fixed(2)

    assert refused(text("shop.Hash"), ("a", text(one)), ("b", text(other))).kind == "invalid-schema"
    assert refused(text(other), ("a", text(one))).kind == "invalid-schema"


def test_references_that_need_each_other() -> None:
    """References in a circle are read, as long as every name is defined."""
    one = text(record(field("b", ["null", "B"]), name="A"))
    other = text(record(field("a", ["null", "A"]), name="B"))

    assert set(parse('["null", "A"]', [("A", one), ("B", other)]).named) == {"A", "B"}


def test_default_that_holds_itself() -> None:
    """Defaults that multiply without end are no values, and are found out at once."""
    twice = [field(name, "shop.Order", default={}) for name in "abcdefgh"]

    assert refused(text(record(*twice))).kind == "invalid-schema"


def test_null_is_no_field_whatever_was_read_before() -> None:
    """A `null` among the fields is refused, also where the last version of that record had a field there."""
    parse(text(record(field("a"), field("b", record(name="Inner")))))
    before = text({"type": "record", "name": "R", "fields": [field("a"), field("b", {"type": "int", "x": "y" * 600})]})
    parse(before)

    for nodes in ([None], [field("a"), None], [None, None]):
        assert refused(text({"type": "record", "name": "R", "fields": nodes})).kind == "invalid-schema"
