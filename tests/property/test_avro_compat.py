"""Avro compatibility on any schemas: reflexive, blind to order, true of data, and what other checkers say too."""

import io
import warnings
from typing import Any

import avro.compatibility
import avro.errors
import avro.schema
import fastavro
from fastavro.schema import UnknownType
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from tests.property.avro_schemas import definitions, pairs, schemas, shuffled, text, value
from watcher.compat.avro import check
from watcher.compat.levels import judge
from watcher.formats.avro import parse
from watcher.model.compatibility import Level


@given(schemas())
def test_reflexive(schema: Any) -> None:
    """A schema reads what it wrote, under every level."""
    one, other = parse(text(schema)), parse(text(schema))

    assert all(judge(level, [one], other) == () for level in Level)


@given(pairs(), st.data())
def test_order_of_fields(pair: tuple[Any, Any], data: st.DataObject) -> None:
    """The verdict does not depend on the order of fields, in the reader or in the writer."""
    reader, writer = pair
    mixed = shuffled(data.draw, reader, fields=True), shuffled(data.draw, writer, fields=True)

    kinds, mixed_kinds = (sorted(one.kind for one in check(parse(text(r)), parse(text(w)))) for r, w in (pair, mixed))
    assert kinds == mixed_kinds


@given(pairs(logical=False), st.data())
def test_true_of_data(pair: tuple[Any, Any], data: st.DataObject) -> None:
    """What the writer writes is read by every reader that is called compatible."""
    writer, reader = pair
    assume(not check(parse(text(reader)), parse(text(writer))))
    try:
        its, mine = fastavro.parse_schema(writer), fastavro.parse_schema(reader)
    except UnknownType:  # a name is used before it is defined, which fastavro does not take
        reject()
    file = io.BytesIO()
    fastavro.schemaless_writer(file, its, value(data.draw, writer, definitions(writer)))
    file.seek(0)

    fastavro.schemaless_reader(file, its, mine)


@given(pairs())
def test_as_the_avro_package(pair: tuple[Any, Any]) -> None:
    """The avro package, whose checker follows Java's, gives the same verdict both ways."""
    for reader, writer in (pair, pair[::-1]):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of logical types that it does not know
            try:
                mine, its = avro.schema.parse(text(reader)), avro.schema.parse(text(writer))
            except avro.errors.SchemaParseException:  # a name is used before it is defined, as above
                reject()
        checker = avro.compatibility.ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
        theirs = checker.get_compatibility(mine, its)
        compatible = theirs.compatibility is avro.compatibility.SchemaCompatibilityType.compatible

        assert (not check(parse(text(reader)), parse(text(writer)))) is compatible
