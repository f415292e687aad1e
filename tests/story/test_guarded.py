"""Stories of contracts that rely on how the registry guards a subject."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.story.world import CHECKOUT, ORDER, World, reliance, without

GUARDED = reliance("careful", "order_id", compatibility="BACKWARD")


@pytest.fixture(params=[0, 5], ids=["each record", "settled"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    made = World(tmp_path, CHECKOUT, GUARDED, reliance("others", "amount"), settle=request.param)
    made.orders(ORDER)
    made.live()
    return made


def states(world: World) -> list[str]:
    world.pass_time(seconds=10)
    return [one["state"] for one in world.show("tickets")]


def test_a_lowered_level_breaks_who_relies_on_it_and_a_raised_one_heals(world: World) -> None:
    """The level alone moves: its flip makes a ticket, and its return closes it."""
    world.guard("orders-value", "NONE")

    assert states(world) == ["open"]
    assert [(one["subscription"], one["rule"]) for one in world.show("violations")] == [
        ("careful", "compatibility-lowered")
    ]
    [change] = world.show("changes")
    assert [one["kind"] for one in change["changes"]] == ["compatibility-lowered"]
    assert change["agreement"] == "unchecked-yet-breaking"
    assert change["registry"]["reason"] == "no version was registered"

    world.guard("orders-value", "FULL")

    assert states(world) == ["resolved"]


def test_the_whole_registrys_level_counts_where_the_subject_sets_none(world: World) -> None:
    """A setting for all lowers each subject that has none of its own."""
    world.guard(None, "FORWARD")

    assert states(world) == ["open"]

    world.guard("orders-value", "BACKWARD_TRANSITIVE")

    assert states(world) == ["resolved"]


def test_a_level_that_still_guards_enough_breaks_nobody(world: World) -> None:
    """More than is relied upon is fine, and so is less than there was, if it is enough."""
    world.guard("orders-value", "FULL_TRANSITIVE")
    world.guard("orders-value", "BACKWARD")

    assert states(world) == []


def test_a_level_that_nobody_relies_on_is_recorded_once(world: World) -> None:
    """Without such a contract the change of the level stays a fact that blames nobody."""
    world.contract(CHECKOUT, reliance("others", "amount"))
    world.guard("orders-value", "NONE")

    assert states(world) == []
    [change] = world.show("changes")
    assert [one["kind"] for one in change["changes"]] == ["compatibility-lowered"]


def test_a_level_and_a_schema_that_move_together_are_one_step(tmp_path: Path) -> None:
    """Within the settle window, the guard that went and the field that followed it are told together."""
    world = World(tmp_path, CHECKOUT, GUARDED, reliance("others", "amount"), settle=5)
    world.orders(ORDER)
    world.live()
    world.guard("orders-value", "NONE")
    world.orders(without(ORDER, "amount"))

    assert states(world) == ["open"]
    [change] = world.show("changes")
    assert sorted(one["kind"] for one in change["changes"]) == ["compatibility-lowered", "field-removed"]
    assert {one["rule"] for one in world.show("violations")} == {"compatibility-lowered", "field-removed"}


def test_history_sets_the_level(tmp_path: Path) -> None:
    """A level that was lowered before the watcher came is where it starts from."""
    world = World(tmp_path, CHECKOUT, GUARDED)
    world.orders(ORDER)
    world.guard("orders-value", "NONE")
    world.live()
    world.orders({**ORDER, "coupon": "string"})

    assert states(world) == []
