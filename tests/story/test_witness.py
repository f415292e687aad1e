"""Stories: a ticket carries its proof, and anyone can run it again from the ledger."""

import json
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.parts.command_line import call
from tests.story.world import CHECKOUT, ORDER, World, reliance, without
from watcher.delivery import published
from watcher.handlers.judging import proof
from watcher.handlers.judging.shelf import Shelf
from watcher.witness.case import Case, Kit, Witness
from watcher.witness.search import witness

FINANCE = reliance("finance", {"amount": {"type": "long", "required": True}}, notify=["finance-hook"])
SHIPPING = reliance("shipping", "order_id", {"status": {"values": ["placed", "paid"]}})
READER = {"type": "record", "name": "Order", "fields": [{"name": "amount", "type": "long"}]}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return begun(tmp_path, FINANCE, SHIPPING)


def begun(folder: Path, *contracts: str) -> World:
    made = World(folder, CHECKOUT, *contracts)
    made.orders(ORDER)
    made.live()
    return made


def ticket(world: World) -> str:
    [found] = world.show("tickets")
    return str(found["id"])


def run(world: World, *words: str) -> Any:
    return call("witness", *words, "--ledger", f"sqlite:///{world._folder / 'ledger.db'}")


def test_a_ticket_carries_its_proof(world: World) -> None:
    """The record that worked and the one that fails stand in the ticket, in the event and in the notice."""
    world.orders(without(ORDER, "amount"))

    [violation] = world.show("violations")
    told_proof = violation["witness"]
    assert told_proof["before"]["record"] == {"order_id": "", "amount": 0, "status": "placed", "note": None}
    assert told_proof["after"]["record"] == {"order_id": "", "status": "placed", "note": None}
    assert (told_proof["before"]["fails"], told_proof["after"]["fails"], told_proof["absent"]) == (False, True, "")
    assert "clause" not in violation
    told = {type_: body for _, type_, body in world.bodies()}
    assert set(told) == {"breaking_change.detected", "ticket.opened", "consumer.notice"}
    for body in told.values():
        assert [one["witness"] for one in body["violations"]] == [told_proof]
    event = told["breaking_change.detected"]
    assert published.from_avro(published.to_avro(event)) == event


def test_the_page_of_a_ticket_shows_it(world: World) -> None:
    """`watcher tickets show` has the two records, and the library that wrote them."""
    world.orders({**ORDER, "amount": ["null", "long"]})

    page = call("tickets", "show", ticket(world), "--ledger", f"sqlite:///{world._folder / 'ledger.db'}").out

    assert '"amount":null' in page
    assert "`amount` is null" in page
    assert "proven with fastavro" in page


def test_the_proof_is_run_again(world: World) -> None:
    """`watcher witness` finds the same records in the ledger's schemas and clauses, and ends with 0."""
    world.orders({**ORDER, "amount": "string", "status": {"type": "enum", "name": "Status", "symbols": ["paid", "x"]}})

    ended = run(world, ticket(world))
    documents = run(world, ticket(world), "--json").json()

    assert (ended.code, ended.err) == (0, "")
    kept = {one["rule"]: one["witness"] for one in world.show("violations")}
    assert {one["rule"]: one["witness"] for one in documents} == kept
    assert {one["fault"] for one in documents} == {""}


def test_a_proof_that_no_longer_holds(world: World) -> None:
    """A ticket whose bytes are not what it says ends with 1, and says which side is off."""
    from sqlalchemy import text  # noqa: PLC0415 - tests may look behind the door

    world.orders(without(ORDER, "amount"))
    with world.ledger.begin() as tx:
        connection = tx._connection  # type: ignore[attr-defined]
        kept = json.loads(connection.execute(text("select document from violations")).scalar())
        kept["witness"]["after"]["encoded"] = "02610000"
        connection.execute(text("update violations set document = :it"), {"it": json.dumps(kept)})

    ended = run(world, ticket(world))

    assert ended.code == 1
    assert "no longer holds: the record after the change: its bytes are another record" in ended.out


def test_what_no_record_shows(tmp_path: Path) -> None:
    """A break that no record can show says why, in the ticket and in the command, which ends with 3."""
    world = begun(tmp_path, reliance("finance", "order_id"))
    world.write({"keytype": "SCHEMA", "subject": "orders-value", "version": 1, "magic": 1}, None)

    ended = run(world, ticket(world))

    [violation] = world.show("violations")
    assert violation["rule"] == "dataset-dropped"
    assert (violation["witness"]["before"], violation["witness"]["after"]) == (None, None)
    assert (ended.code, "no records of a dataset that is gone" in ended.out) == (3, True)


def test_a_reader_schema_is_kept_with_the_violation(tmp_path: Path) -> None:
    """The clause is the one that was judged: the contract may be another by the time when the proof is run again."""
    world = begun(tmp_path, reliance("finance", reads_with={"format": "avro", "schema": READER}))
    world.orders(without(ORDER, "amount"))
    world.contract(CHECKOUT)

    [document] = run(world, ticket(world), "--json").json()

    assert document["rule"] == "reader-broken"
    assert "cannot read it: No default value for field amount" in document["witness"]["after"]["outcome"]


def test_equal_breaks_share_one_search_and_many_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a step is judged one search serves all equal violations; past a handful they are left to the command."""
    searched = []

    def counted(case: Case, kit: Kit, **more: Any) -> Witness:
        searched.append(case)
        return witness(case, kit, **more)

    monkeypatch.setattr(proof, "witness", counted)
    fields = {f"f{number}": "long" for number in range(proof.MAX_EAGER + 2)}
    world = World(tmp_path, CHECKOUT, *(reliance(f"c{number}", *fields) for number in range(3)))
    world.orders({**ORDER, **fields})
    world.live()

    world.orders(ORDER)

    found = world.show("violations")
    assert len(found) == 3 * len(fields)
    assert len(searched) == proof.MAX_EAGER
    assert sum(one["witness"] is not None for one in found) == 3 * proof.MAX_EAGER
    assert all(one["witness"]["after"] for one in run(world, ticket(world), "--json").json())


def test_a_search_that_fails_stops_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the search is logged, and the ticket is opened without a proof."""

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(proof, "witness", fail)
    with structlog.testing.capture_logs() as logs:
        world.orders(without(ORDER, "amount"))

    [violation] = world.show("violations")
    assert violation["witness"] is None
    assert "witness.failed" in {one["event"] for one in logs}


def test_a_ledger_that_fails_is_no_search_that_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the ledger says while a proof is sought counts: the batch is not in it, and is taken again."""

    def fail(*_: object) -> None:
        raise ConnectionResetError("the ledger's server has gone")

    with monkeypatch.context() as patch:
        patch.setattr(Shelf, "text", fail)
        with pytest.raises(ConnectionResetError):
            world.orders(without(ORDER, "amount"))
    assert world.show("violations") == []


def test_by_files(tmp_path: Path, world: World) -> None:
    """Without a ledger: two schemas and a contract are enough."""
    texts = {name: {"type": "record", "name": "O", "fields": [{"name": "amount", "type": type_}]}
             for name, type_ in (("old", "long"), ("new", "string"))}  # fmt: skip
    for name, one in texts.items():
        (tmp_path / f"{name}.avsc").write_text(json.dumps(one))
    (tmp_path / "c.yaml").write_text(FINANCE)
    words = ("--old", tmp_path / "old.avsc", "--new", tmp_path / "new.avsc", "--contract", tmp_path / "c.yaml")

    ended = call("witness", *map(str, words))

    assert (ended.code, ended.err) == (0, "")
    assert '`amount` is "", which is no long' in ended.out


@pytest.mark.parametrize("words", [[], ["T-1", "--old", "a.avsc"], ["--old", "a.avsc", "--new", "b.avsc"]])
def test_misused(words: list[str]) -> None:
    """Neither a ticket nor all three files, or both, is a usage error."""
    ended = call("witness", *words)

    assert (ended.code, ended.out) == (2, "")
    assert "name a ticket" in ended.err


def test_a_registered_version_is_the_reader(tmp_path: Path) -> None:
    """Who reads with a registered version is shown what that version makes of the new record."""
    world = begun(tmp_path, reliance("finance", reads_with={"version": 1}))
    world.orders(without(ORDER, "amount"))

    [violation] = world.show("violations")
    ended = run(world, ticket(world))

    assert "cannot read it: No default value for field amount" in violation["witness"]["after"]["outcome"]
    assert ended.code == 0


TEXTS = {
    "JSON": [
        json.dumps({"type": "object", "properties": {"amount": {"type": type_}}, "required": ["amount"]})
        for type_ in ("integer", "string")
    ],
    "PROTOBUF": [f'syntax = "proto3"; message Order {{ {type_} amount = 1; }}' for type_ in ("int64", "string")],
}


@pytest.mark.parametrize("format_", TEXTS)
def test_other_formats_are_proven_by_their_own_library(tmp_path: Path, format_: str) -> None:
    """A ticket about JSON or Protobuf carries records that jsonschema or protobuf has written and read."""
    world = World(tmp_path, CHECKOUT, reliance("finance", {"amount": {"type": "long"}}))
    old, new = TEXTS[format_]
    world.schema("orders-value", old, schemaType=format_)
    world.live()

    world.schema("orders-value", new, schemaType=format_)

    [violation] = [one for one in world.show("violations") if one["expectation"] == "type"]
    # Protobuf writes no zero: its smallest record that shows anything has a value.
    shown = [violation["witness"][side]["record"] for side in ("before", "after")]
    assert shown == ([{"amount": 0}, {"amount": ""}] if format_ == "JSON" else [{"amount": 1}, {"amount": "a"}])
    assert violation["witness"]["library"].split()[0] == {"JSON": "jsonschema"}.get(format_, "protobuf")
    assert run(world, ticket(world)).code == 0


def test_a_violation_of_an_earlier_version(world: World) -> None:
    """A violation that was recorded without its clause is told as that; the others are proven all the same."""
    from sqlalchemy import text  # noqa: PLC0415 - as above

    world.orders({**without(ORDER, "amount"), "status": "string"})
    with world.ledger.begin() as tx:
        connection = tx._connection  # type: ignore[attr-defined]
        for id_, document in connection.execute(text("select id, document from violations")).all():
            older = {key: value for key, value in json.loads(document).items() if key not in ("clause", "witness")}
            connection.execute(
                text("update violations set document = :it where id = :id"), {"it": json.dumps(older), "id": id_}
            )

    ended = run(world, ticket(world))

    assert ended.code == 0
    assert "`amount` is not there" in ended.out
    assert "its clause is not in the ledger" in ended.out
