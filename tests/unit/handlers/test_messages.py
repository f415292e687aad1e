"""The bodies that receivers are told, and the two published schemas of the breaking-change document."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import fastavro
import jsonschema
import pytest

from watcher.delivery import published
from watcher.handlers.telling import messages, notices, sizes
from watcher.model.contract import Consumer, Criticality, Exists, Subscription, SubscriptionName
from watcher.model.dataset import DatasetName, Domain, Position, Subject
from watcher.model.path import FieldPath
from watcher.model.ticket import Ticket, TicketId, TicketMove, TicketState
from watcher.model.verdict import Outcome, Violation
from watcher.ports import ChangeRow

AT = dt.datetime(2026, 8, 1, 12, 30, 0, 123_456, tzinfo=dt.UTC)
ORDERS = DatasetName("kafka://prod/orders")
SCHEMAS = Path(__file__).parents[3] / "schemas"


def subscription(name: str = "close", criticality: Criticality = Criticality.HIGH) -> Subscription:
    consumer = Consumer(Domain("finance"), "revenue", "#finance-data")
    path = FieldPath("amount")
    return Subscription(SubscriptionName(name), consumer, ORDERS, (Exists(path),), criticality=criticality)


def violation(one: Subscription | None = None, **other: Any) -> Violation:
    made = Violation(
        fingerprint="f00",
        subscription=one or subscription(),
        dataset=ORDERS,
        expectation=Exists(FieldPath("amount")),
        outcome=Outcome.BROKEN,
        rule="field-removed",
        path=FieldPath("amount"),
        wants="the field is there",
        before={"type": "decimal(12,2)", "nullable": False},
        after=None,
        message="amount was removed",
        change={
            "kind": "field-removed",
            "dataset": str(ORDERS),
            "path": "amount",
            "before": {"type": "x"},
            "after": None,
        },
    )
    return replace(made, **other)


def change(**other: Any) -> ChangeRow:
    made = ChangeRow(
        id="c1",
        dataset=ORDERS,
        subject=Subject("orders-value"),
        domain=Domain("checkout"),
        before=None,
        after=None,
        before_version=1,
        after_version=2,
        changes=[
            {"kind": "field-removed", "dataset": str(ORDERS), "path": "amount", "before": {"type": "x"}, "after": None}
        ],
        verdicts=[],
        position=Position("registry", 0, 7),
        at=AT,
    )
    return replace(made, **other)


REGISTRY: dict[str, Any] = {"level": "BACKWARD", "compatible": True, "incompatibilities": []}


def body(
    violations: list[Violation] | None = None, registry: dict[str, Any] | None = None, **other: Any
) -> messages.Body:
    told = [messages.violation(one) for one in ([violation()] if violations is None else violations)]
    return messages.breaking_change(
        change(**other), told, ticket=TicketId("T-1"), registry=registry or REGISTRY, asked=3
    )


VALUES: list[Any] = [
    None, True, 0, -1.5, "text", "", [], {}, ["placed", "paid"], {"a": [None, {"b": 1}]}, "null", "Größe 価格", 10**30,
]  # fmt: skip

BODIES = {
    "plain": body(),
    "nobody": body([]),
    "bare": body(
        [violation(change=None, outcome=Outcome.UNKNOWN, path=FieldPath(""))],
        {"level": None, "compatible": None, "incompatibilities": []},
        before_version=None,
        after_version=None,
        changes=[],
    ),
    "incompatible": body(
        registry={
            "level": "FULL",
            "compatible": False,
            "incompatibilities": [{"kind": "TYPE_MISMATCH", "path": "/fields/1", "message": "reader type: INT"}],
        }
    ),
    "values": body(
        [violation(before=value, after=value) for value in VALUES],
        changes=[{"kind": "type-changed", "path": "x", "before": value, "after": value} for value in VALUES],
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_valid_json_schema(name: str) -> None:
    """Every body that is built fits the published JSON Schema."""
    schema = json.loads((SCHEMAS / "breaking-change.v1.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(json.dumps(BODIES[name])))


@pytest.mark.parametrize("name", BODIES)
def test_a_body_survives_avro(name: str) -> None:
    """Avro carries the same document: what is read back is what was written, any value in it included."""
    assert published.from_avro(published.to_avro(BODIES[name])) == BODIES[name]


def test_avro_is_read_with_the_published_file() -> None:
    """A reader that has only the file from `schemas/` understands a datum."""
    schema = fastavro.parse_schema(json.loads((SCHEMAS / "breaking-change.v1.avsc").read_text()))
    datum = published.to_avro(BODIES["plain"])

    record: Any = fastavro.schemaless_reader(io.BytesIO(datum), schema, None)

    assert record["dataset"] == "kafka://prod/orders"
    assert record["violations"][0]["before"] == '{"type":"decimal(12,2)","nullable":false}'
    assert record["violations"][0]["after"] is None


@pytest.mark.parametrize("spoil", ["extra", "missing", "severity", "text"])
def test_the_json_schema_is_strict(spoil: str) -> None:
    """An unknown member, a missing one, an unknown severity and a wrong type are all told."""
    schema = json.loads((SCHEMAS / "breaking-change.v1.json").read_text())
    document = json.loads(json.dumps(BODIES["plain"]))
    match spoil:
        case "extra":
            document["violations"][0]["surprise"] = 1
        case "missing":
            del document["registry"]["level"]
        case "severity":
            document["severity"] = "apocalyptic"
        case _:
            document["version"]["after"] = "2"

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(document)


@pytest.mark.parametrize("name", ["breaking-change.v1.avsc", "breaking-change.v1.json"])
def test_the_files_are_what_the_table_says(name: str) -> None:
    """The files in `schemas/` are written from one table; `make docs` writes them anew."""
    assert (SCHEMAS / name).read_text() == published.files()[name]


def test_the_event_says_what_it_is_about() -> None:
    """The event names dataset, domain, ticket, both versions, the registry's verdict and how many were asked."""
    told = BODIES["plain"]

    assert told["dataset"] == "kafka://prod/orders"
    assert told["domain"] == "checkout"
    assert told["ticket"] == "T-1"
    assert told["at"] == "2026-08-01T12:30:00.123Z"
    assert told["position"] == "registry/0@7"
    assert told["version"] == {"before": 1, "after": 2}
    assert told["registry"]["compatible"] is True
    assert told["consumers"] == {"asked": 3, "affected": 1}
    assert told["changes"] == [{"kind": "field-removed", "path": "amount", "before": {"type": "x"}, "after": None}]


def test_severity_is_the_highest_criticality() -> None:
    """One critical consumer makes it critical."""
    many = [
        violation(subscription(str(one), one)) for one in (Criticality.LOW, Criticality.CRITICAL, Criticality.NORMAL)
    ]

    assert body(many)["severity"] == "critical"
    assert body([])["severity"] == "low"


def test_a_huge_event_is_cut_until_it_fits() -> None:
    """Ten thousand violations with large values become an event that can be taken, and says what is missing."""
    huge = {"fields": ["x" * 100] * 500}
    told = body([violation(fingerprint=str(n), before=huge) for n in range(1_000)], before_version=1)

    assert len(json.dumps(told, ensure_ascii=False).encode()) <= sizes.LARGEST_BODY
    assert told["consumers"]["affected"] == 1
    assert told["omitted"]["violations"] == 1_000 - len(told["violations"])
    assert told["omitted"]["values"] == 1_000
    assert len(told["violations"]) > 10
    jsonschema.Draft202012Validator(published.json_schema()).validate(told)
    assert published.from_avro(published.to_avro(told)) == told


def test_one_huge_text_is_cut() -> None:
    """A message of megabytes is shortened like any value."""
    told = body([violation(message="m" * 3_000_000, wants="w" * 3_000_000)])

    assert len(json.dumps(told)) <= sizes.LARGEST_BODY
    assert len(told["violations"]) == 1


def test_what_no_wire_carries_is_replaced() -> None:
    """Half a surrogate pair, a NUL and an endless number do not stop the event, in either encoding."""
    told = body([violation(before={"default": "a\ud800b\x00c"}, after=float("inf"))])

    assert told["violations"][0]["before"] == {"default": "a\ufffdb\ufffdc"}
    assert told["violations"][0]["after"] == "inf"
    assert published.from_avro(published.to_avro(told)) == told


def test_a_tickets_news_has_ticket_move_and_violations() -> None:
    """A ticket's message says where it stands, who moved it and why, with the proof."""
    ticket = Ticket(TicketId("T-1"), Domain("checkout"), ORDERS, TicketState.RESOLVED, AT, AT, 1)
    move = TicketMove(ticket.id, TicketState.OPEN, TicketState.RESOLVED, AT, "watcher", "holds again", {"version": 3})
    told = messages.ticket(ticket, move, [messages.violation(violation())], change="c2")

    assert told["ticket"]["state"] == "resolved"
    assert told["ticket"]["reopened"] == 1
    assert told["move"] == {
        "before": "open",
        "after": "resolved",
        "by": "watcher",
        "reason": "holds again",
        "proof": {"version": 3},
        "verb": "update",
        "via": "watcher",
        "details": None,
    }
    assert told["change"] == "c2"
    assert [one["fingerprint"] for one in told["violations"]] == ["f00"]


def test_a_notice_tells_a_consumer_only_of_itself() -> None:
    """Another consumer's violations are none of its business."""
    mine, other = subscription("mine"), subscription("other")
    told = notices.consumer_notice(
        mine, change(), [messages.violation(violation(mine)), messages.violation(violation(other))], TicketId("T-1")
    )

    assert [one["subscription"] for one in told["violations"]] == ["mine"]
    assert told["outcome"] == "broken"
    assert told["domain"] == "checkout"
    assert told["consumer"] == {"domain": "finance", "team": "revenue", "contact": "#finance-data"}
