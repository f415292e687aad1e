"""Witnesses in what receivers are told: valid by the published schemas, and the first to go when a body is full."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.unit.handlers.test_messages import REGISTRY, change, violation
from watcher.delivery import published
from watcher.handlers.telling import messages
from watcher.model.ticket import TicketId

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "breaking-change.v1.json").read_text(encoding="utf-8"))

SIDE = {"record": {"amount": 0}, "encoded": "00", "outcome": "`amount` is 0", "fails": False}
WITNESSES: dict[str, dict[str, Any] | None] = {
    "none was sought": None,
    "both sides": {"library": "l 1", "before": SIDE, "after": {**SIDE, "fails": True}, "absent": ""},
    "a record that is null": {"library": "l 1", "before": {**SIDE, "record": None}, "after": None, "absent": "why"},
    "JSON": {"library": "l 1", "before": {**SIDE, "encoded": None}, "after": None, "absent": "why"},
    "absent": {"library": "l 1", "before": None, "after": None, "absent": "why"},
}


def body(*witnesses: dict[str, Any] | None) -> messages.Body:
    told = [messages.violation(violation(), None, one) for one in witnesses]
    return messages.breaking_change(change(), told, ticket=TicketId("T-1"), registry=REGISTRY, asked=3)


@pytest.mark.parametrize("name", WITNESSES)
def test_a_witness_is_told_in_both_encodings(name: str) -> None:
    """The body is valid by the published JSON Schema, and the same after Avro."""
    made = body(WITNESSES[name])

    jsonschema.validate(made, SCHEMA)
    assert published.from_avro(published.to_avro(made)) == made


def test_witnesses_go_first() -> None:
    """A body that is too large only because of its witnesses loses those, counted, and nothing else."""
    large = {**SIDE, "record": {"text": "x" * 3_900}}
    many = [{"library": "l 1", "before": large, "after": large, "absent": ""}] * 60

    cut = body(*many)

    assert all(one["witness"] is None for one in cut["violations"])
    assert (len(cut["violations"]), cut["omitted"]["values"], cut["omitted"]["violations"]) == (60, 60, 0)
    assert cut["violations"][0]["message"] == violation().message


def test_a_body_that_waits_since_before() -> None:
    """A body that an earlier version wished to send, without the later members, still goes out."""
    older = copy.deepcopy(body(None))
    for key in ("agreement", "versions_in_use"):
        del older[key]
    del older["omitted"]["versions_in_use"]
    for key in ("agreement", "witness"):
        del older["violations"][0][key]

    sent = published.from_avro(published.to_avro(older))

    assert (sent["versions_in_use"], sent["omitted"]["versions_in_use"]) == ([], 0)
    assert sent["violations"][0]["witness"] is None
