"""Decoders of DDL are total: whatever stands in a record, they give a reading, and never an error."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from watcher.feeds.warehouse.facts import Reading
from watcher.feeds.warehouse.sources import ddl, debezium
from watcher.model.dataset import Position, RawRecord

DEEP: Any = None
for _ in range(600):
    DEEP = [DEEP]

TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["CREATE", "ALTER", "DROP", '"a"."b"', '"a"."b","a"."c"', 'a."', "mysql", "oracle", "true"]),
    st.sampled_from(
        ["RENAME TABLE a TO b", "a TO b", "DROP VIEW 'x", "CREATE VIEW v AS SELECT 1", "ALTER TABLE x RENAME"]
    ),
)
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS, st.just(DEEP))
_WORDS = (
    "source payload schema tableChanges ddl databaseName schemaName ts_ms snapshot connector file pos gtid scn type id "
    "table columns primaryKeyColumnNames name typeName typeExpression length scale position optional enumValues "
    "defaultValueExpression comment op before after sql tables touched gone renamed_from columns nullable tags unique "
    "primary_key at dialect baseline database partial"
)
KEYS = st.sampled_from(_WORDS.split())
VALUES = st.recursive(
    PLAIN, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=8)), max_leaves=40
)
COLUMNS = st.fixed_dictionaries(
    {"name": PLAIN, "typeName": PLAIN},
    optional={"length": PLAIN, "scale": PLAIN, "enumValues": VALUES, "position": PLAIN, "optional": PLAIN},
)
TABLES = st.fixed_dictionaries({"columns": st.lists(COLUMNS, max_size=3), "primaryKeyColumnNames": VALUES})
CHANGES = st.fixed_dictionaries({"type": PLAIN, "id": PLAIN}, optional={"table": TABLES})
SOURCES = st.dictionaries(KEYS, PLAIN, max_size=8)
RECORDS = st.one_of(
    VALUES,
    st.fixed_dictionaries(
        {"source": SOURCES, "ddl": PLAIN, "tableChanges": st.lists(CHANGES, max_size=4)},
        optional={"databaseName": PLAIN, "schemaName": PLAIN, "ts_ms": PLAIN},
    ),
)


@given(st.lists(RECORDS, max_size=3), st.sampled_from([debezium.decode, ddl.decode]))
def test_any_json_is_read(documents: list[Any], decode: Any) -> None:
    """Any JSON, in any order, gives a reading; what is unreadable has a reason and no facts."""
    memory: dict[str, bytes] = {}
    for document in documents:
        reading = decode(RawRecord(Position("f", 0, 1), None, json.dumps(document).encode()), memory)

        assert isinstance(reading, Reading)
        assert reading.unreadable is None or (reading.unreadable.reason and not reading.facts)


@given(st.binary(max_size=200), st.sampled_from([debezium.decode, ddl.decode]))
def test_any_bytes_are_read(value: bytes, decode: Any) -> None:
    """Any bytes give a reading."""
    assert isinstance(decode(RawRecord(Position("f", 0, 1), None, value), {}), Reading)
