"""Stories: what a change comes to, from the registry's record to the ticket and the wish to tell of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.story.world import CHECKOUT, ORDER, World, record, reliance, without

FINANCE = reliance("finance", {"amount": {"type": "long", "required": True}}, criticality="high")
SHIPPING = reliance("shipping", "order_id", {"status": {"values": ["placed", "paid"]}})
NOTES = reliance("notes", "note", notify=["notes-hook"])


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, CHECKOUT, FINANCE, SHIPPING, NOTES)
    made.orders(ORDER)
    made.live()
    return made


def test_history_raises_nothing(tmp_path: Path) -> None:
    """The first load of a topic sets the state, and neither judges nor tells."""
    world = World(tmp_path, CHECKOUT, FINANCE)
    world.orders(ORDER)
    world.orders(without(ORDER, "amount"))

    assert world.show("changes") == []
    assert world.show("tickets") == []
    assert world.show("deliveries") == []
    assert [row["version"] for row in world.show("datasets")] == [2]


def test_a_change_that_nobody_relies_on_is_recorded_and_silent(world: World) -> None:
    """An added field flips nothing: three consumers were asked, and nobody is told."""
    world.orders({**ORDER, "coupon": "string"})

    [change] = world.show("changes")
    assert [fact["kind"] for fact in change["changes"]] == ["field-added"]
    assert {verdict["outcome"] for verdict in change["verdicts"]} == {"holds"}
    assert len(change["verdicts"]) == 3
    assert world.show("deliveries") == []


def test_the_registry_says_compatible_and_one_consumer_of_three_breaks(world: World) -> None:
    """A removed field is BACKWARD compatible; the one who reads it breaks, and the producer is told why."""
    world.orders(without(ORDER, "note"))

    [change] = world.show("changes")
    assert change["registry"]["level"] == "BACKWARD"
    assert change["registry"]["compatible"] is True
    assert change["agreement"] == "compatible-yet-breaking"
    assert {v["subscription"]: v["outcome"] for v in change["verdicts"]} == {
        "finance": "holds",
        "shipping": "holds",
        "notes": "broken",
    }
    [ticket] = world.show("tickets")
    assert (ticket["domain"], ticket["state"], ticket["consumers"]) == ("checkout", "open", ["notes"])
    [violation] = world.show("violations")
    assert violation["rule"] == "field-removed"
    assert violation["path"] == "note"
    assert violation["change"]["kind"] == "field-removed"
    told = [(channel, type_) for channel, type_, _ in world.bodies()]
    assert sorted(told) == [
        ("checkout-hook", "ticket.opened"),
        ("events", "breaking_change.detected"),
        ("notes-hook", "consumer.notice"),
    ]


def test_a_revert_closes_the_ticket_by_proof(world: World) -> None:
    """What flipped back is over: the ticket is resolved by the watcher, with the proof in its last move."""
    world.orders(without(ORDER, "note"))
    world.orders(ORDER)

    [ticket] = world.show("tickets")
    assert ticket["state"] == "resolved"
    moves = world.ticket(ticket["id"])["moves"]
    assert [move["after"] for move in moves] == ["open", "resolved"]
    assert moves[-1]["by"] == "watcher"
    assert moves[-1]["proof"]["version"] == 3
    assert [type_ for channel, type_, _ in world.bodies() if channel == "checkout-hook"] == [
        "ticket.opened",
        "ticket.resolved",
    ]


def test_a_break_that_comes_back_reopens_its_ticket_within_the_window(world: World) -> None:
    """The same break again is the same ticket."""
    world.orders(without(ORDER, "note"))
    world.orders(ORDER)
    world.pass_time(days=13)
    world.orders(without(ORDER, "note"))

    [ticket] = world.show("tickets")
    assert (ticket["state"], ticket["reopened"]) == ("open", 1)


def test_after_the_window_it_is_a_ticket_of_its_own(world: World) -> None:
    """A break that comes back late is new work."""
    world.orders(without(ORDER, "note"))
    world.orders(ORDER)
    world.pass_time(days=15)
    world.orders(without(ORDER, "note"))

    assert [ticket["state"] for ticket in world.show("tickets")] == ["resolved", "open"]


def test_one_ticket_a_domain_and_dataset_holds_all_that_breaks(world: World) -> None:
    """A second break of the same dataset is added to the open ticket; each consumer stands in it."""
    world.orders(without(ORDER, "note"))
    world.orders(without(ORDER, "note", "amount"))

    [ticket] = world.show("tickets")
    assert ticket["consumers"] == ["finance", "notes"]
    assert [type_ for channel, type_, _ in world.bodies() if channel == "checkout-hook"] == [
        "ticket.opened",
        "ticket.updated",
    ]


def test_a_part_of_the_repair_leaves_the_ticket_open(world: World) -> None:
    """Only when nothing is broken any more is it over."""
    world.orders(without(ORDER, "note", "amount"))
    world.orders(without(ORDER, "note"))

    [ticket] = world.show("tickets")
    assert (ticket["state"], ticket["open"], ticket["violations"]) == ("open", 1, 2)


def test_a_value_added_breaks_a_closed_set(world: World) -> None:
    """Who knows two states of an order breaks at the third."""
    status = {"type": "enum", "name": "Status", "symbols": ["placed", "paid", "shipped"]}
    world.orders({**ORDER, "status": status})

    [violation] = world.show("violations")
    assert (violation["subscription"], violation["rule"]) == ("shipping", "enum-value-added")


def test_loosened_nullability_breaks_who_requires_the_field(world: World) -> None:
    """`required` is present and never null."""
    world.orders({**ORDER, "amount": ["null", "long"]})

    [violation] = world.show("violations")
    assert (violation["subscription"], violation["rule"]) == ("finance", "nullability-loosened")


def test_words_that_mean_the_same_raise_no_event(world: World) -> None:
    """Documentation, white space, key order and namespaces flip nothing; what is equal is not even a change."""
    world.schema("orders-value", record(ORDER, doc="Orders, as placed"))
    world.schema("orders-value", record(ORDER).replace(",", " ,\n "))

    assert world.show("changes") == []
    assert world.show("deliveries") == []


def test_what_was_broken_before_the_contract_came_is_not_blamed(tmp_path: Path) -> None:
    """A contract on a field that was never there breaks nobody."""
    world = World(tmp_path, CHECKOUT, reliance("late", "never_there"))
    world.orders(ORDER)
    world.live()
    world.orders(without(ORDER, "note"))

    assert world.show("tickets") == []


def test_a_dataset_that_nobody_owns_goes_to_the_fallback(tmp_path: Path) -> None:
    """It never vanishes."""
    world = World(tmp_path, reliance("reader", "note", dataset="kafka://prod/stray"))
    world.schema("stray-value", record(ORDER))
    world.live()
    world.schema("stray-value", record(without(ORDER, "note")))

    assert [ticket["domain"] for ticket in world.show("tickets")] == ["unowned"]
    assert ("office-hook", "ticket.opened") in [(channel, type_) for channel, type_, _ in world.bodies()]


def test_a_schema_that_cannot_be_read_is_an_unknown_verdict(world: World) -> None:
    """Unknown is told, never taken for holds; it is recorded as unreadable with its position."""
    world.schema("orders-value", '{"type": "record", "name": "Order"')

    [unreadable] = world.show("unreadable")
    assert unreadable["position"] == "registry/0@1"
    [change] = world.show("changes")
    assert {verdict["outcome"] for verdict in change["verdicts"]} == {"unknown"}
    [ticket] = world.show("tickets")
    assert ticket["consumers"] == ["finance", "notes", "shipping"]


def test_a_readable_schema_ends_the_unknown(world: World) -> None:
    """What was unknown and holds is over."""
    world.schema("orders-value", "{")
    world.orders(ORDER)

    assert [ticket["state"] for ticket in world.show("tickets")] == ["resolved"]


def test_what_was_unknown_and_turns_out_broken_is_told(world: World) -> None:
    """After an unreadable version, the last shape that could be read is the measure."""
    world.schema("orders-value", "{")
    world.orders(without(ORDER, "note"))

    rules = {violation["rule"]: violation["healed"] is not None for violation in world.show("violations")}
    assert rules == {"schema-unreadable": True, "field-removed": False}
    [ticket] = world.show("tickets")
    assert (ticket["state"], ticket["open"]) == ("open", 1)


def test_a_deleted_subject_breaks_everyone_who_reads_it(world: World) -> None:
    """The dataset is gone: one violation a consumer, and its return heals them."""
    key = {"keytype": "DELETE_SUBJECT", "subject": "orders-value", "magic": 0}
    world.write(key, {"subject": "orders-value", "version": 1})

    assert {violation["rule"] for violation in world.show("violations")} == {"dataset-dropped"}
    assert len(world.show("violations")) == 3

    world.orders(ORDER)

    assert [ticket["state"] for ticket in world.show("tickets")] == ["resolved"]


def test_what_comes_back_without_a_field_is_broken_still(world: World) -> None:
    """A dropped dataset that returns in another shape is measured against what stood there before."""
    key = {"keytype": "DELETE_SUBJECT", "subject": "orders-value", "magic": 0}
    world.write(key, {"subject": "orders-value", "version": 1})
    world.orders(without(ORDER, "note"))

    [ticket] = world.show("tickets")
    assert (ticket["state"], ticket["open"]) == ("open", 1)
    still = [violation for violation in world.show("violations") if violation["healed"] is None]
    assert [violation["rule"] for violation in still] == ["field-removed"]


def test_a_contract_that_cannot_be_read_closes_nothing(world: World) -> None:
    """After a start on a broken file nobody knows what it asks for: its ticket waits until that is known again."""
    world.orders(without(ORDER, "note"))
    world.contract(CHECKOUT, FINANCE, SHIPPING)
    world.whole = False
    world.contracts_changed()
    assert world.show("tickets")[0]["state"] == "open"

    world.whole = True
    world.contracts_changed()
    assert world.show("tickets")[0]["state"] == "resolved"


def test_an_amended_contract_closes_the_ticket(world: World) -> None:
    """A consumer that no longer asks is no longer broken: the proof says so."""
    world.orders(without(ORDER, "note"))
    world.contract(CHECKOUT, FINANCE, SHIPPING)
    world.contracts_changed()

    [ticket] = world.show("tickets")
    assert ticket["state"] == "resolved"
    [violation] = world.show("violations")
    assert violation["healed"]["proof"]["because"] == "the contract is no longer in force"


def test_an_expired_contract_blames_nobody(tmp_path: Path) -> None:
    """After `until` it is stale."""
    world = World(tmp_path, CHECKOUT, reliance("old", "note", until="2026-11-01"))
    world.orders(ORDER)
    world.live()
    world.orders(without(ORDER, "note"))

    assert world.show("tickets") == []


def test_a_lowered_level_is_a_change_of_its_own(world: World) -> None:
    """The guard rail that is taken away before a break is on record."""
    key = {"keytype": "CONFIG", "subject": "orders-value", "magic": 0}
    world.write(key, {"compatibilityLevel": "NONE"})

    [change] = world.show("changes")
    assert change["dataset"] == "kafka://prod/orders"
    assert change["changes"] == [
        {
            "kind": "compatibility-lowered",
            "dataset": "kafka://prod/orders",
            "path": "",
            "before": "BACKWARD",
            "after": "NONE",
        }
    ]
    assert world.show("tickets") == []


def test_a_closed_shape_breaks_at_an_added_field_and_heals_without_it(tmp_path: Path) -> None:
    """Who reads by position is broken by what others do not notice."""
    world = World(tmp_path, CHECKOUT, reliance("copier", "order_id", shape="closed"))
    world.orders(ORDER)
    world.live()
    world.orders({**ORDER, "coupon": "string"})

    assert [violation["rule"] for violation in world.show("violations")] == ["field-added"]

    world.orders(ORDER)

    assert [ticket["state"] for ticket in world.show("tickets")] == ["resolved"]


def test_a_reader_schema_is_resolved_as_the_format_does(tmp_path: Path) -> None:
    """`reads_with` breaks where Avro's own resolution fails, and says how."""
    reader = record({"order_id": "string", "amount": "long"})
    world = World(tmp_path, CHECKOUT, reliance("batch", "order_id", reads_with={"format": "avro", "schema": reader}))
    world.orders(ORDER)
    world.live()
    world.orders({**ORDER, "note": "string"})

    assert world.show("tickets") == []

    world.orders({**ORDER, "amount": "string"})

    assert "reader-broken" in {violation["rule"] for violation in world.show("violations")}


def test_another_unit_breaks_who_relies_on_the_one(tmp_path: Path) -> None:
    """Milliseconds that become microseconds are other moments to who reads the number."""
    asked = reliance("clock", {"at": {"type": "timestamp", "unit": "ms"}})
    world = World(tmp_path, CHECKOUT, asked)
    world.orders({"at": {"type": "long", "logicalType": "timestamp-millis"}})
    world.live()
    world.orders({"at": {"type": "long", "logicalType": "timestamp-micros"}})

    assert [violation["rule"] for violation in world.show("violations")] == ["type-changed"]
