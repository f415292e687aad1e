"""Avro texts, read into the canonical model."""

import pytest

from tests.parts.avro_text import enum, field, fixed, record, text
from watcher.formats.avro import parse
from watcher.model.schema import Format
from watcher.model.types import (
    NULL,
    Array,
    Binary,
    Boolean,
    Date,
    Decimal,
    Default,
    Duration,
    Enum,
    Field,
    Fixed,
    Float,
    Integer,
    Map,
    Record,
    Ref,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Uuid,
)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("null", NULL),
        ("boolean", Boolean()),
        ("int", Integer(32)),
        ("long", Integer(64)),
        ("float", Float(32)),
        ("double", Float(64)),
        ("bytes", Binary()),
        ("string", String()),
    ],
)
def test_primitive(word: str, expected: Type) -> None:
    """A primitive type is the same as a word and as an object."""
    assert parse(text(word)).root == expected
    assert parse(text({"type": word, "doc": "x", "custom": {"a": 1}})).root == expected


@pytest.mark.parametrize(
    ("carrier", "attributes", "expected"),
    [
        ("int", {"logicalType": "date"}, Date(Integer(32))),
        ("int", {"logicalType": "time-millis"}, Time("ms", Integer(32))),
        ("long", {"logicalType": "time-micros"}, Time("us", Integer(64))),
        ("long", {"logicalType": "timestamp-millis"}, Timestamp("ms", zoned=True, base=Integer(64))),
        ("long", {"logicalType": "timestamp-nanos"}, Timestamp("ns", zoned=True, base=Integer(64))),
        ("long", {"logicalType": "local-timestamp-micros"}, Timestamp("us", zoned=False, base=Integer(64))),
        ("string", {"logicalType": "uuid"}, Uuid(String())),
        ("bytes", {"logicalType": "decimal", "precision": 12, "scale": 2}, Decimal(12, 2, Binary())),
        ("bytes", {"logicalType": "decimal", "precision": 12}, Decimal(12, 0, Binary())),
        ("bytes", {"logicalType": "big-decimal"}, Decimal(base=Binary())),
    ],
)
def test_logical_type(carrier: str, attributes: dict[str, object], expected: Type) -> None:
    """A logical type keeps its carrier beside its meaning."""
    assert parse(text({"type": carrier, **attributes})).root == expected


@pytest.mark.parametrize(
    ("carrier", "attributes", "expected"),
    [
        ("string", {"logicalType": "date"}, String()),
        ("long", {"logicalType": "date"}, Integer(64)),
        ("int", {"logicalType": "no-such-thing"}, Integer(32)),
        ("int", {"logicalType": ["date"]}, Integer(32)),
        ("bytes", {"logicalType": "decimal"}, Binary()),
        ("bytes", {"logicalType": "decimal", "precision": 0}, Binary()),
        ("bytes", {"logicalType": "decimal", "precision": 2, "scale": 3}, Binary()),
        ("bytes", {"logicalType": "decimal", "precision": 2, "scale": -1}, Binary()),
        ("bytes", {"logicalType": "decimal", "precision": "2"}, Binary()),
        ("bytes", {"logicalType": "decimal", "precision": 2.0}, Binary()),
        ("bytes", {"logicalType": "decimal", "precision": True}, Binary()),
    ],
)
def test_invalid_logical_type(carrier: str, attributes: dict[str, object], expected: Type) -> None:
    """A logical type that is unknown, or does not fit its carrier, is ignored."""
    assert parse(text({"type": carrier, **attributes})).root == expected


def test_fixed_with_a_logical_type() -> None:
    """A fixed type's logical type goes with its name, wherever the name stands."""
    schema = parse(
        text(
            record(
                field("amount", fixed(8, "Money", logicalType="decimal", precision=18, scale=2)),
                field("tax", "Money"),
                field("id", fixed(16, "Id", logicalType="uuid")),
                field("span", fixed(12, "Span", logicalType="duration")),
                field("hash", fixed(4, "Hash", logicalType="decimal", precision=10)),
            )
        )
    )

    assert [one.type for one in schema.named["shop.Order"].fields] == [  # type: ignore[union-attr]
        Decimal(18, 2, Ref("shop.Money")),
        Decimal(18, 2, Ref("shop.Money")),
        Uuid(Ref("shop.Id")),
        Duration(Ref("shop.Span")),
        Ref("shop.Hash"),  # four bytes hold nine digits at most
    ]
    assert schema.named["shop.Money"] == Fixed(8, "shop.Money")


def test_record() -> None:
    """A record keeps names, types, defaults and aliases; documentation, order and custom properties are left out."""
    schema = parse(
        text(
            record(
                field("id", "long", doc="the key", order="ignore", tags=["PII"]),
                field("note", ["null", "string"], default=None, aliases=["remark", "remark"]),
                field("lines", {"type": "array", "items": {"type": "map", "values": "int"}}, default=[]),
                name="Order",
                namespace="shop",
                aliases=["Purchase", "old.Order"],
                doc="an order",
            )
        )
    )

    assert schema.format is Format.AVRO
    assert schema.root == Ref("shop.Order")
    assert schema.named == {
        "shop.Order": Record(
            (
                Field("id", Integer(64)),
                Field("note", Union((NULL, String())), Default(None), ("remark",)),
                Field("lines", Array(Map(Integer(32))), Default([])),
            ),
            "shop.Order",
            ("shop.Purchase", "old.Order"),
        )
    }


def test_enum() -> None:
    """An enum keeps its symbols in order, and what an unknown one is read as."""
    schema = parse(text(enum("PLACED", "PAID", default="PLACED", aliases=["State"])))

    assert schema.named["shop.Status"] == Enum(("PLACED", "PAID"), "shop.Status", "PLACED", ("shop.State",))


def test_error_is_a_record() -> None:
    """The type `error` is a record."""
    assert parse(text({"type": "error", "name": "Oops", "fields": []})).named == {"Oops": Record((), "Oops")}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"name": "Order"}, "Order"),
        ({"name": "Order", "namespace": "shop"}, "shop.Order"),
        ({"name": "web.Order", "namespace": "shop"}, "web.Order"),
        ({"name": "Order", "namespace": ""}, "Order"),
        ({"name": "Order", "namespace": None}, "Order"),
        ({"name": "Ördër_1", "namespace": "com.my-shop"}, "com.my-shop.Ördër_1"),
    ],
)
def test_full_name(names: dict[str, object], expected: str) -> None:
    """A name with dots is a full one; otherwise the namespace goes before it."""
    assert parse(text({"type": "fixed", "size": 1, **names})).root == Ref(expected)


def test_namespace_is_inherited() -> None:
    """What stands inside a record is of its namespace, unless it says otherwise; a bare name is also sought in none."""
    schema = parse(
        text(
            record(
                field("a", fixed(1, "A")),
                field("b", {**fixed(1, "B"), "namespace": ""}),
                field("c", record(field("x", "A"), field("y", "B"), name="C")),
                field("d", record(field("x", "shop.A"), name="other.D")),
            )
        )
    )

    assert set(schema.named) == {"shop.A", "B", "shop.C", "other.D", "shop.Order"}
    assert schema.named["shop.C"].fields[1].type == Ref("B")  # type: ignore[union-attr]


def test_recursion() -> None:
    """A record may hold itself, by name."""
    schema = parse(text(record(field("next", ["null", "Order"]))))

    assert schema.named["shop.Order"].fields[0].type == Union((NULL, Ref("shop.Order")))  # type: ignore[union-attr]


def test_definition_may_follow_its_use() -> None:
    """A name may be used before it is defined, as Avro 1.12 has it; what it means is known all the same."""
    money = fixed(8, "Money", logicalType="decimal", precision=4)
    late = parse(text(record(field("a", "Money"), field("b", money))))
    early = parse(text(record(field("a", money), field("b", "Money"))))

    assert early == late


def test_one_schema_in_other_words() -> None:
    """White space, key order, documentation and comments make no other schema."""
    plain = parse('{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":1}]}')
    other = parse(
        b"""/* a comment */ {"doc": "x", "fields": [ {"default": 1, "type": {"type": "int"}, "name": "a"} ],
        "name": "R", "type": "record"} // "another" """
    )

    assert plain == other


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), ([1], [True]), ({"a": 0}, {"a": False}), (None, "")])
def test_defaults_are_told_apart(one: object, other: object) -> None:
    """Defaults that Python takes for equal are two to Avro; also where the same field was just read with another."""
    type_ = ["null", "int", "boolean", "double", "string"]
    wide = [*type_, {"type": "array", "items": type_}, {"type": "map", "values": type_}]
    first = parse(text(record(field("a", wide, default=one))))
    second = parse(text(record(field("a", wide, default=other))))

    assert first != second
    assert first == parse(text(record(field("a", wide, default=one))))


@pytest.mark.parametrize(("written", "expected"), [(1, 1.0), ("1.5", 1.5), ("NaN", "NaN")])
def test_default_of_a_float(written: object, expected: object) -> None:
    """A number may be written without a point, or as text, for a floating-point field."""
    schema = parse(text(record(field("a", "double", default=written))))

    assert schema.named["shop.Order"].fields[0].default == Default(expected)  # type: ignore[union-attr]


def test_references() -> None:
    """What a reference defines is known to those after it; what the schema does not lead to is no part of it."""
    money = text(record(field("amount", "long"), name="shop.Money"))
    line = text(record(field("price", "Money"), name="shop.Line"))
    other = text(fixed(1, "shop.Unused"))
    order = text(record(field("lines", {"type": "array", "items": "shop.Line"})))

    schema = parse(order, [("shop.Money", money), ("shop.Line", line), ("shop.Unused", other)])

    assert set(schema.named) == {"shop.Order", "shop.Line", "shop.Money"}
    assert schema.root == Ref("shop.Order")


def test_same_definition_in_two_references() -> None:
    """Two texts may define a name alike; where they differ, the schema is refused."""
    money = record(field("amount", "long"), name="shop.Money")
    invoice = text(record(field("sum", money), name="shop.Invoice"))
    order = text(record(field("sum", "shop.Money"), field("invoice", "shop.Invoice")))

    assert set(parse(order, [("a", text(money)), ("b", invoice)]).named) == {"shop.Order", "shop.Money", "shop.Invoice"}


def test_defaults_need_not_be_checked() -> None:
    """A registry checks defaults only when a schema is registered: what it holds may be read without."""
    broken = text(record(field("a", "int", default="x")))

    assert parse(broken, check_defaults=False).named["shop.Order"].fields[0].default == Default("x")  # type: ignore[union-attr]


def test_next_version_beside_the_last() -> None:
    """Fields that stand as before are the very same objects, wherever others come, go, move or change."""
    last = [field("a", "int", default=1), field("b", ["null", "string"]), field("c", "long"), field("d", "double")]
    was = parse(text(record(*last))).named["shop.Order"].fields  # type: ignore[union-attr]
    new = [last[3], field("x"), {**last[0], "default": 2}, last[2], last[1]]
    now = parse(text(record(*new))).named["shop.Order"].fields  # type: ignore[union-attr]

    assert [one.name for one in now] == ["d", "x", "a", "c", "b"]
    assert now[0] is was[3]
    assert now[3] is was[2]
    assert now[4] is was[1]
    assert (was[0].default, now[2].default) == (Default(1), Default(2))


def test_flat() -> None:
    """A schema knows whether there are names in its definitions: only then may equal members mean different things."""
    assert parse(text(record(field("a", ["null", {"type": "array", "items": "int"}])))).flat
    assert not parse(text(record(field("a", ["null", "Order"])))).flat
    assert not parse(text(record(field("a", enum("A"))))).flat
    assert not parse(text(record(field("a", aliases=["b"])))).flat
