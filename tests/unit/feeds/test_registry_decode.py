"""Records of a registry's topic, in every shape that registries have written."""

import json
from typing import Any

import pytest

from tests.unit.feeds.registry_topic import Pair, config, dump, key, raw, schema, tombstone
from watcher.feeds.registry.decode import decode
from watcher.feeds.registry.records import (
    Association,
    ClearSubject,
    Config,
    Context,
    DeleteSubject,
    Mode,
    Noop,
    Record,
    SchemaRecord,
    SchemaTombstone,
)
from watcher.model.observation import Unreadable

KEY = key("SCHEMA", subject="orders-value", version=3, magic=1)


def value(**parts: Any) -> bytes:
    return dump({"subject": "orders-value", "version": 3, "id": 7, "schema": '"string"', "deleted": False} | parts)


def record(**parts: Any) -> SchemaRecord:
    known: dict[str, Any] = {
        "subject": "orders-value",
        "version": 3,
        "id": 7,
        "format": "AVRO",
        "text": '"string"',
        "references": (),
        "deleted": False,
    }
    return SchemaRecord(**(known | parts))


READ: dict[str, tuple[Pair, Record]] = {
    "confluent": (schema("orders-value", 3, 7, '"string"'), record()),
    "legacy magic 0, no deleted": (
        (key("SCHEMA", subject="orders-value", version=3, magic=0), b'{"id":7,"schema":"\\"string\\""}'),
        record(),
    ),
    "karapace order": (
        (b'{"subject":"orders-value","version":3,"magic":1,"keytype":"SCHEMA"}', value()),
        record(),
    ),
    "redpanda, in turn": (
        (b'{"keytype":"SCHEMA","subject":"orders-value","version":3,"magic":1,"seq":0,"node":1}', value()),
        record(),
    ),
    "type null": ((KEY, value(schemaType=None)), record()),
    "type written, as from 8.0": ((KEY, value(schemaType="AVRO")), record()),
    "type of a plugin": ((KEY, value(schemaType="THRIFT")), record(format="THRIFT")),
    "deleted null": ((KEY, value(deleted=None)), record()),
    "deleted": ((KEY, value(deleted=True)), record(deleted=True)),
    "unknown members": ((KEY, value(offset=3, ts=9, metadata={"tags": {}}, ruleSet={}, futures=[1])), record()),
    "references": (
        (KEY, value(references=[{"name": "m.avsc", "subject": "money", "version": -1}])),
        record(references=(("m.avsc", "money", -1),)),
    ),
    "references null": ((KEY, value(references=None)), record()),
    "default context spelled out": (schema(":.:orders-value", 3, 7, '"string"'), record()),
    "references within the context": (
        schema(":.staging:orders", 3, 7, '"string"', references=[("m", "money", 1), ("n", ":.:note", 2)]),
        record(subject=":.staging:orders", references=(("m", ":.staging:money", 1), ("n", "note", 2))),
    ),
    "tombstone": (tombstone("orders-value", 3), SchemaTombstone("orders-value", 3)),
    "tombstone of karapace": (tombstone("orders-value", 3, b""), SchemaTombstone("orders-value", 3)),
    "delete subject": (
        (key("DELETE_SUBJECT", subject="a", magic=0), dump({"subject": "a", "version": 3})),
        DeleteSubject("a", 3),
    ),
    "delete subject where nothing lives": (
        (key("DELETE_SUBJECT", subject="a", magic=0), dump({"subject": "a", "version": -1})),
        DeleteSubject("a", -1),
    ),
    "delete subject of redpanda": (
        (b'{"keytype":"DELETE_SUBJECT","subject":"a","magic":0,"seq":0,"node":2}', dump({"subject": "a"})),
        DeleteSubject("a", None),
    ),
    "clear subject": ((key("CLEAR_SUBJECT", subject="a", magic=0), dump({"subject": "a"})), ClearSubject("a")),
    "clear all": ((key("CLEAR_SUBJECT", subject=None, magic=0), dump({"subject": None})), ClearSubject("")),
    "config of all, subject absent": (
        (key("CONFIG", magic=0), dump({"compatibilityLevel": "FULL"})),
        Config("", "FULL", None),
    ),
    "config of all, subject null": (config(None, "FULL"), Config("", "FULL", None)),
    "config of the default context": (config(":.:", "FULL"), Config("", "FULL", None)),
    "config of a context": (config(":.staging:", "NONE"), Config(":.staging:", "NONE", None)),
    "config of a subject, value without it": (
        (key("CONFIG", subject="a", magic=0), dump({"compatibilityLevel": "FULL"})),
        Config("a", "FULL", None),
    ),
    "config without level": (config("a", normalize=True), Config("a", None, None)),
    "config with alias": (config(":.s:a", alias="real"), Config(":.s:a", None, ":.s:real")),
    "config with a policy and a group": (
        config("a", "FULL", compatibilityPolicy="LENIENT", compatibilityGroup="major"),
        Config("a", "FULL", None, "LENIENT", "major"),
    ),
    "config removed": ((key("CONFIG", subject="a", magic=0), None), Config("a", None, None)),
    "config removed by karapace": ((key("CONFIG", subject="a", magic=0), b""), Config("a", None, None)),
    "mode": ((key("MODE", subject="a", magic=0), dump({"subject": "a", "mode": "IMPORT"})), Mode("a", "IMPORT")),
    "mode removed": ((key("MODE", magic=0), None), Mode("", None)),
    "noop": ((key("NOOP", magic=0), None), Noop()),
    "noop, old order": ((b'{"magic":0,"keytype":"NOOP"}', None), Noop()),
    "noop with a value": ((key("NOOP", magic=0), b"\xff"), Noop()),
    "context": (
        (key("CONTEXT", tenant="default", context=".s", magic=0), dump({"tenant": "default", "context": ".s"})),
        Context(".s", gone=False),
    ),
    "context removed": ((key("CONTEXT", tenant="default", context=".s", magic=0), None), Context(".s", gone=True)),
    "association": (
        (
            key("ASSOC", tenant="default", resourceName="orders", resourceType="topic", subject="o", magic=0),
            dump({"subject": "o", "lifecycle": "STRONG"}),
        ),
        Association("default//orders/topic//o", "o"),
    ),
}


@pytest.mark.parametrize("case", READ)
def test_each_shape_is_read(case: str) -> None:
    """What registries write is understood, whatever the order, the age and the maker."""
    pair, expected = READ[case]

    assert decode(raw(pair)) == expected


DEEP = b"[" * 10_000 + b"]" * 10_000
UNREADABLE: dict[str, tuple[Pair, str]] = {
    "no key": ((None, b"{}"), "missing-key"),
    "empty key": ((b"", b"{}"), "missing-key"),
    "key is no JSON": ((b"\x00\x01", None), "malformed-json"),
    "key is not UTF-8": ((b'{"keytype":"\xff"}', None), "not-utf-8"),
    "key is null": ((b"null", None), "invalid-record"),
    "key is a list": ((b"[]", None), "invalid-record"),
    "no keytype": ((b'{"subject":"a"}', None), "unknown-record-kind"),
    "keytype is an object": ((b'{"keytype":{}}', None), "unknown-record-kind"),
    "unknown keytype": ((key("EXPORTER", magic=0), b"{}"), "unknown-record-kind"),
    "unknown magic": ((key("SCHEMA", subject="a", version=1, magic=2), None), "unsupported-magic"),
    "magic null": ((key("SCHEMA", subject="a", version=1, magic=None), None), "unsupported-magic"),
    "value is not UTF-8": ((KEY, b'{"schema":"\xc3\x28"}'), "not-utf-8"),
    "value is broken": ((KEY, b'{"schema":'), "malformed-json"),
    "value is null": ((KEY, b"null"), "invalid-record"),
    "value is a number": ((KEY, b"12"), "invalid-record"),
    "value nests deep": ((KEY, b'{"schema":' + DEEP + b"}"), "too-deep"),
    "half a surrogate pair": ((KEY, b'{"schema":"\\ud800"}'), "malformed-json"),
    "schema null": ((KEY, value(schema=None)), "invalid-record"),
    "schema is an object": ((KEY, value(schema={"type": "string"})), "invalid-record"),
    "type is a number": ((KEY, value(schemaType=1)), "invalid-record"),
    "deleted is a text": ((KEY, value(deleted="no")), "invalid-record"),
    "no id": ((KEY, value(id=None)), "invalid-record"),
    "id beyond all": ((KEY, value(id=2**40)), "invalid-record"),
    "version 0": ((key("SCHEMA", subject="a", version=0, magic=1), value()), "invalid-record"),
    "version true": ((b'{"keytype":"SCHEMA","subject":"a","version":true,"magic":1}', value()), "invalid-record"),
    "subject null": ((key("SCHEMA", subject=None, version=1, magic=1), value()), "invalid-record"),
    "subject empty": ((key("SCHEMA", subject="", version=1, magic=1), value()), "invalid-record"),
    "subject is a context alone": ((key("SCHEMA", subject=":.s:", version=1, magic=1), value()), "invalid-record"),
    "subject with NUL": ((key("SCHEMA", subject="a\0", version=1, magic=1), value()), "invalid-record"),
    "subject beyond any index": ((key("SCHEMA", subject="é" * 501, version=1, magic=1), value()), "invalid-record"),
    "references are an object": ((KEY, value(references={"name": "a"})), "invalid-record"),
    "reference null": ((KEY, value(references=[None])), "invalid-record"),
    "reference without subject": ((KEY, value(references=[{"name": "a", "version": 1}])), "invalid-record"),
    "level unknown": (config("a", "STRICT"), "unknown-level"),
    "level is a list": ((key("CONFIG", subject="a", magic=0), b'{"compatibilityLevel":["FULL"]}'), "unknown-level"),
    "lost the race of writers": (
        (b'{"keytype":"SCHEMA","subject":"orders-value","version":3,"magic":1,"seq":4,"node":1}', value()),
        "out-of-turn",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_understood_says_why(case: str) -> None:
    """Each kind of damage has a word for machines and a short printable sentence for people."""
    pair, kind = UNREADABLE[case]

    found = decode(raw(pair))

    assert isinstance(found, Unreadable)
    assert found.kind == kind
    assert found.reason.isprintable()
    assert len(found.reason) < 300


def test_ten_megabytes_are_decoded() -> None:
    """Size alone is no reason to refuse a record: its state counts, only its text is not read (see the feed)."""
    found = decode(raw((KEY, value(schema="x" * 10_000_000))))

    assert isinstance(found, SchemaRecord)
    assert len(found.text) == 10_000_000


def test_a_name_of_a_thousand_bytes_is_taken() -> None:
    """The limit is on bytes, as a database's index counts them."""
    found = decode(raw((key("SCHEMA", subject="é" * 500, version=1, magic=1), value())))

    assert isinstance(found, SchemaRecord)


def test_the_way_a_key_is_written_does_not_matter() -> None:
    """Any order and spacing of a key's members is the same key."""
    members = {"keytype": "SCHEMA", "subject": "orders-value", "version": 3, "magic": 1}
    for order in (list(members), list(reversed(members)), sorted(members)):
        written = json.dumps({name: members[name] for name in order}, indent=1).encode()

        assert decode(raw((written, value()))) == record()
