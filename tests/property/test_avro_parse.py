"""The Avro parser on anything: a schema or a SchemaError, and one schema however it is written."""

import contextlib
import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.property.avro_schemas import JSON, pairs, schemas, shuffled, text
from watcher.formats.avro import known, parse
from watcher.model.errors import SchemaError
from watcher.model.schema import Schema


def read(written: str | bytes) -> None:
    with contextlib.suppress(SchemaError):
        assert isinstance(parse(written), Schema)


@given(st.binary(max_size=200))
def test_any_bytes(written: bytes) -> None:
    """Any bytes are read or refused."""
    read(written)


@given(st.text(max_size=200) | st.text(alphabet='[]{}",:\\/* \n0ntf', max_size=200))
def test_any_text(written: str) -> None:
    """Any text is read or refused."""
    read(written)


@given(JSON)
def test_any_json(document: Any) -> None:
    """Any JSON is read or refused."""
    read(json.dumps(document))


@given(schemas(), JSON, st.data())
def test_schema_with_something_else_in_it(schema: Any, other: Any, data: st.DataObject) -> None:
    """A schema of which one part is replaced by any JSON is read or refused."""
    broken = copy.deepcopy(schema)
    places = list(_places(broken))
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = other
    read(json.dumps(broken))


@given(schemas(), st.data())
def test_one_schema(schema: Any, data: st.DataObject) -> None:
    """The order of keys and white space make no other schema; what was read before does not either."""
    first = parse(text(schema))
    mixed = shuffled(data.draw, schema, fields=False)

    assert parse(json.dumps(mixed, indent=3)) == first == parse(text(schema).encode())


@given(pairs())
def test_what_was_read_before(pair: tuple[Any, Any]) -> None:
    """What is kept of one version changes nothing in how the next one is read."""
    afresh = []
    for one in pair:
        for kept in (known.FIELDS, known.TYPES, known.VERSIONS):
            kept.clear()
        afresh.append(parse(text(one)))

    assert [parse(text(one)) for one in (*pair, *pair[::-1])] == [*afresh, *afresh[::-1]]


def _places(node: Any) -> Any:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, one in inner:
        yield node, key
        yield from _places(one)
