"""Stories in time: bursts that come to rest, processes that die and come back, batches that are given twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.story.world import CHECKOUT, ORDER, World, record, reliance, without
from watcher.model.dataset import Position, RawRecord
from watcher.model.errors import Fatal
from watcher.ports import ReadPosition

NOTES = reliance("notes", "note")


def test_a_burst_is_judged_by_its_net_effect(tmp_path: Path) -> None:
    """A → B → A within the settle window is nothing."""
    world = World(tmp_path, CHECKOUT, NOTES, settle=5)
    world.orders(ORDER)
    world.live()
    world.orders(without(ORDER, "note"))
    world.orders(ORDER)
    world.pass_time(seconds=6)

    assert world.show("changes") == []
    assert world.show("tickets") == []


def test_a_burst_of_breaks_is_one_step(tmp_path: Path) -> None:
    """Several versions in a window are one change, from the first to the last."""
    world = World(tmp_path, CHECKOUT, NOTES, settle=5)
    world.orders(ORDER)
    world.live()
    world.orders({**ORDER, "coupon": "string"})
    world.orders(without({**ORDER, "coupon": "string"}, "note"))

    assert world.show("changes") == []

    world.pass_time(seconds=6)

    [change] = world.show("changes")
    assert change["version"] == {"before": 1, "after": 3}
    assert sorted(fact["kind"] for fact in change["changes"]) == ["field-added", "field-removed"]
    assert len(world.show("tickets")) == 1


def test_what_happened_while_nobody_listened_is_judged_on_return(tmp_path: Path) -> None:
    """A baseline is only what was there when the topic was first read."""
    world = World(tmp_path, CHECKOUT, NOTES)
    world.orders(ORDER)
    world.live()
    world.restart()
    world.orders(without(ORDER, "note"))

    assert [ticket["state"] for ticket in world.show("tickets")] == ["open"]


def test_a_window_survives_a_restart(tmp_path: Path) -> None:
    """What waited to be judged when the process died is judged by the next one."""
    world = World(tmp_path, CHECKOUT, NOTES, settle=5)
    world.orders(ORDER)
    world.live()
    world.orders(without(ORDER, "note"))
    world.restart()
    world.pass_time(seconds=6)

    assert len(world.show("tickets")) == 1


def test_a_ledger_that_went_back_is_not_read_on_from(tmp_path: Path) -> None:
    """A ledger that lost what it had confirmed ends the process: what lies between would never be read again."""
    world = World(tmp_path, CHECKOUT, NOTES)
    world.orders(ORDER)
    world.live()
    world.orders(without(ORDER, "note"))
    with world.ledger.begin() as tx:
        known = tx.read_position("registry", 0)
        assert known is not None
        assert tx.advance("registry", 0, expected=known.next_offset, next_offset=known.next_offset - 1)

    with pytest.raises(Fatal, match="the ledger had read up to 2, and says 1 now"):
        world.orders(ORDER)
    assert len(world.show("changes")) == 1


def test_a_record_that_is_given_twice_is_taken_once(tmp_path: Path) -> None:
    """Replaying is harmless: no event, no ticket, no delivery is added."""
    world = World(tmp_path, CHECKOUT, NOTES)
    world.orders(ORDER)
    world.live()
    batch = [_registered(1, 2, without(ORDER, "note")), _registered(2, 3, ORDER)]
    world.records(batch)
    before = [world.show(name) for name in ("changes", "violations", "tickets", "deliveries")]
    world.records(batch)
    world.restart()
    world.records(batch)

    assert [world.show(name) for name in ("changes", "violations", "tickets", "deliveries")] == before
    with world.ledger.begin() as tx:
        assert tx.counts()["events"] == 3


def test_a_change_in_a_shared_schema_reaches_those_who_refer_to_its_latest(tmp_path: Path) -> None:
    """The dependents of a referenced schema are judged anew, with their own consumers."""
    reader = reliance("mailing", "customer.city")
    world = World(tmp_path, CHECKOUT, reader)
    address = {"street": "string", "city": "string"}
    world.schema("address", record(address, "Address"))
    refers = [{"name": "Address", "subject": "address", "version": -1}]
    world.schema("orders-value", record({"customer": "Address"}), references=refers)
    world.live()
    world.schema("address", record(without(address, "city"), "Address"))

    [violation] = world.show("violations")
    assert (violation["dataset"], violation["path"]) == ("kafka://prod/orders", "customer.city")


def test_the_stream_goes_on_behind_what_cannot_be_read(tmp_path: Path) -> None:
    """Each kind of nonsense is recorded with position and reason, and the next change is judged."""
    world = World(tmp_path, CHECKOUT, NOTES)
    world.orders(ORDER)
    world.live()
    key = {"keytype": "SCHEMA", "subject": "orders-value", "version": 9, "magic": 1}
    deep = '{"type":"array","items":' * 10_000 + '"int"' + "}" * 10_000
    for key_, value in (
        (b"\xff\xfe", b"{}"),
        (key, b"not json"),
        (key, b"null"),
        (key, {"subject": "orders-value", "version": 9, "id": 9, "schema": None}),
        ({"keytype": "NEVER_HEARD_OF", "magic": 0}, {}),
        (b"", b""),
        (None, b"{}"),
    ):
        world.write(key_ if key_ is not None else b"null", value)
    world.schema("deep-value", deep)
    world.schema("large-value", record({"x": "int"}, doc="x" * 10_000_000))
    world.schema("loop-value", json.dumps({"type": "record", "name": "A", "fields": [{"name": "a", "type": "B"}]}))
    world.orders(without(ORDER, "note"))

    unreadable = world.show("unreadable")
    assert len(unreadable) == 10
    assert all(row["reason"] and row["kind"] and row["position"].startswith("registry/0@") for row in unreadable)
    assert [ticket["domain"] for ticket in world.show("tickets")] == ["checkout"]


def _key(version: int) -> dict[str, Any]:
    return {"keytype": "SCHEMA", "subject": "orders-value", "version": version, "magic": 1}


def _gone(offset: int, version: int) -> RawRecord:
    return RawRecord(Position("registry", 0, offset), json.dumps(_key(version)).encode(), None, 1_790_000_000_000)


def _registered(offset: int, version: int, fields: dict[str, Any]) -> RawRecord:
    value = {"subject": "orders-value", "version": version, "id": version, "schema": record(fields)}
    return RawRecord(
        Position("registry", 0, offset),
        json.dumps(_key(version)).encode(),
        json.dumps(value).encode(),
        1_790_000_000_000,
    )


def test_history_may_end_within_a_batch(tmp_path: Path) -> None:
    """The last record of the baseline is the measure of the first that is judged, also when both come at once."""
    world = World(tmp_path, CHECKOUT, NOTES)
    with world.ledger.begin() as tx:
        tx.begin_reading("registry", 0, ReadPosition(0, 2))
    bare = without(ORDER, "note")
    world.records([_registered(0, 1, bare), _registered(1, 2, ORDER), _registered(2, 3, bare)])

    [change] = world.show("changes")
    assert change["version"] == {"before": 2, "after": 3}
    assert [ticket["state"] for ticket in world.show("tickets")] == ["open"]


def test_what_came_and_went_within_one_batch_of_history_is_the_measure_of_what_comes_back(tmp_path: Path) -> None:
    """A dataset that was there for a moment only, both records read in one batch, still had a shape."""
    world = World(tmp_path, CHECKOUT, NOTES)
    with world.ledger.begin() as tx:
        tx.begin_reading("registry", 0, ReadPosition(0, 2))
    world.records([_registered(0, 1, ORDER), _gone(1, 1)])
    world.records([_registered(2, 1, without(ORDER, "note"))])

    [violation] = world.show("violations")
    assert (violation["subscription"], violation["rule"]) == ("notes", "field-removed")


def test_a_batch_is_judged_beside_the_versions_of_its_moment(tmp_path: Path) -> None:
    """What is deleted later in the same batch still stood when the version before that was registered."""
    world = World(tmp_path, CHECKOUT, NOTES)
    with world.ledger.begin() as tx:
        tx.begin_reading("registry", 0, ReadPosition(0, 1))
    world.records([_registered(0, 1, ORDER), _registered(1, 2, {**ORDER, "coupon": "string"}), _gone(2, 1)])

    [change] = world.show("changes")
    assert (change["registry"]["compatible"], change["registry"]["against"]) == (False, 1)
