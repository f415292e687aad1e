"""Types and changes, for people and for machines."""

import dataclasses
import json
from typing import Any, get_args

import pytest

from tests.parts.avro_text import enum, field, record, text
from watcher.diff.render import to_json, type_text
from watcher.formats.avro import parse
from watcher.formats.contracts.type_text import type_from
from watcher.model import change as changes
from watcher.model.path import FieldPath
from watcher.model.types import (
    NULL,
    Array,
    Binary,
    Boolean,
    Constraint,
    Date,
    Decimal,
    Default,
    Duration,
    Enum,
    Field,
    Fixed,
    Float,
    Integer,
    Key,
    Map,
    Record,
    Ref,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Unknown,
    Uuid,
)

TEXTS: list[tuple[Type, str]] = [
    (NULL, "null"),
    (Boolean(), "boolean"),
    (Integer(8), "int8"),
    (Integer(32), "int"),
    (Integer(64), "long"),
    (Integer(0), "integer"),
    (Integer(32, signed=False), "uint32"),
    (Float(32), "float"),
    (Float(64), "double"),
    (String(), "string"),
    (String(20), "string(20)"),
    (Binary(), "bytes"),
    (Binary(16), "bytes(16)"),
    (Fixed(16, "Id"), "fixed(16)"),
    (Decimal(12, 2), "decimal(12,2)"),
    (Decimal(12), "decimal(12,0)"),
    (Decimal(), "decimal"),
    (Date(), "date"),
    (Time("ms"), "time(ms)"),
    (Time(), "time"),
    (Timestamp("ms"), "timestamp(ms)"),
    (Timestamp("us", zoned=False), "local-timestamp(us)"),
    (Duration(), "duration"),
    (Uuid(), "uuid"),
    (Array(Map(String())), "array<map<string>>"),
    (Union((NULL, String())), "string | null"),
    (Union((String(), NULL, Integer(32))), "string | int | null"),
    (Union(()), "nothing"),
    (Enum(("A", "B")), "enum(A, B)"),
    (Record((), "shop.Order"), "record(Order)"),
    (Record(()), "record"),
    (Ref("shop.Order"), "Order"),
    (Unknown("GEOMETRY"), "GEOMETRY"),
]


@pytest.mark.parametrize(("type_", "expected"), TEXTS, ids=lambda one: one if isinstance(one, str) else "")
def test_type_text(type_: Type, expected: str) -> None:
    """Types are written short, in one way for all formats."""
    assert type_text(type_) == expected


@pytest.mark.parametrize(
    "written", ["string(20)", "long", "decimal(12,2)", "time(ms)", "array<map<uint32>>", "uuid", "date"]
)
def test_contracts_read_it(written: str) -> None:
    """What is written for a type may be copied into a contract."""
    assert type_text(type_from(written)) == written


def test_many_symbols() -> None:
    """A long enum is cut short."""
    assert type_text(Enum(tuple(f"S{number}" for number in range(100)))).endswith(", S19, …)")


def test_names_in_a_schema() -> None:
    """With its schema a name is told by what it means."""
    schema = parse(text(record(field("a", {"type": "array", "items": ["null", enum("A", "B")]}))))

    assert type_text(schema.root, schema) == "record(Order)"
    assert type_text(schema.resolve(schema.root).fields[0].type, schema) == "array<enum(A, B) | null>"  # type: ignore[union-attr]


def example(kind: type[Any]) -> Any:
    """A change of this kind, with something in every place."""
    schema = parse(text(record(field("id", "long"), field("note", ["null", "string"], default=None))))
    by_type: dict[str, Any] = {
        "FieldPath": FieldPath("a"),
        "Field": Field("a", String(), Default("x"), required=False),
        "Type": Integer(32),
        "Default": Default([1]),
        "str": "x",
        "str | None": None,
        "float": 0.5,
        "tuple[str, ...]": ("a", "b"),
        "tuple[Constraint, ...]": (Constraint("minimum", 1), Constraint("enum", [1, 2])),
        "Content | None": "closed",
        "Key": Key(("a", "b"), primary=True),
        "Schema": schema,
    }
    told = [one for one in dataclasses.fields(kind) if _must_be_given(one) or one.name == "path"]
    return kind(**{one.name: by_type[str(one.type)] for one in told})


def _must_be_given(one: "dataclasses.Field[Any]") -> bool:
    return one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING


@pytest.mark.parametrize("kind", get_args(changes.Change), ids=lambda one: one.kind)
def test_every_kind_is_rendered(kind: type[Any]) -> None:
    """Every change is JSON with the same keys."""
    document = to_json(example(kind), "kafka://prod/orders")

    assert document["kind"] == kind.kind
    assert {"kind", "dataset", "path", "before", "after"} <= set(document)
    assert json.loads(json.dumps(document)) == document


def test_keys_constraints_and_tags() -> None:
    """A key is told with its members, bounds by their words, a tag as it is."""
    assert to_json(example(changes.KeyAdded), "d")["after"] == {"members": ["a", "b"], "primary": True}
    assert to_json(example(changes.KeyRemoved), "d")["before"] == {"members": ["a", "b"], "primary": True}
    assert to_json(example(changes.ConstraintsChanged), "d")["after"] == {"minimum": 1, "enum": [1, 2]}
    assert (
        to_json(example(changes.ClassAdded), "d")["before"],
        to_json(example(changes.ClassAdded), "d")["after"],
    ) == (
        None,
        "x",
    )


def test_dataset() -> None:
    """A dataset that was created or dropped is told with its fields."""
    fields = [{"name": "id", "type": "long"}, {"name": "note", "type": "string | null", "default": None}]

    assert to_json(example(changes.DatasetCreated), "d")["after"] == fields
    assert to_json(example(changes.DatasetDropped), "d")["before"] == fields
    assert to_json(changes.DatasetCreated(parse('"int"')), "d")["after"] == "int"


def test_field() -> None:
    """A member is told with its type, its default where it has one, and whether it may be missing."""
    expected = {"name": "a", "type": "string", "default": "x", "required": False}

    assert to_json(example(changes.FieldAdded), "d")["after"] == expected
