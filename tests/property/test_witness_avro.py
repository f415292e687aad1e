"""Verdicts put to the test by data: what is called compatible has no counterexample, what is not has one."""

import re
from collections.abc import Iterator
from typing import Any

import fastavro
from fastavro.schema import UnknownType
from hypothesis import given, reject
from hypothesis import strategies as st

from tests.property.avro_schemas import definitions, pairs, schemas, text, value
from watcher.compat.avro import check
from watcher.diff import diff
from watcher.formats.avro import parse
from watcher.model.compatibility import Incompatibility
from watcher.model.contract import (
    At,
    ClosedShape,
    Consumer,
    Exists,
    Expectation,
    HasType,
    Required,
    Subscription,
    SubscriptionName,
    Values,
)
from watcher.model.dataset import DatasetName, Domain
from watcher.model.lookup import Place, find
from watcher.model.path import ROOT, FieldPath
from watcher.model.schema import Format, Schema, SchemaText
from watcher.model.types import Array, Enum, Map, Record, Ref, Type, Union
from watcher.model.verdict import DatasetState
from watcher.rules.evaluate import flips
from watcher.witness.avro_kit import AvroKit
from watcher.witness.case import Case, Refused
from watcher.witness.counter import counterexample
from watcher.witness.search import witness


class TextKit(AvroKit):
    """Without bytes that are no text: Avro promotes bytes to string all the same, and no schema can promise UTF-8."""

    def variants(self, schema: SchemaText, path: FieldPath) -> Iterator[Any]:
        return (record for record in super().variants(schema, path) if "\\xff" not in repr(record))


KIT, TEXT_KIT = AvroKit(), TextKit()


ANY_PAIRS = pairs(logical=False) | st.tuples(schemas(logical=False), schemas(logical=False))
"""Near ones, and strangers under one name."""


NO_RECORD_SHOWS: dict[tuple[str, str], str] = {
    (
        "TYPE_MISMATCH",
        r"reader type: (RECORD|ENUM|FIXED) not compatible with writer type: (RECORD|ENUM|FIXED)",
    ): "fastavro takes two named types of one name for the same, and reads the one as the other; Avro Java does not",
    (
        "MISSING_UNION_BRANCH",
        r"reader union lacking writer type: (RECORD|ENUM|FIXED)",
    ): "the same, where the reader's union has the name and not the kind",
}
"""Incompatibilities, by kind and message, that may stand without a counterexample; each with its reason."""


NO_WITNESS: dict[tuple[str, str], str] = {
    ("type-changed", r"from map<.*it is record"): "a map and a record without members decode to one and the same value",
    ("values-unlisted", ""): "the verdict is that it cannot be told, and no record tells it either",
}
"""Violations, by rule and message, that may stand without a witness; each with its reason."""


def excused(one: Incompatibility) -> bool:
    return any(kind == one.kind and re.search(words, one.message) for kind, words in NO_RECORD_SHOWS)


def written(schema: Any) -> SchemaText:
    try:
        fastavro.parse_schema(schema)
    except UnknownType:  # a name is used before it is defined: the generator's records do not know it either
        reject()
    return SchemaText(Format.AVRO, text(schema))


@given(ANY_PAIRS, st.data())
def test_what_is_compatible_has_no_counterexample(pair: tuple[Any, Any], data: st.DataObject) -> None:
    """A pair that is called compatible survives each form of each part, and random records besides."""
    for writer, reader in (pair, pair[::-1]):
        if check(parse(text(reader)), parse(text(writer))):
            continue
        drawn = (value(data.draw, writer, definitions(writer)) for _ in range(2))

        found = counterexample(written(reader), written(writer), TEXT_KIT, drawn)

        assert found is None, found


@given(ANY_PAIRS)
def test_what_is_incompatible_has_a_counterexample(pair: tuple[Any, Any]) -> None:
    """Where a pair is called incompatible a record shows it, or the table has the reason why none does."""
    for writer, reader in (pair, pair[::-1]):
        why = check(parse(text(reader)), parse(text(writer)))
        if not why:
            continue
        try:
            found = counterexample(written(reader), written(writer), KIT)
        except Refused:  # no finite record has this schema: nothing can be written with it
            reject()

        assert found is not None or all(excused(one) for one in why), why


@given(ANY_PAIRS)
def test_a_broken_clause_has_a_witness(pair: tuple[Any, Any]) -> None:
    """Whatever a consumer relied on and lost is shown by two records, or by the reason in the table."""
    before, after = (parse(text(one)) for one in pair)
    old, new = map(written, pair)
    for clause in clauses(before):
        contract = Subscription(SubscriptionName("c"), Consumer(Domain("c")), DatasetName("kafka://prod/o"), (clause,))
        for broken in flips(contract, contract.dataset, DatasetState(before), DatasetState(after), diff(before, after)):
            found = witness(Case(old, new, broken.expectation, broken.rule), KIT)
            assert found.after is not None or any(
                rule == broken.rule and re.search(words, broken.message) for rule, words in NO_WITNESS
            ), (broken, found)


def clauses(schema: Schema) -> Iterator[Expectation]:
    root = schema.resolve(schema.root)
    assert isinstance(root, Record)
    yield ClosedShape(ROOT, tuple(one.name for one in root.fields))
    for number, field in enumerate(root.fields, 1):
        path = FieldPath(field.name)
        place = find(schema, path)
        assert isinstance(place, Place)
        yield Exists(path)
        yield Required(path)
        yield At(path, number)
        if all(sayable(type_) for type_ in place.types):
            yield HasType(path, place.type, "that", exact=True)
            yield HasType(path, place.type, "that")
        symbols = tuple(one for type_ in place.types if isinstance(type_, Enum) for one in type_.symbols)
        if symbols:
            yield Values(path, symbols)
            yield Values(path, symbols, at_least=True)


def sayable(type_: Type) -> bool:
    """Whether a contract can say it: of records and enums it only says that they are some."""
    match type_:
        case Array(inner) | Map(inner):
            return sayable(inner)
        case Record() | Enum() | Union() | Ref():
            return False
    return True
