"""What changed between two Avro schemas: facts, each once, in a fixed order."""

import time
from typing import Any

import pytest

from tests.parts.avro_text import enum, field, fixed, record, text
from watcher.diff import diff
from watcher.diff.apply import apply, same
from watcher.diff.render import to_json
from watcher.formats.avro import parse
from watcher.model.change import DatasetCreated, DatasetDropped
from watcher.model.errors import SchemaError
from watcher.model.schema import Format, Schema
from watcher.model.types import NULL, Field, Integer, Record, String, Type, Union

Fact = tuple[str, str, Any, Any]


def facts(before: Any, after: Any) -> list[Fact]:
    """Kind, path, before and after of every change."""
    changes = [to_json(one, "d") for one in diff(parse(text(before)), parse(text(after)))]
    return [(one["kind"], one["path"], one["before"], one["after"]) for one in changes]


def test_no_schema_on_one_side() -> None:
    """A dataset that was created or dropped is one change."""
    schema = parse(text(record(field("a"))))

    assert diff(None, schema) == (DatasetCreated(schema),)
    assert diff(schema, None) == (DatasetDropped(schema),)
    assert diff(None, None) == ()


def test_nothing_changed() -> None:
    """Documentation, order of keys, `order`, custom properties and symbols' order are no change."""
    before = record(field("a", enum("A", "B")), field("b", {"type": "int"}), aliases=["X", "Y"])
    after = {
        "fields": [
            field("a", enum("B", "A", doc="status"), order="ignore"),
            {"type": "int", "tags": ["PII"], "name": "b", "doc": "b"},
        ],
        "aliases": ["Y", "X"],
        "name": "Order",
        "namespace": "shop",
        "type": "record",
    }

    assert facts(before, after) == []


def test_fields_come_and_go() -> None:
    """A member that comes or goes is told with what it is, at its place after; what is gone comes last."""
    before = record(field("a"), field("b", ["null", "int"], default=None), field("c"))
    after = record(field("a"), field("n", enum("A")), field("c"))

    assert facts(before, after) == [
        ("field-added", "n", None, {"name": "n", "type": "enum(A)"}),
        ("field-removed", "b", {"name": "b", "type": "int | null", "default": None}, None),
    ]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("int", "long", "type-widened"),
        ("int", "double", "type-widened"),
        ("float", "double", "type-widened"),
        ("long", "int", "type-narrowed"),
        ("long", "double", "type-changed"),
        ("int", "float", "type-changed"),
        ("int", "string", "type-changed"),
        ("string", "bytes", "type-changed"),
        ("long", {"type": "long", "logicalType": "timestamp-millis"}, "type-changed"),
        ("string", enum("A"), "type-changed"),
        ("string", {"type": "array", "items": "string"}, "type-changed"),
        (record(name="X"), {"type": "map", "values": "int"}, "type-changed"),
        (fixed(1), fixed(2), "type-changed"),
    ],
)
def test_type(before: Any, after: Any, kind: str) -> None:
    """Another type is one change at its path, and says whether it holds more, or less, or neither."""
    (fact,) = facts(record(field("a", before)), record(field("a", after)))

    assert fact[:2] == (kind, "a")


def test_logical_types() -> None:
    """Precision and scale widen by their values; a unit that changes under a bare number is another type."""

    def decimal(precision: int, scale: int) -> dict[str, Any]:
        return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}

    def moment(unit: str) -> dict[str, Any]:
        return {"type": "long", "logicalType": unit}

    assert facts(decimal(10, 2), decimal(12, 2)) == [("type-widened", "", "decimal(10,2)", "decimal(12,2)")]
    assert facts(decimal(10, 2), decimal(12, 4)) == [("type-widened", "", "decimal(10,2)", "decimal(12,4)")]
    assert facts(decimal(10, 2), decimal(10, 4)) == [("type-changed", "", "decimal(10,2)", "decimal(10,4)")]
    assert facts(decimal(12, 2), decimal(10, 2)) == [("type-narrowed", "", "decimal(12,2)", "decimal(10,2)")]
    assert facts(moment("timestamp-millis"), moment("timestamp-micros")) == [
        ("type-changed", "", "timestamp(ms)", "timestamp(us)")
    ]
    assert facts(moment("timestamp-millis"), moment("local-timestamp-millis")) == [
        ("type-changed", "", "timestamp(ms)", "local-timestamp(ms)")
    ]


def test_carriers() -> None:
    """Another carrier of the same values is a change too; another name for the carrier is only that."""

    def decimal(carrier: dict[str, Any]) -> dict[str, Any]:
        return record(field("a", {**carrier, "logicalType": "decimal", "precision": 4, "scale": 2}))

    in_bytes, in_fixed = decimal({"type": "bytes"}), decimal(fixed(8, "shop.Money"))

    assert facts(in_bytes, in_fixed) == [("type-changed", "a", "decimal(4,2)", "decimal(4,2)")]
    assert facts(in_fixed, decimal(fixed(9, "shop.Money"))) == [("type-changed", "a", "decimal(4,2)", "decimal(4,2)")]
    assert facts(in_fixed, decimal(fixed(8, "web.Money"))) == [("name-changed", "a", "shop.Money", "web.Money")]


def test_nullability() -> None:
    """Null among the values is a fact of its own; with another type there are two."""

    def order(type_: Any) -> dict[str, Any]:
        return record(field("a", type_))

    assert facts(order("int"), order(["null", "int"])) == [("nullability-loosened", "a", "int", "int | null")]
    assert facts(order(["int", "null"]), order("int")) == [("nullability-tightened", "a", "int | null", "int")]
    assert facts(order(["null", "int"]), order(["int", "null"])) == []
    assert facts(order("int"), order(["null", "long"])) == [
        ("nullability-loosened", "a", "int", "long | null"),
        ("type-widened", "a", "int", "long"),
    ]
    assert facts(order("null"), order(["null", "int"])) == [("type-widened", "a", "null", "int | null")]
    assert facts(order(["null", "int"]), order("null")) == [("type-narrowed", "a", "int | null", "null")]
    assert facts(order("null"), order("int")) == [("type-changed", "a", "null", "int")]


def test_missing_member_of_other_formats() -> None:
    """Where a member may be missing altogether, that is nullability; together with null it is told once."""

    def schema(field_: Field) -> Schema:
        return Schema(Format.JSON, Record((field_,)))

    needed, optional = schema(Field("a", String())), schema(Field("a", String(), required=False))

    assert [one.kind for one in diff(needed, optional)] == ["nullability-loosened"]
    assert [one.kind for one in diff(optional, needed)] == ["nullability-tightened"]
    assert [one.kind for one in diff(optional, schema(Field("a", Integer())))] == [
        "nullability-tightened",
        "type-changed",
    ]


def test_defaults() -> None:
    """A default that comes, goes or changes; null is a default."""

    def order(**attributes: Any) -> dict[str, Any]:
        return record(field("a", ["null", "int", "boolean"], **attributes))

    assert facts(order(), order(default=None)) == [("default-added", "a", None, None)]
    assert facts(order(default=1), order()) == [("default-removed", "a", 1, None)]
    assert facts(order(default=1), order(default=None)) == [("default-changed", "a", 1, None)]
    assert facts(order(default=1), order(default=True)) == [("default-changed", "a", 1, True)]


def test_enums() -> None:
    """Values that come and go, one by one, and what an unknown one is read as."""
    before, after = record(field("a", enum("A", "B", "C"))), record(field("a", enum("C", "D", "A", default="A")))

    assert facts(before, after) == [
        ("enum-value-added", "a", None, "D"),
        ("enum-value-removed", "a", "B", None),
        ("enum-default-changed", "a", None, "A"),
    ]


def test_rename_by_alias() -> None:
    """A member whose alias is the old name was renamed; it is neither gone nor new, and what else changed is told."""
    before = record(field("a", "int"), field("b"), field("c", record(field("x", "int"), name="X")))
    after = record(
        field("a2", "long", aliases=["a"]),
        field("b"),
        field("c2", record(field("x", "long"), name="X"), aliases=["b", "c", "old"]),
    )

    assert facts(before, after) == [
        ("field-renamed", "a2", "a", "a2"),
        ("type-widened", "a2", "int", "long"),
        ("field-renamed", "c2", "c", "c2"),
        ("aliases-changed", "c2", [], ["b", "c", "old"]),
        ("type-widened", "c2.x", "int", "long"),
    ]


def test_rename_says_how_sure_it_is() -> None:
    """A rename by alias is certain: the producer says so."""
    (rename,) = diff(parse(text(record(field("a")))), parse(text(record(field("b", aliases=["a"])))))

    assert to_json(rename, "shop.Order") == {
        "kind": "field-renamed",
        "dataset": "shop.Order",
        "path": "b",
        "before": "a",
        "after": "b",
        "confidence": 1.0,
        "evidence": "alias",
    }


def test_one_alias_for_two() -> None:
    """Of two members with one alias only the first was renamed; an old name that is still there was not."""
    before = record(field("a"), field("k"))
    after = record(field("b", aliases=["a"]), field("c", aliases=["a", "k"]), field("k"))

    assert [fact[:2] for fact in facts(before, after)] == [("field-renamed", "b"), ("field-added", "c")]


def test_order_of_members() -> None:
    """Members that both have, in another order; what comes, goes or is renamed changes none."""
    before = record(field("a"), field("b"), field("c"), field("d"))

    assert facts(before, record(field("a"), field("c"), field("b"), field("d"))) == [
        ("fields-reordered", "", ["a", "b", "c", "d"], ["a", "c", "b", "d"])
    ]
    kinds = [fact[0] for fact in facts(before, record(field("x"), field("a"), field("y"), field("d")))]
    assert "fields-reordered" not in kinds
    renamed = record(field("a"), field("b2", aliases=["b"]), field("c"), field("d"))
    assert [fact[0] for fact in facts(before, renamed)] == ["field-renamed"]
    moved = record(field("a"), field("c"), field("d"), field("b2", aliases=["b"]))
    assert facts(before, moved)[-1] == ("fields-reordered", "", ["a", "b", "c", "d"], ["a", "c", "d", "b2"])


def test_names() -> None:
    """Another full name is one change, and says nothing of what is in it."""
    before = record(field("a", enum("A", name="shop.E")), name="shop.Order", aliases=["X"])
    after = record(field("a", enum("A", name="web.E")), name="web.Order", aliases=["shop.X", "shop.Order"])

    assert facts(before, after) == [
        ("name-changed", "", "shop.Order", "web.Order"),
        ("aliases-changed", "", ["shop.X"], ["shop.X", "shop.Order"]),
        ("name-changed", "a", "shop.E", "web.E"),
    ]


def test_shared_type() -> None:
    """A change in a type that is used twice is told at both places, though both members are written as before."""

    def order(type_: str) -> dict[str, Any]:
        money = record(field("amount", type_), name="shop.Money")
        return record(field("sum", money), field("same"), field("tax", {"type": "array", "items": "Money"}))

    assert facts(order("int"), order("long")) == [
        ("type-widened", "sum.amount", "int", "long"),
        ("type-widened", "tax[].amount", "int", "long"),
    ]


def test_referenced_type() -> None:
    """A change in a referenced text is one of the schema, whose own text is the same."""
    order = text(record(field("sum", ["null", "shop.Money"])))
    before, after = (
        parse(order, [("shop.Money", text(record(field("amount", type_), name="shop.Money")))])
        for type_ in ("int", "long")
    )

    assert [(one.kind, one.path) for one in diff(before, after)] == [("type-widened", "sum.amount")]


def test_recursion() -> None:
    """Inside a type that holds itself a change is told once, at the outermost place."""

    def tree(type_: str) -> dict[str, Any]:
        children = {"type": "array", "items": "Order"}
        return record(field("value", type_), field("children", children), field("next", ["null", "Order"]))

    assert facts(tree("int"), tree("long")) == [("type-widened", "value", "int", "long")]


def test_collections() -> None:
    """Items and values have paths of their own."""

    def order(inner: str) -> dict[str, Any]:
        return record(field("a", {"type": "array", "items": {"type": "map", "values": ["null", inner]}}))

    assert facts(order("int"), order("long")) == [("type-widened", "a[]{}", "int", "long")]


def test_unions() -> None:
    """Branches are matched by name, kind and width; the path of one names it."""

    def part(name: str, type_: str) -> dict[str, Any]:
        return record(field("x", type_), name=name)

    before = record(field("u", ["string", "int", part("a.P", "int"), part("a.Q", "int")]))
    after = record(field("u", [part("a.Q", "long"), "bytes", part("b.P", "long"), "long", "null"]))

    assert facts(before, after) == [
        (
            "nullability-loosened",
            "u",
            "string | int | record(P) | record(Q)",
            "record(Q) | bytes | record(P) | long | null",
        ),
        ("branch-removed", "u", "string", None),
        ("branch-added", "u", None, "bytes"),
        ("type-widened", "u<Q>.x", "int", "long"),
        ("name-changed", "u<P>", "a.P", "b.P"),
        ("type-widened", "u<P>.x", "int", "long"),
        ("type-widened", "u<integer>", "int", "long"),
    ]


def test_union_branches_of_one_simple_name() -> None:
    """Where two branches share their simple name, the path has the full one."""

    def order(type_: str) -> dict[str, Any]:
        return record(field("u", [record(field("x", type_), name="a.P"), record(field("x", "int"), name="b.P")]))

    assert facts(order("int"), order("long")) == [("type-widened", "u<a.P>.x", "int", "long")]


def test_one_type_becomes_several() -> None:
    """What was alone and stands in a union now is matched; the others have come."""
    assert facts(record(field("u", "int")), record(field("u", ["string", "int"]))) == [
        ("branch-added", "u", None, "string")
    ]


def test_records_of_other_names() -> None:
    """A record in place of another is told by its members: that is what consumers read."""
    before = record(field("a", record(field("x"), field("y"), name="Old")))
    after = record(field("a", record(field("x"), name="New")))

    assert [fact[:2] for fact in facts(before, after)] == [("name-changed", "a"), ("field-removed", "a.y")]


def test_quoted_member() -> None:
    """A member with a mark of the path's own in its name is quoted."""
    before, after = (Schema(Format.JSON, Record((Field("a.b", one),))) for one in (Integer(32), Integer(64)))

    assert [one.path for one in diff(before, after)] == ["`a.b`"]


def test_depth_through_names() -> None:
    """A chain of a thousand names is walked to its end."""

    def chain(type_: str) -> Schema:
        last = record(field("x", type_), name="R0")
        layers = [record(field("x", f"R{number}"), name=f"R{number + 1}") for number in range(1000)]
        return parse(text(record(field("a", "R1000"), name="Z")), [("all", text([last, *layers]))])

    (change,) = diff(chain("int"), chain("long"))
    assert change.path == ".".join(["a", *["x"] * 1001])


def test_paths_without_number() -> None:
    """Two to the power of sixty equal paths are skipped; as many different ones are refused, in bounded time."""

    def lattice(type_: str, also: str) -> Schema:
        last = record(field("x", type_), name="R0")
        layers = [
            record(field("l", f"R{number}"), field("r", f"R{number}"), name=f"R{number + 1}") for number in range(60)
        ]
        return parse(text(record(field("a", "R60"), field("b", also), name="Z")), [("all", text([last, *layers]))])

    started = time.process_time()

    assert [one.path for one in diff(lattice("int", "int"), lattice("int", "long"))] == ["b"]
    with pytest.raises(SchemaError) as caught:
        diff(lattice("int", "int"), lattice("long", "int"))
    assert caught.value.kind == "too-complex"
    assert time.process_time() - started < 10


def test_many_branches() -> None:
    """Unions of some thousand records are matched by name, not one by one."""

    def union(type_: str) -> Any:
        return [record(field("x", type_), name=f"R{number}") for number in range(3000)]

    started = time.process_time()

    assert len(diff(parse(text(union("int"))), parse(text(list(reversed(union("long"))))))) == 3000
    assert time.process_time() - started < 5


@pytest.mark.parametrize("alone", [NULL, Union((NULL,))], ids=["null", "a union of null"])
def test_nothing_but_null(alone: Type) -> None:
    """Null is the same as a union of nothing else; for another type it is one type for another, or a wider one."""
    before = Schema(Format.AVRO, Record((Field("a", alone),), "R"))

    for other, kinds in (
        (NULL, []),
        (Union((NULL,)), []),
        (String(), ["type-changed"]),
        (Union((NULL, String())), ["type-widened"]),
    ):
        after = Schema(Format.AVRO, Record((Field("a", other),), "R"))
        assert [one.kind for one in diff(before, after)] == kinds
        assert same(apply(diff(before, after), before), after)
        assert same(apply(diff(after, before), after), before)
