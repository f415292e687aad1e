"""Flips and heals: when somebody is told, and when nobody is."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.unit.rules.cases import of, state
from watcher.diff import diff
from watcher.formats.avro import parse
from watcher.formats.contracts.read import read
from watcher.formats.contracts.type_text import type_from
from watcher.model.change import Change, FieldRenamed
from watcher.model.contract import ClosedShape, Exists, HasType, ReadsVersion, ReadsWith, Required, Subscription, Values
from watcher.model.dataset import DatasetName
from watcher.model.errors import SchemaError
from watcher.model.path import ROOT, FieldPath
from watcher.model.schema import Format, Schema, SchemaText
from watcher.model.types import (
    NULL,
    Array,
    Boolean,
    Constraint,
    Decimal,
    Enum,
    Field,
    Fixed,
    Float,
    Integer,
    Map,
    Record,
    String,
    Timestamp,
    Type,
    Union,
    Unknown,
)
from watcher.model.verdict import DatasetState, Outcome, Violation
from watcher.rules.evaluate import flips, heals, judge

DATASET = DatasetName("kafka://prod/orders")
GONE = DatasetState(None)


def schema(**fields: Type) -> Schema:
    return Schema(Format.AVRO, Record(tuple(Field(name, type_) for name, type_ in fields.items()), "Order"))


def there(**fields: Type) -> DatasetState:
    return of(schema(**fields))


def contract(*relies_on: str, more: str = "") -> Subscription:
    listed = "".join(f"\n  - {one}" for one in relies_on) or " []"
    (found,) = read(f"consumer: {{domain: c}}\ndataset: {DATASET}\n{more}relies_on:{listed}\n", "c.yaml")
    assert isinstance(found, Subscription)
    return found


def told(
    one: Subscription, before: DatasetState, after: DatasetState, changes: Sequence[Change] | None = None
) -> list[tuple[str, str]]:
    return [(violation.rule, violation.path) for violation in step(one, before, after, changes)]


def step(
    one: Subscription, before: DatasetState, after: DatasetState, changes: Sequence[Change] | None = None
) -> tuple[Violation, ...]:
    if changes is None:
        readable = before.unreadable is None and after.unreadable is None
        changes = diff(before.schema, after.schema) if readable else ()
    return flips(one, DATASET, before, after, changes)


def path(text: str) -> FieldPath:
    return FieldPath(text)


def test_what_nobody_relies_on_flips_nothing() -> None:
    """Fields that no clause names may come, change and go."""
    one = contract("id: {type: string, required: true}")

    assert told(one, there(id=String(), a=String()), there(id=String(), b=Integer())) == []


def test_one_removal_is_told_once() -> None:
    """A field that is gone is told by the clause that it exists; its type and nullability have nothing to add."""
    one = contract("id: {type: string, required: true, values: [a], at_least: true}")

    assert told(one, there(id=String()), there(a=String())) == [("field-removed", "id")]


def test_a_dropped_dataset_is_told_once() -> None:
    """A dataset that is gone is one violation for each contract, whatever its clauses."""
    one = contract("id: {required: true}", "total", more="shape: closed\n")

    assert told(one, there(id=String(), total=Integer()), GONE) == [("dataset-dropped", ROOT)]


def test_what_is_broken_already_does_not_flip_again() -> None:
    """A further change of a field that is broken already is no news."""
    one = contract("id: {type: long}")

    assert told(one, there(id=String()), there(id=Boolean())) == []
    assert told(one, there(id=String()), there(id=Integer(32))) == []


def test_a_field_that_comes_back_otherwise_flips_its_type() -> None:
    """A removed field that returns with another type heals the one clause and breaks the other."""
    one = contract("id: {type: long}")
    gone, back = there(a=String()), there(id=String())

    assert told(one, gone, back) == [("type-changed", "id")]
    assert [healing.expectation for healing in heals(one, DATASET, gone, back)] == [Exists(path("id"))]


def test_a_dataset_that_comes_back_is_measured_against_what_it_was() -> None:
    """After a drop, what returns without a field breaks the clause that held before the drop."""
    one = contract("id", "total")
    was = schema(id=String(), total=Integer())

    assert told(one, DatasetState(None, last=was), there(id=String())) == [("field-removed", "total")]


def test_a_contract_that_is_older_than_its_dataset_blames_nobody() -> None:
    """A dataset that appears for the first time broke nothing, whatever a contract had hoped for."""
    assert told(contract("id", "total: {type: long}"), GONE, there(id=String())) == []


def test_an_unreadable_schema_is_one_unknown() -> None:
    """A schema that cannot be read makes every clause unknown, and is told once for each contract."""
    (found,) = step(contract("id", "total"), there(id=String(), total=Integer()), DatasetState(None, "bad"))

    assert (found.rule, found.outcome, found.path, found.change) == ("schema-unreadable", Outcome.UNKNOWN, ROOT, None)
    assert "bad" in found.message


def test_unknown_to_holds_is_silent() -> None:
    """A schema that can be read again, and holds, raises nothing; it heals the unknown."""
    one, unknown, known = contract("id"), DatasetState(None, "bad"), there(id=String())

    assert told(one, unknown, known) == []
    assert Exists(ROOT) in [healing.expectation for healing in heals(one, DATASET, unknown, known)]


def test_unknown_to_broken_is_told() -> None:
    """What turns out to be broken once the schema can be read again is told then."""
    assert told(contract("id"), DatasetState(None, "bad"), there(a=String())) == [("field-removed", "id")]


def test_unknown_to_broken_is_measured_against_the_last_known() -> None:
    """What had been broken before the schema became unreadable is no news afterwards."""
    unknown = DatasetState(None, "bad", last=schema(a=String()))

    assert told(contract("id"), unknown, there(a=String())) == []


def test_a_type_without_a_place_is_unknown() -> None:
    """A type that cannot be placed makes the clauses about it unknown: told once for the field."""
    found = step(contract("id: {type: string, required: true}"), there(id=String()), there(id=Unknown("geo")))

    assert [(one.rule, one.outcome) for one in found] == [("type-unrecognised", Outcome.UNKNOWN)]
    assert told(contract("id.x"), there(id=Record((Field("x", String()),))), there(id=Unknown("geo"))) == [
        ("type-unrecognised", "id.x")
    ]


def test_a_rename_is_told_with_its_evidence() -> None:
    """A rename that the diff found is named in the message, with confidence and evidence; so is one above the field."""
    rename = FieldRenamed(path("purchase"), path("order"), "same position and type", 0.8)
    inner = Record((Field("id", String()),))
    (found,) = step(contract("order.id"), there(order=inner), there(purchase=inner), (rename,))

    assert found.rule == "field-renamed"
    assert "looks renamed to `purchase.id` (0.8: same position and type)" in found.message
    assert found.change is not None
    assert found.change["kind"] == "field-renamed"


def test_taking_a_closed_shape_back_heals_it() -> None:
    """An added member breaks a closed shape; taken away again it heals, if measured by the shape before."""
    one = contract("id", more="shape: closed\n")
    narrow, wide = there(id=String()), there(id=String(), x=String())
    measured = {ROOT: schema(id=String())}

    assert told(one, narrow, wide) == [("field-added", ROOT)]
    assert flips(one, DATASET, wide, narrow, (), measured) == ()
    assert flips(one, DATASET, wide, there(id=String(), x=String(), y=String()), (), measured) == ()
    assert [healing.expectation for healing in heals(one, DATASET, wide, narrow, measured)] == [ClosedShape()]


def test_a_pinned_shape_needs_no_measure() -> None:
    """A closed shape that names its members is judged by them alone."""
    pinned = ClosedShape(known=("id",))

    assert judge(pinned, there(id=String())).outcome is Outcome.HOLDS
    assert judge(pinned, there(id=String(), x=String())).rule == "field-added"


def test_a_reader_that_nothing_can_compare_is_undecided() -> None:
    """Where reader and writer cannot be compared the verdict is unknown, with the cause."""
    reader = ReadsWith(SchemaText(Format.AVRO, '"string"'), "r.avsc")

    def fails(_: ReadsWith | ReadsVersion) -> Any:
        raise SchemaError("no such thing")

    assert judge(reader, DatasetState(schema(id=String()))).rule == "reader-undecided"
    verdict = judge(reader, DatasetState(schema(id=String()), reads=fails))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, "no such thing")


@pytest.mark.parametrize(
    ("expected", "actual", "rule"),
    [
        ("string", String(), ""),
        ("string", String(20), ""),
        ("varchar(20)", String(20), ""),
        ("varchar(20)", String(30), ""),
        ("varchar(20)", String(10), "type-narrowed"),
        ("int", Integer(64), ""),
        ("long", Integer(32), "type-narrowed"),
        ("long", String(), "type-changed"),
        ("decimal", Decimal(5, 2), ""),
        ("decimal(12,2)", Decimal(14, 2), ""),
        ("decimal(12,2)", Decimal(12, 2, base=Fixed(8, "D")), ""),
        ("decimal(12,2)", Decimal(10, 2), "type-narrowed"),
        ("timestamp", Timestamp("us", zoned=False), ""),
        ("timestamp(ms)", Timestamp("ms", base=Integer()), ""),
        ("timestamp-millis", Timestamp("ms", zoned=False), "type-changed"),
        ("bytes", Fixed(16, "MD5"), ""),
        ("fixed(16)", Fixed(16, "MD5"), ""),
        ("fixed(16)", Fixed(20, "SHA1"), "type-changed"),
        ("record", Record((Field("x", String()),), "R"), ""),
        ("enum", Enum(("A",), "E"), ""),
        ("record", String(), "type-changed"),
        ("array", Array(String()), ""),
        ("array<string>", Array(String()), ""),
        ("array<string>", Array(Integer()), "type-changed"),
        ("array<long>", Array(Integer(32)), "type-narrowed"),
        ("map<string>", Map(String()), ""),
        ("string", Union((NULL, String())), ""),
        ("string", Union((String(), Integer())), "branch-added"),
        ("string", Unknown("geo"), "type-unrecognised"),
        ("string", NULL, "type-changed"),
    ],
)
def test_a_type_is_judged_by_what_it_says(expected: str, actual: Type, rule: str) -> None:
    """What a contract's type leaves open is not relied upon; a lossless widening holds, a narrowing does not."""
    clause = HasType(path("a"), type_from(expected), expected)

    assert judge(clause, there(a=actual)).rule == rule


@pytest.mark.parametrize(
    ("expected", "actual", "rule"),
    [
        ("int", Integer(32), ""),
        ("int", Integer(64), "type-widened"),
        ("varchar(20)", String(30), "type-widened"),
        ("string", String(30), ""),
    ],
)
def test_an_exact_type_takes_no_widening(expected: str, actual: Type, rule: str) -> None:
    """`exact` refuses the lossless widening too."""
    assert judge(HasType(path("a"), type_from(expected), expected, exact=True), there(a=actual)).rule == rule


@pytest.mark.parametrize(
    ("values", "at_least", "actual", "outcome", "rule"),
    [
        (("a", "b"), False, Enum(("b", "a")), "holds", ""),
        (("a", "b"), False, Union((NULL, Enum(("a", "b")))), "holds", ""),
        (("a",), False, Enum(("a", "b")), "broken", "enum-value-added"),
        (("a",), True, Enum(("a", "b")), "holds", ""),
        (("a", "b"), True, Enum(("a",)), "broken", "enum-value-removed"),
        (("true", "false"), False, Boolean(), "holds", ""),
        (("a",), False, String(), "unknown", "values-unlisted"),
        (("a",), True, String(), "holds", ""),
        (("a",), True, Integer(), "unknown", "values-unlisted"),
        (("1", "2"), False, Integer(8, constraints=(Constraint("enum", (1, 2)),)), "holds", ""),
        (("1", "2"), False, Integer(8, constraints=(Constraint("enum", (1, 2, 3)),)), "broken", "enum-value-added"),
        (("0.5",), True, Float(64, (Constraint("enum", (1.5,)),)), "broken", "enum-value-removed"),
    ],
)
def test_values_are_judged_by_the_list(
    values: tuple[str, ...], at_least: bool, actual: Type, outcome: str, rule: str
) -> None:
    """A closed list breaks by more and by fewer, an open one by fewer; what lists nothing is unknown."""
    verdict = judge(Values(path("a"), values, at_least), there(a=actual))

    assert (verdict.outcome, verdict.rule) == (outcome, rule)


@pytest.mark.parametrize(
    ("at", "fields", "holds"),
    [
        ("a", {"a": String()}, True),
        ("a", {"a": Union((NULL, String()))}, False),
        ("a.b", {"a": Record((Field("b", String()),))}, True),
        ("a.b", {"a": Union((NULL, Record((Field("b", String()),))))}, False),
        ("a.b", {"a": Record((Field("b", String(), required=False),))}, False),
        ("a[].b", {"a": Union((NULL, Array(Record((Field("b", String()),)))))}, True),
        ("a[].b", {"a": Array(Union((NULL, Record((Field("b", String()),)))))}, False),
    ],
)
def test_required_looks_at_the_whole_way(at: str, fields: dict[str, Type], holds: bool) -> None:
    """What is below something that may be missing may be missing; within a list it counts for each item."""
    assert (judge(Required(path(at)), there(**fields)).outcome is Outcome.HOLDS) is holds


SYMBOLS = '"type":"enum","name":"S","symbols":["A","B"]'
NOISE = {
    "plain": f"""{{"type":"record","name":"Order","namespace":"shop","fields":[
        {{"name":"id","type":"string"}},{{"name":"status","type":{{{SYMBOLS}}}}}]}}""",
    "documented": f"""{{"type":"record","name":"Order","namespace":"shop","doc":"an order","fields":[
        {{"name":"id","type":"string","doc":"its id"}},{{"name":"status","doc":"","type":{{{SYMBOLS}}}}}]}}""",
    "reordered": f"""{{"fields":[{{"type":{{{SYMBOLS}}},"name":"status"}},{{"type":"string","name":"id"}}],
        "namespace":"shop","name":"Order","type":"record"}}""",
    "moved": f"""{{"type":"record","name":"other.Order","fields":[
        {{"name":"id","type":"string"}},{{"name":"status","type":{{{SYMBOLS}}}}}]}}""",
    "aliased": f"""{{"type":"record","name":"Order","namespace":"shop","fields":[
        {{"name":"id","type":"string","aliases":["ident"],"default":"-"}},
        {{"name":"status","type":{{{SYMBOLS},"default":"A"}}}}]}}""",
}


@pytest.mark.parametrize("before", NOISE)
@pytest.mark.parametrize("after", NOISE)
def test_noise_flips_nothing(before: str, after: str) -> None:
    """Docs, field order, key order, namespaces, aliases, defaults and blanks flip nothing."""
    one = contract("id: {type: string, required: true}", "status: {values: [A, B], type: enum}")

    assert told(one, state(NOISE[before]), state(NOISE[after])) == []


def test_the_same_answer_each_time() -> None:
    """Violations come in the contract's order, with fingerprints that do not change."""
    one = contract("b: {required: true}", "a")
    found = [step(one, there(a=String(), b=String()), there(b=Union((NULL, String())))) for _ in range(2)]

    assert found[0] == found[1]
    assert [(v.rule, v.path) for v in found[0]] == [("nullability-loosened", "b"), ("field-removed", "a")]


def test_the_text_of_a_schema_cannot_speak_through_a_message() -> None:
    """Names with braces are told as they are: no message is a template of somebody else's."""
    name = "{subscription.name} {0} %s"
    one = contract(f'"`{name}`"')

    (found,) = step(one, of(Schema(Format.JSON, Record((Field(name, String()),)))), of(Schema(Format.JSON, Record(()))))
    assert name in found.message


def test_avro_and_model_agree() -> None:
    """What the reader of Avro gives is judged like a schema made by hand."""
    text = '{"type":"record","name":"Order","fields":[{"name":"id","type":{"type":"string","logicalType":"uuid"}}]}'

    assert judge(HasType(path("id"), type_from("uuid"), "uuid"), of(parse(text))).outcome is Outcome.HOLDS
