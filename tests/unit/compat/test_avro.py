"""Reader against writer, as Avro Java's SchemaCompatibility answers it."""

import time
from functools import partial
from typing import Any

import pytest

from tests.parts.avro_text import enum, field, fixed, record, text
from watcher.compat.avro import check
from watcher.formats.avro import parse
from watcher.model.compatibility import Incompatibility
from watcher.model.errors import SchemaError

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
PROMOTIONS = {
    ("int", "long"),
    ("int", "float"),
    ("int", "double"),
    ("long", "float"),
    ("long", "double"),
    ("float", "double"),
    ("string", "bytes"),
    ("bytes", "string"),
}


def found(reader: Any, writer: Any) -> tuple[Incompatibility, ...]:
    return check(parse(text(reader)), parse(text(writer)))


def told(reader: Any, writer: Any) -> list[tuple[str, str]]:
    return [(one.kind, one.path) for one in found(reader, writer)]


@pytest.mark.parametrize("writer", PRIMITIVES)
@pytest.mark.parametrize("reader", PRIMITIVES)
def test_promotions(reader: str, writer: str) -> None:
    """A primitive type reads itself and what is promoted to it, and nothing else."""
    readable = reader == writer or (writer, reader) in PROMOTIONS

    assert (not found(reader, writer)) is readable
    if not readable:
        message = f"reader type: {reader.upper()} not compatible with writer type: {writer.upper()}"
        assert found(reader, writer) == (Incompatibility("TYPE_MISMATCH", "/", message),)


def test_logical_types_are_ignored() -> None:
    """Only the carrier counts."""
    millis = {"type": "long", "logicalType": "timestamp-millis"}
    decimal = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}

    assert not found(millis, {"type": "long", "logicalType": "timestamp-micros"})
    assert not found(millis, "int")
    assert not found(decimal, "string")
    assert told(decimal, fixed(4, logicalType="decimal", precision=4, scale=2)) == [("TYPE_MISMATCH", "/")]


def test_fields() -> None:
    """A field that the writer lacks needs a default; one that the reader lacks is skipped; order does not matter."""
    writer = record(field("a"), field("b", "int"))

    assert not found(record(field("b", "long"), field("c", default="x"), field("a")), writer)
    assert found(record(field("a"), field("c", "int")), writer) == (
        Incompatibility("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/1", "c"),
    )
    assert told(record(field("b", "boolean"), field("a", "int")), writer) == [
        ("TYPE_MISMATCH", "/fields/0/type"),
        ("TYPE_MISMATCH", "/fields/1/type"),
    ]


def test_default_of_an_enum_is_no_default_of_a_field() -> None:
    """A field without a default is missing one, even if its enum has one."""
    reader = record(field("status", enum("A", default="A")))

    assert told(reader, record()) == [("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/0")]


def test_field_aliases() -> None:
    """A reader's field finds the writer's by an alias; if it finds several, the answer is no."""
    reader = record(field("a", aliases=["b", "c"]))

    assert not found(reader, record(field("b")))
    assert told(reader, record(field("b", "int"))) == [("TYPE_MISMATCH", "/fields/0/type")]
    assert told(reader, record(field("a"), field("b"))) == [("AMBIGUOUS_FIELD", "/fields/0")]
    assert told(reader, record(field("b"), field("c"))) == [("AMBIGUOUS_FIELD", "/fields/0")]
    crossed = record(field("x", aliases=["y"]), field("y", aliases=["x"]))
    assert told(crossed, record(field("x"), field("y"))) == [("AMBIGUOUS_FIELD", "/fields/0")]
    assert told(["null", reader], ["null", record(field("a"), field("b"))]) == [("AMBIGUOUS_FIELD", "/")]


@pytest.mark.parametrize("make", [record, partial(enum, "A"), partial(fixed, 1)], ids=["record", "enum", "fixed"])
def test_names(make: Any) -> None:
    """Simple names are compared; else the writer's full name must be an alias of the reader's."""
    assert not found(make(name="a.X"), make(name="b.X"))
    assert found(make(name="a.Y"), make(name="b.X")) == (Incompatibility("NAME_MISMATCH", "/name", "expected: b.X"),)
    assert not found(make(name="a.Y", aliases=["b.X"]), make(name="b.X"))
    assert told(make(name="a.Y", aliases=["X"]), make(name="b.X")) == [("NAME_MISMATCH", "/name")]
    assert not found(make(name="a.Y", aliases=["X"]), make(name="a.X"))


def test_enum_symbols() -> None:
    """A writer's symbol that the reader lacks needs the reader's default."""
    writer = enum("C", "A", "B")

    assert not found(enum("B", "C", "A", "D"), writer)
    assert found(enum("A"), writer) == (Incompatibility("MISSING_ENUM_SYMBOLS", "/symbols", "[B, C]"),)
    assert not found(enum("A", default="A"), writer)


def test_fixed_size() -> None:
    """Sizes must be equal."""
    assert found(fixed(2), fixed(3)) == (Incompatibility("FIXED_SIZE_MISMATCH", "/size", "expected: 3, found: 2"),)


def test_collections() -> None:
    """Arrays and maps are read item by item."""
    ints, longs = {"type": "array", "items": "int"}, {"type": "array", "items": "long"}

    assert not found(longs, ints)
    assert told(ints, longs) == [("TYPE_MISMATCH", "/items")]
    assert told({"type": "map", "values": ints}, {"type": "map", "values": longs}) == [
        ("TYPE_MISMATCH", "/values/items")
    ]
    assert told(ints, {"type": "map", "values": "int"}) == [("TYPE_MISMATCH", "/")]


def test_unions() -> None:
    """Every branch of the writer's must be readable; a branch that is not is told by its number."""
    assert not found(["null", "long", "string"], ["string", "int"])
    assert not found(["null", "string"], "string")
    assert not found([], [])
    assert not found("int", [])
    assert not found("double", ["int", "long", "float"])
    assert found(["null", "int"], ["int", "string", "null"]) == (
        Incompatibility("MISSING_UNION_BRANCH", "/1", "reader union lacking writer type: STRING"),
    )
    assert found(record(field("a", ["null", "int"])), record(field("a", "string"))) == (
        Incompatibility("MISSING_UNION_BRANCH", "/fields/0/type", "reader union lacking writer type: STRING"),
    )
    assert told(record(field("a", "int")), record(field("a", ["int", "null"]))) == [("TYPE_MISMATCH", "/fields/0/type")]


def test_recursion() -> None:
    """Records that hold themselves are compared once, and taken for compatible meanwhile."""

    def tree(value: str) -> dict[str, Any]:
        children = {"type": "array", "items": "shop.Order"}
        return record(field("value", value), field("children", children), field("up", ["null", "Order"], default=None))

    assert not found(tree("long"), tree("int"))
    assert told(tree("int"), tree("long")) == [("TYPE_MISMATCH", "/fields/0/type")]


def test_shared_type_is_told_once() -> None:
    """What is wrong with a named type is told where it is defined, however often it is used."""

    def order(*symbols: str) -> dict[str, Any]:
        return record(
            field("a", enum(*symbols)), field("b", "Status"), field("c", {"type": "array", "items": "Status"})
        )

    assert told(order("A"), order("A", "B")) == [("MISSING_ENUM_SYMBOLS", "/fields/0/type/symbols")]


def test_same_field_of_another_meaning() -> None:
    """A field that is written alike, and of which a name means something else, is looked into."""

    def order(size: int) -> dict[str, Any]:
        return record(field("a", fixed(size)), field("b", "Hash"), field("c", {"type": "map", "values": "Hash"}))

    assert told(order(2), order(1)) == [("FIXED_SIZE_MISMATCH", "/fields/0/type/size")]


def test_fields_that_moved() -> None:
    """Fields that stand elsewhere are found, whichever way they went."""
    names = "abcdefgh"
    writer = record(*[field(name) for name in names])

    assert not found(record(*[field(name) for name in reversed(names)]), writer)
    assert not found(record(*[field(name) for name in "hcda"]), writer)
    assert told(record(field("c"), field("x"), field("d"), field("a", "int")), writer) == [
        ("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/1"),
        ("TYPE_MISMATCH", "/fields/3/type"),
    ]


def lattice_of(depth: int, leaf: str) -> list[Any]:
    """Records that each hold the next one twice: few names, and paths without number."""
    layers = [
        record(field("l", f"R{number + 1}"), field("r", f"R{number + 1}"), name=f"R{number}") for number in range(depth)
    ]
    return [record(field("x", leaf), name=f"R{depth}"), *reversed(layers)]


def test_paths_without_number() -> None:
    """Two to the power of sixty paths cost what sixty records cost, whether they can be read or not."""

    def lattice(leaf: str) -> list[Any]:
        layers = [
            record(field("l", f"R{number + 1}"), field("r", f"R{number + 1}"), name=f"R{number}")
            for number in range(60)
        ]
        return [*layers, record(field("x", leaf), name="R60")]

    started = time.process_time()

    assert not found(lattice("long"), lattice("int"))
    assert told(lattice("int"), lattice("string")) == [("MISSING_UNION_BRANCH", f"/{number}") for number in range(61)]
    whole = [
        parse(text(record(field("a", "R0"), name="Z")), [("r", text(lattice(leaf)))]) for leaf in ("int", "string")
    ]
    (only,) = check(*whole)
    assert only.path == "/fields/0/type" + "/fields/0/type" * 61
    assert time.process_time() - started < 15


def test_too_deep_through_names() -> None:
    """Nesting through names beyond what can be followed is an error of its own, not a crash."""
    chain = [record(field("x", f"R{number - 1}" if number else "int"), name=f"R{number}") for number in range(2000)]
    root = record(field("a", chain[0]), *[field(f"f{number}", one) for number, one in enumerate(chain[1:])])
    one, other = parse(text(root)), parse(text({**root, "doc": "x"}))
    last = record(field("a", "shop.R1999"), name="Z")
    holder = parse(text(last), [("R", text(root))]), parse(text({**last, "doc": "x"}), [("R", text(root))])

    assert check(one, other) == ()
    with pytest.raises(SchemaError) as caught:
        check(*holder)
    assert caught.value.kind == "too-complex"


def test_too_many_pairs() -> None:
    """Unions of a thousand records on both sides that all look alike are refused, in bounded time."""

    def union(space: str) -> Any:
        return [record(field("x", "int"), name=f"{space}{number}.R") for number in range(1000)]

    started = time.process_time()

    assert not found(union("a"), union("b"))
    with pytest.raises(SchemaError) as caught:
        found([*[one | {"name": f"c{number}.S"} for number, one in enumerate(union("a"))]], union("b"))
    assert caught.value.kind == "too-complex"
    assert time.process_time() - started < 10
