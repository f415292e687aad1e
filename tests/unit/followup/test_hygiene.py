"""Hygiene: each fault of a contract is found, told to whoever wrote it, and held against no producer."""

import datetime as dt
import json
from typing import Any

from tests.story.world import ORDER, record, reliance, without
from watcher.followup.hygiene import Fault, Finding, Seen, inspect
from watcher.formats.contracts.read import read
from watcher.formats.read import read_schema
from watcher.model.contract import Subscription
from watcher.model.dataset import DatasetName, Domain
from watcher.model.schema import Format, Schema, SchemaText
from watcher.model.verdict import DatasetState, Outcome
from watcher.rules.evaluate import judge, print_of

ORDERS = DatasetName("kafka://prod/orders")
TODAY = dt.date(2026, 11, 23)
DOMAINS = (Domain("finance"), Domain("checkout"))


def contract(*relies_on: Any, **more: Any) -> Subscription:
    """Finance's reliance on the orders, read from its text."""
    text = reliance("finance", *relies_on, **{"notify": ["finance-hook"], **more})
    [one] = read(text, "contracts/finance.yaml")
    assert isinstance(one, Subscription)
    return one


def shape(fields: dict[str, Any]) -> Schema:
    return read_schema(SchemaText(Format.AVRO, record(fields), ()))


def seen(now: dict[str, Any] | None, *earlier: dict[str, Any], answered: tuple[str, ...] = ()) -> Seen:
    state = DatasetState(None if now is None else shape(now))
    return Seen(ORDERS, state, tuple(shape(one) for one in earlier), answered)


def faults(one: Subscription, what: Seen | None, domains: tuple[Domain, ...] = DOMAINS) -> list[Fault]:
    return [finding.fault for finding in inspect(one, what, domains, TODAY)]


def test_a_sound_contract_has_no_faults() -> None:
    """It is in force, its consumer is known and can be told, and all that it asks for is there."""
    assert inspect(contract("amount"), seen(ORDER), DOMAINS, TODAY) == ()


def test_a_contract_past_its_end_is_stale_and_nothing_else() -> None:
    """On its last day it still holds; from the next on it is listed, with what to do."""
    assert faults(contract("amount", until="2026-11-23"), seen(ORDER)) == []

    [found] = inspect(contract("nowhere", until="2026-11-22"), seen(ORDER), (), TODAY)

    assert (found.fault, found.source) == (Fault.STALE, "contracts/finance.yaml")
    assert found.message == "it ended on 2026-11-22: renew `until`, or delete it"


def test_a_consumer_of_no_known_domain_is_orphaned() -> None:
    """The message names the domain. Where no domain is known at all, nobody is."""
    [found] = inspect(contract("amount"), seen(ORDER), (Domain("checkout"),), TODAY)
    assert found.fault is Fault.ORPHANED
    assert "`finance`" in found.message

    assert faults(contract("amount"), seen(ORDER), ()) == []


def test_a_contract_without_a_channel_is_unheard() -> None:
    """Its consumer would not be told of a break."""
    assert faults(contract("amount", notify=[]), seen(ORDER)) == [Fault.UNHEARD]


def test_a_dataset_that_was_never_seen_is_told_once() -> None:
    """None of its clauses is looked at."""
    [found] = inspect(contract("amount", "status"), None, DOMAINS, TODAY)

    assert (found.fault, found.path) == (Fault.UNSEEN, "")
    assert "kafka://prod/orders" in found.message


def test_a_field_that_was_never_there_is_greedy() -> None:
    """The clause is named; one that was there once, and went, is no greed."""
    greedy = contract("amount", "refunded_at")
    assert inspect(greedy, seen(ORDER, ORDER), DOMAINS, TODAY) == (
        Finding(
            "finance",
            Fault.GREEDY,
            "refunded_at was never there: correct the path, or ask kafka://prod/orders's owner for it",
            "refunded_at",
            "contracts/finance.yaml",
        ),
    )

    once = {**ORDER, "refunded_at": "long"}
    assert Fault.GREEDY not in faults(greedy, seen(ORDER, once))


def test_several_clauses_of_one_field_that_was_never_there_are_one_fault() -> None:
    """Its type and its values need not be told beside its absence."""
    one = contract({"refunded_at": {"type": "int64", "required": True}})

    assert faults(one, seen(ORDER)) == [Fault.GREEDY]


def test_what_did_not_hold_from_the_start_is_unsatisfied() -> None:
    """A type that never was so is the consumer's to ask for; it says what was wanted."""
    [found] = inspect(contract({"amount": {"type": "string"}}), seen(ORDER), DOMAINS, TODAY)

    assert (found.fault, found.path) == (Fault.UNSATISFIED, "amount")
    assert "nobody is blamed" in found.message


def test_what_is_somebodys_ticket_is_no_fault_of_the_contract() -> None:
    """A break that is answered for already is not told to the consumer as its own fault."""
    one, gone = contract("amount"), without(ORDER, "amount")
    state = seen(gone, ORDER).state
    prints = tuple(
        print_of(ORDERS, judge(clause, state).rule, clause, one)
        for clause in one.clauses
        if judge(clause, state).outcome is Outcome.BROKEN
    )

    assert faults(one, seen(gone, ORDER)) == [Fault.UNSATISFIED]
    assert prints
    assert faults(one, seen(gone, ORDER, answered=prints)) == []


def test_a_dataset_that_is_gone_or_unreadable_says_nothing_of_contracts() -> None:
    """That is told to whoever produces it."""
    unreadable = Seen(ORDERS, DatasetState(None, unreadable="it ends early"), ())

    assert faults(contract("nowhere"), seen(None, ORDER)) == []
    assert faults(contract("nowhere"), unreadable) == []


def test_findings_can_be_written_as_json() -> None:
    """Faults are stable words."""
    assert json.dumps([one.value for one in Fault])
    assert {one.value for one in Fault} == {
        "stale",
        "orphaned",
        "unheard",
        "unseen",
        "greedy",
        "unsatisfied",
        "given-up",
    }
