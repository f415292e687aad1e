"""Stories of what a consumer may rely on beside type and values: limits, defaults, tags, numbers in the data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.story.world import CHECKOUT, World, reliance


def world(folder: Path, *contracts: str) -> World:
    return World(folder, CHECKOUT, *contracts)


def quantity(**bounds: Any) -> str:
    number = {"type": "integer", **bounds}
    return json.dumps({"type": "object", "properties": {"quantity": number}, "required": ["quantity"]})


def record(field: dict[str, Any]) -> str:
    return json.dumps({"type": "record", "name": "Order", "fields": [field]})


def order(tag: int) -> str:
    money = "message Money { int64 units = 1; }"
    return f'syntax = "proto3"; message Order {{ string order_id = 1; Money total = {tag}; }} {money}'


def states(one: World) -> list[str]:
    return [ticket["state"] for ticket in one.show("tickets")]


def test_each_bound_of_a_field_breaks_and_heals_by_itself(tmp_path: Path) -> None:
    """Two bounds that go in one step are two violations of one ticket; the ticket is over when both are back."""
    one = world(tmp_path, reliance("finance", {"quantity": {"minimum": 1, "maximum": 100}}))
    one.schema("orders-value", quantity(minimum=1, maximum=100), schemaType="JSON")
    one.live()
    one.schema("orders-value", quantity(), schemaType="JSON")

    assert states(one) == ["open"]
    assert {violation["rule"] for violation in one.show("violations")} == {"constraint-lost"}
    assert len(one.show("violations")) == 2

    one.schema("orders-value", quantity(maximum=100), schemaType="JSON")
    assert states(one) == ["open"]

    one.schema("orders-value", quantity(minimum=5, maximum=50), schemaType="JSON")
    assert states(one) == ["resolved"]


def test_a_number_in_the_data_that_is_taken_back_closes_its_ticket(tmp_path: Path) -> None:
    """A registry lets a field's number change; the ticket stays through other steps, until the number is back."""
    one = world(tmp_path, reliance("finance", {"total.units": {"type": "long"}}))
    one.schema("orders-value", order(2), schemaType="PROTOBUF")
    one.live()
    one.schema("orders-value", order(3), schemaType="PROTOBUF")

    assert states(one) == ["open"]
    [violation] = one.show("violations")
    assert (violation["rule"], violation["path"]) == ("tag-changed", "total.units")

    one.schema("orders-value", order(3).replace("}", "string note = 9; }", 1), schemaType="PROTOBUF")
    assert states(one) == ["open"]

    one.schema("orders-value", order(2), schemaType="PROTOBUF")
    assert states(one) == ["resolved"]
    assert len(one.show("violations")) == 1


def test_a_tag_that_appears_breaks_who_relies_on_there_being_none(tmp_path: Path) -> None:
    """A field that becomes PII is told to whom may not read such fields, and to no one else."""
    email = {"name": "email", "type": "string"}
    one = world(tmp_path, reliance("report", {"email": {"classification": []}}), reliance("mailer", "email"))
    one.schema("orders-value", record(email))
    one.live()
    one.schema("orders-value", record({**email, "confluent:tags": ["PII"]}))

    assert [(each["subscription"], each["rule"]) for each in one.show("violations")] == [
        ("report", "classification-added")
    ]

    one.schema("orders-value", record(email))
    assert states(one) == ["resolved"]


def test_a_default_that_goes_breaks_who_relies_on_it(tmp_path: Path) -> None:
    """Who reads old records counts on the default; another one breaks who relies on this very one alone."""
    currency = {"name": "currency", "type": "string"}
    one = world(
        tmp_path,
        reliance("any", {"currency": {"default": "any"}}),
        reliance("euro", {"currency": {"default": "EUR"}}),
    )
    one.schema("orders-value", record({**currency, "default": "EUR"}))
    one.live()
    one.schema("orders-value", record({**currency, "default": "USD"}))
    assert [(each["subscription"], each["rule"]) for each in one.show("violations")] == [("euro", "default-changed")]

    one.schema("orders-value", record(currency))
    assert [(each["subscription"], each["rule"]) for each in one.show("violations")] == [
        ("euro", "default-changed"),
        ("any", "default-removed"),
    ]

    one.schema("orders-value", record({**currency, "default": "EUR"}))
    assert states(one) == ["resolved"]
