"""Witnesses of Avro: for each kind of clause the smallest records that show its break, or why none can."""

import json
from typing import Any

import pytest

from watcher.model.compatibility import Level
from watcher.model.contract import (
    At,
    AtMost,
    Classified,
    ClosedShape,
    Defaulted,
    Exists,
    Expectation,
    Guarded,
    HasType,
    Meets,
    PrimaryKey,
    ReadsVersion,
    ReadsWith,
    Required,
    Unique,
    Values,
)
from watcher.model.path import ROOT, FieldPath
from watcher.model.schema import Format, SchemaText
from watcher.model.types import Constraint, Decimal, Default, Integer, String, Timestamp
from watcher.witness.avro_kit import AvroKit
from watcher.witness.case import Case, Witness
from watcher.witness.protobuf_kit import ProtobufKit
from watcher.witness.search import witness

KIT = AvroKit()
LONG, INT = Integer(64), Integer(32)
CARD = {"type": "record", "name": "Card", "fields": [{"name": "number", "type": "string"}]}
CASH = {"type": "record", "name": "Cash", "fields": []}


def order(references: tuple[tuple[str, str], ...] = (), **fields: Any) -> SchemaText:
    listed = [{"name": name, "type": type_} for name, type_ in fields.items()]
    text = json.dumps({"type": "record", "name": "Order", "namespace": "shop", "fields": listed})
    return SchemaText(Format.AVRO, text, references)


def enum(*symbols: str) -> dict[str, Any]:
    return {"type": "enum", "name": "Status", "symbols": list(symbols)}


def decimal(precision: int, scale: int) -> dict[str, Any]:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def stamp(unit: str) -> dict[str, Any]:
    return {"type": "long", "logicalType": f"timestamp-{unit}"}


def p(path: str) -> FieldPath:
    return FieldPath(path)


def sought(before: SchemaText, after: SchemaText | None, clause: Expectation, rule: str = "") -> Witness:
    return witness(Case(before, after, clause, rule), KIT)


SHOWN: dict[str, tuple[SchemaText, SchemaText, Expectation, Any, Any, str]] = {
    "a field is gone": (
        order(id="string", amount="long"), order(id="string"), Exists(p("amount")),
        {"id": "", "amount": 0}, {"id": ""}, "`amount` is not there",
    ),
    "a field that may be null is gone": (
        order(id="string", note=["null", "string"]), order(id="string"), Exists(p("note")),
        {"id": "", "note": ""}, {"id": ""}, "`note` is not there",
    ),
    "a field that is always null is gone": (
        order(id="string", note="null"), order(id="string"), Exists(p("note")),
        {"id": "", "note": None}, {"id": ""}, "`note` is not there",
    ),
    "a member of an item is gone": (
        order(lines={"type": "array", "items": CARD}),
        order(lines={"type": "array", "items": {**CARD, "fields": []}}),
        Exists(p("lines[].number")),
        {"lines": [{"number": ""}]}, {"lines": [{}]}, "`lines[].number` is not there",
    ),
    "another type": (
        order(amount="long"), order(amount="string"), HasType(p("amount"), LONG, "long"),
        {"amount": 0}, {"amount": ""}, '`amount` is "", which is no long',
    ),
    "another type of a map's values": (
        order(m={"type": "map", "values": "long"}), order(m={"type": "map", "values": "boolean"}),
        HasType(p("m{}"), LONG, "long"), {"m": {"k": 0}}, {"m": {"k": False}}, "`m{}` is false, which is no long",
    ),
    "a type beside it": (
        order(amount="long"), order(amount=["long", "string"]), HasType(p("amount"), LONG, "long"),
        {"amount": 0}, {"amount": ""}, '`amount` is "", which is no long',
    ),
    "a wider type, where it must be exact": (
        order(amount="int"), order(amount="long"), HasType(p("amount"), INT, "int", exact=True),
        {"amount": 0}, {"amount": 2**31}, "`amount` is 2147483648, which is no int",
    ),
    "a wider decimal, where it must be exact": (
        order(d=decimal(4, 2)), order(d=decimal(6, 2)), HasType(p("d"), Decimal(4, 2), "decimal(4,2)", exact=True),
        {"d": "0.00"}, {"d": "9999.99"}, '`d` is "9999.99", which is no decimal(4,2)',
    ),
    "null": (
        order(amount="long"), order(amount=["null", "long"]), Required(p("amount")),
        {"amount": 0}, {"amount": None}, "`amount` is null",
    ),
    "null above": (
        order(card=CARD), order(card=["null", CARD]), Required(p("card.number")),
        {"card": {"number": ""}}, {"card": None}, "`card` is null: there is no `card.number`",
    ),
    "a further value": (
        order(s=enum("A", "B")), order(s=enum("A", "B", "C")), Values(p("s"), ("A", "B")),
        {"s": "A"}, {"s": "C"}, '`s` is "C", which is not one of A, B',
    ),
    "a list of values that opened": (
        order(s=enum("A", "B")), order(s="string"), Values(p("s"), ("A", "B")),
        {"s": "A"}, {"s": ""}, '`s` is "", which is not one of A, B',
    ),
    "a member came in": (
        order(a="int", b="int"), order(a="int", x="null", b="int"), ClosedShape(ROOT, ("a", "b")),
        {"a": 0, "b": 0}, {"a": 0, "x": None, "b": 0}, "the record has `x`, which is not known",
    ),
    "members in another order": (
        order(a="int", b="int"), order(b="int", a="int"), ClosedShape(ROOT, ("a", "b")),
        {"a": 0, "b": 0}, {"b": 0, "a": 0}, "the record has `b` where `a` stood",
    ),
    "another position": (
        order(a="int", b="int"), order(b="int", a="int"), At(p("a"), 1),
        {"a": 0, "b": 0}, {"b": 0, "a": 0}, "at place 1 of the record stands `b`",
    ),
    "more digits after the point": (
        order(d=decimal(6, 2)), order(d=decimal(8, 4)), AtMost(p("d"), "scale", 2),
        {"d": "0.00"}, {"d": "0.0001"}, '`d` is "0.0001": its scale is 4, beyond 2',
    ),
    "more digits": (
        order(d=decimal(3, 1)), order(d=decimal(4, 1)), AtMost(p("d"), "precision", 3),
        {"d": "0.0"}, {"d": "999.9"}, '`d` is "999.9": its precision is 4, beyond 3',
    ),
    "a longer text": (
        order(s=enum("A")), order(s="string"), AtMost(p("s"), "length", 1),
        {"s": "A"}, {"s": "aa"}, '`s` is "aa": its length is 2, beyond 1',
    ),
    "a bound that is no more": (
        order(s=enum("A")), order(s="string"), Meets(p("s"), Constraint("minLength", 1)),
        {"s": "A"}, {"s": ""}, '`s` is "", which does not meet minLength 1',
    ),
    "a finer unit": (
        order(at=stamp("millis")), order(at=stamp("micros")), HasType(p("at"), Timestamp("ms"), "timestamp(ms)"),
        {"at": "1970-01-01T00:00:00+00:00"}, {"at": "1970-01-01T00:00:00.000001+00:00"},
        '`at` is "1970-01-01T00:00:00.000001+00:00", which is no timestamp(ms)',
    ),
    "a coarser unit": (
        order(at=stamp("micros")), order(at=stamp("millis")), HasType(p("at"), Timestamp("us"), "timestamp(us)"),
        {"at": "1970-01-01T00:00:00+00:00"}, {"at": "1970-01-01T00:00:00.001000+00:00"},
        (
            '`at` means "1970-01-01T00:00:00.001000+00:00", and is "1970-01-01T00:00:00.000001+00:00" '
            "to who reads it as before"
        ),
    ),
    "a reader without a default": (
        order(a="int", b="int"), order(a="int"), ReadsWith(order(a="int", b="int"), "r.avsc"),
        {"a": 0, "b": 0}, {"a": 0}, "the reader's schema cannot read it: No default value for field b in shop.Order",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_shown_by_two_records(name: str) -> None:
    """The record before is used, the one after fails, both are the smallest, and the library reads their bytes."""
    before, after, clause, used, failing, told = SHOWN[name]

    found = sought(before, after, clause)

    assert found.absent == ""
    assert found.before is not None
    assert found.after is not None
    assert (found.before.record, found.before.fails) == (used, False)
    assert (found.after.record, found.after.outcome, found.after.fails) == (failing, told, True)
    for schema, side in ((before, found.before), (after, found.after)):
        assert KIT.write(schema, KIT.read(bytes.fromhex(side.encoded or ""), schema)).hex() == side.encoded
    assert found.library.startswith("fastavro ")


LOST: dict[str, tuple[SchemaText, SchemaText, Expectation, Any]] = {
    "a narrower type": (
        order(amount="long"), order(amount="int"), HasType(p("amount"), LONG, "long"), {"amount": 2**31},
    ),
    "a value that is gone": (
        order(s=enum("A", "B")), order(s=enum("A")), Values(p("s"), ("A", "B"), at_least=True), {"s": "B"},
    ),
    "a branch that is gone": (
        order(pay=["null", CARD, CASH]), order(pay=["null", CASH]), Exists(p("pay<Card>.number")),
        {"pay": {"shop.Card": {"number": ""}}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOST)
def test_shown_by_what_can_be_written_no_more(name: str) -> None:
    """Where the new schema says less, the record that was written before is refused by the library now."""
    before, after, clause, record = LOST[name]

    found = sought(before, after, clause)

    assert found.before is not None
    assert found.after is not None
    assert found.before.record == found.after.record == record
    assert (found.after.encoded, found.after.fails) == (None, True)
    assert found.after.outcome.startswith("the new schema cannot write it any more: ")


NEVER: dict[str, tuple[Expectation, str]] = {
    "unique": (Unique(("a",)), "several records"),
    "a key": (PrimaryKey(("a",)), "several records"),
    "tags": (Classified(p("a"), ()), "in no record"),
    "the level": (Guarded(Level.FULL), "in no record"),
    "a default": (Defaulted(p("a"), Default(1)), "stands in the schema"),
    "a version that is not at hand": (ReadsVersion(3), "not at hand"),
    "nothing changed": (HasType(p("a"), INT, "int"), "is one that the consumer can use"),
    "nothing that could be used": (HasType(p("a"), String(), "string"), "no record of the schema before"),
}


@pytest.mark.parametrize("name", NEVER)
def test_absent_with_the_reason(name: str) -> None:
    """What one record cannot show has no witness, and says why."""
    clause, reason = NEVER[name]

    found = sought(order(a="int"), order(a="int"), clause)

    assert found.after is None
    assert reason in found.absent


@pytest.mark.parametrize(
    ("rule", "reason"),
    [("dataset-dropped", "no records of a dataset that is gone"), ("schema-unreadable", "cannot be decided")],
)
def test_absent_for_a_whole_dataset(rule: str, reason: str) -> None:
    """A dataset that is gone, or cannot be read, has no records to show anything by."""
    found = sought(order(a="int"), None, Exists(ROOT), rule)

    assert (found.before, found.after) == (None, None)
    assert reason in found.absent


def test_a_version_is_asked_where_it_is_at_hand() -> None:
    """A consumer that reads with a registered version is shown what that version makes of the new record."""
    old = order(a="int", b="int")

    found = witness(Case(old, order(a="int"), ReadsVersion(1), "", reader=old), KIT)

    assert found.after is not None
    assert found.after.record == {"a": 0}


def test_a_type_of_another_subject() -> None:
    """Names that another schema defines are known to the library; the witness is found in them too."""
    before, after = (
        order((("card", json.dumps({**CARD, "namespace": "pay", "fields": [{"name": "number", "type": type_}]})),),
              card="pay.Card", other=["null", "pay.Card"])
        for type_ in ("string", "long")
    )  # fmt: skip

    found = sought(before, after, HasType(p("card.number"), String(), "string"))

    assert found.after is not None
    assert found.after.record == {"card": {"number": 0}, "other": None}


def test_a_recursive_type() -> None:
    """A record that holds itself ends as soon as it can."""
    before, after = (order(next=["null", "Order"], amount=one) for one in ("long", "string"))

    found = sought(before, after, HasType(p("next.amount"), LONG, "long"))

    assert found.before is not None
    assert found.before.record == {"next": {"shop.Order": {"next": None, "amount": 0}}, "amount": 0}


def test_a_record_without_end() -> None:
    """A schema that no finite record has is told as that."""
    endless = order(next="Order", amount="long")

    assert "no finite record" in sought(endless, endless, Exists(p("amount"))).absent


def test_a_name_before_its_definition() -> None:
    """The library is given each name where it is met first: a name that is used ahead does not stop the search."""
    before = order(a=["null", "Status"], s=enum("A", "B"))
    after = order(a=["null", "Status"], s=enum("A", "B", "C"))

    found = sought(before, after, Values(p("s"), ("A", "B")))

    assert found.after is not None
    assert found.after.record == {"a": None, "s": "C"}


@pytest.mark.parametrize("levels", [14, 40])
def test_a_hostile_schema_ends_soon(levels: int) -> None:
    """Records that hold two of the next one each double the size with every level: that is refused, not built."""
    inner: Any = "int"
    for number in range(levels):
        fields = [{"name": "a", "type": inner}, {"name": "b", "type": f"shop.N{number - 1}" if number else "int"}]
        inner = {"type": "record", "name": f"N{number}", "fields": fields}
    hostile = order(x=inner, amount="long")

    assert "more than 5000 values" in sought(hostile, hostile, Exists(p("amount"))).absent


@pytest.mark.parametrize(
    ("clause", "rule", "after", "read"),
    [
        (Exists(FieldPath("a")), "tag-changed", "int32 a = 2;", "0"),
        (Exists(FieldPath("a")), "tag-changed", "optional int32 a = 2;", "0"),
        (HasType(FieldPath("a"), Integer(32), "int"), "encoding-changed", "sint32 a = 1;", "2"),
    ],
)
def test_shown_to_who_reads_as_before(clause: Expectation, rule: str, after: str, read: str) -> None:
    """Another number or encoding is shown by a value that is written: the old schema reads another one from it."""
    texts = [
        SchemaText(Format.PROTOBUF, f'syntax = "proto3"; message M {{ {one} }}') for one in ("int32 a = 1;", after)
    ]

    found = witness(Case(texts[0], texts[1], clause, rule), ProtobufKit())

    assert found.before is not None
    assert found.after is not None
    assert (found.before.record, found.before.encoded) == ({"a": 1}, "0801")
    assert found.after.record == {"a": 1}
    assert found.after.outcome == f"`a` means 1, and is {read} to who reads it as before"
